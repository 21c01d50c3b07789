"""The candidate of a scope and its application, as known on a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from compliance.services import candidate as candidates
from tenants.errors import Conflict, NotFound, Refused
from tests.factories import acting as at
from tests.factories.acting import acting

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
