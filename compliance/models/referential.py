"""What the operator publishes for everybody: versions of a referential, and national dates. Never updated."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base, new_id


class ReferentialVersion(Base):
    """A version published by the operator: its text, and the day from which it is the rule."""

    __tablename__ = "referential_version"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    domain: Mapped[str]
    version: Mapped[str]
    content: Mapped[str]
    sha256: Mapped[str]
    takes_effect_on: Mapped[date]
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())
    published_by: Mapped[str]
    note: Mapped[str] = mapped_column(default="")


class NationalDate(Base):
    """A date of the programme entered for everybody; the latest recorded wins. `on_date` is None when it is not known any more."""

    __tablename__ = "programme_date"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    domain: Mapped[str]
    key: Mapped[str]
    on_date: Mapped[date | None]
    confidence: Mapped[str]
    source: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    recorded_by: Mapped[str]
