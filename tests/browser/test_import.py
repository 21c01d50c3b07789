"""A referent’s own spreadsheet, start to end: columns checked once, preview, applied, found in its list, taken back."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.axe import violations
from tests.browser.visitors import Visitors
from tests.factories.world import TWO_CAPES
from tests.importers.kits import Grid

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

REFERENT = "referente@marquerive.example"
SPACE = f"/etablissements/{TWO_CAPES[3][0]}"
# Titles of nobody’s model: three are guessed, none says which establishment.
TITLES = ["Code de l’exercice", "Nature exercice", "Scénario joué", "Date prévue", "Statut", "Remarque interne"]


def schedule(path: Path, *rows: tuple[object, ...]) -> Path:
    """A home-made schedule of exercises."""
    return Grid({"Suivi 2027": [["Exercices de l’année"], TITLES, *map(list, rows)]}).write(path)


def send(page: Page, *files: Path | FilePayload) -> None:
    """Choose files and ask for their preview."""
    page.goto(f"{SPACE}/imports")
    page.get_by_label(re.compile("Choisissez le classeur")).set_input_files(list(files))  # type: ignore[arg-type]
    page.get_by_role("button", name="Voir l’aperçu").click()


def test_a_home_made_schedule_is_understood_checked_once_applied_and_taken_back(
    visitors: Visitors, tmp_path: Path
) -> None:
    page = visitors.enter(REFERENT)
    first = ("NAV-2027-01", "Exercice cellule de crise", "Panne SI", date(2027, 3, 15), "Planifié", "à nous")
    send(page, schedule(tmp_path / "suivi.xlsx", first))

    page.get_by_role("link", name="Vérifier les colonnes").first.click()
    expect(page.get_by_role("heading", level=1, name="Vérifier les colonnes")).to_be_visible()
    assert violations(page) == []
    expect(page.get_by_role("cell", name="NAV-2027-01").first).to_be_visible()
    page.get_by_role("button", name="C’est juste, voir l’aperçu").click()

    expect(page.get_by_text("1 ligne est comprise, aucune n’est à corriger.")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Appliquer la ligne").click()
    expect(page.get_by_text("C’est enregistré")).to_be_visible()
    deposit = page.url

    page.goto(f"{SPACE}/registres/Planning?q=NAV-2027-01")
    expect(page.get_by_role("rowheader", name="NAV-2027-01")).to_be_visible()
    assert violations(page) == []

    # The second file of the same layout asks nothing about its columns.
    second = ("NAV-2027-02", "Exercice cellule de crise", "Panne SI", date(2027, 6, 15), "Planifié", None)
    send(page, schedule(tmp_path / "suivi-juin.xlsx", first, second))
    expect(page.get_by_text("2 lignes sont comprises, aucune n’est à corriger.")).to_be_visible()

    page.goto(deposit)
    page.get_by_role("link", name="Annuler ce dépôt").click()
    assert violations(page) == []
    page.get_by_role("button", name=re.compile("Annuler ce dépôt")).click()
    expect(page.get_by_text("1 ligne remise en l’état")).to_be_visible()
    page.goto(f"{SPACE}/registres/Planning?q=NAV-2027-01")
    expect(page.get_by_role("rowheader", name="NAV-2027-01")).to_have_count(0)


def test_the_annotated_file_says_in_the_cell_what_to_correct_and_comes_back_corrected(
    visitors: Visitors, tmp_path: Path
) -> None:
    page = visitors.enter(REFERENT)
    row = ("ANN-2027-01", "Exercice cellule de crise", "Panne SI", "31/02/2027", "Planifié", None)
    send(page, schedule(tmp_path / "a-corriger.xlsx", row))
    expect(page.get_by_role("heading", level=1)).to_contain_text("a-corriger.xlsx")
    if page.get_by_role("link", name="Vérifier les colonnes").first.is_visible():
        page.get_by_role("link", name="Vérifier les colonnes").first.click()
        page.get_by_role("button", name="C’est juste, voir l’aperçu").click()
    expect(page.get_by_text("Le 31/02/2027 n’existe pas").first).to_be_visible()
    page.get_by_role("button", name="Préparer le fichier annoté").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger le fichier annoté").click()
    path = tmp_path / "rendu.xlsx"
    download.value.save_as(path)

    book = openpyxl.load_workbook(path)
    sheet = book["Suivi 2027"]
    assert sheet.cell(2, 7).value == "Contrôle CaRE"
    assert "n’existe pas" in str(sheet.cell(3, 7).value)
    assert "n’existe pas" in str(sheet.cell(3, 4).comment.text)  # type: ignore[union-attr]
    sheet.cell(3, 4).value = "28/02/2027"
    book.save(path)
    send(page, path)
    expect(page.get_by_text("1 ligne est comprise, aucune n’est à corriger.")).to_be_visible()


def test_several_files_are_dropped_at_once_each_with_its_outcome(visitors: Visitors, tmp_path: Path) -> None:
    page = visitors.enter(REFERENT)
    good = schedule(tmp_path / "planning.xlsx", ("MUL-01", "Combiné", "Autre", date(2027, 3, 1), "Planifié", None))
    picture = FilePayload(name="photo.xlsx", mimeType="image/png", buffer=b"\x89PNG\r\n\x1a\n" + b"0" * 64)
    loaded: FilePayload = {"name": "planning.xlsx", "mimeType": "application/octet-stream", "buffer": good.read_bytes()}
    visitors.expect_answer(422)
    send(page, loaded, picture)
    expect(page.get_by_role("link", name="planning.xlsx").first).to_be_visible()
    expect(page.get_by_text("Ce fichier est une image").first).to_be_visible()
    assert violations(page) == []
