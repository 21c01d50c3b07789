"""A workbook as typed cells, read by a limited child process.

This module never parses a workbook: it starts `importers.child`, reads its lines, and turns its death, whatever the
cause, into one French sentence.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from importers import gate
from importers.child import OUT_OF_MEMORY
from importers.faults import Unreadable
from importers.limits import LIMITS, Limits

_ROOT = Path(__file__).resolve().parents[1]
_GRACE = 5.0  # seconds for a child that has said everything to end
_ENVIRONMENT = {"LANG": "C.UTF-8", "OPENPYXL_LXML": "False", "OPENPYXL_DEFUSEDXML": "True"}


class CellKind(StrEnum):
    """What a cell holds, as the file says it (not as it looks)."""

    TEXT = "text"
    LONG = "long"  # text over the limit; the value is its beginning
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"  # the value is ISO 8601, converted with the epoch of the workbook
    TIME = "time"
    ERROR = "error"  # #REF!, #N/A...
    FORMULA = "formula"  # a formula that was never calculated: the file holds no value


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that holds something; row and column count from 1."""

    row: int
    column: int
    kind: CellKind
    value: str | float | bool

    @property
    def address(self) -> str:
        """A1 address, for people."""
        return f"{column_letters(self.column)}{self.row}"

    @property
    def text(self) -> str:
        """The value as a person sees it."""
        if self.kind is CellKind.FORMULA:
            return "(formule sans valeur)"
        if self.kind is CellKind.DATE:
            year, month, day = str(self.value)[:10].split("-")
            return f"{day}/{month}/{year}"
        if isinstance(self.value, bool):
            return "VRAI" if self.value else "FAUX"
        if isinstance(self.value, float):
            return f"{self.value:.15g}".replace(".", ",")
        return str(self.value)


@dataclass(frozen=True)
class ReadSheet:
    """One sheet. `rows` holds only cells that show something: row number, then column number, to cell.

    `beyond` is the first row found after the end of the sheet (more than 50 blank rows), `wide` the first cell found
    beyond the last column read: both were not read and must be told.
    """

    name: str
    visible: bool = True
    filled: bool = True
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    beyond: int | None = None
    wide: str | None = None


@dataclass(frozen=True)
class ReadBook:
    """A workbook as read: `epoch` is 1900 or 1904, for dates stored as plain numbers."""

    sheets: tuple[ReadSheet, ...]
    epoch: int = 1900
    care_kit_name: str | None = None  # what the defined name CARE_KIT refers to

    @cached_property
    def care_kit(self) -> str | None:
        """`kit;version;id` of the kit this file was made from, or None."""
        if not self.care_kit_name:
            return None
        constant = re.fullmatch(r'="?([^"]*)"?|"([^"]*)"', self.care_kit_name)
        if constant:
            return constant.group(1) or constant.group(2)
        place = re.fullmatch(r"'?(.+?)'?!\$?([A-Z]{1,3})\$?(\d{1,7})(?::.*)?", self.care_kit_name)
        if place is None:
            return None
        name, column, row = place.group(1).replace("''", "'"), column_number(place.group(2)), int(place.group(3))
        for sheet in self.sheets:
            cell = sheet.rows.get(row, {}).get(column)
            if sheet.name == name and cell is not None:
                return cell.text
        return None


def column_letters(number: int) -> str:
    """Write a column number as letters: A, B ... Z, AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Read column letters: 1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def read(path: Path, limits: Limits = LIMITS) -> ReadBook:
    """Read the .xlsx at `path`. Raises Unreadable; whatever the file is, nothing else comes out of it."""
    gate.inspect(path, limits)
    head: dict[str, Any] = {}
    sheets: list[ReadSheet] = []
    current: dict[str, Any] = {}
    rows: dict[int, dict[int, Cell]] = {}
    for line in _lines(path, limits):
        if isinstance(line, list):
            number, cells = line
            rows[number] = {column: Cell(number, column, CellKind(kind), value) for column, kind, value in cells}
        elif "book" in line:
            head = line["book"]
        elif "sheet" in line:
            current, rows = line["sheet"], {}
        elif "end" in line:
            sheets.append(_sheet(current, line["end"], rows))
    if not any(sheet.visible for sheet in sheets):
        raise Unreadable(
            "strict",
            "Aucune feuille visible n’a été trouvée dans ce classeur.",
            "Dans Excel : affichez les feuilles masquées, puis Fichier > Enregistrer sous > « Classeur Excel (.xlsx) » "
            "(et non « Classeur Strict Open XML »).",
        )
    return ReadBook(tuple(sheets), head.get("epoch", 1900), head.get("care_kit"))


def _sheet(start: dict[str, Any], end: dict[str, Any], rows: dict[int, dict[int, Cell]]) -> ReadSheet:
    wide = end.get("wide")
    return ReadSheet(
        name=start["name"],
        visible=start["state"] == "visible",
        filled=end["filled"],
        rows=rows,
        beyond=end.get("beyond"),
        wide=f"{column_letters(wide[1])}{wide[0]}" if wide else None,
    )


def _lines(path: Path, limits: Limits) -> Iterator[Any]:
    """Yield the lines that the child writes; raises Unreadable when it does not reach its last one."""
    command = [sys.executable, "-B", "-E", "-s", "-m", "importers.child", str(path.resolve())]
    command.append(json.dumps(dataclasses.asdict(limits)))
    process = subprocess.Popen(  # noqa: S603  our own module, no shell
        command,
        cwd=_ROOT,
        env=_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    late = threading.Event()
    timer = threading.Timer(limits.wall_seconds, _stop, (process, late))
    timer.start()
    try:
        assert process.stdout is not None  # noqa: S101  asked for above
        yield from _until_done(process.stdout, limits)
    except _Died:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
        raise _death(process.returncode, late=late.is_set(), limits=limits) from None
    finally:
        timer.cancel()
        process.kill()
        if process.stdout is not None:
            process.stdout.close()
        process.wait()


class _Died(Exception):
    """The output of the child ended before its last line."""


def _until_done(output: IO[bytes], limits: Limits) -> Iterator[Any]:
    size = 0
    for line in output:
        size += len(line)
        if size > 4 * limits.unpacked_size:  # the child writes less than it reads; more means it is not itself
            raise _refusal("bomb", limits, "output of the child")
        try:
            value = json.loads(line)
        except ValueError as error:
            raise _Died from error
        if isinstance(value, dict):
            if value.get("done"):
                return
            if "error" in value:
                raise _refusal(value["error"], limits, value.get("detail", ""))
        yield value
    raise _Died


def _stop(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _death(code: int | None, *, late: bool, limits: Limits) -> Unreadable:
    if late or code == -signal.SIGXCPU:
        return _refusal("time", limits, f"exit {code}")
    if code in (OUT_OF_MEMORY, -signal.SIGKILL, -signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS):
        return _refusal("memory", limits, f"exit {code}")
    return _refusal("damaged", limits, f"exit {code}")


def _refusal(code: str, limits: Limits, detail: str) -> Unreadable:
    split = "Supprimez les feuilles et les lignes inutiles, ou déposez un classeur par établissement."
    again = (
        "Ouvrez-le dans Excel, vérifiez-le, enregistrez-le au format « Classeur Excel (.xlsx) », "
        "puis déposez-le de nouveau."
    )
    reasons = {
        "memory": ("Ce classeur est trop lourd : sa lecture demande trop de mémoire.", split),
        "time": ("Ce classeur est trop long à lire : la lecture a été arrêtée.", split),
        "bomb": ("Ce classeur est refusé : une fois décompressé, il serait démesurément gros.", split),
        "sheets": (f"Ce classeur a plus de {limits.sheets} feuilles.", split),
        "rows": (f"La feuille « {detail} » a plus de {_thousands(limits.rows)} lignes remplies.", split),
        "cells": (f"Ce classeur a plus de {_thousands(limits.cells)} cellules remplies.", split),
    }
    reason, remedy = reasons.get(code, ("Ce classeur est abîmé ou incomplet : son contenu ne peut pas être lu.", again))
    return Unreadable(code if code in reasons else "damaged", reason, remedy, detail=detail)


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")
