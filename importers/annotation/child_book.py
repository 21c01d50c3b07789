"""openpyxl, made to give a workbook back as it was: what it would lose is refused, what it would drop is carried over.

For the process of `importers.annotation.child` alone. openpyxl rewrites a workbook from what it understood of it: it drops the
results of formulas, rounds numbers, turns dates out of its calendar into errors, writes addresses of links into empty cells,
and writes its worksheets to disk first. None of that happens here; tests hold it against the pinned version.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Parts that openpyxl rewrites, or whose loss nobody sees (order of calculation, printer, properties of a document server).
_KEPT = re.compile(
    r"""\[content_types\]\.xml | _rels/\.rels | docprops/.+ | customxml/.+ | docmetadata/.+
    | xl/(?:workbook|styles|sharedstrings|calcchain)\.xml | xl/_rels/workbook\.xml\.rels | xl/theme/theme\d*\.xml
    | xl/worksheets/sheet\d+\.xml | xl/worksheets/_rels/sheet\d+\.xml\.rels | xl/comments/?(?:comment)?s?\d*\.xml
    | xl/drawings/(?:vmldrawing|commentsdrawing)\d+\.vml | xl/tables/table\d+\.xml | xl/printersettings/.+
    | xl/externallinks/externallink\d+\.xml | xl/externallinks/_rels/.+ | xl/persons/.+ | .+/""",
    re.VERBOSE,
)
# Drawings, controls, backgrounds, and extensions (validations and formats of Excel 2010, sparklines, slicers).
_LOST = re.compile(rb"<(?:[\w.-]+:)?(?:extLst|controls|oleObjects|picture|drawing|legacyDrawingHF)\b")
_SHAPES = re.compile(rb"ObjectType=[\"'](?!Note[\"'])|imagedata", re.IGNORECASE)
_CHUNK = 1024 * 1024
_OVERLAP = 64  # bytes: a mark may lie across two chunks


class NotKept(Exception):
    """The workbook holds something that would be lost."""


def refuse_what_would_be_lost(archive: zipfile.ZipFile) -> None:
    """Raise NotKept for a part that openpyxl drops or changes for good."""
    for member in archive.infolist():
        name = member.filename.replace("\\", "/").casefold()
        if not _KEPT.fullmatch(name):
            raise NotKept(name)
        mark = _LOST if name.startswith("xl/worksheets/sheet") else _SHAPES if name.endswith(".vml") else None
        if mark is not None:
            with archive.open(member) as part:
                _refuse_mark(part, mark)


def _refuse_mark(part: Any, mark: re.Pattern[bytes]) -> None:
    tail = part.read(_CHUNK)
    if not tail.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") or tail.startswith(b"<\0"):
        raise NotKept("encoding")  # UTF-16: the marks would not be seen
    while tail:
        if mark.search(tail):
            raise NotKept("content")
        chunk = part.read(_CHUNK)
        tail = tail[-_OVERLAP:] + chunk if chunk else b""


def load(stream: BinaryIO, most: int) -> Any:
    """Load a workbook whose numbers, dates included, stay as written, and whose formulas keep their result."""
    from openpyxl import load_workbook  # noqa: PLC0415  after the limits are set: loading it is part of the cost
    from openpyxl.cell.cell import Cell  # noqa: PLC0415
    from openpyxl.worksheet import _reader  # noqa: PLC0415

    cells = 0

    class Parser(_reader.WorkSheetParser):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.date_formats: frozenset[int] = frozenset()
            self.timedelta_formats: frozenset[int] = frozenset()

        def parse_cell(self, element: Element) -> dict[str, Any]:
            nonlocal cells
            cells += 1
            if cells > most:
                raise NotKept("cells")
            cell: dict[str, Any] = super().parse_cell(element)
            written = element.findtext(_reader.VALUE_TAG)
            if cell["data_type"] == "f":
                cell["value"] = _with_result(cell["value"], element.get("t"), written)
            elif cell["data_type"] == "n" and written:
                cell["value"] = written.strip()
            return cell

    def link(cell: Any, target: Any) -> None:  # openpyxl's own writes the address in an empty cell
        target.ref = cell.coordinate
        cell._hyperlink = target  # noqa: SLF001

    _reader.WorkSheetParser = Parser
    Cell.hyperlink = property(lambda cell: cell._hyperlink, link)  # noqa: SLF001
    return load_workbook(stream, rich_text=True)


class _Formula(str):
    """A formula and what it gave when it was last calculated: type of the cell and value, as written."""

    __slots__ = ("result",)


def _with_result(formula: Any, kind: str | None, value: str | None) -> Any:
    if formula == "=":  # part of a shared formula that is not there
        raise NotKept("formula")
    if isinstance(formula, str):
        formula = _Formula(formula)
    formula.result = kind, value
    return formula


def saved(book: Any) -> bytes:
    """Write the workbook in memory; the same input gives the same bytes."""
    from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing  # noqa: PLC0415
    from openpyxl.worksheet import _writer  # noqa: PLC0415
    from openpyxl.worksheet.cell_range import MultiCellRange  # noqa: PLC0415
    from openpyxl.writer.excel import ExcelWriter  # noqa: PLC0415

    class Archive(zipfile.ZipFile):
        def writestr(self, name: Any, data: Any, *_options: Any) -> None:
            member = zipfile.ZipInfo(str(name))  # 1980: no clock
            member.compress_type = zipfile.ZIP_DEFLATED
            super().writestr(member, data)

    class Writer(ExcelWriter):  # type: ignore[misc]
        def write_worksheet(self, sheet: Any) -> None:
            sheet._drawing = SpreadsheetDrawing()  # noqa: SLF001
            part = io.BytesIO()
            writer = _writer.WorksheetWriter(sheet, part)
            for cell in sheet._cells.values():  # noqa: SLF001  an empty cell is not written, nor its link
                if cell.hyperlink and cell.value is None and not cell.has_style and not cell.comment:
                    sheet._hyperlinks.append(cell.hyperlink)  # noqa: SLF001
            writer.write()
            sheet._rels = writer._rels  # noqa: SLF001
            self._archive.writestr(sheet.path[1:], part.getvalue())
            self.manifest.append(sheet)

    plain = _writer.write_cell

    def write_cell(output: Any, sheet: Any, cell: Any, styled: bool | None = None) -> None:
        if cell.data_type != "f":
            plain(output, sheet, cell, styled)
            return
        caught: list[Element] = []
        plain(_Caught(caught), sheet, cell, styled)
        (element,) = caught
        kind, value = cell._value.result  # noqa: SLF001
        place = element.find("v")
        if place is not None and value is not None and kind in (None, "n", "b", "e", "str"):
            place.text = value
            element.set("t", kind or "n")
        output.write(element)

    _writer.write_cell = write_cell
    MultiCellRange.__iter__ = lambda each: iter(each.sorted())  # merged cells come from a set
    stream = io.BytesIO()
    Writer(book, Archive(stream, "w", zipfile.ZIP_DEFLATED)).save()
    return stream.getvalue()


class _Caught:
    """Takes the one element that openpyxl writes for a cell."""

    def __init__(self, elements: list[Element]) -> None:
        self.write = elements.append
