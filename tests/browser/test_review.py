"""The desk of an agency, by keyboard alone; what came back is replaced and sent again by its candidate."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_every_page import sound
from tests.browser.visitors import Visitors, wait_inspected
from tests.factories.acting import ESTUARY_DSI
from tests.factories.world import ESTUARY_CODE, PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AGENCY, NAME = "ars@monts-du-sud.example", "GHT de l’Estuaire"
DOSSIER = f"/ght/{ESTUARY_CODE}/dossier"


def _press(page: Page, name: str) -> None:
    """Come to a button with the tabulation key, from where one is, and press it."""
    button = page.get_by_role("button", name=name)
    for _ in range(120):
        page.keyboard.press("Tab")
        if button.evaluate("(each) => each === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard never comes to « {name} »")


def test_a_piece_is_accepted_and_the_next_returned_by_keyboard_and_its_candidate_sends_it_again(
    visitors: Visitors,
) -> None:
    visitors.expect_answer(422)
    page = visitors.enter(AGENCY)
    page.goto("/ars/F2/file")
    sound(page, "queue")
    page.emulate_media(color_scheme="light")
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("button", name="Ouvrir l’instruction").click()
    expect(page.locator("iframe.v-shown, .v-doc, #piece .v-under").first).to_be_visible()
    waiting = page.get_by_role("heading", name="À examiner")
    expect(waiting).to_be_visible()
    sound(page, "review")
    page.emulate_media(color_scheme="light")

    page.get_by_label("Ou retourner cette pièce seule").focus()
    page.keyboard.type("Incompl")
    page.keyboard.press("Tab")
    page.keyboard.type("La page 2 manque")
    _press(page, "Retourner et passer à la suivante")
    # The first decision of a sitting asks who decides; the cursor is in the field, what was typed is still there.
    password = page.locator("#f-password-piece")
    expect(password).to_be_focused()
    expect(page.get_by_label("Ce que le candidat lira")).to_have_value("La page 2 manque")
    sound(page, "review-confirm")
    page.emulate_media(color_scheme="light")
    password.focus()
    page.keyboard.type(PASSWORD)
    _press(page, "Confirmer : retourner et passer à la suivante")
    expect(page.get_by_role("status")).to_contain_text("est retournée au candidat")
    _press(page, "Accepter et passer à la suivante")
    expect(page.get_by_role("status")).to_contain_text("est acceptée")

    page = visitors.enter(ESTUARY_DSI)
    page.goto(DOSSIER)
    returned = page.locator("#retour-1")
    expect(returned).to_contain_text("La page 2 manque")
    sound(page, "dossier-returned")
    page.emulate_media(color_scheme="light")
    returned.get_by_label("Nouvelle version de").set_input_files(
        {"name": "version-2.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 version 2"}
    )
    returned.get_by_role("button", name="Remplacer cette pièce").click()
    expect(page.locator("#retour-1")).to_contain_text("version-2.pdf")
    wait_inspected(page, DOSSIER.removesuffix("/dossier"), "version-2.pdf")

    page = visitors.enter("signataire@estuaire.example")
    page.goto(DOSSIER)
    page.locator("#instruction").get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Transmettre de nouveau").click()
    expect(page.get_by_role("status")).to_contain_text("seules les pièces retournées ont changé")

    page = visitors.enter(AGENCY)
    page.goto("/ars/F2/file")
    page.get_by_role("link", name=NAME).click()
    expect(page.get_by_text("nouvelle version").first).to_be_visible()
    expect(page.locator("#piece")).to_contain_text("Avant")
