"""The named cases of the boundary: names of people, rows of a whole GHT, checked functions, dated memberships, accounts closed."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from compliance.models.perimeter import Perimeter
from compliance.services import dossier, opinion
from tenants.db import call, db, new_id, writing_as
from tests.factories.world import ESTUARY_CODE, OUTSIDE, TWO_CAPES_CODE
from tests.tenants.stage import CAPES, ESTUARY_NUMBERS, MARQUERIVE, STANDS, SUPPORT, acting, rows_of, superuser

MANAGER = STANDS["the manager on its GHT"]
REFERENT = STANDS["the referent in the establishment"]


def _count(session, table):
    return session.scalar(text(f"SELECT count(*) FROM {table}"))


def test_the_manager_of_a_ght_reads_no_name_of_a_person(app, world, servers):
    assert len(rows_of(servers, "perimeter_contact")) > 8
    for stand in (MANAGER, STANDS["the manager on a member"], STANDS["the signatory of the GHT"]):
        with acting(app, world, stand) as session:
            assert _count(session, "perimeter_contact") == 0


def test_the_referent_reads_the_names_of_its_establishment(app, world):
    with acting(app, world, REFERENT) as session:
        assert _count(session, "perimeter_contact") == 1


@pytest.mark.parametrize("table", ["import_run", "dossier_build", "filing", "filed_piece", "publication", "opinion"])
def test_what_was_made_for_the_whole_ght_is_hidden_from_the_referent_of_the_support(app, world, servers, table):
    support = world.establishments[SUPPORT]
    if table in {"filing", "filed_piece", "opinion"}:
        with acting(app, world, STANDS["the signatory of the GHT"]):
            filing_id = _file(app).id
    if table == "opinion":
        with acting(app, world, STANDS["the reviewer in the region"]):
            opinion.give(dossier.filing(filing_id), "D2.P1", "", favourable=True, reason="La PSSI est complète")
    whole = [row for row in rows_of(servers, table) if row["establishment_id"] == support and row["ght_id"]]
    assert whole
    with acting(app, world, STANDS["the referent of the support"]) as session:
        assert _count(session, table) == 0
        assert _count(session, "perimeter") > 0
    with acting(app, world, "dsi@deux-caps.example", f"ght:{TWO_CAPES_CODE}") as session:
        assert _count(session, table) >= len(whole)


def _file(app):
    from compliance.services import filing  # noqa: PLC0415  # the service of another layer, for this one case

    return filing.file(app.extensions["vigie.referentials"]["D2"][-1])


@pytest.mark.parametrize("table", ["import_run", "dossier_build"])
def test_a_referent_slips_nothing_among_the_rows_of_its_ght(app, world, servers, table):
    (row, *_) = [row for row in rows_of(servers, table) if row["ght_id"] == world.ghts[TWO_CAPES_CODE]]
    columns = "id, establishment_id, ght_id, filename, sha256, size, state"
    planted = {"id": new_id(), "establishment": world.establishments[SUPPORT], "ght": row["ght_id"]}
    statement = f"INSERT INTO import_run ({columns}) VALUES (:id, :establishment, :ght, 'x', 'x', 1, 'failed')"
    if table == "dossier_build":
        statement = (
            "INSERT INTO dossier_build (id, establishment_id, candidate_id, ght_id, on_date, state)"
            " VALUES (:id, :establishment, :candidate, :ght, '2026-11-22', 'failed')"
        )
        planted["candidate"] = row["candidate_id"]
    with (
        pytest.raises(DBAPIError, match="row-level security"),
        acting(app, world, STANDS["the referent of the support"]) as session,
        writing_as(world.establishments[SUPPORT]),
    ):
        session.execute(text(statement), planted)


def test_the_manager_writes_under_a_member_of_its_ght(app, world, servers):
    with acting(app, world, MANAGER), writing_as(world.establishments[MARQUERIVE]):
        db.session.add(Perimeter(establishment_id=world.establishments[MARQUERIVE], code="NEW-01"))
    assert [row for row in rows_of(servers, "perimeter") if row["code"] == "NEW-01"]


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("the referent in the establishment", CAPES[4]),
        ("the referent of the support", MARQUERIVE),
        ("the manager on its GHT", ESTUARY_NUMBERS[0]),
        ("the manager on its GHT", OUTSIDE[0]),
        ("the director in the establishment", MARQUERIVE),
        ("the signatory of the GHT", MARQUERIVE),
        ("the administrator of the GHT", MARQUERIVE),
        ("the reviewer in the region", MARQUERIVE),
        ("nobody", MARQUERIVE),
    ],
)
def test_writing_as_an_establishment_that_one_may_not_write_is_refused(app, world, servers, title, number):
    target = world.establishments[number]
    before = len(rows_of(servers, "perimeter"))
    with pytest.raises(DBAPIError, match="row-level security"), acting(app, world, STANDS[title]), writing_as(target):
        db.session.add(Perimeter(establishment_id=target, code="NEW-01"))
    assert len(rows_of(servers, "perimeter")) == before


def test_a_row_of_one_establishment_is_not_slipped_in_while_writing_as_another(app, world):
    first, second = (world.establishments[number] for number in CAPES[:2])
    with pytest.raises(DBAPIError, match="row-level security"), acting(app, world, MANAGER), writing_as(first):
        db.session.add(Perimeter(establishment_id=second, code="NEW-01"))


def test_a_ght_wide_write_is_all_or_nothing(app, world, servers):
    before = len(rows_of(servers, "perimeter"))
    first, foreign = world.establishments[CAPES[1]], world.establishments[ESTUARY_NUMBERS[0]]
    with pytest.raises(DBAPIError), acting(app, world, MANAGER):
        with writing_as(first):
            db.session.add(Perimeter(establishment_id=first, code="NEW-01"))
        with writing_as(foreign):
            db.session.add(Perimeter(establishment_id=foreign, code="NEW-01"))
    assert len(rows_of(servers, "perimeter")) == before


# --- the checked functions ---------------------------------------------------------------------------------------


def _candidate(servers, world, number):
    (row,) = [row for row in rows_of(servers, "candidate") if row["establishment_id"] == world.establishments[number]]
    return row


def _party(world, candidate, number, **others):
    values = {
        "p_id": new_id(),
        "p_establishment": world.establishments[number],
        "p_owner": candidate["establishment_id"],
        "p_candidate": candidate["id"],
        "p_key": number,
        "p_name": "x",
        "p_site": None,
        "p_in_scope": True,
        "p_out_reason": "",
        "p_ac": 1,
        "p_ac_year": 2025,
        "p_source": "",
        "p_confidence": "",
        "p_import": None,
    }
    call("record_party", **{**values, **others})


def test_the_manager_records_a_party_of_its_candidate(app, world, servers):
    before = len(rows_of(servers, "candidate_party"))
    candidate = _candidate(servers, world, SUPPORT)
    with acting(app, world, MANAGER):
        _party(world, candidate, MARQUERIVE)
    assert len(rows_of(servers, "candidate_party")) == before + 1


@pytest.mark.parametrize(
    ("title", "owner", "number", "reason"),
    [
        ("the manager on its GHT", SUPPORT, ESTUARY_NUMBERS[0], "out of scope"),
        ("the manager on its GHT", SUPPORT, OUTSIDE[0], "out of scope"),
        ("the manager on its GHT", ESTUARY_NUMBERS[0], MARQUERIVE, "not a party"),
        ("the administrator outside a GHT", SUPPORT, OUTSIDE[0], "not a party"),
        ("the referent in the establishment", SUPPORT, CAPES[4], "out of scope"),
        ("the director in the establishment", SUPPORT, MARQUERIVE, "out of scope"),
        ("nobody", SUPPORT, MARQUERIVE, "out of scope"),
    ],
)
def test_a_party_outside_of_the_candidate_or_of_the_right_to_write_is_refused(
    app, world, servers, title, owner, number, reason
):
    candidate = _candidate(servers, world, owner)
    with pytest.raises(DBAPIError, match=reason), acting(app, world, STANDS[title]):
        _party(world, candidate, number)


def test_a_party_is_refused_when_its_candidate_is_said_to_belong_to_somebody_else(app, world, servers):
    candidate = _candidate(servers, world, ESTUARY_NUMBERS[0])
    with pytest.raises(DBAPIError, match="not a party"), acting(app, world, MANAGER):
        _party(world, candidate, MARQUERIVE, p_owner=world.establishments[SUPPORT])


def test_a_referent_does_not_replace_the_activity_of_a_neighbour_by_using_its_number(app, world, servers):
    candidate = _candidate(servers, world, SUPPORT)
    with pytest.raises(DBAPIError, match="key of another party"), acting(app, world, REFERENT):
        _party(world, candidate, MARQUERIVE, p_key=CAPES[1])


def test_a_party_has_no_site_of_another_establishment(app, world, servers):
    candidate = _candidate(servers, world, SUPPORT)
    site = rows_of(servers, "site")[0]["id"]
    with pytest.raises(DBAPIError, match="site of another"), acting(app, world, MANAGER):
        _party(world, candidate, MARQUERIVE, p_site=site)


def _cover(world, servers, owner, covered, perimeter_of=""):
    (row, *_) = [
        row
        for row in rows_of(servers, "perimeter")
        if row["establishment_id"] == world.establishments[perimeter_of or owner]
    ]
    call(
        "record_coverage",
        p_id=new_id(),
        p_owner=world.establishments[owner],
        p_perimeter=row["id"],
        p_covered=world.establishments[covered],
        p_justification="SI commun",
        p_withdrawn=False,
        p_import=None,
    )


def test_a_plan_covers_another_party_of_the_same_candidate_and_that_one_reads_it(app, world, servers):
    with acting(app, world, MANAGER):
        _cover(world, servers, SUPPORT, MARQUERIVE)
    with acting(app, world, REFERENT) as session:
        assert _count(session, "pcra_coverage") == 1
    with acting(app, world, "referente@marquerive.example", f"establishment:{CAPES[4]}") as session:
        assert _count(session, "pcra_coverage") == 0


@pytest.mark.parametrize(
    ("title", "owner", "covered", "perimeter_of", "reason"),
    [
        ("the manager on its GHT", SUPPORT, ESTUARY_NUMBERS[0], "", "same candidate"),
        ("the manager on its GHT", SUPPORT, OUTSIDE[0], "", "same candidate"),
        ("the manager on its GHT", ESTUARY_NUMBERS[0], MARQUERIVE, "", "out of scope"),
        ("the manager on its GHT", SUPPORT, MARQUERIVE, ESTUARY_NUMBERS[0], "same candidate"),
        ("the manager on its GHT", SUPPORT, MARQUERIVE, CAPES[4], "same candidate"),
        ("the referent in the establishment", CAPES[4], MARQUERIVE, "", "out of scope"),
        ("nobody", SUPPORT, MARQUERIVE, "", "out of scope"),
    ],
)
def test_a_coverage_outside_of_the_candidate_or_of_the_right_to_write_is_refused(
    app, world, servers, title, owner, covered, perimeter_of, reason
):
    with pytest.raises(DBAPIError, match=reason), acting(app, world, STANDS[title]):
        _cover(world, servers, owner, covered, perimeter_of)


@pytest.mark.parametrize("table", ["candidate_party", "pcra_coverage"])
def test_no_row_owned_elsewhere_is_inserted_beside_its_function(app, world, servers, table):
    row = rows_of(servers, table)[0]
    with pytest.raises(DBAPIError, match="permission denied"), acting(app, world, MANAGER) as session:
        session.execute(text(f"INSERT INTO {table} (id) VALUES (:id)"), {"id": row["id"]})


def test_a_candidate_of_a_ght_is_opened_by_its_manager_for_its_support_alone(app, world):
    for title, number in (("the referent of the support", SUPPORT), ("the manager on its GHT", MARQUERIVE)):
        target = world.establishments[number]
        with (
            pytest.raises(DBAPIError, match="row-level security"),
            acting(app, world, STANDS[title]) as session,
            writing_as(target),
        ):
            session.execute(
                text(
                    "INSERT INTO candidate (id, establishment_id, domain, ght_id, region_id, name)"
                    " VALUES (:id, :establishment, 'D3', :ght, :region, 'x')"
                ),
                {
                    "id": new_id(),
                    "establishment": target,
                    "ght": world.ghts[TWO_CAPES_CODE],
                    "region": world.regions["F1"],
                },
            )


def test_a_member_of_a_ght_opens_no_candidate_of_its_own_that_would_take_the_place_of_its_ght(app, world):
    target = world.establishments[SUPPORT]
    with (
        pytest.raises(DBAPIError, match="row-level security"),
        acting(app, world, STANDS["the referent of the support"]) as session,
        writing_as(target),
    ):
        session.execute(
            text(
                "INSERT INTO candidate (id, establishment_id, domain, region_id, name) VALUES (:id, :establishment, 'D3', :region, 'x')"
            ),
            {"id": new_id(), "establishment": target, "region": world.regions["F1"]},
        )


# --- system tables -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["user_account", "membership", "web_session", "outbox"])
def test_the_application_does_not_read_the_system_tables(app, world, table):
    with pytest.raises(DBAPIError, match="permission denied"), acting(app, world, MANAGER) as session:
        session.execute(text(f"SELECT 1 FROM {table}"))


@pytest.mark.parametrize("table", ["region", "ght", "legal_entity", "site", "ght_member"])
def test_the_application_does_not_write_the_shared_directory(app, world, table):
    with pytest.raises(DBAPIError, match="permission denied"), acting(app, world, MANAGER) as session:
        session.execute(text(f"DELETE FROM {table}"))


# --- grants are dated --------------------------------------------------------------------------------------------


def _sees(app, world, email, scope):
    with acting(app, world, email, scope) as session:
        return _count(session, "perimeter")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE membership SET valid_to = paris_today() - 1 WHERE user_id = :user",
        "UPDATE membership SET valid_from = paris_today() + 1 WHERE user_id = :user",
        "UPDATE user_account SET disabled_at = now() WHERE id = :user",
    ],
    ids=["ended yesterday", "begins tomorrow", "account disabled"],
)
def test_a_grant_that_is_not_of_today_opens_nothing(app, world, servers, change):
    email, scope = "dsi@deux-caps.example", f"ght:{TWO_CAPES_CODE}"
    assert _sees(app, world, email, scope) > 0
    with superuser(servers) as connection:
        connection.execute(text(change), {"user": world.users[email]})
    assert _sees(app, world, email, scope) == 0


def test_a_grant_is_good_until_its_last_day_included(app, world, servers):
    email, scope = "dsi@deux-caps.example", f"ght:{TWO_CAPES_CODE}"
    with superuser(servers) as connection:
        connection.execute(
            text("UPDATE membership SET valid_to = paris_today() WHERE user_id = :user"), {"user": world.users[email]}
        )
    assert _sees(app, world, email, scope) > 0


def test_an_establishment_that_left_the_ght_is_read_by_its_manager_no_more(app, world, servers):
    with superuser(servers) as connection:
        connection.execute(
            text("UPDATE ght_member SET valid_to = paris_today() - 1 WHERE legal_entity_id = :id"),
            {"id": world.establishments[MARQUERIVE]},
        )
    with acting(app, world, MANAGER) as session:
        seen = set(session.execute(text("SELECT establishment_id FROM perimeter")).scalars())
    assert seen == {world.establishments[number] for number in CAPES if number != MARQUERIVE}
    assert _sees(app, world, "dsi@deux-caps.example", f"establishment:{MARQUERIVE}") == 0


def test_a_scope_that_is_no_scope_shows_nothing(app, world):
    with acting(app, world, MANAGER) as session:
        for scope in ("", "nation", "region", "system:x", "GHT", str(uuid.uuid4())):
            session.execute(text("SELECT set_config('app.scope', :scope, true)"), {"scope": scope})
            assert _count(session, "perimeter") == 0, scope


def test_the_reviewer_of_a_region_reads_filings_of_that_region_and_no_draft(app, world, servers):
    filed = rows_of(servers, "filing")
    assert {row["region_id"] for row in filed} == {world.regions["F1"], world.regions["F2"]}
    with acting(app, world, STANDS["the reviewer in the region"]) as session:
        regions = set(session.execute(text("SELECT region_id FROM filing")).scalars())
        assert regions == {world.regions["F1"]}
        for table in (
            "perimeter",
            "perimeter_version",
            "pcra_version",
            "evidence",
            "candidature",
            "candidate_party",
            "dossier_build",
        ):
            assert _count(session, table) == 0, table


def test_a_ght_of_another_region_never_appears_to_the_reviewer(app, world):
    with acting(app, world, STANDS["the reviewer in the region"]) as session:
        names = set(session.execute(text("SELECT ght_id FROM candidate WHERE ght_id IS NOT NULL")).scalars())
    assert names == {world.ghts[TWO_CAPES_CODE]}
    assert world.ghts[ESTUARY_CODE] not in names
