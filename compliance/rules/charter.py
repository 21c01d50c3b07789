"""The charter of the information system that everybody signs: its share, by service (lessons.md, Martinique)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID


@dataclass(frozen=True)
class Charter:
    """How many people of a service signed the charter of the information system: counts, never a list."""

    establishment: str
    service: str
    headcount: int
    signatures: int
    counted_on: date | None = None
    ref: UUID | None = field(default=None, compare=False)

    @property
    def share(self) -> Decimal | None:
        """The part that signed, 0 to 1; None for a service without anybody."""
        return Decimal(self.signatures) / self.headcount if self.headcount else None


def total(lines: Iterable[Charter]) -> Charter | None:
    """Add up the services, at the oldest day of their counts; None when no service is counted."""
    found = list(lines)
    if not found:
        return None
    days = [each.counted_on for each in found if each.counted_on is not None]
    return Charter(
        "", "", sum(each.headcount for each in found), sum(each.signatures for each in found), min(days, default=None)
    )
