"""D2.O1.C and D2.O1.D: the share of activité combinée, exact, and the smallest set that would cross the bar."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import combinations, permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.activity import Party, covered_share, smallest_set
from compliance.rules.verdict import State
from tests.compliance.rules.facts import CALM, codes, party, texts

if TYPE_CHECKING:
    from random import Random

BAR = Decimal(66)


def keys(parties: tuple[Party, ...]) -> list[str]:
    return [p.key for p in parties]


def test_exactly_66_percent_reaches_the_bar() -> None:
    share = covered_share([party("A", "66"), party("B", "34")], {"A"}, BAR)
    assert share.verdict.state is State.MET
    assert share.share == Decimal("0.66")
    assert share.gap == 0
    assert share.smallest_set == ()


def test_the_bar_is_reached_by_thirds_that_no_decimal_can_write() -> None:
    parties = [party("A", "33.33"), party("B", "33.33"), party("C", "33.33")]
    share = covered_share(parties, {"A", "B"}, Decimal("66.66"))
    assert share.verdict.state is State.MET


def test_a_hundredth_below_the_bar_is_not_rounded_up_to_it() -> None:
    share = covered_share([party("A", "65999.99"), party("B", "34000.01")], {"A"}, BAR)
    assert share.verdict.state is State.IN_PROGRESS
    assert share.share is not None
    assert share.share < Decimal("0.66")
    assert share.gap is not None
    assert share.gap > 0


def test_a_share_just_below_the_bar_is_not_shown_as_having_reached_it() -> None:
    share = covered_share([party("A", "65.97"), party("B", "34.03")], {"A"}, BAR)
    assert texts(share.verdict.reasons)[0] == (
        "65,9 % de l’activité combinée couverte, seuil de 66 % : il manque 0,1 point"
    )


def test_a_share_below_by_less_than_50_digits_stays_below_when_written_as_a_decimal() -> None:
    share = covered_share([party("A", "65." + "9" * 60), party("B", "34")], {"A"}, BAR)
    assert share.verdict.state is State.IN_PROGRESS
    assert share.share is not None
    assert share.share < Decimal("0.66")
    assert share.gap is not None
    assert 0 < share.gap < Decimal("1e-60")
    assert texts(share.verdict.reasons)[0].startswith("65,9 %")


def test_the_gap_is_cut_upwards_so_that_it_is_never_understated() -> None:
    share = covered_share([party("A", "1"), party("B", "2")], {"A"}, BAR)
    assert share.gap is not None
    assert Fraction(share.gap) > Fraction(66, 100) - Fraction(1, 3)


def test_floats_would_get_this_sum_wrong() -> None:
    parties = [party(str(n), "0.1") for n in range(10)]
    share = covered_share(parties, {"0", "1", "2"}, Decimal(30))
    assert share.verdict.state is State.MET
    assert share.covered == Decimal("0.3")
    assert share.total == Decimal("1.0")


def test_the_share_weighs_activity_and_not_the_number_of_entities() -> None:
    parties = [party("A", "60"), party("B", "10"), party("C", "10"), party("D", "10"), party("E", "10")]
    share = covered_share(parties, {"B", "C", "D", "E"}, BAR)
    assert share.share == Decimal("0.4")
    assert keys(share.smallest_set) == ["A"]


def test_a_missing_ac_makes_the_share_not_computable_and_never_zero() -> None:
    share = covered_share([party("A", "60"), party("B", None)], {"A"}, BAR)
    assert share.verdict.state is State.NOT_COMPUTABLE
    assert (share.share, share.covered, share.total, share.gap) == (None, None, None, None)
    assert texts(share.verdict.reasons) == ["Part non calculable : AC manquante pour CH B"]
    assert share.verdict.reasons[0].subject == "B"
    assert keys(share.missing) == ["B"]
    assert share.smallest_set == ()
    assert share.verdict.next_action == "Saisir l’activité combinée : CH B"


def test_every_missing_ac_is_named() -> None:
    share = covered_share([party("C", None), party("A", "1"), party("B", None)], set(), BAR)
    assert [reason.subject for reason in share.verdict.reasons] == ["B", "C"]
    assert share.verdict.next_action == "Saisir l’activité combinée : CH B et CH C"


def test_a_missing_ac_still_says_which_parties_count() -> None:
    share = covered_share([party("A", "60"), party("B", None)], {"B"}, BAR)
    assert [(line.party.key, line.counts, line.share) for line in share.lines] == [
        ("B", True, None),
        ("A", False, None),
    ]


def test_the_missing_ac_of_a_party_out_of_scope_does_not_matter() -> None:
    parties = [party("A", "66"), party("B", "34"), party("EHPAD", None, in_scope=False)]
    share = covered_share(parties, {"A"}, BAR)
    assert share.verdict.state is State.MET


@pytest.mark.parametrize("ac", ["-1", "NaN", "Infinity"])
def test_an_ac_that_is_no_quantity_is_refused_like_a_missing_one(ac: str) -> None:
    share = covered_share([party("A", "60"), party("B", ac)], {"A"}, BAR)
    assert share.verdict.state is State.NOT_COMPUTABLE
    assert codes(share.verdict.reasons) == ["AC_INVALID"]


def test_a_total_of_zero_is_not_computable() -> None:
    share = covered_share([party("A", "0"), party("B", "0")], {"A"}, BAR)
    assert share.verdict.state is State.NOT_COMPUTABLE
    assert codes(share.verdict.reasons) == ["AC_TOTAL_ZERO"]


def test_no_party_in_scope_is_not_computable() -> None:
    share = covered_share([party("A", "10", in_scope=False)], {"A"}, BAR)
    assert share.verdict.state is State.NOT_COMPUTABLE
    assert codes(share.verdict.reasons) == ["NO_PARTY"]


def test_a_party_with_an_ac_of_zero_weighs_nothing_and_breaks_nothing() -> None:
    share = covered_share([party("A", "10"), party("B", "0")], {"A"}, BAR)
    assert share.share == 1


def test_a_party_out_of_scope_is_listed_last_and_is_in_no_sum() -> None:
    parties = [party("A", "60"), party("B", "40"), party("X", "900", in_scope=False)]
    share = covered_share(parties, {"A", "X"}, BAR)
    assert (share.covered, share.total) == (Decimal(60), Decimal(100))
    assert keys(share.smallest_set) == ["B"]
    last = share.lines[-1]
    assert (last.party.key, last.counts, last.share, last.cumulative) == ("X", False, None, None)


def test_the_smallest_set_takes_the_larger_ac_at_equal_number() -> None:
    parties = [party("A", "50"), party("B", "20"), party("C", "30")]
    assert keys(smallest_set(parties, {"A"}, BAR)) == ["C"]


def test_the_smallest_set_takes_the_smaller_finess_at_equal_ac() -> None:
    parties = [party("A", "50"), party("2A0000030", "25"), party("010000024", "25")]
    assert keys(smallest_set(parties, {"A"}, BAR)) == ["010000024"]


def test_the_smallest_set_may_need_several_parties() -> None:
    parties = [party("A", "30"), party("B", "10"), party("C", "30"), party("D", "30")]
    share = covered_share(parties, {"A"}, Decimal(90))
    assert keys(share.smallest_set) == ["C", "D"]
    assert "Au plus court : CH C et CH D suffiraient" in texts(share.verdict.reasons)


def test_one_party_that_would_suffice_is_said_so() -> None:
    share = covered_share([party("A", "58.4"), party("B", "8.4"), party("C", "33.2")], {"A"}, BAR)
    assert texts(share.verdict.reasons) == [
        "58,4 % de l’activité combinée couverte, seuil de 66 % : il manque 7,6 points",
        "Au plus court : CH C suffirait",
    ]


def test_nothing_covered_is_missing_and_becomes_in_progress_once_work_began() -> None:
    parties = [party("A", "60"), party("B", "40")]
    assert covered_share(parties, set(), BAR).verdict.state is State.MISSING
    assert covered_share(parties, set(), BAR, started=True).verdict.state is State.IN_PROGRESS


def test_lines_put_counted_parties_first_then_larger_shares_then_finess() -> None:
    parties = [party("D", "10"), party("C", "10"), party("B", "50"), party("A", "5"), party("E", "25")]
    share = covered_share(parties, {"A", "E"}, BAR)
    assert [line.party.key for line in share.lines] == ["E", "A", "B", "C", "D"]
    assert [line.cumulative for line in share.lines] == [
        Decimal("0.25"),
        Decimal("0.3"),
        Decimal("0.8"),
        Decimal("0.9"),
        Decimal(1),
    ]


def test_acs_of_different_years_are_noticed_without_changing_the_state() -> None:
    parties = [party("A", "70", ac_year=2024), party("B", "30", ac_year=2023)]
    share = covered_share(parties, {"A"}, BAR)
    assert share.verdict.state is State.MET
    assert texts(share.verdict.reasons)[-1] == "Les AC ne sont pas toutes de la même année : 2023 et 2024"


def test_a_party_listed_twice_is_refused_rather_than_counted_twice() -> None:
    with pytest.raises(ValueError, match="deux fois dans le candidat : A"):
        covered_share([party("A"), party("A")], {"A"}, BAR)


ACS = st.decimals(min_value=0, max_value=1000, places=2, allow_nan=False)


@st.composite
def candidates(draw: st.DrawFn) -> tuple[list[Party], set[str], Decimal]:
    """Up to eight parties, some covered, some out of scope, under some threshold."""
    parties = [
        Party(key=f"{place:09d}", name=str(place), ac=draw(ACS), in_scope=draw(st.integers(0, 9)) > 0)
        for place in range(draw(st.integers(1, 8)))
    ]
    covered = draw(st.sets(st.sampled_from([p.key for p in parties])))
    return parties, covered, draw(st.sampled_from([Decimal(66), Decimal("66.67"), Decimal(100), Decimal("0.5")]))


def crossing_sets(parties: list[Party], covered: set[str], bar: Decimal) -> list[tuple[Party, ...]]:
    """Every smallest set, found by trying all of them."""
    scope = [p for p in parties if p.in_scope]
    total = sum((Fraction(p.ac or 0) for p in scope), Fraction(0))
    free = sorted((p for p in scope if p.key not in covered), key=lambda p: p.key)
    base = sum((Fraction(p.ac or 0) for p in scope if p.key in covered), Fraction(0))
    for size in range(len(free) + 1):
        found = [
            group
            for group in combinations(free, size)
            if (base + sum((Fraction(p.ac or 0) for p in group), Fraction(0))) * 100 >= Fraction(bar) * total
        ]
        if found:
            return found
    return []


@CALM
@given(candidates())
def test_the_smallest_set_is_the_one_found_by_trying_all_of_them(case: tuple[list[Party], set[str], Decimal]) -> None:
    parties, covered, bar = case
    total = sum((p.ac or Decimal(0) for p in parties if p.in_scope), Decimal(0))
    chosen = smallest_set(parties, covered, bar)
    if total == 0:
        assert chosen == ()
        return
    heaviest = min(
        crossing_sets(parties, covered, bar),
        key=lambda group: (-sum((p.ac or Decimal(0) for p in group), Decimal(0)), [p.key for p in group]),
    )
    assert sorted(keys(chosen)) == keys(heaviest)


@CALM
@given(candidates(), st.randoms(use_true_random=False))
def test_the_order_of_parties_does_not_matter(case: tuple[list[Party], set[str], Decimal], random: Random) -> None:
    parties, covered, bar = case
    shuffled = list(parties)
    random.shuffle(shuffled)
    assert covered_share(shuffled, covered, bar) == covered_share(parties, covered, bar)


@CALM
@given(candidates())
def test_covering_one_more_party_never_lowers_the_share(case: tuple[list[Party], set[str], Decimal]) -> None:
    parties, covered, bar = case
    before = covered_share(parties, covered, bar)
    for extra in parties:
        after = covered_share(parties, covered | {extra.key}, bar)
        assert (after.covered or 0) >= (before.covered or 0)


def test_three_parties_give_one_answer_in_all_six_orders() -> None:
    parties = [party("A", "50"), party("B", "25"), party("C", "25")]
    answers = [covered_share(order, {"A"}, BAR) for order in permutations(parties)]
    assert all(answer == answers[0] for answer in answers)
