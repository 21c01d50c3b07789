"""The whole path of a dossier, by the people who walk it; then the archive is checked without Vigie."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from importers.demonstration.names import ALONE
from tests.browser.visitors import Visitors, wait_inspected
from tests.factories.pieces import pdf
from tests.factories.world import ALONE_CODE, PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NAME = "GHT de Roche-Vernay"
DOSSIER = f"/ght/{ALONE_CODE}/dossier"
REFERENT, DSI = "referente@roche-vernay.example", "dsi@roche-vernay.example"
SIGNATORY, ARS, ANS = "signataire@roche-vernay.example", "ars@monts-du-sud.example", "ans@vigie.example"


def _attach(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.get_by_label("Choisissez le fichier").set_input_files(
        {"name": name, "mimeType": "application/pdf", "buffer": pdf(name.replace("’", "'"))}
    )
    page.get_by_label("Quelle pièce est-ce ?").select_option(index=1)
    page.get_by_label("Approuvée le").fill("2025-10-09")
    page.get_by_role("button", name="Joindre la pièce").click()
    expect(page.get_by_role("status")).to_contain_text("La pièce est jointe")


def _desk(page: Page, space: str, opens: str) -> None:
    """Come to the candidate's dossier from the queue, and open its review."""
    page.goto(f"{space}/file")
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("button", name=opens).click()
    expect(page.get_by_role("button", name="Accepter et passer à la suivante")).to_be_visible()


def _accept(page: Page, pieces: int, *, confirmed: bool = False) -> None:
    for place in range(pieces):
        with page.expect_navigation():
            page.get_by_role("button", name="Accepter et passer à la suivante").click()
        if not place and not confirmed:
            _confirm(page, "accepter")
        expect(page.get_by_role("status")).to_contain_text("est acceptée")


def _confirm(page: Page, act: str) -> None:
    """Say who decides, once for a sitting."""
    page.locator("#f-password-piece").fill(PASSWORD)
    page.get_by_role("button", name=re.compile(f"^Confirmer.: {act} et passer à la suivante")).click()


def _decide(page: Page, choice: str) -> None:
    page.locator(f"#f-choice-{choice}").check()
    page.locator("#decision").get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Rendre la décision").click()


def test_from_the_first_piece_to_the_payment_and_the_archive_proves_itself(  # noqa: PLR0915  # one path, walked whole
    visitors: Visitors, tmp_path: Path
) -> None:
    visitors.expect_answer(422)  # the first decision of a sitting asks for the password
    page = visitors.enter(REFERENT)
    _attach(page, f"/etablissements/{ALONE[0][0]}/lignes/D2.P2", "Note d’organisation.pdf")
    page = visitors.enter(DSI)
    _attach(page, f"/ght/{ALONE_CODE}/lignes/D2.O2.A", "Politique de sauvegarde.pdf")
    wait_inspected(page, f"/ght/{ALONE_CODE}", "Politique de sauvegarde.pdf")

    page = visitors.enter(SIGNATORY)
    page.goto(DOSSIER)
    page.get_by_label("J’ai relu le dossier").check()
    page.locator("#transmettre").get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Transmettre à l’ARS").click()
    expect(page.get_by_role("status")).to_contain_text("Version 1 transmise à l’ARS")

    page = visitors.enter(ARS)
    _desk(page, "/ars/F2", "Ouvrir l’instruction")
    for place, message in enumerate(("La page 2 manque", "Ce n’est pas la version signée")):
        page.get_by_label("Ou retourner cette pièce seule").select_option("incomplete")
        page.get_by_label("Ce que le candidat lira").fill(message)
        with page.expect_navigation():
            page.get_by_role("button", name="Retourner et passer à la suivante").click()
        if not place:
            _confirm(page, "retourner")
        expect(page.get_by_role("status")).to_contain_text("est retournée au candidat")
    _accept(page, 1, confirmed=True)

    page = visitors.enter(DSI)
    for number in (1, 2):
        page.goto(DOSSIER)
        returned = page.locator(f"#retour-{number}")
        returned.get_by_label("Nouvelle version de").set_input_files(
            {"name": f"version-2-{number}.pdf", "mimeType": "application/pdf", "buffer": pdf(f"Version deux {number}")}
        )
        returned.get_by_role("button", name="Remplacer cette pièce").click()
        expect(page.locator(f"#retour-{number}")).to_contain_text(f"version-2-{number}.pdf")
    wait_inspected(page, f"/ght/{ALONE_CODE}", "version-2-2.pdf")

    page = visitors.enter(SIGNATORY)
    page.goto(DOSSIER)
    page.locator("#instruction").get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Transmettre de nouveau").click()
    expect(page.get_by_role("status")).to_contain_text("seules les pièces retournées ont changé")

    page = visitors.enter(ARS)
    page.goto("/ars/F2/file")
    page.get_by_role("link", name=NAME).click()
    expect(page.locator("#piece")).to_contain_text("Avant")
    _accept(page, 2)
    _decide(page, "favourable")
    expect(page.get_by_role("status")).to_contain_text("avis favorable de l’ARS")

    page = visitors.enter(ANS)
    _desk(page, "/ans/france", "Ouvrir le contrôle")
    _accept(page, 3)
    _decide(page, "favourable")
    expect(page.get_by_role("status")).to_contain_text("validée")

    page = visitors.enter(SIGNATORY)
    page.goto(DOSSIER)
    page.locator("#instruction").get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Demander le paiement").click()
    expect(page.locator("#instruction")).to_contain_text("Paiement demandé")

    page = visitors.enter(DSI)
    page.goto(DOSSIER)
    page.get_by_role("button", name="Générer la version 2").click()
    built = page.get_by_role("link", name=re.compile("^Tout le dossier"))
    expect(built).to_have_count(1, timeout=60_000)
    with page.expect_download() as download:
        built.click()
    archive = tmp_path / "dossier.zip"
    download.value.save_as(archive)
    _checks_itself(archive, tmp_path)


def _checks_itself(archive: Path, folder: Path) -> None:
    """The script of the archive, in an environment that holds nothing else."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "empty"], check=True)
    with zipfile.ZipFile(archive) as packed:
        script = Path(packed.extract("verify_dossier.py", folder))
        names = packed.namelist()
    assert {"version-2-1.pdf", "version-2-2.pdf"} <= {name.rsplit("/", 1)[-1] for name in names}
    command = [folder / "empty" / "bin" / "python", "-I", script, archive]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    whole = bytearray(archive.read_bytes())
    whole[len(whole) // 2] ^= 1
    archive.write_bytes(whole)
    told = subprocess.run(command, check=False, capture_output=True, text=True)
    assert told.returncode == 1
    assert "pdf" in told.stderr, "it says what changed"
