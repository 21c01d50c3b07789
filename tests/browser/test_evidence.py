"""A referent drops a folder at once, puts each file where it answers, and reads a piece beside its rule."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_deposit import REFERENT, SPACE
from tests.browser.test_every_page import sound
from tests.browser.visitors import Visitors
from tests.factories.pieces import pdf

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_folder_is_dropped_put_away_and_read_beside_its_rule(visitors: Visitors) -> None:
    page = visitors.enter(REFERENT)
    page.goto(f"{SPACE}/preuves")
    page.get_by_role("link", name="Déposer plusieurs pièces").click()
    sound(page, "drop")
    page.emulate_media(color_scheme="light")
    long_name = f"{'Annexe_tres_longue_' * 8}.txt"
    with visitors.site.work_held():
        page.get_by_label(re.compile("Choisissez des fichiers")).set_input_files(
            [
                {"name": "RETEX des urgences.pdf", "mimeType": "application/pdf", "buffer": pdf("Retour d'experience")},
                {"name": "vide.docx", "mimeType": "application/msword", "buffer": b""},
                {"name": long_name, "mimeType": "text/plain", "buffer": b"une annexe"},
            ]
        )
        page.get_by_role("button", name="Déposer", exact=True).click()
        expect(page.locator(".v-answer")).to_contain_text("Lecture en cours : 2 fichiers sur 3.")
        expect(page.get_by_role("progressbar")).to_be_visible()
    # The page becomes the form by itself; what is suggested says why.
    expect(page.locator(".v-answer")).to_contain_text("2 fichiers sont à ranger.")
    retex = page.get_by_role("group", name=re.compile("RETEX des urgences"))
    expect(retex).to_contain_text("Proposé d’après le nom : « retex ».")
    expect(page.locator(".v-files")).to_contain_text("« vide.docx » est vide")
    sound(page, "drop-files")
    page.emulate_media(color_scheme="light")
    retex.get_by_label(re.compile("Approuvée le")).fill("2026-02-05")
    page.get_by_role("group", name=re.compile("Annexe")).get_by_label("Ligne et pièce").select_option("none")
    page.get_by_role("button", name="Joindre les fichiers rangés").click()
    expect(page.locator(".v-answer")).to_contain_text("Tout est rangé.")
    with page.expect_response(re.compile("/apercu$")) as framed:
        page.get_by_role("link", name="RETEX des urgences.pdf").click()
        expect(page.locator("h1")).to_have_text("RETEX des urgences.pdf")
        # It shows by itself once the worker has looked into it.
        expect(page.locator("iframe.v-viewer")).to_be_visible()
    assert framed.value.headers["content-type"] == "application/pdf"
    sound(page, "piece")
    page.emulate_media(color_scheme="light")
    page.goto(f"{SPACE}/preuves")
    sound(page, "pieces")
