"""Every file of the hostile collection gets a sentence or a bounded read, never an uncaught exception."""

from __future__ import annotations

from pathlib import Path

import pytest

from importers.check import check
from importers.faults import Unreadable
from importers.limits import Limits
from importers.sheet import read
from importers.workbooks.bia_pcra import BIA_PCRA
from tests.importers.kits import Member, facts_for

pytestmark = pytest.mark.shared

# File name to the code of the refusal, or to the number of cells read.
EXPECTED: dict[str, str | int] = {
    "calamine__date_1904.xls": "xls",
    "calamine__date_iso.xlsx": 6,
    "calamine__encoded_entities.xlsx": 1,
    "calamine__errors.xlsx": 7,
    "calamine__has_x000D_.xlsx": 1,
    "calamine__header-row.xlsx": 9,
    "calamine__issue_174.xlsx": 22,
    "calamine__issue_419.xlsx": "damaged",
    "calamine__merged_cells.ods": "ods",
    "calamine__merged_range.xlsx": 31,
    "calamine__number_rows_repeated.ods": "ods",
    "calamine__pass_protected.ods": "password",
    "phps__1904_Calendar.xlsx": 4,
    "phps__32readwriteLineChart5.xlsx": 14,
    "phps__HiddenSheet.xlsx": 0,
    "phps__RepeatedCells.ods": "ods",
    "phps__issue.2501.b.xlsx": 0,
    "phps__oleloop.xls": "ole",
    "phps__pr.4687.excel.badendian.xls": "xls",
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
    "sheetjs__sheet_visibility.ods": "ods",
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


def test_no_file_of_the_collection_is_forgotten(shared_data: Path) -> None:
    names = {path.name for path in (shared_data / "excel_hostile").iterdir()} - {"MANIFEST.csv"}
    assert {name for name in names if name not in EXPECTED} == set()
