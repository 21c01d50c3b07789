"""Money: what was spent for the programme, and what was granted. Amounts are exact: cents, and text for rates of VAT."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.models.register import Register
from tenants.db import Base


class Expense(Register, Base):
    """An invoice, a credit note (negative amounts) or staff time (hours and rate), and the share charged to CaRE."""

    __tablename__ = "expense"
    line_number: Mapped[str | None]
    objective: Mapped[str]
    nature: Mapped[str]
    section: Mapped[str | None]
    supplier: Mapped[str | None]
    siret: Mapped[str | None]
    market: Mapped[str | None]
    commitment_number: Mapped[str | None]
    committed_on: Mapped[date | None]
    warrant_number: Mapped[str | None]
    invoice_number: Mapped[str | None]
    invoiced_on: Mapped[date | None]
    paid_on: Mapped[date | None]
    net_cents: Mapped[int]
    vat_rate: Mapped[str | None]  # percent: « 5.5 »
    vat_cents: Mapped[int | None]
    gross_cents: Mapped[int]
    share_percent: Mapped[Decimal]
    charged_cents: Mapped[int | None]
    receipt: Mapped[str | None]
    status: Mapped[str | None]
    hours: Mapped[Decimal | None]
    hourly_rate_cents: Mapped[int | None]
    mission_letter: Mapped[str | None]  # code of a `MissionLetter`
    notes: Mapped[str | None]


class MissionLetter(Register, Base):
    """What gives staff time to the programme: a function (never a name), objectives, a period, hours; the letter itself is a file."""

    __tablename__ = "mission_letter"
    code: Mapped[str]
    function_title: Mapped[str]
    objectives: Mapped[list[str]] = mapped_column(ARRAY(Text))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    hours: Mapped[Decimal | None]
    file: Mapped[str | None]
    notes: Mapped[str | None]


class Funding(Register, Base):
    """An amount granted to an EJ or to a GHT; that of a GHT belongs to its établissement support."""

    __tablename__ = "funding"
    scheme: Mapped[str]
    holder: Mapped[str]
    notified_cents: Mapped[int]
    notified_on: Mapped[date | None]
    advance_cents: Mapped[int | None]
    advance_on: Mapped[date | None]
    balance_cents: Mapped[int | None]
    reference: Mapped[str | None]
