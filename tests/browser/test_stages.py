"""The candidate page in each stage of the programme, and the walk from what is missing to what the ARS reads.

Days are those of the address (`?le=`), with what is recorded now (`connu=oui`): nothing here depends on the day of the run.
The one candidate whose declaration is filed here is put back as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from compliance.clock import today
from tests.browser.visitors import Visitors
from tests.factories.world import ALONE_CODE, OUTSIDE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ALONE, OUT = f"/ght/{ALONE_CODE}", f"/etablissements/{OUTSIDE[0]}"
ROW, PIECE = "D2.O2.A", "Politique de sauvegarde et de restauration"


def first_said(page: Page, day: str) -> Locator:
    """Open the page of the candidate on a day and return the sentence of its stage, which comes before all others."""
    page.goto(f"{ALONE}/?le={day}&connu=oui")
    expect(page.locator("main > .v-kicker + *")).to_have_class(re.compile("v-stage|v-flash"))
    return page.locator("main > .v-kicker + * strong")


def buttons(page: Page) -> Locator:
    """Return the buttons under the answer, the first one filled."""
    expect(page.locator(".v-hero .v-btn--primary")).to_have_count(1)
    expect(page.locator(".v-hero .v-btn").first).to_have_class(re.compile("v-btn--primary"))
    return page.locator(".v-hero .v-btn")


def record_filing(page: Page, declared: str) -> None:
    """Type the day of the declaration on eCaRE in the page of the dossier, and save it; "" takes it back."""
    page.goto(f"{ALONE}/dossier#ecare")
    page.get_by_label("Déposé le").fill(declared)
    page.get_by_role("button", name="Enregistrer le dépôt").click()
    expect(page.get_by_role("status").first).to_have_text("Ce qui est connu du dépôt sur eCaRE est enregistré.")


@pytest.fixture
def declared(visitors: Visitors) -> Iterator[Page]:
    """The page of a DSI whose declaration was filed on eCaRE on 20 January 2026; taken back at the end."""
    page = visitors.enter("dsi@roche-vernay.example")
    record_filing(page, "2026-01-20")
    yield page
    record_filing(page, "")


@pytest.fixture
def payment_closes(visitors: Visitors) -> Iterator[None]:
    """The close of the payment requests, which nobody knows yet, as an operator would enter it; taken back at the end."""

    def enter(day: str) -> None:
        command = visitors.site.vigie(
            "referential", "date", "payment_close", day, "--source", "Essai", "--by", "Ada Martin"
        )
        told, _ = command.communicate(timeout=60)
        assert command.returncode == 0, told

    enter("2027-12-31")
    yield
    enter("inconnue")


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (
            "2025-12-01",
            "Phase opérationnelle : ouverture des déclarations dans 46 jours, vendredi 16 janvier 2026.",
        ),
        ("2026-11-22", "Déclaration ouverte : clôture dans 8 jours, lundi 30 novembre 2026 (à confirmer)."),
        ("2026-11-30", "Déclaration ouverte : clôture aujourd’hui, lundi 30 novembre 2026 (à confirmer)."),
    ],
)
def test_until_the_close_the_page_says_how_far_it_is_and_leads_to_what_is_missing(
    visitors: Visitors, day: str, said: str
) -> None:
    page = visitors.enter("dsi@roche-vernay.example")
    expect(first_said(page, day)).to_have_text(said)
    expect(buttons(page).first).to_have_text("Voir ce qui manque")
    buttons(page).first.click()
    expect(page.locator("h1")).to_contain_text("Ce qui manque")
    expect(page.get_by_role("status")).to_contain_text("État au")


def test_past_the_close_a_late_candidate_is_told_to_declare_at_once_and_led_to_its_dossier(visitors: Visitors) -> None:
    page = visitors.enter("dsi@roche-vernay.example")
    expect(first_said(page, "2026-12-01")).to_have_text(
        "La clôture des déclarations est dépassée de 1 jour (date à confirmer) : déclarez sans attendre."
    )
    expect(page.locator("main > .v-kicker + .v-flash--warning")).to_be_visible()
    page.get_by_text("Ce que ce stade demande").click()
    expect(page.get_by_text("Déclarer sans attendre sur eCaRE, ou écrire à son ARS.")).to_be_visible()
    expect(buttons(page)).to_have_text(["Préparer le dossier", "Voir ce qui manque", "Noter le dépôt sur eCaRE"])
    buttons(page).last.click()
    expect(page.get_by_label("Déposé le")).to_be_visible()


def test_once_declared_each_review_is_said_with_its_end_and_what_was_late_is_no_more(
    visitors: Visitors, declared: Page
) -> None:
    for day, said in (
        ("2026-12-01", "Instruction par l’ARS : fin dans 89 jours, dimanche 28 février 2027 (estimée)."),
        ("2027-03-01", "Contrôle par l’ANS : fin dans 91 jours, lundi 31 mai 2027 (estimée)."),
        ("2027-06-01", "Paiement : clôture des demandes à une date non connue."),
    ):
        expect(first_said(declared, day)).to_have_text(said)
        expect(buttons(declared)).to_have_text(["Voir le dossier", "Voir ce qui manque"])
        # What lacked at the filing is still read; nothing is awaited for the target date any more.
        buttons(declared).last.click()
        expect(declared.locator(".v-lacks td[data-l='Échéance']").first).to_have_text("déclaration déposée")
    # The day before the filing, the declaration was not filed.
    expect(first_said(declared, "2026-01-19")).to_contain_text("Déclaration ouverte : clôture dans 315 jours")


def test_past_the_payment_the_page_leads_to_the_other_domains(
    visitors: Visitors, declared: Page, payment_closes: None
) -> None:
    expect(first_said(declared, "2027-12-31")).to_contain_text("Paiement : clôture des demandes aujourd’hui")
    expect(first_said(declared, "2028-01-01")).to_have_text(
        "Domaine suivant : demandes de paiement closes depuis le 01/01/2028 (saisie)."
    )
    expect(buttons(declared).first).to_have_text("Voir les autres domaines")
    buttons(declared).first.click()
    declared.get_by_role("link", name=re.compile("HospiConnect")).click()
    expect(declared.locator("h1")).to_contain_text("HC")


def test_a_filing_to_come_or_before_the_application_is_refused_and_what_was_typed_stays(visitors: Visitors) -> None:
    visitors.expect_answer(422)
    page = visitors.enter("dsi@roche-vernay.example")
    for filed, why in (
        ((today() + timedelta(days=1)).isoformat(), "ne peut pas être dans l’avenir"),
        ("2025-10-01", "ne peut pas précéder la candidature"),
    ):
        page.goto(f"{ALONE}/jalons")
        page.get_by_role("link", name="Le dépôt de la déclaration").click()
        page.get_by_label("Déposé le").fill(filed)
        page.get_by_role("button", name="Enregistrer le dépôt").click()
        expect(page.get_by_role("alert")).to_contain_text(why)
        expect(page.get_by_role("alert")).to_contain_text("Rien n’a été enregistré.")
        expect(page.get_by_label("Déposé le")).to_have_value(filed)


def state_of(page: Page) -> Locator:
    """Return the state that the page of a row says first."""
    return page.locator(".v-answer .v-state")


def test_from_what_is_missing_to_a_piece_the_state_another_date_and_the_difference(visitors: Visitors) -> None:
    page = visitors.enter("admin@brumont.example")
    page.goto(f"{OUT}/")
    buttons(page).first.click()
    expect(page.locator("h1")).to_contain_text("Ce qui manque")
    expect(page.locator(".v-lacks tbody tr", has_text=ROW)).to_contain_text(f"Joindre : {PIECE}.")
    page.get_by_role("link", name=ROW, exact=True).click()
    expect(state_of(page)).to_have_text("Manquant")

    page.get_by_label("Choisissez le fichier").set_input_files(
        {"name": "Politique.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 politique"}
    )
    page.get_by_label("Quelle pièce est-ce ?").select_option(label=PIECE)
    page.get_by_label("Approuvée le").fill("2025-10-09")
    page.get_by_role("button", name="Joindre la pièce").click()
    expect(page.get_by_role("status")).to_contain_text(f"La pièce est jointe à {ROW}.")
    expect(state_of(page)).to_have_text("Atteint")
    expect(page.locator(".v-answer")).to_contain_text("Politique.pdf, pièce approuvée le 09/10/2025")
    page.get_by_role("link", name="Ce qui manque", exact=True).click()
    expect(page.locator(".v-lacks tbody tr", has_text=ROW)).to_have_count(0)

    # What is recorded today does not change the past, unless one asks for what is known since.
    page.goto(f"{OUT}/")
    page.get_by_label("Voir l’état au").fill("2025-12-31")
    page.get_by_role("button", name="Afficher").click()
    expect(page.get_by_role("status")).to_contain_text("État au mercredi 31 décembre 2025")
    expect(page.locator(".v-answer")).to_have_text("Aucun périmètre n’était enregistré ce jour-là.")
    line = page.locator(".v-rows tbody tr", has_text=ROW)
    expect(line.locator(".v-state")).to_have_text("Manquant")
    buttons(page).first.click()
    expect(page.get_by_role("status")).to_contain_text("avec ce qui est enregistré aujourd’hui")
    expect(line.locator(".v-state")).to_have_text("Atteint")
    line.get_by_role("link", name=PIECE).click()
    expect(page.get_by_role("status")).to_contain_text("État au mercredi 31 décembre 2025")
    expect(state_of(page)).to_have_text("Atteint")
    page.get_by_role("link", name="Revenir à aujourd’hui").click()
    expect(page.get_by_role("status")).to_have_count(0)

    page.goto(f"{OUT}/")
    page.get_by_role("link", name="Ce qui a changé depuis un mois").click()
    change = page.locator(".v-moves tbody tr", has_text=ROW)
    expect(change.locator("td[data-l='Avant']")).to_have_text("Manquant")
    expect(change.locator("td[data-l='Après']")).to_have_text("Atteint")
    expect(change.locator("td[data-l='Ne se dit plus']")).to_contain_text(f"Pièce attendue : {PIECE}.")
    expect(change.locator("td[data-l='Se dit depuis']")).to_contain_text("Politique.pdf")
    told = int(page.locator(".v-answer strong").inner_text().split()[0])
    sides = [row.locator(".v-state").all_inner_texts() for row in page.locator(".v-moves tbody tr").all()]
    assert told == sum(before != after for before, after in sides)
    page.get_by_label("Du", exact=True).fill(today().isoformat())
    page.get_by_role("button", name="Comparer").click()
    expect(page.locator(".v-answer strong")).to_have_text("Rien n’a changé.")


def test_what_is_published_is_read_by_the_ars_with_its_day_and_its_history(visitors: Visitors) -> None:
    page = visitors.enter("admin@brumont.example")
    page.goto(f"{OUT}/")
    page.get_by_role("link", name="Publier l’avancement à l’ARS").click()
    shown = page.locator("section", has=page.get_by_role("heading", name="Exactement ce que l’ARS verra"))
    told = shown.get_by_text(re.compile(r"^\d+ lignes? atteintes? sur 13"))
    met = int(told.inner_text().split()[0])
    expect(shown.locator("tbody tr")).to_have_count(13)
    expect(shown.locator("tbody tr .v-state", has_text="Atteint")).to_have_count(met)
    page.get_by_label("J’ai relu ces chiffres").check()
    page.get_by_role("button", name="Publier à l’ARS").click()
    expect(page.get_by_role("status")).to_be_visible()

    page = visitors.enter("ars@littoral-nord.example")
    page.goto("/ars/F1/portefeuille")
    line = page.locator(".v-table tbody tr", has=page.get_by_role("rowheader", name=re.compile(OUTSIDE[1])))
    day = date.strftime(today(), "%d/%m/%Y")
    expect(line.locator("td[data-l='Avancement publié']")).to_contain_text(f"état au {day}")
    line.get_by_role("link", name=f"{met} sur 13").click()
    expect(page.locator("h1")).to_contain_text("avancement publié")
    expect(page.locator(".v-rows tbody tr")).to_have_count(13)
    expect(page.locator(".v-rows tbody .v-state", has_text="Atteint")).to_have_count(met)
    expect(page.locator(".v-changes li")).not_to_have_count(0)
    # Figures alone: neither a piece nor a reason.
    expect(page.locator("main")).not_to_contain_text("Politique.pdf")
