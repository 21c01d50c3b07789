"""The expected end of a queue, told to candidates in numbers alone; filings of before begin their declaration."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0021"
down_revision = "0020"

# The dossiers that wait for the same authority, each with its last filing and what of it is not decided yet. A decision stands for
# the same bytes on the same row; a return made on a version before does not.
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
), undecided AS (
  SELECT w.candidate_id, w.filed_at, count(p.id) FILTER (WHERE NOT EXISTS (
           SELECT 1 FROM review_decision d JOIN filed_piece dp ON dp.id = d.piece_id
            WHERE d.candidate_id = w.candidate_id AND d.level = w.level AND dp.row_code = p.row_code AND dp.sha256 = p.sha256
              AND (d.accepted OR d.filing_id = w.filing_id))) AS pieces
    FROM waiting w LEFT JOIN filed_piece p ON p.filing_id = w.filing_id GROUP BY w.candidate_id, w.filed_at
)
SELECT (SELECT count(*) FROM undecided u WHERE u.filed_at < own.filed_at),
       (SELECT coalesce(sum(u.pieces), 0)::bigint FROM undecided u WHERE u.filed_at < own.filed_at),
       own.pieces,
       (SELECT count(*) FROM review_decision d, mine m WHERE d.level = m.level AND (m.level = 'ans' OR d.region_id = m.region_id)
          AND d.recorded_at > now() - interval '30 days')
  FROM undecided own WHERE own.candidate_id = p_candidate
"""

# As asked_expertises (0019), those that are over too.
OWN = """
SELECT coalesce(array_agg(e.id), '{}') FROM expertise e
 WHERE e.expert_id = nullif(current_setting('app.user_id', true), '')::uuid
   AND EXISTS (SELECT 1 FROM active_memberships() m WHERE m.region_id = e.region_id AND m.role = 'expert')
   AND (split_part(current_setting('app.scope', true), ':', 1) = 'mine'
        OR current_setting('app.scope', true) = 'region:' || e.region_id)
"""

# A filing of before the procedure was recorded: its declaration is filed, by who filed it, that day.
FILED = """
ALTER TABLE filing NO FORCE ROW LEVEL SECURITY;
ALTER TABLE transition NO FORCE ROW LEVEL SECURITY;
INSERT INTO transition (id, establishment_id, candidate_id, ght_id, region_id, process, state, level, filing_id, recorded_at, recorded_by)
SELECT gen_random_uuid(), f.establishment_id, f.candidate_id, f.ght_id, f.region_id, 'declaration', 'filed', 'candidate', f.id,
       f.filed_at, f.filed_by
  FROM filing f WHERE NOT EXISTS (SELECT 1 FROM transition t WHERE t.filing_id = f.id);
ALTER TABLE filing FORCE ROW LEVEL SECURITY;
ALTER TABLE transition FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    tenant.by_function("review_decision", "SELECT")
    # An expert keeps reading what became of a question, once it is answered or withdrawn; the piece, no more.
    tenant.function("own_expertises()", "uuid[]", OWN)
    op.execute(
        "ALTER POLICY expertise_event_read ON expertise_event USING (region_id = ANY ((SELECT reviewing_regions())::uuid[])"
        " OR expertise_id = ANY ((SELECT own_expertises())::uuid[]))"
    )
    tenant.function(
        "queue_ahead(p_candidate uuid)", "TABLE (dossiers bigint, pieces bigint, own bigint, decided bigint)", AHEAD
    )
    op.execute(FILED)


def downgrade() -> None:
    raise NotImplementedError("the steps of a declaration are not thrown away")
