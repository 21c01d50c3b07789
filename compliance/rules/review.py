"""What a decision on a piece is worth from one version of a dossier to the next (ADR 0018)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

UNDECIDED, ACCEPTED, RETURNED = "undecided", "accepted", "returned"
CAUSES = {"incorrect": "Inexacte", "incomplete": "Incomplète", "outdated": "Dépassée"}


@dataclass(frozen=True)
class Frozen:
    """A filed piece, as two versions compare it: the same bytes of two establishments are two pieces."""

    id: UUID
    row_code: str
    document_type: str
    sha256: str
    filename: str
    holder: str

    @property
    def key(self) -> tuple[str, ...]:
        """What makes a piece the same from one version to the next."""
        return self.row_code, self.document_type, self.sha256, self.filename, self.holder


@dataclass(frozen=True)
class Line:
    """The pieces that one comes from. `same`: itself and its unchanged copies; `replaced`: the last different one, if any."""

    same: tuple[UUID, ...]
    replaced: UUID | None
    all: tuple[UUID, ...]


@dataclass(frozen=True)
class Decided:
    """A decision in order of time: accepted or returned, on the version looked at or on one before."""

    accepted: bool
    here: bool


def in_force(decisions: Sequence[Decided]) -> int | None:
    """Return the place of the decision that stands, None when the piece is to be looked at.

    The last one, unless it is a return made on a version before: filed again, the piece is looked at again.
    """
    if not decisions or not (decisions[-1].accepted or decisions[-1].here):
        return None
    return len(decisions) - 1


def state(decisions: Sequence[Decided]) -> str:
    """Say what stands of the decisions on a piece: undecided, accepted or returned."""
    last = in_force(decisions)
    return UNDECIDED if last is None else ACCEPTED if decisions[last].accepted else RETURNED


def lineages(versions: Sequence[Sequence[Frozen]]) -> dict[UUID, Line]:
    """Say of each piece of each version, oldest first, which pieces it comes from.

    Unchanged ones are paired first; then what went and what came, in the same row and of the same type, in order.
    """
    found: dict[UUID, Line] = {}
    before: Sequence[Frozen] = ()
    for version in versions:
        same = _paired(before, version)
        kept = frozenset(same.values())
        gone = [each for each in before if each.id not in kept]
        come = [each for each in version if each.id not in same]
        replaced = _replaced(gone, come)
        for each in version:
            if each.id in same:
                line = found[same[each.id]]
                found[each.id] = Line((*line.same, each.id), line.replaced, (*line.all, each.id))
            elif each.id in replaced:
                earlier = replaced[each.id]
                found[each.id] = Line((each.id,), earlier, (*found[earlier].all, each.id))
            else:
                found[each.id] = Line((each.id,), None, (each.id,))
        before = version
    return found


def _paired(before: Sequence[Frozen], version: Sequence[Frozen]) -> dict[UUID, UUID]:
    left: dict[tuple[str, ...], list[UUID]] = defaultdict(list)
    for each in before:
        left[each.key].append(each.id)
    return {each.id: left[each.key].pop(0) for each in version if left[each.key]}


def _replaced(gone: Sequence[Frozen], come: Sequence[Frozen]) -> dict[UUID, UUID]:
    found: dict[UUID, UUID] = {}
    # Of the same establishment first; a version filed before establishments were kept says none.
    for known in (True, False):
        left: dict[tuple[str, ...], list[UUID]] = defaultdict(list)
        taken = frozenset(found.values())
        for each in gone:
            if each.id not in taken:
                left[_slot(each, known=known)].append(each.id)
        for each in come:
            if each.id not in found and left[_slot(each, known=known)]:
                found[each.id] = left[_slot(each, known=known)].pop(0)
    return found


def _slot(piece: Frozen, *, known: bool) -> tuple[str, ...]:
    return (piece.row_code, piece.document_type, *((piece.holder,) if known else ()))
