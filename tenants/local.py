"""`vigie run`: the whole product on one machine, with local servers unless addresses of real ones are given."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import click
from sqlalchemy import make_url

from tenants import embedded
from tenants.errors import Conflict, Invalid, Unavailable

FOLDER = Path(".vigie")
ENVIRONMENT = FOLDER / "environment"
LOCK = FOLDER / "run.lock"
SERVERS = ("serve", "worker", "relay")
PATIENCE = 60
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C, end of the process, terminal closed


def known(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment, completed by what `vigie run` wrote: commands typed beside it find its servers."""
    if environ.get("VIGIE_DATABASE_URL") or not ENVIRONMENT.exists():
        return dict(environ)
    lines = ENVIRONMENT.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line) | dict(environ)


def serves(database_url: str) -> bool:
    """Tell whether a database is of the PostgreSQL that `vigie run` starts in this folder, and not of a server given to it."""
    host = make_url(database_url).query.get("host")
    return isinstance(host, str) and Path(host).is_relative_to((FOLDER / "servers").resolve())


@contextmanager
def installation(environ: Mapping[str, str]) -> Iterator[tuple[dict[str, str], socket.socket]]:
    """Give the environment of a local installation and the socket of its pages, which listens already.

    Servers are those of the addresses given, or are started here.

    Raises Conflict when another one runs in this folder, Unavailable when the address of the pages is taken.
    """
    FOLDER.mkdir(exist_ok=True)
    with _alone(), _stopping_in_order():
        yield from _installation(environ)


def _installation(environ: Mapping[str, str]) -> Iterator[tuple[dict[str, str], socket.socket]]:
    bind, listener = _listen(environ.get("VIGIE_BIND", ""))
    settings = {
        "VIGIE_SECRET_KEY": embedded.secret_key(FOLDER),
        "VIGIE_STORAGE_URL": (FOLDER / "evidence").resolve().as_uri(),
        "VIGIE_SECURE_COOKIES": "0",
    }
    with ExitStack() as stack:
        stack.enter_context(listener)
        if not environ.get("VIGIE_DATABASE_URL") or not environ.get("VIGIE_VALKEY_URL"):
            click.echo("Démarrage de PostgreSQL et de Valkey…")
            servers = stack.enter_context(embedded.servers((FOLDER / "servers").resolve()))
            embedded.create_database(servers, "vigie")
            settings["VIGIE_VALKEY_URL"] = servers.valkey_url
            if not environ.get("VIGIE_DATABASE_URL"):
                settings["VIGIE_DATABASE_URL"] = servers.database("vigie", "vigie_app")
                settings["VIGIE_OWNER_DATABASE_URL"] = servers.database("vigie", "vigie_owner")
        settings |= {name: value for name, value in environ.items() if name.startswith("VIGIE_")}
        settings["VIGIE_BIND"] = bind
        if not settings.get("VIGIE_OWNER_DATABASE_URL"):
            raise Invalid(
                "Avec VIGIE_DATABASE_URL, donnez aussi VIGIE_OWNER_DATABASE_URL (rôle propriétaire, pour les migrations)."
            )
        ENVIRONMENT.touch(mode=0o600)
        ENVIRONMENT.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
        try:
            yield dict(environ) | settings, listener
        finally:
            ENVIRONMENT.unlink(missing_ok=True)


def run(
    environ: Mapping[str, str], listener: socket.socket, prepare: Callable[[], None], seed: Callable[[], list[str]]
) -> None:
    """Start web, worker and relay, seed through them, tell where to go, and wait until Ctrl-C. Leaves no process."""
    children: list[subprocess.Popen[bytes]] = []
    try:
        prepare()
        click.echo("Démarrage des pages, des travaux et du relais…")
        # The pages inherit a socket that listens already: nobody else can answer at the address told.
        inherited = {"VIGIE_BIND": f"fd://{listener.fileno()}"}
        for name in SERVERS:
            # Sessions of their own: Ctrl-C reaches this process alone, which ends them in order.
            command = [sys.executable, "-m", "wsgi", name]
            children.append(
                subprocess.Popen(  # noqa: S603
                    command,
                    env=dict(environ) | inherited,
                    pass_fds=(listener.fileno(),) if name == "serve" else (),
                    start_new_session=True,
                    preexec_fn=embedded.tied(),  # noqa: PLW1509  # it calls the system alone
                )
            )
        address = f"http://{environ['VIGIE_BIND']}/"
        _wait_until_ready(address, children)
        told = seed()
        click.echo(f"\nVigie répond à l’adresse {address}\n")
        for line in told:
            click.echo(line)
        click.echo("\nCtrl-C pour arrêter.")
        _watch(children)
    except KeyboardInterrupt:
        with suppress(OSError):  # the terminal may be gone
            click.echo("\nArrêt…")
    finally:
        _ignore_stops()
        _end(children)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the folder. The system lets go of the lock with the process, however it ends."""
    with LOCK.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Conflict(
                f"Vigie tourne déjà dans ce dossier ({FOLDER.resolve()}) : arrêtez-la d’abord (Ctrl-C), "
                "ou lancez la commande dans un autre dossier."
            ) from None
        yield


@contextmanager
def _stopping_in_order() -> Iterator[None]:
    """Make each way to stop the same as Ctrl-C: once. A stop that the caller ignores (nohup) stays ignored."""

    def stop(*_: object) -> None:
        _ignore_stops()
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in STOPS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_stops() -> None:
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)


def _listen(bind: str) -> tuple[str, socket.socket]:
    """Listen on the address given, or on the first free port from 8000 on; return the address and the socket.

    Raises Invalid for what is no address, Unavailable when it is taken.
    """
    if bind:
        return bind, _listening(bind)
    for port in range(8000, 8020):
        with suppress(Unavailable):
            return f"127.0.0.1:{port}", _listening(f"127.0.0.1:{port}")
    raise Unavailable("Aucun port libre entre 8000 et 8019 : donnez VIGIE_BIND.")


def _listening(bind: str) -> socket.socket:
    host, _, port = bind.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET  # as gunicorn chooses
    try:
        address = socket.getaddrinfo(host.strip("[]"), int(port), family, socket.SOCK_STREAM)[0][4]
    except (ValueError, OSError):
        raise Invalid(f"VIGIE_BIND : « {bind} » n’est pas une adresse et un port, comme 127.0.0.1:8000.") from None
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Unavailable(
                f"L’adresse {bind} est déjà prise par un autre programme : arrêtez-le, ou changez VIGIE_BIND."
            ) from None
        raise Unavailable(f"L’adresse {bind} ne peut pas être ouverte ici : changez VIGIE_BIND.") from None
    return listener


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
            continue
        except subprocess.TimeoutExpired:
            child.terminate()  # asked twice, the worker gives up its job, whose process is in a group of its own
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
