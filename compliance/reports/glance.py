"""What the working nouns say of a scope in five numbers, each of which opens its list: read in one statement."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from compliance.models.activity import Activity
from compliance.models.exercise import Exercise, ExerciseResult
from compliance.models.incident import Incident
from compliance.models.plan import PcraContent, SupportFunction
from compliance.models.register import Register
from compliance.reports import actions, incidents, plan_facts, plans
from compliance.reports.gathered import Gathered
from compliance.rules import dependency, support
from compliance.rules.dependency import Weakest
from compliance.rules.exercise import Status, planned_day
from compliance.rules.verdict import State

_MORE: dict[type[Register], tuple[str, ...]] = {
    Activity: (
        "perimeter_code", "number", "name", "criticality", "dima_minutes", "pdma_minutes", "degraded_hold_minutes",
    ),
    PcraContent: plans.WANTED[PcraContent],
    SupportFunction: ("function", "can_run_again"),
    Exercise: (*incidents.WANTED[Exercise], "postponed_to"),
    Incident: incidents.WANTED[Incident],
}  # fmt: skip


@dataclass(frozen=True)
class Glance:
    """Five numbers. `silent` support functions are those nobody answered for, of four by establishment."""

    weakest: Weakest
    silent: int
    functions: int
    open_actions: int
    late_actions: int
    to_prove: int
    coming: int
    lessons: int  # incidents that are over and were not learnt from


def glance(gathered: Gathered, on: date, known: date) -> Glance:
    """Read what is promised, decided and learnt over a scope."""
    rows = actions.read(gathered, known, _MORE)
    decided = actions.lines(gathered, rows, on)
    states = Counter(line.verdict.state for line in decided)
    activities = [plan_facts.activity_of(row) for row in rows[Activity]]
    contents = {(row.finess, row.values["perimeter_code"]): row.values for row in rows[PcraContent]}
    promised = [
        plan_facts.plan_of(record, contents.get((record.finess, record.code)))
        for record in gathered.perimeters
        if record.present
    ]
    held = {(row.finess, row.values["exercise_code"]) for row in rows[ExerciseResult] if row.values["held_on"] <= on}
    days = [
        planned_day(row.values)
        for row in rows[Exercise]
        if row.values["status"] != Status.CANCELLED and (row.finess, row.values["code"]) not in held
    ]
    answered = {
        (row.finess, row.values["function"]) for row in rows[SupportFunction] if row.values["can_run_again"] is not None
    }
    establishments = (
        {record.finess for record in gathered.parties if record.finess}
        if gathered.ght
        else {gathered.candidate.support.finess}
    )
    functions = len(support.SupportFunction) * len(establishments)
    return Glance(
        weakest=dependency.weakest(activities, plan_facts.held(promised)),
        silent=functions - sum(finess in establishments for finess, _ in answered),
        functions=functions,
        open_actions=states[State.IN_PROGRESS],
        late_actions=states[State.AT_RISK],
        to_prove=states[State.TO_CONFIRM],
        coming=sum(day is not None and day >= on for day in days),
        lessons=sum(line.state == incidents.TO_LEARN for line in incidents.lines(gathered, rows, decided, on)),
    )
