"""Avis from the page of a filing: given with a reason, shown with their author, never edited."""

from __future__ import annotations

import pytest

from tests.compliance.web.pages import words
from tests.factories import acting as at
from tests.factories.acting import counts, seen

NORTH, SOUTH = "ars@littoral-nord.example", "ars@monts-du-sud.example"
GIVEN = {
    "row": "D2.O1.D",
    "subject": "EX-2026-01",
    "decision": "unfavourable",
    "reason": "Le RETEX <b>manque</b>\nà la pièce",
}


@pytest.fixture
def address(app, world):
    """The page of the filing of the GHT of three."""
    [filing] = seen(app, "SELECT id FROM filing WHERE ght_id = %s", world.ghts[at.ESTUARY_CODE])
    return f"/ars/F2/dossiers/{filing['id']}"


def test_an_opinion_is_given_on_a_row_and_listed_with_its_author_and_its_reason(world, sign_in, address):
    reviewer = sign_in(SOUTH)
    answer = reviewer.post(f"{address}/avis", data=GIVEN)
    assert (answer.status_code, answer.location) == (302, f"{address}#avis")
    page = reviewer.get(address).text
    told = words(page)
    assert "Avis enregistré sur D2.O1.D" in told
    assert "Avis défavorable D2.O1.D , EX-2026-01 Le RETEX <b>manque</b> à la pièce" in told
    assert "<b>manque</b>" not in page
    assert "sur la version 1 du dossier" in told


def test_the_candidate_reads_the_opinion_in_force_and_another_candidate_does_not(world, sign_in, address):
    reviewer = sign_in(SOUTH)
    for reason in ("Le RETEX manque", "Le RETEX est arrivé"):
        reviewer.post(f"{address}/avis", data={**GIVEN, "reason": reason})
    for email in (at.ESTUARY_DSI, "signataire@estuaire.example"):
        told = words(sign_in(email).get(f"/ght/{at.ESTUARY_CODE}/dossier").text)
        assert "Avis de l’ARS" in told
        assert "Le RETEX est arrivé" in told
        assert "Le RETEX manque" not in told
    assert "Le RETEX" not in sign_in(at.OUTSIDE_ADMIN).get(f"/etablissements/{at.OUTSIDE[0]}/dossier").text


def test_the_filing_leads_to_the_form_and_a_link_may_choose_the_row(world, sign_in, address):
    reviewer = sign_in(SOUTH)
    assert f'href="{address}/avis"' in reviewer.get(address).text
    page = reviewer.get(f"{address}/avis?row=D2.O1.D").text
    assert '<option value="D2.O1.D" selected>' in page
    assert page.count("<option") == 1 + 13 + 3


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"reason": "  "}, "Un avis se motive"),
        ({"decision": ""}, "favorable ou défavorable"),
        ({"decision": "peut-être"}, "favorable ou défavorable"),
        ({"row": "D2.O9.Z"}, "Choisissez une ligne du dossier transmis"),
        ({"row": ""}, "Choisissez une ligne du dossier transmis"),
    ],
)
def test_what_was_typed_comes_back_with_why_it_is_refused(app, world, sign_in, address, change, why):
    before = counts(app, "opinion")
    answer = sign_in(SOUTH).post(f"{address}/avis", data={**GIVEN, **change})
    assert answer.status_code == 422
    assert why in words(answer.text)
    assert 'value="EX-2026-01"' in answer.text
    assert counts(app, "opinion") == before


def test_a_form_without_its_fields_is_refused_and_not_an_incident(world, sign_in, address):
    assert sign_in(SOUTH).post(f"{address}/avis").status_code == 422


def test_the_agency_of_another_region_gives_no_opinion(app, world, sign_in, address):
    before = counts(app, "opinion")
    stranger = sign_in(NORTH)
    for place in (address, address.replace("/F2/", "/F1/")):
        assert stranger.post(f"{place}/avis", data=GIVEN).status_code == 404
    assert counts(app, "opinion") == before


def test_the_candidate_gives_no_opinion_on_itself(app, world, sign_in, address):
    before = counts(app, "opinion")
    path = address.removeprefix("/ars/F2")
    for email in (at.ESTUARY_DSI, "signataire@estuaire.example"):
        assert sign_in(email).post(f"/ght/{at.ESTUARY_CODE}{path}/avis", data=GIVEN).status_code == 404
    assert counts(app, "opinion") == before
