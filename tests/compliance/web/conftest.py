"""Fixtures of page tests: establishments filled through the importer, a dossier under review."""

from __future__ import annotations

import pytest

from importers import service
from tests.factories import acting as at
from tests.factories.acting import acting, seen
from tests.importers.kits import Grid


@pytest.fixture
def fill(app, world, tmp_path, day_of_kits):
    """Return a function that imports a workbook for a scope: `fill(email, scope, grid)`."""

    def give(email: str, scope: str, grid: Grid) -> None:
        path = grid.write(tmp_path / "kit.xlsx")
        with acting(app, world, email, scope):
            report, applied, _ = service.import_now(path, apply_rows=True)
        assert applied, report.faults

    return give


@pytest.fixture
def filing(app, world):
    """The filing of the GHT of three."""
    [found] = seen(app, "SELECT id FROM filing WHERE ght_id = %s", world.ghts[at.ESTUARY_CODE])
    return found["id"]


@pytest.fixture
def address(filing):
    """Its address for the agency of its region."""
    return f"/ars/F2/dossiers/{filing}"


@pytest.fixture
def pieces(app, filing):
    """Its pieces that nobody has decided on, in the order of the desk."""
    told = "SELECT 1 FROM review_decision d WHERE d.piece_id = p.id"
    query = f"SELECT id FROM filed_piece p WHERE filing_id = %s AND NOT EXISTS ({told}) ORDER BY row_code, id"
    return [row["id"] for row in seen(app, query, filing)]


@pytest.fixture
def reviewer(sign_in, address):
    """Somebody of the agency, who opened the review."""
    browser = sign_in("ars@monts-du-sud.example")
    assert browser.post(f"{address}/instruction/ouvrir", data={"to": "ars_review"}).status_code == 302
    return browser
