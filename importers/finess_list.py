"""A list of FINESS numbers in a file of any format that a workbook may have: one column, with or without a header."""

from __future__ import annotations

from pathlib import Path

from importers.reading.sheet import Row, read
from tenants.errors import Invalid

HEADERS = 15  # rows in which a header is looked for


def numbers(path: Path) -> list[str]:
    """Return the numbers of the first sheet as the file writes them: the column whose header says FINESS, else the first one.

    Raises Invalid when there is none, Unreadable when the file is no workbook.
    """
    sheet = next(each for each in read(path).sheets if each.visible)
    column, first = 0, 0
    rows: list[tuple[int, Row]] = list(sheet.rows.items())
    for number, row in rows[:HEADERS]:
        titled = next((place for place, cell in row.items() if "finess" in cell.text.casefold()), None)
        if titled is not None:
            column, first = titled, number
            break
    if not column and rows:
        column = min(rows[0][1])
    found = [
        row[column].text.strip()
        for number, row in rows
        if number > first and column in row and any(character.isdigit() for character in row[column].text)
    ]
    if not found:
        raise Invalid("Cette liste ne contient aucun numéro : une colonne « FINESS », un numéro par ligne.")
    return found
