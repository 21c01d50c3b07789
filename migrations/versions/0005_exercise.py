"""Exercises: plan, results, actions (K2)."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0005"
down_revision = "0004"

EXERCISE = """
  code text NOT NULL,
  finess_list text[] NOT NULL DEFAULT '{}',
  finess_et text,
  nature text CONSTRAINT ck_exercise_nature
    CHECK (nature IN ('field_test', 'crisis_cell', 'combined', 'regional', 'real_event')),
  kit_level text CONSTRAINT ck_exercise_kit_level CHECK (kit_level IN ('beginner', 'intermediate', 'advanced', 'none')),
  perimeters text[] NOT NULL DEFAULT '{}',
  scenario text CONSTRAINT ck_exercise_scenario CHECK (scenario IN ('ransomware', 'it_outage', 'phone_outage',
    'building_loss', 'staff_absence', 'supplier_failure', 'other')),
  unannounced boolean,
  planned_on date NOT NULL,
  starts_at text,
  ends_at text,
  facilitator text CONSTRAINT ck_exercise_facilitator CHECK (facilitator IN ('internal', 'grades', 'ght', 'provider')),
  status text NOT NULL CONSTRAINT ck_exercise_status CHECK (status IN ('planned', 'done', 'postponed', 'cancelled')),
  status_reason text,
  postponed_to date,
  label text
"""
RESULT = """
  exercise_code text NOT NULL,
  held_on date NOT NULL,
  duration_minutes integer NOT NULL,
  participants integer NOT NULL,
  management_present boolean NOT NULL,
  departments_present boolean NOT NULL,
  dmcc_present boolean,
  cell_activated text CONSTRAINT ck_exercise_result_cell_activated
    CHECK (cell_activated IN ('yes', 'no', 'not_applicable')),
  activation_minutes integer,
  log_kept boolean,
  paper_directory_used boolean,
  degraded_modes text NOT NULL CONSTRAINT ck_exercise_result_degraded_modes
    CHECK (degraded_modes IN ('yes', 'partial', 'no')),
  care_assessed boolean NOT NULL,
  rating integer CONSTRAINT ck_exercise_result_rating CHECK (rating BETWEEN 1 AND 4),
  strengths text,
  weaknesses text,
  scenario_file text,
  report_file text,
  retex_file text,
  retex_on date,
  attendance text
"""
ACTION = """
  exercise_code text NOT NULL,
  number text NOT NULL,
  finding text NOT NULL,
  action text NOT NULL,
  kind text CONSTRAINT ck_exercise_action_kind
    CHECK (kind IN ('pca', 'organisation', 'technical', 'training', 'paper')),
  priority text CONSTRAINT ck_exercise_action_priority CHECK (priority IN ('p1', 'p2', 'p3')),
  owner_function text,
  due_on date NOT NULL,
  status text CONSTRAINT ck_exercise_action_status CHECK (status IN ('to_do', 'in_progress', 'done', 'dropped')),
  closed_on date,
  pca_updated boolean,
  pca_version text
"""
TABLES = {"exercise": EXERCISE, "exercise_result": RESULT, "exercise_action": ACTION}


def upgrade() -> None:
    for table, columns in TABLES.items():
        tenant.register(table, columns)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
