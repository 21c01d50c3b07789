"""The printed dossier: tagged, French, the same bytes, and nothing typed by a user is ever read as markup."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pypdf import PdfReader

from compliance.reports import dossier_pdf
from compliance.reports.dossier_pdf import PdfRefused, compile_pdf
from compliance.reports.dossier_view import STATES, view
from compliance.rules.verdict import State
from tests.factories.canonical import reason, sample

VARIANTS: list[dict[str, Any]] = [
    {}, {"ej": 13}, {"ej": 1, "kind": "single_ej"}, {"ej": 3, "kind": "eg"}, {"missing_ac": True}, {"long_names": True}, {"hostile": True},
]  # fmt: skip
ON = date(2026, 11, 22)
needs_pdftotext = pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return dossier_pdf.build(sample())


@pytest.fixture(scope="module")
def tree(pdf: bytes) -> Counter[str]:
    """How many times each structure tag occurs."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return Counter(
            str(item.S)
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and "/S" in item and "/P" in item
        )


def text_of(pdf: bytes, folder: Path) -> str:
    """The words of a PDF, spaces and places to break removed: line ends are not what is tested."""
    (folder / "d.pdf").write_bytes(pdf)
    out = subprocess.run(["pdftotext", "-raw", folder / "d.pdf", "-"], check=True, capture_output=True).stdout.decode()
    body = re.sub(r"Édité le[^\n]*\n\f?[^\n]*\n", "", out)
    return squeeze(body)


def squeeze(text: str) -> str:
    return re.sub(r"[\s\u200b\u00a0]+", "", text)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_the_same_document_gives_the_same_pdf(variant: dict[str, Any]) -> None:
    assert dossier_pdf.build(sample(**variant)) == dossier_pdf.build(sample(**variant))


def test_a_typed_read_model_prints_as_its_canonical_json_does() -> None:
    doc = sample()
    typed = {**doc, "on": ON, "share": {**doc["share"], "threshold": Decimal(66)}}
    assert dossier_pdf.build(typed) == dossier_pdf.build(doc)


def test_the_pdf_claims_both_accessibility_and_archiving_standards(pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["dc:title"] == "Dossier de déclaration d’atteinte des objectifs, GHT des Deux Caps"


def test_the_words_over_the_share_are_on_the_page_of_its_figures() -> None:
    """Seventy-seven words of source bring them to the foot of the page, where they once parted."""
    doc = sample(ej=3)
    doc["parties"][0]["source"] = "mot " * 77
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(dossier_pdf.build(doc))).pages]
    [told] = [page for page in pages if "Part couverte Seuil Écart au seuil État" in page]
    assert re.search(r"Part couverte Seuil Écart au seuil État 72,0.% 66.%", told)


def test_the_pdf_is_tagged_and_in_french(pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert bool(document.Root.MarkInfo.Marked)
        assert str(document.Root.Lang).startswith("fr")
        assert "/StructTreeRoot" in document.Root
        assert bool(document.Root.ViewerPreferences.DisplayDocTitle)


def test_each_table_of_the_dossier_has_headers(tree: Counter[str]) -> None:
    doc = sample()
    attached = sum(1 for row in doc["rows"] if row["pieces"])
    # objectives, parties, out of scope, share, matrix, annex B, then one by row with pieces and one by establishment
    assert tree["/Table"] == 6 + attached + 8
    assert tree["/TH"] == 4 + 5 + 3 + 5 + 5 + 4 + 6 * attached + 6 * 8


def test_each_cell_of_the_matrix_describes_its_four_shapes(pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        described = [
            str(item.Alt) for item in document.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item
        ]
    assert len(described) == 8 * 4
    assert (
        "BIA\u00a0: Atteint\u00a0; plan\u00a0: Atteint\u00a0; test\u00a0: En cours\u00a0; preuve\u00a0: Atteint"
        in described
    )


def test_the_dates_of_the_file_are_the_day_of_the_dossier(pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert str(document.docinfo["/CreationDate"]).startswith("D:20261122000000")


def test_the_pdf_has_only_our_fonts_embedded_and_nothing_active(pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fonts = [
            item
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
        ]
        assert {str(font.FontName).partition("+")[2] for font in fonts} == {
            "Inter-Regular",
            "Inter-SemiBold",
            "Inter-Bold",
        }
        assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)
        kinds = {str(item.get("/S")) for item in document.objects if isinstance(item, pikepdf.Dictionary)}
    assert not kinds & {"/JavaScript", "/Launch", "/URI", "/SubmitForm"}


@needs_pdftotext
@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_every_row_reason_and_piece_is_printed(variant: dict[str, Any], tmp_path: Path) -> None:
    doc = sample(**variant)
    text, shown = text_of(dossier_pdf.build(doc), tmp_path), view(doc)
    wanted = [row[key] for row in shown["rows"] for key in ("code", "title", "next_action", "source")]
    wanted += [text for row in shown["rows"] for text in row["reasons"]]
    wanted += [piece["sha256"] for piece in shown["pieces"]] + [piece["name"] for piece in shown["pieces"]]
    wanted += [party["name"] for party in shown["parties"]] + [party["out_reason"] for party in shown["parties"]]
    assert [item for item in wanted if len(item) < 300 and squeeze(item) not in text] == []


@needs_pdftotext
def test_pages_are_numbered_and_say_their_date_and_referential(pdf: bytes, tmp_path: Path) -> None:
    (tmp_path / "d.pdf").write_bytes(pdf)
    out = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "d.pdf", "-"], check=True, capture_output=True
    ).stdout.decode()
    pages = out.rstrip("\f").split("\f")
    for number, page in enumerate(pages, start=1):
        assert f"Page\u00a0{number} sur\u00a0{len(pages)}" in page.replace("sur ", "sur\u00a0").replace(
            "Page ", "Page\u00a0"
        )
        assert "Édité le 22/11/2026, référentiel D2, version du 26/06/2025" in page
        assert "GHT des Deux Caps" in page


@needs_pdftotext
def test_hostile_text_is_printed_as_typed(tmp_path: Path) -> None:
    text = text_of(dossier_pdf.build(sample(hostile=True)), tmp_path)
    for typed in (
        '#import "@preview/x:0.1.0": *',
        "*gras* _italique_ `code`",
        "$x^2$ <étiquette>",
        '#read("/etc/passwd")',
        "<script>",
    ):
        assert squeeze(typed) in text


@pytest.mark.parametrize("path", ["/etc/passwd", "../rules/verdict.py", "../../pyproject.toml"])
def test_a_template_cannot_read_a_file_outside_the_folder(path: str) -> None:
    with pytest.raises(PdfRefused):
        compile_pdf(f'#set document(title: "x")\n#read("{path}")', {}, ON)


def test_a_layout_that_takes_too_much_memory_or_time_is_refused_and_the_worker_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(PdfRefused, match="exit"):
        compile_pdf('#set document(title: "x")\n#let all = range(200000000)', {}, ON)
    monkeypatch.setattr(dossier_pdf, "WALL_SECONDS", 0.0)
    with pytest.raises(PdfRefused, match="exit -9"):
        compile_pdf('#set document(title: "x")\nmot', {}, ON)


def test_templates_import_no_package() -> None:
    sources = [path.read_text() for path in dossier_pdf.TEMPLATE.parent.glob("*.typ")]
    assert sources
    assert not any(re.search(r'import\s+"@', source) for source in sources)


def test_a_filed_dossier_says_so_with_the_hour_of_paris() -> None:
    shown = view(sample(known_at="2026-11-22T08:40:00Z"))
    assert shown["status"] == "État transmis à l’ARS"
    assert shown["footer"].startswith("Édité le 22/11/2026 à 09:40")


def test_a_missing_ac_is_said_and_never_shown_as_zero() -> None:
    share = view(sample(missing_ac=True))["share"]
    assert (share["covered"], share["gap"], share["known"]) == ("–", "–", False)
    assert [line["share"] for line in share["lines"] if line["name"] == "CH de Valbruyère"] == ["AC\u00a0manquante"]
    assert not any("0,0" in line["share"] for line in share["lines"])


def test_a_share_just_under_the_bar_is_not_rounded_up_to_it() -> None:
    doc = sample()
    doc["share"].update(share="0.659700", gap="0.000300")
    share = view(doc)["share"]
    assert (share["covered"], share["gap"]) == ("65,9\u00a0%", "0,1\u00a0point")


def test_parties_that_count_come_first_then_by_share() -> None:
    lines = view(sample())["share"]["lines"]
    assert [line["counts"] for line in lines] == [True] * 3 + [False] * 5
    assert lines[3]["name"] == "CH de Valbruyère"
    assert Decimal(lines[-1]["end"]) <= 1


def test_a_very_long_reason_is_whole_in_the_detail_and_short_in_the_summary() -> None:
    doc = sample()
    doc["rows"][0]["reasons"] = [reason("X", "mot " * 400)]
    row = view(doc)["rows"][0]
    assert len(row["reasons"][0]) > 1500
    assert row["first"].endswith("… (suite en partie 4)")


def test_every_state_of_the_rules_has_a_word_a_shape_and_a_colour() -> None:
    drawn = (dossier_pdf.TEMPLATE.parent / "states.typ").read_text()
    assert set(STATES) == {str(state) for state in State}
    assert [state for state in STATES if len(re.findall(rf"\b{state}: \"", drawn)) != 2] == []
