"""The parties of a candidate: recorded versions, or those of the directory before any is recorded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from compliance.clock import end_of
from compliance.rules.activity import Party
from compliance.services.candidate import CandidateFacts, member_on
from tenants.context import ScopeKind, current
from tenants.db import db, new_id
from tenants.errors import NotFound
from tenants.models import Group, GroupMember, LegalEntity, Region, Site

DIRECTORY = "annuaire, à confirmer"


@dataclass(frozen=True)
class PartyRecord:
    """A party with what ties it to the tenant: its establishment, its FINESS (None for an EHPAD that has none here)."""

    party: Party
    establishment_id: UUID
    finess: str | None
    recorded: bool


PARTIES = text(
    """SELECT DISTINCT ON (p.owner_id, p.party_key) p.*, le.finess AS ej, s.finess AS et
         FROM candidate_party p
         JOIN legal_entity le ON le.id = p.establishment_id
         LEFT JOIN site s ON s.id = p.site_id
        WHERE p.owner_establishment_id = ANY (:owners) AND p.owner_id = ANY (:candidates) AND p.recorded_at < :until
        ORDER BY p.owner_id, p.party_key, p.recorded_at DESC, p.id DESC"""
)


def parties(candidate: CandidateFacts, on: date, known: date | None = None) -> list[PartyRecord]:
    """Return the parties of one candidate; see `parties_of`."""
    return parties_of([candidate], on, known)[candidate.id]


def parties_of(
    candidates: Sequence[CandidateFacts], on: date, known: date | None = None
) -> dict[UUID, list[PartyRecord]]:
    """Return the parties of candidates known at the end of a day (that of the question by default), in one statement.

    Before any is recorded, they are those of the directory on the day of the question, whose AC is not known.
    """
    rows = db.session.execute(
        PARTIES,
        {
            "owners": [candidate.establishment_id for candidate in candidates],
            "candidates": [candidate.id for candidate in candidates],
            "until": end_of(known or on),
        },
    )
    recorded: dict[UUID, list[PartyRecord]] = {candidate.id: [] for candidate in candidates}
    for row in rows:
        if not row.withdrawn:
            recorded[row.owner_id].append(_record(row))
    return {each.id: recorded[each.id] or _from_directory(each, on) for each in candidates}


def _record(row: Any) -> PartyRecord:
    party = Party(
        key=row.party_key,
        name=row.name,
        in_scope=row.in_scope,
        out_reason=row.out_reason,
        ac=row.ac.normalize() + Decimal(0) if row.ac is not None else None,
        ac_year=row.ac_year,
        source=row.source,
        confidence=row.confidence,
    )
    finess = row.party_key if row.party_key in {row.ej, row.et} else None
    return PartyRecord(party, row.establishment_id, finess, recorded=True)


def _from_directory(candidate: CandidateFacts, on: date) -> list[PartyRecord]:
    if candidate.ght_id:
        members = db.session.execute(
            select(GroupMember.name, LegalEntity)
            .outerjoin(LegalEntity, LegalEntity.id == GroupMember.legal_entity_id)
            .where(GroupMember.ght_id == candidate.ght_id, *member_on(on))
            .order_by(LegalEntity.finess, GroupMember.name)
        ).all()
        return [
            _directory_party(
                entity.finess if entity else name,
                entity.name if entity else name,
                entity is not None,
                entity.id if entity else candidate.establishment_id,
            )
            for name, entity in members
        ]
    sites = db.session.scalars(
        select(Site).where(Site.legal_entity_id == candidate.establishment_id).order_by(Site.finess)
    ).all()
    return [
        _directory_party(site.finess, site.name, known=True, establishment_id=candidate.establishment_id)
        for site in sites
    ]


def _directory_party(key: str, name: str, known: bool, establishment_id: UUID) -> PartyRecord:
    reason = "" if known else "sans FINESS connu : à confirmer"
    party = Party(key=key, name=name, in_scope=known, out_reason=reason, confidence=DIRECTORY)
    return PartyRecord(party, establishment_id, key if known else None, recorded=False)


OWN_PARTY = text(
    """SELECT DISTINCT ON (p.party_key) p.*, le.finess AS ej, s.finess AS et
         FROM candidate_party p
         JOIN legal_entity le ON le.id = p.establishment_id
         LEFT JOIN site s ON s.id = p.site_id
        WHERE p.establishment_id = :establishment AND p.party_key = le.finess AND p.recorded_at < :until
        ORDER BY p.party_key, p.recorded_at DESC, p.id DESC"""
)


def of_directory(on: date, known: date | None = None) -> tuple[CandidateFacts, list[PartyRecord]]:
    """Return what can be told of a scope whose candidate is not open, or is its GHT's: who it is, and its own party.

    A member of a GHT reads its own version of itself as a party; the rest of the candidate is the GHT's.
    """
    scope = current().scope
    if scope.kind is ScopeKind.GHT:
        group = db.session.get_one(Group, scope.id)
        support = db.session.scalars(
            select(LegalEntity)
            .join(GroupMember, GroupMember.legal_entity_id == LegalEntity.id)
            .where(GroupMember.ght_id == group.id, GroupMember.role == "S", *member_on(on))
        ).first()
        if support is None:
            raise NotFound("Ce GHT n’a pas d’établissement support connu : complétez l’annuaire.")
        facts = _unopened(support, group, db.session.get_one(Region, group.region_id))
        return facts, _from_directory(facts, on)
    entity = db.session.get_one(LegalEntity, scope.id)
    group_of = db.session.scalars(
        select(Group)
        .join(GroupMember, GroupMember.ght_id == Group.id)
        .where(GroupMember.legal_entity_id == entity.id, *member_on(on))
    ).first()
    facts = _unopened(entity, group_of, db.session.get_one(Region, entity.region_id))
    if group_of is None:
        return facts, _from_directory(facts, on)
    rows = db.session.execute(OWN_PARTY, {"establishment": entity.id, "until": end_of(known or on)}).all()
    return facts, [_record(row) for row in rows if not row.withdrawn] or [
        _directory_party(entity.finess, entity.name, known=True, establishment_id=entity.id)
    ]


def _unopened(entity: LegalEntity, group: Group | None, region: Region) -> CandidateFacts:
    name, code = (group.name, group.code) if group else (entity.name, entity.finess)
    return CandidateFacts(
        entity.id, entity.id, group.id if group else None, "D2", name, code, region, entity, None, None, None, None
    )


def record_parties(
    candidate: CandidateFacts, records: Sequence[tuple[UUID, UUID | None, Party]], import_id: UUID | None
) -> None:
    """Record versions of parties, each under its own establishment, through the database's checked function."""
    rows = [
        {
            "id": new_id(),
            "establishment": establishment_id,
            "site": site_id,
            "key": party.key,
            "name": party.name,
            "in_scope": party.in_scope,
            "out_reason": party.out_reason,
            "ac": party.ac,
            "ac_year": party.ac_year,
            "source": party.source,
            "confidence": party.confidence,
        }
        for establishment_id, site_id, party in records
    ]
    if rows:
        db.session.flush()
        db.session.execute(
            text(
                "SELECT record_party(r.id, r.establishment, :owner, :candidate, r.key, r.name, r.site, r.in_scope, r.out_reason,"
                " r.ac, r.ac_year, r.source, r.confidence, :import_id)"
                " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, establishment uuid, key text, name text, site uuid,"
                " in_scope boolean, out_reason text, ac numeric, ac_year integer, source text, confidence text)"
            ),
            {
                "rows": json.dumps(rows, default=str),
                "owner": candidate.establishment_id,
                "candidate": candidate.id,
                "import_id": import_id,
            },
        )
