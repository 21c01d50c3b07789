"""Perimeters as known on a day, their history, and the plans that cover somebody else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import ProgrammingError

from compliance.services import perimeter
from tenants.db import writing_as
from tests.factories import acting as at
from tests.factories.acting import acting, counts
from tests.factories.world import PERIMETER

TODAY = date.today()  # the database keeps the real clock
FIRST, SECOND, THIRD = (member.finess for member in at.ESTUARY_MEMBERS)


def test_a_version_is_added_and_nothing_is_replaced(app, world):
    at.age(app, 10)
    before = counts(app)
    own = world.establishments[SECOND]
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        with writing_as(own):
            perimeter.record_many(own, [{"code": "URG-01", **PERIMETER, "bia": "in_progress", "bia_on": None}], None)
        [now] = perimeter.current_perimeters([own], TODAY)
        [then] = perimeter.current_perimeters([own], TODAY - timedelta(days=5))
        assert perimeter.current_perimeters([own], TODAY - timedelta(days=30)) == []
    assert (now.bia, then.bia) == ("in_progress", "done")
    assert now.id == then.id
    assert counts(app) == before | {name: before[name] + 1 for name in ("perimeter_version", "pcra_version")}


def test_the_history_tells_each_state_newest_first(app, world):
    at.age(app, 10)
    own = world.establishments[SECOND]
    for pra in ("written", "absent"):
        with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE), writing_as(own):
            perimeter.record_many(own, [{"code": "URG-01", **PERIMETER, "pra": pra, "pra_on": None}], None)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        [record] = perimeter.current_perimeters([own], TODAY)
        told = perimeter.history(record.id)
    assert [version["pra"] for version in told] == ["absent", "written", "approved"]


def test_the_establishments_of_others_give_no_row(app, world):
    every = list(world.establishments.values())
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        seen_by_ght = {record.finess for record in perimeter.current_perimeters(every, TODAY)}
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        seen_by_referent = {record.finess for record in perimeter.current_perimeters(every, TODAY)}
    assert seen_by_ght == {FIRST, SECOND, THIRD}
    assert seen_by_referent == {at.CAPES_MEMBERS[3].finess}


def test_a_perimeter_cannot_be_written_under_an_establishment_of_others(app, world):
    foreign = world.establishments[at.CAPES_MEMBERS[0].finess]
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE),
        writing_as(foreign),
    ):
        perimeter.record_many(foreign, [{"code": "X-01", **PERIMETER}], None)


def test_a_shared_plan_is_told_under_the_establishment_it_covers(app, world):
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        links = perimeter.coverages([world.establishments[SECOND]], TODAY)
        assert perimeter.coverages([world.establishments[THIRD]], TODAY) == []
    assert [(link.covered_finess, link.owner_finess, link.code) for link in links] == [(SECOND, FIRST, "SHARED-01")]


def test_a_withdrawn_plan_no_longer_covers_and_did_before(app, world):
    at.age(app, 10)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        [link] = perimeter.coverages([world.establishments[SECOND]], TODAY)
        second = world.establishments[SECOND]
        perimeter.record_coverages(
            [perimeter.CoverageEntry(world.establishments[FIRST], link.owner_id, second, "fin", withdrawn=True)], None
        )
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        assert perimeter.coverages([world.establishments[SECOND]], TODAY) == []
        assert len(perimeter.coverages([world.establishments[SECOND]], TODAY - timedelta(days=5))) == 1


def test_a_plan_cannot_cover_an_establishment_of_another_candidate(app, world):
    foreign = world.establishments[at.CAPES_MEMBERS[0].finess]
    with pytest.raises(ProgrammingError, match="same candidate"), acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        [link] = perimeter.coverages([world.establishments[SECOND]], TODAY)
        entry = perimeter.CoverageEntry(world.establishments[FIRST], link.owner_id, foreign, "SI commun")
        perimeter.record_coverages([entry], None)


def test_the_name_of_a_person_is_told_once_whatever_the_number_of_versions(app, world):
    own = world.establishments[at.REFERENT_SCOPE.partition(":")[2]]
    for _ in range(2):
        with acting(app, world, at.REFERENT, at.REFERENT_SCOPE), writing_as(own):
            ids = perimeter.record_many(
                own, [{"code": "URG-01", **PERIMETER, "referent_name": "Jeanne Durantin"}], None
            )
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        assert perimeter.contacts(ids["URG-01"]) == ["Mme Exemple", "Jeanne Durantin"]
