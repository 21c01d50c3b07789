"""A referent deposits a workbook: template, progress, preview with its remarks, confirmation; and files that are no workbook."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import FilePayload, Page, expect

from importers.workbooks.bia_pcra import PERIMETERS
from tests.browser.visitors import Visitors
from tests.factories.world import TWO_CAPES
from tests.importers.archives import ole

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REFERENT = "referente@marquerive.example"
FINESS, NAME = TWO_CAPES[3]
SPACE = f"/etablissements/{FINESS}"
PLACES = {column.key: place for place, column in enumerate(PERIMETERS.columns, start=1)}

# A kind that changes neither the share of the GHT nor its matrix: other tests read them.
CATERING: dict[str, Any] = {
    "finess_ej": FINESS, "kind": "Autre", "exists": "Oui", "referent_function": "Responsable logistique", "bia": "Réalisé",
    "bia_on": date(2026, 4, 7), "pca": "En cours", "pra": "Absent", "next_test_on": date(2027, 3, 15),
}  # fmt: skip


def template(page: Page, folder: Path) -> Path:
    """Download the workbook as the referent does."""
    page.goto(f"{SPACE}/imports")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Télécharger prérempli.*")).first.click()
    assert download.value.suggested_filename == "KIT_BIA_PCRA.xlsx"
    path = folder / "KIT_BIA_PCRA.xlsx"
    download.value.save_as(path)
    return path


def fill(path: Path, *rows: dict[str, Any]) -> Path:
    """Type rows under those of a downloaded workbook, as Excel would keep them."""
    book = openpyxl.load_workbook(path)
    sheet = book["Perimetres"]
    free = 1 + max(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value)
    for number, values in enumerate(rows, start=free):
        for key, value in values.items():
            sheet.cell(number, PLACES[key], value)
    book.save(path)
    return path


def send(page: Page, file: Path | FilePayload) -> None:
    """Choose a file and ask for its preview."""
    page.goto(f"{SPACE}/imports")
    page.get_by_label(re.compile("Choisissez le classeur")).set_input_files(file)
    page.get_by_role("button", name="Voir l’aperçu").click()


def test_the_template_is_prefilled_for_the_establishment(visitors: Visitors, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(template(visitors.enter(REFERENT), tmp_path), read_only=True)
    assert book.sheetnames[:3] == ["Lisez-moi", "Parties", "Perimetres"]
    told = [value for row in book["Lisez-moi"].iter_rows(values_only=True) for value in row if value]
    assert f"{NAME} ({FINESS})" in told
    typed = [row for row in book["Perimetres"].iter_rows(min_row=4, values_only=True) if row[0]]
    assert {row[1] for row in typed} == {FINESS}
    assert {"URG-01", "PAIE-01", "PUI-01", "REST-01"} <= {row[0] for row in typed}
    book.close()


def test_a_filled_template_is_previewed_confirmed_and_applied(visitors: Visitors, tmp_path: Path) -> None:
    page = visitors.enter(REFERENT)
    good = {**CATERING, "code": "CUI-01", "name": "Cuisine centrale"}
    without_date = {**CATERING, "code": "CUI-02", "name": "Self du personnel", "bia_on": None}
    path = fill(template(page, tmp_path), good, without_date)
    with visitors.site.work_held():
        send(page, path)
        expect(page.locator(".v-answer")).to_contain_text("Lecture en cours. Rien n’est encore enregistré.")
        expect(page.get_by_role("progressbar")).to_be_visible()

    # The page becomes the preview by itself.
    expect(page.get_by_role("heading", name="Comment continuer ?")).to_be_visible()
    counts = page.locator(".v-table", has=page.locator("caption", has_text="Par feuille")).locator(
        "tbody tr", has_text="Perimetres"
    )
    expect(counts.locator("td").nth(0)).to_have_text("1")
    expect(counts.locator("td").nth(3)).to_have_text("1")

    remark = page.locator("#t-fautes tbody tr")
    expect(remark).to_have_count(1)
    expect(remark).to_contain_text("E-REQ")
    expect(remark.locator("th")).to_have_text(re.compile(r"^Perimetres, [A-Z]+\d+$"))
    expect(remark.locator("td").nth(0)).to_have_text("Date du BIA")
    expect(remark).to_contain_text("Le BIA est réalisé : sa date est obligatoire.")
    expect(remark.locator("td").nth(3)).to_have_text("Saisissez la date du BIA.")

    page.get_by_role("button", name=re.compile("valide")).click()
    expect(page.locator(".v-steps [aria-current=step]")).to_have_text("Appliqué")
    expect(page.locator(".v-answer")).to_contain_text("C’est enregistré : 1 ligne nouvelle")

    page.get_by_role("link", name="Périmètres", exact=True).click()
    page.get_by_role("link", name="Cuisine centrale").click()
    expect(page.locator("h1")).to_have_text("Cuisine centrale")
    expect(page.get_by_role("row", name=re.compile("^BIA"))).to_contain_text("07/04/2026")
    expect(page.locator(".v-changes li")).to_have_count(1)


def test_a_deposit_can_be_followed_from_the_list_of_deposits(visitors: Visitors, tmp_path: Path) -> None:
    page = visitors.enter(REFERENT)
    send(page, template(page, tmp_path))
    expect(page.locator(".v-answer")).to_contain_text("aucune n’est à corriger")
    page.goto(f"{SPACE}/imports")
    latest = page.locator(".v-files li").first
    expect(latest).to_contain_text("Aperçu en attente")
    latest.get_by_role("link", name="KIT_BIA_PCRA.xlsx").click()
    expect(page.get_by_role("heading", name="Comment continuer ?")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("photo.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(64), "Ce fichier est une image (PNG), pas un classeur"),
        ("secret.xlsx", ole("EncryptionInfo", "EncryptedPackage"), "Ce fichier est protégé par un mot de passe."),
    ],
)
def test_a_file_that_is_no_workbook_gets_its_sentence_and_nothing_is_kept(
    visitors: Visitors, name: str, content: bytes, sentence: str
) -> None:
    visitors.expect_answer(422)
    page = visitors.enter(REFERENT)
    page.goto(f"{SPACE}/imports")
    before = page.locator(".v-files > li").count()
    send(page, {"name": name, "mimeType": XLSX, "buffer": content})
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text(sentence)
    expect(refusal).to_contain_text("Rien n’a été enregistré.")
    page.goto(f"{SPACE}/imports")
    expect(page.locator(".v-files > li")).to_have_count(before)
    expect(page.get_by_text(name)).to_have_count(0)
