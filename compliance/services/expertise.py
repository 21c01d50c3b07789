"""An opinion asked from an expert about one filed piece: asked, reminded, withdrawn, answered once. The candidate reads none of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from compliance.clock import PARIS, today
from compliance.models.dossier import FiledPiece, Filing
from compliance.models.review import Expertise, ExpertiseEvent
from compliance.services import procedure, review, review_queue
from compliance.services.review_queue import Person
from tenants import audit
from tenants.context import ScopeKind, current
from tenants.db import db, lock_until_commit
from tenants.errors import Invalid, NotFound, Refused
from tenants.permissions import Permission, Role

LONGEST = 4000
WAITING, ANSWERED, WITHDRAWN = "waiting", "answered", "withdrawn"
_ABSENT = "Cette demande n’existe pas, ou elle ne vous est pas ouverte."


@dataclass(frozen=True)
class Asked:
    """A question put to an expert, and what became of it: `state` is waiting, answered or withdrawn.

    The names of people are the edge's to find (accounts.names). `piece` is None once the expert who answered reads it no more.
    """

    id: UUID
    candidate_id: UUID
    filing_id: UUID
    piece_id: UUID
    piece: FiledPiece | None
    expert_id: UUID
    question: str
    due_on: date
    asked_on: date
    asked_by: UUID | None
    state: str
    reminded_on: date | None
    favourable: bool | None
    text: str
    answered_on: date | None

    def late(self, on: date) -> bool:
        """Say whether the answer is awaited past its day."""
        return self.state == WAITING and self.due_on < on


def experts() -> list[Person]:
    """Return the experts of the scope's region, by name."""
    return review_queue.people(Role.EXPERT)


def ask(filing: Filing, piece_id: UUID, expert_id: UUID, question: str, due_on: date) -> Expertise:
    """Ask an expert of the region about one piece of a filing. Raises NotFound, Invalid, Refused (asked already)."""
    _require_region()
    procedure.candidate(filing.candidate_id)
    piece = review.piece(filing, piece_id).piece
    told = _told(question, "Écrivez la question posée à l’expert.")
    if expert_id not in {person.id for person in experts()}:
        raise Invalid("Choisissez un expert de cette région.")
    if due_on < today():
        raise Invalid("La date attendue est passée : choisissez un jour à venir.")
    if any(each.expert_id == expert_id and each.state == WAITING for each in of_piece(piece_id)):
        raise Refused("Cet expert a déjà une question ouverte sur cette pièce.")
    asked = Expertise(
        region_id=piece.region_id,
        candidate_id=piece.candidate_id,
        filing_id=piece.filing_id,
        piece_id=piece.id,
        expert_id=expert_id,
        question=told,
        due_on=due_on,
        recorded_by=current().user_id,
    )
    db.session.add(asked)
    db.session.flush()
    return asked


def remind(expertise_id: UUID) -> None:
    """Remind the expert, once a day. Raises NotFound, Refused."""
    _require_region()
    asked = _open(expertise_id)
    if asked.reminded_on == today():
        raise Refused("L’expert a déjà été relancé aujourd’hui.")
    _record(asked, "reminded")


def withdraw(expertise_id: UUID, why: str = "") -> None:
    """Withdraw a question: the expert reads the piece no more. Raises NotFound, Refused."""
    _require_region()
    _record(_open(expertise_id), WITHDRAWN, text=why.strip()[:LONGEST])


def answer(expertise_id: UUID, favourable: bool, text: str) -> None:
    """Answer a question, once, as the expert who was asked. Raises NotFound, Invalid, Refused."""
    if Permission.GIVE_EXPERTISE not in procedure.permissions():
        raise NotFound(_ABSENT)
    told = _told(text, "Un avis se motive : écrivez pourquoi.")
    asked = _open(expertise_id)
    # The piece is read as long as the question waits, from the region that put it.
    if asked.expert_id != current().user_id or asked.piece is None:
        raise NotFound(_ABSENT)
    audit.record(asked.piece.establishment_id, "review.read", piece=asked.piece_id)
    _record(asked, ANSWERED, favourable=favourable, text=told)


def mine() -> list[Asked]:
    """Return the questions put to the author in this region: open ones first, by day."""
    found = _asked(Expertise.expert_id == current().user_id, Expertise.region_id == current().scope.id)
    return sorted(found, key=lambda each: (each.state != WAITING, each.due_on, each.id))


def get(expertise_id: UUID) -> Asked:
    """Return one question that the scope reads. Raises NotFound."""
    found = _asked(Expertise.id == expertise_id)
    if not found:
        raise NotFound(_ABSENT)
    return found[0]


def of_candidate(candidate_id: UUID) -> list[Asked]:
    """Return the questions asked about a candidate, oldest first; the ARS alone reads them."""
    return _asked(Expertise.candidate_id == candidate_id)


def of_piece(piece_id: UUID) -> list[Asked]:
    """Return the questions asked about a piece, oldest first."""
    return _asked(Expertise.piece_id == piece_id)


def _require_region() -> None:
    if current().scope.kind is not ScopeKind.REGION or Permission.REVIEW not in procedure.permissions():
        raise NotFound(_ABSENT)


def _told(text: str, blank: str) -> str:
    told = text.strip()
    if not told:
        raise Invalid(blank)
    if len(told) > LONGEST:
        raise Invalid(f"Ce texte est trop long : {LONGEST} caractères au plus.")
    return told


def _open(expertise_id: UUID) -> Asked:
    """Return a question that still waits, locked: two people at once find the end of the first. Raises NotFound, Refused."""
    get(expertise_id)
    lock_until_commit(expertise_id)
    asked = get(expertise_id)
    if asked.state == ANSWERED:
        raise Refused("L’avis est déjà donné : il ne change plus.")
    if asked.state == WITHDRAWN:
        raise Refused("La question a été retirée.")
    return asked


def _record(asked: Asked, kind: str, *, favourable: bool | None = None, text: str = "") -> None:
    region = db.session.scalars(select(Expertise.region_id).where(Expertise.id == asked.id)).one()
    db.session.add(
        ExpertiseEvent(
            region_id=region,
            expertise_id=asked.id,
            kind=kind,
            favourable=favourable,
            text=text,
            recorded_by=current().user_id,
        )
    )
    db.session.flush()


def _asked(*conditions: object) -> list[Asked]:
    rows = db.session.execute(
        select(Expertise, FiledPiece)
        .outerjoin(FiledPiece, FiledPiece.id == Expertise.piece_id)
        .where(*conditions)  # type: ignore[arg-type]  # columns compared
        .order_by(Expertise.recorded_at, Expertise.id)
    ).all()
    events: dict[UUID, list[ExpertiseEvent]] = defaultdict(list)
    for event in db.session.scalars(
        select(ExpertiseEvent)
        .where(ExpertiseEvent.expertise_id.in_([asked.id for asked, _ in rows]))
        .order_by(ExpertiseEvent.recorded_at, ExpertiseEvent.id)
    ):
        events[event.expertise_id].append(event)
    return [_of(asked, piece, events[asked.id]) for asked, piece in rows]


def _of(asked: Expertise, piece: FiledPiece | None, events: list[ExpertiseEvent]) -> Asked:
    ended = next((each for each in events if each.kind in {ANSWERED, WITHDRAWN}), None)
    reminded = [_day(each.recorded_at) for each in events if each.kind == "reminded"]
    answered = ended if ended and ended.kind == ANSWERED else None
    return Asked(
        asked.id,
        asked.candidate_id,
        asked.filing_id,
        asked.piece_id,
        piece,
        asked.expert_id,
        asked.question,
        asked.due_on,
        _day(asked.recorded_at),
        asked.recorded_by,
        ended.kind if ended else WAITING,
        reminded[-1] if reminded else None,
        answered.favourable if answered else None,
        ended.text if ended else "",
        _day(answered.recorded_at) if answered else None,
    )


def _day(at: datetime) -> date:
    return at.astimezone(PARIS).date()
