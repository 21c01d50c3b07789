"""Actions of every origin (an exercise, an incident, a gap of a row), each with its state and what closes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from compliance.models.exercise import Exercise, ExerciseAction, ExerciseResult, PlanResult
from compliance.models.incident import Incident
from compliance.models.register import Register
from compliance.reports.gathered import Gathered
from compliance.rules import action as rules
from compliance.rules.exercise import PlanOutcome
from compliance.rules.verdict import Verdict
from compliance.services import register
from compliance.services.evidence import same_name
from compliance.services.register import Row

Rows = Mapping[type[Register], Sequence[Row]]

WANTED: dict[type[Register], tuple[str, ...]] = {
    ExerciseAction: (
        "exercise_code", "incident_code", "objective", "number", "finding", "action", "priority", "owner_function", "due_on",
        "status", "closed_on", "proof_file", "retest_code",
    ),
    Exercise: ("code", "perimeters"),
    ExerciseResult: ("exercise_code", "held_on"),
    PlanResult: ("exercise_code", "perimeter_code", "result"),
    Incident: ("code", "perimeters"),
}  # fmt: skip

# Where an action comes from: the word of the address, and what people read.
EXERCISE, INCIDENT, ROW = "exercice", "incident", "ligne"
ORIGINS = {EXERCISE: "Exercice", INCIDENT: "Incident", ROW: "Ligne du référentiel"}


@dataclass(frozen=True)
class ActionLine:
    """One action. `origin` is one of `ORIGINS`; `origin_ref` is the row that it comes from, None when it is not known here."""

    ref: UUID
    finess: str
    establishment: str
    number: str
    origin: str
    origin_code: str
    origin_ref: UUID | None
    finding: str
    action: str
    owner: str
    priority: str
    due_on: date
    verdict: Verdict

    @property
    def word(self) -> str:
        """The state in the words of an action."""
        return rules.LABELS[self.verdict.state]


def actions(gathered: Gathered, on: date, known: date) -> list[ActionLine]:
    """List the actions of the scope, those that need somebody first, in one statement."""
    return lines(gathered, read(gathered, known), on)


def read(gathered: Gathered, known: date, more: Mapping[type[Register], Sequence[str]] | None = None) -> Rows:
    """Read what actions are judged on, and the columns of `more`, in one statement."""
    return register.columns_of({**WANTED, **(more or {})}, gathered.establishments, known)


def lines(gathered: Gathered, rows: Rows, on: date) -> list[ActionLine]:
    """Judge each action on a day: those late first, then those to prove, to do, closed, dropped; by due day."""
    reading = _Reading(rows)
    judged = verdicts(rows, gathered.files, on)
    told = []
    for row in rows[ExerciseAction]:
        values = row.values
        kind, code = origin_of(values)
        told.append(
            ActionLine(
                row.id,
                row.finess,
                gathered.names.get(row.finess, row.finess),
                values["number"],
                kind,
                code,
                reading.ref(kind, row.finess, code),
                values["finding"],
                values["action"],
                values["owner_function"] or "",
                (values["priority"] or "").upper(),
                values["due_on"],
                judged[row.id],
            )
        )
    order = list(rules.LABELS)
    return sorted(told, key=lambda line: (order.index(line.verdict.state), line.due_on, line.finess, line.number))


def verdicts(rows: Rows, files: Collection[str], on: date) -> dict[UUID, Verdict]:
    """Judge each action on a day; `files` are the names of the pieces received, as they are compared."""
    reading, told = _Reading(rows), dict[UUID, Verdict]()
    for row in rows[ExerciseAction]:
        kind, code = origin_of(row.values)
        file = row.values["proof_file"] or ""
        fact = rules.Action(
            due_on=row.values["due_on"],
            status=row.values["status"] or "",
            closed_on=row.values["closed_on"],
            proof_file=file,
            received=bool(file) and same_name(file) in files,
            retest=reading.retest(row, kind, code),
        )
        told[row.id] = rules.judge(fact, on)
    return told


def origin_of(values: Mapping[str, Any]) -> tuple[str, str]:
    """Say where an action comes from, and its code; two empty texts when nobody wrote it."""
    for kind, column in ((EXERCISE, "exercise_code"), (INCIDENT, "incident_code"), (ROW, "objective")):
        if values[column]:
            return kind, values[column]
    return "", ""


class _Reading:
    """What exercises and incidents say, found by the code that an action names."""

    def __init__(self, rows: Rows) -> None:
        self.exercises = {(row.finess, row.values["code"]): row for row in rows[Exercise]}
        self.incidents = {(row.finess, row.values["code"]): row for row in rows[Incident]}
        self.held = {(row.finess, row.values["exercise_code"]): row.values["held_on"] for row in rows[ExerciseResult]}
        self.results: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for row in rows[PlanResult]:
            self.results[row.finess, row.values["exercise_code"]][row.values["perimeter_code"]] = row.values["result"]

    def ref(self, kind: str, finess: str, code: str) -> UUID | None:
        found = {EXERCISE: self.exercises, INCIDENT: self.incidents}.get(kind, {}).get((finess, code))
        return found.id if found else None

    def retest(self, row: Row, kind: str, code: str) -> rules.Retest | None:
        """The exercise that tries the action again: that of its establishment, else the only one that has the code."""
        named = row.values["retest_code"]
        if not named:
            return None
        owners = sorted(finess for finess, each in self.exercises if each == named)
        owner = row.finess if row.finess in owners or len(owners) != 1 else owners[0]
        source = {EXERCISE: self.exercises, INCIDENT: self.incidents}.get(kind, {}).get((row.finess, code))
        about = set(source.values["perimeters"]) if source else set()
        results = self.results.get((owner, named), {})
        # Of several plans tried again, those that the action is about; all of them when nobody can tell.
        judged = [each for plan, each in results.items() if plan in about] or list(results.values())
        return rules.Retest(code=named, held_on=self.held.get((owner, named)), failed=PlanOutcome.FAILURE in judged)
