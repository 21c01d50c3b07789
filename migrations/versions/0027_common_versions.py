"""Documents common to a GHT follow their versions: the register names a document, and the last version of it that counts is told."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0027"
down_revision = "0026"

# As in 0023. The dates of the register are those of the version it was written about (compliance/services/evidence.py, described_by).
# A file of a fellow that the GHT itself, by a deposit of its own, says to be a member's is told to that member: a row that the member
# wrote tells nothing of what others hold.
COMMON = """
  WITH RECURSIVE mine AS (
    SELECT DISTINCT gm.ght_id, g.code FROM ght_member gm JOIN ght g ON g.id = gm.ght_id
     WHERE gm.legal_entity_id = ANY (readable_establishments())
       AND gm.valid_from <= paris_today() AND (gm.valid_to IS NULL OR gm.valid_to >= paris_today())
  ), own AS (
    SELECT l.finess FROM legal_entity l WHERE l.id = ANY (readable_establishments())
  ), fellow AS (
    SELECT DISTINCT gm.legal_entity_id AS id FROM ght_member gm JOIN mine ON mine.ght_id = gm.ght_id
     WHERE gm.legal_entity_id IS NOT NULL
       AND gm.valid_from <= paris_today() AND (gm.valid_to IS NULL OR gm.valid_to >= paris_today())
  ), entry AS (
    SELECT DISTINCT ON (n.establishment_id, n.key) n.* FROM evidence_entry n
     WHERE n.establishment_id IN (SELECT id FROM fellow) AND n.recorded_at < p_until
     ORDER BY n.establishment_id, n.key, n.recorded_at DESC, n.id DESC
  ), chain AS (
    SELECT e.id, e.id AS root FROM evidence e
     WHERE e.supersedes IS NULL AND e.establishment_id IN (SELECT id FROM fellow) AND e.received_at < p_until
    UNION ALL
    SELECT e.id, c.root FROM evidence e JOIN chain c ON e.supersedes = c.id WHERE e.received_at < p_until
  ), counted AS (
    SELECT DISTINCT ON (c.root) e.*, c.root FROM chain c JOIN evidence e ON e.id = c.id
     WHERE NOT EXISTS (SELECT 1 FROM evidence_event q WHERE q.establishment_id = e.establishment_id AND q.evidence_id = e.id
                          AND q.kind = 'status' AND q.value = 'quarantined')
       AND coalesce((SELECT s.value FROM evidence_event s WHERE s.establishment_id = e.establishment_id AND s.evidence_id = e.id
                        AND s.kind = 'status' AND s.recorded_at < p_until
                      ORDER BY s.recorded_at DESC, s.id DESC LIMIT 1), '') <> 'set_aside'
     ORDER BY c.root, e.received_at DESC, e.id DESC
  ), said AS (
    SELECT DISTINCT ON (w.evidence_id, w.row_code, w.document_type) w.evidence_id, w.row_code, w.document_type, w.withdrawn
      FROM evidence_use w JOIN chain c ON c.id = w.evidence_id WHERE w.recorded_at < p_until
     ORDER BY w.evidence_id, w.row_code, w.document_type, w.recorded_at DESC, w.id DESC
  ), used AS (
    SELECT e.id, e.row_code, e.document_type FROM counted e
     WHERE NOT EXISTS (SELECT 1 FROM said s WHERE s.evidence_id = e.id AND s.row_code = e.row_code
                          AND s.document_type = e.document_type AND s.withdrawn)
    UNION
    SELECT s.evidence_id, s.row_code, s.document_type FROM said s JOIN counted e ON e.id = s.evidence_id WHERE NOT s.withdrawn
  )
  SELECT u.row_code, u.document_type, false, e.filename, e.approved_on, e.expires_on, e.received_at
    FROM counted e JOIN used u ON u.id = e.id
   WHERE e.whole OR e.covers && ARRAY(SELECT finess FROM own)
  UNION ALL
  SELECT o.code, n.document_type, true, f.filename,
         CASE WHEN f.described THEN coalesce(n.validated_on, f.approved_on, n.document_on) ELSE f.approved_on END, f.expires_on, f.received_at
    FROM entry n
    CROSS JOIN LATERAL unnest(n.objectives) AS o(code)
    JOIN LATERAL (
      SELECT e.filename, e.approved_on, e.expires_on, e.received_at, e.establishment_id,
             lower(normalize(e.filename)) = lower(normalize(n.file))
               AND (n.recorded_at > e.received_at OR NOT EXISTS (
                 SELECT 1 FROM chain b JOIN evidence was ON was.id = b.id
                  WHERE b.root = e.root AND was.received_at < e.received_at
                    AND lower(normalize(was.filename)) = lower(normalize(n.file)))) AS described
        FROM counted e JOIN chain c ON c.root = e.root JOIN evidence named ON named.id = c.id
       WHERE lower(normalize(named.filename)) = lower(normalize(n.file))
       ORDER BY lower(normalize(e.filename)) = lower(normalize(n.file)) DESC, e.received_at DESC, e.id DESC LIMIT 1) f ON true
   WHERE NOT n.withdrawn AND n.status IN ('validated', 'sent')
     AND (n.holder IN (SELECT code FROM mine)
          OR (n.holder IN (SELECT finess FROM own) AND NOT f.establishment_id = ANY (readable_establishments())
              AND EXISTS (SELECT 1 FROM import_run r JOIN mine ON mine.ght_id = r.ght_id WHERE r.id = n.import_id)))
   ORDER BY 1, 2, 4, 7
"""


def upgrade() -> None:
    op.execute("DROP FUNCTION common_evidence")
    tenant.function(
        "common_evidence(p_until timestamptz)",
        "TABLE (row_code text, document_type text, declared boolean, filename text, approved_on date, expires_on date,"
        " received_at timestamptz)",
        COMMON,
    )


def downgrade() -> None:
    raise NotImplementedError("versions that supersede each other are not forgotten")
