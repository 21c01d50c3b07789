"""Evidence that lives (uses, events, bulk drops), parts of a dossier, and the review of what is filed by two authorities."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0019"
down_revision = "0018"

RECORDED = "recorded_at timestamptz NOT NULL DEFAULT now(), recorded_by uuid"
# What a row about a filing carries: whose it is, and the ARS it goes to, as the filing says.
ABOUT = """
  id uuid CONSTRAINT pk_{0} PRIMARY KEY,
  establishment_id uuid NOT NULL,
  candidate_id uuid NOT NULL,
  ght_id uuid CONSTRAINT fk_{0}_ght_id REFERENCES ght,
  region_id uuid NOT NULL CONSTRAINT fk_{0}_region_id REFERENCES region,
  CONSTRAINT fk_{0}_candidate FOREIGN KEY (establishment_id, candidate_id) REFERENCES candidate (establishment_id, id)"""

EVIDENCE = f"""
ALTER TABLE evidence ADD CONSTRAINT uq_evidence_establishment_id_id UNIQUE (establishment_id, id);
ALTER TABLE evidence ADD COLUMN supersedes uuid, ADD COLUMN covers text[] NOT NULL DEFAULT '{{}}',
  ADD COLUMN covers_reason text NOT NULL DEFAULT '',
  ADD CONSTRAINT fk_evidence_supersedes FOREIGN KEY (establishment_id, supersedes) REFERENCES evidence (establishment_id, id);
CREATE TABLE evidence_use (
  id uuid CONSTRAINT pk_evidence_use PRIMARY KEY,
  establishment_id uuid NOT NULL,
  evidence_id uuid NOT NULL,
  row_code text NOT NULL,
  document_type text NOT NULL,
  withdrawn boolean NOT NULL DEFAULT false,
  {RECORDED},
  CONSTRAINT fk_evidence_use_evidence FOREIGN KEY (establishment_id, evidence_id) REFERENCES evidence (establishment_id, id)
);
CREATE INDEX ix_evidence_use_evidence ON evidence_use (establishment_id, evidence_id);
CREATE TABLE evidence_event (
  id uuid CONSTRAINT pk_evidence_event PRIMARY KEY,
  establishment_id uuid NOT NULL,
  evidence_id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT ck_evidence_event_kind CHECK (kind IN ('inspection', 'antivirus', 'rehash', 'status', 'comment')),
  value text NOT NULL DEFAULT '',
  detail jsonb NOT NULL DEFAULT '{{}}',
  {RECORDED},
  CONSTRAINT fk_evidence_event_evidence FOREIGN KEY (establishment_id, evidence_id) REFERENCES evidence (establishment_id, id)
);
CREATE INDEX ix_evidence_event_evidence ON evidence_event (establishment_id, evidence_id, kind, recorded_at DESC, id DESC);
CREATE TABLE dropped_file (
  id uuid CONSTRAINT pk_dropped_file PRIMARY KEY,
  establishment_id uuid NOT NULL CONSTRAINT fk_dropped_file_establishment_id REFERENCES legal_entity,
  drop_id uuid NOT NULL,
  filename text NOT NULL,
  sha256 text NOT NULL DEFAULT '',
  size bigint NOT NULL DEFAULT 0,
  state text NOT NULL CONSTRAINT ck_dropped_file_state CHECK (state IN ('received', 'read', 'attached', 'discarded', 'refused')),
  reason text NOT NULL DEFAULT '',
  suggestions jsonb NOT NULL DEFAULT '[]',
  evidence_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by uuid,
  CONSTRAINT fk_dropped_file_evidence FOREIGN KEY (establishment_id, evidence_id) REFERENCES evidence (establishment_id, id)
);
CREATE INDEX ix_dropped_file_drop ON dropped_file (establishment_id, drop_id);
"""

DOSSIER = f"""
ALTER TABLE candidature ADD COLUMN declaration_number text, ADD COLUMN ecare_state text, ADD COLUMN ecare_receipt_id uuid,
  ADD CONSTRAINT fk_candidature_ecare_receipt FOREIGN KEY (establishment_id, ecare_receipt_id) REFERENCES evidence (establishment_id, id);
ALTER TABLE dossier_build ADD COLUMN filing_id uuid, ADD COLUMN docx_sha256 text, ADD COLUMN docx_size bigint,
  ADD COLUMN token_sha256 text, ADD COLUMN token_size bigint,
  ADD CONSTRAINT fk_dossier_build_filing FOREIGN KEY (establishment_id, filing_id) REFERENCES filing (establishment_id, id);
CREATE TABLE dossier_part (
  id uuid CONSTRAINT pk_dossier_part PRIMARY KEY,
  establishment_id uuid NOT NULL CONSTRAINT fk_dossier_part_establishment_id REFERENCES legal_entity,
  owner_establishment_id uuid NOT NULL,
  owner_id uuid NOT NULL,
  ready boolean NOT NULL,
  note text NOT NULL DEFAULT '',
  {RECORDED},
  CONSTRAINT fk_dossier_part_owner FOREIGN KEY (owner_establishment_id, owner_id) REFERENCES candidate (establishment_id, id)
);
CREATE INDEX ix_dossier_part_establishment_id ON dossier_part (establishment_id, owner_id, recorded_at DESC);
CREATE INDEX ix_dossier_part_owner ON dossier_part (owner_establishment_id, owner_id);
CREATE TABLE delegation (
  id uuid CONSTRAINT pk_delegation PRIMARY KEY,
  establishment_id uuid NOT NULL CONSTRAINT fk_delegation_establishment_id REFERENCES legal_entity,
  ght_id uuid CONSTRAINT fk_delegation_ght_id REFERENCES ght,
  delegate_id uuid NOT NULL CONSTRAINT fk_delegation_delegate_id REFERENCES user_account,
  deed text NOT NULL CONSTRAINT ck_delegation_deed CHECK (btrim(deed) <> ''),
  starts_on date NOT NULL,
  ends_on date NOT NULL CONSTRAINT ck_delegation_ends_on CHECK (ends_on >= starts_on),
  withdrawn boolean NOT NULL DEFAULT false,
  {RECORDED}
);
CREATE INDEX ix_delegation_establishment_id ON delegation (establishment_id, delegate_id, recorded_at DESC, id DESC);
CREATE INDEX ix_delegation_delegate_id ON delegation (delegate_id);
"""

REVIEW = f"""
ALTER TABLE filing ADD COLUMN replaces text[] NOT NULL DEFAULT '{{}}';
ALTER TABLE filed_piece NO FORCE ROW LEVEL SECURITY;
ALTER TABLE filed_piece ADD COLUMN candidate_id uuid, ADD COLUMN source_id uuid, ADD COLUMN source_establishment_id uuid,
  ADD COLUMN document_type text NOT NULL DEFAULT '';
UPDATE filed_piece SET candidate_id = f.candidate_id FROM filing f WHERE f.id = filing_id;
ALTER TABLE filed_piece ALTER COLUMN candidate_id SET NOT NULL,
  ADD CONSTRAINT uq_filed_piece_establishment_id_id UNIQUE (establishment_id, id),
  ADD CONSTRAINT fk_filed_piece_candidate FOREIGN KEY (establishment_id, candidate_id) REFERENCES candidate (establishment_id, id);
ALTER TABLE filed_piece FORCE ROW LEVEL SECURITY;
CREATE TABLE transition (
  {ABOUT.format("transition")},
  process text NOT NULL CONSTRAINT ck_transition_process CHECK (process IN ('candidature', 'declaration')),
  state text NOT NULL,
  level text NOT NULL CONSTRAINT ck_transition_level CHECK (level IN ('candidate', 'ars', 'ans')),
  filing_id uuid,
  reason text NOT NULL DEFAULT '',
  {RECORDED},
  CONSTRAINT fk_transition_filing FOREIGN KEY (establishment_id, filing_id) REFERENCES filing (establishment_id, id)
);
CREATE INDEX ix_transition_candidate ON transition (establishment_id, candidate_id, process, recorded_at DESC, id DESC);
CREATE INDEX ix_transition_region_id ON transition (region_id, process, candidate_id, recorded_at DESC, id DESC);
CREATE TABLE review_decision (
  {ABOUT.format("review_decision")},
  filing_id uuid NOT NULL,
  piece_id uuid NOT NULL,
  level text NOT NULL CONSTRAINT ck_review_decision_level CHECK (level IN ('ars', 'ans')),
  accepted boolean NOT NULL,
  cause text NOT NULL DEFAULT '' CONSTRAINT ck_review_decision_cause
    CHECK (accepted AND cause = '' OR NOT accepted AND cause IN ('incorrect', 'incomplete', 'outdated')),
  message text NOT NULL DEFAULT '' CONSTRAINT ck_review_decision_message CHECK (accepted OR btrim(message) <> ''),
  {RECORDED},
  CONSTRAINT fk_review_decision_filing FOREIGN KEY (establishment_id, filing_id) REFERENCES filing (establishment_id, id),
  CONSTRAINT fk_review_decision_piece FOREIGN KEY (establishment_id, piece_id) REFERENCES filed_piece (establishment_id, id)
);
CREATE INDEX ix_review_decision_candidate ON review_decision (establishment_id, candidate_id);
CREATE INDEX ix_review_decision_region_id ON review_decision (region_id, candidate_id);
CREATE TABLE review_message (
  {ABOUT.format("review_message")},
  filing_id uuid NOT NULL,
  piece_id uuid NOT NULL,
  level text NOT NULL CONSTRAINT ck_review_message_level CHECK (level IN ('candidate', 'ars', 'ans')),
  text text NOT NULL CONSTRAINT ck_review_message_text CHECK (btrim(text) <> ''),
  {RECORDED},
  CONSTRAINT fk_review_message_filing FOREIGN KEY (establishment_id, filing_id) REFERENCES filing (establishment_id, id),
  CONSTRAINT fk_review_message_piece FOREIGN KEY (establishment_id, piece_id) REFERENCES filed_piece (establishment_id, id)
);
CREATE INDEX ix_review_message_candidate ON review_message (establishment_id, candidate_id);
CREATE INDEX ix_review_message_region_id ON review_message (region_id, candidate_id);
CREATE TABLE review_assignment (
  id uuid CONSTRAINT pk_review_assignment PRIMARY KEY,
  region_id uuid NOT NULL CONSTRAINT fk_review_assignment_region_id REFERENCES region,
  candidate_id uuid NOT NULL,
  reviewer_id uuid CONSTRAINT fk_review_assignment_reviewer_id REFERENCES user_account,
  note text NOT NULL DEFAULT '',
  {RECORDED}
);
CREATE INDEX ix_review_assignment_region_id ON review_assignment (region_id, candidate_id, recorded_at DESC, id DESC);
CREATE TABLE expertise (
  id uuid CONSTRAINT pk_expertise PRIMARY KEY,
  region_id uuid NOT NULL CONSTRAINT fk_expertise_region_id REFERENCES region,
  candidate_id uuid NOT NULL,
  filing_id uuid NOT NULL,
  piece_id uuid NOT NULL,
  expert_id uuid NOT NULL CONSTRAINT fk_expertise_expert_id REFERENCES user_account,
  question text NOT NULL CONSTRAINT ck_expertise_question CHECK (btrim(question) <> ''),
  due_on date NOT NULL,
  {RECORDED}
);
CREATE INDEX ix_expertise_region_id ON expertise (region_id, candidate_id);
CREATE INDEX ix_expertise_expert_id ON expertise (expert_id);
CREATE TABLE expertise_event (
  id uuid CONSTRAINT pk_expertise_event PRIMARY KEY,
  region_id uuid NOT NULL CONSTRAINT fk_expertise_event_region_id REFERENCES region,
  expertise_id uuid NOT NULL CONSTRAINT fk_expertise_event_expertise_id REFERENCES expertise,
  kind text NOT NULL CONSTRAINT ck_expertise_event_kind CHECK (kind IN ('reminded', 'withdrawn', 'answered')),
  favourable boolean,
  text text NOT NULL DEFAULT '',
  {RECORDED}
);
CREATE INDEX ix_expertise_event_expertise_id ON expertise_event (expertise_id);
"""

WITHIN_GHT = "ght_id IS NULL OR ght_id = ANY ((SELECT readable_ghts())::uuid[])"
REVIEWED = "region_id = ANY ((SELECT reviewing_regions())::uuid[])"
EXPERT = "id = ANY ((SELECT asked_pieces())::uuid[])"

# Who may write what: the candidate's side, its ARS, the ANS once the ARS has decided.
LEVEL = (
    f"(level = 'candidate' AND establishment_id = ANY ((SELECT {{side}}())::uuid[]) AND ({WITHIN_GHT}))"
    f" OR (level = 'ars' AND {REVIEWED})"
    " OR (level = 'ans' AND candidate_id = ANY ((SELECT controlled_candidates())::uuid[]))"
)
TO = (
    "EXISTS (SELECT 1 FROM candidate c WHERE c.id = {0}.candidate_id AND c.establishment_id = {0}.establishment_id"
    " AND c.region_id = {0}.region_id AND c.ght_id IS NOT DISTINCT FROM {0}.ght_id)"
)
# The piece is one of that filing, and both are of that candidate.
PIECE = (
    "EXISTS (SELECT 1 FROM filed_piece p WHERE p.id = {0}.piece_id AND p.filing_id = {0}.filing_id"
    " AND p.candidate_id = {0}.candidate_id AND p.region_id = {0}.region_id)"
)

AUDIT = "audit_record(p_id uuid, p_establishment uuid, p_action text, p_detail jsonb)"
# As in 0018, and what an expert or the ANS may have read.
ALLOWED = """BEGIN
  IF NOT p_establishment = ANY (readable_establishments())
     AND NOT EXISTS (SELECT 1 FROM filing f WHERE f.establishment_id = p_establishment AND f.region_id = ANY (reviewing_regions()))
     AND NOT EXISTS (SELECT 1 FROM publication p WHERE p.establishment_id = p_establishment AND p.region_id = ANY (reviewing_regions()))
     {more} THEN
    RAISE EXCEPTION 'audit of an establishment out of scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM audit_append(p_id, p_establishment, p_action, p_detail);
END"""
MORE = """AND NOT EXISTS (SELECT 1 FROM candidate c WHERE c.establishment_id = p_establishment AND c.id = ANY (controlled_candidates()))
     AND NOT EXISTS (SELECT 1 FROM filed_piece p WHERE p.establishment_id = p_establishment AND p.id = ANY (asked_pieces()))"""

# A delegate files as long as the deed says: one more membership, made of the last word on each delegation.
MEMBERSHIPS = """
SELECT m.* FROM membership m JOIN user_account u ON u.id = m.user_id
 WHERE m.user_id = nullif(current_setting('app.user_id', true), '')::uuid AND u.disabled_at IS NULL
   AND m.valid_from <= paris_today() AND (m.valid_to IS NULL OR m.valid_to >= paris_today())
{delegated}"""
DELEGATED = """UNION ALL
SELECT d.id, d.delegate_id, 'delegate', CASE WHEN d.ght_id IS NULL THEN 'establishment' ELSE 'ght' END,
       CASE WHEN d.ght_id IS NULL THEN d.establishment_id END, d.ght_id, NULL::uuid, d.starts_on, d.ends_on
  FROM delegations_of(nullif(current_setting('app.user_id', true), '')::uuid) d
  JOIN user_account u ON u.id = d.delegate_id AND u.disabled_at IS NULL"""
DELEGATIONS = """
SELECT last.* FROM (
  SELECT DISTINCT ON (d.establishment_id, d.ght_id) d.* FROM delegation d WHERE d.delegate_id = p_user
   ORDER BY d.establishment_id, d.ght_id, d.recorded_at DESC, d.id DESC) last
 WHERE NOT last.withdrawn AND last.starts_on <= paris_today() AND last.ends_on >= paris_today()"""

# As in 0001, with what was delegated.
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
    FROM (SELECT role, scope_kind, establishment_id, ght_id, region_id FROM membership
           WHERE user_id = u.id AND valid_from <= paris_today() AND (valid_to IS NULL OR valid_to >= paris_today())
          UNION ALL
          SELECT 'delegate', CASE WHEN d.ght_id IS NULL THEN 'establishment' ELSE 'ght' END,
                 CASE WHEN d.ght_id IS NULL THEN d.establishment_id END, d.ght_id, NULL::uuid FROM delegations_of(u.id) d) m
    LEFT JOIN legal_entity e ON e.id = m.establishment_id
    LEFT JOIN ght g ON g.id = m.ght_id
    LEFT JOIN region r ON r.id = m.region_id), '[]'))
FROM user_account u WHERE u.id = p_user
"""

PART = """
DECLARE v_candidate candidate%ROWTYPE;
BEGIN
  IF NOT p_establishment = ANY (writable_establishments()) THEN
    RAISE EXCEPTION 'establishment out of scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT * INTO v_candidate FROM candidate WHERE id = p_candidate;
  IF v_candidate.id IS NULL OR NOT (
       v_candidate.establishment_id = p_establishment
       OR EXISTS (SELECT 1 FROM ght_member m WHERE m.ght_id = v_candidate.ght_id AND m.legal_entity_id = p_establishment
                    AND m.valid_from <= paris_today() AND (m.valid_to IS NULL OR m.valid_to >= paris_today()))
       OR EXISTS (SELECT 1 FROM candidate_party p WHERE p.owner_id = p_candidate AND p.establishment_id = p_establishment)) THEN
    RAISE EXCEPTION 'establishment is not a party of this candidate' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO dossier_part (id, establishment_id, owner_establishment_id, owner_id, ready, note, recorded_by)
  VALUES (p_id, p_establishment, v_candidate.establishment_id, p_candidate, p_ready, p_note,
          nullif(current_setting('app.user_id', true), '')::uuid);
END
"""

STORED = """
SELECT DISTINCT o.sha256, o.size FROM (
  SELECT e.sha256, e.size FROM evidence e WHERE e.establishment_id = p_establishment
  UNION ALL SELECT f.sha256, f.size FROM filed_piece f WHERE f.establishment_id = p_establishment
  UNION ALL SELECT d.sha256, d.size FROM dropped_file d WHERE d.establishment_id = p_establishment AND d.state IN ('received', 'read')
  UNION ALL SELECT b.pdf_sha256, b.pdf_size FROM dossier_build b WHERE b.establishment_id = p_establishment
  UNION ALL SELECT b.zip_sha256, b.zip_size FROM dossier_build b WHERE b.establishment_id = p_establishment
  UNION ALL SELECT b.docx_sha256, b.docx_size FROM dossier_build b WHERE b.establishment_id = p_establishment
  UNION ALL SELECT b.token_sha256, b.token_size FROM dossier_build b WHERE b.establishment_id = p_establishment
  UNION ALL SELECT i.sha256, i.size FROM import_run i WHERE i.establishment_id = p_establishment
  UNION ALL SELECT i.annotated_sha256, NULL FROM import_run i
             WHERE i.establishment_id = p_establishment AND length(i.annotated_sha256) = 64
) o WHERE o.sha256 IS NOT NULL AND o.sha256 <> '' ORDER BY o.sha256
"""
CHECKED = """
BEGIN
  PERFORM audit_append(p_id, p_establishment, 'storage.checked',
                       jsonb_build_object('objects', p_objects, 'altered', to_jsonb(p_altered), 'lost', to_jsonb(p_lost)));
  -- Told when it changes: a piece altered last night is not told again tonight, one put back from a backup is.
  INSERT INTO evidence_event (id, establishment_id, evidence_id, kind, value)
  SELECT gen_random_uuid(), p_establishment, tonight.id, 'rehash', tonight.value
    FROM (SELECT e.id, CASE WHEN e.sha256 = ANY (p_altered) THEN 'altered' WHEN e.sha256 = ANY (p_lost) THEN 'lost' ELSE 'intact' END AS value
            FROM evidence e WHERE e.establishment_id = p_establishment) tonight
    LEFT JOIN (SELECT DISTINCT ON (v.evidence_id) v.evidence_id, v.value FROM evidence_event v
                WHERE v.establishment_id = p_establishment AND v.kind = 'rehash'
                ORDER BY v.evidence_id, v.recorded_at DESC, v.id DESC) last ON last.evidence_id = tonight.id
   WHERE tonight.value <> coalesce(last.value, 'intact');
END
"""

# The reviewers' side of a region: its ARS alone, and an expert what was asked of them.
AGENCY = {
    "review_assignment": "",
    "expertise": "expert_id = nullif(current_setting('app.user_id', true), '')::uuid",
    "expertise_event": "expertise_id = ANY ((SELECT asked_expertises())::uuid[])",
}


def upgrade() -> None:
    op.execute(EVIDENCE)
    op.execute(DOSSIER)
    op.execute(REVIEW)
    _functions()
    _evidence()
    _filed()
    _agency()


def _functions() -> None:
    tenant.function("delegations_of(p_user uuid)", "SETOF delegation", DELEGATIONS)
    op.execute("REVOKE ALL ON FUNCTION delegations_of FROM vigie_app")
    _replace("active_memberships()", "SETOF membership", MEMBERSHIPS.format(delegated=DELEGATED))
    for right, kinds in {
        "read": (("referent", "director", "establishment_admin", "signatory", "delegate"), ("ght_manager", "ght_admin", "signatory", "delegate")),
        "file": (("signatory", "delegate"), ("signatory", "delegate")),
    }.items():  # fmt: skip
        name = {"read": "readable_establishments", "file": "fileable_establishments"}[right]
        _replace(f"{name}()", "uuid[]", tenant.reach(*kinds))
    _replace("readable_ghts()", "uuid[]", tenant.narrowed("ght", ("ght_manager", "ght_admin", "signatory", "delegate")))
    tenant.function(
        "controlled_candidates()",
        "uuid[]",
        # The ANS comes after the ARS: nothing of a candidate on whom the ARS has not decided.
        """SELECT CASE WHEN split_part(current_setting('app.scope', true), ':', 1) IN ('nation', 'mine')
             AND EXISTS (SELECT 1 FROM active_memberships() m WHERE m.scope_kind = 'nation' AND m.role = 'ans_reviewer')
           THEN ARRAY(SELECT DISTINCT t.candidate_id FROM transition t
                       WHERE t.process = 'declaration' AND t.level = 'ars' AND t.state IN ('favourable', 'unfavourable'))
           ELSE '{}'::uuid[] END""",
    )
    tenant.function(
        "asked_expertises()",
        "uuid[]",
        """SELECT coalesce(array_agg(e.id), '{}') FROM expertise e
            WHERE e.expert_id = nullif(current_setting('app.user_id', true), '')::uuid
              AND EXISTS (SELECT 1 FROM active_memberships() m WHERE m.region_id = e.region_id AND m.role = 'expert')
              AND (split_part(current_setting('app.scope', true), ':', 1) = 'mine'
                   OR current_setting('app.scope', true) = 'region:' || e.region_id)
              AND NOT EXISTS (SELECT 1 FROM expertise_event v WHERE v.expertise_id = e.id AND v.kind IN ('withdrawn', 'answered'))""",
    )
    tenant.function(
        "asked_pieces()",
        "uuid[]",
        "SELECT coalesce(array_agg(e.piece_id), '{}') FROM expertise e WHERE e.id = ANY (asked_expertises())",
    )
    for name, parts in {
        "moving_establishments": ("fileable_establishments() || reviewable_establishments()",),
        "judging_establishments": ("reviewable_establishments()",),
        "speaking_establishments": (
            "writable_establishments() || fileable_establishments() || reviewable_establishments()",
        ),
    }.items():
        tenant.function(
            f"{name}()",
            "uuid[]",
            f"SELECT {parts[0]} || ARRAY(SELECT c.establishment_id FROM candidate c WHERE c.id = ANY (controlled_candidates()))",
        )
    tenant.function(
        "region_people()",
        "TABLE (id uuid, name text, role text, region_id uuid)",
        """SELECT DISTINCT u.id, u.name, m.role, m.region_id FROM membership m JOIN user_account u ON u.id = m.user_id
            WHERE u.disabled_at IS NULL AND m.region_id = ANY (reviewing_regions())
              AND m.role IN ('ars_reviewer', 'ars_lead', 'expert')
              AND m.valid_from <= paris_today() AND (m.valid_to IS NULL OR m.valid_to >= paris_today())""",
    )
    tenant.function(
        "storing_establishments()",
        "SETOF uuid",
        "SELECT establishment_id FROM evidence UNION SELECT establishment_id FROM filed_piece"
        " UNION SELECT establishment_id FROM dossier_build UNION SELECT establishment_id FROM dropped_file"
        " UNION SELECT establishment_id FROM import_run ORDER BY 1",
    )
    tenant.function("stored_objects(p_establishment uuid)", "TABLE (sha256 text, size bigint)", STORED)
    tenant.function(
        "storage_checked(p_id uuid, p_establishment uuid, p_objects bigint, p_altered text[], p_lost text[])",
        "void",
        CHECKED,
        volatility="VOLATILE",
        language="plpgsql",
    )
    tenant.function(
        "record_part(p_id uuid, p_establishment uuid, p_candidate uuid, p_ready boolean, p_note text)",
        "void",
        PART,
        volatility="VOLATILE",
        language="plpgsql",
    )
    _audit(MORE)
    op.execute(
        f"CREATE OR REPLACE FUNCTION account_identity(p_user uuid) RETURNS jsonb LANGUAGE sql STABLE"
        f" SET search_path = pg_catalog, public, pg_temp AS $function${IDENTITY}$function$"
    )


def _replace(signature: str, returns: str, body: str) -> None:
    """Give a function another body: policies that name it stay."""
    op.execute(
        f"CREATE OR REPLACE FUNCTION {signature} RETURNS {returns} LANGUAGE sql STABLE SECURITY DEFINER"
        f" SET search_path = pg_catalog, public, pg_temp AS $function${body}$function$"
    )


def _audit(more: str) -> None:
    op.execute("DROP FUNCTION audit_record")
    tenant.function(AUDIT, "void", ALLOWED.format(more=more), volatility="VOLATILE", language="plpgsql")


def _evidence() -> None:
    for table in ("evidence_use", "evidence_event"):
        tenant.tenant(table)
    for action in ("SELECT", "INSERT"):
        tenant.by_function("evidence_event", action)
    tenant.tenant("dropped_file", update=True)
    tenant.tenant("dossier_part")
    op.execute("REVOKE INSERT ON dossier_part FROM vigie_app")
    tenant.by_function("dossier_part", "INSERT")
    tenant.tenant("delegation", right="fileable_establishments")
    tenant.by_function("delegation", "SELECT")
    for table in ("dropped_file", "dossier_build", "filed_piece"):
        tenant.by_function(table, "SELECT")


def _filed() -> None:
    for table in ("candidate", "filing", "filed_piece", "publication", "opinion"):
        key = "id" if table == "candidate" else "candidate_id"
        controlled = f"{key} = ANY ((SELECT controlled_candidates())::uuid[])"
        extra = f" OR {EXPERT}" if table == "filed_piece" else ""
        op.execute(f"ALTER POLICY {table}_read ON {table} USING ({tenant.FILED} OR {controlled}{extra})")
        if table != "candidate":
            op.execute(
                f"ALTER POLICY {table}_whole ON {table} USING ({WITHIN_GHT} OR {REVIEWED} OR {controlled}{extra})"
            )
    controlled = "candidate_id = ANY ((SELECT controlled_candidates())::uuid[])"
    for table, right, side in (
        ("transition", "moving_establishments", "fileable_establishments"),
        ("review_decision", "judging_establishments", "fileable_establishments"),
        ("review_message", "speaking_establishments", "speaking_establishments"),
    ):
        tenant.tenant(table, "filed", right=right)
        op.execute(f"ALTER POLICY {table}_read ON {table} USING ({tenant.FILED} OR {controlled})")
        op.execute(
            f"CREATE POLICY {table}_whole ON {table} AS RESTRICTIVE FOR SELECT TO vigie_app"
            f" USING ({WITHIN_GHT} OR {REVIEWED} OR {controlled})"
        )
        about = TO.format(table) + (f" AND {PIECE.format(table)}" if table != "transition" else "")
        op.execute(f"CREATE POLICY {table}_to ON {table} AS RESTRICTIVE FOR INSERT TO vigie_app WITH CHECK ({about})")
        op.execute(
            f"CREATE POLICY {table}_level ON {table} AS RESTRICTIVE FOR INSERT TO vigie_app"
            f" WITH CHECK ({LEVEL.format(side=side)})"
        )
    tenant.by_function("transition", "SELECT")


def _agency() -> None:
    for table, expert in AGENCY.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO vigie_app")
        either = f"{REVIEWED} OR {expert}" if expert else REVIEWED
        op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT TO vigie_app USING ({either})")
        written = (
            f"{REVIEWED} AND kind <> 'answered' OR kind = 'answered' AND {expert}"
            if table == "expertise_event"
            else REVIEWED
        )
        op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT TO vigie_app WITH CHECK ({written})")
        tenant.by_function(table, "SELECT")
    op.execute(
        "CREATE POLICY expertise_about ON expertise AS RESTRICTIVE FOR INSERT TO vigie_app WITH CHECK ("
        "EXISTS (SELECT 1 FROM filed_piece p WHERE p.id = expertise.piece_id AND p.filing_id = expertise.filing_id"
        " AND p.candidate_id = expertise.candidate_id AND p.region_id = expertise.region_id))"
    )


def downgrade() -> None:
    raise NotImplementedError("what two authorities decided is not thrown away")
