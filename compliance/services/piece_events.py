"""What was found of pieces after they were received: the last word of each kind, for a page that checks many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from compliance.clock import end_of
from compliance.models.evidence import EvidenceEvent
from tenants.db import db

KINDS = ("inspection", "antivirus", "rehash", "status")


@dataclass(frozen=True)
class Seen:
    """The last word on a piece: `values` by kind of event ("" while there is none), `found` by its inspection."""

    values: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, Any] | None = None

    def said(self, kind: str) -> str:
        """Return the value of the last event of a kind, "" while there is none."""
        return self.values.get(kind, "")


def seen(pieces: Collection[UUID], known: date) -> dict[UUID, Seen]:
    """Return what was said of pieces by the end of a day, in one statement; nothing for a piece that nobody looked at."""
    query = (
        select(EvidenceEvent)
        .ext(distinct_on(EvidenceEvent.evidence_id, EvidenceEvent.kind))
        .where(
            EvidenceEvent.evidence_id.in_(pieces),
            EvidenceEvent.kind.in_(KINDS),
            EvidenceEvent.recorded_at < end_of(known),
        )
        .order_by(
            EvidenceEvent.evidence_id, EvidenceEvent.kind, EvidenceEvent.recorded_at.desc(), EvidenceEvent.id.desc()
        )
    )
    values: dict[UUID, dict[str, str]] = defaultdict(dict)
    found: dict[UUID, Mapping[str, Any]] = {}
    for event in db.session.scalars(query):
        values[event.evidence_id][event.kind] = event.value
        if event.kind == "inspection":
            found[event.evidence_id] = event.detail
    return {piece: Seen(told, found.get(piece)) for piece, told in values.items()}
