"""Whoever holds a piece is told that an authority returned it: the filing is its GHT's, which an establishment alone does not read."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0028"
down_revision = "0027"

# The pieces of the last filing that wait for the candidate, as in compliance/services/review.py: the dossier stands at a return, and
# the last decision of that authority on the piece is one. A piece that was answered in words waits no more.
RETURNED = """
SELECT coalesce(p.source_establishment_id, p.establishment_id), p.source_id, p.row_code, p.document_type, p.filename,
       d.level, d.cause, d.message, d.recorded_at
  FROM candidate c
  JOIN LATERAL (SELECT t.state FROM transition t WHERE t.candidate_id = c.id AND t.process = 'declaration'
                 ORDER BY t.recorded_at DESC, t.id DESC LIMIT 1) s ON s.state IN ('piece_returned', 'ans_piece_returned')
  JOIN LATERAL (SELECT f.id FROM filing f WHERE f.candidate_id = c.id ORDER BY f.version DESC LIMIT 1) f ON true
  JOIN filed_piece p ON p.filing_id = f.id
   AND coalesce(p.source_establishment_id, p.establishment_id) = ANY (p_establishments)
   AND coalesce(p.source_establishment_id, p.establishment_id) = ANY ((SELECT readable_establishments())::uuid[])
  JOIN LATERAL (SELECT d.* FROM review_decision d
                 WHERE d.piece_id = p.id AND d.level = CASE s.state WHEN 'piece_returned' THEN 'ars' ELSE 'ans' END
                 ORDER BY d.recorded_at DESC, d.id DESC LIMIT 1) d ON NOT d.accepted
 WHERE (c.establishment_id = ANY (p_establishments)
        OR c.ght_id IN (SELECT m.ght_id FROM ght_member m WHERE m.legal_entity_id = ANY (p_establishments)))
   AND NOT EXISTS (SELECT 1 FROM review_message m
                    WHERE m.piece_id = p.id AND m.level = 'candidate' AND m.recorded_at > d.recorded_at)
 ORDER BY d.recorded_at, p.id
"""


def upgrade() -> None:
    tenant.function(
        "returned_pieces(p_establishments uuid[])",
        "TABLE (establishment_id uuid, source_id uuid, row_code text, document_type text, filename text,"
        " level text, cause text, message text, returned_at timestamptz)",
        RETURNED,
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION returned_pieces(uuid[])")
