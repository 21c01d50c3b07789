"""A PDF: its pages, its text, and what a viewer would run, open or hand out because of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, BinaryIO

from pypdf import PdfReader
from pypdf.errors import DependencyError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from compliance.inspection.findings import Bounded, Findings

_DAMAGED = "Ce PDF est abîmé ou incomplet : il ne peut pas être lu."
_NOT_WALKED = {
    "/Parent",
    "/P",
    "/Contents",
    "/Resources",
    "/StructTreeRoot",
    "/Metadata",
    "/Dest",
    "/D",
    "/AP",
    "/Prev",
}
_OBJECTS = 200_000


def read(stream: BinaryIO, findings: Findings, nested: Callable[[BinaryIO], None]) -> None:
    """Read a PDF; `nested` is called with each file it holds."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(size - 2048, 0))
    whole = b"%%EOF" in stream.read()
    stream.seek(0)
    with findings.tolerating(_DAMAGED):
        reader = PdfReader(stream, strict=False)
        if reader.is_encrypted and not _opened(reader):
            findings.encrypted = True
            return
        pages = len(reader.pages)
        if findings.depth == 0:
            findings.pages = pages
        if not pages or not whole:
            findings.say("Ce PDF paraît incomplet : sa fin manque." if pages else _DAMAGED)
        _walk(reader, findings, nested)
        for page in reader.pages:
            findings.check_time()
            with findings.tolerating("Une page au moins de ce PDF n’a pas pu être lue."):
                text = page.extract_text()
                findings.spend(len(text))
                findings.text(text)
                findings.end_of_part()


def _opened(reader: PdfReader) -> bool:
    """Tell whether the file opens without a password (printing or copying alone may be restricted)."""
    try:
        return bool(reader.decrypt(""))
    except (DependencyError, NotImplementedError):
        return False


def _walk(reader: PdfReader, findings: Findings, nested: Callable[[BinaryIO], None]) -> None:
    """Go through what the catalogue leads to: actions, scripts, annotations, files; never the drawing of the pages."""
    seen: set[int] = set()
    waiting: list[Any] = [reader.root_object]
    steps = 0
    while waiting:
        value = waiting.pop()
        steps += 1
        if steps % 1_000 == 0:
            findings.check_time()
        if steps > _OBJECTS:
            raise Bounded("Ce PDF contient trop d’objets : ils n’ont pas tous été examinés.")
        with findings.tolerating("Une partie de ce PDF n’a pas pu être lue."):
            if isinstance(value, IndirectObject):
                if value.idnum in seen:
                    continue
                seen.add(value.idnum)
                value = value.get_object()
            if isinstance(value, DictionaryObject):
                _judge(value, findings, nested)
                waiting.extend(child for key, child in dict.items(value) if key not in _NOT_WALKED)
            elif isinstance(value, ArrayObject):
                waiting.extend(list.__iter__(value))


def _judge(value: DictionaryObject, findings: Findings, nested: Callable[[BinaryIO], None]) -> None:
    action = value.get("/S")
    if action == "/JavaScript" or "/JS" in value:
        findings.macros = True
    elif action in {"/Launch", "/ImportData", "/Rendition"}:
        findings.macros |= action == "/Launch"
        findings.external_links += 1
    elif action in {"/GoToR", "/GoToE", "/SubmitForm"} or (action == "/URI" and _is_local(str(value.get("/URI", "")))):
        findings.external_links += 1
    held = value.get("/EF")
    if isinstance(held, DictionaryObject):
        findings.embedded_files += 1
        content = held.get("/F") or held.get("/UF")
        content = content.get_object() if content is not None else None
        if isinstance(content, StreamObject):
            data = content.get_data()
            findings.spend(len(data))
            nested(io.BytesIO(data))


def _is_local(address: str) -> bool:
    """Tell whether an address is a file or a share of somebody's network; a site of the web waits for a click."""
    return address.lower().startswith(("file:", "\\\\", "smb:"))
