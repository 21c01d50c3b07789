"""Money: what the ARS decided of an application, letters of mission, every rate of VAT of the territories."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0020"
down_revision = "0019"

MISSION_LETTER = """
  code text NOT NULL,
  function_title text NOT NULL,
  objectives text[] NOT NULL DEFAULT '{}',
  starts_on date,
  ends_on date,
  hours numeric CONSTRAINT ck_mission_letter_hours CHECK (hours >= 0),
  file text,
  notes text
"""
CANDIDATURE = {
    "decision": "text CONSTRAINT ck_candidature_decision CHECK (decision IN ('accepted', 'refused', 'withdrawn'))",
    "decided_on": "date",
    "decision_note": "text",
    "requested_cents": "bigint CONSTRAINT ck_candidature_requested_cents CHECK (requested_cents >= 0)",
}
BEFORE = ("0", "2.1", "5.5", "8.5", "10", "20")
RATES = ("0", "0.9", "1.05", "1.75", "2.1", "5.5", "8.5", "10", "13", "20")  # programme/vat


def _rates(rates: tuple[str, ...]) -> None:
    op.execute("ALTER TABLE expense DROP CONSTRAINT ck_expense_vat_rate")
    listed = ", ".join(f"'{rate}'" for rate in rates)
    op.execute(f"ALTER TABLE expense ADD CONSTRAINT ck_expense_vat_rate CHECK (vat_rate IN ({listed}))")


def upgrade() -> None:
    tenant.register("mission_letter", MISSION_LETTER)
    op.execute("ALTER TABLE expense ADD COLUMN mission_letter text")
    _rates(RATES)
    for name, kind in CANDIDATURE.items():
        op.execute(f"ALTER TABLE candidature ADD COLUMN {name} {kind}")


def downgrade() -> None:
    for name in reversed(CANDIDATURE):
        op.execute(f"ALTER TABLE candidature DROP COLUMN {name}")
    _rates(BEFORE)
    op.execute("ALTER TABLE expense DROP COLUMN mission_letter")
    op.execute("DROP TABLE mission_letter")
