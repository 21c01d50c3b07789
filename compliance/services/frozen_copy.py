"""A piece as it is frozen: what is kept of it, whether it may leave, its bytes copied under the filing's establishment."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from compliance.models.dossier import FiledPiece
from compliance.models.evidence import Evidence
from compliance.rules import readiness as rules
from compliance.rules.piece import PieceStatus
from compliance.services import evidence_thread, evidence_version
from compliance.services.evidence import Piece
from tenants.errors import Refused
from tenants.storage import storage


@dataclass(frozen=True)
class Copy:
    """A piece to freeze: what is kept of it, and the establishment under which its bytes are."""

    row_code: str
    document_type: str
    filename: str
    media_type: str
    sha256: str
    size: int
    source_id: UUID | None
    source_establishment_id: UUID | None
    bytes_of: UUID
    frozen: bool = False  # as a version before holds it

    @classmethod
    def of(cls, piece: FiledPiece) -> Copy:
        """Copy a piece that a version before holds: its bytes are under the filing's establishment already."""
        return cls(
            piece.row_code,
            piece.document_type,
            piece.filename,
            piece.media_type,
            piece.sha256,
            piece.size,
            piece.source_id,
            piece.source_establishment_id,
            piece.establishment_id,
            frozen=True,
        )

    @classmethod
    def to(cls, piece: FiledPiece, source: Piece) -> Copy:
        """Copy the piece that replaces a frozen one, in its place."""
        return cls.new(piece.row_code, piece.document_type or source.document_type, source)

    @classmethod
    def new(cls, row_code: str, document_type: str, source: Piece) -> Copy:
        """Copy a piece of an establishment to a row."""
        return cls(
            row_code,
            document_type,
            source.filename,
            source.media_type,
            source.sha256,
            source.size,
            source.id,
            source.establishment_id,
            source.establishment_id,
        )

    def keep(self, establishment_id: UUID) -> None:
        """Copy its bytes under an establishment, unless they are there."""
        if self.bytes_of == establishment_id:
            return
        with tempfile.TemporaryFile() as file:
            for chunk in storage().chunks(self.bytes_of, self.sha256):
                file.write(chunk)
            file.seek(0)
            storage().put(establishment_id, file)


def refuse_unfit(copies: Sequence[Copy]) -> None:
    """Refuse pieces that an authority could not read or must not receive. Raises Refused, with each piece and why (two statements).

    What the page, the command line and a refiling share: nothing is frozen by another way.
    """
    ids = {copy.source_id for copy in copies if copy.source_id}
    known = evidence_thread.examinations(ids)
    owners = {copy.source_establishment_id for copy in copies if copy.source_establishment_id}
    aside = {
        each.id
        for each in evidence_version.read(owners, Evidence.id.in_(ids))
        if each.status is PieceStatus.QUARANTINED
    }
    found = rules.refusals(
        [
            rules.File(
                id=str(copy.source_id),
                row=copy.row_code,
                name=copy.filename,
                archived=copy.filename,
                holder="",
                size=copy.size,
                quarantined=copy.source_id in aside,
                # The copy that a version before keeps is another one than what its establishment has lost since.
                damaged=examined.damaged_at is not None and copy.bytes_of == copy.source_establishment_id,
                waiting=examined.waiting and not copy.frozen,  # it left already
                encrypted=bool(examined.detail.get("encrypted")) if examined.inspected_at else None,
                frozen=copy.frozen,
            )
            for copy in copies
            if copy.source_id
            for examined in (known[copy.source_id],)
        ]
    )
    if found:
        raise Refused(". ".join(dict.fromkeys(finding.text for finding in found)))
