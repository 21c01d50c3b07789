"""« Jalons »: the dates of the programme, the filings of the candidate and its milestones."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from compliance.models.exercise import Exercise, ExerciseAction, ExerciseResult
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at
from tests.factories import registers
from tests.factories.acting import acting, counts, seen

TODAY = date.today()  # the database keeps the real clock
ESTUARY = f"/ght/{at.ESTUARY_CODE}"
FIRST = at.ESTUARY_MEMBERS[0].finess
GIVEN = {"applied_on": "2025-10-20", "declared_on": "2026-09-01", "ecare_number": " D2-0042 "}


@pytest.fixture
def file(world, sign_in):
    """Return a function that sends the form as the DSI of the GHT of three."""
    return lambda **changes: sign_in(at.ESTUARY_DSI).post(f"{ESTUARY}/jalons", data={**GIVEN, **changes})


def dates(page: str) -> dict[str, list[str]]:
    """The dates of the programme: label to (day, how far, what it is worth)."""
    return {line[0]: line[1:] for line in rows(page, "Dans l’ordre")}


def test_the_filings_are_recorded_and_shown_among_the_dates(app, world, file, sign_in):
    assert file().status_code == 302
    shown = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/jalons").text
    told = {label: values[::2] for label, values in dates(shown).items() if label.startswith("Dépôt")}
    assert sorted(told.values()) == [["01/09/2026", "Saisie"], ["20/10/2025", "Saisie"]]
    assert 'value="D2-0042"' in shown
    assert "instruction par l’ARS, fin dans" in words(shown)
    [event] = seen(
        app,
        "SELECT payload FROM audit_event WHERE action = 'candidate.application_recorded' AND establishment_id = %s"
        " ORDER BY sequence DESC LIMIT 1",
        world.establishments[FIRST],
    )
    assert json.loads(event["payload"])["detail"] == {
        "applied_on": "2025-10-20",
        "declared_on": "2026-09-01",
        "frozen_on": None,
    }


def test_what_is_left_blank_is_taken_back_and_the_freeze_of_parties_stays(app, world, file):
    seen(app, "UPDATE candidature SET frozen_on = '2025-10-24'")
    file()
    file(declared_on="", ecare_number="")
    last = seen(
        app,
        "SELECT * FROM candidature WHERE establishment_id = %s ORDER BY recorded_at DESC LIMIT 1",
        world.establishments[FIRST],
    )[0]
    assert (last["ecare_filed_on"], last["ecare_number"], last["frozen_on"]) == (None, None, date(2025, 10, 24))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"declared_on": str(TODAY + timedelta(days=1))}, "ne peut pas être dans l’avenir"),
        ({"applied_on": str(TODAY + timedelta(days=1))}, "ne peut pas être dans l’avenir"),
        ({"declared_on": "2025-10-19"}, "La déclaration ne peut pas précéder la candidature"),
        ({"declared_on": "hier"}, "Réponse illisible : écrivez les dates jj/mm/aaaa."),
        ({"ecare_number": "9" * 41}, "Réponse illisible"),
    ],
)
def test_a_wrong_filing_is_refused_and_what_was_typed_comes_back(app, world, file, changes, why):
    before = counts(app, "candidature", "audit_event")
    answer = file(**changes)
    assert answer.status_code == 422
    told = words(answer.text)
    assert why in told
    assert "Rien n’a été enregistré." in told
    for typed in changes.values():
        assert f'value="{typed}"' in answer.text
    assert counts(app, "candidature", "audit_event") == before


def test_the_day_of_today_may_be_the_day_of_a_filing(file):
    assert file(declared_on=f"{TODAY:%d/%m/%Y}").status_code == 302


def test_past_the_filing_an_exercise_no_longer_counts(app, world, file, sign_in):
    held = date(2026, 9, 18)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        support = world.establishments[FIRST]
        listed = {"finess_list": (FIRST,), "perimeters": ("URG-01",), "nature": "field_test"}
        registers.write(support, Exercise, "EX-2", code="EX-2", **listed)
        files = {"scenario_file": "s.pdf", "retex_file": "r.pdf"}
        registers.write(support, ExerciseResult, "EX-2", exercise_code="EX-2", held_on=held, **files)
        registers.write(support, ExerciseAction, "EX-2 / 1", exercise_code="EX-2", status="done")

    def answer() -> str:
        for path in ("/lignes/D2.O1.D", "/obligations"):
            page = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}{path}").text
            [line] = [line for line in rows(page, "Deux questions") if line[0].startswith("EX-2")]
            yield line[2]

    assert [told.split(" EX-2")[0] for told in answer()] == ["Compte", "Compte"]
    file(declared_on=str(held - timedelta(days=1)))
    for told in answer():
        assert told.startswith("Ne compte pas")
        assert "après la déclaration du 17/09/2026" in told
    file(declared_on=str(held))
    assert [told.split(" EX-2")[0] for told in answer()] == ["Compte", "Compte"]


def test_a_page_of_the_past_has_no_form_whose_old_answers_would_be_sent_again(app, world, file, sign_in):
    at.age(app, 10)
    file()
    past = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/jalons?le={TODAY - timedelta(days=5)}").text
    assert '<form class="v-form" method="post"' not in past
    assert "Candidature : 24/10/2025. Déclaration : pas encore déposée." in words(past)


@pytest.mark.parametrize("email", ["signataire@estuaire.example", "referent@belle-rive.example"])
def test_who_does_not_manage_the_candidate_reads_and_does_not_write(app, world, sign_in, email):
    scope = ESTUARY if email.startswith("signataire") else f"/etablissements/{FIRST}"
    browser, before = sign_in(email), counts(app, "candidature")
    page = browser.get(f"{scope}/jalons")
    assert page.status_code == 200
    assert 'name="declared_on"' not in page.text
    assert browser.post(f"{scope}/jalons", data=GIVEN).status_code == 404
    assert counts(app, "candidature") == before


def test_the_administration_of_a_member_has_no_filing_of_its_own(app, world, sign_in):
    path, before = f"/etablissements/{at.CAPES_MEMBERS[3].finess}/jalons", counts(app, "candidature")
    browser = sign_in("admin@marquerive.example")
    assert 'name="declared_on"' not in browser.get(path).text
    assert browser.post(path, data=GIVEN).status_code == 404
    assert counts(app, "candidature") == before


def test_an_entity_outside_a_ght_files_for_itself(world, sign_in):
    path = f"/etablissements/{at.OUTSIDE[0]}/jalons"
    browser = sign_in(at.OUTSIDE_ADMIN)
    assert browser.post(path, data=GIVEN).status_code == 302
    assert 'value="2026-09-01"' in browser.get(path).text
