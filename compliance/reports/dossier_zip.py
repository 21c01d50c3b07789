"""The dossier as one archive that proves itself: the same document and pieces give the same bytes.

Members are stored uncompressed (a compressor's output changes with its version), in the order of their names, dated
at the day of the dossier. ``MANIFEST.json`` holds the size and SHA-256 of every other member, ``SHA256SUMS`` the same
for usual tools, and the comment of the archive the SHA-256 of everything before it, so that no byte can change unseen.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from compliance.reports import canonical
from compliance.reports.piece_names import SAFE

FORMAT = "vigie-archive/1"
PDF, ANNEX, DOCUMENT, MANIFEST, SUMS = "dossier.pdf", "annexe.xlsx", "dossier.json", "MANIFEST.json", "SHA256SUMS"
SEAL = b"vigie-archive/1 sha256 "
SEAL_LENGTH = len(SEAL) + 64
CHUNK = 1 << 20

Opener = Callable[[], AbstractContextManager[BinaryIO]]


class PieceAltered(Exception):
    """A stored piece is no longer what was recorded; ``name`` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(f"La pièce {name} n’est plus celle qui a été déposée : son empreinte ou sa taille a changé")
        self.name = name


@dataclass(frozen=True)
class _Member:
    name: str
    sha256: str
    size: int
    open: Opener


def build(
    doc: Mapping[str, Any],
    pdf: bytes,
    annex: bytes,
    pieces: Iterable[tuple[str, Path | Opener, str, int]],
    out: BinaryIO,
) -> None:
    """Write the archive of ``doc`` to ``out``.

    ``pieces`` are ``(name in the archive, path or function that opens it, SHA-256, size)``: exactly those that
    ``doc`` lists. They are read by chunks and checked on the way. ``out`` is open for reading and writing in binary
    (``w+b``), at its start. Raises PieceAltered, or ValueError when ``pieces`` and ``doc`` do not agree, when a name is not
    safe, or when ``out`` cannot be read back; what was written to ``out`` is then to be thrown away.
    """
    if not (out.seekable() and out.readable()) or out.tell():
        raise ValueError("the archive needs an empty file open for reading and writing (w+b)")
    doc = canonical.plain(doc)
    attached = [_Member(name, sha256, size, _opener(source)) for name, source, sha256, size in pieces]
    _agree(doc, attached)
    members = [*attached, _bytes(PDF, pdf), _bytes(ANNEX, annex), _bytes(DOCUMENT, canonical.dumps(doc))]
    members.append(_bytes(MANIFEST, canonical.dumps(_manifest(doc, members))))
    members.append(_bytes(SUMS, _sums(members)))
    stamp = date.fromisoformat(doc["on"]).timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, strict_timestamps=True) as archive:
        for member in sorted(members, key=lambda item: item.name):
            _write(archive, member, stamp)
        archive.comment = SEAL + b"0" * 64
    _seal(out)


def _opener(source: Path | Opener) -> Opener:
    return (lambda: source.open("rb")) if isinstance(source, Path) else source


def _bytes(name: str, data: bytes) -> _Member:
    return _Member(name, hashlib.sha256(data).hexdigest(), len(data), lambda: io.BytesIO(data))


def _agree(doc: Mapping[str, Any], pieces: list[_Member]) -> None:
    listed = sorted((piece["name"], piece["sha256"], piece["size"]) for row in doc["rows"] for piece in row["pieces"])
    given = sorted((piece.name, piece.sha256, piece.size) for piece in pieces)
    if listed != given:
        raise ValueError("the pieces given are not those that the document lists")
    if len({name.casefold() for name, _, _ in given}) != len(given):
        raise ValueError("two pieces have the same name in the archive")
    unsafe = [name for name, _, _ in given if not SAFE.fullmatch(name)]
    if unsafe:
        raise ValueError(f"{unsafe[0]!r} is not a safe name in an archive")


def _manifest(doc: Mapping[str, Any], members: list[_Member]) -> dict[str, object]:
    candidate = doc["candidate"]
    return {
        "format": FORMAT,
        "document_format": doc["format"],
        "domain": doc["domain"],
        "candidate": {key: candidate[key] for key in ("name", "kind", "code")},
        "on": doc["on"],
        "referential": doc["referential"]["version"],
        "members": [
            {"name": item.name, "sha256": item.sha256, "size": item.size}
            for item in sorted(members, key=lambda item: item.name)
        ],
    }


def _sums(members: list[_Member]) -> bytes:
    """The lines ``sha256sum -c SHA256SUMS`` reads."""
    return "".join(f"{item.sha256}  {item.name}\n" for item in sorted(members, key=lambda item: item.name)).encode()


def _write(archive: zipfile.ZipFile, member: _Member, stamp: tuple[int, ...]) -> None:
    info = zipfile.ZipInfo(member.name, (stamp[0], stamp[1], stamp[2], stamp[3], stamp[4], stamp[5]))
    info.create_system, info.external_attr, info.file_size = 3, 0o100644 << 16, member.size
    digest, written = hashlib.sha256(), 0
    with member.open() as source, archive.open(info, "w") as target:
        while written <= member.size and (chunk := source.read(CHUNK)):
            digest.update(chunk)
            written += len(chunk)
            target.write(chunk)
    if written != member.size or digest.hexdigest() != member.sha256:
        raise PieceAltered(member.name)


def _seal(out: BinaryIO) -> None:
    """Replace the end of the comment by the SHA-256 of all that stands before the comment."""
    out.seek(0, io.SEEK_END)
    body = out.tell() - SEAL_LENGTH
    digest = digest_before(out, body)
    out.seek(body + len(SEAL))
    out.write(digest.encode())
    out.flush()


def digest_before(stream: BinaryIO, length: int) -> str:
    """SHA-256 of the first ``length`` bytes of ``stream``, read by chunks."""
    digest, left = hashlib.sha256(), length
    stream.seek(0)
    while left and (chunk := stream.read(min(CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest()
