"""Retention of names: what an establishment decided for its attendance sheets, and the operator's forgetting.

An establishment sets a number of months; nothing is forgotten until the operator runs `vigie retention`. Forgetting changes
every version of a line, history included: counts, functions and presence stay, nobody can be named.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, text

from compliance.clock import end_of, today
from compliance.models.retention import ATTENDANCE, MARK, Retention
from compliance.services import entry, register
from compliance.services.register import Entry
from tenants import audit
from tenants.context import ScopeKind, current
from tenants.db import db, lock_until_commit
from tenants.errors import Invalid, NotFound

LONGEST = 600  # months


@dataclass(frozen=True)
class Setting:
    """What an establishment decided: `months` is None while its names are kept.

    `forgotten` counts the lines without a name, 0 where names may not be read.
    """

    months: int | None
    forgotten: int
    own: bool  # the person reads the names of this establishment


def setting(known: date) -> Setting | None:
    """Return what the establishment of the scope had decided by the end of a day; None when the scope is no establishment."""
    scope = current().scope
    if scope.kind is not ScopeKind.ESTABLISHMENT:
        return None
    found = db.session.execute(
        text(
            """SELECT (SELECT CASE WHEN r.withdrawn THEN NULL ELSE r.months END FROM retention r
                        WHERE r.establishment_id = :establishment AND r.key = :key AND r.recorded_at < :until
                        ORDER BY r.recorded_at DESC, r.id DESC LIMIT 1) AS months,
                      (SELECT count(*) FROM (
                         SELECT DISTINCT ON (t.key) t.identifier, t.withdrawn FROM attendance t
                          WHERE t.establishment_id = :establishment AND t.recorded_at < :until
                          ORDER BY t.key, t.recorded_at DESC, t.id DESC) c
                        WHERE NOT c.withdrawn AND starts_with(c.identifier, :mark)) AS forgotten,
                      coalesce(:establishment = ANY (own_establishments()), false) AS own"""
        ),
        {"establishment": scope.id, "key": ATTENDANCE, "until": end_of(known), "mark": MARK},
    ).one()
    return Setting(found.months, found.forgotten, found.own)


def months(establishments: Collection[UUID]) -> dict[str, int]:
    """Return the months of each establishment that forgets names, by FINESS (one statement)."""
    read = register.columns_of({Retention: ("months",)}, establishments, today())
    return {row.finess: row.values["months"] for row in read[Retention]}


def decide(months: int | None) -> bool:
    """Record how many months the names of the scope's establishment are kept, None for always; False when it was so already.

    Names are the establishment's: whoever does not read them decides nothing of them. Raises NotFound, or Invalid out of range.
    """
    establishment = current().scope.id
    # Two clicks at once: the second waits here, then finds what the first wrote.
    if establishment is not None:
        lock_until_commit(establishment)
    found = setting(today())
    if establishment is None or found is None or not found.own:
        raise NotFound("Cette page n’existe pas, ou elle ne vous est pas ouverte.")
    if months is not None and not 1 <= months <= LONGEST:
        raise Invalid(f"La durée va de 1 à {LONGEST} mois ; laissez vide pour garder les noms.")
    if months == found.months:
        return False
    if months is not None:
        register.append(Retention, [Entry(establishment, ATTENDANCE, {"months": months})], None)
    else:
        last = entry.at(Retention, establishment, ATTENDANCE)
        assert last is not None  # noqa: S101  a rule stands: it has a version
        entry.repeat(Retention, establishment, last.last.id, withdrawn=True)
    audit.record(establishment, "retention.decided", months=months)
    return True


@dataclass(frozen=True)
class Forgotten:
    """What forgetting did in an establishment, or would do: lines of attendance, how many people they name.

    `unknown` lines are kept because nobody knows when their session ended.
    """

    finess: str
    name: str
    months: int
    lines: int
    people: int
    unknown: int


def forget(connection: Connection, *, dry_run: bool) -> list[Forgotten]:
    """Forget the names that are past the rule of their establishment, or count them; one line for each that has a rule.

    Needs the owner's connection: the application is not granted the function. Twice is once.
    """
    found = connection.execute(text("SELECT * FROM forget_attendance(:dry_run)"), {"dry_run": dry_run})
    return [Forgotten(*row) for row in found]
