"""Cells that a row does not hold and that people read all the same: merged ranges, values to repeat downwards."""

from __future__ import annotations

from collections.abc import Mapping

from importers.layout.recognise import Layout
from importers.reading.sheet import Cell, CellKind
from importers.words import is_blank


class Filler:
    """Gives a row the values of the merged cells it lies under, and those a person asked to repeat."""

    def __init__(self, layout: Layout) -> None:
        self.begins: dict[int, list[tuple[int, int]]] = {}  # first row of a range -> (its column, its last row)
        for top, left, bottom, _ in layout.source.merged:
            if bottom > max(top, layout.header_row):
                self.begins.setdefault(top, []).append((left, bottom))
        self.repeated = {layout.columns[key] for key in layout.filled_down if key in layout.columns}
        self.open: dict[int, tuple[Cell, int]] = {}  # column -> the value that goes down, and to which row
        self.last: dict[int, Cell] = {}

    def fill(self, number: int, row: Mapping[int, Cell]) -> Mapping[int, Cell]:
        """Return the row with what it lies under. Rows come in order."""
        if not self.begins and not self.repeated:
            return row
        filled = dict(row)
        for place, (cell, bottom) in list(self.open.items()):
            if number > bottom:
                del self.open[place]
            elif place not in row:
                filled[place] = cell
        for left, bottom in self.begins.get(number, ()):
            if left in row:
                self.open[left] = (row[left], bottom)
        for place in self.repeated:
            if place in filled and not holds_nothing(filled[place]):
                self.last[place] = filled[place]
            elif place in self.last and filled:
                filled[place] = self.last[place]
        return filled


def holds_nothing(cell: Cell) -> bool:
    """Tell whether a cell is blank for people: nothing, spaces, a lone dash."""
    text = cell.value
    return cell.kind is CellKind.TEXT and isinstance(text, str) and not text[:1].isalnum() and is_blank(text)
