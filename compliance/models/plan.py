"""What a PCRA promises, the plans it leans on, and the support functions that a crisis must not forget."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.models.register import Register
from tenants.db import Base


class PcraContent(Register, Base):
    """What the PCRA of a perimeter holds: the losses it answers, the delays it promises, the plans it leans on (D2.O1.C)."""

    __tablename__ = "pcra_content"
    perimeter_code: Mapped[str]
    owner_function: Mapped[str | None]
    loss_system: Mapped[bool | None]
    loss_site: Mapped[bool | None]
    loss_staff: Mapped[bool | None]
    loss_supplier: Mapped[bool | None]
    degraded_after_minutes: Mapped[int | None]  # declared delay before the degraded mode runs
    interruption_minutes: Mapped[int | None]  # declared maximum interruption
    capacity: Mapped[Decimal | None]  # declared share of the usual activity in degraded mode, 0 to 100
    hold_minutes: Mapped[int | None]  # how long the degraded mode holds
    relief: Mapped[str | None]  # how teams take turns when it lasts
    reviewed_on: Mapped[date | None]
    next_review_on: Mapped[date | None]
    linked_plans: Mapped[list[str]] = mapped_column(ARRAY(Text))


class LinkedPlan(Register, Base):
    """A plan that a PCRA refers to: plan blanc, PSE, PCRI."""

    __tablename__ = "linked_plan"
    code: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str | None]
    version: Mapped[str | None]
    approved_on: Mapped[date | None]
    review_by: Mapped[date | None]
    file: Mapped[str | None]


class SupportFunction(Register, Base):
    """How payroll, billing, purchasing or human resources go on without computers (lessons.md, CHSF)."""

    __tablename__ = "support_function"
    function: Mapped[str]
    perimeter_code: Mapped[str | None]
    can_run_again: Mapped[bool | None]  # last month's can be run again as it was
    run_by: Mapped[str | None]  # a function, never a name
    channel: Mapped[str | None]  # how it leaves: the bank, the payer, the supplier
    hold_minutes: Mapped[int | None]
    checked_on: Mapped[date | None]
