"""K7, the crisis directory: its rules, one sentence each. Names and numbers are invented (series reserved for fiction)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from compliance.models.register import PrivateRegister
from compliance.services import register
from importers.base import Sheet
from importers.check import RowResult, check
from importers.facts import EstablishmentRef, Facts
from importers.reading.sheet import ReadBook
from importers.template import as_typed
from importers.workbooks.crisis_directory import CALL_BACKS, CRISIS_CELL, CRISIS_DIRECTORY, PACK_LOCATIONS, PARTNERS
from tests.importers import books

DIEPPE, EU = "760780023", "760780056"
TODAY = date(2026, 11, 22)
REFERENCES = {number: EstablishmentRef(f"id-{number}", number, number) for number in (DIEPPE, EU)}
ALONE = Facts(scope_finess={DIEPPE: REFERENCES[DIEPPE]}, today=TODAY, home=DIEPPE, support=DIEPPE)
GROUP = Facts(scope_finess=REFERENCES, today=TODAY, group_code="GHT-1", support=DIEPPE)
ROWS: dict[str, dict[str, object]] = {
    "Cellule_de_crise": {
        "role": "Directeur médical de crise", "holder": "Camille EXEMPLE", "holder_phone": "06 39 98 01 23",
        "substitute": "Dominique MODÈLE", "substitute_phone": "0639980124 / 0199001234", "reachable": "Oui",
        "checked_on": date(2026, 10, 5),
    },
    "Rappel": {
        "service": "Urgences adultes", "team": "Nuit", "name": "EXEMPLE Camille", "phone": "06.39.98.01.25", "rank": 1,
        "delay_minutes": 30, "checked_on": date(2026, 10, 5),
    },
    "Partenaires": {
        "organisation": "Dépôt de sang", "purpose": "Commande urgente", "phone": "01 99 00 12 35",
        "on_call": "06 39 98 01 26", "checked_on": date(2026, 10, 5),
    },
    "Points_de_depot": {
        "place": "PC sécurité", "cabinet": "Armoire rouge", "keeper": "Chef de la sécurité", "placed_on": date(2026, 10, 6),
    },
}  # fmt: skip
SHEETS = (CRISIS_CELL, CALL_BACKS, PARTNERS, PACK_LOCATIONS)
NUMBERED = (CRISIS_CELL, CALL_BACKS, PARTNERS)


def row_of(sheet: Sheet, facts: Facts = ALONE, **cells: object) -> tuple[RowResult, list[tuple[str, str]]]:
    """A row of a sheet after these cells were typed, and what is said: code and column key."""
    row = books.result(CRISIS_DIRECTORY, sheet, facts, ROWS[sheet.name], **cells)
    keys = {column.header("ght"): column.key for column in sheet.columns}
    return row, [(fault.code, keys[fault.column]) for fault in row.faults]


def test_a_clean_directory_is_stored_as_typed() -> None:
    """Dunkerque: the crisis cell and its substitutes are data."""
    checked = date(2026, 10, 5)
    for sheet, key, values in (
        (CRISIS_CELL, "directeur medical de crise", {
            "role": "Directeur médical de crise", "holder": "Camille EXEMPLE", "holder_phone": "06 39 98 01 23",
            "substitute": "Dominique MODÈLE", "substitute_phone": "06 39 98 01 24; 01 99 00 12 34", "reachable": True,
            "checked_on": checked,
        }),
        (CALL_BACKS, "urgences adultes / nuit / exemple camille", {
            "service": "Urgences adultes", "team": "Nuit", "name": "EXEMPLE Camille", "phone": "06 39 98 01 25", "rank": 1,
            "delay_minutes": 30, "checked_on": checked,
        }),
        (PARTNERS, "depot de sang / commande urgente", {
            "organisation": "Dépôt de sang", "purpose": "Commande urgente", "phone": "01 99 00 12 35",
            "on_call": "06 39 98 01 26", "checked_on": checked,
        }),
        (PACK_LOCATIONS, "pc securite / armoire rouge", {
            "place": "PC sécurité", "cabinet": "Armoire rouge", "keeper": "Chef de la sécurité",
            "placed_on": date(2026, 10, 6),
        }),
    ):  # fmt: skip
        row, codes = row_of(sheet)
        assert (codes, row.status, row.finess, row.own_key) == ([], "new", DIEPPE, key)
        assert row.values == {"finess_ej": DIEPPE, **values}


def test_every_sheet_is_a_register_of_people_that_keeps_its_fields() -> None:
    for sheet in SHEETS:
        assert sheet.private
        assert sheet.record is not None
        assert issubclass(sheet.record, PrivateRegister)
        assert sorted([*register.fields(sheet.record), "finess_ej"]) == sorted(sheet.fields)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_stored_row_goes_back_to_the_sheet_and_comes_in_unchanged(sheet: Sheet) -> None:
    row, _ = row_of(sheet)
    cells = sheet.to_cells(row.values)
    typed = {column.key: as_typed(column, cells.get(column.key)) for column in sheet.columns}
    known = replace(ALONE, existing={sheet.name: {f"{DIEPPE}/{row.own_key}": row.values}})
    again = books.result(CRISIS_DIRECTORY, sheet, known, typed)
    assert (again.status, again.changes, again.faults) == ("unchanged", {}, ())


@pytest.mark.parametrize(
    ("sheet", "key"),
    [(CRISIS_CELL, "role"), (CALL_BACKS, "service"), (CALL_BACKS, "name"), (PARTNERS, "organisation"),
     (PARTNERS, "purpose"), (PACK_LOCATIONS, "place"), *((sheet, "checked_on") for sheet in NUMBERED)],
)  # fmt: skip
def test_what_identifies_a_row_and_the_check_of_its_number_are_required(sheet: Sheet, key: str) -> None:
    row, codes = row_of(sheet, **{key: None})
    assert (codes, row.status) == ([("E-REQ", key)], "rejected")


@pytest.mark.parametrize("sheet", NUMBERED, ids=lambda sheet: sheet.name)
def test_a_number_is_expired_after_90_days(sheet: Sheet) -> None:
    """CHSF: directories have an expiry."""
    assert row_of(sheet, checked_on=date(2026, 8, 24))[1] == []
    row, codes = row_of(sheet, checked_on=date(2026, 8, 23))
    assert (codes, row.status) == ([("W-ANN", "checked_on")], "new")


@pytest.mark.parametrize(
    ("sheet", "key"),
    [(CRISIS_CELL, "checked_on"), (CALL_BACKS, "checked_on"), (PARTNERS, "checked_on"), (PACK_LOCATIONS, "placed_on")],
)
def test_what_was_done_is_not_dated_in_the_future(sheet: Sheet, key: str) -> None:
    assert row_of(sheet, **{key: TODAY})[1] == []
    row, codes = row_of(sheet, **{key: date(2026, 11, 23)})
    assert (codes, row.status) == ([("E-COH", key)], "rejected")


# ------------------------------------------------------------------------------------------------------------- phones


@pytest.mark.parametrize(
    ("sheet", "key"),
    [(CRISIS_CELL, "holder_phone"), (CRISIS_CELL, "substitute_phone"), (CALL_BACKS, "phone"), (PARTNERS, "phone"),
     (PARTNERS, "on_call")],
)  # fmt: skip
def test_the_zero_that_a_spreadsheet_lost_is_put_back(sheet: Sheet, key: str) -> None:
    row, codes = row_of(sheet, **{key: 639980123})
    assert (row.values[key], codes) == ("06 39 98 01 23", [("W-TEL", key)])


def test_an_on_call_is_a_number_or_when_somebody_answers() -> None:
    for text, kept in (("24 h/24", "24 h/24"), ("Oui, par le standard du SAMU", "Oui, par le standard du SAMU"),
                       ("0199001236", "01 99 00 12 36"), (None, None)):  # fmt: skip
        row, codes = row_of(PARTNERS, on_call=text)
        assert (row.values["on_call"], codes) == (kept, [])


def test_a_short_number_is_a_number() -> None:
    row, codes = row_of(PARTNERS, organisation="SAMU", phone=15)
    assert (row.values["phone"], codes) == ("15", [])


def test_a_row_without_a_number_is_an_honest_gap() -> None:
    for sheet, key in ((CRISIS_CELL, "holder_phone"), (CALL_BACKS, "phone"), (PARTNERS, "phone")):
        row, codes = row_of(sheet, **{key: None})
        assert (codes, row.status) == ([("G-REQ", key)], "new")


def test_a_role_without_a_holder_is_an_honest_gap() -> None:
    """Dunkerque: the crisis cell met often and led; a role that nobody holds is told."""
    row, codes = row_of(CRISIS_CELL, holder=None, holder_phone=None)
    assert (codes, row.status) == ([("G-REQ", "holder")], "new")


def test_a_substitute_who_cannot_be_called_is_a_gap_and_no_substitute_is_not() -> None:
    """Dunkerque: substitutes of the crisis cell are data too."""
    assert row_of(CRISIS_CELL, substitute_phone=None)[1] == [("G-REQ", "substitute_phone")]
    assert row_of(CRISIS_CELL, substitute=None, substitute_phone=None)[1] == []


def test_a_number_that_cannot_be_read_gives_one_remark_only() -> None:
    row, codes = row_of(CALL_BACKS, phone="voir annuaire")
    assert (codes, row.status) == ([("E-TXT", "phone")], "rejected")


# -------------------------------------------------------------------------------------------------------------- names


def test_a_first_name_in_a_column_of_its_own_joins_the_name() -> None:
    row, codes = row_of(CALL_BACKS, name="EXEMPLE", first_name="Camille")
    assert (row.values["name"], row.own_key, codes) == (
        "EXEMPLE Camille",
        "urgences adultes / nuit / exemple camille",
        [],
    )
    assert row_of(CALL_BACKS, name=None, first_name="Camille")[1] == [("E-REQ", "name")]


def test_two_people_of_one_name_are_told_apart_by_team_or_first_name() -> None:
    rows = [
        ROWS["Rappel"] | changes
        for changes in ({}, {"team": None}, {"first_name": "Alix", "name": "EXEMPLE"}, {"name": "Exemple camille"})
    ]
    found = books.results(CRISIS_DIRECTORY, CALL_BACKS, rows, ALONE)
    assert [books.codes(row) for row in found] == [[], [], [], [("E-DUP", "C5")]]
    assert found[1].own_key == "urgences adultes / - / exemple camille"
    assert "amille" not in str(found[3].faults)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_remark_repeats_a_name_or_a_number(sheet: Sheet) -> None:
    personal = [column.key for column in sheet.columns if column.personal]
    assert personal
    for key in personal:
        row, codes = row_of(sheet, **{key: "Jean DUPONT 06 39 98 01 23 " * 40})
        assert codes
        assert "DUPONT" not in str(row.faults)
        assert "06 39" not in str(row.faults)
    assert "DUPONT" not in str(row_of(sheet, **{personal[0]: "Jean DUPONT"})[0].faults)


def test_names_and_numbers_are_no_example_of_a_column() -> None:
    for sheet in SHEETS:
        report = check(CRISIS_DIRECTORY, ReadBook((books.read_sheet(sheet, [ROWS[sheet.name]]),)), ALONE)
        shown = " ".join(column.example for column in report.sheets[0].columns)
        for secret in ("EXEMPLE", "MODÈLE", "98 01", "Dépôt de sang", "Chef de la sécurité"):
            assert secret not in shown


# ------------------------------------------------------------------------------------------------------ establishments


def test_a_single_establishment_needs_no_finess() -> None:
    for sheet in SHEETS:
        assert row_of(sheet)[0].values["finess_ej"] == DIEPPE


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_group_says_which_establishment_a_row_is_about(sheet: Sheet) -> None:
    row, codes = row_of(sheet, GROUP)
    assert (codes, row.status) == ([("E-REQ", "finess_ej")], "rejected")
    assert row_of(sheet, GROUP, finess_ej=EU)[0].finess == EU


def test_a_group_is_told_when_the_file_has_no_such_column() -> None:
    without = replace(CALL_BACKS, columns=tuple(each for each in CALL_BACKS.columns if each.key != "finess_ej"))
    report = check(CRISIS_DIRECTORY, ReadBook((books.read_sheet(without, [ROWS["Rappel"]]),)), GROUP)
    assert [(fault.code, fault.column) for fault in report.faults] == [("E-REQ", "FINESS EJ")]
    assert report.sheets[0].rows[0].status == "rejected"


def test_a_home_made_call_back_list_is_understood() -> None:
    titles = ["Unité", "Nom", "Prénom", "Portable", "Ordre d’appel", "Délai", "Vérifié le"]
    data = ["Bloc", "MODÈLE", "Dominique", 639980127, 2, 45, "05/10/2026"]
    rows = {
        number: {place: books.cell(number, place, value) for place, value in enumerate(row, 1)}
        for number, row in enumerate((titles, data), 1)
    }
    report = check(CRISIS_DIRECTORY, ReadBook((books.ReadSheet("Rappel du personnel", rows=rows),)), ALONE)
    row = report.sheets[0].rows[0]
    assert report.sheets[0].layout == "Rappel"
    assert (row.values["name"], row.values["phone"], row.values["rank"]) == ("MODÈLE Dominique", "06 39 98 01 27", 2)
    assert (row.values["delay_minutes"], row.values["checked_on"]) == (45, date(2026, 10, 5))
    assert (row.values["team"], row.status) == (None, "new")


# ------------------------------------------------------------------------------------------------------ points de dépôt


def test_a_pack_whose_age_is_unknown_is_a_gap() -> None:
    row, codes = row_of(PACK_LOCATIONS, placed_on=None)
    assert (codes, row.status) == ([("G-REQ", "placed_on")], "new")


def test_a_place_without_a_cabinet_has_a_key_of_its_own() -> None:
    assert row_of(PACK_LOCATIONS, cabinet=None)[0].own_key == "pc securite / -"
