"""Old .xls files made by hand: records of BIFF8 in a container of 512-byte sectors."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
_END, _TABLE = 0xFFFFFFFE, 0xFFFFFFFD
_GENERAL, _DATE = 0, 1  # places of the two styles
_ERRORS = {"#DIV/0!": 0x07, "#N/A": 0x2A, "#REF!": 0x17}


@dataclass(frozen=True)
class Formula:
    """A formula whose stored result is an error."""

    error: str


@dataclass(frozen=True)
class Page:
    """One sheet: rows of None, text (an error when it is one of Excel's), number, bool, date or Formula."""

    name: str
    rows: Sequence[Sequence[object]]
    hidden: bool = False
    kind: int = 0  # 1 is a macro sheet
    hidden_rows: Sequence[int] = ()
    merged: Sequence[tuple[int, int, int, int]] = ()  # first row, last row, first column, last column, from 0


def xls(*pages: Page, date_1904: bool = False, link: str = "", streams: Sequence[str] = ()) -> bytes:
    """A whole file; `link` names another workbook it refers to, `streams` adds empty streams to the container."""
    return container(workbook(pages, date_1904=date_1904, link=link), streams)


def added(kind: int, body: bytes) -> bytes:
    """A file of one cell, with one more record in its sheet."""
    stream = workbook([Page("F", [["a"]])])
    return container(stream[: -len(record(0x000A))] + record(kind, body) + record(0x000A))


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def workbook(pages: Sequence[Page], *, date_1904: bool = False, link: str = "") -> bytes:
    """The stream of a workbook."""
    epoch = date(1904, 1, 1) if date_1904 else date(1899, 12, 30)
    start = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 1997, 0, 6)) + record(0x0042, b"\xb0\x04")
    start += record(0x0022, struct.pack("<H", date_1904))
    for number_format in (0, 14):  # General, a date
        start += record(0x00E0, struct.pack("<HH", 0, number_format) + bytes(16))
    if link:
        start += record(0x01AE, struct.pack("<HHB", 1, len(link), 0) + link.encode())
    sheets = [_sheet(page, epoch) for page in pages]
    names = [struct.pack("<BB", len(page.name), 0) + page.name.encode("latin-1") for page in pages]
    place = len(start) + sum(4 + 6 + len(name) for name in names) + 4
    for page, name, sheet in zip(pages, names, sheets, strict=True):
        start += record(0x0085, struct.pack("<IBB", place, page.hidden, page.kind) + name)
        place += len(sheet)
    return start + record(0x000A) + b"".join(sheets)


def _sheet(page: Page, epoch: date) -> bytes:
    width = max((len(row) for row in page.rows), default=0)
    found = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 1997, 0, 6))
    found += record(0x0200, struct.pack("<IIHHH", 0, len(page.rows), 0, width, 0))
    for row in range(len(page.rows)):
        options = 0x20 if row in page.hidden_rows else 0
        found += record(0x0208, struct.pack("<HHHHHHI", row, 0, width, 255, 0, 0, options))
    for row, values in enumerate(page.rows):
        found += b"".join(_cell(row, column, value, epoch) for column, value in enumerate(values) if value is not None)
    if page.merged:
        ranges = b"".join(struct.pack("<HHHH", *each) for each in page.merged)
        found += record(0x00E5, struct.pack("<H", len(page.merged)) + ranges)
    return found + record(0x000A)


def _cell(row: int, column: int, value: object, epoch: date) -> bytes:
    place = struct.pack("<HHH", row, column, _DATE if isinstance(value, date) else _GENERAL)
    if isinstance(value, bool):
        return record(0x0205, place + struct.pack("<BB", value, 0))
    if isinstance(value, str) and value in _ERRORS:
        return record(0x0205, place + struct.pack("<BB", _ERRORS[value], 1))
    if isinstance(value, Formula):
        result = struct.pack("<BBBBHH", 2, 0, _ERRORS[value.error], 0, 0, 0xFFFF)
        return record(0x0006, place + result + struct.pack("<HIH", 0, 0, 0))
    if isinstance(value, date):
        return record(0x0203, place + struct.pack("<d", (value - epoch).days))
    if isinstance(value, int | float):
        return record(0x0203, place + struct.pack("<d", value))
    text = str(value)
    return record(0x0204, place + struct.pack("<HB", len(text), 1) + text.encode("utf-16-le"))


def container(stream: bytes, others: Sequence[str] = (), *, loop: bool = False) -> bytes:
    """A container with one stream named Workbook, long enough not to be a short one; `loop` makes it never end."""
    stream = stream.ljust(4096, b"\0")
    sectors = -(-len(stream) // 512)
    names = ("Root Entry", "Workbook", *others)
    folder = b"".join(_entry(name, stream) for name in names)
    folder += bytes(-len(folder) % 512)
    folders = len(folder) // 512
    first = 1 + folders
    table = [_TABLE, *range(2, 1 + folders), _END, *range(first + 1, first + sectors), first if loop else _END]
    assert len(table) <= 128, "one sector of table is enough for a test"
    table += [0xFFFFFFFF] * (128 - len(table))
    header = SIGNATURE + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<IIIIIIII", 1, 1, 0, 4096, _END, 0, _END, 0) + struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    body = struct.pack("<128I", *table) + folder + stream.ljust(sectors * 512, b"\0")
    return (header + body).replace(b"\xaa\xaa\xaa\xaa", struct.pack("<I", first))


def _entry(name: str, stream: bytes) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    kind, start, size = {
        "Root Entry": (5, struct.pack("<I", _END), 0),
        "Workbook": (2, b"\xaa\xaa\xaa\xaa", len(stream)),  # known once the folder is
    }.get(name, (2, struct.pack("<I", _END), 0))
    child = 1 if kind == 5 else 0xFFFFFFFF
    head = raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return head + bytes(36) + start + struct.pack("<Q", size)
