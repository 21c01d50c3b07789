"""How much an establishment keeps, and how much it may: each content counts once, whatever it serves.

What was dropped and left out counts too: its bytes stay in the store, and dropping it again and again would fill it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from flask import current_app
from sqlalchemy import text

from compliance.rules import words
from tenants.db import db
from tenants.errors import Refused

MEGABYTE = 1024 * 1024

_USED = text(
    """SELECT o.establishment_id, sum(o.size) FROM (
         SELECT establishment_id, sha256, size FROM evidence WHERE establishment_id = ANY (:establishments)
         UNION
         SELECT establishment_id, sha256, size FROM dropped_file
          WHERE establishment_id = ANY (:establishments) AND sha256 <> '') o
        GROUP BY 1"""
)


@dataclass(frozen=True)
class Quota:
    """Bytes used and allowed."""

    used: int
    allowed: int

    @property
    def left(self) -> int:
        """Bytes still allowed."""
        return max(self.allowed - self.used, 0)

    @property
    def told(self) -> str:
        """« 1,2 Go sur 20 Go »."""
        return f"{words.size(self.used)} sur {words.size(self.allowed)}"


def quotas(establishments: Collection[UUID]) -> dict[UUID, Quota]:
    """Return what establishments of the scope keep, and what each may keep (one statement)."""
    allowed = current_app.extensions["vigie.settings"].evidence_quota_megabytes * MEGABYTE
    used = {row[0]: int(row[1]) for row in db.session.execute(_USED, {"establishments": list(establishments)})}
    return {establishment: Quota(used.get(establishment, 0), allowed) for establishment in establishments}


def quota(establishment_id: UUID) -> Quota:
    """Return what one establishment of the scope keeps, and may keep."""
    return quotas([establishment_id])[establishment_id]


def refuse_past(establishment_id: UUID, name: str, size: int) -> None:
    """Refuse a file that would pass the quota. Raises Refused, which says how much is used."""
    held = quota(establishment_id)
    if size > held.left:
        raise Refused(
            f"L’espace de l’établissement est plein : {held.told} utilisés, et « {name} » pèse {words.size(size)}."
            " Demandez à l’exploitant d’augmenter le quota."
        )
