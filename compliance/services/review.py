"""The review of what was filed, piece by piece: accepted, or returned with its cause and a message; then of the whole dossier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Row, select

from compliance.clock import PARIS
from compliance.models.candidate import Candidate
from compliance.models.dossier import FiledPiece, Filing
from compliance.models.review import ReviewDecision, ReviewMessage
from compliance.rules import review as rules
from compliance.rules.procedure import ANS, ARS, CANDIDATE
from compliance.rules.review import ACCEPTED, CAUSES, RETURNED, UNDECIDED, Decided, Frozen
from compliance.rules.words import plural
from compliance.services import dossier, procedure
from tenants import audit
from tenants.context import current
from tenants.db import db, writing_as
from tenants.errors import Invalid, NotFound, Refused
from tenants.permissions import Permission

M = TypeVar("M", ReviewDecision, ReviewMessage)
LONGEST_MESSAGE = 4000
NO_PIECE = "Cette pièce n’existe pas, ou elle ne vous est pas ouverte."
# The states in which each authority decides on pieces, and what a returned piece makes of them.
REVIEWING = {
    ARS: ("ars_review", "refiled", "piece_returned"),
    ANS: ("ans_control", "ans_refiled", "ans_piece_returned"),
}
_RETURN = {ARS: "piece_returned", ANS: "ans_piece_returned"}
_GO_ON = {ARS: "ars_review", ANS: "ans_control"}
_VERDICT = {ARS: ("favourable", "unfavourable"), ANS: ("validated", "refused")}
_OPEN = {ARS: "ouvrez d’abord l’instruction", ANS: "ouvrez d’abord le contrôle"}


@dataclass(frozen=True)
class Decision:
    """What an authority said of a piece; `filing_id` is the version it was said of."""

    id: UUID
    piece_id: UUID
    filing_id: UUID
    level: str
    accepted: bool
    cause: str
    message: str
    at: datetime
    by: UUID | None

    @property
    def on(self) -> date:
        """The legal day."""
        return self.at.astimezone(PARIS).date()

    @property
    def cause_label(self) -> str:
        """The cause of a return, in French; empty for an accepted piece."""
        return CAUSES.get(self.cause, "")


@dataclass(frozen=True)
class Message:
    """A sentence of the conversation on a piece, by the candidate or an authority."""

    piece_id: UUID
    level: str
    text: str
    at: datetime
    by: UUID | None


@dataclass(frozen=True)
class ReviewedPiece:
    """A filed piece with what is said of it. `before` is the piece that it replaces in the version before.

    `decisions` are those in force by level: one accepted stands while the piece is the same, a return until it is filed again.
    `past` and `messages` tell everything said of it and of those before it, oldest first.
    """

    piece: FiledPiece
    before: FiledPiece | None
    decisions: dict[str, Decision]
    past: tuple[Decision, ...]
    messages: tuple[Message, ...]

    def state(self, level: str) -> str:
        """Return `undecided`, `accepted` or `returned` for an authority."""
        found = self.decisions.get(level)
        return UNDECIDED if found is None else ACCEPTED if found.accepted else RETURNED


@dataclass(frozen=True)
class Progress:
    """How many pieces of a filing an authority accepted, returned, has still to look at."""

    accepted: int
    returned: int
    undecided: int

    @property
    def total(self) -> int:
        """All the pieces of the filing."""
        return self.accepted + self.returned + self.undecided


def pieces(filing: Filing) -> list[ReviewedPiece]:
    """Return the pieces of a filing with what was said of them, in order of row then as filed; four queries."""
    versions = [each for each in _versions(filing.candidate_id) if each[1] <= filing.version]
    filed: dict[UUID, list[FiledPiece]] = defaultdict(list)
    for piece in db.session.scalars(
        select(FiledPiece).where(FiledPiece.candidate_id == filing.candidate_id).order_by(FiledPiece.id)
    ):
        filed[piece.filing_id].append(piece)
    lineages = rules.lineages([[frozen(piece) for piece in filed[version]] for version, _ in versions])
    by_id = {piece.id: piece for version, _ in versions for piece in filed[version]}
    decisions, messages = _decisions(filing.candidate_id), _messages(filing.candidate_id)
    found = []
    for piece in filed[filing.id]:
        line = lineages[piece.id]
        past = sorted((each for one in line.all for each in decisions[one]), key=lambda each: (each.at, each.piece_id))
        said = sorted((each for one in line.all for each in messages[one]), key=lambda each: (each.at, each.piece_id))
        found.append(
            ReviewedPiece(
                piece,
                by_id[line.replaced] if line.replaced else None,
                _in_force(past, filing.id, line.same),
                tuple(past),
                tuple(said),
            )
        )
    return sorted(found, key=lambda each: (each.piece.row_code, each.piece.id))


# What the rules compare of a piece, for who reads many of them.
COMPARED = (
    FiledPiece.id,
    FiledPiece.row_code,
    FiledPiece.document_type,
    FiledPiece.sha256,
    FiledPiece.filename,
    FiledPiece.source_establishment_id,
)


def frozen(piece: FiledPiece | Row[*tuple[Any, ...]]) -> Frozen:
    """Return a filed piece, or its columns COMPARED, as the rules compare it between versions."""
    return Frozen(
        piece.id,
        piece.row_code,
        piece.document_type,
        piece.sha256,
        piece.filename,
        str(piece.source_establishment_id or ""),
    )


def _in_force(past: Sequence[Decision], filing_id: UUID, same: Iterable[UUID]) -> dict[str, Decision]:
    held = frozenset(same)
    found = {}
    for level in (ARS, ANS):
        mine = [each for each in past if each.level == level and each.piece_id in held]
        last = rules.in_force([Decided(each.accepted, each.filing_id == filing_id) for each in mine])
        if last is not None:
            found[level] = mine[last]
    return found


def progress(reviewed: Iterable[ReviewedPiece], level: str) -> Progress:
    """Count the pieces by what an authority said of them."""
    states = [each.state(level) for each in reviewed]
    return Progress(states.count(ACCEPTED), states.count(RETURNED), states.count(UNDECIDED))


def returned(candidate_id: UUID) -> list[ReviewedPiece]:
    """Return the pieces of the last filing that wait for the candidate, whoever returned them; none when nothing is."""
    here = procedure.standing(candidate_id).state.key
    level = next((each for each, state in _RETURN.items() if state == here), None)
    if level is None:
        return []
    return [each for each in pieces(dossier.latest(candidate_id)) if each.state(level) == RETURNED]


def returning_level(state: str) -> str:
    """Return the authority that waits for a piece in a state, empty for none."""
    return next((each for each, key in _RETURN.items() if key == state), "")


def piece(filing: Filing, piece_id: UUID) -> ReviewedPiece:
    """Return one piece of a filing. Raises NotFound for an absent or foreign one alike."""
    found = next((each for each in pieces(filing) if each.piece.id == piece_id), None)
    if found is None:
        raise NotFound(NO_PIECE)
    return found


def said_since(filing: Filing, piece_id: UUID, read: str) -> Decision | None:
    """Return the decision in force on a piece when it is not the one that was read, named by its number (empty for none).

    The candidate is locked: the answer holds until the end of the unit of work. Raises as `reviewing`, and NotFound.
    """
    _, level = reviewing(filing)
    last = piece(filing, piece_id).decisions.get(level)
    return None if last is None or str(last.id) == read else last


def decide(filing: Filing, piece_id: UUID, accepted: bool, cause: str = "", message: str = "") -> ReviewDecision:
    """Accept a piece, or return it: it alone reopens. Raises NotFound, Invalid (no cause or message), Refused (not now)."""
    return decide_several(filing, [piece_id], accepted, cause, message)[0]


def decide_several(
    filing: Filing, piece_ids: Sequence[UUID], accepted: bool, cause: str = "", message: str = ""
) -> list[ReviewDecision]:
    """Decide the same of several pieces of a filing, on all or on none. Raises as `decide`."""
    subject, level = reviewing(filing)
    every = {each.piece.id: each for each in pieces(filing)}
    for piece_id in piece_ids:
        if piece_id not in every:
            raise NotFound(NO_PIECE)
        refusal = why_not(every[piece_id], level, accepted, cause, message)
        if refusal is not None:
            raise refusal
    recorded = [
        ReviewDecision(
            **_about(filing),
            piece_id=piece_id,
            level=level,
            accepted=accepted,
            cause="" if accepted else cause,
            message=message.strip(),
            recorded_by=current().user_id,
        )
        for piece_id in piece_ids
    ]
    with writing_as(filing.establishment_id):
        for decision in recorded:
            db.session.add(decision)
            audit.record(
                filing.establishment_id,
                "review.piece_decided",
                filing=filing.id,
                piece=decision.piece_id,
                level=level,
                accepted=accepted,
                cause=decision.cause,
            )
    others = any(each.state(level) == RETURNED for key, each in every.items() if key not in piece_ids)
    _follow(subject, level, message, waits=not accepted or others)
    return recorded


def reviewing(filing: Filing) -> tuple[Candidate, str]:
    """Return the candidate, locked, and the level that decides now on a filing. Raises NotFound, or Refused out of time."""
    subject, level = procedure.candidate(filing.candidate_id), procedure.level()
    if level == CANDIDATE or Permission.REVIEW not in procedure.permissions():
        raise NotFound("Ce dossier n’existe pas, ou il ne vous est pas ouvert.")
    here = procedure.standing(subject.id).state
    if here.key not in REVIEWING[level]:
        raise Refused(
            f"Le dossier est à l’étape « {here.label} » : {_OPEN[level] if _before(here.key, level) else 'il n’est pas chez vous'}."
        )
    if dossier.latest(subject.id).id != filing.id:
        raise Refused("Une version plus récente est transmise : décidez sur elle.")
    return subject, level


def _before(state: str, level: str) -> bool:
    machine = procedure.process()
    return any(
        each.source == state and each.target == _GO_ON[level] and each.through == "move" for each in machine.steps
    )


def why_not(found: ReviewedPiece, level: str, accepted: bool, cause: str, message: str) -> Invalid | Refused | None:
    """Say why a decision cannot be recorded on a piece, None when it can."""
    if not accepted and cause not in CAUSES:
        return Invalid("Dites pourquoi la pièce est retournée : inexacte, incomplète ou dépassée.")
    if not accepted and not message.strip():
        return Invalid("Un retour se motive : écrivez ce que le candidat doit corriger.")
    if len(message) > LONGEST_MESSAGE:
        return Invalid(f"Ce message est trop long : {LONGEST_MESSAGE} caractères au plus.")
    last = found.decisions.get(level)
    told = (accepted, "" if accepted else cause, message.strip())
    if last is not None and (last.accepted, last.cause, last.message) == told:
        return Refused(f"« {found.piece.filename} » : c’est déjà décidé, dans les mêmes termes.")
    return None


def _follow(subject: Candidate, level: str, reason: str, *, waits: bool) -> None:
    """Make the step that a decision on a piece makes: the dossier waits for the candidate while a piece is returned."""
    here = procedure.standing(subject.id).state.key
    if waits and here != _RETURN[level]:
        procedure.record(subject, procedure.check(subject, _RETURN[level], reason), reason)
    elif not waits and here == _RETURN[level]:
        procedure.record(subject, procedure.check(subject, _GO_ON[level]))


def verdict(level: str, favourable: bool) -> str:
    """Return the state that the decision of an authority on a dossier enters."""
    return _VERDICT[level][0 if favourable else 1]


def decide_dossier(filing: Filing, favourable: bool, reason: str = "") -> None:
    """Decide on the dossier: favourable or not for the ARS, validated or refused for the ANS.

    Raises Refused out of time, on a version that is not the last one, and while a piece is undecided or returned; an
    unfavourable decision with its reason waits for no piece.
    """
    subject, level = reviewing(filing)
    if favourable:
        done = progress(pieces(filing), level)
        if done.undecided or done.returned:
            parts = []
            if done.undecided:
                parts.append(f"{done.undecided} {plural(done.undecided, 'pièce reste', 'pièces restent')} à examiner")
            if done.returned:
                parts.append(
                    f"{done.returned} {plural(done.returned, 'pièce est retournée', 'pièces sont retournées')}"
                )
            raise Refused(f"{' et '.join(parts)} : la décision favorable attend.")
    step = procedure.check(subject, verdict(level, favourable), reason)
    procedure.record(subject, step, reason, filing_id=filing.id)


def say(filing: Filing, piece_id: UUID, text: str) -> None:
    """Add a sentence to the conversation on a piece, by the candidate or the authority of the scope. Raises Invalid, NotFound.

    The last sentence said again by its author is a button clicked twice: it is one.
    """
    told = text.strip()
    if not told:
        raise Invalid("Écrivez votre message.")
    if len(told) > LONGEST_MESSAGE:
        raise Invalid(f"Ce message est trop long : {LONGEST_MESSAGE} caractères au plus.")
    procedure.candidate(filing.candidate_id)
    said, level, me = piece(filing, piece_id).messages, procedure.level(), current().user_id
    if said and (said[-1].piece_id, said[-1].by, said[-1].level, said[-1].text) == (piece_id, me, level, told):
        return
    message = ReviewMessage(**_about(filing), piece_id=piece_id, level=level, text=told, recorded_by=me)
    with writing_as(filing.establishment_id):
        db.session.add(message)
        audit.record(filing.establishment_id, "review.message", filing=filing.id, piece=piece_id, level=level)


def _about(filing: Filing) -> dict[str, UUID | None]:
    names = ("establishment_id", "candidate_id", "ght_id", "region_id")
    return {**{name: getattr(filing, name) for name in names}, "filing_id": filing.id}


def _versions(candidate_id: UUID) -> list[tuple[UUID, int]]:
    rows = db.session.execute(
        select(Filing.id, Filing.version).where(Filing.candidate_id == candidate_id).order_by(Filing.version)
    )
    return [(row.id, row.version) for row in rows]


def _decisions(candidate_id: UUID) -> dict[UUID, list[Decision]]:
    found: dict[UUID, list[Decision]] = defaultdict(list)
    for row in _said(ReviewDecision, candidate_id):
        told = (row.filing_id, row.level, row.accepted, row.cause, row.message, row.recorded_at, row.recorded_by)
        found[row.piece_id].append(Decision(row.id, row.piece_id, *told))
    return found


def _messages(candidate_id: UUID) -> dict[UUID, list[Message]]:
    found: dict[UUID, list[Message]] = defaultdict(list)
    for row in _said(ReviewMessage, candidate_id):
        found[row.piece_id].append(Message(row.piece_id, row.level, row.text, row.recorded_at, row.recorded_by))
    return found


def _said(model: type[M], candidate_id: UUID) -> Iterable[M]:
    """Return what was recorded about a candidate, oldest first."""
    query = select(model).where(model.candidate_id == candidate_id).order_by(model.recorded_at, model.id)
    return db.session.scalars(query)
