"""Lines of attendance sheets, for the tests of attendance and of training."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from compliance.rules.attendance import Attendance, Profile
from compliance.rules.session import Kind, Session

ON = date(2026, 11, 22)
DMCC = Session(
    code="DMCC-2025-01", kind=Kind.DMCC, starts_on=date(2025, 12, 5), ends_on=date(2025, 12, 5), half_days=2,
    hours=Decimal(7),
)  # fmt: skip
ONLINE = Session(
    code="CYB-1", kind=Kind.AWARENESS, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), hours=Decimal("1.5")
)
PRESENT = ("present", "present", None, None, None, None)


def sheet(number: int = 1, **changes) -> Attendance:
    """A signed line of somebody without identifier, at the whole session."""
    line = Attendance(
        establishment="A", session=DMCC, profile=Profile.NURSING, function="Cadre de santé", half_days=PRESENT, signed=True,
        namesake=f"name {number}",
    )  # fmt: skip
    return replace(line, **changes)
