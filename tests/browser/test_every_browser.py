"""On a bad day: with the keyboard alone, and without any script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_deposit import CATERING, REFERENT, SPACE, fill, send, template
from tests.browser.visitors import Visitors, sign_in
from tests.factories.world import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def tab_to(page: Page, text: str) -> None:
    """Press Tab until what has the focus says this, like somebody without a mouse; its focus must be seen."""
    for _ in range(40):
        page.keyboard.press("Tab")
        name = page.evaluate("() => { const e = document.activeElement; return (e.labels?.[0] ?? e).innerText ?? '' }")
        if text in name.replace("\xa0", " "):
            outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"the focus on « {text} » is not seen"
            return
    raise AssertionError(f"Tab never reaches « {text} »")


def test_one_signs_in_and_deposits_with_the_keyboard_alone(visitors: Visitors, tmp_path: Path) -> None:
    path = fill(
        template(visitors.enter(REFERENT), tmp_path), {**CATERING, "code": "CLA-01", "name": "Saisie au clavier"}
    )
    page = visitors.anyone()
    # Listened to from the start: the browser learns only later than the test that a chooser is expected.
    page.on("filechooser", lambda chooser: chooser.set_files(path))
    page.goto("/connexion")
    tab_to(page, "Adresse électronique")
    page.keyboard.type(REFERENT)
    tab_to(page, "Mot de passe")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()

    tab_to(page, "Déposer")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Déposer un fichier")
    tab_to(page, "Choisissez le classeur")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Choisissez le classeur")).to_have_value(re.compile(path.name))
    tab_to(page, "Voir l’aperçu")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Comment continuer ?")).to_be_visible()
    tab_to(page, "Appliquer")
    page.keyboard.press("Enter")
    expect(page.locator(".v-steps [aria-current=step]")).to_have_text("Appliqué")


def test_the_first_tab_leads_past_the_navigation(visitors: Visitors) -> None:
    page = visitors.enter(REFERENT)
    page.goto(f"{SPACE}/")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Aller au contenu")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#contenu")).to_be_focused()


def test_without_script_one_signs_in_deposits_and_the_progress_refreshes_by_itself(
    visitors: Visitors, tmp_path: Path
) -> None:
    path = fill(
        template(visitors.enter(REFERENT), tmp_path), {**CATERING, "code": "NOS-01", "name": "Saisie sans script"}
    )
    page = visitors.anyone(java_script_enabled=False)
    sign_in(page, REFERENT)
    with visitors.site.work_held():
        send(page, path)
        expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("heading", name="Comment continuer ?")).to_be_visible()
    with visitors.site.work_held():
        page.get_by_role("button", name="Appliquer les").click()
        expect(page.locator(".v-answer")).to_contain_text("Application en cours")
    expect(page.locator(".v-steps [aria-current=step]")).to_have_text("Appliqué")


def test_a_wrong_password_is_said_and_the_address_stays(visitors: Visitors) -> None:
    visitors.expect_answer(422)
    page = visitors.anyone()
    page.goto("/connexion")
    page.get_by_label("Adresse électronique").fill(REFERENT)
    page.get_by_label("Mot de passe").fill("un autre mot de passe")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_contain_text("Adresse ou mot de passe incorrect.")
    expect(page.get_by_label("Adresse électronique")).to_have_value(REFERENT)
    expect(page.get_by_label("Mot de passe")).to_have_value("")
