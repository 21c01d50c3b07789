"""What a test looks at in a sheet that was read."""

from __future__ import annotations

from importers.reading.sheet import ReadBook, ReadSheet


def cells(sheet: ReadSheet) -> dict[str, tuple[str, object]]:
    """Kind and value of the cells of a sheet, by address."""
    return {cell.address: (str(cell.kind), cell.value) for row in sheet.rows.values() for cell in row.values()}


def only(book: ReadBook) -> ReadSheet:
    """The one sheet of a book."""
    assert len(book.sheets) == 1
    return book.sheets[0]
