"""« Mes tâches »: the home of who writes, over the establishments that are theirs, and over no other."""

from __future__ import annotations

import re
from datetime import date, timedelta
from io import BytesIO

import pytest

from compliance.models.crisis import CallBack, CrisisPartner
from compliance.models.exercise import Exercise, ExerciseAction
from tests.compliance.web.pages import words
from tests.factories import acting as at
from tests.factories import registers
from tests.factories import review as play
from tests.factories.acting import acting, seen

TODAY = date.today()
MEMBER = at.CAPES_MEMBERS[3]
LATE = TODAY - timedelta(days=3)


@pytest.fixture(autouse=True)
def nothing_recorded(app):
    """Only what a test writes is somebody's to do."""
    for sheet in registers.SHEETS:
        seen(app, f"TRUNCATE {sheet.record.__tablename__}")


def overdue(app, world, member: int, code: str) -> None:
    """Plan an exercise for three days ago."""
    finess = at.CAPES_MEMBERS[member].finess
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        registers.write(
            world.establishments[finess],
            Exercise,
            code,
            code=code,
            finess_list=[finess],
            planned_on=LATE,
            status="planned",
        )


def tasks(page: str) -> list[str]:
    return [words(each) for each in re.findall(r"<h3>(.*?)</h3>", page)]


def test_who_writes_begins_with_what_is_theirs_to_do_and_the_others_in_their_space(sign_in):
    assert sign_in(at.REFERENT).get("/").location == "/taches"
    assert sign_in("direction@marquerive.example").get("/").location == f"/etablissements/{MEMBER.finess}/"
    assert sign_in("ars@littoral-nord.example").get("/").location.startswith("/ars/")


def test_a_referent_reads_the_tasks_of_their_establishment_alone(app, world, sign_in):
    """Puget-Théniers (lessons.md): referents have a named scope, and are told what is theirs to do."""
    overdue(app, world, 3, "EX-MINE")
    overdue(app, world, 2, "EX-THEIRS")
    page = sign_in(at.REFERENT).get("/taches").text
    assert "Saisir le résultat de l’exercice EX-MINE" in tasks(page)
    assert "EX-THEIRS" not in page
    assert f"/etablissements/{MEMBER.finess}/registres/Resultats/nouveau?exercise_code=EX-MINE" in page


def test_a_dsi_reads_those_of_every_member_and_narrows_them(app, world, sign_in):
    overdue(app, world, 3, "EX-MINE")
    overdue(app, world, 2, "EX-THEIRS")
    browser = sign_in(at.CAPES_DSI)
    told = browser.get("/taches").text
    assert {f"Saisir le résultat de l’exercice {code}" for code in ("EX-MINE", "EX-THEIRS")} <= set(tasks(told))
    assert f"/ght/{at.TWO_CAPES_CODE}/registres/Resultats/nouveau" in told
    one = browser.get(f"/taches?establishment={MEMBER.finess}&kind=exercise").text
    assert tasks(one) == ["Saisir le résultat de l’exercice EX-MINE"]
    # What no list offers filters nothing.
    assert "EX-THEIRS" in browser.get("/taches?establishment=000000000&kind=autre").text


def test_filters_are_offered_when_there_is_something_to_choose_from(app, world, sign_in):
    overdue(app, world, 3, "EX-MINE")
    alone = sign_in(at.REFERENT).get("/taches").text  # one establishment, one subject
    assert tasks(alone)
    assert "v-filters" not in alone
    assert "Filtrer</button>" not in alone
    several = sign_in(at.CAPES_DSI).get("/taches").text
    assert "Filtrer</button>" in several


def test_the_number_said_is_that_of_the_list(app, world, sign_in):
    overdue(app, world, 3, "EX-1")
    page = sign_in(at.REFERENT).get("/taches?kind=exercise").text
    assert "1 chose vous attend, dont 1 en retard." in words(page)
    assert len(tasks(page)) == 1


def test_who_only_reads_has_no_task_and_no_button(app, world, sign_in):
    overdue(app, world, 3, "EX-1")
    page = sign_in("direction@marquerive.example").get("/taches").text
    assert "Rien n’est à saisir par vous." in words(page)
    assert "EX-1" not in page


def noted(app, world, model: type, key: str, checked_on: date) -> None:
    """Write a line of the crisis directory of the establishment, whose number was called on a day."""
    given = {"checked_on": checked_on, "organisation": "SAMU", "service": "Urgences", "phone": "0601020304"}
    columns = model.__mapper__.columns
    values = {
        name: given.get(name, registers.SAMPLES[columns[name].type.python_type])
        for name in registers.register.fields(model)
    }
    digests = (key.encode().ljust(32, b"k"), f"{key} {checked_on}".encode().ljust(32, b"v"))
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        entry = registers.Entry(world.establishments[MEMBER.finess], key, values, digests)
        registers.register.append(model, [entry], None)


def test_the_numbers_of_people_are_counted_in_their_establishment_and_unknown_to_the_ght(app, world, sign_in):
    noted(app, world, CrisisPartner, "samu", date(2026, 1, 5))
    assert "Appeler 1 numéro de l’annuaire de crise" in tasks(sign_in(at.REFERENT).get("/taches").text)
    assert "annuaire de crise" not in sign_in(at.CAPES_DSI).get("/taches").text


def test_chsf_a_recall_list_is_a_task_from_its_ninety_first_day_until_its_numbers_are_called(app, world, sign_in):
    """lessons.md, CHSF: the staff recall did nothing; recall lists have an expiry."""
    browser, asked = sign_in(at.REFERENT), "Appeler 1 numéro de l’annuaire de crise"
    noted(app, world, CallBack, "urgences / nuit / a", TODAY - timedelta(days=90))
    assert asked not in tasks(browser.get("/taches").text)
    noted(app, world, CallBack, "urgences / nuit / b", TODAY - timedelta(days=91))
    page = browser.get("/taches").text
    assert asked in tasks(page)
    assert f"/etablissements/{MEMBER.finess}/registres/Rappel" in page
    noted(app, world, CallBack, "urgences / nuit / b", TODAY)
    assert asked not in tasks(browser.get("/taches").text)


def test_puget_theniers_the_list_of_a_referent_is_short_the_latest_first_and_says_what_it_leaves_out(
    app, world, sign_in
):
    """lessons.md, Puget-Théniers: the product gives each a short list of what is theirs to do."""
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        for rank in range(45):
            code, day = f"EX-{rank:02}", TODAY - timedelta(days=rank + 1)
            given = {"code": code, "finess_list": [MEMBER.finess], "planned_on": day, "status": "planned"}
            registers.write(world.establishments[MEMBER.finess], Exercise, code, **given)
    page = sign_in(at.REFERENT).get("/taches?kind=exercise").text
    assert "45 choses vous attendent, dont 45 en retard." in words(page)
    assert len(tasks(page)) == 40
    assert tasks(page)[0] == "Saisir le résultat de l’exercice EX-44"
    assert "Les 40 premières sur 45" in words(page)


def test_the_page_asks_the_same_questions_whatever_there_is_to_do(app, world, sign_in):
    browser = sign_in(at.CAPES_DSI)
    few = at.asked(app, browser, "/taches")
    for rank in range(30):
        overdue(app, world, rank % 8, f"EX-{rank}")
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        for rank in range(60):
            registers.write(
                world.establishments[MEMBER.finess],
                ExerciseAction,
                f"EX-1 / {rank}",
                exercise_code="EX-1",
                number=str(rank),
                due_on=LATE,
            )
    assert at.asked(app, browser, "/taches") == few <= 15


def test_a_piece_that_the_agency_returned_is_a_task_of_whoever_may_replace_it_until_it_is_answered(app, world, sign_in):
    candidate, finess = play.opened(app, world), at.ESTUARY_MEMBERS[0].finess
    referent, asked = "referent@belle-rive.example", f"Pièce retournée par l’ARS : {play.FILE}"
    spaces = {at.ESTUARY_DSI: f"/ght/{at.ESTUARY_CODE}", referent: f"/etablissements/{finess}"}
    assert all(asked not in tasks(sign_in(who).get("/taches").text) for who in spaces)
    play.decide(app, world, candidate, play.FILE)
    [held] = seen(app, "SELECT id FROM evidence WHERE filename = %s", play.FILE)
    for who, space in spaces.items():
        page = sign_in(who).get("/taches").text
        assert f"Aujourd’hui {TODAY:%d/%m/%Y} {asked}" in words(page)
        assert f"D2.P2, incomplète : Page 2 ({play.FILE})." in words(page)
        assert f'href="{space}/preuves/{held["id"]}#remplacer"' in page
    for stranger in (at.OUTSIDE_ADMIN, at.REFERENT, at.CAPES_DSI):
        assert asked not in tasks(sign_in(stranger).get("/taches").text)
    file = {"file": (BytesIO(b"%PDF-1.7 version 2"), "note-v2.pdf")}
    assert sign_in(referent).post(f"{spaces[referent]}/preuves/{held['id']}/version", data=file).status_code == 302
    assert all(asked not in tasks(sign_in(who).get("/taches").text) for who in spaces)
