"""What answers a returned piece: the piece that supersedes it, one of the same row and type received since, or a message."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from compliance.models.dossier import Filing
from compliance.models.evidence import Evidence
from compliance.rules.procedure import CANDIDATE
from compliance.rules.review import RETURNED
from compliance.services import procedure, review
from compliance.services.evidence import Piece
from compliance.services.evidence_version import Version
from compliance.services.review import ReviewedPiece
from tenants.db import db


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
    """A returned piece, the piece that will be filed in its place (None: none yet), and whether the candidate answered in words."""

    returned: ReviewedPiece
    source: Piece | None
    answered: bool


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
    return [Replacement(each, found.get(each.piece.id), _answered(each, level)) for each in waiting]


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
