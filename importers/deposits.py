"""Deposits: a file received and kept as it came, found again, and held while something is done with it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from compliance.services import candidate as candidates
from importers import scene
from importers.faults import Unreadable
from importers.models import ImportRun
from importers.reading import bundle, gate
from importers.understanding import limits
from tenants import audit, jobs
from tenants.context import ScopeKind, current
from tenants.db import db, lock_until_commit, new_id, writing_as
from tenants.errors import Conflict, NotFound, Refused
from tenants.storage import storage

READ = "import.read"
RUNNING = ("received", "applying", "undoing")


# ------------------------------------------------------------------------------------------------------------ receiving


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
    run = keep(new_id(), filename, owner, ght_id, sha256, size, form)
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


def keep(run_id: UUID, filename: str, owner: UUID, ght_id: UUID | None, sha256: str, size: int, form: str) -> ImportRun:
    """Record a deposit whose file is stored already, and tell the audit."""
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


# -------------------------------------------------------------------------------------------------------------- finding


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


def reads_people(run: ImportRun) -> bool:
    """Tell whether the person reads the registers of people of the establishment a deposit is for."""
    own = db.session.scalar(select(func.own_establishments()))
    return run.ght_id is None and run.establishment_id in (own or ())


# -------------------------------------------------------------------------------------------------------------- holding


def locked(run_id: UUID) -> ImportRun:
    """Return a deposit that nobody else moves until the end of the transaction (a job: it waits its turn)."""
    run = get(run_id)
    # A lock is a write for row security: it is asked for as the establishment that owns the deposit.
    with writing_as(run.establishment_id):
        db.session.refresh(run, with_for_update=True)
    return run


def held(run_id: UUID) -> ImportRun:
    """Return a deposit that nobody else moves, without waiting (a page). Raises Conflict while a job writes it."""
    run = get(run_id)
    free = select(ImportRun.id).where(ImportRun.id == run_id).with_for_update(skip_locked=True)
    with writing_as(run.establishment_id):
        if db.session.scalars(free).first() is None:
            raise Conflict("Ce dépôt est en cours d’écriture : attendez un instant, puis recommencez.")
        db.session.refresh(run)
    return run


def one_after_the_other() -> scene.Scene:
    """Wait for the imports that write one of the same establishments, a GHT's and its members', so that each sees what the other stored."""
    here = scene.of_scope()
    for establishment in sorted(here.ids):
        lock_until_commit(establishment)
    return here
