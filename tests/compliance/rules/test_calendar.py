"""The calendar of exercises: what a day runs into, and the days proposed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from compliance.rules.calendar import APART, Calendar, Holiday, Season, Slot, Wanted, collisions, propose
from tests.compliance.rules.facts import codes, texts

WINTER = Season(label="Épidémies de l’hiver", first=48, last=8)
SPRING = Holiday(label="Printemps 2027", first=date(2027, 4, 17), last=date(2027, 5, 2), zones=frozenset("B"))
KNOWN = Calendar(
    holidays=(SPRING, replace(SPRING, label="Toussaint 2026", first=date(2026, 10, 17), last=date(2026, 11, 1))),
    public_holidays=(Holiday(label="Lundi de Pâques", first=date(2027, 3, 29), last=date(2027, 3, 29)),),
    seasons=(WINTER,),
    zones={"32": "B"},
)
NOTHING = Calendar()
ZONES = {"A": "B", "B": "C"}
DAY = date(2026, 9, 17)
ON = date(2026, 11, 22)


def slot(on: date = DAY, code: str = "EX-1", party: str = "A", **given) -> Slot:
    return Slot(code=code, on=on, establishments=frozenset(party), **given)


def told(one: Slot, *others: Slot, calendar: Calendar = NOTHING, **given) -> list[str]:
    return codes(collisions(one, (one, *others), calendar, ZONES, **given))


def test_a_team_taken_twice_in_three_weeks_is_told_whatever_its_capitals_and_spaces():
    mine = slot(teams=("Urgences  de jour", "Laboratoire"))
    other = slot(DAY + timedelta(days=20), "EX-2", teams=("urgences de JOUR ",))
    [reason] = collisions(mine, (mine, other), NOTHING, ZONES)
    assert (reason.code, reason.subject) == ("TEAM_TWICE", "EX-2")
    assert reason.text == "L’équipe Urgences de jour est déjà prise par EX-2 à 20 jours, le 07/10/2026"


def test_three_weeks_apart_a_team_is_free_and_the_number_of_days_is_a_parameter():
    mine = slot(teams=("Urgences",))
    other = slot(DAY + timedelta(days=APART), "EX-2", teams=("Urgences",))
    assert told(mine, other) == []
    assert told(mine, other, apart=APART + 1) == ["TEAM_TWICE"]


def test_without_a_team_the_same_plan_stands_for_it():
    mine, other = slot(perimeters=frozenset({"URG-01"})), slot(DAY + timedelta(days=5), "EX-2")
    assert told(mine, replace(other, perimeters=frozenset({"URG-01"}))) == ["PERIMETER_TWICE"]
    assert told(mine, replace(other, perimeters=frozenset({"BIO-01"}))) == []


def test_two_teams_may_play_the_same_plan_one_after_the_other():
    mine = slot(perimeters=frozenset({"URG-01"}), teams=("Jour",))
    other = slot(DAY + timedelta(days=5), "EX-2", perimeters=frozenset({"URG-01"}), teams=("Nuit",))
    assert told(mine, other) == []


def test_the_same_day_in_the_same_establishment_is_told_and_not_in_two():
    assert told(slot(), slot(code="EX-2")) == ["SAME_DAY"]
    assert told(slot(), slot(code="EX-2", party="B")) == []
    assert told(slot(), slot(code="EX-2", party="AB")) == ["SAME_DAY"]


def test_a_code_and_a_team_are_those_of_their_establishment():
    mine = slot(teams=("Urgences",), perimeters=frozenset({"URG-01"}))
    assert told(mine, slot(code="EX-1", party="B", teams=("Urgences",), perimeters=frozenset({"URG-01"}))) == []


def test_the_combined_exercise_of_one_half_day_does_not_run_into_itself():
    """Trade article (lessons.md): one exercise, the crisis cell and several PCRA."""
    assert told(slot(teams=("Cellule", "Urgences"), perimeters=frozenset({"URG-01", "BIO-01"}))) == []


@pytest.mark.parametrize(
    ("day", "party", "expected"),
    [
        (date(2027, 4, 16), "A", []),
        (date(2027, 4, 17), "A", ["SCHOOL_HOLIDAY"]),
        (date(2027, 5, 2), "A", ["SCHOOL_HOLIDAY"]),
        (date(2027, 5, 3), "A", []),
        (date(2027, 4, 20), "B", []),  # of another zone
        (date(2027, 4, 20), "Z", []),  # of a zone that nobody knows: nothing is supposed
        (date(2027, 3, 29), "Z", ["PUBLIC_HOLIDAY"]),
    ],
)
def test_school_holidays_are_those_of_the_zone_of_the_establishment(day, party, expected):
    """Puget-Théniers / Entrevaux (lessons.md): members of one group may be of two départements."""
    assert told(slot(day, party=party), calendar=KNOWN) == expected


@pytest.mark.parametrize(
    ("day", "in_season"),
    [
        (date(2026, 11, 22), False),  # Sunday of week 47
        (date(2026, 11, 23), True),
        (date(2026, 12, 31), True),  # week 53
        (date(2027, 1, 4), True),
        (date(2027, 2, 28), True),  # Sunday of week 8
        (date(2027, 3, 1), False),
    ],
)
def test_winter_goes_from_week_48_to_week_8_over_the_new_year(day, in_season):
    assert WINTER.holds(day) is in_season
    assert Season(label="", first=9, last=47).holds(day) is (not in_season)


def test_each_warning_is_a_sentence():
    mine = slot(date(2027, 4, 20), teams=("Urgences",))
    reasons = collisions(mine, (mine, slot(date(2027, 4, 20), "EX-2", teams=("Urgences",))), KNOWN, ZONES)
    assert texts(reasons) == [
        "L’équipe Urgences est déjà prise par EX-2 le même jour, le 20/04/2027",
        "EX-2 a lieu le même jour dans le même établissement",
        "Vacances scolaires : Printemps 2027, zone B, du 17/04/2027 au 02/05/2027",
    ]


# --- proposals -----------------------------------------------------------------------------------------------------


def wanted(code: str = "URG-01", party: str = "A", **given) -> Wanted:
    return Wanted(party=party, code=code, name="Urgences", **{"written": True, **given})


def days(*plans: Wanted, engaged=(), calendar=KNOWN, on=ON, **given) -> list[date | None]:
    return [each.on for each in propose(plans, engaged, calendar, ZONES, on, **given)]


def test_a_plan_without_a_day_is_proposed_the_first_working_day_out_of_the_winter():
    assert days(wanted()) == [date(2027, 3, 1)]


def test_a_week_ahead_is_left_to_prepare():
    assert days(wanted(), on=date(2026, 9, 14), calendar=NOTHING) == [date(2026, 9, 21)]


def test_an_establishment_has_one_test_a_month_at_most():
    assert days(wanted("URG-01"), wanted("BIO-01"), wanted("PAIE-01"), calendar=NOTHING, on=date(2026, 9, 1)) == [
        date(2026, 9, 8),
        date(2026, 10, 1),
        date(2026, 11, 2),
    ]
    busy = slot(date(2026, 9, 29), "EX-9")
    assert days(wanted(), engaged=(busy,), calendar=NOTHING, on=date(2026, 9, 1)) == [date(2026, 10, 1)]


def test_two_establishments_are_not_proposed_the_same_day():
    assert days(wanted(), wanted(party="B"), calendar=NOTHING, on=date(2026, 9, 1)) == [
        date(2026, 9, 8),
        date(2026, 9, 9),
    ]


def test_a_day_proposed_runs_into_nothing():
    plans = [wanted(f"P-{place}") for place in range(8)]
    engaged = (slot(date(2027, 3, 31), "EX-9", perimeters=frozenset({"P-0"})),)
    for proposal in propose(plans, engaged, KNOWN, ZONES, ON):
        one = slot(proposal.on, "new", perimeters=frozenset({proposal.wanted.code}))
        assert collisions(one, engaged, KNOWN, ZONES) == ()
        assert proposal.on.weekday() < 5


def test_the_day_is_before_the_target_whenever_one_is_free_and_says_so():
    [before] = propose([wanted()], (), NOTHING, ZONES, date(2026, 11, 16), target=date(2026, 11, 30))
    assert (before.on, codes(before.reasons)) == (date(2026, 11, 23), ["BEFORE_TARGET", "SCHOOL_UNKNOWN"])
    [after] = propose([wanted()], (), KNOWN, ZONES, ON, target=date(2026, 11, 30))
    assert texts(after.reasons) == ["Après la date cible du 30/11/2026 : aucun jour sans conflit avant"]


def test_a_plan_that_is_not_written_and_a_calendar_that_is_not_known_are_told():
    [proposal] = propose([wanted(written=False, party="Z")], (), KNOWN, ZONES, ON)
    assert codes(proposal.reasons) == ["NO_PCA", "SCHOOL_UNKNOWN"]


def test_no_free_month_is_said_rather_than_a_day_invented():
    plans = [wanted(f"P-{place}") for place in range(20)]
    last = propose(plans, (), KNOWN, ZONES, ON)[-1]
    assert (last.on, codes(last.reasons)) == (None, ["NO_FREE_DAY"])
