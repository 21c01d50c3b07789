"""Perimeters (services and processes) of an establishment and their BIA."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base, Recorded, TenantScoped


class Perimeter(TenantScoped, Base):
    """The identity of a perimeter: its code in its establishment."""

    __tablename__ = "perimeter"
    code: Mapped[str]


class PerimeterVersion(TenantScoped, Recorded, Base):
    """What was known of a perimeter and its BIA from `recorded_at` on."""

    __tablename__ = "perimeter_version"
    perimeter_id: Mapped[UUID]
    site_id: Mapped[UUID | None]
    name: Mapped[str]
    kind: Mapped[str]
    technical_kind: Mapped[str | None]
    present: Mapped[bool]
    absence_reason: Mapped[str]
    department: Mapped[str]
    referent_function: Mapped[str]
    bia: Mapped[str]
    bia_on: Mapped[date | None]
    bia_reason: Mapped[str]
    import_id: Mapped[UUID | None]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    undoes: Mapped[UUID | None]


class PerimeterContact(TenantScoped, Recorded, Base):
    """A person's name found where a function is asked: stays in the establishment (table class `own`)."""

    __tablename__ = "perimeter_contact"
    perimeter_id: Mapped[UUID]
    name: Mapped[str]
    import_id: Mapped[UUID | None]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    undoes: Mapped[UUID | None]
