"""Applications to the domains to come: opened, filed, completed, answered, each side reading the other's words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from compliance.programme.referential import load_all
from compliance.services import referential
from tenants.db import owner_engine
from tests.compliance.web.pages import words
from tests.factories import acting as at
from tests.factories import review as play
from tests.factories.acting import seen
from tests.factories.world import PASSWORD

OURS, THEIRS = f"/ght/{at.ESTUARY_CODE}/candidatures", "/ars/F2/file/candidatures"
STEP = f"{OURS}/etape"
TODAY = date.today()  # the database keeps the real clock
DAY = timedelta(days=1)
TEXT = """domain = "D3"
title = "CaRE domaine 3 : domaine d’essai"
version = "2026-11-01"
source = "Texte d’essai"
note = "Pour les essais."

[[dates]]
key = "applications_open"
label = "Ouverture des candidatures"
on = {opens}
confidence = "publiée"

[[dates]]
key = "applications_close"
label = "Clôture des candidatures"
on = {closes}
confidence = "publiée"

[[rows]]
code = "D3.O1.A"
title = "Une ligne"
kind = "document"
rule = "Une pièce."
scope = "every_party"
source = "Texte d’essai"
confidence = "à confirmer"

[[rows.pieces]]
key = "note"
label = "Note"
"""


@pytest.fixture
def domain_to_come(settings, world):
    """Publish a domain 3, whose applications are open between two days."""
    engine = owner_engine(settings.owner_database_url)

    def publish(opens: date = TODAY - DAY, closes: date = TODAY + DAY) -> None:
        with engine.begin() as connection:
            content = TEXT.format(opens=opens, closes=closes)
            referential.publish(connection, load_all(), content, TODAY, "Ada")

    yield publish
    engine.dispose()


def candidate(app) -> str:
    """The candidate of the GHT in domain 3."""
    [row] = seen(app, "SELECT id FROM candidate WHERE domain = 'D3'")
    return str(row["id"])


def test_without_a_domain_to_come_the_page_says_so_and_nothing_can_be_opened(app, world, sign_in):
    browser = sign_in(at.ESTUARY_DSI)
    assert "Aucun prochain domaine n’est encore publié" in words(browser.get(OURS).text)
    for domain in ("D3", "D2", "HC", ""):
        assert browser.post(OURS, data={"domain": domain}, follow_redirects=True).status_code == 200
    assert "Aucun appel à candidatures de ce domaine" in words(
        browser.post(OURS, data={"domain": "D3"}, follow_redirects=True).text
    )
    assert seen(app, "SELECT id FROM candidate WHERE domain <> 'D2'") == []


def test_an_application_goes_from_the_candidate_to_the_agency_and_back(app, world, sign_in, domain_to_come):
    domain_to_come()
    manager = sign_in(at.ESTUARY_DSI)
    assert "Ouvrir la candidature au domaine 3" in words(manager.get(OURS).text)
    manager.post(OURS, data={"domain": "D3"})
    assert "Brouillon" in words(manager.get(OURS).text)
    own = {"candidate": candidate(app)}

    signatory = sign_in(play.SIGNATORY[0])
    refused = signatory.post(STEP, data=own | {"to": "filed", "password": "faux"})
    assert (refused.status_code, "Rien n’a été enregistré" in refused.text) == (422, True)
    assert signatory.post(STEP, data=own | {"to": "filed", "password": PASSWORD}).status_code == 302
    agency = sign_in(play.ARS[0])
    assert "GHT de l’Estuaire Déposée" in words(agency.get(THEIRS).text)
    agency.post(THEIRS, data=own | {"to": "ars_review"})
    asked = own | {"to": "more_information", "reason": ""}
    assert "se motive" in words(agency.post(THEIRS, data=asked).text)
    agency.post(THEIRS, data=asked | {"reason": "Il manque la délibération."})
    assert "Il manque la délibération." in words(signatory.get(OURS).text)
    signatory.post(STEP, data=own | {"to": "filed", "password": PASSWORD})
    agency.post(THEIRS, data=own | {"to": "ars_review"})
    assert "Rien n’a été enregistré" in agency.post(THEIRS, data=own | {"to": "accepted", "password": "faux"}).text
    agency.post(THEIRS, data=own | {"to": "accepted", "password": PASSWORD})
    assert "Acceptée" in words(signatory.get(OURS).text)
    steps = seen(app, "SELECT state FROM transition WHERE candidate_id = %s ORDER BY recorded_at, id", candidate(app))
    assert [each["state"] for each in steps] == [
        "filed", "ars_review", "more_information", "filed", "ars_review", "accepted",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("opens", "closes", "says"),
    [
        (TODAY + DAY, TODAY + 9 * DAY, "Les candidatures ouvrent le"),
        (TODAY - 9 * DAY, TODAY - DAY, "Les candidatures sont closes depuis le"),
    ],
)
def test_nothing_is_filed_before_the_opening_nor_after_the_closing(
    app, world, sign_in, domain_to_come, opens, closes, says
):
    domain_to_come(opens, closes)
    sign_in(at.ESTUARY_DSI).post(OURS, data={"domain": "D3"})
    signatory = sign_in(play.SIGNATORY[0])
    page = signatory.get(OURS).text
    assert says in words(page)
    assert "Déposer la candidature" not in words(page)
    answer = signatory.post(STEP, data={"candidate": candidate(app), "to": "filed", "password": PASSWORD})
    assert (answer.status_code, says in words(answer.text)) == (422, True)
    assert seen(app, "SELECT id FROM transition WHERE candidate_id = %s", candidate(app)) == []


def test_an_application_is_of_its_candidate_and_its_region_alone_and_of_no_list_of_the_second_domain(
    app, world, sign_in, domain_to_come
):
    domain_to_come()
    before = len(seen(app, "SELECT id FROM candidate WHERE domain = 'D2'"))
    sign_in(at.ESTUARY_DSI).post(OURS, data={"domain": "D3"})
    own = {"candidate": candidate(app), "to": "filed", "password": PASSWORD}
    sign_in(play.SIGNATORY[0]).post(STEP, data=own)
    stranger = sign_in(at.CAPES_DSI)
    assert "Estuaire" not in words(stranger.get(f"/ght/{at.TWO_CAPES_CODE}/candidatures").text)
    agency = sign_in(play.ARS[0])
    assert agency.get("/ars/F2/portefeuille").text.count("Estuaire") == 1
    assert agency.post(THEIRS, data=own | {"to": "validated"}).status_code == 422
    elsewhere = sign_in(play.OTHER_ARS[0])
    assert elsewhere.post("/ars/F1/file/candidatures", data=own | {"to": "ars_review"}).status_code == 404
    assert len(seen(app, "SELECT id FROM candidate WHERE domain = 'D2'")) == before


def test_the_command_line_opens_files_and_answers_too(app, world, vigie, domain_to_come):
    domain_to_come()
    ours, theirs = (
        ("--scope", at.ESTUARY_SCOPE),
        ("--scope", "region:F2", "--as", play.ARS[0], "--candidate", at.ESTUARY_CODE),
    )
    signatory = ("candidate", "move", *ours, "--as", play.SIGNATORY[0], "--domain", "D3", "--to")
    assert vigie("candidate", "open", *ours, "--as", at.ESTUARY_DSI, "--domain", "D4").exit_code == 1
    assert vigie("candidate", "open", *ours, "--as", at.ESTUARY_DSI, "--domain", "D3").exit_code == 0
    assert "Ensuite : Déposée" in vigie(*signatory, "accepted").stderr
    assert vigie(*signatory, "filed").stdout == "Candidature déposée.\n"
    opened = vigie("candidate", "move", *theirs, "--domain", "D3", "--to", "ars_review")
    assert opened.stdout == "Instruction ouverte par l’ARS.\n"
