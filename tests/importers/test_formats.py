"""Each other format becomes the same typed cells: .ods, .xls and CSV."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from importers.faults import Unreadable
from importers.limits import Limits
from importers.reading.sheet import ReadBook, ReadSheet, read
from tests.importers import biff
from tests.importers.archives import ods, ods_cell, ods_row, packed
from tests.importers.cells import cells, only
from tests.importers.kits import Grid

# ------------------------------------------------------------------------------------------------------------------ ods


def opendocument(path: Path, *tables: str, **around: str) -> ReadBook:
    """A spreadsheet made of these sheets."""
    return read(packed(ods(*tables, **around), path / "a.ods"))


def test_the_types_of_opendocument(tmp_path: Path) -> None:
    rows = ods_row(
        ods_cell("texte"),
        ods_cell("12", 'office:value="12"', "float"),
        ods_cell("50 %", 'office:value="0.5"', "percentage"),
        ods_cell("10 €", 'office:value="10"', "currency"),
        ods_cell("VRAI", 'office:boolean-value="true"', "boolean"),
        ods_cell("12/03/26", 'office:date-value="2026-03-12"', "date"),
        ods_cell("12/03/26 10:30", 'office:date-value="2026-03-12T10:30:00.5"', "date"),
        ods_cell("10:30", 'office:time-value="PT10H30M00S"', "time"),
        ods_cell("30:00", 'office:time-value="PT30H00M00S"', "time"),
        ods_cell("#N/D", 'calcext:value-type="error" office:string-value=""'),
        ods_cell("Err:502", 'table:formula="of:=x"'),
        '<table:table-cell table:formula="of:=1+1"/>',
        ods_cell("", 'table:formula="of:=x" office:string-value=""'),
        ods_cell("", 'office:string-value="sans paragraphe"'),
    )
    book = opendocument(tmp_path, rows)
    assert book.format == "ods"
    assert cells(only(book)) == {
        "A1": ("text", "texte"), "B1": ("number", 12), "C1": ("number", 0.5), "D1": ("number", 10),
        "E1": ("boolean", True), "F1": ("date", "2026-03-12T00:00:00"), "G1": ("date", "2026-03-12T10:30:00"),
        "H1": ("time", "10:30:00"), "I1": ("time", "1 day, 6:00:00"), "J1": ("error", "#N/D"), "K1": ("error", "Err:502"),
        "L1": ("formula", ""), "N1": ("text", "sans paragraphe"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (ods_cell("x", 'office:date-value="99999-01-01"', "date"), ("error", "#VALUE!")),
        (ods_cell("x", 'office:time-value="demain"', "time"), ("error", "#VALUE!")),
        (ods_cell("x", 'office:time-value="P999999DT999999999H"', "time"), ("time", "42666665 days, 15:00:00")),
        (ods_cell("x", 'office:value="1e999"', "float"), ("error", "#NUM!")),
        (ods_cell("x", 'office:value="douze"', "float"), ("error", "#NUM!")),
        (ods_cell("x" * 4_001), ("long", "x" * 120)),
    ],
)
def test_a_value_of_opendocument_that_cannot_be(tmp_path: Path, cell: str, found: tuple[str, object]) -> None:
    assert cells(only(opendocument(tmp_path, ods_row(cell)))) == {"A1": found}


def test_a_text_of_opendocument_is_what_people_see(tmp_path: Path) -> None:
    inside = (
        "<text:p>un<text:s/>deux<text:s text:c='2'/>trois<text:tab/>\n   quatre<text:line-break/>"
        "<text:span>cinq</text:span></text:p><text:p>six</text:p>"
        "<office:annotation><text:p>une note</text:p></office:annotation>"
    )
    rows = ods_row(f'<table:table-cell office:value-type="string">{inside}</table:table-cell>')
    assert cells(only(opendocument(tmp_path, rows))) == {"A1": ("text", "un deux  trois\t quatre\ncinq\nsix")}


def test_merged_cells_of_opendocument_show_their_first_alone(tmp_path: Path) -> None:
    rows = ods_row(
        ods_cell("a", 'table:number-columns-spanned="2" table:number-rows-spanned="2"'),
        "<table:covered-table-cell><text:p>dessous</text:p></table:covered-table-cell>",
        ods_cell("b"),
    ) + ods_row('<table:covered-table-cell table:number-columns-repeated="2"/>', ods_cell("c"))
    found = only(opendocument(tmp_path, rows))
    assert list(cells(found)) == ["A1", "C1", "C2"]
    assert found.merged == ((1, 1, 2, 2),)


def test_repeated_rows_and_columns_are_there_as_often(tmp_path: Path) -> None:
    rows = (
        ods_row(ods_cell("a", 'table:number-columns-repeated="3"'), about='table:number-rows-repeated="2"')
        + ods_row("<table:table-cell/>", about='table:number-rows-repeated="3"')
        + ods_row("<table:table-cell table:number-columns-repeated='4'/>", ods_cell("b"))
        + ods_row("<table:table-cell/>", about='table:number-rows-repeated="1048570"')
    )
    found = only(opendocument(tmp_path, rows))
    assert list(cells(found)) == ["A1", "B1", "C1", "A2", "B2", "C2", "E6"]


def test_what_lies_beyond_the_bounds_of_an_opendocument_sheet_is_told(tmp_path: Path) -> None:
    rows = (
        ods_row(ods_cell("a", 'table:number-columns-repeated="201"'))
        + ods_row("<table:table-cell/>", about='table:number-rows-repeated="51"')
        + ods_row(ods_cell("loin"))
    )
    found = only(opendocument(tmp_path, rows))
    assert (len(found.rows[1]), found.wide, list(found.rows), found.beyond) == (200, "GS1", [1], 53)


def test_hidden_sheets_and_rows_of_opendocument(tmp_path: Path) -> None:
    styles = (
        '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>'
        '<style:style style:name="ta1" style:family="table"><style:table-properties table:display="true"/></style:style>'
    )
    shown = (
        ods_row(ods_cell("a"))
        + ods_row(ods_cell("b"), about='table:visibility="collapse"')
        + ods_row(ods_cell("c"), about='table:visibility="filter" table:number-rows-repeated="2"')
        + ods_row("<table:table-cell/>", about='table:visibility="collapse"')
    )
    book = opendocument(tmp_path, shown, ods_row(ods_cell("secret")), styles=styles)
    assert [(each.visible, each.filled, len(each.rows), each.hidden_rows) for each in book.sheets] == [
        (True, True, 4, 3),
        (False, True, 0, 0),
    ]


def test_the_calendar_links_and_kit_of_opendocument(tmp_path: Path) -> None:
    before = '<table:calculation-settings><table:null-date table:date-value="1904-01-01"/></table:calculation-settings>'
    named = (
        '<table:named-expressions><table:named-range table:name="CARE_KIT" '
        'table:cell-range-address="$Feuille1.$A$1"/></table:named-expressions>'
    )
    source = "<table:table-source><table:table-row/></table:table-source>"
    book = opendocument(tmp_path, source + ods_row(ods_cell("KIT;1;x")), before=before, after=named)
    assert (book.epoch, book.external, book.care_kit) == (1904, True, "KIT;1;x")
    plain = opendocument(tmp_path, ods_row(ods_cell("a")))
    assert (plain.epoch, plain.external, plain.care_kit) == (1900, False, None)


def test_changes_and_drawings_of_opendocument_are_not_cells(tmp_path: Path) -> None:
    shapes = f"<table:shapes>{ods_row(ods_cell('dessin'))}</table:shapes>"
    before = f"<table:tracked-changes>{ods_row(ods_cell('avant'))}</table:tracked-changes>"
    inner = f"<table:table-cell><table:table>{ods_row(ods_cell('dedans'))}</table:table></table:table-cell>"
    book = opendocument(tmp_path, shapes + ods_row(inner, ods_cell("b")), before=before)
    assert cells(only(book)) == {"B1": ("text", "b")}


# ------------------------------------------------------------------------------------------------------------------ xls


def old(path: Path, *pages: biff.Page, **about: Any) -> ReadBook:
    """An .xls made of these sheets, under a name that says nothing."""
    (path / "a.xlsx").write_bytes(biff.xls(*pages, **about))
    return read(path / "a.xlsx")


@pytest.mark.parametrize("date_1904", [False, True])
def test_the_types_of_an_old_workbook(tmp_path: Path, date_1904: bool) -> None:
    row = [None, "été", 12, 1.5, True, dt.date(2026, 3, 12), "#N/A", biff.Formula("#DIV/0!"), " "]
    book = old(tmp_path, biff.Page("F", [[], row]), date_1904=date_1904)
    assert (book.format, book.epoch) == ("xls", 1904 if date_1904 else 1900)
    assert cells(only(book)) == {
        "B2": ("text", "été"), "C2": ("number", 12), "D2": ("number", 1.5), "E2": ("boolean", True),
        "F2": ("date", "2026-03-12T00:00:00"), "G2": ("error", "#N/A"), "H2": ("error", "#DIV/0!"),
    }  # fmt: skip


def test_what_an_old_workbook_hides_and_merges(tmp_path: Path) -> None:
    page = biff.Page("F", [["a", "b"], ["c"], ["d"], []], hidden_rows=(1, 3), merged=[(0, 1, 0, 0)])
    book = old(tmp_path, page, biff.Page("G", [["secret"]], hidden=True), biff.Page("H", [], hidden=True))
    assert [(each.name, each.visible, each.filled, len(each.rows)) for each in book.sheets] == [
        ("F", True, True, 3),
        ("G", False, True, 0),
        ("H", False, False, 0),
    ]
    assert (book.sheets[0].hidden_rows, book.sheets[0].merged) == (1, ((1, 1, 2, 1),))


def test_what_old_programs_fill_texts_with_is_left_out(tmp_path: Path) -> None:
    found = only(old(tmp_path, biff.Page("Feuil\0\x01le", [["a\0\0", "\0"]])))
    assert (found.name, cells(found)) == ("Feuille", {"A1": ("text", "a")})


def test_an_old_workbook_tells_its_links(tmp_path: Path) -> None:
    assert old(tmp_path, biff.Page("F", [["a"]]), link="autre.xls").external
    assert not old(tmp_path, biff.Page("F", [["a"]])).external


def test_the_bounds_of_an_old_workbook(tmp_path: Path) -> None:
    rows: list[list[object]] = [[None] * 200 + ["loin"], *[[]] * 51, ["plus loin"]]
    found = only(old(tmp_path, biff.Page("F", rows)))
    assert (found.wide, found.beyond, len(found.rows)) == ("GS1", 53, 0)
    path = tmp_path / "a.xlsx"
    path.write_bytes(biff.xls(*(biff.Page(f"F{number}", []) for number in range(3))))
    with pytest.raises(Unreadable, match="plus de 2 feuilles"):
        read(path, Limits(sheets=2))


# ------------------------------------------------------------------------------------------------------------------ csv


def text_file(path: Path, content: str | bytes) -> ReadSheet:
    """The sheet of a CSV."""
    (path / "a.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    book = read(path / "a.csv")
    assert (book.format, book.sheets[0].name) == ("csv", "CSV")
    return only(book)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_a_csv_is_read_whatever_its_encoding_and_separator(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = [["FINESS", "Périmètre", "Coût"], ["010007987", "Urgences d’été", "1 234 €"], ["", "", "x"]]
    text = "\r\n".join(separator.join(row) for row in rows) + "\r\n"
    assert cells(text_file(tmp_path, text.encode(encoding))) == {
        "A1": ("text", "FINESS"), "B1": ("text", "Périmètre"), "C1": ("text", "Coût"), "A2": ("text", "010007987"),
        "B2": ("text", "Urgences d’été"), "C2": ("text", "1 234 €"), "C3": ("text", "x"),
    }  # fmt: skip


def test_utf_16_of_the_other_end_is_read(tmp_path: Path) -> None:
    assert cells(text_file(tmp_path, b"\xfe\xff" + "é;b".encode("utf-16-be"))) == {
        "A1": ("text", "é"),
        "B1": ("text", "b"),
    }


def test_decimal_commas_and_a_title_do_not_choose_the_separator(tmp_path: Path) -> None:
    text = (
        "Export du 12/03/2026, service DSI, tous\nFINESS;AC;Note\n010007987;1,5;un, deux\n010007988;2,5;trois, quatre\n"
    )
    found = cells(text_file(tmp_path, text))
    assert found["A1"] == ("text", "Export du 12/03/2026, service DSI, tous")
    assert (found["B3"], found["C4"]) == (("text", "1,5"), ("text", "trois, quatre"))


def test_the_separator_that_a_csv_tells_is_taken_and_its_line_is_not_a_row(tmp_path: Path) -> None:
    assert cells(text_file(tmp_path, "sep=|\r\na;b|c;d\r\n")) == {"A1": ("text", "a;b"), "B1": ("text", "c;d")}


def test_quotes_line_ends_and_ragged_rows(tmp_path: Path) -> None:
    found = cells(text_file(tmp_path, 'a;"b;\n""c"""\nd\n\ne;f;g;\n'))
    assert found == {
        "A1": ("text", "a"), "B1": ("text", 'b;\n"c"'), "A2": ("text", "d"),
        "A4": ("text", "e"), "B4": ("text", "f"), "C4": ("text", "g"),
    }  # fmt: skip


def test_every_value_of_a_csv_is_a_text(tmp_path: Path) -> None:
    found = cells(text_file(tmp_path, "12;VRAI;12/03/2026;#N/A;=1+1;0012\n"))
    assert {kind for kind, _value in found.values()} == {"text"}
    assert found["F1"] == ("text", "0012")


def test_the_bounds_of_a_csv(tmp_path: Path) -> None:
    found = text_file(tmp_path, "a;" + "x" * 4_001 + ";" * 199 + "loin\n" + "\n" * 51 + "plus loin;\n")
    assert (cells(found), found.wide, found.beyond) == ({"A1": ("text", "a"), "B1": ("long", "x" * 120)}, "GS1", 53)


def test_the_format_of_an_excel_workbook_is_told(tmp_path: Path) -> None:
    assert read(Grid({"F": [["a"]]}).write(tmp_path / "a.xlsx")).format == "xlsx"
