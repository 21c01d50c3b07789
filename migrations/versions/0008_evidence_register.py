"""The register of evidence, the milestones and the meetings (K5)."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0008"
down_revision = "0007"

ENTRY = """
  code text NOT NULL,
  objectives text[] NOT NULL DEFAULT '{}',
  holder text NOT NULL,
  document_type text NOT NULL CONSTRAINT ck_evidence_entry_document_type CHECK (document_type IN ('pssi',
    'organisation_note', 'governance_scheme', 'minutes', 'plan_blanc', 'alert_procedure', 'bia', 'critical_activities',
    'pca', 'pra', 'scenario', 'retex', 'test_schedule', 'backup_policy', 'backup_plan', 'role_management',
    'second_factor', 'ads_report', 'architecture', 'trajectory', 'backup_reports', 'test_book', 'other')),
  title text NOT NULL,
  file text,
  version text,
  document_on date,
  validated_on date,
  approver text,
  covered text[] NOT NULL DEFAULT '{}',
  status text NOT NULL CONSTRAINT ck_evidence_entry_status
    CHECK (status IN ('missing', 'drafting', 'to_validate', 'validated', 'sent', 'rejected')),
  nominative boolean NOT NULL,
  diffusion text CONSTRAINT ck_evidence_entry_diffusion CHECK (diffusion IN ('internal', 'ght', 'ars', 'restricted')),
  ars_comment text
"""
MILESTONE = """
  code text NOT NULL,
  title text NOT NULL,
  objectives text[] NOT NULL DEFAULT '{}',
  holder text NOT NULL,
  due_on date NOT NULL,
  pilot_function text,
  progress numeric CONSTRAINT ck_milestone_progress CHECK (progress BETWEEN 0 AND 100),
  status text NOT NULL CONSTRAINT ck_milestone_status
    CHECK (status IN ('upcoming', 'in_progress', 'reached', 'late', 'abandoned')),
  reached_on date,
  evidence text[] NOT NULL DEFAULT '{}'
"""
MEETING = """
  held_on date NOT NULL,
  body text NOT NULL,
  agenda text,
  decisions text,
  objectives text[] NOT NULL DEFAULT '{}',
  attendees integer CONSTRAINT ck_committee_meeting_attendees CHECK (attendees >= 0),
  minutes_file text,
  holder text NOT NULL
"""
TABLES = {"evidence_entry": ENTRY, "milestone": MILESTONE, "committee_meeting": MEETING}


def upgrade() -> None:
    for table, columns in TABLES.items():
        tenant.register(table, columns)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
