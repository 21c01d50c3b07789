"""What every test shares: local servers started once, the same database at the start of each test, the shared folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import create_engine, text

import wsgi
from importers import understanding
from importers.facts import Facts
from tenants import cli, embedded
from tenants.db import db, owner_engine, psycopg_url
from tenants.embedded import Embedded
from tenants.settings import Settings
from tenants.web.limits import limiter
from tests.factories.commands import environment
from tests.factories.world import PASSWORD, World, build
from tests.importers.kits import TODAY as DAY_OF_KITS
from wsgi import create_app

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
DATABASE, TEMPLATE = "vigie_test", "vigie_world"
# Each test copies some seven hundred files: half the work of a disk when they stay in memory. Containers give it 64 MB
# unless told otherwise, hence the room asked for (a whole run leaves a tenth of it).
MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3  # noqa: S108  # mkdtemp makes a folder of ours in it


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real extracts beside the project; the tests that need it are skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared/data is not here")
    return SHARED


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder that the server's own user may enter, unlike pytest's; in memory where there is room for its databases."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    path = Path(tempfile.mkdtemp(prefix="vigie-tests-", dir=MEMORY if roomy else None))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def servers(folder: Path) -> Iterator[Embedded]:
    """PostgreSQL and Valkey of this test process."""
    with embedded.servers(folder / "servers", durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def settings(servers: Embedded, folder: Path) -> Settings:
    """Settings of the application under test: it connects as vigie_app, never as the owner."""
    return Settings(
        database_url=servers.database(DATABASE, "vigie_app"),
        owner_database_url=servers.database(DATABASE, "vigie_owner"),
        valkey_url=servers.valkey_url,
        secret_key="a secret for tests only",
        storage_url=(folder / "evidence").as_uri(),
        secure_cookies=False,
    )


@pytest.fixture(scope="session")
def application(settings: Settings) -> Flask:
    """The application, made once; its database is put back before each test."""
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    limiter.enabled = False  # the tests of sign-in switch it on
    return app


@pytest.fixture(scope="session")
def world_template(servers: Embedded, settings: Settings, application: Flask) -> World:
    """Build the world once, in a database that each test gets a copy of."""
    embedded.create_database(servers, DATABASE)
    owner = owner_engine(settings.owner_database_url)
    cli.prepare(owner)
    world = build(application, owner)
    owner.dispose()
    with application.app_context():
        db.engine.dispose()
    admin(servers, f'ALTER DATABASE "{DATABASE}" RENAME TO "{TEMPLATE}"')
    return world


def admin(servers: Embedded, *statements: str) -> None:
    """Run statements as the superuser of the test server."""
    engine = create_engine(psycopg_url(servers.admin_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def world(world_template: World, servers: Embedded, application: Flask) -> Iterator[World]:
    """Two regions, four candidates and their establishments, as they were at the start."""
    admin(servers, f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
    embedded.create_database(servers, DATABASE, TEMPLATE)
    Redis.from_url(servers.valkey_url).flushdb()
    yield world_template
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(application: Flask, world: World) -> Flask:  # its database is the world's
    """The application over the world."""
    return application


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without an account."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask):
    """Return a function that gives the browser of somebody: `sign_in("dsi@deux-caps.example")`."""

    def enter(email: str) -> FlaskClient:
        browser = app.test_client()
        answer = browser.post("/connexion", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return browser

    return enter


@pytest.fixture
def day_of_kits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge workbooks on the day they were written for; what is stored keeps the real clock."""
    monkeypatch.setattr(understanding, "Facts", lambda **given: Facts(**(given | {"today": DAY_OF_KITS})))


@pytest.fixture
def vigie(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch, day_of_kits: None):
    """Return a function that runs the command over the world of the test: `vigie("import", ...)`."""
    monkeypatch.setattr(wsgi, "create_app", lambda _: app)

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(wsgi.cli, [str(argument) for argument in arguments], env=environment(settings))

    return run


@pytest.fixture
def operator(app: Flask, settings: Settings):
    """Return a function that runs a command which makes its own application, on the owner's role: `operator("recompute")`."""

    def run(*arguments: object, without: str = "") -> Result:
        given = {name: value for name, value in environment(settings).items() if name != without}
        return CliRunner().invoke(wsgi.cli, [str(argument) for argument in arguments], env=given)

    return run
