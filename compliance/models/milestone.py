"""Milestones: what must be reached for an objective, by when, and the proof of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.models.register import Register
from tenants.db import Base


class Milestone(Register, Base):
    """A step towards one objective or several. `progress` is a share from 0 to 100; `evidence` holds codes of evidence entries."""

    __tablename__ = "milestone"
    code: Mapped[str]
    title: Mapped[str]
    objectives: Mapped[list[str]] = mapped_column(ARRAY(Text))
    holder: Mapped[str]
    due_on: Mapped[date]
    pilot_function: Mapped[str | None]
    progress: Mapped[Decimal | None]
    status: Mapped[str]
    reached_on: Mapped[date | None]
    evidence: Mapped[list[str]] = mapped_column(ARRAY(Text))
