"""How the desk of an ARS lists the questions put to experts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from compliance.clock import today
from compliance.services.expertise import Asked


def told(asked: Sequence[Asked], names: Mapping[UUID | None, str], files: Mapping[UUID, str]) -> list[dict[str, Any]]:
    """Return the questions as the desk lists them; `files` names the pieces of the version that is read."""
    return [
        {
            "id": each.id,
            "piece_id": each.piece_id,
            "filing_id": each.filing_id,
            "expert": names[each.expert_id],
            "filename": files.get(each.piece_id) or (each.piece.filename if each.piece else ""),
            "question": each.question,
            "due_on": each.due_on,
            "state": each.state,
            "favourable": each.favourable,
            "text": each.text,
            "answered_on": each.answered_on,
            "reminded_on": each.reminded_on,
            "late": each.late(today()),
        }
        for each in asked
    ]
