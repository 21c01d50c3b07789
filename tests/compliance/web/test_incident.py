"""Incidents: the outage of Dunkerque (lessons.md), from its timeline to what the reviewer is asked."""

from __future__ import annotations

import html
import re
from datetime import date
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest

from compliance.models.exercise import Exercise, ExerciseAction, PlanResult
from compliance.models.incident import Incident
from compliance.services import evidence
from tenants.db import new_id
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at
from tests.factories import registers
from tests.factories.acting import acting, seen

ESTUARY = f"/ght/{at.ESTUARY_CODE}"
FIRST, SECOND, _ = at.ESTUARY_MEMBERS
ON = "le=2026-11-22&connu=oui"
LIST, TIMELINE = "Le dernier d’abord", "Les quatre moments"
DUNKERQUE = {
    "code": "INC-2026-01", "finess_list": (FIRST.finess, SECOND.finess), "nature": "it_and_phone",
    "title": "Arrêt général de l’informatique et du téléphone", "started_on": date(2026, 1, 20), "started_at": "11:00",
    "degraded_at": "11:20", "recovery_at": "14:00", "ended_at": "16:00", "plan_blanc": True,
    "perimeters": ("URG-01", "SAMU-01"), "retex_file": "RETEX_INC.pdf", "retex_on": date(2026, 2, 10),
    "lessons": "Former en continu, garder des fiches papier",
}  # fmt: skip


@pytest.fixture
def write(app, world):
    """Return a function that writes the incident of Dunkerque, changed as told; nothing else is recorded."""
    seen(app, "TRUNCATE exercise, exercise_result, exercise_action, plan_result, incident")

    def record(**changes: object) -> None:
        with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
            told = DUNKERQUE | changes
            registers.write(world.establishments[FIRST.finess], Incident, told["code"], **told)

    return record


@pytest.fixture
def learn(app, world):
    """Return a function that gives the incident its RETEX and two actions, one dropped."""

    def give() -> None:
        with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
            first = world.establishments[FIRST.finess]
            evidence.attach(first, "D2.O1.D", "other", "RETEX_INC.pdf", BytesIO(new_id().bytes))
            for number, status in (("1", "to_do"), ("2", "dropped")):
                registers.write(
                    *(first, ExerciseAction, f"INC-2026-01 / {number}"), exercise_code=None,
                    incident_code="INC-2026-01", number=number, status=status, action=f"Fiches papier {number}",
                )  # fmt: skip

    return give


@pytest.fixture
def browser(sign_in):
    return sign_in(at.ESTUARY_DSI)


def opened(browser, query: str = ON) -> str:
    return browser.get(f"{ESTUARY}/incidents/{FIRST.finess}/INC-2026-01?{query}").text


def form(page: str, name: str) -> dict[str, str]:
    """What the form of a register is filled with by a page."""
    found = [urlsplit(html.unescape(each)) for each in re.findall(r'href="([^"]+)"', page)]
    [one] = [each for each in found if each.path == f"{ESTUARY}/registres/{name}/nouveau"]
    return {key: values[0] for key, values in parse_qs(one.query).items() if key not in {"le", "connu"}}


def test_the_timeline_of_dunkerque_is_told_with_its_lengths(write, browser):
    write()
    page = opened(browser)
    assert rows(page, TIMELINE) == [
        ["Début", "20/01/2026", "11:00", ""],
        ["Mode dégradé", "20/01/2026", "11:20", "20 min"],
        ["Rétablissement", "20/01/2026", "14:00", "3 h"],
        ["Fin", "20/01/2026", "16:00", "5 h"],
    ]
    told = words(page)
    assert "L’incident a duré 5 h, mardi 20 janvier 2026." in told
    assert "Le plan blanc a été déclenché." in told
    assert "Panne informatique et téléphonie" in told


def test_the_plans_really_used_are_linked_and_an_unknown_one_is_said(write, browser):
    """Dunkerque (lessons.md): a link to the plans that were really used."""
    write()
    page = opened(browser)
    assert f'href="{ESTUARY}/perimetres/{FIRST.finess}/URG-01?' in page
    assert "SAMU-01, qui n’est pas un périmètre connu" in words(page)


def test_until_its_retex_and_actions_are_there_the_incident_has_lessons_to_draw(write, learn, browser):
    """Dunkerque (lessons.md): a RETEX, and actions."""
    write()
    assert "Le RETEX RETEX_INC.pdf est nommé, mais n’a pas été déposé." in words(opened(browser))
    assert "Aucune action ne le suit." in words(opened(browser))
    learn()
    page = opened(browser)
    assert "RETEX reçu, PCRA utilisés nommés, 1 action." in words(page)
    assert [line[0].split()[2] for line in rows(page, "Celles qui attendent")] == ["1", "2"]


def test_an_action_is_added_under_its_incident(write, browser):
    write()
    asked = {"incident_code": "INC-2026-01", "number": "1", "finess_ej": FIRST.finess}
    assert form(opened(browser), "Plan_actions") == asked


def test_an_incident_is_proposed_as_a_test_to_the_reviewer(write, browser):
    write()
    assert form(opened(browser), "Planning") == {
        "code": "EX-2026-01",
        "finess_list": f"{FIRST.finess};{SECOND.finess}",
        "nature": "Événement réel",
        "perimeters": "URG-01;SAMU-01",
        "planned_on": "20/01/2026",
        "status": "Réalisé",
        "label": "Arrêt général de l’informatique et du téléphone",
    }


def test_once_proposed_it_leads_to_the_exercise_and_to_the_result_of_each_plan(app, world, write, browser):
    write(exercise_code="EX-2026-01")
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        first = world.establishments[FIRST.finess]
        registers.write(
            *(first, Exercise, "EX-2026-01"), code="EX-2026-01", nature="real_event", finess_list=(FIRST.finess,)
        )  # fmt: skip
        registers.write(
            *(first, PlanResult, "1"), exercise_code="EX-2026-01", perimeter_code="URG-01", result="success"
        )  # fmt: skip
    page = opened(browser)
    assert "Proposé par l’exercice EX-2026-01" in words(page)
    assert "URG-01 Urgences adultes : réussi" in words(page)
    assert form(page, "Resultats_par_plan") == {
        "exercise_code": "EX-2026-01",
        "perimeter_code": "SAMU-01",
        "finess_ej": FIRST.finess,
    }
    assert "/registres/Planning/nouveau" not in page


def test_an_exercise_of_the_same_day_is_suggested_to_the_incident_that_names_none(app, world, write, browser):
    write()
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        first, second = (world.establishments[each.finess] for each in (FIRST, SECOND))
        event = {"nature": "real_event", "planned_on": date(2026, 1, 20), "status": "done"}
        for owner, code, changes in (
            (first, "EX-2026-02", {"nature": "combined"}),
            (first, "EX-2026-03", {"planned_on": date(2026, 1, 21)}),
            (first, "EX-2026-05", {"status": "cancelled"}),
            (second, "EX-2026-06", {}),
        ):
            registers.write(owner, Exercise, code, **({"code": code} | event | changes))
    page = opened(browser)
    assert "Noter l’exercice proposé" not in page
    assert "Proposer comme test au réviseur" in page
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        registers.write(first, Exercise, "EX-2026-04", code="EX-2026-04", **event)
    page = opened(browser)
    assert "inscrivez EX-2026-04 dans « Code exercice »" in words(page)
    [row] = seen(app, "SELECT id FROM incident")
    assert re.search(rf'href="{ESTUARY}/registres/Incidents/{row["id"]}/modifier[^"]*">Noter l’exercice proposé', page)
    # Once the incident says so, it leads to its exercise and nothing is suggested any more, to it nor to another of that day.
    write(exercise_code="EX-2026-04")
    assert "Noter l’exercice proposé" not in opened(browser)
    write(code="INC-2026-09", exercise_code=None)
    other = browser.get(f"{ESTUARY}/incidents/{FIRST.finess}/INC-2026-09?{ON}").text
    assert "EX-2026-04" not in words(other)


def test_who_only_reads_an_incident_is_told_the_exercise_and_not_asked_to_note_it(app, world, sign_in):
    member = at.CAPES_MEMBERS[3]
    seen(app, "TRUNCATE exercise, incident")
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        owner, day = world.establishments[member.finess], date(2026, 1, 20)
        registers.write(owner, Incident, "INC-1", code="INC-1", started_on=day)
        registers.write(owner, Exercise, "EX-1", code="EX-1", nature="real_event", planned_on=day)
    here = f"/etablissements/{member.finess}"
    page = words(sign_in("direction@marquerive.example").get(f"{here}/incidents/{member.finess}/INC-1").text)
    assert "L’exercice EX-1 est un événement réel du même jour." in page
    assert "Noter l’exercice proposé" not in page


def test_the_list_answers_first_and_each_number_is_the_length_of_its_list(write, learn, browser):
    write()
    write(code="INC-2026-02", title="Coupure en cours", started_on=date(2026, 11, 21), ended_at=None)
    write(code="INC-2027-01", title="Pas encore", started_on=date(2026, 11, 23))
    learn()
    shown = browser.get(f"{ESTUARY}/incidents?{ON}").text
    assert "Leçons tirées pour 1 sur 2 incidents . 1 dure encore." in words(shown)
    assert [line[0].split()[0] for line in rows(shown, LIST)] == ["Coupure", "Arrêt"]
    found = re.findall(r'<a class="v-fig" href="(\S*?#liste)">(\d+)', shown)
    assert len(found) == 3
    for href, text in found:
        assert len(rows(browser.get(html.unescape(href)).text, LIST)) == int(text), href


def test_another_candidate_finds_no_such_incident(write, sign_in):
    write()
    capes = sign_in(at.CAPES_DSI)
    assert capes.get(f"/ght/{at.TWO_CAPES_CODE}/incidents/{FIRST.finess}/INC-2026-01").status_code == 404
    assert "Arrêt général" not in capes.get(f"/ght/{at.TWO_CAPES_CODE}/incidents").text


def test_who_only_reads_is_offered_no_form(sign_in):
    member = at.CAPES_MEMBERS[3]
    address = f"/etablissements/{member.finess}/incidents/{member.finess}/exemple"
    for email, writes in (("direction@marquerive.example", False), (at.REFERENT, True)):
        page = sign_in(email).get(address).text
        assert ("/nouveau" in page, "/modifier" in page) == (writes, writes)


def test_the_exercise_that_proposes_an_incident_is_recorded_as_it_stands(write, browser):
    write(perimeters=("URG-01",))
    filled = form(opened(browser), "Planning")
    answer = browser.post(f"{ESTUARY}/registres/Planning/nouveau", data=filled)
    assert answer.status_code == 302, words(answer.text)
    listed = browser.get(f"{ESTUARY}/exercices?{ON}&etat=a-saisir").text
    assert "EX-2026-01" in words(listed)
    assert "Événement réel" in words(listed)


def test_an_action_of_an_incident_is_recorded_as_it_stands(write, browser):
    """Dunkerque (lessons.md): an incident has its own actions, without an exercise invented for them."""
    write()
    typed = {"finding": "Annuaire papier périmé", "action": "Réimprimer l’annuaire", "due_on": "15/12/2026"}
    filled = form(opened(browser), "Plan_actions") | typed
    answer = browser.post(f"{ESTUARY}/registres/Plan_actions/nouveau", data=filled)
    assert answer.status_code == 302, words(answer.text)
    assert [line[0] for line in rows(opened(browser), "Celles qui attendent")] == [
        "Réimprimer l’annuaire Annuaire papier périmé"
    ]
