"""What an attacker of the importers found once: each stays mended."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from importers.faults import Unreadable
from importers.layout.gantt import unpivot
from importers.limits import Limits
from importers.reading import bundle, child_values
from importers.understanding import kit_id, stamp_of
from importers.words import clean
from importers.workbooks.crisis_directory import CALL_BACKS, CRISIS_DIRECTORY
from tenants.context import Scope, ScopeKind
from tests.factories import acting as at
from tests.importers import books
from tests.importers.kits import Member, facts_for
from tests.importers.test_gantt import MONTHS, sheet

FACTS = facts_for([Member("760780023", "CH de Dieppe")], home="760780023")


def test_a_null_character_spelt_in_two_pieces_reaches_no_database() -> None:
    found = child_values.text("a_x00_x0000_00_b", {"cell_length": 100})
    assert found is not None
    assert "\0" not in clean(found[1])
    assert "\0" not in clean("a_x0000_b")


def test_a_duration_of_a_thousand_words_is_refused_and_nothing_recurses() -> None:
    row = books.result(
        CRISIS_DIRECTORY, CALL_BACKS, FACTS,
        {"service": "Urgences", "name": "EXEMPLE", "phone": "0639980123", "rank": 1, "delay_minutes": "max " * 900},
    )  # fmt: skip
    assert "E-NUM" in {fault.code for fault in row.faults}


def test_a_key_that_no_index_holds_is_refused_for_its_row_alone() -> None:
    long = "\U00020000" * 200
    row = books.result(
        CRISIS_DIRECTORY, CALL_BACKS, FACTS,
        {"service": long, "team": long, "name": long, "phone": "0639980123", "rank": 1},
    )  # fmt: skip
    assert "E-TXT" in {fault.code for fault in row.faults}


def test_a_stamp_of_another_age_is_no_stamp() -> None:
    scope = Scope(ScopeKind.ESTABLISHMENT, uuid4(), "760780023", "CH")
    seal = kit_id(scope, datetime.now(UTC)).partition("-")[0]
    assert stamp_of(f"KIT;1;{seal}-ffffffffffff", scope) is None
    assert stamp_of(f"KIT;1;{seal}-f0000000000", scope) is None


def test_a_file_too_large_inside_an_archive_is_refused_before_it_is_copied() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("grand.xlsx", b"PK\x03\x04" + b"0" * 200_000)
    with pytest.raises(Unreadable) as refused:
        bundle.unpack("lot.zip", stream, Limits(file_size=100_000, ratio=10_000))
    assert refused.value.code == "too_large"


def test_a_planner_of_a_million_marks_is_no_planner() -> None:
    rows = [["Service", *MONTHS], *([f"Service {number}", "x", "x", "x"] for number in range(7_000))]
    assert unpivot(sheet(*rows)) is None


@pytest.mark.parametrize("name", ["Sessions", "Charte", "Cibles"])
def test_who_reads_without_writing_exports_the_lists_of_a_kit_that_has_people(sign_in, world, name) -> None:
    browser = sign_in("signataire@deux-caps.example")
    assert browser.get(f"/ght/{at.CAPES.partition(':')[2]}/registres/{name}/export.xlsx").status_code == 200
