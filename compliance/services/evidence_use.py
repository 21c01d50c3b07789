"""The rows that a piece serves: one file answers several, and each is added or withdrawn without touching it."""

from __future__ import annotations

from uuid import UUID

from compliance.models.evidence import EvidenceUse
from compliance.rules.piece import Use
from compliance.services.evidence_version import Version, version
from tenants import audit
from tenants.context import current
from tenants.db import db, lock_until_commit, writing_as
from tenants.errors import Conflict, Refused


def add(piece_id: UUID, use: Use) -> None:
    """Use a piece for one more row. Raises NotFound, Conflict when it serves it already, Refused when it counts no more."""
    found = _held(piece_id)
    if use in found.uses:
        raise Conflict(f"Cette pièce sert déjà à {use[0]}.")
    if not found.counts:
        raise Refused("Cette version ne compte plus : ouvrez celle qui la remplace, ou redéposez-la.")
    _say(found, use, withdrawn=False)


def withdraw(piece_id: UUID, use: Use) -> None:
    """Use a piece for a row no more. Raises NotFound, Conflict when it does not serve it, Refused for the last row."""
    found = _held(piece_id)
    if use not in found.uses:
        raise Conflict(f"Cette pièce ne sert pas à {use[0]}.")
    if len(found.uses) == 1:
        raise Refused("C’est la seule ligne que cette pièce sert : écartez-la plutôt, avec un motif.")
    _say(found, use, withdrawn=True)


def _held(piece_id: UUID) -> Version:
    lock_until_commit(piece_id)
    return version(piece_id)


def _say(found: Version, use: Use, *, withdrawn: bool) -> None:
    row, kind = use
    with writing_as(found.establishment_id):
        db.session.add(
            EvidenceUse(
                establishment_id=found.establishment_id,
                evidence_id=found.id,
                row_code=row,
                document_type=kind,
                withdrawn=withdrawn,
                recorded_by=current().user_id,
            )
        )
        action = "evidence.unused" if withdrawn else "evidence.used"
        audit.record(found.establishment_id, action, piece=found.id, row=row, kind=kind)
