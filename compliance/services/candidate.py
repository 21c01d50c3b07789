"""The candidate of the scope and its application."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from compliance.clock import end_of, today
from compliance.models.candidate import Candidate, Candidature
from compliance.services.application import Answer, answer_of, carried, check
from tenants import audit
from tenants.context import ScopeKind, current
from tenants.db import db, lock_until_commit, writing_as
from tenants.errors import Conflict, Invalid, NotFound, Refused
from tenants.models import Group, GroupMember, LegalEntity, Region


@dataclass(frozen=True)
class CandidateFacts:
    """A candidate with what its page always needs; `code` is the GHT's code, or the FINESS of the entity outside a GHT."""

    id: UUID
    establishment_id: UUID
    ght_id: UUID | None
    domain: str
    name: str
    code: str
    region: Region
    support: LegalEntity
    applied_on: date | None
    frozen_on: date | None
    ecare_number: str | None
    ecare_filed_on: date | None
    answer: Answer = field(default_factory=Answer)

    @property
    def kind(self) -> str:
        """`ght`, or `eg` outside a GHT where parties are sites."""
        return "ght" if self.ght_id else "eg"


def of_scope(domain: str, known: date | None = None) -> CandidateFacts | None:
    """Return the candidate of the current scope, or None when nobody has opened it; its application is that known on a day."""
    scope = current().scope
    query = _query(known).where(Candidate.domain == domain)
    if scope.kind is ScopeKind.GHT:
        query = query.where(Candidate.ght_id == scope.id)
    else:
        query = query.where(Candidate.establishment_id == scope.id, Candidate.ght_id.is_(None))
    found = db.session.execute(query).one_or_none()
    if found is None:
        return None
    candidate, region, support, ght_code, application = found
    return _facts(candidate, region, support, ght_code, application)


def readable(domain: str, known: date | None = None) -> list[CandidateFacts]:
    """Return every candidate that the scope reads, by name."""
    rows = db.session.execute(_query(known).where(Candidate.domain == domain).order_by(Candidate.name, Candidate.id))
    return [
        _facts(candidate, region, support, ght_code, application)
        for candidate, region, support, ght_code, application in rows
    ]


def _query(known: date | None) -> Select[Candidate, Region, LegalEntity, str, Candidature]:
    """Select candidates with their region, support, GHT and the application known at the end of a day."""
    last = (
        select(Candidature.id)
        .where(Candidature.candidate_id == Candidate.id, Candidature.recorded_at < end_of(known or today()))
        .order_by(Candidature.recorded_at.desc(), Candidature.id.desc())
        .limit(1)
        .correlate(Candidate)
        .scalar_subquery()
    )
    return (
        select(Candidate, Region, LegalEntity, Group.code, Candidature)
        .join(Region, Region.id == Candidate.region_id)
        .join(LegalEntity, LegalEntity.id == Candidate.establishment_id)
        .outerjoin(Group, Group.id == Candidate.ght_id)
        .outerjoin(Candidature, Candidature.id == last)
    )


def _facts(
    candidate: Candidate, region: Region, support: LegalEntity, ght_code: str | None, application: Candidature | None
) -> CandidateFacts:
    return CandidateFacts(
        candidate.id,
        candidate.establishment_id,
        candidate.ght_id,
        candidate.domain,
        candidate.name,
        ght_code or support.finess,
        region,
        support,
        application.applied_on if application else None,
        application.frozen_on if application else None,
        application.ecare_number if application else None,
        application.ecare_filed_on if application else None,
        answer_of(application) if application else Answer(),
    )


def applies_here() -> bool:
    """Say whether the scope applies for itself: a GHT, or an establishment that belongs to none today."""
    scope = current().scope
    if scope.kind is not ScopeKind.ESTABLISHMENT:
        return scope.kind is ScopeKind.GHT
    member = select(GroupMember.id).where(GroupMember.legal_entity_id == scope.id, *member_on(today()))
    return db.session.scalars(member.limit(1)).first() is None


def require(domain: str, on: date | None = None) -> CandidateFacts:
    """Return the candidate of the scope. Raises NotFound."""
    found = of_scope(domain, on)
    if found is None:
        raise NotFound("Aucune candidature n’est ouverte ici.")
    return found


def open_candidate(domain: str) -> CandidateFacts:
    """Open the candidate of the scope: a GHT for its support, an entity outside a GHT for itself.

    Raises Conflict when it is open already, Refused for an entity that belongs to a GHT today.
    """
    if of_scope(domain) is not None:
        raise Conflict("Cette candidature est déjà ouverte.")
    scope = current().scope
    if scope.kind is ScopeKind.GHT:
        group = db.session.get_one(Group, scope.id)
        support = db.session.scalars(
            select(GroupMember.legal_entity_id).where(
                GroupMember.ght_id == group.id, GroupMember.role == "S", *member_on(today())
            )
        ).first()
        if support is None:
            raise Refused("Ce GHT n’a pas d’établissement support connu : complétez l’annuaire.")
        values: dict[str, Any] = {
            "establishment_id": support,
            "ght_id": group.id,
            "name": group.name,
            "region_id": group.region_id,
        }
    else:
        entity = db.session.get_one(LegalEntity, scope.id)
        if db.session.scalars(
            select(GroupMember.id).where(GroupMember.legal_entity_id == entity.id, *member_on(today()))
        ).first():
            raise Refused("Cet établissement appartient à un GHT : sa candidature est celle du GHT.")
        values = {"establishment_id": entity.id, "ght_id": None, "name": entity.name, "region_id": entity.region_id}
    with writing_as(values["establishment_id"]):
        db.session.add(Candidate(domain=domain, **values))
        audit.record(values["establishment_id"], "candidate.opened", domain=domain)
    return require(domain)


def record_application(
    candidate: CandidateFacts,
    *,
    applied_on: date | None,
    ecare_number: str | None,
    frozen_on: date | None,
    answer: Answer | None = None,
) -> None:
    """Record the application; past versions stay.

    `frozen_on` freezes the parties from that day on. Without an `answer`, what is known of it stays; so does what eCaRE knows of the
    declaration (services/ecare.py). Raises Invalid for a filing to come, for one after the declaration, and for a decision that
    cannot be.
    """
    lock_until_commit(
        candidate.id
    )  # the next version carries the last one: two at once would lose what one of them says
    before = carried(candidate.id)
    declared_on = before.get("ecare_filed_on")
    given, answer = answer is not None, answer or candidate.answer
    day = today()
    if applied_on is not None and applied_on > day:
        raise Invalid("Un dépôt sur eCaRE ne peut pas être dans l’avenir : indiquez le jour où il a eu lieu.")
    if applied_on is not None and declared_on is not None and declared_on < applied_on:
        raise Invalid("La déclaration ne peut pas précéder la candidature : vérifiez les deux dates.")
    check(answer, applied_on, day)
    with writing_as(candidate.establishment_id):
        db.session.add(
            Candidature(
                **(
                    before  # what this form does not ask stays as it was
                    | {
                        "establishment_id": candidate.establishment_id,
                        "candidate_id": candidate.id,
                        "applied_on": applied_on,
                        "frozen_on": frozen_on,
                        "ecare_number": ecare_number,
                        "ceiling_cents": answer.ceiling_cents,
                        "decision": answer.decision,
                        "decided_on": answer.decided_on,
                        "decision_note": answer.note or None,
                        "requested_cents": answer.requested_cents,
                        "import_id": None,
                        "recorded_by": current().user_id,
                    }
                )
            )
        )
        audit.record(
            candidate.establishment_id,
            "candidate.application_recorded",
            applied_on=applied_on,
            frozen_on=frozen_on,
            **(answer.audited() if given else {}),
        )


def member_on(day: date) -> tuple[Any, ...]:
    """Return the conditions under which an entity belongs to a GHT on a day."""
    return (GroupMember.valid_from <= day, (GroupMember.valid_to.is_(None)) | (GroupMember.valid_to >= day))
