"""Dates as people say them, the operational phase, and months that end at the end of the month."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.milestone import Phase, add_months, countdown, days_to
from tests.compliance.rules.facts import CALM

TARGET = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (date(2026, 11, 22), "dans 8 jours, lundi 30 novembre 2026"),
        (date(2026, 11, 29), "dans 1 jour, lundi 30 novembre 2026"),
        (date(2026, 11, 30), "aujourd’hui"),
        (date(2026, 12, 1), "dépassée de 1 jour"),
        (date(2026, 12, 3), "dépassée de 3 jours"),
    ],
)
def test_the_target_is_said_as_people_say_it(on: date, said: str) -> None:
    assert countdown(TARGET, on) == said


def test_the_first_of_a_month_is_said_1er() -> None:
    assert countdown(date(2026, 12, 1), date(2026, 11, 22)) == "dans 9 jours, mardi 1er décembre 2026"


def test_days_are_counted_across_a_leap_day() -> None:
    assert [days_to(date(2028, 3, 1), date(2028, 2, 28)), days_to(date(2027, 3, 1), date(2027, 2, 28))] == [2, 1]


def test_the_phase_includes_both_its_ends() -> None:
    phase = Phase(date(2025, 7, 16), TARGET)
    assert phase.contains(date(2025, 7, 16))
    assert phase.contains(TARGET)
    assert not phase.contains(date(2025, 7, 15))
    assert not phase.contains(date(2026, 12, 1))


def test_a_phase_without_an_end_is_still_open() -> None:
    assert Phase(date(2025, 7, 16)).contains(date(2030, 1, 1))


def test_a_phase_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="avant de commencer"):
        Phase(TARGET, date(2025, 7, 16))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 11, 30), 6, date(2027, 5, 31)),
        (date(2025, 6, 30), 3, date(2025, 9, 30)),
        (date(2026, 11, 15), 3, date(2027, 2, 15)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 12, 30), 2, date(2027, 2, 28)),
    ],
)
def test_the_end_of_a_month_stays_the_end_of_a_month(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@CALM
@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(-400, 400))
def test_a_countdown_always_agrees_with_the_count_of_days(on: date, days: int) -> None:
    said = countdown(on + timedelta(days=days), on)
    assert (said == "aujourd’hui") == (days == 0)
    assert days == 0 or f" {abs(days)} jour" in said
