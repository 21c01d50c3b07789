"""Activities of the BIA and their dependencies (K1)."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0004"
down_revision = "0003"

ACTIVITY = """
  perimeter_code text NOT NULL,
  number text NOT NULL,
  name text NOT NULL,
  process text,
  criticality text NOT NULL CONSTRAINT ck_activity_criticality CHECK (criticality IN ('1', '2', '3', '4')),
  impact_4h integer CONSTRAINT ck_activity_impact_4h CHECK (impact_4h BETWEEN 0 AND 4),
  impact_24h integer CONSTRAINT ck_activity_impact_24h CHECK (impact_24h BETWEEN 0 AND 4),
  impact_72h integer CONSTRAINT ck_activity_impact_72h CHECK (impact_72h BETWEEN 0 AND 4),
  impact_1w integer CONSTRAINT ck_activity_impact_1w CHECK (impact_1w BETWEEN 0 AND 4),
  impact_kinds text[] NOT NULL DEFAULT '{}',
  dima_minutes integer,
  pdma_minutes integer,
  sensitive_period text,
  nominal_staff numeric(8, 1),
  minimal_staff numeric(8, 1),
  degraded_mode text NOT NULL CONSTRAINT ck_activity_degraded_mode CHECK (degraded_mode IN ('yes', 'partial', 'no')),
  degraded_hold_minutes integer,
  procedure_reference text,
  paper_forms text[] NOT NULL DEFAULT '{}',
  paper_place text,
  downstream_activity text
"""
DEPENDENCY = """
  perimeter_code text NOT NULL,
  activity_number text,
  kind text NOT NULL CONSTRAINT ck_dependency_kind CHECK (kind IN ('application', 'interface', 'biomedical',
    'workstation', 'telephony', 'premises', 'utilities', 'skill', 'supplier', 'upstream', 'downstream')),
  label text NOT NULL,
  hosting text CONSTRAINT ck_dependency_hosting CHECK (hosting IN ('internal', 'ght', 'hds', 'saas')),
  supplier text,
  continuity_clause text CONSTRAINT ck_dependency_continuity_clause CHECK (continuity_clause IN ('yes', 'no', 'nc')),
  tolerated_minutes integer,
  workaround text,
  system_code text
"""
TABLES = {"activity": ACTIVITY, "dependency": DEPENDENCY}


def upgrade() -> None:
    for table, columns in TABLES.items():
        tenant.register(table, columns)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
