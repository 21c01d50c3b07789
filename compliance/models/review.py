"""The review of what is filed: its states, what is decided of each piece, what is said about it, who does what."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base, Recorded, TenantScoped, new_id


class _InTurn(Recorded):
    """A row whose order decides what stands: its time is when it is written, once the lock on its subject is held.

    `now()` is when a transaction began: the one that waited for its turn would be read as the older one.
    """

    recorded_at: Mapped[datetime] = mapped_column(default=func.clock_timestamp())


class _OfCandidate(TenantScoped, _InTurn):
    """A row about a candidate that its ARS reads, and the ANS once the ARS has decided."""

    candidate_id: Mapped[UUID]
    ght_id: Mapped[UUID | None]
    region_id: Mapped[UUID]


class Transition(_OfCandidate, Base):
    """A step of a candidature or a declaration (programme/procedure.toml): the state that it enters, by whom, why."""

    __tablename__ = "transition"
    process: Mapped[str]
    state: Mapped[str]
    level: Mapped[str]
    filing_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(default="")


class ReviewDecision(_OfCandidate, Base):
    """What an authority says of one filed piece: accepted, or returned with its cause and a message; the last one wins."""

    __tablename__ = "review_decision"
    filing_id: Mapped[UUID]
    piece_id: Mapped[UUID]
    level: Mapped[str]
    accepted: Mapped[bool]
    cause: Mapped[str] = mapped_column(default="")
    message: Mapped[str] = mapped_column(default="")


class ReviewMessage(_OfCandidate, Base):
    """A sentence of the conversation about one filed piece, by the candidate or an authority."""

    __tablename__ = "review_message"
    filing_id: Mapped[UUID]
    piece_id: Mapped[UUID]
    level: Mapped[str]
    text: Mapped[str]


class _OfAgency(_InTurn):
    """A row of an ARS: the candidate does not read it."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    region_id: Mapped[UUID]


class ReviewAssignment(_OfAgency, Base):
    """Who of the ARS reviews a candidate from then on; nobody when `reviewer_id` is None."""

    __tablename__ = "review_assignment"
    candidate_id: Mapped[UUID]
    reviewer_id: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(default="")


class Expertise(_OfAgency, Base):
    """A question put to an expert about one filed piece, to answer by a day."""

    __tablename__ = "expertise"
    candidate_id: Mapped[UUID]
    filing_id: Mapped[UUID]
    piece_id: Mapped[UUID]
    expert_id: Mapped[UUID]
    question: Mapped[str]
    due_on: Mapped[date]


class ExpertiseEvent(_OfAgency, Base):
    """What became of a question: reminded, withdrawn, or answered (favourable or not, with a text)."""

    __tablename__ = "expertise_event"
    expertise_id: Mapped[UUID]
    kind: Mapped[str]
    favourable: Mapped[bool | None]
    text: Mapped[str] = mapped_column(default="")
