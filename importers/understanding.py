"""What a file means for the scope it is given for: how it is laid out, and the facts it is checked against."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import text

from compliance.services import evidence, retention, training
from compliance.services.referential import in_force
from importers import layout_memory, scene, store
from importers.base import Kind
from importers.cells.dates import order_of
from importers.check import Checking
from importers.facts import EstablishmentRef, Facts, Written
from importers.faults import Fault, FaultClass
from importers.layout.recognise import Layout, Recognised, recognise
from importers.limits import Limits
from importers.reading import sheet
from importers.reading.sheet import CellKind, ReadBook
from importers.registry import SHEETS, WORKBOOKS
from importers.report import Report
from importers.scene import Scene
from importers.workbooks.bia_pcra import PARTIES, PERIMETERS
from importers.workbooks.training import ATTENDANCE
from tenants import accounts
from tenants.context import Scope, current
from tenants.db import db

log = structlog.get_logger()

_FINESS_KINDS = frozenset(
    {Kind.FINESS_EJ, Kind.FINESS_ET, Kind.FINESS_PARTY, Kind.FINESS_LIST, Kind.HOLDER, Kind.SHARED}
)
_SKEW = timedelta(minutes=5)  # between the clock of the database, which stamps, and ours
_NUMBER = re.compile(r"\d[\dABab]\d{6,7}")
_MOST_NUMBERS = 20_000  # looked up in the directory; beyond, a number is answered like an unknown one
_LONG = 600  # characters of a cell that are looked at: some sixty numbers
_NOISE = re.compile(r"[\s\u00a0\u202f']")
_EITHER = re.compile(r"\s*\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{2,4}\b")  # a date in digits: day or month first


@dataclass(frozen=True)
class Understood:
    """A file understood for a scope, not checked yet."""

    book: ReadBook
    found: Recognised
    facts: Facts
    scene: Scene
    told: tuple[Fault, ...] = ()  # notices about the layout
    asks: tuple[str, ...] = ()  # sheets whose dates can be read day or month first: a person is asked, once

    def checking(self, *, bounded: bool = True) -> Checking:
        """Return a fresh check of the file; `bounded` keeps the first remarks only, and counts all of them."""
        return Checking(WORKBOOKS, self.book, self.facts, self.found, self._set_aside(), self.told, bounded=bounded)

    def _set_aside(self) -> dict[str, Fault]:
        """In a GHT the parties are the GHT's to write: its members' files keep the sheet, and it is not read."""
        if self.scene.is_group or self.scene.kind == "eg":
            return {}
        return {
            layout.source.name: Fault(
                FaultClass.NOTICE, "W-PAR", layout.source.name, "", "", "",
                "Les parties et leur activité combinée sont tenues par le GHT : cette feuille n’a pas été lue.",
                "Rien à faire ; pour corriger une activité combinée, prévenez la DSI du GHT.",
            )
            for layout in self.found.layouts
            if layout.sheet is PARTIES
        }  # fmt: skip

    @property
    def owners(self) -> dict[str, UUID]:
        """FINESS EJ to identifier, for what may be written."""
        return {entity.finess: entity.id for entity in self.scene.entities}


def understand(path: Path, owner: UUID, taken: tuple[str, ...] = ()) -> Understood:
    """Read a file and gather what it is checked against, writing nothing. Raises Unreadable.

    `owner` is the establishment whose remembered layouts serve; `taken` the conflicts decided for the file.
    """
    book = sheet.read(path, limits())
    here = scene.of_scope()
    choices = layout_memory.remembered(owner)
    found, dated, asks = _ordered(book, recognise(WORKBOOKS, book, choices))
    moved = tuple(
        _about(name, "W-COL", f"La mise en page a changé depuis le dernier dépôt ({what}).", "Vérifiez les colonnes.")
        for name, what in ({} if found.care_kit_code else layout_memory.moved(found, choices)).items()
    )
    return Understood(book, found, _facts(book, found, here, taken), here, (*moved, *dated), asks)


def _ordered(book: ReadBook, found: Recognised) -> tuple[Recognised, tuple[Fault, ...], tuple[str, ...]]:
    """Find whether dates typed as text are day or month first, where the file is an export that may be either.

    Hospitals write the day first; a CSV or the log of a backup tool may not (workbooks.md, 3.4). A day above 12 decides;
    where none does, a person is asked.
    """
    layouts, told, asks = [], [], []
    for layout in found.layouts:
        order, name = layout.date_order, layout.source.name
        if book.format == "csv" or (layout.sheet.exported and not found.care_kit_code):
            seen = order_of(_dates(layout))
            if seen in ("dmy", "mdy"):
                order = seen  # what this file shows is stronger than what was answered for another
            elif seen == "unknown" and not order:
                asks.append(name)
                told.append(_about(name, "W-DAT", "Les dates de cette feuille se lisent de deux façons.", _DAY_FIRST))
            elif seen == "mixed":
                told.append(_about(name, "W-DAT", "Des dates sont jour d’abord, d’autres mois d’abord.", _DAY_FIRST))
        if order == "mdy":
            reason = "Les dates de cette feuille sont lues mois d’abord (05/12 : 12 mai)."
            told.append(_about(name, "W-DAT", reason, "Sinon, corrigez l’ordre dans « Vérifier les colonnes »."))
        layouts.append(replace(layout, date_order=order))
    return replace(found, layouts=tuple(layouts)), tuple(told), tuple(asks)


_DAY_FIRST = "Elles sont lues jour d’abord (05/12 : 5 décembre) ; sinon, dites-le dans « Vérifier les colonnes »."


def _dates(layout: Layout) -> Iterator[str]:
    """Yield the texts of the date columns of a sheet."""
    kinds = (Kind.DATE, Kind.PLANNED_DATE)
    places = [layout.columns[c.key] for c in layout.sheet.columns if c.kind in kinds and c.key in layout.columns]
    for number, row in layout.source.rows.items():
        if places and number > layout.header_row:
            for place in places:
                cell = row.get(place)
                if cell is not None and cell.kind is CellKind.TEXT:
                    yield str(cell.value)


def _about(name: str, code: str, reason: str, remedy: str) -> Fault:
    return Fault(FaultClass.NOTICE, code, name, "", "", "", reason, remedy)


def limits() -> Limits:
    """Return the bounds of this installation."""
    return Limits.of(current_app.extensions["vigie.settings"])


def _facts(book: ReadBook, found: Recognised, here: Scene, taken: tuple[str, ...]) -> Facts:
    # Rules of other workbooks look at perimeters: which there are (K4), and which plans are shared (K2).
    read = {PERIMETERS.name, *(each.name for layout in found.layouts for each in layout.workbook.sheets)}
    referred = {column.refers for layout in found.layouts for column in layout.sheet.columns if column.refers}
    referred |= {PERIMETERS.name, *(layout.sheet.name for layout in found.layouts if layout.sheet.code)}
    return facts_of(here, read, referred, _numbers(found), made_at=stamp_of(book.care_kit, here.scope), taken=taken)


def facts_of(
    here: Scene,
    read: Iterable[str],
    referred: Iterable[str],
    numbers: Iterable[str],
    *,
    made_at: datetime | None = None,
    taken: tuple[str, ...] = (),
) -> Facts:
    """Gather what rows are checked against: the rows of the sheets `read`, the codes of those `referred`, who these FINESS `numbers` are.

    `made_at` is when Vigie produced the file, for one that says it.
    """
    sites = scene.sites(here)
    finess_of = {entity.id: entity.finess for entity in here.entities}
    known = _known(numbers)
    referential = in_force("D2", here.day)
    stored = store.stored([SHEETS[name] for name in sorted(read)], here, dated=made_at is not None, sealed=True)
    support = scene.support(here.scope) if here.is_group else None
    user = current().user_id
    forgetting = retention.months(here.ids) if ATTENDANCE.name in read else {}
    return Facts(
        scope_finess={
            entity.finess: EstablishmentRef(str(entity.id), entity.finess, entity.name) for entity in here.entities
        },
        today=here.day,
        sites={site.finess: finess_of[site.legal_entity_id] for site in sites},
        site_names={site.finess: site.name for site in sites},
        known=known.__contains__,
        candidate_kind=here.kind,
        parties_frozen=bool(here.candidate and here.candidate.frozen_on),
        existing=stored.existing,
        written=stored.written,
        sealed=stored.sealed,
        group_finess=scene.group_finess(),
        files=evidence.filenames(here.ids),
        home=here.entities[0].finess if len(here.entities) == 1 else "",
        group_code=here.scope.code if here.is_group else "",
        support=support.finess if support else "",
        phase_start=referential.date_of("phase_start").on or here.day,
        filed_on=here.candidate.ecare_filed_on if here.candidate else None,
        objectives=frozenset(row.code for row in referential.rows),
        references=store.references(sorted(referred), here, stored),
        retention=forgetting,
        vat=current_app.extensions["vigie.vat"],
        common_ends={each.code: each.ends_on for each in training.common(here.day)} if forgetting else {},
        made_at=made_at,
        user_id=user,
        people=_people(stored, made_at, user),
        taken=taken,
    )


def _people(stored: store.Stored, made_at: datetime | None, user: UUID | None) -> dict[UUID, str]:
    if made_at is None:
        return {}
    every: Iterator[Written] = (written for found in stored.written.values() for written in found.values())
    sealed = (each.written for found in stored.sealed.values() for each in found.values())
    after = {written.by for each in (every, sealed) for written in each if written.at > made_at and written.by != user}
    return {key: name for key, name in accounts.names(after).items() if key is not None}


# ------------------------------------------------------------------------------------------------------ stamp of a file


def kit_id(scope: Scope, moment: datetime) -> str:
    """Return what a produced file carries: for which scope (told to nobody else), and when (milliseconds, UTC)."""
    return f"{_seal(scope)}-{int(moment.timestamp() * 1000):x}"


def stamp_of(care_kit: str | None, scope: Scope) -> datetime | None:
    """Return when Vigie produced a file for this scope; None for any other file."""
    place = (care_kit or "").split(";")[-1]
    seal, _, moment = place.partition("-")
    if seal != _seal(scope) or not re.fullmatch(r"[0-9a-f]{1,12}", moment):
        return None
    try:
        made_at = datetime.fromtimestamp(int(moment, 16) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return made_at if made_at <= datetime.now(UTC) + _SKEW else None


def _seal(scope: Scope) -> str:
    return hashlib.sha256(str(scope.id).encode()).hexdigest()[:16]


# ------------------------------------------------------------------------------------------------------------- numbers


def _numbers(found: Recognised) -> set[str]:
    """Return what looks like a FINESS number in the columns of a file that hold some."""
    written: set[str] = set()
    for layout in found.layouts:
        places = [
            layout.columns[column.key]
            for column in layout.sheet.columns
            if column.kind in _FINESS_KINDS and column.key in layout.columns
        ]
        met: set[object] = set()
        for row in layout.source.rows.values() if places else ():
            for place in places:
                cell = row.get(place)
                # Bounded: a hostile file has a number in each cell, or thousands of them in one.
                if cell is not None and cell.value not in met and len(written) < _MOST_NUMBERS:
                    if len(cell.text) <= _LONG:
                        met.add(cell.value)
                    written.update(numbers_in([cell.text]))
    return written


def numbers_in(texts: Iterable[str]) -> set[str]:
    """Return what looks like a FINESS number in texts, however long they are."""
    return {number for each in texts for number in _NUMBER.findall(_NOISE.sub("", each[:_LONG].removesuffix(",0")))}


def _known(written: Iterable[str]) -> frozenset[str]:
    """Look numbers up, in one query, in the national directory (with a lost zero given back)."""
    numbers = list({each for number in written for each in (number.upper(), f"0{number}")})
    rows = db.session.execute(
        text(
            "SELECT finess FROM legal_entity WHERE finess = ANY (:numbers) UNION SELECT finess FROM site WHERE finess = ANY (:numbers)"
        ),
        {"numbers": numbers},
    )
    return frozenset(row.finess for row in rows)


def log_foreign(report: Report, facts: Facts) -> None:
    """Keep a trace of establishments that exist and are not the uploader's: the answer does not tell them from unknown ones."""
    foreign = {fault.value for fault in report.faults if fault.code == "E-FIN" and facts.known(fault.value)}
    if foreign - set(facts.scope_finess):
        log.warning("foreign_establishment", numbers=sorted(foreign - set(facts.scope_finess)))
