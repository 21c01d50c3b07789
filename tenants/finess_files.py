"""Opening the files of the FINESS directory: what they are, how they are written, what was wrong line by line.

The files come from the official site or from somebody's desk. A file that cannot be trusted is refused whole, with a
French sentence; a line that cannot be read is set aside and listed; nothing is dropped or repaired without a trace.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from tenants.errors import Invalid

MAX_LINE = 65_536
"""Characters of one line; the longest line of the national extract has about 600."""
MAX_JSON = 256 * 2**20
"""Bytes of a JSON file, read at once (the national list of groups is a few megabytes)."""

_CHUNK = 2**20
_MAGIC = (
    (b"PK\x03\x04", "un classeur Excel (.xlsx) ou une archive ZIP"),
    (b"\xd0\xcf\x11\xe0", "un ancien classeur Excel (.xls)"),
    (b"%PDF", "un document PDF"),
    (b"\x1f\x8b", "une archive compressée (.gz)"),
    (b"\xff\xfe", "un texte en UTF-16"),
    (b"\xfe\xff", "un texte en UTF-16"),
)

RowT = TypeVar("RowT")


class DirectoryError(Invalid):
    """The whole file is refused; the text is a French sentence saying why and what to do."""


@dataclass(frozen=True)
class Problem:
    """What was wrong at one line: the row was `kept` without that value, or set aside.

    `line` is the line in the file, or the rank of the group (from 1) in a JSON file.
    """

    line: int
    column: str
    value: str
    code: str
    reason: str
    kept: bool


@dataclass(frozen=True)
class Repair:
    """A FINESS number whose lost zero was put back because the number was known."""

    line: int
    column: str
    value: str
    number: str


@dataclass
class Journal:
    """What happened while reading; complete once the rows have been consumed."""

    lines: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)

    def note(self, line: int, column: str, value: object, code: str, reason: str, *, kept: bool) -> None:
        """Add a problem; the value is cut at 120 characters."""
        self.problems.append(Problem(line, column, str(value)[:120], code, reason, kept))

    def repair(self, line: int, column: str, value: str, number: str) -> None:
        """Add a number that was repaired."""
        self.repairs.append(Repair(line, column, value, number))


class Reading(Iterator[RowT], Generic[RowT]):
    """The rows of a file, streamed, and the journal of the reading beside them."""

    def __init__(self, layout: str, journal: Journal, rows: Iterator[RowT]) -> None:
        """Wrap an iterator of rows; `layout` names the recognised form of file."""
        self.layout = layout
        self.journal = journal
        self._rows = rows

    def __iter__(self) -> Self:
        """Return itself: rows are read once."""
        return self

    def __next__(self) -> RowT:
        """Return the next accepted row."""
        return next(self._rows)


def label(text: str) -> str:
    """Reduce a column label to lower-case ASCII words joined by underscores."""
    text = text.casefold().replace("’", " ").replace("œ", "oe").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def encoding_of(path: Path) -> str:
    """Return `utf-8-sig` or `cp1252`, reading the whole file once.

    Raises DirectoryError for a file that is empty, binary, or in neither encoding.
    """
    try:
        with path.open("rb") as handle:
            head = handle.read(8)
    except OSError as error:
        raise DirectoryError(f"Le fichier « {path.name} » n’a pas pu être lu : {error.strerror}.") from error
    if not head:
        raise DirectoryError(f"Le fichier « {path.name} » est vide.")
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            raise DirectoryError(
                f"Le fichier « {path.name} » est {kind}, non un extrait FINESS en CSV ou en JSON. "
                "Importez le fichier tel que téléchargé."
            )
    if _decodes(path, "utf-8"):
        return "utf-8-sig"
    if _decodes(path, "cp1252"):
        return "cp1252"
    raise DirectoryError(
        f"Le fichier « {path.name} » n’est ni en UTF-8 ni en Windows-1252. Importez le fichier tel que téléchargé."
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as handle:
        try:
            while chunk := handle.read(_CHUNK):
                if b"\0" in chunk:
                    return False
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def records(path: Path, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, fields) of a semicolon file, blank lines left out.

    Each line is parsed alone: in these files a record is a line, and an unclosed quote in a name must not swallow
    the lines after it.
    """
    with path.open(encoding=encoding, newline="") as handle:
        for number, line in enumerate(iter(lambda: handle.readline(MAX_LINE), ""), start=1):
            if len(line) == MAX_LINE:
                raise DirectoryError(
                    f"La ligne {number} du fichier « {path.name} » est trop longue : ce n’est pas un extrait FINESS."
                )
            fields = [cell.strip() for cell in next(csv.reader([line], delimiter=";"), [])]
            if any(fields):
                yield number, fields


def load_json(path: Path) -> dict[str, Any]:
    """Return the object of a JSON file.

    Raises DirectoryError when the file is too large, not JSON, or not an object.
    """
    encoding = encoding_of(path)
    if path.stat().st_size > MAX_JSON:
        raise DirectoryError(
            f"Le fichier « {path.name} » dépasse {MAX_JSON // 2**20} Mio : extrayez-en le tableau « gcc »."
        )
    try:
        document = json.loads(path.read_text(encoding))
    except (ValueError, RecursionError) as error:
        where = f" (ligne {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise DirectoryError(
            f"Le fichier « {path.name} » n’est pas un JSON lisible{where}. Téléchargez-le à nouveau."
        ) from error
    if not isinstance(document, dict):
        raise DirectoryError(f"Le fichier « {path.name} » n’est pas un flux FINESS+ : un objet JSON est attendu.")
    return document
