"""Who applies: the candidate, its recorded application (candidature) and its dated parties."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base, Recorded, TenantScoped


class Candidate(TenantScoped, Base):
    """A GHT (owned by its établissement support, which files for it) or one legal entity outside a GHT."""

    __tablename__ = "candidate"
    domain: Mapped[str]
    ght_id: Mapped[UUID | None] = mapped_column(ForeignKey("ght.id"))
    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"))
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Candidature(TenantScoped, Recorded, Base):
    """The application as recorded history: dates, eCaRE number, decision of the ARS, amounts (cents).

    None is « not known », never « nothing »; `frozen_on` freezes the parties.
    """

    __tablename__ = "candidature"
    candidate_id: Mapped[UUID]
    applied_on: Mapped[date | None]
    frozen_on: Mapped[date | None]
    ecare_number: Mapped[str | None]
    ecare_filed_on: Mapped[date | None]
    ceiling_cents: Mapped[int | None]
    declaration_number: Mapped[str | None]
    ecare_state: Mapped[str | None]
    ecare_state_on: Mapped[date | None]
    ecare_receipt_id: Mapped[UUID | None]
    decision: Mapped[str | None]  # accepted, refused or withdrawn; None: not known
    decided_on: Mapped[date | None]
    decision_note: Mapped[str | None]
    requested_cents: Mapped[int | None]
    import_id: Mapped[UUID | None]


class CandidateParty(TenantScoped, Recorded, Base):
    """A version of a party: in scope or not with its reason, AC (exact decimal), year, source. Written by `record_party` alone."""

    __tablename__ = "candidate_party"
    owner_establishment_id: Mapped[UUID]
    owner_id: Mapped[UUID]
    party_key: Mapped[str]
    name: Mapped[str]
    site_id: Mapped[UUID | None]
    in_scope: Mapped[bool]
    out_reason: Mapped[str]
    ac: Mapped[Decimal | None]
    ac_year: Mapped[int | None]
    source: Mapped[str]
    confidence: Mapped[str]
    import_id: Mapped[UUID | None]
