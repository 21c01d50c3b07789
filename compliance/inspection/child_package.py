"""A ZIP: an office document (OOXML, OpenDocument) or a plain archive. Sizes are judged before unpacking and counted again while reading."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import IO, BinaryIO

from compliance.inspection import child_raw, child_xml
from compliance.inspection.findings import Bounded, Findings
from compliance.inspection.signature import HEAD, ZIP, media_type

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_OOXML = (("word/", _WORD), ("xl/", _SHEET), ("ppt/", _SLIDES))
# Where the words of a document are, read first so that the excerpt begins with them.
_FIRST = ("word/document.xml", "xl/sharedstrings.xml", "xl/worksheets/", "ppt/slides/", "content.xml")
_MACROS = ("vbaproject.bin", "vbadata.xml", "macrosheets/", "basic/script-lc.xml", "scripts/")
_EMBEDDED = ("/embeddings/", "objectreplacements/", "/activex/")
_DAMAGED = "Ce document est abîmé ou incomplet : une partie n’a pas pu être lue."
_BOMB = "Ce fichier est refusé à la lecture : une fois décompressé, il serait démesurément gros."
_RATIO_FROM = 1024 * 1024


def read(stream: BinaryIO, findings: Findings, nested: Callable[[BinaryIO], None]) -> None:
    """Read a package; `nested` is called with each file it holds."""
    with findings.tolerating(_DAMAGED), zipfile.ZipFile(stream) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        names = [member.filename.replace("\\", "/").lower() for member in members]
        kind = _kind(archive, names)
        if findings.depth == 0 and not findings.polyglot:
            findings.media_type = kind
        if any(member.flag_bits & 0x1 for member in members) or _is_encrypted(archive, names):
            findings.encrypted = True
            return
        _check_sizes(members, findings)
        if kind == ZIP:
            findings.embedded_files += len(members)
        else:
            findings.macros |= any(mark in name for name in names for mark in _MACROS)
            findings.embedded_files += sum(any(mark in f"/{name}" for mark in _EMBEDDED) for name in names)
            findings.external_links += names.count("xl/connections.xml")
        for member in sorted(members, key=_order):
            findings.check_time()
            with findings.tolerating(_DAMAGED), archive.open(member) as part:
                _part(member, part, findings, nested, office=kind != ZIP)


def _order(member: zipfile.ZipInfo) -> tuple[int, str]:
    name = member.filename.lower()
    places = [place for place, first in enumerate(_FIRST) if name.startswith(first)]
    return (places[0] if places else len(_FIRST), name)


def _kind(archive: zipfile.ZipFile, names: list[str]) -> str:
    if "mimetype" in names:
        with archive.open("mimetype") as part:
            told = part.read(100).decode("ascii", "replace").strip()
        if told.startswith("application/vnd.oasis.opendocument."):
            return told
    if "[content_types].xml" in names:
        for folder, kind in _OOXML:
            if any(name.startswith(folder) for name in names):
                return kind
    return ZIP


def _is_encrypted(archive: zipfile.ZipFile, names: list[str]) -> bool:
    """An OpenDocument file with a password is a plain ZIP whose manifest says that its parts are encrypted."""
    if "meta-inf/manifest.xml" not in names or "mimetype" not in names:
        return False
    with archive.open("META-INF/manifest.xml") as part:
        return b"encryption-data" in part.read(1024 * 1024)


def _check_sizes(members: list[zipfile.ZipInfo], findings: Findings) -> None:
    limits = findings.limits
    if len(members) > limits["members"]:
        raise Bounded("Ce fichier contient un nombre anormal d’éléments internes : il n’a pas été lu.")
    large = [member for member in members if member.file_size > _RATIO_FROM]
    if sum(member.file_size for member in members) > limits["unpacked"] or any(
        member.file_size > limits["ratio"] * max(member.compress_size, 1) for member in large
    ):
        raise Bounded(_BOMB)


def _part(
    member: zipfile.ZipInfo, part: IO[bytes], findings: Findings, nested: Callable[[BinaryIO], None], *, office: bool
) -> None:
    name = member.filename.lower()
    if office and name.endswith((".xml", ".rels", ".vml")) and not name.startswith("meta-inf/"):
        child_xml.read(part, findings, relationships=name.endswith(".rels"))
        return
    if office and name.endswith(".bin") and "embeddings" not in name:
        child_raw.read(_unpacked(part, findings), findings)
        return
    if office and media_type(part.read(HEAD)).startswith("image/"):
        return
    part.seek(0)
    nested(io.BytesIO(_unpacked(part, findings)))


def _unpacked(part: IO[bytes], findings: Findings) -> bytes:
    pieces = []
    while piece := part.read(1024 * 1024):
        findings.spend(len(piece))
        pieces.append(piece)
    return b"".join(pieces)
