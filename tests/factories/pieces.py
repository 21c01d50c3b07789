"""Pieces made by code, of every kind that people file or that hurts: PDF, office documents, pictures, programs."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

import docx

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40 + b"IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 40 + b"\xff\xd9"
PROGRAM = b"MZ\x90\0\x03" + b"\0" * 200
# The test string that every antivirus agrees to find, in two halves so that none finds it here.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"


def nir(body: str = "1850578006084") -> str:
    """The 13 characters of a fictive NIR, and their key."""
    value = int(body.replace("2A", "19").replace("2B", "18"))
    return f"{body}{97 - value % 97:02d}"


def pdf(*pages: str, catalogue: str = "", objects: tuple[bytes, ...] = ()) -> bytes:
    """A PDF of one line a page. `catalogue` is added to its catalogue; `objects` are numbered from 100."""
    numbered: list[tuple[int, bytes]] = [(3, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")]
    kids = []
    for place, text in enumerate(pages or ("",)):
        page, content = 10 + 2 * place, 11 + 2 * place
        kids.append(f"{page} 0 R")
        drawn = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode("latin-1")
        numbered += [
            (page, f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {content} 0 R /Resources << /Font << /F1 3 0 R >> >> >>".encode()),
            (content, b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn)),
        ]  # fmt: skip
    numbered += [
        (1, f"<< /Type /Catalog /Pages 2 0 R {catalogue} >>".encode()),
        (2, f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()),
        *((100 + place, value) for place, value in enumerate(objects)),
    ]
    body, places = bytearray(b"%PDF-1.7\n"), {}
    for number, value in sorted(numbered):
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    start = len(body)
    body += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in sorted(places.items()):
        body += b"%d 1\n%010d 00000 n \n" % (number, place)
    body += b"trailer\n<< /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF\n" % (max(places) + 1, start)
    return bytes(body)


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP of these members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def word(*paragraphs: str) -> bytes:
    """A Word document; a bar in a paragraph begins another run, as Word cuts words anywhere."""
    document, stream = docx.Document(), io.BytesIO()
    for text in paragraphs:
        paragraph = document.add_paragraph()
        for run in text.split("|"):
            paragraph.add_run(run)
    document.save(stream)
    return stream.getvalue()


_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(*cells: str, more: Mapping[str, str | bytes] | None = None) -> bytes:
    """A workbook of one row of numbers or texts written in place; `more` members are added to the package."""
    row = "".join(f"<c><v>{cell}</v></c>" for cell in cells)
    return packed(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": f'<workbook xmlns="{_SHEET}"/>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SHEET}"><sheetData><row>{row}</row></sheetData></worksheet>',
            **(more or {}),
        }
    )


def link(kind: str, target: str) -> str:
    """A list of relationships with one external target."""
    return f'<Relationships xmlns="{_LINKS}"><Relationship Id="r1" Type="{_KINDS}/{kind}" TargetMode="External" Target="{target}"/></Relationships>'


def ole(*names: str, content: bytes = b"", sector: int = 0) -> bytes:
    """An old container with directory entries of these names; the first stream is at `sector`, and begins with `content`."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(30, b"\0") + struct.pack("<H", 9)
    body = content.ljust(1024, b"\0")
    for place, name in enumerate(names):
        told = (name + "\0").encode("utf-16-le")
        start = sector if place == 0 else 0
        entry = told.ljust(64, b"\0") + struct.pack("<HB", len(told), 2)
        body += entry.ljust(116, b"\0") + struct.pack("<I", start) + b"\0" * 8
    return header.ljust(512, b"\0") + body
