"""The same decision on several pieces, of one dossier or of several of the region: shown first, then all or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from compliance.models.dossier import FiledPiece, Filing
from compliance.services import procedure, review
from compliance.services.review import ReviewedPiece
from tenants.db import db
from tenants.errors import Conflict, DomainError, Invalid, NotFound, Refused

LIMIT = 200


@dataclass(frozen=True)
class Line:
    """What would become of one piece: its state now, the decision that made it, why it would be refused (empty: it would not)."""

    filing: Filing
    reviewed: ReviewedPiece
    state: str
    read: UUID | None
    refusal: str

    @property
    def ok(self) -> bool:
        """Whether the decision can be recorded on it."""
        return not self.refusal


@dataclass(frozen=True)
class Preview:
    """What a batch would do. `fingerprint` is of what was shown: given back, nothing else can be decided."""

    lines: tuple[Line, ...]
    fingerprint: str

    @property
    def refused(self) -> int:
        """How many pieces cannot be decided so; the batch goes through only when none is."""
        return sum(not each.ok for each in self.lines)


def preview_batch(piece_ids: Sequence[UUID], accepted: bool, cause: str = "", message: str = "") -> Preview:
    """Say what a decision would do to each piece, writing nothing. Raises NotFound, Invalid (none or too many)."""
    wanted = list(dict.fromkeys(piece_ids))
    if not wanted:
        raise Invalid("Choisissez au moins une pièce.")
    if len(wanted) > LIMIT:
        raise Invalid(f"{LIMIT} pièces au plus à la fois.")
    filings = {
        filing.id: filing
        for filing in db.session.scalars(
            select(Filing)
            .where(Filing.id.in_(select(FiledPiece.filing_id).where(FiledPiece.id.in_(wanted))))
            .order_by(Filing.candidate_id, Filing.id)
        )
    }
    found: dict[UUID, Line] = {}
    for filing in filings.values():
        level, refusal = _level(filing)
        for reviewed in review.pieces(filing):
            if reviewed.piece.id in wanted:
                why = refusal or _why(reviewed, level, accepted, cause, message)
                read = reviewed.decisions.get(level)
                found[reviewed.piece.id] = Line(filing, reviewed, reviewed.state(level), read.id if read else None, why)
    if len(found) != len(wanted):
        raise NotFound("Une de ces pièces n’existe pas, ou elle ne vous est pas ouverte.")
    lines = tuple(found[each] for each in wanted)
    told = [f"{line.reviewed.piece.id} {line.read} {line.refusal}" for line in lines] + [str(accepted), cause, message]
    return Preview(lines, hashlib.sha256("\n".join(told).encode()).hexdigest())


def decide_batch(
    piece_ids: Sequence[UUID], accepted: bool, cause: str = "", message: str = "", *, fingerprint: str
) -> int:
    """Record the decision that was shown on every piece, or on none, and return how many.

    Raises Conflict when what would be done is no longer what was shown, Refused when a piece cannot be decided so.
    """
    shown = preview_batch(piece_ids, accepted, cause, message)
    if shown.fingerprint != fingerprint:
        raise Conflict(
            "Quelqu’un a décidé entre-temps, peut-être vous, ou le choix a changé : relisez l’aperçu. Rien de plus n’a été enregistré."
        )
    if shown.refused:
        first = next(line for line in shown.lines if not line.ok)
        raise Refused(f"{first.refusal} Rien n’a été enregistré.")
    for filing in {line.filing.id: line.filing for line in shown.lines}.values():
        chosen = [line.reviewed.piece.id for line in shown.lines if line.filing.id == filing.id]
        review.decide_several(filing, chosen, accepted, cause, message)
    return len(shown.lines)


def _level(filing: Filing) -> tuple[str, str]:
    """Return the level that decides on a filing, and why it cannot now (empty: it can)."""
    try:
        return review.reviewing(filing)[1], ""
    except Refused as error:
        return procedure.level(), str(error)


def _why(reviewed: ReviewedPiece, level: str, accepted: bool, cause: str, message: str) -> str:
    refusal: DomainError | None = review.why_not(reviewed, level, accepted, cause, message)
    return str(refusal) if refusal else ""
