"""A crash at any point of a job leaves the state before or the state after, never one between; run again, the job ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from redis import Redis

from compliance.services import party, perimeter, register
from importers import layout_memory, registry, service, store, undo
from importers.base import Sheet
from tenants import audit, jobs
from tenants.db import db
from tests.conftest import DAY_OF_KITS
from tests.factories import acting as at
from tests.factories.acting import seen
from tests.factories.jobs import relayed, run_jobs
from tests.importers import desk, samples

pytestmark = pytest.mark.usefixtures("day_of_kits")

TWO = [member.finess for member in at.CAPES_MEMBERS[2:4]]
HALVES = (registry.WORKBOOKS[:4], registry.WORKBOOKS[4:])


class PowerCut(Exception):
    """The machine stops here."""


@pytest.fixture
def dsi(app, world) -> desk.Desk:
    return desk.manager(app, world)


def half(rank: int) -> bytes:
    """Half of the kit in one file, for two establishments."""
    book = samples.together(TWO)
    return samples.file(*(samples.of(workbook, book) for workbook in HALVES[rank]))


def still(app) -> dict[str, tuple[int, str]]:
    """What is recorded, but for the deposit itself and the orders of its jobs."""
    return desk.without(desk.dump(app), "import_run", "outbox")


def cut_after(real: Callable[..., Any], when: Callable[..., bool] = lambda *_: True) -> Callable[..., Any]:
    """The same function, that does its work, then stops everything."""

    def act(*arguments: Any, **named: Any) -> Any:
        result = real(*arguments, **named)
        if when(*arguments):
            raise PowerCut
        return result

    return act


def cut_within(real: Callable[..., int], table: str) -> Callable[..., int]:
    """`register.append` that stops when the second row of a table is being copied."""

    def append(model: Any, entries: Iterator[Any], import_id: UUID | None) -> int:
        def some() -> Iterator[Any]:
            for rank, entry in enumerate(entries):
                if rank and register.table_of(model) == table:
                    raise PowerCut
                yield entry

        return real(model, some(), import_id)

    return append


# ------------------------------------------------------------------------------------------------------- in the process


def crashed(app, dsi: desk.Desk, run_id: UUID, monkeypatch, *cut: Any) -> dict[str, Any]:
    """Confirm and apply once with a crash; the deposit afterwards."""
    dsi.confirm(run_id)
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "ATTEMPTS", 1)
        patch.setattr(*cut)
        run_jobs(app)
    return dsi.look(run_id)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_crash_after_any_sheet_or_in_the_middle_of_one_leaves_nothing(app, dsi, monkeypatch, rank) -> None:
    sheets = [sheet for workbook in HALVES[rank] for sheet in workbook.sheets]
    run_id = dsi.deposit(half(rank))
    before, preview, write, append = still(app), dsi.look(run_id)["report"], store.write, register.append
    cuts: list[tuple[Any, str, Any]] = []
    for sheet in sheets:

        def of(found: Sheet, *_: Any, name: str = sheet.name) -> bool:
            return found.name == name

        cuts.append((store, "write", cut_after(write, of)))
        if sheet.record is not None:
            cuts.append((register, "append", cut_within(append, register.table_of(sheet.record))))
    for cut in cuts:
        run = crashed(app, dsi, run_id, monkeypatch, *cut)
        assert (run["state"], run["error"], run["report"]) == ("parsed", jobs.INCIDENT, preview)
        assert still(app) == before
    dsi.confirm(run_id)
    run_jobs(app)
    run = dsi.look(run_id)
    assert (run["state"], run["error"], run["report"]) == ("applied", "", preview)
    again = desk.tally(dsi.look(dsi.deposit(half(rank)))["report"])
    assert {status for counts in again.values() for status in counts} == {"unchanged"}


STEPS: dict[str, tuple[Any, str]] = {
    "the file is read": (service, "understand"),
    "the perimeters are written": (perimeter, "record_many"),
    "the parties are written": (party, "record_parties"),
    "the rows are checked and written": (service, "run_through"),
    "the preview is made": (service, "preview"),
    "the layout is remembered": (layout_memory, "remember"),
    "the audit chain is written": (audit, "record"),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_after_any_step_leaves_nothing(app, dsi, monkeypatch, step) -> None:
    run_id = dsi.deposit(half(0))
    before = still(app)
    owner, name = STEPS[step]
    run = crashed(app, dsi, run_id, monkeypatch, owner, name, cut_after(getattr(owner, name)))
    assert (run["state"], run["error"]) == ("parsed", jobs.INCIDENT)
    assert still(app) == before


def test_a_crash_at_the_commit_leaves_nothing_and_the_next_attempt_ends(app, dsi, monkeypatch) -> None:
    run_id = dsi.deposit(half(0))
    before, states = still(app), []
    commit = db.session.commit

    def cut_once() -> None:
        states.append(still(app))
        if len(states) == 1:
            raise PowerCut
        commit()

    dsi.confirm(run_id)
    with monkeypatch.context() as patch:
        patch.setattr(db.session, "commit", cut_once)
        run_jobs(app)
    assert states == [before, before]
    assert dsi.look(run_id)["state"] == "applied"
    assert still(app) != before


def test_a_connection_lost_in_the_middle_leaves_nothing_and_the_next_attempt_ends(app, dsi, monkeypatch) -> None:
    run_id = dsi.deposit(half(0))
    before, write, states = still(app), store.write, []

    def cut(sheet: Sheet, *arguments: Any) -> None:
        write(sheet, *arguments)
        if sheet.name == "Sessions" and not states:
            seen(
                app,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'vigie_app' AND xact_start IS NOT NULL",
            )
            states.append(still(app))

    dsi.confirm(run_id)
    with monkeypatch.context() as patch:
        patch.setattr(store, "write", cut)
        run_jobs(app)
    assert states == [before]
    assert dsi.look(run_id)["state"] == "applied"


def test_a_job_that_ended_does_nothing_more_when_the_queue_gives_it_again(app, dsi) -> None:
    run_id = dsi.deposit(half(0))
    dsi.confirm(run_id)
    [job_id] = relayed(app)
    for _ in range(2):
        with app.app_context():
            jobs.perform(job_id)
        state = desk.dump(app)
    with app.app_context():
        jobs.perform(job_id)
    assert desk.dump(app) == state
    assert dsi.look(run_id)["state"] == "applied"


def test_a_crash_while_reading_leaves_a_deposit_that_says_so(app, dsi, monkeypatch) -> None:
    before = still(app)
    run_id = dsi.receive(half(0))
    received = desk.without(still(app), "audit_event")
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "ATTEMPTS", 1)
        patch.setattr(service, "preview", cut_after(service.preview))
        run_jobs(app)
    run = dsi.look(run_id)
    assert (run["state"], run["error"], run["report"]) == ("failed", jobs.INCIDENT, None)
    assert desk.without(still(app), "audit_event") == received == desk.without(before, "audit_event")
    with dsi.acting():
        service.again(run_id)
    run_jobs(app)
    assert dsi.look(run_id)["state"] == "parsed"


def test_a_crash_while_taking_back_leaves_everything_applied(app, dsi, monkeypatch) -> None:
    before = [dsi.pages()]
    run_id = dsi.apply(half(0))["id"]
    applied = still(app)
    for owner, name in ((register, "undo"), (audit, "record")):
        with dsi.acting():
            undo.order_undo(run_id)
        with monkeypatch.context() as patch:
            patch.setattr(jobs, "ATTEMPTS", 1)
            patch.setattr(owner, name, cut_after(getattr(owner, name)))
            run_jobs(app)
        run = dsi.look(run_id)
        assert (run["state"], run["error"], run["undo"]) == ("applied", jobs.INCIDENT, None)
        assert still(app) == applied
    assert dsi.undo(run_id)["state"] == "undone"
    assert [dsi.pages()] == before


# ------------------------------------------------------------------------------------------------------ a worker killed

WORKER = """
import os, signal
from datetime import date
from importers import understanding
from importers.facts import Facts
from tenants import audit, jobs
from tenants.settings import Settings
from wsgi import create_app

worker = os.getpid()

def stop(*arguments, **named):
    for process in (worker, os.getpid()):  # the second is forked for the job
        os.kill(process, signal.SIGKILL)

audit.record = stop
understanding.Facts = lambda **given: Facts(**(given | {"today": date.fromisoformat(os.environ["TODAY"])}))
app = create_app(Settings.read(os.environ))
with app.app_context():
    jobs.worker(app.extensions["vigie.valkey"]).work(burst=True)
"""


def killed_at_the_audit(app, settings) -> None:
    """Let a real worker run what is ordered; it is killed when everything is written and nothing committed."""
    with app.app_context(), db.engine.connect() as connection:
        assert jobs.relay(connection, jobs.queue(app.extensions["vigie.valkey"])) == 1
    environment = {
        "VIGIE_DATABASE_URL": settings.database_url,
        "VIGIE_VALKEY_URL": settings.valkey_url,
        "VIGIE_SECRET_KEY": settings.secret_key,
        "VIGIE_STORAGE_URL": settings.storage_url,
        "TODAY": DAY_OF_KITS.isoformat(),
    }
    root = Path(__file__).resolve().parents[2]
    worker = subprocess.run(
        [sys.executable, "-c", WORKER],
        check=False,
        cwd=root,
        env=dict(os.environ) | environment,
        timeout=60,
        capture_output=True,
    )
    assert worker.returncode == -signal.SIGKILL


def found_again(app, settings) -> int:
    """What a worker's death left, once Valkey holds nothing of it: put back in the queue, and run here."""
    with Redis.from_url(settings.valkey_url) as valkey, app.app_context(), db.engine.connect() as connection:
        valkey.flushdb()
        assert jobs.sweep(connection, jobs.queue(valkey), seconds=0) == 1
    return run_jobs(app)


def test_a_worker_killed_while_applying_leaves_nothing_and_the_next_one_ends(app, dsi, settings) -> None:
    run_id = dsi.deposit(half(0))
    dsi.confirm(run_id)
    before = still(app)
    killed_at_the_audit(app, settings)
    assert still(app) == before
    assert dsi.look(run_id)["state"] == "applying"
    assert found_again(app, settings) == 1
    assert dsi.look(run_id)["state"] == "applied"
    again = desk.tally(dsi.look(dsi.deposit(half(0)))["report"])
    assert {status for counts in again.values() for status in counts} == {"unchanged"}


def test_a_worker_killed_while_taking_back_leaves_everything_and_the_next_one_ends(app, dsi, settings) -> None:
    pages = dsi.pages()
    run_id = dsi.apply(half(0))["id"]
    with dsi.acting():
        undo.order_undo(run_id)
    before = still(app)
    killed_at_the_audit(app, settings)
    assert still(app) == before
    assert found_again(app, settings) == 1
    assert dsi.look(run_id)["state"] == "undone"
    assert dsi.pages() == pages
