"""A planner with months across becomes one planned exercise per mark; anything else stays what it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.layout.gantt import is_planner, unpivot
from importers.layout.layouts import LayoutChoice
from importers.layout.recognise import Layout, recognise
from importers.reading.sheet import Cell, CellKind, ReadBook, ReadSheet
from importers.workbooks.bia_pcra import BIA_PCRA
from importers.workbooks.exercises import EXERCISES
from tests.importers.books import cell

Row = Sequence[object]
MONTHS: Row = ["janv.", "févr.", "mars"]


def sheet(*rows: Row, name: str = "2026", merged: tuple[tuple[int, int, int, int], ...] = ()) -> ReadSheet:
    """A sheet of values; None leaves a cell empty."""
    found = {
        number: {place: cell(number, place, value) for place, value in enumerate(row, 1) if value is not None}
        for number, row in enumerate(rows, 1)
    }
    return ReadSheet(name, rows={number: row for number, row in found.items() if row}, merged=merged)


def table(source: ReadSheet) -> list[dict[str, str]]:
    """The rows made from a planner, by header."""
    made = unpivot(source)
    assert made is not None
    header = {place: each.text for place, each in made.rows[1].items()}
    return [
        {header[place]: each.text for place, each in row.items()} for number, row in made.rows.items() if number > 1
    ]


def dates(*rows: Row, name: str = "2026", merged: tuple[tuple[int, int, int, int], ...] = ()) -> list[str] | None:
    """The dates of the exercises of a planner; None when the sheet is not one."""
    source = sheet(*rows, name=name, merged=merged)
    return [row["Date prévue"] for row in table(source)] if unpivot(source) is not None else None


def test_each_mark_is_an_exercise_at_the_end_of_its_month() -> None:
    made = table(sheet(["Service", *MONTHS], ["Urgences", "x", None, "X"], ["Paie", None, "✓", None]))
    assert [{key: row[key] for key in row if key != "Code exercice"} for row in made] == [
        {"Date prévue": "31/01/2026", "Statut": "Planifié", "Libellé": "Urgences"},
        {"Date prévue": "31/03/2026", "Statut": "Planifié", "Libellé": "Urgences"},
        {"Date prévue": "28/02/2026", "Statut": "Planifié", "Libellé": "Paie"},
    ]


def test_the_code_of_an_exercise_stays_when_rows_move_and_tells_two_rows_apart() -> None:
    rows = [["Urgences", "x", None, "X"], ["Paie", None, "✓", None], ["Paie", "x", None, None]]
    codes = [row["Code exercice"] for row in table(sheet(["Service", *MONTHS], *rows))]
    moved = [row["Code exercice"] for row in table(sheet(["Service", *MONTHS], rows[1], rows[0], rows[2]))]
    assert sorted(codes) == sorted(moved)
    assert len(set(codes)) == 4
    assert all(re.fullmatch(r"PLAN-[0-9A-F]{6}-20260[1-3]", code) for code in codes)


def test_rows_are_numbered_from_one_and_cells_keep_the_place_of_their_mark() -> None:
    source = sheet([None], ["Planning 2026"], ["Service", *MONTHS], ["Urgences", None, "x", "x"], name="Feuil1")
    made = unpivot(source)
    assert made is not None
    assert list(made.rows) == [1, 2, 3]
    assert [[each.address for each in row.values()] for row in made.rows.values()] == [
        ["B3", "B3", "B3", "B3"],
        ["C4", "C4", "C4", "A4"],
        ["D4", "D4", "D4", "A4"],
    ]
    assert (made.name, is_planner(made), is_planner(source)) == ("Feuil1", True, False)


@pytest.mark.parametrize(
    "months",
    [
        ["janv.", "févr.", "mars"],
        ["Janvier", "FÉVRIER", "Mars "],
        ["janvier 2026", "février 2026", "mars 2026"],
        ["janv-26", "févr-26", "mars-26"],
        ["01/2026", "02/2026", "3/2026"],
        ["2026-01", "2026-02", "2026-03"],
        [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)],
        [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)],
        ["janvier 2026", "février", "mars"],
    ],
)
def test_months_are_read_however_they_are_written(months: Row) -> None:
    assert dates(["Service", *months], ["Urgences", "x", "x", "x"]) == ["31/01/2026", "28/02/2026", "31/03/2026"]


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        ([["Service", *MONTHS]], "Planning 2026"),
        ([["Planning des exercices 2026"], ["Service", *MONTHS]], "Feuil1"),
        ([["Mise à jour le 12/01/2025"], ["Exercices 2026"], ["Service", *MONTHS]], "Feuil1"),
        ([[date(2025, 1, 12), "Année 2026"], ["Service", *MONTHS]], "Feuil1"),
        ([[None, 2026], ["Service", *MONTHS]], "Planning 2025"),
        ([[None, "Année 2026"], [None], ["Service", *MONTHS]], "Feuil1"),
        ([[2026, *MONTHS]], "Feuil1"),
        ([["Exercices 2026", *MONTHS]], "Feuil1"),
    ],
)
def test_the_year_is_found_where_people_write_it(rows: list[Row], name: str) -> None:
    assert dates(*rows, ["Urgences", "x", None, None], name=name) == ["31/01/2026"]


def test_two_years_side_by_side() -> None:
    header = ["Service", "nov.", "déc.", "janv.", "févr."]
    marks = ["Urgences", "x", None, None, "x"]
    expected = ["30/11/2025", "28/02/2026"]
    assert dates([None, 2025, None, 2026], header, marks, name="x") == expected
    assert dates(["Année 2025-2026"], header, marks, name="x") == expected
    assert dates(["Service", "nov. 2025", "déc.", "janv.", "févr."], marks, name="x") == expected


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        ([["Service", *MONTHS]], "Planning"),
        ([["Années 2025 et 2026"], ["Service", *MONTHS]], "Planning"),
        ([["Années 2025 et 2028"], ["Service", "nov.", "déc.", "janv."]], "Planning"),
        ([["Service", "nov.", "déc.", "janv."]], "2026"),
        ([["Service", "mars", "févr.", "janv."]], "2026"),
        ([["Service", "mars", "mars", "avril"]], "2026"),
        ([["Service", "janv.", "févr."]], "2026"),
        ([["Service", "janv.", "février ou mars", "mars"]], "2026"),
        ([["Service", "13/2026", "14/2026", "15/2026"]], "2026"),
        ([["Service", date(2026, 1, 5), date(2026, 2, 12), date(2026, 3, 9)]], "2026"),
    ],
)
def test_months_without_a_sure_year_or_order_are_no_planner(rows: list[Row], name: str) -> None:
    assert dates(*rows, ["Urgences", "x", "x", "x"], name=name) is None


@pytest.mark.parametrize("mark", ["x", "X", "✓", "●", "Oui", "1", 1, True, "prévu", "T1"])
def test_what_is_a_mark(mark: object) -> None:
    found = table(sheet(["Service", *MONTHS], ["Urgences", mark, None, None]))
    assert [(row["Date prévue"], row["Libellé"]) for row in found] == [("31/01/2026", "Urgences")]


@pytest.mark.parametrize("mark", ["-", " ", "Non", "non", 0, False, "0"])
def test_what_is_no_mark(mark: object) -> None:
    assert dates(["Service", *MONTHS], ["Urgences", mark, mark, mark]) is None
    assert dates(["Service", *MONTHS], ["Urgences", mark, "x", mark]) == ["28/02/2026"]


def test_a_mark_that_says_something_is_added_to_the_label() -> None:
    rows = table(
        sheet(["Service", *MONTHS], ["Urgences", "Test du PCA", None, None], [None, None, "Exercice régional"])
    )
    assert [row["Libellé"] for row in rows] == ["Urgences : Test du PCA", "Exercice régional"]


def test_a_date_in_a_cell_is_the_date_of_the_exercise() -> None:
    assert dates(["Service", *MONTHS], ["Urgences", None, None, date(2026, 3, 12)]) == ["12/03/2026"]


@pytest.mark.parametrize("kind", [CellKind.ERROR, CellKind.FORMULA, CellKind.TIME])
def test_a_cell_that_cannot_be_read_is_shown_as_such(kind: CellKind) -> None:
    source = sheet(["Service", *MONTHS], ["Urgences", "x", None, None])
    strange = Cell(2, 3, kind, "#REF!")
    made = unpivot(replace(source, rows={1: source.rows[1], 2: {**source.rows[2], 3: strange}}))
    assert made is not None
    assert made.rows[3][2] == strange


def test_months_with_figures_are_statistics() -> None:
    assert dates(["Service", *MONTHS], ["Urgences", 1, 12, 3]) is None
    assert dates(["Service", *MONTHS, "Nombre"], ["Urgences", 1, None, 1, 2]) == ["31/01/2026", "31/03/2026"]


def test_weeks_under_months_are_not_guessed() -> None:
    weeks = (["Service", "janv.", None, "févr.", None, "mars"], ["Urgences", "x", None, None, "x", None])
    assert dates(*weeks) is None


def test_totals_help_and_repeated_headers_are_no_exercises() -> None:
    header = ["Service", *MONTHS]
    assert dates(
        header,
        ["# mettre une croix", "x"],
        ["EXEMPLE", "x"],
        ["Urgences", "x"],
        header,
        ["Paie", None, "x"],
        ["Total", 2, 3, 12],
    ) == ["31/01/2026", "28/02/2026"]


def test_a_planner_without_marks_is_no_planner() -> None:
    assert dates(["Service", *MONTHS], ["Urgences"], ["Paie"]) is None


def test_a_code_of_perimeter_goes_to_the_perimeters_and_a_name_to_the_label() -> None:
    rows = table(
        sheet(
            ["Périmètre", *MONTHS], ["URG-01", "x"], ["URG-01 ; BIO-02", "x"], ["Urgences adultes", "x"], ["PAIE", "x"]
        )
    )
    assert [(row.get("Périmètres testés"), row.get("Libellé")) for row in rows] == [
        ("URG-01", None),
        ("URG-01 ; BIO-02", None),
        (None, "Urgences adultes"),
        (None, "PAIE"),
    ]


def test_a_column_of_codes_and_a_column_of_names_are_both_kept() -> None:
    rows = table(sheet(["Code service", "Service", *MONTHS], ["URG", "Urgences", "x"]))
    assert (rows[0]["Périmètres testés"], rows[0]["Libellé"]) == ("URG", "Urgences")


def test_other_columns_pass_as_they_are() -> None:
    rows = table(
        sheet(
            ["FINESS", "Établissement", "Service", *MONTHS, "Animateur"],
            ["760780239", "CH", "Urgences", "x", None, None, "GHT"],
        )
    )
    assert (rows[0]["FINESS"], rows[0]["Établissement"], rows[0]["Animateur"]) == ("760780239", "CH", "GHT")


@pytest.mark.parametrize("title", [None, 2026, "Exercices 2026", "Nom du service", "Équipe"])
def test_the_leftmost_column_names_the_rows_whatever_its_title(title: object) -> None:
    assert table(sheet([title, *MONTHS], ["Urgences", "x"]))[0]["Libellé"] == "Urgences"


def test_titles_merged_downwards_and_names_merged_over_rows_are_seen() -> None:
    source = sheet(
        ["Pôle", "Service", 2026],
        [None, None, *MONTHS],
        ["Médecine", "Urgences", "x"],
        [None, "Réanimation", None, "x"],
        [None, "Bloc", None, "x"],
        merged=((1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 1, 5), (3, 1, 4, 1)),
        name="x",
    )
    assert [(row.get("Libellé"), row["Service"]) for row in table(source)] == [
        ("Médecine", "Urgences"),
        ("Médecine", "Réanimation"),
        (None, "Bloc"),
    ]


@given(
    st.lists(
        st.lists(st.one_of(st.none(), st.text(max_size=8), st.integers(-2, 3), st.booleans(), st.dates()), max_size=5),
        max_size=6,
    ),
    st.text(max_size=10),
)
def test_any_cells_under_months_give_rows_or_nothing(rows: list[Row], name: str) -> None:
    made = unpivot(sheet(["Service", *MONTHS], *rows, name=f"{name} 2026"))
    if made is not None:
        codes = [row[1].text for number, row in made.rows.items() if number > 1]
        assert len(set(codes)) == len(codes) > 0
        assert list(made.rows) == list(range(1, len(codes) + 2))


# --------------------------------------------------------------------------------------------------- recognised as rows


def planned(*rows: Row, name: str = "Feuil1 2026") -> Layout:
    """The layout that a planner is given."""
    found = recognise([BIA_PCRA, EXERCISES], ReadBook((sheet(*rows, name=name),)))
    assert len(found.layouts) == 1
    return found.layouts[0]


def test_a_planner_is_understood_as_the_sheet_planning_and_has_to_be_confirmed() -> None:
    found = planned(["FINESS", "Établissement", "Service", *MONTHS], ["760780239", "CH", "Urgences", "x"])
    assert (found.workbook.code, found.sheet.name, found.header_row) == ("KIT_EXERCICES", "Planning", 1)
    assert [found.header(key) for key in ("code", "planned_on", "status", "label", "finess_list")] == [
        "Code exercice", "Date prévue", "Statut", "Libellé", "FINESS",
    ]  # fmt: skip
    assert [unknown.header.address for unknown in found.unknown] == ["B1"]
    assert is_planner(found.source)
    assert not found.sure


def test_what_a_planner_does_not_say_is_not_a_missing_column_except_the_establishment() -> None:
    assert [column.label for column in planned(["Service", *MONTHS], ["Urgences", "x"]).missing] == ["FINESS EJ"]
    assert planned(["FINESS EJ", "Service", *MONTHS], ["760780239", "Urgences", "x"]).missing == ()


def test_a_type_written_beside_the_months_is_the_nature() -> None:
    found = planned(["Service", "Type", *MONTHS], ["Urgences", "Combiné", "x"])
    assert found.header("nature") == "Type"


def test_a_list_of_exercises_with_months_beside_is_read_by_its_months() -> None:
    found = planned(
        ["Code exercice", "Nature", "Scénario", "Statut", *MONTHS],
        ["EX-1", "Combiné", "Panne SI", "Planifié", "x"],
        name="2026",
    )
    assert is_planner(found.source)
    assert found.header("planned_on") == "Date prévue"


def test_an_inventory_with_months_beside_stays_an_inventory() -> None:
    header = ["Service", "Code", "Type", "BIA", "PCA", "PRA", "Référent", *MONTHS]
    found = planned(header, ["Urgences", "URG-01", "Soins", "Réalisé", "Validé", "Validé", "Cadre", "x"])
    assert (found.sheet.name, is_planner(found.source)) == ("Perimetres", False)


def test_months_across_mean_nothing_to_workbooks_without_exercises() -> None:
    source = sheet(["Service", *MONTHS], ["Urgences", "x"])
    found = recognise([BIA_PCRA], ReadBook((source,)))
    assert (found.layouts, found.unmapped) == ((), (source,))


def test_a_choice_about_a_planner_is_remembered() -> None:
    source = sheet(["Service", *MONTHS], ["Urgences", "x"])
    book = ReadBook((source,))
    first = recognise([EXERCISES], book).layouts[0]
    columns = {"code": 1, "planned_on": 2, "status": 3}
    kept = LayoutChoice("Planning", 1, columns=columns, headers=("Code exercice", "Date prévue", "Statut"))
    again = recognise([EXERCISES], book, {first.fingerprint: kept}).layouts[0]
    assert (again.chosen, again.columns) == (True, columns)
    assert [unknown.header.text for unknown in again.unknown] == ["Libellé"]
    assert is_planner(again.source)
    ignored = recognise([EXERCISES], book, {first.fingerprint: LayoutChoice("", 1)})
    assert (ignored.layouts, ignored.unmapped, ignored.ignored) == ((), (), (source,))
