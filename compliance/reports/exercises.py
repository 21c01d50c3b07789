"""Each exercise with its two answers: whether it counts for D2.O1.D, whether it counts as the crisis exercise of its year.

And the planning: what each day runs into, what is left to record, a day proposed for each plan that has none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from compliance.models.exercise import Exercise, PlanResult
from compliance.models.register import Register
from compliance.reports.gathered import Gathered
from compliance.rules import calendar
from compliance.rules import exercise as rules
from compliance.rules.calendar import Calendar, Proposal, Slot, Wanted
from compliance.rules.conditions import exercise_verdict
from compliance.rules.exercise import PlanOutcome
from compliance.rules.facts import Facts
from compliance.rules.perimeter import MINIMAL_KINDS
from compliance.rules.requirement import Row
from compliance.rules.verdict import FURTHER, Reason, State, Verdict
from compliance.rules.words import few
from compliance.services import register
from tenants.regions import agency_of_departement


@dataclass(frozen=True)
class Answer:
    """The best answer over the parties of an exercise, its reasons, and for whom it counts."""

    state: State
    reasons: tuple[str, ...]
    counts_for: str
    action: str = ""


@dataclass(frozen=True)
class ExerciseLine:
    """One exercise: its day (held, or to come), what it is, and the two answers. They do not follow from one another."""

    code: str
    nature: str
    on: date | None
    held: bool
    field_test: Answer
    yearly: Answer


def two_answers(facts: Facts, row: Row, on: date) -> list[ExerciseLine]:
    """Judge every exercise twice, latest first; `row` is D2.O1.D, whose window is the operational phase."""
    lines = [_line(facts, row, each, on) for each in facts.exercises]
    return sorted(lines, key=lambda line: (line.on or date.min, line.code), reverse=True)


def _line(facts: Facts, row: Row, each: rules.Exercise, on: date) -> ExerciseLine:
    parties = [party for party in facts.scope if party.key in each.parties]
    result = each.held(on)
    day = result.held_on if result else each.planned_on
    year = day.year if day else on.year
    tests = [exercise_verdict(row, facts, each, party, on) for party in parties]
    yearly = [rules.yearly(each, party.key, year, on) for party in parties]
    names = [party.name for party in parties]
    return ExerciseLine(
        each.code,
        each.nature.label if each.nature else "nature à préciser",
        day,
        result is not None,
        _answer(tests, names),
        _answer(yearly, names),
    )


def _answer(verdicts: Sequence[Verdict], names: Sequence[str]) -> Answer:
    """Keep the answer that is furthest; who it counts for when several establishments share the exercise."""
    if not verdicts:
        return Answer(State.NOT_APPLICABLE, ("Aucune partie dans le périmètre",), "")
    best = max(verdicts, key=lambda verdict: FURTHER.index(verdict.state))
    counting = [name for name, verdict in zip(names, verdicts, strict=True) if verdict.state is State.MET]
    told = f"compte pour {few(counting)}" if counting and len(counting) < len(names) else ""
    return Answer(best.state, tuple(reason.text for reason in best.reasons), told, best.next_action)


# ------------------------------------------------------------------------------------------------------------- planning

WANTED: dict[type[Register], tuple[str, ...]] = {
    Exercise: ("code", "label", "teams"),
    PlanResult: ("exercise_code", "perimeter_code", "result"),
}

# What a list of exercises may be narrowed to: the word of the address, and what people read.
COUNTS, YEARLY, TO_COME, WARNED, TO_RECORD, HELD_IN_VAIN, CANCELLED = (
    "compte", "annuel", "a-venir", "avertissement", "a-saisir", "ne-compte-pas", "annule",
)  # fmt: skip
STATES = {
    COUNTS: "Compte pour O1.D",
    YEARLY: "Compte comme exercice de l’année",
    TO_COME: "À venir",
    WARNED: "À venir, avec un avertissement",
    TO_RECORD: "Résultat à saisir",
    HELD_IN_VAIN: "Tenu, ne compte pas pour O1.D",
    CANCELLED: "Annulé",
}


@dataclass(frozen=True)
class PlanTried:
    """One of the plans that an exercise tries: what it gave, and the row that says so; empty while nobody recorded it."""

    code: str
    outcome: str
    ref: UUID | None


@dataclass(frozen=True)
class Planned:
    """One exercise of the planning. `keys` are those of its establishments; `states` what a list may be narrowed to."""

    ref: UUID
    finess: str
    line: ExerciseLine
    label: str
    establishments: tuple[str, ...]
    keys: frozenset[str]
    warnings: tuple[Reason, ...]
    plans: tuple[PlanTried, ...]
    states: frozenset[str]


@dataclass(frozen=True)
class Suggestion:
    """A day proposed for the test of a plan, with what its form is filled with."""

    proposal: Proposal
    code: str
    finess: str
    site: str
    establishment: str


@dataclass(frozen=True)
class Planning:
    """Every exercise of the scope, latest first, and a day for each plan that has none."""

    exercises: tuple[Planned, ...]
    suggestions: tuple[Suggestion, ...]

    @property
    def next(self) -> Planned | None:
        """The first exercise to come."""
        coming = [each for each in self.exercises if TO_COME in each.states]
        return min(coming, key=lambda each: (each.line.on or date.max, each.line.code), default=None)


def planning(gathered: Gathered, facts: Facts, row: Row, days: Calendar, on: date, known: date) -> Planning:
    """Judge every exercise, say what its day runs into, and propose a day for each minimal plan that has none.

    `row` is D2.O1.D. One statement beside what was gathered.
    """
    rows = register.columns_of(WANTED, gathered.establishments, known)
    told = {source.id: source.values for source in rows[Exercise]}
    results: dict[tuple[str, str], dict[str, PlanTried]] = defaultdict(dict)
    for result in rows[PlanResult]:
        code, outcome = result.values["perimeter_code"], PlanOutcome(result.values["result"]).label
        results[result.finess, result.values["exercise_code"]][code] = PlanTried(code, outcome, result.id)
    held = list(
        zip(gathered.registers.get(Exercise, ()), facts.exercises, strict=True)
    )  # facts are in the order of rows
    slots = {source.id: _slot(each, told[source.id]["teams"], on) for source, each in held}
    engaged = [slot for slot in slots.values() if slot is not None]
    zones = _zones({key for slot in engaged for key in slot.establishments} | {p.key for p in facts.scope}, days)
    exercises = []
    for source, each in held:
        line, slot = _line(facts, row, each, on), slots[source.id]
        coming = slot is not None and not line.held and slot.on >= on
        warnings = calendar.collisions(slot, engaged, days, zones) if slot is not None and coming else ()
        numbers = source.values["finess_list"] or [source.finess]
        tried = results.get((source.finess, each.code), {})
        exercises.append(
            Planned(
                source.id,
                source.finess,
                line,
                told[source.id]["label"] or "",
                tuple(gathered.names.get(number, number) for number in numbers),
                each.parties,
                warnings,
                tuple(tried.get(code) or PlanTried(code, "", None) for code in sorted({*each.perimeters, *tried})),
                frozenset(_states(each, line, warnings, coming=coming, on=on)),
            )
        )
    ordered = sorted(exercises, key=lambda each: (each.line.on or date.min, each.line.code), reverse=True)
    return Planning(tuple(ordered), tuple(_suggestions(gathered, facts, row, engaged, days, zones, on)))


def _slot(each: rules.Exercise, teams: Sequence[str], on: date) -> Slot | None:
    """The day of an exercise, None when it has none or is cancelled."""
    result = each.held(on)
    day = result.held_on if result else each.planned_on
    if each.cancelled or day is None:
        return None
    return Slot(code=each.code, on=day, establishments=each.parties, teams=tuple(teams), perimeters=each.perimeters)


def _zones(keys: Iterable[str], days: Calendar) -> dict[str, str]:
    """The school zone of each establishment: that of the region of its department, the first two characters of its FINESS."""
    agencies = {key: agency_of_departement(key[:2]) for key in keys}
    return {key: days.zones[agency.code] for key, agency in agencies.items() if agency and agency.code in days.zones}


def _states(
    each: rules.Exercise, line: ExerciseLine, warnings: Sequence[Reason], *, coming: bool, on: date
) -> Iterable[str]:
    if each.cancelled:
        yield CANCELLED
        return
    if line.field_test.state is State.MET:
        yield COUNTS
    if line.yearly.state is State.MET and line.on is not None and line.on.year == on.year:
        yield YEARLY
    if coming:
        yield TO_COME
    elif not line.held:
        yield TO_RECORD
    if warnings:
        yield WARNED
    if line.held and line.field_test.state not in (State.MET, State.TO_CONFIRM):
        yield HELD_IN_VAIN


def _suggestions(
    gathered: Gathered,
    facts: Facts,
    row: Row,
    engaged: Sequence[Slot],
    days: Calendar,
    zones: Mapping[str, str],
    on: date,
) -> Iterable[Suggestion]:
    """Propose a day to each plan of a minimal kind that no test of the phase has tried and none is dated for."""
    wanted = []
    for party in facts.scope:
        own = [plan for plan in facts.perimeters_of(party.key, minimal=True) if not plan.shared]
        found = rules.awaiting(own, facts.exercises, facts.phase(row, on), on)
        left = sorted(
            (*found.undated, *found.late),
            key=lambda plan: (plan.pca not in rules.PLAYABLE, MINIMAL_KINDS.index(plan.kind), plan.code),
        )
        wanted += [
            Wanted(party=plan.party, code=plan.code, name=plan.name, written=plan.pca in rules.PLAYABLE)
            for plan in left
        ]
    target = facts.dates["target"].on if "target" in facts.dates else None
    codes = [each.code for each in facts.exercises]
    names = {record.party.key: record.party.name for record in gathered.parties}
    for proposal in calendar.propose(wanted, engaged, days, zones, on, target=target):
        plan = proposal.wanted
        code = rules.next_code(codes, (proposal.on or on).year)
        codes.append(code)  # the next proposal has another one
        entity = plan.party if gathered.ght else gathered.candidate.support.finess
        site = "" if gathered.ght or plan.party == entity else plan.party
        yield Suggestion(proposal, code, entity, site, names.get(plan.party, plan.party))
