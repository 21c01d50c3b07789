"""Evidence: a file attached to a row of the referential, hashed as received, never replaced."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base, Recorded, TenantScoped


class Evidence(TenantScoped, Base):
    """A piece with its four dates: approved, effective, received, expires (referential, rule 8)."""

    __tablename__ = "evidence"
    row_code: Mapped[str]
    document_type: Mapped[str]
    filename: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    approved_on: Mapped[date | None]
    effective_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    whole: Mapped[bool] = mapped_column(
        default=False
    )  # holds for every party of the candidate, not for its owner alone
    supersedes: Mapped[UUID | None]
    covers: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)  # FINESS of other establishments it holds for
    covers_reason: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    received_by: Mapped[UUID | None]


class EvidenceUse(TenantScoped, Recorded, Base):
    """One more row that a piece answers, or the end of one: the last word on each row and type wins."""

    __tablename__ = "evidence_use"
    evidence_id: Mapped[UUID]
    row_code: Mapped[str]
    document_type: Mapped[str]
    withdrawn: Mapped[bool] = mapped_column(default=False)


class EvidenceEvent(TenantScoped, Recorded, Base):
    """What happened to a piece: inspection, antivirus, rehash, status (value says which), comment (detail has the text)."""

    __tablename__ = "evidence_event"
    evidence_id: Mapped[UUID]
    kind: Mapped[str]
    value: Mapped[str] = mapped_column(default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class DroppedFile(TenantScoped, Base):
    """A file of a bulk drop, waiting for somebody to say which row it answers: received, read, attached, discarded, refused."""

    __tablename__ = "dropped_file"
    drop_id: Mapped[UUID]
    filename: Mapped[str]
    sha256: Mapped[str] = mapped_column(default="")
    size: Mapped[int] = mapped_column(default=0)
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    suggestions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    found: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)  # to record of the piece it becomes
    evidence_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by: Mapped[UUID | None]
