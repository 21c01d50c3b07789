"""The user's own file back, with what was said of each row written beside it.

Each sheet that was read gets a column « Contrôle CaRE »: what became of the row, and what to do about it; the cells in
question are coloured and carry a comment. Corrected, the file may be dropped again: the column is not data, and the next
round writes in the same one.

The workbook itself is given back where that keeps all of it (`annotate_child`). Elsewhere a new one is written from what
was read, and says so on its first sheet (`annotate_new`). Nothing here knows the database, and no sheet is held in memory.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO

from importers.annotation import new_workbook as annotate_new
from importers.annotation.notes import COMMENTED, Notes, SortedNotes, Status
from importers.faults import Unreadable
from importers.layout.layouts import ANNOTATION
from importers.limits import LIMITS, MEGABYTE, Limits
from importers.reading import gate
from importers.reading.sheet import read
from tenants.confined import confined

__all__ = ["KEPT_CELLS", "NEW", "SAME", "Notes", "Status", "annotate"]

SAME, NEW = "same", "new"
KEPT_CELLS = 200_000  # a workbook with more is written anew: rewriting it in place would take too much memory
_LAST_COLUMN = 16_384
_RESULT = 64 * MEGABYTE  # of the annotated workbook


def annotate(
    path: Path, output: BinaryIO, notes: Notes, *, filename: str, made_on: datetime, limits: Limits = LIMITS
) -> str:
    """Write to `output` the annotated copy of the file at `path`; return SAME for the workbook itself, NEW for another.

    `filename` is how the user calls it; `made_on` dates a new workbook, so that the same input gives the same bytes.
    Raises Unreadable for a file that could not be read in the first place.
    """
    form = gate.inspect(path, limits)
    with closing(SortedNotes(notes)) as kept:
        if form == "xlsx" and _in_place(path, output, kept, limits):
            return SAME
        annotate_new.write(read(path, limits), output, kept, filename, made_on)
    return NEW


def _in_place(path: Path, output: BinaryIO, notes: SortedNotes, limits: Limits) -> bool:
    """Annotate the workbook itself; False when it would lose something, or when the process that tries dies."""
    asked = {
        "memory": limits.memory, "cpu_seconds": limits.cpu_seconds, "kept_cells": KEPT_CELLS, "columns": limits.columns,
        "last_column": _LAST_COLUMN, "header": ANNOTATION,
    }  # fmt: skip
    command = [str(path.resolve()), json.dumps(asked)]
    with tempfile.TemporaryFile() as orders, tempfile.TemporaryFile() as result:
        orders.writelines(_orders(notes))
        orders.seek(0)
        with confined("importers.annotation.child", *command, wall_seconds=limits.wall_seconds, given=orders) as child:
            if not _copy(child.output, result) or child.end() != 0:
                return False
        if not _is_workbook(result, limits):
            return False
        result.seek(0)
        shutil.copyfileobj(result, output)
    return True


def _orders(notes: SortedNotes) -> Iterator[bytes]:
    budget = [COMMENTED]
    for sheet, header in notes.header_rows.items():
        yield _line({"sheet": sheet, "header": header, "note": notes.sheet_note(sheet)})
        for row in notes.rows(sheet, budget):
            yield _line([row.row, row.text, row.worst, row.cells])


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _copy(source: IO[bytes], target: IO[bytes]) -> bool:
    """Copy what the process writes; False when it writes more than a workbook."""
    size = 0
    while block := source.read(MEGABYTE):
        size += len(block)
        if size > _RESULT:
            return False
        target.write(block)
    return True


def _is_workbook(result: Any, limits: Limits) -> bool:
    """Hold what the process wrote against the gate of every file: a hostile one may have taken it over."""
    bounds = dataclasses.replace(limits, file_size=_RESULT, unpacked_size=4 * limits.unpacked_size)
    with contextlib.suppress(Unreadable):
        return gate.inspect(result, bounds) == "xlsx"
    return False
