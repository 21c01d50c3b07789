"""Taking back an applied deposit: its rows as they were, but for those that somebody changed since."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from compliance.services import register
from importers import deposits, store
from tenants import audit, jobs
from tenants.context import current
from tenants.db import db, writing_as
from tenants.errors import Conflict

UNDO = "import.undo"


def order_undo(run_id: UUID) -> None:
    """Order that an applied deposit be taken back. Raises Conflict when it is not applied."""
    if deposits.get(run_id, report=False).state in {"undoing", "undone"}:
        return
    run = deposits.held(run_id)
    if run.state in {"undoing", "undone"}:
        return
    if run.state != "applied":
        raise Conflict("Ce dépôt n’est pas appliqué : il n’y a rien à annuler.")
    with writing_as(run.establishment_id):
        run.state, run.error = "undoing", ""
    jobs.forget_cancel(run_id)
    jobs.enqueue(UNDO, run_id=str(run_id))


def undo(run_id: UUID) -> None:
    """Put back exactly what the deposit changed, but for rows changed since, which are told (job). Twice is once."""
    run = deposits.locked(run_id)
    if run.state != "undoing":
        return
    jobs.tell(run_id, "Remise en l’état")
    here = deposits.one_after_the_other()
    frozen = bool(here.candidate and here.candidate.frozen_on)
    done = register.undo(store.tables(parties=not frozen), here.ids, run.id)
    with writing_as(run.establishment_id):
        run.undo = store.told(done) | {"frozen": frozen}
        run.state, run.error = "undone", ""
        run.undone_at, run.undone_by = db.session.scalar(select(func.now())), current().user_id
        audit.record(
            run.establishment_id, "import.undone", run=run.id, undone=run.undo["undone"], kept=run.undo["kept"]
        )
