"""Reads an old .xls: values by python-calamine, and what it does not tell by a walk over the records.

The walk comes first. It finds the container that loops, which would abort calamine; errors, which calamine gives as
blanks; hidden rows, the 1904 calendar, links and macro sheets.
"""

from __future__ import annotations

import datetime as dt
import io
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from importers.reading.child_output import MERGED, Output, Refused
from importers.reading.child_values import BOOLEAN, ERROR, Kind, clock, moment, number
from importers.reading.child_values import text as as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from python_calamine import CalamineSheet

_SPECIAL = 0xFFFFFFFA  # from here on, not the number of a sector
_ENTRY = 128  # bytes of one entry of a directory

_BOF, _DATE_MODE, _BOUND_SHEET, _LINK, _CONNECTION, _QUERY = 0x0809, 0x0022, 0x0085, 0x01AE, 0x0876, 0x01AD
_ROW, _BOOL_ERROR, _FORMULA = 0x0208, 0x0205, 0x0006
_GLOBAL = frozenset((_DATE_MODE, _BOUND_SHEET, _LINK, _CONNECTION, _QUERY))
_OF_SHEET = frozenset((_ROW, _BOOL_ERROR, _FORMULA))
_ITSELF = (b"\x01\x04", b"\x01\x3a")  # links to the workbook itself, or to functions
_MACRO_SHEET = 1
_HIDDEN = 0x20
_IS_ERROR = 2
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


def read(path: str, output: Output) -> None:
    """Say what the .xls at `path` holds. Raises Refused, and whatever a damaged file provokes."""
    known = _Records()
    data = Path(path).read_bytes()
    known.walk(_workbook(data))
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:  # by path, it would believe the extension
        if len(book.sheets_metadata) > output.limits["sheets"]:
            raise Refused("sheets", "")
        for rank, about in enumerate(book.sheets_metadata):
            if about.typ is SheetTypeEnum.WorkSheet:
                told = known.sheets[rank] if rank < len(known.sheets) else _Told()
                _sheet(output, book.get_sheet_by_index(rank), told, visible=about.visible is SheetVisibleEnum.Visible)
    output.done(epoch=known.epoch, external=known.external)


def _sheet(output: Output, sheet: CalamineSheet, told: _Told, *, visible: bool) -> None:
    output.sheet(sheet.name, visible=visible)
    if not visible:
        output.end(filled=sheet.start is not None)
        return
    left = sheet.start[1] + 1 if sheet.start is not None else 1
    for place, row in enumerate(sheet.iter_rows(), 1):
        errors = told.errors.get(place, {})
        columns, kinds, values = [], [], []
        for column, value in enumerate(row, left):
            found = (ERROR, errors[column]) if column in errors else _kind(value, output.limits)
            if found is not None:
                columns.append(column)
                kinds.append(found[0])
                values.append(found[1])
        output.row(place, columns, kinds, values, hidden=place in told.hidden)
        if output.ended:
            break
    output.end([
        (top + 1, first + 1, bottom + 1, last + 1)
        for (top, first), (bottom, last) in (sheet.merged_cell_ranges or [])[:MERGED]
    ])  # fmt: skip


def _kind(value: Any, limits: dict[str, int]) -> Kind | None:
    """Give kind and value of a cell as calamine has it; dates are converted with the calendar of the workbook."""
    if isinstance(value, bool):
        return BOOLEAN, value
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, dt.datetime):
        return moment(value)
    if isinstance(value, dt.date):
        return moment(dt.datetime.combine(value, dt.time()))
    if isinstance(value, dt.time):
        return clock(dt.timedelta(hours=value.hour, minutes=value.minute, seconds=value.second))
    if isinstance(value, dt.timedelta):
        return clock(value)
    return as_text(value.replace("\0", ""), limits)  # what old programs fill a text with


# --- records -----------------------------------------------------------------------------------------------------


@dataclass
class _Told:
    """What calamine does not tell of a sheet: errors by row and column, and hidden rows; all count from 1."""

    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)


@dataclass
class _Records:
    """What the records of a workbook say, sheets in the order in which the workbook names them."""

    epoch: int = 1900
    external: bool = False
    sheets: list[_Told] = field(default_factory=list)
    _at: dict[int, _Told] = field(default_factory=dict)  # by place of the beginning of the sheet

    def walk(self, data: bytes) -> None:
        """Look at each record once. Raises Refused for a macro sheet."""
        place, sheet = 0, _Told()
        while place + 4 <= len(data):
            kind, length = struct.unpack_from("<HH", data, place)
            body = data[place + 4 : place + 4 + length]
            if kind == _BOF:
                sheet = self._at.get(place, _Told())
            elif kind in _GLOBAL:
                self._global(kind, body)
            elif kind in _OF_SHEET:
                _of_sheet(sheet, kind, body)
            place += 4 + length

    def _global(self, kind: int, body: bytes) -> None:
        if kind == _DATE_MODE and body[:1] == b"\x01":
            self.epoch = 1904
        elif kind == _BOUND_SHEET and len(body) >= 6:
            if body[5] == _MACRO_SHEET:
                raise Refused("macros", "macro sheet")
            self.sheets.append(_Told())
            self._at[int.from_bytes(body[:4], "little")] = self.sheets[-1]
        elif kind in {_CONNECTION, _QUERY} or (kind == _LINK and body[2:4] not in _ITSELF):
            self.external = True


def _of_sheet(sheet: _Told, kind: int, body: bytes) -> None:
    if len(body) < 8:
        return
    row, column = struct.unpack_from("<HH", body)
    if kind == _ROW:
        if len(body) > 12 and body[12] & _HIDDEN:
            sheet.hidden.add(row + 1)
        return
    code = None
    if kind == _BOOL_ERROR and body[7]:
        code = body[6]
    elif kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == _IS_ERROR:
        code = body[8]
    if code is not None:
        sheet.errors.setdefault(row + 1, {})[column + 1] = _ERRORS.get(code, "#VALUE!")


# --- container ---------------------------------------------------------------------------------------------------


def _workbook(data: bytes) -> bytes:
    """Return the stream of the workbook. Raises Refused when the container loops or ends too early."""
    try:
        return _Container(data).stream()
    except (struct.error, IndexError) as error:
        raise Refused("damaged", f"container: {error}") from error


class _Container:
    """An old Microsoft container: sectors, chained by a table."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise Refused("damaged", "size of sectors")
        self.size = 1 << shift
        self.mini_size = 1 << mini_shift
        self.directory, _, self.cutoff, self.first_mini, _, more, _ = struct.unpack_from("<7I", data, 48)
        sectors = list(struct.unpack_from("<109I", data, 76))
        while more < _SPECIAL:
            block = struct.unpack(f"<{self.size // 4}I", self._sector(more))
            sectors += block[:-1]
            more = block[-1]
            if len(sectors) > len(data) // self.size + self.size:
                raise Refused("damaged", "loop")
        self.table = self._numbers(b"".join(self._sector(each) for each in sectors if each < _SPECIAL))

    def stream(self) -> bytes:
        entries = self._chain(self.directory)
        found: dict[str, tuple[int, int]] = {}
        for place in range(0, len(entries), _ENTRY):
            entry = entries[place : place + _ENTRY]
            name = entry[: max(int.from_bytes(entry[64:66], "little") - 2, 0)].decode("utf-16-le", "replace")
            found.setdefault(name, struct.unpack_from("<II", entry, 116))
        first, length = found.get("Workbook") or found["Book"]
        if length >= self.cutoff:
            return self._chain(first)[:length]
        minis = self._chain(found["Root Entry"][0])
        table = self._numbers(self._chain(self.first_mini))
        return b"".join(minis[each * self.mini_size : (each + 1) * self.mini_size] for each in _followed(first, table))[
            :length
        ]

    @staticmethod
    def _numbers(data: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        if start >= len(self.data):
            raise Refused("damaged", f"sector {number}")
        return self.data[start : start + self.size].ljust(self.size, b"\0")  # the last one may be cut short

    def _chain(self, first: int) -> bytes:
        return b"".join(map(self._sector, _followed(first, self.table)))


def _followed(first: int, table: tuple[int, ...]) -> Iterator[int]:
    """Yield the numbers of a chain of sectors."""
    seen = 0
    while first < _SPECIAL:
        yield first
        seen += 1
        if seen > len(table):
            raise Refused("damaged", "loop")
        first = table[first]
