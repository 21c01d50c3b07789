"""The charter: the share that signed it, by service."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from compliance.rules.charter import Charter, total


def test_martinique_the_share_of_the_charter_is_known_by_service():
    """lessons.md, « DMCC training, Martinique »: the charter is tracked the same way, share signed, by service."""
    wards = [
        Charter("A", "Urgences", 64, 48, date(2026, 6, 30)),
        Charter("A", "Paie", 16, 0, date(2026, 5, 4)),
        Charter("A", "Fermé", 0, 0),
    ]
    assert [each.share for each in wards] == [Decimal("0.75"), Decimal(0), None]
    whole = total(wards)
    assert (whole.signatures, whole.headcount, whole.share) == (48, 80, Decimal("0.6"))
    assert whole.counted_on == date(2026, 5, 4)
    assert total([]) is None
