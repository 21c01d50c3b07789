"""Whom a file is given for: the establishments that the scope may write, the candidate, the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select

from compliance.clock import today
from compliance.services import candidate as candidates
from compliance.services.candidate import CandidateFacts
from tenants.context import Scope, ScopeKind, current
from tenants.db import db
from tenants.models import GroupMember, LegalEntity, Site


@dataclass(frozen=True)
class Scene:
    """`entities` are the establishments the scope may write; `kind` is that of `Facts.candidate_kind`."""

    scope: Scope
    entities: tuple[LegalEntity, ...]
    candidate: CandidateFacts | None
    kind: str
    day: date

    @property
    def ids(self) -> list[UUID]:
        """Identifiers of the establishments."""
        return [entity.id for entity in self.entities]

    @property
    def is_group(self) -> bool:
        """Tell whether the scope is a GHT."""
        return self.scope.kind is ScopeKind.GHT


def of_scope() -> Scene:
    """Return the scene of the current scope, today."""
    scope, day = current().scope, today()
    entities = _entities()
    return Scene(scope, tuple(entities), candidates.of_scope("D2", day), _kind(entities), day)


def _entities() -> list[LegalEntity]:
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


def _kind(entities: list[LegalEntity]) -> str:
    """Return `ght`, `single` (a GHT of one EJ) or `eg` (an entity outside a GHT, whose parties are sites)."""
    if current().scope.kind is ScopeKind.GHT:
        return "single" if len(entities) == 1 else "ght"
    grouped = db.session.scalars(
        select(GroupMember.id).where(GroupMember.legal_entity_id == current().scope.id, GroupMember.valid_to.is_(None))
    ).first()
    return "ght" if grouped else "eg"


def group_finess() -> frozenset[str]:
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


def sites(scene: Scene) -> list[Site]:
    """Return the sites of the establishments of a scene."""
    return list(db.session.scalars(select(Site).where(Site.legal_entity_id.in_(scene.ids)).order_by(Site.finess)))


def support(scope: Scope) -> LegalEntity | None:
    """Return the establishment that owns what belongs to a whole GHT, where the directory knows it."""
    return db.session.scalars(
        select(LegalEntity)
        .join(GroupMember, GroupMember.legal_entity_id == LegalEntity.id)
        .where(GroupMember.ght_id == scope.id, GroupMember.role == "S", GroupMember.valid_to.is_(None))
    ).first()
