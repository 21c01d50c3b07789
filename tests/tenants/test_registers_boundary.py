"""The functions that pass the policies of registers for the caller: what they refuse, and what they never tell."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.tenants.stage import CAPES, ESTUARY_NUMBERS, MARQUERIVE, STANDS, SUPPORT, acting, rows_of

MANAGER = STANDS["the manager on its GHT"]
REFERENT = STANDS["the referent in the establishment"]
OUT_OF_SCOPE = "42501"


def _refused(session, query, **arguments):
    point = session.connection().begin_nested()
    with pytest.raises(DBAPIError) as refusal:
        session.execute(text(query), arguments).all()
    point.rollback()
    return refusal.value.orig.sqlstate


def _undo(session, tables, establishments, import_id):
    query = "SELECT * FROM undo_import(:tables, :establishments, :import_id)"
    return {"query": query, "tables": tables, "establishments": establishments, "import_id": import_id}


@pytest.mark.parametrize("stand", [MANAGER, REFERENT, STANDS["the signatory of the GHT"]])
def test_an_import_is_not_taken_back_for_an_establishment_one_does_not_write(app, world, servers, stand):
    (run, *_) = rows_of(servers, "import_run")
    foreign = [world.establishments[ESTUARY_NUMBERS[0]]]
    with acting(app, world, stand) as session:
        assert _refused(session, **_undo(session, ["exercise"], foreign, run["id"])) == OUT_OF_SCOPE


def test_an_import_of_another_tenant_is_not_taken_back(app, world, servers):
    own = [world.establishments[MARQUERIVE]]
    foreign = [row for row in rows_of(servers, "import_run") if row["establishment_id"] != own[0]]
    with acting(app, world, REFERENT) as session:
        for run in [*foreign, {"id": uuid.uuid4()}]:
            assert _refused(session, **_undo(session, ["exercise"], own, run["id"])) == OUT_OF_SCOPE


@pytest.mark.parametrize(
    "table", ["user_account", "membership", "evidence", "filing", "nothing", "exercise; DROP TABLE site"]
)
def test_only_a_register_can_be_named_to_these_functions(app, world, servers, table):
    own = [world.establishments[MARQUERIVE]]
    (run,) = [row for row in rows_of(servers, "import_run") if row["establishment_id"] == own[0] and not row["ght_id"]]
    with acting(app, world, REFERENT) as session:
        assert _refused(session, **_undo(session, [table], own, run["id"])) == OUT_OF_SCOPE
        for query in (
            "SELECT * FROM sealed_rows(:table, :own)",
            "SELECT * FROM register_counts(:table), (SELECT :own) AS o",
        ):
            assert _refused(session, query, table=table, own=own) == OUT_OF_SCOPE


def test_fingerprints_of_people_are_told_for_what_one_writes_alone(app, world):
    foreign = [world.establishments[ESTUARY_NUMBERS[0]]]
    members = [world.establishments[number] for number in CAPES]
    query = "SELECT * FROM sealed_rows('attendance', :establishments)"
    with acting(app, world, MANAGER) as session:
        told = session.execute(text(query), {"establishments": members})
        assert set(told.keys()) == {"key_digest", "digest", "recorded_at", "recorded_by"}
        assert len(told.all()) == len(members)
        assert _refused(session, query, establishments=foreign) == OUT_OF_SCOPE
        assert _refused(session, query, establishments=[*members, *foreign]) == OUT_OF_SCOPE
    with acting(app, world, REFERENT) as session:
        assert _refused(session, query, establishments=[world.establishments[SUPPORT]]) == OUT_OF_SCOPE


def test_a_register_that_is_no_list_of_people_has_no_fingerprints_to_tell(app, world):
    query = "SELECT * FROM sealed_rows('exercise', :establishments)"
    with acting(app, world, REFERENT) as session:
        assert _refused(session, query, establishments=[world.establishments[MARQUERIVE]]) == OUT_OF_SCOPE


def test_numbers_are_told_for_what_one_reads_alone(app, world):
    query = text("SELECT establishment_id FROM register_counts('attendance')")
    with acting(app, world, MANAGER) as session:
        assert {row[0] for row in session.execute(query)} == {world.establishments[number] for number in CAPES}
    with acting(app, world, REFERENT) as session:
        assert [row[0] for row in session.execute(query)] == [world.establishments[MARQUERIVE]]
    with acting(app, world, STANDS["the reviewer in the region"]) as session:
        assert session.execute(query).all() == []
