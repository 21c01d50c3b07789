"""Many files at once: received one by one with an outcome each, read by a job, then attached where somebody says.

Nothing is attached before that, and a drop that nobody finished is found again. The bytes are stored as received from the start.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import func, select

from compliance.clock import today
from compliance.models.evidence import DroppedFile
from compliance.models.evidence_entry import EvidenceEntry
from compliance.models.register import Register
from compliance.programme.referential import Referential
from compliance.rules.piece import Use
from compliance.services import evidence, evidence_archive, evidence_quota, evidence_version, inspection, register
from compliance.services.evidence import Terms
from compliance.services.evidence_suggestion import Named, suggest
from tenants import audit, jobs
from tenants.context import current
from tenants.db import db, lock_until_commit, new_id, writing_as
from tenants.errors import Conflict, Invalid, NotFound, Refused
from tenants.models import LegalEntity
from tenants.storage import storage

READ = "evidence.read_drop"
MOST = evidence_archive.MOST
TOO_MANY = f"{MOST} fichiers au plus par dépôt : redéposez celui-ci ensuite."
OPEN = ("received", "read")  # somebody still has to say what they are
_LONGEST_RUN = 300.0  # seconds of one job; what is left is ordered again


@dataclass(frozen=True)
class Drop:
    """A drop as it stands; `reading`: files that are not read yet, `waiting`: files that nobody has decided."""

    id: UUID
    establishment_id: UUID
    establishment: str
    at: datetime
    files: int
    reading: int
    waiting: int


def receive(establishment_id: UUID, files: Sequence[tuple[str, BinaryIO]]) -> UUID:
    """Receive files, and those of a folder sent as a ZIP: one that is refused stops no other. Raises Invalid when there is none."""
    if not files:
        raise Invalid("Aucun fichier n’a été choisi.")
    if len(files) > MOST:
        raise Invalid(
            f"Vous avez choisi {len(files)} fichiers : {MOST} au plus par dépôt. Déposez-les en plusieurs fois."
        )
    lock_until_commit(establishment_id)
    dropping = _Dropping(establishment_id)
    for name, content in files:
        dropping.take(name, content)
    with writing_as(establishment_id):
        db.session.add_all(dropping.rows)
        kept = sum(row.state == "received" for row in dropping.rows)
        audit.record(establishment_id, "evidence.dropped", drop=dropping.id, files=len(dropping.rows), kept=kept)
    if kept:
        jobs.enqueue(READ, drop_id=str(dropping.id))
    return dropping.id


class _Dropping:
    """A drop being received."""

    def __init__(self, establishment_id: UUID) -> None:
        self.id, self.establishment_id = new_id(), establishment_id
        self.rows: list[DroppedFile] = []
        known = evidence_version.versions([establishment_id], today())
        self.attached = {each.sha256: each for each in known}
        self.left = evidence_quota.quota(establishment_id)
        self.seen: dict[str, str] = {}
        self.stored = self.unpacked = 0

    def take(self, name: str, content: BinaryIO, *, nested: bool = False) -> None:
        """Take one file, or the files of a folder, and say what becomes of each."""
        shown = clean_path(name)
        if not evidence_archive.is_folder(content):
            self._keep(shown, content)
        elif len(self.rows) >= MOST:
            self._refuse(shown, TOO_MANY)
        elif nested:
            self._refuse(shown, "Une archive dans l’archive : décompressez-la, puis déposez ses fichiers.")
        else:
            try:
                with evidence_archive.unpacked(content, evidence_archive.LARGEST - self.unpacked) as members:
                    for inside, file in members:
                        self.unpacked += file.seek(0, io.SEEK_END)
                        self.take(inside, file, nested=True)
            except Invalid as problem:
                self._refuse(shown, str(problem))

    def _keep(self, name: str, content: BinaryIO) -> None:
        if len(self.rows) >= MOST:
            self._refuse(name, TOO_MANY)
            return
        try:
            size = evidence.check_size(name.rpartition("/")[2], content)
        except Invalid as problem:
            self._refuse(name, str(problem))
            return
        if self.stored + size > self.left.left:
            self._refuse(name, f"L’espace de l’établissement est plein : {self.left.told} utilisés.", size=size)
            return
        sha256, size = storage().put(self.establishment_id, content)
        if sha256 in self.seen:
            self._refuse(name, f"Doublon : le même fichier que « {self.seen[sha256]} » de ce dépôt.", sha256, size)
        elif found := self.attached.get(sha256):
            rows = ", ".join(dict.fromkeys(row for row, _ in found.uses or (found.own,)))
            told = f"Doublon : ce fichier est déjà joint à {rows}, sous le nom « {found.filename} »."
            self._refuse(name, told, sha256, size, found.id)
        else:
            self.seen[sha256] = name
            self.stored += size
            self._add(name, state="received", sha256=sha256, size=size)

    def _refuse(self, name: str, reason: str, sha256: str = "", size: int = 0, evidence_id: UUID | None = None) -> None:
        self._add(name, state="refused", reason=reason, sha256=sha256, size=size, evidence_id=evidence_id)

    def _add(self, name: str, **values: Any) -> None:
        self.rows.append(
            DroppedFile(
                establishment_id=self.establishment_id,
                drop_id=self.id,
                filename=name,
                created_by=current().user_id,
                **values,
            )
        )


def clean_path(name: str) -> str:
    """Return the place of a file in what was dropped: printable, no climbing, its own name last."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    try:
        own = evidence.clean_name(parts[-1] if parts else "")
    except Invalid:
        own = "fichier"
    folders = ["".join(character for character in part if character.isprintable()).strip()[:80] for part in parts[:-1]]
    return "/".join([*(part for part in folders[-4:] if part), own])


# ---------------------------------------------------------------------------------------------------------------- reading


def read(drop_id: UUID, referential: Referential) -> None:
    """Read the files of a drop that wait for it (job): refuse a virus or a program, suggest where the others go. Can run twice."""
    waiting = [row for row in files(drop_id) if row.state == "received"]
    if not waiting:
        return
    started, total = time.monotonic(), len(waiting)
    declared = list(_register(waiting[0].establishment_id))
    for number, row in enumerate(waiting):
        if time.monotonic() - started > _LONGEST_RUN:
            jobs.enqueue(READ, drop_id=str(drop_id))
            return
        jobs.tell(drop_id, f"Lecture de « {row.filename.rpartition('/')[2][:60]} »", number * 100 // total)
        _read(row, referential, declared)


def _read(row: DroppedFile, referential: Referential, declared: Sequence[Named]) -> None:
    seen = inspection.look(row.establishment_id, row.sha256)
    verdict = seen.verdict
    with writing_as(row.establishment_id):
        db.session.refresh(row)
        if row.state != "received":
            return
        if verdict.refusals:
            row.state, row.reason = "refused", " ".join(verdict.refusals)
            audit.record(row.establishment_id, "evidence.refused", file=row.id, antivirus=seen.scan.outcome)
        else:
            row.state, row.reason = "read", " ".join(verdict.warnings)
            suggested = suggest(row.filename, seen.inspection.text, referential.rows, declared)
            row.suggestions, row.found = [each.told() for each in suggested], seen.found


def fail(sentence: str, drop_id: UUID) -> None:
    """Let people go on by hand with files that could not be read."""
    for row in files(drop_id):
        if row.state == "received":
            with writing_as(row.establishment_id):
                row.state, row.reason = "read", f"Non lu : {sentence}"


def _register(establishment_id: UUID) -> Iterable[Named]:
    """The documents of the register of evidence of the establishment that name a file."""
    wanted: dict[type[Register], Sequence[str]] = {
        EvidenceEntry: ("objectives", "document_type", "file", "validated_on")
    }
    for row in register.columns_of(wanted, [establishment_id], today())[EvidenceEntry]:
        values = row.values
        if values["file"]:
            day = values["validated_on"]
            yield Named(values["file"], values["objectives"], values["document_type"], day.isoformat() if day else "")


# ---------------------------------------------------------------------------------------------------------------- finding


def files(drop_id: UUID) -> list[DroppedFile]:
    """Return the files of a drop of the scope, in the order they came. Raises NotFound for an absent or foreign drop alike."""
    rows = list(db.session.scalars(select(DroppedFile).where(DroppedFile.drop_id == drop_id).order_by(DroppedFile.id)))
    if not rows:
        raise NotFound("Ce dépôt n’existe pas, ou il ne vous est pas ouvert.")
    return rows


def unfinished(limit: int = 20) -> list[Drop]:
    """Return the drops of the scope that somebody still has to finish, last first (one statement)."""
    waiting = func.count().filter(DroppedFile.state.in_(OPEN))
    rows = db.session.execute(
        select(
            DroppedFile.drop_id,
            DroppedFile.establishment_id,
            LegalEntity.name,
            func.min(DroppedFile.created_at),
            func.count(),
            func.count().filter(DroppedFile.state == "received"),
            waiting,
        )
        .join(LegalEntity, LegalEntity.id == DroppedFile.establishment_id)
        .group_by(DroppedFile.drop_id, DroppedFile.establishment_id, LegalEntity.name)
        .having(waiting > 0)
        .order_by(func.min(DroppedFile.created_at).desc())
        .limit(limit)
    )
    return [Drop(*row) for row in rows]


# ---------------------------------------------------------------------------------------------------------------- deciding


@dataclass(frozen=True)
class Decision:
    """What somebody says of a file: the row and type it answers, or None not to attach it."""

    use: Use | None
    terms: Terms = field(default_factory=Terms)


def decide(drop_id: UUID, decisions: Mapping[UUID, Decision]) -> tuple[int, dict[UUID, str]]:
    """Attach or leave out files of a drop; return how many were decided, and why each of the others was not.

    Files that `decisions` does not name wait. Raises NotFound.
    """
    rows = files(drop_id)
    lock_until_commit(rows[0].establishment_id)
    for row in rows:
        db.session.refresh(row)
    done, problems = 0, dict[UUID, str]()
    for row in rows:
        decision = decisions.get(row.id)
        if decision is None:
            continue
        if row.state != "read":
            told = (
                "Ce fichier est encore en cours de lecture."
                if row.state == "received"
                else "Quelqu’un a déjà décidé de ce fichier."
            )
            problems[row.id] = told
            continue
        try:
            piece_id = _attached(row, decision)
        except (Invalid, Conflict, Refused) as problem:
            problems[row.id] = str(problem)
            continue
        done += 1
        with writing_as(row.establishment_id):
            row.state = "attached" if piece_id else "discarded"
            row.evidence_id = piece_id
            if piece_id is None:
                audit.record(row.establishment_id, "evidence.discarded", file=row.id, sha256=row.sha256)
    return done, problems


def _attached(row: DroppedFile, decision: Decision) -> UUID | None:
    return evidence.keep(row, decision.use, decision.terms) if decision.use else None
