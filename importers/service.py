"""A deposit from end to end: receive, read, confirm, apply. Preview and application go the same way."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import func, select

from compliance.services import candidate as candidates
from importers import gate
from importers.check import Report
from importers.faults import Unreadable
from importers.limits import LIMITS
from importers.models import ImportRun
from importers.preview import preview
from importers.understanding import Understood, understand
from importers.workbooks import bia_pcra_store
from tenants import audit, jobs
from tenants.context import ScopeKind, current
from tenants.db import db, lock_until_commit, writing_as
from tenants.errors import Conflict, NotFound, Refused
from tenants.models import GroupMember
from tenants.storage import storage

READ, APPLY = "import.read", "import.apply"


# --- receiving ---------------------------------------------------------------------------------------------------


def receive(filename: str, content: BinaryIO) -> UUID:
    """Keep a file as received and order its reading. Raises Unreadable, before anything is written."""
    run = _keep(filename, content)
    jobs.enqueue(READ, run_id=str(run.id))
    return run.id


def _keep(filename: str, content: BinaryIO) -> ImportRun:
    gate.inspect(content, LIMITS)
    owner, ght_id = _home()
    sha256, size = storage().put(owner, content)
    run = ImportRun(
        establishment_id=owner,
        ght_id=ght_id,
        filename=_name(filename),
        sha256=sha256,
        size=size,
        state="received",
        created_by=current().user_id,
    )
    with writing_as(owner):
        db.session.add(run)
        db.session.flush()  # gives the deposit its identifier
        audit.record(owner, "import.received", run=run.id, sha256=sha256, size=size)
    return run


def _name(filename: str) -> str:
    name = re.split(r"[\\/]", filename)[-1]
    return "".join(character for character in name if character.isprintable())[:200] or "classeur.xlsx"


def _home() -> tuple[UUID, UUID | None]:
    """Return the establishment that owns the deposit: the one of the scope, or the support of the GHT."""
    scope = current().scope
    if scope.kind is ScopeKind.ESTABLISHMENT and scope.id:
        return scope.id, None
    candidate = candidates.of_scope("D2")
    if candidate:
        return candidate.establishment_id, scope.id
    support = db.session.scalars(
        select(GroupMember.legal_entity_id).where(
            GroupMember.ght_id == scope.id, GroupMember.role == "S", GroupMember.valid_to.is_(None)
        )
    ).first()
    if support is None:
        raise Refused("Ce GHT n’a pas d’établissement support connu : complétez l’annuaire.")
    return support, scope.id


# --- reading -----------------------------------------------------------------------------------------------------


def get(run_id: UUID) -> ImportRun:
    """Return one deposit of the scope. Raises NotFound."""
    run = db.session.scalars(select(ImportRun).where(ImportRun.id == run_id, _of_scope())).one_or_none()
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
def _file(run: ImportRun) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vigie-import-") as folder:
        path = Path(folder) / "classeur.xlsx"
        storage().copy_to(run.establishment_id, run.sha256, path)
        yield path


def read(run_id: UUID) -> None:
    """Read a deposit and keep its preview (job). Read already: nothing to do."""
    run = get(run_id)
    if run.state != "received":
        return
    jobs.tell(run_id, "Lecture du classeur")
    with _file(run) as path, writing_as(run.establishment_id):
        try:
            understood = understand(path)
        except Unreadable as error:
            run.state, run.error = "failed", error.sentence
            return
        run.report, run.state = preview(understood.report), "parsed"


def _locked(run_id: UUID) -> ImportRun:
    """Return a deposit that nobody else moves until the end of the transaction."""
    run = get(run_id)
    # A lock is a write for row security: it is asked for as the establishment that owns the deposit.
    with writing_as(run.establishment_id):
        db.session.refresh(run, with_for_update=True)
    return run


# --- applying ----------------------------------------------------------------------------------------------------


def confirm(run_id: UUID, *, valid_rows_only: bool) -> None:
    """Order the application of a preview. Raises Conflict when it is not waiting for one, Refused when rows block it."""
    run = _locked(run_id)
    if run.state in {"applying", "applied"}:
        return
    if run.state != "parsed" or run.report is None:
        raise Conflict("Ce dépôt n’attend pas de confirmation : rechargez la page.")
    if run.report["has_errors"] and not valid_rows_only:
        raise Refused("Des lignes sont à corriger : appliquez les lignes valides seulement, ou corrigez le fichier.")
    with writing_as(run.establishment_id):
        run.state, run.error = "applying", ""
    jobs.enqueue(APPLY, run_id=str(run_id))


def apply(run_id: UUID) -> None:
    """Apply what was confirmed, and that alone, in the open transaction (job). Applied already: nothing to do."""
    run = _locked(run_id)
    if run.state != "applying":
        return
    jobs.tell(run_id, "Enregistrement des lignes")
    with _file(run) as path:
        # Two deposits of one establishment are written one after the other, so that each sees what the other stored.
        lock_until_commit(run.establishment_id)
        understood = understand(path)
    with writing_as(run.establishment_id):
        shown, now = run.report or {}, preview(understood.report)
        if any(now[name] != shown.get(name) for name in ("sheets", "changes", "has_errors")):
            # Somebody wrote the same rows meanwhile: what was approved is not what would be written.
            run.state, run.report = "parsed", now
            run.error = "Des lignes ont changé depuis votre aperçu : relisez-le avant d’appliquer."
            return
    _write(run, understood)


def _write(run: ImportRun, understood: Understood) -> None:
    bia_pcra_store.apply(understood.report, understood.candidate, run.id)
    with writing_as(run.establishment_id):
        run.error = ""  # of an earlier attempt
        run.state, run.report, run.applied_at = (
            "applied",
            preview(understood.report),
            db.session.scalar(select(func.now())),
        )
        counts = {each.name: each.counts for each in understood.report.sheets}
        audit.record(run.establishment_id, "import.applied", run=run.id, sha256=run.sha256, counts=counts)


def fail(sentence: str, run_id: UUID) -> None:
    """Write on a deposit why nothing came of it; an application that failed goes back to its preview."""
    run = get(run_id)
    with writing_as(run.establishment_id):
        if run.state == "applying":
            run.state = "parsed"
        else:
            run.state = "failed"
        run.error = sentence


def import_now(path: Path, *, apply_rows: bool, valid_rows_only: bool = False) -> tuple[Report, bool]:
    """Do it all in the open transaction (command line): return the report and whether it was applied. Raises Unreadable."""
    if apply_rows:
        lock_until_commit(_home()[0])
    understood = understand(path)
    rows = sum(len(each.rows) for each in understood.report.sheets)
    refused = not rows or (understood.report.has_errors and not valid_rows_only)
    if not apply_rows or refused:
        return understood.report, False
    with path.open("rb") as content:
        run = _keep(path.name, content)
    _write(run, understood)
    return understood.report, True
