"""Backups: critical systems and their plans, the platforms that keep the copies, restore tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.models.register import Register
from tenants.db import Base


class CriticalSystem(Register, Base):
    """A component of a critical system and how it is backed up (D2.O2.B, D2.O3.C)."""

    __tablename__ = "critical_system"
    code: Mapped[str]
    application: Mapped[str]
    finess_list: Mapped[list[str]] = mapped_column(ARRAY(Text))
    activities: Mapped[list[str]] = mapped_column(ARRAY(Text))
    component: Mapped[str]
    hosting: Mapped[str]
    plan: Mapped[str]
    plan_updated_on: Mapped[date | None]
    frequency_minutes: Mapped[int]
    retention_days: Mapped[int | None]
    copies: Mapped[int | None]
    media: Mapped[int | None]
    offsite: Mapped[bool | None]
    offline: Mapped[bool | None]
    saas_clause: Mapped[str | None]
    supervised: Mapped[bool | None]
    pdma_minutes: Mapped[int | None]
    rto_minutes: Mapped[int | None]


class BackupPlatform(Register, Base):
    """A backup platform: who may enter it and how it is kept apart (D2.O3.A, D2.O3.B)."""

    __tablename__ = "backup_platform"
    product: Mapped[str]
    version: Mapped[str]
    authentication: Mapped[str | None]
    two_factor: Mapped[str | None]
    two_factor_reason: Mapped[str | None]
    ads_score: Mapped[int | None]
    ads_on: Mapped[date | None]
    red_button: Mapped[str | None]
    partition_target: Mapped[str | None]
    partition_on: Mapped[date | None]


class RestoreTest(Register, Base):
    """A restore test (D2.O4); it never counts as an exercise."""

    __tablename__ = "restore_test"
    code: Mapped[str]
    system_code: Mapped[str]
    tested_on: Mapped[date]
    kind: Mapped[str]
    back_in_production: Mapped[bool]
    scope: Mapped[list[str]] = mapped_column(ARRAY(Text))
    volume_go: Mapped[Decimal | None]
    duration_minutes: Mapped[int]
    rto_minutes: Mapped[int | None]
    rpo_minutes: Mapped[int | None]
    result: Mapped[str]
    referent_function: Mapped[str | None]
    anomalies: Mapped[str | None]
    test_book_file: Mapped[str | None]
