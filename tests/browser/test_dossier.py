"""Evidence, the funding dossier, its transmission, and what the agency sees of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from compliance.reports.verify_dossier import problems
from tests.browser.visitors import Visitors
from tests.factories.world import PASSWORD, TWO_CAPES, TWO_CAPES_CODE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

GROUP = f"/ght/{TWO_CAPES_CODE}"
NAME = "GHT des Deux Caps"


def test_a_file_attached_to_a_row_is_listed_with_its_dates(visitors: Visitors) -> None:
    page = visitors.enter("dsi@deux-caps.example")
    page.goto(f"{GROUP}/lignes/D2.P2")
    page.get_by_label("Choisissez le fichier").set_input_files(
        {"name": "Note PCRA.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 note"}
    )
    page.get_by_label("Quelle pièce est-ce ?").select_option(index=1)
    page.get_by_label("De quel établissement ?").select_option(TWO_CAPES[0][0])
    page.get_by_label("Approuvée le").fill("2025-10-09")
    page.get_by_label("Prend effet le").fill("2025-11-01")
    page.get_by_label("Expire le").fill("2027-10-31")
    page.get_by_role("button", name="Joindre la pièce").click()

    expect(page.get_by_role("status")).to_contain_text("La pièce est jointe à D2.P2.")
    listed = page.locator("#jointes tbody tr", has_text="Note PCRA.pdf")
    for label, day in (("Approuvée", "09/10/2025"), ("Prend effet", "01/11/2025"), ("Expire", "31/10/2027")):
        expect(listed.locator(f"td[data-l='{label}']")).to_have_text(day)
    expect(listed.locator("td[data-l='Reçue']")).to_have_text(re.compile(r"\d{2}/\d{2}/\d{4}"))
    with page.expect_download() as download:
        listed.get_by_role("link", name="Télécharger Note PCRA.pdf").click()
    assert download.value.path().read_bytes() == b"%PDF-1.7 note"


def test_a_piece_without_its_kind_is_asked_again_and_what_was_typed_stays(visitors: Visitors) -> None:
    visitors.expect_answer(422)
    page = visitors.enter("dsi@deux-caps.example")
    page.goto(f"{GROUP}/lignes/D2.P2")
    page.get_by_label("Choisissez le fichier").set_input_files(
        {"name": "vide.pdf", "mimeType": "application/pdf", "buffer": b""}
    )
    page.get_by_label("Quelle pièce est-ce ?").select_option("other")
    page.get_by_label("De quel établissement ?").select_option(TWO_CAPES[1][0])
    page.get_by_label("Approuvée le").fill("2025-10-09")
    page.get_by_role("button", name="Joindre la pièce").click()
    expect(page.get_by_role("alert")).to_contain_text("Rien n’a été enregistré.")
    expect(page.get_by_label("Approuvée le")).to_have_value("2025-10-09")
    expect(page.get_by_label("De quel établissement ?")).to_have_value(TWO_CAPES[1][0])


def test_the_dossier_is_generated_downloaded_and_intact(visitors: Visitors, tmp_path: Path) -> None:
    page = visitors.enter("dsi@deux-caps.example")
    page.goto(f"{GROUP}/dossier")
    before = page.get_by_role("link", name=re.compile("^Tout le dossier")).count()
    with visitors.site.work_held():
        page.get_by_role("button", name="Générer le dossier").click()
        expect(page.get_by_role("progressbar")).to_be_visible()
    links = page.get_by_role("link", name=re.compile("^Tout le dossier"))
    expect(links).to_have_count(before + 1, timeout=60_000)
    archive, pdf = tmp_path / "dossier.zip", tmp_path / "dossier.pdf"
    for path, name in ((archive, "^Tout le dossier"), (pdf, "^Le PDF")):
        with page.expect_download() as download:
            page.get_by_role("link", name=re.compile(name)).first.click()
        assert re.fullmatch(
            rf"dossier-care-d2-(projet|v\d+)-\d{{4}}-\d\d-\d\d{path.suffix}", download.value.suggested_filename
        )
        download.value.save_as(path)
    assert problems(str(archive)) == []
    assert pdf.read_bytes().startswith(b"%PDF")


@pytest.fixture(scope="module")
def filed() -> list[str]:
    """Addresses of the filing that the tests below look at, made by the first of them."""
    return []


@pytest.fixture
def filing(visitors: Visitors, filed: list[str]) -> str:
    """The address of a filing that the signatory transmitted by hand, as the reviewer of the region found it."""
    if filed:
        return filed[0]
    page = visitors.enter("signataire@deux-caps.example")
    page.goto(f"{GROUP}/dossier")
    page.get_by_label("J’ai relu le dossier").check()
    page.locator("#transmettre").get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Transmettre à l’ARS").click()
    expect(page.get_by_role("status")).to_contain_text("Version 1 transmise à l’ARS")
    expect(page.locator(".v-answer")).to_contain_text("Transmis dans Vigie le")

    page = visitors.enter("ars@littoral-nord.example")
    page.goto("/ars/F1/portefeuille")
    page.get_by_role("link", name=NAME).click()
    filed.append(page.url)
    return page.url


def test_the_dsi_builds_and_only_the_signatory_transmits(visitors: Visitors) -> None:
    page = visitors.enter("dsi@deux-caps.example")
    page.goto(f"{GROUP}/dossier")
    expect(page.get_by_role("button", name="Transmettre à l’ARS")).to_have_count(0)
    page = visitors.enter("signataire@deux-caps.example")
    page.goto(f"{GROUP}/dossier")
    expect(page.get_by_role("button", name="Générer le dossier")).to_have_count(0)
    expect(page.get_by_role("button", name="Transmettre à l’ARS")).to_be_visible()


def test_the_reviewer_of_the_region_reads_what_was_filed(visitors: Visitors, filing: str) -> None:
    page = visitors.enter("ars@littoral-nord.example")
    page.goto(filing)
    expect(page.locator("h1")).to_have_text(f"{NAME}, dossier transmis")
    expect(page.locator(".v-rows tbody tr")).to_have_count(13)
    expect(page.locator(".v-matrix tbody tr")).to_have_count(8)
    with page.expect_download() as download:
        page.locator("#pieces").get_by_role("link", name="pssi.pdf").first.click()
    assert download.value.path().read_bytes() == b"%PDF-1.7 exemple"


def test_the_reviewer_sees_no_draft(visitors: Visitors) -> None:
    visitors.expect_answer(404)
    page = visitors.enter("ars@littoral-nord.example")
    page.goto(f"{GROUP}/")
    expect(page.locator("h1")).to_have_text("Page introuvable")


def test_the_reviewer_of_another_region_finds_neither_the_candidate_nor_the_filing(
    visitors: Visitors, filing: str
) -> None:
    visitors.expect_answer(404)
    page = visitors.enter("ars@monts-du-sud.example")
    page.goto("/ars/F2/portefeuille")
    expect(page.locator("h1")).to_contain_text("Portefeuille")
    expect(page.get_by_text(NAME)).to_have_count(0)
    for address in (filing, filing.replace("/ars/F1/", "/ars/F2/"), "/ars/F1/portefeuille"):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 404
        expect(page.locator("h1")).to_have_text("Page introuvable")
