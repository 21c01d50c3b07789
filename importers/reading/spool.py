"""Runs the reading process and keeps what it says on disk: rows in an unlinked temporary file, the rest in memory.

Whatever kills the process, and whatever it says when a file has taken it over, becomes one French sentence.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import tempfile
import weakref
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from importers.faults import Unreadable
from importers.limits import Limits
from importers.reading.child import OUT_OF_MEMORY
from tenants.confined import confined

_BLOCK = 256 * 1024
_ESCAPED = 12  # bytes of JSON for one character, at most
_ROOM = 1024 * 1024  # in a line, for all that is not text


@dataclass
class Lines:
    """What was said of one sheet: its first and last words, and where its rows are in the spool."""

    start: dict[str, Any]
    begin: int
    numbers: array[int] = field(default_factory=lambda: array("L"))
    offsets: array[int] = field(default_factory=lambda: array("Q"))
    end: dict[str, Any] = field(default_factory=dict)


class Spool:
    """The lines of one workbook. The file has no name and goes with this object."""

    def __init__(self) -> None:
        file = tempfile.TemporaryFile()  # noqa: SIM115  closed when nothing reads the rows any more
        weakref.finalize(self, file.close)
        self._file = file
        self._size = 0
        self.sheets: list[Lines] = []
        self.done: dict[str, Any] | None = None

    def add(self, line: bytes) -> None:
        """Keep one line. Raises ValueError, KeyError... for what is not one."""
        if not line.endswith(b"\n") or self.done is not None:
            raise ValueError("line")
        if line.startswith(b"["):
            sheet = self.sheets[-1]
            number = int(line[1 : line.index(b",")])
            if sheet.numbers and number <= sheet.numbers[-1]:
                raise ValueError("rows")
            sheet.numbers.append(number)
            sheet.offsets.append(self._size)
            self._file.write(line)
            self._size += len(line)
            return
        value = json.loads(line)
        if "sheet" in value:
            self.sheets.append(Lines(value["sheet"], self._size))
        elif "end" in value:
            self.sheets[-1].end = value["end"]
        else:
            self.done = value["done"]

    def rewind(self) -> None:
        """Make what was written readable."""
        self._file.flush()

    def line(self, offset: int) -> bytes:
        """Return the row that begins there."""
        return next(self.lines(offset, 1))

    def lines(self, offset: int, count: int) -> Iterator[bytes]:
        """Yield so many rows; several readers may be at different places."""
        rest = b""
        while count > 0:
            block = os.pread(self._file.fileno(), _BLOCK, offset)
            if not block:
                return
            offset += len(block)
            *whole, rest = (rest + block).split(b"\n")
            yield from whole[:count]
            count -= len(whole)


def run(form: str, path: Path, limits: Limits) -> Spool:
    """Read a file in the limited process, to its end. Raises Unreadable."""
    command = [form, str(path.resolve()), json.dumps(dataclasses.asdict(limits))]
    with confined("importers.reading.child", *command, wall_seconds=limits.wall_seconds) as child:
        try:
            return _until_done(child.output, limits)
        except _Died:
            code = child.end()
            raise _death(code, late=child.late, limits=limits) from None


class _Died(Exception):
    """The output of the process ended before its last line."""


def _until_done(output: IO[bytes], limits: Limits) -> Spool:
    spool, size = Spool(), 0
    longest = limits.columns * limits.cell_length * _ESCAPED + _ROOM
    while line := output.readline(longest):
        size += len(line)
        if size > 4 * limits.unpacked_size:  # a text used by a million cells
            raise refusal("bomb", limits, "output of the child")
        if line.startswith(b'{"error"'):
            raise _told(line, limits)
        try:
            spool.add(line)
        except (ValueError, TypeError, LookupError, OverflowError) as error:
            raise refusal("damaged", limits, f"line of the child: {error}") from error
    if spool.done is None:
        raise _Died
    spool.rewind()
    return spool


def _told(line: bytes, limits: Limits) -> Unreadable:
    try:
        value = json.loads(line)
    except ValueError as error:
        return refusal("damaged", limits, f"line of the child: {error}")
    return refusal(str(value["error"]), limits, str(value.get("detail", "")))


def _death(code: int, *, late: bool, limits: Limits) -> Unreadable:
    if late or code == -signal.SIGXCPU:
        return refusal("time", limits, f"exit {code}")
    if code in (OUT_OF_MEMORY, -signal.SIGKILL, -signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS):
        return refusal("memory", limits, f"exit {code}")
    return refusal("damaged", limits, f"exit {code}")


def refusal(code: str, limits: Limits, detail: str) -> Unreadable:
    """Say why a file was not read; a code that is not known means a damaged file."""
    split = "Supprimez les feuilles et les lignes inutiles, ou déposez un classeur par établissement."
    again = (
        "Ouvrez-le dans votre tableur, vérifiez-le, enregistrez-le au format « Classeur Excel (.xlsx) », "
        "puis déposez-le de nouveau."
    )
    again_with_vigie = "Repartez du classeur fourni par Vigie et copiez-y vos valeurs."
    reasons = {
        "memory": ("Ce classeur est trop lourd : sa lecture demande trop de mémoire.", split),
        "time": ("Ce classeur est trop long à lire : la lecture a été arrêtée.", split),
        "bomb": ("Ce classeur est refusé : une fois décompressé, il serait démesurément gros.", split),
        "sheets": (f"Ce classeur a plus de {limits.sheets} feuilles.", split),
        "rows": (f"La feuille « {detail} » a plus de {_thousands(limits.rows)} lignes remplies.", split),
        "cells": (f"Ce classeur a plus de {_thousands(limits.cells)} cellules remplies.", split),
        "nul": (
            "Ce fichier texte contient des caractères nuls : il est abîmé, ou ce n’est pas un fichier CSV.",
            "Enregistrez de nouveau votre tableau au format « Classeur Excel (.xlsx) », puis déposez-le.",
        ),
        "macros": (
            "Ce fichier est un ancien classeur Excel (.xls) avec macros, que Vigie n’ouvre pas.",
            "Dans Excel, enregistrez-le au format « Classeur Excel (.xlsx) », sans macros, puis déposez ce fichier.",
        ),
        "entities": (
            "Ce classeur est refusé : il contient des déclarations XML interdites (DOCTYPE ou entités).",
            again_with_vigie,
        ),
    }
    reason, remedy = reasons.get(code, ("Ce classeur est abîmé ou incomplet : son contenu ne peut pas être lu.", again))
    return Unreadable(code if code in reasons else "damaged", reason, remedy, detail=detail)


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")
