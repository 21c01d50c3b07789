"""The establishments that the current scope reaches."""

from __future__ import annotations

from typing import Any
from uuid import UUID as UUID_

from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.orm import aliased

from tenants.db import db
from tenants.models import GroupMember, LegalEntity


def writable() -> list[LegalEntity]:
    """Return the establishments that the person may write here, the support first, then by FINESS."""
    ids = select(func.unnest(func.writable_establishments(type_=ARRAY(UUID))))
    support = text(
        "(SELECT 0 FROM ght_member m WHERE m.legal_entity_id = legal_entity.id AND m.role = 'S' AND m.valid_to IS NULL LIMIT 1)"
    )
    return list(
        db.session.scalars(select(LegalEntity).where(LegalEntity.id.in_(ids)).order_by(support, LegalEntity.finess))
    )


def readable() -> list[LegalEntity]:
    """Return the establishments that the scope reads, by FINESS."""
    ids = select(func.unnest(func.readable_establishments(type_=ARRAY(UUID))))
    return list(db.session.scalars(select(LegalEntity).where(LegalEntity.id.in_(ids)).order_by(LegalEntity.finess)))


def fellows(establishment_id: UUID_) -> list[LegalEntity]:
    """Return the other establishments of its GHT today, by FINESS: those a document of it may hold for too."""
    other, here = aliased(GroupMember), aliased(GroupMember)
    day = func.paris_today()

    def today(member: Any) -> Any:
        return and_(member.valid_from <= day, or_(member.valid_to.is_(None), member.valid_to >= day))

    return list(
        db.session.scalars(
            select(LegalEntity)
            .join(other, other.legal_entity_id == LegalEntity.id)
            .join(here, here.ght_id == other.ght_id)
            .where(
                here.legal_entity_id == establishment_id, LegalEntity.id != establishment_id, today(here), today(other)
            )
            .distinct()
            .order_by(LegalEntity.finess)
        )
    )
