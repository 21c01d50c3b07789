"""The dictionary of table classes holds against the catalogue of the migrated database."""

from __future__ import annotations

import pytest
from sqlalchemy import NullPool, create_engine, text

from tenants.db import db, psycopg_url
from tests.architecture.tables import OWNED_ELSEWHERE, TABLES, TENANT_KINDS
from tests.conftest import TEMPLATE

TENANT = sorted(name for name, table in TABLES.items() if table.kind in TENANT_KINDS)
REGION = sorted(name for name, table in TABLES.items() if table.kind == "region")
AGENCY = sorted(name for name, table in TABLES.items() if table.kind == "agency")
READS = {
    "group": "(establishment_id = ANY (( SELECT readable_establishments() AS readable_establishments)::uuid[]))",
    "own": "(establishment_id = ANY (( SELECT own_establishments() AS own_establishments)::uuid[]))",
}
READS["audit"] = READS["group"]
REVIEWED = "(region_id = ANY (( SELECT reviewing_regions() AS reviewing_regions)::uuid[]))"
CONTROLLED = "(candidate_id = ANY (( SELECT controlled_candidates() AS controlled_candidates)::uuid[]))"
ASKED = "(id = ANY (( SELECT asked_pieces() AS asked_pieces)::uuid[]))"
# The ANS reads what an ARS has decided on, an expert the pieces asked of them.
REACH = {"candidate": f" OR {CONTROLLED.replace('candidate_id', 'id')}", "filed_piece": f" OR {CONTROLLED} OR {ASKED}"}


def _read(name):
    kind = TABLES[name].kind
    if kind != "filed":
        return READS[kind]
    return f"({READS['group']} OR {REVIEWED}{REACH.get(name, f' OR {CONTROLLED}')})"


WRITTEN = "(establishment_id = ( SELECT (current_setting('app.establishment'::text, true))::uuid AS current_setting))"
WITHIN = "((ght_id IS NULL) OR (ght_id = ANY (( SELECT readable_ghts() AS readable_ghts)::uuid[])))"


@pytest.fixture(scope="module")
def catalogue(servers, world_template):
    """Answer questions about the catalogue as the superuser, on the template that every test copies."""
    # Without a pool: a connection left open would forbid copying the template.
    engine = create_engine(psycopg_url(servers.admin_url).replace("/postgres?", f"/{TEMPLATE}?"), poolclass=NullPool)

    def ask(query, **arguments):
        with engine.connect() as connection:
            return connection.execute(text(query), arguments).all()

    yield ask
    engine.dispose()


@pytest.fixture(scope="module")
def policies(catalogue):
    rows = catalogue(
        "SELECT tablename, policyname, permissive, cmd, roles::text[] AS roles, qual, with_check FROM pg_policies"
    )
    found = {}
    for row in rows:
        found.setdefault(row.tablename, {})[row.policyname] = row
    return found


def test_every_table_of_the_database_has_a_class_and_no_class_is_left_without_its_table(catalogue):
    rows = catalogue(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')"
    )
    assert {row.relname for row in rows} == set(TABLES)


def test_a_table_with_an_establishment_is_of_a_tenant_class(catalogue):
    rows = catalogue(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'establishment_id'"
    )
    # A membership names an establishment as a scope: it is reached through functions alone.
    assert {row.table_name for row in rows} - {"membership"} == set(TENANT)


@pytest.mark.parametrize("name", TENANT)
def test_row_security_is_enabled_and_forced(catalogue, name):
    (row,) = catalogue("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = :name", name=name)
    assert (row.relrowsecurity, row.relforcerowsecurity) == (True, True)


@pytest.mark.parametrize("name", TENANT)
def test_the_establishment_of_a_row_is_never_absent(catalogue, name):
    (row,) = catalogue(
        "SELECT attnotnull FROM pg_attribute WHERE attrelid = CAST(:name AS regclass) AND attname = 'establishment_id'",
        name=name,
    )
    assert row.attnotnull


@pytest.mark.parametrize("name", sorted(set(TABLES) - set(TENANT) - set(REGION) - set(AGENCY)))
def test_a_table_without_tenant_has_no_policy(policies, name):
    assert name not in policies


@pytest.mark.parametrize("name", TENANT)
def test_one_permissive_policy_reads_and_it_is_that_of_the_class(policies, name):
    reading = [
        row
        for row in policies[name].values()
        if row.permissive == "PERMISSIVE" and row.cmd in {"SELECT", "ALL"} and row.roles != ["vigie_owner"]
    ]
    assert [(row.policyname, row.roles, row.qual) for row in reading] == [(f"{name}_read", ["vigie_app"], _read(name))]


@pytest.mark.parametrize("name", [name for name in TENANT if TABLES[name].kind != "audit"])
def test_writes_ask_for_the_written_establishment_and_the_right_to_write_it(policies, name):
    right = TABLES[name].right
    allowed = f"(establishment_id = ANY (( SELECT {right}() AS {right})::uuid[]))"
    told = {
        policy: (row.permissive, row.cmd, row.roles, row.qual, row.with_check)
        for policy, row in policies[name].items()
        if row.cmd != "SELECT"
        and row.roles == ["vigie_app"]
        and policy.removeprefix(name) not in TABLES[name].restrictive
    }
    app = ["vigie_app"]
    assert told == {
        f"{name}_insert": ("PERMISSIVE", "INSERT", app, None, WRITTEN),
        f"{name}_update": ("PERMISSIVE", "UPDATE", app, WRITTEN, WRITTEN),
        f"{name}_delete": ("PERMISSIVE", "DELETE", app, WRITTEN, None),
        f"{name}_insert_right": ("RESTRICTIVE", "INSERT", app, None, allowed),
        f"{name}_update_right": ("RESTRICTIVE", "UPDATE", app, allowed, allowed),
        f"{name}_delete_right": ("RESTRICTIVE", "DELETE", app, allowed, None),
    }


@pytest.mark.parametrize("name", TENANT)
def test_the_other_policies_are_those_declared_and_restrict_only(policies, name):
    usual = {f"{name}_{suffix}" for suffix in ("read", "insert", "update", "delete")}
    usual |= {f"{name}_{suffix}_right" for suffix in ("insert", "update", "delete")}
    others = {
        policy: row for policy, row in policies[name].items() if policy not in usual and row.roles == ["vigie_app"]
    }
    assert {policy.removeprefix(name) for policy in others} == TABLES[name].restrictive
    assert all(row.permissive == "RESTRICTIVE" for row in others.values())


@pytest.mark.parametrize("name", REGION)
def test_a_table_of_a_region_is_read_within_it_and_added_to_by_its_agency_alone(catalogue, policies, name):
    told = {
        row.policyname: (row.permissive, row.cmd, row.roles, row.qual or row.with_check)
        for row in policies[name].values()
    }
    allowed = "(region_id = ANY (( SELECT {0}() AS {0})::uuid[]))"
    assert told == {
        f"{name}_read": ("PERMISSIVE", "SELECT", ["vigie_app"], allowed.format("readable_regions")),
        f"{name}_insert": ("PERMISSIVE", "INSERT", ["vigie_app"], allowed.format("reviewing_regions")),
    }
    (row,) = catalogue("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = :name", name=name)
    assert (row.relrowsecurity, row.relforcerowsecurity) == (True, True)


@pytest.mark.parametrize("name", ["import_run", "dossier_build"])
def test_what_was_made_for_a_whole_ght_is_read_and_written_by_who_holds_the_ght(policies, name):
    assert policies[name][f"{name}_ght"].qual == WITHIN
    assert policies[name][f"{name}_ght_insert"].with_check == WITHIN
    assert policies[name][f"{name}_ght_update"].with_check == WITHIN


def test_what_a_ght_publishes_is_published_by_who_holds_the_ght(policies):
    assert policies["publication"]["publication_ght_insert"].with_check == WITHIN


@pytest.mark.parametrize(
    "name",
    ["filing", "filed_piece", "publication", "opinion", "transition", "review_decision", "review_message"],
)
def test_what_a_ght_filed_is_read_by_who_holds_the_ght_and_by_the_authorities_that_review_it(policies, name):
    reach = REACH.get(name, f" OR {CONTROLLED}")
    assert policies[name][f"{name}_whole"].qual == f"{WITHIN[:-1]} OR {REVIEWED}{reach})"


@pytest.mark.parametrize("name", AGENCY)
def test_a_table_of_the_reviewers_is_read_and_added_to_by_their_agency_and_by_the_expert_who_was_asked(
    catalogue, policies, name
):
    expert = {
        "review_assignment": "",
        "expertise": "(expert_id = (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid)",
        "expertise_event": "(expertise_id = ANY (( SELECT asked_expertises() AS asked_expertises)::uuid[]))",
    }[name]
    # What became of a question stays read by the expert who answered it.
    own = expert.replace("asked_expertises", "own_expertises")
    read = f"({REVIEWED} OR {own})" if expert else REVIEWED
    added = (
        f"(({REVIEWED} AND (kind <> 'answered'::text)) OR ((kind = 'answered'::text) AND {expert}))"
        if name == "expertise_event"
        else REVIEWED
    )
    told = {
        policy: (row.permissive, row.cmd, row.qual or row.with_check)
        for policy, row in policies[name].items()
        if row.roles == ["vigie_app"] and policy != "expertise_about"
    }
    assert told == {
        f"{name}_read": ("PERMISSIVE", "SELECT", read),
        f"{name}_insert": ("PERMISSIVE", "INSERT", added),
    }
    (row,) = catalogue("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = :name", name=name)
    assert (row.relrowsecurity, row.relforcerowsecurity) == (True, True)


@pytest.mark.parametrize("name", TENANT)
def test_the_owner_passes_a_policy_only_where_a_checked_function_needs_it(policies, name):
    owner = [row for row in policies[name].values() if row.roles != ["vigie_app"]]
    assert {row.cmd for row in owner} == TABLES[name].by_owner
    assert all(row.roles == ["vigie_owner"] for row in owner)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_application_holds_the_declared_grants_and_nothing_else(catalogue, name):
    rows = catalogue(
        """SELECT coalesce(r.rolname, 'PUBLIC') AS grantee, a.privilege_type
             FROM pg_class c, aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
            WHERE c.relname = :name AND c.relnamespace = 'public'::regnamespace""",
        name=name,
    )
    assert {row.privilege_type for row in rows if row.grantee == "vigie_app"} == TABLES[name].grants
    assert {row.grantee for row in rows} <= {"vigie_app", "vigie_owner"}
    columns = catalogue(
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:name AS regclass) AND attacl IS NOT NULL", name=name
    )
    assert columns == []


def test_no_table_gives_the_application_delete_or_truncate():
    assert all(not table.grants & {"DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"} for table in TABLES.values())


def test_every_key_between_tenant_tables_begins_with_the_establishment_on_both_sides(catalogue):
    rows = catalogue(
        """SELECT c.conname, c.conrelid::regclass::text AS source, c.confrelid::regclass::text AS target,
                  (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k(att, n)
                     JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.att) AS columns,
                  (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY k(att, n)
                     JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.att) AS aims
             FROM pg_constraint c WHERE c.contype = 'f'"""
    )
    between = [row for row in rows if row.source in TENANT and row.target in TENANT]
    assert between, "the world has no key between tenant tables"
    for row in between:
        assert row.aims == ["establishment_id", "id"], row.conname
        if OWNED_ELSEWHERE.get(row.source) == row.conname:
            assert row.columns == ["owner_establishment_id", "owner_id"]
        else:
            assert row.columns[0] == "establishment_id", row.conname


def test_a_row_owned_elsewhere_is_written_by_a_checked_function_alone():
    assert {name for name, table in TABLES.items() if table.function_only} == set(OWNED_ELSEWHERE)
    assert all("INSERT" not in TABLES[name].grants for name in OWNED_ELSEWHERE)


def test_every_unique_index_of_a_tenant_table_begins_with_the_tenant(catalogue):
    rows = catalogue(
        """SELECT t.relname AS name, i.relname AS index, x.indisprimary AS key,
                  (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(x.indkey::int[]) WITH ORDINALITY k(att, n)
                     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.att) AS columns
             FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
            WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace"""
    )
    for row in rows:
        if row.name in TENANT:
            # The key alone is a random-tailed uuid7: nobody can guess one to learn that it exists.
            assert row.columns == ["id"] if row.key else row.columns[0] == "establishment_id", row.index


def test_every_function_has_a_fixed_path_and_none_is_open_to_everybody(catalogue):
    rows = catalogue(
        """SELECT p.proname, p.prosecdef, p.proconfig, pg_get_userbyid(p.proowner) AS owner,
                  has_function_privilege('vigie_app', p.oid, 'EXECUTE') AS app,
                  EXISTS (SELECT 1 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0) AS everybody
             FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace"""
    )
    assert len(rows) > 15
    for row in rows:
        assert row.proconfig == ["search_path=pg_catalog, public, pg_temp"], row.proname
        assert not row.everybody, row.proname
        assert row.owner == "vigie_owner", row.proname
    # Kept for the other functions, as they tell about anybody or write anywhere; and for the operator, who forgets names.
    assert {row.proname for row in rows if not row.app} == {
        "account_identity",
        "audit_append",
        "forget_attendance",
        "delegations_of",
    }
    assert {row.proname for row in rows if not row.prosecdef} == {"account_identity"}


def test_the_application_role_owns_nothing_and_passes_no_policy(catalogue):
    (role,) = catalogue("SELECT * FROM pg_roles WHERE rolname = 'vigie_app'")
    assert not (role.rolsuper or role.rolbypassrls or role.rolcreaterole or role.rolcreatedb or role.rolreplication)
    assert catalogue("SELECT 1 FROM pg_class WHERE pg_get_userbyid(relowner) = 'vigie_app'") == []
    assert catalogue("SELECT 1 FROM pg_proc WHERE pg_get_userbyid(proowner) = 'vigie_app'") == []
    assert catalogue("SELECT 1 FROM pg_database WHERE pg_get_userbyid(datdba) = 'vigie_app'") == []
    assert catalogue("SELECT 1 FROM pg_auth_members WHERE pg_get_userbyid(member) = 'vigie_app'") == []


def test_the_owner_of_the_tables_is_bound_by_row_security(catalogue):
    (role,) = catalogue("SELECT * FROM pg_roles WHERE rolname = 'vigie_owner'")
    assert not (role.rolsuper or role.rolbypassrls)


def test_the_application_creates_nothing_in_the_database_but_temporary_tables(app):
    # An import is copied into one before the policies judge its rows (docs/adr/0011-registers.md).
    with app.app_context(), db.engine.connect() as connection:
        rights = connection.execute(
            text(
                "SELECT has_schema_privilege('public', 'CREATE'), has_database_privilege(current_database(), 'CREATE'),"
                " has_database_privilege(current_database(), 'TEMPORARY')"
            )
        ).one()
    assert tuple(rights) == (False, False, True)


def test_the_tests_connect_as_the_application(app):
    with app.app_context(), db.engine.connect() as connection:
        assert connection.execute(text("SELECT current_user, session_user")).one() == ("vigie_app", "vigie_app")
