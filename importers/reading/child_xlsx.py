"""Reads an .xlsx: the parts that hold values, and nothing else of it.

Written here rather than left to openpyxl, whose reader walks the declared size of a sheet, takes an index of -1 for
the last shared string and is four times slower. Tests hold it against openpyxl on real workbooks.
"""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import zipfile
from array import array
from typing import TYPE_CHECKING, Any, BinaryIO

from importers.reading.child_output import LAST_COLUMN, LAST_ROW, MERGED, Output, Range, Refused
from importers.reading.child_values import (
    BOOLEAN,
    DATE,
    ERROR,
    FORMULA,
    LONG,
    NO_VALUE,
    NUMBER,
    TEXT,
    TIME,
    Kind,
    clock,
    date,
    number,
    serial,
)
from importers.reading.child_values import text as as_text
from importers.reading.child_xml import Tree, scan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINK_ID = "http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL, _VALUE, _FORMULA, _INLINE, _T, _R = (f"{{{_MAIN}}}{name}" for name in ("c", "v", "f", "is", "t", "r"))
_ROW, _MERGE, _DATA, _MERGES = (f"{{{_MAIN}}}{name}" for name in ("row", "mergeCell", "sheetData", "mergeCells"))
_CELL_STYLES, _BASE_STYLES = f"{_MAIN}}}cellXfs", f"{_MAIN}}}cellStyleXfs"
_WORKBOOK_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
)
_STRINGS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
_OUTSIDE = re.compile(r"(^|/)(externallinks|querytables)/|(^|/)connections\.xml$")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_ISO_TIME = re.compile(r"T?([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(?:\.[0-9]+)?Z?")
_DIGITS = "0123456789"
_TRUE, _FALSE = ("1", "true"), ("0", "false")
_BUILT_IN_DATES = {*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)}  # number formats that are not written down
_BUILT_IN_DURATION = 46
_LITERAL = re.compile(r'"[^"]*"|\\.|[_*].|\[(?!(?:hh?|mm?|ss?)\])[^\]]*\]', re.IGNORECASE)
_DURATION = re.compile(r"\[(?:hh?|mm?|ss?)\]", re.IGNORECASE)
_REMEMBERED = 20_000  # dates, so that each is computed once
_FORMAT = 255
_STYLES = 100_000  # Excel writes 65 490 at most


def read(path: str, output: Output) -> None:
    """Say what the .xlsx at `path` holds. Raises Refused, and whatever a damaged file provokes."""
    with zipfile.ZipFile(path) as archive:
        _Book(archive, output).read()


class _Book:
    def __init__(self, archive: zipfile.ZipFile, output: Output) -> None:
        self.archive = archive
        self.output = output
        self.parts = {member.filename.replace("\\", "/"): member for member in archive.infolist()}
        self.epoch = 1900
        self.care_kit: str | None = None
        self.sheets: list[tuple[str, bool, str]] = []  # name, visible, relation
        self.external = any(_OUTSIDE.search(name.lower()) for name in self.parts)

    def read(self) -> None:
        types = self._types()
        workbook = next((name for name, kind in types.items() if kind in _WORKBOOK_TYPES), "xl/workbook.xml")
        self._workbook(workbook)
        links = self._links(workbook)
        self.external = self.external or any(
            kind.endswith(("/externalLink", "/connections")) for kind, _target in links.values()
        )
        targets = {kind.rsplit("/", 1)[-1]: target for kind, target in links.values()}
        shared = targets.get("sharedStrings") or next(
            (name for name, kind in types.items() if kind == _STRINGS_TYPE), None
        )
        strings, long = self._strings(shared) if shared else ([], frozenset())
        styles = targets.get("styles", "")
        dates = self._dates(styles) if styles in self.parts else {}
        for name, visible, link in self.sheets:
            if link not in links:
                raise Refused("damaged", f"no part for {name!r}")
            kind, target = links[link]
            if kind.endswith("/worksheet"):
                with self._open(target) as stream:
                    _Sheet(self.output, strings, long, dates, self.epoch).read(stream, name, visible=visible)
        self.output.done(epoch=self.epoch, care_kit=self.care_kit, external=self.external)

    def _open(self, name: str) -> BinaryIO:
        member = self.parts.get(name)
        if member is None:
            raise Refused("damaged", f"no part {name!r}")
        return self.archive.open(member)  # type: ignore[return-value]  # IO[bytes]

    def _types(self) -> dict[str, str]:
        found = {}

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag.endswith("}Override"):
                found[attributes.get("PartName", "").lstrip("/")] = attributes.get("ContentType", "")

        with self._open("[Content_Types].xml") as stream:
            scan(stream, start)
        return found

    def _links(self, part: str) -> dict[str, tuple[str, str]]:
        """Return id to kind and part of the relations of `part`."""
        folder, name = posixpath.split(part)
        found = {}

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag.endswith("}Relationship"):
                target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
                found[attributes.get("Id", "")] = attributes.get("Type", ""), target

        with self._open(posixpath.join(folder, "_rels", f"{name}.rels")) as stream:
            scan(stream, start)
        return found

    def _workbook(self, part: str) -> None:
        inside: list[str] | None = None  # the text of the defined name, while it is read

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal inside
            if tag == f"{_MAIN}}}sheet":
                if len(self.sheets) >= self.output.limits["sheets"]:
                    raise Refused("sheets", "")
                self.sheets.append((
                    attributes.get("name", ""),
                    attributes.get("state", "visible") == "visible",
                    attributes.get(_LINK_ID, ""),
                ))  # fmt: skip
            elif tag == f"{_MAIN}}}workbookPr" and attributes.get("date1904", "") in _TRUE:
                self.epoch = 1904
            elif tag == f"{_MAIN}}}definedName" and attributes.get("name") == "CARE_KIT" and self.care_kit is None:
                inside = []

        def text(data: str) -> None:
            if inside is not None and len(inside) < _FORMAT:
                inside.append(data)

        def end(tag: str) -> None:
            nonlocal inside
            if inside is not None and tag == f"{_MAIN}}}definedName":
                self.care_kit, inside = "".join(inside)[:_FORMAT], None

        with self._open(part) as stream:
            scan(stream, start, end, text)

    def _strings(self, part: str) -> tuple[list[str | None], set[int]]:
        """Return the shared strings, None for a blank one, and the places of those that are too long."""
        strings: list[str | None] = []
        long: set[int] = set()
        with self._open(part) as stream:
            for element in Tree(stream).children(crowd=LAST_ROW):
                found = as_text(_plain(element), self.output.limits)
                if found is None:
                    strings.append(None)
                    continue
                if found[0] == LONG:
                    long.add(len(strings))
                strings.append(found[1])
        return strings, long

    def _dates(self, part: str) -> dict[str, str]:
        """Return the styles under which a number is a date or a duration, to its kind."""
        codes: dict[int, str] = {}
        lists = {_CELL_STYLES: array("q"), _BASE_STYLES: array("q")}
        inside: array[int] | None = None
        base = -1

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal inside, base
            if tag == f"{_MAIN}}}numFmt":
                codes[_whole(attributes.get("numFmtId"))] = attributes.get("formatCode", "")[:_FORMAT]
            elif tag in lists:
                inside = lists[tag]
            elif inside is not None and tag == f"{_MAIN}}}xf":
                if len(inside) >= _STYLES:
                    raise Refused("damaged", "styles")
                inside.append(_whole(attributes.get("numFmtId")))
            elif tag == f"{_MAIN}}}cellStyle":
                base = max(base, _whole(attributes.get("xfId")))

        def end(tag: str) -> None:
            nonlocal inside
            inside = None if tag in lists else inside

        with self._open(part) as stream:
            scan(stream, start, end)
        styles = lists[_CELL_STYLES]
        if base >= len(lists[_BASE_STYLES]):
            raise Refused("damaged", f"no style {base}")  # what is a date cannot be told from a number
        kinds = {number: _format_kind(number, codes.get(number)) for number in set(styles)}
        return {str(place): kinds[number] for place, number in enumerate(styles) if kinds[number]}


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _format_kind(number: int, code: str | None) -> str:
    """Tell whether a number format shows a date, a duration, or "" for anything else."""
    if code is None:
        return DATE if number in _BUILT_IN_DATES else TIME if number == _BUILT_IN_DURATION else ""
    code = _LITERAL.sub("", code.split(";")[0])
    if _DURATION.search(code):
        return TIME
    return DATE if re.search("[dmhys]", code, re.IGNORECASE) else ""


class _Sheet:
    def __init__(
        self,
        output: Output,
        strings: Sequence[str | None],
        long: frozenset[int] | set[int],
        dates: dict[str, str],
        epoch: int,
    ) -> None:
        self.output = output
        self.strings = strings
        self.long = long
        self.dates = dates
        self.epoch = epoch
        self.columns: dict[str, int] = {}
        self.known: dict[tuple[str, str], Kind] = {}

    def read(self, stream: BinaryIO, name: str, *, visible: bool) -> None:
        """Say one sheet; of a hidden one, only whether it holds something."""
        self.output.sheet(name, visible=visible)
        merged: list[Range] = []
        previous = 0
        for element in Tree(stream).grandchildren((_DATA, _MERGES), crowd=LAST_COLUMN):
            if element.tag == _ROW:
                previous = self._number(element.get("r"), previous)
                if self.output.ended:
                    continue  # for the merged cells, which come last
                columns, kinds, values = self._cells(element)
                if columns and not visible:
                    self.output.end(filled=True)
                    return
                self.output.row(previous, columns, kinds, values, hidden=element.get("hidden") in _TRUE)
            elif element.tag == _MERGE and len(merged) < MERGED:
                found = self._range(element.get("ref", ""))
                if found is not None:
                    merged.append(found)
        self.output.end(merged)

    @staticmethod
    def _number(text: str | None, previous: int) -> int:
        """Return the number of a row, which must grow."""
        number = previous + 1 if text is None else float(text)
        if not previous < number <= LAST_ROW or number != int(number):
            raise Refused("damaged", f"row {number} after row {previous}")
        return int(number)

    def _column(self, letters: str) -> int:
        number = 0
        for letter in letters.upper():
            if not "A" <= letter <= "Z" or number > LAST_COLUMN:
                raise Refused("damaged", f"column {letters[:20]!r}")
            number = number * 26 + ord(letter) - ord("A") + 1
        if not 0 < number <= LAST_COLUMN:
            raise Refused("damaged", f"column {letters[:20]!r}")
        self.columns[letters] = number
        return number

    def _range(self, text: str) -> Range | None:
        match = _RANGE.fullmatch(text)
        if match is None:
            return None
        left, top, right, bottom = match.groups()
        found = int(top), self._column(left), min(int(bottom), LAST_ROW), self._column(right)
        return found if found[0] <= found[2] and found[1] <= found[3] and found[:2] != found[2:] else None

    def _cells(self, row: Element) -> tuple[list[int], list[str], list[Any]]:
        """Return columns, kinds and values of the cells of a row that show something."""
        columns: list[int] = []
        kinds: list[str] = []
        values: list[Any] = []
        known, strings, dates = self.columns, self.strings, self.dates
        last, ordered = 0, True
        for cell in row:
            if cell.tag != _CELL:
                continue
            reference = cell.get("r")
            if reference is None:
                column = last + 1
            else:
                letters = reference.rstrip(_DIGITS)
                column = known.get(letters) or self._column(letters)
            ordered = ordered and column > last
            last = column
            text = cell.findtext(_VALUE)
            kind = cell.get("t", "n")
            if kind == "s" and text:
                place = int(text)
                if place < 0:
                    raise Refused("damaged", f"shared string {place}")
                value = strings[place]
                if value is None:
                    continue
                kinds.append(LONG if place in self.long else TEXT)
                values.append(value)
            elif kind == "n" and text and text.isdecimal() and len(text) < 16 and cell.get("s") not in dates:
                kinds.append(NUMBER)
                values.append(int(text))
            else:
                found = self._other(cell, kind, text)
                if found is None:
                    continue
                kinds.append(found[0])
                values.append(found[1])
            columns.append(column)
        if last > LAST_COLUMN:
            raise Refused("damaged", f"column {last}")
        return (columns, kinds, values) if ordered else _sorted(columns, kinds, values)

    def _other(self, cell: Element, kind: str, text: str | None) -> Kind | None:
        """Give kind and value of a cell that is neither a shared string nor a plain whole number."""
        if kind == "inlineStr":
            inline = cell.find(_INLINE)
            return as_text(_plain(inline) if inline is not None else text or "", self.output.limits)
        if not text:
            # A formula that was never calculated; a text that was, and is empty, has its element.
            never = cell.find(_FORMULA) is not None and not (kind == "str" and text is not None)
            return (FORMULA, "") if never else None
        if kind == "n":
            return self._numeric(text, self.dates.get(cell.get("s", "")))
        if kind == "e":
            return ERROR, text[:20]
        if kind == "b":
            word = text.strip()
            return (BOOLEAN, word in _TRUE) if word in (*_TRUE, *_FALSE) else NO_VALUE
        if kind == "d":
            return _iso(text.strip())
        return as_text(text, self.output.limits)

    def _numeric(self, text: str, shown: str | None) -> Kind:
        if shown is None:
            return number(text)
        found = self.known.get((shown, text))
        if found is None:
            found = number(text)
            if found[0] == NUMBER:
                found = serial(float(found[1]), self.epoch, duration=shown == TIME)
            if len(self.known) < _REMEMBERED:
                self.known[shown, text] = found
        return found


def _sorted(columns: list[int], kinds: list[str], values: list[Any]) -> tuple[list[int], list[str], list[Any]]:
    """Put cells that came in disorder in order; two for one place would be read differently by two programs."""
    if len(set(columns)) < len(columns):
        raise Refused("damaged", "two cells in one place")
    order = sorted(range(len(columns)), key=columns.__getitem__)
    return [columns[at] for at in order], [kinds[at] for at in order], [values[at] for at in order]


def _plain(element: Element) -> str:
    """Return the text of a string item, without its formats and phonetic runs."""
    if len(element) == 1 and element[0].tag == _T:
        text = element[0].text or ""
    else:
        text = "".join(
            (child.text if child.tag == _T else child.findtext(_T)) or "" for child in element if child.tag in (_T, _R)
        )
    return text.replace("_x005F_", "_")  # an underscore that could be taken for the beginning of an escape


def _iso(text: str) -> Kind:
    """Read a cell of type "d": ISO 8601, a date or a time."""
    match = _ISO_TIME.fullmatch(text)
    if match is None:
        return date(text)
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    if hours >= 24 or minutes >= 60 or seconds >= 60:
        return NO_VALUE
    return clock(dt.timedelta(hours=hours, minutes=minutes, seconds=seconds))
