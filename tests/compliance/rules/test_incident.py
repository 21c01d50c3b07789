"""Incidents: the timeline of Dunkerque (lessons.md), and what is left to learn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from compliance.rules.incident import Incident, Moment, lasted, learnt, timeline
from compliance.rules.verdict import State
from tests.compliance.rules.facts import codes

DAY, ON = date(2026, 1, 20), date(2026, 11, 22)
DUNKERQUE = Incident(
    times={
        Moment.STARTED: (DAY, "11:00"),
        Moment.DEGRADED: (None, "11:20"),
        Moment.RECOVERY: (None, "14:00"),
        Moment.ENDED: (None, "16:00"),
    },
    plans=("URG-01", "SAMU"),
    retex_file="RETEX.pdf",
    retex_received=True,
    actions=3,
    proposed="EX-2026-04",
)


def at(**moments) -> Incident:
    return replace(DUNKERQUE, times={**DUNKERQUE.times, **{Moment(name): each for name, each in moments.items()}})


def test_the_timeline_of_dunkerque_says_when_each_moment_came_and_how_long_it_lasted():
    told = [(step.moment.label, step.day, step.at, step.after) for step in timeline(DUNKERQUE)]
    assert told == [
        ("Début", DAY, "11:00", ""),
        ("Mode dégradé", DAY, "11:20", "20 min"),
        ("Rétablissement", DAY, "14:00", "3 h"),
        ("Fin", DAY, "16:00", "5 h"),
    ]
    assert lasted(DUNKERQUE) == "5 h"


def test_an_attack_of_three_weeks_is_counted_over_its_days():
    assert lasted(at(ended=(date(2026, 2, 10), "11:00"))) == "3 semaines"
    assert lasted(at(started=(DAY, ""), ended=(date(2026, 1, 23), ""))) == "3 jours"


@pytest.mark.parametrize(
    ("started", "ended", "told"),
    [
        ((date(2026, 10, 24), "23:00"), (date(2026, 10, 25), "04:00"), "6 h"),  # the night that has an hour more
        ((date(2026, 3, 28), "23:00"), (date(2026, 3, 29), "04:00"), "4 h"),
        ((date(2026, 3, 27), "23:00"), (date(2026, 3, 28), "04:30"), "5 h 30"),
    ],
)
def test_the_night_of_a_change_of_hour_lasts_what_it_lasts(started, ended, told):
    assert lasted(at(started=started, ended=ended)) == told


def test_a_moment_without_hour_the_same_day_is_not_given_a_length():
    told = {step.moment: step.after for step in timeline(at(recovery=(DAY, ""), degraded=(None, "")))}
    assert (told[Moment.RECOVERY], told[Moment.DEGRADED]) == ("", "")
    assert lasted(at(ended=(None, "tard"))) == ""


def test_an_incident_without_an_end_still_lasts():
    verdict = learnt(at(ended=(None, "")), ON)
    assert (verdict.state, codes(verdict.reasons)) == (State.IN_PROGRESS, ["INCIDENT_OPEN"])
    assert verdict.next_action == "Saisir la fin de l’incident"
    assert not DUNKERQUE.over(date(2026, 1, 19))


@pytest.mark.parametrize(
    ("changes", "expected", "action"),
    [
        ({"retex_file": ""}, ["RETEX_MISSING"], "Faire le RETEX et déposer son compte rendu"),
        ({"retex_received": False}, ["RETEX_NOT_RECEIVED"], "Déposer RETEX.pdf"),
        ({"plans": ()}, ["PLANS_UNKNOWN"], "Nommer les PCRA utilisés"),
        ({"actions": 0}, ["NO_ACTION"], "Saisir les actions décidées"),
    ],
)
def test_dunkerque_asks_a_retex_actions_and_the_plans_really_used(changes, expected, action):
    verdict = learnt(replace(DUNKERQUE, **changes), ON)
    assert (verdict.state, codes(verdict.reasons), verdict.next_action) == (State.IN_PROGRESS, expected, action)


def test_once_learnt_from_proposing_it_to_the_reviewer_is_a_notice_and_no_duty():
    assert codes(learnt(DUNKERQUE, ON).reasons) == ["INCIDENT_LEARNT"]
    verdict = learnt(replace(DUNKERQUE, proposed=""), ON)
    assert (verdict.state, codes(verdict.reasons)) == (State.MET, ["INCIDENT_LEARNT", "NOT_PROPOSED"])
