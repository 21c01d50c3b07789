"""In which order an authority examines dossiers, and when one may expect the end of the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from compliance.rules.milestone import add_months

if TYPE_CHECKING:
    from datetime import date

DEFINITION = (
    "En tête, les dossiers dont la fin estimée est passée, puis ceux qui n’attendent plus que votre décision. Ensuite, ceux à"
    " qui il reste le moins de jours par point d’effort : un point par pièce de document à examiner, deux par test ou"
    " trajectoire, trois par couverture. À égalité, le plus ancien transmis. Les dossiers qui attendent une pièce du candidat"
    " viennent après."
)
PACE_DAYS = 30  # days over which the pace of an authority is measured
_CAUTION = Fraction(3, 2)  # the end of the range, at two thirds of the pace


@dataclass(frozen=True)
class Waiting:
    """A dossier in a queue: points of effort left, days to its estimated end (None: not known), when it was filed."""

    effort: int
    days_left: int | None
    filed_on: date
    with_candidate: bool = False

    @property
    def rank(self) -> tuple[int, Fraction, date]:
        """What the queue is sorted by, smallest first (DEFINITION)."""
        if self.with_candidate:
            return 3, Fraction(0), self.filed_on
        if self.days_left is not None and self.days_left < 0:
            return 0, Fraction(self.days_left), self.filed_on
        if not self.effort:
            return 1, Fraction(0), self.filed_on
        return 2, Fraction(self.days_left if self.days_left is not None else 10_000, self.effort), self.filed_on


def ends_on(national: date | None, months: int | None, on: date, spent: int) -> date | None:
    """Return the day by which a level is expected to end: the national date, else when its own months are over.

    It has `spent` some days of them by `on`; days with somebody else are not counted. None when neither is known.
    """
    if national is not None:
        return national
    return add_months(on, months) - timedelta(days=spent) if months else None


@dataclass(frozen=True)
class Ahead:
    """What stands before a dossier: dossiers and pieces filed before it, its own pieces, and pieces decided in PACE_DAYS days."""

    dossiers: int
    pieces: int
    own: int
    decided: int


def expected(ahead: Ahead, on: date) -> tuple[date, date] | None:
    """Estimate between which days a dossier will have been examined, at the pace of the last days and at two thirds of it.

    None when nothing was decided lately: no pace, no date.
    """
    if ahead.decided <= 0:
        return None
    days = Fraction((ahead.pieces + ahead.own) * PACE_DAYS, ahead.decided)
    return on + timedelta(days=-(-days // 1)), on + timedelta(days=-(-(days * _CAUTION) // 1))
