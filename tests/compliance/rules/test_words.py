"""Numbers and lists as French people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.perimeter import BiaState, PerimeterKind, PlanState
from compliance.rules.verdict import State
from compliance.rules.words import grouped, listing, number, percent, plural, shown_percent, trimmed
from tests.compliance.rules.facts import CALM


@pytest.mark.parametrize(
    ("names", "said"), [([], ""), (["A"], "A"), (["A", "B"], "A et B"), (["A", "B", "C"], "A, B et C")]
)
def test_names_are_listed_with_et_before_the_last(names: list[str], said: str) -> None:
    assert listing(names) == said


def test_the_plural_starts_at_two() -> None:
    assert [plural(Decimal(n), "point", "points") for n in ("0.1", "1.9", "2", "-2")] == [
        "point",
        "point",
        "points",
        "points",
    ]


def test_numbers_have_a_decimal_comma() -> None:
    assert number(Decimal("7.60")) == "7,60"
    assert percent(Decimal("0.584")) == "58,4 %"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (3, "3"), (0, "0"), (-1200, "-1 200"), (1_234_567, "1 234 567"),
        (Decimal("34200.5"), "34 200,5"), (Decimal("1E+4"), "10 000"),
    ],
)  # fmt: skip
def test_a_number_has_its_thousands_apart_and_an_integer_no_decimal(value: Decimal | int, said: str) -> None:
    assert grouped(value) == said


def test_an_integer_has_no_decimal_comma() -> None:
    assert number(3) == "3"


@pytest.mark.parametrize(("value", "said"), [("66", "66"), ("66.00", "66"), ("66.50", "66,5"), ("7E+1", "70")])
def test_a_threshold_carries_no_needless_zero(value: str, said: str) -> None:
    assert trimmed(Decimal(value)) == said


@pytest.mark.parametrize(
    ("share", "threshold", "shown"),
    [
        ("0.6597", "66", "65.9"),
        ("0.65949", "66", "65.9"),
        ("0.66", "66", "66.0"),
        ("0.6604", "66", "66.0"),
        ("0.666649", "66.67", "66.66"),
        ("0.5847", "66", "58.5"),
        ("0.6999", "70", "69.9"),
    ],
)
def test_a_shown_share_never_claims_the_bar_it_has_not_reached(share: str, threshold: str, shown: str) -> None:
    assert shown_percent(Decimal(share), Decimal(threshold)) == Decimal(shown)


@CALM
@given(st.decimals(0, 1, places=8), st.sampled_from([Decimal(66), Decimal("66.67"), Decimal(100), Decimal(70)]))
def test_what_is_shown_is_on_the_same_side_of_the_bar_as_what_is_true(share: Decimal, bar: Decimal) -> None:
    assert (shown_percent(share, bar) >= bar) == (share * 100 >= bar)


@pytest.mark.parametrize("enum", [State, PerimeterKind, BiaState, PlanState])
def test_every_member_has_a_french_label_of_its_own(enum: type[State]) -> None:
    labels = [member.label for member in enum]
    assert all(labels)
    assert len(set(labels)) == len(labels)
