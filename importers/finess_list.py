"""A list of FINESS numbers in a file: one a line, or one column of a workbook of any format, with or without a header."""

from __future__ import annotations

from pathlib import Path

from importers.faults import Unreadable
from importers.reading.sheet import Row, read
from tenants.errors import Invalid

HEADERS = 15  # rows in which a header is looked for
LONGEST = 1024 * 1024  # bytes of a list without columns: far more than there are establishments


def numbers(path: Path) -> list[str]:
    """Return the numbers as the file writes them: the column whose header says FINESS, else the first one.

    Raises Invalid when there is none, Unreadable when the file is neither a list nor a workbook.
    """
    try:
        found = _column(path)
    except Unreadable as error:
        if error.code != "text" or path.stat().st_size > LONGEST:
            raise
        # One number a line has no separator: it is no CSV, and it is what people write.
        found = [line.strip() for line in path.read_text(encoding="utf-8-sig", errors="replace").splitlines()]
    found = [text for text in found if any(character.isdigit() for character in text)]
    if not found:
        raise Invalid("Cette liste ne contient aucun numéro : une colonne « FINESS », un numéro par ligne.")
    return found


def _column(path: Path) -> list[str]:
    sheet = next(each for each in read(path).sheets if each.visible)
    rows: list[tuple[int, Row]] = list(sheet.rows.items())
    column, first = min(rows[0][1], default=0) if rows else 0, 0
    for number, row in rows[:HEADERS]:
        titled = next((place for place, cell in row.items() if "finess" in cell.text.casefold()), None)
        if titled is not None:
            column, first = titled, number
            break
    return [row[column].text.strip() for number, row in rows if number > first and column in row]
