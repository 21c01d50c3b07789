"""Reads a CSV: encoding and separator are those the whole of it agrees with. Every value is a text."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from importers.reading.child_output import Output, Refused
from importers.reading.child_values import text as as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHEET = "CSV"
_SEPARATORS = ";,\t|"  # at equal merit, the first
_SAMPLE = 50  # rows the separator is judged on
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def read(path: str, output: Output) -> None:
    """Say what the CSV at `path` holds. Raises Refused."""
    text = _decode(Path(path).read_bytes())
    if "\0" in text:
        raise Refused("nul", "")
    csv.field_size_limit(len(text) + 1)
    separator, text = _separator(text)
    output.sheet(_SHEET, visible=True)
    for number, row in enumerate(_rows(text, separator), 1):
        columns, kinds, values = [], [], []
        for column, value in enumerate(row, 1):
            found = as_text(value, output.limits) if value else None
            if found is not None:
                columns.append(column)
                kinds.append(found[0])
                values.append(found[1])
        output.row(number, columns, kinds, values)
        if output.ended:
            break
    output.end()
    output.done()


def _decode(data: bytes) -> str:
    """Decode UTF-8 or UTF-16 with their mark, else UTF-8 when it is valid, else what old French Windows writes."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _separator(text: str) -> tuple[str, str]:
    """Return the separator and the rows: what Excel is told on a first line « sep=; », else what cuts rows alike."""
    start, _, rest = text.partition("\n")
    told = start.rstrip("\r")
    if len(told) == 5 and told.lower().startswith("sep="):
        return told[4], rest
    return max(_SEPARATORS, key=lambda separator: _merit(text, separator)), text


def _merit(text: str, separator: str) -> tuple[float, int]:
    """How many of the first rows have the same number of cells, over one; then how many cells that is."""
    try:
        sizes = [len(row) for row in islice(_rows(text, separator), _SAMPLE) if row]
    except csv.Error:
        return 0.0, 0
    size, rows = max(
        Counter(size for size in sizes if size > 1).items(), key=lambda item: (item[1], item[0]), default=(0, 0)
    )
    return rows / max(len(sizes), 1), size


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator)
