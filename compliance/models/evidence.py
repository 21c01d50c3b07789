"""Evidence: a file attached to a row of the referential, hashed as received, never replaced."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base, TenantScoped


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
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    received_by: Mapped[UUID | None]
