"""Dates of the programme: how far a date is, and what falls inside the operational phase."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.rules.words import long_date, plural


@dataclass(frozen=True)
class Phase:
    """A window of days, both ends included; `end` is None while it is still open.

    The « phase opérationnelle » of CaRE D2 (arrêté of 3 July 2025) runs from 2025-07-16 to the day on which the
    candidate files its declaration that the objectives are met. Raises ValueError when it ends before it starts.
    """

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            message = f"la phase se termine ({self.end}) avant de commencer ({self.start})"
            raise ValueError(message)

    def contains(self, day: date) -> bool:
        """Say whether an event of that day falls in the phase (approval or event date, never the upload date)."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """A dated jalon towards a row of the referential (workbook K5, « Jalons »)."""

    code: str
    rows: frozenset[str]
    parties: frozenset[str]
    due_on: date
    reached_on: date | None = None
    abandoned: bool = False
    owner: str = ""

    def reached(self, on: date) -> bool:
        """Whether it was reached on or before a day."""
        return self.reached_on is not None and self.reached_on <= on

    def day(self, on: date) -> date:
        """Its day as known on a day: when it was reached, else when it is due."""
        return self.reached_on if self.reached_on is not None and self.reached_on <= on else self.due_on

    def late(self, on: date) -> bool:
        """Whether its day is past and it was not reached by then."""
        return not self.reached(on) and not self.abandoned and self.due_on < on


def days_to(target: date, on: date) -> int:
    """Count the days from `on` to `target`: positive before, 0 on the day, negative once it is past."""
    return (target - on).days


def countdown(target: date, on: date) -> str:
    """Say how far a date is.

    « dans 8 jours, lundi 30 novembre 2026 », « aujourd’hui », « dépassée de 3 jours ». `on` is a legal day in
    Europe/Paris time, given by the caller.
    """
    days = days_to(target, on)
    if days == 0:
        return "aujourd’hui"
    count = f"{abs(days)} {plural(days, 'jour', 'jours')}"
    return f"dans {count}, {long_date(target)}" if days > 0 else f"dépassée de {count}"


def add_months(day: date, months: int) -> date:
    """Move a date by whole months; the last day of a month stays the last day of a month.

    30 November + 3 is 28 February and + 6 is 31 May: review windows of Domain 1 closed on last days of months.
    """
    ends_month = (day + timedelta(days=1)).day == 1
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month0 + 1)[1]
    return date(year, month0 + 1, last if ends_month else min(day.day, last))
