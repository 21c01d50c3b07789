"""A folder sent as one ZIP: opened under limits, so that nothing it says of itself is believed."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from tenants.errors import Invalid

MOST = 100  # files of one drop, in a ZIP or one by one
LARGEST = 500 * 1024 * 1024  # bytes of one drop, once unpacked
_RATIO, _RATIO_FROM = 200, 1024 * 1024
_DIRECTORY = 64 * 1024 * 1024 // 100  # bytes of a directory that lists a few thousand files
# Others give back in few bytes what asks for gigabytes of memory (LZMA), and no program writes them unasked.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UTF_8 = 0x800  # flag of a member whose name is UTF-8
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_DOCUMENTS = ("[Content_Types].xml", "mimetype")
_LEFT_BY_PROGRAMS = ("thumbs.db", "desktop.ini")
_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


def is_folder(content: BinaryIO) -> bool:
    """Tell whether a file is a ZIP that is no document: Word, Excel and OpenDocument files are ZIP too."""
    content.seek(0)
    head = content.read(4)
    try:
        if head not in _ZIP or _directory_length(content) > _DIRECTORY:
            return False
        with zipfile.ZipFile(content) as archive:
            return not any(mark in archive.namelist() for mark in _DOCUMENTS)
    except _ERRORS:
        return False
    finally:
        content.seek(0)


@contextmanager
def unpacked(content: BinaryIO, room: int) -> Iterator[Iterator[tuple[str, BinaryIO]]]:
    """Give the files of a ZIP one after the other, each on disk and closed after use, with its place in the folder.

    `room` is what is left of `LARGEST` in this drop. Folders, hidden files and what systems leave behind are left out. Raises
    Invalid, before any file, for what is too large, has a password, or lies about its sizes.
    """
    try:
        with zipfile.ZipFile(content) as archive:
            members = [(name, member) for member in archive.infolist() if _is_file(name := _name(member))]
            _check(members, room)
            yield _files(archive, members)
    except _ERRORS as error:
        raise Invalid("Cette archive est abîmée : refaites-la, ou déposez ses fichiers directement.") from error


def _directory_length(content: BinaryIO) -> int:
    """Length of the directory as the end of the file says, before it is loaded."""
    size = content.seek(0, io.SEEK_END)
    content.seek(max(size - 65_557, 0))
    tail = content.read()
    end = tail.rfind(b"PK\x05\x06")
    return int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else size


def _check(members: list[tuple[str, zipfile.ZipInfo]], room: int) -> None:
    if not members:
        raise Invalid("Cette archive est vide.")
    if len(members) > MOST:
        raise Invalid(
            f"Cette archive contient {len(members)} fichiers : {MOST} au plus par dépôt. Déposez-la en plusieurs fois."
        )
    if any(member.flag_bits & 0x1 for _, member in members):
        raise Invalid("Cette archive est protégée par un mot de passe : retirez-le, puis redéposez-la.")
    if any(member.compress_type not in _METHODS for _, member in members):
        raise Invalid("Cette archive est d’un genre que Vigie n’ouvre pas : refaites-la au format ZIP ordinaire.")
    packed = sum(member.compress_size for _, member in members)
    total = sum(member.file_size for _, member in members)
    if total > room or (total > _RATIO_FROM and total > _RATIO * max(packed, 1)):
        raise Invalid("Une fois décompressée, cette archive serait démesurément grosse : déposez-la en plusieurs fois.")


def _files(archive: zipfile.ZipFile, members: list[tuple[str, zipfile.ZipInfo]]) -> Iterator[tuple[str, BinaryIO]]:
    for name, member in members:
        with (
            tempfile.TemporaryFile() as file,
            archive.open(member) as source,
        ):  # reads no more than the member announces
            shutil.copyfileobj(source, file)
            file.seek(0)
            yield name, file


def _name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member; old tools of Windows write it in code page 850, those of macOS in UTF-8 unsaid."""
    name = member.orig_filename
    if not member.flag_bits & _UTF_8:
        raw = name.encode("cp437", "replace")
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("cp850")
    return name.replace("\\", "/")


def _is_file(name: str) -> bool:
    parts = [
        part for part in name.split("/") if part not in (".", "..")
    ]  # a step, not a hidden file: whoever keeps the name drops it
    if not parts[-1] or parts[0] == "__MACOSX" or any(part.startswith(".") for part in parts):
        return False
    return parts[-1].lower() not in _LEFT_BY_PROGRAMS and not re.match(r"~\$", parts[-1])
