"""The dossier as a tagged PDF (PDF/UA-1 and PDF/A-3a in one file), the same bytes for the same document."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from compliance.reports import canonical
from compliance.reports.dossier_view import view
from tenants.confined import confined

TEMPLATE = Path(__file__).parent / "dossier.typ"
MEGABYTE = 1024 * 1024
LIMITS = {"memory": 1024 * MEGABYTE, "cpu_seconds": 120}  # address space in bytes
WALL_SECONDS = 180.0
LARGEST = 64 * MEGABYTE  # bytes of a PDF: 500 pieces take 1.5 MB


class PdfRefused(Exception):
    """The document could not be laid out; the message is for the operator, not for the reader."""


def build(doc: Mapping[str, Any]) -> bytes:
    """The printed dossier of a canonical document.

    Everything in ``doc`` is printed as text, never read as markup; no file outside this folder can be read, no
    system font is used and nothing is fetched. The creation date is ``doc["on"]`` at 00:00 UTC. Raises PdfRefused.
    """
    read = canonical.plain(doc)
    return compile_pdf(TEMPLATE.read_text(encoding="utf-8"), {"dossier": view(read)}, date.fromisoformat(read["on"]))


def compile_pdf(template: str, data: Mapping[str, Any], on: date) -> bytes:
    """Compile ``template`` in a process of its own, each value of ``data`` a JSON input of that name. Raises PdfRefused."""
    asked = {
        "template": template,
        "inputs": {name: json.dumps(value, ensure_ascii=False) for name, value in data.items()},
        "timestamp": int(datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp()),
    }
    with tempfile.TemporaryFile() as given:
        given.write(json.dumps(asked).encode())
        given.seek(0)
        child_of = "compliance.reports.dossier_child"
        with confined(child_of, json.dumps(LIMITS), wall_seconds=WALL_SECONDS, given=given) as child:
            said = child.output.read(LARGEST)
            code = child.end()
    if code != 0 or not said.startswith(b"%PDF-"):
        raise PdfRefused(said[:2000].decode(errors="replace") or f"exit {code}")
    return said
