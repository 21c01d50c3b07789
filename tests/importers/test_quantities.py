"""Numbers, amounts, shares, years: exact, bounded, and asked when they can be read two ways."""

from __future__ import annotations

from decimal import Decimal

import pytest

from importers.base import Kind
from importers.reading.sheet import CellKind
from tests.importers.readings import noticed, read, refused


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


@pytest.mark.parametrize("written", ["beaucoup", "12 à 15", "1,2,3", "inf", "NaN", "1e99", "--1", "٣", "12 000 ¹"])
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


@pytest.mark.parametrize(("written", "number"), [("12", 12), (12.0, 12), ("1 200", 1200), ("-3", -3), ("12,00", 12)])
def test_a_whole_number_is_read(written: object, number: int) -> None:
    value = read(Kind.INTEGER, written).value
    assert (value, type(value)) == (number, int)


@pytest.mark.parametrize("written", ["12,5", 12.5, "douze", "1.234", True])
def test_a_fraction_is_never_cut_to_a_whole_number(written: object) -> None:
    assert refused(Kind.INTEGER, written).code == "E-NUM"


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("1 234,50 €", 123450), ("(120,00)", -12000), ("12.5", 1250), (12.5, 1250), ("1\u202f234,50", 123450),
        ("€ 3", 300), ("12 euros", 1200), (0.1 + 0.2, 30), ("1.234.567,89", 123456789), (99999999999.99, 9999999999999),
    ],
)  # fmt: skip
def test_an_amount_is_kept_in_cents(written: object, cents: int) -> None:
    reading = read(Kind.MONEY, written)
    assert (reading.value, reading.notice) == (cents, None)


@pytest.mark.parametrize(("written", "cents"), [("12,345", None), ("12,3450", 1235), (12.344, 1234), ("-0,005", -1)])
def test_an_amount_finer_than_a_cent_is_rounded_and_told(written: object, cents: int | None) -> None:
    if cents is None:
        assert "deux façons" in refused(Kind.MONEY, written).reason
    else:
        reading = read(Kind.MONEY, written)
        assert (reading.value, noticed(reading)) == (cents, "W-NUM")


@pytest.mark.parametrize("written", ["12 k€", "gratuit", "1,234", "12 € TTC"])
def test_what_is_not_an_amount_is_asked(written: str) -> None:
    assert refused(Kind.MONEY, written).code == "E-NUM"


@pytest.mark.parametrize(
    ("written", "share"),
    [
        ("12 %", "12"), ("12", "12"), (12, "12"), (0.12, "12"), ("5,5", "5.5"), ("0,5 %", "0.5"), (0, "0"),
        ("12,345 %", "12.345"), (0.333333333333333, "33.3333333333333"), ("100", "100"),
    ],
)  # fmt: skip
def test_a_share_goes_from_0_to_100(written: object, share: str) -> None:
    reading = read(Kind.PERCENT, written)
    assert (reading.value, reading.notice) == (Decimal(share), None)


def test_the_number_one_is_a_whole_and_told() -> None:
    reading = read(Kind.PERCENT, 1)
    assert (reading.value, noticed(reading)) == (100, "W-NUM")
    assert read(Kind.PERCENT, "1").value == 1


@pytest.mark.parametrize("written", ["101", "-1", 150, "la moitié"])
def test_these_are_not_shares(written: object) -> None:
    assert refused(Kind.PERCENT, written).code == "E-NUM"


@pytest.mark.parametrize(
    ("kind", "written", "bounds", "told"),
    [
        (Kind.INTEGER, "21", {"low": 1, "high": 20}, "de 1 à 20"),
        (Kind.INTEGER, "0", {"low": 1}, "d’au moins 1"),
        (Kind.NUMBER, "4,5", {"high": Decimal("2.5")}, "d’au plus 2,5"),
        (Kind.MONEY, "12", {"low": 1250}, "d’au moins 12,5 €"),
        (Kind.PERCENT, "80", {"high": 50}, "de 0 % à 50 %"),
        (Kind.DURATION, "2 h", {"low": 240}, "d’au moins 4 h"),
    ],
)
def test_a_value_out_of_bounds_is_refused_with_them(
    kind: Kind, written: str, bounds: dict[str, object], told: str
) -> None:
    fault = refused(kind, written, **bounds)
    assert fault.code == "E-NUM"
    assert told in fault.remedy


def test_the_bounds_themselves_are_accepted() -> None:
    assert [read(Kind.INTEGER, number, low=1, high=20).value for number in ("1", "20")] == [1, 20]
