"""On which day a share would cross its bar at the present pace: a range, never one date.

Not a rule of the programme: an estimate of ours, whose method is written beside its answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from compliance.rules.verdict import Reason
from compliance.rules.words import plural, short_date

if TYPE_CHECKING:
    from collections.abc import Sequence

WINDOW_DAYS = 182
MINIMUM_EVENTS = 6
MINIMUM_DAYS = 3  # an import dates ten approvals of one day: that is no pace
_HALF_DAYS = WINDOW_DAYS // 2

METHOD = (
    f"Étapes finies dans les {WINDOW_DAYS} derniers jours, au moins {MINIMUM_EVENTS} sur {MINIMUM_DAYS} jours "
    "différents ; rythme mesuré sur toute la période et sur chacune de ses deux moitiés ; au plus tôt, le reste au "
    "rythme le plus rapide ; au plus tard, au plus lent ; les prochaines étapes finies sont supposées être celles du "
    "plus court chemin vers le seuil"
)


class ForecastState(StrEnum):
    """What a forecast can answer."""

    CROSSED = "crossed"
    RANGE = "range"
    NOT_ENOUGH = "not_enough"

    @property
    def label(self) -> str:
        """What a person reads."""
        return _LABELS[self]


_LABELS = {
    ForecastState.CROSSED: "Seuil franchi",
    ForecastState.RANGE: "Estimation",
    ForecastState.NOT_ENOUGH: "Pas assez de recul",
}


@dataclass(frozen=True)
class Forecast:
    """When the bar would be crossed: from `early` to `late`, both None unless the state is RANGE.

    In a RANGE, `late` None says that the slowest pace never gets there. `events` counts the units finished in the
    window. `beyond` says that even `early` is after the target date. `method` is how it was computed, in French.
    """

    state: ForecastState
    early: date | None
    late: date | None
    events: int
    beyond: bool
    reasons: tuple[Reason, ...]
    method: str = METHOD


def forecast(done_on: Sequence[date], remaining: int, on: date, bar_on: date | None = None) -> Forecast:
    """Say between which days the bar would be crossed, at the pace of the last WINDOW_DAYS days, `on` included.

    `done_on` are the days on which units of one kind of work were finished, in any order, a day as often as units were
    finished on it; those after `on` or before the window do not count. `remaining` is how many units still stand
    between `on` and the bar by the shortest path. At least MINIMUM_EVENTS units on MINIMUM_DAYS different days are
    needed to speak of a pace. It is measured on the whole window and on each of its two halves (a half without a unit
    has a pace of 0): `early` is what remains at the fastest of the three, `late` at the slowest, in days rounded up.
    `bar_on` is the target date it is compared with. Raises ValueError when `remaining` is negative.
    """
    if remaining < 0:
        message = f"nombre d’étapes restantes négatif : {remaining}"
        raise ValueError(message)
    ages = [(on - day).days for day in done_on]
    ages = [age for age in ages if 0 <= age < WINDOW_DAYS]
    if remaining == 0:
        reason = Reason("BAR_CROSSED", "Le seuil est franchi")
        return Forecast(ForecastState.CROSSED, None, None, len(ages), False, (reason,))
    lacking = _lacking(ages)
    if lacking:
        return Forecast(ForecastState.NOT_ENOUGH, None, None, len(ages), False, lacking)
    recent = sum(age < _HALF_DAYS for age in ages)
    older = len(ages) - recent
    paces = (Fraction(len(ages), WINDOW_DAYS), Fraction(recent, _HALF_DAYS), Fraction(older, _HALF_DAYS))
    early = _reached(remaining, max(paces), on)
    late = _reached(remaining, min(paces), on) if min(paces) else None
    beyond = bar_on is not None and early > bar_on
    span = _span(early, late, idle_lately=not recent)
    text = f"Au rythme des six derniers mois ({len(ages)} étapes finies), le seuil serait franchi {span}"
    reasons = [Reason("FORECAST", text)]
    if bar_on is not None:
        reasons.append(_against(early, late, bar_on))
    return Forecast(ForecastState.RANGE, early, late, len(ages), beyond, tuple(reasons))


def _lacking(ages: Sequence[int]) -> tuple[Reason, ...]:
    """Say what is missing to speak of a pace; nothing when there is enough."""
    done = f"{len(ages)} {plural(len(ages), 'étape finie', 'étapes finies')} en six mois"
    if len(ages) < MINIMUM_EVENTS:
        return (Reason("FEW_EVENTS", f"Pas assez de recul : {done}, il en faut au moins {MINIMUM_EVENTS}"),)
    days = len(set(ages))
    if days < MINIMUM_DAYS:
        seen = f"sur {days} {plural(days, 'seul jour', 'jours')}, il en faut au moins {MINIMUM_DAYS}"
        return (Reason("FEW_DAYS", f"Pas assez de recul : {done} {seen}"),)
    return ()


def _reached(remaining: int, pace: Fraction, on: date) -> date:
    """Give the day on which what remains is done; the last day there is when it would be later."""
    return on + timedelta(days=min(ceil(remaining / pace), (date.max - on).days))


def _span(early: date, late: date | None, *, idle_lately: bool) -> str:
    if late is None:
        months = "des trois derniers mois" if idle_lately else "des trois mois d’avant"
        return f"au plus tôt le {short_date(early)}, sans terme au rythme {months}"
    if early == late:
        return f"le {short_date(early)}"
    return f"entre le {short_date(early)} et le {short_date(late)}"


def _against(early: date, late: date | None, bar_on: date) -> Reason:
    """Compare the range with the target date: all after it, all by it, or on both sides."""
    target = f"la date cible du {short_date(bar_on)}"
    if early > bar_on:
        return Reason("BEYOND_TARGET", f"Même au rythme le plus rapide, après {target}")
    if late is None or late > bar_on:
        return Reason("AROUND_TARGET", f"Au rythme le plus rapide, à temps pour {target} ; au plus lent, non")
    return Reason("BEFORE_TARGET", f"Même au rythme le plus lent, à temps pour {target}")
