"""Training: sessions, attendance, signatures of the charter, targets (workbooks.md, 3.3)."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0006"
down_revision = "0005"

TABLES = ("training_session", "attendance", "charter_signature", "training_target")
PROFILES = "('management', 'medical', 'nursing', 'administrative', 'technical', 'it')"
STATES = "('present', 'absent', 'excused')"
HALF_DAYS = ", ".join(
    f"half_day_{rank} text CONSTRAINT ck_attendance_half_day_{rank} CHECK (half_day_{rank} IN {STATES})"
    for rank in range(1, 7)
)


def upgrade() -> None:
    tenant.register(
        "training_session",
        "code text NOT NULL, title text NOT NULL,"
        " kind text NOT NULL CONSTRAINT ck_training_session_kind"
        " CHECK (kind IN ('dmcc', 'crisis_cell', 'pcra_referent', 'awareness', 'sse', 'other')),"
        " organiser text NOT NULL CONSTRAINT ck_training_session_organiser"
        " CHECK (organiser IN ('ars', 'grades', 'cesu', 'anfh', 'university', 'ght', 'internal', 'provider')),"
        " starts_on date NOT NULL,"
        " ends_on date NOT NULL CONSTRAINT ck_training_session_ends_on CHECK (ends_on >= starts_on),"
        " half_days integer CONSTRAINT ck_training_session_half_days CHECK (half_days BETWEEN 0 AND 20),"
        " hours numeric NOT NULL,"
        " modality text CONSTRAINT ck_training_session_modality"
        " CHECK (modality IN ('on_site', 'remote', 'e_learning', 'mixed')),"
        " place text, trainer text, signed_sheet text, programme text",
    )
    tenant.register(
        "attendance",
        "session_code text NOT NULL, finess_et text, last_name text, first_name text, identifier text,"
        " function text NOT NULL, service text,"
        f" profile text NOT NULL CONSTRAINT ck_attendance_profile CHECK (profile IN {PROFILES}), {HALF_DAYS},"
        " hours numeric, attended_on date, signed boolean, certified boolean, certified_on date, on_call boolean,"
        " notes text",
        "own",
    )
    tenant.register(
        "charter_signature",
        "service text NOT NULL, headcount integer NOT NULL,"
        " signatures integer NOT NULL CONSTRAINT ck_charter_signature_signatures CHECK (signatures <= headcount),"
        " counted_on date",
    )
    tenant.register(
        "training_target",
        f"profile text NOT NULL CONSTRAINT ck_training_target_profile CHECK (profile IN {PROFILES}),"
        " headcount integer NOT NULL, source text, set_on date",
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
