"""Foundation: directory, accounts, the tenant boundary and its functions, the outbox, the audit trail."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0001"
down_revision = None

DIRECTORY = """
CREATE TABLE region (
  id uuid CONSTRAINT pk_region PRIMARY KEY,
  code text NOT NULL CONSTRAINT uq_region_code UNIQUE,
  name text NOT NULL
);
CREATE TABLE ght (
  id uuid CONSTRAINT pk_ght PRIMARY KEY,
  code text NOT NULL CONSTRAINT uq_ght_code UNIQUE,
  name text NOT NULL,
  region_id uuid NOT NULL CONSTRAINT fk_ght_region_id REFERENCES region,
  source text NOT NULL
);
CREATE TABLE legal_entity (
  id uuid CONSTRAINT pk_legal_entity PRIMARY KEY,
  finess text NOT NULL CONSTRAINT uq_legal_entity_finess UNIQUE,
  name text NOT NULL,
  name_rank smallint NOT NULL DEFAULT 0 CONSTRAINT ck_legal_entity_name_rank CHECK (name_rank IN (0, 1, 2)),
  region_id uuid NOT NULL CONSTRAINT fk_legal_entity_region_id REFERENCES region,
  smsse_id text CONSTRAINT uq_legal_entity_smsse_id UNIQUE,
  source text NOT NULL
);
CREATE TABLE site (
  id uuid CONSTRAINT pk_site PRIMARY KEY,
  finess text NOT NULL CONSTRAINT uq_site_finess UNIQUE,
  name text NOT NULL,
  legal_entity_id uuid NOT NULL CONSTRAINT fk_site_legal_entity_id REFERENCES legal_entity,
  source text NOT NULL,
  CONSTRAINT uq_site_legal_entity_id_id UNIQUE (legal_entity_id, id)
);
CREATE INDEX ix_site_legal_entity_id ON site (legal_entity_id);
CREATE TABLE ght_member (
  id uuid CONSTRAINT pk_ght_member PRIMARY KEY,
  ght_id uuid NOT NULL CONSTRAINT fk_ght_member_ght_id REFERENCES ght,
  legal_entity_id uuid CONSTRAINT fk_ght_member_legal_entity_id REFERENCES legal_entity,
  name text NOT NULL,
  role text NOT NULL CONSTRAINT ck_ght_member_role CHECK (role IN ('S', 'M')),
  valid_from date NOT NULL,
  valid_to date,
  CONSTRAINT ck_ght_member_dates CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
CREATE INDEX ix_ght_member_ght_id ON ght_member (ght_id);
CREATE INDEX ix_ght_member_legal_entity_id ON ght_member (legal_entity_id);
CREATE UNIQUE INDEX uq_ght_member_open ON ght_member (legal_entity_id) WHERE valid_to IS NULL AND legal_entity_id IS NOT NULL;
"""

SYSTEM = """
CREATE TABLE user_account (
  id uuid CONSTRAINT pk_user_account PRIMARY KEY,
  email text NOT NULL CONSTRAINT ck_user_account_email CHECK (email = lower(email)) CONSTRAINT uq_user_account_email UNIQUE,
  name text NOT NULL,
  password_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  disabled_at timestamptz
);
CREATE TABLE membership (
  id uuid CONSTRAINT pk_membership PRIMARY KEY,
  user_id uuid NOT NULL CONSTRAINT fk_membership_user_id REFERENCES user_account,
  role text NOT NULL,
  scope_kind text NOT NULL CONSTRAINT ck_membership_scope_kind CHECK (scope_kind IN ('establishment', 'ght', 'region', 'nation')),
  establishment_id uuid CONSTRAINT fk_membership_establishment_id REFERENCES legal_entity,
  ght_id uuid CONSTRAINT fk_membership_ght_id REFERENCES ght,
  region_id uuid CONSTRAINT fk_membership_region_id REFERENCES region,
  valid_from date NOT NULL,
  valid_to date,
  CONSTRAINT ck_membership_scope CHECK (
    (scope_kind = 'establishment') = (establishment_id IS NOT NULL)
    AND (scope_kind = 'ght') = (ght_id IS NOT NULL)
    AND (scope_kind = 'region') = (region_id IS NOT NULL))
);
CREATE INDEX ix_membership_user_id ON membership (user_id);
CREATE TABLE web_session (
  token_hash bytea CONSTRAINT pk_web_session PRIMARY KEY,
  user_id uuid NOT NULL CONSTRAINT fk_web_session_user_id REFERENCES user_account,
  opened_at timestamptz NOT NULL DEFAULT now(),
  seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_web_session_user_id ON web_session (user_id);
CREATE TABLE outbox (
  id uuid CONSTRAINT pk_outbox PRIMARY KEY,
  name text NOT NULL,
  arguments jsonb NOT NULL,
  user_id uuid NOT NULL,
  scope text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  finished_at timestamptz,
  error text
);
CREATE INDEX ix_outbox_open ON outbox (id) WHERE finished_at IS NULL;
"""

AUDIT = """
CREATE TABLE audit_event (
  id uuid CONSTRAINT pk_audit_event PRIMARY KEY,
  establishment_id uuid NOT NULL CONSTRAINT fk_audit_event_establishment_id REFERENCES legal_entity,
  sequence bigint NOT NULL,
  at timestamptz NOT NULL,
  user_id uuid,
  action text NOT NULL,
  payload text NOT NULL,
  previous_hash text NOT NULL,
  hash text NOT NULL,
  CONSTRAINT uq_audit_event_establishment_id_sequence UNIQUE (establishment_id, sequence)
);
"""

ROLES = {
    "read": {
        "establishment": ("referent", "director", "establishment_admin", "signatory"),
        "ght": ("ght_manager", "ght_admin", "signatory"),
    },
    "own": {"establishment": ("referent", "director", "establishment_admin"), "ght": ()},
    "write": {"establishment": ("referent", "establishment_admin"), "ght": ("ght_manager",)},
    "file": {"establishment": ("signatory",), "ght": ("signatory",)},
}


def _functions() -> None:
    tenant.function(
        "active_memberships()",
        "SETOF membership",
        """SELECT m.* FROM membership m JOIN user_account u ON u.id = m.user_id
           WHERE m.user_id = nullif(current_setting('app.user_id', true), '')::uuid AND u.disabled_at IS NULL
             AND m.valid_from <= paris_today() AND (m.valid_to IS NULL OR m.valid_to >= paris_today())""",
    )
    tenant.function("readable_establishments()", "uuid[]", tenant.reach(*ROLES["read"].values()))
    tenant.function("own_establishments()", "uuid[]", tenant.reach(*ROLES["own"].values()))
    tenant.function("writable_establishments()", "uuid[]", tenant.reach(*ROLES["write"].values()))
    tenant.function("fileable_establishments()", "uuid[]", tenant.reach(*ROLES["file"].values()))
    tenant.function("readable_ghts()", "uuid[]", tenant.narrowed("ght", ROLES["read"]["ght"]))
    tenant.function("reviewing_regions()", "uuid[]", tenant.narrowed("region", ("ars_reviewer", "ars_lead")))
    _accounts()
    _outbox()


def _accounts() -> None:
    tenant.function(
        "account_for_sign_in(p_email text)",
        "TABLE (id uuid, password_hash text)",
        "SELECT id, password_hash FROM user_account WHERE email = lower(p_email) AND disabled_at IS NULL",
    )
    tenant.function(
        "session_open(p_hash bytea, p_user uuid)",
        "void",
        "INSERT INTO web_session (token_hash, user_id) VALUES (p_hash, p_user)",
        volatility="VOLATILE",
    )
    tenant.function(
        "session_close(p_hash bytea)",
        "void",
        "DELETE FROM web_session WHERE token_hash = p_hash",
        volatility="VOLATILE",
    )
    tenant.function(
        "session_identity(p_hash bytea)",
        "jsonb",
        # Idle 30 minutes, 12 hours in all (reliability.md, bar 26); a disabled account is refused on its next request.
        """
        UPDATE web_session s SET seen_at = now()
         WHERE s.token_hash = p_hash AND s.seen_at < now() - interval '1 minute' AND s.seen_at > now() - interval '30 minutes';
        SELECT account_identity(u.id) FROM web_session s JOIN user_account u ON u.id = s.user_id
         WHERE s.token_hash = p_hash AND u.disabled_at IS NULL
           AND s.seen_at > now() - interval '30 minutes' AND s.opened_at > now() - interval '12 hours'
        """,
        volatility="VOLATILE",
    )
    tenant.function(
        "account_identity_by_email(p_email text)",
        "jsonb",
        "SELECT account_identity(id) FROM user_account WHERE email = lower(p_email) AND disabled_at IS NULL",
    )

    tenant.function(
        "account_names(p_users uuid[])",
        "TABLE (id uuid, name text)",
        "SELECT id, name FROM user_account WHERE id = ANY (p_users)",
    )
    tenant.function(
        "account_identity_by_id(p_user uuid)",
        "jsonb",
        "SELECT account_identity(id) FROM user_account WHERE id = p_user AND disabled_at IS NULL",
    )


IDENTITY = """
SELECT jsonb_build_object('id', u.id, 'email', u.email, 'name', u.name, 'memberships', coalesce((
  SELECT jsonb_agg(jsonb_build_object(
      'role', m.role, 'kind', m.scope_kind,
      'id', coalesce(m.establishment_id, m.ght_id, m.region_id),
      'code', coalesce(e.finess, g.code, r.code), 'name', coalesce(e.name, g.name, r.name),
      'members', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', le.id, 'code', le.finess, 'name', le.name) ORDER BY le.finess), '[]')
                    FROM ght_member gm JOIN legal_entity le ON le.id = gm.legal_entity_id
                   WHERE gm.ght_id = m.ght_id
                     AND gm.valid_from <= paris_today() AND (gm.valid_to IS NULL OR gm.valid_to >= paris_today())))
      ORDER BY m.scope_kind, coalesce(e.name, g.name, r.name), m.role)
    FROM membership m
    LEFT JOIN legal_entity e ON e.id = m.establishment_id
    LEFT JOIN ght g ON g.id = m.ght_id
    LEFT JOIN region r ON r.id = m.region_id
   WHERE m.user_id = u.id AND m.valid_from <= paris_today() AND (m.valid_to IS NULL OR m.valid_to >= paris_today())), '[]'))
FROM user_account u WHERE u.id = p_user
"""


def _outbox() -> None:
    tenant.function(
        "outbox_put(p_id uuid, p_name text, p_arguments jsonb, p_user uuid, p_scope text)",
        "void",
        """INSERT INTO outbox (id, name, arguments, user_id, scope) VALUES (p_id, p_name, p_arguments, p_user, p_scope);
           SELECT pg_notify('vigie_outbox', '')""",
        volatility="VOLATILE",
    )
    tenant.function(
        "outbox_take(p_limit integer)",
        "SETOF uuid",
        "SELECT id FROM outbox WHERE sent_at IS NULL AND finished_at IS NULL ORDER BY id LIMIT p_limit FOR UPDATE SKIP LOCKED",
        volatility="VOLATILE",
    )
    tenant.function(
        "outbox_sent(p_ids uuid[])",
        "void",
        "UPDATE outbox SET sent_at = now() WHERE id = ANY (p_ids)",
        volatility="VOLATILE",
    )
    tenant.function(
        "outbox_read(p_id uuid)",
        "TABLE (name text, arguments jsonb, user_id uuid, scope text, finished boolean, attempts integer)",
        """UPDATE outbox SET attempts = attempts + 1 WHERE id = p_id AND finished_at IS NULL;
           SELECT name, arguments, user_id, scope, finished_at IS NOT NULL, attempts FROM outbox WHERE id = p_id""",
        volatility="VOLATILE",
    )
    tenant.function(
        "outbox_finished(p_id uuid, p_error text)",
        "void",
        "UPDATE outbox SET finished_at = now(), error = p_error WHERE id = p_id",
        volatility="VOLATILE",
    )
    tenant.function(
        "outbox_waiting(p_seconds integer)",
        "SETOF uuid",
        "SELECT id FROM outbox WHERE finished_at IS NULL AND sent_at < now() - make_interval(secs => p_seconds) ORDER BY id LIMIT 100",
    )
    tenant.function(
        "outbox_again(p_ids uuid[])",
        "void",
        "UPDATE outbox SET sent_at = NULL WHERE id = ANY (p_ids) AND finished_at IS NULL",
        volatility="VOLATILE",
    )


RECORD = """
DECLARE
  v_sequence bigint; v_previous text; v_payload text; v_at timestamptz := clock_timestamp();
  v_user uuid := nullif(current_setting('app.user_id', true), '')::uuid;
BEGIN
  -- A reviewer's act is written in the chain of the establishment that filed (table of migration 0002).
  IF NOT p_establishment = ANY (readable_establishments()) AND NOT EXISTS (
       SELECT 1 FROM filing f WHERE f.establishment_id = p_establishment AND f.region_id = ANY (reviewing_regions())) THEN
    RAISE EXCEPTION 'audit of an establishment out of scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- One chain per establishment: the lock makes the sequence gapless, it falls with the transaction.
  PERFORM pg_advisory_xact_lock(hashtextextended(p_establishment::text, 1));
  SELECT sequence, hash INTO v_sequence, v_previous FROM audit_event
   WHERE establishment_id = p_establishment ORDER BY sequence DESC LIMIT 1;
  v_sequence := coalesce(v_sequence, 0) + 1;
  v_previous := coalesce(v_previous, '');
  v_payload := jsonb_build_object('establishment', p_establishment, 'sequence', v_sequence, 'at', v_at, 'user', v_user,
                                  'action', p_action, 'detail', p_detail)::text;
  INSERT INTO audit_event (id, establishment_id, sequence, at, user_id, action, payload, previous_hash, hash)
  VALUES (p_id, p_establishment, v_sequence, v_at, v_user, p_action, v_payload, v_previous,
          encode(sha256(convert_to(v_previous || v_payload, 'UTF8')), 'hex'));
END
"""


def upgrade() -> None:
    op.execute(DIRECTORY)
    op.execute(SYSTEM)
    op.execute(AUDIT)
    op.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    op.execute("GRANT USAGE ON SCHEMA public TO vigie_app")
    for table in ("region", "ght", "legal_entity", "site", "ght_member"):
        tenant.shared(table)
    op.execute("GRANT SELECT ON alembic_version TO vigie_app")
    tenant.function("paris_today()", "date", "SELECT (now() AT TIME ZONE 'Europe/Paris')::date")
    op.execute(
        f"CREATE FUNCTION account_identity(p_user uuid) RETURNS jsonb LANGUAGE sql STABLE"
        f" SET search_path = pg_catalog, public, pg_temp AS $function${IDENTITY}$function$"
    )
    op.execute("REVOKE ALL ON FUNCTION account_identity(uuid) FROM PUBLIC")
    _functions()
    op.execute("ALTER TABLE audit_event ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE audit_event FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT ON audit_event TO vigie_app")
    op.execute(f"CREATE POLICY audit_event_read ON audit_event FOR SELECT TO vigie_app USING ({tenant.GROUP})")
    tenant.by_function("audit_event", "SELECT", "INSERT")
    tenant.function(
        "audit_record(p_id uuid, p_establishment uuid, p_action text, p_detail jsonb)",
        "void",
        RECORD,
        volatility="VOLATILE",
        language="plpgsql",
    )


def downgrade() -> None:
    raise NotImplementedError("the first migration is undone by dropping the database")
