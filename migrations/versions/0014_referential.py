"""What the operator publishes for everybody: corrected versions of a referential, and national dates."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0014"
down_revision = "0013"

TABLES = """
CREATE TABLE referential_version (
  id uuid CONSTRAINT pk_referential_version PRIMARY KEY,
  domain text NOT NULL,
  version text NOT NULL,
  content text NOT NULL,
  sha256 text NOT NULL CONSTRAINT ck_referential_version_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  takes_effect_on date NOT NULL,
  published_at timestamptz NOT NULL DEFAULT now(),
  published_by text NOT NULL CONSTRAINT ck_referential_version_published_by CHECK (published_by <> ''),
  note text NOT NULL DEFAULT '',
  CONSTRAINT uq_referential_version_domain_version UNIQUE (domain, version)
);
CREATE INDEX ix_referential_version_domain ON referential_version (domain, takes_effect_on DESC, published_at DESC);
CREATE TABLE programme_date (
  id uuid CONSTRAINT pk_programme_date PRIMARY KEY,
  domain text NOT NULL,
  key text NOT NULL,
  on_date date,
  confidence text NOT NULL,
  source text NOT NULL CONSTRAINT ck_programme_date_source CHECK (source <> ''),
  recorded_at timestamptz NOT NULL DEFAULT now(),
  recorded_by text NOT NULL CONSTRAINT ck_programme_date_recorded_by CHECK (recorded_by <> ''),
  CONSTRAINT ck_programme_date_on_date CHECK (on_date IS NOT NULL OR confidence = 'non connue')
);
CREATE INDEX ix_programme_date_key ON programme_date (domain, key, recorded_at DESC, id DESC);
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("referential_version", "programme_date"):
        tenant.shared(table)


def downgrade() -> None:
    op.execute("DROP TABLE programme_date, referential_version")
