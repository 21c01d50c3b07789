"""The nation computed again: the same states as one by one, in as many queries, on the owner's role, and nothing but states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

import wsgi
from compliance.reports import recompute
from compliance.reports.gathered import gather
from compliance.reports.progress import describe
from compliance.reports.recompute import CandidateStates
from compliance.rules.verdict import State
from compliance.services import candidate as candidates
from importers.demonstration import volumes, volumes_places
from tenants.cli import NO_OWNER, Installation
from tenants.context import ANONYMOUS
from tenants.db import db, unit_of_work
from tenants.errors import Invalid
from tenants.permissions import Permission
from tenants.settings import Settings
from tests.factories import acting as at
from tests.factories.acting import acting, seen
from tests.factories.commands import environment
from tests.factories.states import CARE
from tests.factories.volumes import empty, write

TODAY = date.today()  # the database keeps the real clock
ON = date(2026, 11, 22)
WORLD = (
    (at.CAPES_DSI, at.CAPES),
    (at.ESTUARY_DSI, at.ESTUARY_SCOPE),
    (at.ALONE_DSI, at.ALONE_SCOPE),
    (at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE),
)


@pytest.fixture
def installation(app, settings) -> Installation:
    """The installation of the world."""
    return Installation(environment(settings), wsgi.create_app)


@pytest.fixture
def recomputed(installation) -> Callable[..., list[CandidateStates]]:
    """Return a function that computes the states of everybody as the operator does."""

    def run(known: date = TODAY) -> list[CandidateStates]:
        with installation.reading_everything():
            return [each for (each,) in recompute.states("D2", [CARE], ON, known)]

    return run


def one_by_one() -> CandidateStates:
    """The states that the page of the candidate of the open unit of work shows."""
    found = candidates.require("D2")
    document = describe(gather([found], ON, TODAY)[0], CARE, ON)
    told = {row["code"]: row["state"] for row in document["rows"]}
    return CandidateStates(found.name, found.code, found.region.code, told)


def test_each_candidate_has_the_states_that_its_own_page_shows(app, world, recomputed):
    expected = []
    for email, scope in WORLD:
        with acting(app, world, email, scope):
            expected.append(one_by_one())
    found = recomputed()
    assert sorted(found, key=lambda each: each.code) == sorted(expected, key=lambda each: each.code)
    assert len({tuple(each.states.values()) for each in found}) > 1


def test_nothing_but_states_comes_out(recomputed):
    assert [each.name for each in fields(CandidateStates)] == ["name", "code", "region", "states"]
    for each in recomputed():
        assert {type(state) for state in each.states.values()} == {State}
        assert list(each.states) == [row.code for row in CARE.rows]


def test_a_past_day_is_computed_on_what_was_known_then(recomputed):
    assert {each.states["D2.P1"] for each in recomputed()} == {State.MET}
    assert {each.states["D2.P1"] for each in recomputed(TODAY - timedelta(days=1))} == {State.MISSING}


def test_the_role_of_pages_reads_nobody_this_way(app, world):
    with app.app_context(), unit_of_work(ANONYMOUS):
        assert list(recompute.states("D2", [CARE], ON, TODAY)) == []


def test_without_the_address_of_the_owner_nothing_is_read(app, settings):
    given = environment(settings)
    del given["VIGIE_OWNER_DATABASE_URL"]
    with (
        pytest.raises(Invalid, match="VIGIE_OWNER_DATABASE_URL"),
        Installation(given, wsgi.create_app).reading_everything(),
    ):
        pytest.fail("nothing may be read")
    assert "rôle propriétaire" in NO_OWNER


def test_what_is_read_this_way_cannot_be_changed_by_it(app, world, installation):
    before = seen(app, "SELECT name FROM legal_entity ORDER BY 1")
    with installation.reading_everything():
        list(recompute.states("D2", [CARE], ON, TODAY))
        db.session.execute(db.text("UPDATE legal_entity SET name = 'changé'"))
    assert seen(app, "SELECT name FROM legal_entity ORDER BY 1") == before


def test_several_referentials_are_answered_side_by_side_on_the_same_facts(installation):
    easier = replace(CARE, rows=[row for row in CARE.rows if row.code != "D2.P1"])
    with installation.reading_everything():
        pairs = list(recompute.states("D2", [CARE, easier], ON, TODAY))
    assert len(pairs) == 4
    assert all(recompute.moved(was, now) == ["D2.P1 : Atteint → retirée"] for was, now in pairs)
    assert all(recompute.moved(now, was) == ["D2.P1 : absente → Atteint"] for was, now in pairs)


def test_a_tally_counts_candidates_and_states():
    told = [
        CandidateStates(name, name, "F1", {"D2.P1": state, "D2.P2": State.MISSING})
        for name, state in (("A", State.MET), ("B", State.MET), ("C", State.MISSING))
    ]
    assert recompute.tally(iter(told)) == (
        3,
        {"D2.P1": Counter({State.MET: 2, State.MISSING: 1}), "D2.P2": Counter({State.MISSING: 3})},
    )
    assert recompute.tally(iter(())) == (0, {})


# --- on volumes ----------------------------------------------------------------------------------------------------

PLAN = replace(volumes.NATION.scaled(400), non_profit=3, private=4, attendance=100)


@pytest.fixture(scope="module")
def nation(servers, settings, folder: Path) -> Iterator[tuple[Settings, Flask]]:
    """A small nation in a database of its own."""
    own, app = empty(servers, settings, folder, "vigie_recompute")
    assert write(app, own, PLAN) == PLAN.candidates
    yield own, app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_nation_has_the_states_that_each_page_shows(nation):
    own, app = nation
    installation = Installation(environment(own), lambda _: app)
    expected = {}
    for holder in volumes_places.holders(PLAN):
        if holder.applies:
            kind = "ght" if holder.ght else "etablissement"
            with installation.acting(f"{kind}:{holder.code}", holder.email, Permission.READ):
                expected[holder.code] = one_by_one()
    with Installation(environment(own), wsgi.create_app).reading_everything():
        found = {each.code: each for (each,) in recompute.states("D2", [CARE], ON, TODAY)}
    assert found == expected
    assert len(found) == PLAN.candidates


def test_the_number_of_queries_is_that_of_batches_whatever_the_candidates(nation, monkeypatch):
    own, _ = nation
    everybody = candidates.readable
    asked = {}
    for batch, count in ((50, 1), (50, 4), (50, 8), (4, 8)):
        monkeypatch.setattr(recompute, "BATCH", batch)
        monkeypatch.setattr(
            candidates, "readable", lambda domain, known, count=count: list(islice(everybody(domain, known), count))
        )
        sent: list[str] = []
        with Installation(environment(own), wsgi.create_app).reading_everything():
            event.listen(db.engine, "before_cursor_execute", lambda *given, sent=sent: sent.append(given[2]))
            assert len(list(recompute.states("D2", [CARE], ON, TODAY))) == count
        asked[batch, count] = len(sent)
    assert asked[50, 1] == asked[50, 4] == asked[50, 8]
    assert asked[4, 8] <= 2 * asked[50, 8]
