"""The months after which names are forgotten are set on the page of an establishment, by its administration alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.compliance.services.test_retention import ADMIN, DAY, LEFT, MINE, NAMES, decide, members
from tests.compliance.web.pages import facts, rows, words
from tests.factories import acting as at
from tests.factories.acting import seen

HERE = f"/etablissements/{MINE.finess}/formations"
SENT = f"{HERE}/conservation"
__all__ = ["LEFT", "decide", "members"]


@pytest.fixture
def admin(members, sign_in):
    return sign_in(ADMIN)


def section(page: str) -> str:
    return words(re.search(r'<section[^>]*id="conservation">.*?</section>', page, re.DOTALL)[0])


def test_until_somebody_decides_the_page_says_that_names_are_kept(admin):
    assert section(admin.get(HERE).text).startswith(
        "Conservation des noms Aucune durée n’est fixée : les noms sont gardés sans limite."
    )


def test_the_administration_sets_the_months_and_blank_keeps_the_names_again(admin):
    answer = admin.post(SENT, data={"months": " 36 "})
    assert (answer.status_code, answer.location) == (302, f"{HERE}#conservation")
    page = admin.get(HERE).text
    assert "Les noms seront oubliés 36 mois après la fin de leur session" in words(page)
    assert "Les noms sont oubliés 36 mois après la fin de leur session." in section(page)
    assert 'name="months" type="text" value="36"' in page
    admin.post(SENT, data={"months": ""})
    assert "gardés sans limite." in section(admin.get(HERE).text)


@pytest.mark.parametrize("typed", ["0", "601", "-3", "douze", "1,5", "٣", "9" * 40])
def test_months_that_mean_nothing_are_refused_with_what_to_write(app, admin, typed):
    assert admin.post(SENT, data={"months": typed}).status_code == 302
    assert "Rien n’a été enregistré." in words(admin.get(HERE).text)
    assert seen(app, "SELECT * FROM retention") == []


@pytest.mark.parametrize("email", [at.REFERENT, "direction@marquerive.example", at.CAPES_DSI])
def test_who_does_not_decide_reads_what_was_decided_and_has_no_form(app, members, decide, sign_in, email):
    decide(24)
    browser = sign_in(email)
    page = browser.get(HERE).text
    assert "24 mois" in section(page)
    assert 'name="months"' not in page
    assert browser.post(SENT, data={"months": "1"}).status_code == 404
    assert [each["months"] for each in seen(app, "SELECT months FROM retention")] == [24]


def test_a_day_gone_by_has_no_form_and_what_was_decided_then(admin, decide):
    decide(24)
    page = admin.get(f"{HERE}?le={DAY - timedelta(days=1)}").text
    assert "gardés sans limite" in section(page)
    assert 'name="months"' not in page


def test_a_ght_has_no_such_section(members, sign_in):
    assert 'id="conservation"' not in sign_in(at.CAPES_DSI).get(f"/ght/{at.TWO_CAPES_CODE}/formations").text


def test_forgotten_people_are_counted_and_never_named_anywhere_in_their_establishment(app, admin, decide, operator):
    decide(12)
    before = facts(admin.get(f"{HERE}?type=dmcc").text)["Personnes formées"][0]
    [row] = seen(app, "SELECT id FROM attendance WHERE session_code = 'DMCC-OLD' AND profile = 'management' AND last_name = 'ARTIMON'"
                 " AND establishment_id = (SELECT id FROM legal_entity WHERE finess = %s)", MINE.finess)  # fmt: skip
    operator("retention")
    page = admin.get(f"{HERE}?type=dmcc").text
    # Nobody can say any more that the name forgotten in one session is the one still read in another.
    assert (before, facts(page)["Personnes formées"][0]) == ("2 à 3", "3")
    people = rows(page, "À renouveler d’abord")
    assert sorted(line[0] for line in people) == ["ARTIMON Alix", "Nom oublié", "Nom oublié"]
    assert "2 présences sont déjà sans nom : chacune compte pour une personne." in section(page)
    registers = f"/etablissements/{MINE.finess}/registres/Emargement"
    for path in (f"{registers}?q=DMCC-OLD", f"{registers}/{row['id']}", f"{registers}/{row['id']}/modifier"):
        shown = admin.get(path)
        assert shown.status_code == 200, path
        assert not [name for name in NAMES if name in words(shown.text)], path


def test_the_page_asks_no_more_than_fifteen_questions(app, admin, decide, operator):
    decide(12)
    operator("retention")
    assert at.asked(app, admin, HERE) <= 15
