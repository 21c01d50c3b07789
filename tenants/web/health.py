"""Is the process alive, and can it serve: two questions, two answers."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from tenants import migrate
from tenants.db import db
from tenants.permissions import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def live() -> ResponseReturnValue:
    """Say that the process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Say whether the database (at this code's revision) and Valkey answer."""
    problems = []
    try:
        if migrate.applied(db.engine) != migrate.head():
            problems.append("migrations")
    except SQLAlchemyError:
        problems.append("database")
    try:
        current_app.extensions["vigie.valkey"].ping()
    except RedisError:
        problems.append("valkey")
    return jsonify(status="unavailable" if problems else "ok", problems=problems), 503 if problems else 200
