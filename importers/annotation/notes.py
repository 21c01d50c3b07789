"""What is said of the rows of a file, put in the order of the file and in the words of its annotated copy."""

from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from importers.annotation.child import MARK
from importers.faults import Fault
from importers.reading.sheet import column_number
from tenants.typography import NBSP, typo

COMMENTS = 1_000  # cells with a comment, per sheet; beyond, the column alone tells
COMMENTED = 50_000  # remarks in comments, in the whole workbook
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TEXT = 30_000  # characters of what is said of one row
_COMMENT = 2_000  # characters
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})", re.ASCII)
_WORDS = {"E": "Erreur", "G": "À compléter", "W": "Remarque"}


@dataclass(frozen=True, slots=True)
class Status:
    """What became of one row of a sheet (named as in the file), in words: « Nouvelle », « À corriger »."""

    sheet: str
    row: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Notes:
    """What is to be written in a file, in any order. What is about a sheet without a header row is left out."""

    header_rows: Mapping[str, int]  # sheet that was read, as named in the file -> last row of its header
    statuses: Iterable[Status]
    faults: Iterable[Fault]


@dataclass(frozen=True, slots=True)
class RowNotes:
    """What is written on one row: text of the column, worst class, and cells with class and comment (None: no comment)."""

    row: int
    text: str
    worst: str
    cells: tuple[tuple[int, str, str | None], ...]


class SortedNotes:
    """Notes sorted by sheet and row, on disk: there may be one for every cell of the file."""

    def __init__(self, notes: Notes) -> None:
        self.header_rows = notes.header_rows
        self._ranks = {name: rank for rank, name in enumerate(notes.header_rows)}
        self._base = sqlite3.connect("")  # a temporary file without a name
        self._base.execute(
            "CREATE TABLE note (sheet INTEGER, row INTEGER, place INTEGER, cls TEXT, text TEXT, tip TEXT)"
        )
        insert = "INSERT INTO note VALUES (?, ?, ?, ?, ?, ?)"
        self._base.executemany(insert, (self._status(each) for each in notes.statuses if each.sheet in self._ranks))
        self._base.executemany(insert, (self._fault(each) for each in notes.faults if each.sheet in self._ranks))
        self._base.execute("CREATE INDEX note_place ON note (sheet, row)")

    def close(self) -> None:
        """Forget everything."""
        self._base.close()

    def _status(self, status: Status) -> tuple[object, ...]:
        return self._ranks[status.sheet], status.row, 0, "", shown(status.text), ""

    def _fault(self, fault: Fault) -> tuple[object, ...]:
        found = _ADDRESS.fullmatch(fault.cell)
        place, row = (column_number(found.group(1)), int(found.group(2))) if found else (0, 0)
        where = f" en {fault.cell}" if found else ""
        column = f", «{NBSP}{shown(fault.column)}{NBSP}»" if fault.column else ""
        said = f"({fault.code}){NBSP}: {shown(f'{fault.reason} {fault.remedy}'.strip())}"
        word = _WORDS[fault.cls]
        text, tip = f"{word}{where}{column} {said}", f"{word} {said}"
        return self._ranks[fault.sheet], row, place, str(fault.cls), text, tip

    def sheet_note(self, sheet: str) -> str:
        """Return what is said of a whole sheet: the comment of the title of the column."""
        found = self._base.execute("SELECT text FROM note WHERE sheet = ? AND row = 0", (self._ranks[sheet],))
        return _comment(text for (text,) in found.fetchmany(COMMENTS))

    def rows(self, sheet: str, budget: list[int]) -> Iterator[RowNotes]:
        """Yield what is said of each row, from top to bottom. `budget` holds how many remarks may still be commented."""
        found = self._base.execute(
            "SELECT row, place, cls, text, tip FROM note WHERE sheet = ? AND row > 0 ORDER BY row, rowid",
            (self._ranks[sheet],),
        )
        comments = COMMENTS
        for row, group in itertools.groupby(found, key=lambda note: note[0]):
            lines: list[str] = []
            said: dict[int, list[tuple[str, str]]] = {}
            for _, place, cls, text, tip in group:
                lines.append(text)
                if place:
                    said.setdefault(place, []).append((cls, tip))
            cells = []
            for place, remarks in sorted(said.items()):
                comment = None
                if comments and budget[0] >= len(remarks):
                    comments, budget[0] = comments - 1, budget[0] - len(remarks)
                    comment = _comment(tip for _, tip in remarks)
                cells.append((place, _worst(cls for cls, _ in remarks), comment))
            worst = _worst(cls for _, cls, _ in cells)
            yield RowNotes(row, _cut("\n".join(lines), _TEXT), worst, tuple(cells))


def _worst(classes: Iterable[str]) -> str:
    return min(classes, key="EGW".index, default="")


def _comment(sentences: Iterable[str]) -> str:
    text = "\n".join(sentences)
    return _cut(f"{MARK}\n{text}", _COMMENT) if text else ""


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


@lru_cache(maxsize=4096)
def shown(text: str) -> str:
    """Return a sentence as a cell can hold it: typography, nothing invisible."""
    return typo(INVISIBLE.sub("", text))
