"""The inside of an .xlsx or .ods, which is a ZIP: its central directory and the first bytes of its XML parts.

Nothing is parsed as XML here. The checks are those of practice.md, 2.3, and refuse what could exhaust the reader:
too many members, too much once unpacked, overlapping members, names that climb folders, DOCTYPE and entities.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO

from importers.faults import Unreadable

if TYPE_CHECKING:
    from importers.limits import Limits

SAVE_AGAIN = "Ouvrez-le dans Excel, vérifiez-le, enregistrez-le au format « Classeur Excel (.xlsx) », puis déposez-le."
REFUSED = "Repartez du classeur fourni par Vigie et copiez-y vos valeurs."

_DIRECTORY_ENTRY = 1024  # bytes of central directory allowed per member: a fixed part of 46 and the name
_LOCAL_HEADER = 30
_PROLOG = 64 * 1024
_SPACES = re.compile(r"\s*")
_CONTENT_TYPES = "[Content_Types].xml"
_MANIFEST = "META-INF/manifest.xml"
_LISTING = 1024 * 1024  # bytes: a thousand members take a tenth of it
_MACROS = ("macroenabled", "vbaproject", "macrosheet")
READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


def inspect(stream: BinaryIO, size: int, limits: Limits) -> str:
    """Return "xlsx" or "ods"; raise Unreadable unless the ZIP in `stream` is a plain one within the limits."""
    check_directory(stream, size, limits)
    try:
        archive = zipfile.ZipFile(stream)
    except READ_ERRORS as error:
        raise damaged(str(error)) from error
    with archive:
        members = archive.infolist()
        check_members(members, limits)
        try:
            form = _kind(archive)
            check_sizes(members, limits)
            _check_prologs(archive, members)
            _check_strict(archive)
        except READ_ERRORS as error:
            raise damaged(str(error)) from error
        return form


def not_a_workbook() -> Unreadable:
    """Say that a ZIP holds no workbook."""
    return Unreadable(
        "archive",
        "Ce fichier est une archive compressée (ZIP), pas un classeur.",
        "Décompressez-la, puis déposez les classeurs qu’elle contient.",
    )


def damaged(detail: str) -> Unreadable:
    """Say that a file cannot be read."""
    return Unreadable(
        "damaged",
        "Ce classeur est abîmé ou incomplet : son contenu ne peut pas être lu.",
        f"Le transfert a peut-être été interrompu. {SAVE_AGAIN}",
        detail=detail,
    )


def _bomb(detail: str) -> Unreadable:
    return Unreadable(
        "bomb",
        "Ce classeur est refusé : une fois décompressé, il serait démesurément gros.",
        REFUSED,
        detail=detail,
    )


def check_directory(stream: BinaryIO, size: int, limits: Limits) -> None:
    """Look at the end of the file before the whole directory is loaded: a lying one could hold a million entries."""
    tail = min(size, 65_557)
    stream.seek(size - tail)
    data = stream.read(tail)
    stream.seek(0)
    end = data.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(data):
        raise damaged("no end of central directory")
    length = int.from_bytes(data[end + 12 : end + 16], "little")
    if length == 0:
        raise damaged("empty archive")
    if length != 0xFFFFFFFF and length > limits.members * _DIRECTORY_ENTRY:
        raise _too_many("central directory too long")
    if length == 0xFFFFFFFF or data[max(end - 20, 0) :].startswith(b"PK\x06\x07"):
        raise damaged("zip64 directory")  # a file of 12 MB needs none, and it could announce another length


def _too_many(detail: str) -> Unreadable:
    return Unreadable(
        "members",
        "Ce classeur est refusé : il contient un nombre anormal d’éléments internes.",
        f"Retirez les images et les objets incorporés, ou : {REFUSED[0].lower()}{REFUSED[1:]}",
        detail=detail,
    )


def check_members(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Raise Unreadable for too many members, names that climb, repeated or overlapping ones, encryption."""
    if len(members) > limits.members:
        raise _too_many(f"{len(members)} members")
    names: set[str] = set()
    for member in members:
        name = member.orig_filename
        parts = name.replace("\\", "/").split("/")
        if ".." in parts or name.startswith(("/", "\\")) or "\0" in name or re.match(r"[A-Za-z]:", name):
            raise Unreadable(
                "path",
                "Ce classeur est refusé : il contient un nom de fichier interne interdit.",
                REFUSED,
                detail=repr(name),
            )
        folded = name.replace("\\", "/").casefold()
        if folded in names:
            raise _overlap(f"duplicate {name!r}")
        names.add(folded)
    if any(member.flag_bits & 0x1 for member in members):
        raise Unreadable(
            "password",
            "Ce fichier est protégé par un mot de passe.",
            "Retirez le mot de passe, puis déposez-le de nouveau.",
        )
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        raise damaged("unusual compression method")
    end = 0
    for member in sorted(members, key=lambda each: each.header_offset):
        if member.header_offset < end:
            raise _overlap(f"overlap at {member.filename!r}")
        end = member.header_offset + _LOCAL_HEADER + member.compress_size


def _overlap(detail: str) -> Unreadable:
    return Unreadable(
        "overlap",
        "Ce classeur est refusé : ses éléments internes se répètent ou se chevauchent.",
        REFUSED,
        detail=detail,
    )


def check_sizes(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Raise Unreadable for what would be too large once unpacked."""
    total = sum(member.file_size for member in members)
    if total > limits.unpacked_size:
        raise _bomb(f"{total} bytes unpacked")
    for member in members:
        if member.file_size > limits.ratio_from and member.file_size > limits.ratio * max(member.compress_size, 1):
            raise _bomb(f"ratio of {member.filename!r}")


def _kind(archive: zipfile.ZipFile) -> str:
    """Only OpenDocument spreadsheets, and workbooks whose content types know no macro, pass."""
    names = set(archive.namelist())
    if "mimetype" in names:
        return _open_document(archive)
    if _CONTENT_TYPES not in names:
        if any(name.startswith("Index/") and name.endswith(".iwa") for name in names):
            raise Unreadable(
                "numbers",
                "Ce fichier est un classeur Numbers (Apple).",
                "Dans Numbers : Fichier > Exporter vers > Excel, puis déposez le fichier .xlsx obtenu.",
            )
        raise not_a_workbook()
    if archive.getinfo(_CONTENT_TYPES).file_size > _LISTING:
        raise damaged("content types too long")
    head = _start(archive, _CONTENT_TYPES, _LISTING)
    if _prolog(head) == "doctype":
        raise _entities(_CONTENT_TYPES)
    types = _as_text(head).lower()
    binary = "xl/workbook.bin" in names or "sheet.binary" in types
    if binary or any(mark in types for mark in _MACROS) or "xl/vbaproject.bin" in {name.lower() for name in names}:
        kind = ".xlsb" if binary else ".xlsm"
        what = "binaire" if binary else "avec macros"
        raise Unreadable(
            "macros",
            f"Ce fichier est un classeur Excel {what} ({kind}) : il peut contenir des programmes, "
            "Vigie ne l’ouvre pas.",
            "Dans Excel : Fichier > Enregistrer sous > « Classeur Excel (.xlsx) » (les macros disparaissent), "
            "puis déposez ce fichier.",
        )
    if "spreadsheetml.sheet.main" in types or "spreadsheetml.template.main" in types:
        return "xlsx"
    for mark, what in (("wordprocessingml", "un document Word"), ("presentationml", "une présentation PowerPoint")):
        if mark in types:
            raise Unreadable(
                "document",
                f"Ce fichier est {what}, pas un classeur.",
                "Copiez le tableau dans un classeur Excel (.xlsx), puis déposez ce classeur.",
            )
    raise damaged("no workbook content type")


def _open_document(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    if _MANIFEST in names and "encryption-data" in _as_text(_start(archive, _MANIFEST, _LISTING)):
        raise Unreadable(
            "password",
            "Ce fichier est un classeur OpenDocument (.ods) protégé par un mot de passe.",
            "Ouvrez-le dans votre tableur, enregistrez-le sans mot de passe, puis déposez-le de nouveau.",
        )
    if b"spreadsheet" not in _start(archive, "mimetype", 200):
        raise Unreadable(
            "document",
            "Ce fichier est un document OpenDocument, pas un classeur.",
            "Copiez le tableau dans un classeur, puis déposez ce classeur.",
        )
    if "content.xml" not in names:
        raise damaged("no content.xml")
    return "ods"


def _check_prologs(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    """Refuse any DOCTYPE: a workbook needs none, and bombs and external entities are declared there."""
    for member in members:
        name = member.filename.lower()
        if member.file_size == 0 or name.endswith(".svg"):  # a drawing, which nobody opens
            continue
        head = _start(archive, member.filename, _PROLOG)
        found = _prolog(head)
        if found == "doctype":
            raise _entities(member.filename)
        if found == "unclear" and (name.endswith((".xml", ".rels", ".vml")) or _may_be_xml(head)):
            raise damaged(f"unclear beginning of {member.filename!r}")


def _may_be_xml(head: bytes) -> bool:
    text = _as_text(head).lstrip()
    return not text or text.startswith("<")


def _entities(name: str) -> Unreadable:
    return Unreadable(
        "entities",
        "Ce classeur est refusé : il contient des déclarations XML interdites (DOCTYPE ou entités).",
        REFUSED,
        detail=name,
    )


def _prolog(head: bytes) -> str:
    """Tell what comes before the first element: "plain", "doctype", or "unclear" when no element starts in `head`."""
    text = _as_text(head)
    position = 0
    while True:
        position = _SPACES.match(text, position).end()  # type: ignore[union-attr]  # matches the empty string too
        if text.startswith("<?", position):
            position = text.find("?>", position) + 2
            closed = position > 1
        elif text.startswith("<!--", position):
            position = text.find("-->", position) + 3
            closed = position > 2
        elif text.startswith("<!", position):
            return "doctype"
        else:
            return "plain" if text.startswith("<", position) else "unclear"
        if not closed:
            return "unclear"


def _check_strict(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    workbook = "xl/workbook.xml" if "xl/workbook.xml" in names else None
    if workbook and "purl.oclc.org/ooxml" in _as_text(_start(archive, workbook, _PROLOG)):
        raise Unreadable(
            "strict",
            "Ce classeur est enregistré au format « Strict Open XML », que Vigie ne lit pas.",
            "Dans Excel : Fichier > Enregistrer sous > « Classeur Excel (.xlsx) » "
            "(et non « Classeur Strict Open XML »), puis déposez ce fichier.",
        )


def _start(archive: zipfile.ZipFile, name: str, length: int) -> bytes:
    with archive.open(name) as part:
        return part.read(length)


def _as_text(data: bytes) -> str:
    """Decode enough to see the markup: UTF-16 with or without a mark, or any encoding whose ASCII is ASCII."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if data.startswith(b"<\0"):
        return data.decode("utf-16-le", "replace")
    if data.startswith(b"\0<"):
        return data.decode("utf-16-be", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
