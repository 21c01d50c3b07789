"""Is an archive of a dossier still what was built? Reads it by chunks, extracts nothing, trusts nothing it reads."""

from __future__ import annotations

import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compliance.reports import canonical
from compliance.reports.dossier_zip import (
    ANNEX,
    CHUNK,
    DOCUMENT,
    FORMAT,
    MANIFEST,
    PDF,
    SEAL,
    SEAL_LENGTH,
    SUMS,
    digest_before,
)  # fmt: skip
from compliance.reports.piece_names import SAFE

MAX_MEMBERS = 20_000
MAX_LIST = 16 << 20  # octets of MANIFEST.json, SHA256SUMS or the central directory that we accept to hold in memory
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
_SHA256 = re.compile(r"[0-9a-f]{64}")

Listed = dict[str, tuple[str, int]]


@dataclass(frozen=True)
class Verification:
    """Whether the archive is intact and, when it is not, why: sentences a person reads.

    ``manifest_sha256`` is the SHA-256 of MANIFEST.json, to compare with the one kept at the time of building: an archive
    rebuilt as a whole is consistent with itself, only that comparison tells.
    """

    intact: bool
    problems: tuple[str, ...]
    manifest_sha256: str = ""


class _Unreadable(Exception):
    """The archive cannot be examined further; the message is a sentence for a person."""


def verify(path: Path | str) -> Verification:
    """Compare every member of the archive with its manifest, and the archive with its seal. Never raises on content."""
    path = Path(path)
    if not path.is_file():
        return Verification(False, (f"Le fichier {path.name} n’existe pas",))
    problems: list[str] = []
    manifest = ""
    try:
        problems += _seal_problems(path)
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            names = _names(archive, problems)
            manifest = _check_members(archive, names, problems)
    except _Unreadable as error:
        problems.append(str(error))
    except _BROKEN:
        problems.append("L’archive est abîmée ou incomplète : elle ne se lit pas jusqu’au bout")
    return Verification(not problems, tuple(dict.fromkeys(problems)), manifest)


def _seal_problems(path: Path) -> list[str]:
    length = path.stat().st_size
    with path.open("rb") as stream:
        if not length or stream.read(2) != b"PK":
            raise _Unreadable("Ce fichier n’est pas une archive ZIP")
        if length <= SEAL_LENGTH:
            raise _Unreadable("L’archive est abîmée ou incomplète : elle ne se lit pas jusqu’au bout")
        digest = digest_before(stream, length - SEAL_LENGTH)
        stream.seek(length - SEAL_LENGTH)
        seal = stream.read()
    if not seal.startswith(SEAL):
        return ["Le sceau de l’archive manque : elle est tronquée, complétée ou refaite par un autre outil"]
    if seal != SEAL + digest.encode():
        return ["L’archive a changé depuis sa construction : son empreinte ne correspond plus à son sceau"]
    return []


def _check_directory(path: Path) -> None:
    """Refuse a huge central directory before zipfile loads it whole: the end record says its size (last 64 Ko)."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - (1 << 16) - 22))
        tail = stream.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + 22:
        raise _Unreadable("L’archive est abîmée ou incomplète : sa table des matières manque")
    members, size = struct.unpack("<HL", tail[place + 10 : place + 16])
    if size > MAX_LIST and (members, size) != (0xFFFF, 0xFFFFFFFF):
        raise _Unreadable("La table des matières de l’archive est démesurée")


def _names(archive: zipfile.ZipFile, problems: list[str]) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise _Unreadable(f"L’archive contient plus de {MAX_MEMBERS} fichiers")
    counts = Counter(info.filename for info in infos)
    problems += [f"Le fichier {_shown(name)} est présent {count} fois" for name, count in counts.items() if count > 1]
    return {info.filename: info for info in infos}


def _check_members(archive: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], problems: list[str]) -> str:
    raw = _small(archive, names, MANIFEST, problems)
    if raw is None:
        return ""
    listed = _listed(raw)
    if listed is None:
        problems.append("Le manifeste MANIFEST.json ne se lit pas : il a été changé")
        return ""
    digest = hashlib.sha256(raw).hexdigest()
    expected = {**listed, MANIFEST: (digest, len(raw))}
    problems += _sums_problems(_small(archive, names, SUMS, problems), expected)
    known = {*expected, SUMS}
    problems += [f"Le fichier {_shown(name)} manque" for name in sorted(known - names.keys() - {SUMS})]
    problems += [
        f"Le fichier {_shown(name)} a été ajouté : le manifeste ne le connaît pas"
        for name in sorted(names.keys() - known)
    ]
    problems += [
        f"Le manifeste nomme {_shown(name)}, qui n’est pas un nom attendu"
        for name in sorted(listed)
        if name not in {PDF, ANNEX, DOCUMENT} and not SAFE.fullmatch(name)
    ]
    for name in sorted(listed.keys() & names.keys()):
        problems += _content_problems(archive, names[name], *listed[name])
    problems += [f"Le manifeste ne nomme pas {name}" for name in (PDF, ANNEX, DOCUMENT) if name not in listed]
    return digest


def _listed(raw: bytes) -> Listed | None:
    """Name -> (SHA-256, size) of a well-formed manifest written by us, else None."""
    try:
        manifest = json.loads(raw)
        if manifest["format"] != FORMAT or canonical.dumps(manifest) != raw:
            return None
        listed = {item["name"]: (item["sha256"], item["size"]) for item in manifest["members"]}
        if len(listed) != len(manifest["members"]) or not all(
            isinstance(name, str) and _SHA256.fullmatch(sha256) and isinstance(size, int) and size >= 0
            for name, (sha256, size) in listed.items()
        ):
            return None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return listed


def _sums_problems(raw: bytes | None, expected: Listed) -> Iterator[str]:
    if raw is None:
        return
    if raw != "".join(f"{expected[name][0]}  {name}\n" for name in sorted(expected)).encode("utf-8", "replace"):
        yield "MANIFEST.json et SHA256SUMS ne disent pas la même chose : l’un des deux a été changé"


def _small(archive: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], name: str, problems: list[str]) -> bytes | None:
    if name not in names:
        problems.append(f"Le fichier {name} manque")
        return None
    try:
        with archive.open(names[name]) as member:
            raw = member.read(MAX_LIST + 1)
    except _BROKEN:
        problems.append(f"Le fichier {name} est abîmé")
        return None
    if len(raw) > MAX_LIST:
        problems.append(f"Le fichier {name} est démesuré")
        return None
    return raw


def _content_problems(archive: zipfile.ZipFile, info: zipfile.ZipInfo, sha256: str, size: int) -> Iterator[str]:
    name, digest, read = _shown(info.filename), hashlib.sha256(), 0
    try:
        with archive.open(info) as member:
            while read <= size and (chunk := member.read(CHUNK)):
                digest.update(chunk)
                read += len(chunk)
    except _BROKEN:
        yield f"Le fichier {name} est abîmé"
        return
    if read != size or digest.hexdigest() != sha256:
        yield f"Le fichier {name} a changé : son empreinte n’est plus celle du manifeste"


def _shown(name: str) -> str:
    """A name read in a hostile archive, fit to be printed."""
    return "".join(char if char.isprintable() else "�" for char in name)[:160]
