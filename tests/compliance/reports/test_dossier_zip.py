"""The archive: the same bytes for the same facts, every tampering found, nothing extracted."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compliance.reports import canonical, dossier_zip
from compliance.reports.dossier_verify import verify
from compliance.reports.dossier_zip import PieceAltered
from compliance.reports.piece_names import SAFE, piece_names
from tests.factories.canonical import HOSTILE, content, files, sample

Members = dict[str, bytes]


def opener(name: str) -> Callable[[], io.BytesIO]:
    return lambda: io.BytesIO(content(name))


def pieces_of(doc: dict[str, Any]) -> list[tuple[str, Callable[[], io.BytesIO], str, int]]:
    listed = [piece for row in doc["rows"] for piece in row["pieces"]]
    return [(piece["name"], opener(piece["name"]), piece["sha256"], piece["size"]) for piece in listed]


def archive(doc: dict[str, Any] | None = None) -> bytes:
    doc, out = doc or sample(), io.BytesIO()
    dossier_zip.build(doc, b"%PDF-1.7 fictif", b"PK fictif", pieces_of(doc), out)
    return out.getvalue()


@pytest.fixture(scope="module")
def built() -> bytes:
    return archive()


@pytest.fixture
def path(built: bytes, tmp_path: Path) -> Path:
    place = tmp_path / "dossier.zip"
    place.write_bytes(built)
    return place


def members(raw: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(raw)) as source:
        return {name: source.read(name) for name in source.namelist()}


def rewrite(path: Path, changed: list[tuple[str, bytes]]) -> None:
    """Write another archive by an ordinary tool, then put our seal on it: only the content can betray it."""
    with path.open("w+b") as out:
        with zipfile.ZipFile(out, "w") as target:
            for name, data in changed:
                target.writestr(name, data)
            target.comment = dossier_zip.SEAL + b"0" * 64
        dossier_zip._seal(out)


def test_the_same_document_gives_the_same_archive() -> None:
    assert archive(sample()) == archive(sample())


def test_the_order_of_the_pieces_given_does_not_matter() -> None:
    doc, first, second = sample(), io.BytesIO(), io.BytesIO()
    dossier_zip.build(doc, b"p", b"x", pieces_of(doc), first)
    dossier_zip.build(doc, b"p", b"x", reversed(pieces_of(doc)), second)
    assert first.getvalue() == second.getvalue()


def test_the_archive_holds_what_it_promises_in_order(built: bytes) -> None:
    names = list(members(built))
    assert names == sorted(names)
    assert set(names) == {"dossier.pdf", "annexe.xlsx", "dossier.json", "MANIFEST.json", "SHA256SUMS", *files(sample())}


def test_every_member_bears_the_day_of_the_dossier(built: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(built)) as source:
        assert {info.date_time for info in source.infolist()} == {(2026, 11, 22, 0, 0, 0)}


def test_the_document_inside_is_canonical(built: bytes) -> None:
    assert members(built)["dossier.json"] == canonical.dumps(sample())


def test_the_manifest_gives_size_and_hash_of_each_other_member(built: bytes) -> None:
    inside = members(built)
    manifest = json.loads(inside["MANIFEST.json"])
    assert (manifest["on"], manifest["referential"]) == ("2026-11-22", "2025-06-26")
    assert {item["name"]: (item["sha256"], item["size"]) for item in manifest["members"]} == {
        name: (hashlib.sha256(data).hexdigest(), len(data))
        for name, data in inside.items()
        if name not in {"MANIFEST.json", "SHA256SUMS"}
    }


def test_the_sums_are_those_usual_tools_check(built: bytes) -> None:
    inside = members(built)
    lines = inside["SHA256SUMS"].decode().splitlines()
    assert {line[66:]: line[:64] for line in lines} == {
        name: hashlib.sha256(data).hexdigest() for name, data in inside.items() if name != "SHA256SUMS"
    }


def test_a_piece_that_changed_in_the_store_stops_the_building() -> None:
    doc = sample()
    first, *others = pieces_of(doc)
    altered = (first[0], lambda: io.BytesIO(content(first[0])[:-1] + b"?"), *first[2:])
    with pytest.raises(PieceAltered) as caught:
        dossier_zip.build(doc, b"p", b"x", [altered, *others], io.BytesIO())
    assert caught.value.name == first[0]


@pytest.mark.parametrize("change", [b"", b"x"])
def test_a_piece_shorter_or_longer_than_recorded_stops_the_building(change: bytes) -> None:
    doc = sample()
    first, *others = pieces_of(doc)
    data = content(first[0]) + b"x" if change else content(first[0])[:-1]
    with pytest.raises(PieceAltered):
        dossier_zip.build(doc, b"p", b"x", [(first[0], lambda: io.BytesIO(data), *first[2:]), *others], io.BytesIO())


def test_a_piece_can_be_a_path(tmp_path: Path) -> None:
    doc, out = sample(), io.BytesIO()
    given: list[tuple[str, Path, str, int]] = []
    for place, (name, _, sha256, size) in enumerate(pieces_of(doc)):
        stored = tmp_path / str(place)
        stored.write_bytes(content(name))
        given.append((name, stored, sha256, size))
    dossier_zip.build(doc, b"%PDF-1.7 fictif", b"PK fictif", given, out)
    assert out.getvalue() == archive(doc)


def test_a_piece_the_document_does_not_list_is_refused() -> None:
    doc = sample()
    with pytest.raises(ValueError, match="not those that the document lists"):
        dossier_zip.build(doc, b"p", b"x", pieces_of(doc)[1:], io.BytesIO())


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "pieces/D2.P1/../x",
        "pieces/D2.P1/",
        "/x",
        "pieces/D2.P1/a\\b",
        "pieces/D2.P1/é",
        "dossier.pdf",
    ],
)
def test_an_unsafe_name_is_refused(name: str) -> None:
    doc = sample()
    doc["rows"][0]["pieces"][0]["name"] = name
    with pytest.raises(ValueError, match="not a safe name"):
        dossier_zip.build(doc, b"p", b"x", pieces_of(doc), io.BytesIO())


def test_an_output_that_cannot_be_read_back_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as out, pytest.raises(ValueError, match="w\\+b"):
        dossier_zip.build(sample(), b"p", b"x", [], out)


# ── verification ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_untouched_archive_is_intact(path: Path, built: bytes) -> None:
    found = verify(path)
    assert (found.intact, found.problems) == (True, ())
    assert found.manifest_sha256 == hashlib.sha256(members(built)["MANIFEST.json"]).hexdigest()


def test_a_flipped_byte_is_found_wherever_it_is(path: Path, built: bytes) -> None:
    step = len(built) // 200
    places = [*range(0, len(built), step), *range(len(built) - 120, len(built))]
    missed = []
    for place in places:
        path.write_bytes(built[:place] + bytes([built[place] ^ 0x10]) + built[place + 1 :])
        if verify(path).intact:
            missed.append(place)
    assert missed == []


def test_the_piece_that_changed_is_named(path: Path, built: bytes) -> None:
    name = min(files(sample()))
    place = built.index(content(name)[:30]) + 5
    path.write_bytes(built[:place] + b"#" + built[place + 1 :])
    assert any(name in problem for problem in verify(path).problems)


@pytest.mark.parametrize("keep", [0, 1, 10, 21, 100, 2000, -1, -100])
def test_a_truncated_archive_is_not_intact(path: Path, built: bytes, keep: int) -> None:
    path.write_bytes(built[:keep])
    assert not verify(path).intact


@pytest.mark.parametrize(
    "raw", [b"<html>", b"%PDF-1.7", b"PK", b"PK\x03\x04" + b"\0" * 500, b"PK\x05\x06" + b"\xff" * 300]
)
def test_what_is_not_an_archive_gets_a_sentence(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
    found = verify(path)
    assert not found.intact
    assert all(problem[0].isupper() for problem in found.problems)


def test_a_file_that_does_not_exist_gets_a_sentence(tmp_path: Path) -> None:
    assert verify(tmp_path / "rien.zip").problems == ("Le fichier rien.zip n’existe pas",)


def test_bytes_added_at_the_end_or_the_start_are_found(path: Path, built: bytes) -> None:
    for raw in (built + b"x", b"x" + built):
        path.write_bytes(raw)
        assert not verify(path).intact


def test_the_same_members_in_the_same_order_stay_intact_by_content(path: Path, built: bytes) -> None:
    rewrite(path, list(members(built).items()))
    assert verify(path).intact


@pytest.mark.parametrize(
    "gone", ["dossier.pdf", "annexe.xlsx", "dossier.json", "MANIFEST.json", "SHA256SUMS", "pieces/D2.P1/piece_1.pdf"]
)
def test_a_missing_member_is_named(path: Path, built: bytes, gone: str) -> None:
    rewrite(path, [(name, data) for name, data in members(built).items() if name != gone])
    assert f"Le fichier {gone} manque" in verify(path).problems


def test_an_added_member_is_named(path: Path, built: bytes) -> None:
    rewrite(path, [*members(built).items(), ("pieces/D2.P1/intrus.exe", b"x")])
    assert verify(path).problems == (
        "Le fichier pieces/D2.P1/intrus.exe a été ajouté : le manifeste ne le connaît pas",
    )


def test_a_duplicated_member_is_named(path: Path, built: bytes) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        rewrite(path, [*members(built).items(), ("dossier.pdf", b"autre")])
    assert "Le fichier dossier.pdf est présent 2 fois" in verify(path).problems


def test_a_changed_member_is_named(path: Path, built: bytes) -> None:
    rewrite(path, [(name, data + b" " if name == "dossier.pdf" else data) for name, data in members(built).items()])
    assert verify(path).problems == ("Le fichier dossier.pdf a changé : son empreinte n’est plus celle du manifeste",)


def test_a_manifest_rewritten_to_match_a_changed_piece_is_found_by_the_sums(path: Path, built: bytes) -> None:
    inside = members(built)
    inside["dossier.pdf"] = b"faux"
    manifest = json.loads(inside["MANIFEST.json"])
    entry = next(item for item in manifest["members"] if item["name"] == "dossier.pdf")
    entry.update(sha256=hashlib.sha256(b"faux").hexdigest(), size=4)
    inside["MANIFEST.json"] = canonical.dumps(manifest)
    rewrite(path, list(inside.items()))
    assert verify(path).problems == (
        "MANIFEST.json et SHA256SUMS ne disent pas la même chose : l’un des deux a été changé",
    )


@pytest.mark.parametrize(
    "manifest", [b"", b"{}", b"[]", b'{"format":"vigie-archive/1","members":[{"name":1}]}', b"[" * 200_000]
)
def test_a_manifest_that_is_not_ours_gets_a_sentence(path: Path, built: bytes, manifest: bytes) -> None:
    rewrite(path, [(name, manifest if name == "MANIFEST.json" else data) for name, data in members(built).items()])
    assert "Le manifeste MANIFEST.json ne se lit pas : il a été changé" in verify(path).problems


def test_a_member_that_swells_is_not_read_to_its_end(path: Path, built: bytes) -> None:
    with path.open("w+b") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in members(built).items():
            target.writestr(name, b"\0" * 50_000_000 if name == "dossier.pdf" else data)
    assert "Le fichier dossier.pdf a changé : son empreinte n’est plus celle du manifeste" in verify(path).problems


def test_a_hostile_member_name_is_printed_without_its_controls(path: Path, built: bytes) -> None:
    rewrite(path, [*members(built).items(), ("../\x1b[31m\u202exe.pdf", b"x")])
    (problem,) = verify(path).problems
    assert "\x1b" not in problem
    assert "\u202e" not in problem


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("PSSI signée (v1.2).PDF", "PSSI_signee_v1_2.pdf"),
        ("Œuvre d’été.docx", "OEuvre_d_ete.docx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Temp\\plan.xlsx", "plan.xlsx"),
        ("nul.pdf", "nul_.pdf"),
        (".htaccess", "htaccess"),
        ("日本.pdf", "piece.pdf"),
        ("", "piece"),
        ("..", "piece"),
        ("a" * 300 + ".tar.gz", "a" * 80 + ".gz"),
    ],
)
def test_a_file_name_becomes_safe_and_stays_recognisable(typed: str, stored: str) -> None:
    assert piece_names([("D2.P1", typed)]) == [f"pieces/D2.P1/{stored}"]


def test_names_that_would_clash_get_a_number_and_rows_do_not_mix() -> None:
    given = [("D2.P1", "Été.pdf"), ("D2.P1", "ete.PDF"), ("D2.P1", "ete_2.pdf"), ("D2.P2", "Été.pdf")]
    assert piece_names(given) == [
        "pieces/D2.P1/Ete.pdf", "pieces/D2.P1/ete_2.pdf", "pieces/D2.P1/ete_2_2.pdf", "pieces/D2.P2/Ete.pdf",
    ]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_a_hostile_file_name_gives_a_safe_one(typed: str) -> None:
    (name,) = piece_names([("D2.O1.C", typed)])
    assert SAFE.fullmatch(name)


def test_a_row_code_that_is_a_path_is_refused() -> None:
    with pytest.raises(ValueError, match="folder"):
        piece_names([("../x", "a.pdf")])
