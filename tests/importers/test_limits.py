"""The limits of reading are settings of the installation."""

from __future__ import annotations

import pytest

from importers.limits import LIMITS, Limits
from tenants.errors import Invalid
from tenants.settings import Settings

NEEDED = {"DATABASE_URL": "a", "VALKEY_URL": "b", "SECRET_KEY": "c", "STORAGE_URL": "d"}


def settings(**changes: str) -> Settings:
    """Settings read from an environment."""
    return Settings.read({f"VIGIE_{name}": value for name, value in {**NEEDED, **changes}.items()})


def test_without_a_setting_the_limits_are_those_of_the_specification() -> None:
    assert Limits.of(settings()) == LIMITS
    assert (LIMITS.file_size, LIMITS.unpacked_size, LIMITS.memory) == (12_582_912, 104_857_600, 536_870_912)
    assert (LIMITS.ratio, LIMITS.members, LIMITS.sheets, LIMITS.rows) == (100, 1_000, 20, 50_000)
    assert (LIMITS.columns, LIMITS.cells, LIMITS.cell_length, LIMITS.cpu_seconds) == (200, 1_500_000, 4_000, 60)


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("IMPORT_MEGABYTES", "file_size", 3 * 1024 * 1024),
        ("IMPORT_UNPACKED_MEGABYTES", "unpacked_size", 3 * 1024 * 1024),
        ("IMPORT_RATIO", "ratio", 3),
        ("IMPORT_MEMBERS", "members", 3),
        ("IMPORT_SHEETS", "sheets", 3),
        ("IMPORT_ROWS", "rows", 3),
        ("IMPORT_COLUMNS", "columns", 3),
        ("IMPORT_CELLS", "cells", 3),
        ("IMPORT_CELL_LENGTH", "cell_length", 3),
        ("IMPORT_MEMORY_MEGABYTES", "memory", 3 * 1024 * 1024),
        ("IMPORT_CPU_SECONDS", "cpu_seconds", 3),
    ],
)
def test_each_limit_is_a_setting(name: str, field: str, value: int) -> None:
    assert getattr(Limits.of(settings(**{name: "3"})), field) == value


def test_the_clock_on_the_wall_leaves_thirty_seconds_more() -> None:
    assert Limits.of(settings(IMPORT_CPU_SECONDS="10")).wall_seconds == 40


@pytest.mark.parametrize("value", ["0", "-1", "douze"])
def test_a_limit_that_is_no_positive_number_stops_the_start(value: str) -> None:
    with pytest.raises(Invalid, match="VIGIE_IMPORT_ROWS"):
        settings(IMPORT_ROWS=value)
