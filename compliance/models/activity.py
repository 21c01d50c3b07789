"""Activities of a perimeter, as the BIA weighs them, and what each of them depends on."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.models.register import Register
from tenants.db import Base


class Activity(Register, Base):
    """An activity: what its interruption costs, how long it may last, how long its degraded mode holds (D2.O1.C)."""

    __tablename__ = "activity"
    perimeter_code: Mapped[str]
    number: Mapped[str]
    name: Mapped[str]
    process: Mapped[str | None]
    criticality: Mapped[str]  # "1" (vital) to "4" (may wait)
    impact_4h: Mapped[int | None]  # 0 to 4, as the three others
    impact_24h: Mapped[int | None]
    impact_72h: Mapped[int | None]
    impact_1w: Mapped[int | None]
    impact_kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    dima_minutes: Mapped[int | None]
    pdma_minutes: Mapped[int | None]
    sensitive_period: Mapped[str | None]
    nominal_staff: Mapped[Decimal | None]
    minimal_staff: Mapped[Decimal | None]
    degraded_mode: Mapped[str]
    degraded_hold_minutes: Mapped[int | None]
    procedure_reference: Mapped[str | None]
    paper_forms: Mapped[list[str]] = mapped_column(ARRAY(Text))
    paper_place: Mapped[str | None]
    downstream_activity: Mapped[str | None]


class Dependency(Register, Base):
    """What an activity, or a whole perimeter, cannot do without."""

    __tablename__ = "dependency"
    perimeter_code: Mapped[str]
    activity_number: Mapped[str | None]  # None: the whole perimeter
    kind: Mapped[str]
    label: Mapped[str]
    hosting: Mapped[str | None]
    supplier: Mapped[str | None]
    continuity_clause: Mapped[str | None]
    tolerated_minutes: Mapped[int | None]
    workaround: Mapped[str | None]
    system_code: Mapped[str | None]
