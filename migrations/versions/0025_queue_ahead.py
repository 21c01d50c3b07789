"""The end of the queue is counted in a bounded time, by the same rule as the queue itself."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0025"
down_revision = "0024"

# The dossiers that wait for the same authority, each with its last filing and what of it is not decided yet. As in
# compliance/rules/review.py, the last decision on the same piece stands, unless it is a return made on a version before. Decisions are
# read once for all, then joined: asked again for each piece, a region of sixty dossiers took half a minute.
AHEAD = """
WITH asked AS (
  SELECT c.id, c.region_id FROM candidate c
   WHERE c.id = p_candidate AND c.establishment_id = ANY (readable_establishments())
     AND (c.ght_id IS NULL OR c.ght_id = ANY (readable_ghts()))
), standing AS (
  SELECT DISTINCT ON (t.candidate_id) t.candidate_id, t.region_id, t.state FROM transition t
   WHERE t.process = 'declaration' ORDER BY t.candidate_id, t.recorded_at DESC, t.id DESC
), mine AS (
  SELECT a.id, a.region_id, CASE WHEN s.state IN ('filed', 'ars_review', 'refiled') THEN 'ars'
                                 WHEN s.state IN ('favourable', 'unfavourable', 'ans_control', 'ans_refiled') THEN 'ans' END AS level
    FROM asked a JOIN standing s ON s.candidate_id = a.id
), waiting AS (
  SELECT s.candidate_id, m.level, f.id AS filing_id, f.filed_at FROM mine m
    JOIN standing s ON CASE m.level WHEN 'ars' THEN s.state IN ('filed', 'ars_review', 'refiled') AND s.region_id = m.region_id
                                    WHEN 'ans' THEN s.state IN ('favourable', 'unfavourable', 'ans_control', 'ans_refiled') END
    JOIN LATERAL (SELECT f.id, f.filed_at FROM filing f WHERE f.candidate_id = s.candidate_id
                   ORDER BY f.version DESC LIMIT 1) f ON true
), said AS MATERIALIZED (
  SELECT DISTINCT ON (p.candidate_id, p.row_code, p.document_type, p.sha256, p.filename, p.source_establishment_id)
         p.candidate_id, p.row_code, p.document_type, p.sha256, p.filename, p.source_establishment_id,
         d.accepted OR d.filing_id = w.filing_id AS stands
    FROM waiting w JOIN review_decision d ON d.candidate_id = w.candidate_id AND d.level = w.level
    JOIN filed_piece p ON p.id = d.piece_id
   ORDER BY p.candidate_id, p.row_code, p.document_type, p.sha256, p.filename, p.source_establishment_id, d.recorded_at DESC, d.id DESC
), undecided AS (
  SELECT w.candidate_id, w.filed_at, count(p.id) FILTER (WHERE s.stands IS NOT TRUE) AS pieces
    FROM waiting w LEFT JOIN filed_piece p ON p.filing_id = w.filing_id
    LEFT JOIN said s ON (s.candidate_id, s.row_code, s.document_type, s.sha256, s.filename) =
                        (p.candidate_id, p.row_code, p.document_type, p.sha256, p.filename)
                    AND s.source_establishment_id IS NOT DISTINCT FROM p.source_establishment_id
   GROUP BY w.candidate_id, w.filed_at
)
SELECT (SELECT count(*) FROM undecided u WHERE u.filed_at < own.filed_at),
       (SELECT coalesce(sum(u.pieces), 0)::bigint FROM undecided u WHERE u.filed_at < own.filed_at),
       own.pieces,
       (SELECT count(*) FROM review_decision d, mine m WHERE d.level = m.level AND (m.level = 'ans' OR d.region_id = m.region_id)
          AND d.recorded_at > now() - interval '30 days')
  FROM undecided own WHERE own.candidate_id = p_candidate
"""


def upgrade() -> None:
    op.execute("DROP FUNCTION queue_ahead(uuid)")
    tenant.function(
        "queue_ahead(p_candidate uuid)", "TABLE (dossiers bigint, pieces bigint, own bigint, decided bigint)", AHEAD
    )


def downgrade() -> None:
    raise NotImplementedError("the count of 0021 took a time without bound")
