"""A deposit from end to end: receive, understand, apply. Preview and application go the same way."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID

import structlog
from sqlalchemy import func, or_, select, text

from compliance.clock import today
from compliance.services import candidate as candidates
from compliance.services import evidence
from compliance.services.candidate import CandidateFacts
from importers import gate, sheet
from importers.check import Report, check
from importers.facts import EstablishmentRef, Facts
from importers.faults import Fault, FaultClass, Unreadable
from importers.limits import LIMITS
from importers.models import ImportRun
from importers.registry import WORKBOOKS
from importers.workbooks import bia_pcra_store
from importers.workbooks.bia_pcra import BIA_PCRA, PARTIES
from tenants import audit, jobs
from tenants.context import ScopeKind, current
from tenants.db import db, lock_until_commit, writing_as
from tenants.errors import Conflict, NotFound, Refused
from tenants.models import GroupMember, LegalEntity, Site
from tenants.storage import storage

log = structlog.get_logger()
READ, APPLY = "import.read", "import.apply"


@dataclass(frozen=True)
class Understood:
    """What a file means for the scope it was given for."""

    report: Report
    candidate: CandidateFacts | None


# --- receiving ---------------------------------------------------------------------------------------------------


def receive(filename: str, content: BinaryIO) -> UUID:
    """Keep a file as received and order its reading. Raises Unreadable, before anything is written."""
    run = _keep(filename, content)
    jobs.enqueue(READ, run_id=str(run.id))
    return run.id


def _keep(filename: str, content: BinaryIO) -> ImportRun:
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as copy:
        _copy(content, Path(copy.name))
        gate.inspect(Path(copy.name), LIMITS)
        owner, ght_id = _home()
        copy.seek(0)
        sha256, size = storage().put(owner, cast("BinaryIO", copy))
    run = ImportRun(
        establishment_id=owner,
        ght_id=ght_id,
        filename=_name(filename),
        sha256=sha256,
        size=size,
        state="received",
        created_by=current().user_id,
    )
    with writing_as(owner):
        db.session.add(run)
        db.session.flush()  # gives the deposit its identifier
        audit.record(owner, "import.received", run=run.id, sha256=sha256, size=size)
    return run


def _copy(content: BinaryIO, path: Path) -> None:
    """Copy at most one byte more than the limit: the gate then says that it is too large."""
    size = 0
    with path.open("wb") as file:
        while size <= LIMITS.file_size and (chunk := content.read(1 << 20)):
            file.write(chunk)
            size += len(chunk)


def _name(filename: str) -> str:
    name = re.split(r"[\\/]", filename)[-1]
    return "".join(character for character in name if character.isprintable())[:200] or "classeur.xlsx"


def _home() -> tuple[UUID, UUID | None]:
    """Return the establishment that owns the deposit: the one of the scope, or the support of the GHT."""
    scope = current().scope
    if scope.kind is ScopeKind.ESTABLISHMENT and scope.id:
        return scope.id, None
    candidate = candidates.of_scope("D2")
    if candidate:
        return candidate.establishment_id, scope.id
    support = db.session.scalars(
        select(GroupMember.legal_entity_id).where(
            GroupMember.ght_id == scope.id, GroupMember.role == "S", GroupMember.valid_to.is_(None)
        )
    ).first()
    if support is None:
        raise Refused("Ce GHT n’a pas d’établissement support connu : complétez l’annuaire.")
    return support, scope.id


# --- reading -----------------------------------------------------------------------------------------------------


def get(run_id: UUID) -> ImportRun:
    """Return one deposit of the scope. Raises NotFound."""
    run = db.session.scalars(select(ImportRun).where(ImportRun.id == run_id, _of_scope())).one_or_none()
    if run is None:
        raise NotFound("Ce dépôt n’existe pas, ou il ne vous est pas ouvert.")
    return run


def latest(limit: int = 20) -> list[ImportRun]:
    """Return the last deposits of the scope."""
    return list(
        db.session.scalars(select(ImportRun).where(_of_scope()).order_by(ImportRun.created_at.desc()).limit(limit))
    )


def _of_scope() -> Any:
    scope = current().scope
    if scope.kind is ScopeKind.GHT:
        return ImportRun.ght_id == scope.id
    return (ImportRun.establishment_id == scope.id) & ImportRun.ght_id.is_(None)


@contextmanager
def _file(run: ImportRun) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vigie-import-") as folder:
        path = Path(folder) / "classeur.xlsx"
        storage().copy_to(run.establishment_id, run.sha256, path)
        yield path


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


def read(run_id: UUID) -> None:
    """Read a deposit and keep its preview (job). Read already: nothing to do."""
    run = get(run_id)
    if run.state != "received":
        return
    jobs.tell(run_id, "Lecture du classeur")
    with _file(run) as path, writing_as(run.establishment_id):
        try:
            understood = understand(path)
        except Unreadable as error:
            run.state, run.error = "failed", error.sentence
            return
        run.report, run.state = _kept(understood.report), "parsed"


# Fields that the rules of a sheet make out of its columns.
DERIVED = {
    "absence_reason": "Motif d’absence",
    "covered": "EJ couverts",
    "pca_on": "PCA validé le",
    "pra_on": "PRA validé le",
    "shared_system": "SI mutualisé",
}


def _kept(report: Report) -> dict[str, Any]:
    """Return the preview as the page shows it: counts, remarks, differences, what is absent; no stored row."""
    layouts = {layout.name: layout for workbook, _ in WORKBOOKS.values() for layout in workbook.sheets}
    changes = []
    for each in report.sheets:
        columns = DERIVED | {column.key: column.label for column in layouts[each.layout].columns}
        words = {
            column.key: {choice.value: choice.label for choice in column.choices}
            for column in layouts[each.layout].columns
        }
        changes += [
            {
                "subject": row.key,
                "field": columns.get(field, field),
                "before": _shown(words.get(field, {}).get(str(before), before)),
                "after": _shown(words.get(field, {}).get(str(after), after)),
            }
            for row in each.rows
            if row.status == "changed"
            for field, (before, after) in row.changes.items()
            if field != "referent_name"
        ]
    return {
        "workbook": report.workbook,
        "sheets": [
            {
                "name": each.name,
                "layout": each.layout,
                "header_row": each.header_row,
                "counts": each.counts,
                "skipped": each.skipped,
                "columns": [
                    {"letter": c.letter, "header": c.header, "field": c.label, "example": c.example, "sure": c.sure}
                    for c in each.columns
                ],
            }
            for each in report.sheets
        ],
        "faults": [fault.to_json() for fault in report.faults],
        "absent": [key for each in report.sheets for key in each.absent_keys],
        "changes": changes[:500],
        "unmapped": list(report.unmapped),
        "has_errors": report.has_errors,
    }


def _shown(value: object) -> str:
    if value is None or value == "":
        return "(vide)"
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, tuple | list):
        return " ; ".join(str(each) for each in value)
    label = getattr(value, "label", None)
    if label:
        return str(label)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}".replace(".", ",")
    return value.strftime("%d/%m/%Y") if hasattr(value, "strftime") else str(value)


def _locked(run_id: UUID) -> ImportRun:
    """Return a deposit that nobody else moves until the end of the transaction."""
    run = get(run_id)
    # A lock is a write for row security: it is asked for as the establishment that owns the deposit.
    with writing_as(run.establishment_id):
        db.session.refresh(run, with_for_update=True)
    return run


# --- applying ----------------------------------------------------------------------------------------------------


def confirm(run_id: UUID, *, valid_rows_only: bool) -> None:
    """Order the application of a preview. Raises Conflict when it is not waiting for one, Refused when rows block it."""
    run = _locked(run_id)
    if run.state in {"applying", "applied"}:
        return
    if run.state != "parsed" or run.report is None:
        raise Conflict("Ce dépôt n’attend pas de confirmation : rechargez la page.")
    if run.report["has_errors"] and not valid_rows_only:
        raise Refused("Des lignes sont à corriger : appliquez les lignes valides seulement, ou corrigez le fichier.")
    with writing_as(run.establishment_id):
        run.state, run.error = "applying", ""
    jobs.enqueue(APPLY, run_id=str(run_id), mode="valid" if valid_rows_only else "all")


def apply(run_id: UUID, *, valid_rows_only: bool) -> None:
    """Apply a confirmed deposit in the open transaction (job). Applied already: nothing to do."""
    run = _locked(run_id)
    if run.state != "applying":
        return
    jobs.tell(run_id, "Enregistrement des lignes")
    with _file(run) as path:
        # Two deposits of one establishment are written one after the other, so that each sees what the other stored.
        lock_until_commit(run.establishment_id)
        understood = understand(path)
    with writing_as(run.establishment_id):
        if understood.report.has_errors and not valid_rows_only:
            run.state, run.report = "parsed", _kept(understood.report)
            return
    _write(run, understood)


def _write(run: ImportRun, understood: Understood) -> None:
    bia_pcra_store.apply(understood.report, understood.candidate, run.id)
    with writing_as(run.establishment_id):
        run.error = ""  # of an earlier attempt
        run.state, run.report, run.applied_at = (
            "applied",
            _kept(understood.report),
            db.session.scalar(select(func.now())),
        )
        counts = {each.name: each.counts for each in understood.report.sheets}
        audit.record(run.establishment_id, "import.applied", run=run.id, sha256=run.sha256, counts=counts)


def fail(sentence: str, run_id: UUID) -> None:
    """Write on a deposit why nothing came of it; an application that failed goes back to its preview."""
    run = get(run_id)
    with writing_as(run.establishment_id):
        if run.state == "applying":
            run.state = "parsed"
        else:
            run.state = "failed"
        run.error = sentence


def import_now(path: Path, *, apply_rows: bool, valid_rows_only: bool = False) -> tuple[Report, bool]:
    """Do it all in the open transaction (command line): return the report and whether it was applied. Raises Unreadable."""
    if apply_rows:
        lock_until_commit(_home()[0])
    understood = understand(path)
    refused = understood.report.has_errors and not valid_rows_only
    if not apply_rows or refused:
        return understood.report, False
    with path.open("rb") as content:
        run = _keep(path.name, content)
    _write(run, understood)
    return understood.report, True
