"""The normalisation table, line by line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from importers.base import Column, Kind
from importers.readings import Reading, ValueFault
from importers.sheet import Cell, CellKind
from importers.values import UNKNOWN, read_value
from importers.workbooks.bia_pcra import PERIMETERS
from tests.importers.kits import Member, facts_for

MEMBERS = (Member("760780023", "CH de Dieppe"), Member("010780054", "CH de Fleyriat"), Member("2A0000014", "Ajaccio"))
FACTS = facts_for(MEMBERS, sites={"760000158": "760780023", "010000024": "750000001"}, known={"260000013"}.__contains__)
_KINDS = {bool: CellKind.BOOLEAN, int: CellKind.NUMBER, float: CellKind.NUMBER, str: CellKind.TEXT}


def read(kind: Kind, value: Any, cell_kind: CellKind | None = None, **column: Any) -> Reading:
    """Read one cell of a column of this kind."""
    spec = Column(key="x", label="X", kind=kind, help="", **column)
    return read_value(spec, Cell(1, 1, cell_kind or _KINDS[type(value)], value), FACTS)


def refused(kind: Kind, value: Any, cell_kind: CellKind | None = None, **column: Any) -> ValueFault:
    """The fault that a cell of this kind gives."""
    with pytest.raises(ValueFault) as caught:
        read(kind, value, cell_kind, **column)
    return caught.value


@pytest.mark.parametrize(
    "value", ["760780023", 760780023, 760780023.0, " 760 780 023 ", "FINESS : 760780023", "'760780023"]
)
def test_a_finess_is_read_however_it_is_typed(value: object) -> None:
    assert read(Kind.FINESS_EJ, value).value == "760780023"


@pytest.mark.parametrize("value", ["2A0000014", "2a0000014", "2a 0000014"])
def test_corsica_is_read(value: str) -> None:
    assert read(Kind.FINESS_EJ, value).value == "2A0000014"


def test_a_lost_zero_is_put_back_with_a_notice() -> None:
    reading = read(Kind.FINESS_EJ, 10780054)
    assert reading.value == "010780054"
    assert reading.notice is not None
    assert reading.notice.code == "W-FIN"


def test_an_unknown_and_a_foreign_establishment_get_the_same_words() -> None:
    unknown = refused(Kind.FINESS_EJ, "990000002")
    foreign = refused(Kind.FINESS_EJ, "260000013")
    foreign_site = refused(Kind.FINESS_EJ, "010000024")
    lost_zero = refused(Kind.FINESS_EJ, 10000032)
    said = {(fault.code, fault.reason, fault.remedy) for fault in (unknown, foreign, foreign_site, lost_zero)}
    assert said == {("E-FIN", *UNKNOWN)}


def test_a_wrong_key_says_so() -> None:
    fault = refused(Kind.FINESS_EJ, "760780024")
    assert fault.code == "E-FIN"
    assert "clé" in fault.reason


def test_a_site_in_an_ej_column_names_its_ej() -> None:
    fault = refused(Kind.FINESS_EJ, "760000158")
    assert "FINESS ET" in fault.reason
    assert "760780023" in fault.remedy


def test_an_ej_in_a_site_column_says_so() -> None:
    assert "FINESS EJ" in refused(Kind.FINESS_ET, "760780023").reason


@pytest.mark.parametrize("value", ["Oui", "o", "YES", "Vrai", 1, "1", "x", "X", "✓", "✔", "Fait", True, "\u00a0oui "])
def test_yes(value: object) -> None:
    assert read(Kind.YES_NO, value).value is True


@pytest.mark.parametrize("value", ["Non", "n", "No", "FAUX", 0, "0", False])
def test_no(value: object) -> None:
    assert read(Kind.YES_NO, value).value is False


@pytest.mark.parametrize("value", ["Oui mais pas la nuit", "En cours", "?", 2])
def test_another_answer_is_refused(value: object) -> None:
    assert refused(Kind.YES_NO, value).code == "E-LST"


def test_a_yes_with_a_comment_is_asked_never_cut() -> None:
    assert "rien n’a été retiré" in refused(Kind.YES_NO, "Oui mais pas la nuit").remedy


@pytest.mark.parametrize("written", ["Soins à impact majeur", "SOINS A IMPACT MAJEUR", " soins  à\u00a0impact majeur "])
def test_a_list_value_is_folded(written: str) -> None:
    reading = read(Kind.CHOICE, written, choices=PERIMETERS.column("kind").choices)
    assert reading.value == "care"
    assert reading.original.casefold().startswith("soins")


def test_spaces_around_a_slash_do_not_matter() -> None:
    assert read(Kind.CHOICE, "support/logistique", choices=PERIMETERS.column("kind").choices).value == "support"


def test_a_value_out_of_the_list_gives_the_list_and_the_nearest() -> None:
    fault = refused(Kind.CHOICE, "Valider", choices=PERIMETERS.column("pca").choices)
    assert fault.code == "E-LST"
    assert "« Validé »" in fault.remedy
    assert "Absent" in fault.remedy


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1 234,50", "1234.50"),
        ("1\u00a0234,50", "1234.50"),
        ("1\u202f234,50 €", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1234.50", "1234.50"),
        ("1.234.567", "1234567.00"),
        ("12 %", "12.00"),
        ("(120,00)", "-120.00"),
        ("-3", "-3.00"),
        ("12 345", "12345.00"),
        ("0,125", "0.13"),
        ("1,5e3", "1500.00"),
        (12345.67, "12345.67"),
        (0.1 + 0.2, "0.30"),
        (19741, "19741.00"),
    ],
)
def test_a_number_is_exact(written: object, number: str) -> None:
    assert str(read(Kind.NUMBER, written).value) == number


@pytest.mark.parametrize("written", ["1,234", "12.345", "-1,234"])
def test_an_ambiguous_number_is_asked(written: str) -> None:
    assert "deux façons" in refused(Kind.NUMBER, written).reason


@pytest.mark.parametrize("written", ["beaucoup", "12 à 15", "1,2,3", "inf", "NaN", "1e99", "--1", "٣"])
def test_what_is_not_a_number_is_refused(written: str) -> None:
    assert refused(Kind.NUMBER, written).code == "E-NUM"


def test_a_rounded_number_is_told() -> None:
    reading = read(Kind.NUMBER, "12,3456")
    assert reading.value == Decimal("12.35")
    assert reading.notice is not None


@pytest.mark.parametrize(("written", "year"), [("2024", 2024), (2024, 2024), (2024.0, 2024), ("Année 2024", 2024)])
def test_a_year_is_read(written: object, year: int) -> None:
    assert read(Kind.YEAR, written).value == year


def test_a_date_gives_its_year() -> None:
    assert read(Kind.YEAR, "2024-12-31T00:00:00", CellKind.DATE).value == 2024


@pytest.mark.parametrize("written", ["24", "1999", "2040", "N-1", 45000])
def test_a_strange_year_is_refused(written: object) -> None:
    assert refused(Kind.YEAR, written).code == "E-NUM"


@pytest.mark.parametrize(("written", "code"), [("urg-01", "URG-01"), (" BIO–2 ", "BIO-2"), (12, "12")])
def test_a_code_is_raised_to_capitals(written: object, code: str) -> None:
    assert read(Kind.CODE, written).value == code


@pytest.mark.parametrize("written", ["A", "URG 01", "ÉCHO-1", "X" * 21, "a_b"])
def test_a_malformed_code_is_refused(written: str) -> None:
    assert refused(Kind.CODE, written).code == "E-TXT"


def test_a_code_that_became_a_date_is_explained() -> None:
    assert "transformé ce code en date" in refused(Kind.CODE, "2026-10-01T00:00:00", CellKind.DATE).reason


def test_a_number_in_a_text_column_stays_as_shown() -> None:
    assert read(Kind.TEXT, 12.5).value == "12,5"
    assert read(Kind.TEXT, 12.0).value == "12"


def test_control_characters_are_refused() -> None:
    assert refused(Kind.TEXT, "a_x0001_b").code == "E-TXT"


def test_formula_text_stays_text() -> None:
    assert read(Kind.TEXT, "=1+1").value == "=1+1"


def test_a_text_over_its_limit_is_refused() -> None:
    assert refused(Kind.TEXT, "a" * 41, maximum=40).code == "E-TXT"
    assert refused(Kind.TEXT, "début", CellKind.LONG).code == "E-TXT"


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("cell_kind", [CellKind.FORMULA, CellKind.ERROR])
def test_a_cell_without_a_value_is_never_taken_for_blank(kind: Kind, cell_kind: CellKind) -> None:
    value = "#REF!" if cell_kind is CellKind.ERROR else ""
    assert refused(kind, value, cell_kind).code.startswith("E-")


@pytest.mark.parametrize("kind", list(Kind))
def test_a_lone_dash_is_blank_everywhere(kind: Kind) -> None:
    assert read(kind, " - ").value is None


def test_a_shared_system_names_what_it_covers() -> None:
    assert read(Kind.SHARED, "sih-01; 760780023 ;10780054").value == ("SIH-01", ("760780023", "010780054"))


def test_no_shared_system() -> None:
    assert read(Kind.SHARED, "Non").value is None
    assert read(Kind.SHARED, False).value is None


def test_a_shared_system_without_its_code_is_refused() -> None:
    assert refused(Kind.SHARED, "Oui").code == "E-LST"


def test_a_shared_system_covers_no_foreign_establishment() -> None:
    assert refused(Kind.SHARED, "SIH-01; 260000013").reason == UNKNOWN[0]


def test_the_reason_of_a_long_text_is_short() -> None:
    assert len(refused(Kind.FINESS_EJ, "9" * 4000).reason) < 200
