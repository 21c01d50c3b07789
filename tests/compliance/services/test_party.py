"""The parties of a candidate, recorded or of the directory, as known on a day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.exc import ProgrammingError

from compliance.rules.activity import Party
from compliance.services import candidate as candidates
from compliance.services import party as party_services
from tests.factories import acting as at
from tests.factories.acting import acting, seen

TODAY = date.today()  # the database keeps the real clock


def test_the_parties_of_an_earlier_day_are_those_known_then(app, world):
    at.age(app, 10)
    number = at.ESTUARY_MEMBERS[1].finess
    party = Party(key=number, name="CH du Marais", ac=Decimal("777.25"), ac_year=2025, source="SAE")
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        party_services.record_parties(candidates.require("D2"), [(world.establishments[number], None, party)], None)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        candidate = candidates.require("D2")
        now, then = (
            {each.finess: each.party.ac for each in party_services.parties(candidate, day)}
            for day in (TODAY, TODAY - timedelta(days=5))
        )
    assert (now[number], then[number]) == (Decimal("777.25"), Decimal(1100))
    assert len(now) == len(then) == 3


def test_before_any_is_recorded_the_parties_are_the_directory_s_without_ac(app, world):
    seen(app, "DELETE FROM candidate_party")
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        parties = party_services.parties(candidates.require("D2"), TODAY)
    assert [(each.finess, each.party.ac, each.recorded) for each in parties] == [
        (member.finess, None, False) for member in at.ESTUARY_MEMBERS
    ]
    assert {each.party.confidence for each in parties} == {"annuaire, à confirmer"}


def test_an_establishment_of_others_cannot_be_made_a_party(app, world):
    foreign = at.CAPES_MEMBERS[0]
    party = Party(key=foreign.finess, name=foreign.name, ac=Decimal(1))
    with pytest.raises(ProgrammingError, match="out of scope"), acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        party_services.record_parties(
            candidates.require("D2"), [(world.establishments[foreign.finess], None, party)], None
        )


def test_a_member_reads_its_own_line_as_a_party_and_no_other(app, world):
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        facts, parties = party_services.of_directory(TODAY)
    assert facts.name == "GHT des Deux Caps"
    assert [(each.finess, each.party.ac) for each in parties] == [(at.CAPES_MEMBERS[3].finess, Decimal(1300))]
