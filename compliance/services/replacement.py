"""What answers a returned piece: the piece that supersedes it, one of the same row and type received since, or a message."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select, text

from compliance.models.dossier import Filing
from compliance.models.evidence import Evidence
from compliance.rules.piece import PieceStatus
from compliance.rules.procedure import CANDIDATE
from compliance.rules.review import RETURNED
from compliance.services import evidence_version, procedure, review
from compliance.services.evidence import Piece
from compliance.services.evidence_version import Version
from compliance.services.review import ReviewedPiece
from tenants.db import db

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Returned:
    """A piece that an authority returned and nothing answers yet, as told to the establishment that holds it.

    `source_id` is the piece that was filed; None in a filing older than that link.
    """

    establishment_id: UUID
    source_id: UUID | None
    row_code: str
    document_type: str
    filename: str
    level: str
    cause: str
    message: str
    at: datetime

    def answered_by(self, file: Version) -> bool:
        """Say whether a file was received in its place: one that supersedes it, or of its row and type since it was returned."""
        if not file.counts or file.establishment_id != self.establishment_id:
            return False
        superseding = self.source_id in file.chain and file.id != self.source_id
        return superseding or (file.received_at > self.at and (self.row_code, self.document_type) in file.uses)


def unanswered(establishments: Collection[UUID], files: Sequence[Version]) -> list[Returned]:
    """Return the pieces of these establishments that came back and wait for an answer, the oldest return first (one statement).

    `files` are those that the establishments received.
    """
    rows = db.session.execute(
        text("SELECT * FROM returned_pieces(:establishments)"), {"establishments": list(establishments)}
    )
    found = [Returned(*row) for row in rows]
    # The next version supersedes the last one received, be it in quarantine.
    newest = {key: file.chain[-1] for file in files for key in file.chain}
    return [
        replace(each, source_id=newest.get(each.source_id, each.source_id) if each.source_id else None)
        for each in found
        if not any(each.answered_by(file) for file in files)
    ]


@dataclass(frozen=True)
class Replacement:
    """A returned piece, the piece that will be filed in its place (None: none yet), and whether the candidate answered in words.

    `newest`: the last version received of the document, whether it counts or not; the next one supersedes it. `aside`: what was
    received last to replace it and was quarantined: it replaces nothing.
    """

    returned: ReviewedPiece
    source: Piece | None
    answered: bool
    newest: Version | None = None
    aside: Version | None = None


def replacements(filing: Filing, attached: Sequence[Piece]) -> list[Replacement]:
    """Return what answers each piece that an authority returned on a filing, among the pieces attached today.

    `attached` are those that count, once per row they serve. A piece answers one return alone: the one that it supersedes
    first, else one of its row, type and establishment returned before it was received; the newest wins.
    """
    level = review.returning_level(procedure.standing(filing.candidate_id).state.key)
    waiting = [each for each in review.pieces(filing) if level and each.state(level) == RETURNED]
    after = _successors([each.piece.source_id for each in waiting if each.piece.source_id])
    used: set[tuple[UUID, str]] = set()
    found: dict[UUID, Piece] = {}
    for superseding in (True, False):
        for each in waiting:
            if each.piece.id in found:
                continue
            ours = [
                piece
                for piece in attached
                if (piece.id, piece.row_code) not in used
                and (
                    piece.row_code == each.piece.row_code and piece.id in after.get(each.piece.source_id, ())
                    if superseding
                    else _same_slot(piece, each, level)
                )
            ]
            if ours:
                newest = max(ours, key=lambda piece: (piece.received_at, piece.id))
                used.add((newest.id, newest.row_code))
                found[each.piece.id] = newest
    owners = {each.piece.source_establishment_id for each in waiting if each.piece.source_establishment_id}
    received = evidence_version.read(owners) if owners else []
    return [
        Replacement(
            each,
            source := found.get(each.piece.id),
            _answered(each, level),
            _last_received(each.piece.source_id, received),
            _aside(each, level, source, received),
        )
        for each in waiting
    ]


def _last_received(piece_id: UUID | None, received: Sequence[Version]) -> Version | None:
    """Return the last version received of the document that a piece is a version of."""
    return next((each for each in received if piece_id in each.chain and not each.replaced), None)


def _aside(returned: ReviewedPiece, level: str, source: Piece | None, received: Sequence[Version]) -> Version | None:
    """The newest quarantined piece that would have answered: nothing received since took its place."""
    frozen, since = returned.piece, max(returned.decisions[level].at, source.received_at if source else _NEVER)
    ours = [
        each
        for each in received
        if each.status is PieceStatus.QUARANTINED
        and not each.replaced
        and each.received_at > since
        and (
            frozen.source_id in each.chain
            or (each.own, each.establishment_id)
            == ((frozen.row_code, frozen.document_type), frozen.source_establishment_id)
        )
    ]
    return max(ours, key=lambda each: (each.received_at, each.id), default=None)


def _same_slot(piece: Piece, returned: ReviewedPiece, level: str) -> bool:
    frozen = returned.piece
    return (
        piece.row_code == frozen.row_code
        and piece.document_type == frozen.document_type
        and piece.received_at > returned.decisions[level].at
        and frozen.source_establishment_id in {None, piece.establishment_id}
    )


def _answered(returned: ReviewedPiece, level: str) -> bool:
    since = returned.decisions[level].at
    return any(each.level == CANDIDATE and each.at > since for each in returned.messages)


def _successors(pieces: Sequence[UUID]) -> dict[UUID | None, set[UUID]]:
    """Return the pieces that supersede each of these, directly or not: one statement for all."""
    anchor = (
        select(Evidence.supersedes.label("root"), Evidence.id)
        .where(Evidence.supersedes.in_(pieces))
        .cte(recursive=True)
    )
    every = anchor.union(select(anchor.c.root, Evidence.id).where(Evidence.supersedes == anchor.c.id))
    found: dict[UUID | None, set[UUID]] = {}
    for root, piece in db.session.execute(select(every.c.root, every.c.id)):
        found.setdefault(root, set()).add(piece)
    return found
