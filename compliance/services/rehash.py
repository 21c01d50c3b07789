"""Reading again everything that is stored, object by object: one flipped byte or a lost object is found and told.

For the operator, under no person's name: the database gives fingerprints and establishments, never the name of a piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text

from tenants.context import ANONYMOUS
from tenants.db import call, db, new_id, unit_of_work
from tenants.errors import NotFound
from tenants.models import LegalEntity
from tenants.storage import storage


@dataclass(frozen=True)
class Checked:
    """What was read again for one establishment: how many objects, and the fingerprints of those that are not what they were."""

    finess: str
    name: str
    objects: int
    altered: tuple[str, ...]
    lost: tuple[str, ...]


def check_everything() -> Iterator[Checked]:
    """Read every object that a row names, one establishment after the other; what was found of each is recorded at once.

    No transaction is open while objects are read. Raises Unavailable when the store does not answer: that is no alteration.
    """
    with unit_of_work(ANONYMOUS):
        places = db.session.execute(
            select(LegalEntity.id, LegalEntity.finess, LegalEntity.name)
            .where(LegalEntity.id.in_(text("SELECT storing_establishments()")))
            .order_by(LegalEntity.finess)
        ).all()
    for place in places:
        yield _check(*place)


def _check(establishment_id: UUID, finess: str, name: str) -> Checked:
    with unit_of_work(ANONYMOUS):
        named = db.session.scalars(
            text("SELECT DISTINCT sha256 FROM stored_objects(:establishment)"), {"establishment": establishment_id}
        ).all()
    altered, lost = [], []
    for sha256 in named:
        try:
            if not storage().verify(establishment_id, sha256):
                altered.append(sha256)
        except NotFound:
            lost.append(sha256)
    with unit_of_work(ANONYMOUS):
        call(
            "storage_checked",
            p_id=new_id(),
            p_establishment=establishment_id,
            p_objects=len(named),
            p_altered=altered,
            p_lost=lost,
        )
    return Checked(finess, name, len(named), tuple(altered), tuple(lost))
