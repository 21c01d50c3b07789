"""Pages at any date: what was known that day, what is known of it now, and links that keep the day."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from io import BytesIO
from itertools import product

import pytest

from compliance.services import evidence
from compliance.web.moment import DATED
from tenants.db import new_id
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at
from tests.factories.acting import acting, seen

TODAY = date.today()  # the database keeps the real clock
PAST = TODAY - timedelta(days=5)
ESTUARY = f"/ght/{at.ESTUARY_CODE}"
FIRST = at.ESTUARY_MEMBERS[0].finess
PAGES = (
    "/",
    "/couverture",
    "/perimetres",
    f"/perimetres/{FIRST}/URG-01",
    "/lignes/D2.P1",
    "/manques",
    "/jalons",
    "/obligations",
    "/pcra",
    "/sauvegardes",
    "/formations",
    "/exercices",
    "/actions",
    "/depenses",
    "/candidature",
    "/incidents",
    f"/incidents/{FIRST}/exemple",
    "/registres/Planning",
)


@pytest.fixture
def dsi(app, world, sign_in):
    """The browser of the DSI of the GHT of three; its note of organisation came today, approved long ago, all else ten days ago."""
    at.age(app, 10)
    seen(app, "TRUNCATE opinion")
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        for member in at.ESTUARY_MEMBERS:
            owner, content = world.establishments[member.finess], BytesIO(new_id().bytes)
            evidence.attach(
                owner, "D2.P2", "organisation_note", "note.pdf", content, approved_on=TODAY - timedelta(days=30)
            )
    return sign_in(at.ESTUARY_DSI)


def state(page: str) -> str:
    """The state of the organisation for the PCRA, in the list of rows."""
    return next(line[1] for line in rows(page, "Dans l’ordre du texte") if line[0].startswith("D2.P2"))


def test_a_page_of_the_past_shows_what_was_known_then_and_with_hindsight_what_is_known_now(dsi):
    assert state(dsi.get(f"{ESTUARY}/?le={PAST}").text) == "Manquant"
    assert state(dsi.get(f"{ESTUARY}/?le={PAST}&connu=oui").text) == "Atteint"
    assert state(dsi.get(f"{ESTUARY}/").text) == "Atteint"


def test_every_dated_page_says_of_which_day_it_is_and_how_to_come_back(dsi, subtests):
    for page in PAGES:
        with subtests.test(page=page):
            shown = dsi.get(f"{ESTUARY}{page}?le={PAST}")
            told = words(shown.text)
            assert shown.status_code == 200
            assert "d’après ce qui était enregistré ce jour-là. Revenir à aujourd’hui" in told
            assert f'<a href="{ESTUARY}{page}">Revenir à aujourd’hui</a>' in shown.text.replace("\u00a0", " ")
            hindsight = words(dsi.get(f"{ESTUARY}{page}?le={PAST}&connu=oui").text)
            assert "avec ce qui est enregistré aujourd’hui. Revenir à aujourd’hui" in hindsight
            assert "Revenir à aujourd’hui" not in words(dsi.get(f"{ESTUARY}{page}").text)


def test_the_pages_tried_are_all_the_dated_ones(app):
    adapter = app.url_map.bind("")
    assert {adapter.match(f"{ESTUARY}{page}")[0] for page in PAGES} == DATED


def test_links_between_dated_pages_keep_the_day_and_others_do_not(app, dsi, subtests):
    for page, query in product(PAGES, (f"le={PAST}", f"le={PAST}&connu=oui")):
        with subtests.test(page=page, query=query):
            _links_keep_the_day(app, dsi.get(f"{ESTUARY}{page}?{query}").text, page, query)


def _links_keep_the_day(app, found: str, page: str, query: str) -> None:
    found = found.replace(f'<a href="{ESTUARY}{page}">Revenir', "")
    # What is written is written today: past the close, the button that notes the filing leaves the day.
    found = re.sub(r"<a [^>]*>Noter le dépôt", "", found)
    adapter = app.url_map.bind("")
    links = {html.unescape(href) for href in re.findall(rf'<a [^>]*href="({ESTUARY}/[^"#]*)', found)}
    kept, left = set(), set()
    for link in links:
        path, _, asked = link.partition("?")
        if adapter.match(path)[0] in DATED:
            kept.add(link)
            assert query in asked or (f"le={PAST}" in asked and "connu" not in query), link
        else:
            left.add(link)
            assert "le=" not in asked, link
    assert kept and left


@pytest.mark.parametrize("page", ["/manques", "/perimetres"])
def test_a_filter_of_a_past_page_stays_on_its_day(dsi, page):
    form = re.search(
        r'<form class="v-filters".*?</form>', dsi.get(f"{ESTUARY}{page}?le={PAST}&connu=oui").text, re.DOTALL
    )[0]
    assert f'name="le" value="{PAST}"' in form
    assert 'name="connu" value="oui"' in form
    assert (
        'name="le"'
        not in re.search(r'<form class="v-filters".*?</form>', dsi.get(f"{ESTUARY}{page}").text, re.DOTALL)[0]
    )


def test_a_day_may_be_typed_as_people_write_it(dsi):
    assert state(dsi.get(f"{ESTUARY}/?le={PAST:%d/%m/%Y}").text) == "Manquant"


NO_DAYS = (
    ("hier", "« hier » n’est pas une date : écrivez-la jj/mm/aaaa."),
    ("2026-02-30", "« 2026-02-30 » n’est pas une date"),
    ("31/02/2026", "« 31/02/2026 » n’est pas une date"),
    ("2026-11-22T10:00", "n’est pas une date"),
    ("%3Cb%3Ex", "« <b>x » n’est pas une date"),
    ("9" * 40, f"« {'9' * 20} » n’est pas une date"),
    ("2014-12-31", "Choisissez une date entre 2015 et 2035."),
    ("2036-01-01", "Choisissez une date entre 2015 et 2035."),
)


def test_what_is_no_day_is_refused_with_a_sentence(dsi, subtests):
    for page, (typed, sentence) in product(("/", "/manques"), NO_DAYS):
        with subtests.test(page=page, typed=typed):
            answer = dsi.get(f"{ESTUARY}{page}?le={typed}")
            assert answer.status_code == 422
            assert sentence in words(answer.text)
            assert "<b>x" not in answer.text


def test_an_empty_day_is_today(dsi):
    page = dsi.get(f"{ESTUARY}/?le=&connu=oui")
    assert page.status_code == 200
    assert "Revenir à aujourd’hui" not in words(page.text)


def test_a_day_to_come_is_answered_with_what_is_known(dsi):
    page = dsi.get(f"{ESTUARY}/?le={TODAY + timedelta(days=30)}&connu=oui")
    assert page.status_code == 200
    assert "avec ce qui est enregistré aujourd’hui" in words(page.text)


def test_before_anything_was_recorded_the_page_says_that_nothing_is(dsi):
    assert "Aucun périmètre n’était enregistré ce jour-là." in words(dsi.get(f"{ESTUARY}/?le=2024-01-01").text)


def test_a_member_reads_its_own_past_page(app, world, sign_in):
    at.age(app, 10)
    path = f"/etablissements/{at.CAPES_MEMBERS[3].finess}"
    page = words(sign_in(at.REFERENT).get(f"{path}/?le={PAST}").text)
    assert "Revenir à aujourd’hui" in page
    assert at.CAPES_MEMBERS[0].name not in page
