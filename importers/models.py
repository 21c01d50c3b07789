"""A deposit: the file received, what was understood of it, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base, TenantScoped


class ImportRun(TenantScoped, Base):
    """States: received, parsed (preview), applying, applied, failed. The row is the truth, the queue is a hint."""

    __tablename__ = "import_run"
    ght_id: Mapped[UUID | None]
    filename: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    state: Mapped[str]
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by: Mapped[UUID | None]
    applied_at: Mapped[datetime | None]
