"""The dossier as a tagged PDF (PDF/UA-1 and PDF/A-3a in one file), the same bytes for the same document."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from compliance.reports import canonical
from compliance.reports.dossier_view import view
from compliance.reports.printable import FONTS

TEMPLATE = Path(__file__).parent / "dossier.typ"
NOWHERE = Path(os.devnull)  # a package cannot live nor be stored there: templates use none
STANDARDS = ["ua-1", "a-3a"]


class PdfRefused(Exception):
    """The document could not be laid out; the message is for the operator, not for the reader."""


def build(doc: Mapping[str, Any]) -> bytes:
    """The printed dossier of a canonical document.

    Everything in ``doc`` is printed as text, never read as markup; no file outside this folder can be read, no
    system font is used and nothing is fetched. The creation date is ``doc["on"]`` at 00:00 UTC. Raises PdfRefused.
    """
    read = canonical.plain(doc)
    return compile_pdf(TEMPLATE.read_bytes(), {"dossier": view(read)}, date.fromisoformat(read["on"]))


def compile_pdf(template: bytes, data: Mapping[str, Any], on: date) -> bytes:
    """Compile ``template`` with each value of ``data`` as a JSON input of that name. Raises PdfRefused."""
    moment = datetime(on.year, on.month, on.day, tzinfo=UTC)
    try:
        pdf: bytes = typst.compile(  # type: ignore[call-overload]  # stubs want the template and root of one type
            template,
            root=TEMPLATE.parent,
            font_paths=_fonts(),
            format="pdf",
            pdf_standards=STANDARDS,
            sys_inputs={name: json.dumps(value, ensure_ascii=False) for name, value in data.items()},
            timestamp=int(moment.timestamp()),
            package_path=NOWHERE,
            package_cache_path=NOWHERE,
        )
    except typst.TypstError as error:
        raise PdfRefused(str(error)) from error
    _give_back()
    return pdf


def _give_back() -> None:
    """Give back to the system what the layout freed: a large dossier held 120 MB of it while its archive was written."""
    with suppress(OSError, AttributeError):  # the C library of GNU alone has this
        ctypes.CDLL(None).malloc_trim(0)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
