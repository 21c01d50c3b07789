"""National recomputation: the operator's role reads the facts of every candidate, to tell states and nothing else."""

from __future__ import annotations

from migrations import operations as tenant

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    for table in ("candidature", "evidence", "opinion"):
        tenant.by_function(table, "SELECT")
