"""The dates of the programme for a candidate, and its own milestones."""

from __future__ import annotations

from datetime import date

import pytest

from compliance.models.milestone import Milestone
from compliance.reports import milestones
from compliance.reports.gathered import gather
from compliance.services import candidate as candidates
from compliance.services import ecare
from tests.factories import acting as at
from tests.factories import registers, states
from tests.factories.acting import acting, seen

TODAY = date.today()  # the database keeps the real clock
ON = date(2026, 11, 22)
ESTUARY = (at.ESTUARY_DSI, at.ESTUARY_SCOPE)
FIRST = at.ESTUARY_MEMBERS[0].finess


@pytest.fixture
def read(app, world):
    """Return a function that gives (dates, milestones) of the GHT of three on a day, all that is recorded being known."""

    def give(on: date = ON):
        with acting(app, world, *ESTUARY):
            gathered = gather([candidates.require("D2")], on, TODAY)[0]
            return milestones.programme_dates(gathered, states.CARE, on), milestones.milestones(gathered, on)

    return give


def test_dates_are_in_order_and_those_nobody_knows_at_the_end(read):
    dates = read()[0]
    known = [line.on for line in dates if line.on is not None]
    assert known == sorted(known)
    assert [line.on for line in dates[len(known) :]] == [None, None]
    assert [line.key for line in dates[len(known) :]] == ["declaration_filed", "payment_close"]


def test_each_date_says_what_it_is_worth_and_how_far_it_is(read):
    told = {line.key: (line.on, line.confidence, line.countdown, line.past) for line in read()[0]}
    assert told["phase_start"] == (date(2025, 7, 16), "publiée", "", True)
    assert told["target"] == (
        *(date(2026, 11, 30), "jour non publié", "dans 8 jours, lundi 30 novembre 2026"),
        False,
    )
    assert told["payment_close"] == (None, "non connue", "", False)


def test_the_filings_are_those_of_the_candidate_to_be_entered_until_they_are(app, world, read):
    told = {line.key: (line.on, line.confidence) for line in read()[0]}
    assert told["application_filed"] == (date(2025, 10, 24), "saisie")
    assert told["declaration_filed"] == (None, "à saisir")
    with acting(app, world, *ESTUARY):
        candidates.record_application(
            candidates.require("D2"),
            applied_on=date(2025, 10, 20),
            ecare_number=None,
            frozen_on=None,
        )
        ecare.record(candidates.require("D2"), ecare.Declared(filed_on=date(2026, 9, 1)), date.today())
    told = {line.key: (line.on, line.confidence) for line in read()[0]}
    assert (told["application_filed"], told["declaration_filed"]) == (
        (date(2025, 10, 20), "saisie"),
        (date(2026, 9, 1), "saisie"),
    )


def test_milestones_say_how_far_they_are_those_to_reach_first(app, world, read):
    seen(app, "TRUNCATE milestone")
    with acting(app, world, *ESTUARY):
        for code, holder, due, status, reached in (
            ("J-1", FIRST, date(2026, 11, 20), "in_progress", None),
            ("J-2", at.ESTUARY_CODE, date(2026, 12, 1), "upcoming", None),
            ("J-3", FIRST, date(2026, 6, 1), "reached", date(2026, 5, 30)),
            ("J-4", FIRST, date(2026, 1, 1), "abandoned", None),
            ("J-5", "990000002", date(2026, 7, 1), "reached", date(2026, 11, 23)),
        ):
            establishment = world.establishments[FIRST]
            registers.write(
                *(establishment, Milestone, code),
                code=code,
                title=f"Jalon {code}",
                objectives=("D2.O3.C",),
                holder=holder,
                due_on=due,
                status=status,
                reached_on=reached,
                pilot_function="RSSI",
            )
    assert [(line.code, line.state, line.reached_on, line.holder) for line in read()[1]] == [
        ("J-5", "late", None, "990000002"),  # reached the day after: late on this one
        ("J-1", "late", None, "CH de Belle-Rive"),
        ("J-2", "upcoming", None, "GHT de l’Estuaire"),
        ("J-3", "reached", date(2026, 5, 30), "CH de Belle-Rive"),
        ("J-4", "abandoned", None, "CH de Belle-Rive"),
    ]
    assert {line.owner for line in read()[1]} == {"RSSI"}
    assert next(line.countdown for line in read()[1] if line.code == "J-2") == "dans 9 jours, mardi 1er décembre 2026"
