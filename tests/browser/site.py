"""The product as it is served: gunicorn, an RQ worker and the relay, each in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tenants.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds a process is given to start or to end; a sound one takes a few


@dataclass(frozen=True)
class Site:
    """A running installation: its address, and the settings that a command typed beside it needs."""

    address: str
    settings: Settings
    children: list[subprocess.Popen[str]]

    def vigie(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command line of the product over the same database."""
        return _start(self.settings, *arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    @contextmanager
    def work_held(self) -> Iterator[None]:
        """Hold the worker still meanwhile: what was ordered waits, and its page shows its progress for as long as one looks."""
        worker = self.children[1].pid
        os.kill(worker, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(worker, signal.SIGCONT)


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment that gives these settings to a process, and no other of this machine."""
    values = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
    return values | {
        "VIGIE_DATABASE_URL": settings.database_url,
        "VIGIE_OWNER_DATABASE_URL": settings.owner_database_url,
        "VIGIE_VALKEY_URL": settings.valkey_url,
        "VIGIE_SECRET_KEY": settings.secret_key,
        "VIGIE_STORAGE_URL": settings.storage_url,
        "VIGIE_SECURE_COOKIES": "1" if settings.secure_cookies else "0",
        "VIGIE_BIND": settings.bind,
        "VIGIE_WEB_WORKERS": str(settings.web_workers),
        "VIGIE_WEB_THREADS": str(settings.web_threads),
    }


def _start(settings: Settings, *arguments: str, **options: object) -> subprocess.Popen[str]:
    # Sessions of their own, so that what a process leaves behind can be found and ended with it.
    command = [sys.executable, "-m", "wsgi", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment(settings), start_new_session=True, **options)  # type: ignore[call-overload,no-any-return]


@contextmanager
def serve(settings: Settings, logs: Path) -> Iterator[Site]:
    """Start pages, jobs and relay; stop them at the end, and whatever they started."""
    logs.mkdir(parents=True, exist_ok=True)
    children: list[subprocess.Popen[str]] = []
    with ExitStack() as stack:
        # The socket listens before the server exists: the first request waits for it, and no other process can take the port.
        door = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        site = Site(
            f"http://127.0.0.1:{door.getsockname()[1]}", replace(settings, bind=f"fd://{door.fileno()}"), children
        )
        stack.callback(_end, children)
        for name in ("serve", "worker", "relay"):
            log = stack.enter_context((logs / f"{name}.log").open("w"))
            fds = (door.fileno(),) if name == "serve" else ()
            children.append(_start(site.settings, name, stdout=log, stderr=subprocess.STDOUT, pass_fds=fds))
        door.close()
        try:
            with urllib.request.urlopen(f"{site.address}/readyz", timeout=PATIENCE) as answer:  # noqa: S310  # our own address
                assert answer.status == 200
        except OSError as error:
            raise AssertionError((logs / "serve.log").read_text()) from error
        yield site


def _end(children: list[subprocess.Popen[str]]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    left = [child.args for child in children if _has_offspring(child.pid)]
    assert not left, f"processes are left behind by {left}"


def _has_offspring(group: int) -> bool:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
