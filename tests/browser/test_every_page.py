"""Each page at three widths: nothing past the edge, nothing that axe-core finds wrong.

With VIGIE_SCREENSHOTS=folder, a picture of each page at each width is left there for the eye.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe, layout
from tests.browser.test_deposit import CATERING, REFERENT, SPACE, fill, send, template
from tests.browser.visitors import Visitors
from tests.factories.world import ALONE_CODE, OUTSIDE, TWO_CAPES, TWO_CAPES_CODE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WIDTHS = ((360, 740), (1280, 800), (1920, 1080))
GROUP = f"/ght/{TWO_CAPES_CODE}"
PAGES = {
    "sign-in": ("", "/connexion"),
    "spaces": ("dsi@deux-caps.example", "/espaces"),
    "candidate": ("dsi@deux-caps.example", f"{GROUP}/"),
    "candidate-eg": ("admin@brumont.example", f"/etablissements/{OUTSIDE[0]}/"),
    "candidate-alone": ("dsi@roche-vernay.example", f"/ght/{ALONE_CODE}/"),
    "establishment": (REFERENT, f"{SPACE}/"),
    "coverage": ("dsi@deux-caps.example", f"{GROUP}/couverture"),
    "coverage-eg": ("admin@brumont.example", f"/etablissements/{OUTSIDE[0]}/couverture"),
    "perimeters": ("dsi@deux-caps.example", f"{GROUP}/perimetres"),
    "perimeter": ("dsi@deux-caps.example", f"{GROUP}/perimetres/{TWO_CAPES[0][0]}/URG-01"),
    "row": ("dsi@deux-caps.example", f"{GROUP}/lignes/D2.P1"),
    "row-coverage": ("dsi@deux-caps.example", f"{GROUP}/lignes/D2.O1.C"),
    "deposit": ("dsi@deux-caps.example", f"{GROUP}/imports"),
    "registers": ("dsi@deux-caps.example", f"{GROUP}/registres"),
    "register": ("dsi@deux-caps.example", f"{GROUP}/registres/Planning"),
    "register-private": (REFERENT, f"{SPACE}/registres/Emargement"),
    "dossier": ("dsi@deux-caps.example", f"{GROUP}/dossier"),
    "dossier-part": (REFERENT, f"{SPACE}/dossier"),
    "readiness": ("dsi@deux-caps.example", f"{GROUP}/dossier/verification"),
    "delegations": ("signataire@deux-caps.example", f"{GROUP}/dossier/delegations"),
    "dossier-signatory": ("signataire@deux-caps.example", f"{GROUP}/dossier"),
    "publication": ("dsi@deux-caps.example", f"{GROUP}/publication"),
    "referential": ("dsi@deux-caps.example", f"{GROUP}/referentiel"),
    "referential-other": ("dsi@deux-caps.example", f"{GROUP}/referentiel?domaine=HC"),
    "missing": ("dsi@deux-caps.example", f"{GROUP}/manques?tout=oui"),
    "missing-establishment": (REFERENT, f"{SPACE}/manques"),
    "milestones": ("dsi@deux-caps.example", f"{GROUP}/jalons"),
    "obligations": ("dsi@deux-caps.example", f"{GROUP}/obligations"),
    "obligations-eg": ("admin@brumont.example", f"/etablissements/{OUTSIDE[0]}/obligations"),
    "difference": ("dsi@deux-caps.example", f"{GROUP}/evolution?du=2025-12-31"),
    "another-day": ("dsi@deux-caps.example", f"{GROUP}/?le=2025-12-31"),
    "late": ("dsi@deux-caps.example", f"{GROUP}/?le=2026-12-05&connu=oui"),
    "row-exercises": ("dsi@deux-caps.example", f"{GROUP}/lignes/D2.O1.D"),
    "row-establishment": (REFERENT, f"{SPACE}/lignes/D2.O3.A"),
    "row-obligation": ("dsi@deux-caps.example", f"{GROUP}/lignes/OBL.1"),
    "portfolio": ("ars@littoral-nord.example", "/ars/F1/portefeuille"),
    "queue-lead": ("responsable@littoral-nord.example", "/ars/F1/file"),
    "expertises": ("expert@littoral-nord.example", "/ars/F1/expertises"),
    "portfolio-nation": ("ans@vigie.example", "/ans/france/portefeuille"),
    "queue-nation": ("ans@vigie.example", "/ans/france/file"),
    "regional-sessions": ("ars@littoral-nord.example", "/ars/F1/sessions"),
    "tasks": (REFERENT, "/taches"),
    "tasks-group": ("dsi@deux-caps.example", "/taches"),
    "tasks-reader": ("direction@marquerive.example", "/taches"),
    "plans": ("dsi@deux-caps.example", f"{GROUP}/pcra"),
    "plans-establishment": (REFERENT, f"{SPACE}/pcra"),
    "exercises": ("dsi@deux-caps.example", f"{GROUP}/exercices"),
    "exercises-establishment": (REFERENT, f"{SPACE}/exercices"),
    "actions": ("dsi@deux-caps.example", f"{GROUP}/actions"),
    "incidents": (REFERENT, f"{SPACE}/incidents"),
    "training": (REFERENT, f"{SPACE}/formations"),
    "training-group": ("dsi@deux-caps.example", f"{GROUP}/formations"),
    "backups": ("dsi@deux-caps.example", f"{GROUP}/sauvegardes"),
    "expenses": ("dsi@deux-caps.example", f"{GROUP}/depenses"),
    "candidature": ("dsi@deux-caps.example", f"{GROUP}/candidature"),
    "entry-new": (REFERENT, f"{SPACE}/registres/Planning/nouveau"),
    "entry-new-group": ("dsi@deux-caps.example", f"{GROUP}/registres/Contenu_PCRA/nouveau"),
    "entry-new-perimeter": (REFERENT, f"{SPACE}/registres/Perimetres/nouveau"),
}


def sound(page: Page, name: str) -> None:
    """Look at a page at each width, then let axe-core judge the narrow page, the wide one, and the wide one in the dark."""
    wrong = []
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        wrong += [f"{width} px: {fault}" for fault in layout.faults(page)]
        if folder := os.environ.get("VIGIE_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
        if width < 1920:
            wrong += [f"{width} px: {fault}" for fault in axe.violations(page)]
    page.emulate_media(color_scheme="dark")
    wrong += [f"dark: {fault}" for fault in axe.violations(page, ("color-contrast",))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_well_at_every_width_and_by_everybody(visitors: Visitors, name: str) -> None:
    email, path = PAGES[name]
    page = visitors.enter(email) if email else visitors.anyone()
    page.goto(path)
    expect(page.locator("h1")).to_be_visible()
    sound(page, name)


def test_a_page_that_does_not_exist_reads_well(visitors: Visitors) -> None:
    visitors.expect_answer(404)
    page = visitors.enter(REFERENT)
    page.goto(f"{GROUP}/")
    expect(page.locator("h1")).to_have_text("Page introuvable")
    sound(page, "not-found")


def test_a_filing_reads_well(visitors: Visitors) -> None:
    page = visitors.enter("ars@littoral-nord.example")
    page.goto("/ars/F1/portefeuille")
    page.locator(".v-table tbody th a").first.click()
    expect(page.locator("h1")).to_contain_text("dossier transmis")
    sound(page, "filing")
    page.emulate_media(color_scheme="light")
    page.locator('a[href$="/depenses"]').click()
    expect(page.locator("h1")).to_contain_text("Dépenses transmises")
    sound(page, "filing-expenses")


def test_an_opinion_and_published_figures_read_well(visitors: Visitors) -> None:
    page = visitors.enter("ars@littoral-nord.example")
    page.goto("/ars/F1/portefeuille")
    page.locator(".v-table tbody th a").first.click()
    page.get_by_role("link", name="Donner un avis").click()
    expect(page.locator("h1")).to_have_text("Donner un avis")
    sound(page, "opinion")
    page.emulate_media(color_scheme="light")
    page.goto("/ars/F1/portefeuille")
    page.get_by_role("link", name=re.compile(r"^\d+ sur 13$")).first.click()
    expect(page.locator("h1")).to_contain_text("avancement publié")
    sound(page, "publications")


def test_a_preview_its_application_and_a_refusal_read_well(visitors: Visitors, tmp_path: Path) -> None:
    visitors.expect_answer(422)
    page = visitors.enter(REFERENT)
    long_word = "anticonstitutionnellement" * 5
    good = {**CATERING, "code": "LON-01", "name": f"Service {long_word}"}
    rows = [
        good,
        {**good, "code": "LON-02", "bia_on": None},
        {**good, "code": "LON-03", "finess_ej": "760780239"},
        {**good, "code": "LON-04", "kind": long_word},
        {**good, "code": "LON-05", "next_test_on": None},
        {**good, "code": "LON-06", "referent_function": "Mme Jeanne Martin"},
    ]
    send(page, fill(template(page, tmp_path), *rows))
    expect(page.get_by_role("heading", name="Comment continuer ?")).to_be_visible()
    page.get_by_text(re.compile("avis qui n’empêche")).click()
    sound(page, "preview")
    page.emulate_media(color_scheme="light")
    page.get_by_role("link", name="Vérifier les colonnes").first.click()
    expect(page.get_by_role("heading", level=1, name="Vérifier les colonnes")).to_be_visible()
    sound(page, "columns")
    page.go_back()
    page.get_by_role("button", name=re.compile("valide")).click()
    expect(page.locator(".v-steps [aria-current=step]")).to_have_text("Appliqué")
    page.emulate_media(color_scheme="light")
    sound(page, "applied")

    page.emulate_media(color_scheme="light")
    send(page, {"name": "photo.xlsx", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(64)})
    expect(page.get_by_role("alert")).to_be_visible()
    sound(page, "refusal")
