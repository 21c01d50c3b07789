"""Fixtures of page tests: a world whose establishments are filled through the importer."""

from __future__ import annotations

import pytest

from importers import service
from tests.factories.acting import acting
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
