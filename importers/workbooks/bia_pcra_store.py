"""K1 and the database: what is already stored, in the words of the specification, and how its rows are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select

from compliance.rules.activity import Party
from compliance.services import candidate as candidates
from compliance.services import perimeter
from compliance.services.candidate import CandidateFacts
from compliance.services.perimeter import PerimeterRecord
from importers.check import Report, RowResult
from importers.workbooks.bia_pcra import PARTIES, PERIMETERS, party_key, perimeter_key
from tenants.db import db, writing_as
from tenants.models import LegalEntity, Site

# Names of the specification that differ from the columns of the tables.
_COLUMNS = {
    "platform": "technical_kind",
    "exists": "present",
    "shared_identical": "degraded_modes_identical",
    "paper_printed_on": "printed_on",
}
_TEXTS = (
    "absence_reason",
    "department",
    "referent_function",
    "bia_reason",
    "approver",
    "version",
    "shared_system",
    "paper_place",
    "evidence_file",
)


def existing(
    candidate: CandidateFacts | None, establishments: Iterable[UUID], on: date
) -> dict[str, dict[str, dict[str, object]]]:
    """Return what is stored, by sheet then business key, with the fields that a checked row carries."""
    establishments = list(establishments)
    covered: dict[UUID, list[str]] = {}
    for link in perimeter.coverages(_of_candidate(candidate, establishments, on), on):
        covered.setdefault(link.owner_id, []).append(link.covered_finess)
    perimeters = {
        perimeter_key(record.finess, record.code): _perimeter_values(record, covered.get(record.id, []))
        for record in perimeter.current_perimeters(establishments, on)
    }
    parties = {
        party_key(record.finess, record.party.name): _party_values(record.finess, record.party)
        for record in (candidates.parties(candidate, on) if candidate else [])
        if record.recorded
    }
    return {PARTIES.name: parties, PERIMETERS.name: perimeters}


def _of_candidate(candidate: CandidateFacts | None, establishments: list[UUID], on: date) -> list[UUID]:
    """Coverage rows are read under the establishments covered: all those of the candidate."""
    return [record.establishment_id for record in candidates.parties(candidate, on)] if candidate else establishments


def _party_values(finess: str | None, party: Party) -> dict[str, object]:
    return {
        "finess": finess,
        "name": party.name,
        "in_scope": party.in_scope,
        "out_reason": party.out_reason or None,
        "ac": party.ac,
        "ac_year": party.ac_year,
        "source": party.source or None,
    }


def proposed_parties(
    candidate: CandidateFacts | None, entities: Sequence[LegalEntity], on: date
) -> list[dict[str, object]]:
    """Return the parties of the directory, for a first workbook: in scope, their AC to fill in."""
    if candidate:
        return [_party_values(record.finess, record.party) for record in candidates.parties(candidate, on)]
    return [_party_values(entity.finess, Party(key=entity.finess, name=entity.name)) for entity in entities]


def _perimeter_values(record: PerimeterRecord, covered: list[str]) -> dict[str, object]:
    values: dict[str, object] = {
        name: getattr(record, _COLUMNS.get(name, name))
        for name in PERIMETERS.fields
        if name not in {"finess_ej", "finess_et", "referent_name", "covered"}
    }
    values |= {name: values[name] or None for name in _TEXTS}
    return values | {"finess_ej": record.finess, "finess_et": record.site_finess, "covered": tuple(sorted(covered))}


def apply(report: Report, candidate: CandidateFacts | None, import_id: UUID) -> None:
    """Write the new and changed rows of a report, each under its own establishment, in the open transaction."""
    written = {sheet.layout: [row for row in sheet.rows if row.status in {"new", "changed"}] for sheet in report.sheets}
    if candidate is None and candidates.applies_here():
        candidate = candidates.open_candidate("D2")
    parties = written.get(PARTIES.name, [])
    if parties and candidate:
        _apply_parties(parties, candidate, import_id)
    _apply_perimeters(written.get(PERIMETERS.name, []), import_id)


def _apply_parties(rows: list[RowResult], candidate: CandidateFacts, import_id: UUID) -> None:
    numbers = [str(row.values["finess"]) for row in rows if row.values["finess"]]
    entities = dict(
        db.session.execute(select(LegalEntity.finess, LegalEntity.id).where(LegalEntity.finess.in_(numbers))).all()
    )
    names = dict(
        db.session.execute(select(LegalEntity.finess, LegalEntity.name).where(LegalEntity.finess.in_(numbers))).all()
    )
    sites = {site.finess: site for site in db.session.scalars(select(Site).where(Site.finess.in_(numbers)))}
    records = []
    for row in rows:
        number = str(row.values["finess"] or "")
        site = sites.get(number) if candidate.kind == "eg" else None
        owner = site.legal_entity_id if site else entities.get(number, candidate.establishment_id)
        name = row.values["name"] or names.get(number) or (site.name if site else number)
        records.append((owner, site.id if site else None, _party(row, number, str(name))))
    candidates.record_parties(candidate, records, import_id)


def _party(row: RowResult, number: str, name: str) -> Party:
    values: Mapping[str, Any] = row.values
    return Party(
        key=number or row.key,
        name=name,
        in_scope=bool(values["in_scope"]),
        out_reason=values["out_reason"] or "",
        ac=values["ac"],
        ac_year=values["ac_year"],
        source=values["source"] or "",
        confidence="saisie" if values["ac"] is not None else "",
    )


def _apply_perimeters(rows: list[RowResult], import_id: UUID) -> None:
    by_entity: dict[str, list[RowResult]] = {}
    for row in rows:
        by_entity.setdefault(row.finess, []).append(row)
    entities = dict(
        db.session.execute(select(LegalEntity.finess, LegalEntity.id).where(LegalEntity.finess.in_(by_entity))).all()
    )
    numbers = {str(row.values["finess_et"]) for row in rows if row.values.get("finess_et")}
    sites = dict(db.session.execute(select(Site.finess, Site.id).where(Site.finess.in_(numbers))).all())
    for finess, found in by_entity.items():
        establishment = entities[finess]
        with writing_as(establishment):
            ids = perimeter.record_many(establishment, [_stored(row.values, sites) for row in found], import_id)
            _apply_coverage(establishment, found, ids, import_id)


def _stored(values: Mapping[str, object], sites: Mapping[str, UUID]) -> dict[str, object]:
    row = {_COLUMNS.get(name, name): value for name, value in values.items()}
    row |= {name: row.get(name) or "" for name in _TEXTS}
    row["site_id"] = sites.get(str(values.get("finess_et") or ""))
    return row


def _apply_coverage(establishment: UUID, rows: list[RowResult], ids: Mapping[str, UUID], import_id: UUID) -> None:
    """A shared plan covers others only when degraded modes are the same everywhere (referential, rule 4)."""
    wanted = {row.key: _covered(row.values) for row in rows}
    stored = {
        row.key: set(cast("Sequence[str]", row.changes["covered"][0]) or ())
        if "covered" in row.changes
        else wanted[row.key]
        for row in rows
    }
    numbers = set().union(*wanted.values(), *stored.values()) if rows else set()
    entities = dict(
        db.session.execute(select(LegalEntity.finess, LegalEntity.id).where(LegalEntity.finess.in_(numbers))).all()
    )
    for row in rows:
        before = set() if row.status == "new" else stored[row.key]
        for number in sorted(wanted[row.key] ^ before):
            perimeter.record_coverage(
                establishment,
                ids[str(row.values["code"])],
                entities[number],
                f"SI mutualisé {row.values['shared_system']} : modes dégradés identiques dans tous les EJ",
                import_id,
                withdrawn=number in before,
            )


def _covered(values: Mapping[str, Any]) -> set[str]:
    return set(values.get("covered") or ()) if values.get("shared_identical") else set()
