"""Builds of the funding dossier, and filings: frozen copies that the ARS reads."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base, Recorded, TenantScoped


class DossierBuild(TenantScoped, Base):
    """An order to build the dossier at a date, and what came of it: received, built, failed.

    `error` says why it failed; once built, why the authority of timestamps gave no token.
    """

    __tablename__ = "dossier_build"
    candidate_id: Mapped[UUID]
    ght_id: Mapped[UUID | None]
    filing_id: Mapped[UUID | None]  # built from this freeze; None: from the facts of the day
    on_date: Mapped[date]
    state: Mapped[str]
    error: Mapped[str] = mapped_column(default="")
    pdf_sha256: Mapped[str | None]
    pdf_size: Mapped[int | None]
    zip_sha256: Mapped[str | None]
    zip_size: Mapped[int | None]
    docx_sha256: Mapped[str | None]
    docx_size: Mapped[int | None]
    token_sha256: Mapped[str | None]
    token_size: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by: Mapped[UUID | None]


class Filing(TenantScoped, Base):
    """One canonical JSON frozen for the ARS; its verdicts are never computed again.

    `replaces` names the pieces (row code and file name) that this version replaces in the one before; empty for a whole filing.
    `deed` is the act of delegation by which it was filed; empty when the legal signatory filed it.
    """

    __tablename__ = "filing"
    candidate_id: Mapped[UUID]
    ght_id: Mapped[UUID | None]
    region_id: Mapped[UUID]
    version: Mapped[int]
    document: Mapped[str]
    sha256: Mapped[str]
    replaces: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    deed: Mapped[str] = mapped_column(default="")
    filed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    filed_by: Mapped[UUID | None]


class FiledPiece(TenantScoped, Base):
    """A piece of a filing, copied under the filing's establishment so that no later change can touch it."""

    __tablename__ = "filed_piece"
    filing_id: Mapped[UUID]
    candidate_id: Mapped[UUID]
    ght_id: Mapped[UUID | None]
    region_id: Mapped[UUID]
    source_id: Mapped[UUID | None]  # the piece it is a copy of, and whose that is
    source_establishment_id: Mapped[UUID | None]
    row_code: Mapped[str]
    document_type: Mapped[str] = mapped_column(default="")
    filename: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]


class DossierPart(TenantScoped, Recorded, Base):
    """What a party says of its part of a candidate's dossier: ready or not. Written by `record_part` alone."""

    __tablename__ = "dossier_part"
    owner_establishment_id: Mapped[UUID]
    owner_id: Mapped[UUID]
    ready: Mapped[bool]
    note: Mapped[str]


class Delegation(TenantScoped, Recorded, Base):
    """Who may sign for a candidate beside its legal signatory, by which deed and until when; the last word on each person wins."""

    __tablename__ = "delegation"
    ght_id: Mapped[UUID | None]
    delegate_id: Mapped[UUID]
    deed: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    withdrawn: Mapped[bool] = mapped_column(default=False)
