"""The directory as loaded: whose name an entity bears, and one GHT at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from tenants import directory
from tenants.db import new_id, owner_engine
from tenants.directory import NameRank
from tenants.finess_groups import GroupRow, MemberRow

TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)
SINCE = date(2026, 1, 1)

HOSPITAL, NEIGHBOUR, UNKNOWN = "760780023", "760780726", "760780031"
ACROSS = "279990014"  # of another département of the region
SITES = """finess_et;finess_ej;raison_sociale;departement_code
760914275;760780023;USLD CHATEAU MICHEL CH DIEPPE;76
760000018;760780023;CH DIEPPE;76
"""
ENTITIES = """finess_ej;nom_deduit_et_principal;finess_et_principal;departement_code
760780023;CH DIEPPE;760000018;76
760780726;GH DU HAVRE;;76
"""
OFFICIAL = """region_code;region;nom_ght;etablissement_source;role;finess_ej_rapproche
28;Normandie;Caux Maritime;CH de Dieppe;S;760780023
28;Normandie;Caux Maritime;EHPAD du Tréport;M;
"""
DEDUCED = """code_ght_fictif;nom_ght_fictif;region_code;finess_ej;nom_deduit;role
GHT-ESSAI;GHT d’essai;28;760780726;HAVRE;S
"""
FILES = {"sites": SITES, "entities": ENTITIES, "official": OFFICIAL}


@pytest.fixture
def connection(world, settings) -> Iterator[Connection]:
    """The owner's connection on the world; nothing of it stays."""
    engine = owner_engine(settings.owner_database_url)
    with engine.connect() as opened:
        directory.load_regions(opened)
        yield opened
    engine.dispose()


def load(connection: Connection, folder: Path, content: str, today: date = TODAY) -> list[str]:
    """Load a file of this content; return the remarks."""
    path = folder / "file.csv"
    path.write_text(content, encoding="utf-8")
    return directory.load_file(connection, path, today)[2]


def names(connection: Connection, *numbers: str) -> dict[str, tuple[str, int]]:
    """Name and rank of each entity asked for."""
    query = text("SELECT finess, name, name_rank FROM legal_entity WHERE finess = ANY (:numbers)")
    return {row.finess: (row.name, row.name_rank) for row in connection.execute(query, {"numbers": list(numbers)})}


def group(code: str, *members: MemberRow, **other: Any) -> GroupRow:
    """A GHT of a list."""
    facts = {"line": 1, "code_derived": False, "name": code, "region_code": "28", "kind": "001", "active": True}
    return GroupRow(code=code, members=members, updated_at=None, **{**facts, **other})


def member(number: str | None, name: str = "CH de Dieppe", role: str = "S") -> MemberRow:
    """A member of a list."""
    return MemberRow(number, None, name, role)


def memberships(connection: Connection, number: str = HOSPITAL) -> list[tuple[str, str, date, date | None]]:
    """Every membership of an entity, past ones first."""
    query = """SELECT g.code, m.role, m.valid_from, m.valid_to FROM ght_member m JOIN ght g ON g.id = m.ght_id
      JOIN legal_entity e ON e.id = m.legal_entity_id WHERE e.finess = :number ORDER BY m.valid_from, m.valid_to NULLS LAST"""
    return [tuple(row) for row in connection.execute(text(query), {"number": number})]


def groups(connection: Connection, today: date, *rows: GroupRow) -> list[str]:
    """Load groups on a day."""
    return directory.load_groups(connection, rows, "essai", today)


# --- names -------------------------------------------------------------------------------------------------------


def test_sites_alone_give_the_entity_the_name_of_the_first(connection, tmp_path):
    load(connection, tmp_path, SITES)
    assert names(connection, HOSPITAL) == {HOSPITAL: ("USLD CHATEAU MICHEL CH DIEPPE", NameRank.SITE)}


def test_the_extract_of_entities_replaces_the_name_of_a_site(connection, tmp_path):
    load(connection, tmp_path, SITES)
    load(connection, tmp_path, ENTITIES)
    assert names(connection, HOSPITAL) == {HOSPITAL: ("CH DIEPPE", NameRank.DEDUCED)}


def test_a_name_as_good_replaces_the_former_one(connection, tmp_path):
    load(connection, tmp_path, ENTITIES)
    load(connection, tmp_path, ENTITIES.replace("CH DIEPPE", "CH DE DIEPPE ET DU LITTORAL"))
    assert names(connection, HOSPITAL)[HOSPITAL][0] == "CH DE DIEPPE ET DU LITTORAL"


@pytest.mark.parametrize("order", list(permutations(FILES)), ids="-".join)
def test_the_files_in_any_order_give_the_same_names_and_the_same_member(connection, tmp_path, order):
    for name in order:
        load(connection, tmp_path, FILES[name])
    assert names(connection, HOSPITAL, NEIGHBOUR) == {
        HOSPITAL: ("CH de Dieppe", NameRank.OFFICIAL),
        NEIGHBOUR: ("GH DU HAVRE", NameRank.DEDUCED),
    }
    assert [row[1:] for row in memberships(connection)] == [("S", TODAY, None)]


def test_names_that_a_list_says_deduced_are_worth_those_of_the_extract(connection, tmp_path):
    load(connection, tmp_path, DEDUCED)
    assert names(connection, NEIGHBOUR) == {NEIGHBOUR: ("HAVRE", NameRank.DEDUCED)}


def test_a_list_does_not_move_an_entity_to_the_region_of_its_ght(connection, tmp_path):
    load(connection, tmp_path, ENTITIES)
    groups(connection, TODAY, group("GHT-A", member(HOSPITAL), region_code="11"))
    query = "SELECT r.code FROM legal_entity e JOIN region r ON r.id = e.region_id WHERE e.finess = :number"
    assert connection.execute(text(query), {"number": HOSPITAL}).scalar() == "28"


def test_puget_theniers_a_group_holds_members_of_two_departements(connection, tmp_path):
    """lessons.md, Puget-Théniers / Entrevaux: two hospitals, two départements, one management."""
    load(connection, tmp_path, ENTITIES + f"{ACROSS};CH D’EN FACE;;27\n")
    assert groups(connection, TODAY, group("GHT-A", member(HOSPITAL), member(ACROSS, "CH d’en face", "M"))) == []
    assert [memberships(connection, number) for number in (HOSPITAL, ACROSS)] == [
        [("GHT-A", "S", TODAY, None)],
        [("GHT-A", "M", TODAY, None)],
    ]


def test_a_numbered_member_that_the_directory_lacks_enters_it_and_it_is_said(connection):
    (remark,) = groups(connection, TODAY, group("GHT-A", member(UNKNOWN, "CH de Saint-Valéry-en-Caux")))
    assert f"({UNKNOWN}) n’était pas dans l’annuaire" in remark
    assert names(connection, UNKNOWN) == {UNKNOWN: ("CH de Saint-Valéry-en-Caux", NameRank.OFFICIAL)}


def test_the_number_of_a_site_makes_no_entity(connection, tmp_path):
    load(connection, tmp_path, SITES)
    (remark,) = groups(connection, TODAY, group("GHT-A", member("760000018")))
    assert "n’est pas rattaché à une entité juridique connue" in remark
    assert names(connection, "760000018") == {}


@pytest.mark.shared
@pytest.mark.parametrize("backwards", [False, True])
def test_the_real_extracts_name_the_hospital_of_dieppe_whatever_their_order(connection, shared_data, backwards):
    files = ["finess_etablissements_sante_2021.csv", "finess_ej_publics_2021.csv", "ght_normandie_extrait.csv"]
    for name in reversed(files) if backwards else files:
        directory.load_file(connection, shared_data / name, TODAY)
    assert names(connection, HOSPITAL)[HOSPITAL] == ("CH de Dieppe", NameRank.OFFICIAL)


# --- one GHT at a time -------------------------------------------------------------------------------------------


@pytest.fixture
def placed(connection, tmp_path) -> Connection:
    """The hospital, support of GHT-A for months."""
    load(connection, tmp_path, ENTITIES)
    groups(connection, SINCE, group("GHT-A", member(HOSPITAL)))
    return connection


def test_a_list_that_holds_both_ghts_moves_an_entity_from_one_to_the_other_and_says_so(placed):
    remarks = groups(placed, TODAY, group("GHT-A"), group("GHT-B", member(HOSPITAL)))
    assert remarks == ["« CH de Dieppe » quitte le GHT-A pour le GHT-B."]
    assert memberships(placed) == [("GHT-A", "S", SINCE, YESTERDAY), ("GHT-B", "S", TODAY, None)]


def test_a_list_that_does_not_hold_its_ght_takes_no_entity_away_from_it_and_says_so(placed):
    (remark,) = groups(placed, TODAY, group("GHT-B", member(HOSPITAL)))
    assert remark.startswith("« CH de Dieppe » reste dans le GHT-A, que cette liste ne contient pas")
    assert memberships(placed) == [("GHT-A", "S", SINCE, None)]


def test_a_membership_that_began_the_same_day_is_removed(placed):
    groups(placed, TODAY, group("GHT-A"), group("GHT-B", member(HOSPITAL)))
    groups(placed, TODAY, group("GHT-B"), group("GHT-C", member(HOSPITAL)))
    assert memberships(placed) == [("GHT-A", "S", SINCE, YESTERDAY), ("GHT-C", "S", TODAY, None)]


@pytest.mark.parametrize("backwards", [False, True])
def test_an_exchange_inside_one_list_is_applied_whatever_the_order_of_its_lines(placed, backwards):
    groups(placed, SINCE, group("GHT-B", member(NEIGHBOUR, "GH du Havre")))
    rows = [group("GHT-A", member(NEIGHBOUR, "GH du Havre")), group("GHT-B", member(HOSPITAL))]
    remarks = groups(placed, TODAY, *(reversed(rows) if backwards else rows))
    assert sorted(remarks) == [
        "« CH de Dieppe » quitte le GHT-A pour le GHT-B.",
        "« GH du Havre » quitte le GHT-B pour le GHT-A.",
    ]
    assert memberships(placed)[-1] == ("GHT-B", "S", TODAY, None)
    assert memberships(placed, NEIGHBOUR)[-1] == ("GHT-A", "S", TODAY, None)


def test_the_same_list_again_changes_nothing(placed):
    assert groups(placed, TODAY, group("GHT-A", member(HOSPITAL))) == []
    assert memberships(placed) == [("GHT-A", "S", SINCE, None)]


def test_who_is_no_more_in_the_list_of_its_ght_left_it(placed):
    groups(placed, TODAY, group("GHT-A", member(NEIGHBOUR, "GH du Havre")))
    assert memberships(placed) == [("GHT-A", "S", SINCE, YESTERDAY)]


def test_a_list_of_other_ghts_leaves_the_membership_alone(placed):
    groups(placed, TODAY, group("GHT-B", member(NEIGHBOUR, "GH du Havre")))
    assert memberships(placed) == [("GHT-A", "S", SINCE, None)]


@pytest.mark.parametrize(("day", "past"), [(SINCE, []), (TODAY, [("GHT-A", "S", SINCE, YESTERDAY)])])
def test_another_role_is_another_line(placed, day, past):
    groups(placed, day, group("GHT-A", member(HOSPITAL, role="M")))
    assert memberships(placed) == [*past, ("GHT-A", "M", day, None)]


def test_two_ghts_of_one_list_that_claim_an_entity_leave_it_to_the_first_and_it_is_said(placed):
    (remark,) = groups(placed, TODAY, group("GHT-A", member(HOSPITAL)), group("GHT-B", member(HOSPITAL)))
    assert "figure dans deux GHT de la liste" in remark
    assert memberships(placed) == [("GHT-A", "S", SINCE, None)]


def test_an_entity_twice_in_a_ght_is_there_once(placed):
    groups(placed, TODAY, group("GHT-A", member(HOSPITAL), member(HOSPITAL, role="M")))
    assert memberships(placed) == [("GHT-A", "S", SINCE, None)]


def test_a_ght_that_ended_keeps_no_member(placed):
    groups(placed, TODAY, group("GHT-A", member(HOSPITAL), active=False), group("GHT-B", member(HOSPITAL)))
    assert memberships(placed) == [("GHT-A", "S", SINCE, YESTERDAY), ("GHT-B", "S", TODAY, None)]


def test_a_group_of_another_kind_is_no_ght(placed):
    (remark,) = groups(placed, TODAY, group("GCS", member(HOSPITAL), kind="002"))
    assert remark == "« GCS » n’est pas un GHT (type 002) : il est laissé de côté."
    assert memberships(placed) == [("GHT-A", "S", SINCE, None)]


def test_a_member_known_by_name_is_replaced_by_its_entity_once_it_has_a_number(placed):
    groups(placed, SINCE, group("GHT-B", member(None, "CH de Fécamp")))
    groups(placed, SINCE, group("GHT-B", member("760780734", "CH de Fécamp")))
    query = "SELECT legal_entity_id IS NULL FROM ght_member m JOIN ght g ON g.id = m.ght_id WHERE g.code = 'GHT-B'"
    assert placed.execute(text(query)).scalars().all() == [False]


def test_the_database_itself_refuses_a_second_open_membership(placed):
    groups(placed, SINCE, group("GHT-B", member(NEIGHBOUR, "GH du Havre")))
    statement = """INSERT INTO ght_member (id, ght_id, legal_entity_id, name, role, valid_from)
      SELECT :id, g.id, e.id, e.name, 'M', :today FROM ght g, legal_entity e WHERE g.code = 'GHT-B' AND e.finess = :number"""
    with pytest.raises(IntegrityError, match="uq_ght_member_open"):
        placed.execute(text(statement), {"id": new_id(), "today": TODAY, "number": HOSPITAL})
