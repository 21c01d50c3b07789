"""A deposit from end to end: receive, read, confirm, apply, take back. Preview and application are one path."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from compliance.services import candidate as candidates
from compliance.services import register
from importers import layout_memory, scene, store
from importers.annotation import annotate
from importers.faults import Unreadable
from importers.models import ImportRun
from importers.preview import preview, summary
from importers.reading import bundle, gate
from importers.report import CHANGED, NEW, REJECTED, UNCHANGED, Report, RowResult
from importers.understanding import Understood, limits, log_foreign, understand
from tenants import audit, jobs
from tenants.context import ScopeKind, current
from tenants.db import db, lock_until_commit, new_id, writing_as
from tenants.errors import Conflict, NotFound, Refused
from tenants.storage import storage

READ, APPLY, UNDO, ANNOTATE = "import.read", "import.apply", "import.undo", "import.annotate"
RUNNING = ("received", "applying", "undoing")
_ORDERED = "ordered"  # in place of the fingerprint of an annotated copy that is on its way
_TICK = 0.4  # seconds between two words about the progress of a job
_LOOK = 128  # rows between two looks at the clock


# --- receiving ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What became of one file: a deposit, or why there is none. `joined`: this very file was already being read."""

    filename: str
    run_id: UUID | None = None
    problem: Unreadable | None = None
    joined: bool = False


def receive(filename: str, content: BinaryIO) -> UUID:
    """Keep a file as received and order its reading. Raises Unreadable, before anything is written."""
    return _received(filename, content)[0]


def _received(filename: str, content: BinaryIO) -> tuple[UUID, bool]:
    """Return the deposit of a file, and whether it was there: this very file was already being read or applied."""
    form = gate.inspect(content, limits())
    owner, ght_id = home()
    sha256, size = storage().put(owner, content)
    # Two clicks, or two tabs: the second one follows the first. Of this file alone: an application may take minutes.
    lock_until_commit(uuid5(owner, sha256))
    running = db.session.scalars(
        select(ImportRun.id).where(
            ImportRun.sha256 == sha256, ImportRun.state.in_(("received", "applying")), _of_scope()
        )
    ).first()
    if running is not None:
        return running, True
    run = _keep(new_id(), filename, owner, ght_id, sha256, size, form)
    jobs.enqueue(READ, run_id=str(run.id))
    return run.id, False


def receive_many(files: Sequence[tuple[str, BinaryIO]]) -> list[Outcome]:
    """Receive several files, or the files of a ZIP, each with its own outcome: one that is refused stops no other."""
    outcomes = []
    for filename, content in files:
        try:
            found = bundle.unpack(filename, content, limits())
        except Unreadable as problem:
            outcomes.append(Outcome(_name(filename), problem=problem))
            continue
        for name, stream in found:
            with nullcontext() if stream is content else closing(stream):
                try:
                    run_id, joined = _received(name, stream)
                    outcomes.append(Outcome(_name(name), run_id, joined=joined))
                except Unreadable as problem:
                    outcomes.append(Outcome(_name(name), problem=problem))
    return outcomes


def _keep(
    run_id: UUID, filename: str, owner: UUID, ght_id: UUID | None, sha256: str, size: int, form: str
) -> ImportRun:
    run = ImportRun(
        id=run_id,
        establishment_id=owner,
        ght_id=ght_id,
        filename=_name(filename),
        sha256=sha256,
        size=size,
        format=form,
        state="received",
        created_by=current().user_id,
    )
    with writing_as(owner):
        db.session.add(run)
        db.session.flush()
        audit.record(owner, "import.received", run=run.id, sha256=sha256, size=size)
    return run


def _name(filename: str) -> str:
    name = re.split(r"[\\/]", filename)[-1]
    return "".join(character for character in name if character.isprintable())[:200] or "classeur.xlsx"


def home() -> tuple[UUID, UUID | None]:
    """Return the establishment that owns the deposits of the scope (the support of a GHT), and the GHT. Raises Refused."""
    scope = current().scope
    if scope.kind is ScopeKind.ESTABLISHMENT and scope.id:
        return scope.id, None
    candidate = candidates.of_scope("D2")
    if candidate:
        return candidate.establishment_id, scope.id
    support = scene.support(scope)
    if support is None:
        raise Refused("Ce GHT n’a pas d’établissement support connu : complétez l’annuaire.")
    return support.id, scope.id


# --- finding -----------------------------------------------------------------------------------------------------


def get(run_id: UUID, *, report: bool = True) -> ImportRun:
    """Return one deposit of the scope, its report too unless said otherwise. Raises NotFound."""
    query = select(ImportRun).where(ImportRun.id == run_id, _of_scope())
    if report:
        query = query.options(undefer(ImportRun.report))
    run = db.session.scalars(query).one_or_none()
    if run is None:
        raise NotFound("Ce dépôt n’existe pas, ou il ne vous est pas ouvert.")
    return run


def latest(limit: int = 20) -> list[ImportRun]:
    """Return the last deposits of the scope."""
    return list(
        db.session.scalars(select(ImportRun).where(_of_scope()).order_by(ImportRun.created_at.desc()).limit(limit))
    )


def _of_scope() -> Any:
    scope = current().scope
    if scope.kind is ScopeKind.GHT:
        return ImportRun.ght_id == scope.id
    return (ImportRun.establishment_id == scope.id) & ImportRun.ght_id.is_(None)


@contextmanager
def file_of(run: ImportRun) -> Iterator[Path]:
    """Give the file of a deposit, as received, on the local disk."""
    with tempfile.TemporaryDirectory(prefix="vigie-import-") as folder:
        path = Path(folder) / "classeur"
        storage().copy_to(run.establishment_id, run.sha256, path)
        yield path


def _locked(run_id: UUID) -> ImportRun:
    """Return a deposit that nobody else moves until the end of the transaction (a job: it waits its turn)."""
    run = get(run_id)
    # A lock is a write for row security: it is asked for as the establishment that owns the deposit.
    with writing_as(run.establishment_id):
        db.session.refresh(run, with_for_update=True)
    return run


def _held(run_id: UUID) -> ImportRun:
    """Return a deposit that nobody else moves, without waiting (a page). Raises Conflict while a job writes it."""
    run = get(run_id)
    free = select(ImportRun.id).where(ImportRun.id == run_id).with_for_update(skip_locked=True)
    with writing_as(run.establishment_id):
        if db.session.scalars(free).first() is None:
            raise Conflict("Ce dépôt est en cours d’écriture : attendez un instant, puis recommencez.")
        db.session.refresh(run)
    return run


# --- reading -----------------------------------------------------------------------------------------------------


def read(run_id: UUID) -> None:
    """Read a deposit and keep its preview: what applying it would write, written and rolled back (job)."""
    run = get(run_id)
    if run.state != "received":
        return
    follow = follower(run_id)
    follow("Lecture du classeur", None)
    try:
        with file_of(run) as path:
            understood = understand(path, run.establishment_id, tuple(run.taken))
            follow("Contrôle des lignes", 0)
            report = run_through(understood, run_id, follow, keep=lambda _report: False)
    except Unreadable as error:
        told: tuple[str, str, dict[str, Any] | None, str] = ("failed", error.sentence, None, "")
    else:
        log_foreign(report, understood.facts)
        told = ("parsed", "", preview(report, understood), summary(report))
    run = _locked(run_id)
    if run.state != "received":  # cancelled meanwhile
        return
    with writing_as(run.establishment_id):
        run.state, run.error, run.report, run.summary = told
        run.annotated_sha256 = ""


def again(run_id: UUID, *, taken: Sequence[str] | None = None) -> None:
    """Order another reading: the person decided about columns, or about conflicts (`taken`: « sheet!row », or « * »)."""
    run = _held(run_id)
    if run.state not in {"parsed", "failed"}:
        raise Conflict("Ce dépôt n’attend plus de décision : rechargez la page.")
    with writing_as(run.establishment_id):
        run.state, run.error = "received", ""
        if taken is not None:
            run.taken = list(taken)
    jobs.forget_cancel(run_id)
    jobs.enqueue(READ, run_id=str(run_id))


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


# --- applying ----------------------------------------------------------------------------------------------------


def confirm(run_id: UUID, *, valid_rows_only: bool) -> None:
    """Order the application of a preview. Raises Conflict when it is not waiting for one, Refused when rows block it."""
    if get(run_id, report=False).state in {"applying", "applied"}:
        return
    run = _held(run_id)
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
    run = _locked(run_id)
    if run.state != "applying":
        return
    follow = follower(run_id)
    follow("Enregistrement des lignes", None)
    shown = (run.report or {}).get("fingerprint")
    _one_after_the_other()
    with file_of(run) as path:
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


def _one_after_the_other() -> scene.Scene:
    """Wait for the imports that write one of the same establishments, a GHT's and its members', so that each sees what the other stored."""
    here = scene.of_scope()
    for establishment in sorted(here.ids):
        lock_until_commit(establishment)
    return here


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
    run = get(run_id, report=False)
    if run.state not in RUNNING:
        raise Conflict("Ce travail est déjà terminé : rechargez la page.")
    jobs.cancel(run_id)
    if run.state == "received":
        run = _locked(run_id)
        if run.state == "received":
            with writing_as(run.establishment_id):
                run.state, run.error = "cancelled", "Dépôt abandonné avant son aperçu. Rien n’a été enregistré."


def fail(sentence: str, run_id: UUID) -> None:
    """Write on a deposit why nothing came of a job: what was not applied goes back to its preview."""
    run = _locked(run_id)
    before = {"applying": "parsed", "undoing": "applied", "received": "failed"}
    with writing_as(run.establishment_id):
        if run.annotated_sha256 == _ORDERED:
            run.annotated_sha256, run.error = "", f"Le fichier annoté n’a pas pu être fait. {sentence}"
        if run.state in before:
            run.state, run.error = before[run.state], sentence


# --- taking back -------------------------------------------------------------------------------------------------


def order_undo(run_id: UUID) -> None:
    """Order that an applied deposit be taken back. Raises Conflict when it is not applied."""
    if get(run_id, report=False).state in {"undoing", "undone"}:
        return
    run = _held(run_id)
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
    run = _locked(run_id)
    if run.state != "undoing":
        return
    jobs.tell(run_id, "Remise en l’état")
    here = _one_after_the_other()
    frozen = bool(here.candidate and here.candidate.frozen_on)
    done = register.undo(store.tables(parties=not frozen), here.ids, run.id)
    with writing_as(run.establishment_id):
        run.undo = store.told(done) | {"frozen": frozen}
        run.state, run.error = "undone", ""
        run.undone_at, run.undone_by = db.session.scalar(select(func.now())), current().user_id
        audit.record(
            run.establishment_id, "import.undone", run=run.id, undone=run.undo["undone"], kept=run.undo["kept"]
        )


# --- the user's own file back ------------------------------------------------------------------------------------

_WORDS = {NEW: "Nouvelle", CHANGED: "Modifiée", UNCHANGED: "Inchangée", REJECTED: "À corriger"}


def order_annotated(run_id: UUID) -> bool:
    """Order the annotated copy of a deposit, unless it is there or on its way; tell whether it is there. Raises Refused."""
    run = _held(run_id)
    _refuse_names(run)
    if run.annotated_sha256:
        return run.annotated_sha256 != _ORDERED
    with writing_as(run.establishment_id):
        run.annotated_sha256 = _ORDERED
    jobs.enqueue(ANNOTATE, run_id=str(run_id))
    return False


def annotated(run_id: UUID) -> tuple[str, Iterator[bytes]]:
    """Return the name and the bytes of the annotated copy. Raises NotFound when it is not ready, Refused when it names people."""
    run = get(run_id)
    _refuse_names(run)
    if not run.annotated_sha256 or run.annotated_sha256 == _ORDERED:
        raise NotFound("Le fichier annoté de ce dépôt n’est pas prêt.")
    return run.annotated_name, storage().chunks(run.establishment_id, run.annotated_sha256)


def _refuse_names(run: ImportRun) -> None:
    """Keep a file that may name people from who did not send it and does not read the people of its establishment."""
    if run.created_by != current().user_id and not reads_people(run):
        raise Refused("Ce fichier peut nommer des personnes : il n’est rendu qu’à la personne qui l’a déposé.")


def reads_people(run: ImportRun) -> bool:
    """Tell whether the person reads the registers of people of the establishment a deposit is for."""
    own = db.session.scalar(select(func.own_establishments()))
    return run.ght_id is None and run.establishment_id in (own or ())


def make_annotated(run_id: UUID) -> None:
    """Make the annotated copy and keep it beside the file (job)."""
    run = get(run_id, report=False)
    if run.annotated_sha256 != _ORDERED:
        return
    with tempfile.TemporaryFile() as copy:
        name = annotate_to(run_id, copy)
        copy.seek(0)
        sha256, _ = storage().put(run.establishment_id, copy)
    with writing_as(run.establishment_id):
        run.annotated_sha256, run.annotated_name = sha256, name


def annotate_to(run_id: UUID, output: BinaryIO) -> str:
    """Write the deposited file with its remarks in its cells, as they stand today; return the name to give it.

    Raises Unreadable for a file that could not be read in the first place.
    """
    run = get(run_id, report=False)
    with file_of(run) as path:
        understood = understand(path, run.establishment_id, tuple(run.taken))
        checks = understood.checking(bounded=False).checks
        notes = annotate.Notes(
            header_rows={each.source.name: each.layout.header_row for each in checks},
            # Both are read as they come, in this order: remarks are there once the rows are.
            statuses=(
                annotate.Status(each.source.name, row.row_number, _WORDS[row.status])
                for each in checks
                for row in each.rows()
            ),
            faults=(remark.fault for each in checks for remark in each.tally.remarks),
        )
        kind = annotate.annotate(path, output, notes, filename=run.filename, made_on=run.created_at, limits=limits())
    stem = run.filename.rpartition(".")[0] or run.filename
    return f"{stem} (contrôlé).xlsx" if kind == annotate.SAME else f"{stem} (contrôlé, nouveau classeur).xlsx"


# --- command line ------------------------------------------------------------------------------------------------


def import_now(path: Path, *, apply_rows: bool, valid_rows_only: bool = False) -> tuple[Report, bool, UUID | None]:
    """Do it all in the open transaction: return the report, whether it was applied, and the deposit. Raises Unreadable."""
    owner, ght_id = home()
    if apply_rows:
        _one_after_the_other()
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
    run = _keep(run_id, path.name, owner, ght_id, sha256, size, understood.book.format)
    with writing_as(owner):
        run.report, run.summary = preview(report, understood), summary(report)
    _applied(run, understood, report)
    return report, True, run_id
