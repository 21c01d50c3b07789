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
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from importers.demonstration.seed import ACCOUNTS
from tenants import embedded
from tests.conftest import admin

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
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


@contextlib.contextmanager
def starting() -> Iterator[Callable[..., Running]]:
    """Start `vigie run`; whatever happens meanwhile, it is ended."""
    started: list[Running] = []

    def start(folder: Path, **environ: str) -> Running:
        started.append(Running(folder, **environ))
        return started[-1]

    try:
        yield start
    finally:
        for running in started:
            running.killer.cancel()
            if running.process.poll() is None:
                running.interrupt()
            assert running.process.stdout is not None
            running.process.stdout.close()


@pytest.fixture
def run() -> Iterator[Callable[..., Running]]:
    """Start `vigie run` during a test."""
    with starting() as start:
        yield start


@dataclass(frozen=True)
class First:
    """What a first start in an empty folder did, until Ctrl-C: what it said, what ran, what it left."""

    folder: Path
    told: str
    address: str
    commands: str
    code: int
    left: list[psutil.Process]


@pytest.fixture(scope="module")
def first() -> Iterator[First]:
    """One first start for all: it imports the demonstration, which takes most of its time."""
    with tempfile.TemporaryDirectory(prefix="vigie-run-", ignore_cleanup_errors=True) as place, starting() as start:
        running = start(Path(place))
        address = running.until("Vigie répond à l’adresse")
        running.until("Ctrl-C pour arrêter")
        told, family = "".join(running.said), running.family()
        commands = said_by(family)
        code = running.interrupt()
        yield First(Path(place), told, address, commands, code, left_of(family))


@pytest.fixture
def furnished(first: First, place: Path) -> Path:
    """The folder of an installation that has run already, to each test its own; its owners are kept."""
    subprocess.run(["cp", "-a", f"{first.folder}/.", place], check=True)
    return place


def left_of(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that do not end, a minute given: `pg_ctl` answers when the file of PostgreSQL is gone, a moment before its process."""
    limit = time.monotonic() + PATIENCE
    while (left := alive(processes)) and time.monotonic() < limit:
        psutil.wait_procs(left, timeout=0.1)
    return left


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


def test_one_command_tells_its_progress_the_address_and_an_account_per_role(first):
    told = first.told
    assert re.search(r"http://127\.0\.0\.1:\d+/", first.address)
    assert all(account.email in told for account in ACCOUNTS)
    assert (
        told.index("Démarrage de PostgreSQL")
        < told.index("Import du classeur de démonstration")
        < told.index(first.address)
    )
    running = ("postgres", "valkey-server", "gunicorn", " worker", " relay")
    assert all(name in first.commands for name in running), first.commands
    assert first.code == 0
    assert first.left == []


def test_a_second_start_imports_nothing_again(furnished, run):
    second = run(furnished)
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


def test_closing_the_terminal_leaves_no_process(furnished, run):
    running = run(furnished)
    running.until("Ctrl-C pour arrêter")
    family = running.family()
    running.end(signal.SIGHUP)
    assert left_of(family) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent was killed")
def test_a_killed_run_takes_its_children_along_and_the_next_one_ends_the_rest(furnished, run):
    killed = run(furnished)
    killed.until("Ctrl-C pour arrêter")
    family = killed.family()
    # A daemon has no parent to follow: only PostgreSQL waits for the next start.
    children = psutil.Process(killed.process.pid).children(recursive=True)
    assert len(children) >= 4
    killed.process.kill()
    assert left_of(children) == []
    following = run(furnished)
    following.until("Ctrl-C pour arrêter")
    family += following.family()
    assert following.interrupt() == 0
    assert left_of(family) == []


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
    assert (
        left_of([p for p in psutil.process_iter(["cmdline"]) if str(place) in " ".join(p.info["cmdline"] or ())]) == []
    )


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
