"""The rows of a sheet that may be its header: one row, or two when titles are grouped under a wider one.

« Impact » merged over « 4 h », « 24 h », « 72 h », « 1 semaine » gives « Impact, 4 h » and so on; with or without the
information on merged cells (practice.md, 1.5: grids have merged two-row headers).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from importers.layout.layouts import fingerprint, is_annotation
from importers.reading.sheet import Cell, CellKind, ReadSheet
from importers.words import is_blank, one_line

HEADER_ROWS = 15

_LONGEST = 300  # characters: more is a text, not a title
_NO_TITLE = (CellKind.ERROR, CellKind.FORMULA, CellKind.LONG)


_UNIT = re.compile(
    r"\s*[(\[](?:h|heures?|min|minutes?|j|jours?|sem|semaines?|go|€|euros?|%|n°|oui ?/ ?non|o/n|jj/mm/aaaa)[)\]]\s*\*?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Title:
    """The title of one column."""

    place: int
    shown: str  # « Impact, 4 h »
    readings: tuple[str, ...]  # ways to read it, the fullest first: « Impact 4 h », « 4 h »
    cell: Cell  # where a remark about it points


@dataclass(frozen=True)
class Header:
    """A row, or two, read as titles. `row` is the last one; `titles` leaves out our own remarks, `shown` does not.

    `grouped` tells two rows that are a header by their shape; any two rows may be one by a person's choice.
    """

    row: int
    depth: int
    titles: tuple[Title, ...]
    shown: Mapping[int, str]
    grouped: bool = False

    @property
    def fingerprint(self) -> str:
        """The fingerprint that a choice about this header is remembered under."""
        return fingerprint([self.shown.get(place, "") for place in range(1, max(self.shown, default=0) + 1)])


def headers(source: ReadSheet) -> list[Header]:
    """Return every reading of the first rows as a header of one row, then of two, from top to bottom."""
    first = source.head(HEADER_ROWS)
    found = [_one_row(number, first[number]) for number in sorted(first)]
    found += [_two_rows(source, first, number) for number in sorted(first) if number - 1 in first]
    return [header for header in found if header.titles]


def header_at(source: ReadSheet, row: int, depth: int = 1) -> Header | None:
    """Return the header whose last row is `row`; None when it holds no title."""
    first = source.head(row)
    if row not in first or (depth == 2 and row - 1 not in first):
        return None
    header = _one_row(row, first[row]) if depth == 1 else _two_rows(source, first, row)
    return header if header.titles else None


def _one_row(number: int, row: Mapping[int, Cell]) -> Header:
    titles = [
        Title(place, one_line(cell.text), _without_unit(cell.text), cell)
        for place, cell in sorted(row.items())
        if cell.kind is CellKind.TEXT and _is_title(cell)
    ]
    return _header(number, 1, titles)


def _two_rows(source: ReadSheet, first: Mapping[int, Mapping[int, Cell]], number: int) -> Header:
    top = {place: cell for place, cell in first[number - 1].items() if _is_title(cell)}
    under = {place: cell for place, cell in first[number].items() if _is_title(cell)}
    groups = _groups(source, number - 1, top, under)
    titles: list[Title] = []
    sizes: Counter[int] = Counter()
    for place in sorted(groups.keys() | under.keys()):
        group, sub = groups.get(place), under.get(place)
        if sub is None and group is not None and group.kind is CellKind.TEXT:
            titles.append(Title(place, one_line(group.text), _without_unit(group.text), group))
        elif sub is not None and sub.kind is CellKind.TEXT and group is None:
            titles.append(Title(place, one_line(sub.text), _without_unit(sub.text), sub))
        elif sub is not None and sub.kind is CellKind.TEXT and group is not None:
            shown = f"{one_line(group.text)}, {one_line(sub.text)}"
            titles.append(Title(place, shown, (f"{group.text} {sub.text}", sub.text), sub))
            sizes[group.column] += 1
    texts_only = all(cell.kind is CellKind.TEXT for cell in under.values())
    return _header(number, 2, titles, grouped=texts_only and max(sizes.values(), default=0) > 1)


def _without_unit(text: str) -> tuple[str, ...]:
    """Read a title as it is, then without the unit or the list of answers it ends with: « RTO (h) », « Validé (Oui/Non) »."""
    return (text, bare) if (bare := _UNIT.sub("", text)) and bare != text else (text,)


def _groups(source: ReadSheet, row: int, top: Mapping[int, Cell], under: Mapping[int, Cell]) -> dict[int, Cell]:
    """Return, for each column, the title of the upper row that stands over it."""
    groups = dict(top)
    merged = [each for each in source.merged if each[0] == each[2] == row and each[3] > each[1]]
    for _, left, _, right in merged:
        groups.update({place: top[left] for place in range(left, right + 1) if left in top and place in under})
    if merged:
        return groups
    current = None
    for place in range(min(top, default=1), max(under, default=0) + 1):
        if place in top:
            current = top[place]
        if place not in under:
            current = None  # a title that has nothing under it is that of its own column
        elif current is not None:
            groups[place] = current
    return groups


def _header(row: int, depth: int, titles: list[Title], *, grouped: bool = False) -> Header:
    shown = {title.place: title.shown for title in titles}
    ours = tuple(title for title in titles if not is_annotation(title.shown))
    return Header(row, depth, ours, shown, grouped)


def _is_title(cell: Cell) -> bool:
    return is_filled(cell) and cell.kind not in _NO_TITLE and len(cell.text) <= _LONGEST


def is_filled(cell: Cell) -> bool:
    """Tell whether a cell shows something: a text of spaces or a lone dash does not."""
    return cell.kind is not CellKind.TEXT or not is_blank(str(cell.value))
