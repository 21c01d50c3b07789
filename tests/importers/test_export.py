"""A list as CSV: what a French spreadsheet opens, and what an import reads back to the same values."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from importers import export
from importers.base import Column, Kind, Sheet
from importers.check import check
from importers.reading.sheet import read
from importers.registry import SHEETS, WORKBOOKS
from tests.importers import books
from tests.importers.kits import Member, facts_for

ROUEN = Member("760780239", "CHU de Rouen")
FACTS = replace(facts_for([ROUEN], sites={"760000158": "760780239"}), home="760780239")

LABELLED = Sheet(
    name="Essai",
    title="Essai",
    key=lambda values: str(values["code"]),
    key_column="code",
    fields=("code", "note", "amount", "share", "done", "on", "names"),
    columns=(
        Column(key="code", label="Code", kind=Kind.CODE, help="", required=True),
        Column(key="note", label="Remarque", kind=Kind.TEXT, help=""),
        Column(key="amount", label="Montant (€)", kind=Kind.MONEY, help=""),
        Column(key="share", label="Part", kind=Kind.NUMBER, decimals=3, help=""),
        Column(key="done", label="Fait", kind=Kind.YES_NO, help=""),
        Column(key="on", label="Fait le", kind=Kind.DATE, help=""),
        Column(key="names", label="Mots", kind=Kind.TEXTS, help=""),
    ),
)
BLANK: dict[str, object] = dict.fromkeys(LABELLED.fields)


def written(sheet: Sheet, *rows: Mapping[str, object]) -> bytes:
    """The bytes of the export of some rows."""
    stream = io.BytesIO()
    export.write(sheet, rows, "ght", stream)
    return stream.getvalue()


def lines(*rows: Mapping[str, object]) -> list[str]:
    """The lines of the export of some rows of the sheet above, its header left out."""
    return written(LABELLED, *({**BLANK, **row} for row in rows)).decode("utf-8-sig").split("\r\n")[1:-1]


def test_the_file_says_that_it_is_utf_8_and_has_the_labels_first() -> None:
    content = written(LABELLED)
    assert content == "\ufeffCode;Remarque;Montant (€);Part;Fait;Fait le;Mots\r\n".encode()


def test_values_are_written_as_people_type_them() -> None:
    row = {"code": "A-1", "note": "à revoir", "amount": 123450, "share": Decimal("0.5"), "done": False}
    assert lines(row | {"on": date(2026, 11, 30), "names": ("un", "deux")}) == [
        'A-1;à revoir;1234,5;0,5;Non;30/11/2026;"un; deux"'
    ]


@pytest.mark.parametrize("text", ["=1+1", "+33 2 35", "-5 lits", "@SUM(A1)", "\tun", "\rdeux"])
def test_a_text_that_a_spreadsheet_would_compute_is_kept_a_text(text: str) -> None:
    assert lines({"code": "A-1", "note": text})[0].split(";")[1].strip('"') == f"'{text}"


def test_a_negative_number_is_no_formula() -> None:
    assert lines({"code": "A-1", "amount": -12000})[0].split(";")[2] == "-120"


def test_a_number_that_could_be_read_in_two_ways_is_written_so_that_it_is_not() -> None:
    assert lines({"code": "A-1", "share": Decimal("1.234")})[0].split(";")[3] == "1,2340"


@pytest.mark.parametrize(
    "note",
    [
        "=1+1",
        "'=1+1",
        "''@x",
        "- un\n- deux",
        "« a ; b »",
        'il a dit "oui"',
        "+33",
        "'entre apostrophes'",
        "Total des lits",
    ],
)
def test_a_text_comes_back_as_it_was(tmp_path: Path, note: str) -> None:
    values = {**BLANK, "code": "A-1", "note": note, "share": Decimal("1.234"), "amount": -5, "names": ("a", "b")}
    assert again(tmp_path, LABELLED, values) == values


def again(folder: Path, sheet: Sheet, values: Mapping[str, object]) -> Mapping[str, object]:
    """Values exported, then read by an import that is given the CSV."""
    path = folder / "export.csv"
    path.write_bytes(written(sheet, values))
    workbook = next((each for each in WORKBOOKS if sheet in each.sheets), replace(WORKBOOKS[0], sheets=(sheet,)))
    report = check(workbook, read(path), FACTS)
    [found] = report.sheets
    assert found.layout == sheet.name
    [row] = found.rows
    return row.values


@pytest.mark.parametrize("name", SHEETS)
def test_a_row_of_every_list_comes_back_the_same(tmp_path: Path, name: str) -> None:
    sheet = SHEETS[name]
    workbook = next(each for each in WORKBOOKS if sheet in each.sheets)
    example = {column.key: column.example for column in sheet.columns if column.example != ""}
    values = books.result(workbook, sheet, FACTS, example).values
    assert len([value for value in values.values() if value not in (None, ())]) >= 4
    assert again(tmp_path, sheet, values) == values
