"""Files made to hurt a reader, one of each class, with what must become of them: a refusal by its code, or "read".

Sizes are those that hurt an unlimited reader; the ratio of compression is left out where it would stop a file before
what it is about.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.importers import biff
from tests.importers.archives import MAIN, ods, ods_cell, ods_row, packed, parts, sheet_part, styled, text_row

_DATA = f"<sheetData>{text_row(1, 'a')}</sheetData>"
_SHARED, _MERGED = '<c t="s"><v>0</v></c>', '<mergeCell ref="A1:B1"/>'
_NAMED = '<definedName name="a">b</definedName>'
_FREE = {"ratio": 1_000_000}
_ENTITY = '<!DOCTYPE a [<!ENTITY b "c">]>'


@dataclass(frozen=True)
class Case:
    """One hostile file; `limits` replaces some of the usual ones."""

    outcome: str
    build: Callable[[Path], Path]
    limits: Mapping[str, int] = field(default_factory=dict)


def _zip(members: Mapping[str, str | bytes] | Callable[[], Mapping[str, str | bytes]]) -> Callable[[Path], Path]:
    return lambda path: packed(members() if callable(members) else members, path)


def _bytes(content: bytes | Callable[[], bytes]) -> Callable[[Path], Path]:
    def build(path: Path) -> Path:
        path.write_bytes(content() if callable(content) else content)
        return path

    return build


def _free(outcome: str, members: Callable[[], Mapping[str, str | bytes]], **limits: int) -> Case:
    return Case(outcome, _zip(members), {**_FREE, **limits})


def _row(inside: str, *, shared: str | None = None) -> Mapping[str, str | bytes]:
    return {**parts(f'<row r="1">{inside}</row>', shared=shared)}


def _moved(name: str, content: str | bytes) -> dict[str, str | bytes]:
    """An .xlsx whose sheet is a part of another name."""
    members: dict[str, str | bytes] = {**parts(), f"xl/worksheets/{name}": content}
    links = str(members["xl/_rels/workbook.xml.rels"])
    members["xl/_rels/workbook.xml.rels"] = links.replace("sheet1.xml", name)
    return members


def _with_workbook(inside: str) -> Mapping[str, str | bytes]:
    members = parts(text_row(1, "a"))
    return {**members, "xl/workbook.xml": members["xl/workbook.xml"].replace("</workbook>", f"{inside}</workbook>")}


def _changed(content: bytes, place: int, new: bytes) -> bytes:
    return content[:place] + new + content[place + len(new) :]


_ONE = f'<sst xmlns="{MAIN}"><si><t>a</t></si></sst>'
_XLS = biff.xls(biff.Page("F", [["a"]]))

CASES: dict[str, Case] = {
    # --- the size of a sheet
    "two cells in opposite corners": Case("read", _zip(parts(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'))),
    "a lying dimension": Case("read", _zip(parts(text_row(1, "a"), dimension='<dimension ref="A1:XFD1048576"/>'))),
    "a million blank rows": _free("read", lambda: parts("".join(f'<row r="{n}"/>' for n in range(1, 1_048_577)))),
    "more rows than a sheet has": _free("damaged", lambda: parts("<row/>" * 1_100_000)),
    "a row of a million cells": _free("damaged", lambda: _row("<c><v>1</v></c>" * 1_000_000)),
    "rows in disorder": Case("damaged", _zip(parts('<row r="2"/><row r="1"><c><v>1</v></c></row>'))),
    "a row there twice": Case("damaged", _zip(parts('<row r="1"/><row r="1"/>'))),
    "a row before the first": Case("damaged", _zip(parts('<row r="-1"/>'))),
    "a row and a half": Case("damaged", _zip(parts('<row r="1.5"/>'))),
    "a row that is no number": Case("damaged", _zip(parts('<row r="nan"/>'))),
    "a cell there twice": Case("damaged", _zip(_row('<c r="A1"><v>1</v></c><c r="A1"><v>2</v></c>'))),
    "a column past the last": Case("damaged", _zip(_row('<c r="XFE1"><v>1</v></c>'))),
    "a column of a hundred letters": Case("damaged", _zip(_row(f'<c r="{"Z" * 100}1"><v>1</v></c>'))),
    "a cell without a column": Case("damaged", _zip(_row('<c r="1"><v>1</v></c>'))),
    # --- texts
    "a cell of 50 MB": _free("read", lambda: parts(text_row(1, "x" * 50_000_000))),
    "a cell of 40 million line ends": _free("memory", lambda: parts(text_row(1, "\n" * 40_000_000)), memory=200_000_000),
    "a long text that every cell uses": _free(
        "bomb",
        lambda: parts(
            "".join(f'<row r="{n}">{_SHARED * 200}</row>' for n in range(1, 40)),
            shared=f'<sst xmlns="{MAIN}"><si><t>{"x" * 3_999}</t></si></sst>',
        ),
        unpacked_size=2_000_000,
    ),
    "three million shared texts": _free("memory", lambda: _row(
        '<c t="s"><v>0</v></c>',
        shared=f'<sst xmlns="{MAIN}">{"<si><t>abc</t></si>" * 3_000_000}</sst>'), memory=128_000_000),
    "shared texts that lie about their number": Case("read", _zip(_row(
        '<c t="s"><v>0</v></c>', shared=_ONE.replace("<sst ", '<sst count="4000000000" uniqueCount="4000000000" ')))),
    "a shared text that is not there": Case("damaged", _zip(_row('<c t="s"><v>7</v></c>', shared=_ONE))),
    "a shared text before the first": Case("damaged", _zip(_row('<c t="s"><v>-1</v></c>', shared=_ONE))),
    "a shared text that is no number": Case("damaged", _zip(_row('<c t="s"><v>1e400</v></c>', shared=_ONE))),
    "a text of a million formats": _free("memory", lambda: _row(
        f'<c t="inlineStr"><is>{"<r><t>a</t></r>" * 1_500_000}</is></c>'), memory=128_000_000),
    # --- what surrounds the cells
    "a million merged cells": _free("read", lambda: sheet_part(
        f"{_DATA}<mergeCells>{_MERGED * 1_000_000}</mergeCells>")),
    "a million conditional formats": _free("read", lambda: sheet_part(
        f"{_DATA}<conditionalFormatting>{'<cfRule/>' * 1_000_000}</conditionalFormatting>")),
    "an extension of a million elements": _free("read", lambda: sheet_part(
        f"{_DATA}<extLst><ext>{'<x><y/></x>' * 1_000_000}</ext></extLst>")),
    "a million defined names": _free("read", lambda: _with_workbook(
        f"<definedNames>{_NAMED * 1_000_000}</definedNames>")),
    "a million sheets": _free("sheets", lambda: parts() | {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}"><sheets>{"<sheet/>" * 1_000_000}</sheets></workbook>'}),
    "a million styles": _free("damaged", lambda: styled(text_row(1, "a"), f"<cellXfs>{'<xf/>' * 1_000_000}</cellXfs>")),
    "a number format of a million brackets": _free("read", lambda: styled(
        '<row r="1"><c s="0"><v>1</v></c></row>',
        f'<numFmts><numFmt numFmtId="164" formatCode="{"[" * 1_000_000}"/></numFmts>'
        '<cellXfs><xf numFmtId="164"/></cellXfs>')),
    "an attribute of 20 MB": _free("read", lambda: _row(f'<c a="{"x" * 20_000_000}"><v>1</v></c>')),
    # Out of memory, taking so deep a tree down again sometimes asks for more at each level: its time runs out instead.
    "elements two million deep": _free(
        "memory", lambda: sheet_part("<a>" * 2_000_000), memory=200_000_000, cpu_seconds=3),
    "elements that never close": Case("damaged", _zip(sheet_part("<a>" * 1_000))),
    # --- XML
    "entities in a part named as a drawing": Case("entities", _zip(_moved(
        "sheet1.svg", f'{_ENTITY}<worksheet xmlns="{MAIN}"><sheetData>{text_row(1, "&b;")}</sheetData></worksheet>'))),
    "entities far behind a comment": Case("entities", _zip(_moved(
        "sheet1.svg", f"<!--{'x' * (1024 * 1024 - 9)}-->{_ENTITY}<worksheet/>")), _FREE),
    "entities in a part without extension": Case("entities", _zip(_moved("sheet1", f"{_ENTITY}<worksheet/>"))),
    "a part that hides its beginning behind spaces": Case("damaged", _zip(_moved("s.bin", " " * 70_000 + _ENTITY))),
    "a part in the letters of a mainframe": Case("damaged", _zip(_moved(
        "sheet1.xml", b'<?xml version="1.0" encoding="cp037"?>' + f"{_ENTITY}<worksheet/>".encode("cp037")))),
    "an entity that nobody declares": Case("damaged", _zip(parts(text_row(1, "&secret;")))),
    # --- the package
    "a link to a part that is not there": Case("damaged", _zip({
        name: content for name, content in parts().items() if name != "xl/worksheets/sheet1.xml"})),
    "content types of two megabytes": Case("damaged", _zip(parts() | {"[Content_Types].xml": " " * 2_000_000}), _FREE),
    "a macro sheet": Case("macros", _zip(parts() | {
        "[Content_Types].xml": "<Types>spreadsheetml.sheet.main+xml application/vnd.ms-excel.macrosheet+xml</Types>"})),
    "macros under another name": Case("macros", _zip(parts() | {
        "[Content_Types].xml": "<Types>spreadsheetml.sheet.main+xml application/vnd.ms-office.vbaProject</Types>"})),
    "a directory that a second one hides": Case("damaged", lambda path: _zip64(packed(parts(), path))),
    # --- OpenDocument
    "17 billion repeated cells": Case("cells", _zip(ods(ods_row(
        ods_cell("a", 'table:number-columns-repeated="16384"'), about='table:number-rows-repeated="1048576"')))),
    "a row repeated past the last": Case("damaged", _zip(ods(ods_row(
        ods_cell("a"), about='table:number-rows-repeated="99999999999"')))),
    "a row of 600 000 cells": _free("damaged", lambda: ods(ods_row(ods_cell("a") * 600_000))),
    "a cell of a billion spaces": Case("read", _zip(ods(ods_row(ods_cell('<text:s text:c="999999999"/>x'))))),
    "tables in tables": _free("read", lambda: ods(ods_row("<table:table-cell>" + "<table:table>" * 500_000 + "</table:table>" * 500_000 + "</table:table-cell>"))),
    "a doctype in the content": Case("entities", _zip({
        **ods(), "content.xml": _ENTITY + ods()["content.xml"]})),
    # --- old .xls
    "a container that loops": Case("damaged", _bytes(biff.container(b"", loop=True))),
    "a table of sectors that leads outside": Case("damaged", _bytes(_changed(_XLS, 76, b"\xf0\xff\xff\x7f"))),
    "a stream that begins outside": Case("damaged", _bytes(_changed(_XLS, 1024 + 128 + 116, b"\xf0\xff\xff\x0f"))),
    "a stream that is too short": Case("damaged", _bytes(_XLS[:2_000])),
    "sectors of an unknown size": Case("damaged", _bytes(_changed(_XLS, 30, b"\x1f\x00"))),
    "a container of the other endianness": Case("damaged", _bytes(_changed(_XLS, 28, b"\xff\xfe"))),
    "opposite corners of an old sheet": Case("memory", _bytes(
        biff.added(0x0203, struct.pack("<HHHd", 65_535, 255, 0, 1.0)))),
    "an old cell past the last column": Case("read", _bytes(
        biff.added(0x0203, struct.pack("<HHHd", 0, 65_535, 0, 1.0)))),
    "an old dimension that lies": Case("memory", _bytes(
        biff.added(0x0200, struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0)))),
    "an old cell that is no number": Case("read", _bytes(
        biff.added(0x0203, struct.pack("<HHHd", 1, 0, 1, float("nan"))))),
    "old merged cells by the thousand": Case("read", _bytes(
        biff.added(0x00E5, struct.pack("<H", 1_027) + struct.pack("<HHHH", 0, 65_535, 0, 255) * 1_027))),
    "an old record that is cut": Case("damaged", _bytes(biff.added(0x0205, b"\0\0"))),
    "an old macro sheet": Case("macros", _bytes(biff.xls(biff.Page("F", [["a"]]), biff.Page("M", [["b"]], kind=1)))),
    "an old workbook with macros": Case("macros", _bytes(biff.xls(biff.Page("F", [["a"]]), streams=["_VBA_PROJECT"]))),
    # --- CSV
    "ten million separators": Case("read", _bytes(lambda: b";" * 10_000_000)),
    "ten million lines": Case("read", _bytes(lambda: b"a;b\n" + b"\n" * 10_000_000)),
    "a quote that never closes": Case("read", _bytes(lambda: b'a;b\n"' + b"x;y\n" * 2_500_000)),
    "twelve million quotes": Case("read", _bytes(lambda: b"a;b\n" + b'"' * 12_000_000)),
    "a null byte far from the beginning": Case("nul", _bytes(b"a;b\n" * 2_000 + b"\0;b\n")),
    "UTF-16 with a null": Case("nul", _bytes("a;b\n\0;x\n".encode("utf-16"))),
    "UTF-32 taken for UTF-16": Case("nul", _bytes("a;b\n".encode("utf-32"))),
    "UTF-16 without its mark": Case("unknown", _bytes("a;b\n".encode("utf-16-le"))),
    "UTF-16 cut in a character": Case("read", _bytes("a;b\né;\ud800x\n".encode("utf-16", "surrogatepass") + b"\0")),
    "too many rows": Case("rows", _bytes(b"a;b\n" * 50_016)),
}  # fmt: skip


def _zip64(path: Path) -> Path:
    """Announce another directory, as very large archives do, just before the end."""
    content = path.read_bytes()
    end = content.rfind(b"PK\x05\x06")
    path.write_bytes(content[:end] + b"PK\x06\x07" + bytes(16) + content[end:])
    return path
