"""Training as it is recorded: sessions, attendance without a name, and the sessions that an ARS opens for its region."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Text as SqlText
from sqlalchemy import Uuid, column, func, select, text
from sqlalchemy.dialects.postgresql import array, distinct_on

from compliance.clock import end_of, today
from compliance.models.training import RegionalSession
from compliance.rules.session import Kind
from compliance.rules.words import grouped
from tenants.context import current
from tenants.db import db, lock_until_commit
from tenants.errors import Conflict, Invalid

LONGEST = 200  # characters of a title or of a place, as in the workbook
_CODE = re.compile(r"[A-Z0-9-]{2,20}")
_MOST_HALF_DAYS, _MOST_PLACES = 20, 10_000
# Around today, in days: a session further away is a year typed wrong.
_LONG_AGO, _FAR_AHEAD = timedelta(days=366), timedelta(days=3 * 365 + 1)


@dataclass(frozen=True)
class Presence:
    """A line of an attendance sheet without its name; `id` is None where the scope may not read the line."""

    id: UUID | None
    establishment_id: UUID
    session_code: str
    profile: str
    function: str
    half_days: Sequence[str | None]
    hours: Decimal | None
    attended_on: date | None
    signed: bool | None
    certified: bool | None
    certified_on: date | None
    on_call: bool | None
    person: str
    national: bool
    namesake: str


@dataclass(frozen=True)
class CommonSession:
    """A session of the support of the GHT, told to a member."""

    code: str
    title: str
    kind: str
    organiser: str
    starts_on: date
    ends_on: date
    half_days: int | None
    hours: Decimal
    modality: str | None
    place: str | None
    validity_months: int | None


@dataclass(frozen=True)
class Establishment:
    """An establishment that the scope reads; `support` holds the sessions of its whole GHT."""

    id: UUID
    finess: str
    name: str
    support: bool


def establishments() -> list[Establishment]:
    """Return the establishments that the scope reads, by FINESS."""
    found = db.session.execute(
        text(
            """SELECT le.id, le.finess, le.name, EXISTS (
                 SELECT 1 FROM ght_member gm WHERE gm.legal_entity_id = le.id AND gm.role = 'S'
                    AND gm.valid_from <= paris_today() AND (gm.valid_to IS NULL OR gm.valid_to >= paris_today()))
               FROM legal_entity le
              WHERE le.id = ANY ((SELECT readable_establishments())::uuid[]) ORDER BY le.finess"""
        )
    )
    return [Establishment(*row) for row in found]


def presence(known: date) -> list[Presence]:
    """Return the attendance known at the end of a day of every establishment that the scope reads, never a name."""
    found = db.session.execute(text("SELECT * FROM training_presence(:until)"), {"until": end_of(known)})
    return [Presence(*row) for row in found]


def common(known: date) -> list[CommonSession]:
    """Return the sessions of the support of the GHT known at the end of a day, for a member that does not read them."""
    found = db.session.execute(text("SELECT * FROM common_sessions(:until)"), {"until": end_of(known)})
    return [CommonSession(*row) for row in found]


# ------------------------------------------------------------------------------------------------------------- regions


@dataclass(frozen=True, kw_only=True)
class Regional:
    """A session that an ARS opens for the establishments of its region; `opened_by` wrote its last version."""

    id: UUID
    code: str
    title: str
    kind: str
    starts_on: date
    ends_on: date
    place: str
    capacity: int | None
    half_days: int
    recorded_at: datetime
    opened_by: str


def regional(known: date) -> list[Regional]:
    """Return the sessions opened for the regions of the scope, as known at the end of a day, by day and code."""
    newest = (
        select(RegionalSession)
        .where(RegionalSession.recorded_at < end_of(known))
        .ext(distinct_on(RegionalSession.region_id, RegionalSession.code))
        .order_by(
            RegionalSession.region_id,
            RegionalSession.code,
            RegionalSession.recorded_at.desc(),
            RegionalSession.id.desc(),
        )
        .subquery()
    )
    author = func.account_names(array([newest.c.recorded_by])).table_valued(column("id", Uuid), column("name", SqlText))
    found = db.session.execute(
        select(newest, select(author.c.name).scalar_subquery().label("author"))
        .where(~newest.c.withdrawn)
        .order_by(newest.c.starts_on, newest.c.code)
    )
    return [
        Regional(
            id=row.id,
            code=row.code,
            title=row.title,
            kind=row.kind,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            place=row.place or "",
            capacity=row.capacity,
            half_days=row.half_days,
            recorded_at=row.recorded_at,
            opened_by=row.author or "",
        )
        for row in found
    ]


def is_code(text: str) -> bool:
    """Whether a text is written as the code of a session is."""
    return _CODE.fullmatch(text) is not None


@dataclass(frozen=True)
class Move:
    """What an ARS did with a session of its region: opened it, or took it back."""

    code: str
    title: str
    withdrawn: bool
    at: datetime
    by: str


def regional_moves(*, most: int = 200) -> list[Move]:
    """Return what was done with the sessions of the regions of the scope and by whom, newest first, at most `most` of them."""
    author = func.account_names(array([RegionalSession.recorded_by])).table_valued(
        column("id", Uuid), column("name", SqlText)
    )
    found = db.session.execute(
        select(
            RegionalSession.code,
            RegionalSession.title,
            RegionalSession.withdrawn,
            RegionalSession.recorded_at,
            select(author.c.name).scalar_subquery(),
        )
        .order_by(RegionalSession.recorded_at.desc(), RegionalSession.id.desc())
        .limit(most)
    )
    return [Move(code, title, withdrawn, at, by or "") for code, title, withdrawn, at, by in found]


def open_session(
    *,
    code: str,
    title: str,
    kind: str,
    starts_on: date | None,
    ends_on: date | None,
    place: str,
    capacity: int | None,
    half_days: int | None,
) -> RegionalSession:
    """Open a session for the whole region of the scope. Raises Invalid, or Conflict when the code is taken.

    A row is added and none is changed: who opened or withdrew a session, and when, stays beside it.
    """
    region, named, told = current().scope.id, code.strip().upper(), " ".join(title.split())
    where = " ".join(place.split())
    if not _CODE.fullmatch(named):
        raise Invalid("Le code va de 2 à 20 caractères : lettres de A à Z sans accent, chiffres, tiret.")
    if not told or max(len(told), len(where)) > LONGEST:
        raise Invalid(f"Donnez un intitulé ; l’intitulé et le lieu ont {LONGEST} caractères au plus.")
    if kind not in set(Kind):
        raise Invalid("Choisissez le type de la session dans la liste.")
    if starts_on is None or (ends_on is not None and ends_on < starts_on):
        raise Invalid("Donnez la date de début ; la date de fin ne peut pas la précéder.")
    if not today() - _LONG_AGO <= starts_on <= today() + _FAR_AHEAD:
        raise Invalid("La session commence il y a plus d’un an, ou dans plus de trois ans : vérifiez l’année.")
    if half_days is None or not 1 <= half_days <= _MOST_HALF_DAYS:
        raise Invalid(f"Donnez le nombre de demi-journées, de 1 à {_MOST_HALF_DAYS}.")
    if capacity is not None and not 1 <= capacity <= _MOST_PLACES:
        raise Invalid(f"Le nombre de places va de 1 à {grouped(_MOST_PLACES)} ; laissez vide s’il n’est pas fixé.")
    assert region is not None  # noqa: S101  # the guard opens this permission on a region alone
    # Two clicks at once: the second waits here, then finds the session of the first.
    lock_until_commit(region)
    last = _last(region, named)
    if last is not None and not last.withdrawn:
        raise Conflict(f"Une session {named} est déjà ouverte : choisissez un autre code, ou retirez-la d’abord.")
    session = RegionalSession(
        region_id=region,
        code=named,
        title=told,
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on or starts_on,
        place=where or None,
        capacity=capacity,
        half_days=half_days,
        withdrawn=False,
        recorded_by=current().user_id,
    )
    db.session.add(session)
    db.session.flush()
    return session


def withdraw_session(code: str) -> bool:
    """Take back a session opened for the region of the scope; False when none of this code is open."""
    region = current().scope.id
    assert region is not None  # noqa: S101  # the guard opens this permission on a region alone
    lock_until_commit(region)
    last = _last(region, code)
    if last is None or last.withdrawn:
        return False
    kept = ("region_id", "code", "title", "kind", "starts_on", "ends_on", "place", "capacity", "half_days")
    db.session.add(
        RegionalSession(**{name: getattr(last, name) for name in kept}, withdrawn=True, recorded_by=current().user_id)
    )
    return True


def _last(region: UUID, code: str) -> RegionalSession | None:
    return db.session.scalars(
        select(RegionalSession)
        .where(RegionalSession.region_id == region, RegionalSession.code == code)
        .order_by(RegionalSession.recorded_at.desc(), RegionalSession.id.desc())
        .limit(1)
    ).first()
