"""The state of a scope on a day: its candidate, or the establishment alone; its stage; where its pace leads."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from compliance.models.exercise import Exercise, ExerciseAction, ExerciseResult
from compliance.reports import situation as situations
from compliance.reports.situation import Situation
from compliance.rules.forecast import ForecastState
from compliance.rules.stage import Stage
from compliance.services import candidate as candidates
from compliance.services import ecare, perimeter
from tenants.db import writing_as
from tests.factories import acting as at
from tests.factories import registers, states
from tests.factories.acting import acting, seen
from tests.factories.world import PERIMETER

TODAY = date.today()  # the database keeps the real clock
ON = date(2026, 11, 22)
ESTUARY = (at.ESTUARY_DSI, at.ESTUARY_SCOPE)
FIRST, SECOND, THIRD = (member.finess for member in at.ESTUARY_MEMBERS)


@pytest.fixture
def situation(app, world):
    """Return a function that reads the situation of a scope on a day, all that is recorded being known."""

    def read(email: str = at.ESTUARY_DSI, scope: str = at.ESTUARY_SCOPE, on: date = ON) -> Situation:
        with acting(app, world, email, scope):
            return situations.situation(states.CARE, on, TODAY)

    return read


def test_a_candidate_is_told_whole_with_where_its_shares_lead(situation):
    found = situation()
    assert not found.member
    assert {party["key"] for party in found.document["parties"]} == {FIRST, SECOND, THIRD}
    assert set(found.forecasts) == {"D2.O1.C", "D2.O1.D"}
    assert {each.state for each in found.forecasts.values()} == {ForecastState.NOT_ENOUGH}


def test_a_member_of_a_ght_sees_itself_and_neither_share_nor_rule_of_a_single_entity(situation):
    found = situation(at.REFERENT, at.REFERENT_SCOPE)
    assert found.member
    assert [party["key"] for party in found.document["parties"]] == [at.CAPES_MEMBERS[3].finess]
    assert found.document["share"] is None
    assert {party["share"] for party in found.document["parties"]} == {None}
    assert {row["share"] is None for row in found.document["rows"]} == {True}
    told = {reason["code"] for row in found.document["rows"] for reason in row["reasons"]}
    assert "SINGLE_TO_CONFIRM" not in told
    assert found.forecasts == {}
    assert found.gathered.parties[0].party.ac == 1300  # its own version of itself as a party


def test_an_entity_outside_a_ght_is_a_candidate_and_not_a_member(situation):
    found = situation(at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE)
    assert (found.member, found.document["candidate"]["kind"]) == (False, "eg")


def test_a_scope_whose_candidate_is_not_open_is_told_from_its_directory(app, world, situation):
    for table in ("opinion", "filed_piece", "filing", "publication", "dossier_build", "candidate_party", "candidature"):
        seen(app, f"TRUNCATE {table} CASCADE")
    seen(app, "TRUNCATE candidate CASCADE")
    found = situation()
    assert not found.member
    assert (found.document["candidate"]["name"], found.document["rows_total"]) == ("GHT de l’Estuaire", 13)
    assert [(party["key"], party["ac"]) for party in found.document["parties"]] == [
        (FIRST, None),
        (SECOND, None),
        (THIRD, None),
    ]
    assert found.document["share"]["state"] == "not_computable"
    assert found.forecasts == {}  # a share that cannot be computed leads nowhere


def declared(app, world, day: date) -> None:
    with acting(app, world, *ESTUARY):
        ecare.record(candidates.require("D2"), ecare.Declared(filed_on=day), date.today())


def test_the_stage_follows_the_declaration_of_the_candidate(app, world, situation):
    assert situation().standing.stage is Stage.DECLARATION
    declared(app, world, date(2026, 9, 1))
    assert situation().standing.stage is Stage.ARS_REVIEW
    assert situation(on=date(2026, 8, 31)).standing.stage is Stage.DECLARATION
    assert situation(at.CAPES_DSI, at.CAPES).standing.stage is Stage.DECLARATION


def test_the_programme_itself_is_in_review_once_declarations_are_closed():
    assert situations.national_standing(states.CARE, date(2026, 11, 30)).stage is Stage.DECLARATION
    assert situations.national_standing(states.CARE, date(2026, 12, 1)).stage is Stage.ARS_REVIEW


def test_steps_are_counted_on_the_days_they_were_done_and_not_when_they_were_recorded(app, world, situation):
    days = {name: TODAY - timedelta(days=count) for name, count in (("bia_on", 10), ("pca_on", 60), ("pra_on", 120))}
    with acting(app, world, *ESTUARY):
        for number in (FIRST, SECOND, THIRD):
            establishment = world.establishments[number]
            with writing_as(establishment):
                perimeter.record_many(establishment, [{"code": "URG-01", **PERIMETER, **days}], None)
        support = world.establishments[FIRST]
        with writing_as(support):
            perimeter.record_many(support, [{"code": "SHARED-01", **PERIMETER, **days}], None)
    assert situation(on=TODAY).forecasts["D2.O1.C"].events == 12  # four perimeters, three steps each
    assert situation(on=TODAY - timedelta(days=11)).forecasts["D2.O1.C"].events == 8
    assert situation(on=TODAY).forecasts["D2.O1.C"].state is ForecastState.RANGE


def test_a_test_is_counted_once_for_each_party_it_makes_count(app, world, situation):
    held = date(2026, 10, 6)
    with acting(app, world, *ESTUARY):
        support = world.establishments[FIRST]
        registers.write(
            *(support, Exercise, "EX-2"),
            code="EX-2",
            nature="field_test",
            finess_list=(FIRST, SECOND),
            perimeters=("URG-01",),
        )
        files = {"scenario_file": "s.pdf", "retex_file": "r.pdf"}
        registers.write(support, ExerciseResult, "EX-2", exercise_code="EX-2", held_on=held, **files)
        registers.write(support, ExerciseAction, "EX-2 / 1", exercise_code="EX-2", status="done")
    assert situation().forecasts["D2.O1.D"].events == 2
    assert situation(on=held - timedelta(days=1)).forecasts["D2.O1.D"].events == 0
