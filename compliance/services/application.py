"""The application (candidature) as recorded history: what was asked, what the ARS decided, every version with who and when."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select

from compliance.clock import end_of
from compliance.models.candidate import Candidature
from tenants import accounts
from tenants.db import db
from tenants.errors import Invalid


class Decision(StrEnum):
    """What the ARS decided of an application."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The words of a page."""
        return {"accepted": "Acceptée", "refused": "Refusée", "withdrawn": "Retirée"}[self.value]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was asked and what the ARS answered; amounts in cents. None is « not known », never « nothing »."""

    decision: Decision | None = None
    decided_on: date | None = None
    note: str = ""
    requested_cents: int | None = None
    ceiling_cents: int | None = None

    def audited(self) -> dict[str, object]:
        """Return what the audit chain keeps of it: never what somebody wrote freely."""
        told = asdict(self)
        del told["note"]
        return told


def answer_of(application: Candidature) -> Answer:
    """Return what a version says of the answer."""
    return Answer(
        decision=Decision(application.decision) if application.decision else None,
        decided_on=application.decided_on,
        note=application.decision_note or "",
        requested_cents=application.requested_cents,
        ceiling_cents=application.ceiling_cents,
    )


def check(answer: Answer, applied_on: date | None, day: date) -> None:
    """Raise Invalid for a decision to come, before the application, or dated without being told."""
    if answer.decided_on is not None and answer.decision is None:
        raise Invalid("Une date de décision est donnée sans la décision : choisissez-la, ou laissez la date vide.")
    if answer.decided_on is not None and answer.decided_on > day:
        raise Invalid("Une décision ne peut pas être dans l’avenir : indiquez le jour où elle a été prise.")
    if answer.decided_on is not None and applied_on is not None and answer.decided_on < applied_on:
        raise Invalid("La décision ne peut pas précéder la candidature : vérifiez les deux dates.")


def carried(candidate_id: UUID) -> dict[str, Any]:
    """Return the columns of the last version of an application, for the next one; none when nothing was recorded."""
    last = db.session.scalars(
        select(Candidature)
        .where(Candidature.candidate_id == candidate_id)
        .order_by(Candidature.recorded_at.desc(), Candidature.id.desc())
        .limit(1)
    ).first()
    names = [column.key for column in inspect(Candidature).columns if column.key not in {"id", "recorded_at"}]
    return {name: getattr(last, name) for name in names} if last else {}


@dataclass(frozen=True)
class ApplicationVersion:
    """What was recorded of the application once, by whom."""

    recorded_at: datetime
    recorded_by: str
    applied_on: date | None
    frozen_on: date | None
    ecare_number: str | None
    ecare_filed_on: date | None
    answer: Answer


def history(candidate_id: UUID, known: date) -> list[ApplicationVersion]:
    """Return every version of the application recorded by the end of a day, latest first, in two statements."""
    rows = db.session.scalars(
        select(Candidature)
        .where(Candidature.candidate_id == candidate_id, Candidature.recorded_at < end_of(known))
        .order_by(Candidature.recorded_at.desc(), Candidature.id.desc())
    ).all()
    names = accounts.names(row.recorded_by for row in rows)
    return [
        ApplicationVersion(
            row.recorded_at,
            names[row.recorded_by],
            row.applied_on,
            row.frozen_on,
            row.ecare_number,
            row.ecare_filed_on,
            answer_of(row),
        )
        for row in rows
    ]
