"""What a candidate publishes to its ARS before filing: dated, frozen figures per row, without reasons or names."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base, TenantScoped


class Publication(TenantScoped, Base):
    """One canonical JSON of figures (services/publication.py), frozen; the next one is added and replaces nothing."""

    __tablename__ = "publication"
    candidate_id: Mapped[UUID]
    ght_id: Mapped[UUID | None]
    region_id: Mapped[UUID]
    on_date: Mapped[date]
    figures: Mapped[str]
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())
    published_by: Mapped[UUID | None]
