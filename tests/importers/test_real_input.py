"""Real groups, from the official extracts to the coverage, through the commands: nothing is lost silently on the way."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tenants import accounts
from tenants.cli import find_scope
from tenants.context import ScopeKind
from tenants.db import owner_engine
from tenants.permissions import Role
from tests.factories.acting import counts, seen
from tests.importers.kits import Member, clean_kit, damage, typed

pytestmark = pytest.mark.shared

GROUPS = ("Caux Maritime", "GHT-FICTIF-01", "GHT-FICTIF-2A")
FOREIGN = {"Caux Maritime": "010007987", "GHT-FICTIF-01": "760780023", "GHT-FICTIF-2A": "760780023"}
EXTRACTS = (
    "finess_ej_publics_2021.csv",
    "finess_etablissements_sante_2021.csv",
    "ght_normandie_extrait.csv",
    "ght_fictifs_par_departement.csv",
)
EMAIL = "dsi@essai.example"


def members_of(folder: Path, group: str) -> list[Member]:
    """The members of one of the three groups, each with its own AC."""
    name, label, number, file = ("nom_ght", "etablissement_source", "finess_ej_rapproche", "ght_normandie_extrait.csv")
    if group != "Caux Maritime":
        name, label, number, file = ("code_ght_fictif", "nom_deduit", "finess_ej", "ght_fictifs_par_departement.csv")
    with (folder / file).open(encoding="utf-8-sig") as stream:
        rows = [row for row in csv.DictReader(stream, delimiter=";") if row[name] == group]
    return [Member(row[number] or None, row[label], Decimal("12000.50") + 1000 * rank) for rank, row in enumerate(rows)]


@pytest.fixture
def directory(app, settings, vigie, shared_data: Path) -> list[Result]:
    """The real extracts, loaded by the operator, and one account that manages the three groups."""
    results = [vigie("finess", "import", shared_data / name) for name in EXTRACTS]
    engine = owner_engine(settings.owner_database_url)
    with engine.begin() as connection:
        user_id = accounts.insert(connection, EMAIL, "Sam Essai", "!")
        for group in GROUPS:
            scope = find_scope(connection, ScopeKind.GHT, code_of(app, group))
            accounts.grant(connection, user_id, Role.GHT_MANAGER, scope, date(2016, 7, 1))
    engine.dispose()
    return results


def code_of(app: Any, group: str) -> str:
    """The code of a group in the directory, by its code or its name."""
    [found] = seen(app, "SELECT code FROM ght WHERE code = %s OR name = %s OR name = %s", group, group, f"GHT {group}")
    return str(found["code"])


def told(result: Result) -> dict[str, Any]:
    """The JSON answer of a command."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_the_real_directory_loads_with_every_line_accounted_for(app, shared_data, directory):
    assert [result.exit_code for result in directory] == [0, 0, 0, 0], [result.output[-500:] for result in directory]
    with (shared_data / "finess_etablissements_sante_2021.csv").open(encoding="utf-8-sig") as stream:
        sites = {row["finess_et"]: row["finess_ej"] for row in csv.DictReader(stream, delimiter=";")}
    loaded = seen(
        app,
        "SELECT s.finess AS et, le.finess AS ej FROM site s JOIN legal_entity le ON le.id = s.legal_entity_id WHERE s.source = %s",
        EXTRACTS[1],
    )
    assert {row["et"]: row["ej"] for row in loaded} == sites
    with (shared_data / "ght_fictifs_par_departement.csv").open(encoding="utf-8-sig") as stream:
        pairs = {
            (row["code_ght_fictif"], row["finess_ej"], row["role"]) for row in csv.DictReader(stream, delimiter=";")
        }
    with (shared_data / "ght_normandie_extrait.csv").open(encoding="utf-8-sig") as stream:
        # The real list came first: an entity is in one GHT, and the invented one does not take it away.
        placed = {row["finess_ej_rapproche"] for row in csv.DictReader(stream, delimiter=";")}
    members = seen(
        app,
        """SELECT g.code, le.finess, m.role FROM ght_member m JOIN ght g ON g.id = m.ght_id
             JOIN legal_entity le ON le.id = m.legal_entity_id WHERE g.source = %s""",
        EXTRACTS[3],
    )
    assert {(row["code"], row["finess"], row["role"]) for row in members} == {
        pair for pair in pairs if pair[1] not in placed
    }


def test_the_new_flow_of_groups_loads_and_says_what_it_could_not_match(app, vigie, shared_data):
    result = vigie("finess", "import", shared_data / "finess_plus_gcc_extrait_20260309.json")
    assert seen(app, "SELECT count(*) AS n FROM ght WHERE source = 'finess_plus_gcc_extrait_20260309.json'") == [
        {"n": 5}
    ]
    members = seen(
        app,
        "SELECT m.legal_entity_id FROM ght_member m JOIN ght g ON g.id = m.ght_id WHERE g.source LIKE %s",
        "finess_plus%",
    )
    assert members
    assert {row["legal_entity_id"] for row in members} == {None}  # pmSmsseId is no FINESS
    assert result.output.count("n’est pas rattaché") == len(members)


def test_the_same_directory_twice_is_the_same_directory(app, vigie, shared_data, directory):
    before = counts(app, "legal_entity", "site", "ght", "ght_member")
    for name in EXTRACTS:
        vigie("finess", "import", shared_data / name)
    assert counts(app, "legal_entity", "site", "ght", "ght_member") == before


@pytest.mark.parametrize("group", GROUPS)
def test_a_real_group_applies_entirely_and_its_damaged_twin_loses_nothing(
    app, vigie, shared_data, directory, tmp_path, group
):
    members = members_of(shared_data, group)
    numbered = [member for member in members if member.finess]
    scope = ("--scope", f"ght:{code_of(app, group)}", "--as", EMAIL)

    clean = vigie("import", clean_kit(tmp_path / "clean.xlsx", members), *scope, "--apply", "--json")
    answer = told(clean)
    assert (clean.exit_code, answer["applied"], answer["faults"]) == (0, True, [])
    assert [sheet["counts"]["new"] for sheet in answer["sheets"]] == [len(members), 4 * len(numbered), 0, 0]
    stored = stored_under(app, numbered)
    assert stored == {
        (member.finess, code) for member in numbered for code in ("URG-01", "PAIE-01", "BIO-01", "REST-01")
    }

    coverage = told(vigie("coverage", *scope, "--json"))
    assert Decimal(coverage["share"]["share"]) == 1
    assert sum(party["in_scope"] for party in coverage["parties"]) == len(numbered)
    assert all(party["out_reason"] for party in coverage["parties"] if not party["in_scope"])

    grid, expected = damage(members, FOREIGN[group])
    before = counts(app)
    twin = vigie("import", grid.write(tmp_path / "damaged.xlsx"), *scope, "--apply", "--json")
    answer = told(twin)
    assert (twin.exit_code, answer["applied"]) == (1, False)
    found = sorted((fault["class"], fault["code"], fault["sheet"], fault["cell"]) for fault in answer["faults"])
    assert found == sorted(expected)
    assert [sum(sheet["counts"].values()) for sheet in answer["sheets"]] == [len(members), 4 * len(numbered) + 3]
    assert [sheet["counts"]["rejected"] for sheet in answer["sheets"]] == [0, 3]
    refused = [fault for fault in answer["faults"] if fault["code"] == "E-FIN"]
    assert refused[1]["reason"] == refused[2]["reason"]  # unknown and foreign: one same message
    assert counts(app) == before

    valid = told(vigie("import", tmp_path / "damaged.xlsx", *scope, "--valid-rows", "--json"))
    assert valid["applied"] is True
    assert stored_under(app, numbered) == stored
    # AC of the twin: the number of the line in the sheet, then 234.50.
    rows = {str(row[0]).zfill(9) if isinstance(row[0], int) else row[0].split(":")[1].replace(" ", "").strip("\u00a0").upper(): number
            for number, row in enumerate(grid.sheets["Parties"][1:], start=2) if row[0] and row[0] != "Total"}  # fmt: skip
    parties = {
        party["finess"]: party["ac"]
        for party in told(vigie("coverage", *scope, "--json"))["parties"]
        if party["in_scope"]
    }
    assert {number: Decimal(ac) for number, ac in parties.items()} == {
        number: Decimal(f"{line}234.50") for number, line in rows.items()
    }


def stored_under(app: Any, members: list[Member]) -> set[tuple[str, str]]:
    """Each perimeter of the members, with the establishment it is written under."""
    numbers = [member.finess for member in members]
    query = "SELECT le.finess, p.code FROM perimeter p JOIN legal_entity le ON le.id = p.establishment_id WHERE le.finess = ANY (%s)"
    return {(row["finess"], row["code"]) for row in seen(app, query, numbers)}


@pytest.mark.parametrize("group", GROUPS)
def test_coverage_is_what_exact_fractions_give(app, vigie, shared_data, directory, tmp_path, group):
    """Every third party lacks an approved PRA for its technical platform: an independent sum says what is covered."""
    members = members_of(shared_data, group)
    numbered = [member for member in members if member.finess]
    late = {member.finess for rank, member in enumerate(numbered) if rank % 3 == 0}
    grid = typed(members)
    for number, row in enumerate(grid.sheets["Perimetres"][1:], start=2):
        if row[grid.column("Perimetres", "FINESS EJ*")] in late and row[0] == "BIO-01":
            grid.put("Perimetres", number, "PRA*", "Rédigé")
    scope = ("--scope", f"ght:{code_of(app, group)}", "--as", EMAIL)
    assert told(vigie("import", grid.write(tmp_path / "k.xlsx"), *scope, "--apply", "--json"))["applied"] is True
    share = told(vigie("coverage", *scope, "--json"))["share"]

    weights = {member.finess: Fraction(member.ac) for member in numbered}
    total, covered = sum(weights.values()), sum(weight for number, weight in weights.items() if number not in late)
    assert (Fraction(share["covered"]), Fraction(share["total"])) == (covered, total)
    assert Fraction(share["share"]) == Fraction(covered * 10**6 // total, 10**6)
    chosen, reached = [], covered
    for number in sorted(late, key=lambda each: (-weights[each], each)):
        if reached * 100 >= 66 * total:
            break
        chosen.append(number)
        reached += weights[number]
    assert share["smallest_set"] == chosen
    assert (share["state"] == "met") == (covered * 100 >= 66 * total)
