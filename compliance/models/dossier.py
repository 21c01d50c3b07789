"""Builds of the funding dossier, and filings: frozen copies that the ARS reads."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base, TenantScoped


class DossierBuild(TenantScoped, Base):
    """An order to build the dossier at a date, and what came of it: received, built, failed."""

    __tablename__ = "dossier_build"
    candidate_id: Mapped[UUID]
    ght_id: Mapped[UUID | None]
    on_date: Mapped[date]
    state: Mapped[str]
    error: Mapped[str] = mapped_column(default="")
    pdf_sha256: Mapped[str | None]
    pdf_size: Mapped[int | None]
    zip_sha256: Mapped[str | None]
    zip_size: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by: Mapped[UUID | None]


class Filing(TenantScoped, Base):
    """One canonical JSON frozen for the ARS; its verdicts are never computed again."""

    __tablename__ = "filing"
    candidate_id: Mapped[UUID]
    ght_id: Mapped[UUID | None]
    region_id: Mapped[UUID]
    version: Mapped[int]
    document: Mapped[str]
    sha256: Mapped[str]
    filed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    filed_by: Mapped[UUID | None]


class FiledPiece(TenantScoped, Base):
    """A piece of a filing, copied under the filing's establishment so that no later change can touch it."""

    __tablename__ = "filed_piece"
    filing_id: Mapped[UUID]
    ght_id: Mapped[UUID | None]
    region_id: Mapped[UUID]
    row_code: Mapped[str]
    filename: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
