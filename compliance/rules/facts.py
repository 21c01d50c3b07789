"""All that the rules of one candidate are told; who gathers it is `reports/`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from compliance.rules.evidence import ALWAYS, Window
from compliance.rules.milestone import Phase
from compliance.rules.perimeter import MINIMAL_KINDS
from compliance.rules.words import lower_first

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from compliance.rules.activity import Party
    from compliance.rules.backup import Platform, RestoreTest, System
    from compliance.rules.evidence import Evidence
    from compliance.rules.exercise import Exercise
    from compliance.rules.milestone import Milestone
    from compliance.rules.opinion import Opinion
    from compliance.rules.perimeter import Perimeter
    from compliance.rules.requirement import Row


@dataclass(frozen=True, kw_only=True)
class Equivalence:
    """An objective met because it is moot, with a substitute proof and a reason (referential, rule 9).

    `party` is the key of the one it is for, "" for the whole candidate; `file` is the substitute, `received` whether it is
    here; `on` the day from which it holds.
    """

    row: str
    party: str = ""
    reason: str
    file: str = ""
    received: bool = False
    on: date


@dataclass(frozen=True, kw_only=True)
class Application:
    """An application that a vital or critical activity depends on (K1), with the code of its system in K4."""

    party: str
    label: str
    system: str = ""


@dataclass(frozen=True)
class CandidateDay:
    """A date of the programme for this candidate; None when it has not come or nobody recorded it.

    `after` and `before` are the days between which it falls for every candidate, when the programme says so.
    """

    on: date | None
    label: str = ""
    after: date | None = None
    before: date | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One candidate. Outside a GHT, `entity` is the legal entity, for rows that hold for it and not by site.

    Facts name those they are about by the keys of parties; outside a GHT the key of `entity` is always among them.
    `dates` are the dates of the programme by key, the candidate's own included.
    """

    ght: bool
    parties: tuple[Party, ...]
    entity: Party | None = None
    perimeters: tuple[Perimeter, ...] = ()
    referents: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # party -> perimeter code -> function
    activities: frozenset[str] = frozenset()  # parties whose critical activities are listed
    applications: tuple[Application, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    exercises: tuple[Exercise, ...] = ()
    systems: tuple[System, ...] = ()
    platforms: tuple[Platform, ...] = ()
    restore_tests: tuple[RestoreTest, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    equivalences: tuple[Equivalence, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    dates: Mapping[str, CandidateDay] = field(default_factory=dict)

    @property
    def scope(self) -> tuple[Party, ...]:
        """The parties in scope, by key."""
        return tuple(sorted((party for party in self.parties if party.in_scope), key=lambda party: party.key))

    def asked(self) -> tuple[Party, ...]:
        """The parties that a row asks, when it is no share: those in scope, or the legal entity outside a GHT."""
        return self.scope if self.entity is None else (self.entity,)

    def concerns(self, owner: str, party: str) -> bool:
        """Say whether what is of one party is of another: itself, or the legal entity it is a site of."""
        return party == owner or (self.entity is not None and party == self.entity.key)

    def day(self, key: str, on: date) -> date | None:
        """Give a date of the programme when it has come by a day."""
        known = self.dates.get(key, CandidateDay(None)).on
        return known if known is not None and known <= on else None

    def phase(self, row: Row, on: date) -> Phase:
        """The operational phase: from the window's start of the row to the filing of the declaration, open until then."""
        start = self.dates[row.window_from].on
        assert start is not None  # noqa: S101  # a day that is known, checked by the loader
        return Phase(start, self.day(row.window_to, on) if row.window_to else None)

    def window(self, row: Row, on: date) -> Window:
        """The window of dates in which pieces of a row must have been approved."""
        if not row.window_from and not row.window_to:
            return ALWAYS
        start = self.dates[row.window_from].on if row.window_from else None
        if not row.window_to:
            return Window(start)
        end = self.dates.get(row.window_to, CandidateDay(None))
        label = lower_first(end.label.split(",")[0])
        return Window(start, self.day(row.window_to, on), label, end.after, end.before)

    def perimeters_of(self, party: str, *, minimal: bool = False) -> tuple[Perimeter, ...]:
        """The existing perimeters of a party, shared ones included."""
        return tuple(
            perimeter
            for perimeter in self.perimeters
            if perimeter.exists
            and self.concerns(perimeter.party, party)
            and (not minimal or perimeter.kind in MINIMAL_KINDS)
        )

    def systems_of(self, party: str) -> Sequence[System]:
        """The critical systems that cover a party, by code."""
        found = (system for system in self.systems if party in system.parties)
        return sorted(found, key=lambda system: (system.code, system.application))

    def platforms_of(self, party: str) -> Sequence[Platform]:
        """The backup platforms of a party, by name."""
        found = (platform for platform in self.platforms if party in platform.parties)
        return sorted(found, key=lambda platform: (platform.name, platform.version))

    def milestones_of(self, row: Row, party: str) -> Sequence[Milestone]:
        """The milestones towards a row that are a party's, by day."""
        found = (each for each in self.milestones if row.code in each.rows and party in each.parties)
        return sorted(found, key=lambda each: (each.due_on, each.code))

    def opinion(self, row: str, subject: str, on: date) -> Opinion | None:
        """The last avis given by a day on a row, or on one exercise of it; of two on one day, the unfavourable one stands."""
        given = [o for o in self.opinions if (o.row, o.subject) == (row, subject) and o.given_on <= on]
        return max(given, key=lambda o: (o.given_on, not o.favourable, o.author, o.why), default=None)
