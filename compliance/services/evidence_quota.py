"""How much an establishment keeps, and how much it may: each content counts once, whatever it serves."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import current_app
from sqlalchemy import text

from tenants.db import db
from tenants.errors import Refused

MEGABYTE = 1024 * 1024

_USED = text(
    """SELECT coalesce(sum(o.size), 0) FROM (
         SELECT DISTINCT sha256, size FROM (
           SELECT sha256, size FROM evidence WHERE establishment_id = :establishment
           UNION ALL SELECT sha256, size FROM dropped_file WHERE establishment_id = :establishment AND state IN ('received', 'read')
         ) kept) o"""
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
        return f"{size_words(self.used)} sur {size_words(self.allowed)}"


def quota(establishment_id: UUID) -> Quota:
    """Return what an establishment of the scope keeps, pieces waiting in a drop included, and what it may keep."""
    used = db.session.scalar(_USED, {"establishment": establishment_id})
    settings = current_app.extensions["vigie.settings"]
    return Quota(int(used or 0), settings.evidence_quota_megabytes * MEGABYTE)


def refuse_past(establishment_id: UUID, name: str, size: int) -> None:
    """Refuse a file that would pass the quota. Raises Refused, which says how much is used."""
    held = quota(establishment_id)
    if size > held.left:
        raise Refused(
            f"L’espace de l’établissement est plein : {held.told} utilisés, et « {name} » pèse {size_words(size)}."
            " Demandez à l’exploitant d’augmenter le quota."
        )


def size_words(size: int) -> str:
    """Write a size as people read it: « 950 Ko », « 3,4 Mo », « 20 Go »."""
    for unit, name in ((1024 * MEGABYTE, "Go"), (MEGABYTE, "Mo"), (1024, "Ko")):
        if size >= unit:
            tenths = size * 10 // unit
            return (
                f"{tenths // 10} {name}"
                if tenths % 10 == 0 or tenths >= 1000
                else f"{tenths // 10},{tenths % 10} {name}"
            )
    return f"{size} octets"
