"""The one place that writes .xlsx files: exports, annexes and blank templates.

What a user typed stays text: nothing becomes a formula, a link or a number by itself (a cell that starts with
``=``, ``+``, ``-`` or ``@`` is shown, never computed). The same input gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

MAX_CELL = 32_767  # characters, Excel's own limit: a longer string would be dropped without a word
CUT_MARK = " […] (texte coupé à 32 767 caractères)"
MAX_EXACT_INTEGER = 10**15  # Excel keeps 15 digits: a longer integer would be silently rounded
MAX_WIDTH = 60
LINE, MAX_HEIGHT = 15, 409  # points: a row of one line, and the tallest that there is
A4 = 9
ACCENT = "#0B5568"

# Not allowed in XML even as a character reference: a file with one of them would not open.
_NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")

STYLES: dict[str, dict[str, Any]] = {
    "text": {"valign": "top", "text_wrap": True, "num_format": "@"},
    "date": {"valign": "top", "align": "left", "num_format": "dd/mm/yyyy"},
    "datetime": {"valign": "top", "align": "left", "num_format": "dd/mm/yyyy hh:mm"},
    "integer": {"valign": "top", "num_format": "#,##0"},
    "number": {"valign": "top", "num_format": "0.00"},
    "money": {"valign": "top", "num_format": "#,##0.00"},
    "percent": {"valign": "top", "num_format": "0.0\u00a0%"},
    "header": {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": ACCENT,
        "valign": "top",
        "text_wrap": True,
        "border": 1,
        "border_color": ACCENT,
    },
    "title": {"bold": True, "font_size": 16, "font_color": ACCENT, "num_format": "@"},
    "label": {"bold": True, "valign": "top", "num_format": "@"},
    "note": {"italic": True, "font_color": "#5D6771", "valign": "top", "text_wrap": True, "num_format": "@"},
    # for templates: cells the user may fill on a protected sheet
    "input_text": {"valign": "top", "num_format": "@", "locked": False},
    "input_date": {"valign": "top", "align": "left", "num_format": "dd/mm/yyyy", "locked": False},
    "input_number": {"valign": "top", "num_format": "General", "locked": False},
}


class Sheet(Worksheet):  # type: ignore[misc]  # xlsxwriter ships no complete types
    """A worksheet that knows the styles of its workbook."""

    styles: dict[str, Format]


class Workbook(xlsxwriter.Workbook):  # type: ignore[misc]
    """A workbook with our styles (``book.styles["date"]``); close it, or use it in a ``with``."""

    def __init__(self, stream: BinaryIO, options: dict[str, Any]) -> None:
        super().__init__(stream, options)
        self.styles: dict[str, Format] = {name: self.add_format(dict(look)) for name, look in STYLES.items()}

    def add_worksheet(self, name: str | None = None, worksheet_class: type[Worksheet] | None = None) -> Sheet:
        r"""A new sheet, printed as wide as its page; ``name`` has at most 31 characters and none of ``[ ] : * ? / \``."""
        sheet: Sheet = super().add_worksheet(name, worksheet_class or Sheet)
        sheet.styles = self.styles
        sheet.set_paper(A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&RPage &P sur &N")
        return sheet


def open_workbook(stream: BinaryIO, created: datetime, title: str, *, constant_memory: bool = True) -> Workbook:
    """Start a workbook that is written to ``stream`` when it is closed.

    ``created`` is the creation date stored in the file (never the clock, so that the same input gives the same
    bytes). With ``constant_memory`` rows are flushed as they come: write them from top to bottom; pass False for
    sheets that are not written in order.
    """
    book = Workbook(
        stream,
        {
            "constant_memory": constant_memory,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "dd/mm/yyyy",
            "in_memory": not constant_memory,
        },
    )
    moment = created.astimezone(UTC).replace(tzinfo=None) if created.tzinfo else created
    book.set_properties({"title": clean(title)[:255], "author": "Vigie", "company": "", "created": moment})
    return book


def clean(text: str) -> str:
    """``text`` as a cell can hold it: what XML forbids is replaced by U+FFFD, what is too long is cut and says so."""
    text = _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n"))
    return text if len(text.encode("utf-16-le")) // 2 <= MAX_CELL else _cut(text)


def _cut(text: str) -> str:
    units = text.encode("utf-16-le")[: 2 * (MAX_CELL - len(CUT_MARK))]
    return units.decode("utf-16-le", "ignore") + CUT_MARK


def write_cell(sheet: Sheet, row: int, column: int, value: object, style: str | None = None) -> None:
    """Write one value by its Python type; rows and columns count from 0.

    str is text, whatever it starts with; date and datetime are real dates (jj/mm/aaaa); int and Decimal are
    numbers; bool reads Oui or Non; None is an empty cell. Raises TypeError for another type: no float, so that
    what was exact stays exact.
    """
    if value is None:
        sheet.write_blank(row, column, None, sheet.styles[style or "text"])
    elif isinstance(value, bool):
        sheet.write_string(row, column, "Oui" if value else "Non", sheet.styles[style or "text"])
    elif isinstance(value, str):
        sheet.write_string(row, column, clean(value), sheet.styles[style or "text"])
    elif isinstance(value, int):
        _write_number(sheet, row, column, Decimal(value), style or "integer")
    elif isinstance(value, Decimal):
        _write_number(sheet, row, column, value, style or "number")
    elif isinstance(value, date):
        _write_date(sheet, row, column, value, style)
    else:
        raise TypeError(f"cannot write {type(value).__name__} in a cell")


def _write_number(sheet: Sheet, row: int, column: int, value: Decimal, style: str) -> None:
    if not value.is_finite() or abs(value) >= MAX_EXACT_INTEGER:
        sheet.write_string(row, column, str(value), sheet.styles["text"])
    else:
        sheet.write_number(row, column, value, sheet.styles[style])


def _write_date(sheet: Sheet, row: int, column: int, value: date, style: str | None) -> None:
    if value.year < 1901:  # before Excel's calendar: keep it, as text
        sheet.write_string(row, column, value.isoformat(), sheet.styles["text"])
    elif isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        sheet.write_datetime(row, column, moment, sheet.styles[style or "datetime"])
    else:
        sheet.write_datetime(row, column, value, sheet.styles[style or "date"])


def write_table(
    sheet: Sheet,
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    first_row: int = 0,
    styles: Mapping[int, str] | None = None,
    widths: Mapping[int, int] | None = None,
) -> int:
    """Write a header row then ``rows`` under it, with frozen header and filter; returns the number of data rows.

    ``styles`` names the style of the numbers and dates of a column (by index) where the type alone does not say it
    (``{4: "percent"}``);
    ``widths`` gives a column its width in characters, else it follows its longest line. ``rows`` may be a generator.
    """
    styles, longest = styles or {}, [_width(header) for header in headers]
    for column, header in enumerate(headers):
        write_cell(sheet, first_row, column, header, "header")
    count = 0
    sheet.repeat_rows(first_row)
    for count, values in enumerate(rows, start=1):
        fit_row(sheet, first_row + count, values, widths)
        for column, value in enumerate(values):
            style = None if value is None or isinstance(value, str) else styles.get(column)
            write_cell(sheet, first_row + count, column, value, style)
            longest[column] = max(longest[column], _width(value))
    for column, width in enumerate(longest):
        sheet.set_column(column, column, (widths or {}).get(column, min(width, MAX_WIDTH)))
    sheet.freeze_panes(first_row + 1, 0)
    if count:
        sheet.autofilter(first_row, 0, first_row + count, len(headers) - 1)
    return count


def fit_row(sheet: Sheet, row: int, values: Iterable[object], widths: Mapping[int, int] | None = None) -> None:
    """Give a row, before it is written, the height of its longest text: LibreOffice would cut what Excel makes room for."""
    lines = max((_lines(value, (widths or {}).get(at, MAX_WIDTH)) for at, value in enumerate(values)), default=1)
    if lines > 1:
        sheet.set_row(row, min(LINE * lines, MAX_HEIGHT))


def _lines(value: object, width: int) -> int:
    if not isinstance(value, str):
        return 1
    held = max(width - 6, 1)  # a line ends before a word, not in it
    return sum(max(-(-len(line) // held), 1) for line in value.splitlines()) or 1


def _width(value: object) -> int:
    if isinstance(value, date):
        return 12
    text = "" if value is None else str(value)
    return max((len(line) for line in text.splitlines()), default=0) + 3
