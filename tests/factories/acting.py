"""Acting as somebody, and looking at the database from above: what a test does around the product."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from psycopg.rows import dict_row
from sqlalchemy import event

from compliance.services import evidence
from importers.demonstration.names import ALONE, ALONE_CODE, OUTSIDE, SITES, TWO_CAPES, TWO_CAPES_CODE
from tenants.db import db, new_id, unit_of_work
from tests.factories.world import ESTUARY, ESTUARY_CODE, World
from tests.importers.kits import Member

CAPES, CAPES_DSI = f"ght:{TWO_CAPES_CODE}", "dsi@deux-caps.example"
ESTUARY_SCOPE, ESTUARY_DSI = f"ght:{ESTUARY_CODE}", "dsi@estuaire.example"
ALONE_SCOPE, ALONE_DSI = f"ght:{ALONE_CODE}", "dsi@roche-vernay.example"
OUTSIDE_SCOPE, OUTSIDE_ADMIN = f"establishment:{OUTSIDE[0]}", "admin@brumont.example"
REFERENT, REFERENT_SCOPE = "referente@marquerive.example", f"establishment:{TWO_CAPES[3][0]}"

CAPES_MEMBERS = [Member(number, name) for number, name in TWO_CAPES]
ESTUARY_MEMBERS = [Member(number, name) for number, name in ESTUARY]
ALONE_MEMBERS = [Member(number, name) for number, name in ALONE]
SITE_MEMBERS = [Member(number, name) for number, name in SITES]

TENANT_TABLES = (
    "candidate_party",
    "perimeter",
    "perimeter_version",
    "pcra_version",
    "pcra_coverage",
    "perimeter_contact",
)


@contextmanager
def acting(app: Flask, world: World, email: str, scope: str) -> Iterator[None]:
    """Open a unit of work as somebody on a scope."""
    with app.app_context(), unit_of_work(world.context(email, scope)):
        yield


def seen(app: Flask, query: str, *values: Any) -> list[dict[str, Any]]:
    """Return rows as the superuser of the test server, whom no policy binds; also runs statements."""
    address = app.extensions["vigie.settings"].database_url.replace("vigie_app:@", "postgres:@")
    with psycopg.connect(address, row_factory=dict_row) as connection:
        cursor = connection.execute(query, values)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    sent: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def asked(app: Flask, browser: FlaskClient, path: str) -> int:
    """Return how many statements a page sends."""
    with statements(app) as sent:
        assert browser.get(path).status_code == 200, path
    return len(sent)


def counts(app: Flask, *tables: str) -> dict[str, int]:
    """Return how many rows each table holds, all tenants together."""
    return {table: seen(app, f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in tables or TENANT_TABLES}


def blobs(app: Flask) -> set[str]:
    """Return the names of all stored files."""
    folder = Path(urlparse(app.extensions["vigie.settings"].storage_url).path)
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} if folder.exists() else set()


def age(app: Flask, days: int) -> None:
    """Make everything recorded so far some days older, in every table of tenants that says when."""
    found = seen(
        app,
        """SELECT c.table_name, c.column_name FROM information_schema.columns c
             JOIN information_schema.columns e USING (table_schema, table_name)
            WHERE c.table_schema = 'public' AND c.column_name IN ('recorded_at', 'received_at')
              AND e.column_name = 'establishment_id'""",
    )
    for each in found:
        table, column = each["table_name"], each["column_name"]
        seen(app, f"UPDATE {table} SET {column} = {column} - make_interval(days => %s)", days)


def inspected(app: Flask) -> None:
    """Say of every piece that it was looked into, and nothing found: what the worker does in seconds."""
    seen(
        app,
        "INSERT INTO evidence_event (id, establishment_id, evidence_id, kind, value)"
        " SELECT gen_random_uuid(), e.establishment_id, e.id, 'inspection', 'ok' FROM evidence e"
        "  WHERE NOT EXISTS (SELECT 1 FROM evidence_event v WHERE v.evidence_id = e.id AND v.kind = 'inspection')",
    )


def news(app: Flask, world: World) -> None:
    """Attach a piece of its own content in the GHT of three: a filing of unchanged facts is refused."""
    content = new_id().bytes
    with acting(app, world, ESTUARY_DSI, ESTUARY_SCOPE):
        evidence.attach(
            world.establishments[ESTUARY_MEMBERS[0].finess], "D2.P2", "organisation_note", "note.pdf", BytesIO(content)
        )
    inspected(app)
