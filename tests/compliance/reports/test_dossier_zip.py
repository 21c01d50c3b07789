"""The archive: the same bytes for the same facts, exactly the pieces of its document, in the order of the counter."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from compliance.reports import canonical, dossier_zip, verify_dossier
from compliance.reports.dossier_zip import Piece, PieceAltered, Printed
from compliance.reports.piece_names import SAFE, piece_names
from tests.factories.canonical import HOSTILE, chain, content, files, sample

PRINTED = Printed(b"%PDF-1.7 fictif", b"PK word fictif", b"PK fictif")
ALWAYS = ["LISEZ-MOI.txt", "dossier.pdf", "dossier.docx", "annexe.xlsx"]


def chunks(name: str) -> Callable[[], list[bytes]]:
    return lambda: [content(name)[:100], content(name)[100:]]


def pieces_of(doc: dict[str, Any]) -> list[Piece]:
    listed = [piece for row in doc["rows"] for piece in row["pieces"]]
    return [Piece(piece["name"], piece["sha256"], piece["size"], chunks(piece["name"])) for piece in listed]


def archive(doc: dict[str, Any] | None = None, *, filed: bool = False) -> bytes:
    doc, out = doc or sample(), io.BytesIO()
    events = chain(canonical.dumps(doc)) if filed else []
    dossier_zip.build(doc, PRINTED, pieces_of(doc), out, events=events)
    return out.getvalue()


@pytest.fixture(scope="module")
def built() -> bytes:
    return archive()


def members(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as source:
        return {name: source.read(name) for name in source.namelist()}


def test_the_same_document_gives_the_same_archive() -> None:
    assert archive(sample(), filed=True) == archive(sample(), filed=True)


def test_the_order_of_the_pieces_given_does_not_matter() -> None:
    doc, first, second = sample(), io.BytesIO(), io.BytesIO()
    dossier_zip.build(doc, PRINTED, pieces_of(doc), first)
    dossier_zip.build(doc, PRINTED, reversed(pieces_of(doc)), second)
    assert first.getvalue() == second.getvalue()


def test_the_archive_holds_what_it_promises_in_the_order_of_the_referential(built: bytes) -> None:
    names = list(members(built))
    rows = [name.split("/")[1] for name in names if name.startswith("pieces/")]
    assert rows[:3] == ["D2.P1", "D2.P2", "D2.O1.A"]
    assert set(files(sample())) == {name for name in names if name.startswith("pieces/")}
    assert names[:4] == ALWAYS
    assert names[-4:] == ["dossier.json", "verify_dossier.py", "MANIFEST.json", "SHA256SUMS"]


def test_a_dossier_from_a_freeze_holds_its_chain_and_names_its_head() -> None:
    inside = members(archive(filed=True))
    events = json.loads(inside["events.json"])
    assert [event["sequence"] for event in events] == [1, 2, 3, 4]
    assert json.loads(inside["MANIFEST.json"])["events"] == {"count": 4, "head": events[-1]["hash"]}
    assert "events.json" in inside["LISEZ-MOI.txt"].decode()


def test_a_draft_holds_no_chain(built: bytes) -> None:
    inside = members(built)
    assert "events.json" not in inside
    assert json.loads(inside["MANIFEST.json"])["events"] is None


def test_the_notice_lists_each_piece_under_its_row_in_the_order_of_the_counter(built: bytes) -> None:
    text = members(built)["LISEZ-MOI.txt"].decode()
    places = [text.index(name) for name in (name for name in members(built) if name.startswith("pieces/"))]
    assert places == sorted(places)
    assert text.count("aucune pièce jointe") == sum(1 for row in sample()["rows"] if not row["pieces"])


@pytest.mark.parametrize("kind", ["notice", "script"])
def test_the_archive_carries_how_to_check_it(built: bytes, kind: str) -> None:
    inside = members(built)
    if kind == "script":
        assert inside["verify_dossier.py"] == Path(verify_dossier.__file__).read_bytes()
    else:
        assert "python verify_dossier.py dossier.zip" in inside["LISEZ-MOI.txt"].decode()


def test_how_far_it_is_is_told_before_each_member() -> None:
    doc, told = sample(), []
    dossier_zip.build(doc, PRINTED, pieces_of(doc), io.BytesIO(), said=lambda done, total: told.append((done, total)))
    assert told == [(place, len(files(doc)) + 8) for place in range(len(files(doc)) + 8)]


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
    altered = replace(first, chunks=lambda: [content(first.name)[:-1] + b"?"])
    with pytest.raises(PieceAltered) as caught:
        dossier_zip.build(doc, PRINTED, [altered, *others], io.BytesIO())
    assert caught.value.name == first.name


@pytest.mark.parametrize("longer", [False, True])
def test_a_piece_shorter_or_longer_than_recorded_stops_the_building(longer: bool) -> None:
    doc = sample()
    first, *others = pieces_of(doc)
    data = content(first.name) + b"x" if longer else content(first.name)[:-1]
    with pytest.raises(PieceAltered):
        dossier_zip.build(doc, PRINTED, [replace(first, chunks=lambda: [data]), *others], io.BytesIO())


def test_a_piece_the_document_does_not_list_is_refused() -> None:
    doc = sample()
    foreign = replace(pieces_of(doc)[0], name="pieces/D2.P1/ailleurs.pdf")
    for given in (pieces_of(doc)[1:], [*pieces_of(doc), foreign], [*pieces_of(doc), pieces_of(doc)[0]]):
        with pytest.raises(ValueError, match="not those that the document lists"):
            dossier_zip.build(doc, PRINTED, given, io.BytesIO())


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
        dossier_zip.build(doc, PRINTED, pieces_of(doc), io.BytesIO())


def test_an_output_that_cannot_be_read_back_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as out, pytest.raises(ValueError, match="w\\+b"):
        dossier_zip.build(sample(), PRINTED, [], out)


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


def test_a_piece_of_any_referential_has_a_name() -> None:
    """A piece of an obligation is described with the others of its candidate."""
    given = [(code, "note.pdf") for code in ("D1.O2", "HC.1", "OBL.1")]
    assert piece_names(given) == [f"pieces/{code}/note.pdf" for code, _ in given]


def test_a_row_code_that_is_a_path_is_refused() -> None:
    with pytest.raises(ValueError, match="folder"):
        piece_names([("../x", "a.pdf")])
