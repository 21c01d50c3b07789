"""Spreadsheet files made by hand: minimal, hostile, or not spreadsheets at all."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_NAMESPACES = " ".join(f'xmlns:{name}="{_ODF}:{name}:1.0"' for name in ("office", "table", "text", "style"))
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"


def parts(
    rows: str = "", *, shared: str | None = None, dimension: str = "", workbook_type: str = WORKBOOK_TYPE
) -> dict[str, str]:
    """The parts of a minimal .xlsx with one sheet; `rows` is the inside of sheetData."""
    overrides = (
        f'<Override PartName="/xl/workbook.xml" ContentType="{workbook_type}"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.worksheet+xml"/>'
    )
    links = f'<Relationship Id="rId1" Type="{_RELATIONSHIPS}/worksheet" Target="worksheets/sheet1.xml"/>'
    found = {}
    if shared is not None:
        overrides += (
            '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'spreadsheetml.sharedStrings+xml"/>'
        )
        links += f'<Relationship Id="rId2" Type="{_RELATIONSHIPS}/sharedStrings" Target="sharedStrings.xml"/>'
        found["xl/sharedStrings.xml"] = shared
    return {
        "[Content_Types].xml": f'<?xml version="1.0"?><Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATIONSHIPS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{_RELATIONSHIPS}"><sheets>'
        '<sheet name="Feuil1" sheetId="1" '
        'r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">{dimension}<sheetData>{rows}</sheetData></worksheet>',
        **found,
    }


def ods(*tables: str, styles: str = "", before: str = "", after: str = "") -> dict[str, str]:
    """The parts of an OpenDocument spreadsheet; each of `tables` is the inside of one, named Feuille1, Feuille2..."""
    sheets = "".join(
        f'<table:table table:name="Feuille{rank}" table:style-name="ta{rank}">{inside}</table:table>'
        for rank, inside in enumerate(tables, 1)
    )
    return {
        "mimetype": ODS_TYPE,
        "content.xml": f'<office:document-content {_NAMESPACES} xmlns:calcext="{_CALC}">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{before}{sheets}{after}</office:spreadsheet></office:body>"
        "</office:document-content>",
    }


def ods_row(*cells: str, about: str = "") -> str:
    """One row of an OpenDocument sheet."""
    return f"<table:table-row {about}>{''.join(cells)}</table:table-row>"


def ods_cell(text: str = "", about: str = "", kind: str = "string") -> str:
    """One cell of an OpenDocument sheet, with the text that shows."""
    inside = f"<text:p>{text}</text:p>" if text else ""
    return f'<table:table-cell office:value-type="{kind}" {about}>{inside}</table:table-cell>'


def styled(rows: str, styles: str) -> dict[str, str]:
    """An .xlsx with this style sheet (its inside)."""
    found = parts(rows)
    link = f'<Relationship Id="rId9" Type="{_RELATIONSHIPS}/styles" Target="styles.xml"/></Relationships>'
    found["xl/_rels/workbook.xml.rels"] = found["xl/_rels/workbook.xml.rels"].replace("</Relationships>", link)
    return found | {"xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'}


def sheet_part(inside: str) -> dict[str, str]:
    """An .xlsx whose sheet holds this, beside or instead of its sheetData."""
    return parts() | {"xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">{inside}</worksheet>'}


def packed(members: Mapping[str, str | bytes], path: Path, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write members as a ZIP."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def text_row(number: int, *values: str) -> str:
    """One row of inline strings."""
    cells = "".join(f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in values)
    return f'<row r="{number}">{cells}</row>'


def ole(*streams: str) -> bytes:
    """The look of an old Microsoft container with these directory entries."""
    entries = b"".join((name + "\0").encode("utf-16-le").ljust(128, b"\0") for name in streams)
    return OLE + bytes(504) + entries.ljust(1024, b"\0")


def duplicated(path: Path) -> Path:
    """A workbook whose sheet is there twice."""
    packed(parts(text_row(1, "a")), path)
    stream = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("XL/worksheets/SHEET1.xml", "<x/>")
    path.write_bytes(stream.getvalue())
    return path


def overlapping(path: Path) -> Path:
    """A workbook whose directory makes two members share their bytes."""
    data = bytearray(packed(parts(text_row(1, "a")), path).read_bytes())
    first = data.find(b"PK\x01\x02")
    second = data.find(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    path.write_bytes(data)
    return path


def crowded(path: Path, announced: int) -> Path:
    """A file whose end announces a directory of this many bytes."""
    data = bytearray(packed(parts(), path).read_bytes())
    end = data.rfind(b"PK\x05\x06")
    data[end + 12 : end + 16] = struct.pack("<I", announced)
    path.write_bytes(data)
    return path
