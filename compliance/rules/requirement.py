"""What a row of a referential asks: its scope, its window, its pieces, its conditions. Read from data (programme/)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


# What may name the file of a piece: the plan of a perimeter, that of a perimeter tried by an exercise, the scenario or the RETEX of
# an exercise, the book of a restore test.
NAMED = frozenset({"plan", "tested_plan", "scenario", "retex", "test_book"})


@dataclass(frozen=True)
class Piece:
    """A piece asked by a row.

    `only_if` is a French condition, `when` the fact that tells it (rules/conditions.py, FACTS); pieces of the same
    `one_of` are alternatives. `dated`: its date of approval must fall in the window of the row. `whole`: one for the
    candidate, whatever its parties. `types` are the types of the register of evidence (K5) that answer it; `held` is the
    fact which, kept in Vigie, answers it without a file; `named` the fact that names its file (NAMED).
    """

    key: str
    label: str
    required: bool = True
    only_ght: bool = False
    only_if: str = ""
    when: str = ""
    one_of: str = ""
    note: str = ""
    dated: bool = False
    whole: bool = False
    types: tuple[str, ...] = ()
    held: str = ""
    named: str = ""


@dataclass(frozen=True)
class Limit:
    """A number of a rule other than its share threshold: a least score, a number of days..., with its unit."""

    key: str
    label: str
    value: Decimal
    unit: str


@dataclass(frozen=True)
class Row:
    """One assessable row. `threshold` is a percentage; `window_from` and `window_to` are keys of dates.

    `counts_by` names the condition that says whether a party weighs in the share (scope `share` alone); `conditions` are
    those each party must meet beside its pieces; `to_read` is what only a reader of the pieces can tell.
    """

    code: str
    title: str
    kind: str
    rule: str
    scope: str
    threshold: Decimal | None
    window_from: str
    window_to: str
    only_ght: bool
    note: str
    source: str
    version: str
    confidence: str
    pieces: tuple[Piece, ...]
    limits: tuple[Limit, ...]
    counts_by: str = ""
    conditions: tuple[str, ...] = ()
    to_read: tuple[str, ...] = ()

    def limit(self, key: str) -> Decimal:
        """Give a number of the rule. Raises KeyError when the row has no such limit."""
        for limit in self.limits:
            if limit.key == key:
                return limit.value
        raise KeyError(key)
