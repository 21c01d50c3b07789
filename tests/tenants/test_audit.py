"""The audit trail: one chain per establishment, appended to and never touched again."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tenants import audit
from tests.factories.world import ALONE_CODE
from tests.tenants.stage import ESTUARY_NUMBERS, MARQUERIVE, STANDS, SUPPORT, acting, rows_of, superuser

REFERENT = STANDS["the referent in the establishment"]


def _chain(servers, world, number=MARQUERIVE):
    rows = [row for row in rows_of(servers, "audit_event") if row["establishment_id"] == world.establishments[number]]
    return sorted(rows, key=lambda row: row["sequence"])


@pytest.fixture
def chain(app, world, servers):
    """Three more events of one establishment."""
    for action in ("test.first", "test.second", "test.third"):
        with acting(app, world, REFERENT):
            audit.record(world.establishments[MARQUERIVE], action, rows=3)
    return _chain(servers, world)


def _verify(app, world):
    with acting(app, world, REFERENT):
        return audit.verify(world.establishments[MARQUERIVE])


def test_an_event_says_who_when_and_what_and_follows_the_one_before(world, chain):
    last, before = chain[-1], chain[-2]
    assert (last["action"], last["user_id"]) == ("test.third", world.users[REFERENT.email])
    assert (last["sequence"], last["previous_hash"]) == (before["sequence"] + 1, before["hash"])


def test_a_whole_chain_holds(app, world, chain):
    assert [row["sequence"] for row in chain] == list(range(1, len(chain) + 1))
    assert _verify(app, world) is None


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_event SET action = 'nothing.happened' WHERE id = :id",
        "UPDATE audit_event SET user_id = NULL WHERE id = :id",
        "UPDATE audit_event SET at = at - interval '1 day' WHERE id = :id",
        "UPDATE audit_event SET payload = replace(payload, '3', '4') WHERE id = :id",
        "UPDATE audit_event SET previous_hash = '' WHERE id = :id",
        "UPDATE audit_event SET hash = md5('x') WHERE id = :id",
        "DELETE FROM audit_event WHERE id = :id",
        "UPDATE audit_event SET payload = replace(payload, 'test.second', 'test.other'), action = 'test.other',"
        " hash = encode(sha256(convert_to(previous_hash || replace(payload, 'test.second', 'test.other'), 'UTF8')), 'hex') WHERE id = :id",
    ],
    ids=["action", "author", "date", "payload", "link", "hash", "removed", "rewritten with its own hash"],
)
def test_tampering_is_found(app, world, servers, chain, tampering):
    with superuser(servers) as connection:
        connection.execute(text(tampering), {"id": chain[-2]["id"]})
    # Rewriting an event with a right hash breaks the link of the next one.
    assert _verify(app, world) in {chain[-2]["sequence"], chain[-1]["sequence"]}


def test_two_events_swapped_are_found(app, world, servers, chain):
    second, third = chain[-2], chain[-1]
    with superuser(servers) as connection:
        move = text("UPDATE audit_event SET sequence = :to WHERE id = :id")
        for row, to in ((second, 999), (third, second["sequence"]), (second, third["sequence"])):
            connection.execute(move, {"id": row["id"], "to": to})
    assert _verify(app, world) == second["sequence"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET action = 'x'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "INSERT INTO audit_event SELECT * FROM audit_event",
    ],
)
def test_the_application_only_appends_through_its_function(app, world, chain, statement):
    with pytest.raises(DBAPIError, match="permission denied"), acting(app, world, REFERENT) as session:
        session.execute(text(statement))


def test_the_owner_of_the_table_changes_no_event_either(app, world, servers, chain, settings):
    from tenants.db import owner_engine  # noqa: PLC0415  # the owner's role, in this test alone

    engine = owner_engine(settings.owner_database_url)
    with engine.begin() as connection:
        assert connection.execute(text("UPDATE audit_event SET action = 'x'")).rowcount == 0
        assert connection.execute(text("DELETE FROM audit_event")).rowcount == 0
    engine.dispose()
    assert _verify(app, world) is None


def test_an_event_of_an_undone_act_is_not_kept_and_leaves_no_hole(app, world, servers, chain):
    with pytest.raises(LookupError), acting(app, world, REFERENT):
        audit.record(world.establishments[MARQUERIVE], "test.undone")
        raise LookupError
    with acting(app, world, REFERENT):
        audit.record(world.establishments[MARQUERIVE], "test.fourth")
    after = _chain(servers, world)
    assert [row["action"] for row in after[len(chain) :]] == ["test.fourth"]
    assert _verify(app, world) is None


@pytest.mark.parametrize("title", ["the referent in the establishment", "the reviewer of the other region", "nobody"])
def test_nobody_writes_in_the_chain_of_an_establishment_out_of_reach(app, world, servers, title):
    number = ESTUARY_NUMBERS[1]
    before = len(_chain(servers, world, number))
    with pytest.raises(DBAPIError, match="out of scope"), acting(app, world, STANDS[title]):
        audit.record(world.establishments[number], "test.forged")
    assert len(_chain(servers, world, number)) == before


def test_a_reviewer_s_reading_is_written_in_the_chain_of_who_filed(app, world, servers):
    number = ESTUARY_NUMBERS[0]
    with acting(app, world, STANDS["the reviewer of the other region"]):
        audit.record(world.establishments[number], "filing.read")
    assert _chain(servers, world, number)[-1]["action"] == "filing.read"


def test_the_author_is_the_one_of_the_unit_of_work_whatever_the_detail_says(app, world, servers):
    with acting(app, world, REFERENT):
        audit.record(world.establishments[MARQUERIVE], "test.forged", user="somebody else", sequence=1)
    last = _chain(servers, world)[-1]
    assert last["user_id"] == world.users[REFERENT.email]
    assert _verify(app, world) is None


def test_a_reviewer_writes_in_the_chain_of_a_candidate_that_published_or_filed_and_of_no_other(app, world, servers):
    candidates = {row["ght_id"]: row["establishment_id"] for row in rows_of(servers, "candidate")}
    published, silent = world.establishments[SUPPORT], candidates[world.ghts[ALONE_CODE]]
    assert not [row for row in rows_of(servers, "filing") if row["establishment_id"] == published]
    with acting(app, world, STANDS["the reviewer in the region"]):
        audit.record(published, "publication.read")
    with (
        pytest.raises(DBAPIError, match="out of scope"),
        acting(app, world, STANDS["the reviewer of the other region"]),
    ):
        audit.record(silent, "publication.read")
