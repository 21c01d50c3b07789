"""Runs the process that opens a piece, and gives what it found; whatever kills that process becomes a sentence."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenants.confined import confined

MEGABYTE = 1024 * 1024
_ESCAPED = 12  # bytes of JSON for one character, at most


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of one inspection. Sizes are in bytes, times in seconds."""

    file_size: int = 50 * MEGABYTE
    unpacked: int = 300 * MEGABYTE  # everything read once unpacked, files inside files included
    ratio: int = 200  # unpacked over packed size, of an element above 1 MB
    members: int = 5_000
    excerpt: int = 20_000  # characters of text given back
    memory: int = 768 * MEGABYTE  # address space of the process
    cpu_seconds: int = 60
    wall_seconds: int = 120


LIMITS = Limits()


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What a file is and holds.

    `media_type` comes from its bytes. `encrypted`: a password is needed to open it. `macros`: it may run something when opened.
    `executable`: it is a program, or holds one. `polyglot`: it is two formats at once. `external_links`: what it reads or opens
    elsewhere. `text` is the beginning of its text; `identifiers` counts the distinct NIR or INS of the whole of it. `partly_read`:
    a limit stopped the reading, so that what was not read may hold more. `problem` is a French sentence, or nothing.
    """

    media_type: str = "application/octet-stream"
    encrypted: bool = False
    macros: bool = False
    executable: bool = False
    polyglot: bool = False
    external_links: int = 0
    embedded_files: int = 0
    pages: int | None = None
    identifiers: int = 0
    partly_read: bool = False
    problem: str = ""
    text: str = ""


def inspect(path: Path, limits: Limits = LIMITS) -> Inspection:
    """Inspect the file at `path` in a limited process. Raises nothing because of what the file holds."""
    size = path.stat().st_size
    if size == 0:
        return Inspection(problem="Ce fichier est vide (0 octet).")
    if size > limits.file_size:
        return Inspection(partly_read=True, problem="Ce fichier est trop gros pour être lu.")
    with confined(
        "compliance.inspection.child",
        str(path.resolve()),
        json.dumps(dataclasses.asdict(limits)),
        wall_seconds=limits.wall_seconds,
    ) as child:
        output = child.output.read(
            _ESCAPED * limits.excerpt + MEGABYTE
        )  # a process taken over may say anything, for ever
        code = child.end()
    return _read(output, code, late=child.late, limits=limits)


def _read(output: bytes, code: int, *, late: bool, limits: Limits) -> Inspection:
    """Take the last line that is one; a process killed on its way told the type of the file before."""
    found = Inspection(partly_read=True)
    for line in output.splitlines()[:2]:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            found = _checked(json.loads(line), limits)
    if code == 0 and not late:
        return found
    if late or code in (-signal.SIGXCPU, -signal.SIGKILL):
        problem = "Ce fichier est trop long à lire : il n’a pas été lu en entier."
    else:
        problem = "Ce fichier ne peut pas être lu : sa lecture s’est interrompue."
    return dataclasses.replace(found, partly_read=True, problem=problem)


def _checked(told: dict[str, Any], limits: Limits) -> Inspection:
    """Believe nothing of the process but values of the expected kinds. Raises TypeError or KeyError."""
    values: dict[str, Any] = {}
    for field in dataclasses.fields(Inspection):
        value, usual = told[field.name], field.default
        kind = (int, type(None)) if field.name == "pages" else type(usual)
        if not isinstance(value, kind):
            raise TypeError(field.name)
        values[field.name] = value
    values["text"] = values["text"][: limits.excerpt]
    values["problem"] = values["problem"][:300]
    values["media_type"] = values["media_type"][:100]
    return Inspection(**values)
