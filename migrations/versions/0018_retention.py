"""Names of attendance sheets: how long an establishment keeps them, and how the operator forgets them."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0018"
down_revision = "0017"

AUDIT = "audit_record(p_id uuid, p_establishment uuid, p_action text, p_detail jsonb)"
APPEND = "audit_append(p_id uuid, p_establishment uuid, p_action text, p_detail jsonb)"
# The chain as in 0001, without the right to write in it: that is for whoever calls it, and the application may not.
CHAIN = """
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
"""
DECLARED = """
DECLARE
  v_sequence bigint; v_previous text; v_payload text; v_at timestamptz := clock_timestamp();
  v_user uuid := nullif(current_setting('app.user_id', true), '')::uuid;
"""
# As in 0012.
ALLOWED = """
  -- A reviewer's act is written in the chain of the establishment whose filing or figures it reads.
  IF NOT p_establishment = ANY (readable_establishments()) AND NOT EXISTS (
       SELECT 1 FROM filing f WHERE f.establishment_id = p_establishment AND f.region_id = ANY (reviewing_regions())) AND NOT EXISTS (
       SELECT 1 FROM publication p WHERE p.establishment_id = p_establishment AND p.region_id = ANY (reviewing_regions())) THEN
    RAISE EXCEPTION 'audit of an establishment out of scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
"""
# What a person is called from then on: compliance/models/retention.py. It is drawn at random and kept nowhere else.
MARK = "^oublié-[0-9a-f]{16}$"
# The last end of a session, of the establishment or of the support of its GHT; a session taken away has none.
FORGET = f"""
#variable_conflict use_column
DECLARE v_rule record; v_keys text[]; v_people bigint; v_versions bigint; v_unknown bigint;
BEGIN
  IF NOT p_dry_run THEN
    -- No version is added while names go: one under the key of before would bring a name back.
    LOCK TABLE attendance IN SHARE ROW EXCLUSIVE MODE;
  END IF;
  FOR v_rule IN
    SELECT le.id, le.finess, le.name, r.months
      FROM (SELECT DISTINCT ON (t.establishment_id) t.* FROM retention t WHERE t.key = 'attendance'
             ORDER BY t.establishment_id, t.recorded_at DESC, t.id DESC) r
      JOIN legal_entity le ON le.id = r.establishment_id
     WHERE NOT r.withdrawn ORDER BY le.finess
  LOOP
    WITH session AS (
      SELECT DISTINCT ON (t.establishment_id, t.key) t.establishment_id, t.code, t.ends_on, t.withdrawn FROM training_session t
       WHERE t.establishment_id = v_rule.id OR t.establishment_id IN (
               SELECT support.legal_entity_id FROM ght_member support
                 JOIN ght_member mine ON mine.ght_id = support.ght_id AND mine.legal_entity_id = v_rule.id
                WHERE support.role = 'S' AND support.valid_from <= paris_today()
                  AND (support.valid_to IS NULL OR support.valid_to >= paris_today())
                  AND mine.valid_from <= paris_today() AND (mine.valid_to IS NULL OR mine.valid_to >= paris_today()))
       ORDER BY t.establishment_id, t.key, t.recorded_at DESC, t.id DESC
    ), line AS (
      -- A line is forgotten whole: one version that holds a name is enough.
      SELECT a.key, min(a.session_code) AS code, count(*) AS versions,
             substr(a.key, length(min(a.session_code)) + 4) AS person
        FROM attendance a WHERE a.establishment_id = v_rule.id
       GROUP BY a.key
      HAVING bool_or(a.last_name IS NOT NULL OR a.first_name IS NOT NULL OR a.service IS NOT NULL OR a.notes IS NOT NULL
                     OR a.identifier !~ '{MARK}')
    ), dated AS (
      SELECT l.*, coalesce(
               (SELECT max(s.ends_on) FROM session s WHERE s.code = l.code AND NOT s.withdrawn AND s.establishment_id = v_rule.id),
               (SELECT max(s.ends_on) FROM session s WHERE s.code = l.code AND NOT s.withdrawn)) AS ends_on
        FROM line l
    ), judged AS (
      SELECT d.*, coalesce(d.ends_on + make_interval(months => v_rule.months) < paris_today(), false) AS due FROM dated d
    )
    SELECT coalesce(array_agg(j.key ORDER BY j.key) FILTER (WHERE j.due), '{{}}'), count(DISTINCT j.person) FILTER (WHERE j.due),
           coalesce(sum(j.versions) FILTER (WHERE j.due), 0), count(*) FILTER (WHERE j.ends_on IS NULL)
      INTO v_keys, v_people, v_versions, v_unknown FROM judged j;
    IF NOT p_dry_run AND cardinality(v_keys) > 0 THEN
      WITH mark AS MATERIALIZED (
        SELECT k AS key, 'oublié-' || left(replace(gen_random_uuid()::text, '-', ''), 16) AS told FROM unnest(v_keys) AS k
      )
      UPDATE attendance a
         SET last_name = NULL, first_name = NULL, service = NULL, notes = NULL, identifier = m.told,
             key = a.session_code || ' / ' || m.told,
             key_digest = sha256(convert_to(v_rule.finess || '/' || a.session_code || ' / ' || m.told, 'UTF8')),
             -- What the digest of a version told of its values goes with them.
             digest = sha256(convert_to(gen_random_uuid()::text, 'UTF8'))
        FROM mark m WHERE a.establishment_id = v_rule.id AND a.key = m.key;
      PERFORM audit_append(gen_random_uuid(), v_rule.id, 'attendance.forgotten', jsonb_build_object(
        'months', v_rule.months, 'lines', cardinality(v_keys), 'people', v_people, 'versions', v_versions));
    END IF;
    finess := v_rule.finess; name := v_rule.name; months := v_rule.months;
    lines := cardinality(v_keys); people := v_people; unknown := v_unknown;
    RETURN NEXT;
  END LOOP;
END
"""


def upgrade() -> None:
    tenant.register(
        "retention", "months integer NOT NULL CONSTRAINT ck_retention_months CHECK (months BETWEEN 1 AND 600)"
    )
    tenant.function(APPEND, "void", f"{DECLARED}BEGIN{CHAIN}END", volatility="VOLATILE", language="plpgsql")
    op.execute("REVOKE ALL ON FUNCTION audit_append FROM vigie_app")
    op.execute("DROP FUNCTION audit_record")
    tenant.function(
        AUDIT,
        "void",
        f"BEGIN{ALLOWED}  PERFORM audit_append(p_id, p_establishment, p_action, p_detail);\nEND",
        volatility="VOLATILE",
        language="plpgsql",
    )
    # The only UPDATE of a register: the operator's role forgets names, and nobody is granted the function that does.
    op.execute(
        "CREATE POLICY attendance_owner_update ON attendance FOR UPDATE TO vigie_owner USING (true) WITH CHECK (true)"
    )
    tenant.function(
        "forget_attendance(p_dry_run boolean)",
        "TABLE (finess text, name text, months integer, lines bigint, people bigint, unknown bigint)",
        FORGET,
        volatility="VOLATILE",
        language="plpgsql",
    )
    op.execute("REVOKE ALL ON FUNCTION forget_attendance FROM vigie_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION forget_attendance")
    op.execute("DROP POLICY attendance_owner_update ON attendance")
    op.execute("DROP FUNCTION audit_record")
    tenant.function(AUDIT, "void", f"{DECLARED}BEGIN{ALLOWED}{CHAIN}END", volatility="VOLATILE", language="plpgsql")
    op.execute("DROP FUNCTION audit_append")
    op.execute("DROP TABLE retention")
