"""`vigie run`: one command starts everything, Ctrl-C leaves nothing."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from importers.demonstration.seed import ACCOUNTS
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
        return self.end(signal.SIGINT)

    def end(self, how: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(how)
        return self.wait()

    def wait(self) -> int:
        """Read until the end."""
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
    """Those that still run (a zombie does not, nor one that ends while it is looked at)."""
    return [process for process in processes if _running(process)]


def _running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def said_by(processes: list[psutil.Process]) -> str:
    """Their command lines; one that ends while it is looked at says nothing."""
    said = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            said += process.cmdline()
    return " ".join(said)


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
    said = said_by(family)
    assert all(name in said for name in ("postgres", "valkey-server", "gunicorn", " worker", " relay")), said
    assert running.interrupt() == 0
    assert alive(family) == []


def test_a_second_start_imports_nothing_again(place, run):
    first = run(place)
    first.until("Ctrl-C pour arrêter")
    first.interrupt()
    second = run(place)
    second.until("Ctrl-C pour arrêter")
    assert not any("Import d" in line for line in second.said)


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


def test_closing_the_terminal_leaves_no_process(place, run):
    running = run(place)
    running.until("Ctrl-C pour arrêter")
    family = running.family()
    running.end(signal.SIGHUP)
    assert alive(family) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent was killed")
def test_a_killed_run_takes_its_children_along_and_the_next_one_ends_the_rest(place, run):
    killed = run(place)
    killed.until("Ctrl-C pour arrêter")
    family = killed.family()
    # A daemon has no parent to follow: only PostgreSQL waits for the next start.
    children = psutil.Process(killed.process.pid).children(recursive=True)
    assert len(children) >= 4
    killed.process.kill()
    psutil.wait_procs(children, timeout=60)
    assert alive(children) == []
    following = run(place)
    following.until("Ctrl-C pour arrêter")
    family += following.family()
    assert following.interrupt() == 0
    assert alive(family) == []


def test_a_second_run_in_the_same_folder_is_refused_and_spoils_nothing(place, run):
    (place / ".vigie").mkdir()
    (place / ".vigie" / "environment").write_text("VIGIE_BIND=127.0.0.1:1\n", encoding="utf-8")
    with (place / ".vigie" / "run.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as the first one does
        second = run(place)
        line = second.until("Vigie tourne déjà dans ce dossier")
        assert second.wait() == 1
    assert line.strip().endswith(".")
    assert (place / ".vigie" / "environment").exists()
    assert not (place / ".vigie" / "servers").exists()


def test_a_run_holds_its_folder_until_its_end(place, run):
    first = run(place)
    first.until("Démarrage de PostgreSQL")
    with (place / ".vigie" / "run.lock").open("a") as lock:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        first.interrupt()
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert [p for p in psutil.process_iter(["cmdline"]) if str(place) in " ".join(p.info["cmdline"] or ())] == []


def test_an_address_that_another_program_holds_is_refused_before_anything_starts(place, run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        bind = f"127.0.0.1:{other.getsockname()[1]}"
        running = run(place, VIGIE_BIND=bind)
        running.until(f"L’adresse {bind} est déjà prise")
        assert running.wait() == 1
    assert not (place / ".vigie" / "servers").exists()


@pytest.mark.parametrize("bind", ["8000", "127.0.0.1:http", ":8000"])
def test_an_address_that_is_none_is_refused(place, run, bind):
    running = run(place, VIGIE_BIND=bind)
    running.until(f"« {bind} » n’est pas une adresse")
    assert running.wait() == 1
