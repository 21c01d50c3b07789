"""The register of evidence: each document that proves an objective, whether it exists yet or not."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.models.register import Register
from tenants.db import Base

VALID = ("validated", "sent")  # statuses of a document that exists and counts


class EvidenceEntry(Register, Base):
    """A document, what it proves, how far it is and who may read it. Its file is a piece uploaded apart."""

    __tablename__ = "evidence_entry"
    code: Mapped[str]
    objectives: Mapped[list[str]] = mapped_column(ARRAY(Text))
    holder: Mapped[str]
    document_type: Mapped[str]
    title: Mapped[str]
    file: Mapped[str | None]
    version: Mapped[str | None]
    document_on: Mapped[date | None]
    validated_on: Mapped[date | None]
    approver: Mapped[str | None]
    covered: Mapped[list[str]] = mapped_column(ARRAY(Text))
    status: Mapped[str]
    nominative: Mapped[bool]
    diffusion: Mapped[str | None]
    ars_comment: Mapped[str | None]
