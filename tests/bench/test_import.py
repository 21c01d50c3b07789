"""What an import costs, as ratios against a floor measured in the same run: ``make bench``.

The floor is what nobody can do without: the same reader, and COPY of the same values into a bare table.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest

from importers import deposits
from importers.reading import sheet
from tenants.db import libpq_url
from tests.bench import workbooks
from tests.factories import acting as at
from tests.factories.acting import acting, seen
from tests.factories.commands import environment
from tests.factories.jobs import run_jobs
from tests.importers.kits import Member

pytestmark = [pytest.mark.bench, pytest.mark.usefixtures("day_of_kits")]

FINESS = at.REFERENT_SCOPE.partition(":")[2]
SCOPE = f"etablissement:{FINESS}"
ROWS = 50_000


def measured(settings: Any, path: Path) -> dict[str, Any]:
    """Import a file in a process of its own and return what it cost."""
    result = subprocess.run(
        [sys.executable, "-m", "tests.bench.measure", at.REFERENT, SCOPE, str(path)],
        env=os.environ | environment(settings), capture_output=True, text=True, check=True,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return told


def floor(settings: Any, path: Path) -> float:
    """Seconds to read the file and COPY its values, nothing else."""
    start = time.perf_counter()
    book = sheet.read(path)
    with psycopg.connect(libpq_url(settings.database_url)) as connection, connection.cursor() as cursor:
        for rank, source in enumerate(book.sheets):
            width = max(max(row) for row in source.rows.values())
            columns = ", ".join(f"c{place} text" for place in range(1, width + 1))
            cursor.execute(f"CREATE TEMP TABLE bare_{rank} ({columns})")
            with cursor.copy(f"COPY bare_{rank} FROM STDIN") as copy:
                for row in source.rows.values():
                    copy.write_row([row[place].text if place in row else None for place in range(1, width + 1)])
    return time.perf_counter() - start


@pytest.fixture
def attendance(tmp_path):
    """Return a function that writes K3 of so many rows."""
    return lambda rows: workbooks.attendance(tmp_path / f"k3-{rows}.xlsx", FINESS, rows)


def test_fifty_thousand_attendances_cost_at_most_three_floors_and_little_memory(app, world, settings, attendance):
    path = attendance(ROWS)
    lowest = min(floor(settings, path) for _ in range(3))
    first = measured(settings, path)
    again = measured(settings, path)
    print(f"floor {lowest:.1f} s; first {first}; the same file again {again}")
    assert first["applied"] and first["errors"] == 0
    assert first["rows"] == ROWS + ROWS // workbooks.PER_SESSION
    assert again["rows"] == 0
    assert seen(app, "SELECT count(*) AS n FROM attendance WHERE import_id IS NOT NULL")[0]["n"] == ROWS
    for cost in (first, again):
        assert cost["seconds"] <= 3 * lowest
        assert cost["child_mb"] < 400
        assert cost["worker_mb"] < 200


def test_the_cost_is_linear_and_the_number_of_statements_does_not_grow(app, world, settings, attendance):
    measured(settings, attendance(workbooks.PER_SESSION))  # the layout is remembered once
    small, large = measured(settings, attendance(ROWS // 10)), measured(settings, attendance(ROWS))
    print(
        f"{ROWS // 10} rows {small['seconds']:.1f} s, {ROWS} rows {large['seconds']:.1f} s; statements {large['statements']}"
    )
    assert large["statements"] == small["statements"]
    assert large["seconds"] / small["seconds"] <= 10 * 1.2


def test_a_workbook_of_250_perimeters_previews_in_under_two_seconds(app, world, tmp_path):
    members = [Member(number, name) for number, name in zip(world.establishments, world.establishments, strict=True)]
    path = workbooks.perimeters(tmp_path / "k1.xlsx", members[:8], 32)
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        run_id = deposits.receive("k1.xlsx", BytesIO(path.read_bytes()))
    start = time.perf_counter()
    run_jobs(app)
    seconds = time.perf_counter() - start
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        counts = [each["counts"] for each in deposits.get(run_id).report["sheets"]]
    print(f"preview of {sum(counts[1].values())} perimeters: {seconds:.2f} s")
    assert sum(counts[1].values()) >= 250
    assert seconds < 2


def test_pages_answer_as_usual_while_a_large_file_is_imported(app, world, settings, sign_in, attendance):
    path = attendance(ROWS)
    browser = sign_in(at.REFERENT)
    page = f"/etablissements/{FINESS}/"

    def answer() -> float:
        start = time.perf_counter()
        assert browser.get(page).status_code == 200
        return time.perf_counter() - start

    answer()
    idle = statistics.median(answer() for _ in range(20))
    command = [sys.executable, "-m", "tests.bench.measure", at.REFERENT, SCOPE, str(path)]
    with subprocess.Popen(command, env=os.environ | environment(settings), stdout=subprocess.DEVNULL) as importing:
        busy = []
        while importing.poll() is None:
            busy.append(answer())
    during = statistics.median(busy)
    print(f"page {idle * 1000:.0f} ms idle, {during * 1000:.0f} ms during the import ({len(busy)} answers)")
    assert importing.returncode == 0
    assert during <= 3 * idle
