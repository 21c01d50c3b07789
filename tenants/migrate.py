"""Bring the database to the current schema, with the owner's connection."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

FOLDER = Path(__file__).resolve().parent.parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(owner: Engine) -> None:
    """Apply the missing migrations; a second deployment at the same time waits for the first."""
    config = _config()
    with owner.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def head() -> str:
    """Return the revision that this code expects."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def applied(engine: Engine) -> str:
    """Return the revision of the database."""
    with engine.connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
