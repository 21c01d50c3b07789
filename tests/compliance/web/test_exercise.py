"""The planning of exercises: the answer, its lists, what each day runs into, what is left to record, the days proposed."""

from __future__ import annotations

import html
import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from compliance.models.exercise import Exercise, ExerciseAction, ExerciseResult, PlanResult
from tests.compliance.web.pages import facts, rows, words
from tests.factories import acting as at
from tests.factories import registers
from tests.factories.acting import acting, seen

ESTUARY = f"/ght/{at.ESTUARY_CODE}"
FIRST, SECOND, THIRD = at.ESTUARY_MEMBERS
ON = "le=2026-11-22&connu=oui"
LIST, PROPOSED, YEAR = "Le dernier d’abord", "Les PCRA a minima", "Mois par mois"


def planned(world, code: str, day: date, *, owner=FIRST, **given: object) -> None:
    row = {"finess_list": (owner.finess,), "nature": "field_test", "status": "planned", "code": code, "planned_on": day}
    registers.write(world.establishments[owner.finess], Exercise, code, **{**row, **given})


def held(world, code: str, day: date, *, owner=FIRST, **given: object) -> None:
    row = {"management_present": True, "departments_present": True, "care_assessed": True, "degraded_modes": "yes",
           "scenario_file": "scenario.pdf", "retex_file": "retex.pdf"}  # fmt: skip
    establishment = world.establishments[owner.finess]
    registers.write(establishment, ExerciseResult, code, exercise_code=code, held_on=day, **{**row, **given})


@pytest.fixture
def page(app, world, sign_in):
    """Return a function that gives the planning of the GHT of three.

    One combined exercise was held on two plans (trade article, lessons.md), one is past without a result, two are to come.
    """
    seen(app, "TRUNCATE exercise, exercise_result, exercise_action, plan_result")
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        planned(world, "EX-2026-01", date(2026, 9, 17), nature="combined", perimeters=("URG-01", "SHARED-01"), status="done",
                label="Perte du SI aux urgences", storyline="09:00 les écrans s’éteignent")  # fmt: skip
        held(world, "EX-2026-01", date(2026, 9, 17))
        registers.write(
            *(world.establishments[FIRST.finess], ExerciseAction, "EX-2026-01 / 1"),
            exercise_code="EX-2026-01",
            number="1",
        )
        registers.write(
            *(world.establishments[FIRST.finess], PlanResult, "EX-2026-01 / URG-01"),
            exercise_code="EX-2026-01",
            perimeter_code="URG-01",
            result="partial",
        )
        planned(world, "EX-2026-02", date(2026, 11, 3))
        planned(world, "EX-2026-03", date(2026, 12, 3), owner=SECOND, teams=("Urgences",), perimeters=("URG-01",))
        planned(world, "EX-2026-04", date(2026, 12, 10), owner=SECOND, teams=("URGENCES",), storyline="Secret")
    browser = sign_in(at.ESTUARY_DSI)
    return lambda query="": browser.get(f"{ESTUARY}/exercices?{ON}&{query}").text


def listed(page: str) -> dict[str, list[str]]:
    return {line[0].split()[0]: line for line in rows(page, LIST)}


def links(page: str, path: str) -> list[dict[str, str]]:
    """The forms that a page opens filled: what each address says."""
    found = [urlsplit(html.unescape(each)) for each in re.findall(r'href="([^"]+)"', page)]
    return [
        {name: values[0] for name, values in parse_qs(each.query).items() if name not in {"le", "connu"}}
        for each in found
        if each.path == f"{ESTUARY}/registres/{path}/nouveau"
    ]


def test_the_answer_says_how_many_count_which_is_next_and_what_is_left_to_record(page):
    told = words(page())
    assert "1 exercice sur 4 compte pour O1.D." in told
    assert "Le prochain est EX-2026-03 , jeudi 3 décembre 2026." in told
    assert "Il reste 1 résultat à saisir." in told


def test_every_number_is_the_length_of_the_list_behind_it(page, sign_in):
    figures = facts(page())
    assert {label: text for label, (text, _) in figures.items()} == {
        "Compte pour O1.D": "1",
        "Compte comme exercice de l’année": "1",
        "À venir": "2",
        "À venir, avec un avertissement": "2",
        "Résultat à saisir": "1",
    }
    browser = sign_in(at.ESTUARY_DSI)
    for text, href in figures.values():
        assert len(rows(browser.get(href).text, LIST)) == int(text), href


def test_each_exercise_has_its_two_answers(page):
    told = listed(page())
    assert list(told) == ["EX-2026-04", "EX-2026-03", "EX-2026-02", "EX-2026-01"]
    assert told["EX-2026-01"][3].startswith("Compte")
    assert told["EX-2026-01"][4].startswith("Compte")
    assert told["EX-2026-02"][3].startswith("Pas encore")


def test_a_team_taken_twice_and_the_winter_are_told_beside_the_exercise(page):
    told = listed(page())["EX-2026-04"][2]
    assert "2 avertissements" in told
    assert "L’équipe URGENCES est déjà prise par EX-2026-03 à 7 jours, le 03/12/2026." in told
    assert "Épidémies de l’hiver (semaines 48 à 8) : les services sont en tension." in told
    assert "avertissement" not in listed(page())["EX-2026-02"][2]  # its day is past


def test_school_holidays_are_those_of_the_department_of_the_establishment(app, world, page):
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        planned(world, "EX-2027-01", date(2027, 4, 20), owner=THIRD)  # department 62: zone B
        planned(world, "EX-2027-02", date(2027, 4, 8), owner=THIRD)  # of zone C alone
    told = listed(page())
    assert "Vacances scolaires : Printemps 2027, zone B" in told["EX-2027-01"][2]
    assert "Vacances scolaires" not in told["EX-2027-02"][2]


def test_a_past_exercise_without_a_result_opens_its_form(page):
    assert links(page(), "Resultats") == [{"exercise_code": "EX-2026-02", "finess_ej": FIRST.finess}]


def test_a_combined_exercise_gives_a_result_to_each_of_its_plans(page):
    """Trade article (lessons.md): one exercise, many results."""
    shown = page()
    assert "URG-01 : partiel" in listed(shown)["EX-2026-01"][2]
    assert links(shown, "Resultats_par_plan") == [
        {"exercise_code": "EX-2026-01", "perimeter_code": "SHARED-01", "finess_ej": FIRST.finess}
    ]


def test_puget_theniers_an_exercise_of_two_establishments_is_listed_and_counts_in_both(app, world, page):
    """lessons.md, Puget-Théniers / Entrevaux: the mutualised scope of an exercise."""
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        seen(app, "TRUNCATE exercise, exercise_result")
        both = (FIRST.finess, SECOND.finess)
        planned(world, "EX-2026-05", date(2026, 10, 6), nature="combined", finess_list=both, status="done")
        held(world, "EX-2026-05", date(2026, 10, 6))
        first = world.establishments[FIRST.finess]
        registers.write(first, ExerciseAction, "EX-2026-05 / 1", exercise_code="EX-2026-05", number="1")
    [line] = listed(page(f"etablissement={SECOND.finess}")).values()
    assert line[4].startswith("Compte")
    assert listed(page(f"etablissement={FIRST.finess}")) == {"EX-2026-05": line}
    assert listed(page(f"etablissement={THIRD.finess}")) == {}


def test_the_scenario_is_never_on_the_planning(page):
    """Practice.md, 1.3 (REMPAR22): players do not read the scenario before the day."""
    assert "Secret" not in page()
    assert "les écrans" not in page()


def test_each_minimal_plan_without_a_test_or_a_day_is_proposed_one(page):
    """Trade article (lessons.md): one plan tested, a schedule for the others."""
    told = rows(page(), PROPOSED)
    assert [(line[0], line[1], line[2]) for line in told] == [
        ("Urgences adultes URG-01", THIRD.name, "lundi 8 mars 2027"),
    ]
    assert "Après la date cible du 30/11/2026 : aucun jour sans conflit avant." in told[0][3]


def test_a_day_proposed_opens_a_form_filled_and_editable(world, sign_in, page):
    shown = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/exercices").text
    [proposed] = [each for each in links(shown, "Planning") if each]
    day = proposed.pop("planned_on")
    assert re.fullmatch(r"\d{2}/\d{2}/\d{4}", day)
    assert re.fullmatch(rf"EX-{day[-4:]}-\d\d", code := proposed.pop("code"))
    assert code not in {"EX-2026-01", "EX-2026-02", "EX-2026-03", "EX-2026-04"}
    assert proposed == {
        "finess_list": THIRD.finess,
        "nature": "Test PCA terrain",
        "perimeters": "URG-01",
        "status": "Planifié",
        "label": "Test du PCA : Urgences adultes",
    }
    assert links(page(), "Planning") == [{}]  # a day asked: the empty form alone


def test_the_planner_holds_each_exercise_of_its_year_and_says_which_months_are_empty(page):
    *months, idle = rows(page(), YEAR)
    told = {line[0]: line[1] for line in months}
    assert list(told) == ["Septembre", "Novembre", "Décembre"]
    assert told["Septembre"] == "EX-2026-01 17/09/2026 , Combiné, tenu"
    assert told["Décembre"].count("EX-2026") == 2
    assert idle == ["Les autres mois", "Rien en janvier, février, mars, avril, mai, juin, juillet, août, octobre."]
    of_2027 = {line[0]: line for line in rows(page("annee=2027"), YEAR)}
    assert of_2027["Mars"][2] == f"URG-01 08/03/2027 , {THIRD.name}"


def test_the_list_narrows_to_one_establishment_and_an_unknown_word_narrows_nothing(page):
    assert list(listed(page(f"etablissement={SECOND.finess}"))) == ["EX-2026-04", "EX-2026-03"]
    assert not rows(page(f"etablissement={SECOND.finess}"), PROPOSED)
    assert len(listed(page("etablissement=1&etat=x&annee=x"))) == 4


def test_who_only_reads_is_offered_no_form(world, sign_in):
    member = at.CAPES_MEMBERS[3]
    for email, writes in (("direction@marquerive.example", False), (at.REFERENT, True)):
        page = sign_in(email).get(f"/etablissements/{member.finess}/exercices").text
        assert ("/nouveau" in page, "Inscrire au planning" in page) == (writes, writes)


def test_a_day_proposed_is_recorded_as_it_stands_and_proposed_no_more(sign_in, page):
    browser = sign_in(at.ESTUARY_DSI)
    [proposed] = [each for each in links(browser.get(f"{ESTUARY}/exercices").text, "Planning") if each]
    address = f"{ESTUARY}/registres/Planning/nouveau"
    assert proposed["planned_on"] in browser.get(address, query_string=proposed).text
    answer = browser.post(address, data=proposed | {"scenario": "Panne SI"})
    assert answer.status_code == 302, words(answer.text)
    shown = browser.get(f"{ESTUARY}/exercices").text
    assert not rows(shown, PROPOSED)
    assert proposed["code"] in listed(shown)
