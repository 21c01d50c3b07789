"""When a bar would be crossed at the present pace: a range, and silence when there is too little to see."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.forecast import METHOD, Forecast, ForecastState, forecast
from tests.compliance.rules.facts import CALM, ON, codes, texts

if TYPE_CHECKING:
    from random import Random

TARGET = date(2026, 11, 30)
# On 22 November 2026 the window begins on 25 May; its second half begins on 24 August.
SPRING = [date(2026, 5, 25), date(2026, 6, 30), date(2026, 7, 15), date(2026, 8, 23)]
AUTUMN = [date(2026, 8, 24), date(2026, 9, 1), date(2026, 9, 1), date(2026, 9, 15), date(2026, 10, 6)]
AUTUMN += [date(2026, 10, 6), date(2026, 10, 20), date(2026, 11, 3), date(2026, 11, 17), date(2026, 11, 22)]


def sentence(answer: Forecast) -> str:
    return texts(answer.reasons)[0]


@pytest.mark.parametrize(
    ("done_on", "remaining", "early", "late", "said"),
    [
        # 4 then 10 in 91 days: 3 x 9,1 days at best, 3 x 22,75 days at worst
        (SPRING + AUTUMN, 3, date(2026, 12, 20), date(2027, 1, 30),
         "(14 étapes finies), le seuil serait franchi entre le 20/12/2026 et le 30/01/2027"),
        # 10 x 9,1 days is 91 days and not one more; 10 x 22,75 is rounded up
        (SPRING + AUTUMN, 10, date(2027, 2, 21), date(2027, 7, 8),
         "(14 étapes finies), le seuil serait franchi entre le 21/02/2027 et le 08/07/2027"),
        # 4 and 4: one pace, one day
        (SPRING + AUTUMN[:4], 4, date(2027, 2, 21), date(2027, 2, 21),
         "(8 étapes finies), le seuil serait franchi le 21/02/2027"),
        # nothing since August: 6 in 91 days at best
        ([*SPRING, *SPRING[:2]], 1, date(2026, 12, 8), None,
         "(6 étapes finies), le seuil serait franchi au plus tôt le 08/12/2026, "
         "sans terme au rythme des trois derniers mois"),
        # work began in August: it was at a standstill before
        (AUTUMN, 1, date(2026, 12, 2), None,
         "(10 étapes finies), le seuil serait franchi au plus tôt le 02/12/2026, "
         "sans terme au rythme des trois mois d’avant"),
    ],
)  # fmt: skip
def test_the_range_goes_from_the_fastest_pace_to_the_slowest(
    done_on: list[date], remaining: int, early: date, late: date | None, said: str
) -> None:
    answer = forecast(done_on, remaining, ON)
    assert (answer.state, answer.early, answer.late) == (ForecastState.RANGE, early, late)
    assert sentence(answer) == f"Au rythme des six derniers mois {said}"


@pytest.mark.parametrize(
    ("done_on", "events", "said"),
    [
        ([], 0, "Pas assez de recul : 0 étape finie en six mois, il en faut au moins 6"),
        (SPRING[:1], 1, "Pas assez de recul : 1 étape finie en six mois, il en faut au moins 6"),
        (SPRING + AUTUMN[:1], 5, "Pas assez de recul : 5 étapes finies en six mois, il en faut au moins 6"),
        ([date(2026, 5, 24)] * 40, 0, "Pas assez de recul : 0 étape finie en six mois, il en faut au moins 6"),
        (
            AUTUMN[:1] * 40,
            40,
            "Pas assez de recul : 40 étapes finies en six mois sur 1 seul jour, il en faut au moins 3",
        ),
        (AUTUMN[:3] * 2, 6, "Pas assez de recul : 6 étapes finies en six mois sur 2 jours, il en faut au moins 3"),
    ],
)
def test_too_few_units_or_days_are_no_pace(done_on: list[date], events: int, said: str) -> None:
    answer = forecast(done_on, 3, ON, TARGET)
    assert (answer.state, answer.early, answer.late, answer.events) == (ForecastState.NOT_ENOUGH, None, None, events)
    assert texts(answer.reasons) == [said]
    assert not answer.beyond


def test_six_units_on_three_days_are_enough() -> None:
    assert forecast(AUTUMN[1:4] * 2, 1, ON).state is ForecastState.NOT_ENOUGH
    assert forecast([*AUTUMN[:4], *AUTUMN[:2]], 1, ON).state is ForecastState.RANGE


def test_nothing_remaining_is_a_bar_crossed_whatever_the_pace() -> None:
    for done_on in ([], SPRING + AUTUMN):
        answer = forecast(done_on, 0, ON, date(2026, 1, 1))
        assert (answer.state, answer.early, answer.late, answer.beyond) == (ForecastState.CROSSED, None, None, False)
        assert texts(answer.reasons) == ["Le seuil est franchi"]


def test_a_negative_remainder_is_refused() -> None:
    with pytest.raises(ValueError, match="négatif"):
        forecast([], -1, ON)


@pytest.mark.parametrize(
    ("bar_on", "beyond", "code", "said"),
    [
        (TARGET, True, "BEYOND_TARGET", "Même au rythme le plus rapide, après la date cible du 30/11/2026"),
        (date(2026, 12, 19), True, "BEYOND_TARGET", "Même au rythme le plus rapide, après la date cible du 19/12/2026"),
        (date(2026, 12, 20), False, "AROUND_TARGET",
         "Au rythme le plus rapide, à temps pour la date cible du 20/12/2026 ; au plus lent, non"),
        (date(2027, 1, 29), False, "AROUND_TARGET",
         "Au rythme le plus rapide, à temps pour la date cible du 29/01/2027 ; au plus lent, non"),
        (date(2027, 1, 30), False, "BEFORE_TARGET",
         "Même au rythme le plus lent, à temps pour la date cible du 30/01/2027"),
    ],
)  # fmt: skip
def test_the_range_is_compared_with_the_target_date(bar_on: date, beyond: bool, code: str, said: str) -> None:
    answer = forecast(SPRING + AUTUMN, 3, ON, bar_on)
    assert answer.beyond is beyond
    assert (codes(answer.reasons)[1], texts(answer.reasons)[1]) == (code, said)


def test_a_range_without_an_end_is_never_wholly_in_time() -> None:
    assert codes(forecast(AUTUMN, 1, ON, date(2035, 1, 1)).reasons) == ["FORECAST", "AROUND_TARGET"]


def test_the_method_is_told_with_its_figures() -> None:
    assert forecast([], 1, ON).method == METHOD
    assert "182 derniers jours, au moins 6 sur 3 jours différents" in METHOD
    assert "plus court chemin vers le seuil" in METHOD


def test_every_state_has_a_french_label() -> None:
    assert [state.label for state in ForecastState] == ["Seuil franchi", "Estimation", "Pas assez de recul"]


def test_a_remainder_that_no_calendar_could_hold_ends_on_its_last_day() -> None:
    answer = forecast(SPRING + AUTUMN, 10**9, ON)
    assert (answer.early, answer.late) == (date.max, date.max)


PAST = st.lists(st.integers(0, 200).map(lambda days: ON - timedelta(days=days)), min_size=6, max_size=60)
FUTURE = st.lists(st.integers(1, 200).map(lambda days: ON + timedelta(days=days)), max_size=20)


@CALM
@given(PAST, st.integers(0, 500), st.randoms())
def test_the_order_of_the_units_changes_nothing(done_on: list[date], remaining: int, random: Random) -> None:
    shuffled = list(done_on)
    random.shuffle(shuffled)
    assert forecast(shuffled, remaining, ON, TARGET) == forecast(done_on, remaining, ON, TARGET)


@CALM
@given(PAST, FUTURE, st.integers(0, 500))
def test_what_is_dated_after_the_day_changes_nothing(done_on: list[date], ahead: list[date], remaining: int) -> None:
    assert forecast(done_on + ahead, remaining, ON, TARGET) == forecast(done_on, remaining, ON, TARGET)


@CALM
@given(PAST, st.integers(1, 5000))
def test_one_more_unit_to_do_never_makes_it_earlier(done_on: list[date], remaining: int) -> None:
    less, more = forecast(done_on, remaining, ON), forecast(done_on, remaining + 1, ON)
    assert less.state is more.state
    if less.early and more.early:
        assert less.early <= more.early
        assert (less.late or date.max) <= (more.late or date.max)
        assert (less.late is None) == (more.late is None)


@CALM
@given(PAST, st.integers(1, 5000))
def test_the_range_begins_after_the_day_and_before_its_own_end(done_on: list[date], remaining: int) -> None:
    answer = forecast(done_on, remaining, ON)
    if answer.state is ForecastState.RANGE:
        assert answer.early is not None
        assert ON < answer.early <= (answer.late or date.max)
    else:
        assert (answer.early, answer.late) == (None, None)
