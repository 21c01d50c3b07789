"""What is done with a deposit: read, confirm, apply, give up. Preview and application are one path."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from importers import deposits, layout_memory, store
from importers.faults import Unreadable
from importers.models import ORDERED, ImportRun
from importers.preview import preview, summary
from importers.report import Report, RowResult
from importers.understanding import Understood, log_foreign, understand
from tenants import audit, jobs
from tenants.db import db, new_id, writing_as
from tenants.errors import Conflict, Refused
from tenants.storage import storage

APPLY = "import.apply"
_TICK = 0.4  # seconds between two words about the progress of a job
_LOOK = 128  # rows between two looks at the clock


# -------------------------------------------------------------------------------------------------------------- reading


def read(run_id: UUID) -> None:
    """Read a deposit and keep its preview: what applying it would write, written and rolled back (job)."""
    run = deposits.get(run_id)
    if run.state != "received":
        return
    follow = follower(run_id)
    follow("Lecture du classeur", None)
    try:
        with deposits.file_of(run) as path:
            understood = understand(path, run.establishment_id, tuple(run.taken))
            follow("Contrôle des lignes", 0)
            report = run_through(understood, run_id, follow, keep=lambda _report: False)
    except Unreadable as error:
        told: tuple[str, str, dict[str, Any] | None, str] = ("failed", error.sentence, None, "")
    else:
        log_foreign(report, understood.facts)
        told = ("parsed", "", preview(report, understood), summary(report))
    run = deposits.locked(run_id)
    if run.state != "received":  # cancelled meanwhile
        return
    with writing_as(run.establishment_id):
        run.state, run.error, run.report, run.summary = told
        run.annotated_sha256 = ""


def again(run_id: UUID, *, taken: Sequence[str] | None = None) -> None:
    """Order another reading: the person decided about columns, or about conflicts (`taken`: « sheet!row », or « * »)."""
    run = deposits.held(run_id)
    if run.state not in {"parsed", "failed"}:
        raise Conflict("Ce dépôt n’attend plus de décision : rechargez la page.")
    with writing_as(run.establishment_id):
        run.state, run.error = "received", ""
        if taken is not None:
            run.taken = list(taken)
    jobs.forget_cancel(run_id)
    jobs.enqueue(deposits.READ, run_id=str(run_id))


def run_through(
    understood: Understood,
    import_id: UUID,
    follow: Callable[[str, int | None], None],
    keep: Callable[[Report], bool],
) -> Report:
    """Check every row and write what may be, in a savepoint; take all of it back unless `keep` says of the report to keep it.

    The one path of preview, application and command line.
    """
    total = sum(len(layout.source.rows) for layout in understood.found.layouts) or 1
    done, last = 0, time.monotonic()

    def followed(rows: Iterator[RowResult]) -> Iterator[RowResult]:
        nonlocal done, last
        for row in rows:
            done += 1
            if done % _LOOK == 0 and time.monotonic() - last > _TICK:
                last = time.monotonic()
                follow("Contrôle des lignes", min(99, 100 * done // total))
            yield row

    with db.session.begin_nested() as savepoint:
        checking = understood.checking()
        for sheet, rows in checking.sheets():
            store.write(sheet, followed(rows), understood.scene, understood.owners, import_id)
        report = checking.report()
        if not keep(report):
            savepoint.rollback()
    return report


def follower(run_id: UUID) -> Callable[[str, int | None], None]:
    """Return what a job calls to tell its step and percentage; it raises Cancelled when the person gave up."""

    def follow(step: str, percent: int | None) -> None:
        jobs.tell(run_id, step, percent)
        if jobs.is_cancelled(run_id):
            raise jobs.Cancelled

    return follow


# ------------------------------------------------------------------------------------------------------------- applying


def confirm(run_id: UUID, *, valid_rows_only: bool) -> None:
    """Order the application of a preview. Raises Conflict when it is not waiting for one, Refused when rows block it."""
    if deposits.get(run_id, report=False).state in {"applying", "applied"}:
        return
    run = deposits.held(run_id)
    if run.state in {"applying", "applied"}:
        return
    if run.state != "parsed" or run.report is None:
        raise Conflict("Ce dépôt n’attend pas de confirmation : rechargez la page.")
    if run.report.get("to_confirm"):
        raise Refused("Vérifiez d’abord les colonnes : certaines ont été devinées.")
    if run.report["has_errors"] and not valid_rows_only:
        raise Refused("Des lignes sont à corriger : appliquez les lignes valides seulement, ou corrigez le fichier.")
    with writing_as(run.establishment_id):
        run.state, run.error = "applying", ""
    jobs.forget_cancel(run_id)
    jobs.enqueue(APPLY, run_id=str(run_id))


def apply(run_id: UUID) -> None:
    """Apply what was confirmed, and that alone, in the open transaction (job). Applied already: nothing to do."""
    run = deposits.locked(run_id)
    if run.state != "applying":
        return
    follow = follower(run_id)
    follow("Enregistrement des lignes", None)
    shown = (run.report or {}).get("fingerprint")
    deposits.one_after_the_other()
    with deposits.file_of(run) as path:
        understood = understand(path, run.establishment_id, tuple(run.taken))
        report = run_through(understood, run_id, follow, keep=lambda report: report.fingerprint == shown)
    with writing_as(run.establishment_id):
        run.report, run.summary, run.annotated_sha256 = preview(report, understood), summary(report), ""
        if report.fingerprint != shown:
            # Somebody wrote the same rows meanwhile: what was approved is not what would be written.
            run.state = "parsed"
            run.error = "Des lignes ont changé depuis votre aperçu : relisez-le avant d’appliquer."
            return
    _applied(run, understood, report)


def _applied(run: ImportRun, understood: Understood, report: Report) -> None:
    """Write on the deposit that it is applied, and remember how its sheets are laid out."""
    if not understood.found.care_kit_code:
        known = layout_memory.remembered(run.establishment_id)
        fresh = {each.fingerprint: layout_memory.choice_of(each) for each in understood.found.layouts}
        layout_memory.remember(run.establishment_id, {key: choice for key, choice in fresh.items() if key not in known})
    with writing_as(run.establishment_id):
        run.error = ""  # of an earlier attempt
        run.state, run.applied_at = "applied", db.session.scalar(select(func.now()))
        counts = {each.name: each.counts for each in report.sheets}
        audit.record(run.establishment_id, "import.applied", run=run.id, sha256=run.sha256, counts=counts)


def cancel(run_id: UUID) -> None:
    """Give up a reading or an application that has not ended: nothing of it is kept. Raises Conflict when it has."""
    run = deposits.get(run_id, report=False)
    if run.state not in deposits.RUNNING:
        raise Conflict("Ce travail est déjà terminé : rechargez la page.")
    jobs.cancel(run_id)
    if run.state == "received":
        run = deposits.locked(run_id)
        if run.state == "received":
            with writing_as(run.establishment_id):
                run.state, run.error = "cancelled", "Dépôt abandonné avant son aperçu. Rien n’a été enregistré."


def fail(sentence: str, run_id: UUID) -> None:
    """Write on a deposit why nothing came of a job: what was not applied goes back to its preview."""
    run = deposits.locked(run_id)
    before = {"applying": "parsed", "undoing": "applied", "received": "failed"}
    with writing_as(run.establishment_id):
        if run.annotated_sha256 == ORDERED:
            run.annotated_sha256, run.error = "", f"Le fichier annoté n’a pas pu être fait. {sentence}"
        if run.state in before:
            run.state, run.error = before[run.state], sentence


# --------------------------------------------------------------------------------------------------------- command line


def import_now(path: Path, *, apply_rows: bool, valid_rows_only: bool = False) -> tuple[Report, bool, UUID | None]:
    """Do it all in the open transaction: return the report, whether it was applied, and the deposit. Raises Unreadable."""
    owner, ght_id = deposits.home()
    if apply_rows:
        deposits.one_after_the_other()
    understood = understand(path, owner)
    run_id = new_id()

    def keep(report: Report) -> bool:
        rows = any(sum(sheet.counts.values()) for sheet in report.sheets)
        return apply_rows and rows and (valid_rows_only or not report.has_errors)

    report = run_through(understood, run_id, lambda _step, _percent: None, keep)
    log_foreign(report, understood.facts)
    if not keep(report):
        return report, False, None
    with path.open("rb") as content:
        sha256, size = storage().put(owner, content)
    run = deposits.keep(run_id, path.name, owner, ght_id, sha256, size, understood.book.format)
    with writing_as(owner):
        run.report, run.summary = preview(report, understood), summary(report)
    _applied(run, understood, report)
    return report, True, run_id
