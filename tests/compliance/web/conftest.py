"""Fixtures of page tests: a world whose establishments are filled through the importer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from importers import service, understanding
from importers.check import check
from tests.factories.acting import acting
from tests.importers.kits import TODAY, Grid


@pytest.fixture
def fill(app, world, tmp_path, monkeypatch):
    """Return a function that imports a workbook for a scope: `fill(email, scope, grid)`."""
    monkeypatch.setattr(
        understanding, "check", lambda workbook, book, facts: check(workbook, book, replace(facts, today=TODAY))
    )

    def give(email: str, scope: str, grid: Grid) -> None:
        path = grid.write(tmp_path / "kit.xlsx")
        with acting(app, world, email, scope):
            report, applied = service.import_now(path, apply_rows=True)
        assert applied, report.faults

    return give
