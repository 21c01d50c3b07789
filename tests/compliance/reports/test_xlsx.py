"""The workbook writer and the annex: text stays text, dates are dates, the same input gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from compliance.reports import annex, xlsx
from tests.factories.canonical import sample

CREATED = datetime(2026, 11, 22, tzinfo=UTC)
FORMULAS = (
    "=1+1",
    "+1",
    "-1+2",
    "@SUM(1)",
    "=cmd|' /C calc'!A0",
    "\t=1",
    "http://a.test",
    "mailto:a@b.test",
    "12",
    "0123",
    "1e5",
)


def workbook(rows: list[list[object]], *, constant_memory: bool = True) -> bytes:
    stream = io.BytesIO()
    with xlsx.open_workbook(stream, CREATED, "=Titre", constant_memory=constant_memory) as book:
        xlsx.write_table(book.add_worksheet("Feuille"), ["a"] * len(rows[0]), rows, styles={0: "percent"})
    return stream.getvalue()


def cells(raw: bytes) -> list[Any]:
    return [cell for row in openpyxl.load_workbook(io.BytesIO(raw)).active.iter_rows(min_row=2) for cell in row]


def sheets(raw: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        yield from (archive.read(name).decode() for name in archive.namelist() if name.endswith((".xml", ".rels")))


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("constant_memory", [True, False])
def test_what_looks_like_a_formula_a_link_or_a_number_stays_text(text: str, constant_memory: bool) -> None:
    raw = workbook([[text]], constant_memory=constant_memory)
    (cell,) = cells(raw)
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
    assert not any("<f>" in part or "<hyperlink" in part for part in sheets(raw))


def test_a_date_is_a_real_date_shown_day_first() -> None:
    _, day, moment = cells(workbook([["", date(2026, 1, 2), datetime(2026, 1, 2, 8, 30, tzinfo=UTC)]]))
    assert (day.value, day.is_date) == (datetime(2026, 1, 2), True)
    assert moment.number_format == "dd/mm/yyyy hh:mm"


def test_each_type_has_its_cell() -> None:
    percent, number, yes, empty = cells(workbook([[Decimal("0.584"), 12, True, None]]))
    assert (percent.value, percent.number_format) == (0.584, "0.0\u00a0%")
    assert (number.value, yes.value, empty.value) == (12, "Oui", None)


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        workbook([[0.1]])


def test_a_number_excel_would_round_is_written_as_text() -> None:
    (cell,) = cells(workbook([[12345678901234567]]))
    assert cell.value == "12345678901234567"


def test_a_text_too_long_for_a_cell_is_cut_and_says_so() -> None:
    (cell,) = cells(workbook([["é🚑" * 20_000]]))
    assert len(cell.value.encode("utf-16-le")) // 2 <= xlsx.MAX_CELL
    assert cell.value.endswith(xlsx.CUT_MARK)


def test_the_same_rows_give_the_same_bytes() -> None:
    rows: list[list[object]] = [["a", date(2026, 1, 2)], ["b", None]]
    assert workbook(rows) == workbook(rows)


def test_no_member_of_the_file_bears_the_time_of_the_day() -> None:
    with zipfile.ZipFile(io.BytesIO(workbook([["a"]]))) as archive:
        assert {info.date_time[0] for info in archive.infolist()} == {1980}


def test_a_sheet_prints_on_the_width_of_a_page_under_its_titles() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook([["a"]]))).active
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.print_title_rows) == (
        "landscape",
        9,
        "$1:$1",
    )
    assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)


def test_a_row_of_long_text_is_as_tall_as_its_lines_and_a_short_one_is_left_alone() -> None:
    rows = openpyxl.load_workbook(io.BytesIO(workbook([["mot " * 40], ["a\nb"], ["a"]]))).active.row_dimensions
    assert [rows[number].height for number in (2, 3, 4)] == [45.0, 30.0, None]


def test_the_annex_has_its_seven_sheets_and_every_fact() -> None:
    doc = sample()
    book = openpyxl.load_workbook(io.BytesIO(annex.build(doc)))
    assert book.sheetnames == ["Synthèse", "Parties", "Lignes", "Partie par partie", "Matrice", "Périmètres", "Pièces"]
    assert book["Parties"].max_row == 1 + len(doc["parties"])
    assert book["Lignes"].max_row == 1 + 13
    assert book["Matrice"].max_row == 1 + 8 * 4
    assert book["Périmètres"].max_row == 1 + len(doc["perimeters"])
    assert [cell.value for cell in book["Pièces"]["K"][1:]] == [
        p["sha256"] for row in doc["rows"] for p in row["pieces"]
    ]


@pytest.mark.parametrize(
    "variant", [{}, {"hostile": True}, {"missing_ac": True}, {"ej": 1, "kind": "single_ej"}, {"ej": 3, "kind": "eg"}]
)
def test_the_same_document_gives_the_same_annex(variant: dict[str, Any]) -> None:
    assert annex.build(sample(**variant)) == annex.build(sample(**variant))


def test_an_unknown_share_is_an_empty_cell_not_a_zero() -> None:
    book = openpyxl.load_workbook(io.BytesIO(annex.build(sample(missing_ac=True))))
    assert {cell.value for cell in book["Parties"]["I"][1:]} == {None}


def test_hostile_text_is_never_a_formula_in_the_annex() -> None:
    raw = annex.build(sample(hostile=True))
    assert not any("<f>" in part or "<hyperlink" in part for part in sheets(raw))
    names = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(raw))["Parties"]["B"][1:]]
    assert names[0] == "=cmd|' /C calc'!A0"


def test_every_row_is_told_party_by_party_and_an_older_document_tells_none() -> None:
    reason = {"code": "PIECE_EXPECTED", "text": "Pièce attendue : PSSI signée", "subject": "pssi"}
    party = {
        "key": "A", "finess": "629900010", "name": "CH A", "in_scope": True, "state": "missing", "reasons": [reason],
        "lacking": [{"state": "missing", "action": "Joindre : PSSI signée", "reasons": [reason]}],
    }  # fmt: skip
    doc = sample()
    old = openpyxl.load_workbook(io.BytesIO(annex.build(doc)))["Partie par partie"]
    doc["rows"][0]["parties"] = [party]
    sheet = openpyxl.load_workbook(io.BytesIO(annex.build(doc)))["Partie par partie"]
    told = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=2)]
    assert (old.max_row, len(told)) == (1, 1)
    assert [told[0][place] for place in (0, 3, 5, 7)] == ["D2.P1", "CH A", "Manquant", "Joindre\u00a0: PSSI signée"]
