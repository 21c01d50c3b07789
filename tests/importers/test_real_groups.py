"""Real groups: clean kits apply entirely, their damaged twins give exactly the expected remarks and lose nothing."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from importers.check import Report, check
from importers.reading.sheet import ReadBook, read
from importers.words import is_blank
from importers.workbooks.bia_pcra import BIA_PCRA
from tests.importers.kits import Member, clean_kit, damage, facts_for

pytestmark = pytest.mark.shared

GROUPS = ("Caux Maritime", "GHT-FICTIF-01", "GHT-FICTIF-2A")
FOREIGN = {"Caux Maritime": "010007987", "GHT-FICTIF-01": "760780023", "GHT-FICTIF-2A": "760780023"}


def members_of(folder: Path, group: str) -> list[Member]:
    """The members of one of the three groups."""
    if group == "Caux Maritime":
        with (folder / "ght_normandie_extrait.csv").open(encoding="utf-8-sig") as file:
            rows = [row for row in csv.DictReader(file, delimiter=";") if row["nom_ght"] == group]
        return [Member(row["finess_ej_rapproche"] or None, row["etablissement_source"]) for row in rows]
    with (folder / "ght_fictifs_par_departement.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file, delimiter=";") if row["code_ght_fictif"] == group]
    return [Member(row["finess_ej"], row["nom_deduit"]) for row in rows]


@pytest.fixture(params=GROUPS)
def group(request: pytest.FixtureRequest) -> str:
    """The name of a group."""
    return str(request.param)


@pytest.fixture
def members(shared_data: Path, group: str) -> list[Member]:
    """Its members."""
    return members_of(shared_data, group)


def test_a_clean_kit_applies_entirely(tmp_path: Path, members: list[Member]) -> None:
    report = check(BIA_PCRA, read(clean_kit(tmp_path / "k.xlsx", members)), facts_for(members))
    assert report.faults == ()
    numbered = [member for member in members if member.finess]
    assert [sheet.counts["new"] for sheet in report.sheets] == [len(members), 4 * len(numbered), 0, 0]
    assert {row.finess for row in report.sheets[1].rows} == {member.finess for member in numbered}


def test_the_ehpad_without_a_number_are_kept_out_of_scope_with_a_reason(tmp_path: Path, shared_data: Path) -> None:
    members = members_of(shared_data, "Caux Maritime")
    report = check(BIA_PCRA, read(clean_kit(tmp_path / "k.xlsx", members)), facts_for(members))
    without = [row.values for row in report.sheets[0].rows if row.values["finess"] is None]
    assert len(without) == 4
    assert all(values["in_scope"] is False and values["out_reason"] for values in without)


def test_its_damaged_twin_gives_exactly_the_expected_remarks(tmp_path: Path, members: list[Member], group: str) -> None:
    grid, expected = damage(members, FOREIGN[group])
    facts = facts_for(members, known={FOREIGN[group]}.__contains__)
    book = read(grid.write(tmp_path / "d.xlsx"))
    report = check(BIA_PCRA, book, facts)
    assert book.epoch == 1904
    assert sorted((str(fault.cls), fault.code, fault.sheet, fault.cell) for fault in report.faults) == sorted(expected)
    assert [sheet.counts["rejected"] for sheet in report.sheets] == [0, 3]
    assert_nothing_is_lost(book, report)


def test_the_damage_changes_no_stored_value(tmp_path: Path, members: list[Member], group: str) -> None:
    clean = check(BIA_PCRA, read(clean_kit(tmp_path / "k.xlsx", members)), facts_for(members))
    grid, _ = damage(members, FOREIGN[group])
    damaged = check(BIA_PCRA, read(grid.write(tmp_path / "d.xlsx")), facts_for(members))
    ignored = {"ac", "next_test_on"}  # changed on purpose
    for before, after in zip(clean.sheets[:2], damaged.sheets, strict=True):
        stored = {row.key: {k: v for k, v in row.values.items() if k not in ignored} for row in before.rows}
        again = {
            row.key: {k: v for k, v in row.values.items() if k not in ignored}
            for row in after.rows
            if row.status == "new"
        }
        assert again == stored


def assert_nothing_is_lost(book: ReadBook, report: Report) -> None:
    """Every row that holds something is a result, a notice, or the header."""
    for sheet in report.sheets:
        source = next(each for each in book.sheets if each.name == sheet.name)
        filled = {
            number
            for number, row in source.rows.items()
            if any(cell.kind != "text" or not is_blank(str(cell.value)) for cell in row.values())
        }
        told = {
            int("".join(filter(str.isdigit, fault.cell)))
            for fault in report.faults
            if fault.sheet == sheet.name and fault.cell
        }
        assert filled <= {row.row_number for row in sheet.rows} | told | {sheet.header_row}
