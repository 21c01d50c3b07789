"""Attendance as a page shows it: who is trained and who does not count, by name where names may be read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from compliance.models.retention import MARK
from compliance.rules.attendance import Attendance, Profile, outcome
from compliance.rules.session import Session
from compliance.rules.training import Person, holds_until, to_renew
from compliance.services.training import Presence

MOST = 200  # lines of a list of the page; the register holds the others
# Why a line does not count, in the order in which somebody can do something about it.
LEFT_OUT = {
    "UNSIGNED": "Présences sans signature",
    "SESSION_UNKNOWN": "Session inconnue",
    "DATE_MISSING": "Heures en ligne sans date",
    "EXPIRED": "Validité échue",
    "PARTIAL": "Présence à une partie de la session",
    "ABSENT": "Absents, excusés ou sans présence notée",
    "UPCOMING": "Session à venir",
}


@dataclass(frozen=True)
class Named:
    """Somebody trained, as the establishment alone reads it; `more` people of this name may stand behind it."""

    ref: UUID
    name: str
    function: str
    service: str
    sessions: tuple[str, ...]
    learned_on: date | None
    until: date | None
    renew: bool
    on_call: bool
    more: int


@dataclass(frozen=True)
class LeftOut:
    """A line that does not count, and why."""

    ref: UUID
    name: str
    function: str
    session: str
    reason: str
    action: str


@dataclass(frozen=True)
class Gap:
    """Lines that do not count for one reason; `lines` is empty where they may not be read."""

    code: str
    label: str
    number: int
    lines: tuple[LeftOut, ...]


def read(each: Presence, sessions: Mapping[tuple[str, str], Session], support: str) -> Attendance:
    """Return a line as the rules read it: its session is that of the establishment, else of the support of its GHT."""
    place = str(each.establishment_id)
    return Attendance(
        establishment=place,
        session=sessions.get((place, each.session_code))
        or sessions.get((support, each.session_code))
        or sessions.get(("", each.session_code)),
        profile=Profile(each.profile),
        function=each.function,
        half_days=tuple(each.half_days),
        hours=each.hours,
        attended_on=each.attended_on,
        signed=each.signed,
        certified=each.certified,
        certified_on=each.certified_on,
        on_call=each.on_call,
        person=each.person,
        national=each.national,
        namesake=each.namesake,
        ref=each.id,
    )


def _name(values: Mapping[str, Any]) -> str:
    """Return a name as the sheet has it, else the identifier that replaces it."""
    told = " ".join(part for part in (values["last_name"], values["first_name"]) if part)
    return told or ("Nom oublié" if values["identifier"].startswith(MARK) else f"n° {values['identifier']}")


def named(people: Iterable[Person], readable: Mapping[UUID, Mapping[str, Any]], on: date) -> list[Named]:
    """List who is trained, those to renew first; nobody where names may not be read."""
    told = []
    for person in people:
        last = max(person.attendances, key=lambda each: outcome(each, on).learned_on or date.min)
        if last.ref is None or last.ref not in readable:
            continue
        values = readable[last.ref]
        told.append(
            Named(
                last.ref,
                _name(values),
                last.function,
                values["service"] or "",
                tuple(sorted({each.session.code for each in person.attendances if each.session})),
                outcome(last, on).learned_on,
                holds_until(person, on),
                to_renew(person, on),
                any(each.on_call for each in person.attendances),
                person.more,
            )
        )
    return sorted(told, key=lambda each: (not each.renew, each.until or date.max, each.name.casefold()))


def gaps(shown: Sequence[Attendance], readable: Mapping[UUID, Mapping[str, Any]], on: date) -> list[Gap]:
    """Count the lines that do not count by what keeps each of them from it, and list those that may be read."""
    numbers: Counter[str] = Counter()
    lines: dict[str, list[LeftOut]] = defaultdict(list)
    for each in shown:
        found = outcome(each, on)
        if found.counts:
            continue
        numbers[found.code] += 1
        if each.ref is None or each.ref not in readable or len(lines[found.code]) >= MOST:
            continue
        session = each.session.code if each.session else "code inconnu"
        verdict = found.verdict
        lines[found.code].append(
            LeftOut(
                each.ref,
                _name(readable[each.ref]),
                each.function,
                session,
                verdict.reasons[0].text,
                verdict.next_action,
            )
        )
    return [
        Gap(code, label, numbers[code], tuple(sorted(lines[code], key=lambda each: each.name.casefold())))
        for code, label in LEFT_OUT.items()
        if numbers[code]
    ]
