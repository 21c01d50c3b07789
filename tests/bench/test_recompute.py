"""What computing the nation again costs, as a ratio between two sizes in the same run: ``make bench``."""

from __future__ import annotations

import time
from datetime import date

import pytest

import wsgi
from compliance.reports import recompute
from compliance.services import candidate as candidates
from compliance.services import party as party_services
from importers.demonstration import volumes
from tenants.cli import Installation
from tenants.db import db
from tests.factories.commands import environment
from tests.factories.states import CARE
from tests.factories.volumes import empty, write

pytestmark = pytest.mark.bench

SMALL, LARGE = volumes.NATION.scaled(40), volumes.NATION.scaled(10)
ON = date(2026, 11, 22)


def test_the_nation_is_computed_again_in_a_time_linear_in_its_size(servers, settings, folder):
    each = {}
    for plan in (SMALL, LARGE):
        own, app = empty(servers, settings, folder, f"vigie_bench_recompute_{plan.candidates}")
        write(app, own, plan)
        installation = Installation(environment(own), wsgi.create_app)
        times = []
        for _ in range(3):  # the first of them warms the caches of the server
            with installation.reading_everything():
                start = time.perf_counter()
                count, _rows = recompute.tally(found for (found,) in recompute.states("D2", [CARE], ON, date.today()))
                times.append(time.perf_counter() - start)
            assert count == plan.candidates
        seconds = min(times)
        with installation.reading_everything():
            parties = sum(
                len(found) for found in party_services.parties_of(candidates.readable("D2"), ON, date.today()).values()
            )
        each[plan] = seconds / count
        told = (
            f"{count / seconds:.0f} candidates/s, {parties / count:.1f} parties each, {parties / seconds:.0f} parties/s"
        )
        print(f"{count} candidates: {seconds:.2f} s, {told}")
        with app.app_context():
            db.engine.dispose()
    assert each[LARGE] <= 1.3 * each[SMALL]
