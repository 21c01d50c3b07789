"""Documents common to a GHT, told to its members: what they answer and their dates, never their content nor whose they are."""

from __future__ import annotations

from migrations import operations as tenant

revision = "0015"
down_revision = "0014"

COMMON = """
  WITH mine AS (
    SELECT DISTINCT gm.ght_id, g.code FROM ght_member gm JOIN ght g ON g.id = gm.ght_id
     WHERE gm.legal_entity_id = ANY (readable_establishments())
       AND gm.valid_from <= paris_today() AND (gm.valid_to IS NULL OR gm.valid_to >= paris_today())
  ), fellow AS (
    SELECT DISTINCT gm.legal_entity_id AS id FROM ght_member gm JOIN mine ON mine.ght_id = gm.ght_id
     WHERE gm.legal_entity_id IS NOT NULL
       AND gm.valid_from <= paris_today() AND (gm.valid_to IS NULL OR gm.valid_to >= paris_today())
  ), entry AS (
    SELECT DISTINCT ON (n.establishment_id, n.key) n.* FROM evidence_entry n
     WHERE n.establishment_id IN (SELECT id FROM fellow) AND n.recorded_at < p_until
     ORDER BY n.establishment_id, n.key, n.recorded_at DESC, n.id DESC
  )
  SELECT e.row_code, e.document_type, false, e.filename, e.approved_on, e.expires_on, e.received_at
    FROM evidence e
   WHERE e.whole AND e.establishment_id IN (SELECT id FROM fellow) AND e.received_at < p_until
  UNION ALL
  SELECT o.code, n.document_type, true, n.file, coalesce(n.validated_on, f.approved_on, n.document_on), f.expires_on, f.received_at
    FROM entry n
    CROSS JOIN LATERAL unnest(n.objectives) AS o(code)
    JOIN LATERAL (
      SELECT e.approved_on, e.expires_on, e.received_at FROM evidence e
       WHERE e.establishment_id IN (SELECT id FROM fellow) AND e.received_at < p_until
         AND lower(normalize(e.filename)) = lower(normalize(n.file))
       ORDER BY e.received_at DESC, e.id DESC LIMIT 1) f ON true
   WHERE NOT n.withdrawn AND n.status IN ('validated', 'sent') AND n.holder IN (SELECT code FROM mine)
   ORDER BY 1, 2, 4, 7
"""


def upgrade() -> None:
    tenant.function(
        "common_evidence(p_until timestamptz)",
        "TABLE (row_code text, document_type text, declared boolean, filename text, approved_on date, expires_on date,"
        " received_at timestamptz)",
        COMMON,
    )
