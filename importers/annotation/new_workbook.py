"""The annotated copy of a file that cannot be given back itself: a new workbook, written from what was read of it."""

from __future__ import annotations

import heapq
import itertools
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

from xlsxwriter.format import Format

from compliance.reports import xlsx
from importers.annotation.child import AUTHOR, COLOURS, COMMENT_WIDTH, WIDTH, Runs, condition
from importers.annotation.notes import COMMENTED, INVISIBLE, RowNotes, SortedNotes, shown
from importers.layout.layouts import ANNOTATION, is_annotation
from importers.reading.sheet import Cell, CellKind, ReadBook, ReadSheet, Row
from importers.words import one_line

_README = "Copie annotée par Vigie"
_LINES = (
    (
        "Ce classeur est une copie de « {file} ». L’original ne pouvait pas être annoté sans en perdre une partie (format "
        "du fichier, images, graphiques, tableaux croisés, listes évoluées, taille)."
    ),
    (
        "Les valeurs sont celles que Vigie a lues. Les formules sont remplacées par leur résultat ; les couleurs, les "
        "images, les commentaires, les listes déroulantes et les feuilles masquées de l’original n’y sont pas."
    ),
    (
        "Sur chaque feuille lue, la colonne « {column} » dit ce que devient la ligne et ce qu’il faut corriger. Les "
        "cellules en cause sont colorées : rouge pour une erreur, orange pour une donnée à compléter, bleu pour une remarque."
    ),
    (
        "Corrigez cette copie ou votre original, puis déposez le fichier de nouveau : cette feuille et la colonne "
        "« {column} » ne sont pas importées."
    ),
)
_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
_ESCAPED = re.compile(
    r"_x(00[01][0-9A-Fa-f])_"
)  # control characters: the reader gives the other escapes as what they stand for
_TIME = re.compile(r"(?:(\d{1,6}) days?, )?(\d{1,2}):(\d\d):(\d\d)", re.ASCII)
_NAME = 31  # characters of the name of a sheet
_SAMPLE = 500  # rows that columns are measured on


def write(book: ReadBook, output: BinaryIO, notes: SortedNotes, filename: str, made_on: datetime) -> None:
    """Write what was read in a new workbook, with the notes."""
    with xlsx.open_workbook(output, made_on, filename) as new:
        new.date_1904 = book.epoch == 1904  # numbers that are dates keep their meaning
        writer = _New(new, book, notes)
        writer.readme(filename)
        for sheet in book.sheets:
            if sheet.visible and not _is_readme(sheet.name):
                writer.sheet(sheet)
        if book.care_kit and re.fullmatch(r"[\w;.-]{1,200}", book.care_kit):
            new.define_name("CARE_KIT", f'="{book.care_kit}"')


def _is_readme(name: str) -> bool:
    return one_line(name).casefold() == "lisez-moi"


class _New:
    """A new workbook under way."""

    def __init__(self, book: xlsx.Workbook, source: ReadBook, notes: SortedNotes) -> None:
        self.book, self.source, self.notes = book, source, notes
        self.names: set[str] = set()
        self.budget = [COMMENTED]
        self.looks: dict[str, Format] = {
            name: book.add_format({"valign": "top", "num_format": number})
            for name, number in (("number", "General"), ("time", "hh:mm:ss"), ("duration", "[h]:mm:ss"))
        }
        self.tints = {
            cls: book.add_format({"bg_color": f"#{back}", "font_color": f"#{letters}"})
            for cls, (back, letters) in COLOURS.items()
        }

    def readme(self, filename: str) -> None:
        """Say on the first sheet what this workbook is; then what the file’s own first sheet said."""
        page = self.book.add_worksheet(self._named("Lisez-moi"))
        lines = [line.format(file=one_line(filename), column=ANNOTATION) for line in _LINES]
        xlsx.write_cell(page, 0, 0, _README, "title")
        for row, line in enumerate(lines, 1):
            xlsx.write_cell(page, row, 0, shown(line))
        page.set_column(0, 0, 100)
        own = next((each for each in self.source.sheets if each.visible and _is_readme(each.name)), None)
        if own is None:
            return
        first = own.rows.get(1, {}).get(1)
        said_already = first is not None and first.text == _README  # an earlier copy: only what follows is the user's
        skipped = len(lines) + 2 if said_already else 0
        shift = len(lines) + 2 - skipped
        for number, cells in own.rows.items():
            if number > skipped:
                for place, cell in cells.items():
                    self._write(page, number + shift - 1, place - 1, cell)

    def sheet(self, source: ReadSheet) -> None:
        """Write one sheet: its cells, merged cells, and the column of remarks where it was read."""
        page = self.book.add_worksheet(self._named(source.name))
        widths = _widths(source)
        page.merge.extend([top - 1, left - 1, bottom - 1, right - 1] for top, left, bottom, right in source.merged)
        header = self.notes.header_rows.get(source.name)
        if header is None:
            for number, cells in source.rows.items():
                self._row(page, number, cells, 0, None)
        else:
            place = _column(source, header)
            self._annotated(page, source, header, place)
            page.freeze_panes(header, 0)
            widths[place] = WIDTH
        for place, width in widths.items():
            page.set_column(place - 1, place - 1, width)

    def _annotated(self, page: xlsx.Sheet, source: ReadSheet, header: int, place: int) -> None:
        coloured = {cls: Runs() for cls in COLOURS}
        empty: Row = {}
        rows = ((number, 0, cells, None) for number, cells in source.rows.items())
        said = ((note.row, 1, empty, note) for note in self.notes.rows(source.name, self.budget))
        for number, _, cells, note in heapq.merge(rows, said, key=lambda each: each[:2]):
            if note is None:
                self._row(page, number, cells, place if number >= header else 0, header)
            else:
                self._note(page, note, place if number > header else 0, coloured)
            if number == header and note is None:
                xlsx.write_cell(page, header - 1, place - 1, ANNOTATION, "header")
        if about := self.notes.sheet_note(source.name):
            self._tip(page, header, place, about)
        for cls, runs in coloured.items():
            for group in runs.groups():
                page.conditional_format(
                    group.split(" ", 1)[0],
                    {
                        "type": "formula",
                        "criteria": f"={condition(cls)}",
                        "format": self.tints[cls],
                        "multi_range": group,
                    },
                )

    def _row(self, page: xlsx.Sheet, number: int, cells: Row, left_out: int, header: int | None) -> None:
        for place, cell in cells.items():
            if place != left_out:
                self._write(page, number - 1, place - 1, cell, "header" if number == header else "text")

    def _note(self, page: xlsx.Sheet, note: RowNotes, place: int, coloured: Mapping[str, Runs]) -> None:
        if place and note.text:
            xlsx.write_cell(page, note.row - 1, place - 1, note.text)
            if note.worst:
                coloured[note.worst].add(note.row, place)
        for column, cls, comment in note.cells:
            coloured[cls].add(note.row, column)
            if comment:
                self._tip(page, note.row, column, comment)

    @staticmethod
    def _tip(page: xlsx.Sheet, row: int, column: int, text: str) -> None:
        options = {"author": AUTHOR, "width": COMMENT_WIDTH, "height": 18 * (2 + len(text) // 50 + text.count("\n"))}
        page.write_comment(row - 1, column - 1, text, options)

    def _write(self, page: xlsx.Sheet, row: int, column: int, cell: Cell, style: str = "text") -> None:
        """Write a cell as it was read: text stays text, whatever it begins with."""
        if cell.kind is CellKind.NUMBER:
            page.write_number(row, column, cell.value, self.looks["number"])
        elif cell.kind is CellKind.BOOLEAN:
            page.write_boolean(row, column, cell.value, self.looks["number"])
        elif cell.kind is CellKind.DATE:
            moment = datetime.fromisoformat(str(cell.value))
            day: date = moment if moment.time() != time.min else moment.date()
            xlsx.write_cell(page, row, column, day)
        elif cell.kind in (CellKind.ERROR, CellKind.FORMULA):
            # A constant that the spreadsheet shows as the error it is: the copy is refused where the original was.
            error = str(cell.value) if cell.value in _ERRORS else "#N/A"
            page.write_formula(row, column, f"={error}", self.looks["number"], error)
        elif cell.kind is CellKind.TIME and (match := _TIME.fullmatch(str(cell.value))):
            days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
            shown = "time" if not days and str(cell.value)[1] != ":" else "duration"
            length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
            page.write_datetime(row, column, length, self.looks[shown])
        else:
            xlsx.write_cell(page, row, column, self._text(cell), style)

    def _text(self, cell: Cell) -> str:
        text = cell.text
        if self.source.format == "xlsx" and "_x" in text:  # the library writes these escapes by itself
            text = _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text)
        return f"{text} […] (texte coupé : trop long)" if cell.kind is CellKind.LONG else text

    def _named(self, name: str) -> str:
        """Return a name that a sheet may have, and that no other has."""
        plain = re.sub(r"[\[\]:*?/\\]", " ", one_line(INVISIBLE.sub("", name))).strip("' ")[:_NAME] or "Feuille"
        found, rank = plain, 1
        while found.casefold() in self.names:
            rank += 1
            found = f"{plain[: _NAME - 4]} {rank}"
        self.names.add(found.casefold())
        return found


def _column(source: ReadSheet, header: int) -> int:
    """Return the column of the remarks: the one of an earlier round, or the first after the last used one."""
    titles = source.rows.get(header, {})
    for place, cell in titles.items():
        if cell.kind is CellKind.TEXT and is_annotation(cell.text):
            return place
    last = max((max(cells) for cells in source.rows.values()), default=0)
    return 1 + max(last, *(right for _top, _left, bottom, right in source.merged if bottom >= header), 0)


def _widths(source: ReadSheet) -> dict[int, int]:
    widths: dict[int, int] = {}
    for cells in itertools.islice(source.rows.values(), _SAMPLE):
        for place, cell in cells.items():
            widths[place] = max(widths.get(place, 0), min(len(cell.text) + 3, xlsx.MAX_WIDTH))
    return widths
