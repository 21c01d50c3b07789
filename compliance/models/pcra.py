"""Plans (PCA and PRA) of a perimeter, and the establishments that a shared plan covers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base, Recorded, TenantScoped


class PcraVersion(TenantScoped, Recorded, Base):
    """What was known of the plans of a perimeter from `recorded_at` on."""

    __tablename__ = "pcra_version"
    perimeter_id: Mapped[UUID]
    pca: Mapped[str]
    pca_on: Mapped[date | None]
    pra: Mapped[str]
    pra_on: Mapped[date | None]
    approver: Mapped[str]
    version: Mapped[str]
    shared_system: Mapped[str]
    degraded_modes_identical: Mapped[bool | None]
    paper_copy: Mapped[bool | None]
    paper_place: Mapped[str]
    printed_on: Mapped[date | None]
    last_test_on: Mapped[date | None]
    next_test_on: Mapped[date | None]
    evidence_file: Mapped[str]
    import_id: Mapped[UUID | None]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    undoes: Mapped[UUID | None]


class PcraCoverage(TenantScoped, Recorded, Base):
    """A coverage row: a plan of `owner_establishment_id` covers this establishment. Written by `record_coverage` alone."""

    __tablename__ = "pcra_coverage"
    owner_establishment_id: Mapped[UUID]
    owner_id: Mapped[UUID]
    perimeter_code: Mapped[str]
    perimeter_name: Mapped[str]
    kind: Mapped[str]
    justification: Mapped[str]
    import_id: Mapped[UUID | None]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    undoes: Mapped[UUID | None]
