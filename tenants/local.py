"""`vigie run`: the whole product on one machine, with local servers unless addresses of real ones are given."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from tenants import embedded
from tenants.errors import Invalid, Unavailable

FOLDER = Path(".vigie")
ENVIRONMENT = FOLDER / "environment"
SERVERS = ("serve", "worker", "relay")
PATIENCE = 60


def known(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment, completed by what `vigie run` wrote: commands typed beside it find its servers."""
    if environ.get("VIGIE_DATABASE_URL") or not ENVIRONMENT.exists():
        return dict(environ)
    lines = ENVIRONMENT.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line) | dict(environ)


@contextmanager
def installation(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Give the environment of a local installation: the addresses given, or those of servers started for it."""
    FOLDER.mkdir(exist_ok=True)
    settings = {
        "VIGIE_SECRET_KEY": embedded.secret_key(FOLDER),
        "VIGIE_STORAGE_URL": (FOLDER / "evidence").resolve().as_uri(),
        "VIGIE_BIND": f"127.0.0.1:{_free_port()}",
        "VIGIE_SECURE_COOKIES": "0",
    }
    with ExitStack() as stack:
        if not environ.get("VIGIE_DATABASE_URL") or not environ.get("VIGIE_VALKEY_URL"):
            click.echo("Démarrage de PostgreSQL et de Valkey…")
            servers = stack.enter_context(embedded.servers((FOLDER / "servers").resolve()))
            embedded.create_database(servers, "vigie")
            settings["VIGIE_VALKEY_URL"] = servers.valkey_url
            if not environ.get("VIGIE_DATABASE_URL"):
                settings["VIGIE_DATABASE_URL"] = servers.database("vigie", "vigie_app")
                settings["VIGIE_OWNER_DATABASE_URL"] = servers.database("vigie", "vigie_owner")
        settings |= {name: value for name, value in environ.items() if name.startswith("VIGIE_")}
        if not settings.get("VIGIE_OWNER_DATABASE_URL"):
            raise Invalid(
                "Avec VIGIE_DATABASE_URL, donnez aussi VIGIE_OWNER_DATABASE_URL (rôle propriétaire, pour les migrations)."
            )
        ENVIRONMENT.touch(mode=0o600)
        ENVIRONMENT.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
        try:
            yield dict(environ) | settings
        finally:
            ENVIRONMENT.unlink(missing_ok=True)


def run(environ: Mapping[str, str], prepare: Callable[[], None], seed: Callable[[], list[str]]) -> None:
    """Start web, worker and relay, seed through them, tell where to go, and wait until Ctrl-C. Leaves no process."""
    children: list[subprocess.Popen[bytes]] = []

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        prepare()
        click.echo("Démarrage des pages, des travaux et du relais…")
        # Sessions of their own: Ctrl-C reaches this process alone, which ends them in order.
        children += [
            subprocess.Popen([sys.executable, "-m", "wsgi", name], env=dict(environ), start_new_session=True)  # noqa: S603
            for name in SERVERS
        ]
        address = f"http://{environ['VIGIE_BIND']}/"
        _wait_until_ready(address, children)
        told = seed()
        click.echo(f"\nVigie répond à l’adresse {address}\n")
        for line in told:
            click.echo(line)
        click.echo("\nCtrl-C pour arrêter.")
        _watch(children)
    except KeyboardInterrupt:
        click.echo("\nArrêt…")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _end(children)


def _free_port() -> int:
    for port in range(8000, 8020):
        with socket.socket() as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Unavailable("Aucun port libre entre 8000 et 8019 : donnez VIGIE_BIND.")


def _wait_until_ready(address: str, children: list[subprocess.Popen[bytes]]) -> None:
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        _refuse_dead(children)
        try:
            with urllib.request.urlopen(f"{address}readyz", timeout=5) as answer:  # noqa: S310  # our own address
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise Unavailable("Les pages ne répondent pas : voir les messages ci-dessus.")


def _refuse_dead(children: list[subprocess.Popen[bytes]]) -> None:
    for name, child in zip(SERVERS, children, strict=True):
        if child.poll() is not None:
            raise Unavailable(
                f"Le processus « {name} » s’est arrêté (code {child.returncode}) : voir les messages ci-dessus."
            )


def _watch(children: list[subprocess.Popen[bytes]]) -> None:
    while True:
        _refuse_dead(children)
        time.sleep(0.5)


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
