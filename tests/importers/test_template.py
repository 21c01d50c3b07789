"""The blank and the prefilled kit come from the specification, and come back the same."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers import template
from importers.base import Choice, Column, Kind, Sheet, Workbook
from importers.cells.values import read_value
from importers.check import check
from importers.faults import FaultClass
from importers.reading.sheet import CellKind, read
from importers.words import clean, fold, has_control, is_blank, one_line, unquoted
from importers.workbooks.bia_pcra import BIA_PCRA, PARTIES, PERIMETERS, perimeter_cells
from tests.importers import books
from tests.importers.kits import MADE_ON, Member, clean_kit, clean_rows, facts_for, perimeter_values
from tests.importers.test_check import _cell

MEMBERS = (
    Member("010007987", "CH d’Hauteville"),
    Member("2A0000014", "CH d’Ajaccio"),
    Member(None, "EHPAD d’Envermeu"),
)
CONTEXT = template.TemplateContext(
    kit_id="abc", campaign="CaRE D2", holder="GHT d’essai", holder_code="GHT-01", contact="DSI du GHT"
)


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prefilled kit."""
    return clean_kit(tmp_path_factory.mktemp("kit") / "k.xlsx", MEMBERS)


def test_sheets_come_in_the_order_of_the_specification_and_none_is_hidden(kit: Path) -> None:
    book = openpyxl.load_workbook(kit)
    assert book.sheetnames == ["Lisez-moi", *(sheet.name for sheet in BIA_PCRA.sheets), "Listes"]
    assert {sheet.sheet_state for sheet in book} == {"visible"}
    assert not any(sheet.merged_cells.ranges for sheet in book)


def test_header_help_and_example_are_rows_one_to_three(kit: Path) -> None:
    page = openpyxl.load_workbook(kit)["Perimetres"]
    assert [cell.value for cell in page[1]] == [column.header("ght") for column in PERIMETERS.columns]
    assert all(cell.value.startswith("#") for cell in page[2] if cell.value)
    assert page["A2"].font.italic
    assert page["A3"].value == "EXEMPLE"
    assert page["A4"].value == "URG-01"


def test_codes_are_text_and_dates_are_dates(kit: Path) -> None:
    page = openpyxl.load_workbook(kit)["Perimetres"]
    assert (page["B4"].value, page["B4"].number_format) == ("010007987", "@")
    assert (page["K4"].is_date, page["K4"].number_format) == (True, "dd/mm/yyyy")
    assert page.column_dimensions["B"].width > 10


def test_lists_are_validations_on_named_ranges(kit: Path) -> None:
    book = openpyxl.load_workbook(kit)
    rules = {str(rule.sqref).split(":")[0]: rule for rule in book["Perimetres"].data_validations.dataValidation}
    rule = rules["J3"]
    name = rule.formula1.lstrip("=")
    place = re.fullmatch(r"Listes!\$([A-Z])\$2:\$\1\$(\d+)", book.defined_names[name].attr_text)
    assert place is not None
    values = [book["Listes"][f"{place[1]}{row}"].value for row in range(2, int(place[2]) + 1)]
    assert values == ["Réalisé", "En cours", "Non réalisé", "Sans objet"]


def test_no_formula_and_no_macro(kit: Path) -> None:
    with zipfile.ZipFile(kit) as archive:
        assert not any("vba" in name for name in archive.namelist())
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in archive.read(name)


def test_the_kit_says_what_it_is(kit: Path) -> None:
    book = read(kit)
    assert book.care_kit == "KIT_BIA_PCRA;1;0192f0c0-0000-7000-8000-000000000001"


def test_the_same_input_gives_the_same_bytes() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    for stream in (first, second):
        template.build(BIA_PCRA, CONTEXT, MADE_ON, stream, clean_rows(MEMBERS))
    assert first.getvalue() == second.getvalue()


def test_a_blank_kit_holds_no_row(tmp_path: Path) -> None:
    stream = io.BytesIO()
    template.build(BIA_PCRA, CONTEXT, MADE_ON, stream)
    path = tmp_path / "k.xlsx"
    path.write_bytes(stream.getvalue())
    report = check(BIA_PCRA, read(path), facts_for(MEMBERS))
    assert [(sheet.layout, sheet.rows) for sheet in report.sheets] == [(sheet.name, ()) for sheet in BIA_PCRA.sheets]
    assert report.faults == ()


def test_what_the_kit_gives_comes_back_unchanged(kit: Path) -> None:
    rows = clean_rows(MEMBERS)
    existing = {sheet.name: {sheet.key(row): row for row in rows[sheet.name]} for sheet in (PARTIES, PERIMETERS)}
    report = check(BIA_PCRA, read(kit), facts_for(MEMBERS, existing=existing))
    assert report.faults == ()
    assert {sheet.layout: sheet.counts["unchanged"] for sheet in report.sheets if sheet.rows} == {
        "Parties": 3,
        "Perimetres": 8,
    }
    assert all(sheet.absent_keys == () for sheet in report.sheets)


def test_the_kit_of_a_candidate_outside_a_ght_asks_for_sites(tmp_path: Path) -> None:
    path = clean_kit(tmp_path / "k.xlsx", MEMBERS[:1], kind="eg", sites={"010000024": "Site"})
    assert openpyxl.load_workbook(path)["Parties"]["A1"].value == "FINESS ET*"


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    rows = {
        "Perimetres": [
            perimeter_values("010007987", ("URG-01", '=HYPERLINK("x")', "care", None)) | {"version": "@SUM(1)"}
        ]
    }
    stream = io.BytesIO()
    template.build(BIA_PCRA, CONTEXT, MADE_ON, stream, rows)
    path = tmp_path / "k.xlsx"
    path.write_bytes(stream.getvalue())
    cells = next(sheet for sheet in read(path).sheets if sheet.name == "Perimetres").rows[4]
    assert (cells[4].kind, cells[4].value) == (CellKind.TEXT, '=HYPERLINK("x")')
    assert cells[18].value == "@SUM(1)"


def test_every_column_explains_itself() -> None:
    for column in (*PARTIES.columns, *PERIMETERS.columns):
        assert column.help
        assert len(column.label) <= 45


def test_the_example_of_every_column_is_readable() -> None:
    facts = facts_for([Member("760780239", "CHU de Rouen")], sites={"760000158": "760780239"})
    for column in (*PARTIES.columns, *PERIMETERS.columns):
        cell = _cell(3, 1, column.example) if column.example else None
        reading = read_value(column, cell, facts)
        assert reading.notice is None
        assert not column.required or reading.value is not None


_TEXT = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=30).filter(
    lambda text: text.strip("-") == text
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=_TEXT,
    kind=st.sampled_from([choice.value for choice in PERIMETERS.column("kind").choices]),
    bia=st.sampled_from([choice.value for choice in PERIMETERS.column("bia").choices]),
    pca=st.sampled_from(["approved", "written", "absent"]),
    pra=st.sampled_from(["approved", "in_progress"]),
    days=st.lists(
        st.dates(min_value=MADE_ON.date().replace(year=2016), max_value=MADE_ON.date()), min_size=2, max_size=2
    ),
    covered=st.sampled_from([(), ("2A0000014",)]),
)
def test_a_stored_row_shown_in_cells_and_read_again_is_the_same(
    name: str, kind: str, bia: str, pca: str, pra: str, days: list[object], covered: tuple[str, ...]
) -> None:
    stored = perimeter_values("010007987", ("URG-01", clean(name), kind, "other" if kind == "technical" else None))
    stored |= {"bia": bia, "pca": pca, "pra": pra, "bia_reason": "motif"}
    stored |= {"pca_on": days[0] if pca == "approved" else None, "pra_on": days[1] if pra == "approved" else None}
    stored |= {"shared_system": "SI-1", "covered": covered, "shared_identical": True} if covered else {}
    cells = perimeter_cells(stored)
    typed = [template.as_typed(column, cells.get(column.key)) for column in PERIMETERS.columns]
    facts = facts_for(MEMBERS, existing={"Perimetres": {"010007987/URG-01": stored}})
    report = check(BIA_PCRA, _book([column.label for column in PERIMETERS.columns], typed), facts)
    row = report.sheets[0].rows[0]
    assert [fault for fault in row.faults if fault.cls == FaultClass.ERROR] == []
    assert (row.status, dict(row.changes)) == ("unchanged", {})


def _book(headers: list[str], *rows: list[object]) -> object:
    from tests.importers.kits import Grid  # noqa: PLC0415
    from tests.importers.test_check import book_of  # noqa: PLC0415

    return book_of(Grid({"Perimetres": [list(headers), *[list(row) for row in rows]]}))


def test_every_kind_of_column_is_read() -> None:
    for kind in Kind:
        assert read_value(Column(key="k", label="K", kind=kind, help=""), None, facts_for(MEMBERS)).value is None


# ---------------------------------------------------------------------------------- typed again, whatever the kind

ANSWERS = (Choice("yes", "Oui"), Choice("no", "Non"), Choice("unknown", "NC"))
NUMBERS = [member.finess for member in MEMBERS if member.finess]
LETTERS = "AZaz éÉœ’'=+-@09.,()"

_words = st.text(LETTERS, min_size=1, max_size=30).map(one_line).filter(lambda text: not is_blank(unquoted(text)))
_codes = st.from_regex(r"[A-Z0-9][A-Z0-9-]{1,19}", fullmatch=True)
_objectives = st.sampled_from(["D2.P1", "D2.O1.C", "D2.O4"])
_phones = st.from_regex(r"0[1-9](?: [0-9]{2}){4}|[0-9]{2,6}|\+[1-9][0-9]{3}[1-9]{5}", fullmatch=True)
VALUES = {
    Kind.TEXT: st.text(max_size=60)
    .map(clean)
    .filter(lambda text: not has_control(text) and not is_blank(unquoted(text))),
    Kind.CODE: _codes,
    Kind.FINESS_EJ: st.sampled_from(NUMBERS),
    Kind.FINESS_ET: st.just("010000180"),
    Kind.FINESS_PARTY: st.sampled_from(NUMBERS),
    Kind.FINESS_LIST: st.lists(st.sampled_from(NUMBERS), min_size=1, unique=True).map(tuple),
    Kind.HOLDER: st.sampled_from(["GHT-01", *NUMBERS]),
    Kind.SHARED: st.tuples(
        _codes.filter(lambda code: not code.isdigit()), st.lists(st.sampled_from(NUMBERS), unique=True).map(tuple)
    ),
    Kind.CHOICE: st.sampled_from(["yes", "no", "unknown"]),
    Kind.YES_NO: st.booleans(),
    Kind.DATE: st.dates(date(2015, 1, 1), date(2035, 12, 31)),
    Kind.PLANNED_DATE: st.dates(date(2015, 1, 1), date(2035, 12, 31)),
    Kind.NUMBER: st.decimals(-(10**9), 10**9, places=2),
    Kind.INTEGER: st.integers(-(10**9), 10**9),
    Kind.YEAR: st.integers(2015, 2035),
    Kind.MONEY: st.integers(-(10**13), 10**13),
    Kind.PERCENT: st.decimals(0, 100, places=4),
    Kind.DURATION: st.one_of(st.integers(0, 5_000_000), st.integers(0, 3_600).map(lambda days: days * 1440)),
    Kind.TIME: st.times().map(lambda time: time.strftime("%H:%M")),
    Kind.SIRET: st.sampled_from(["73282932000074", "01645029800019", "35600000009075"]),
    Kind.OBJECTIVE: _objectives,
    Kind.OBJECTIVES: st.lists(_objectives, min_size=1, unique=True).map(tuple),
    Kind.CODES: st.lists(_codes, min_size=1, unique=True).map(tuple),
    Kind.TEXTS: st.lists(_words, min_size=1, unique_by=fold).map(tuple),
    Kind.FILE: _words.map(lambda name: f"x{name}.pdf"),
    Kind.PHONE: st.lists(_phones, min_size=1, unique=True).map("; ".join),
    Kind.NAME: _words,
}
LABELS = {Kind.DURATION: st.sampled_from(["DIMA", "Rétention (jours)", "RTO en min", "Durée (h)", "Délai (semaines)"])}
SCENE = facts_for(
    MEMBERS, sites={"010000180": "010007987"}, group_code="GHT-01", objectives=("D2.P1", "D2.O1.C", "D2.O4")
)


def test_every_kind_of_value_is_typed_again_in_these_tests() -> None:
    assert set(VALUES) == set(Kind)


@pytest.mark.parametrize("kind", list(Kind))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_value_typed_again_in_its_column_is_read_the_same(kind: Kind, data: st.DataObject) -> None:
    label = data.draw(LABELS.get(kind, st.just("X")))
    column = Column(key="k", label=label, kind=kind, help="", choices=ANSWERS)
    value = data.draw(VALUES[kind])
    shown = template.as_typed(column, value)
    assert read_value(column, books.cell(1, 1, shown), SCENE, header=column.header("ght")).value == value


@pytest.mark.parametrize(
    ("kind", "label", "value", "shown"),
    [
        (Kind.MONEY, "HT", 123456, Decimal("1234.56")),
        (Kind.PERCENT, "Part", Decimal("12.50"), "12,5 %"),
        (Kind.DURATION, "DIMA", 240, "4 h"),
        (Kind.DURATION, "DIMA", 30, "30 min"),
        (Kind.DURATION, "DIMA", 270, "4 h 30"),
        (Kind.DURATION, "DIMA", 4320, "3 j"),
        (Kind.DURATION, "DIMA (h)", 4320, "72 h"),
        (Kind.DURATION, "RTO en min", 270, "270 min"),
        (Kind.TEXTS, "Formulaires", ("a", "b"), "a; b"),
        (Kind.CODES, "Codes", (), None),
        (Kind.INTEGER, "Nombre", 12, 12),
        (Kind.TEXT, "Texte", "=1+1", "=1+1"),
    ],
)
def test_a_stored_value_is_shown_as_a_person_would_type_it(
    kind: Kind, label: str, value: object, shown: object
) -> None:
    assert template.as_typed(Column(key="k", label=label, kind=kind, help=""), value) == shown


def test_amounts_are_numbers_durations_and_shares_are_text_and_the_group_is_offered(tmp_path: Path) -> None:
    kinds = {
        "Montant": Kind.MONEY,
        "Nombre": Kind.INTEGER,
        "DIMA": Kind.DURATION,
        "Part": Kind.PERCENT,
        "EJ/GHT": Kind.HOLDER,
    }
    columns = tuple(Column(key=label, label=label, kind=kind, help="Aide.") for label, kind in kinds.items())
    sheet = Sheet(
        name="Essai", title="Essai", columns=columns, key=lambda _values: "", key_column="Nombre", fields=tuple(kinds)
    )
    row = {"Montant": 123456, "Nombre": 3, "DIMA": 270, "Part": Decimal(12), "EJ/GHT": "GHT-01"}
    stream = io.BytesIO()
    workbook = Workbook(code="KIT_ESSAI", version=1, title="Essai", accepted="", sheets=(sheet,))
    template.build(workbook, CONTEXT, MADE_ON, stream, {"Essai": [row]})
    book = openpyxl.load_workbook(stream)
    cells = [(cell.value, cell.number_format) for cell in book["Essai"][4]]
    assert cells == [(1234.56, "General"), (3, "General"), ("4 h 30", "@"), ("12 %", "@"), ("GHT-01", "@")]
    assert [cell.value for cell in book["Listes"]["A"]] == ["EJ/GHT", "GHT-01"]
