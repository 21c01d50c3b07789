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
