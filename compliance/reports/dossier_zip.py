"""The dossier as one archive that proves itself: the same document, pieces and events give the same bytes.

Members are stored uncompressed (a compressor's output changes with its version), in the order in which they are read
and laid down (rows as the referential has them), dated at the day of the dossier. ``MANIFEST.json`` holds the size and
SHA-256 of every member before it, ``SHA256SUMS`` the same for usual tools, and the comment of the archive the SHA-256 of
everything before it, so that no byte can change unseen. ``verify_dossier.py``, inside, checks it all without us.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from compliance.reports import canonical, dossier_readme, verify_dossier
from compliance.reports.piece_names import SAFE

FORMAT = "vigie-archive/1"
README, PDF, WORD, ANNEX, DOCUMENT = "LISEZ-MOI.txt", "dossier.pdf", "dossier.docx", "annexe.xlsx", "dossier.json"
EVENTS, SCRIPT, MANIFEST, SUMS = "events.json", "verify_dossier.py", "MANIFEST.json", "SHA256SUMS"
SEAL = verify_dossier.SEAL
SEAL_LENGTH = len(SEAL) + 64
CHUNK = 1 << 20

Chunks = Callable[[], Iterable[bytes]]
Said = Callable[[int, int], None]


class PieceAltered(Exception):
    """A stored piece is no longer what was recorded; ``name`` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(f"La pièce {name} n’est plus celle qui a été déposée : son empreinte ou sa taille a changé.")
        self.name = name


@dataclass(frozen=True)
class Piece:
    """A piece of the archive: its name there, its SHA-256, its size in bytes, and how to read it by chunks."""

    name: str
    sha256: str
    size: int
    chunks: Chunks


@dataclass(frozen=True)
class Printed:
    """The three documents made from the canonical one."""

    pdf: bytes
    word: bytes
    annex: bytes


def build(
    doc: Mapping[str, Any],
    printed: Printed,
    pieces: Iterable[Piece],
    out: BinaryIO,
    *,
    events: Sequence[Mapping[str, Any]] = (),
    said: Said = lambda _done, _total: None,
) -> None:
    """Write the archive of ``doc`` to ``out``.

    ``pieces`` are exactly those that ``doc`` lists; they are read by chunks and checked on the way. ``events`` are those
    of the chain up to the filing of ``doc`` (none for a draft). ``said(done, total)`` is called before each piece. ``out``
    is open for reading and writing in binary (``w+b``), at its start. Raises PieceAltered, or ValueError when ``pieces``
    and ``doc`` do not agree, when a name is not safe, or when ``out`` cannot be read back; what was written to ``out`` is
    then to be thrown away.
    """
    if not (out.seekable() and out.readable()) or out.tell():
        raise ValueError("the archive needs an empty file open for reading and writing (w+b)")
    doc = canonical.plain(doc)
    attached = _in_order(doc, list(pieces))
    members = [
        _bytes(README, dossier_readme.build(doc, filed=bool(events))),
        _bytes(PDF, printed.pdf),
        _bytes(WORD, printed.word),
        _bytes(ANNEX, printed.annex),
        *attached,
        _bytes(DOCUMENT, canonical.dumps(doc)),
        *([_bytes(EVENTS, canonical.dumps_all(events))] if events else []),
        _bytes(SCRIPT, Path(verify_dossier.__file__).read_bytes()),
    ]
    members.append(_bytes(MANIFEST, canonical.dumps(_manifest(doc, members, events))))
    members.append(_bytes(SUMS, _sums(members)))
    day = date.fromisoformat(doc["on"])
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, strict_timestamps=True) as archive:
        for place, member in enumerate(members):
            said(place, len(members))
            _write(archive, member, day)
        archive.comment = SEAL + b"0" * 64
    _seal(out)


def _bytes(name: str, data: bytes) -> Piece:
    return Piece(name, hashlib.sha256(data).hexdigest(), len(data), lambda: [data])


def _in_order(doc: Mapping[str, Any], pieces: list[Piece]) -> list[Piece]:
    """The pieces in the order of the document: its rows, as the referential has them, then their pieces."""
    listed = [(piece["name"], piece["sha256"], piece["size"]) for row in doc["rows"] for piece in row["pieces"]]
    given = {(piece.name, piece.sha256, piece.size): piece for piece in pieces}
    if sorted(listed) != sorted((piece.name, piece.sha256, piece.size) for piece in pieces):
        raise ValueError("the pieces given are not those that the document lists")
    if len({name.casefold() for name, _, _ in listed}) != len(listed):
        raise ValueError("two pieces have the same name in the archive")
    unsafe = [name for name, _, _ in listed if not SAFE.fullmatch(name)]
    if unsafe:
        raise ValueError(f"{unsafe[0]!r} is not a safe name in an archive")
    return [given[key] for key in listed]


def _manifest(doc: Mapping[str, Any], members: list[Piece], events: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    candidate = doc["candidate"]
    return {
        "format": FORMAT,
        "document_format": doc["format"],
        "domain": doc["domain"],
        "candidate": {key: candidate[key] for key in ("name", "kind", "code")},
        "on": doc["on"],
        "known_at": doc.get("known_at"),
        "referential": doc["referential"]["version"],
        "events": {"count": len(events), "head": events[-1]["hash"]} if events else None,
        "members": [{"name": item.name, "sha256": item.sha256, "size": item.size} for item in members],
    }


def _sums(members: list[Piece]) -> bytes:
    """The lines ``sha256sum -c SHA256SUMS`` reads."""
    return "".join(f"{item.sha256}  {item.name}\n" for item in members).encode()


def _write(archive: zipfile.ZipFile, member: Piece, day: date) -> None:
    info = zipfile.ZipInfo(member.name, (day.year, day.month, day.day, 0, 0, 0))
    info.create_system, info.external_attr, info.file_size = 3, 0o100644 << 16, member.size
    digest, written = hashlib.sha256(), 0
    with archive.open(info, "w") as target:
        for chunk in member.chunks():
            digest.update(chunk)
            written += len(chunk)
            if written > member.size:
                break
            target.write(chunk)
    if written != member.size or digest.hexdigest() != member.sha256:
        raise PieceAltered(member.name)


def _seal(out: BinaryIO) -> None:
    """Replace the end of the comment by the SHA-256 of all that stands before the comment."""
    out.seek(0, io.SEEK_END)
    body = out.tell() - SEAL_LENGTH
    digest, left = hashlib.sha256(), body
    out.seek(0)
    while left and (chunk := out.read(min(CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    out.seek(body + len(SEAL))
    out.write(digest.hexdigest().encode())
    out.flush()
