"""What was found of a dropped file goes with it; the pieces that nobody could look into are looked into at night."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0024"
down_revision = "0023"

# Those just received have their own job; those tried the longest ago come first, so that none waits for ever.
WAITING = """
SELECT e.id, e.establishment_id, e.sha256, said.inspected
  FROM evidence e
  CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(v.kind = 'inspection' AND v.value <> 'abandoned'), false) AS inspected,
           coalesce(bool_or(v.kind = 'antivirus' AND v.value NOT IN ('not_scanned', 'unreachable')), false) AS scanned,
           coalesce(bool_or(v.kind = 'status' AND v.value = 'quarantined'), false) AS quarantined,
           max(v.recorded_at) FILTER (WHERE v.kind IN ('inspection', 'antivirus')) AS tried_at
      FROM evidence_event v WHERE v.establishment_id = e.establishment_id AND v.evidence_id = e.id) said
 WHERE NOT said.quarantined AND (NOT said.inspected OR (p_antivirus AND NOT said.scanned))
   AND e.received_at < now() - interval '1 hour'
 ORDER BY said.tried_at NULLS FIRST, e.id LIMIT p_most
"""
# The machine alone speaks here: it never says that a piece was read again, nor takes it out of quarantine.
EXAMINED = """
BEGIN
  INSERT INTO evidence_event (id, establishment_id, evidence_id, kind, value, detail)
  SELECT gen_random_uuid(), p_establishment, p_piece, f.kind, f.value, f.detail
    FROM jsonb_to_recordset(p_found) AS f(kind text, value text, detail jsonb)
   WHERE f.kind IN ('inspection', 'antivirus') OR (f.kind = 'status' AND f.value = 'quarantined');
  PERFORM audit_append(p_id, p_establishment, 'evidence.inspected', p_told);
END
"""


def upgrade() -> None:
    op.execute("ALTER TABLE dropped_file ADD COLUMN found jsonb NOT NULL DEFAULT '[]'")
    tenant.function(
        "waiting_pieces(p_antivirus boolean, p_most bigint)",
        "TABLE (id uuid, establishment_id uuid, sha256 text, inspected boolean)",
        WAITING,
    )
    tenant.function(
        "piece_examined(p_id uuid, p_establishment uuid, p_piece uuid, p_found jsonb, p_told jsonb)",
        "void",
        EXAMINED,
        volatility="VOLATILE",
        language="plpgsql",
    )


def downgrade() -> None:
    raise NotImplementedError("what was found of a file is not forgotten")
