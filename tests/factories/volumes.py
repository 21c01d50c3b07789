"""Databases of their own that hold a data set of volumes, for tests and benchmarks that need more than the world."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask

import wsgi
from importers.demonstration import volumes
from tenants import embedded
from tenants.cli import prepare
from tenants.db import owner_engine
from tenants.embedded import Embedded
from tenants.settings import Settings


def empty(servers: Embedded, settings: Settings, folder: Path, name: str) -> tuple[Settings, Flask]:
    """Make a database that is ready and empty, with a folder of pieces; return its settings and its application."""
    embedded.create_database(servers, name)
    own = replace(
        settings,
        database_url=servers.database(name, "vigie_app"),
        owner_database_url=servers.database(name, "vigie_owner"),
        valkey_url=f"{servers.valkey_url}?db=3",
        storage_url=(folder / f"{name}-evidence").as_uri(),
    )
    engine = owner_engine(own.owner_database_url)
    prepare(engine)
    engine.dispose()
    return own, wsgi.create_app(own)


def write(app: Flask, settings: Settings, plan: volumes.Plan, **options: Any) -> int:
    """Write a data set, or what is missing of it; return how many candidates were written."""
    engine = owner_engine(settings.owner_database_url)
    try:
        return volumes.write(app, engine, plan, **options)
    finally:
        engine.dispose()
