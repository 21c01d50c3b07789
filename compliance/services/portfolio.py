"""What an ARS sees of its region: candidates, and what each has filed; never a draft."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from compliance.models.candidate import Candidate
from compliance.models.dossier import Filing
from tenants.context import current
from tenants.db import db
from tenants.models import Group, LegalEntity


@dataclass(frozen=True)
class PortfolioLine:
    """A candidate of the region with its latest filing, None while it has filed nothing."""

    name: str
    code: str
    kind: str
    support: str
    filing: Filing | None


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
    return [
        PortfolioLine(candidate.name, code or finess, "ght" if candidate.ght_id else "eg", support, filing)
        for candidate, code, finess, support, filing in rows
    ]
