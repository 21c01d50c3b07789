"""Sessions as a page shows them: those recorded, those of the support of the GHT, those that the ARS opens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from compliance.rules.attendance import Attendance, trained
from compliance.rules.session import ORGANISERS, Kind, Session
from compliance.rules.training import Count, unique
from compliance.rules.words import plural, trimmed
from compliance.services.register import Row
from compliance.services.training import CommonSession, Regional

WANTED = (
    "code", "title", "kind", "organiser", "starts_on", "ends_on", "half_days", "hours", "place", "validity_months",
)  # fmt: skip


@dataclass(frozen=True)
class SessionLine:
    """A session and how many people it trained; `ref` is None for one of the GHT that a member does not read."""

    code: str
    title: str
    kind: str
    organiser: str
    starts_on: date
    ends_on: date
    length: str
    place: str
    validity_months: int | None
    holder: str
    count: Count
    ref: UUID | None


@dataclass(frozen=True)
class RegionalLine:
    """A session that the ARS opens for the region; `mine` is the row of the establishment of the same code, if it has one."""

    session: Regional
    kind: str
    mine: UUID | None


def read(rows: Iterable[Row], shared: Iterable[CommonSession]) -> dict[tuple[str, str], Session]:
    """Return the sessions by the establishment that holds them, '' for the support that a member does not read."""
    found = [(str(row.establishment_id), row.values) for row in rows]
    found += [("", {name: getattr(each, name) for name in CommonSession.__dataclass_fields__}) for each in shared]
    return {
        (owner, values["code"]): Session(
            code=values["code"],
            owner=owner,
            kind=Kind(values["kind"]),
            starts_on=values["starts_on"],
            ends_on=values["ends_on"],
            half_days=values["half_days"],
            hours=values["hours"],
            validity_months=values["validity_months"],
        )
        for owner, values in found
    }


def listed(
    rows: Sequence[Row],
    shared: Sequence[CommonSession],
    names: Mapping[str, str],
    everybody: Sequence[Attendance],
    kind: str,
    on: date,
) -> list[SessionLine]:
    """List the sessions of the kind asked, those to come and the latest first."""
    went: dict[tuple[str, str], list[Attendance]] = defaultdict(list)
    for each in trained(everybody, on):
        if each.session is not None:
            went[each.session.owner, each.session.code].append(each)
    lines = [
        _line(row.values, names[str(row.establishment_id)], went[str(row.establishment_id), row.values["code"]], row.id)
        for row in rows
    ]
    for told in shared:
        values = {name: getattr(told, name) for name in CommonSession.__dataclass_fields__}
        lines.append(_line(values, "établissement support du GHT", went["", told.code], None))
    chosen = [line for line in lines if not kind or line.kind == Kind(kind).label]
    return sorted(chosen, key=lambda line: (-line.starts_on.toordinal(), line.code, line.holder))


def _line(values: Mapping[str, Any], holder: str, went: Sequence[Attendance], ref: UUID | None) -> SessionLine:
    half_days = values["half_days"]
    hours = trimmed(values["hours"])
    length = f"{half_days} demi-{plural(half_days, 'journée', 'journées')}, {hours} h" if half_days else f"{hours} h"
    return SessionLine(
        values["code"], values["title"], Kind(values["kind"]).label, ORGANISERS[values["organiser"]],
        values["starts_on"], values["ends_on"], length, values["place"] or "", values["validity_months"], holder,
        unique(went), ref,
    )  # fmt: skip


def regional(opened: Iterable[Regional], rows: Iterable[Row], kind: str, on: date) -> list[RegionalLine]:
    """List the sessions of the kind asked that the ARS opens and that are not over, each with the row of the same code."""
    own = {row.values["code"]: row.id for row in rows}
    return [
        RegionalLine(each, Kind(each.kind).label, own.get(each.code))
        for each in opened
        if each.ends_on >= on and kind in ("", each.kind)
    ]
