"""Sums of expenses to the cent, and what they are beside the ceiling of a candidate. Amounts are cents."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance.rules.verdict import State, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from compliance.rules.funding import Expense


@dataclass(frozen=True)
class Sums:
    """What is charged by a set of expenses, in cents: the three parts make the whole, exactly."""

    eligible: int = 0
    to_check: int = 0
    refused: int = 0
    count: int = 0

    @property
    def spent(self) -> int:
        """Everything that is charged."""
        return self.eligible + self.to_check + self.refused


def sums(judged: Collection[tuple[Expense, Verdict]]) -> Sums:
    """Add up expenses by verdict."""
    totals: dict[State, int] = defaultdict(int)
    for expense, verdict in judged:
        totals[verdict.state] += expense.charged
    return Sums(totals[State.MET], totals[State.TO_CONFIRM], totals[State.MISSING], len(judged))


def sums_by(
    judged: Iterable[tuple[Expense, Verdict]], key: Callable[[Expense], str], order: Sequence[str] = ()
) -> dict[str, Sums]:
    """Add up expenses by a key of theirs: keys of `order` first, then the others; each expense is in one sum, once."""
    grouped_by: dict[str, list[tuple[Expense, Verdict]]] = defaultdict(list)
    for expense, verdict in judged:
        grouped_by[key(expense)].append((expense, verdict))
    rank = {name: place for place, name in enumerate(order)}
    names = sorted(grouped_by, key=lambda name: (rank.get(name, len(rank)), name))
    return {name: sums(grouped_by[name]) for name in names}


@dataclass(frozen=True)
class Balance:
    """Expenses beside what may be paid, in cents. None is « not known », never zero."""

    sums: Sums
    ceiling: int | None = None
    granted: int | None = None
    advance: int | None = None

    @property
    def payable(self) -> int | None:
        """What is eligible, up to the ceiling."""
        return None if self.ceiling is None else min(self.sums.eligible, self.ceiling)

    @property
    def left(self) -> int | None:
        """What the ceiling still admits: below zero when eligible expenses pass it."""
        return None if self.ceiling is None else self.ceiling - self.sums.eligible
