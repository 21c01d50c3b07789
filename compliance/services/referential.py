"""The referential in force on a day: what the operator published, else the newest file, with the national dates entered.

Reading needs a unit of work, or the connection of a command; publishing and entering a date need the owner's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from flask import current_app
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from compliance.clock import end_of, today
from compliance.models.referential import NationalDate, ReferentialVersion
from compliance.programme.difference import Change, differences
from compliance.programme.referential import (
    DATE_CONFIDENCES,
    OWN_DATE,
    UNKNOWN_DATE,
    DateEntry,
    ProgrammeDate,
    Referential,
    ReferentialError,
    parse,
    version_key,
)
from compliance.rules.vat import Vat
from compliance.rules.words import short_date
from tenants.db import db
from tenants.errors import Conflict, Invalid, NotFound, Refused, Unavailable

# Files that ship and those of the mounted folder, read at the start: domain -> versions, oldest first.
Files = Mapping[str, Sequence[Referential]]

NATIONAL_CONFIDENCES = tuple(sorted(DATE_CONFIDENCES - {OWN_DATE}))
# Dates and rows that are asked for by name: a version without them would answer no page.
_NEEDED = {"D2": ("phase_start", "target", "D2.O1.C")}
_LONGEST = 1_000_000  # characters: fifty times the referential of D2
_KEPT = 32  # versions that a process keeps read
_read: dict[str, Referential] = {}  # by fingerprint: a published text never changes


@dataclass(frozen=True)
class PublishedVersion:
    """A version people may ask about: a file (no day, nobody) or a publication; `changes` compare it with the one before."""

    referential: Referential
    takes_effect_on: date | None = None
    published_at: datetime | None = None
    published_by: str = ""
    note: str = ""
    changes: tuple[Change, ...] = ()


def files() -> Files:
    """Return the files of this installation."""
    found: Files = current_app.extensions["vigie.referentials"]
    return found


def vat() -> Vat:
    """Return the rates of VAT of this installation."""
    found: Vat = current_app.extensions["vigie.vat"]
    return found


def in_force(domain: str, on: date, known: date | None = None) -> Referential:
    """Return the referential that is the rule on a day, with the national dates known at the end of `known` (now by default).

    Two queries whatever the number of versions; a third the first time that this process meets a version. Raises NotFound
    for a domain that nobody has described.
    """
    # A page asks several times: what it was told first stands until the end of its unit of work.
    told: dict[Any, Referential] = db.session.info.setdefault("vigie.referential", {})
    since = known if known is not None and known < today() else None  # nothing is recorded after today
    asked = (domain, on, since)
    if asked not in told:
        told[asked] = rule(db.session.connection(), files(), domain, on, since)
    return told[asked]


def rule(connection: Connection, shipped: Files, domain: str, on: date, known: date | None = None) -> Referential:
    """Return what `in_force` says, over any connection. Raises NotFound."""
    found = connection.execute(
        select(ReferentialVersion.version, ReferentialVersion.sha256)
        .where(ReferentialVersion.domain == domain, ReferentialVersion.takes_effect_on <= on)
        .order_by(ReferentialVersion.takes_effect_on.desc(), ReferentialVersion.published_at.desc())
        .limit(1)
    ).one_or_none()
    if found is None and not shipped.get(domain):
        raise NotFound(f"Aucun référentiel du domaine « {domain} » n’est connu.")
    text_ = _published(connection, domain, found.version, found.sha256) if found else shipped[domain][-1]
    return with_national_dates(text_, national_dates(connection, domain, known))


def _published(connection: Connection, domain: str, version: str, sha256: str) -> Referential:
    if sha256 not in _read:
        query = select(ReferentialVersion.content).where(
            ReferentialVersion.domain == domain, ReferentialVersion.version == version
        )
        if len(_read) >= _KEPT:
            _read.clear()
        _read[sha256] = _parsed(domain, version, connection.execute(query).scalar_one())
    return _read[sha256]


def _parsed(domain: str, version: str, content: str) -> Referential:
    try:
        return parse(f"référentiel {domain}, version {version}", content)
    except ReferentialError as error:
        # It was read when it was published: only another version of the program refuses it.
        raise Unavailable(f"Le référentiel publié n’est plus lisible par cette version de Vigie ({error}).") from error


def national_dates(connection: Connection, domain: str, known: date | None = None) -> dict[str, DateEntry]:
    """Return the dates entered for everybody, the latest of each key, as known at the end of a day."""
    query = (
        select(NationalDate.key, NationalDate.on_date, NationalDate.confidence, NationalDate.source)
        .where(NationalDate.domain == domain)
        .ext(distinct_on(NationalDate.key))
        .order_by(NationalDate.key, NationalDate.recorded_at.desc(), NationalDate.id.desc())
    )
    if known is not None:
        query = query.where(NationalDate.recorded_at < end_of(known))
    return {row.key: DateEntry(row.on_date, row.confidence, row.source) for row in connection.execute(query)}


def with_national_dates(referential: Referential, entries: Mapping[str, DateEntry]) -> Referential:
    """Lay the national dates over a version; one that the version no longer has, or has fixed, is the version's."""
    return referential.with_dates(
        {entry.key: entries[entry.key] for entry in referential.dates if entry.key in entries and _national(entry)}
    )


def _national(entry: ProgrammeDate) -> bool:
    return entry.editable and entry.confidence != OWN_DATE


def read_content(name: str, content: str) -> Referential:
    """Read a referential from its text, with every check of a file. Raises Invalid, saying where."""
    if len(content) > _LONGEST:
        raise Invalid(f"{name} : ce fichier est trop long pour un référentiel.")
    try:
        referential = parse(name, content)
    except ReferentialError as error:
        raise Invalid(f"{error}.") from error
    keys = {entry.key for entry in referential.dates} | {row.code for row in referential.rows}
    for needed in _NEEDED.get(referential.domain, ()):
        if needed not in keys:
            raise Invalid(f"{name} : il manque « {needed} », dont les pages ont besoin.")
    return referential


def publish(
    connection: Connection, shipped: Files, content: str, takes_effect_on: date, by: str, note: str = ""
) -> Referential:
    """Publish a version for everybody, from a day on (owner's connection); what was filed before keeps its own.

    Raises Invalid for a text that is not a referential, Conflict for a version that is known already, Refused for one older
    than the newest, or a day that is past or before that of the newest.
    """
    referential = read_content("référentiel à publier", content)
    if not by.strip():
        raise Invalid("Dites qui publie.")
    # Two publications at once: the second waits here, then finds the first.
    connection.execute(text("LOCK TABLE referential_version IN SHARE ROW EXCLUSIVE MODE"))
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    _refuse_known(connection, shipped, referential, sha256)
    _refuse_late(connection, shipped, referential, takes_effect_on)
    connection.execute(
        insert(ReferentialVersion).values(
            domain=referential.domain,
            version=referential.version,
            content=content,
            sha256=sha256,
            takes_effect_on=takes_effect_on,
            published_by=by.strip(),
            note=note.strip(),
        )
    )
    return referential


def _refuse_known(connection: Connection, shipped: Files, referential: Referential, sha256: str) -> None:
    domain, version = referential.domain, referential.version
    known = connection.execute(
        select(ReferentialVersion.sha256, ReferentialVersion.takes_effect_on).where(
            ReferentialVersion.domain == domain, ReferentialVersion.version == version
        )
    ).one_or_none()
    if known is not None and known.sha256 == sha256:
        raise Conflict(
            f"La version {version} est déjà publiée : elle prend effet le {short_date(known.takes_effect_on)}."
        )
    same = [each for each in shipped.get(domain, ()) if each.version == version]
    if known is not None or (same and same[0] != referential):
        raise Conflict(
            f"La version {version} existe déjà avec un autre contenu, et des dossiers peuvent la nommer :"
            f" changez la clé « version », par exemple {version}-corrige1."
        )


def _refuse_late(connection: Connection, shipped: Files, referential: Referential, takes_effect_on: date) -> None:
    """A day that has been judged by one version is never judged by another."""
    if takes_effect_on < today():
        raise Refused(
            f"Le {short_date(takes_effect_on)} est passé : un référentiel prend effet aujourd’hui ou plus tard."
        )
    published = connection.execute(
        select(ReferentialVersion.version, ReferentialVersion.takes_effect_on).where(
            ReferentialVersion.domain == referential.domain
        )
    ).all()
    versions = [row.version for row in published] or [each.version for each in shipped.get(referential.domain, ())]
    newest = max(versions, key=version_key, default="")
    if version_key(referential.version) < version_key(newest):
        raise Refused(f"La version {referential.version} est plus ancienne que {newest}, déjà connue.")
    last = max((row.takes_effect_on for row in published), default=takes_effect_on)
    if takes_effect_on < last:
        raise Refused(
            f"La version {newest} prend effet le {short_date(last)} : celle-ci ne peut pas prendre effet avant."
        )


def masked(connection: Connection, referential: Referential) -> list[str]:
    """Say which dates of a version give way to a national date entered before it."""
    effective = with_national_dates(referential, national_dates(connection, referential.domain))
    return [
        f"{entry.label} : la date nationale saisie, {_day(effective.date_of(entry.key))}, l’emporte sur celle du fichier"
        for entry in referential.dates
        if effective.date_of(entry.key).source and effective.date_of(entry.key).on != entry.on
    ]


def _day(entry: ProgrammeDate) -> str:
    return short_date(entry.on) if entry.on else "non connue"


def record_date(
    connection: Connection,
    shipped: Files,
    domain: str,
    key: str,
    on: date | None,
    confidence: str,
    source: str,
    by: str,
) -> Referential:
    """Record a national date (owner's connection) and return the referential of today with it; None: not known any more.

    Raises Invalid for a date, a confidence or an author that cannot be, Refused for a date of the text or of each candidate.
    """
    referential = rule(connection, shipped, domain, today())
    entry = next((each for each in referential.dates if each.key == key), None)
    if entry is None:
        keys = ", ".join(each.key for each in referential.dates if _national(each))
        raise Invalid(
            f"« {key} » n’est pas une date du référentiel {domain}. Dates qui se saisissent : {keys or 'aucune'}."
        )
    if entry.confidence == OWN_DATE:
        raise Refused(f"« {entry.label} » est propre à chaque candidat : elle ne se saisit pas pour tous.")
    if not entry.editable:
        raise Refused(f"« {entry.label} » est une date du texte : publiez une version corrigée.")
    if confidence not in NATIONAL_CONFIDENCES:
        raise Invalid(f"« {confidence} » n’est pas une confiance connue : {', '.join(NATIONAL_CONFIDENCES)}.")
    if (on is None) != (confidence == UNKNOWN_DATE):
        raise Invalid(f"Une date inconnue a la confiance « {UNKNOWN_DATE} », et aucune autre.")
    if not source.strip() or not by.strip():
        raise Invalid("Dites d’où vient la date, et qui la saisit.")
    connection.execute(
        insert(NationalDate).values(
            domain=domain, key=key, on_date=on, confidence=confidence, source=source.strip(), recorded_by=by.strip()
        )
    )
    return rule(connection, shipped, domain, today())


def versions(connection: Connection, shipped: Files, domain: str) -> list[PublishedVersion]:
    """List the versions of a domain, newest first, each with what it changes; a published file is listed once."""
    published = connection.execute(
        select(ReferentialVersion)
        .where(ReferentialVersion.domain == domain)
        .order_by(ReferentialVersion.takes_effect_on, ReferentialVersion.published_at)
    ).all()
    names = {row.version for row in published}
    found = [PublishedVersion(each) for each in shipped.get(domain, ()) if each.version not in names]
    found += [
        PublishedVersion(
            _parsed(domain, row.version, row.content), row.takes_effect_on, row.published_at, row.published_by, row.note
        )
        for row in published
    ]
    found.sort(key=lambda each: version_key(each.referential.version))
    told = [
        replace(each, changes=differences(before.referential, each.referential)) for before, each in pairwise(found)
    ]
    return [*found[:1], *told][::-1]


def find(connection: Connection, shipped: Files, domain: str, version: str) -> Referential:
    """Return one version of a domain, published or shipped, as its text is. Raises NotFound."""
    for each in versions(connection, shipped, domain):
        if each.referential.version == version:
            return each.referential
    raise NotFound(f"La version {version} du référentiel {domain} n’existe pas. Voyez : vigie referential list.")


def domains(connection: Connection, shipped: Files) -> list[str]:
    """List the domains that have at least one version."""
    return sorted({*shipped, *connection.scalars(select(ReferentialVersion.domain).distinct())})
