"""Which sheet of a file is which sheet of the specification, and which column is which.

Sheets are known by name, then by their headers in the first 15 rows; headers by label, synonym, then similarity. At
least 60 % of the required headers must be there (workbooks.md, 3.0). Nothing is taken silently: what was guessed and
what was left out is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from importers.base import SILENT_SHEETS, Column, Sheet, Workbook
from importers.sheet import Cell, CellKind, ReadBook, ReadSheet
from importers.words import essence, fold, is_blank, one_line

HEADER_ROWS = 15
REQUIRED_SHARE = 0.6
SIMILAR = 60.0  # cut-off measured in stack.md, 15, for a column that must be there
SIMILAR_OPTIONAL = 75.0  # nothing says that the file has it: a wrong guess costs more than a column left out
SUGGESTED = 45.0
_SHORTEST = 5  # characters: PCA and PRA are similar, and different
# What people add for themselves: a header with one of the first, or made of the second only, is nobody’s column.
_OWN_NOTES = frozenset({"commentaire", "observation", "remarque", "note"})
_OWN_MARKS = frozenset({"n", "no", "num", "numero", "ligne", "rang", "ordre", "id", "statut", "suivi", "avancement"})


@dataclass(frozen=True)
class Unknown:
    """A column of the file that the specification does not have, and what it resembles."""

    header: Cell
    suggestion: str


@dataclass(frozen=True)
class Layout:
    """A sheet of the file understood as a sheet of the specification; `columns` goes from key to column number."""

    source: ReadSheet
    sheet: Sheet
    header_row: int
    columns: dict[str, int]
    guessed: dict[str, float]
    unknown: tuple[Unknown, ...]
    missing: tuple[Column, ...]
    score: float

    def header(self, key: str) -> str:
        """Return the header of a column as the file writes it."""
        return one_line(self.source.rows[self.header_row][self.columns[key]].text)


@dataclass(frozen=True)
class Recognised:
    """What was understood of a file. `unmapped` holds the filled sheets that correspond to nothing."""

    layouts: tuple[Layout, ...]
    unmapped: tuple[ReadSheet, ...]
    hidden: tuple[ReadSheet, ...]


def recognise(workbook: Workbook, book: ReadBook) -> Recognised:
    """Find the sheets of `workbook` in a file."""
    layouts, unmapped, hidden = [], [], []
    for source in book.sheets:
        if fold(source.name) in {fold(name) for name in SILENT_SHEETS} or not source.filled:
            continue
        if not source.visible:
            hidden.append(source)
            continue
        layout = _best(workbook, source)
        if layout is None:
            unmapped.append(source)
        else:
            layouts.append(layout)
    return Recognised(tuple(layouts), tuple(unmapped), tuple(hidden))


def _best(workbook: Workbook, source: ReadSheet) -> Layout | None:
    named = [sheet for sheet in workbook.sheets if sheet.is_named(source.name)]
    for sheets in (named, workbook.sheets):
        found = [layout for sheet in sheets if (layout := find_header(sheet, source)) is not None]
        if found:
            return max(found, key=lambda layout: layout.score)
    return None


def find_header(sheet: Sheet, source: ReadSheet) -> Layout | None:
    """Find the best header row for `sheet` in the first 15; None when under 60 % of required headers are there."""
    best = None
    for number in sorted(source.rows):
        if number > HEADER_ROWS:
            break
        layout = _match(sheet, source, number)
        if layout.score >= REQUIRED_SHARE and (best is None or layout.score > best.score):
            best = layout
    return best


def _match(sheet: Sheet, source: ReadSheet, number: int) -> Layout:
    headers = {
        column: cell
        for column, cell in source.rows[number].items()
        if cell.kind is CellKind.TEXT and not is_blank(str(cell.value))
    }
    columns: dict[str, int] = {}
    guessed: dict[str, float] = {}
    taken: set[int] = set()
    exact = {fold(name): column.key for column in reversed(sheet.columns) for name in reversed(column.names())}
    for place, cell in sorted(headers.items()):
        key = exact.get(fold(cell.text))
        if key is not None and key not in columns:
            columns[key] = place
            taken.add(place)
    for score, place, key in sorted(_similar(sheet, headers, columns, taken), key=lambda each: (-each[0], each[1])):
        if place not in taken and key not in columns:
            columns[key], guessed[key] = place, score
            taken.add(place)
    required = [column for column in sheet.columns if column.required]
    found = sum(guessed.get(column.key, 100.0) / 100 for column in required if column.key in columns)
    optional = len(columns) / (1000 * len(sheet.columns))  # between two candidates, the one that explains more
    return Layout(
        source=source,
        sheet=sheet,
        header_row=number,
        columns=columns,
        guessed=guessed,
        unknown=tuple(
            Unknown(cell, _suggestion(sheet, cell.text))
            for place, cell in sorted(headers.items())
            if place not in taken
        ),
        missing=tuple(column for column in required if column.key not in columns),
        score=found / len(required) + optional,
    )


def _similar(
    sheet: Sheet, headers: dict[int, Cell], columns: dict[str, int], taken: set[int]
) -> Iterator[tuple[float, int, str]]:
    for column in sheet.columns:
        if column.key in columns:
            continue
        least = SIMILAR if column.required else SIMILAR_OPTIONAL
        for place, cell in headers.items():
            if place not in taken and (score := _similarity(cell.text, column.names())) >= least:
                yield score, place, column.key


def _similarity(header: str, names: Sequence[str]) -> float:
    text = essence(header)
    if len(text) < _SHORTEST or _is_nobodys(text):
        return 0.0
    return max(
        (fuzz.token_sort_ratio(text, essence(name)) for name in names if len(essence(name)) >= _SHORTEST), default=0.0
    )


def _is_nobodys(text: str) -> bool:
    words = {word.removesuffix("s") for word in text.split()}
    return not words.isdisjoint(_OWN_NOTES) or words <= _OWN_MARKS


def _suggestion(sheet: Sheet, header: str) -> str:
    score, label = max((_similarity(header, column.names()), column.label) for column in sheet.columns)
    return label if score >= SUGGESTED else ""
