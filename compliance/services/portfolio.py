"""What an authority sees: candidates, what each has published and filed; never a draft. The ANS sees those whom an ARS decided on."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import aliased

from compliance.models.candidate import Candidate
from compliance.models.dossier import Filing
from compliance.rules.procedure import State
from compliance.services import procedure, publication
from compliance.services.publication import Published
from tenants.context import ScopeKind, current
from tenants.db import db
from tenants.errors import NotFound
from tenants.models import Group, LegalEntity, Region


@dataclass(frozen=True)
class PortfolioLine:
    """A candidate with its latest filing and its last publication, None while it has made none, and where its review is."""

    id: UUID
    name: str
    code: str
    kind: str
    support: str
    region: str
    filing: Filing | None
    published: Published | None
    state: State


def lines() -> list[PortfolioLine]:
    """Return the candidates that the scope's authority sees, those who filed last first, then by name."""
    newest = (
        select(Filing.candidate_id, func.max(Filing.version).label("version")).group_by(Filing.candidate_id).subquery()
    )
    latest = aliased(Filing)
    query = (
        select(Candidate, Group.code, LegalEntity.finess, LegalEntity.name, Region.name, latest)
        .join(Region, Region.id == Candidate.region_id)
        .join(LegalEntity, LegalEntity.id == Candidate.establishment_id)
        .outerjoin(Group, Group.id == Candidate.ght_id)
        .outerjoin(newest, newest.c.candidate_id == Candidate.id)
        .outerjoin(latest, (latest.candidate_id == Candidate.id) & (latest.version == newest.c.version))
        .where(_seen(), Candidate.domain == "D2")
        .order_by(latest.filed_at.desc().nulls_last(), Candidate.name)
    )
    rows = db.session.execute(query).all()
    ids = [row[0].id for row in rows]
    published, standings = publication.latest(ids), procedure.states(ids)
    return [
        PortfolioLine(
            candidate.id,
            candidate.name,
            code or finess,
            "ght" if candidate.ght_id else "eg",
            support,
            region,
            filing,
            published.get(candidate.id),
            standings[candidate.id].state,
        )
        for candidate, code, finess, support, region, filing in rows
    ]


def _seen() -> ColumnElement[bool]:
    """Keep the candidates of the region; at the nation, the policy of the database alone says which."""
    scope = current().scope
    return true() if scope.kind is ScopeKind.NATION else Candidate.region_id == scope.id


def candidate_name(candidate_id: UUID) -> str:
    """Return the name of a candidate that the scope's authority sees. Raises NotFound."""
    query = select(Candidate.name).where(Candidate.id == candidate_id, _seen())
    name = db.session.scalars(query).one_or_none()
    if name is None:
        raise NotFound("Ce candidat n’existe pas, ou il ne vous est pas ouvert.")
    return name
