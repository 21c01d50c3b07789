"""A list as a CSV file that a French spreadsheet opens, and that an import reads back to the same values."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import BinaryIO

from importers.base import Sheet
from importers.facts import Values
from importers.template import as_typed, in_text

_TWO_WAYS = re.compile(r"-?[1-9]\d{0,2},\d{3}")  # thousands for one reader, decimals for another
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute a text that begins so


def write(sheet: Sheet, rows: Iterable[Values], kind: str, stream: BinaryIO) -> None:
    """Write the rows of a sheet, one line each, under its labels; `kind` is the candidate's.

    Semicolons, UTF-8 with its mark, decimal commas, dates as 30/11/2026.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    lines = csv.writer(text, delimiter=";", lineterminator="\r\n")
    lines.writerow(column.label_for(kind) for column in sheet.columns)
    for values in rows:
        cells = sheet.to_cells(values)
        lines.writerow(_text(as_typed(column, cells.get(column.key))) for column in sheet.columns)
    text.flush()
    text.detach()


def _text(cell: str | int | Decimal | date | None) -> str:
    text = in_text(cell)
    if isinstance(cell, str):
        return f"'{text}" if text.startswith(_FORMULA) else text
    return f"{text}0" if _TWO_WAYS.fullmatch(text) else text
