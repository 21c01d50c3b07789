"""Rendering a dossier opens no socket, reads no file beyond its inputs, and its pages hold what they should."""

from __future__ import annotations

import ctypes
import io
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from compliance.reports import annex, dossier_docx, dossier_pdf, dossier_readme, dossier_zip
from compliance.reports.dossier_zip import Piece, Printed
from tests.factories.canonical import content, reason, sample

ROOT = Path(__file__).resolve().parents[3]
SECRET = "contenu-du-fichier-temoin-7f3a"
OPENED = 0x20  # IN_OPEN


def hostile(canary: str, port: int) -> dict[str, Any]:
    """A dossier whose every free text tries to reach a file or a server."""
    url = f"http://127.0.0.1:{port}/"
    texts = (
        f"file://{canary}", f'#read("{canary}")', f'#image("{canary}")', f'#include "{canary}"', f'#import "{url}x.typ": *',
        f'@import url("{url}")', f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}x.png"/><use href="file://{canary}"/></svg>',
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{canary}">]>&e;', f'=WEBSERVICE("{url}")', f'{{% include "{canary}" %}}',
        f"{{{{ d.__class__.__init__.__globals__ }}}} {url}", f"\\\\127.0.0.1@{port}\\partage\\x.docx",
    )  # fmt: skip
    doc = sample()
    for place, party in enumerate(doc["parties"]):
        party.update(name=texts[place % len(texts)], source=texts[(place + 5) % len(texts)])
    for place, row in enumerate(doc["rows"]):
        row["reasons"] = [reason("X", text) for text in texts]
        row["next_action"] = texts[place % len(texts)]
        for piece in row["pieces"]:
            piece.update(filename=texts[(place + 3) % len(texts)], establishment=texts[(place + 7) % len(texts)])
    doc["candidate"]["name"] = texts[1]
    return doc


def everything(doc: dict[str, Any]) -> bytes:
    """The whole archive, rendered."""
    pieces = [
        Piece(piece["name"], piece["sha256"], piece["size"], lambda name=piece["name"]: [content(name)])  # type: ignore[misc]
        for row in doc["rows"]
        for piece in row["pieces"]
    ]
    printed = Printed(dossier_pdf.build(doc), dossier_docx.build(doc), annex.build(doc))
    out = io.BytesIO()
    dossier_zip.build(doc, printed, pieces, out)
    return out.getvalue() + dossier_readme.build(doc, filed=True)


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    path = tmp_path / "temoin.txt"
    path.write_text(SECRET)
    return path


@pytest.fixture
def openings(canary: Path) -> Iterator[Callable[[], int]]:
    """How often the canary was opened since: the kernel says it, whatever the language of who opens."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    if watch < 0 or libc.inotify_add_watch(watch, os.fsencode(canary), OPENED) < 0:
        pytest.skip("this system does not watch files")

    def count() -> int:
        try:
            raw = os.read(watch, 1 << 16)
        except BlockingIOError:
            return 0
        return len(raw) // struct.calcsize("iIII")

    yield count
    os.close(watch)


def test_hostile_texts_open_no_socket_and_no_file(canary: Path, openings: Callable[[], int]) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.setblocking(False)
        rendered = everything(hostile(str(canary), listening.getsockname()[1]))
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert openings() == 0
    assert SECRET.encode() not in rendered
    canary.read_text()
    assert openings() == 1  # the watch does see an opening


CHILD = """
import json
import sys
from pathlib import Path
from compliance.reports import dossier_pdf
from tests.compliance.reports.test_dossier_closed import everything, hostile
from tests.factories.canonical import sample
everything(sample())  # modules, fonts and templates are loaded once
seen = []
LAYS_OUT = [sys.executable, "-B", "-E", "-s", "-m", "compliance.reports.dossier_child", json.dumps(dossier_pdf.LIMITS)]
def hear(event, arguments):
    if event == "subprocess.Popen" and list(arguments[1]) == LAYS_OUT:
        seen.append("lays out")
    elif event == "open" and isinstance(arguments[0], (str, bytes)):
        seen.append(str(arguments[0]))
    elif event.split(".")[0] in {"socket", "subprocess", "urllib", "http", "ctypes"} or event in {"os.system", "os.exec", "os.posix_spawn"}:
        seen.append(event)
sys.addaudithook(hear)
everything(hostile(sys.argv[1], 9))
print("\\n".join(sorted(set(seen))))
"""


def test_python_opens_nothing_but_its_own_parts_while_it_renders(canary: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "travail"
    scratch.mkdir()
    command = [sys.executable, "-c", CHILD, canary]
    environment = os.environ | {"TMPDIR": str(scratch)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    allowed = tuple(
        str(place) for place in (ROOT, sys.prefix, sys.base_prefix, "/usr/share/zoneinfo", scratch, os.devnull)
    )
    # One process is started, the one that lays the PDF out: what is above and below hold for it too.
    assert [line for line in done.stdout.splitlines() if not line.startswith(allowed)] == ["lays out"]


# ── pages as pictures ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def pages() -> list[tuple[str, list[int]]]:
    """The text of each page, and the share of its inked pixels by band (header, body, footer), in thousandths."""
    document = pypdfium2.PdfDocument(dossier_pdf.build(sample()))
    told = []
    for page in document:
        picture = page.render(scale=0.5, grayscale=True).to_pil()
        width, height = picture.size
        bands = [
            (0, 0, width, height // 12),
            (0, height // 12, width, 11 * height // 12),
            (0, 11 * height // 12, width, height),
        ]
        ink = [sum(picture.crop(band).histogram()[:160]) * 1000 // (width * height) for band in bands]
        told.append((page.get_textpage().get_text_bounded(), ink))
    document.close()
    return told


def test_no_page_is_blank_and_each_has_its_header_and_its_foot(pages: list[tuple[str, list[int]]]) -> None:
    assert len(pages) >= 8
    assert [number for number, (_, ink) in enumerate(pages, 1) if not all(ink[1:])] == []
    for number, (text, _) in enumerate(pages, 1):
        said = " ".join(text.replace("\u00a0", " ").split())
        assert f"Page {number} sur {len(pages)}" in said
        assert "GHT des Deux Caps" in said


def test_the_contents_give_the_page_where_each_part_begins(pages: list[tuple[str, list[int]]]) -> None:
    first = " ".join(pages[0][0].replace("\u00a0", " ").split())
    parts = ["1. Les 13 objectifs", "2. Candidat et parties", "3. Activité couverte", "4. État de chaque objectif", "5. Matrice", "Annexe A.", "Annexe B."]  # fmt: skip
    begins = [
        next(
            number
            for number, (text, _) in enumerate(pages[1:], 2)
            if part in " ".join(text.replace("\u00a0", " ").split())
        )
        for part in parts
    ]
    assert begins == sorted(begins)
    for part, page in zip(parts, begins, strict=True):
        tail = first[first.index(part) + len(part) :]
        assert str(page) in tail.split(" Annexe")[0].split()[:12]
