"""The process that writes in the user's own workbook: `python -m importers.annotation.child PATH LIMITS`.

Like `importers.reading.child` it limits its memory, time and powers, knows nothing of the product and imports nothing of it. It
reads what to write on its input, one JSON value per line: per sheet `{"sheet": name, "header": row, "note": text}`, then
`[row, text, class, [[column, class, comment or null], ...]]`, all already in words. The annotated workbook comes on its
output, in one piece, when the exit code is 0. It writes no file.

What openpyxl would lose is told by the exit code NOT_KEPT (`annotate_child_book`).
"""

from __future__ import annotations

import json
import sys
import unicodedata
import warnings
import zipfile
from typing import TYPE_CHECKING, Any, BinaryIO

from importers.annotation.child_book import NotKept, load, refuse_what_would_be_lost, saved
from tenants.restraint import restrain

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_KEPT = 3  # exit code: the workbook holds something that would be lost

AUTHOR = "Vigie"
MARK = "— Contrôle CaRE —"  # begins our part of a comment: what stands before it is the user's
# Background and letters of each class, told apart in black and white by the words beside them.
COLOURS = {"E": ("F8CBC6", "7A1210"), "G": ("FFE3A3", "6B4700"), "W": ("D6E8F7", "0B3A5E")}
WIDTH = 70  # characters, of the column of remarks
COMMENT_WIDTH = 360  # pixels
_LINE = 52  # characters of a line of a comment
_LINE_HEIGHT = 17  # pixels
_RANGES = 5_000  # of one class in one sheet; a sheet with more is told by its column alone
_GROUP = 200  # ranges of one conditional format


def main(arguments: list[str]) -> int:
    """Annotate the workbook named by the first argument within the limits of the second (JSON)."""
    path, limits = arguments[0], json.loads(arguments[1])
    orders, output = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nobody else writes on the output
    try:
        restrain(limits["memory"], limits["cpu_seconds"])
        warnings.simplefilter("ignore")
        with open(path, "rb") as stream:  # noqa: PTH123  opened here, so that the name of the file says nothing
            data = _annotated(stream, orders, limits)
    except NotKept:
        return NOT_KEPT
    except BaseException:  # noqa: BLE001  whatever a damaged file provokes: the caller writes a new workbook
        return 1
    output.write(data)
    output.flush()
    return 0


def _annotated(stream: BinaryIO, orders: BinaryIO, limits: dict[str, Any]) -> bytes:
    with zipfile.ZipFile(stream) as archive:
        refuse_what_would_be_lost(archive)
    stream.seek(0)
    book = load(stream, limits["kept_cells"])
    for sheet in book.worksheets:
        _forget(sheet)
    for order, rows in _sheets(orders):
        _annotate(book[order["sheet"]], order, rows, limits)
    return saved(book)


def _sheets(orders: BinaryIO) -> Iterator[tuple[dict[str, Any], list[list[Any]]]]:
    order: dict[str, Any] | None = None
    rows: list[list[Any]] = []
    for line in orders:
        value = json.loads(line)
        if isinstance(value, list):
            rows.append(value)
            continue
        if order is not None:
            yield order, rows
        order, rows = value, []
    if order is not None:
        yield order, rows


# ------------------------------------------------------------------------------------------------------------- remarks


def _forget(sheet: Any) -> None:
    """Take back the comments and colours of an earlier round; the user's own comments stay."""
    for cell in list(sheet._cells.values()):  # noqa: SLF001
        comment = cell._comment  # noqa: SLF001
        if comment is not None:
            own = comment.content.partition(MARK)[0].rstrip()
            _comment(cell, own, comment.author)
    from openpyxl.formatting.formatting import ConditionalFormattingList  # noqa: PLC0415

    kept = ConditionalFormattingList()
    for formatting in sheet.conditional_formatting:
        for rule in formatting.rules:
            if not any(MARK in str(formula) for formula in rule.formula):
                kept.add(formatting, rule)
    sheet.conditional_formatting = kept


def _annotate(sheet: Any, order: dict[str, Any], rows: list[list[Any]], limits: dict[str, Any]) -> None:
    header = order["header"]
    place = _titled(sheet, header, limits)
    title = sheet.cell(header, place)
    _comment(title, order["note"], AUTHOR, before=title._comment)  # noqa: SLF001
    anchors = _anchors(sheet)
    coloured = {cls: Runs() for cls in COLOURS}
    look = None
    for row, text, worst, cells in rows:
        if text and row > header:
            cell = _written(sheet, row, place, text)
            look = look or _look(cell)
            cell._style = look  # noqa: SLF001  never changed: shared
            if worst:
                coloured[worst].add(row, place)
        for column, cls, comment in cells:
            spot = anchors.get((row, column), (row, column))
            coloured[cls].add(*spot)
            if comment:
                cell = sheet.cell(*spot)
                _comment(cell, comment, AUTHOR, before=cell._comment)  # noqa: SLF001
    _colour(sheet, coloured)


def _titled(sheet: Any, header: int, limits: dict[str, Any]) -> int:
    """Make the column of the remarks, or empty the one of an earlier round; return its number."""
    place, known = _place(sheet, header, limits)
    title = _written(sheet, header, place, limits["header"])
    if known:
        for (row, column), cell in sheet._cells.items():  # noqa: SLF001
            if column == place and row > header:
                cell._value = None  # noqa: SLF001
    else:
        _widen(sheet, place)
        _dress(sheet, title, header, place)
    return place


def _anchors(sheet: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """Go from each cell that a merged one hides to that one."""
    return {
        place: (each.min_row, each.min_col) for each in sheet.merged_cells.ranges for row in each.rows for place in row
    }


def _place(sheet: Any, header: int, limits: dict[str, Any]) -> tuple[int, bool]:
    """Return the column of the remarks, and whether it is there from an earlier round."""
    filled = {place: cell for place, cell in sheet._cells.items() if cell._value is not None}  # noqa: SLF001
    titles = sorted(column for row, column in filled if row == header)
    for column in titles:
        if _folded(filled[header, column]._value) == _folded(limits["header"]):  # noqa: SLF001
            return column, True
    used = {column for _row, column in filled}
    used.update(each.max_col for each in sheet.merged_cells.ranges if each.max_row >= header)
    place = max(used, default=0) + 1
    if place > limits["columns"]:  # a stray cell far to the right: stay where the sheet is read
        last = max((column for column in titles if column < limits["columns"]), default=0)
        place = next(column for column in range(last + 1, place + 1) if column not in used)
    if place > limits["last_column"]:
        raise NotKept("columns")
    return place, False


def _folded(text: object) -> str:
    plain = unicodedata.normalize("NFKD", str(text)).casefold()
    return " ".join("".join(each for each in plain if not unicodedata.combining(each)).split()).strip(" *:")


def _written(sheet: Any, row: int, column: int, text: str) -> Any:
    """Write a text that stays one, whatever it begins with."""
    cell = sheet.cell(row, column)
    cell._value, cell.data_type = text, "s"  # noqa: SLF001
    return cell


def _look(cell: Any) -> Any:
    from openpyxl.styles import Alignment  # noqa: PLC0415

    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.number_format = "@"
    return cell._style  # noqa: SLF001


def _dress(sheet: Any, title: Any, header: int, place: int) -> None:
    """Give the title of the column the look of the one beside it, or else bold letters."""
    from copy import copy  # noqa: PLC0415

    from openpyxl.styles import Font  # noqa: PLC0415

    beside = sheet._cells.get((header, place - 1))  # noqa: SLF001
    if beside is not None and beside.has_style:
        title._style = copy(beside._style)  # noqa: SLF001
    else:
        title.font = Font(bold=True)


def _widen(sheet: Any, place: int) -> None:
    """Give the column its width, taking it out of the range of columns it may be described with."""
    from copy import copy  # noqa: PLC0415

    from openpyxl.utils import get_column_letter  # noqa: PLC0415
    from openpyxl.worksheet.dimensions import ColumnDimension  # noqa: PLC0415

    known = sheet.column_dimensions
    for each in list(known.values()):
        first, last = each.min or 0, each.max or 0
        if first <= place <= last:
            if last > place:
                after = copy(each)
                after.index, after.min, after.max = get_column_letter(place + 1), place + 1, last
                known[after.index] = after
            if first < place:
                each.max = place - 1
    letter = get_column_letter(place)
    known[letter] = ColumnDimension(sheet, index=letter, min=place, max=place, width=WIDTH, customWidth=True)


def _comment(cell: Any, text: str, author: str, before: Any = None) -> None:
    """Set a comment, after the user's own; none when there is nothing to say."""
    from openpyxl.comments import Comment  # noqa: PLC0415

    if before is not None:
        text, author = f"{before.content}\n\n{text}" if text else before.content, before.author
    if not text:
        cell.comment = None
        return
    lines = sum(1 + len(line) // _LINE for line in text.split("\n"))
    cell.comment = Comment(text, author, height=_LINE_HEIGHT * (lines + 1), width=COMMENT_WIDTH)


def _colour(sheet: Any, coloured: dict[str, Runs]) -> None:
    """Colour cells by conditional formats, ahead of the user's: the formats of the cells stay as they were."""
    from openpyxl.formatting.rule import Rule  # noqa: PLC0415
    from openpyxl.styles import Font, PatternFill  # noqa: PLC0415
    from openpyxl.styles.differential import DifferentialStyle  # noqa: PLC0415

    groups = [(cls, group) for cls, runs in coloured.items() for group in runs.groups()]
    for formatting in sheet.conditional_formatting:
        for rule in formatting.rules:
            rule.priority += len(groups)
    for priority, (cls, group) in enumerate(groups, 1):
        back, letters = COLOURS[cls]
        look = DifferentialStyle(font=Font(color=f"FF{letters}"), fill=PatternFill(bgColor=f"FF{back}"))
        rule = Rule(type="expression", dxf=look, formula=[condition(cls)], priority=priority)
        sheet.conditional_formatting.add(group, rule)


def condition(cls: str) -> str:
    """Return a formula that always holds, and by which our own formats are known again."""
    return f'LEN("{MARK} {cls}")>0'


class Runs:
    """Cells of one class, gathered as ranges while rows go down."""

    def __init__(self) -> None:
        self._open: dict[int, list[int]] = {}  # column -> first and last row of the run that may still grow
        self._closed: list[tuple[int, int, int]] = []

    def add(self, row: int, column: int) -> None:
        """Add a cell. One above the last run of its column (merged cells) stands alone."""
        run = self._open.get(column)
        if run is None:
            self._open[column] = [row, row]
        elif row == run[1] + 1:
            run[1] = row
        elif row > run[1]:
            self._close(column, *run)
            self._open[column] = [row, row]
        elif row < run[0]:
            self._close(column, row, row)

    def _close(self, column: int, first: int, last: int) -> None:
        if len(self._closed) <= _RANGES:
            self._closed.append((column, first, last))

    def groups(self) -> list[str]:
        """Write the cells as groups of ranges; none when they are too many to be coloured."""
        runs = sorted({*self._closed, *((column, first, last) for column, (first, last) in self._open.items())})
        if len(runs) > _RANGES:
            return []
        written = [
            f"{_letters(column)}{first}" + (f":{_letters(column)}{last}" if last > first else "")
            for column, first, last in runs
        ]
        return [" ".join(written[start : start + _GROUP]) for start in range(0, len(written), _GROUP)]


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
