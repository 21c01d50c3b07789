"""Money: expenses and what was granted (workbooks.md, 3.6). Amounts are cents."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0009"
down_revision = "0008"

TABLES = ("expense", "funding")


def upgrade() -> None:
    tenant.register(
        "expense",
        "line_number text, objective text NOT NULL,"
        " nature text NOT NULL CONSTRAINT ck_expense_nature"
        " CHECK (nature IN ('service', 'licence', 'equipment', 'training', 'staff_time')),"
        " section text CONSTRAINT ck_expense_section CHECK (section IN ('operating', 'investment')),"
        " supplier text, siret text,"
        " market text CONSTRAINT ck_expense_market"
        " CHECK (market IN ('uniha', 'resah', 'caih', 'ugap', 'own', 'other')),"
        " commitment_number text, committed_on date, warrant_number text, invoice_number text, invoiced_on date,"
        " paid_on date, net_cents bigint NOT NULL,"
        " vat_rate text CONSTRAINT ck_expense_vat_rate CHECK (vat_rate IN ('0', '2.1', '5.5', '8.5', '10', '20')),"
        " vat_cents bigint, gross_cents bigint NOT NULL,"
        " share_percent numeric NOT NULL CONSTRAINT ck_expense_share_percent CHECK (share_percent BETWEEN 0 AND 100),"
        " charged_cents bigint, receipt text,"
        " status text CONSTRAINT ck_expense_status CHECK (status IN ('committed', 'invoiced', 'warranted', 'paid')),"
        " hours numeric, hourly_rate_cents bigint, notes text",
    )
    tenant.register(
        "funding",
        "scheme text NOT NULL CONSTRAINT ck_funding_scheme"
        " CHECK (scheme IN ('care_d2', 'care_d1', 'fir', 'own_funds', 'other')),"
        " holder text NOT NULL, notified_cents bigint NOT NULL, notified_on date, advance_cents bigint,"
        " advance_on date, balance_cents bigint, reference text",
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
