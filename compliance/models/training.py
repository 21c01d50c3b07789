"""Training: sessions, who attended them, signatures of the charter, and how many people should be trained."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from compliance.models.register import PrivateRegister, Register
from tenants.db import Base, Recorded, new_id


class TrainingSession(Register, Base):
    """A session of training; one of a whole GHT belongs to its établissement support."""

    __tablename__ = "training_session"
    code: Mapped[str]
    title: Mapped[str]
    kind: Mapped[str]
    organiser: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    half_days: Mapped[int | None]  # None: e-learning
    hours: Mapped[Decimal]
    modality: Mapped[str | None]
    place: Mapped[str | None]
    trainer: Mapped[str | None]  # a body or a function, never a name
    signed_sheet: Mapped[str | None]
    programme: Mapped[str | None]
    capacity: Mapped[int | None]
    validity_months: Mapped[int | None]  # how long what was learnt holds; None: no limit known


class Attendance(PrivateRegister, Base):
    """A person at a session, half-day by half-day: read by the establishment alone."""

    __tablename__ = "attendance"
    session_code: Mapped[str]
    finess_et: Mapped[str | None]
    last_name: Mapped[str | None]
    first_name: Mapped[str | None]
    identifier: Mapped[str | None]  # replaces the name where people are not named
    function: Mapped[str]
    service: Mapped[str | None]
    profile: Mapped[str]
    half_day_1: Mapped[str | None]
    half_day_2: Mapped[str | None]
    half_day_3: Mapped[str | None]
    half_day_4: Mapped[str | None]
    half_day_5: Mapped[str | None]
    half_day_6: Mapped[str | None]
    hours: Mapped[Decimal | None]
    attended_on: Mapped[date | None]
    signed: Mapped[bool | None]
    certified: Mapped[bool | None]
    certified_on: Mapped[date | None]
    on_call: Mapped[bool | None]
    notes: Mapped[str | None]


class CharterSignature(Register, Base):
    """How many people of a service signed the charter: a count, never a list of people."""

    __tablename__ = "charter_signature"
    service: Mapped[str]
    headcount: Mapped[int]
    signatures: Mapped[int]
    counted_on: Mapped[date | None]


class TrainingTarget(Register, Base):
    """How many people of a profile should be trained: what rates are measured against."""

    __tablename__ = "training_target"
    profile: Mapped[str]
    headcount: Mapped[int]
    source: Mapped[str | None]
    set_on: Mapped[date | None]


class RegionalSession(Recorded, Base):
    """A session that an ARS opens for the establishments of its region: read by all of them, written by that ARS alone.

    Versions under (region, code): the last one is current, gone when `withdrawn`. Who goes is noted by each establishment.
    """

    __tablename__ = "regional_session"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"))
    code: Mapped[str]
    title: Mapped[str]
    kind: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    place: Mapped[str | None]
    capacity: Mapped[int | None]
    half_days: Mapped[int]
    withdrawn: Mapped[bool]
