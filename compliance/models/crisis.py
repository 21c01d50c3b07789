"""The crisis directory: who decides, who is called back, who helps, where the pack is. Read by the establishment alone."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped

from compliance.models.register import PrivateRegister
from tenants.db import Base


class CrisisRole(PrivateRegister, Base):
    """A role of the crisis cell, who holds it and who stands in."""

    __tablename__ = "crisis_role"
    role: Mapped[str]
    holder: Mapped[str | None]
    holder_phone: Mapped[str | None]  # several numbers are separated by « ; », here as below
    substitute: Mapped[str | None]
    substitute_phone: Mapped[str | None]
    reachable: Mapped[bool | None]  # on numbers that need neither the network nor the switchboard of the establishment
    checked_on: Mapped[date]


class CallBack(PrivateRegister, Base):
    """Somebody to call back: in what order, and how long before they are there."""

    __tablename__ = "call_back"
    service: Mapped[str]
    team: Mapped[str | None]
    name: Mapped[str]
    phone: Mapped[str | None]
    rank: Mapped[int | None]
    delay_minutes: Mapped[int | None]
    checked_on: Mapped[date]


class CrisisPartner(PrivateRegister, Base):
    """Somebody outside to call in a crisis, and for what."""

    __tablename__ = "crisis_partner"
    organisation: Mapped[str]
    purpose: Mapped[str]
    phone: Mapped[str | None]
    on_call: Mapped[str | None]  # a number, or when it answers
    checked_on: Mapped[date]


class PackLocation(PrivateRegister, Base):
    """A place where a printed crisis pack is kept."""

    __tablename__ = "pack_location"
    place: Mapped[str]
    cabinet: Mapped[str | None]
    keeper: Mapped[str | None]
    placed_on: Mapped[date | None]
