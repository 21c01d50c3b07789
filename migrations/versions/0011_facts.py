"""Facts that the rules ask: pieces that hold for a whole candidate, equivalences."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0011"
down_revision = "0010"

EQUIVALENCE = """
  row_code text NOT NULL,
  party_key text NOT NULL,
  reason text NOT NULL CONSTRAINT ck_equivalence_reason CHECK (length(trim(reason)) > 0),
  file text NOT NULL,
  starts_on date NOT NULL
"""


def upgrade() -> None:
    op.execute("ALTER TABLE evidence ADD COLUMN whole boolean NOT NULL DEFAULT false")
    tenant.register("equivalence", EQUIVALENCE)
