"""An old Office container (OLE, [MS-CFB]): what document it is, whether it has a password, macros or objects; its text, run by run."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

from compliance.inspection import child_raw
from compliance.inspection.findings import Findings

_ENTRY = (
    128  # bytes of a directory entry: 64 of name (UTF-16), its length at 64, its kind at 66, its first sector at 116
)
_DOCUMENTS = (
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
)
_MACROS = {"_VBA_PROJECT", "_VBA_PROJECT_CUR", "VBA", "Macros"}
_EMBEDDED = re.compile(r"ObjectPool|\x01Ole10Native|Package|MBD[0-9A-F]{8}")
_DAMAGED = "Ce document est abîmé ou incomplet : une partie n’a pas pu être lue."
_WORD_ENCRYPTED = 0x0100  # flag of the header of a Word document ([MS-DOC], FibBase, fEncrypted)
_FILEPASS = 0x2F  # record of an encrypted workbook ([MS-XLS])


def read(stream: BinaryIO, findings: Findings) -> None:
    """Read an old document."""
    data = stream.read()
    findings.spend(len(data))
    with findings.tolerating(_DAMAGED):
        entries = dict(_entries(data))
        kinds = [kind for name, kind in _DOCUMENTS if name in entries]
        if findings.depth == 0 and not findings.polyglot:
            findings.media_type = kinds[0] if kinds else findings.media_type
        findings.macros |= not _MACROS.isdisjoint(entries)
        findings.embedded_files += sum(bool(_EMBEDDED.fullmatch(name)) for name in entries)
        if {"EncryptedPackage", "EncryptedSummary"} & entries.keys() or _has_password(data, entries):
            findings.encrypted = True
            return
        if not entries:
            findings.say(_DAMAGED)
    child_raw.read(data, findings)


def _entries(data: bytes) -> Iterator[tuple[str, int]]:
    """Yield the name and first sector of what looks like a directory entry, wherever it is: a damaged table hides nothing."""
    root = "Root Entry\0".encode("utf-16-le")
    for start in range(512, len(data) - _ENTRY + 1, _ENTRY):
        length, kind = struct.unpack_from("<HB", data, start + 64)
        if kind not in {1, 2} or not 4 <= length <= 64 or length % 2 or data[start : start + len(root)] == root:
            continue
        name = data[start : start + length].decode("utf-16-le", "replace")
        if name.endswith("\0") and "\0" not in name[:-1] and name[0] in _STARTS:
            yield name[:-1], struct.unpack_from("<I", data, start + 116)[0]


_STARTS = frozenset("\x01\x02\x03\x05\x06") | {chr(code) for code in range(32, 127)}


def _has_password(data: bytes, entries: dict[str, int]) -> bool:
    size = 1 << struct.unpack_from("<H", data, 30)[0] if len(data) > 32 else 512
    word = (entries.get("WordDocument", 0) + 1) * size
    if "WordDocument" in entries and data[word : word + 2] == b"\xec\xa5":
        return bool(struct.unpack_from("<H", data, word + 10)[0] & _WORD_ENCRYPTED)
    book = next((entries[name] for name in ("Workbook", "Book") if name in entries), None)
    if book is None:
        return False
    place = (book + 1) * size
    for _ in range(20):
        if place + 4 > len(data):
            break
        kind, length = struct.unpack_from("<HH", data, place)
        if kind == _FILEPASS:
            return True
        place += 4 + length
    return False
