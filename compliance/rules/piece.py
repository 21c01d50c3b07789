"""How a piece stands: read again or not, set aside, replaced by a later version; and what it serves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from compliance.rules.verdict import State

Key = TypeVar("Key")
Use = tuple[str, str]  # a row of a referential, a type of piece


class PieceStatus(StrEnum):
    """What people, or the inspection, said last of a piece; its value is that of the event."""

    TO_CHECK = "to_check"
    VALIDATED = "validated"
    SET_ASIDE = "set_aside"
    QUARANTINED = "quarantined"

    @property
    def label(self) -> str:
        """How people read it."""
        return _WORDS[self][0]

    @property
    def state(self) -> State:
        """The state whose icon it bears."""
        return _WORDS[self][1]

    @property
    def counts(self) -> bool:
        """Whether a piece in this status answers anything."""
        return self in {PieceStatus.TO_CHECK, PieceStatus.VALIDATED}


_WORDS = {
    PieceStatus.TO_CHECK: ("À relire", State.TO_CONFIRM),
    PieceStatus.VALIDATED: ("Relue", State.MET),
    PieceStatus.SET_ASIDE: ("Écartée", State.NOT_APPLICABLE),
    PieceStatus.QUARANTINED: ("En quarantaine", State.MISSING),
}


def chains(versions: Iterable[tuple[Key, Key | None]]) -> list[list[Key]]:
    """Group versions, given in the order they were received as (piece, the one it replaces), oldest first in each group."""
    root: dict[Key, Key] = {}
    grouped: dict[Key, list[Key]] = {}
    for key, replaced in versions:
        root[key] = key if replaced is None else root.get(replaced, replaced)
        grouped.setdefault(root[key], []).append(key)
    return list(grouped.values())


def counted(chain: Sequence[Key], statuses: Mapping[Key, PieceStatus]) -> Key | None:
    """The version that counts: the last one that nobody set aside. One that is put away gives its place back to the one before."""
    return next((key for key in reversed(chain) if statuses[key].counts), None)


def in_force(own: Use, said: Iterable[tuple[str, str, bool]]) -> tuple[Use, ...]:
    """The uses of a piece: its own first, then each that was added; the last word on each wins. `said` is (row, type, withdrawn)."""
    uses = {own: True}
    for row, kind, withdrawn in said:
        uses[row, kind] = not withdrawn
    return tuple(use for use, held in uses.items() if held)
