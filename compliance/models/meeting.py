"""Meetings of the bodies that govern continuity: COPIL, CODIR, committee of the GHT."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.models.register import Register
from tenants.db import Base


class CommitteeMeeting(Register, Base):
    """One meeting, what it decided and its minutes. Who came is a number: names stay in the minutes."""

    __tablename__ = "committee_meeting"
    held_on: Mapped[date]
    body: Mapped[str]
    agenda: Mapped[str | None]
    decisions: Mapped[str | None]
    objectives: Mapped[list[str]] = mapped_column(ARRAY(Text))
    attendees: Mapped[int | None]
    minutes_file: Mapped[str | None]
    holder: Mapped[str]
