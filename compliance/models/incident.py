"""Real outages: when they began, what they stopped, which plans were really used, what was learnt."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.models.register import Register
from tenants.db import Base


class Incident(Register, Base):
    """A real outage and its timeline; hours are « 11:00 », in legal time (lessons.md, Dunkerque)."""

    __tablename__ = "incident"
    code: Mapped[str]
    finess_list: Mapped[list[str]] = mapped_column(ARRAY(Text))
    nature: Mapped[str]
    title: Mapped[str]
    started_on: Mapped[date]
    started_at: Mapped[str | None]
    degraded_on: Mapped[date | None]
    degraded_at: Mapped[str | None]
    recovery_on: Mapped[date | None]
    recovery_at: Mapped[str | None]
    ended_on: Mapped[date | None]
    ended_at: Mapped[str | None]
    plan_blanc: Mapped[bool | None]
    perimeters: Mapped[list[str]] = mapped_column(ARRAY(Text))  # whose plans were really used
    consequences: Mapped[str | None]
    lessons: Mapped[str | None]
    retex_file: Mapped[str | None]
    retex_on: Mapped[date | None]
    exercise_code: Mapped[str | None]  # the exercise of nature « real event » that proposes it to the reviewer
