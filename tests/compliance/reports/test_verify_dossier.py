"""The script inside each dossier: every tampering is found, named in French, without Vigie and without extracting anything."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compliance.reports import canonical, dossier_zip, verify_dossier
from compliance.reports.verify_dossier import problems
from tests.compliance.reports.test_dossier_zip import archive, members
from tests.factories.canonical import content, files, sample

SCRIPT = Path(verify_dossier.__file__)
BROKEN = "La chaîne des événements est rompue, ou ne finit pas par la transmission de ce dossier"
LISTS = "MANIFEST.json et SHA256SUMS ne disent pas la même chose : l’un des deux a changé"


@pytest.fixture(scope="module")
def built() -> bytes:
    return archive(filed=True)


@pytest.fixture
def path(built: bytes, tmp_path: Path) -> Path:
    place = tmp_path / "dossier.zip"
    place.write_bytes(built)
    return place


def found(path: Path) -> list[str]:
    return problems(str(path))


def rewrite(path: Path, changed: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> None:
    """Write another archive by an ordinary tool, then put our seal on it: only the content can betray it."""
    with path.open("w+b") as out:
        with zipfile.ZipFile(out, "w", method) as target:
            for name, data in changed:
                target.writestr(name, data)
            target.comment = dossier_zip.SEAL + b"0" * 64
        dossier_zip._seal(out)


def listing(inside: dict[str, bytes]) -> dict[str, bytes]:
    """The members with a manifest and sums that agree with them: what a careful forger would write."""
    manifest = json.loads(inside["MANIFEST.json"])
    told = inside.keys() - {"MANIFEST.json", "SHA256SUMS"}
    manifest["members"] = [
        {"name": name, "sha256": hashlib.sha256(inside[name]).hexdigest(), "size": len(inside[name])}
        for name in sorted(told)
    ]
    inside = {**inside, "MANIFEST.json": canonical.dumps(manifest)}
    names = [item["name"] for item in manifest["members"]] + ["MANIFEST.json"]
    sums = "".join(f"{hashlib.sha256(inside[name]).hexdigest()}  {name}\n" for name in names)
    return {**inside, "SHA256SUMS": sums.encode()}


# ── the script itself ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_script_has_at_most_sixty_lines_and_imports_the_standard_library_alone() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert len(source.splitlines()) <= 60
    assert imported <= {"__future__", *sys.stdlib_module_names}


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp850"])
def test_the_script_taken_from_the_archive_checks_it_from_anywhere(
    path: Path, built: bytes, tmp_path: Path, encoding: str
) -> None:
    elsewhere = tmp_path / "ailleurs"
    elsewhere.mkdir()
    (elsewhere / "verify_dossier.py").write_bytes(members(built)["verify_dossier.py"])

    def run() -> tuple[int, str]:
        command = [sys.executable, "-S", elsewhere / "verify_dossier.py", path]
        done = subprocess.run(command, cwd="/", env={"PYTHONIOENCODING": encoding}, capture_output=True, check=False)
        return done.returncode, (done.stdout + done.stderr).decode(encoding)

    whole = hashlib.sha256(built).hexdigest()  # the one that Vigie shows: what is checked here, anybody may write again
    assert run() == (0, f"Intact : chaque fichier est celui du manifeste. SHA-256 du ZIP : {whole}{os.linesep}")
    path.write_bytes(built[:-1] + b"x")
    code, said = run()
    assert code == 1
    assert "son empreinte n" in said


# ── tampering ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_untouched_archive_is_intact(path: Path) -> None:
    assert found(path) == []


def test_a_draft_without_a_chain_is_intact(path: Path) -> None:
    path.write_bytes(archive())
    assert found(path) == []


def test_a_flipped_byte_is_found_wherever_it_is(path: Path, built: bytes) -> None:
    step = len(built) // 300
    places = [*range(0, len(built), step), *range(len(built) - 120, len(built))]
    missed = []
    for place in places:
        path.write_bytes(built[:place] + bytes([built[place] ^ 0x10]) + built[place + 1 :])
        if not found(path):
            missed.append(place)
    assert missed == []


def test_the_piece_that_changed_is_named(path: Path, built: bytes) -> None:
    name = min(files(sample()))
    place = built.index(content(name)[:30]) + 5
    path.write_bytes(built[:place] + b"#" + built[place + 1 :])
    assert any(name in problem for problem in found(path))


@pytest.mark.parametrize("keep", [0, 1, 10, 21, 100, 2000, -1, -100])
def test_a_truncated_archive_is_not_intact(path: Path, built: bytes, keep: int) -> None:
    path.write_bytes(built[:keep])
    assert found(path)


@pytest.mark.parametrize(
    "raw", [b"<html>", b"%PDF-1.7", b"PK", b"PK\x03\x04" + b"\0" * 500, b"PK\x05\x06" + b"\xff" * 300]
)
def test_what_is_not_an_archive_gets_a_sentence(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
    [problem] = found(path)
    assert problem.startswith("Ce n’est pas un dossier entier")


def test_a_file_that_does_not_exist_gets_a_sentence(tmp_path: Path) -> None:
    assert found(tmp_path / "rien.zip")[0].startswith("Ce n’est pas un dossier entier")


def test_bytes_added_at_the_end_or_the_start_are_found(path: Path, built: bytes) -> None:
    for raw in (built + b"x", b"x" + built):
        path.write_bytes(raw)
        assert found(path)


def test_the_same_members_written_by_another_tool_stay_intact_by_content(path: Path, built: bytes) -> None:
    rewrite(path, list(members(built).items()))
    assert found(path) == []


@pytest.mark.parametrize(
    "gone",
    ["dossier.pdf", "dossier.docx", "dossier.json", "verify_dossier.py", "SHA256SUMS", "pieces/D2.P1/piece_1.pdf"],
)
def test_a_missing_member_is_named(path: Path, built: bytes, gone: str) -> None:
    rewrite(path, [(name, data) for name, data in members(built).items() if name != gone])
    assert f"Le fichier {gone} manque" in found(path)


def test_an_added_member_is_named(path: Path, built: bytes) -> None:
    rewrite(path, [*members(built).items(), ("pieces/D2.P1/intrus.exe", b"x")])
    assert found(path) == ["Le fichier pieces/D2.P1/intrus.exe a été ajouté"]


def test_a_duplicated_member_is_refused(path: Path, built: bytes) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        rewrite(path, [*members(built).items(), ("dossier.pdf", members(built)["dossier.pdf"])])
    assert found(path) == ["Deux fichiers portent le même nom"]


@pytest.mark.parametrize("name", ["../x.sh", "pieces/D2.P1/../../x", "/etc/x", "C:x", "a\\b", "pieces/.profil"])
def test_a_name_that_would_be_written_elsewhere_is_told_even_when_the_lists_name_it(
    path: Path, built: bytes, name: str
) -> None:
    rewrite(path, list(listing({**members(built), name: b"x"}).items()))
    assert found(path) == [f"Le fichier {name} a été ajouté"]


def test_two_names_that_one_folder_of_windows_takes_for_the_same_are_told(path: Path, built: bytes) -> None:
    rewrite(path, list(listing({**members(built), "Dossier.PDF": b"x"}).items()))
    assert found(path) == ["Deux fichiers portent le même nom"]


def test_a_replaced_member_is_named(path: Path, built: bytes) -> None:
    rewrite(path, [(name, data + b" " if name == "dossier.pdf" else data) for name, data in members(built).items()])
    assert found(path) == ["Le fichier dossier.pdf a changé : son empreinte n’est plus celle du manifeste"]


def test_a_manifest_rewritten_to_match_a_changed_file_is_found_by_the_sums(path: Path, built: bytes) -> None:
    inside = members(built)
    forged = listing({**inside, "dossier.pdf": b"faux"})
    rewrite(path, list({**forged, "SHA256SUMS": inside["SHA256SUMS"]}.items()))
    assert found(path) == [LISTS]


@pytest.mark.parametrize("manifest", [b"", b"{}", b"[]", b'{"members":[{"name":1}]}', b"[" * 200_000])
def test_a_manifest_that_is_not_ours_gets_a_sentence(path: Path, built: bytes, manifest: bytes) -> None:
    rewrite(path, [(name, manifest if name == "MANIFEST.json" else data) for name, data in members(built).items()])
    assert any(problem.startswith("Ce n’est pas un dossier entier") for problem in found(path))


def test_a_member_that_swells_is_not_read_to_its_end(path: Path, built: bytes) -> None:
    swollen = [(name, b"\0" * 50_000_000 if name == "dossier.pdf" else data) for name, data in members(built).items()]
    rewrite(path, swollen, zipfile.ZIP_DEFLATED)
    assert "Le fichier dossier.pdf a changé : son empreinte n’est plus celle du manifeste" in found(path)


def test_a_hostile_member_name_is_printed_without_its_controls(path: Path, built: bytes) -> None:
    rewrite(path, [*members(built).items(), ("../\x1b[31m\u202exe.pdf", b"x")])
    [problem] = found(path)
    assert "\x1b" not in problem
    assert "\u202e" not in problem


# ── the chain, even where manifest, sums and seal were written again to agree ──────────────────────────────────────


def _changed(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    events[1]["payload"] = events[1]["payload"].replace('"piece": 2', '"piece": 9')
    return events


def _relabelled(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    events[1]["action"] = "evidence.withdrawn"
    return events


@pytest.mark.parametrize(
    "tamper",
    [
        _changed,
        _relabelled,
        lambda events: events[1:],
        lambda events: [events[0], *events[2:]],
        lambda events: events[:-1],
        lambda events: [events[1], events[0], *events[2:]],
        lambda events: [*events, events[-1]],
    ],
    ids=["changed", "relabelled", "first-gone", "one-gone", "last-gone", "swapped", "repeated"],
)
def test_an_event_changed_removed_or_moved_is_found(path: Path, built: bytes, tamper: Callable[[Any], Any]) -> None:
    inside = members(built)
    events = tamper(json.loads(inside["events.json"]))
    rewrite(path, list(listing({**inside, "events.json": canonical.dumps_all(events)}).items()))
    assert found(path) == [BROKEN]


def test_a_chain_taken_off_a_filed_dossier_is_missed(path: Path, built: bytes) -> None:
    inside = {name: data for name, data in members(built).items() if name != "events.json"}
    manifest = {**json.loads(inside["MANIFEST.json"]), "events": None, "known_at": "2026-11-22T09:00:00Z"}
    rewrite(path, list(listing({**inside, "MANIFEST.json": canonical.dumps(manifest)}).items()))
    assert "events.json" in found(path)[0]


def test_a_document_that_is_not_the_one_the_chain_ends_with_is_found(path: Path, built: bytes) -> None:
    inside = members(built)
    other = canonical.dumps({**sample(), "met": 13})
    rewrite(path, list(listing({**inside, "dossier.json": other}).items()))
    assert found(path) == [BROKEN]
