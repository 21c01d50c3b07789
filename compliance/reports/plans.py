"""PCRA of a scope on a day: what each holds and promises, what exercises observed, what the BIA cannot keep.

Four statements whatever the number of establishments, perimeters and activities.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from compliance.models.activity import Activity, Dependency
from compliance.models.backup import CriticalSystem
from compliance.models.exercise import Exercise, ExerciseResult, PlanResult
from compliance.models.plan import LinkedPlan, PcraContent, SupportFunction
from compliance.models.register import Register
from compliance.reports import plan_facts
from compliance.rules import dependency, plan, support
from compliance.rules.dependency import Conflict, Weakest
from compliance.rules.exercise import PlanOutcome, planned_day
from compliance.rules.objective import Gap
from compliance.rules.plan import Link, Observed, Plan
from compliance.rules.support import SupportAnswer
from compliance.rules.verdict import State, Verdict
from compliance.services import perimeter as perimeters_service
from compliance.services import register, scope_establishments
from compliance.services.perimeter import Coverage, PerimeterRecord
from compliance.services.register import Row
from tenants.models import LegalEntity

WANTED: dict[type[Register], tuple[str, ...]] = {
    Activity: (
        "perimeter_code", "number", "name", "criticality", "impact_4h", "impact_24h", "impact_72h", "impact_1w",
        "dima_minutes", "pdma_minutes", "nominal_staff", "minimal_staff", "degraded_mode", "degraded_hold_minutes",
    ),
    Dependency: ("perimeter_code", "activity_number", "kind", "label", "tolerated_minutes", "system_code"),
    CriticalSystem: (
        "code", "application", "finess_list", "activities", "rto_minutes", "pdma_minutes", "frequency_minutes",
    ),
    PcraContent: (
        "perimeter_code", "owner_function", "loss_system", "loss_site", "loss_staff", "loss_supplier",
        "degraded_after_minutes", "interruption_minutes", "capacity", "hold_minutes", "relief", "reviewed_on",
        "next_review_on", "linked_plans",
    ),
    LinkedPlan: ("code", "kind", "title", "approved_on", "review_by"),
    SupportFunction: (
        "function", "perimeter_code", "can_run_again", "run_by", "channel", "hold_minutes", "checked_on",
    ),
    Exercise: ("code", "finess_list", "nature", "perimeters", "planned_on", "postponed_to", "status"),
    ExerciseResult: ("exercise_code", "held_on"),
    PlanResult: (
        "exercise_code", "perimeter_code", "result", "degraded_after_minutes", "interruption_minutes", "capacity",
        "dependencies_found",
    ),
}  # fmt: skip
EXISTS = "exists"  # a state to filter on: whatever is not « pas de PCRA »


@dataclass(frozen=True)
class Read:
    """Everything read of a scope for this page."""

    establishments: Sequence[LegalEntity]
    perimeters: Sequence[PerimeterRecord]
    coverages: Sequence[Coverage]
    rows: Mapping[type[Register], Sequence[Row]]


@dataclass(frozen=True)
class Result:
    """What an exercise gave for a plan, beside what the plan declares; `asks` for its revision."""

    observed: Observed
    gaps: tuple[Gap, ...]
    asks: bool


@dataclass(frozen=True)
class Found:
    """Dependencies found in an exercise that the BIA of a perimeter does not have."""

    perimeter: str
    name: str
    exercise: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class PlanLine:
    """The PCRA of one perimeter. `content` is the row of its contents, None when they were never typed."""

    record: PerimeterRecord
    plan: Plan
    verdict: Verdict
    links: tuple[Link, ...]
    results: tuple[Result, ...]
    covers: tuple[str, ...]
    content: UUID | None

    @property
    def lacks(self) -> frozenset[str]:
        """What it lacks, by the keys of `plan.LACKS`."""
        return frozenset(plan.lacks_of(reason.code) for reason in self.verdict.reasons) - {""}

    def in_state(self, state: str) -> bool:
        """Whether a filter on states keeps it."""
        return state in ("", str(self.verdict.state)) or (state == EXISTS and self.plan.exists)


@dataclass(frozen=True)
class SupportLine:
    """A support function of an establishment: always there, said empty when nothing is known."""

    function: support.SupportFunction
    answer: SupportAnswer | None
    perimeter: str
    verdict: Verdict
    ref: UUID | None


@dataclass(frozen=True)
class Group:
    """What one establishment has. `covered` are plans of others that serve it."""

    finess: str
    name: str
    lines: tuple[PlanLine, ...]
    covered: tuple[Coverage, ...]
    supports: tuple[SupportLine, ...]
    conflicts: tuple[Conflict, ...]
    found: tuple[Found, ...]
    weakest: Weakest


def read(known: date) -> Read:
    """Read the plans of the scope known at the end of a day."""
    establishments = scope_establishments.readable()
    ids = [each.id for each in establishments]
    return Read(
        establishments,
        perimeters_service.current_perimeters(ids, known),
        perimeters_service.coverages(ids, known),
        register.columns_of(WANTED, ids, known),
    )


def groups(found: Read, on: date) -> list[Group]:
    """Judge the plans of each establishment on a day, by FINESS; perimeters that do not exist here are left out."""
    facts = _Facts(found, on)
    lines = [facts.line(record) for record in found.perimeters if record.present]
    conflicts = facts.conflicts()
    told = []
    for each in found.establishments:
        own = tuple(line for line in lines if line.record.finess == each.finess)
        plans = plan_facts.held(line.plan for line in own)
        activities = [activity for activity in facts.activities if activity.party == each.finess]
        told.append(
            Group(
                each.finess,
                each.name,
                own,
                tuple(plan for plan in found.coverages if plan.covered_finess == each.finess),
                tuple(facts.supports(each.finess)),
                tuple(conflict for conflict in conflicts if conflict.party == each.finess),
                tuple(one for line in own for one in facts.found(line)),
                dependency.weakest(activities, plans),
            )
        )
    return told


def covers(found: Read, record: PerimeterRecord) -> tuple[str, ...]:
    """Return the establishments that the plan of a perimeter covers beside its own: a mutualised plan."""
    named = (record.finess, record.code)
    return tuple(each.covered_finess for each in found.coverages if (each.owner_finess, each.code) == named)


def of_perimeter(found: Read, finess: str, code: str, on: date) -> tuple[PlanLine | None, list[Row], list[Found]]:
    """Return the plan of one perimeter, its activities by number, and the dependencies that its BIA lacks."""
    facts = _Facts(found, on)
    record = next((each for each in found.perimeters if (each.finess, each.code) == (finess, code)), None)
    line = facts.line(record) if record is not None and record.present else None
    rows = [r for r in found.rows[Activity] if (r.finess, r.values["perimeter_code"]) == (finess, code)]
    return line, rows, list(facts.found(line)) if line else []


class _Facts:
    """Rows of registers as the rules read them."""

    def __init__(self, found: Read, on: date) -> None:
        self.read, self.on = found, on
        self.linked = [
            plan.LinkedPlan(
                party=row.finess,
                code=row.values["code"],
                kind=plan.LinkedKind(row.values["kind"]),
                title=row.values["title"] or "",
                approved_on=row.values["approved_on"],
                review_by=row.values["review_by"],
                ref=str(row.id),
            )
            for row in found.rows[LinkedPlan]
        ]
        self.contents = {(row.finess, row.values["perimeter_code"]): row for row in found.rows[PcraContent]}
        self.answers = {(row.finess, row.values["function"]): row for row in found.rows[SupportFunction]}
        self.known: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in found.rows[Dependency]:
            self.known[row.finess, row.values["perimeter_code"]].append(row.values["label"])
        self.activities = [plan_facts.activity_of(row) for row in found.rows[Activity]]
        self.observed: dict[tuple[str, str], list[Observed]] = defaultdict(list)
        self._observe()

    # -- exercises

    def _observe(self) -> None:
        """Give each result of an exercise to the plan it tried, on the day it was held."""
        codes = {(record.finess, record.code) for record in self.read.perimeters}
        held = _by_code(self.read.rows[ExerciseResult], "exercise_code")
        planned = _by_code(self.read.rows[Exercise], "code")
        for row in self.read.rows[PlanResult]:
            values = row.values
            exercise = _nearest(planned.get(values["exercise_code"], ()), row.finess)
            result = _nearest(held.get(values["exercise_code"], ()), exercise.finess if exercise else row.finess)
            day = None
            if result is not None:
                day = result.values["held_on"]
            elif exercise is not None:
                day = planned_day(exercise.values)
            if day is not None and day > self.on:
                continue
            numbers = [row.finess, *(exercise.values["finess_list"] if exercise else ())]
            party = next((n for n in numbers if (n, values["perimeter_code"]) in codes), row.finess)
            self.observed[party, values["perimeter_code"]].append(
                Observed(
                    exercise=values["exercise_code"],
                    on=day,
                    ref=str(row.id),
                    outcome=PlanOutcome(values["result"]) if values["result"] else None,
                    degraded_after=values["degraded_after_minutes"],
                    interruption=values["interruption_minutes"],
                    capacity=values["capacity"],
                    dependencies=tuple(values["dependencies_found"]),
                )
            )

    def found(self, line: PlanLine) -> Iterable[Found]:
        """The dependencies found in exercises, latest first, each told once, that the BIA does not have."""
        key = (line.plan.party, line.plan.code)
        known = list(self.known[key])
        for result in line.results:
            labels = dependency.unknown(result.observed.dependencies, known)
            if labels:
                known += labels
                yield Found(line.plan.code, line.plan.name, result.observed.exercise, labels)

    # -- plans

    def line(self, record: PerimeterRecord) -> PlanLine:
        key = (record.finess, record.code)
        content = self.contents.get(key)
        judged = plan_facts.plan_of(record, content.values if content else None)
        observed = sorted(self.observed[key], key=lambda each: (each.on or date.min, each.exercise), reverse=True)
        return PlanLine(
            record,
            judged,
            plan.content(judged, self.linked, observed, self.on),
            tuple(plan.links(judged, self.linked, self.on)) if content else (),
            tuple(
                Result(each, tuple(plan.gaps(judged, each)), plan.asks_revision(judged, each, self.on))
                for each in observed
            ),
            covers(self.read, record),
            content.id if content else None,
        )

    def supports(self, finess: str) -> Iterable[SupportLine]:
        for function in support.SupportFunction:
            row = self.answers.get((finess, function))
            answer = plan_facts.answer_of(function, row.values) if row else None
            perimeter = (row.values["perimeter_code"] or "") if row else ""
            verdict = support.answered(function, answer, self.on)
            yield SupportLine(function, answer, perimeter, verdict, row.id if row else None)

    # -- the BIA

    def conflicts(self) -> list[Conflict]:
        places = [
            dependency.Place(party=each.finess, code=each.code, name=each.name)
            for each in self.read.perimeters
            if each.present
        ]
        needs = [plan_facts.need_of(row) for row in self.read.rows[Dependency]]
        systems = [plan_facts.system_of(row) for row in self.read.rows[CriticalSystem]]
        return dependency.conflicts(places, self.activities, needs, systems)


def _by_code(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    told: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        told[row.values[column]].append(row)
    return told


def _nearest(rows: Collection[Row], finess: str) -> Row | None:
    """The row of an establishment, else the only one there is: an exercise may be another's of the same group."""
    own = [row for row in rows if row.finess == finess] or list(rows)
    return own[0] if len(own) == 1 else None


# -------------------------------------------------------------------------------------------------------- the page


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address of the page asks for, '' for nothing."""

    kind: str = ""
    establishment: str = ""
    state: str = ""
    lack: str = ""

    def keeps(self, line: PlanLine) -> bool:
        """Whether a line answers the filters; an establishment is also that of a site, or one that a shared plan covers."""
        record = line.record
        return (
            self.kind in ("", record.kind)
            and self.establishment in ("", record.finess, record.site_finess, *line.covers)
            and line.in_state(self.state)
            and (not self.lack or self.lack in line.lacks)
        )


# The states of a PCRA, with the words of this page.
STATES = {
    str(State.MET): "Complet",
    str(State.AT_RISK): "À reprendre",
    str(State.IN_PROGRESS): "Incomplet",
    str(State.MISSING): "Pas de PCRA",
}


def narrowed(group: Group, asked: Asked) -> Group:
    """Keep the lines of a group that answer the filters."""
    return replace(group, lines=tuple(line for line in group.lines if asked.keeps(line)))


def weakest_of(found: Sequence[Group]) -> tuple[Group, Weakest] | None:
    """Find the establishment where something gives way first; None when nobody says how long anything holds."""
    said = [(each.weakest.minutes, each.name, each) for each in found if each.weakest.minutes is not None]
    if not said:
        return None
    _, _, first = min(said, key=lambda each: each[:2])
    return first, first.weakest
