"""The crisis directory (K7): registers of people, read by their establishment alone."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0010"
down_revision = "0009"

ROLE = """
  role text NOT NULL,
  holder text,
  holder_phone text,
  substitute text,
  substitute_phone text,
  reachable boolean,
  checked_on date NOT NULL
"""
CALL_BACK = """
  service text NOT NULL,
  team text,
  name text NOT NULL,
  phone text,
  rank integer,
  delay_minutes integer,
  checked_on date NOT NULL
"""
PARTNER = """
  organisation text NOT NULL,
  purpose text NOT NULL,
  phone text,
  on_call text,
  checked_on date NOT NULL
"""
LOCATION = """
  place text NOT NULL,
  cabinet text,
  keeper text,
  placed_on date
"""
TABLES = {"crisis_role": ROLE, "call_back": CALL_BACK, "crisis_partner": PARTNER, "pack_location": LOCATION}


def upgrade() -> None:
    for table, columns in TABLES.items():
        tenant.register(table, columns, "own")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
