"""Names of pieces inside the archive: ``pieces/<ROW>/<name>``, safe on every system, unique, still recognisable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

FOLDER = "pieces"
SAFE = re.compile(r"pieces/[0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*/[0-9A-Za-z_][0-9A-Za-z_.-]{0,119}(?<!\.)")
LONGEST_STEM, LONGEST_EXTENSION = 80, 10

_LETTERS = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "’": "_", "'": "_"}
)
_OTHER = re.compile(r"[^0-9A-Za-z_-]+")
# Windows refuses these as file names, whatever the extension
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)")


def piece_names(pieces: Iterable[tuple[str, str]]) -> list[str]:
    """The archive name of each ``(row code, file name)``, in the same order.

    Letters lose their accents, what is not a letter, a digit, ``_`` or ``-`` becomes ``_``, the extension stays. Two
    pieces of a row that would have the same name (upper and lower case count as the same) get ``_2``, ``_3``.
    The same list always gives the same names. Raises ValueError for a row code that cannot be a folder.
    """
    taken: set[str] = set()
    return [_unique(row, filename, taken) for row, filename in pieces]


def _unique(row: str, filename: str, taken: set[str]) -> str:
    stem, extension = _split(filename)
    number = 1
    while True:
        suffix = f"_{number}" if number > 1 else ""
        name = f"{FOLDER}/{row}/{stem}{suffix}{extension}"
        if name.casefold() not in taken:
            break
        number += 1
    if not SAFE.fullmatch(name):
        raise ValueError(f"{row!r} cannot name a folder of the archive")
    taken.add(name.casefold())
    return name


def _split(filename: str) -> tuple[str, str]:
    last = re.split(r"[/\\]", filename)[-1]
    stem, dot, extension = last.rpartition(".")
    if not dot or not stem.strip(". "):
        stem, extension = last, ""
    stem = _fold(stem)[:LONGEST_STEM].strip("_-") or "piece"
    if _RESERVED.fullmatch(stem):
        stem = f"{stem}_"
    extension = _fold(extension).replace("_", "").replace("-", "")[:LONGEST_EXTENSION].lower()
    return stem, f".{extension}" if extension else ""


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS)).encode("ascii", "ignore").decode()
    return re.sub("_{2,}", "_", _OTHER.sub("_", plain))
