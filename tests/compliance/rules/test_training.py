"""How many people are trained on a day, against which headcount."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from compliance.rules import training as rules
from compliance.rules.attendance import Profile
from compliance.rules.training import Count, Target
from compliance.rules.verdict import State
from tests.compliance.rules.sheets import DMCC, ON, ONLINE, sheet

# --- how many people ---------------------------------------------------------------------------------------------

OTHER = replace(DMCC, code="DMCC-2026-01")


def test_somebody_with_an_identifier_is_one_person_whatever_the_sessions():
    lines = [sheet(person="n1"), sheet(person="n1", session=OTHER), sheet(2, person="n2")]
    assert rules.unique(lines) == Count(2, 2)


def test_one_name_at_two_sessions_without_identifier_is_one_person_or_two():
    count = rules.unique([sheet(), sheet(session=OTHER), sheet(2)])
    assert count == Count(2, 3)
    assert count.text == "2 à 3"


def test_a_name_whose_number_was_given_another_time_may_be_that_person():
    assert rules.unique([sheet(person="n1"), sheet(session=OTHER)]) == Count(1, 2)
    [person] = rules.people([sheet(person="n1"), sheet(session=OTHER)])
    assert (len(person.attendances), person.more) == (2, 1)


def test_the_list_of_people_is_as_long_as_the_least_of_the_count():
    lines = [sheet(person="n1"), sheet(session=OTHER), sheet(2), sheet(2, session=OTHER), sheet(3, person="n3")]
    assert len(rules.people(lines)) == rules.unique(lines).low == 3


def test_across_establishments_without_identifier_the_least_is_the_largest_and_the_most_is_the_sum():
    lines = [sheet(1), sheet(2), sheet(3), sheet(1, establishment="B", namesake="b1")]
    assert rules.unique(lines) == Count(3, 4)


def test_across_establishments_a_national_number_is_one_person_and_an_internal_one_is_not():
    national = [sheet(person="rpps", national=True), sheet(person="rpps", national=True, establishment="B")]
    internal = [sheet(person="A/12"), sheet(person="B/12", establishment="B")]
    assert rules.unique(national) == Count(1, 1)
    assert rules.unique(internal) == Count(1, 2)
    assert rules.unique([]) == Count(0, 0)


def test_martinique_coverage_is_counted_by_function_in_unique_people():
    """lessons.md, « DMCC training, Martinique »: by function, unique people."""
    lines = [
        sheet(1, function="Sage-femme"), sheet(2, function="SAGE-FEMME"), sheet(3, function="Directrice"),
        sheet(4, function="Sage-femme coordinatrice"),
    ]  # fmt: skip
    asked = [sum(rules.has_function(line, words) for line in lines) for words in ("sage-femme", '"sage-femme"', "")]
    assert asked == [3, 2, 4]


# --- rates -------------------------------------------------------------------------------------------------------

STAFF = Target("A", Profile.NURSING, 18, "Bilan social 2025", date(2026, 1, 15))


def test_martinique_the_rate_is_of_unique_people_on_the_headcount_of_a_named_year():
    """lessons.md, « DMCC training, Martinique »: against headcount; the year and the source are said."""
    line = rules.line("nursing", "Soignant", [sheet(n) for n in range(12)], [], ON, [STAFF], ["A"])
    assert (line.count.text, line.rate.headcount, line.rate.text) == ("12", 18, "66,7 %")
    assert line.targets[0].basis == "Bilan social 2025, cible du 15/01/2026"
    assert replace(STAFF, source="", set_on=None).basis == "source non précisée, année non précisée"


def test_a_range_of_people_gives_a_range_of_rates_never_over_the_whole():
    lines = [sheet(1), sheet(1, session=OTHER), sheet(1, session=replace(DMCC, code="X"))]
    assert rules.rate(rules.unique(lines), [replace(STAFF, headcount=2)], ["A"]).text == "50,0 à 100,0 %"


@pytest.mark.parametrize(
    ("targets", "places", "why"),
    [
        ([], ["A"], "effectif non renseigné"),
        ([STAFF], ["A", "B"], "effectif non renseigné pour 1 établissement"),
        ([replace(STAFF, headcount=0)], ["A"], "effectif nul"),
    ],
)
def test_without_the_headcount_there_is_a_number_and_no_rate(targets, places, why):
    found = rules.rate(Count(3, 3), targets, places)
    assert (found.text, found.why, found.count.text) == ("", why, "3")


def test_more_people_than_the_headcount_is_told():
    assert rules.rate(Count(19, 19), [STAFF], ["A"]).over
    assert not rules.rate(Count(18, 20), [STAFF], ["A"]).over


def test_chsf_the_people_on_call_have_their_own_count():
    """lessons.md, CHSF: night and weekend managers are trained; coverage has an on-call dimension."""
    mine = [sheet(1, on_call=True), sheet(2, on_call=False), sheet(3)]
    untrained = sheet(4, session=ONLINE, half_days=(), on_call=True)
    line = rules.line("nursing", "Soignant", mine, [*mine, untrained], ON)
    assert (line.count.text, line.on_call.text, line.on_call_known.text) == ("3", "1", "2")


# --- who is to renew, and one DMCC an establishment --------------------------------------------------------------


def test_somebody_is_to_renew_in_the_last_ninety_days_of_the_longest_validity():
    old, new = replace(DMCC, validity_months=12), replace(OTHER, ends_on=date(2026, 6, 1), validity_months=12)
    [once] = rules.people([sheet(person="n1", session=old)])
    [twice] = rules.people([sheet(person="n1", session=old), sheet(person="n1", session=new)])
    [always] = rules.people([sheet(person="n1", session=old), sheet(person="n1")])
    assert [rules.to_renew(person, ON) for person in (once, twice, always)] == [True, False, False]
    assert not rules.to_renew(once, date(2026, 9, 5))
    assert rules.to_renew(once, date(2026, 9, 6))
    assert rules.holds_until(twice, ON) == date(2027, 6, 1)


@pytest.mark.parametrize(
    ("lines", "sessions", "state", "code"),
    [
        ([sheet()], [], State.MET, "DMCC_TRAINED"),
        ([sheet(session=replace(DMCC, validity_months=6))], [], State.AT_RISK, "DMCC_EXPIRED"),
        ([sheet(signed=None)], [], State.TO_CONFIRM, "DMCC_UNSIGNED"),
        ([], [replace(DMCC, starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 1))], State.IN_PROGRESS, "DMCC_UPCOMING"),
        ([sheet(session=ONLINE, signed=None, half_days=())], [DMCC], State.MISSING, "DMCC_NONE"),
    ],
)  # fmt: skip
def test_at_least_one_person_trained_as_dmcc_is_an_indicator_of_each_establishment(lines, sessions, state, code):
    verdict = rules.one_trained(lines, sessions, ON)
    assert (verdict.state, verdict.reasons[0].code) == (state, code)
    assert bool(verdict.next_action) == (state is not State.MET)
