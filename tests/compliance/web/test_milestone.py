"""« Jalons »: the dates of the programme, the filings of the candidate and its milestones."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from compliance.models.exercise import Exercise, ExerciseAction, ExerciseResult
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at
from tests.factories import registers
from tests.factories.acting import acting

TODAY = date.today()  # the database keeps the real clock
ESTUARY = f"/ght/{at.ESTUARY_CODE}"
FIRST = at.ESTUARY_MEMBERS[0].finess


@pytest.fixture
def declare(world, sign_in):
    """Return a function that notes, as the DSI of the GHT of three, the day on which the declaration was filed."""
    return lambda day: sign_in(at.ESTUARY_DSI).post(f"{ESTUARY}/dossier/ecare", data={"filed_on": str(day)})


def dates(page: str) -> dict[str, list[str]]:
    """The dates of the programme: label to (day, how far, what it is worth)."""
    return {line[0]: line[1:] for line in rows(page, "Dans l’ordre")}


def test_the_filings_are_shown_among_the_dates_and_recorded_elsewhere(world, declare, sign_in):
    declare("2026-09-01")
    shown = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/jalons").text
    told = {label: values[::2] for label, values in dates(shown).items() if label.startswith("Dépôt")}
    assert sorted(told.values()) == [["01/09/2026", "Saisie"], ["24/10/2025", "Saisie"]]
    assert "Déclaration : 01/09/2026." in words(shown)
    assert f'href="{ESTUARY}/candidature"' in shown
    assert f'href="{ESTUARY}/dossier#ecare"' in shown
    assert "instruction par l’ARS, fin dans" in words(shown)


def test_past_the_filing_an_exercise_no_longer_counts(app, world, declare, sign_in):
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
    declare(held - timedelta(days=1))
    for told in answer():
        assert told.startswith("Ne compte pas")
        assert "après la déclaration du 17/09/2026" in told
    declare(held)
    assert [told.split(" EX-2")[0] for told in answer()] == ["Compte", "Compte"]


def test_a_page_of_the_past_shows_the_filings_known_then(app, world, declare, sign_in):
    at.age(app, 10)
    declare("2026-09-01")
    past = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/jalons?le={TODAY - timedelta(days=5)}").text
    assert "Candidature : 24/10/2025. Déclaration : pas encore déposée." in words(past)
