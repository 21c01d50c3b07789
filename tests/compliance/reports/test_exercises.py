"""Each exercise with its two answers, neither of which follows from the other."""

from __future__ import annotations

from datetime import date

import pytest

from compliance.programme.referential import load
from compliance.reports.exercises import two_answers
from compliance.rules.exercise import Nature
from compliance.rules.verdict import State
from tests.compliance.rules.facts import days, exercise, in_order, opinion, planned

ROW = load("D2").row("D2.O1.D")
ON = date(2026, 11, 22)


def lines(*exercises, **changes):
    return two_answers(in_order(exercises=exercises, **changes), ROW, ON)


@pytest.mark.parametrize(
    ("changes", "field_test", "yearly"),
    [
        ({}, State.MET, State.MET),
        ({"management": False, "departments": False}, State.MET, State.MISSING),
        ({"nature": Nature.CRISIS_CELL}, State.MISSING, State.MET),
        ({"nature": Nature.REAL_EVENT}, State.TO_CONFIRM, State.MISSING),
        ({"held_on": date(2025, 6, 1)}, State.MISSING, State.MET),  # before the phase, the exercise of its own year
    ],
)
def test_an_exercise_may_count_for_one_question_and_not_for_the_other(changes, field_test, yearly):
    [line] = lines(exercise(**changes))
    assert (line.field_test.state, line.yearly.state, line.held) == (field_test, yearly, True)
    assert line.field_test.reasons and line.yearly.reasons


def test_the_latest_exercise_comes_first_and_one_without_a_day_last():
    told = lines(
        exercise("EX-1"),
        planned(date(2026, 12, 4), "EX-2"),
        planned(None, "EX-3"),
        exercise("EX-4", held_on=date(2026, 1, 5)),
    )
    assert [(line.code, line.on, line.held) for line in told] == [
        ("EX-2", date(2026, 12, 4), False),
        ("EX-1", date(2026, 9, 18), True),
        ("EX-4", date(2026, 1, 5), True),
        ("EX-3", None, False),
    ]


def test_an_exercise_that_counts_for_some_of_its_parties_says_for_whom():
    facts = in_order(exercises=(exercise(perimeters=frozenset({"SOI-A", "SOI-B"})),))
    names = {party.key: party.name for party in facts.parties}
    [line] = two_answers(facts, ROW, ON)
    assert line.field_test.state is State.MET
    assert line.field_test.counts_for == f"compte pour {names['A']} et {names['B']}"
    assert line.yearly.counts_for == ""


def test_an_exercise_of_nobody_in_scope_is_not_judged():
    [line] = lines(exercise(parties="X"))
    assert (line.field_test.state, line.yearly.state) == (State.NOT_APPLICABLE, State.NOT_APPLICABLE)


def test_an_exercise_without_a_nature_says_that_it_lacks_one():
    [line] = lines(exercise(nature=None))
    assert line.nature == "nature à préciser"
    assert line.field_test.state is State.IN_PROGRESS


def test_an_opinion_on_the_exercise_is_heard_by_the_first_question_alone():
    [line] = lines(exercise(), opinions=(opinion("O1.D", "EX-1", favourable=False),))
    assert (line.field_test.state, line.yearly.state) == (State.IN_PROGRESS, State.MET)


def test_an_exercise_after_the_declaration_no_longer_counts_as_a_field_test():
    [line] = lines(exercise(), dates=days(declaration_filed=date(2026, 9, 17)))
    assert (line.field_test.state, line.yearly.state) == (State.MISSING, State.MET)
    assert "après la déclaration du 17/09/2026" in line.field_test.reasons[0]


def test_a_test_planned_after_the_close_of_declarations_is_told_too_late():
    [line] = lines(planned(date(2027, 1, 8)))
    assert "après la clôture des déclarations" in line.field_test.reasons[0]
    assert line.yearly.state is State.IN_PROGRESS  # of 2027
