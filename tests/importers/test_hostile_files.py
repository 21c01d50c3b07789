"""Every file of the hostile collection gets a sentence or a bounded read, never an uncaught exception."""

from __future__ import annotations

from pathlib import Path

import pytest

from importers.check import check
from importers.faults import Unreadable
from importers.limits import Limits
from importers.reading.sheet import read
from importers.workbooks.bia_pcra import BIA_PCRA
from tests.importers.kits import Member, facts_for

pytestmark = pytest.mark.shared

# File name to the code of the refusal, or to the number of cells read.
EXPECTED: dict[str, str | int] = {
    "calamine__date_1904.xls": 6,
    "calamine__date_iso.xlsx": 6,
    "calamine__encoded_entities.xlsx": 1,
    "calamine__errors.xlsx": 7,
    "calamine__has_x000D_.xlsx": 1,
    "calamine__header-row.xlsx": 9,
    "calamine__issue_174.xlsx": 22,
    "calamine__issue_419.xlsx": "damaged",
    "calamine__merged_cells.ods": 7,
    "calamine__merged_range.xlsx": 31,
    "calamine__number_rows_repeated.ods": 30,
    "calamine__pass_protected.ods": "password",
    "phps__1904_Calendar.xlsx": 4,
    "phps__32readwriteLineChart5.xlsx": 14,
    "phps__HiddenSheet.xlsx": 0,
    "phps__RepeatedCells.ods": 7,
    "phps__issue.2501.b.xlsx": 0,
    "phps__oleloop.xls": "ole",
    "phps__pr.4687.excel.badendian.xls": "damaged",
    "poi__53105.xlsx": 201,
    "poi__54764-2.xlsx": "entities",
    "poi__54764.xlsx": "entities",
    "poi__ExcelWithAttachments.xlsm": "macros",
    "poi__SimpleStrict.xlsx": "strict",
    "poi__TwoSheetsOneHidden.xlsx": 1,
    "poi__clusterfuzz-testcase-minimized-XLSX2CSVFuzzer-5636439151607808.xlsx": "damaged",
    "poi__crash-274d6342e4842d61be0fb48eaadad6208ae767ae.xlsx": "damaged",
    "poi__invalid.xlsx": "damaged",
    "poi__password.xls": "password",
    "poi__poc-shared-strings.xlsx": "damaged",
    "poi__poc-xmlbomb-empty.xlsx": "entities",
    "poi__protected_passtika.xlsx": "password",
    "poi__workbookProtection-sheet_password-2013.xlsx": 1,
    "poi__workbookProtection-workbook_password-2013.xlsx": 1,
    "poi__xlmmacro.xlsm": "macros",
    "poi__xlsx-corrupted.xlsx": "damaged",
    "sheetjs__crlf.fods": "ods",
    "sheetjs__number_format_russian.xlsm": "macros",
    "sheetjs__sheet_visibility.ods": 14,
    "sheetjs__xlsx-stream-d-date-cell.xlsx": "damaged",
}


def outcome(path: Path) -> str | int:
    """What the reading of a file gives, and the check of what was read."""
    try:
        book = read(path, Limits(cpu_seconds=10))
    except Unreadable as refused:
        return refused.code if refused.reason.endswith(".") and refused.remedy.endswith(".") else refused.sentence
    report = check(BIA_PCRA, book, facts_for([Member("760780023", "CH de Dieppe")]))
    assert report.sheets == ()
    return sum(len(row) for sheet in book.sheets for row in sheet.rows.values())


@pytest.mark.parametrize("name", list(EXPECTED))
def test_a_hostile_file_gets_a_sentence_or_a_bounded_read(shared_data: Path, name: str) -> None:
    assert outcome(shared_data / "excel_hostile" / name) == EXPECTED[name]


def cells(path: Path, sheet: int = 0) -> dict[str, str]:
    """The cells of a sheet as people see them, by address."""
    return {cell.address: cell.text for row in read(path).sheets[sheet].rows.values() for cell in row.values()}


def test_the_dates_of_1904_are_exact(shared_data: Path) -> None:
    folder = shared_data / "excel_hostile"
    old = cells(folder / "calamine__date_1904.xls")
    assert (old["A1"], old["A2"]) == ("01/01/2021", "02/01/2021")
    new = cells(folder / "phps__1904_Calendar.xlsx")
    assert "01/01/2022" in new.values()


def test_the_ranges_of_merged_cells_are_known(shared_data: Path) -> None:
    folder = shared_data / "excel_hostile"
    assert read(folder / "calamine__merged_cells.ods").sheets[0].merged == ((2, 1, 3, 1),)
    first, second = read(folder / "calamine__merged_range.xlsx").sheets
    assert set(first.merged) >= {(1, 8, 2, 8), (1, 1, 2, 1), (1, 2, 2, 2)}
    assert set(second.merged) >= {(1, 1, 4, 1), (3, 3, 4, 4), (1, 6, 4, 8)}


def test_the_errors_of_the_spreadsheet_are_cells(shared_data: Path) -> None:
    found = cells(shared_data / "excel_hostile" / "calamine__errors.xlsx")
    assert set(found.values()) == {"#DIV/0!", "#NAME?", "#VALUE!", "#NULL!", "#REF!", "#NUM!", "#N/A"}


def test_links_to_other_workbooks_are_told(shared_data: Path) -> None:
    folder = shared_data / "excel_hostile"
    assert read(folder / "calamine__errors.xlsx").external
    assert not read(folder / "calamine__header-row.xlsx").external


def test_rows_that_a_file_repeats_are_all_there(shared_data: Path) -> None:
    found = cells(shared_data / "excel_hostile" / "calamine__number_rows_repeated.ods", sheet=1)
    assert {address for address, text in found.items() if text == "C"} == {"A3", "A4", "A7", "A9"}


def test_no_file_of_the_collection_is_forgotten(shared_data: Path) -> None:
    names = {path.name for path in (shared_data / "excel_hostile").iterdir()} - {"MANIFEST.csv"}
    assert {name for name in names if name not in EXPECTED} == set()
