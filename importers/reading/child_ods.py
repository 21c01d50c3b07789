"""Reads the content of an OpenDocument spreadsheet, element after element.

python-calamine reads .ods too, but turns errors into blanks, knows neither merged cells nor hidden rows, and asks for
the whole of a repeated area at once.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from typing import TYPE_CHECKING, Any

from importers.reading.child_output import LAST_COLUMN, LAST_ROW, MERGED, Output, Range, Refused
from importers.reading.child_values import BOOLEAN, ERROR, FORMULA, NO_VALUE, Kind, clock, date, number
from importers.reading.child_values import text as as_text
from importers.reading.child_xml import scan

if TYPE_CHECKING:
    from collections.abc import Callable

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TABLE, _TEXT, _STYLE = (f"{_ODF}{name}:1.0}}" for name in ("office", "table", "text", "style"))
_DRAW = f"{_ODF}drawing:1.0}}"
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_SKIPPED = {
    f"{_OFFICE}annotation",
    f"{_OFFICE}forms",
    f"{_OFFICE}scripts",
    f"{_TABLE}shapes",
    f"{_TABLE}tracked-changes",
    f"{_TABLE}detective",
    f"{_DRAW}frame",
    f"{_DRAW}custom-shape",
}
_LINKS = {f"{_TABLE}dde-links", f"{_TABLE}table-source", f"{_TABLE}cell-range-source"}
_PLACE = re.compile(r"\$?('(?:[^']|'')+'|[^.']+)\.(\$?[A-Z]{1,3}\$?[0-9]{1,7})(?::.*)?")
_ERROR = re.compile(r"#[^\s#]{2,15}[!?]|#N/[AD]|Err:[0-9]{3}")
_PERIOD = re.compile(r"P(?:([0-9]{1,6})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]+)?)S)?)?")
_COLLAPSED = re.compile(r"[ \t\r\n]+")
_FORMAT = 255


def read(path: str, output: Output) -> None:
    """Say what the .ods at `path` holds. Raises Refused, and whatever a damaged file provokes."""
    content = _Content(output)
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as stream:
        scan(stream, content.start, content.end, content.text)  # type: ignore[arg-type]  # IO[bytes]
    content.output.done(epoch=content.epoch, care_kit=content.care_kit, external=content.external)


class _Content:
    """The state of the reading: which sheet, row, cell and paragraph is open."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self.epoch = 1900
        self.care_kit: str | None = None
        self.external = False
        self._skipped = 0  # depth inside what is not read
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._sheets = 0
        self._open = self._visible = self._filled = False
        self._row = self._repeat = self._column = 0
        self._hidden = False
        self._found: tuple[list[int], list[str], list[Any]] = ([], [], [])
        self._merged: list[Range] = []
        self._cell: dict[str, str] | None = None
        self._covered = False
        self._paragraphs: list[str] = []
        self._paragraph: list[str] | None = None
        self._length = 0
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {
            f"{_STYLE}style": self._start_style,
            f"{_STYLE}table-properties": self._properties,
            f"{_TABLE}null-date": self._null_date,
            f"{_TABLE}named-range": self._named,
            f"{_TABLE}table": self._start_sheet,
            f"{_TABLE}table-row": self._start_row,
            f"{_TABLE}table-cell": self._start_cell,
            f"{_TABLE}covered-table-cell": self._start_covered,
            f"{_TEXT}p": self._start_paragraph,
            f"{_TEXT}s": self._spaces,
            f"{_TEXT}tab": lambda _attributes: self._add("\t"),
            f"{_TEXT}line-break": lambda _attributes: self._add("\n"),
        }
        self._ends: dict[str, Callable[[], None]] = {
            f"{_TABLE}table": self._end_sheet,
            f"{_TABLE}table-row": self._end_row,
            f"{_TABLE}table-cell": self._end_cell,
            f"{_TABLE}covered-table-cell": self._end_cell,
            f"{_TEXT}p": self._end_paragraph,
        }

    # --- what the parser calls -----------------------------------------------------------------------------------

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element."""
        nested = self._cell is not None and tag == f"{_TABLE}table"
        self.external = self.external or tag in _LINKS
        if self._skipped or nested or tag in _SKIPPED or tag in _LINKS:
            self._skipped += 1
        elif (begin := self._starts.get(tag)) is not None:
            begin(attributes)

    def end(self, tag: str) -> None:
        """Close an element."""
        if self._skipped:
            self._skipped -= 1
        elif (finish := self._ends.get(tag)) is not None:
            finish()

    def text(self, data: str) -> None:
        """Read characters: white space is as in HTML."""
        if self._paragraph is not None and not self._skipped:
            self._add(_COLLAPSED.sub(" ", data))

    # --- before the sheets, and after ----------------------------------------------------------------------------

    def _start_style(self, attributes: dict[str, str]) -> None:
        self._style = attributes.get(f"{_STYLE}name", "") if attributes.get(f"{_STYLE}family") == "table" else ""

    def _properties(self, attributes: dict[str, str]) -> None:
        if attributes.get(f"{_TABLE}display") == "false" and self._style:
            self._hidden_styles.add(self._style)

    def _null_date(self, attributes: dict[str, str]) -> None:
        self.epoch = 1904 if attributes.get(f"{_TABLE}date-value", "").startswith("1904-01-01") else self.epoch

    def _named(self, attributes: dict[str, str]) -> None:
        place = _PLACE.fullmatch(attributes.get(f"{_TABLE}cell-range-address", "")[:_FORMAT])
        if attributes.get(f"{_TABLE}name") == "CARE_KIT" and place is not None:
            self.care_kit = f"{place.group(1)}!{place.group(2)}"

    # --- sheets --------------------------------------------------------------------------------------------------

    def _start_sheet(self, attributes: dict[str, str]) -> None:
        self._sheets += 1
        if self._sheets > self.output.limits["sheets"]:
            raise Refused("sheets", "")
        self._open, self._filled, self._row, self._merged = True, False, 0, []
        self._visible = attributes.get(f"{_TABLE}style-name", "") not in self._hidden_styles
        self.output.sheet(attributes.get(f"{_TABLE}name", ""), visible=self._visible)

    def _end_sheet(self) -> None:
        self._open = False
        self.output.end(self._merged, filled=None if self._visible else self._filled)

    # --- rows ----------------------------------------------------------------------------------------------------

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._repeat = _count(attributes.get(f"{_TABLE}number-rows-repeated"))
        self._hidden = attributes.get(f"{_TABLE}visibility") in {"collapse", "filter"}
        self._column = 0
        self._found = ([], [], [])

    def _end_row(self) -> None:
        columns, kinds, values = self._found
        first, self._row = self._row + 1, self._row + self._repeat
        if not columns or not self._open:
            return
        if self._row > LAST_ROW:
            raise Refused("damaged", f"row {self._row}")
        self._filled = True
        for place in range(first, self._row + 1):
            if not self._visible or self.output.ended:
                return
            self.output.row(place, columns, kinds, values, hidden=self._hidden)

    # --- cells ---------------------------------------------------------------------------------------------------

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._cell, self._covered, self._paragraphs, self._length = attributes, False, [], 0

    def _start_covered(self, attributes: dict[str, str]) -> None:
        self._start_cell(attributes)
        self._covered = True  # lies under a merged cell: nobody sees it

    def _end_cell(self) -> None:
        attributes, self._cell = self._cell or {}, None
        repeat = _count(attributes.get(f"{_TABLE}number-columns-repeated"))
        first, self._column = self._column + 1, self._column + repeat
        found = None if self._covered else self._value(attributes)
        if found is not None:
            # One column more than is read, so that it is told.
            last = min(self._column, max(self.output.limits["columns"] + 1, first))
            columns, kinds, values = self._found
            columns.extend(range(first, last + 1))
            kinds.extend([found[0]] * (last - first + 1))
            values.extend([found[1]] * (last - first + 1))
            if len(columns) > LAST_COLUMN:
                raise Refused("damaged", f"more than {LAST_COLUMN} cells in a row")
        down = _count(attributes.get(f"{_TABLE}number-rows-spanned"))
        across = _count(attributes.get(f"{_TABLE}number-columns-spanned"))
        if (down > 1 or across > 1) and len(self._merged) < MERGED and first <= LAST_COLUMN:
            top = self._row + 1
            self._merged.append((top, first, min(top + down - 1, LAST_ROW), min(first + across - 1, LAST_COLUMN)))

    def _value(self, attributes: dict[str, str]) -> Kind | None:
        kind = attributes.get(f"{_OFFICE}value-type", "")
        text = "\n".join(self._paragraphs)
        formula = f"{_TABLE}formula" in attributes
        if attributes.get(f"{_CALC}value-type") == "error" or (formula and _ERROR.fullmatch(text)):
            return ERROR, text[:20]
        if kind in {"float", "percentage", "currency"}:
            return number(attributes.get(f"{_OFFICE}value", ""))
        if kind == "date":
            return date(attributes.get(f"{_OFFICE}date-value", ""))
        if kind == "time":
            return _period(attributes.get(f"{_OFFICE}time-value", ""))
        if kind == "boolean":
            return BOOLEAN, attributes.get(f"{_OFFICE}boolean-value") == "true"
        found = as_text(text or attributes.get(f"{_OFFICE}string-value", ""), self.output.limits)
        return (FORMULA, "") if formula and not kind and found is None else found

    # --- texts ---------------------------------------------------------------------------------------------------

    def _start_paragraph(self, _attributes: dict[str, str]) -> None:
        self._paragraph = [] if self._cell is not None else None

    def _end_paragraph(self) -> None:
        if self._paragraph is not None and len(self._paragraphs) <= self.output.limits["cell_length"]:
            self._paragraphs.append("".join(self._paragraph))
        self._paragraph = None

    def _spaces(self, attributes: dict[str, str]) -> None:
        self._add(" " * min(_count(attributes.get(f"{_TEXT}c")), self.output.limits["cell_length"] + 1))

    def _add(self, text: str) -> None:
        """Keep characters of the paragraph, up to what makes the cell too long."""
        if self._paragraph is not None and self._length <= self.output.limits["cell_length"]:
            self._paragraph.append(text)
            self._length += len(text)


def _count(text: str | None) -> int:
    """Read how often something is repeated: once, unless a number says otherwise."""
    return max(int(text), 1) if text and text.isascii() and text.isdigit() and len(text) < 12 else 1


def _period(text: str) -> Kind:
    match = _PERIOD.fullmatch(text)
    if match is None or not any(match.groups()):
        return NO_VALUE
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    try:
        return clock(dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))
    except OverflowError:
        return NO_VALUE
