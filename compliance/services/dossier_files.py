"""The files of a dossier: PDF, Word, annex and archive, made from the facts of a day or from a freeze."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import select

from compliance.models.dossier import FiledPiece, Filing
from compliance.programme.referential import Referential
from compliance.reports import annex, canonical, dossier_pdf, dossier_zip
from compliance.reports.dossier_zip import Piece, Printed
from compliance.reports.progress import candidate_progress, without_internal_keys
from compliance.services import candidate as candidates
from compliance.services import evidence
from compliance.services import party as party_services
from tenants import audit
from tenants.db import db
from tenants.errors import Refused
from tenants.storage import storage

Doc = dict[str, Any]
Tell = Callable[[str, int], None]
FILED = "dossier.filed"  # the event of a freeze; its detail holds the SHA-256 of the document


@dataclass(frozen=True)
class Source:
    """What a dossier is made from: nothing else is read while it is built."""

    establishment_id: UUID
    document: Doc
    pieces: Sequence[Piece]
    events: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True)
class Built:
    """The files of a build; ``zip`` is open, at its start, and disappears when it is closed."""

    establishment_id: UUID
    pdf: bytes
    word: bytes
    zip: BinaryIO


def of_day(referential: Referential, on: date) -> Source:
    """The dossier of the scope's candidate as its facts say it at a date. It is a draft: no chain of events."""
    candidate = candidates.require("D2", on)
    document = canonical.plain(without_internal_keys(candidate_progress(candidate, referential, on)))
    owners = {piece.sha256: piece.establishment_id for piece in evidence.pieces(establishments(on), on)}
    pieces = [_piece(piece, owners[piece["sha256"]]) for row in document["rows"] for piece in row["pieces"]]
    return Source(candidate.establishment_id, document, pieces)


def frozen(filing: Filing) -> Source:
    """The dossier as it was filed: the frozen document, the copies of its pieces, the chain of its establishment up to the freeze.

    Given the filing, it is the same today and in a year. Raises Refused when what was kept no longer holds together.
    """
    document: Doc = json.loads(filing.document)
    listed = [(row["code"], piece) for row in document["rows"] for piece in row["pieces"]]
    kept = db.session.scalars(select(FiledPiece).where(FiledPiece.filing_id == filing.id))
    if Counter((row, piece["filename"], piece["sha256"], piece["size"]) for row, piece in listed) != Counter(
        (piece.row_code, piece.filename, piece.sha256, piece.size) for piece in kept
    ):
        raise Refused("Les pièces gardées ne sont plus celles du dossier transmis : prévenez l’exploitant.")
    events = audit.up_to(filing.establishment_id, FILED, filing.sha256)
    if not events or audit.verify(filing.establishment_id) is not None:
        raise Refused("La chaîne d’audit ne mène plus à cette transmission : prévenez l’exploitant.")
    pieces = [_piece(piece, filing.establishment_id) for _, piece in listed]
    return Source(filing.establishment_id, document, pieces, events)


def establishments(on: date) -> set[UUID]:
    """The establishments whose pieces are in the dossier of the scope's candidate."""
    candidate = candidates.require("D2", on)
    return {record.establishment_id for record in party_services.parties(candidate, on)} | {candidate.establishment_id}


def _piece(piece: Doc, owner: UUID) -> Piece:
    return Piece(piece["name"], piece["sha256"], piece["size"], partial(storage().chunks, owner, piece["sha256"]))


@contextmanager
def built(source: Source, tell: Tell = lambda _step, _percent: None) -> Iterator[Built]:
    """Build the files of a source: same source, same bytes. Pieces go from the store to the archive, one part at a time.

    ``tell(step, percent)`` says how far it is. Raises PieceAltered, or NotFound when the store has lost a piece.
    """
    tell("Mise en page du PDF", 5)
    pdf = dossier_pdf.build(source.document)
    # 20 MB that no web process should hold, nor this one while the PDF is laid out.
    from compliance.reports import dossier_docx  # noqa: PLC0415

    tell("Mise en page du document Word", 20)
    word = dossier_docx.build(source.document)
    tell("Classeur annexe", 30)
    printed = Printed(pdf, word, annex.build(source.document))

    def said(done: int, total: int) -> None:
        tell(f"Assemblage : fichier {done + 1} sur {total}", 35 + 55 * done // total)

    with tempfile.TemporaryFile(prefix="vigie-dossier-") as archive:
        dossier_zip.build(source.document, printed, source.pieces, archive, events=source.events, said=said)
        archive.seek(0)
        yield Built(source.establishment_id, pdf, word, archive)
