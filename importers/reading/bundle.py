"""What somebody deposits at once: one workbook, or a ZIP of several."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from typing import BinaryIO

from importers.faults import Unreadable
from importers.limits import LIMITS, MEGABYTE, Limits
from importers.reading import package

MOST = 50  # files in one ZIP
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_IN_MEMORY = 1024 * 1024
_UTF_8 = 0x800  # flag of a member whose name is UTF-8
_LEFT_BY_PROGRAMS = ("thumbs.db", "desktop.ini")
_MARKS = ("[Content_Types].xml", "mimetype")


def unpack(filename: str, content: BinaryIO, limits: Limits = LIMITS) -> list[tuple[str, BinaryIO]]:
    """Return the files of a ZIP that is not itself a workbook; anything else gives itself, to be judged by the gate.

    Folders, hidden files and those that systems and programs leave behind are left out. Each file is a stream at its
    beginning, on disk when it is large; close it. Raises Unreadable for a ZIP that is empty, damaged, hostile, or holds
    another ZIP.
    """
    size = content.seek(0, io.SEEK_END)
    content.seek(0)
    head = content.read(4)
    content.seek(0)
    if head not in _ZIP or size > limits.file_size:
        return [(filename, content)]
    package.check_directory(content, size, limits)
    try:
        with zipfile.ZipFile(content) as archive:
            if _is_workbook(archive.namelist()):
                content.seek(0)
                return [(filename, content)]
            return _files(archive, limits)
    except package.READ_ERRORS as error:
        raise package.damaged(str(error)) from error


def _is_workbook(names: list[str]) -> bool:
    return any(mark in names for mark in _MARKS) or any(name.endswith(".iwa") for name in names)


def _files(archive: zipfile.ZipFile, limits: Limits) -> list[tuple[str, BinaryIO]]:
    members = archive.infolist()
    package.check_members(members, limits)
    package.check_sizes(members, limits)
    wanted = [(name, member) for member in members if _is_file(name := _name(member))]
    if not wanted:
        raise package.not_a_workbook()
    if len(wanted) > MOST:
        raise Unreadable(
            "members",
            f"Cette archive contient {len(wanted)} fichiers ; la limite est de {MOST}.",
            "Déposez-les en plusieurs fois.",
        )
    found: list[tuple[str, BinaryIO]] = []
    try:
        for name, member in wanted:
            if member.file_size > limits.file_size:
                raise Unreadable(
                    "too_large",
                    f"Le fichier « {name[:80]} » de cette archive est trop gros.",
                    f"Un fichier pèse au plus {limits.file_size // MEGABYTE} Mo : retirez-le de l’archive.",
                )
            found.append((name, _copy(archive, member)))
            if _is_archive(found[-1][1], member.file_size, limits):
                raise Unreadable(
                    "archive",
                    "Cette archive en contient une autre.",
                    "Décompressez-les, puis déposez les classeurs qu’elles contiennent.",
                    detail=name,
                )
    except BaseException:
        for _, stream in found:
            stream.close()
        raise
    return found


def _name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member; old tools of Windows write it in code page 850, those of macOS in UTF-8 unsaid."""
    name = member.orig_filename
    if not member.flag_bits & _UTF_8:
        raw = name.encode("cp437")
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("cp850")
    return name.replace("\\", "/")


def _is_file(name: str) -> bool:
    parts = name.split("/")
    if not parts[-1] or parts[0] == "__MACOSX" or any(part.startswith(".") for part in parts):
        return False
    return parts[-1].lower() not in _LEFT_BY_PROGRAMS and not parts[-1].startswith("~$")


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BinaryIO:
    stream = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  the caller closes it
    try:
        with archive.open(member) as source:
            shutil.copyfileobj(source, stream)
        stream.seek(0)
    except BaseException:
        stream.close()
        raise
    return stream  # type: ignore[return-value]  # has all of BinaryIO since Python 3.11


def _is_archive(stream: BinaryIO, size: int, limits: Limits) -> bool:
    """Tell whether a file is a ZIP of anything but a workbook."""
    head = stream.read(4)
    stream.seek(0)
    if head not in _ZIP:
        return False
    try:
        package.check_directory(stream, size, limits)
        stream.seek(0)
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
    except (Unreadable, *package.READ_ERRORS):
        names = list(_MARKS)  # the gate says what is wrong with it
    stream.seek(0)
    return not _is_workbook(names)
