"""The process that opens a piece: `python -m compliance.inspection.child PATH LIMITS`, whose last line is what it found (JSON).

It limits its own memory, time and powers. It imports nothing of the product but its own package and `tenants.restraint`, so that
a file that takes it over finds neither session nor secret. It never writes an identifier: it counts them.
"""

from __future__ import annotations

import importlib
import io
import json
import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from compliance.inspection import child_ole, child_package
from compliance.inspection.findings import Bounded, Findings
from compliance.inspection.signature import (
    CSV,
    EXECUTABLE,
    HEAD,
    HTML,
    JPEG,
    OLE,
    PDF,
    PNG,
    SVG,
    TEXTS,
    ZIP,
    encoding,
    holds_archive,
    is_whole_picture,
    media_type,
)
from tenants.restraint import restrain

_BLOCK = 64 * 1024
_UNKNOWN = "Vigie ne lit pas ce format : le contenu n’a pas été vérifié."
_DEEPEST = 2  # files inside files inside the file
_TOO_LONG = "Ce fichier est trop long à lire : il n’a pas été lu en entier."
_TOO_LARGE = "Ce fichier demande trop de mémoire : il n’a pas été lu en entier."
_DAMAGED = "Ce fichier est abîmé ou incomplet : il ne peut pas être lu."


def main(arguments: list[str]) -> int:
    """Inspect the file named by the first argument within the limits of the second (JSON)."""
    path, limits = Path(arguments[0]), json.loads(arguments[1])
    output, sys.stdout = sys.stdout, sys.stderr  # nobody else writes lines
    findings = Findings(limits)
    signal.signal(signal.SIGXCPU, _stop)
    restrain(limits["memory"], limits["cpu_seconds"])
    logging.disable(logging.CRITICAL)
    with path.open("rb") as stream:
        findings.media_type = media_type(stream.read(HEAD))
        _say(output, findings.told() | {"partly_read": True})  # what is known, should the rest kill this process
        stream.seek(0)
        examine(stream, findings)
    _say(output, findings.told())
    return 0


def examine(stream: BinaryIO, findings: Findings) -> None:
    """Find what a file is and holds. Whatever stops the reading becomes a sentence of the findings."""
    try:
        findings.media_type = media_type(stream.read(HEAD))
        stream.seek(0)
        _read(stream, findings)
    except Bounded as bound:
        _stopped(findings, str(bound))
    except MemoryError:
        _stopped(findings, _TOO_LARGE)
    except Exception:  # noqa: BLE001  whatever a damaged file provokes becomes one clean answer
        _stopped(findings, _DAMAGED)


def _say(output: Any, told: dict[str, Any]) -> None:
    output.write(json.dumps(told) + "\n")
    output.flush()


def _stop(*_: object) -> None:
    raise Bounded(_TOO_LONG)


def _stopped(findings: Findings, sentence: str) -> None:
    findings.partly_read = True
    findings.say(sentence)


def _read(stream: BinaryIO, findings: Findings) -> None:
    """Read a file by what it is; a file inside is read the same way, and its type is not that of the whole."""
    head = stream.read(HEAD)
    stream.seek(0)
    kind = media_type(head)
    findings.executable |= kind == EXECUTABLE

    def nested(inside: BinaryIO) -> None:
        if findings.depth >= _DEEPEST:
            findings.partly_read = True
            findings.say("Ce fichier contient des fichiers dans des fichiers : les plus profonds n’ont pas été lus.")
            return
        findings.depth += 1
        try:
            _read(inside, findings)
        finally:
            findings.depth -= 1

    if findings.depth == 0 and _is_polyglot(stream, head, kind):
        findings.polyglot = True
        child_package.read(stream, findings, nested)
        stream.seek(0)
    _read_as(kind, stream, head, findings, nested)


def _read_as(kind: str, stream: BinaryIO, head: bytes, findings: Findings, nested: Callable[[BinaryIO], None]) -> None:
    if kind == PDF:
        importlib.import_module("compliance.inspection.child_pdf").read(
            stream, findings, nested
        )  # costs 0.2 s: for PDF alone
    elif kind == ZIP:
        child_package.read(stream, findings, nested)
    elif kind == OLE:
        child_ole.read(stream, findings)
    elif kind in TEXTS:
        _text(stream, findings, encoding(head), active=kind in {HTML, SVG})
    elif kind in {PNG, JPEG}:
        if not is_whole_picture(stream, kind):
            findings.say("Cette image est incomplète : sa fin manque.")
    elif not findings.executable:
        _stopped(findings, _UNKNOWN)


def _is_polyglot(stream: BinaryIO, head: bytes, kind: str) -> bool:
    """Tell whether a file is two formats at once, so that two programs would show two contents."""
    if kind not in {PDF, OLE, CSV} and b"%PDF-" in head[:1024]:
        return True
    return kind not in {ZIP, OLE} and holds_archive(stream)


def _text(stream: BinaryIO, findings: Findings, charset: str, *, active: bool) -> None:
    with io.TextIOWrapper(stream, encoding=charset, errors="replace", newline=None) as text:
        while piece := text.read(_BLOCK):
            findings.check_time()
            findings.spend(len(piece))
            findings.text(piece)
            findings.macros |= active and "<script" in piece.lower()
    findings.end_of_part()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
