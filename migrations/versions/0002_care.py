"""What establishments keep for CaRE: candidate, parties, perimeters and plans, evidence, imports, dossiers, filings."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0002"
down_revision = "0001"

RECORDED = "recorded_at timestamptz NOT NULL DEFAULT now(), recorded_by uuid, import_id uuid"

TABLES = f"""
CREATE TABLE candidate (
  id uuid CONSTRAINT pk_candidate PRIMARY KEY,
  establishment_id uuid NOT NULL CONSTRAINT fk_candidate_establishment_id REFERENCES legal_entity,
  domain text NOT NULL,
  ght_id uuid CONSTRAINT fk_candidate_ght_id REFERENCES ght,
  region_id uuid NOT NULL CONSTRAINT fk_candidate_region_id REFERENCES region,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq_candidate_establishment_id_domain UNIQUE (establishment_id, domain),
  CONSTRAINT uq_candidate_establishment_id_id UNIQUE (establishment_id, id)
);
CREATE TABLE candidature (
  id uuid CONSTRAINT pk_candidature PRIMARY KEY,
  establishment_id uuid NOT NULL,
  candidate_id uuid NOT NULL,
  applied_on date,
  frozen_on date,
  ecare_number text,
  ecare_filed_on date,
  ceiling_cents bigint CONSTRAINT ck_candidature_ceiling_cents CHECK (ceiling_cents >= 0),
  {RECORDED},
  CONSTRAINT fk_candidature_candidate FOREIGN KEY (establishment_id, candidate_id) REFERENCES candidate (establishment_id, id)
);
CREATE INDEX ix_candidature_candidate ON candidature (establishment_id, candidate_id);
CREATE TABLE candidate_party (
  id uuid CONSTRAINT pk_candidate_party PRIMARY KEY,
  establishment_id uuid NOT NULL CONSTRAINT fk_candidate_party_establishment_id REFERENCES legal_entity,
  owner_establishment_id uuid NOT NULL,
  owner_id uuid NOT NULL,
  party_key text NOT NULL,
  name text NOT NULL,
  site_id uuid CONSTRAINT fk_candidate_party_site_id REFERENCES site,
  in_scope boolean NOT NULL,
  out_reason text NOT NULL DEFAULT '',
  ac numeric(16, 4) CONSTRAINT ck_candidate_party_ac CHECK (ac >= 0),
  ac_year integer,
  source text NOT NULL DEFAULT '',
  confidence text NOT NULL DEFAULT '',
  {RECORDED},
  CONSTRAINT fk_candidate_party_owner FOREIGN KEY (owner_establishment_id, owner_id) REFERENCES candidate (establishment_id, id)
);
CREATE INDEX ix_candidate_party_establishment_id ON candidate_party (establishment_id, owner_id, party_key);
CREATE INDEX ix_candidate_party_owner ON candidate_party (owner_establishment_id, owner_id);
CREATE TABLE perimeter (
  id uuid CONSTRAINT pk_perimeter PRIMARY KEY,
  establishment_id uuid NOT NULL CONSTRAINT fk_perimeter_establishment_id REFERENCES legal_entity,
  code text NOT NULL,
  CONSTRAINT uq_perimeter_establishment_id_code UNIQUE (establishment_id, code),
  CONSTRAINT uq_perimeter_establishment_id_id UNIQUE (establishment_id, id)
);
CREATE TABLE perimeter_version (
  id uuid CONSTRAINT pk_perimeter_version PRIMARY KEY,
  establishment_id uuid NOT NULL,
  perimeter_id uuid NOT NULL,
  site_id uuid,
  name text NOT NULL,
  kind text NOT NULL,
  technical_kind text,
  present boolean NOT NULL,
  absence_reason text NOT NULL DEFAULT '',
  department text NOT NULL DEFAULT '',
  referent_function text NOT NULL DEFAULT '',
  bia text NOT NULL,
  bia_on date,
  bia_reason text NOT NULL DEFAULT '',
  {RECORDED},
  CONSTRAINT fk_perimeter_version_site FOREIGN KEY (establishment_id, site_id) REFERENCES site (legal_entity_id, id),
  CONSTRAINT fk_perimeter_version_perimeter FOREIGN KEY (establishment_id, perimeter_id) REFERENCES perimeter (establishment_id, id)
);
CREATE INDEX ix_perimeter_version_perimeter ON perimeter_version (establishment_id, perimeter_id, recorded_at DESC);
CREATE TABLE pcra_version (
  id uuid CONSTRAINT pk_pcra_version PRIMARY KEY,
  establishment_id uuid NOT NULL,
  perimeter_id uuid NOT NULL,
  pca text NOT NULL,
  pca_on date,
  pra text NOT NULL,
  pra_on date,
  approver text NOT NULL DEFAULT '',
  version text NOT NULL DEFAULT '',
  shared_system text NOT NULL DEFAULT '',
  degraded_modes_identical boolean,
  paper_copy boolean,
  paper_place text NOT NULL DEFAULT '',
  printed_on date,
  last_test_on date,
  next_test_on date,
  evidence_file text NOT NULL DEFAULT '',
  {RECORDED},
  CONSTRAINT fk_pcra_version_perimeter FOREIGN KEY (establishment_id, perimeter_id) REFERENCES perimeter (establishment_id, id)
);
CREATE INDEX ix_pcra_version_perimeter ON pcra_version (establishment_id, perimeter_id, recorded_at DESC);
CREATE TABLE pcra_coverage (
  id uuid CONSTRAINT pk_pcra_coverage PRIMARY KEY,
  establishment_id uuid NOT NULL CONSTRAINT fk_pcra_coverage_establishment_id REFERENCES legal_entity,
  owner_establishment_id uuid NOT NULL,
  owner_id uuid NOT NULL,
  perimeter_code text NOT NULL,
  perimeter_name text NOT NULL,
  kind text NOT NULL,
  justification text NOT NULL,
  withdrawn boolean NOT NULL DEFAULT false,
  {RECORDED},
  CONSTRAINT fk_pcra_coverage_owner FOREIGN KEY (owner_establishment_id, owner_id) REFERENCES perimeter (establishment_id, id),
  CONSTRAINT ck_pcra_coverage_other CHECK (owner_establishment_id <> establishment_id)
);
CREATE INDEX ix_pcra_coverage_establishment_id ON pcra_coverage (establishment_id, owner_id, recorded_at DESC);
CREATE INDEX ix_pcra_coverage_owner ON pcra_coverage (owner_establishment_id, owner_id);
CREATE TABLE perimeter_contact (
  id uuid CONSTRAINT pk_perimeter_contact PRIMARY KEY,
  establishment_id uuid NOT NULL,
  perimeter_id uuid NOT NULL,
  name text NOT NULL,
  {RECORDED},
  CONSTRAINT fk_perimeter_contact_perimeter FOREIGN KEY (establishment_id, perimeter_id) REFERENCES perimeter (establishment_id, id),
  CONSTRAINT uq_perimeter_contact_establishment_id_perimeter_id_name UNIQUE (establishment_id, perimeter_id, name)
);
CREATE TABLE evidence (
  id uuid CONSTRAINT pk_evidence PRIMARY KEY,
  establishment_id uuid NOT NULL CONSTRAINT fk_evidence_establishment_id REFERENCES legal_entity,
  row_code text NOT NULL,
  document_type text NOT NULL,
  filename text NOT NULL,
  media_type text NOT NULL,
  sha256 text NOT NULL,
  size bigint NOT NULL,
  approved_on date,
  effective_on date,
  expires_on date,
  received_at timestamptz NOT NULL DEFAULT now(),
  received_by uuid
);
CREATE INDEX ix_evidence_establishment_id ON evidence (establishment_id, row_code);
CREATE TABLE import_run (
  id uuid CONSTRAINT pk_import_run PRIMARY KEY,
  establishment_id uuid NOT NULL CONSTRAINT fk_import_run_establishment_id REFERENCES legal_entity,
  ght_id uuid CONSTRAINT fk_import_run_ght_id REFERENCES ght,
  filename text NOT NULL,
  sha256 text NOT NULL,
  size bigint NOT NULL,
  state text NOT NULL CONSTRAINT ck_import_run_state CHECK (state IN ('received', 'parsed', 'applying', 'applied', 'failed')),
  report jsonb,
  error text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by uuid,
  applied_at timestamptz
);
CREATE INDEX ix_import_run_establishment_id ON import_run (establishment_id, created_at DESC);
CREATE TABLE dossier_build (
  id uuid CONSTRAINT pk_dossier_build PRIMARY KEY,
  establishment_id uuid NOT NULL,
  candidate_id uuid NOT NULL,
  ght_id uuid CONSTRAINT fk_dossier_build_ght_id REFERENCES ght,
  on_date date NOT NULL,
  state text NOT NULL CONSTRAINT ck_dossier_build_state CHECK (state IN ('received', 'built', 'failed')),
  error text NOT NULL DEFAULT '',
  pdf_sha256 text, pdf_size bigint, zip_sha256 text, zip_size bigint,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by uuid,
  CONSTRAINT fk_dossier_build_candidate FOREIGN KEY (establishment_id, candidate_id) REFERENCES candidate (establishment_id, id)
);
CREATE INDEX ix_dossier_build_establishment_id ON dossier_build (establishment_id, created_at DESC);
CREATE TABLE filing (
  id uuid CONSTRAINT pk_filing PRIMARY KEY,
  establishment_id uuid NOT NULL,
  candidate_id uuid NOT NULL,
  ght_id uuid CONSTRAINT fk_filing_ght_id REFERENCES ght,
  region_id uuid NOT NULL CONSTRAINT fk_filing_region_id REFERENCES region,
  version integer NOT NULL,
  document text NOT NULL,
  sha256 text NOT NULL,
  filed_at timestamptz NOT NULL DEFAULT now(),
  filed_by uuid,
  CONSTRAINT uq_filing_establishment_id_candidate_id_version UNIQUE (establishment_id, candidate_id, version),
  CONSTRAINT uq_filing_establishment_id_id UNIQUE (establishment_id, id),
  CONSTRAINT fk_filing_candidate FOREIGN KEY (establishment_id, candidate_id) REFERENCES candidate (establishment_id, id)
);
CREATE INDEX ix_filing_region_id ON filing (region_id, filed_at DESC);
CREATE TABLE filed_piece (
  id uuid CONSTRAINT pk_filed_piece PRIMARY KEY,
  establishment_id uuid NOT NULL,
  filing_id uuid NOT NULL,
  ght_id uuid CONSTRAINT fk_filed_piece_ght_id REFERENCES ght,
  region_id uuid NOT NULL CONSTRAINT fk_filed_piece_region_id REFERENCES region,
  row_code text NOT NULL,
  filename text NOT NULL,
  media_type text NOT NULL,
  sha256 text NOT NULL,
  size bigint NOT NULL,
  CONSTRAINT fk_filed_piece_filing FOREIGN KEY (establishment_id, filing_id) REFERENCES filing (establishment_id, id)
);
CREATE INDEX ix_filed_piece_filing ON filed_piece (establishment_id, filing_id);
"""

WRITER = """
  IF NOT v_writer = ANY (writable_establishments()) THEN
    RAISE EXCEPTION 'establishment out of scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
"""

# The establishment must belong to the candidate: its owner, a member of its GHT on that day, or already a party (frozen).
RECORD_PARTY = f"""
DECLARE v_writer uuid := p_establishment; v_candidate candidate%ROWTYPE;
BEGIN
  {WRITER}
  SELECT * INTO v_candidate FROM candidate WHERE id = p_candidate AND establishment_id = p_owner;
  IF v_candidate.id IS NULL OR NOT (
       v_candidate.establishment_id = p_establishment
       OR EXISTS (SELECT 1 FROM ght_member m WHERE m.ght_id = v_candidate.ght_id AND m.legal_entity_id = p_establishment
                    AND m.valid_from <= paris_today() AND (m.valid_to IS NULL OR m.valid_to >= paris_today()))
       OR EXISTS (SELECT 1 FROM candidate_party p WHERE p.owner_id = p_candidate AND p.establishment_id = p_establishment)) THEN
    RAISE EXCEPTION 'establishment is not a party of this candidate' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF p_site IS NOT NULL AND NOT EXISTS (SELECT 1 FROM site s WHERE s.id = p_site AND s.legal_entity_id = p_establishment) THEN
    RAISE EXCEPTION 'site of another establishment' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- The key names the party: a newer version under the key of another establishment would replace its AC for the whole GHT.
  IF EXISTS (SELECT 1 FROM legal_entity e WHERE e.finess = p_key AND e.id <> p_establishment)
     OR EXISTS (SELECT 1 FROM candidate_party p WHERE p.owner_id = p_candidate AND p.party_key = p_key
                   AND p.establishment_id <> p_establishment) THEN
    RAISE EXCEPTION 'key of another party' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO candidate_party (id, establishment_id, owner_establishment_id, owner_id, party_key, name, site_id, in_scope, out_reason,
                               ac, ac_year, source, confidence, recorded_by, import_id)
  VALUES (p_id, p_establishment, p_owner, p_candidate, p_key, p_name, p_site, p_in_scope, p_out_reason,
          p_ac, p_ac_year, p_source, p_confidence, nullif(current_setting('app.user_id', true), '')::uuid, p_import);
END
"""

# A shared plan covers an establishment of the same candidate only: both are parties of one, or of one GHT while none is recorded.
RECORD_COVERAGE = f"""
DECLARE v_writer uuid := p_owner; v_code text; v_perimeter perimeter_version%ROWTYPE;
BEGIN
  {WRITER}
  SELECT code INTO v_code FROM perimeter WHERE id = p_perimeter AND establishment_id = p_owner;
  SELECT * INTO v_perimeter FROM perimeter_version WHERE perimeter_id = p_perimeter AND establishment_id = p_owner
   ORDER BY recorded_at DESC, id DESC LIMIT 1;
  IF v_code IS NULL OR v_perimeter.id IS NULL OR NOT EXISTS (
       SELECT 1 FROM candidate_party a JOIN candidate_party b ON b.owner_id = a.owner_id
        WHERE a.establishment_id = p_owner AND b.establishment_id = p_covered)
     AND NOT EXISTS (
       SELECT 1 FROM ght_member a JOIN ght_member b ON b.ght_id = a.ght_id
        WHERE a.legal_entity_id = p_owner AND b.legal_entity_id = p_covered
          AND a.valid_from <= paris_today() AND (a.valid_to IS NULL OR a.valid_to >= paris_today())
          AND b.valid_from <= paris_today() AND (b.valid_to IS NULL OR b.valid_to >= paris_today())) THEN
    RAISE EXCEPTION 'not a party of the same candidate' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO pcra_coverage (id, establishment_id, owner_establishment_id, owner_id, perimeter_code, perimeter_name, kind,
                             justification, withdrawn, recorded_by, import_id)
  VALUES (p_id, p_covered, p_owner, p_perimeter, v_code, v_perimeter.name, v_perimeter.kind,
          p_justification, p_withdrawn, nullif(current_setting('app.user_id', true), '')::uuid, p_import);
END
"""

# What one may open a candidate for: its own establishment outside a GHT, or the support of a GHT one manages.
CANDIDATE_RIGHT = (
    "region_id = coalesce((SELECT g.region_id FROM ght g WHERE g.id = candidate.ght_id),"
    " (SELECT le.region_id FROM legal_entity le WHERE le.id = candidate.establishment_id)) AND ("
    "(ght_id IS NULL AND NOT EXISTS (SELECT 1 FROM ght_member m WHERE m.legal_entity_id = candidate.establishment_id"
    " AND m.valid_from <= paris_today() AND (m.valid_to IS NULL OR m.valid_to >= paris_today())))"
    " OR (ght_id = ANY ((SELECT readable_ghts())::uuid[]) AND EXISTS (SELECT 1 FROM ght_member m"
    " WHERE m.ght_id = candidate.ght_id AND m.legal_entity_id = candidate.establishment_id AND m.role = 'S')))"
)
# A filing goes to the ARS of its candidate, and its pieces with it: neither is the choice of who files.
FILED_TO = {
    "filing": (
        "EXISTS (SELECT 1 FROM candidate c WHERE c.id = filing.candidate_id AND c.establishment_id = filing.establishment_id"
        " AND c.region_id = filing.region_id AND c.ght_id IS NOT DISTINCT FROM filing.ght_id)"
    ),
    "filed_piece": (
        "EXISTS (SELECT 1 FROM filing f WHERE f.id = filed_piece.filing_id AND f.establishment_id = filed_piece.establishment_id"
        " AND f.region_id = filed_piece.region_id AND f.ght_id IS NOT DISTINCT FROM filed_piece.ght_id)"
    ),
}
WHOLE = "ght_id IS NULL OR ght_id = ANY ((SELECT readable_ghts())::uuid[]) OR region_id = ANY ((SELECT reviewing_regions())::uuid[])"


def upgrade() -> None:
    op.execute(TABLES)
    tenant.tenant("candidate", "filed")
    op.execute(
        f"CREATE POLICY candidate_support ON candidate AS RESTRICTIVE FOR INSERT TO vigie_app WITH CHECK ({CANDIDATE_RIGHT})"
    )
    tenant.tenant("candidature")
    for table in ("perimeter", "perimeter_version", "pcra_version", "evidence"):
        tenant.tenant(table)
    tenant.tenant("perimeter_contact", "own")
    for table in ("candidate_party", "pcra_coverage"):
        tenant.tenant(table)
        op.execute(f"REVOKE INSERT ON {table} FROM vigie_app")
        tenant.by_function(table, "SELECT", "INSERT")
    for table in ("import_run", "dossier_build"):
        tenant.tenant(table, update=True)
        tenant.only_within_ght(table)
    for table in ("filing", "filed_piece"):
        tenant.tenant(table, "filed", right="fileable_establishments")
        op.execute(
            f"CREATE POLICY {table}_to ON {table} AS RESTRICTIVE FOR INSERT TO vigie_app WITH CHECK ({FILED_TO[table]})"
        )
        op.execute(f"CREATE POLICY {table}_whole ON {table} AS RESTRICTIVE FOR SELECT TO vigie_app USING ({WHOLE})")
    for table in ("candidate", "perimeter", "perimeter_version", "filing"):
        tenant.by_function(table, "SELECT")
    tenant.function(
        "record_party(p_id uuid, p_establishment uuid, p_owner uuid, p_candidate uuid, p_key text, p_name text, p_site uuid,"
        " p_in_scope boolean, p_out_reason text, p_ac numeric, p_ac_year integer, p_source text, p_confidence text, p_import uuid)",
        "void",
        RECORD_PARTY,
        volatility="VOLATILE",
        language="plpgsql",
    )
    tenant.function(
        "record_coverage(p_id uuid, p_owner uuid, p_perimeter uuid, p_covered uuid, p_justification text, p_withdrawn boolean,"
        " p_import uuid)",
        "void",
        RECORD_COVERAGE,
        volatility="VOLATILE",
        language="plpgsql",
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION record_party, record_coverage")
    for table in reversed(
        (
            "candidate",
            "candidature",
            "candidate_party",
            "perimeter",
            "perimeter_version",
            "pcra_version",
            "pcra_coverage",
            "perimeter_contact",
            "evidence",
            "import_run",
            "dossier_build",
            "filing",
            "filed_piece",
        )
    ):
        op.execute(f"DROP TABLE {table}")
