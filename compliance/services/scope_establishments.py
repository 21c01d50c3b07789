"""The establishments that the current scope reaches."""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from tenants.db import db
from tenants.models import LegalEntity


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
