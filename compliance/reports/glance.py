"""What the working nouns say of a scope in five numbers, each of which opens its list: read in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.models.activity import Activity
from compliance.models.exercise import Exercise, ExerciseResult
from compliance.models.incident import Incident
from compliance.models.plan import PcraContent, SupportFunction
from compliance.models.register import Register
from compliance.reports import actions
from compliance.reports.gathered import Gathered
from compliance.rules import dependency, support
from compliance.rules.dependency import Held, Weakest
from compliance.rules.verdict import State

_MORE: dict[type[Register], tuple[str, ...]] = {
    Activity: ("perimeter_code", "number", "name", "criticality", "degraded_hold_minutes"),
    PcraContent: ("perimeter_code", "hold_minutes"),
    SupportFunction: ("function", "can_run_again"),
    Exercise: (*actions.WANTED[Exercise], "planned_on", "postponed_to", "status"),
    Incident: (*actions.WANTED[Incident], "ended_on", "ended_at", "retex_file"),
}


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
    lessons: int  # incidents that are over and have no RETEX


def glance(gathered: Gathered, on: date, known: date) -> Glance:
    """Read what is promised, decided and learnt over a scope."""
    rows = actions.read(gathered, known, _MORE)
    judged = actions.verdicts(rows, gathered.files, on).values()
    activities = [
        dependency.Activity(
            party=row.finess,
            perimeter=row.values["perimeter_code"],
            number=row.values["number"],
            name=row.values["name"],
            criticality=row.values["criticality"] or "",
            hold=row.values["degraded_hold_minutes"],
        )
        for row in rows[Activity]
    ]
    plans = [
        Held(row.values["perimeter_code"], row.values["perimeter_code"], row.values["hold_minutes"], activity=False)
        for row in rows[PcraContent]
    ]
    held = {(row.finess, row.values["exercise_code"]) for row in rows[ExerciseResult] if row.values["held_on"] <= on}
    days = [
        row.values["postponed_to"] if row.values["status"] == "postponed" else row.values["planned_on"]
        for row in rows[Exercise]
        if row.values["status"] != "cancelled" and (row.finess, row.values["code"]) not in held
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
        weakest=dependency.weakest(activities, plans),
        silent=functions - sum(finess in establishments for finess, _ in answered),
        functions=functions,
        open_actions=sum(verdict.state is State.IN_PROGRESS for verdict in judged),
        late_actions=sum(verdict.state is State.AT_RISK for verdict in judged),
        to_prove=sum(verdict.state is State.TO_CONFIRM for verdict in judged),
        coming=sum(day is not None and day >= on for day in days),
        lessons=sum(
            bool(row.values["ended_on"] or row.values["ended_at"]) and not row.values["retex_file"]
            for row in rows[Incident]
        ),
    )
