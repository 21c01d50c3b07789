"""The calendar of exercises: what a planned day runs into, and the days proposed for the plans that have none.

A team or a plan is not mobilised twice in three weeks (a product rule, like every number here: none is in a text). School
holidays and winter epidemics are data (`programme/calendar`), each with its source; what is not known is silent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from compliance.rules.verdict import Reason
from compliance.rules.words import listing, plural, short_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

APART = 21  # days between two exercises of one team, or of one plan when no team is named
NOTICE = 7  # days between the day of the question and the first day proposed: a test is prepared
HORIZON = 540  # days ahead that proposals look
_SATURDAY = 5


@dataclass(frozen=True, kw_only=True)
class Holiday:
    """Days to avoid, both ends included: school holidays of some zones, or a public holiday (no zone: everywhere)."""

    label: str
    first: date
    last: date
    zones: frozenset[str] = frozenset()
    source: str = ""
    confidence: str = ""

    def holds(self, day: date) -> bool:
        """Say whether a day is one of them."""
        return self.first <= day <= self.last


@dataclass(frozen=True, kw_only=True)
class Season:
    """Weeks to avoid every year, by their ISO numbers, both ends included: 48 to 8 goes over the new year."""

    label: str
    first: int
    last: int
    source: str = ""
    confidence: str = ""

    def holds(self, day: date) -> bool:
        """Say whether a day is in these weeks."""
        week = day.isocalendar().week
        if self.first <= self.last:
            return self.first <= week <= self.last
        return week >= self.first or week <= self.last


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """What is known of the days to avoid. `zones` goes from the INSEE code of a region to its school zone."""

    holidays: tuple[Holiday, ...] = ()
    public_holidays: tuple[Holiday, ...] = ()
    seasons: tuple[Season, ...] = ()
    zones: Mapping[str, str] = field(default_factory=dict)

    def knows(self, day: date) -> bool:
        """Say whether school holidays are known around a day: between the first and the last one described."""
        if not self.holidays:
            return False
        return min(each.first for each in self.holidays) <= day <= max(each.last for each in self.holidays)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """An exercise on its day, held or to come. Teams are compared as people read them: case and spaces do not count."""

    code: str
    on: date
    establishments: frozenset[str]
    teams: tuple[str, ...] = ()
    perimeters: frozenset[str] = frozenset()

    def named(self) -> dict[str, str]:
        """The teams, by the text that is compared."""
        spaced = [" ".join(team.split()) for team in self.teams]
        return {team.casefold(): team for team in spaced if team}


def collisions(
    slot: Slot, others: Iterable[Slot], calendar: Calendar, zones: Mapping[str, str], *, apart: int = APART
) -> tuple[Reason, ...]:
    """Say what the day of an exercise runs into; nothing is forbidden, all of it is told.

    `zones` gives the school zone of an establishment that is known to have one. A name of team or a code of perimeter is its
    establishment's: two exercises that share no establishment never meet.
    """
    return (*_others(slot, others, apart), *_days(slot, calendar, zones))


def _others(slot: Slot, others: Iterable[Slot], apart: int) -> Iterable[Reason]:
    near = [
        each
        for each in others
        if each != slot and each.establishments & slot.establishments and abs((each.on - slot.on).days) < apart
    ]
    for other in sorted(near, key=lambda each: (each.on, each.code)):
        days = abs((other.on - slot.on).days)
        when = "le même jour" if not days else f"à {days} {plural(days, 'jour', 'jours')}"
        mine, theirs = slot.named(), other.named()
        teams = sorted(mine[key] for key in mine.keys() & theirs.keys())
        plans = sorted(slot.perimeters & other.perimeters)
        if teams:
            what = f"{plural(len(teams), 'L’équipe', 'Les équipes')} {listing(teams)}"
            text = f"{what} {plural(len(teams), 'est déjà prise', 'sont déjà prises')} par {other.code} {when}, le {short_date(other.on)}"
            yield Reason("TEAM_TWICE", text, other.code)
        elif plans and not (mine and theirs):
            what = f"{plural(len(plans), 'Le périmètre', 'Les périmètres')} {listing(plans)}"
            text = f"{what} {plural(len(plans), 'est déjà testé', 'sont déjà testés')} par {other.code} {when}, le {short_date(other.on)}"
            yield Reason("PERIMETER_TWICE", text, other.code)
        if not days:
            yield Reason("SAME_DAY", f"{other.code} a lieu le même jour dans le même établissement", other.code)


def _days(slot: Slot, calendar: Calendar, zones: Mapping[str, str]) -> Iterable[Reason]:
    mine = {zones[each] for each in slot.establishments if each in zones}
    for holiday in calendar.holidays:
        here = sorted(mine & holiday.zones)
        if here and holiday.holds(slot.on):
            where = f"{plural(len(here), 'zone', 'zones')} {listing(here)}"
            text = f"{holiday.label}, {where}, du {short_date(holiday.first)} au {short_date(holiday.last)}"
            yield Reason("SCHOOL_HOLIDAY", f"Vacances scolaires : {text}")
    for holiday in calendar.public_holidays:
        if holiday.holds(slot.on):
            yield Reason("PUBLIC_HOLIDAY", f"Jour férié : {holiday.label}")
    for season in calendar.seasons:
        if season.holds(slot.on):
            weeks = f"semaines {season.first} à {season.last}"
            yield Reason("WINTER_EPIDEMIC", f"{season.label} ({weeks}) : les services sont en tension")


# ------------------------------------------------------------------------------------------------------------ proposals


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A plan without a test, nor a day for one."""

    party: str
    code: str
    name: str
    written: bool  # its PCA can be played


@dataclass(frozen=True)
class Proposal:
    """A day for the test of a plan, None when none is free; the reasons say why this day and no other."""

    wanted: Wanted
    on: date | None
    reasons: tuple[Reason, ...]


def propose(
    wanted: Sequence[Wanted],
    engaged: Sequence[Slot],
    calendar: Calendar,
    zones: Mapping[str, str],
    on: date,
    *,
    target: date | None = None,
) -> list[Proposal]:
    """Propose a day to each plan: the first free one, at most one test a month in an establishment, by plan as given.

    Free: a working day that runs into nothing, on which no other proposal falls, a week ahead at least. It is before the
    target date whenever one is. Nothing is written: a person edits the proposal and records it.
    """
    taken: set[date] = set()
    months = {(key, each.on.year, each.on.month) for each in engaged for key in each.establishments}
    near: dict[str, list[Slot]] = {}
    for each in engaged:
        for key in each.establishments:
            near.setdefault(key, []).append(each)
    told = []
    for plan in wanted:
        day = None
        for ahead in range(NOTICE, HORIZON):
            candidate = on + timedelta(days=ahead)
            if candidate.weekday() >= _SATURDAY or candidate in taken:
                continue
            if (plan.party, candidate.year, candidate.month) in months:
                continue
            slot = Slot(
                code="", on=candidate, establishments=frozenset({plan.party}), perimeters=frozenset({plan.code})
            )
            if not collisions(slot, near.get(plan.party, ()), calendar, zones):
                day = candidate
                break
        if day is not None:
            taken.add(day)
            months.add((plan.party, day.year, day.month))
        told.append(Proposal(plan, day, tuple(_why(plan, day, calendar, zones, target, on))))
    return told


def _why(
    plan: Wanted, day: date | None, calendar: Calendar, zones: Mapping[str, str], target: date | None, on: date
) -> Iterable[Reason]:
    if not plan.written:
        yield Reason("NO_PCA", "Le PCA n’est pas encore écrit : à finir d’ici là", plan.code)
    if day is None:
        yield Reason("NO_FREE_DAY", f"Aucun mois libre avant le {short_date(on + timedelta(days=HORIZON))}", plan.code)
        return
    if target is not None and target >= on:
        if day <= target:
            yield Reason("BEFORE_TARGET", f"Avant la date cible du {short_date(target)}", plan.code)
        else:
            text = f"Après la date cible du {short_date(target)} : aucun jour sans conflit avant"
            yield Reason("AFTER_TARGET", text, plan.code)
    if plan.party not in zones or not calendar.knows(day):
        yield Reason("SCHOOL_UNKNOWN", "Vacances scolaires non connues à cette date : à vérifier", plan.code)
