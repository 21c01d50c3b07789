"""Avis: what the ARS says of one row of a frozen filing, with its reason."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Mapped

from tenants.db import Base, Recorded, TenantScoped


class Opinion(TenantScoped, Recorded, Base):
    """A decision on the frozen piece (referential, rule 5): never an edit; a later one on the same row and subject supersedes it.

    `subject` is the code of an exercise, or empty when the opinion is about the whole row.
    """

    __tablename__ = "opinion"
    candidate_id: Mapped[UUID]
    filing_id: Mapped[UUID]
    ght_id: Mapped[UUID | None]
    region_id: Mapped[UUID]
    row_code: Mapped[str]
    subject: Mapped[str]
    favourable: Mapped[bool]
    reason: Mapped[str]
