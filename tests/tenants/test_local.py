"""`vigie run`: one command starts everything, Ctrl-C leaves nothing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from importers.demo import ACCOUNTS
from tenants import embedded
from tests.conftest import admin

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("whole")


class Running:
    """`vigie run` in a folder of its own, and what it said so far."""

    def __init__(self, folder: Path, **environ: str) -> None:
        env = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wsgi", "run"],
            cwd=folder,
            env={**env, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []
        self.killer = threading.Timer(240, self.process.kill)
        self.killer.start()

    def until(self, sentence: str) -> str:
        """Read until a line that holds the sentence; fail with everything said when it ends before."""
        for line in self.process.stdout or ():
            self.said.append(line)
            if sentence in line:
                return line
        raise AssertionError("".join(self.said))

    def family(self) -> list[psutil.Process]:
        """Every process that it started, servers included."""
        servers = [p for p in psutil.process_iter(["cmdline", "environ"]) if self._ours(p)]
        return [*psutil.Process(self.process.pid).children(recursive=True), *servers]

    def _ours(self, process: psutil.Process) -> bool:
        return str(self.folder) in " ".join(process.info["cmdline"] or ())

    @property
    def folder(self) -> Path:
        """Where it runs."""
        return Path(psutil.Process(self.process.pid).cwd())

    def interrupt(self) -> int:
        """Press Ctrl-C and wait for the end."""
        self.process.send_signal(signal.SIGINT)
        for line in self.process.stdout or ():
            self.said.append(line)
        return self.process.wait()


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder that the database server's own user may enter."""
    with tempfile.TemporaryDirectory(prefix="vigie-run-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def run() -> Iterator[object]:
    """Start `vigie run`; whatever happens in the test, it is ended."""
    started: list[Running] = []

    def start(folder: Path, **environ: str) -> Running:
        started.append(Running(folder, **environ))
        return started[-1]

    yield start
    for running in started:
        running.killer.cancel()
        if running.process.poll() is None:
            running.interrupt()
        assert running.process.stdout is not None
        running.process.stdout.close()


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run (a zombie does not)."""
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def test_one_command_tells_its_progress_the_address_and_an_account_per_role(place, run):
    running = run(place)
    address = running.until("Vigie répond à l’adresse")
    running.until("Ctrl-C pour arrêter")
    told = "".join(running.said)
    family = running.family()
    assert re.search(r"http://127\.0\.0\.1:\d+/", address)
    assert all(account.email in told for account in ACCOUNTS)
    assert (
        told.index("Démarrage de PostgreSQL") < told.index("Import du classeur de démonstration") < told.index(address)
    )
    said = " ".join(word for process in family for word in process.cmdline())
    assert all(name in said for name in ("postgres", "valkey-server", "gunicorn", " worker", " relay")), said
    assert running.interrupt() == 0
    assert alive(family) == []


def test_a_second_start_imports_nothing_again(place, run):
    first = run(place)
    first.until("Ctrl-C pour arrêter")
    first.interrupt()
    second = run(place)
    second.until("Ctrl-C pour arrêter")
    assert not any("Import du classeur" in line for line in second.said)


def test_addresses_of_real_servers_replace_the_embedded_ones(place, run, servers):
    embedded.create_database(servers, "vigie_run")
    running = run(
        place,
        VIGIE_DATABASE_URL=servers.database("vigie_run", "vigie_app"),
        VIGIE_OWNER_DATABASE_URL=servers.database("vigie_run", "vigie_owner"),
        VIGIE_VALKEY_URL=servers.valkey_url,
    )
    running.until("Ctrl-C pour arrêter")
    assert not any("Démarrage de PostgreSQL" in line for line in running.said)
    assert not (place / ".vigie" / "servers").exists()
    running.interrupt()
    admin(servers, 'DROP DATABASE "vigie_run" WITH (FORCE)')
