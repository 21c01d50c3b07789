"""The working nouns: what plans promise, plans they lean on, support functions, incidents, results by plan, actions that close by proof."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0016"
down_revision = "0015"

PCRA_CONTENT = """
  perimeter_code text NOT NULL,
  owner_function text,
  loss_system boolean,
  loss_site boolean,
  loss_staff boolean,
  loss_supplier boolean,
  degraded_after_minutes integer,
  interruption_minutes integer,
  capacity numeric CONSTRAINT ck_pcra_content_capacity CHECK (capacity BETWEEN 0 AND 100),
  hold_minutes integer,
  relief text,
  reviewed_on date,
  next_review_on date,
  linked_plans text[] NOT NULL DEFAULT '{}'
"""
LINKED_PLAN = """
  code text NOT NULL,
  kind text NOT NULL CONSTRAINT ck_linked_plan_kind CHECK (kind IN ('plan_blanc', 'pse', 'pcri', 'crisis', 'other')),
  title text,
  version text,
  approved_on date,
  review_by date,
  file text
"""
SUPPORT_FUNCTION = """
  function text NOT NULL
    CONSTRAINT ck_support_function_function CHECK (function IN ('payroll', 'billing', 'purchasing', 'hr')),
  perimeter_code text,
  can_run_again boolean,
  run_by text,
  channel text,
  hold_minutes integer,
  checked_on date
"""
INCIDENT = """
  code text NOT NULL,
  finess_list text[] NOT NULL DEFAULT '{}',
  nature text NOT NULL CONSTRAINT ck_incident_nature CHECK (nature IN ('it_outage', 'phone_outage', 'it_and_phone',
    'cyberattack', 'energy', 'building', 'supplier', 'staff', 'other')),
  title text NOT NULL,
  started_on date NOT NULL,
  started_at text,
  degraded_on date,
  degraded_at text,
  recovery_on date,
  recovery_at text,
  ended_on date,
  ended_at text,
  plan_blanc boolean,
  perimeters text[] NOT NULL DEFAULT '{}',
  consequences text,
  lessons text,
  retex_file text,
  retex_on date,
  exercise_code text
"""
PLAN_RESULT = """
  exercise_code text NOT NULL,
  perimeter_code text NOT NULL,
  plan_version text,
  result text NOT NULL CONSTRAINT ck_plan_result_result CHECK (result IN ('success', 'partial', 'failure')),
  degraded_after_minutes integer,
  interruption_minutes integer,
  capacity numeric CONSTRAINT ck_plan_result_capacity CHECK (capacity BETWEEN 0 AND 100),
  dependencies_found text[] NOT NULL DEFAULT '{}',
  comment text
"""
TABLES = {
    "pcra_content": PCRA_CONTENT,
    "linked_plan": LINKED_PLAN,
    "support_function": SUPPORT_FUNCTION,
    "incident": INCIDENT,
    "plan_result": PLAN_RESULT,
}
COLUMNS = {
    "exercise": {"teams": "text[] NOT NULL DEFAULT '{}'", "storyline": "text"},
    "exercise_result": {"functions": "text[] NOT NULL DEFAULT '{}'"},
    "exercise_action": {
        "incident_code": "text",
        "objective": "text",
        "proof_file": "text",
        "retest_code": "text",
    },
    "training_session": {"capacity": "integer", "validity_months": "integer"},
}


def upgrade() -> None:
    for table, columns in TABLES.items():
        tenant.register(table, columns)
    for table, added in COLUMNS.items():
        for name, kind in added.items():
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
    op.execute("ALTER TABLE exercise_action ALTER COLUMN exercise_code DROP NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE exercise_action ALTER COLUMN exercise_code SET NOT NULL")
    for table, added in COLUMNS.items():
        for name in added:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
