"""The page of the referential: what is asked, since when, from where, and what each version changed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from compliance.programme.referential import SHIPPED, load_all, read_text
from compliance.services import referential
from tenants.db import owner_engine
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at

PAGE = f"/ght/{at.TWO_CAPES_CODE}/referentiel"
TODAY = date.today()  # the database keeps the real clock


@pytest.fixture
def operator(settings, world):
    """The operator's connection, in a transaction that is kept at the end of the block that uses it."""
    engine = owner_engine(settings.owner_database_url)
    yield engine.begin
    engine.dispose()


def publish(operator, name: str, threshold: int, day: date) -> None:
    text = read_text(SHIPPED / "care_d2" / "2025-06-26.toml").replace('"2025-06-26"', f'"2025-06-26-{name}"', 1)
    with operator() as connection:
        referential.publish(
            connection, load_all(), text.replace("threshold = 66", f"threshold = {threshold}", 1), day, "Ada Martin"
        )


def test_every_row_has_its_rule_threshold_window_pieces_and_source(sign_in, world):
    lines = rows(sign_in(at.CAPES_DSI).get(PAGE).text, "Dans l’ordre du texte")
    assert len(lines) == 13
    by_code = {line[0].split()[-1]: line for line in lines}
    assert by_code["D2.O1.C"][2].startswith("Seuil : 66 %")
    assert by_code["D2.P1"][3] == (
        "À partir de : Plus ancienne date admise pour la PSSI et la politique de sauvegarde (16/07/2022)."
        " Jusqu’à : Dépôt de la candidature."
    )
    assert "Score" in by_code["D2.O3.A"][2] or "score" in by_code["D2.O3.A"][2]
    assert "GHT seulement" in by_code["D2.O3.D"][4]
    assert by_code["D2.O4"][5] == "Annexe 1, ligne D2.O4 relayée"


def test_every_date_says_what_it_is_worth(sign_in, world, operator):
    with operator() as connection:
        arguments = ("declarations_close", date(2026, 12, 15), "publiée", "JO du 1er décembre", "Ada")
        referential.record_date(connection, load_all(), "D2", *arguments)
    lines = {line[0]: line[1:] for line in rows(sign_in(at.CAPES_DSI).get(PAGE).text, "Heure légale de Paris")}
    assert lines["Clôture des déclarations d’atteinte des objectifs"] == ["15/12/2026", "publiée", "JO du 1er décembre"]
    assert lines["Fin de l’instruction par l’ARS"][:2] == ["15/03/2027", "estimée"]
    assert lines["Clôture des demandes de paiement"][:2] == ["sans jour", "non connue"]


def test_versions_tell_what_they_changed_and_when_they_take_effect(sign_in, world, operator):
    publish(operator, "corrige1", 70, TODAY)
    publish(operator, "corrige2", 75, TODAY + timedelta(days=5))
    page = words(sign_in(at.CAPES_DSI).get(PAGE).text)
    assert "Version 2025-06-26-corrige1" in page
    told = page[page.index("Versions Un dossier transmis") :]
    assert f"2025-06-26-corrige2 Prendra effet le {TODAY + timedelta(days=5):%d/%m/%Y}" in told
    assert "D2.O1.C, seuil : 70 % devient 75 %." in told
    assert f"2025-06-26-corrige1 En vigueur depuis le {TODAY:%d/%m/%Y}" in told
    assert "D2.O1.C, seuil : 66 % devient 70 %." in told
    assert "par Ada Martin" in told
    assert "2025-06-26 Livrée, pas en vigueur" in told


def test_the_other_domains_have_their_page_and_an_unknown_one_is_d2(sign_in, world):
    browser = sign_in(at.REFERENT)
    path = f"/etablissements/{at.CAPES_MEMBERS[3].finess}/referentiel"
    assert len(rows(browser.get(f"{path}?domaine=OBL").text, "Dans l’ordre du texte")) == 7
    assert "Référentiel D1" in words(browser.get(f"{path}?domaine=D1").text)
    assert "Référentiel D2" in words(browser.get(f"{path}?domaine=X").text)


def test_every_page_says_the_version_in_force_and_leads_to_it(sign_in, world, operator):
    browser = sign_in(at.CAPES_DSI)
    before = browser.get(f"/ght/{at.TWO_CAPES_CODE}/").text
    assert "Référentiel CaRE D2, version du 26/06/2025." in words(before)
    assert f'href="{PAGE}"' in before
    publish(operator, "corrige1", 70, TODAY)
    assert "Référentiel CaRE D2, version du 26/06/2025 (corrige1)." in words(browser.get(PAGE).text)


def test_a_published_threshold_is_that_of_the_pages_from_its_day_on(sign_in, world, operator):
    path = f"/ght/{at.ESTUARY_CODE}/"
    browser = sign_in(at.ESTUARY_DSI)
    assert "66 %" in words(browser.get(path).text)
    publish(operator, "corrige1", 72, TODAY)
    assert "72 %" in words(browser.get(path).text)
    publish(operator, "corrige2", 75, TODAY + timedelta(days=1))
    assert "75 %" not in words(browser.get(path).text)


def test_an_address_that_does_not_exist_has_a_foot_without_a_referential(sign_in, world):
    answer = sign_in(at.CAPES_DSI).get(f"/ght/{at.TWO_CAPES_CODE}/rien")
    assert answer.status_code == 404
    assert "Vigie, suivi de la continuité" in words(answer.text)


def test_the_agency_reads_the_version_at_the_foot_without_a_page_it_may_not_open(sign_in, world):
    page = sign_in("ars@littoral-nord.example").get("/ars/F1/portefeuille").text
    assert "Référentiel CaRE D2, version du 26/06/2025." in words(page)
    assert "/referentiel" not in page
