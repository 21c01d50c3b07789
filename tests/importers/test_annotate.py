"""The annotated copy of the user's own file: the same workbook where it can be kept whole, a new one elsewhere."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from importers.annotation import annotate as annotation
from importers.annotation import child as annotate_child
from importers.annotation import notes as annotate_notes
from importers.annotation.annotate import NEW, SAME, Notes, Status, annotate
from importers.annotation.child import COLOURS, MARK, Runs, condition
from importers.faults import Fault, Unreadable
from importers.layout.layouts import ANNOTATION
from importers.layout.recognise import recognise
from importers.reading.sheet import CellKind, read
from importers.workbooks.evidence_register import EVIDENCE_REGISTER
from tenants import confined
from tests.importers.archives import packed, parts, text_row

MADE_ON = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
TITLES = ("Code", "Objectif", "FINESS EJ ou code GHT", "Type de document", "Intitulé", "Fichier", "Date du document",
          "Statut", "Données nominatives")  # fmt: skip
ROW = ("PR-01", "O1.C", "760780239", "PCA", "PCA des urgences", "PCA.pdf", dt.date(2026, 5, 20), "Validée", "Non")


def fault(cell: str, cls: str = "E", reason: str = "Mauvais.", *, sheet: str = "Preuves", code: str = "E-TXT") -> Fault:
    """A remark on a cell."""
    return Fault(cls, code, sheet, cell, "Titre", "valeur", reason, "Corrigez.")


def notes(*faults: Fault, statuses: Iterable[tuple[int, str]] = (), sheets: dict[str, int] | None = None) -> Notes:
    """What is written in a file whose sheet « Preuves » has its header on the first row."""
    told = [Status("Preuves", row, text) for row, text in statuses]
    return Notes(header_rows=sheets or {"Preuves": 1}, statuses=told, faults=faults)


def done(path: Path, given: Notes, *, how: str = SAME, filename: str = "registre.xlsx") -> Path:
    """The annotated copy of a file, beside it."""
    stream = io.BytesIO()
    assert annotate(path, stream, given, filename=filename, made_on=MADE_ON) == how
    copy = path.with_name(f"copie-{path.stem}.xlsx")
    copy.write_bytes(stream.getvalue())
    return copy


def opened(path: Path) -> Any:
    """The workbook as openpyxl sees it, formulas as formulas."""
    return openpyxl.load_workbook(path)


def write(
    path: Path, fill: Callable[[Any, Any], None] | None = None, *, rows: Iterable[Any] = (TITLES, ROW, ROW)
) -> Path:
    """A workbook by XlsxWriter: the rows on « Preuves », then whatever `fill(book, page)` adds."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet("Preuves")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, dt.date):
                    page.write_datetime(number, place, value, day)
                elif value is not None:
                    page.write(number, place, value)
        if fill is not None:
            fill(book, page)
    return path


def said(path: Path, sheet: str = "Preuves", header: int = 1) -> dict[int, str]:
    """The column of remarks, by row number; there must be exactly one."""
    page = opened(path)[sheet]
    (column,) = (cell.column for cell in page[header] if cell.value == ANNOTATION)
    return {row: page.cell(row, column).value for row in range(header + 1, page.max_row + 1)}


def values(path: Path, *, without: str = ANNOTATION) -> dict[tuple[str, int, int], tuple[str, object]]:
    """Every cell that the reader finds, but the column of remarks."""
    found = {}
    for sheet in read(path).sheets:
        ours = {place for row in sheet.head().values() for place, cell in row.items() if cell.text == without}
        for number, row in sheet.rows.items():
            for place, cell in row.items():
                if place not in ours:
                    found[sheet.name, number, place] = (str(cell.kind), cell.value)
    return found


def colours(path: Path, sheet: str = "Preuves") -> dict[str, str]:
    """Cells coloured by us: class to ranges."""
    return {
        cls: str(formatting.sqref)
        for formatting in opened(path)[sheet].conditional_formatting
        for rule in formatting.rules
        for cls in COLOURS
        if rule.formula == [condition(cls)]
    }


# --------------------------------------------------------------------------------------------------- the same workbook


def test_each_row_has_its_outcome_and_its_remarks_beside_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx")
    given = notes(
        fault("E2", "E", "Vide."), fault("B2", "W", "À vérifier."), fault("B2", "G", "Manque.", code="G-REQ"),
        statuses=[(2, "À corriger : la ligne n’est pas enregistrée"), (3, "Nouvelle")],
    )  # fmt: skip
    assert said(done(path, given)) == {
        2: "À corriger\u00a0: la ligne n’est pas enregistrée\n"
        "Erreur en E2, «\u00a0Titre\u00a0» (E-TXT)\u00a0: Vide. Corrigez.\n"
        "Remarque en B2, «\u00a0Titre\u00a0» (E-TXT)\u00a0: À vérifier. Corrigez.\n"
        "À compléter en B2, «\u00a0Titre\u00a0» (G-REQ)\u00a0: Manque. Corrigez.",
        3: "Nouvelle",
    }


def test_cells_in_question_are_coloured_by_their_worst_remark_and_commented(tmp_path: Path) -> None:
    given = notes(fault("A2", "W"), fault("A2", "G", "Manque."), fault("B2", "E"), fault("C3", "W"), fault("I2", "G"))
    copy = done(write(tmp_path / "a.xlsx"), given)
    assert colours(copy) == {"E": "B2 J2", "G": "A2 I2", "W": "C3 J3"}
    page = opened(copy)["Preuves"]
    assert page["A2"].comment.text == (
        f"{MARK}\nRemarque (E-TXT)\u00a0: Mauvais. Corrigez.\nÀ compléter (E-TXT)\u00a0: Manque. Corrigez."
    )
    assert page["A3"].comment is None


def test_an_empty_cell_may_be_the_one_in_question(tmp_path: Path) -> None:
    copy = done(write(tmp_path / "a.xlsx", rows=[TITLES, (*ROW[:4], None, *ROW[5:])]), notes(fault("E2")))
    assert opened(copy)["Preuves"]["E2"].comment is not None
    assert ("Preuves", 2, 5) not in values(copy)


def test_a_remark_on_the_sheet_or_its_header_is_in_a_comment_of_the_header(tmp_path: Path) -> None:
    copy = done(
        write(tmp_path / "a.xlsx"), notes(fault("", reason="Une colonne manque."), fault("B1", "W", "Ressemblance."))
    )
    page = opened(copy)["Preuves"]
    assert "Une colonne manque." in page["J1"].comment.text
    assert "Ressemblance." in page["B1"].comment.text
    assert page["J1"].value == ANNOTATION


def test_a_sheet_that_was_not_read_gets_nothing(tmp_path: Path) -> None:
    def fill(book: Any, _page: Any) -> None:
        book.add_worksheet("Brouillon").write_row(0, 0, ["a", "b"])

    copy = done(write(tmp_path / "a.xlsx", fill), notes(fault("A1", sheet="Brouillon"), fault("A2")))
    page = opened(copy)["Brouillon"]
    assert [[cell.value for cell in row] for row in page.iter_rows()] == [["a", "b"]]
    assert page["A1"].comment is None


def rich(book: Any, page: Any) -> None:
    """What people put in their workbooks."""
    bold = book.add_format({"bold": True, "bg_color": "#00FF00", "border": 1, "align": "center", "rotation": 30})
    page.write("A1", "Code", bold)
    page.set_column("A:A", 33)
    page.set_column("B:XFD", 12, None, {"hidden": False})
    page.set_row(1, 44)
    page.freeze_panes(1, 2)
    page.autofilter("A1:I3")
    page.data_validation("H2:H100", {"validate": "list", "source": ["Validée", "Manquante"]})
    page.conditional_format("A2:A9", {"type": "cell", "criteria": "==", "value": '"PR-09"', "format": bold})
    page.merge_range("A6:C7", "fusion")
    page.write_formula("A4", "=1+1", None, 2)
    page.write_formula("B4", '="a"&"b"', None, "ab")
    page.write_formula("C4", "=1/0", None, "#DIV/0!")
    page.write_array_formula("D4:D4", "{=SUM(A4:A4*2)}", None, 4)
    page.write_string("E4", "=HYPERLINK(1)")
    page.write_string("F4", "+33 1")
    page.write_string("G4", "@x")
    page.write_boolean("H4", True)
    page.write_url("A5", "https://exemple.fr/", None, "lien")
    page.write_rich_string("B5", "gras : ", bold, "oui", " fin")
    page.write_comment("I2", "mon commentaire", {"author": "Moi"})
    page.protect("", {"format_cells": True})
    page.set_landscape()
    page.print_area("A1:I9")
    page.repeat_rows(0)
    other = book.add_worksheet("Autre")
    other.add_table("A1:B3", {"columns": [{"header": "x"}, {"header": "y"}]})
    other.set_tab_color("#FF0000")
    secret = book.add_worksheet("Cachée")
    secret.write("A1", "masqué")
    secret.hide()
    book.define_name("MA_LISTE", "=Autre!$A$1:$A$3")
    book.define_name("CARE_KIT", '="KIT_PREUVES_JALONS;1;x"')
    book.set_properties({"title": "Mon registre", "author": "Moi"})


def test_the_rest_of_the_workbook_is_unchanged(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", rich)
    copy = done(path, notes(fault("E2"), statuses=[(2, "À corriger")]))
    before, after = opened(path), opened(copy)
    assert values(copy) == values(path)
    assert read(copy).care_kit == "KIT_PREUVES_JALONS;1;x"
    assert after.sheetnames == before.sheetnames
    assert {name: each.attr_text for name, each in after.defined_names.items()} == {
        name: each.attr_text for name, each in before.defined_names.items()
    }
    assert (after.properties.title, after.properties.creator) == ("Mon registre", "Moi")
    for name in before.sheetnames:
        same_page(before[name], after[name], ours=10 if name == "Preuves" else 0)


def same_page(before: Any, after: Any, *, ours: int) -> None:
    """Two pages are the same, but for the column of remarks."""
    for row in before.iter_rows():
        for cell in row:
            twin = after[cell.coordinate]
            if ours and cell.column >= ours:
                continue
            for look in ("font", "fill", "border", "alignment", "number_format", "protection"):
                assert repr(getattr(twin, look)) == repr(getattr(cell, look)), (cell.coordinate, look)
            if cell.data_type == "f" and not isinstance(cell.value, str):
                assert (twin.value.text, twin.value.ref) == (cell.value.text, cell.value.ref)
            else:
                assert (twin.value, twin.data_type) == (cell.value, cell.data_type)
            assert bool(twin.hyperlink) == bool(cell.hyperlink)
    for letter in "ABCDEFGHIKLZ":
        assert width(after, letter) == width(before, letter), letter
    assert (after.row_dimensions[2].height, after.freeze_panes) == (
        before.row_dimensions[2].height,
        before.freeze_panes,
    )
    assert after.sheet_state == before.sheet_state
    assert after.auto_filter.ref == before.auto_filter.ref
    assert after.merged_cells.ranges == before.merged_cells.ranges
    assert (after.print_area, after.print_title_rows) == (before.print_area, before.print_title_rows)
    assert (after.page_setup.orientation, after.protection.sheet) == (
        before.page_setup.orientation,
        before.protection.sheet,
    )
    assert after.sheet_properties.tabColor == before.sheet_properties.tabColor
    assert after.tables.items() == before.tables.items()
    assert [(str(each.sqref), each.formula1) for each in after.data_validations.dataValidation] == [
        (str(each.sqref), each.formula1) for each in before.data_validations.dataValidation
    ]
    rules = [
        (str(each.sqref), rule.formula, rule.dxf.fill.bgColor.rgb)
        for each in before.conditional_formatting
        for rule in each.rules
    ]
    assert [
        (str(each.sqref), rule.formula, rule.dxf.fill.bgColor.rgb)
        for each in after.conditional_formatting
        for rule in each.rules
        if MARK not in rule.formula[0]
    ] == rules
    assert after.max_column == max(before.max_column, ours)


def width(page: Any, letter: str) -> float | None:
    """The width of a column, wherever it is described."""
    number = openpyxl.utils.column_index_from_string(letter)
    return next((each.width for each in page.column_dimensions.values() if each.min <= number <= each.max), None)


def test_formulas_stay_formulas_and_keep_what_they_gave(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", rich)
    copy = done(path, notes(fault("A2")))
    page = opened(copy)["Preuves"]
    assert [(page[cell].data_type, page[cell].value) for cell in ("A4", "B4")] == [("f", "=1+1"), ("f", '="a"&"b"')]
    cells = next(sheet for sheet in read(copy).sheets if sheet.name == "Preuves").rows[4]
    assert [(cells[place].kind, cells[place].value) for place in (1, 2, 3, 4)] == [
        (CellKind.NUMBER, 2), (CellKind.TEXT, "ab"), (CellKind.ERROR, "#DIV/0!"), (CellKind.NUMBER, 4),
    ]  # fmt: skip


def test_a_formula_never_calculated_is_still_not_a_blank(tmp_path: Path) -> None:
    rows = text_row(1, "Code") + '<row r="2"><c r="A2"><f>1+1</f></c></row>'
    path = packed(parts(rows), tmp_path / "a.xlsx")
    copy = done(path, notes(sheets={"Feuil1": 1}))
    assert read(copy).sheets[0].rows[2][1].kind is CellKind.FORMULA


def test_formulas_written_once_for_several_cells_are_written_for_each(tmp_path: Path) -> None:
    rows = (
        text_row(1, "a")
        + '<row r="2"><c r="A2"><v>3</v></c><c r="B2"><f t="shared" ref="B2:B3" si="0">A2*2</f><v>6</v></c></row>'
        + '<row r="3"><c r="A3"><v>4</v></c><c r="B3"><f t="shared" si="0"/><v>8</v></c></row>'
    )
    copy = done(packed(parts(rows), tmp_path / "a.xlsx"), notes(sheets={"Feuil1": 1}))
    page = opened(copy)["Feuil1"]
    assert [page["B2"].value, page["B3"].value] == ["=A2*2", "=A3*2"]
    assert [read(copy).sheets[0].rows[row][2].value for row in (2, 3)] == [6, 8]


@pytest.mark.parametrize("number", ["0.30000000000000004", "123456789012345678", "1E+2", "-99999999", "46162.75"])
def test_numbers_and_dates_stay_as_they_were_written(tmp_path: Path, number: str) -> None:
    def fill(book: Any, page: Any) -> None:
        for place, look in enumerate(("General", "dd/mm/yyyy", "[h]:mm")):
            page.write_number(1, place, 7777, book.add_format({"num_format": look}))

    path = write(tmp_path / "a.xlsx", fill)
    name = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    members[name] = members[name].replace(b"7777", number.encode())
    copy = done(packed(members, path), notes(statuses=[(2, "Nouvelle")]))
    with zipfile.ZipFile(copy) as archive:
        assert archive.read(name).count(f"<v>{number}</v>".encode()) == 3
    assert values(copy) == values(path)


def test_text_that_begins_like_a_formula_stays_text(tmp_path: Path) -> None:
    texts = ("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\tx", "=")
    path = write(tmp_path / "a.xlsx", rows=[TITLES, texts])
    copy = done(path, notes(fault("A2", reason="=1+1"), statuses=[(2, "=HYPERLINK(1)")]))
    page = opened(copy)["Preuves"]
    assert [(cell.value, cell.data_type) for cell in page[2][:7]] == [(text, "s") for text in texts]
    assert page["J2"].data_type == "s"
    assert page["J2"].value.startswith("=HYPERLINK(1)\nErreur")
    with zipfile.ZipFile(copy) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_link_in_an_empty_cell_writes_nothing_in_it_and_is_kept(tmp_path: Path) -> None:
    members = parts(text_row(1, "Code"))
    name = "xl/worksheets/sheet1.xml"
    links = '<hyperlinks><hyperlink ref="B2:B3" location="=1+1"/></hyperlinks>'
    members[name] = members[name].replace("</sheetData>", f"</sheetData>{links}")
    copy = done(packed(members, tmp_path / "a.xlsx"), notes(sheets={"Feuil1": 1}))
    page = opened(copy)["Feuil1"]
    with zipfile.ZipFile(copy) as archive:
        assert archive.read(name).count(b'location="=1+1"') == 2
    assert list(read(copy).sheets[0].rows) == [1]
    assert page["B1"].value == ANNOTATION


def test_what_cannot_be_written_in_xml_is_dropped_from_what_we_say(tmp_path: Path) -> None:
    copy = done(write(tmp_path / "a.xlsx"), notes(statuses=[(2, "a\x00b\x1fc\ud800d\ufffe")]))
    assert said(copy)[2] == "abcd"


def test_a_remark_on_a_cell_hidden_by_a_merged_one_goes_to_that_one(tmp_path: Path) -> None:
    copy = done(write(tmp_path / "a.xlsx", rich), notes(fault("B7", "G")))
    page = opened(copy)["Preuves"]
    assert page["A6"].comment is not None
    assert colours(copy)["G"] == "A6 J7"


def test_our_colours_come_before_the_users(tmp_path: Path) -> None:
    page = opened(done(write(tmp_path / "a.xlsx", rich), notes(fault("A2"))))["Preuves"]
    priorities = {MARK in rule.formula[0]: rule.priority for each in page.conditional_formatting for rule in each.rules}
    assert priorities[True] < priorities[False]


def test_the_column_comes_after_the_last_used_one_even_under_merged_cells(tmp_path: Path) -> None:
    def fill(_book: Any, page: Any) -> None:
        page.merge_range("A5:L5", "note")

    copy = done(write(tmp_path / "a.xlsx", fill), notes(statuses=[(2, "Nouvelle")]))
    assert opened(copy)["Preuves"]["M2"].value == "Nouvelle"


def test_a_stray_cell_far_to_the_right_does_not_carry_the_column_away(tmp_path: Path) -> None:
    def fill(_book: Any, page: Any) -> None:
        page.write("XFD7", "perdu")

    copy = done(write(tmp_path / "a.xlsx", fill), notes(statuses=[(2, "Nouvelle")]))
    assert opened(copy)["Preuves"]["J2"].value == "Nouvelle"


def test_a_hidden_range_of_columns_does_not_hide_the_remarks(tmp_path: Path) -> None:
    def fill(_book: Any, page: Any) -> None:
        page.set_column("J:XFD", None, None, {"hidden": True})

    page = opened(done(write(tmp_path / "a.xlsx", fill), notes(statuses=[(2, "Nouvelle")])))["Preuves"]
    known = sorted((each.min, each.max, each.hidden) for each in page.column_dimensions.values())
    assert known == [(10, 10, False), (11, 16384, True)]
    assert page.column_dimensions["J"].width == 70


def test_the_header_row_is_the_one_that_was_found(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", rows=[("Registre",), (), TITLES, ROW])
    copy = done(path, notes(fault("A4"), statuses=[(4, "Nouvelle")], sheets={"Preuves": 3}))
    page = opened(copy)["Preuves"]
    assert (page["J1"].value, page["J3"].value) == (None, ANNOTATION)
    assert page["J4"].value.startswith("Nouvelle\n")


def test_the_title_of_the_column_looks_like_the_one_beside_it(tmp_path: Path) -> None:
    def fill(book: Any, page: Any) -> None:
        page.write("I1", "Données nominatives", book.add_format({"bg_color": "#123456"}))

    page = opened(done(write(tmp_path / "a.xlsx", fill), notes()))["Preuves"]
    assert page["J1"].fill.fgColor.rgb == "FF123456"
    plain = opened(done(write(tmp_path / "b.xlsx"), notes()))["Preuves"]
    assert plain["J1"].font.bold


# ------------------------------------------------------------------------------------------------------- round after round


def test_the_next_round_writes_in_the_same_column(tmp_path: Path) -> None:
    first = done(
        write(tmp_path / "a.xlsx"), notes(fault("A2"), fault("B3"), statuses=[(2, "Nouvelle"), (3, "Nouvelle")])
    )
    second = done(first, notes(fault("C2", "G"), statuses=[(2, "Modifiée")]))
    remarks = said(second)
    assert remarks[2].startswith("Modifiée\nÀ compléter en C2")
    assert remarks[3] is None
    page = opened(second)["Preuves"]
    assert page.max_column == 10
    assert [page[cell].comment is None for cell in ("A2", "B3", "C2")] == [True, True, False]
    assert colours(second) == {"G": "C2 J2"}


def test_the_column_may_have_been_moved_and_renamed_by_case(tmp_path: Path) -> None:
    rows = [("controle  care*", *TITLES), ("ancien", *ROW), ("ancien", *ROW)]
    page = opened(done(write(tmp_path / "a.xlsx", rows=rows), notes(statuses=[(2, "Inchangée")])))["Preuves"]
    assert [page.cell(row, 1).value for row in (1, 2, 3)] == [ANNOTATION, "Inchangée", None]
    assert page.max_column == 10


def test_the_users_comments_are_kept_and_ours_are_replaced(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", rich)
    first = done(path, notes(fault("I2", reason="Premier.")))
    comment = opened(first)["Preuves"]["I2"].comment
    assert (comment.author, comment.text.startswith(f"mon commentaire\n\n{MARK}\n"), "Premier." in comment.text) == (
        "Moi", True, True,
    )  # fmt: skip
    second = opened(done(first, notes(fault("I2", reason="Second.")))).worksheets[0]["I2"].comment.text
    assert (second.count("mon commentaire"), second.count(MARK)) == (1, 1)
    assert "Premier." not in second
    assert "Second." in second
    third = opened(done(first, notes())).worksheets[0]["I2"].comment
    assert (third.text, third.author) == ("mon commentaire", "Moi")


def test_a_corrected_copy_is_read_as_if_it_had_never_been_annotated(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", rich, rows=[TITLES, ("=faux", *ROW[1:]), ROW])
    copy = done(path, notes(fault("A2"), fault("", "W"), statuses=[(2, "À corriger"), (3, "Nouvelle")]))
    book = opened(copy)
    book["Preuves"]["A2"] = "PR-02"
    book.save(copy)
    before, after = values(path), values(copy)
    changed = {place for place in before | after if before.get(place) != after.get(place)}
    assert changed - {("Preuves", 4, place) for place in (1, 2, 3, 4)} == {("Preuves", 2, 1)}  # openpyxl drops results
    (layout,) = recognise([EVIDENCE_REGISTER], read(copy)).layouts
    (plain,) = recognise([EVIDENCE_REGISTER], read(path)).layouts
    assert (layout.columns, layout.unknown) == (plain.columns, plain.unknown)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", rich)
    given = notes(fault("A2"), fault("E3", "G"), statuses=[(2, "Nouvelle")])
    first = done(path, given).read_bytes()
    assert done(path, notes(*given.faults, statuses=[(2, "Nouvelle")])).read_bytes() == first
    table = tmp_path / "b.csv"
    table.write_text("Code;Objectif\nPR-01;O1.C\n")
    sheets = {read(table).sheets[0].name: 1}
    assert (
        done(table, notes(sheets=sheets), how=NEW).read_bytes()
        == done(table, notes(sheets=sheets), how=NEW).read_bytes()
    )


# ------------------------------------------------------------------------------------------------------------- bounds


def test_comments_are_bounded_and_the_column_still_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotate_notes, "COMMENTS", 2)
    copy = done(write(tmp_path / "a.xlsx"), notes(fault("A2"), fault("B2"), fault("C3")))
    page = opened(copy)["Preuves"]
    assert [page[cell].comment is None for cell in ("A2", "B2", "C3")] == [False, False, True]
    assert "Erreur en C3" in said(copy)[3]
    assert colours(copy) == {"E": "A2 B2 C3 J2:J3"}


def test_remarks_in_comments_are_bounded_in_the_whole_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotation, "COMMENTED", 3)
    page = opened(done(write(tmp_path / "a.xlsx"), notes(*[fault("A2")] * 2, *[fault("B2")] * 2, fault("C2"))))[
        "Preuves"
    ]
    assert [page[cell].comment is None for cell in ("A2", "B2", "C2")] == [False, True, False]


def test_a_row_with_a_thousand_remarks_fits_in_a_cell(tmp_path: Path) -> None:
    text = said(done(write(tmp_path / "a.xlsx"), notes(*[fault("A2", reason="x" * 100)] * 1000)))[2]
    assert len(text) == 30_001
    assert text.endswith("…")


def test_cells_are_gathered_in_ranges_and_left_alone_when_they_are_too_many() -> None:
    runs = Runs()
    for row in (2, 3, 5):
        runs.add(row, 1)
        runs.add(row, 28)
    runs.add(4, 28)  # above the last one: a merged cell
    runs.add(5, 1)
    assert runs.groups() == ["A2:A3 A5 AB2:AB3 AB4 AB5"]
    for row in range(7, 20_000, 2):
        runs.add(row, 1)
    assert runs.groups() == []


# ---------------------------------------------------------------------------------------------------- a new workbook


def test_a_csv_comes_back_as_a_workbook_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Code;Intitulé\nPR-01;=1+1\n010000024;2026-05-20\n", encoding="utf-8")
    (name,) = (sheet.name for sheet in read(path).sheets)
    given = notes(fault("B2", sheet=name), sheets={name: 1})
    copy = done(path, given, how=NEW, filename="mon {fichier} <b>.csv")
    book = opened(copy)
    assert book.sheetnames == ["Lisez-moi", name]
    assert "«\u00a0mon {fichier} <b>.csv\u00a0»" in book["Lisez-moi"]["A2"].value
    assert [(cell.value, cell.data_type) for cell in book[name][2][:2]] == [("PR-01", "s"), ("=1+1", "s")]
    assert book[name]["A3"].value == "010000024"
    assert "Erreur en B2" in book[name]["C2"].value
    assert colours(copy, name) == {"E": "B2 C2"}
    assert book[name]["B2"].comment.text.startswith(MARK)
    assert book[name].freeze_panes == "A2"


def lost(kind: str) -> Callable[[Any, Any], None]:
    """Something that rewriting the workbook in place would lose."""

    def fill(book: Any, page: Any) -> None:
        if kind == "chart":
            chart = book.add_chart({"type": "line"})
            chart.add_series({"values": "=Preuves!$A$2:$A$3"})
            page.insert_chart("C9", chart)
        elif kind == "text box":
            page.insert_textbox("C9", "texte")
        elif kind == "sparkline":
            page.add_sparkline("K2", {"range": "Preuves!A2:C2"})
        elif kind == "extended format":
            page.conditional_format("A2:A9", {"type": "data_bar", "data_bar_2010": True})
        elif kind == "button":
            page.insert_button("C9", {"caption": "Envoyer"})
        elif kind == "chart sheet":
            chart = book.add_chart({"type": "line"})
            chart.add_series({"values": "=Preuves!$A$2:$A$3"})
            book.add_chartsheet("Graphe").set_chart(chart)

    return fill


@pytest.mark.parametrize("kind", ["chart", "text box", "sparkline", "extended format", "button", "chart sheet"])
def test_a_workbook_that_would_lose_something_is_written_anew(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / "a.xlsx", lost(kind))
    copy = done(path, notes(fault("A2"), statuses=[(2, "À corriger")]), how=NEW)
    assert opened(copy).sheetnames == ["Lisez-moi", "Preuves"]
    assert {place: cell for place, cell in values(copy).items() if place[0] == "Preuves"} == values(path)
    assert said(copy)[2].startswith("À corriger\nErreur en A2")


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/threadedComments/threadedComment1.xml", "<ThreadedComments/>"),
        ("xl/pivotTables/pivotTable1.xml", "<pivotTableDefinition/>"),
        ("xl/slicers/slicer1.xml", "<slicers/>"),
        ("xl/media/image1.png", "PNG"),
        ("xl/metadata.xml", "<metadata/>"),
        ("xl/drawings/vmlDrawing1.vml", "<xml><x:ClientData ObjectType='Checkbox'/></xml>"),
        ("xl/drawings/vmlDrawing1.vml", "<xml><v:imagedata/></xml>"),
    ],
)
def test_a_part_that_openpyxl_does_not_rewrite_is_seen(tmp_path: Path, part: str, content: str) -> None:
    members = {**parts(text_row(1, "Code")), part: content}
    done(packed(members, tmp_path / "a.xlsx"), notes(sheets={"Feuil1": 1}), how=NEW)


@pytest.mark.parametrize("part", ["customXml/item1.xml", "docMetadata/LabelInfo.xml", "xl/printerSettings/printerSettings1.bin",
                                  "docProps/thumbnail.jpeg", "xl/calcChain.xml"])  # fmt: skip
def test_what_nobody_sees_does_not_cost_the_user_their_workbook(tmp_path: Path, part: str) -> None:
    members = {**parts(text_row(1, "Code")), part: "<x/>"}
    done(packed(members, tmp_path / "a.xlsx"), notes(sheets={"Feuil1": 1}), how=SAME)


def test_a_sheet_whose_letters_cannot_be_looked_through_is_written_anew(tmp_path: Path) -> None:
    members: dict[str, Any] = parts(text_row(1, "Code"))
    name = "xl/worksheets/sheet1.xml"
    members[name] = ('<?xml version="1.0" encoding="UTF-16"?>' + members[name]).encode("utf-16")
    done(packed(members, tmp_path / "a.xlsx"), notes(sheets={"Feuil1": 1}), how=NEW)


def test_a_large_workbook_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.xlsx")
    monkeypatch.setattr(annotation, "KEPT_CELLS", 27)
    done(path, notes(), how=SAME)
    monkeypatch.setattr(annotation, "KEPT_CELLS", 26)
    done(path, notes(), how=NEW)


def typed_sheet(book: Any, page: Any) -> None:
    """Every kind of cell."""
    day, hour, long = (book.add_format({"num_format": look}) for look in ("dd/mm/yyyy", "hh:mm", "[h]:mm"))
    page.write_datetime("A5", dt.datetime(2026, 5, 20, 14, 30), day)
    page.write_datetime("B5", dt.time(9, 30), hour)
    page.write_number("C5", 1.5, long)
    page.write_number("D5", 0.1 + 0.2)
    page.write_number("E5", 123456789012)
    page.write_boolean("F5", False)
    page.write_formula("G5", "=1/0", None, "#DIV/0!")
    page.write_formula("H5", "=1+1", None, 2)
    page.write_string("I5", "=1+1")
    page.write_string("J5", "a\nb  ")
    page.merge_range("A7:A9", "fusion")
    page.insert_textbox("C20", "texte")


@pytest.mark.parametrize("calendar", [False, True])
def test_a_new_workbook_holds_what_was_read_as_it_was_read(tmp_path: Path, calendar: bool) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": calendar}) as book:
        page = book.add_worksheet("Preuves")
        page.write_row(0, 0, TITLES)
        page.write_datetime("A2", dt.datetime(2026, 5, 20), book.add_format({"num_format": "dd/mm/yyyy"}))
        page.write_number("A3", 46162)
        typed_sheet(book, page)
        book.define_name("CARE_KIT", '="KIT_PREUVES_JALONS;1;0192-x"')
    copy = done(path, notes(fault("A2")), how=NEW)
    assert {place: cell for place, cell in values(copy).items() if place[0] == "Preuves"} == values(path)
    before, after = read(path), read(copy)
    assert (
        (after.epoch, after.care_kit)
        == (before.epoch, before.care_kit)
        == (1904 if calendar else 1900, "KIT_PREUVES_JALONS;1;0192-x")
    )
    assert after.sheets[1].merged == before.sheets[0].merged == ((7, 1, 9, 1),)


def test_what_was_never_calculated_or_too_long_is_not_taken_for_a_value(tmp_path: Path) -> None:
    rows = (
        text_row(1, "Code")
        + f'<row r="2"><c r="A2"><f>1+1</f></c><c r="B2" t="inlineStr"><is><t>{"x" * 5000}</t></is></c></row>'
    )
    path = packed({**parts(rows), "xl/media/a.png": "x"}, tmp_path / "a.xlsx")
    cells = read(done(path, notes(sheets={"Feuil1": 1}), how=NEW)).sheets[1].rows[2]
    assert (cells[1].kind, cells[1].value) == (CellKind.ERROR, "#N/A")
    assert str(cells[2].value).endswith("[…] (texte coupé : trop long)")


def test_escapes_of_the_spreadsheet_are_not_escaped_twice(tmp_path: Path) -> None:
    rows = text_row(1, "a_x000D_b", "_x005F_x0041_")
    path = packed({**parts(rows), "xl/media/a.png": "x"}, tmp_path / "a.xlsx")
    copy = next(sheet for sheet in read(done(path, notes(), how=NEW)).sheets if sheet.name == "Feuil1")
    before, after = (book.rows[1] for book in (read(path).sheets[0], copy))
    assert [cell.value for cell in after.values()] == [cell.value for cell in before.values()]


def test_the_readme_of_the_file_follows_ours_and_is_not_repeated(tmp_path: Path) -> None:
    def fill(book: Any, page: Any) -> None:
        book.add_worksheet("Lisez-moi").write_column(0, 0, ["Kit", "K5"])
        page.insert_textbox("C9", "texte")

    first = done(write(tmp_path / "a.xlsx", fill), notes(statuses=[(2, "Nouvelle")]), how=NEW)
    lines = [row[0].value for row in opened(first)["Lisez-moi"].iter_rows()]
    assert (lines[0], lines[-2:], opened(first).sheetnames) == (
        "Copie annotée par Vigie", ["Kit", "K5"], ["Lisez-moi", "Preuves"],
    )  # fmt: skip
    with zipfile.ZipFile(first) as archive:
        members: dict[str, Any] = {name: archive.read(name) for name in archive.namelist()}
    again = packed({**members, "xl/media/a.png": "x"}, tmp_path / "b.xlsx")
    second = done(again, notes(statuses=[(2, "Modifiée")]), how=NEW)
    assert [row[0].value for row in opened(second)["Lisez-moi"].iter_rows()] == lines
    assert said(second)[2] == "Modifiée"


def test_a_new_workbook_may_be_annotated_in_place_afterwards(tmp_path: Path) -> None:
    first = done(write(tmp_path / "a.xlsx", lost("text box")), notes(fault("A2")), how=NEW)
    second = done(first, notes(fault("B3", "W"), statuses=[(3, "Nouvelle")]), how=SAME)
    assert said(second)[2] is None
    assert colours(second) == {"W": "B3 J3"}
    assert [opened(second)["Preuves"][cell].comment is None for cell in ("A2", "B3")] == [True, False]


def test_hidden_sheets_stay_out_of_a_new_workbook(tmp_path: Path) -> None:
    def fill(book: Any, page: Any) -> None:
        rich(book, page)
        page.insert_textbox("C20", "texte")

    assert opened(done(write(tmp_path / "a.xlsx", fill), notes(), how=NEW)).sheetnames == [
        "Lisez-moi",
        "Preuves",
        "Autre",
    ]


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(Unreadable):
        annotate(path, io.BytesIO(), notes(), filename="a.xlsx", made_on=MADE_ON)


# ------------------------------------------------------------------------------------------------------- the process


@pytest.mark.parametrize(
    "program",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import sys; sys.stdout.write('PK'); sys.exit(1)",
        "import sys; sys.stdout.write('not a workbook')",
        "import sys; sys.stdout.buffer.write(b'x' * 2_000_000)",
        "pass",
    ],
)  # fmt: skip
def test_when_the_process_dies_or_lies_a_new_workbook_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    path, start = write(tmp_path / "a.xlsx"), subprocess.Popen

    def taken_over(command: list[str], **options: Any) -> Any:
        ours = "importers.annotation.child" in command
        return start([sys.executable, "-c", program] if ours else command, **options)

    monkeypatch.setattr(confined.subprocess, "Popen", taken_over)
    monkeypatch.setattr(annotation, "_RESULT", 1_000_000)
    copy = done(path, notes(statuses=[(2, "Nouvelle")]), how=NEW)
    assert said(copy)[2] == "Nouvelle"


def limited(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What a program does once the process has given up its powers."""
    head = (
        "import sys, json\nfrom importers.annotation import child as annotate_child\n"
        "annotate_child.restrain(2**29, 20)\n"
    )
    return subprocess.run(
        [sys.executable, "-B", "-c", head + program, *arguments], capture_output=True, text=True, check=False,
        cwd=Path(annotation.__file__).parents[2],
    )  # fmt: skip


@pytest.mark.parametrize(
    "attempt",
    [
        "open(sys.argv[1], 'w')",
        "open(sys.argv[1], 'ab')",
        "open(sys.argv[2], 'r+')",
        "import os; os.open(sys.argv[1], os.O_CREAT)",
        "import os; os.open(sys.argv[2], os.O_RDONLY | os.O_TRUNC)",
        "import os; os.remove(sys.argv[2])",
        "import os; os.rename(sys.argv[2], sys.argv[1])",
        "import os; os.symlink('/etc', sys.argv[1])",
        "import os; os.mkdir(sys.argv[1])",
        "import os; os.truncate(sys.argv[2], 0)",
        "import os, tempfile; tempfile.mkstemp(dir=os.path.dirname(sys.argv[2]))",
        "import shutil; shutil.copyfile(sys.argv[2], sys.argv[1])",
        "import socket; socket.socket().connect(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['touch', sys.argv[1]])",
        "import os; os.system('touch ' + sys.argv[1])",
        "import os; os.fork()",
        "import sqlite3; sqlite3.connect(sys.argv[1])",
    ],
)
def test_a_hostile_file_writes_nowhere_and_calls_nobody(tmp_path: Path, attempt: str) -> None:
    kept = tmp_path / "kept"
    kept.write_text("kept")
    ended = limited(attempt, str(tmp_path / "made"), str(kept))
    assert "PermissionError" in ended.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]
    assert kept.read_text() == "kept"


def test_the_process_still_reads() -> None:
    ended = limited("print(len(open(annotate_child.__file__, 'rb').read()) > 1000)")
    assert (ended.stdout, ended.returncode) == ("True\n", 0)


def test_the_process_imports_nothing_of_the_product(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", rich)
    program = (
        "import io, json, sys\nfrom importers.annotation import child as annotate_child\n"
        "with open(sys.argv[1], 'rb') as stream:\n"
        "    limits = {'kept_cells': 1000, 'columns': 200, 'last_column': 16384, 'header': 'x'}\n"
        "    annotate_child._annotated(stream, io.BytesIO(b''), limits)\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('importers', 'compliance', 'tenants', 'flask')))"
    )
    ended = subprocess.run(
        [sys.executable, "-B", "-c", program, str(path)], capture_output=True, text=True, check=True,
        cwd=Path(annotation.__file__).parents[2], env={"OPENPYXL_LXML": "False"},
    )  # fmt: skip
    assert (
        ended.stdout
        == "['importers', 'importers.annotation', 'importers.annotation.child', 'importers.annotation.child_book', 'tenants', 'tenants.restraint']\n"
    )


def test_what_the_process_says_of_a_workbook_it_would_damage(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", lost("chart"))
    ended = subprocess.run(
        [sys.executable, "-m", "importers.annotation.child", str(path), '{"memory": 536870912, "cpu_seconds": 20, "kept_cells": 9}'],
        stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd=Path(annotation.__file__).parents[2],
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (annotate_child.NOT_KEPT, b"")
