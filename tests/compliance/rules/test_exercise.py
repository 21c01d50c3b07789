"""One exercise, two questions, two verdicts: the field test of D2.O1.D and the crisis exercise of the year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from compliance.rules.conditions import yearly_exercise
from compliance.rules.exercise import Exercise, Nature, best, field_test, schedule, yearly
from compliance.rules.milestone import Phase
from compliance.rules.perimeter import PlanState
from compliance.rules.verdict import Reason, State, Verdict
from tests.compliance.rules.case import readable
from tests.compliance.rules.facts import (
    D2,
    HELD,
    LATER,
    ON,
    codes,
    exercise,
    in_order,
    minimal,
    opinion,
    party,
    planned,
    texts,
)

PHASE = Phase(date(2025, 7, 16), date(2026, 11, 30))
ROW = D2.row("D2.O1.D")


def of_year(made: Exercise, year: int = 2026, *, key: str = "A", on: date = ON) -> Verdict:
    return yearly(made, key, year, on)


def of_field(made: Exercise, **changes: Any) -> Verdict:
    return field_test(made, "A", [replace(each, **changes) for each in minimal("A")], PHASE, ON)


YEARLY: dict[str, tuple[Exercise, State, list[str]]] = {
    "direction, directions métiers et soins en mode dégradé": (exercise(), State.MET, ["YEARLY_COUNTS"]),
    "exercice de cellule de crise": (exercise(nature=Nature.CRISIS_CELL), State.MET, ["YEARLY_COUNTS"]),
    "exercice régional": (exercise(nature=Nature.REGIONAL), State.MET, ["YEARLY_COUNTS"]),
    "la DSI seule": (exercise(management=False, departments=False), State.MISSING, ["IT_ONLY"]),
    "sans la direction générale": (exercise(management=False), State.MISSING, ["MANAGEMENT_ABSENT"]),
    "sans les directions métiers": (exercise(departments=False), State.MISSING, ["DEPARTMENTS_ABSENT"]),
    "prise en charge non évaluée": (exercise(care_assessed=False), State.MISSING, ["CARE_NOT_ASSESSED"]),
    "la DSI seule, sans les soins": (
        exercise(management=False, departments=False, care_assessed=False),
        State.MISSING,
        ["IT_ONLY", "CARE_NOT_ASSESSED"],
    ),
    "événement réel": (exercise(nature=Nature.REAL_EVENT), State.MISSING, ["REAL_EVENT"]),
    "RETEX absent": (exercise(retex_file=""), State.IN_PROGRESS, ["RETEX_MISSING", "YEARLY_COUNTS"]),
    "RETEX sans action": (exercise(actions=0), State.IN_PROGRESS, ["RETEX_MISSING", "YEARLY_COUNTS"]),
    "tenu l’an dernier": (exercise(held_on=date(2025, 12, 31)), State.MISSING, ["NOT_THIS_YEAR"]),
    "tenu le 1er janvier": (exercise(held_on=date(2026, 1, 1)), State.MET, ["YEARLY_COUNTS"]),
    "tenu demain": (exercise(held_on=LATER), State.MISSING, ["NOT_THIS_YEAR"]),
    "sans scénario : une question d’O1.D seulement": (exercise(scenario_file=""), State.MET, ["YEARLY_COUNTS"]),
    "sans périmètre testé : une question d’O1.D seulement": (
        exercise(perimeters=frozenset()),
        State.MET,
        ["YEARLY_COUNTS"],
    ),
    "prévu avant la fin de l’année": (planned(date(2026, 12, 3)), State.IN_PROGRESS, ["EXERCISE_PLANNED"]),
    "prévu ce jour": (planned(ON), State.IN_PROGRESS, ["EXERCISE_PLANNED"]),
    "prévu hier, sans résultat": (planned(date(2026, 11, 21)), State.IN_PROGRESS, ["RESULT_MISSING"]),
    "prévu hier puis annulé": (planned(date(2026, 11, 21), cancelled=True), State.MISSING, ["NOT_THIS_YEAR"]),
    "événement réel sans résultat": (
        planned(date(2026, 11, 21), nature=Nature.REAL_EVENT),
        State.MISSING,
        ["REAL_EVENT"],
    ),
    "prévu l’an prochain": (planned(date(2027, 1, 4)), State.MISSING, ["NOT_THIS_YEAR"]),
    "prévu puis annulé": (planned(date(2026, 12, 3), cancelled=True), State.MISSING, ["NOT_THIS_YEAR"]),
    "reporté sans date": (planned(None), State.MISSING, ["NOT_THIS_YEAR"]),
    "tenu ailleurs": (exercise(parties="BC"), State.MISSING, ["NOT_THIS_YEAR"]),
    "prévu ailleurs": (planned(date(2026, 12, 3), parties="BC"), State.MISSING, ["NOT_THIS_YEAR"]),
}


@pytest.mark.parametrize(("made", "state", "why"), YEARLY.values(), ids=[readable(name) for name in YEARLY])
def test_an_exercise_counts_or_not_as_the_crisis_exercise_of_the_year(
    made: Exercise, state: State, why: list[str]
) -> None:
    verdict = of_year(made)
    assert (verdict.state, codes(verdict.reasons)) == (state, why)


def test_the_yearly_verdict_quotes_what_an_ars_published() -> None:
    assert texts(of_year(exercise(management=False, departments=False)).reasons) == [
        "EX-1, 18/09/2026 : ni direction générale ni directions métiers, "
        "et une bascule ou une reprise par la seule DSI ne compte pas"
    ]


def test_an_exercise_whose_day_has_passed_without_a_result_says_so_for_the_year() -> None:
    verdict = of_year(planned(date(2026, 11, 21)))
    assert texts(verdict.reasons) == ["EX-1 : prévu le 21/11/2026, sans résultat"]
    assert verdict.next_action == "Saisir le résultat de EX-1, ou reporter l’exercice"


def test_a_real_event_without_a_result_waits_for_it_and_the_reviewer_decides() -> None:
    made = planned(date(2026, 9, 18), nature=Nature.REAL_EVENT)
    verdict = of_field(made)
    assert (verdict.state, verdict.next_action) == (State.IN_PROGRESS, "Saisir le résultat de EX-1")
    assert texts(verdict.reasons) == [
        "EX-1 : événement réel, résultat attendu ; proposé comme test, le réviseur décide"
    ]
    assert texts(of_year(made).reasons) == ["EX-1, 18/09/2026 : un événement réel n’est pas un exercice"]


def test_a_crisis_cell_whose_day_has_passed_is_not_to_come() -> None:
    passed = of_field(planned(date(2026, 11, 21), nature=Nature.CRISIS_CELL))
    assert texts(passed.reasons) == [
        "EX-1 : Exercice cellule de crise, sans résultat, ne sera pas un test terrain d’un PCA"
    ]


def test_neither_verdict_follows_from_the_other() -> None:
    without_management, cell = exercise(management=False), exercise(nature=Nature.CRISIS_CELL)
    assert (of_field(without_management).state, of_year(without_management).state) == (State.MET, State.MISSING)
    assert (of_field(cell).state, of_year(cell).state) == (State.MISSING, State.MET)


def test_a_combined_exercise_answers_both_questions() -> None:
    combined = exercise(nature=Nature.COMBINED, perimeters=frozenset({"SOI-A", "TEC-A"}))
    assert (of_field(combined).state, of_year(combined).state) == (State.MET, State.MET)


def test_the_best_exercise_of_the_year_speaks_for_a_party() -> None:
    facts = in_order(
        exercises=(exercise("EX-1", retex_file=""), exercise("EX-2"), exercise("EX-3", care_assessed=False))
    )
    verdict = yearly_exercise(ROW, facts, party("A"), ON)
    assert verdict.state is State.MET
    assert [reason.subject for reason in verdict.reasons] == ["EX-2"]


def test_a_year_without_an_exercise_that_counts_says_so_and_why_each_did_not() -> None:
    facts = in_order(exercises=(exercise("EX-1", care_assessed=False), exercise("EX-2", held_on=date(2025, 9, 18))))
    verdict = yearly_exercise(ROW, facts, party("A"), ON)
    assert (verdict.state, codes(verdict.reasons)) == (State.MISSING, ["NO_YEARLY_EXERCISE", "CARE_NOT_ASSESSED"])
    assert verdict.next_action == "Prévoir l’exercice de crise de 2026 : CH A"


def test_a_test_that_can_never_count_asks_for_another_one() -> None:
    assert of_field(exercise(nature=Nature.REGIONAL)).next_action == "Prévoir un autre test terrain que EX-1"


def test_the_plan_played_may_be_written_and_not_approved_yet() -> None:
    assert of_field(exercise(), pca=PlanState.WRITTEN, pca_on=None).state is State.MET


def test_an_opinion_on_a_test_that_lacks_something_is_not_its_answer() -> None:
    favourable = opinion("O1.D", "EX-1")
    verdict = field_test(exercise(retex_file=""), "A", minimal("A"), PHASE, ON, favourable)
    assert (verdict.state, codes(verdict.reasons)) == (State.IN_PROGRESS, ["RETEX_MISSING"])


def test_without_any_verdict_the_sentence_for_nothing_is_said() -> None:
    verdict = best([], Reason("NOTHING", "Rien"), "Faire")
    assert (verdict.state, texts(verdict.reasons), verdict.next_action) == (State.MISSING, ["Rien"], "Faire")


def test_among_verdicts_of_one_state_the_first_sentence_speaks() -> None:
    first, second = (Verdict(State.IN_PROGRESS, (Reason("X", text),), text) for text in ("A", "B"))
    assert best([second, first], Reason("NOTHING", "Rien"), "Faire") is first


def test_a_schedule_says_until_when_it_runs() -> None:
    verdict = schedule(minimal("A"), [exercise(parties="A")], PHASE, ON)
    assert texts(verdict.reasons) == ["Calendrier de test : jusqu’au 15/03/2027"]


def test_a_schedule_with_everything_tested_has_nothing_to_date() -> None:
    tried = exercise(parties="A", perimeters=frozenset({"SOI-A", "ADM-A", "TEC-A"}))
    verdict = schedule([replace(each, next_test_on=None) for each in minimal("A")], [tried], PHASE, ON)
    assert (verdict.state, texts(verdict.reasons)) == (State.MET, ["Tous les PCA a minima sont testés"])


def test_a_schedule_without_a_single_day_is_missing_and_names_the_plans() -> None:
    """Trade article of September 2025 (lessons.md): one PCRA tested, a schedule for the others."""
    verdict = schedule([replace(each, next_test_on=None) for each in minimal("A")], [], PHASE, ON)
    assert (verdict.state, texts(verdict.reasons)) == (
        State.MISSING,
        ["Sans date de test : ADM-A, SOI-A et TEC-A"],
    )


def test_undated_and_late_plans_are_told_apart() -> None:
    care, office, lab = minimal("A")
    verdict = schedule([replace(care, next_test_on=HELD), replace(office, next_test_on=None), lab], [], PHASE, ON)
    assert (verdict.state, codes(verdict.reasons)) == (State.IN_PROGRESS, ["TEST_UNDATED", "TEST_DATE_PASSED"])
    assert verdict.next_action == "Dater le test : ADM-A et SOI-A"
