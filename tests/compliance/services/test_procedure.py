"""Every step of a declaration, tried by every role, in its own scope and in scopes that are not its own; then behind the product's back."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy.exc import DBAPIError

from compliance.models.review import Transition
from compliance.rules.procedure import ANS, ARS, CANDIDATE, LEVELS
from compliance.services import procedure
from tenants.db import db, new_id, writing_as
from tenants.errors import NotFound
from tenants.permissions import Role
from tests.compliance.rules.test_procedure import DECLARED
from tests.factories import acting as at
from tests.factories.acting import acting, seen

CAPES, MEMBER, NORTH, SOUTH, NATION = at.CAPES, at.REFERENT_SCOPE, "region:F1", "region:F2", "nation:france"
# Everybody who holds something around the candidate of the north, in the scope that they hold: at which level they act.
HELD = {
    ("referente@marquerive.example", MEMBER, Role.REFERENT): "",
    ("direction@marquerive.example", MEMBER, Role.DIRECTOR): "",
    ("admin@marquerive.example", MEMBER, Role.ESTABLISHMENT_ADMIN): "",
    ("dsi@deux-caps.example", CAPES, Role.GHT_MANAGER): "",
    ("admin@deux-caps.example", CAPES, Role.GHT_ADMIN): "",
    ("expert@littoral-nord.example", NORTH, Role.EXPERT): "",
    ("signataire@deux-caps.example", CAPES, Role.SIGNATORY): CANDIDATE,
    ("delegue@deux-caps.example", CAPES, Role.DELEGATE): CANDIDATE,
    ("ars@littoral-nord.example", NORTH, Role.ARS_REVIEWER): ARS,
    ("responsable@littoral-nord.example", NORTH, Role.ARS_LEAD): ARS,
    ("ans@vigie.example", NATION, Role.ANS_REVIEWER): ANS,
}
# The same people, and others, where they hold nothing: a scope is not a right.
STRAYED = (
    ("ars@littoral-nord.example", NATION),
    ("ars@littoral-nord.example", SOUTH),
    ("ars@littoral-nord.example", CAPES),
    ("ars@monts-du-sud.example", SOUTH),
    ("ars@monts-du-sud.example", NORTH),
    ("ans@vigie.example", NORTH),
    ("ans@vigie.example", CAPES),
    ("expert@littoral-nord.example", NATION),
    ("signataire@deux-caps.example", MEMBER),
    ("signataire@deux-caps.example", NORTH),
    ("signataire@estuaire.example", CAPES),
    ("delegue@deux-caps.example", NORTH),
    (at.ESTUARY_DSI, CAPES),
)
# Those of the ARS first: the ANS reads nothing of a candidate before its decision.
STATES = (
    "filed", "ars_review", "piece_returned", "refiled", "unfavourable", "favourable", "ans_control", "ans_piece_returned",
    "ans_refiled", "validated", "refused", "payment_requested", "paid",
)  # fmt: skip
TEMPTING = {"piece_returned", "ans_control", "validated"}  # each level has something to do in one of them
ABOUT = "establishment_id, candidate_id, ght_id, region_id"


@pytest.fixture
def capes(app, world):
    """The candidate of the GHT of the north."""
    [found] = seen(app, "SELECT id FROM candidate WHERE ght_id = %s", world.ghts[CAPES.removeprefix("ght:")])
    return found["id"]


def enter(app, candidate, state):
    """Write a step of the declaration, as nobody may."""
    level = next((level for (_, target), level in DECLARED.items() if target == state), CANDIDATE)
    seen(
        app,
        f"INSERT INTO transition (id, {ABOUT}, process, state, level, recorded_at)"
        " SELECT %s, establishment_id, id, ght_id, region_id, 'declaration', %s, %s, clock_timestamp()"
        " FROM candidate WHERE id = %s",
        new_id(), state, level, candidate,
    )  # fmt: skip


def test_every_role_is_tried_and_every_state():
    assert {role for _, _, role in HELD} == set(Role)
    assert {"in_preparation", *STATES} == {each for pair in DECLARED for each in pair}


def offered(app, world, candidate, email, scope):
    """The states that somebody may enter from where a candidate is."""
    with acting(app, world, email, scope):
        try:
            return {step.target for step in procedure.allowed(candidate)}
        except NotFound:
            return set()


def test_what_is_offered_stands_until_the_step_is_made(app, world, capes):
    """Else who opens an application and accepts it at once could pass before the password is asked."""
    free = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 2)) AS free"
    with acting(app, world, "signataire@deux-caps.example", CAPES):
        assert seen(app, free, str(capes)) == [{"free": True}]
        assert procedure.allowed(capes)
        assert seen(app, free, str(capes)) == [{"free": False}]


def test_each_role_may_make_the_steps_of_its_level_and_nobody_any_where_they_hold_nothing(app, world, capes):
    for state in ("in_preparation", *STATES):
        if state != "in_preparation":
            enter(app, capes, state)
        for (email, scope, role), level in HELD.items():
            told = {to for (source, to), whose in DECLARED.items() if (source, whose) == (state, level)}
            assert offered(app, world, capes, email, scope) == told, (role, state)
        for email, scope in STRAYED if state in TEMPTING else ():
            assert offered(app, world, capes, email, scope) == set(), (email, scope, state)


@contextmanager
def refused():
    """Let row security say no, and nothing else."""
    try:
        yield
    except DBAPIError as error:
        if "row-level security" not in str(error):
            raise


def written(app, world, candidate, email, scope):
    """The levels at which somebody can write a step, whatever the product asks."""
    [about] = seen(
        app, f"SELECT {ABOUT.replace('candidate_id', 'id AS candidate_id')} FROM candidate WHERE id = %s", candidate
    )
    found = set()
    for level in LEVELS:
        with (
            refused(),
            acting(app, world, email, scope),
            writing_as(about["establishment_id"]),
        ):
            db.session.add(Transition(**about, process="declaration", state="filed", level=level))
            db.session.flush()
            found.add(level)
    return found


def test_the_database_lets_each_side_write_at_its_own_level_alone(app, world, capes):
    enter(app, capes, "favourable")
    for (email, scope, role), level in HELD.items():
        assert written(app, world, capes, email, scope) == ({level} if level else set()), role
    for email, scope in STRAYED:
        assert written(app, world, capes, email, scope) == set(), (email, scope)
