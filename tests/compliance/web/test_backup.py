"""« Sauvegardes »: 3-2-1, restored in time, frequency beside the PDMA, platforms, contacts by function."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest

from compliance.models.activity import Activity
from compliance.models.backup import BackupPlatform, CriticalSystem, RestoreTest
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at
from tests.factories import registers
from tests.factories.acting import acting, seen

ESTUARY = f"/ght/{at.ESTUARY_CODE}"
FIRST, SECOND, THIRD = at.ESTUARY_MEMBERS
ON = "le=2026-11-22&connu=oui"
SYSTEMS, TESTS, PLATFORMS = "Un élément par ligne", "Mesuré à côté", "Qui y entre"


@pytest.fixture
def write(app, world):
    """Return a function that writes a row for the first establishment, or for another; registers of backups are empty first."""
    seen(app, "TRUNCATE activity, dependency, critical_system, backup_platform, restore_test")

    def give(model, key, member=FIRST, **values):
        with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
            registers.write(world.establishments[member.finess], model, key, **values)

    return give


@pytest.fixture
def filled(write):
    """Three systems: one in 3-2-1 and restored in time, one restored too late, one of another establishment never restored."""
    write(Activity, "URG-01 / 1", perimeter_code="URG-01", number="1", name="Tri", criticality="1", dima_minutes=240)
    good = {"copies": 3, "media": 2, "offline": True, "supervised": True, "activities": ("URG-01 / 1",)}
    write(CriticalSystem, "DPI-01", code="DPI-01", application="Dossier", frequency_minutes=60, pdma_minutes=60, **good)
    write(
        CriticalSystem,
        "LAB-01",
        code="LAB-01",
        application="Labo",
        frequency_minutes=1440,
        pdma_minutes=60,
        rto_minutes=120,
    )
    write(CriticalSystem, "PAY-01", SECOND, code="PAY-01", application="Paie", frequency_minutes=1440)
    held = {"tested_on": date(2026, 10, 6), "result": "success", "referent_function": "Cadre de santé du laboratoire"}
    write(RestoreTest, "R-1", code="R-1", system_code="DPI-01", duration_minutes=100, rto_minutes=200, **held)
    write(RestoreTest, "R-2", code="R-2", system_code="LAB-01", duration_minutes=200, rpo_minutes=90, **held)


@pytest.fixture
def page(world, sign_in):
    """Return a function that gives the page of the GHT of three."""
    browser = sign_in(at.ESTUARY_DSI)
    return lambda query="": browser.get(f"{ESTUARY}/sauvegardes?{ON}&{query}").text


def answer(text: str) -> str:
    return words(re.search(r'<p class="v-answer.*?</p>', text, re.DOTALL)[0])


def codes(text: str) -> list[str]:
    return [re.search(r"[A-Z]+-\d+", line[0])[0] for line in rows(text, SYSTEMS)]


def test_the_answer_counts_3_2_1_and_who_came_back_in_time(filled, page):
    assert answer(page()) == (
        "1 système critique sur 3 en 3-2-1, 1 restauré dans le délai demandé."
        " 1 est sauvegardé moins souvent que la PDMA ne le permet."
    )


def test_the_legend_of_restorations_agrees_in_number(write, filled, page):
    write(CriticalSystem, "RH-01", SECOND, code="RH-01", application="Temps de travail")
    legend = words(re.search(r'<p class="v-legend v-under">.*?</p>', page(), re.DOTALL)[0])
    assert "1 restauré trop tard" in legend
    assert "2 jamais restaurés" in legend


def test_each_number_of_the_page_is_the_length_of_the_list_it_opens(filled, page, sign_in):
    text, browser = page(), sign_in(at.ESTUARY_DSI)
    links = re.findall(r'<a class="v-fig" href="([^"]*)">(\d+)</a>', text)
    links += [
        (href, words(label).split()[0])
        for href, label in re.findall(r'<a href="([^"]*restore=[^"]*)">(.*?)</a>', text, re.DOTALL)
    ]
    assert len(links) == 4 + 3 + 3  # the answer, the supervision, what restorations say
    for href, count in links:
        opened = browser.get(html.unescape(href)).text
        found = (
            rows(opened, SYSTEMS)
            if "/sauvegardes" in href
            else [c for c in ("DPI-01", "LAB-01", "PAY-01") if c in opened]
        )
        assert len(found) == int(count), href


def test_a_system_is_told_beside_what_is_asked_of_it(filled, page):
    lines = {re.search(r"[A-Z]+-\d+", line[0])[0]: line for line in rows(page(), SYSTEMS)}
    assert lines["DPI-01"][2] == "Oui"
    assert lines["DPI-01"][3] == "1 h, comme admis demandé : 1 h PDMA cible"
    assert lines["DPI-01"][4] == "Oui"
    assert lines["DPI-01"][5] == (
        "Restauré dans le délai 3 h 20, 40 min de moins que demandé demandé : 4 h DIMA de URG-01 / 1 Tri R-1 , 06/10/2026"
    )
    assert lines["LAB-01"][2].startswith("Non Pas en 3-2-1 : nombre de copies non renseigné")
    assert lines["LAB-01"][3].startswith("1 jour, 23 h de plus qu’admis")
    assert lines["LAB-01"][5].startswith("Restauré trop tard 3 h 20, 1 h 20 de plus que demandé")
    assert lines["PAY-01"][3].startswith("1 jour, sans objectif")
    assert lines["PAY-01"][5].startswith("Jamais restauré")


def test_contacts_of_o4_are_functions_from_the_perimeters_and_the_tests(filled, page):
    lines = {re.search(r"[A-Z]+-\d+", line[0])[0]: line[6] for line in rows(page(), SYSTEMS)}
    assert lines["DPI-01"] == "Cadre supérieur de santé, Cadre de santé du laboratoire"
    assert lines["PAY-01"] == "aucune fonction désignée"
    assert "Mme Exemple" not in page()


def test_a_restore_test_says_what_it_measured_and_what_was_asked(filled, page):
    lines = {line[0].split()[0]: line for line in rows(page(), TESTS)}
    assert lines["R-2"][3] == "3 h 20, 1 h 20 de plus que demandé demandé : 2 h"
    assert lines["R-2"][4] == "1 h 30, 30 min de plus qu’admis demandé : 1 h"
    assert lines["R-1"][4] == "non mesuré"


def test_the_list_narrows_by_what_the_address_says(filled, page):
    assert codes(page("copies=yes")) == ["DPI-01"]
    assert codes(page("copies=no")) == ["LAB-01", "PAY-01"]
    assert codes(page("restore=late")) == codes(page("frequency=rare")) == ["LAB-01"]
    assert codes(page("supervised=unknown")) == ["LAB-01", "PAY-01"]
    assert codes(page(f"establishment={SECOND.finess}")) == ["PAY-01"]
    assert codes(page("copies=rien&restore=rien&establishment=000000000")) == ["DPI-01", "LAB-01", "PAY-01"]
    assert "Aucun système ne répond à ces filtres." in answer(page("copies=yes&restore=late"))


def test_a_platform_says_who_enters_and_since_when_it_is_kept_apart(write, page):
    values = {"two_factor": "off", "two_factor_reason": "Jetons commandés", "red_button": "procedure"}
    write(
        BackupPlatform,
        "A / 1",
        product="A",
        version="1",
        authentication="production_ad",
        partition_on=date(2027, 6, 30),
        **values,
    )
    [line] = rows(page(), PLATFORMS)
    assert line[2].startswith("En cours A : authentification par l’AD de production")
    assert line[3] == "Atteint A : double facteur non activé, motif : Jetons commandés."
    assert line[4].startswith("Atteint")
    assert line[5] == "En cours Prévu le 30/06/2027."


def test_nothing_recorded_says_where_it_comes_from(write, page):
    text = page()
    assert answer(text) == "Aucun système critique n’est encore recensé."
    assert "feuille SI_critiques" in words(text)


def test_a_test_still_to_come_on_the_day_asked_is_not_told(filled, sign_in):
    past = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/sauvegardes?le=2026-10-05&connu=oui").text
    assert "R-1" not in words(past)
    assert "0 restauré dans le délai" in answer(past)


def test_who_only_reads_is_offered_no_form_and_a_foreign_ght_is_not_there(world, sign_in):
    member = at.CAPES_MEMBERS[3]
    answered = sign_in("direction@marquerive.example").get(f"/etablissements/{member.finess}/sauvegardes")
    assert answered.status_code == 200
    assert "/nouveau" not in answered.text
    assert sign_in(at.CAPES_DSI).get(f"{ESTUARY}/sauvegardes").status_code == 404
