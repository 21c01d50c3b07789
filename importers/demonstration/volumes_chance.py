"""What the rows of a data set of volumes are made with: chance that repeats itself, days, and the key of a register."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, TypeVar
from uuid import UUID, uuid5

from compliance.clock import PARIS
from compliance.services import register
from importers.demonstration.volumes_places import Holder, Place
from importers.registry import WORKBOOKS

PHASE_START, KNOWN_UNTIL = date(2025, 7, 16), date(2026, 11, 16)
HOUR, DAY = 60, 24 * 60  # minutes

Row = dict[str, Any]
Fact = tuple[str, Row]  # name of the table, values
T = TypeVar("T")

_SPACE = UUID("6f1d5d0e-6b3c-5f0a-9d57-7669676965ff")
# Sheets of the workbooks, by the name of their table.
SHEETS = {
    register.table_of(sheet.record): sheet for book in WORKBOOKS for sheet in book.sheets if sheet.record is not None
}


def identifier(*parts: str) -> UUID:
    """Return the identifier of what rows refer to: the same each time, so that a seed cut short is taken up."""
    return uuid5(_SPACE, "/".join(parts))


class Dice:
    """Chance, the same for the same words. `random()` alone is drawn: the rest of the module may change with Python."""

    def __init__(self, *words: str) -> None:
        self._random = Random("/".join(words))  # noqa: S311  # invented facts, no secret

    def below(self, bound: int) -> int:
        """Return a number from 0 to below the bound."""
        return int(self._random.random() * bound)

    def chance(self, percent: int) -> bool:
        """Say yes so many times out of a hundred."""
        return self.below(100) < percent

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[self.below(len(choices))]


def days(count: int) -> timedelta:
    """Return a number of days."""
    return timedelta(days=count)


def moment(day: date) -> str:
    """Return the instant at which what is told of a day was recorded."""
    return datetime.combine(day, time(10), PARIS).isoformat()


def advance(holder: Holder, place: Place) -> int:
    """Return how far an establishment is, from 0 to 99: the members of a GHT go at paces that are alike."""
    whole = Dice("advance", holder.code).below(100)
    return (2 * whole + Dice("advance", place.finess).below(100) + (30 if place.rank == 0 else 0)) * 99 // 329


def shares(holder: Holder) -> bool:
    """Say whether the support of a GHT lends a plan to some of its members."""
    return holder.ght and holder.rank % 2 == 0 and len(holder.places) > 3


def covered(holder: Holder) -> list[Place]:
    """Return the members that use the shared plan of their support, and have none of their own."""
    return [place for place in holder.places if place.rank % 3 == 0 and place.rank] if shares(holder) else []


def several_sites(holder: Holder, place: Place) -> bool:
    """Say whether perimeters are those of sites: outside a GHT, where there are several, each is a party."""
    return not holder.ght and len(place.sites) > 1


def entry(table: str, day: date, **values: object) -> Fact:
    """Name a version of a register: its key is the one that an import of the same row would have."""
    return table, {**values, "key": SHEETS[table].key(values), "recorded_at": moment(day)}
