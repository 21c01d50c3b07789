"""The audit trail: append-only, one hash chain per establishment, written in the same transaction as what it tells."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tenants.db import call, db, new_id


def record(establishment_id: UUID, action: str, **detail: Any) -> None:
    """Append an event to the establishment's chain; `detail` carries identifiers and counts, never a person's data."""
    call(
        "audit_record",
        p_id=new_id(),
        p_establishment=establishment_id,
        p_action=action,
        p_detail=json.dumps(detail, default=str),
    )


def up_to(establishment_id: UUID, action: str, sha256: str) -> list[dict[str, Any]]:
    """Return the chain of an establishment, from its first event to the first one of an action about a content; [] without one.

    Each event: `sequence`, `at`, `action`, `payload` (the hashed text), `previous_hash`, `hash`; people are identifiers there.
    """
    rows = db.session.execute(
        text(
            "SELECT payload, previous_hash, hash FROM audit_event WHERE establishment_id = :establishment AND sequence <="
            " (SELECT min(sequence) FROM audit_event WHERE establishment_id = :establishment AND action = :action"
            " AND payload::jsonb #>> '{detail,sha256}' = :sha256) ORDER BY sequence"
        ),
        {"establishment": establishment_id, "action": action, "sha256": sha256},
    )
    return [
        {key: told[key] for key in ("sequence", "at", "action")}
        | {"payload": row.payload, "previous_hash": row.previous_hash, "hash": row.hash}
        for row in rows
        for told in [json.loads(row.payload)]
    ]


def verify(establishment_id: UUID) -> int | None:
    """Return the first sequence that does not hold (altered, missing, swapped), or None when the chain is whole."""
    rows = db.session.execute(
        text(
            "SELECT sequence, at, user_id, action, payload, previous_hash, hash FROM audit_event"
            " WHERE establishment_id = :establishment ORDER BY sequence"
        ),
        {"establishment": establishment_id},
    )
    previous = ""
    for expected, row in enumerate(rows, start=1):
        told = json.loads(row.payload)
        computed = hashlib.sha256((previous + row.payload).encode()).hexdigest()
        whole = (
            row.sequence == expected
            and row.previous_hash == previous
            and row.hash == computed
            and told["sequence"] == row.sequence
            and told["action"] == row.action
            and told["user"] == (str(row.user_id) if row.user_id else None)
            and datetime.fromisoformat(told["at"]) == row.at
            and told["establishment"] == str(establishment_id)
        )
        if not whole:
            return expected
        previous = row.hash
    return None
