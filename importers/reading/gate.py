"""What a file really is, decided by its content before any parser opens it.

An .xlsx, .ods, .xls or CSV passes. The name and its extension are never looked at: pages renamed .xls, encrypted files
renamed .xlsx and pictures renamed .xlsx are all seen in practice (practice.md, 2.3).
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import BinaryIO

from importers.faults import Unreadable
from importers.limits import LIMITS, MEGABYTE, Limits
from importers.reading import package

SAVE_AS = (
    "Ouvrez-le dans votre tableur, enregistrez-le au format « Classeur Excel (.xlsx) », puis déposez-le de nouveau."
)
EXPECTED = "Déposez le classeur Excel (.xlsx) que Vigie vous a fourni, ou votre propre tableau au format .xlsx, .ods, .xls ou CSV."
UNPROTECT = (
    "Ouvrez-le dans Excel, retirez le mot de passe (Fichier > Informations > Protéger le classeur > "
    "Chiffrer avec mot de passe : effacez-le), enregistrez, puis déposez-le de nouveau."
)

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
)
_ARCHIVES = ((b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07", "RAR"), (b"\x1f\x8b", "gzip"))
_HTML = ("<!doctype html", "<html", "<table", "<head", "<body", "<meta", "<script", "<style", "<div")
_MARKUP = ("<?xml", "<!--")  # what may come before the page itself
_XML_2003 = ("urn:schemas-microsoft-com:office:spreadsheet", "<?mso-application")
_OTHER_TEXT = ("<", "{", "[")  # XML, JSON
_SEPARATORS = ";\t,|"
_HEAD = 4096
_BYTE_ORDER = 28  # place of the mark in the header of an old container
_LITTLE_ENDIAN = b"\xfe\xff"


def inspect(source: Path | BinaryIO, limits: Limits = LIMITS) -> str:
    """Return the format of a file that may be given to the reader: "xlsx", "ods", "xls" or "csv".

    Raises Unreadable when it is anything else.

    `source` is a path or a seekable binary stream (left at its beginning).
    """
    if isinstance(source, Path):
        with source.open("rb") as stream:
            return _inspect(stream, limits)
    form = _inspect(source, limits)
    source.seek(0)
    return form


def _inspect(stream: BinaryIO, limits: Limits) -> str:
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise Unreadable("empty", "Ce fichier est vide (0 octet).", f"L’enregistrement a sans doute échoué. {SAVE_AS}")
    if size > limits.file_size:
        raise Unreadable(
            "too_large",
            f"Ce fichier pèse {_megabytes(size)} Mo ; la limite est de {_megabytes(limits.file_size)} Mo.",
            "Retirez les images et les feuilles inutiles, ou déposez un classeur par établissement.",
        )
    head = stream.read(_HEAD)
    if head.startswith(_ZIP):
        return package.inspect(stream, size, limits)
    if head.startswith(_OLE):
        stream.seek(0)
        return _ole(stream.read())
    refused = _signature(head)
    if refused is not None:
        raise refused
    return _text(head)


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f}".removesuffix(".0").replace(".", ",")


def _signature(head: bytes) -> Unreadable | None:
    """Recognise formats by their first bytes."""
    for signature, name in _PICTURES:
        if head.startswith(signature):
            return _picture(name)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _picture("WebP")
    if head[4:8] == b"ftyp":
        if head[8:12] in {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"}:
            return _picture("HEIC")
        return Unreadable("video", "Ce fichier est une vidéo, pas un classeur.", EXPECTED)
    if head.startswith(b"%PDF"):
        return Unreadable(
            "pdf",
            "Ce fichier est un document PDF, pas un classeur.",
            "Déposez le tableau d’origine au format .xlsx ; un PDF se joint comme pièce, depuis la page de l’objectif.",
        )
    if head.startswith(b"{\\rtf"):
        return Unreadable("document", "Ce fichier est un document texte (RTF), pas un classeur.", EXPECTED)
    for signature, name in _ARCHIVES:
        if head.startswith(signature):
            return _archive(name)
    return None


def _picture(name: str) -> Unreadable:
    return Unreadable(
        "picture",
        f"Ce fichier est une image ({name}), pas un classeur : Vigie ne lit pas les photos ni les captures d’écran.",
        "Déposez le tableau d’origine au format .xlsx ; une image se joint comme pièce, depuis la page de l’objectif.",
    )


def _archive(name: str) -> Unreadable:
    return Unreadable(
        "archive",
        f"Ce fichier est une archive compressée ({name}), pas un classeur.",
        "Décompressez-la, puis déposez les classeurs qu’elle contient.",
    )


def _ole(data: bytes) -> str:
    """Old Microsoft container: an old .xls passes; an encrypted .xlsx or a document of another program does not."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Unreadable("password", "Ce fichier est protégé par un mot de passe.", UNPROTECT)
    if _has_stream(data, "Workbook") or _has_stream(data, "Book"):
        if _xls_is_encrypted(data):
            raise Unreadable(
                "password",
                "Ce fichier est un ancien classeur Excel (.xls) protégé par un mot de passe.",
                UNPROTECT + " Choisissez le format « Classeur Excel (.xlsx) ».",
            )
        if any(_has_stream(data, name) for name in ("_VBA_PROJECT_CUR", "_VBA_PROJECT")):
            raise Unreadable(
                "macros",
                "Ce fichier est un ancien classeur Excel (.xls) avec macros : il peut contenir des programmes, "
                "Vigie ne l’ouvre pas.",
                "Dans Excel : Fichier > Enregistrer sous > « Classeur Excel (.xlsx) » (les macros disparaissent), "
                "puis déposez ce fichier.",
            )
        if data[_BYTE_ORDER : _BYTE_ORDER + 2] != _LITTLE_ENDIAN:
            raise Unreadable(
                "damaged",
                "Ce fichier est un ancien classeur Excel (.xls) mal formé : son contenu ne peut pas être lu.",
                SAVE_AS,
                detail="byte order",
            )
        return "xls"
    for name in ("WordDocument", "PowerPoint Document"):
        if _has_stream(data, name):
            raise Unreadable("document", "Ce fichier est un ancien document Office, pas un classeur.", EXPECTED)
    raise Unreadable(
        "ole", "Ce fichier est dans un ancien format Microsoft, et aucun classeur n’y a été trouvé.", SAVE_AS
    )


def _has_stream(data: bytes, name: str) -> bool:
    # Directory entries hold the name in UTF-16, ended by a null character, at the start of a 128-byte slot.
    needle = (name + "\0").encode("utf-16-le")
    start = data.find(needle)
    while start >= 0:
        if start % 128 == 0:
            return True
        start = data.find(needle, start + 1)
    return False


def _xls_is_encrypted(data: bytes) -> bool:
    """Look for the FILEPASS record that follows the beginning of the workbook stream."""
    start = data.find(b"\x09\x08\x10\x00\x00\x06")
    while start >= 0 and start % 512:
        start = data.find(b"\x09\x08\x10\x00\x00\x06", start + 1)
    for _ in range(20):
        if start < 0 or start + 4 > len(data):
            return False
        kind, length = struct.unpack_from("<HH", data, start)
        if kind == 0x2F:
            return True
        start += 4 + length
    return False


def _text(head: bytes) -> str:
    """Among formats that are text, only a CSV passes: web pages and XML are not tables as they stand."""
    text = _decode(head)
    if text is None:
        raise Unreadable("unknown", "Ce fichier n’est pas un classeur.", EXPECTED)
    lowered = text.removeprefix("ï»¿").lstrip("\ufeff \t\r\n").lower()
    markup = lowered.startswith("<")
    if markup and "urn:oasis:names:tc:opendocument" in lowered:
        raise Unreadable("ods", "Ce fichier est un classeur OpenDocument au format XML (.fods).", SAVE_AS)
    if markup and any(mark in lowered for mark in _XML_2003) and "<html" not in lowered:
        raise Unreadable("xml", "Ce fichier est un classeur au format XML 2003, que Vigie ne lit pas.", SAVE_AS)
    if _is_page(lowered):
        raise Unreadable(
            "html",
            "Ce fichier est une page web enregistrée sous un nom de classeur "
            "(certains logiciels appellent cela « exporter vers Excel »).",
            SAVE_AS,
        )
    if not lowered:
        raise Unreadable("empty", "Ce fichier ne contient que des espaces.", EXPECTED)
    if lowered.startswith(_OTHER_TEXT) or not any(mark in text for mark in _SEPARATORS):
        raise Unreadable("text", "Ce fichier est un fichier texte, pas un classeur.", EXPECTED)
    return "csv"


def _is_page(lowered: str) -> bool:
    """Whether a text begins as a web page does. A tag further on is the content of a cell, which a CSV may hold."""
    if lowered.startswith(("mime-version", *_HTML)):
        return True
    return lowered.startswith(_MARKUP) and any(tag in lowered for tag in _HTML)


def _decode(head: bytes) -> str | None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    if b"\0" in head:
        return None
    text = head.decode("cp1252", "replace")
    strange = sum(character < " " and character not in "\t\r\n\f" for character in text)
    return None if strange * 20 > len(text) else text
