"""What the data sets of volumes cost to write, as ratios between two sizes in the same run: ``make bench``."""

from __future__ import annotations

import time

import pytest

from importers.demonstration import volumes
from tenants.db import db
from tests.factories.volumes import empty, write

pytestmark = pytest.mark.bench

SMALL, LARGE = volumes.NATION.scaled(40), volumes.NATION.scaled(10)


def test_the_nation_is_written_in_a_time_linear_in_its_size(servers, settings, folder):
    seconds = {}
    for plan in (SMALL, LARGE):
        own, app = empty(servers, settings, folder, f"vigie_bench_{plan.candidates}")
        start = time.perf_counter()
        assert write(app, own, plan) == plan.candidates
        seconds[plan] = time.perf_counter() - start
        start = time.perf_counter()
        assert write(app, own, plan) == 0
        again = time.perf_counter() - start
        print(
            f"{plan.candidates} candidates, {plan.attendance} attendances: {seconds[plan]:.1f} s, again {again:.2f} s"
        )
        with app.app_context():
            db.engine.dispose()
    assert LARGE.attendance == 4 * SMALL.attendance
    assert seconds[LARGE] <= 1.3 * 4 * seconds[SMALL]
