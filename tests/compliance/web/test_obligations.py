"""« Obligations »: what is asked beside the funding, and the exercises with their two answers."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest

from compliance.models.exercise import Exercise, ExerciseAction, ExerciseResult
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at
from tests.factories import registers
from tests.factories.acting import acting, seen

ON = "le=2026-11-22&connu=oui"
ESTUARY = f"/ght/{at.ESTUARY_CODE}"
NUMBERS = [member.finess for member in at.ESTUARY_MEMBERS]


@pytest.fixture
def exercise(app, world):
    """Return a function that records an exercise of the three, held in September 2026 with its RETEX and its actions."""
    for table in ("exercise", "exercise_result", "exercise_action"):
        seen(app, f"TRUNCATE {table}")

    def give(code: str = "EX-2", nature: str = "field_test", parties: list[str] = NUMBERS, **result: object) -> None:
        with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
            support = world.establishments[NUMBERS[0]]
            listed = {"finess_list": tuple(parties), "perimeters": ("URG-01",), "nature": nature}
            registers.write(support, Exercise, code, code=code, **listed)
            values = {
                "exercise_code": code, "held_on": date(2026, 9, 18), "management_present": True,
                "departments_present": True, "care_assessed": True, "scenario_file": "s.pdf", "retex_file": "r.pdf",
            }  # fmt: skip
            registers.write(support, ExerciseResult, code, **values | result)
            registers.write(support, ExerciseAction, f"{code} / 1", exercise_code=code, status="done")

    return give


@pytest.fixture
def page(sign_in, world):
    """Return a function that gives the page of the GHT of three on a day of 2026, with all that is known of it now."""
    return lambda query=ON: sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/obligations?{query}").text


def lines(page: str) -> dict[str, list[str]]:
    """The rows of the obligations by their code."""
    return {line[0].split()[0]: line for line in rows(page, "Dans l’ordre du texte")}


def test_the_seven_actions_are_told_beside_the_funding(page):
    shown = page()
    assert list(lines(shown)) == [f"OBL.{number}" for number in range(1, 8)]
    assert "jamais une condition du financement CaRE" in words(shown)


def test_the_crisis_exercise_of_the_year_is_held_when_it_counts_for_everybody(exercise, page):
    exercise("EX-2", parties=NUMBERS[:2])
    assert "Exercice de crise de 2026 : en cours." in words(page())
    assert lines(page())["OBL.1"][1] == "En cours"
    exercise("EX-3", parties=NUMBERS[2:])
    assert "Aucun exercice de crise qui compte" not in words(page())


def test_the_exercise_of_one_year_is_not_that_of_the_next(exercise, page):
    exercise()
    assert "Aucun exercice de crise qui compte en 2026" not in words(page())
    assert "Aucun exercice de crise qui compte en 2027" in words(page("le=2027-01-01&connu=oui"))


def test_each_exercise_has_its_two_answers(exercise, page):
    exercise("EX-2")
    exercise("EX-3", nature="crisis_cell", held_on=date(2026, 10, 2))
    exercise("EX-4", management_present=False, departments_present=False, held_on=date(2026, 10, 9))
    told = {line[0].split()[0]: line for line in rows(page(), "Deux questions")}
    assert list(told) == ["EX-4", "EX-3", "EX-2"]
    answers = {code: (line[2].split(" EX-")[0], line[3].split(" EX-")[0]) for code, line in told.items()}
    assert answers == {
        "EX-2": ("Compte", "Compte"),
        "EX-3": ("Ne compte pas", "Compte"),
        "EX-4": ("Compte", "Ne compte pas"),
    }
    assert "pas un test terrain d’un PCA" in told["EX-3"][2]


def test_the_exercises_are_told_the_same_way_on_the_row_of_field_tests(exercise, page, sign_in):
    exercise()
    row = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/lignes/D2.O1.D?{ON}").text
    assert rows(row, "Deux questions") == rows(page(), "Deux questions") != []


def test_without_an_exercise_the_page_says_where_they_come_from(app, page):
    for table in ("exercise", "exercise_result", "exercise_action"):
        seen(app, f"TRUNCATE {table}")
    assert "Aucun exercice n’est enregistré" in words(page())


@pytest.mark.parametrize(
    ("email", "path"),
    [
        ("direction@marquerive.example", f"/etablissements/{at.CAPES_MEMBERS[3].finess}"),
        (at.OUTSIDE_ADMIN, f"/etablissements/{at.OUTSIDE[0]}"),
        ("signataire@estuaire.example", ESTUARY),
    ],
)
def test_whoever_reads_a_scope_reads_its_obligations(world, sign_in, email, path):
    answer = sign_in(email).get(f"{path}/obligations")
    assert answer.status_code == 200
    assert len(lines(answer.text)) == 7


def test_another_candidate_does_not_reach_them(world, sign_in):
    assert sign_in(at.CAPES_DSI).get(f"{ESTUARY}/obligations").status_code == 404


def test_a_piece_of_an_obligation_is_attached_and_every_page_of_its_candidate_still_answers(sign_in):
    dsi = sign_in(at.ESTUARY_DSI)
    given = {"piece": "other", "establishment": NUMBERS[0], "file": (BytesIO(b"bilan"), "bilan.txt")}
    answer = dsi.post(f"{ESTUARY}/lignes/OBL.1/pieces", data=given, content_type="multipart/form-data")
    assert answer.status_code == 302
    assert "bilan.txt" in dsi.get(f"{ESTUARY}/lignes/OBL.1").text
    assert [dsi.get(f"{ESTUARY}/{page}").status_code for page in ("", "dossier", "obligations")] == [200] * 3
