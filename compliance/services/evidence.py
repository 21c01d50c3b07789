"""Evidence: attach a file to a row of the referential, list it, read it."""

from __future__ import annotations

import mimetypes
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import select, text

from compliance.clock import end_of, today
from compliance.models.evidence import Evidence
from tenants import audit
from tenants.context import current
from tenants.db import db, writing_as
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import LegalEntity
from tenants.storage import storage

# Years that a document of the programme may bear (workbooks.md, normalisation of dates).
EARLIEST, LATEST = 2015, 2035
MAXIMUM = 50 * 1024 * 1024
# Types that a browser may show; whatever else is handed out as bytes to download, never rendered.
SHOWN = {"application/pdf", "image/png", "image/jpeg"}


@dataclass(frozen=True)
class Piece:
    """A piece as listed: whose it is, what it answers, its dates and its fingerprint."""

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
    supersedes: UUID | None = None,
) -> UUID:
    """Attach a file as received; `whole`: it holds for every party of the candidate, `supersedes`: the version it replaces.

    Raises Invalid for an empty, too large or nameless file, Conflict for one attached already.
    """
    name = clean_name(filename)
    content.seek(0, 2)
    size = content.tell()
    content.seek(0)
    if not size:
        raise Invalid(f"« {name} » est vide : vérifiez le fichier et déposez-le de nouveau.")
    if size > MAXIMUM:
        raise Invalid(f"« {name} » dépasse 50 Mo : réduisez-le ou déposez-le en plusieurs fois.")
    _check_dates(approved_on, effective_on, expires_on)
    sha256, size = storage().put(establishment_id, content)
    _refuse_twice(establishment_id, row_code, document_type, sha256)
    guessed = mimetypes.guess_type(name)[0] or ""
    piece = Evidence(
        establishment_id=establishment_id,
        row_code=row_code,
        document_type=document_type,
        filename=name,
        media_type=guessed if guessed in SHOWN else "application/octet-stream",
        sha256=sha256,
        size=size,
        approved_on=approved_on,
        effective_on=effective_on,
        expires_on=expires_on,
        whole=whole,
        supersedes=supersedes,
        received_by=current().user_id,
    )
    with writing_as(establishment_id):
        db.session.add(piece)
        audit.record(establishment_id, "evidence.attached", row=row_code, sha256=sha256, size=size)
    return piece.id


def _check_dates(approved_on: date | None, effective_on: date | None, expires_on: date | None) -> None:
    for day in (approved_on, effective_on, expires_on):
        if day and not EARLIEST <= day.year <= LATEST:
            raise Invalid(f"L’année {day.year} n’est pas plausible : vérifiez les dates.")
    if approved_on and approved_on > today():
        raise Invalid("La date d’approbation est dans l’avenir : indiquez le jour où le document a été approuvé.")
    if expires_on and approved_on and expires_on < approved_on:
        raise Invalid("La date de fin de validité précède la date d’approbation : vérifiez les deux.")


def _refuse_twice(establishment_id: UUID, row_code: str, document_type: str, sha256: str) -> None:
    """Refuse the same bytes for the same piece: a second click, or a file sent again."""
    found = db.session.scalars(
        select(Evidence.filename).where(
            Evidence.establishment_id == establishment_id,
            Evidence.row_code == row_code,
            Evidence.document_type == document_type,
            Evidence.sha256 == sha256,
        )
    ).first()
    if found:
        raise Conflict(f"Ce fichier est déjà joint ici, sous le nom « {found} ».")


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


def pieces(establishments: Collection[UUID], on: date) -> list[Piece]:
    """Return the pieces of the establishments received by the end of a day, in order of row then reception."""
    rows = db.session.execute(
        select(Evidence, LegalEntity.name)
        .join(LegalEntity, LegalEntity.id == Evidence.establishment_id)
        .where(Evidence.establishment_id.in_(establishments), Evidence.received_at < end_of(on))
        .order_by(Evidence.row_code, Evidence.received_at, Evidence.id)
    )
    return [_piece(evidence, name) for evidence, name in rows]


@dataclass(frozen=True)
class CommonPiece:
    """A document of the whole GHT as told to a member. `declared`: `document_type` is that of the register of evidence (K5)."""

    row_code: str
    document_type: str
    declared: bool
    filename: str
    approved_on: date | None
    expires_on: date | None
    received_at: datetime


def common(known: date) -> list[CommonPiece]:
    """Return the documents common to the GHT of the scope's establishment, received by the end of a day: what they answer, no content."""
    found = db.session.execute(text("SELECT * FROM common_evidence(:until)"), {"until": end_of(known)})
    return [CommonPiece(*row) for row in found]


def filenames(establishments: Collection[UUID]) -> frozenset[str]:
    """Return the names of the files received, for workbooks that name their proofs."""
    return frozenset(db.session.scalars(select(Evidence.filename).where(Evidence.establishment_id.in_(establishments))))


def piece(piece_id: UUID) -> Piece:
    """Return one piece of the scope. Raises NotFound for an absent or foreign one alike."""
    found = db.session.execute(
        select(Evidence, LegalEntity.name)
        .join(LegalEntity, LegalEntity.id == Evidence.establishment_id)
        .where(Evidence.id == piece_id)
    ).one_or_none()
    if found is None:
        raise NotFound("Cette pièce n’existe pas, ou elle ne vous est pas ouverte.")
    return _piece(*found)


def _piece(evidence: Evidence, establishment: str) -> Piece:
    return Piece(
        evidence.id,
        evidence.establishment_id,
        establishment,
        evidence.row_code,
        evidence.document_type,
        evidence.filename,
        evidence.media_type,
        evidence.sha256,
        evidence.size,
        evidence.approved_on,
        evidence.effective_on,
        evidence.expires_on,
        evidence.received_at,
        evidence.whole,
    )
