"""An .xlsx becomes typed cells: those that openpyxl finds, and a word for what contradicts itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from importers.reading.sheet import ReadSheet, read
from tests.importers.archives import packed, parts, sheet_part, styled, text_row
from tests.importers.cells import cells, only
from tests.importers.kits import Member, clean_kit

MEMBERS = [Member("760780023", "CH de Dieppe"), Member("760780031", "CH d’Eu"), Member(None, "EHPAD Les Lilas")]


def xlsx(path: Path, members: Mapping[str, str | bytes]) -> ReadSheet:
    """The one sheet of an .xlsx made of these parts."""
    return only(read(packed(members, path / "a.xlsx")))


def row_of(path: Path, *inside: str, styles: str = "") -> list[tuple[str, object]]:
    """Kinds and values of the cells of a row of .xlsx."""
    row = f'<row r="1">{"".join(inside)}</row>'
    return list(cells(xlsx(path, styled(row, styles) if styles else parts(row))).values())


def as_openpyxl_says(value: Any, kind: str) -> tuple[str, object] | None:
    """A value of openpyxl as kind and value."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if kind == "e":
        return "error", value
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, int | float):
        return "number", value
    if isinstance(value, dt.datetime):
        return "date", value.isoformat()[:19]
    if isinstance(value, dt.time | dt.timedelta):
        return "time", str(value).split(".")[0].zfill(8)
    return "text", str(value)


def compare(path: Path) -> int:
    """Hold every cell of every visible sheet against openpyxl; return how many there are."""
    theirs = openpyxl.load_workbook(path, data_only=True)
    seen = 0
    for sheet in read(path).sheets:
        wanted = {
            cell.coordinate: found
            for row in theirs[sheet.name].iter_rows()
            for cell in row
            if (found := as_openpyxl_says(cell.value, cell.data_type)) is not None
        }
        assert cells(sheet) == wanted
        seen += len(wanted)
    return seen


def test_the_kit_is_read_as_openpyxl_reads_it(tmp_path: Path) -> None:
    assert compare(clean_kit(tmp_path / "k.xlsx", MEMBERS)) > 200


@pytest.mark.parametrize("date_1904", [False, True])
def test_every_type_is_read_as_openpyxl_reads_it(tmp_path: Path, date_1904: bool) -> None:
    path = tmp_path / "a.xlsx"
    formats = [
        "dd/mm/yyyy", "d mmm yy", "[$-40C]dddd d mmmm yyyy;@", "hh:mm", "[h]:mm", "h:mm AM/PM", "0.00", "0 %", "# ##0,00 €",
        '0" jours"', "General", "@", '0.0" s"', "yyyy-mm-dd hh:mm:ss", "#,##0_d", "0.00E+00", "[Red]0;[Blue]-0",
        '_-* #,##0.00\\ "€"_-', "mm:ss",
    ]  # fmt: skip
    with xlsxwriter.Workbook(path, {"date_1904": date_1904}) as book:
        page = book.add_worksheet("Types")
        for column, code in enumerate(formats):
            shown = book.add_format({"num_format": code})
            for row, value in enumerate((0.25, 1, 59, 60, 61, 1462.5, 45_000, 45_000.999999, 46_123.456, 0)):
                page.write_number(row, column, value, shown)
        page.write_row(10, 0, ["été", " espaces ", "a\nb", "=1+1", "12", "&<>\"'", "_x000D_", "𝔘nicode"])
        page.write_row(11, 0, [True, False, -3, 1e-7, 123_456_789_012_345, 1.5e300])
        page.write_formula(12, 0, "=1+1", None, 2)
        page.write_formula(12, 1, '="a"&"b"', None, "ab")
        page.write_formula(12, 2, "=NA()", None, "#N/A")
        page.write_rich_string(13, 0, "gras ", book.add_format({"bold": True}), "ici", " et là")
    assert compare(path) == 190 + 8 + 6 + 3 + 1


def test_what_openpyxl_writes_is_read_as_openpyxl_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    page.append(["a", 1, 2.5, True, dt.date(2026, 3, 12), dt.datetime(2026, 3, 12, 10, 30), dt.time(8, 15)])
    page.append([None, dt.timedelta(hours=30), CellRichText("a", TextBlock(InlineFont(b=True), "b")), "#REF!"])
    page["ZZ40"] = "loin"
    page.merge_cells("B5:C6")
    book.save(path)
    found = only(read(path))
    assert cells(found) == {
        "A1": ("text", "a"), "B1": ("number", 1), "C1": ("number", 2.5), "D1": ("boolean", True),
        "E1": ("date", "2026-03-12T00:00:00"), "F1": ("date", "2026-03-12T10:30:00"), "G1": ("time", "08:15:00"),
        "B2": ("time", "1 day, 6:00:00"), "C2": ("text", "ab"), "D2": ("error", "#REF!"),
    }  # fmt: skip
    assert found.wide == "ZZ40"
    assert found.merged == ((5, 2, 6, 3),)


def test_a_large_sheet_is_read_whole_across_its_chunks(tmp_path: Path) -> None:
    rows = "".join(text_row(number, f"ligne {number}", "x" * 50) for number in range(1, 30_001))
    found = xlsx(tmp_path, parts(rows))
    assert [row[1].value for row in found.rows.values()] == [f"ligne {number}" for number in range(1, 30_001)]


def test_a_prefix_on_every_element_changes_nothing(tmp_path: Path) -> None:
    inside = (
        '<x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c></x:row></x:sheetData>'
        '<x:mergeCells><x:mergeCell ref="A1:B2"/></x:mergeCells>'
    )
    part = sheet_part(inside)["xl/worksheets/sheet1.xml"].replace("<worksheet xmlns=", "<x:worksheet xmlns:x=")
    members = {**parts(), "xl/worksheets/sheet1.xml": part.replace("</worksheet>", "</x:worksheet>")}
    found = xlsx(tmp_path, members)
    assert (cells(found), found.merged) == ({"A1": ("text", "a")}, ((1, 1, 2, 2),))


def test_a_sheet_in_utf_16_is_read(tmp_path: Path) -> None:
    part = '<?xml version="1.0" encoding="UTF-16"?>' + parts(text_row(1, "été"))["xl/worksheets/sheet1.xml"]
    assert cells(xlsx(tmp_path, {**parts(), "xl/worksheets/sheet1.xml": part.encode("utf-16")})) == {
        "A1": ("text", "été")
    }


def test_rows_and_cells_without_a_place_follow_one_another(tmp_path: Path) -> None:
    row = "<row><c><v>1</v></c><c r='C{0}'><v>2</v></c><c><v>3</v></c></row>"
    assert list(cells(xlsx(tmp_path, parts(row.format(1) + row.format(2))))) == ["A1", "C1", "D1", "A2", "C2", "D2"]


def test_cells_in_disorder_are_put_in_order(tmp_path: Path) -> None:
    found = xlsx(tmp_path, parts('<row r="1"><c r="C1"><v>3</v></c><c r="A1"><v>1</v></c></row>'))
    assert list(cells(found).items()) == [("A1", ("number", 1)), ("C1", ("number", 3))]


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ('<c t="b"><v>1</v></c>', ("boolean", True)),
        ('<c t="b"><v>false</v></c>', ("boolean", False)),
        ('<c t="b"><v>junk</v></c>', ("error", "#VALUE!")),
        ('<c t="e"><v>#GETTING_DATA</v></c>', ("error", "#GETTING_DATA")),
        ("<c><v>1e308</v></c>", ("number", 1e308)),
        ("<c><v>1e309</v></c>", ("error", "#NUM!")),
        ("<c><v>NaN</v></c>", ("error", "#NUM!")),
        ("<c><v>1_000</v></c>", ("error", "#NUM!")),
        ("<c><v>²</v></c>", ("error", "#NUM!")),
        ("<c><v>-12</v></c>", ("number", -12)),
        ("<c><v>12.0</v></c>", ("number", 12)),
        (f"<c><v>{'9' * 5_000}</v></c>", ("error", "#NUM!")),
        ('<c t="d"><v>2026-03-12T10:30:15.123Z</v></c>', ("date", "2026-03-12T10:30:15")),
        ('<c t="d"><v>2026-03-12</v></c>', ("date", "2026-03-12T00:00:00")),
        ('<c t="d"><v>T08:15</v></c>', ("time", "08:15:00")),
        ('<c t="d"><v>T25:61</v></c>', ("error", "#VALUE!")),
        ('<c t="d"><v>12026-03-12</v></c>', ("error", "#VALUE!")),
        ('<c t="inlineStr"><is><r><t>ri</t></r><r><rPr/><t>che</t></r><rPh><t>x</t></rPh></is></c>', ("text", "riche")),
        ('<c t="str"><f>A1</f><v>texte</v></c>', ("text", "texte")),
        ('<c t="inconnu"><v>x</v></c>', ("text", "x")),
        ('<c t="str"><v>a_x0000_b_x0001_</v></c>', ("text", "ab_x0001_")),
        ("<c><f>1+1</f><v></v></c>", ("formula", "")),
    ],
)  # fmt: skip
def test_a_cell_of_xlsx(tmp_path: Path, cell: str, found: tuple[str, object]) -> None:
    assert row_of(tmp_path, cell) == [found]


@pytest.mark.parametrize(
    "cell", ['<c t="str"><f>""</f><v></v></c>', "<c/>", '<c t="s"/>', '<c t="inlineStr"/>', "<d/>"]
)
def test_what_shows_nothing_is_no_cell(tmp_path: Path, cell: str) -> None:
    assert row_of(tmp_path, cell) == []


@pytest.mark.parametrize(
    ("serial", "code", "found"),
    [
        ("46093", "14", ("date", "2026-03-12T00:00:00")),
        ("46093.4375", "22", ("date", "2026-03-12T10:30:00")),
        ("59", "14", ("date", "1900-02-28T00:00:00")),
        ("61", "14", ("date", "1900-03-01T00:00:00")),
        ("0.4375", "14", ("time", "10:30:00")),
        ("0.4375", "20", ("time", "10:30:00")),
        ("1.25", "46", ("time", "1 day, 6:00:00")),
        ("2958465", "14", ("date", "9999-12-31T00:00:00")),
        ("2958466", "14", ("error", "#VALUE!")),
        ("1e300", "14", ("error", "#VALUE!")),
        ("-1", "14", ("error", "#VALUE!")),
        ("46093", "31", ("date", "2026-03-12T00:00:00")),
        ("46093", "2", ("number", 46093)),
        ("46093", "99999999999", ("number", 46093)),
        ("abc", "14", ("error", "#NUM!")),
    ],
)  # fmt: skip
def test_a_number_is_a_date_when_its_style_says_so(
    tmp_path: Path, serial: str, code: str, found: tuple[str, object]
) -> None:
    styles = f'<cellXfs><xf numFmtId="0"/><xf numFmtId="{code}"/></cellXfs>'
    assert row_of(tmp_path, f'<c s="1"><v>{serial}</v></c>', styles=styles) == [found]


def test_hidden_rows_that_hold_something_are_counted(tmp_path: Path) -> None:
    rows = (
        text_row(1, "a")
        + text_row(2, "b").replace("<row ", '<row hidden="1" ')
        + '<row r="3" hidden="1"/>'
        + text_row(4, "c").replace("<row ", '<row hidden="true" ')
    )
    assert xlsx(tmp_path, parts(rows)).hidden_rows == 2


def test_merged_cells_behind_the_end_of_the_table_are_found(tmp_path: Path) -> None:
    rows = text_row(1, "a") + text_row(200, "loin")
    ranges = "".join(f'<mergeCell ref="{each}"/>' for each in ("A1:B1", "C2:C2", "A:B", "x", "B9:A1", "A5:XFD1048576"))
    found = xlsx(tmp_path, sheet_part(f"<sheetData>{rows}</sheetData><mergeCells>{ranges}</mergeCells>"))
    assert (list(found.rows), found.beyond) == ([1], 200)
    assert found.merged == ((1, 1, 1, 2), (5, 1, 1_048_576, 16_384))


@pytest.mark.parametrize(
    ("name", "content"),
    [("xl/externalLinks/externalLink1.xml", "<externalLink/>"), ("xl/connections.xml", "<connections/>")],
)
def test_links_and_connections_are_told_and_not_followed(tmp_path: Path, name: str, content: str) -> None:
    book = read(packed({**parts(text_row(1, "a")), name: content}, tmp_path / "a.xlsx"))
    assert book.external
    assert cells(only(book)) == {"A1": ("text", "a")}
    assert not read(packed(parts(text_row(1, "a")), tmp_path / "b.xlsx")).external


def test_a_connection_is_known_by_its_relation_too(tmp_path: Path) -> None:
    members = parts(text_row(1, "a"))
    link = '<Relationship Id="r9" Type="http://x/externalLink" Target="liens/1.xml"/></Relationships>'
    members["xl/_rels/workbook.xml.rels"] = members["xl/_rels/workbook.xml.rels"].replace("</Relationships>", link)
    assert read(packed(members, tmp_path / "a.xlsx")).external


def test_the_name_of_the_kit_is_found_among_others(tmp_path: Path) -> None:
    members = parts(text_row(1, "KIT;1;x"))
    names = '<definedNames><definedName name="A">1</definedName><definedName name="CARE_KIT">Feuil1!$A$1</definedName>'
    members["xl/workbook.xml"] = members["xl/workbook.xml"].replace("</workbook>", f"{names}</definedNames></workbook>")
    assert read(packed(members, tmp_path / "a.xlsx")).care_kit == "KIT;1;x"
