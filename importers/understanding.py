"""What a file means for the scope it is given for: the facts it is checked against, and the report. Nothing is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import structlog
from sqlalchemy import func, or_, select, text

from compliance.clock import today
from compliance.services import candidate as candidates
from compliance.services import evidence
from compliance.services.candidate import CandidateFacts
from importers import sheet
from importers.check import Report, check
from importers.facts import EstablishmentRef, Facts
from importers.faults import Fault, FaultClass
from importers.limits import LIMITS
from importers.workbooks import bia_pcra_store
from importers.workbooks.bia_pcra import BIA_PCRA, PARTIES
from tenants.context import ScopeKind, current
from tenants.db import db
from tenants.models import GroupMember, LegalEntity, Site

log = structlog.get_logger()


@dataclass(frozen=True)
class Understood:
    """What a file means for the scope it was given for."""

    report: Report
    candidate: CandidateFacts | None


def understand(path: Path) -> Understood:
    """Read and check a file for the current scope, writing nothing. Raises Unreadable."""
    book = sheet.read(path, LIMITS)
    candidate = candidates.of_scope("D2")
    facts = _facts(book, candidate)
    report = check(BIA_PCRA, book, facts)
    _log_foreign(report, facts)
    if current().scope.kind is ScopeKind.ESTABLISHMENT and facts.candidate_kind != "eg":
        report = _without_parties(report)
    return Understood(report, candidate)


def _log_foreign(report: Report, facts: Facts) -> None:
    """Keep a trace of establishments that exist and are not the uploader's: the answer does not tell them from unknown ones."""
    foreign = {fault.value for fault in report.faults if fault.code == "E-FIN" and facts.known(fault.value)}
    if foreign - set(facts.scope_finess):
        log.warning("foreign_establishment", numbers=sorted(foreign - set(facts.scope_finess)))


def _facts(book: sheet.ReadBook, candidate: CandidateFacts | None) -> Facts:
    reached = entities()
    sites = db.session.scalars(select(Site).where(Site.legal_entity_id.in_([entity.id for entity in reached]))).all()
    finess_of = {entity.id: entity.finess for entity in reached}
    known = _known(book)
    day = today()
    return Facts(
        scope_finess={
            entity.finess: EstablishmentRef(str(entity.id), entity.finess, entity.name) for entity in reached
        },
        today=day,
        sites={site.finess: finess_of[site.legal_entity_id] for site in sites},
        site_names={site.finess: site.name for site in sites},
        known=known.__contains__,
        candidate_kind=candidate_kind(reached),
        parties_frozen=bool(candidate and candidate.frozen_on),
        existing=bia_pcra_store.existing(candidate, [entity.id for entity in reached], day),
        group_finess=_group_finess(),
        files=evidence.filenames([entity.id for entity in reached]),
    )


def entities() -> list[LegalEntity]:
    """Return the establishments that the scope may write: the one of the address, or the members of the GHT today."""
    scope = current().scope
    query = select(LegalEntity).order_by(LegalEntity.finess)
    if scope.kind is ScopeKind.GHT:
        members = select(GroupMember.legal_entity_id).where(
            GroupMember.ght_id == scope.id,
            GroupMember.valid_from <= func.paris_today(),
            or_(GroupMember.valid_to.is_(None), GroupMember.valid_to >= func.paris_today()),
        )
        return list(db.session.scalars(query.where(LegalEntity.id.in_(members))))
    return list(db.session.scalars(query.where(LegalEntity.id == scope.id)))


def _group_finess() -> frozenset[str]:
    """Return the EJ of the GHT: those that a shared plan may cover."""
    scope = current().scope
    mine = GroupMember.ght_id == scope.id if scope.kind is ScopeKind.GHT else GroupMember.legal_entity_id == scope.id
    groups = select(GroupMember.ght_id).where(mine, GroupMember.valid_to.is_(None))
    numbers = (
        select(LegalEntity.finess)
        .join(GroupMember, GroupMember.legal_entity_id == LegalEntity.id)
        .where(GroupMember.ght_id.in_(groups), GroupMember.valid_to.is_(None))
    )
    return frozenset(db.session.scalars(numbers))


def candidate_kind(entities: list[LegalEntity]) -> str:
    """Return `ght`, `single` (a GHT of one EJ) or `eg` (an entity outside a GHT, whose parties are sites)."""
    if current().scope.kind is ScopeKind.GHT:
        return "single" if len(entities) == 1 else "ght"
    grouped = db.session.scalars(
        select(GroupMember.id).where(GroupMember.legal_entity_id == current().scope.id, GroupMember.valid_to.is_(None))
    ).first()
    return "ght" if grouped else "eg"


def site_names(reached: list[LegalEntity]) -> dict[str, str]:
    """Return the sites of the establishments: FINESS ET to name."""
    rows = db.session.scalars(
        select(Site).where(Site.legal_entity_id.in_([entity.id for entity in reached])).order_by(Site.finess)
    )
    return {site.finess: site.name for site in rows}


_NUMBER = re.compile(r"\d[\dABab]\d{6,7}")


def _known(book: sheet.ReadBook) -> frozenset[str]:
    """Look up, in one query, every number of the file in the national directory (with a lost zero given back)."""
    written = {
        number.upper()
        for each in book.sheets
        for row in each.rows.values()
        for cell in row.values()
        for number in _NUMBER.findall(re.sub(r"[\s\u00a0\u202f']", "", cell.text.removesuffix(",0")))
    }
    numbers = list(written | {f"0{number}" for number in written})
    found = db.session.execute(
        text(
            "SELECT finess FROM legal_entity WHERE finess = ANY (:numbers) UNION SELECT finess FROM site WHERE finess = ANY (:numbers)"
        ),
        {"numbers": numbers},
    )
    return frozenset(row.finess for row in found)


def _without_parties(report: Report) -> Report:
    """In a GHT the parties are the GHT's to write: its members' files keep the sheet, and it is not read."""
    ours = [each for each in report.sheets if each.layout == PARTIES.name]
    if not ours:
        return report
    names = {each.name for each in ours}
    notice = [
        Fault(
            FaultClass.NOTICE,
            "W-PAR",
            name,
            "",
            "",
            "",
            "Les parties et leur activité combinée sont tenues par le GHT : cette feuille n’a pas été lue.",
            "Rien à faire ; pour corriger une activité combinée, prévenez la DSI du GHT.",
        )
        for name in names
    ]
    return replace(
        report,
        sheets=tuple(each for each in report.sheets if each.layout != PARTIES.name),
        faults=(*notice, *(fault for fault in report.faults if fault.sheet not in names)),
    )
