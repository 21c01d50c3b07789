"""Versions of documents: every file received, what was said of it, what it serves, and which one of each document counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from compliance.clock import end_of
from compliance.models.evidence import Evidence, EvidenceEvent, EvidenceUse
from compliance.rules.piece import PieceStatus, Use, chains, counted, in_force
from tenants.db import db
from tenants.errors import NotFound
from tenants.models import LegalEntity


@dataclass(frozen=True, kw_only=True)
class Version:
    """A file as it was received, counted or not. `chain`: every version of the same document, oldest first."""

    id: UUID
    establishment_id: UUID
    establishment: str
    finess: str
    own: Use
    uses: tuple[Use, ...]
    filename: str
    media_type: str
    sha256: str
    size: int
    approved_on: date | None
    effective_on: date | None
    expires_on: date | None
    received_at: datetime
    received_by: UUID | None
    whole: bool
    covers: tuple[str, ...]
    covers_reason: str
    status: PieceStatus
    chain: tuple[UUID, ...]
    former_names: tuple[str, ...]  # of the versions it replaces, the last one first: what names them names it
    counts: bool  # the last of its chain that nobody put away

    @property
    def replaced(self) -> bool:
        """Whether a later version was received."""
        return self.chain[-1] != self.id

    @property
    def rank(self) -> int:
        """Its place among its versions, from 1."""
        return 1 + self.chain.index(self.id)


def versions(establishments: Collection[UUID], on: date) -> list[Version]:
    """Return every file received by the end of a day, in order of row then reception: what counts and what does not (one statement).

    What was said of it by then holds, except a quarantine: what must not be handed out never was fit to be.
    """
    return read(establishments, Evidence.received_at < end_of(on), until=end_of(on))


def version(piece_id: UUID) -> Version:
    """Return one file of the scope. Raises NotFound for an absent or foreign one alike."""
    owner = db.session.scalar(select(Evidence.establishment_id).where(Evidence.id == piece_id))
    found = next((each for each in read([owner]) if each.id == piece_id), None) if owner else None
    if found is None:
        raise NotFound("Cette pièce n’existe pas, ou elle ne vous est pas ouverte.")
    return found


def _of_event(*conditions: Any) -> Select[Any]:
    return select(EvidenceEvent.value).where(
        EvidenceEvent.establishment_id == Evidence.establishment_id,
        EvidenceEvent.evidence_id == Evidence.id,
        EvidenceEvent.kind == "status",
        *conditions,
    )


def read(establishments: Collection[UUID], *conditions: Any, until: datetime | None = None) -> list[Version]:
    """Read files with what was said of them, and until when. Chains are whole when `conditions` are about dates alone."""
    said = [] if until is None else [EvidenceEvent.recorded_at < until]
    used = [] if until is None else [EvidenceUse.recorded_at < until]
    last = (
        _of_event(*said)
        .order_by(EvidenceEvent.recorded_at.desc(), EvidenceEvent.id.desc())
        .limit(1)
        .correlate(Evidence)
        .scalar_subquery()
    )
    quarantined = exists(_of_event(EvidenceEvent.value == PieceStatus.QUARANTINED.value).correlate(Evidence))
    added = func.jsonb_build_array(EvidenceUse.row_code, EvidenceUse.document_type, EvidenceUse.withdrawn)
    uses = (
        select(func.jsonb_agg(aggregate_order_by(added, EvidenceUse.recorded_at, EvidenceUse.id)))
        .where(EvidenceUse.establishment_id == Evidence.establishment_id, EvidenceUse.evidence_id == Evidence.id, *used)
        .correlate(Evidence)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Evidence, LegalEntity.name, LegalEntity.finess, last, quarantined, uses)
        .join(LegalEntity, LegalEntity.id == Evidence.establishment_id)
        .where(Evidence.establishment_id.in_(establishments), *conditions)
        .order_by(Evidence.received_at, Evidence.id)
    ).all()
    statuses = {row[0].id: PieceStatus.QUARANTINED if row[4] else PieceStatus(row[3] or "to_check") for row in rows}
    of = {key: tuple(chain) for chain in chains((row[0].id, row[0].supersedes) for row in rows) for key in chain}
    names = {row[0].id: row[0].filename for row in rows}
    found = [_version(row[0], row[1], row[2], row[5] or (), statuses, of[row[0].id], names) for row in rows]
    return sorted(found, key=lambda each: (each.own[0], each.received_at, each.id))


def _version(  # one row of a statement, and what only the others tell of it
    evidence: Evidence,
    establishment: str,
    finess: str,
    said: Iterable[Any],
    statuses: dict[UUID, PieceStatus],
    chain: tuple[UUID, ...],
    names: dict[UUID, str],
) -> Version:
    own = (evidence.row_code, evidence.document_type)
    return Version(
        id=evidence.id,
        establishment_id=evidence.establishment_id,
        establishment=establishment,
        finess=finess,
        own=own,
        uses=in_force(own, (tuple(each) for each in said)),
        filename=evidence.filename,
        media_type=evidence.media_type,
        sha256=evidence.sha256,
        size=evidence.size,
        approved_on=evidence.approved_on,
        effective_on=evidence.effective_on,
        expires_on=evidence.expires_on,
        received_at=evidence.received_at,
        received_by=evidence.received_by,
        whole=evidence.whole,
        covers=tuple(evidence.covers),
        covers_reason=evidence.covers_reason,
        status=statuses[evidence.id],
        chain=chain,
        former_names=tuple(names[key] for key in reversed(chain[: chain.index(evidence.id)])),
        counts=counted(chain, statuses) == evidence.id,
    )
