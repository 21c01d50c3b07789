"""The database session under row-level security: the only place that commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

import uuid_utils.compat
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, ForeignKey, MetaData, event, func, text
from sqlalchemy.engine import Connection, Engine, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tenants.context import Context, _current, current

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of the product."""

    metadata = MetaData(naming_convention=NAMING)


Base.registry.update_type_annotation_map({int: BigInteger})  # cents and bytes: INTEGER ends at 21 M€ and at 2 Go


def new_id() -> UUID:
    """Return a time-ordered identifier (UUID version 7)."""
    return uuid_utils.compat.uuid7()


class TenantScoped:
    """A row that belongs to one establishment (EJ): the tenant boundary of architecture.md."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    establishment_id: Mapped[UUID] = mapped_column(ForeignKey("legal_entity.id"))


class Recorded:
    """A version: what was known from `recorded_at` on; nothing is updated in place."""

    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    recorded_by: Mapped[UUID | None]


db = SQLAlchemy(model_class=Base)

_writing: ContextVar[UUID | None] = ContextVar("vigie_writing", default=None)

ENGINE_OPTIONS: dict[str, Any] = {
    "pool_pre_ping": True,
    "pool_recycle": 1800,
    "hide_parameters": True,  # what somebody typed stays out of the journal when a statement fails
    # A pooler in transaction mode would run another client's prepared statement with our parameters (measured: stack.md section 2).
    "connect_args": {"prepare_threshold": None, "application_name": "vigie", "connect_timeout": 5},
}


def psycopg_url(url: str) -> str:
    """Return the address with the driver named, so that `postgresql://` from any source means psycopg 3."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def libpq_url(url: str) -> str:
    """Return the address as libpq reads it, for a connection without SQLAlchemy: no driver in its scheme."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def owner_engine(url: str) -> Engine:
    """Return an engine on the owner's role: migrations, directory and accounts only, never a tenant's page."""
    return create_engine(psycopg_url(url), connect_args={"prepare_threshold": None, "application_name": "vigie-owner"})


def _set_context(connection: Connection) -> None:
    context = _current.get()
    connection.execute(
        text(
            "SELECT set_config('app.user_id', :user, true), set_config('app.scope', :scope, true),"
            " set_config('app.establishment', :establishment, true)"
        ),
        {
            "user": str(context.user_id) if context and context.user_id else "",
            "scope": context.scope.setting() if context else "",
            "establishment": str(_writing.get() or ""),
        },
    )


@event.listens_for(Session, "after_begin")
def _after_begin(session: Session, transaction: Any, connection: Connection) -> None:  # noqa: ARG001
    _set_context(connection)


class UnitOfWork:
    """Handle on the open transaction; `roll_back()` asks that nothing be kept at the end."""

    def __init__(self) -> None:
        self.kept = True

    def roll_back(self) -> None:
        """Keep nothing of this unit of work."""
        self.kept = False


@contextmanager
def unit_of_work(context: Context) -> Iterator[UnitOfWork]:
    """Open one scope and one transaction; commit at the end, roll back on an exception.

    Raises RuntimeError when another one is open: switching scope in an open transaction would leave the other hospital's
    objects in the identity map.
    """
    if _current.get() is not None:
        raise RuntimeError("a unit of work is already open")
    db.session.remove()
    token = _current.set(context)
    work = UnitOfWork()
    try:
        yield work
        if work.kept:
            db.session.commit()
    finally:
        db.session.remove()
        _current.reset(token)


@contextmanager
def writing_as(establishment_id: UUID) -> Iterator[None]:
    """Write rows of one establishment inside the open unit of work; policies refuse any other.

    Flushes on both sides, so that a row can only be sent while its own establishment is the one being written.
    """
    current()
    db.session.flush()
    token = _writing.set(establishment_id)
    try:
        _set_context(db.session.connection())
        yield
        db.session.flush()
    finally:
        _writing.reset(token)
        # A refusal caught inside the unit of work must not leave the right to write behind; a lost transaction has none to leave.
        with suppress(SQLAlchemyError):
            _set_context(db.session.connection())


def lock_until_commit(subject: UUID) -> None:
    """Let the units of work about one subject pass one after the other, until the end of the transaction."""
    db.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 2))"), {"key": str(subject)})


def call(function: str, **arguments: Any) -> Any:
    """Call a database function inside the unit of work and return its scalar."""
    names = ", ".join(f"{name} => :{name}" for name in arguments)
    return db.session.execute(text(f"SELECT {function}({names})"), arguments).scalar()  # names are literals of ours
