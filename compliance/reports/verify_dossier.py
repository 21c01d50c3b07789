"""Vérifie une archive de dossier, sans Vigie : python verify_dossier.py dossier.zip (Python 3.8 ou plus récent)."""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from typing import Any

SEAL, WHOLE = b"vigie-archive/1 sha256 ", 1 << 26  # then 64 digits: 87 octets; lists are read whole, up to 64 Mo

def problems(path: str) -> list[str]:
    """Say in French what no longer holds: nothing for an intact archive. Extracts nothing, never raises."""
    found: list[str] = []
    try:
        with open(path, "rb") as file, zipfile.ZipFile(file) as archive:  # noqa: PTH123
            if SEAL + _digest(file, file.seek(0, 2) - 87 + file.seek(0))[0].encode() != file.read():
                found.append("L’archive a changé depuis sa construction : son empreinte n’est plus celle de son sceau")
            found.extend(_contents(archive))
    except Exception as error:  # noqa: BLE001  # whatever a broken archive makes the library raise
        found.append(f"Ce n’est pas un dossier entier : il ne se lit pas jusqu’au bout ({error})")
    return ["".join(char if char.isprintable() else "?" for char in problem)[:300] for problem in found]

def _contents(archive: zipfile.ZipFile) -> Any:
    names, manifest = archive.namelist(), json.loads(raw := archive.open("MANIFEST.json").read(WHOLE))
    listed = {item["name"]: (item["sha256"], item["size"]) for item in manifest["members"]}
    sums = {**{name: sha256 for name, (sha256, _) in listed.items()}, "MANIFEST.json": hashlib.sha256(raw).hexdigest()}
    outside = {name for name in names if any(sign in f"/{name}" for sign in ("//", "/.", "\\", ":"))}  # even if listed
    for name in sorted({*sums, "SHA256SUMS"} ^ set(names) | outside):
        yield f"Le fichier {name} " + ("a été ajouté" if name in names else "manque")
    if len({name.casefold() for name in names}) != len(names) or len(listed) != len(manifest["members"]):
        yield "Deux fichiers portent le même nom"
    if sorted(archive.open("SHA256SUMS").read(WHOLE).decode().split("\n")) != sorted(["", *(f"{sums[n]}  {n}" for n in sums)]):
        yield "MANIFEST.json et SHA256SUMS ne disent pas la même chose : l’un des deux a changé"
    for name in sorted(listed.keys() & set(names)):  # one octet more than told: what swells is not read to its end
        if _digest(archive.open(name), listed[name][1] + 1) != listed[name]:
            yield f"Le fichier {name} a changé : son empreinte n’est plus celle du manifeste"
    if any(map(manifest.get, ("known_at", "events"))) and not _chained(json.loads(archive.read("events.json")), manifest["events"], sums):
        yield "La chaîne des événements est rompue, ou ne finit pas par la transmission de ce dossier"

def _chained(events: Any, told: dict[str, Any], sums: dict[str, str]) -> bool:
    previous, said = "", {}
    for event in events:
        said, digest = json.loads(event["payload"]), hashlib.sha256((previous + event["payload"]).encode()).hexdigest()
        whole = {**event, **{key: said[key] for key in ("sequence", "at", "action")}, "previous_hash": previous, "hash": digest}
        previous = digest if event == whole else "rompue"  # no later event can go on from there
    return (len(events), previous, said["detail"].get("sha256")) == (told["count"], told["head"], sums["dossier.json"])

def _digest(source: Any, size: int) -> tuple[str, int]:
    digest, left = hashlib.sha256(), size
    while left > 0 and (chunk := source.read(min(left, 1 << 20))):
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest(), size - left

if __name__ == "__main__":
    if wrong := "\n".join(problems(path := [*sys.argv, "dossier.zip"][1])):
        sys.exit(wrong)
    print("Intact : chaque fichier est celui du manifeste. SHA-256 du ZIP :", _digest(open(path, "rb"), 1 << 62)[0])  # noqa: PTH123, SIM115, T201
