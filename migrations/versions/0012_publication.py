"""What passes between a candidate and its ARS beside a filing: published figures one way, opinions (avis) the other."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0012"
down_revision = "0011"

TABLES = """
CREATE TABLE publication (
  id uuid CONSTRAINT pk_publication PRIMARY KEY,
  establishment_id uuid NOT NULL,
  candidate_id uuid NOT NULL,
  ght_id uuid CONSTRAINT fk_publication_ght_id REFERENCES ght,
  region_id uuid NOT NULL CONSTRAINT fk_publication_region_id REFERENCES region,
  on_date date NOT NULL,
  figures text NOT NULL,
  published_at timestamptz NOT NULL DEFAULT now(),
  published_by uuid,
  CONSTRAINT fk_publication_candidate FOREIGN KEY (establishment_id, candidate_id) REFERENCES candidate (establishment_id, id)
);
CREATE INDEX ix_publication_candidate ON publication (establishment_id, candidate_id);
CREATE INDEX ix_publication_region_id ON publication (region_id, candidate_id, published_at DESC, id DESC);
CREATE TABLE opinion (
  id uuid CONSTRAINT pk_opinion PRIMARY KEY,
  establishment_id uuid NOT NULL,
  candidate_id uuid NOT NULL,
  filing_id uuid NOT NULL,
  ght_id uuid CONSTRAINT fk_opinion_ght_id REFERENCES ght,
  region_id uuid NOT NULL CONSTRAINT fk_opinion_region_id REFERENCES region,
  row_code text NOT NULL,
  subject text NOT NULL DEFAULT '',
  favourable boolean NOT NULL,
  reason text NOT NULL CONSTRAINT ck_opinion_reason CHECK (btrim(reason) <> ''),
  recorded_at timestamptz NOT NULL DEFAULT now(),
  recorded_by uuid,
  CONSTRAINT fk_opinion_candidate FOREIGN KEY (establishment_id, candidate_id) REFERENCES candidate (establishment_id, id),
  CONSTRAINT fk_opinion_filing FOREIGN KEY (establishment_id, filing_id) REFERENCES filing (establishment_id, id)
);
CREATE INDEX ix_opinion_candidate_id ON opinion (candidate_id, row_code, subject, recorded_at DESC, id DESC);
CREATE INDEX ix_opinion_filing ON opinion (establishment_id, filing_id);
"""

WITHIN_GHT = "ght_id IS NULL OR ght_id = ANY ((SELECT readable_ghts())::uuid[])"
REVIEWED = "region_id = ANY ((SELECT reviewing_regions())::uuid[])"
# To whom it goes is the candidate's, and what an opinion is about is the filing's: neither is the choice of who writes.
TO = {
    "publication": (
        "EXISTS (SELECT 1 FROM candidate c WHERE c.id = publication.candidate_id AND c.establishment_id = publication.establishment_id"
        " AND c.region_id = publication.region_id AND c.ght_id IS NOT DISTINCT FROM publication.ght_id)"
    ),
    "opinion": (
        f"{REVIEWED} AND EXISTS (SELECT 1 FROM filing f WHERE f.id = opinion.filing_id"
        " AND f.establishment_id = opinion.establishment_id AND f.candidate_id = opinion.candidate_id"
        " AND f.region_id = opinion.region_id AND f.ght_id IS NOT DISTINCT FROM opinion.ght_id)"
    ),
}

AUDIT = "audit_record(p_id uuid, p_establishment uuid, p_action text, p_detail jsonb)"
# As in 0001, but for what a reviewer may have read: figures are published before anything is filed.
RECORD = """
DECLARE
  v_sequence bigint; v_previous text; v_payload text; v_at timestamptz := clock_timestamp();
  v_user uuid := nullif(current_setting('app.user_id', true), '')::uuid;
BEGIN
  -- A reviewer's act is written in the chain of the establishment whose filing or figures it reads.
  IF NOT p_establishment = ANY (readable_establishments()) AND NOT EXISTS (
       SELECT 1 FROM filing f WHERE f.establishment_id = p_establishment AND f.region_id = ANY (reviewing_regions())) {published} THEN
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
PUBLISHED = """AND NOT EXISTS (
       SELECT 1 FROM publication p WHERE p.establishment_id = p_establishment AND p.region_id = ANY (reviewing_regions()))"""


def _audit(published: str) -> None:
    op.execute("DROP FUNCTION audit_record")
    tenant.function(AUDIT, "void", RECORD.format(published=published), volatility="VOLATILE", language="plpgsql")


def upgrade() -> None:
    op.execute(TABLES)
    tenant.function(
        "reviewable_establishments()",
        "uuid[]",
        "SELECT coalesce(array_agg(DISTINCT c.establishment_id), '{}') FROM candidate c WHERE c.region_id = ANY (reviewing_regions())",
    )
    tenant.tenant("publication", "filed")
    tenant.tenant("opinion", "filed", right="reviewable_establishments")
    for table, clause in TO.items():
        op.execute(f"CREATE POLICY {table}_to ON {table} AS RESTRICTIVE FOR INSERT TO vigie_app WITH CHECK ({clause})")
        op.execute(
            f"CREATE POLICY {table}_whole ON {table} AS RESTRICTIVE FOR SELECT TO vigie_app USING ({WITHIN_GHT} OR {REVIEWED})"
        )
    # Who may write the support alone publishes nothing for its whole GHT.
    op.execute(
        "CREATE POLICY publication_ght_insert ON publication AS RESTRICTIVE FOR INSERT TO vigie_app"
        f" WITH CHECK ({WITHIN_GHT})"
    )
    tenant.by_function("publication", "SELECT")
    _audit(PUBLISHED)


def downgrade() -> None:
    _audit("")
    op.execute("DROP TABLE opinion")
    op.execute("DROP TABLE publication")
    op.execute("DROP FUNCTION reviewable_establishments")
