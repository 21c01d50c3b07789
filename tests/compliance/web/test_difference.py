"""« Ce qui a changé » between two days, as known then or as known now."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest

from compliance.services import evidence
from tenants.db import new_id
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at
from tests.factories.acting import acting, seen

TODAY = date.today()  # the database keeps the real clock
PAST = TODAY - timedelta(days=5)
ESTUARY = f"/ght/{at.ESTUARY_CODE}"
CAPTION = "Ce qui ne se dit plus"
FIRST = at.ESTUARY_MEMBERS[0]


@pytest.fixture
def compare(app, world, sign_in):
    """Return a function that gives the page; a note approved thirty days ago came today, all else forty days ago."""
    at.age(app, 40)
    seen(app, "TRUNCATE opinion")
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        owner, approved = world.establishments[FIRST.finess], TODAY - timedelta(days=30)
        evidence.attach(owner, "D2.P2", "organisation_note", "note.pdf", BytesIO(new_id().bytes), approved_on=approved)
    browser = sign_in(at.ESTUARY_DSI)
    return lambda query="": browser.get(f"{ESTUARY}/evolution?{query}")


def test_the_last_thirty_days_are_compared_when_nothing_is_asked(compare):
    page = compare().text
    [line] = rows(page, CAPTION)
    assert line[0] == "D2.P2 Organisation pour le PCRA"
    assert line[1:3] == ["Manquant", "En cours"]
    assert f"{FIRST.name} – Pièce attendue : Note d’organisation" in line[3]
    assert f"{FIRST.name} – Note d’organisation : note.pdf" in line[4]
    told = words(page)
    assert "1 ligne a changé d’état." in told
    assert f"au {TODAY - timedelta(days=30):%d/%m/%Y}" in told
    assert f"au {TODAY:%d/%m/%Y}" in told


def test_as_known_now_the_note_was_there_all_along(compare):
    days = f"du={TODAY - timedelta(days=5)}&au={TODAY}"
    assert len(rows(compare(days).text, CAPTION)) == 1
    page = compare(f"{days}&connu=oui").text
    assert "Rien n’a changé." in words(page)
    assert "avec tout ce qui a été saisi depuis" in words(page)
    assert '<option value="oui" selected>' in page


def test_a_link_leads_to_the_row_on_the_last_day_with_the_same_knowledge(compare):
    page = compare(f"du={TODAY - timedelta(days=30)}&au={TODAY}").text
    assert f'href="{ESTUARY}/lignes/D2.P2?le={TODAY}"' in page
    hindsight = compare(f"du={TODAY - timedelta(days=38)}&au={PAST}&connu=oui").text
    assert f'href="{ESTUARY}/lignes/D2.P2?le={PAST}&amp;connu=oui"' in hindsight


def test_days_may_be_typed_as_people_write_them(compare):
    assert len(rows(compare(f"du={PAST:%d/%m/%Y}&au={TODAY:%d/%m/%Y}").text, CAPTION)) == 1


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("du=hier", "« hier » n’est pas une date"),
        ("au=2026-02-30", "« 2026-02-30 » n’est pas une date"),
        ("du=2010-01-01", "Choisissez une date entre 2015 et 2035."),
        ("du=2026-06-02&au=2026-06-01", "La première date doit précéder la seconde."),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_sentence(compare, query, sentence):
    answer = compare(query)
    assert answer.status_code == 422
    assert sentence in words(answer.text)


def test_the_same_day_twice_is_no_difference(compare):
    assert "Rien n’a changé." in words(compare(f"du={TODAY}&au={TODAY}").text)


def test_another_candidate_does_not_reach_it(world, sign_in):
    assert sign_in(at.CAPES_DSI).get(f"{ESTUARY}/evolution").status_code == 404
