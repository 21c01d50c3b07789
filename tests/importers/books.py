"""Sheets built in memory from values by column key: what a test of one specification needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from importers.base import Sheet, Workbook
from importers.check import RowResult, check
from importers.facts import Facts
from importers.reading.sheet import Cell, CellKind, ReadBook, ReadSheet


def cell(row: int, place: int, value: object) -> Cell:
    """A cell as the reader gives it; floats, dates and booleans are those of the spreadsheet, the rest is text."""
    if isinstance(value, bool):
        return Cell(row, place, CellKind.BOOLEAN, value)
    if isinstance(value, datetime | date):
        return Cell(row, place, CellKind.DATE, value.isoformat()[:19])
    if isinstance(value, time):
        return Cell(row, place, CellKind.TIME, str(value))
    if isinstance(value, int | float | Decimal):
        return Cell(row, place, CellKind.NUMBER, float(value))
    return Cell(row, place, CellKind.TEXT, str(value))


def read_sheet(sheet: Sheet, rows: Sequence[Mapping[str, object]], *, kind: str = "ght") -> ReadSheet:
    """A sheet of the file: the header of every column of the specification, then the rows as people type them."""
    found = {1: {place: cell(1, place, column.header(kind)) for place, column in enumerate(sheet.columns, 1)}}
    for number, row in enumerate(rows, 2):
        unknown = set(row) - {column.key for column in sheet.columns}
        assert not unknown, unknown
        found[number] = {
            place: cell(number, place, row[column.key])
            for place, column in enumerate(sheet.columns, 1)
            if row.get(column.key) is not None
        }
    return ReadSheet(sheet.name, rows={number: cells for number, cells in found.items() if cells})


def results(workbook: Workbook, sheet: Sheet, rows: Sequence[Mapping[str, object]], facts: Facts) -> list[RowResult]:
    """What the check says of rows of one sheet, first row first."""
    report = check(workbook, ReadBook((read_sheet(sheet, rows),)), facts)
    return [row for each in report.sheets if each.layout == sheet.name for row in each.rows]


def result(workbook: Workbook, sheet: Sheet, facts: Facts, row: Mapping[str, object], **changes: Any) -> RowResult:
    """What the check says of one row, after some changes (None empties a cell)."""
    return results(workbook, sheet, [{**row, **changes}], facts)[0]


def codes(row: RowResult) -> list[tuple[str, str]]:
    """Code and column cell letters are for people; tests look at (code, A1 address)."""
    return [(fault.code, fault.cell) for fault in row.faults]
