"""Parties and perimeters of K1 in the database: what is stored, in the words of the specification, and how rows are written.

The two have services of their own (frozen parties, shared plans that cover others); every other sheet is a register.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select

from compliance.rules.activity import Party
from compliance.services import candidate as candidates
from compliance.services import party as party_services
from compliance.services import perimeter
from compliance.services.candidate import CandidateFacts
from compliance.services.perimeter import CoverageEntry, PerimeterRecord
from importers.facts import Values, Written
from importers.report import NEW, RowResult
from importers.workbooks.bia_pcra import PERIMETERS, party_key, perimeter_key
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
# Tables that an import of these two sheets writes, for taking it back.
PARTY_TABLES = ("candidate_party",)
PERIMETER_TABLES = ("perimeter_version", "pcra_version", "pcra_coverage", "perimeter_contact")


# ------------------------------------------------------------------------------------------------------------ parties


def stored_parties(candidate: CandidateFacts | None, on: date) -> dict[str, Values]:
    """Return the recorded parties by business key."""
    return {
        party_key(record.finess, record.party.name): _party_values(record.finess, record.party)
        for record in (party_services.parties(candidate, on) if candidate else [])
        if record.recorded
    }


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
        return [_party_values(record.finess, record.party) for record in party_services.parties(candidate, on)]
    return [_party_values(entity.finess, Party(key=entity.finess, name=entity.name)) for entity in entities]


def write_parties(rows: Iterable[RowResult], candidate: CandidateFacts | None, import_id: UUID | None) -> None:
    """Write parties, each under its own establishment, in the open transaction."""
    rows = list(rows)
    candidate = candidate or _opened()
    if not rows or candidate is None:
        return
    numbers = [str(row.values["finess"]) for row in rows if row.values["finess"]]
    entities = {
        entity.finess: entity
        for entity in db.session.scalars(select(LegalEntity).where(LegalEntity.finess.in_(numbers)))
    }
    sites = {site.finess: site for site in db.session.scalars(select(Site).where(Site.finess.in_(numbers)))}
    records = []
    for row in rows:
        number = str(row.values["finess"] or "")
        site = sites.get(number) if candidate.kind == "eg" else None
        entity = entities.get(number)
        owner = site.legal_entity_id if site else entity.id if entity else candidate.establishment_id
        name = row.values["name"] or (entity.name if entity else site.name if site else number)
        records.append((owner, site.id if site else None, _party(row, number, str(name))))
    party_services.record_parties(candidate, records, import_id)


def _opened() -> CandidateFacts | None:
    """Open the candidate with its first import, where the scope is one."""
    if not candidates.applies_here():
        return None
    return candidates.of_scope("D2") or candidates.open_candidate("D2")


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


# --------------------------------------------------------------------------------------------------------- perimeters


def stored_perimeters(
    candidate: CandidateFacts | None, establishments: Sequence[UUID], on: date
) -> tuple[dict[str, Values], dict[str, Written]]:
    """Return the perimeters with their plans by business key, and when each was last written."""
    covered: dict[UUID, list[str]] = {}
    for link in perimeter.coverages(_of_candidate(candidate, establishments, on), on):
        covered.setdefault(link.owner_id, []).append(link.covered_finess)
    found, written = {}, {}
    for record in perimeter.current_perimeters(establishments, on):
        key = perimeter_key(record.finess, record.code)
        found[key] = _perimeter_values(record, covered.get(record.id, []))
        written[key] = Written(record.recorded_at, record.recorded_by)
    return cast("dict[str, Values]", found), written


def _of_candidate(candidate: CandidateFacts | None, establishments: Sequence[UUID], on: date) -> list[UUID]:
    """Coverage rows are read under the establishments covered: all those of the candidate."""
    if candidate is None:
        return list(establishments)
    return [record.establishment_id for record in party_services.parties(candidate, on)]


def _perimeter_values(record: PerimeterRecord, covered: list[str]) -> dict[str, object]:
    values: dict[str, object] = {
        name: getattr(record, _COLUMNS.get(name, name))
        for name in PERIMETERS.fields
        if name not in {"finess_ej", "finess_et", "referent_name", "covered"}
    }
    values |= {name: values[name] or None for name in _TEXTS}
    return values | {"finess_ej": record.finess, "finess_et": record.site_finess, "covered": tuple(sorted(covered))}


def write_perimeters(rows: Iterable[RowResult], import_id: UUID | None) -> None:
    """Write perimeters and their plans, each under its own establishment, in the open transaction."""
    by_entity: dict[str, list[RowResult]] = {}
    numbers, covered = set(), set()
    for row in rows:
        by_entity.setdefault(row.finess, []).append(row)
        numbers |= {str(row.values["finess_et"])} if row.values.get("finess_et") else set()
        covered |= _covered(row.values) | _covered_before(row)
    if not by_entity:
        return
    _opened()
    entities = dict(
        db.session.execute(
            select(LegalEntity.finess, LegalEntity.id).where(LegalEntity.finess.in_({*by_entity, *covered}))
        ).all()
    )
    sites = dict(db.session.execute(select(Site.finess, Site.id).where(Site.finess.in_(numbers))).all())
    coverages: list[CoverageEntry] = []
    for finess, found in by_entity.items():
        establishment = entities[finess]
        with writing_as(establishment):
            ids = perimeter.record_many(establishment, [_stored(row.values, sites) for row in found], import_id)
        coverages += [entry for row in found for entry in _coverage(establishment, row, ids, entities)]
    perimeter.record_coverages(coverages, import_id)


def _stored(values: Mapping[str, object], sites: Mapping[str, UUID]) -> dict[str, object]:
    row = {_COLUMNS.get(name, name): value for name, value in values.items()}
    row |= {name: row.get(name) or "" for name in _TEXTS}
    row["site_id"] = sites.get(str(values.get("finess_et") or ""))
    return row


def _coverage(
    establishment: UUID, row: RowResult, ids: Mapping[str, UUID], entities: Mapping[str, UUID]
) -> Iterable[CoverageEntry]:
    """A shared plan covers others only when degraded modes are the same everywhere (referential, rule 4)."""
    before = set() if row.status == NEW else _covered_before(row)
    for number in sorted(_covered(row.values) ^ before):
        yield CoverageEntry(
            establishment,
            ids[str(row.values["code"])],
            entities[number],
            f"SI mutualisé {row.values['shared_system']} : modes dégradés identiques dans tous les EJ",
            withdrawn=number in before,
        )


def _covered_before(row: RowResult) -> set[str]:
    if "covered" in row.changes:
        return set(cast("Sequence[str]", row.changes["covered"][0]) or ())
    return _covered(row.values)


def _covered(values: Mapping[str, Any]) -> set[str]:
    return set(values.get("covered") or ()) if values.get("shared_identical") else set()
