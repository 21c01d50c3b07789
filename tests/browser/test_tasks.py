"""The tasks of a referent between two uploads, as they do them: from « Mes tâches », by form, then gone from the list.

Uploading is in `test_deposit.py`. Everything here is of codes that no other test reads.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.visitors import Visitors
from tests.factories.world import TWO_CAPES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

REFERENT, DSI = "referente@marquerive.example", "dsi@deux-caps.example"
SPACE, GHT = f"/etablissements/{TWO_CAPES[3][0]}", "/ght/GHT-DEUX-CAPS"
CODE = "EX-ESSAI-1"


def day(days: int) -> str:
    """A day from today, as people type it."""
    return f"{date.today() + timedelta(days=days):%d/%m/%Y}"


def save(page: Page) -> None:
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".v-flash--ok")).to_contain_text("Enregistré")


def plan(page: Page, code: str = CODE, days: int = 9) -> None:
    """Plan an exercise by its form."""
    page.goto(f"{SPACE}/registres/Planning")
    page.get_by_role("link", name=re.compile("^Ajouter")).click()
    page.get_by_label("Code exercice").fill(code)
    page.get_by_label("Nature").select_option("Exercice cellule de crise")
    page.get_by_label("Scénario", exact=True).select_option("Panne SI")
    page.get_by_label("Date prévue").fill(day(days))
    page.get_by_label("Statut").select_option("Planifié")
    page.get_by_label("Libellé").fill("Panne du téléphone")
    save(page)


def test_an_exercise_is_planned_then_its_result_recorded_from_the_list_of_tasks(visitors: Visitors) -> None:
    page = visitors.enter(REFERENT)
    plan(page)
    page.goto("/")
    expect(page.get_by_role("heading", name="Mes tâches")).to_be_visible()
    task = page.get_by_role("listitem").filter(has_text=f"Tenir l’exercice {CODE}")
    expect(task).to_contain_text("Dans 9 jours")
    assert violations(page) == []
    # The day was wrong: it was yesterday. The task changes by itself.
    task.get_by_role("link").click()
    page.get_by_label("Date prévue").fill(day(-1))
    save(page)
    page.goto("/taches")
    page.get_by_role("link", name=re.compile(f"Saisir le résultat : .*{CODE}")).click()
    assert page.get_by_label("Code exercice").input_value() == CODE, "the form knows the exercise"
    page.get_by_label("Date réelle").fill(str(date.today() - timedelta(days=1)))
    page.get_by_label("Durée réelle").fill("3h30")
    page.get_by_label(re.compile("^Nombre de participants")).fill("14")
    for label in ("Direction générale présente", "Directions métiers présentes", "Prise en charge patient évaluée"):
        page.get_by_label(label).select_option("Oui")
    page.get_by_label("Procédures dégradées déroulées").select_option("Oui")
    save(page)
    expect(page.locator(".v-flash--warning").first).to_contain_text("RETEX")
    page.goto("/taches")
    expect(page.get_by_text(f"Saisir le résultat de l’exercice {CODE}")).to_have_count(0)
    expect(page.get_by_role("heading", name=f"Décider au moins une action après l’exercice {CODE}")).to_be_visible()


def test_an_action_said_done_stays_a_task_until_it_is_proven(visitors: Visitors) -> None:
    page = visitors.enter(REFERENT)
    page.goto(f"{SPACE}/registres/Plan_actions/nouveau")
    page.get_by_label("Ligne du référentiel").select_option("D2.O1.A")
    page.get_by_label("N°", exact=True).fill("71")
    page.get_by_label("Constat").fill("Annuaire introuvable")
    page.get_by_label("Action", exact=True).fill("Afficher l’annuaire au poste de garde")
    page.get_by_label("Échéance").fill(day(3))
    page.get_by_label("Fonction responsable").fill("Cadre de santé")
    page.get_by_label("Statut").select_option("Fait")
    page.get_by_label("Date de clôture").fill(str(date.today()))
    save(page)
    expect(page.locator(".v-flash--warning").first).to_contain_text("elle n’est pas close")
    page.goto("/taches?kind=action")
    task = page.get_by_role("listitem").filter(has_text="Prouver : Afficher l’annuaire au poste de garde")
    task.get_by_role("link").click()
    page.get_by_label("Preuve de l’action (fichier)").fill("photo_poste_de_garde.pdf")
    save(page)
    page.goto("/taches?kind=action")
    task.get_by_role("link").click()  # a name is not a file: it is still to be proven
    photo = {"name": "photo_poste_de_garde.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 affiche"}
    page.get_by_label("Ou envoyez le fichier : il est joint avec la ligne").set_input_files(photo)  # type: ignore[arg-type]
    save(page)
    page.goto("/taches?kind=action")
    expect(page.get_by_text("Afficher l’annuaire au poste de garde")).to_have_count(0)


def test_a_training_is_recorded_with_who_attended_and_the_ght_reads_no_name(visitors: Visitors) -> None:
    page = visitors.enter(REFERENT)
    page.goto(f"{SPACE}/registres/Sessions/nouveau")
    page.get_by_label("Code session").fill("DMCC-ESSAI")
    page.get_by_label("Intitulé").fill("Directeur médical de crise cyber")
    page.get_by_label("Type").select_option("DMCC")
    page.get_by_label("Organisateur").select_option("ARS")
    for label in ("Date début", "Date fin"):
        page.get_by_label(label).fill("2026-10-05")
    page.get_by_label("Nombre de demi-journées").fill("2")
    page.get_by_label(re.compile("^Durée totale")).fill("7")
    save(page)
    page.get_by_role("link", name=re.compile("^Ajouter : .*")).first.click()
    assert page.get_by_label("Code session").input_value() == "DMCC-ESSAI"
    page.get_by_label("Nom", exact=True).fill("Vauquelin")
    page.get_by_label("Prénom", exact=True).fill("Noé")
    page.get_by_label("Fonction", exact=True).fill("Médecin urgentiste")
    page.get_by_label("Profil").select_option("Médical")
    for label in ("DJ1", "DJ2"):
        page.get_by_label(label).select_option("Présent")
    page.get_by_label("Signature présente").select_option("Oui")
    save(page)
    expect(page.get_by_text("Vauquelin").first).to_be_visible()
    assert "Vauquelin" not in page.url
    other = visitors.enter(DSI)
    for path in ("registres", "formations"):
        other.goto(f"{GHT}/{path}")
        assert "Vauquelin" not in other.content()


def test_two_people_on_one_line_see_both_versions_and_lose_nothing(visitors: Visitors) -> None:
    page, other = visitors.enter(REFERENT), visitors.enter(DSI)
    visitors.expect_answer(409)
    plan(page, "EX-ESSAI-2", 20)
    page.get_by_role("link", name="Modifier").click()
    ref = page.url.rsplit("/", 2)[1]
    other.goto(f"{GHT}/registres/Planning/{ref}/modifier")
    other.get_by_label("Libellé").fill("Panne du laboratoire")
    save(other)
    page.get_by_label("Libellé").fill("Panne de l’imagerie")
    page.get_by_role("button", name="Enregistrer").click()
    both = page.get_by_role("row").filter(has_text="Libellé")
    expect(both).to_contain_text("Panne de l’imagerie")
    expect(both).to_contain_text("Panne du laboratoire")
    assert violations(page) == []
    page.get_by_role("button", name="Enregistrer ma version").click()
    expect(page.get_by_text("Libellé : Panne du laboratoire → Panne de l’imagerie")).to_be_visible()


def test_a_form_is_filled_with_the_keyboard_alone_and_says_what_is_wrong(visitors: Visitors) -> None:
    page = visitors.enter(REFERENT)
    visitors.expect_answer(422)
    page.goto(f"{SPACE}/registres/Incidents/nouveau")
    page.get_by_label("Code incident").focus()
    page.keyboard.type("INC-ESSAI")
    page.keyboard.press("Tab")
    page.keyboard.type("Panne de t")  # a letter chooses in a list
    page.keyboard.press("Tab")
    page.keyboard.type("Téléphone coupé")
    page.keyboard.press("Enter")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Cette valeur est obligatoire")
    alert.get_by_role("link").first.press("Enter")
    expect(page.get_by_label(re.compile("^Début le"))).to_be_focused()
    assert page.get_by_label("Intitulé de l’incident").input_value() == "Téléphone coupé", "what was typed is kept"
    assert violations(page) == []
