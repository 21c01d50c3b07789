"""What is said of a piece: what the inspection found, whether somebody read it again, and what people write about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from compliance.clock import end_of
from compliance.inspection.clamd import Outcome
from compliance.models.evidence import EvidenceEvent
from compliance.rules.piece import PieceStatus
from compliance.services.evidence_version import Version, version
from tenants import accounts, audit
from tenants.context import current
from tenants.db import db, lock_until_commit, writing_as
from tenants.errors import Conflict, Invalid, Refused

LONGEST = 4_000  # characters of a comment or a reason
ABANDONED = "abandoned"  # what is said of an inspection whose every attempt failed


@dataclass(frozen=True)
class Event:
    """Something that happened to a piece; `by` is the name of somebody, "" for the machine."""

    piece_id: UUID
    kind: str
    value: str
    detail: Mapping[str, Any]
    at: datetime
    by: str

    @property
    def status(self) -> PieceStatus | None:
        """The status it gives, if it gives one."""
        return PieceStatus(self.value) if self.kind == "status" else None


@dataclass(frozen=True)
class Examination:
    """What is known of the inside of a file. `inspected_at` and `scanned_at` are None until that is done.

    `abandoned`: every attempt to look into it failed.
    """

    inspected_at: datetime | None = None
    abandoned: bool = False
    detail: Mapping[str, Any] = field(default_factory=dict)
    scanned_at: datetime | None = None
    scan: Outcome = Outcome.NOT_SCANNED
    virus: str = ""
    damaged_at: datetime | None = None  # its bytes are no longer those received, or the store has lost them

    @property
    def waiting(self) -> bool:
        """Whether it is still to be looked into, or is being: moments after it was received."""
        return self.inspected_at is None and not self.abandoned

    @property
    def media_type(self) -> str:
        """What it is by its bytes; "" until it is inspected."""
        return str(self.detail.get("media_type") or "")

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was found, in sentences that name nobody."""
        return tuple(self.detail.get("warnings") or ())


def thread(found: Version) -> list[Event]:
    """Return everything said of a document, all versions together, oldest first (two statements)."""
    rows = db.session.scalars(
        select(EvidenceEvent)
        .where(EvidenceEvent.establishment_id == found.establishment_id, EvidenceEvent.evidence_id.in_(found.chain))
        .order_by(EvidenceEvent.recorded_at, EvidenceEvent.id)
    ).all()
    names = accounts.names(row.recorded_by for row in rows)
    return [
        Event(row.evidence_id, row.kind, row.value, row.detail, row.recorded_at, names[row.recorded_by]) for row in rows
    ]


def examinations(piece_ids: Collection[UUID], known: date | None = None) -> dict[UUID, Examination]:
    """Return what is known of the inside of files, now or at the end of a day (one statement); nothing is an empty examination."""
    if not piece_ids:
        return {}
    until = [] if known is None else [EvidenceEvent.recorded_at < end_of(known)]
    rows = db.session.execute(
        select(
            EvidenceEvent.evidence_id,
            EvidenceEvent.kind,
            EvidenceEvent.value,
            EvidenceEvent.detail,
            EvidenceEvent.recorded_at,
        )
        .where(
            EvidenceEvent.evidence_id.in_(piece_ids),
            EvidenceEvent.kind.in_(("inspection", "antivirus", "rehash")),
            *until,
        )
        .order_by(EvidenceEvent.recorded_at, EvidenceEvent.id)
    )
    told: dict[UUID, dict[str, Any]] = {piece_id: {} for piece_id in piece_ids}
    for piece_id, kind, value, detail, at in rows:
        about = told[piece_id]
        if kind == "inspection" and value == ABANDONED:
            about["abandoned"] = True
        elif kind == "inspection":
            about |= {"inspected_at": at, "detail": detail}
        elif kind == "antivirus":
            about |= {"scanned_at": at, "scan": Outcome(value), "virus": detail.get("virus", "")}
        else:
            about["damaged_at"] = None if value == "intact" else at
    return {piece_id: Examination(**about) for piece_id, about in told.items()}


def reasons(piece_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return why files were set aside or quarantined: the last reason given for each (one statement)."""
    if not piece_ids:
        return {}
    rows = db.session.execute(
        select(EvidenceEvent.evidence_id, EvidenceEvent.detail)
        .where(EvidenceEvent.evidence_id.in_(piece_ids), EvidenceEvent.kind == "status")
        .order_by(EvidenceEvent.value == PieceStatus.QUARANTINED.value, EvidenceEvent.recorded_at, EvidenceEvent.id)
    )
    return {piece_id: str(detail.get("reason") or "") for piece_id, detail in rows}


def say(piece_id: UUID, status: PieceStatus, reason: str = "") -> None:
    """Record that somebody read a piece again, set it aside, or puts it back to be read.

    Raises Invalid without the reason of setting aside, Refused for a quarantined piece, Conflict when it already is so.
    """
    reason = _written(reason)
    if status is PieceStatus.SET_ASIDE and not reason:
        raise Invalid("Dites pourquoi la pièce est écartée : ceux qui la cherchent lisent ce motif.")
    found = _held(piece_id)
    if found.status is PieceStatus.QUARANTINED or status is PieceStatus.QUARANTINED:
        raise Refused(
            "Cette pièce est en quarantaine : retirez ce qui l’y a mise, puis redéposez-la en nouvelle version."
        )
    if found.status is status:
        raise Conflict(f"C’est déjà fait : cette pièce est « {status.label} ».")
    with writing_as(found.establishment_id):
        _add(found, "status", status.value, {"reason": reason} if reason else {})
        audit.record(found.establishment_id, "evidence.status", piece=piece_id, status=status.value)


def comment(piece_id: UUID, text: str) -> None:
    """Write about a piece, for its establishment and its GHT. Raises Invalid for nothing, or too much.

    The last message said again by its author is a button clicked twice: it is one.
    """
    text = _written(text)
    if not text:
        raise Invalid("Écrivez votre message.")
    found = _held(piece_id)
    last = db.session.scalars(
        select(EvidenceEvent)
        .where(EvidenceEvent.establishment_id == found.establishment_id, EvidenceEvent.evidence_id == piece_id)
        .order_by(EvidenceEvent.recorded_at.desc(), EvidenceEvent.id.desc())
        .limit(1)
    ).first()
    if last and (last.kind, last.detail.get("text"), last.recorded_by) == ("comment", text, current().user_id):
        return
    with writing_as(found.establishment_id):
        _add(found, "comment", "", {"text": text})
        audit.record(found.establishment_id, "evidence.commented", piece=piece_id)


def _held(piece_id: UUID) -> Version:
    """Return a piece of which nobody else speaks until the end of the transaction. Raises NotFound."""
    lock_until_commit(piece_id)
    return version(piece_id)


def _written(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST:
        raise Invalid(f"C’est trop long : {LONGEST} caractères au plus.")
    return text


def _add(found: Version, kind: str, value: str, detail: dict[str, Any]) -> None:
    db.session.add(
        EvidenceEvent(
            establishment_id=found.establishment_id,
            evidence_id=found.id,
            kind=kind,
            value=value,
            detail=detail,
            recorded_by=current().user_id,
        )
    )
