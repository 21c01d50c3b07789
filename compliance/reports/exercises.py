"""Each exercise with its two answers: whether it counts for D2.O1.D, whether it counts as the crisis exercise of its year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from compliance.rules import exercise as rules
from compliance.rules.conditions import exercise_verdict
from compliance.rules.facts import Facts
from compliance.rules.requirement import Row
from compliance.rules.verdict import FURTHER, State, Verdict
from compliance.rules.words import few


@dataclass(frozen=True)
class Answer:
    """The best answer over the parties of an exercise, its reasons, and for whom it counts."""

    state: State
    reasons: tuple[str, ...]
    counts_for: str


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
    lines = []
    for each in facts.exercises:
        parties = [party for party in facts.scope if party.key in each.parties]
        result = each.held(on)
        day = result.held_on if result else each.planned_on
        year = day.year if day else on.year
        tests = [exercise_verdict(row, facts, each, party, on) for party in parties]
        yearly = [rules.yearly(each, party.key, year, on) for party in parties]
        names = [party.name for party in parties]
        lines.append(
            ExerciseLine(
                each.code,
                each.nature.label if each.nature else "nature à préciser",
                day,
                result is not None,
                _answer(tests, names),
                _answer(yearly, names),
            )
        )
    return sorted(lines, key=lambda line: (line.on or date.min, line.code), reverse=True)


def _answer(verdicts: Sequence[Verdict], names: Sequence[str]) -> Answer:
    """Keep the answer that is furthest; who it counts for when several establishments share the exercise."""
    if not verdicts:
        return Answer(State.NOT_APPLICABLE, ("Aucune partie dans le périmètre",), "")
    best = max(verdicts, key=lambda verdict: FURTHER.index(verdict.state))
    counting = [name for name, verdict in zip(names, verdicts, strict=True) if verdict.state is State.MET]
    told = f"compte pour {few(counting)}" if counting and len(counting) < len(names) else ""
    return Answer(best.state, tuple(reason.text for reason in best.reasons), told)
