"""The page of actions: every origin, what a tick does not close, and the way to close it."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO

import pytest

from compliance.models.exercise import Exercise, ExerciseAction, ExerciseResult, PlanResult
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
LIST = "Celles qui attendent quelqu’un d’abord"
DONE = {"status": "done", "closed_on": date(2026, 11, 2)}


def act(world, name: str, *, owner=FIRST, **given: object) -> None:
    row = {"action": name, "number": name[-1], "due_on": date(2026, 12, 15), "status": "to_do", "exercise_code": "EX-1"}
    registers.write(world.establishments[owner.finess], ExerciseAction, name, **{**row, **given})


@pytest.fixture
def page(app, world, sign_in):
    """Return a function that gives the actions of the GHT of three: five of an exercise, one of an incident, one of a row."""
    seen(app, "TRUNCATE exercise, exercise_result, exercise_action, plan_result, incident")
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        first = world.establishments[FIRST.finess]
        evidence.attach(first, "D2.O1.D", "other", "PV bons papier.pdf", BytesIO(new_id().bytes))
        for code, on in (("EX-1", date(2026, 3, 26)), ("EX-2", date(2026, 10, 8)), ("EX-3", date(2026, 10, 9))):
            registers.write(
                *(first, Exercise, code), code=code, planned_on=on, status="done", finess_list=(FIRST.finess,),
                perimeters=("URG-01", "BIO-01"),
            )  # fmt: skip
            registers.write(first, ExerciseResult, code, exercise_code=code, held_on=on)
        for plan, result in (("URG-01", "success"), ("BIO-01", "failure")):
            registers.write(
                first, PlanResult, f"EX-3 / {plan}", exercise_code="EX-3", perimeter_code=plan, result=result
            )
        registers.write(
            *(first, Incident, "INC-1"), code="INC-1", finess_list=(FIRST.finess,), perimeters=("URG-01",)
        )  # fmt: skip
        act(world, "Cochée 1", **DONE)
        act(world, "Prouvée 2", **DONE, proof_file="pv BONS papier.PDF")
        act(world, "Testée 3", **DONE, retest_code="EX-2")
        act(world, "Ratée 4", **DONE, retest_code="EX-3")
        act(world, "Tardive 5", due_on=date(2026, 11, 1), owner_function="Cadre de santé")
        act(world, "Panne 6", exercise_code=None, incident_code="INC-1", **DONE, retest_code="EX-3")
        act(world, "Écart 7", exercise_code=None, objective="D2.O1.C", owner=SECOND)
    browser = sign_in(at.ESTUARY_DSI)
    return lambda query="": browser.get(f"{ESTUARY}/actions?{ON}&{query}").text


def states(page: str) -> dict[str, str]:
    return {" ".join(line[0].split()[:2]): line[1] for line in rows(page, LIST)}


def test_an_action_is_closed_by_its_proof_or_its_new_test_never_by_a_tick(page):
    """Dunkerque (lessons.md): an incident is learnt from when its actions hold."""
    assert states(page()) == {
        "Tardive 5": "En retard",
        "Cochée 1": "Faite, à prouver",
        "Ratée 4": "Faite, à prouver",
        "Écart 7": "En cours",
        "Prouvée 2": "Close",
        "Testée 3": "Close",
        "Panne 6": "Close",  # its new test failed on another plan than the one that the incident used
    }


def test_the_answer_counts_what_its_lists_hold(page, sign_in):
    shown = page()
    assert "3 actions closes sur 7 . 1 action est en retard. 2 actions sont dites faites, sans preuve." in words(shown)
    browser = sign_in(at.ESTUARY_DSI)
    answer = re.search(r'<p class="v-answer.*?</p>', shown, re.DOTALL)[0]
    found = re.findall(r'<a class="v-fig" href="(.*?)">(\d+)', answer)
    assert len(found) == 4
    for href, text in found:
        assert len(rows(browser.get(href.replace("&amp;", "&")).text, LIST)) == int(text), href


def test_each_action_says_where_it_comes_from_and_leads_there(page):
    shown = page()
    told = {line[0].split()[0]: line[2] for line in rows(shown, LIST)}
    assert (told["Cochée"], told["Panne"], told["Écart"]) == ("EX-1 n° 1", "INC-1 n° 6", "D2.O1.C n° 7")
    assert f'href="{ESTUARY}/incidents/{FIRST.finess}/INC-1?' in shown
    assert f'href="{ESTUARY}/lignes/D2.O1.C?' in shown


def test_the_list_narrows_by_origin_and_state_together(page):
    assert list(states(page("origine=incident"))) == ["Panne 6"]
    assert list(states(page("origine=ligne"))) == ["Écart 7"]
    assert list(states(page("origine=exercice&etat=to_confirm"))) == ["Cochée 1", "Ratée 4"]
    assert len(states(page("origine=x&etat=y"))) == 7


def test_an_open_action_offers_its_form_and_a_closed_one_does_not(page):
    assert page().count("Clore avec une preuve") == 4
    assert page("etat=met").count("Clore avec une preuve") == 0


def test_a_past_day_shows_the_action_as_it_was_then(sign_in, page):
    page()
    then = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/actions?le=2026-11-01&connu=oui").text
    assert states(then)["Prouvée 2"] == "En cours"
    assert states(then)["Tardive 5"] == "En cours"


@pytest.mark.parametrize("name", ["exercices", "actions", "incidents"])
def test_the_title_of_a_page_names_the_space_it_is_read_in(sign_in, name):
    member = at.CAPES_MEMBERS[3]
    page = sign_in("direction@marquerive.example").get(f"/etablissements/{member.finess}/{name}").text
    title = words(re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1])
    assert title.startswith(f"{name.capitalize()} : {member.name}")


def test_a_member_reads_its_own_actions_and_who_only_reads_closes_none(world, sign_in):
    member = at.CAPES_MEMBERS[3]
    answer = sign_in("direction@marquerive.example").get(f"/etablissements/{member.finess}/actions")
    assert answer.status_code == 200
    assert rows(answer.text, LIST)
    assert "/modifier" not in answer.text
    assert "/modifier" in sign_in(at.REFERENT).get(f"/etablissements/{member.finess}/actions").text
