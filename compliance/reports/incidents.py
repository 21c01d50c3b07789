"""Incidents: their timeline, the plans really used, the RETEX, the actions they led to, and whether they were learnt from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from compliance.models.exercise import Exercise, PlanResult
from compliance.models.incident import Incident
from compliance.models.register import Register
from compliance.reports import actions
from compliance.reports.actions import ActionLine, Rows
from compliance.reports.gathered import Gathered
from compliance.rules import incident as rules
from compliance.rules.exercise import Nature, PlanOutcome, Status, next_code
from compliance.rules.incident import Cause, Moment, Step
from compliance.rules.verdict import State, Verdict
from compliance.services.evidence import same_name
from compliance.services.register import Row

WANTED: dict[type[Register], tuple[str, ...]] = {
    Exercise: (*actions.WANTED[Exercise], "nature", "planned_on", "status"),
    Incident: (
        "code", "finess_list", "nature", "title", "plan_blanc", "perimeters", "consequences", "lessons", "retex_file",
        "retex_on", "exercise_code", *(f"{moment}_{part}" for moment in Moment for part in ("on", "at")),
    )
}  # fmt: skip

# What a list of incidents may be narrowed to: the word of the address, and what people read.
OPEN, TO_LEARN, LEARNT = "en-cours", "a-tirer", "tire"
STATES = {OPEN: "Dure encore", TO_LEARN: "Leçons à tirer", LEARNT: "Leçons tirées"}


@dataclass(frozen=True)
class UsedPlan:
    """A plan that really served. `finess` is that of the establishment that has it, "" when no perimeter has this code."""

    code: str
    name: str
    finess: str
    outcome: str
    outcome_ref: UUID | None


@dataclass(frozen=True)
class IncidentLine:
    """One incident, as its page tells it.

    `exercise_ref` is the exercise that proposes it to the reviewer, when it is known; `proposal_code` the code to give to one.
    `unnamed`: while the incident names none, the real event of its establishment planned on the day it began.
    """

    ref: UUID
    finess: str
    code: str
    title: str
    cause: str
    establishments: tuple[str, ...]
    numbers: tuple[str, ...]
    started_on: date
    steps: tuple[Step, ...]
    lasted: str
    over: bool
    plan_blanc: bool | None
    plans: tuple[UsedPlan, ...]
    consequences: str
    lessons: str
    retex_file: str
    retex_received: bool
    retex_on: date | None
    exercise_code: str
    exercise_ref: UUID | None
    proposal_code: str
    actions: tuple[ActionLine, ...]
    verdict: Verdict
    unnamed: str = ""

    @property
    def state(self) -> str:
        """One of `STATES`."""
        return OPEN if not self.over else LEARNT if self.verdict.state is State.MET else TO_LEARN

    @property
    def word(self) -> str:
        """Its state in the words of an incident."""
        return STATES[self.state]

    @property
    def actions_left(self) -> int:
        """How many of its actions are neither closed nor dropped."""
        return sum(not line.verdict.settled for line in self.actions)


def incidents(gathered: Gathered, on: date, known: date) -> list[IncidentLine]:
    """List the incidents that had begun by a day, the latest first, in one statement."""
    rows = actions.read(gathered, known, WANTED)
    return lines(gathered, rows, actions.lines(gathered, rows, on), on)


def lines(gathered: Gathered, rows: Rows, decided: Iterable[ActionLine], on: date) -> list[IncidentLine]:
    """Judge each incident that had begun by a day; `decided` are the actions of the scope, judged on that day."""
    led: dict[tuple[str, str], list[ActionLine]] = {}
    for line in decided:
        if line.origin == actions.INCIDENT:
            led.setdefault((line.finess, line.origin_code), []).append(line)
    exercises = {(row.finess, row.values["code"]): row.id for row in rows[Exercise]}
    named = {(row.finess, row.values["exercise_code"]) for row in rows[Incident]}
    events = {
        (row.finess, row.values["planned_on"]): row.values["code"]
        for row in rows[Exercise]
        if row.values["nature"] == Nature.REAL_EVENT
        and row.values["status"] != Status.CANCELLED
        and (row.finess, row.values["code"]) not in named
    }
    results = {(row.finess, row.values["exercise_code"], row.values["perimeter_code"]): row for row in rows[PlanResult]}
    told = [
        _line(row, gathered, on, led.get((row.finess, row.values["code"]), ()), exercises, events, results)
        for row in rows[Incident]
        if row.values["started_on"] <= on
    ]
    return sorted(told, key=lambda line: (line.started_on, line.code), reverse=True)


def _line(
    row: Row,
    gathered: Gathered,
    on: date,
    led: Sequence[ActionLine],
    exercises: dict[tuple[str, str], UUID],
    events: dict[tuple[str, date], str],
    results: dict[tuple[str, str, str], Row],
) -> IncidentLine:
    values = row.values
    numbers = tuple(values["finess_list"] or [row.finess])
    file, proposed = values["retex_file"] or "", values["exercise_code"] or ""
    fact = rules.Incident(
        times={moment: (values[f"{moment}_on"], values[f"{moment}_at"] or "") for moment in Moment},
        plans=tuple(values["perimeters"]),
        retex_file=file,
        retex_received=bool(file) and same_name(file) in gathered.files,
        actions=sum(line.verdict.state is not State.NOT_APPLICABLE for line in led),
        proposed=proposed,
    )
    return IncidentLine(
        row.id,
        row.finess,
        values["code"],
        values["title"],
        Cause(values["nature"]).label,
        tuple(gathered.names.get(number, number) for number in numbers),
        numbers,
        values["started_on"],
        rules.timeline(fact),
        rules.lasted(fact),
        fact.over(on),
        values["plan_blanc"],
        tuple(
            _plan(code, numbers, gathered, results.get((row.finess, proposed, code)))
            for code in dict.fromkeys(values["perimeters"])
        ),
        values["consequences"] or "",
        values["lessons"] or "",
        file,
        fact.retex_received,
        values["retex_on"],
        proposed,
        exercises.get((row.finess, proposed)),
        proposed or next_code((code for _, code in exercises), values["started_on"].year),
        tuple(led),
        rules.learnt(fact, on),
        "" if proposed else events.get((row.finess, values["started_on"]), ""),
    )


def _plan(code: str, numbers: Sequence[str], gathered: Gathered, result: Row | None) -> UsedPlan:
    """Find the plan behind a code: that of the first establishment of the incident that has it."""
    found = sorted(
        (record for record in gathered.perimeters if record.code == code and record.finess in numbers),
        key=lambda record: numbers.index(record.finess),
    )
    outcome = PlanOutcome(result.values["result"]).label if result else ""
    name, finess = (found[0].name, found[0].finess) if found else ("", "")
    return UsedPlan(code, name, finess, outcome, result.id if result else None)
