"""Each tenant table, found in the catalogue, tried across tenants: read, change, delete, insert, reference."""

from __future__ import annotations

import uuid
from collections import Counter

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from tenants.db import db, psycopg_url
from tests.architecture.tables import TABLES
from tests.tenants.stage import STANDS, TENANT, acting, readable, rows_of, superuser


@pytest.fixture
def tenant_tables(app, servers):
    """The tables of the database that carry an establishment and row security, from the catalogue."""
    with superuser(servers) as connection:
        found = connection.execute(
            text(
                "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'establishment_id'"
                " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'membership'"
            )
        ).scalars()
        return sorted(found)


def test_every_tenant_table_has_rows_to_steal_in_several_establishments_and_both_regions(world, servers, tenant_tables):
    assert tenant_tables == TENANT
    for table in tenant_tables:
        owners = {row["establishment_id"] for row in rows_of(servers, table)}
        assert len(owners) >= 2, table


def test_each_person_reads_exactly_the_rows_that_the_programme_opens(app, world, servers, tenant_tables):
    cells = 0
    everything = {table: rows_of(servers, table) for table in tenant_tables}
    for title, stand in STANDS.items():
        with acting(app, world, stand) as session:
            for table in tenant_tables:
                rows = everything[table]
                expected = {row["id"] for row in rows if readable(stand, world, table, row)}
                assert {row["id"] for row in rows} - expected, f"{table}: nothing is foreign to {title}"
                assert set(session.execute(text(f"SELECT id FROM {table}")).scalars()) == expected, f"{title}, {table}"
                cells += 1
    print(f"{cells} cells read: {len(STANDS)} stands x {len(tenant_tables)} tables")


def test_a_row_of_another_tenant_is_neither_found_nor_counted_nor_locked(app, world, servers, tenant_tables):
    everything = {table: rows_of(servers, table) for table in tenant_tables}
    for title, stand in STANDS.items():
        for table in tenant_tables:
            foreign = [row["id"] for row in everything[table] if not readable(stand, world, table, row)]
            with acting(app, world, stand) as session:
                asked = {"ids": foreign}
                count = session.scalar(text(f"SELECT count(*) FROM {table} WHERE id = ANY (:ids)"), asked)
                assert count == 0, f"{title}, {table}"


def _attempt(session, statement, **arguments):
    """Run a statement in a savepoint: return the number of rows it changed, or the class of its refusal."""
    # On the connection: a savepoint of the session would set the context again, and with it the establishment written.
    point = session.connection().begin_nested()
    try:
        changed = session.execute(text(statement), arguments).rowcount
        point.rollback()
    except DBAPIError as error:
        point.rollback()
        return error.orig.sqlstate
    else:
        return changed


def _write_as(session, establishment):
    session.execute(text("SELECT set_config('app.establishment', :id, true)"), {"id": str(establishment)})


def test_no_row_is_changed_or_deleted_across_tenants_even_with_the_grants_and_the_establishment_named(
    app, world, servers, tenant_tables
):
    tried = Counter()
    with superuser(servers) as connection:
        # What the policies alone hold: as if somebody had granted too much.
        connection.execute(text("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO vigie_app"))
    everything = {table: rows_of(servers, table) for table in tenant_tables}
    for title, stand in STANDS.items():
        with acting(app, world, stand) as session:
            for table in tenant_tables:
                writes = {world.establishments[number] for number in stand.held(table)}
                owners = {row["establishment_id"]: row["id"] for row in everything[table]}
                foreign = [(owner, row_id) for owner, row_id in owners.items() if owner not in writes]
                # One neighbour, one stranger: the first and the last of those that are not one's own.
                for owner, row_id in (foreign[0], foreign[-1]):
                    _write_as(session, owner)
                    for statement in (
                        f"UPDATE {table} SET establishment_id = establishment_id WHERE id = :id",
                        f"DELETE FROM {table} WHERE id = :id",
                    ):
                        assert _attempt(session, statement, id=row_id) == 0, f"{title}, {table}: {statement}"
                        tried[table] += 1
    assert set(tried) == set(tenant_tables)
    print(f"{tried.total()} changes and deletions tried")


def test_nobody_deletes_or_empties_a_table_not_even_of_its_own(app, world, tenant_tables):
    with acting(app, world, STANDS["the manager on its GHT"]) as session:
        for table in tenant_tables:
            _write_as(session, world.establishments[STANDS["the manager on its GHT"].writes[0]])
            assert _attempt(session, f"DELETE FROM {table}") == "42501", table
            assert _attempt(session, f"TRUNCATE {table} CASCADE") == "42501", table


def _said_by(stand, row: dict) -> dict:
    """A step or a message as the stand may write it: a candidate speaks for itself, an ARS for itself."""
    speaks = "level" in row and "accepted" not in row
    return {**row, "level": "ars" if stand.reviews else "candidate"} if speaks else row


def _copy(row: dict) -> tuple[str, dict]:
    """Return the insertion of a twin of a row: another identifier, and other words where something is unique."""
    twin = {**row, "id": uuid.uuid4()}
    for column in ("code", "name", "domain"):
        if column in twin:
            twin[column] = uuid.uuid4().hex
    if "version" in twin and isinstance(twin["version"], int):
        twin["version"] += 1000
    if isinstance(twin.get("report"), dict):
        twin["report"] = None
    return f"({', '.join(twin)}) VALUES ({', '.join(f':{name}' for name in twin)})", twin


def test_a_row_is_inserted_under_an_establishment_that_one_may_write_and_under_no_other(
    app, world, servers, tenant_tables
):
    allowed = Counter()
    everything = {table: rows_of(servers, table) for table in tenant_tables}
    for title, stand in STANDS.items():
        with acting(app, world, stand) as session:
            for table in tenant_tables:
                rows = {row["establishment_id"]: row for row in everything[table]}
                writes = {world.establishments[number] for number in stand.held(table)}
                foreign = [owner for owner in rows if owner not in writes]
                # Two of one's own, and the first and the last of the others.
                for owner in {*foreign[:1], *foreign[-1:], *[owner for owner in rows if owner in writes][:2]}:
                    row = rows[owner]
                    said = _said_by(stand, row)
                    clause, twin = _copy(said)
                    _write_as(session, owner)
                    answer = _attempt(session, f"INSERT INTO {table} {clause}", **twin)
                    may = owner in writes and "INSERT" in TABLES[table].grants
                    ght = row.get("ght_id")
                    if may and ght and said.get("level") == "candidate":
                        may = ght in {world.ghts[code] for code in stand.ghts}
                    if may and ght and TABLES[table].restrictive & {"_ght_insert", "_support"}:
                        may = ght in {world.ghts[code] for code in stand.ghts}
                    assert answer == (1 if may else "42501"), f"{title}, {table}: {answer}"
                    allowed[table] += answer == 1
    # Every table that the application writes was written by somebody: the refusals above are not all for want of a column.
    assert {table for table in tenant_tables if allowed[table]} == {
        table for table in tenant_tables if "INSERT" in TABLES[table].grants
    }


def test_a_row_is_not_inserted_while_another_establishment_is_being_written(app, world, servers, tenant_tables):
    stand = STANDS["the manager on its GHT"]
    first, second = (world.establishments[number] for number in stand.writes[:2])
    for table in (table for table in tenant_tables if "INSERT" in TABLES[table].grants):
        rows = {row["establishment_id"]: row for row in rows_of(servers, table)}
        if first not in rows:
            continue
        clause, twin = _copy(rows[first])
        with acting(app, world, stand) as session:
            _write_as(session, second)
            assert _attempt(session, f"INSERT INTO {table} {clause}", **twin) == "42501", table


def test_nothing_is_written_when_no_establishment_is_named(app, world, servers):
    (row, *_) = [row for row in rows_of(servers, "perimeter") if row["code"] == "URG-01"]
    clause, twin = _copy(row)
    with acting(app, world, STANDS["the manager on its GHT"]) as session:
        # An empty setting is no uuid: the policy raises rather than let anything through.
        assert _attempt(session, f"INSERT INTO perimeter {clause}", **twin) == "22P02"


def test_no_row_changes_hands(app, world, servers):
    stand = STANDS["the manager on its GHT"]
    first, second = (world.establishments[number] for number in stand.writes[:2])
    with acting(app, world, stand) as session:
        _write_as(session, first)
        moved = _attempt(
            session,
            "UPDATE import_run SET establishment_id = :other WHERE establishment_id = :mine",
            other=second,
            mine=first,
        )
        assert moved == "42501"
        assert _attempt(session, "UPDATE import_run SET error = 'x' WHERE establishment_id = :mine", mine=first) == 1


# --- references --------------------------------------------------------------------------------------------------


REFERENCES = """
SELECT c.conrelid::regclass::text AS source, c.confrelid::regclass::text AS target,
       (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = c.conkey[2]) AS pointer
  FROM pg_constraint c WHERE c.contype = 'f' AND cardinality(c.conkey) = 2
"""


def test_a_forged_reference_to_the_row_of_another_tenant_is_refused_like_one_to_nothing(app, world, servers):
    with superuser(servers) as connection:
        references = connection.execute(text(REFERENCES)).all()
    stands = [
        STANDS["the manager on its GHT"],
        STANDS["the administrator outside a GHT"],
        STANDS["the signatory outside a GHT"],
        STANDS["the reviewer in the region"],
    ]
    tried = set()
    for source, target, pointer in references:
        rows = rows_of(servers, source)
        for stand in stands:
            held = {world.establishments[number] for number in stand.held(source)}
            mine = [row for row in rows if row["establishment_id"] in held]
            column = "legal_entity_id" if target == "site" else "establishment_id"
            foreign = [row["id"] for row in rows_of(servers, target) if row[column] not in held]
            assert foreign, target
            if not mine or "INSERT" not in TABLES[source].grants:
                continue
            clause, twin = _copy(_said_by(stand, mine[0]))
            with acting(app, world, stand) as session:
                _write_as(session, mine[0]["establishment_id"])
                assert _attempt(session, f"INSERT INTO {source} {clause}", **twin) == 1
                stolen = _attempt(session, f"INSERT INTO {source} {clause}", **{**twin, pointer: foreign[0]})
                absent = _attempt(session, f"INSERT INTO {source} {clause}", **{**twin, pointer: uuid.uuid4()})
            # By the key, or by a policy before it: the same for what is another's and for what does not exist.
            assert stolen == absent, f"{source}.{pointer}"
            assert stolen in {"23503", "42501"}, f"{source}.{pointer}"
            tried.add((source, pointer))
    assert {pair for pair in tried} == {
        (source, pointer) for source, _, pointer in references if "INSERT" in TABLES[source].grants
    }


# --- the pool ----------------------------------------------------------------------------------------------------


def test_a_pooled_connection_never_shows_the_rows_of_the_tenant_before(app, world, servers, settings, monkeypatch):
    small = create_engine(
        psycopg_url(settings.database_url), pool_size=1, max_overflow=0, connect_args={"prepare_threshold": None}
    )
    with app.app_context():
        monkeypatch.setitem(db.engines, None, small)
    rows = rows_of(servers, "perimeter")
    stands = [stand for stand in STANDS.values() if stand.reads] + [STANDS["nobody"]]
    backends = set()
    for turn in range(100):
        stand = stands[turn * 7 % len(stands)]
        expected = {row["id"] for row in rows if readable(stand, world, "perimeter", row)}
        with small.connect() as connection:
            left = connection.execute(
                text(
                    "SELECT current_setting('app.user_id', true), current_setting('app.scope', true), current_setting('app.establishment', true)"
                )
            ).one()
        assert not any(left), left
        try:
            with acting(app, world, stand) as session:
                assert set(session.execute(text("SELECT id FROM perimeter")).scalars()) == expected
                backends.add(session.scalar(text("SELECT pg_backend_pid()")))
                if turn % 3 == 0:
                    raise LookupError
        except LookupError:
            pass
    small.dispose()
    assert len(backends) == 1
