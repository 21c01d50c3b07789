"""What is somebody's to do: each task goes when what it asks is recorded, and only then."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from compliance.rules import action as rules
from compliance.rules import task
from compliance.rules.perimeter import BiaState, PerimeterKind, PlanState
from compliance.rules.task import TaskKind, Where

ON = date(2026, 11, 22)
HELD = date(2026, 9, 18)


@dataclass
class Line:
    values: dict[str, Any]
    finess: str = "629900044"
    id: UUID = field(default=UUID(int=5))


def exercise(**changes: Any) -> Line:
    return Line({"code": "EX-1", "label": "Perte du SI", "nature": "combined", "planned_on": ON + timedelta(days=4),
                 "postponed_to": None, "status": "planned", **changes})  # fmt: skip


def result(**changes: Any) -> Line:
    return Line({"exercise_code": "EX-1", "held_on": HELD, "retex_file": "retex.pdf", **changes}, id=UUID(int=6))


def action(**changes: Any) -> Line:
    return Line({"exercise_code": "EX-1", "incident_code": None, "finding": "Bons introuvables", "action": "Placer des bons",
                 "due_on": ON + timedelta(days=8), "status": "to_do", "proof_file": None, "retest_code": None, **changes})  # fmt: skip


def whats(tasks: Any) -> list[str]:
    return [each.what for each in tasks]


def test_the_actions_of_an_incident_are_decided_for_the_exercise_that_proposes_it():
    held = exercise(planned_on=HELD)
    led = action(exercise_code=None, incident_code="INC-1")
    [asked] = whats(task.of_exercises([held], [result()], [led], bool, ON))
    proposing = Line({"code": "INC-1", "exercise_code": "EX-1"})
    assert "EX-1" in asked
    assert whats(task.of_exercises([held], [result()], [led], bool, ON, [proposing])) == []
    assert whats(task.of_exercises([held], [result()], [], bool, ON, [proposing])) == [asked]


def test_an_exercise_of_next_week_is_to_be_held():
    [told] = task.of_exercises([exercise()], [], [], bool, ON)
    assert (told.what, told.due_on, told.where, told.name) == (
        "Tenir l’exercice EX-1",
        ON + timedelta(days=4),
        Where.EDIT,
        "Planning",
    )


@pytest.mark.parametrize(("changes", "count"), [
    ({"planned_on": ON + task.AHEAD}, 1),
    ({"planned_on": ON + task.AHEAD + timedelta(days=1)}, 0),
    ({"status": "cancelled"}, 0),
    ({"status": "postponed", "postponed_to": ON + timedelta(days=90)}, 0),
    ({"status": "postponed", "postponed_to": ON + timedelta(days=9)}, 1),
    ({"status": "postponed", "postponed_to": None}, 0),
])  # fmt: skip
def test_what_is_far_cancelled_or_put_off_is_not_told_yet(changes, count):
    assert len(list(task.of_exercises([exercise(**changes)], [], [], bool, ON))) == count


def test_a_day_gone_by_asks_for_the_result_and_its_form_knows_the_exercise():
    [told] = task.of_exercises([exercise(planned_on=ON - timedelta(days=1))], [], [], bool, ON)
    assert told.what == "Saisir le résultat de l’exercice EX-1"
    assert (told.where, told.name, told.given) == (Where.NEW, "Resultats", {"exercise_code": "EX-1"})
    assert told.late(ON)


def test_a_result_asks_for_its_retex_and_one_action_and_then_nothing_more():
    held = exercise(planned_on=HELD, status="done")
    assert whats(task.of_exercises([held], [result(retex_file=None)], [], bool, ON)) == [
        "Déposer le RETEX de l’exercice EX-1", "Décider au moins une action après l’exercice EX-1",
    ]  # fmt: skip
    assert whats(task.of_exercises([held], [result()], [action(status="dropped")], bool, ON)) == [
        "Décider au moins une action après l’exercice EX-1"
    ]
    assert whats(task.of_exercises([held], [result()], [action()], bool, ON)) == []


def test_an_exercise_of_another_establishment_with_the_same_code_is_another_one():
    other = Line(result().values, finess="629900001")
    [told] = task.of_exercises([exercise(planned_on=ON - timedelta(days=3))], [other], [], bool, ON)
    assert told.what.startswith("Saisir le résultat")


def judged(**changes: Any) -> tuple[Line, Any]:
    """An action with its verdict."""
    line = action(**changes)
    given = line.values
    return line, rules.judge(
        rules.Action(
            due_on=given["due_on"], status=given["status"], proof_file=given["proof_file"] or "", received=bool(given["proof_file"]),
        ),
        ON,
    )  # fmt: skip


def test_a_tick_closes_no_action_a_proof_does():
    """DSIH, September 2025: an action closes only by a later exercise or a proof."""
    [told] = task.of_actions([judged(status="done")], ON)
    assert told.what == "Prouver : Placer des bons"
    assert "elle n’est pas close" in told.why
    assert not list(task.of_actions([judged(status="done", proof_file="photo.pdf")], ON))


@pytest.mark.parametrize(("changes", "count"), [
    ({}, 1), ({"status": "dropped"}, 0), ({"due_on": ON + timedelta(days=61)}, 0), ({"due_on": ON - timedelta(days=400)}, 1),
])  # fmt: skip
def test_an_open_action_is_told_from_two_months_before_its_day(changes, count):
    assert len(list(task.of_actions([judged(**changes)], ON))) == count


def perimeter(**changes: Any) -> SimpleNamespace:
    given = {"finess": "629900044", "id": UUID(int=9), "name": "Urgences", "kind": PerimeterKind.CARE, "present": True,
             "bia": BiaState.NOT_DONE, "bia_reason": "", "pca": PlanState.WRITTEN, "pra": PlanState.APPROVED}  # fmt: skip
    return SimpleNamespace(**(given | changes))


def test_a_minimal_perimeter_asks_for_its_bia_and_its_plans_for_the_target_date():
    [told] = task.of_perimeters([perimeter()], date(2026, 11, 30))
    assert (told.what, told.due_on) == ("Urgences : faire le BIA et valider le PCA", date(2026, 11, 30))


@pytest.mark.parametrize("changes", [
    {"present": False}, {"kind": PerimeterKind.SUPPORT}, {"bia": BiaState.DONE, "pca": PlanState.APPROVED},
    {"bia_reason": "Commun avec le support", "pca": PlanState.APPROVED},
    {"bia": BiaState.NOT_APPLICABLE, "pca": PlanState.APPROVED},
])  # fmt: skip
def test_what_is_done_justified_or_not_asked_is_no_task(changes):
    assert not list(task.of_perimeters([perimeter(**changes)], None))


def test_a_plan_and_what_it_leans_on_are_to_be_reviewed_near_their_day():
    content = Line({"perimeter_code": "URG-01", "next_review_on": ON + timedelta(days=10)})
    blanc = Line({"code": "PB-01", "title": None, "review_by": ON - timedelta(days=1)})
    far = Line({"perimeter_code": "MED-01", "next_review_on": ON + timedelta(days=100)})
    unknown = Line({"perimeter_code": "BIO-01", "next_review_on": None})
    assert whats(task.of_reviews([content, far, unknown], [blanc], ON)) == [
        "Revoir le PCRA de URG-01",
        "Revoir : PB-01",
    ]


def test_an_incident_that_is_over_asks_for_its_retex_and_what_follows():
    """Dunkerque: ARS and management drew lessons; a RETEX and actions come out of a real outage."""
    outage = Line(
        {
            "code": "INC-1",
            "title": "Panne générale",
            "started_on": HELD,
            "ended_on": None,
            "ended_at": "16:00",
            "retex_file": None,
        }
    )
    told = list(task.of_incidents([outage], [], bool))
    assert whats(told) == ["Écrire le RETEX de l’incident INC-1", "Décider ce qui suit l’incident INC-1"]
    assert told[1].given == {"incident_code": "INC-1"}
    assert not list(task.of_incidents([Line({**outage.values, "ended_at": None})], [], bool)), "it lasts still"
    done = Line({**outage.values, "retex_file": "retex.pdf"})
    assert not list(task.of_incidents([done], [action(exercise_code=None, incident_code="INC-1")], bool))


def test_milestones_and_pieces_are_told_near_their_day_until_they_are_reached_or_renewed():
    near = {
        "code": "J1",
        "title": "PSSI revue",
        "due_on": ON + timedelta(days=5),
        "status": "in_progress",
        "reached_on": None,
    }
    assert whats(task.of_milestones([Line(near)], ON)) == ["PSSI revue"]
    assert not list(task.of_milestones([Line({**near, "reached_on": ON})], ON))
    assert not list(task.of_milestones([Line({**near, "status": "abandoned"})], ON))
    pieces = [("629900044", "D2.P1", "pssi.pdf", ON + timedelta(days=3)), ("629900044", "D2.P2", "note.pdf", None)]
    [told] = task.of_evidence(pieces, ON)
    assert (told.kind, told.name, told.where) == (TaskKind.EVIDENCE, "D2.P1", Where.ROW)


def test_numbers_that_nobody_checked_for_ninety_days_are_counted_and_never_named():
    """CHSF: recall lists and directories expire. CHU de Nice, 2021: a list that was sent out had a wrong number for the blood depot."""
    fresh, stale = ON - timedelta(days=90), ON - timedelta(days=91)
    lists = {"Rappel": [("629900044", fresh), ("629900044", None)], "Partenaires": [("629900044", stale)]}
    [told] = task.of_directory(lists, ON)
    assert told.what == "Appeler 2 numéros de l’annuaire de crise"
    assert (told.due_on, told.name) == (stale + task.FRESH, "Partenaires")


def test_tasks_come_by_day_and_those_without_a_day_last():
    days = [None, ON, ON - timedelta(days=1)]
    made = [
        task.Task(kind=TaskKind.PLAN, finess="1", due_on=day, what=str(day), why="", act="", where=Where.LIST, name="x")
        for day in days
    ]
    assert [each.due_on for each in task.in_order(made)] == [ON - timedelta(days=1), ON, None]


def test_a_retex_that_is_only_named_is_still_to_be_sent():
    held = exercise(planned_on=HELD, status="done")
    [told] = task.of_exercises([held], [result()], [action()], lambda _file: False, ON)
    assert told.what == "Déposer le RETEX de l’exercice EX-1"
    assert told.why == "retex.pdf est nommé, et n’a pas été déposé."
