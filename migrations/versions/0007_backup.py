"""Backups: critical systems, platforms, restore tests (K4)."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0007"
down_revision = "0006"

SYSTEM = """
  code text NOT NULL,
  application text NOT NULL,
  finess_list text[] NOT NULL DEFAULT '{}',
  activities text[] NOT NULL DEFAULT '{}',
  component text NOT NULL CONSTRAINT ck_critical_system_component
    CHECK (component IN ('database', 'server', 'file_server', 'saas')),
  hosting text NOT NULL CONSTRAINT ck_critical_system_hosting CHECK (hosting IN ('internal', 'ght', 'hds', 'saas')),
  plan text NOT NULL CONSTRAINT ck_critical_system_plan CHECK (plan IN ('yes', 'in_progress', 'no')),
  plan_updated_on date,
  frequency_minutes integer NOT NULL,
  retention_days integer,
  copies integer,
  media integer,
  offsite boolean,
  offline boolean,
  saas_clause text CONSTRAINT ck_critical_system_saas_clause CHECK (saas_clause IN ('yes', 'no', 'not_applicable')),
  supervised boolean,
  pdma_minutes integer,
  rto_minutes integer
"""
PLATFORM = """
  product text NOT NULL,
  version text NOT NULL,
  authentication text CONSTRAINT ck_backup_platform_authentication
    CHECK (authentication IN ('dedicated_ad', 'local_accounts', 'production_ad', 'other')),
  two_factor text CONSTRAINT ck_backup_platform_two_factor CHECK (two_factor IN ('on', 'off', 'impossible')),
  two_factor_reason text,
  ads_score integer CONSTRAINT ck_backup_platform_ads_score CHECK (ads_score BETWEEN 1 AND 5),
  ads_on date,
  red_button text CONSTRAINT ck_backup_platform_red_button CHECK (red_button IN ('procedure', 'technical', 'no')),
  partition_target text,
  partition_on date
"""
RESTORE = """
  code text NOT NULL,
  system_code text NOT NULL,
  tested_on date NOT NULL,
  kind text NOT NULL CONSTRAINT ck_restore_test_kind CHECK (kind IN ('technical', 'functional')),
  back_in_production boolean NOT NULL,
  scope text[] NOT NULL DEFAULT '{}',
  volume_go numeric CONSTRAINT ck_restore_test_volume_go CHECK (volume_go >= 0),
  duration_minutes integer NOT NULL,
  rto_minutes integer,
  rpo_minutes integer,
  result text NOT NULL CONSTRAINT ck_restore_test_result CHECK (result IN ('success', 'partial', 'failure')),
  referent_function text,
  anomalies text,
  test_book_file text
"""
TABLES = {"critical_system": SYSTEM, "backup_platform": PLATFORM, "restore_test": RESTORE}


def upgrade() -> None:
    for table, columns in TABLES.items():
        tenant.register(table, columns)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
