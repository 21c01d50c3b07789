"""Dates in every French form, and those that are refused or asked."""

from __future__ import annotations

from datetime import date

import pytest

from importers.cells.dates import order_of, read_date
from importers.reading.sheet import Cell, CellKind
from importers.readings import Reading, ValueFault

EXPECTED = date(2025, 12, 5)


def read(
    value: str | float, *, epoch: int = 1900, planned: bool = False, kind: CellKind | None = None, order: str = "dmy"
) -> Reading:
    """Read one cell of a column of dates."""
    cell_kind = kind or (CellKind.TEXT if isinstance(value, str) else CellKind.NUMBER)
    return read_date(Cell(1, 1, cell_kind, value), epoch, planned=planned, order=order)


@pytest.mark.parametrize(
    "written",
    [
        "05/12/2025", "5/12/25", "05.12.2025", "05-12-2025", "2025-12-05", "5 déc. 2025", "5 DEC 2025",
        "5 décembre 2025", "vendredi 5 décembre 2025", "ven. 5 déc. 2025", "05 / 12 / 2025", "5-déc-25",
        "05/12/2025 17:12:03", "2025-12-05T00:00:00", "2025-12-05 00:00", "le 5 décembre 2025",
        "\u00a05\u00a0décembre\u00a02025 ",
    ],
)  # fmt: skip
def test_every_french_form_is_read_without_a_remark(written: str) -> None:
    assert read(written) == Reading(EXPECTED)


@pytest.mark.parametrize(
    ("word", "month"),
    [
        ("janv.", 1), ("févr.", 2), ("fev", 2), ("mars", 3), ("avr.", 4), ("mai", 5), ("juin", 6), ("juil.", 7),
        ("août", 8), ("AOUT", 8), ("sept.", 9), ("oct.", 10), ("nov.", 11), ("déc.", 12),
    ],
)  # fmt: skip
def test_months_and_their_abbreviations(word: str, month: int) -> None:
    assert read(f"1er {word} 2026").value == date(2026, month, 1)


def test_a_real_date_is_taken_as_it_is() -> None:
    assert read("2025-12-05T14:30:00", kind=CellKind.DATE) == Reading(EXPECTED)


@pytest.mark.parametrize(
    ("serial", "epoch"), [(45996, 1900), (45996.75, 1900), ("45996", 1900), (44534, 1904), ("44534", 1904)]
)
def test_a_serial_number_is_read_in_the_epoch_of_the_workbook(serial: str | float, epoch: int) -> None:
    reading = read(serial, epoch=epoch)
    assert reading.value == EXPECTED
    assert reading.notice is not None
    assert reading.notice.code == "W-DAT"


def test_the_day_always_comes_first() -> None:
    assert read("03/04/2026").value == date(2026, 4, 3)


def test_a_month_first_date_is_refused_and_explained() -> None:
    with pytest.raises(ValueFault, match="inversés"):
        read("12/25/2025")


@pytest.mark.parametrize(
    ("written", "last_day"),
    [
        ("12/2025", date(2025, 12, 31)),
        ("T4 2025", date(2025, 12, 31)),
        ("t1 2028", date(2028, 3, 31)),
        ("2e trimestre 2026", date(2026, 6, 30)),
        ("février 2028", date(2028, 2, 29)),
    ],
)
def test_a_period_is_its_last_day_where_a_date_is_planned(written: str, last_day: date) -> None:
    reading = read(written, planned=True)
    assert reading.value == last_day
    assert reading.notice is not None
    with pytest.raises(ValueFault, match="jour manque"):
        read(written)


@pytest.mark.parametrize(
    "written",
    [
        "31/02/2026",
        "00/01/2026",
        "5/12/2014",
        "5/12/2036",
        "13/2025",
        "bientôt",
        "2026",
        "05/12",
        "5 brumaire 2026",
        "1/1/1",
        "T5 2026",
    ],
)
def test_these_are_not_dates(written: str) -> None:
    with pytest.raises(ValueFault) as caught:
        read(written, planned=True)
    assert caught.value.code == "E-DAT"


@pytest.mark.parametrize("number", [0, -5, 12, 2026, 1e9, 0.5])
def test_these_numbers_are_not_dates(number: float) -> None:
    with pytest.raises(ValueFault) as caught:
        read(number)
    assert caught.value.code == "E-DAT"


def test_a_wrong_weekday_is_told() -> None:
    reading = read("lundi 5 décembre 2025")
    assert reading.value == EXPECTED
    assert reading.notice is not None
    assert "n’est pas un lundi" in reading.notice.reason


@pytest.mark.parametrize(
    "written",
    ["12/05/2025", "12/5/25", "12-05-2025", "12/05/2025 5:12:03 PM", "12/5/2025 5:12 am", "2025-12-05", "5 déc. 2025",
     "vendredi 5 décembre 2025"],
)  # fmt: skip
def test_a_month_first_file_swaps_only_dates_in_digits(written: str) -> None:
    assert read(written, order="mdy") == Reading(EXPECTED)


def test_a_real_date_has_no_order() -> None:
    assert read("2025-12-05T00:00:00", kind=CellKind.DATE, order="mdy") == Reading(EXPECTED)


def test_a_day_first_date_in_a_month_first_file_is_refused_with_a_form_that_has_one_meaning() -> None:
    with pytest.raises(ValueFault, match="n’existe pas") as caught:
        read("25/12/2025", order="mdy")
    assert "2026-12-05" in caught.value.remedy


def test_an_afternoon_in_english_is_not_a_french_date() -> None:
    with pytest.raises(ValueFault):
        read("05/12/2025 5:12 PM")


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["03/04/2026", "25/12/2026"], "dmy"),
        (["03/04/2026", "12/25/2026 5:12 PM"], "mdy"),
        (["03/04/2026", "2026-12-25", "25 décembre 2026", "Paie"], "unknown"),
        (["12/25/2026", "25/12/2026"], "mixed"),
        (["13/14/2026", "45/12/2026"], "unknown"),
        (["2026-12-25", "25 décembre 2026", "Paie"], "none"),
        ([], "none"),
    ],
)
def test_a_number_above_twelve_says_what_comes_first(texts: list[str], order: str) -> None:
    assert order_of(texts) == order
