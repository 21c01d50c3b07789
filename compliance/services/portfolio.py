"""What an ARS sees of its region: candidates, what each has published and filed; never a draft."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from compliance.models.candidate import Candidate
from compliance.models.dossier import Filing
from compliance.services import publication
from compliance.services.publication import Published
from tenants.context import current
from tenants.db import db
from tenants.errors import NotFound
from tenants.models import Group, LegalEntity


@dataclass(frozen=True)
class PortfolioLine:
    """A candidate of the region with its latest filing and its last publication, None while it has made none."""

    id: UUID
    name: str
    code: str
    kind: str
    support: str
    filing: Filing | None
    published: Published | None


def lines() -> list[PortfolioLine]:
    """Return the candidates of the scope's region, those who filed last first, then by name."""
    newest = (
        select(Filing.candidate_id, func.max(Filing.version).label("version")).group_by(Filing.candidate_id).subquery()
    )
    latest = aliased(Filing)
    rows = db.session.execute(
        select(Candidate, Group.code, LegalEntity.finess, LegalEntity.name, latest)
        .join(LegalEntity, LegalEntity.id == Candidate.establishment_id)
        .outerjoin(Group, Group.id == Candidate.ght_id)
        .outerjoin(newest, newest.c.candidate_id == Candidate.id)
        .outerjoin(latest, (latest.candidate_id == Candidate.id) & (latest.version == newest.c.version))
        .where(Candidate.region_id == current().scope.id)
        .order_by(latest.filed_at.desc().nulls_last(), Candidate.name)
    )
    published = publication.latest()
    return [
        PortfolioLine(
            candidate.id,
            candidate.name,
            code or finess,
            "ght" if candidate.ght_id else "eg",
            support,
            filing,
            published.get(candidate.id),
        )
        for candidate, code, finess, support, filing in rows
    ]


def candidate_name(candidate_id: UUID) -> str:
    """Return the name of a candidate of the scope's region. Raises NotFound."""
    query = select(Candidate.name).where(Candidate.id == candidate_id, Candidate.region_id == current().scope.id)
    name = db.session.scalars(query).one_or_none()
    if name is None:
        raise NotFound("Ce candidat n’existe pas, ou il ne vous est pas ouvert.")
    return name
