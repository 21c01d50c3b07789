"""The order of a queue, and the days that candidates may expect."""

from __future__ import annotations

from datetime import date

import pytest

from compliance.programme.procedure import load
from compliance.rules.queue import DEFINITION, Ahead, Waiting, ends_on, expected

DAY, EARLIER = date(2026, 12, 10), date(2026, 12, 1)


def test_the_queue_begins_with_what_is_late_then_what_awaits_a_decision_then_the_least_days_for_each_point():
    waiting = {
        "with the candidate": Waiting(9, -5, EARLIER, with_candidate=True),
        "ten days for ten points": Waiting(10, 10, DAY),
        "all examined": Waiting(0, 50, DAY),
        "late": Waiting(1, -1, DAY),
        "very late": Waiting(1, -9, DAY),
        "twenty days for forty points": Waiting(40, 20, DAY),
        "no date known": Waiting(40, None, DAY),
        "ten days for ten points, filed before": Waiting(10, 10, EARLIER),
    }
    assert sorted(waiting, key=lambda name: waiting[name].rank) == [
        "very late",
        "late",
        "all examined",
        "twenty days for forty points",
        "ten days for ten points, filed before",
        "ten days for ten points",
        "no date known",
        "with the candidate",
    ]


@pytest.mark.parametrize(
    ("ahead", "between"),
    [
        (Ahead(0, 0, 10, 30), (date(2026, 12, 20), date(2026, 12, 25))),
        (Ahead(3, 100, 20, 60), (date(2027, 2, 8), date(2027, 3, 10))),
        (Ahead(0, 0, 1, 31), (date(2026, 12, 11), date(2026, 12, 12))),
        (Ahead(3, 100, 20, 0), None),
    ],
)
def test_the_expected_end_follows_the_pace_of_the_last_thirty_days_and_is_not_calculable_without_one(ahead, between):
    assert expected(ahead, DAY) == between


def test_a_level_ends_on_its_national_date_else_when_its_own_months_are_over_days_with_the_candidate_put_aside():
    assert ends_on(date(2027, 2, 28), 3, DAY, 12) == date(2027, 2, 28)
    assert ends_on(None, 3, DAY, 12) == date(2027, 2, 26)
    assert ends_on(None, 3, DAY, 120) == date(2026, 11, 10)
    assert ends_on(None, None, DAY, 12) is None


def test_the_definition_says_the_points_of_the_procedure():
    assert load().efforts == {"document": 1, "test": 2, "trajectory": 2, "coverage": 3}
    assert "un point par pièce de document à examiner, deux par test ou trajectoire, trois par couverture" in DEFINITION
