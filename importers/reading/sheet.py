"""A workbook as typed cells, read by a limited child process (`importers.reading.spool`).

Nothing here holds a whole sheet: rows are decoded from the spool as they are asked for, again and again.
"""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import repeat
from pathlib import Path

from importers.faults import Unreadable
from importers.limits import LIMITS, Limits
from importers.reading import gate
from importers.reading.spool import Lines, Spool, refusal, run

HEAD = 15  # rows in which a header is looked for


class CellKind(StrEnum):
    """What a cell holds, as the file says it (not as it looks)."""

    TEXT = "text"
    LONG = "long"  # text over the limit; the value is its beginning
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"  # the value is ISO 8601, converted with the epoch of the workbook
    TIME = "time"
    ERROR = "error"  # #REF!, #N/A...
    FORMULA = "formula"  # a formula that was never calculated: the file holds no value


_KINDS = dict(zip("tlnbdhef", CellKind, strict=True))  # as the child writes them


@dataclass(slots=True, unsafe_hash=True)  # frozen would cost four times as much, for each of a million cells
class Cell:
    """One cell that holds something; row and column count from 1. Never changed once made."""

    row: int
    column: int
    kind: CellKind
    value: str | float | bool

    @property
    def address(self) -> str:
        """A1 address, for people."""
        return f"{column_letters(self.column)}{self.row}"

    @property
    def text(self) -> str:
        """The value as a person sees it."""
        if self.kind is CellKind.FORMULA:
            return "(formule sans valeur)"
        if self.kind is CellKind.DATE:
            year, month, day = str(self.value)[:10].split("-")
            return f"{day}/{month}/{year}"
        if isinstance(self.value, bool):
            return "VRAI" if self.value else "FAUX"
        if isinstance(self.value, float):
            return f"{self.value:.15g}".replace(".", ",")
        return str(self.value)


Row = dict[int, Cell]


@dataclass(frozen=True)
class ReadSheet:
    """One sheet. `rows` holds only cells that show something, by increasing row: row number, then column number, to cell.

    `beyond` is the first row found after the end of the sheet (more than 50 blank rows), `wide` the first cell found
    beyond the last column read: both were not read and must be told. `merged` holds the ranges of merged cells (first
    row, first column, last row, last column), of which only the first cell has a value; `hidden_rows` counts the rows
    read that the file hides.
    """

    name: str
    visible: bool = True
    filled: bool = True
    rows: Mapping[int, Row] = field(default_factory=dict)
    beyond: int | None = None
    wide: str | None = None
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: int = 0

    def head(self, count: int = HEAD) -> dict[int, Row]:
        """Return the rows numbered up to `count`."""
        if isinstance(self.rows, SpooledRows):
            return self.rows.head(count)
        return {number: row for number, row in sorted(self.rows.items()) if number <= count}


class SpooledRows(Mapping[int, Row]):
    """The rows of one sheet, decoded from the spool each time. Reading raises Unreadable if the child lied."""

    def __init__(self, spool: Spool, lines: Lines, limits: Limits) -> None:
        self._spool = spool
        self._lines = lines
        self._limits = limits
        self._head: tuple[int, dict[int, Row]] = (0, {})

    def __len__(self) -> int:
        return len(self._lines.numbers)

    def __iter__(self) -> Iterator[int]:
        return iter(self._lines.numbers)

    def __getitem__(self, number: int) -> Row:
        numbers = self._lines.numbers
        place = bisect.bisect_left(numbers, number)
        if place == len(numbers) or numbers[place] != number:
            raise KeyError(number)
        return self._decoded(self._spool.line(self._lines.offsets[place]))

    def items(self) -> ItemsView[int, Row]:
        """Row number and cells, row after row."""
        return _Items(self)

    def values(self) -> ValuesView[Row]:
        """Cells, row after row."""
        return _Values(self)

    def head(self, count: int) -> dict[int, Row]:
        """Return the rows numbered up to `count`; decoded once."""
        known, rows = self._head
        if count > known:
            rows = {
                number: self[number]
                for number in self._lines.numbers[: bisect.bisect_right(self._lines.numbers, count)]
            }
            self._head = count, rows
        return {number: row for number, row in rows.items() if number <= count}

    def stream(self) -> Iterator[tuple[int, Row]]:
        """Yield each row once, in order."""
        numbers = self._lines.numbers
        for number, line in zip(numbers, self._spool.lines(self._lines.begin, len(numbers)), strict=True):
            yield number, self._decoded(line)

    def _decoded(self, line: bytes) -> Row:
        try:
            number, columns, kinds, values = json.loads(line)
            cells = map(Cell, repeat(number), columns, map(_KINDS.__getitem__, kinds), values)
            return dict(zip(columns, cells, strict=True))
        except (ValueError, TypeError, KeyError) as error:
            raise refusal("damaged", self._limits, f"row of the child: {error}") from error


class _Items(ItemsView[int, Row]):
    _mapping: SpooledRows

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        return self._mapping.stream()


class _Values(ValuesView[Row]):
    _mapping: SpooledRows

    def __iter__(self) -> Iterator[Row]:
        return (row for _number, row in self._mapping.stream())


@dataclass(frozen=True)
class ReadBook:
    """A workbook as read: `epoch` is 1900 or 1904, for dates stored as plain numbers.

    `format` is "xlsx", "ods", "xls" or "csv". `external` says that the file links to other files or data sources;
    they are never followed, the values that the file holds are read.
    """

    sheets: tuple[ReadSheet, ...]
    epoch: int = 1900
    care_kit_name: str | None = None  # what the defined name CARE_KIT refers to
    format: str = "xlsx"
    external: bool = False

    @cached_property
    def care_kit(self) -> str | None:
        """`kit;version;id` of the kit this file was made from, or None."""
        if not self.care_kit_name:
            return None
        constant = re.fullmatch(r'="?([^"]*)"?|"([^"]*)"', self.care_kit_name)
        if constant:
            return constant.group(1) or constant.group(2)
        place = re.fullmatch(r"'?(.+?)'?!\$?([A-Z]{1,3})\$?(\d{1,7})(?::.*)?", self.care_kit_name)
        if place is None:
            return None
        name, column, row = place.group(1).replace("''", "'"), column_number(place.group(2)), int(place.group(3))
        for sheet in self.sheets:
            cell = sheet.rows.get(row, {}).get(column)
            if sheet.name == name and cell is not None:
                return cell.text
        return None


def column_letters(number: int) -> str:
    """Write a column number as letters: A, B ... Z, AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Read column letters: 1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def read(path: Path, limits: Limits = LIMITS) -> ReadBook:
    """Read the workbook at `path`, whatever its format. Raises Unreadable; nothing else comes out of it."""
    form = gate.inspect(path, limits)
    spool = run(form, path, limits)
    done = spool.done or {}
    try:
        sheets = tuple(_sheet(spool, lines, limits) for lines in spool.sheets)
        book = ReadBook(sheets, done["epoch"], done["care_kit"], format=form, external=done["external"])
    except (KeyError, TypeError, ValueError) as error:
        raise refusal("damaged", limits, f"lines of the child: {error}") from error
    if not any(sheet.visible for sheet in sheets):
        raise Unreadable(
            "strict",
            "Aucune feuille visible n’a été trouvée dans ce classeur.",
            "Dans votre tableur : affichez les feuilles masquées, puis enregistrez au format « Classeur Excel (.xlsx) » "
            "(et non « Classeur Strict Open XML »).",
        )
    return book


def _sheet(spool: Spool, lines: Lines, limits: Limits) -> ReadSheet:
    end = lines.end
    wide = end["wide"]
    return ReadSheet(
        name=lines.start["name"],
        visible=lines.start["visible"],
        filled=end["filled"],
        rows=SpooledRows(spool, lines, limits),
        beyond=end["beyond"],
        wide=f"{column_letters(wide[1])}{wide[0]}" if wide else None,
        merged=tuple((top, left, bottom, right) for top, left, bottom, right in end["merged"]),
        hidden_rows=end["hidden_rows"],
    )
