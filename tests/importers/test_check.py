"""From cells to rows: what is new, changed, rejected, skipped, and everything that is said about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from importers.cells.values import UNKNOWN
from importers.check import Facts, Report, check, to_json
from importers.faults import FaultClass
from importers.reading.sheet import Cell, CellKind, ReadBook, ReadSheet
from importers.workbooks.bia_pcra import BIA_PCRA, PERIMETERS, party_key, perimeter_key
from tests.importers.kits import Grid, Member, clean_rows, facts_for, typed

MEMBERS = (
    Member("760780023", "CH de Dieppe"),
    Member("760780031", "CH de Saint-Valéry"),
    Member(None, "EHPAD d’Envermeu"),
)
FACTS = facts_for(MEMBERS)


def book_of(grid: Grid, *, epoch: int = 1900) -> ReadBook:
    """The grid as if it had been read, without the child process."""
    sheets = []
    for name, rows in grid.sheets.items():
        cells = {
            number: {place: _cell(number, place, value) for place, value in enumerate(row, 1) if value is not None}
            for number, row in enumerate(rows, 1)
        }
        sheets.append(ReadSheet(name=name, visible=name not in grid.hidden, rows={n: c for n, c in cells.items() if c}))
    return ReadBook(tuple(sheets), epoch)


def _cell(row: int, place: int, value: object) -> Cell:
    if isinstance(value, bool):
        return Cell(row, place, CellKind.BOOLEAN, value)
    if isinstance(value, date):
        return Cell(row, place, CellKind.DATE, f"{value.isoformat()}T00:00:00")
    if isinstance(value, int | float | Decimal):
        return Cell(row, place, CellKind.NUMBER, float(value))
    return Cell(row, place, CellKind.TEXT, str(value))


def run(change: Callable[[Grid], object] = lambda _grid: None, facts: Facts = FACTS) -> Report:
    """Check a typed kit after one change."""
    grid = typed(MEMBERS)
    change(grid)
    return check(BIA_PCRA, book_of(grid), facts)


def said(report: Report) -> list[tuple[str, str, str, str]]:
    """Class, code, sheet and cell of every remark."""
    return [(str(fault.cls), fault.code, fault.sheet, fault.cell) for fault in report.faults]


def counts(report: Report, layout: str = "Perimetres") -> dict[str, int]:
    """The counts of one sheet."""
    return next(sheet.counts for sheet in report.sheets if sheet.layout == layout)


def stored() -> Facts:
    """Facts in which the whole kit is stored already."""
    rows = clean_rows(MEMBERS)
    return replace(
        FACTS,
        existing={
            "Parties": {party_key(row["finess"], row["name"]): row for row in rows["Parties"]},
            "Perimetres": {perimeter_key(row["finess_ej"], row["code"]): row for row in rows["Perimetres"]},
        },
    )


def test_a_clean_kit_has_nothing_to_say() -> None:
    report = run()
    assert report.faults == ()
    assert counts(report, "Parties") == {"new": 3, "changed": 0, "unchanged": 0, "rejected": 0}
    assert counts(report) == {"new": 8, "changed": 0, "unchanged": 0, "rejected": 0}
    assert not report.has_errors


def test_rows_carry_every_field_and_their_establishment() -> None:
    row = run().sheets[1].rows[4]
    assert (row.row_number, row.key, row.finess, row.status) == (6, "760780031/URG-01", "760780031", "new")
    assert dict(row.values) == clean_rows(MEMBERS)["Perimetres"][4]


def test_the_same_file_twice_changes_nothing() -> None:
    report = run(facts=stored())
    assert counts(report) == {"new": 0, "changed": 0, "unchanged": 8, "rejected": 0}
    assert counts(report, "Parties")["unchanged"] == 3


def test_a_changed_row_tells_the_old_and_the_new() -> None:
    report = run(lambda grid: grid.put("Perimetres", 2, "Version", "v2"), stored())
    assert counts(report)["changed"] == 1
    assert report.sheets[1].rows[0].changes == {"version": ("v1.2", "v2")}


def test_absent_rows_are_listed_never_deleted() -> None:
    report = run(lambda grid: grid.sheets["Perimetres"].pop(3), stored())
    assert report.sheets[1].absent_keys == ("760780023/BIO-01",)
    assert counts(report)["unchanged"] == 7


def test_a_rejected_row_is_not_absent() -> None:
    report = run(lambda grid: grid.put("Perimetres", 2, "BIA*", "peut-être"), stored())
    assert report.sheets[1].absent_keys == ()
    assert counts(report)["rejected"] == 1


def test_a_column_that_the_file_lacks_erases_nothing() -> None:
    def without_version(grid: Grid) -> None:
        place = grid.column("Perimetres", "Version")
        for row in grid.sheets["Perimetres"]:
            del row[place]

    report = run(without_version, stored())
    assert counts(report)["unchanged"] == 8
    assert report.sheets[1].rows[0].values["version"] == "v1.2"


def test_an_emptied_cell_is_a_change() -> None:
    report = run(lambda grid: grid.put("Perimetres", 2, "Version", None), stored())
    assert report.sheets[1].rows[0].changes == {"version": ("v1.2", None)}


def test_fields_that_the_caller_does_not_store_are_not_compared() -> None:
    facts = stored()
    short = {key: {"name": row["name"]} for key, row in facts.existing["Perimetres"].items()}
    report = run(
        lambda grid: grid.put("Perimetres", 2, "Version", "v9"), replace(facts, existing={"Perimetres": short})
    )
    assert counts(report)["unchanged"] == 8


def test_a_missing_required_column_is_said_once_and_hides_no_other_fault() -> None:
    def spoil(grid: Grid) -> None:
        place = grid.column("Perimetres", "Existe dans l’établissement*")
        for row in grid.sheets["Perimetres"]:
            del row[place]
        grid.put("Perimetres", 3, "Date du BIA", "hier")

    report = run(spoil)
    assert said(report) == [("E", "E-REQ", "Perimetres", ""), ("E", "E-DAT", "Perimetres", "J3")]
    assert counts(report)["rejected"] == 8


def test_a_missing_required_column_does_not_matter_where_the_answer_is_stored() -> None:
    def without_kind(grid: Grid) -> None:
        place = grid.column("Perimetres", "Type de périmètre*")
        for row in grid.sheets["Perimetres"]:
            del row[place]

    assert counts(run(without_kind, stored()))["unchanged"] == 8


def test_an_empty_required_cell_refuses_its_row_alone() -> None:
    report = run(lambda grid: grid.put("Perimetres", 4, "Type de périmètre*", "\u00a0"))
    assert said(report) == [("E", "E-REQ", "Perimetres", "E4")]
    assert counts(report) == {"new": 7, "changed": 0, "unchanged": 0, "rejected": 1}


@pytest.mark.parametrize("word", ["Total", "TOTAL GÉNÉRAL", "Sous-total :", "Sous total", "Somme", "Totaux"])
def test_a_total_is_skipped_with_a_notice(word: str) -> None:
    report = run(lambda grid: grid.sheets["Perimetres"].append([None, None, None, word, None]))
    assert said(report) == [("W", "W-TOT", "Perimetres", "D10")]
    assert (report.sheets[1].skipped, counts(report)["new"]) == (1, 8)


@pytest.mark.parametrize("code", ["SOMMEIL-01", "TOTALCARE-1"])
def test_a_code_that_begins_like_a_total_is_a_row(code: str) -> None:
    report = run(lambda grid: grid.put("Perimetres", 2, "Code périmètre*", code))
    assert (report.faults, counts(report)["new"]) == ((), 8)


def test_help_example_repeated_header_and_blank_rows_are_passed_silently() -> None:
    def add(grid: Grid) -> None:
        rows = grid.sheets["Perimetres"]
        rows[3:3] = [["# aide", "# aide"], ["EXEMPLE", "760780239"], [None], ["-", "\u00a0", " "], list(rows[0])]

    report = run(add)
    assert (report.faults, counts(report)["new"]) == ((), 8)


def test_a_row_filled_only_beside_the_table_is_told() -> None:
    report = run(lambda grid: grid.sheets["Perimetres"].append([None] * 26 + ["note"]))
    assert ("W", "W-LIG", "Perimetres", "AA10") in said(report)


def test_a_column_without_title_is_told_once() -> None:
    def add(grid: Grid) -> None:
        for row in grid.sheets["Perimetres"][1:4]:
            row.append("bonjour")

    assert said(run(add)) == [("W", "W-COL", "Perimetres", "AA2")]


def test_an_unknown_column_is_a_notice() -> None:
    report = run(lambda grid: grid.sheets["Perimetres"][0].append("Budget"))
    assert said(report) == [("W", "W-COL", "Perimetres", "AA1")]


def test_a_guessed_column_is_told_and_read() -> None:
    report = run(lambda grid: grid.put("Perimetres", 1, "Exemplaire papier", "Exemplaires papiers"))
    assert said(report) == [("W", "W-COL", "Perimetres", "U1")]
    assert report.sheets[1].rows[0].values["paper_copy"] is True


def test_the_same_key_twice_refuses_the_second_and_names_the_first() -> None:
    report = run(lambda grid: grid.sheets["Perimetres"].append(list(grid.sheets["Perimetres"][1])))
    assert said(report) == [("E", "E-DUP", "Perimetres", "A10")]
    assert "ligne 2" in report.faults[0].reason
    assert counts(report) == {"new": 8, "changed": 0, "unchanged": 0, "rejected": 1}


def test_the_same_key_in_two_sheets_of_one_layout_is_seen() -> None:
    def split(grid: Grid) -> None:
        rows = grid.sheets["Perimetres"]
        grid.sheets["Autre service"] = [list(rows[0]), list(rows[2])]

    report = run(split)
    assert said(report) == [("E", "E-DUP", "Autre service", "A2")]
    assert "« Perimetres »" in report.faults[0].reason


def test_the_same_code_in_two_establishments_is_two_perimeters() -> None:
    codes = [row.key for row in run().sheets[1].rows]
    assert "760780023/URG-01" in codes
    assert "760780031/URG-01" in codes


def test_an_unknown_and_a_foreign_establishment_are_told_apart_by_nothing() -> None:
    facts = replace(FACTS, known={"010780054"}.__contains__)
    answers = []
    for number in ("990000002", "010780054"):
        report = run(lambda grid, number=number: grid.put("Perimetres", 2, "FINESS EJ*", number), facts)
        fault = report.faults[0]
        answers.append((fault.cls, fault.code, fault.cell, fault.column, fault.reason, fault.remedy))
    assert answers[0] == answers[1]
    assert answers[0][4:] == UNKNOWN


def test_an_unmapped_sheet_is_an_error_on_the_file() -> None:
    def add(grid: Grid) -> None:
        grid.sheets["Budget"] = [["Ligne", "Montant"], ["a", 12]]

    report = run(add)
    assert said(report) == [("E", "E-FEU", "Budget", "")]
    assert report.unmapped == ("Budget",)
    assert counts(report)["new"] == 8


def test_a_known_sheet_with_unknown_headers_lists_what_is_expected() -> None:
    def spoil(grid: Grid) -> None:
        grid.sheets["Parties"] = [["Colonne 1", "Colonne 2"], ["a", "b"]]

    fault = run(spoil).faults[0]
    assert fault.code == "E-FEU"
    assert "FINESS EJ" in fault.remedy


def test_a_hidden_sheet_is_a_notice() -> None:
    def hide(grid: Grid) -> None:
        grid.sheets["RH"] = [["Nom"], ["x"]]
        grid.hidden.add("RH")

    assert said(run(hide)) == [("W", "W-MAS", "RH", "")]


def test_remarks_come_in_the_order_of_the_file() -> None:
    def spoil(grid: Grid) -> None:
        grid.sheets["Perimetres"][0].append("Budget")
        grid.put("Perimetres", 5, "BIA*", "?")
        grid.put("Perimetres", 3, "Date du BIA", "?")
        grid.put("Perimetres", 3, "PCA*", "?")
        grid.put("Parties", 2, "Année*", "?")

    cells = [(sheet, cell) for _, _, sheet, cell in said(run(spoil))]
    assert cells == [
        ("Parties", "F2"),
        ("Perimetres", "AA1"),
        ("Perimetres", "K3"),
        ("Perimetres", "M3"),
        ("Perimetres", "J5"),
    ]


def test_rows_below_the_end_of_a_sheet_are_told() -> None:
    book = book_of(typed(MEMBERS))
    sheets = (book.sheets[0], replace(book.sheets[1], beyond=90, wide="GS4"))
    assert said(check(BIA_PCRA, replace(book, sheets=sheets), FACTS)) == [
        ("W", "W-LIM", "Perimetres", "GS4"),
        ("W", "W-LIM", "Perimetres", "A90"),
    ]


def test_the_json_has_the_frozen_keys() -> None:
    report = run(lambda grid: grid.put("Perimetres", 2, "BIA*", "peut-être"))
    answer = to_json(report, applied=False)
    assert json.loads(json.dumps(answer)) == {
        "workbook": "KIT_BIA_PCRA",
        "sheets": [
            {"name": "Parties", "header_row": 1, "counts": {"new": 3, "changed": 0, "unchanged": 0, "rejected": 0}},
            {"name": "Perimetres", "header_row": 1, "counts": {"new": 7, "changed": 0, "unchanged": 0, "rejected": 1}},
        ],
        "faults": [
            {
                "class": "E",
                "code": "E-LST",
                "sheet": "Perimetres",
                "cell": "J2",
                "column": "BIA*",
                "value": "peut-être",
                "reason": "Cette valeur n’est pas dans la liste.",
                "remedy": "Valeurs admises : Réalisé ; En cours ; Non réalisé ; Sans objet.",
            }
        ],
        "applied": False,
    }


def test_a_long_value_is_cut_in_the_remark() -> None:
    report = run(lambda grid: grid.put("Perimetres", 2, "Date du BIA", "mot " * 200))
    assert len(report.faults[0].value) == 120


def test_the_report_is_deterministic() -> None:
    def spoil(grid: Grid) -> None:
        for number in range(2, 8):
            grid.put("Perimetres", number, "BIA*", "?")

    assert run(spoil) == run(spoil)


def test_every_remark_says_what_to_do_and_has_a_stable_code() -> None:
    def spoil(grid: Grid) -> None:
        for column in PERIMETERS.columns:
            grid.put("Perimetres", 2, column.header("ght"), "n’importe quoi !" * 20)
        grid.sheets["Budget"] = [["x"], ["y"]]

    faults = run(spoil).faults
    assert len(faults) > 15
    for fault in faults:
        assert fault.code[:2] == f"{fault.cls}-"
        assert fault.reason.endswith(".")
        assert fault.remedy.endswith((".", "…"))
        assert len(fault.value) <= 120
    assert {str(fault.cls) for fault in faults} <= set(FaultClass)


@pytest.mark.parametrize("header", ["Commentaire", "Commentaires", "Observations", "Remarques", "Notes"])
@pytest.mark.parametrize("shared", [True, False])
def test_a_column_of_comments_costs_no_row(header: str, *, shared: bool) -> None:
    grid = typed(MEMBERS)
    rows = grid.sheets["Perimetres"]
    for row in rows:
        row.append(header if row is rows[0] else "À revoir avec le cadre ; voir le mail du 12")
    if not shared:
        place = grid.column("Perimetres", "SI mutualisé")
        grid.sheets["Perimetres"] = [row[:place] + row[place + 1 :] for row in rows]
    report = check(BIA_PCRA, book_of(grid), FACTS)
    assert [code for _, code, *_ in said(report)] == ["W-COL"]
    assert report.faults[0].reason == "Colonne inconnue : elle n’a pas été lue."
    assert counts(report) == {"new": 8, "changed": 0, "unchanged": 0, "rejected": 0}


def test_a_function_that_was_never_stored_is_asked_again_without_refusing_its_row() -> None:
    rows = clean_rows(MEMBERS)["Perimetres"]
    rows[0]["referent_function"] = None  # a person's name was set apart
    stored_rows = {perimeter_key(row["finess_ej"], row["code"]): row for row in rows}
    grid = typed(MEMBERS)
    for number in (2, 3):
        grid.put("Perimetres", number, "Fonction du référent métier*", None)
    report = check(BIA_PCRA, book_of(grid), replace(FACTS, existing={"Perimetres": stored_rows}))
    assert said(report) == [("G", "G-REQ", "Perimetres", "I2"), ("E", "E-REQ", "Perimetres", "I3")]
    assert report.faults[0].reason == "La fonction du référent reste à saisir."
    assert [row.status for row in report.sheets[1].rows[:2]] == ["unchanged", "rejected"]


def test_a_name_set_apart_then_sent_back_in_the_prefilled_kit_changes_nothing() -> None:
    grid = typed(MEMBERS)
    grid.put("Perimetres", 2, "Fonction du référent métier*", "Jean DUPONT")
    first = check(BIA_PCRA, book_of(grid), FACTS)
    kept = {
        row.key: {name: value for name, value in row.values.items() if name != "referent_name"}
        for row in first.sheets[1].rows
    }
    grid.put("Perimetres", 2, "Fonction du référent métier*", None)
    again = check(BIA_PCRA, book_of(grid), replace(FACTS, existing={"Perimetres": kept}))
    assert said(again) == [("G", "G-REQ", "Perimetres", "I2")]
    assert counts(again) == {"new": 0, "changed": 0, "unchanged": 8, "rejected": 0}
