"""A deposit: the file received, what was understood of it, what became of it; and the layouts people confirmed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base, Recorded, TenantScoped

ORDERED = "ordered"  # in `annotated_sha256`: the copy is on its way


class ImportRun(TenantScoped, Base):
    """A deposit. The row is the truth, the queue is a hint.

    States: received, parsed (preview), applying, applied, undoing, undone; failed, cancelled. `taken` are the conflicts
    decided for the file (« sheet!row »); `undo` is what taking it back did.
    """

    __tablename__ = "import_run"
    ght_id: Mapped[UUID | None]
    filename: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    format: Mapped[str] = mapped_column(default="xlsx")
    state: Mapped[str]
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB, deferred=True)
    taken: Mapped[list[str]] = mapped_column(JSONB, default=list)
    summary: Mapped[str] = mapped_column(default="")
    annotated_sha256: Mapped[str] = mapped_column(default="")
    annotated_name: Mapped[str] = mapped_column(default="")
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by: Mapped[UUID | None]
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None]
    undo: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class ImportLayout(TenantScoped, Recorded, Base):
    """What a person decided about the columns of a sheet, under the fingerprint of its header."""

    __tablename__ = "import_layout"
    fingerprint: Mapped[str]
    name: Mapped[str]
    choice: Mapped[dict[str, Any]] = mapped_column(JSONB)
