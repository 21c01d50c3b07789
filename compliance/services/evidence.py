"""Evidence: attach a file to rows of the referential, replace it by a later version, list what counts, read it."""

from __future__ import annotations

import mimetypes
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import select, text

from compliance.clock import end_of, today
from compliance.models.evidence import DroppedFile, Evidence, EvidenceUse
from compliance.rules.piece import PieceStatus, Use
from compliance.services import evidence_quota, evidence_version, inspection, scope_establishments
from compliance.services.evidence_version import Version, version, versions
from tenants import audit
from tenants.context import current
from tenants.db import db, lock_until_commit, writing_as
from tenants.errors import Conflict, Invalid
from tenants.jobs import enqueue
from tenants.storage import storage

# Years that a document of the programme may bear (workbooks.md, normalisation of dates).
EARLIEST, LATEST = 2015, 2035
MAXIMUM = 50 * 1024 * 1024
# Types that a browser may show; whatever else is handed out as bytes to download, never rendered.
SHOWN = {"application/pdf", "image/png", "image/jpeg"}


@dataclass(frozen=True)
class Piece:
    """A piece as listed: whose it is, what it answers, its dates and its fingerprint. One per row that it serves."""

    id: UUID
    establishment_id: UUID
    establishment: str
    row_code: str
    document_type: str
    filename: str
    media_type: str
    sha256: str
    size: int
    approved_on: date | None
    effective_on: date | None
    expires_on: date | None
    received_at: datetime
    whole: bool = False
    covers: tuple[str, ...] = ()  # FINESS of other establishments it holds for
    former_names: tuple[str, ...] = ()  # of the versions it replaces: what names them names it

    @property
    def names(self) -> tuple[str, ...]:
        """Every file name this document was received under, the last one first."""
        return (self.filename, *self.former_names)

    def described_by(self, name: str, at: datetime) -> bool:
        """Say whether what was written at a moment about a file of this name is about this version, not one that it replaces."""
        if same_name(self.filename) != same_name(name):
            return False
        return at > self.received_at or same_name(name) not in {same_name(each) for each in self.former_names}


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is said of a file when it is attached; `also`: more rows that it serves."""

    approved_on: date | None = None
    effective_on: date | None = None
    expires_on: date | None = None
    whole: bool = False
    covers: tuple[str, ...] = ()
    covers_reason: str = ""
    supersedes: UUID | None = None
    also: tuple[Use, ...] = ()


def attach(  # noqa: PLR0913  # the dates, the scope and the file are one fact
    establishment_id: UUID,
    row_code: str,
    document_type: str,
    filename: str,
    content: BinaryIO,
    *,
    approved_on: date | None = None,
    effective_on: date | None = None,
    expires_on: date | None = None,
    whole: bool = False,
    covers: Collection[str] = (),
    covers_reason: str = "",
    supersedes: UUID | None = None,
    also: Collection[Use] = (),
) -> UUID:
    """Attach a file as received; `whole`: it holds for every party, `covers`: for these establishments too, and why.

    `supersedes` is the version it replaces. Raises Invalid for an empty, too large or nameless file, Conflict for one attached
    already, Refused past the quota of the establishment.
    """
    name = clean_name(filename)
    size = check_size(name, content)
    terms = Terms(
        approved_on=approved_on,
        effective_on=effective_on,
        expires_on=expires_on,
        whole=whole,
        covers=tuple(sorted(set(covers))),
        covers_reason=covers_reason.strip(),
        supersedes=supersedes,
        also=tuple(use for use in dict.fromkeys(also) if use != (row_code, document_type)),
    )
    # Before any byte is stored: what is refused afterwards would stay there for nothing.
    _refuse(establishment_id, terms)
    evidence_quota.refuse_past(establishment_id, name, size)
    sha256, size = storage().put(establishment_id, content)
    return _record(establishment_id, (row_code, document_type), name, sha256, size, terms).id


def keep(dropped: DroppedFile, use: Use, terms: Terms) -> UUID:
    """Record a file of a drop as a piece, with what was found of it while it waited. Raises Invalid or Conflict."""
    _refuse(dropped.establishment_id, terms)
    name = dropped.filename.rpartition("/")[2]
    piece = _record(dropped.establishment_id, use, name, dropped.sha256, dropped.size, terms)
    if dropped.found:
        with writing_as(dropped.establishment_id):
            inspection.record(piece, dropped.found)
    return piece.id


def _record(establishment_id: UUID, use: Use, name: str, sha256: str, size: int, terms: Terms) -> Evidence:
    """Write a piece whose bytes are stored, and order its inspection: it does nothing of what is done already."""
    _refuse_twice(establishment_id, (use, *terms.also), sha256)
    guessed = mimetypes.guess_type(name)[0] or ""
    by = current().user_id
    piece = Evidence(
        establishment_id=establishment_id,
        row_code=use[0],
        document_type=use[1],
        filename=name,
        media_type=guessed if guessed in SHOWN else "application/octet-stream",
        sha256=sha256,
        size=size,
        approved_on=terms.approved_on,
        effective_on=terms.effective_on,
        expires_on=terms.expires_on,
        whole=terms.whole,
        covers=list(terms.covers),
        covers_reason=terms.covers_reason,
        supersedes=terms.supersedes,
        received_by=by,
    )
    with writing_as(establishment_id):
        db.session.add(piece)
        db.session.flush()
        for row, kind in terms.also:
            db.session.add(
                EvidenceUse(
                    establishment_id=establishment_id,
                    evidence_id=piece.id,
                    row_code=row,
                    document_type=kind,
                    recorded_by=by,
                )
            )
        more: dict[str, object] = {"rows": [row for row, _ in terms.also]} if terms.also else {}
        if terms.supersedes:
            more["supersedes"] = terms.supersedes
        audit.record(establishment_id, "evidence.attached", row=use[0], sha256=sha256, size=size, **more)
    enqueue(inspection.INSPECT, evidence_id=str(piece.id))
    return piece


def replace(
    piece_id: UUID,
    filename: str,
    content: BinaryIO,
    *,
    approved_on: date | None = None,
    effective_on: date | None = None,
    expires_on: date | None = None,
) -> UUID:
    """Attach a later version of a piece: it serves the same rows and the same establishments, and counts in its place.

    Raises as `attach`, and NotFound for an absent or foreign piece.
    """
    before = version(piece_id)
    own, *also = before.uses or (before.own,)
    return attach(
        before.establishment_id,
        *own,
        filename,
        content,
        approved_on=approved_on,
        effective_on=effective_on,
        expires_on=expires_on,
        whole=before.whole,
        covers=before.covers,
        covers_reason=before.covers_reason,
        supersedes=before.id,
        also=also,
    )


# -------------------------------------------------------------------------------------------------------------- checking


def check_size(name: str, content: BinaryIO) -> int:
    """Return the size of a file. Raises Invalid when it is empty or too large."""
    content.seek(0, 2)
    size = content.tell()
    content.seek(0)
    if not size:
        raise Invalid(f"« {name} » est vide : vérifiez le fichier et déposez-le de nouveau.")
    if size > MAXIMUM:
        raise Invalid(f"« {name} » dépasse 50 Mo : réduisez-le ou déposez-le en plusieurs fois.")
    return size


def _refuse(establishment_id: UUID, terms: Terms) -> None:
    """Refuse what cannot be said of a piece, and the replacement of a version that has one."""
    # Two clicks at once, two people who replace the same version, two files for the last of the space: the second waits, then is told.
    lock_until_commit(establishment_id)
    _check_terms(establishment_id, terms)
    if terms.supersedes is not None:
        _refuse_replaced(establishment_id, terms.supersedes)


def _check_terms(establishment_id: UUID, terms: Terms) -> None:
    """Refuse dates that cannot be, and a scope that is not said. Raises Invalid."""
    for day in (terms.approved_on, terms.effective_on, terms.expires_on):
        if day and not EARLIEST <= day.year <= LATEST:
            raise Invalid(f"L’année {day.year} n’est pas plausible : vérifiez les dates.")
    if terms.approved_on and terms.approved_on > today():
        raise Invalid("La date d’approbation est dans l’avenir : indiquez le jour où le document a été approuvé.")
    if terms.expires_on and terms.approved_on and terms.expires_on < terms.approved_on:
        raise Invalid("La date de fin de validité précède la date d’approbation : vérifiez les deux.")
    if not terms.covers:
        return
    if set(terms.covers) - {entity.finess for entity in scope_establishments.fellows(establishment_id)}:
        raise Invalid("Choisissez les autres établissements dans la liste : ceux du même GHT.")
    if not terms.covers_reason:
        raise Invalid("Dites pourquoi cette pièce vaut aussi pour d’autres établissements : le réviseur lit ce motif.")


def _refuse_twice(establishment_id: UUID, uses: Sequence[Use], sha256: str) -> None:
    """Refuse the same bytes for the same piece (a second click, a file sent again), and bytes that were quarantined here."""
    for found in evidence_version.read(
        [establishment_id], Evidence.establishment_id == establishment_id, Evidence.sha256 == sha256
    ):
        if found.status is PieceStatus.QUARANTINED:
            raise Conflict(
                f"Ce fichier est en quarantaine ici, sous le nom « {found.filename} » : retirez ce qui l’y a mis, puis redéposez-le."
            )
        if {found.own, *found.uses} & set(uses):
            raise Conflict(f"Ce fichier est déjà joint ici, sous le nom « {found.filename} ».")


def _refuse_replaced(establishment_id: UUID, piece_id: UUID) -> None:
    """Refuse to replace what is not there, or what somebody replaced meanwhile."""
    if version(piece_id).establishment_id != establishment_id:
        raise Invalid("Une nouvelle version est celle du même établissement.")
    later = db.session.scalars(
        select(Evidence.filename).where(Evidence.establishment_id == establishment_id, Evidence.supersedes == piece_id)
    ).first()
    if later:
        raise Conflict(f"Cette version a déjà été remplacée, par « {later} » : ouvrez-la pour la remplacer à son tour.")


def clean_name(filename: str) -> str:
    """Return the file's own name: no folder, no control character, 200 characters at most, its extension kept."""
    name = PurePosixPath(PureWindowsPath(filename).name).name
    name = "".join(character for character in name if character.isprintable()).strip()
    if not name:
        raise Invalid("Choisissez un fichier.")
    stem, dot, extension = name.rpartition(".")
    return f"{stem[: 200 - len(extension)]}{dot}{extension}" if dot and len(extension) <= 12 else name[:200]


def same_name(name: str) -> str:
    """Write a file name as two systems compare it: composed accents, no case."""
    return unicodedata.normalize("NFC", name).casefold().strip()


# --------------------------------------------------------------------------------------------------------------- reading


def pieces(establishments: Collection[UUID], on: date) -> list[Piece]:
    """Return what counts on a day, in order of row then reception: the last version of each document, once per row it serves."""
    return counting(versions(establishments, on))


def counting(every: Sequence[Version]) -> list[Piece]:
    """Return what counts among files already read, as `pieces` does."""
    found = [_piece(each, use) for each in every if each.counts for use in each.uses]
    return sorted(found, key=lambda piece: (piece.row_code, piece.received_at, piece.id))


@dataclass(frozen=True)
class CommonPiece:
    """A document that holds for a member of a GHT as told to it. `declared`: `document_type` is that of the register of evidence (K5)."""

    row_code: str
    document_type: str
    declared: bool
    filename: str
    approved_on: date | None
    expires_on: date | None
    received_at: datetime


def common(known: date) -> list[CommonPiece]:
    """Return the documents of the GHT that hold for the scope's establishment, as known at the end of a day, without content."""
    found = db.session.execute(text("SELECT * FROM common_evidence(:until)"), {"until": end_of(known)})
    return [CommonPiece(*row) for row in found]


def filenames(establishments: Collection[UUID]) -> frozenset[str]:
    """Return the names of the files received, for workbooks that name their proofs."""
    return frozenset(db.session.scalars(select(Evidence.filename).where(Evidence.establishment_id.in_(establishments))))


def piece(piece_id: UUID) -> Piece:
    """Return one piece of the scope. Raises NotFound for an absent or foreign one alike."""
    found = version(piece_id)
    return _piece(found, found.own)


def _piece(found: Version, use: Use) -> Piece:
    return Piece(
        found.id,
        found.establishment_id,
        found.establishment,
        *use,
        found.filename,
        found.media_type,
        found.sha256,
        found.size,
        found.approved_on,
        found.effective_on,
        found.expires_on,
        found.received_at,
        found.whole,
        found.covers,
        found.former_names,
    )
