"""What a file is and holds, whatever its name: pieces made by code, given to the real limited process."""

from __future__ import annotations

import dataclasses
import io
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.inspection import child
from compliance.inspection.findings import Findings
from compliance.inspection.inspector import Inspection, Limits, inspect
from tenants import confined
from tests.factories.pieces import (
    EICAR,
    JPEG,
    PNG,
    PROGRAM,
    link,
    nir,
    ole,
    packed,
    pdf,
    word,
    workbook,
)

_ACTION = "/OpenAction << /S /JavaScript /JS (app.alert) >>"


def told(content: bytes, **limits: Any) -> Inspection:
    """What the process would find, without starting one."""
    findings = Findings(dataclasses.asdict(Limits(**limits)))
    child.examine(io.BytesIO(content), findings)
    return Inspection(**findings.told())


def really(content: bytes, folder: Path, **limits: Any) -> Inspection:
    """What the limited process finds."""
    path = folder / "piece.pdf"  # the name never matters
    path.write_bytes(content)
    return inspect(path, Limits(**limits))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (pdf("Bonjour"), "application/pdf"),
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (word("Bonjour"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (workbook("1"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (
            packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}),
            "application/vnd.oasis.opendocument.text",
        ),
        (ole("WordDocument"), "application/msword"),
        (ole("PowerPoint Document"), "application/vnd.ms-powerpoint"),
        ("Été;Hiver\n1;2\n3;4\n".encode("cp1252"), "text/csv"),
        (b"Un simple texte, sans tableau.\n", "text/plain"),
        (packed({"a.txt": "a"}), "application/zip"),
    ],
)
def test_a_file_is_known_by_its_bytes(content: bytes, kind: str) -> None:
    found = told(content)
    assert (found.media_type, found.problem, found.executable) == (kind, "", False)


@pytest.mark.parametrize(
    "content",
    [PROGRAM, b"\x7fELF\x02" + b"\0" * 60, b"#!/bin/sh\nrm -rf /\n", b"@echo off\r\ndel *\r\n", packed({"a/b.exe": PROGRAM})],
)  # fmt: skip
def test_a_program_is_one_under_any_name_and_inside_an_archive(content: bytes) -> None:
    assert told(content).executable


def test_a_pdf_gives_its_pages_its_text_and_the_number_of_persons_in_it() -> None:
    found = told(pdf("Fiche reflexe", f"Patient {nir()}", "Patient 2 55 08 14 168 025 38", nir()))
    assert (found.pages, found.identifiers, found.partly_read) == (4, 2, False)
    assert "Fiche reflexe" in found.text


def test_the_number_itself_is_never_written_by_the_process_but_in_the_excerpt_of_the_text() -> None:
    found = told(pdf("Un mot", nir()), excerpt=6)
    assert found.identifiers == 1
    assert nir() not in repr(found)


@pytest.mark.parametrize(
    ("changes", "macros", "links", "embedded"),
    [
        ({"catalogue": _ACTION}, True, 0, 0),
        ({"catalogue": "/OpenAction 100 0 R", "objects": (b"<< /S /Launch /F (a.exe) >>",)}, True, 1, 0),
        ({"catalogue": "/AA << /WC << /S /GoToR /F (autre.pdf) /D [0 /Fit] >> >>"}, False, 1, 0),
        ({"catalogue": "/OpenAction << /S /URI /URI (file://serveur/partage) >>"}, False, 1, 0),
        ({"catalogue": "/OpenAction << /S /URI /URI (https://esante.gouv.fr) >>"}, False, 0, 0),
        (
            {
                "catalogue": "/Names << /EmbeddedFiles << /Names [(a) 100 0 R] >> >>",
                "objects": (
                    b"<< /Type /Filespec /F (a) /EF << /F 101 0 R >> >>",
                    b"<< /Length 15 >>\nstream\n%s\nendstream" % nir().encode(),
                ),
            },
            False,
            0,
            1,
        ),
    ],
)
def test_what_a_pdf_would_run_open_or_hand_out_is_told(
    changes: dict[str, Any], macros: bool, links: int, embedded: int
) -> None:
    found = told(pdf("a", **changes))
    assert (found.macros, found.external_links, found.embedded_files) == (macros, links, embedded)
    assert found.identifiers == embedded  # the file inside holds a number


def test_a_pdf_with_a_password_is_told_and_one_that_only_forbids_printing_is_read(tmp_path: Path) -> None:
    def encrypted(user: str) -> bytes:
        stream = io.BytesIO()
        with pikepdf.open(io.BytesIO(pdf("Secret"))) as document:
            document.save(stream, encryption=pikepdf.Encryption(user=user, owner="proprietaire"))
        return stream.getvalue()

    assert told(encrypted("sesame")).encrypted
    restricted = really(encrypted(""), tmp_path)  # AES: the limited process must have what decrypts it
    assert (restricted.encrypted, restricted.text.strip()) == (False, "Secret")


def test_a_number_cut_into_runs_by_word_is_found_and_paragraphs_do_not_make_one() -> None:
    number = nir()
    cut = f"{number[:4]}|{number[4:9]}|{number[9:]}"
    assert told(word("Organisation", f"Patient {cut}")).identifiers == 1
    assert told(word(number[:7], number[7:])).identifiers == 0


@pytest.mark.parametrize("cells", [(nir(),), (nir()[:13], nir()[13:]), ("1.85057800608436E+14",)])
def test_numbers_of_a_workbook_are_found_with_their_key_beside_them_too(cells: tuple[str, ...]) -> None:
    cells = (*cells[:-1], cells[-1].replace("36", nir()[13:]) if "E" in cells[-1] else cells[-1])
    assert told(workbook("12", *cells, "40")).identifiers == 1


def test_what_an_office_document_would_run_or_fetch_is_told() -> None:
    macros = told(workbook("1", more={"xl/vbaProject.bin": b"\0"}))
    linked = told(workbook("1", more={"xl/externalLinks/_rels/externalLink1.xml.rels": link("externalLinkPath", "file:///a.xlsx")}))  # fmt: skip
    template = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<d/>"}
    fetched = told(packed(template | {"word/_rels/settings.xml.rels": link("attachedTemplate", "https://a.example/t.dotm")}))  # fmt: skip
    clicked = told(packed(template | {"word/_rels/document.xml.rels": link("hyperlink", "https://a.example/")}))  # fmt: skip
    assert (macros.macros, linked.external_links, fetched.external_links, clicked.external_links) == (True, 1, 1, 0)
    assert (linked.macros, fetched.macros) == (False, False)


def test_a_document_inside_a_document_is_read_too() -> None:
    found = told(workbook("1", more={"xl/embeddings/a.docx": word(f"Patient {nir()}")}))
    assert (found.embedded_files, found.identifiers) == (1, 1)
    deep = packed({"1.zip": packed({"2.zip": packed({"3.zip": packed({"a.txt": nir()})})})})
    too_deep = told(deep)
    assert too_deep.partly_read
    assert "les plus profonds" in too_deep.problem


def test_old_office_documents_tell_their_macros_password_and_numbers() -> None:
    assert told(ole("WordDocument", "Macros", "VBA")).macros
    assert told(ole("EncryptedPackage")).encrypted
    protected = b"\xec\xa5" + b"\0" * 8 + struct.pack("<H", 0x0100)
    assert told(ole("WordDocument", content=protected)).encrypted
    sheet = b"\x09\x08\x10\x00" + b"\0" * 16 + b"\x2f\x00\x06\x00"
    assert told(ole("Workbook", content=sheet)).encrypted
    cell = b"\x03\x02\x0e\x00" + b"\0" * 6
    stored = cell + struct.pack("<d", int(nir())) + f"Patient {nir('2550814168025')}".encode("utf-16-le")
    assert told(ole("Workbook", content=b"\0" * 700 + stored)).identifiers == 2


def test_a_text_is_looked_through_to_its_end_not_in_its_excerpt_alone() -> None:
    found = told(b"Rien ici. " * 200_000 + f"{nir()}\n".encode(), excerpt=100)
    assert (found.identifiers, len(found.text), found.partly_read) == (1, 100, False)


@pytest.mark.parametrize("first", [pdf("Un mot"), PNG, JPEG])
def test_a_file_that_is_also_an_archive_is_told_and_both_are_read(first: bytes) -> None:
    found = told(first + packed({"cache.txt": nir()}))
    assert (found.polyglot, found.identifiers) == (True, 1)


@pytest.mark.parametrize(
    ("content", "limits", "words"),
    [
        (packed({"a.txt": b"0" * 30_000_000}), {}, "démesurément gros"),
        (packed({f"{place}.txt": "a" for place in range(30)}), {"members": 20}, "nombre anormal"),
        (packed({f"{place}.txt": b"a" * 900_000 for place in range(12)}), {"unpacked": 9_000_000}, "démesurément gros"),
        (workbook("1", more={"xl/a.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), {}, "DOCTYPE"),
        (pdf("a")[:-400], {}, "incomplet"),
        (b"%PDF-1.7\n" + b"x" * 3000, {}, "incomplet"),
        (packed({"a.txt": "a" * 5000})[:-30], {}, "incomplet"),
        (word("a")[:900], {}, "incomplet"),
        (PNG[:20], {}, "incomplète"),
        (b"\x00\x01\x02\x03", {}, "ne lit pas ce format"),
        (b"7z\xbc\xaf\x27\x1c" + b"\0" * 60, {}, "ne lit pas ce format"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_in_a_sentence(content: bytes, limits: dict[str, int], words: str) -> None:
    found = told(content, **limits)
    assert words in found.problem
    assert found.identifiers == 0


@given(
    st.sampled_from((pdf("a", nir()), word("a"), workbook("1"), ole("Workbook"), PNG)),
    st.lists(st.tuples(st.integers(0, 9_999), st.binary(max_size=9)), min_size=1, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_a_file_damaged_anywhere_is_read_or_told_and_never_stops_the_process(
    content: bytes, hurts: list[tuple[int, bytes]]
) -> None:
    for place, put in hurts:
        content = content[: place % len(content)] + put + content[place % len(content) + len(put) :]
    found = told(content)
    assert found.media_type
    assert found.problem or not found.partly_read


def test_a_member_that_lies_about_its_size_is_counted_while_it_is_read() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"0" * 3_000_000)
    lying = stream.getvalue().replace(struct.pack("<I", 3_000_000), struct.pack("<I", 1_000))
    found = told(lying)
    assert found.partly_read


@pytest.mark.parametrize(
    ("program", "words"),
    [("while True: print('x' * 10_000)", "interrompue"), ("import os; os.abort()", "interrompue"), ("print('{}')", ""),
     ("import time; time.sleep(60)", "trop long")],
)  # fmt: skip
def test_a_process_that_was_taken_over_or_dies_gives_a_sentence(
    program: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = subprocess.Popen

    def taken_over(_command: list[str], **options: Any) -> Any:
        return start([sys.executable, "-c", program], **options)

    monkeypatch.setattr(confined.subprocess, "Popen", taken_over)
    monkeypatch.setattr(confined, "_GRACE", 0.1)
    found = really(EICAR, tmp_path, wall_seconds=1)
    assert found.partly_read
    assert words in found.problem


def test_the_limited_process_reads_a_piece_and_stops_at_its_limits(tmp_path: Path) -> None:
    whole = really(pdf("Fiche reflexe", nir()), tmp_path)
    assert (whole.pages, whole.identifiers, whole.text.split()[0], whole.partly_read) == (2, 1, "Fiche", False)
    large = packed({"a.txt": b"0123456789" * 4_000_000})
    assert "mémoire" in really(large, tmp_path, memory=90_000_000, ratio=2_000).problem
    # Its own limit, or the end that the system puts to it, whichever comes first.
    stopped = really(b"a;b\n" * 1_000_000, tmp_path, cpu_seconds=0)
    assert re.search("trop long|interrompue", stopped.problem)
    assert "trop gros" in really(b"a" * 2000, tmp_path, file_size=1000).problem
    assert "vide" in really(b"", tmp_path).problem


def test_the_process_knows_nothing_of_the_product() -> None:
    script = (
        "import sys, compliance.inspection.child\n"
        "ours = {name for name in sys.modules if name.split('.')[0] in ('compliance', 'tenants', 'flask', 'sqlalchemy')}\n"
        "print(sorted(name for name in ours if not name.startswith('compliance.inspection')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3]
    )
    assert done.stdout.strip() == "['compliance', 'tenants', 'tenants.restraint']"
