"""The candidate of a scope, its application and its parties, as known on a day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.exc import ProgrammingError

from compliance.rules.activity import Party
from compliance.services import candidate as candidates
from tenants.errors import Conflict, NotFound, Refused
from tests.factories import acting as at
from tests.factories.acting import acting, seen

TODAY = date.today()  # the database keeps the real clock


def test_a_ght_is_one_candidate_owned_by_its_support(app, world):
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        found = candidates.require("D2")
        assert found.region.code == "F2"
    assert (found.kind, found.code, found.name) == ("ght", at.ESTUARY_CODE, "GHT de l’Estuaire")
    assert found.establishment_id == world.establishments[at.ESTUARY_MEMBERS[0].finess]


def test_an_entity_outside_a_ght_is_its_own_candidate(app, world):
    with acting(app, world, at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE):
        found = candidates.require("D2")
    assert (found.kind, found.code, found.ght_id) == ("eg", at.OUTSIDE[0], None)


def test_a_member_of_a_ght_has_no_candidate_of_its_own(app, world):
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        assert candidates.of_scope("D2") is None
        with pytest.raises(NotFound):
            candidates.require("D2")


def test_a_candidate_is_opened_once(app, world):
    with pytest.raises(Conflict), acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        candidates.open_candidate("D2")


def test_a_member_of_a_ght_cannot_open_one_beside_it(app, world):
    with pytest.raises(Refused, match="GHT"), acting(app, world, "admin@marquerive.example", at.REFERENT_SCOPE):
        candidates.open_candidate("D2")


def test_an_application_is_history_and_the_earlier_day_keeps_the_earlier_one(app, world):
    at.age(app, 10)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        candidate = candidates.require("D2")
        candidates.record_application(
            candidate, applied_on=date(2025, 11, 3), ecare_number="D2-77", frozen_on=date(2025, 11, 3)
        )
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        now, then = candidates.require("D2"), candidates.require("D2", TODAY - timedelta(days=5))
    assert (now.applied_on, now.frozen_on, now.ecare_number) == (date(2025, 11, 3), date(2025, 11, 3), "D2-77")
    assert (then.applied_on, then.frozen_on, then.ecare_number) == (date(2025, 10, 24), None, None)


def test_the_parties_of_an_earlier_day_are_those_known_then(app, world):
    at.age(app, 10)
    number = at.ESTUARY_MEMBERS[1].finess
    party = Party(key=number, name="CH du Marais", ac=Decimal("777.25"), ac_year=2025, source="SAE")
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        candidates.record_parties(candidates.require("D2"), [(world.establishments[number], None, party)], None)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        candidate = candidates.require("D2")
        now, then = (
            {each.finess: each.party.ac for each in candidates.parties(candidate, day)}
            for day in (TODAY, TODAY - timedelta(days=5))
        )
    assert (now[number], then[number]) == (Decimal("777.25"), Decimal(1100))
    assert len(now) == len(then) == 3


def test_before_any_is_recorded_the_parties_are_the_directory_s_without_ac(app, world):
    seen(app, "DELETE FROM candidate_party")
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        parties = candidates.parties(candidates.require("D2"), TODAY)
    assert [(each.finess, each.party.ac, each.recorded) for each in parties] == [
        (member.finess, None, False) for member in at.ESTUARY_MEMBERS
    ]
    assert {each.party.confidence for each in parties} == {"annuaire, à confirmer"}


def test_an_establishment_of_others_cannot_be_made_a_party(app, world):
    foreign = at.CAPES_MEMBERS[0]
    party = Party(key=foreign.finess, name=foreign.name, ac=Decimal(1))
    with pytest.raises(ProgrammingError, match="out of scope"), acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        candidates.record_parties(candidates.require("D2"), [(world.establishments[foreign.finess], None, party)], None)


def test_a_member_reads_its_own_line_as_a_party_and_no_other(app, world):
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        facts, parties = candidates.of_directory(TODAY)
    assert facts.name == "GHT des Deux Caps"
    assert [(each.finess, each.party.ac) for each in parties] == [(at.CAPES_MEMBERS[3].finess, Decimal(1300))]
