"""What a file is by its first bytes, and by its last ones: never by its name."""

from __future__ import annotations

import io
import re
import zipfile
from typing import BinaryIO

HEAD = 4096
PDF, PNG, JPEG, ZIP = "application/pdf", "image/png", "image/jpeg", "application/zip"
OLE, EXECUTABLE, OTHER = "application/x-ole-storage", "application/x-executable", "application/octet-stream"
PLAIN, CSV, HTML, SVG = "text/plain", "text/csv", "text/html", "image/svg+xml"
RTF = "application/rtf"
TEXTS = {PLAIN, CSV, HTML, SVG, RTF}

_SIGNATURES = (
    (b"MZ", EXECUTABLE),
    (b"\x7fELF", EXECUTABLE),
    (b"\xfe\xed\xfa\xce", EXECUTABLE),
    (b"\xfe\xed\xfa\xcf", EXECUTABLE),
    (b"\xce\xfa\xed\xfe", EXECUTABLE),
    (b"\xcf\xfa\xed\xfe", EXECUTABLE),
    (b"\xca\xfe\xba\xbe", EXECUTABLE),  # Mach-O of several processors, Java class
    (b"L\x00\x00\x00\x01\x14\x02\x00", EXECUTABLE),  # Windows shortcut
    (b"#!", EXECUTABLE),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"{\\rtf", RTF),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x1f\x8b", "application/gzip"),
)
_SCRIPTS = re.compile(
    r"\s*(?:@echo\s+off|set-executionpolicy|\$erroractionpreference|createobject\s*\()", re.IGNORECASE
)
_SEPARATORS = ";\t,|"


def media_type(head: bytes) -> str:
    """Return the type of a file by its first bytes (`HEAD` of them); that of a package or of an old container is told inside it."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            # Two letters are few: a program says more in its header, a text that begins so is a text.
            return PLAIN if signature == b"MZ" and b"\0" not in head[:64] else kind
    if b"%PDF-" in head[:1024]:
        return PDF
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return _text(head)


def _text(head: bytes) -> str:
    text = decoded(head)
    if text is None:
        return OTHER
    if _SCRIPTS.match(text):
        return EXECUTABLE
    lowered = text.lstrip("\ufeff \t\r\n").lower()
    if "<svg" in lowered and lowered.startswith("<"):
        return SVG
    if lowered.startswith(("<!doctype html", "<html", "<head", "<body", "<script", "<table", "mime-version")):
        return HTML
    lines = [line for line in text.splitlines()[:20] if line.strip()][:-1]
    for separator in _SEPARATORS:
        counts = {line.count(separator) for line in lines}
        if len(lines) > 1 and len(counts) == 1 and counts != {0}:
            return CSV
    return PLAIN


def decoded(head: bytes) -> str | None:
    """Return the text of the first bytes of a file, or None when they are not text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    if b"\0" in head:
        return None
    text = head.decode("cp1252", "replace")
    strange = sum(character < " " and character not in "\t\r\n\f\x1b" for character in text)
    return None if strange * 20 > len(text) else text


def encoding(head: bytes) -> str:
    """Return the encoding of a text by its first bytes."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # not a character cut by the end of the head
            return "cp1252"
    return "utf-8-sig"


def holds_archive(stream: BinaryIO) -> bool:
    """Tell whether a file that is something else can be opened as an archive too."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return bool(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return False
    finally:
        stream.seek(0)


def is_whole_picture(stream: BinaryIO, kind: str) -> bool:
    """Tell whether a PNG or a JPEG holds its end: one cut on its way does not."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(size - 65_536, 0))
    mark = b"IEND" if kind == PNG else b"\xff\xd9"
    whole = mark in stream.read()
    stream.seek(0)
    return whole
