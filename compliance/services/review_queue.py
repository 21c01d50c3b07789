"""The queue of an authority: what waits, in which order, who takes it, and when candidates may expect its end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from compliance.clock import PARIS, today
from compliance.models.candidate import Candidate
from compliance.models.dossier import FiledPiece, Filing
from compliance.models.review import ReviewAssignment, ReviewDecision
from compliance.programme.procedure import load
from compliance.programme.referential import Referential
from compliance.rules import queue as rules
from compliance.rules import review as review_rules
from compliance.rules.procedure import ANS, ARS, CANDIDATE, State
from compliance.rules.queue import DEFINITION, Ahead, Waiting
from compliance.rules.review import RETURNED, UNDECIDED, Decided, Frozen
from compliance.services import procedure, review
from compliance.services.procedure import Standing
from tenants.context import ScopeKind, current
from tenants.db import db, lock_until_commit
from tenants.errors import Invalid, NotFound, Refused
from tenants.models import Group, LegalEntity
from tenants.permissions import Permission

__all__ = ["DEFINITION", "assign", "expected_end", "hand_over", "people", "queue"]
REVIEWERS = ("ars_reviewer", "ars_lead")


@dataclass(frozen=True)
class Person:
    """Somebody of the region, as its ARS names them, with their roles."""

    id: UUID
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """A dossier of the queue: where it stands, what is left to examine, until when, by whom.

    `effort` is in points (procedure.toml), `ends_on` the estimated end of the level with its confidence, `days_left` the days to it.
    """

    candidate_id: UUID
    name: str
    code: str
    kind: str
    filing_id: UUID
    version: int
    filed_on: date
    standing: Standing
    pieces: int
    undecided: int
    returned: int
    effort: int
    ends_on: date | None
    ends_confidence: str
    days_left: int | None
    reviewer_id: UUID | None
    reviewer: str
    note: str

    @property
    def state(self) -> State:
        """The state of the declaration."""
        return self.standing.state

    @property
    def with_candidate(self) -> bool:
        """Whether it waits for the candidate, not for the authority."""
        return self.state.clock == CANDIDATE


@dataclass(frozen=True)
class Load:
    """What one reviewer has in hand: dossiers, pieces and points of effort; nobody's when `id` is None."""

    id: UUID | None
    name: str
    dossiers: int
    pieces: int
    effort: int


@dataclass(frozen=True)
class Queue:
    """The queue in its order, the sentence that defines it, and the load of each reviewer."""

    entries: tuple[Entry, ...]
    definition: str
    loads: tuple[Load, ...]

    def of(self, reviewer_id: UUID | None) -> list[Entry]:
        """Return the dossiers of one reviewer, or of nobody."""
        return [each for each in self.entries if each.reviewer_id == reviewer_id]


def queue(referential: Referential, on: date) -> Queue:
    """Return what waits for the authority of the scope, in its order; as many queries for a region as for one dossier.

    Raises NotFound outside of an authority's scope.
    """
    level = procedure.level()
    if level == CANDIDATE:
        raise NotFound("Cette file n’existe pas, ou elle ne vous est pas ouverte.")
    rows = _filed()
    standings = procedure.states([row.id for row in rows], on=on)
    kept = [row for row in rows if standings[row.id].state.key in _KEPT[level]]
    states = _piece_states(level, {row.id: row.filing_id for row in kept})
    taken = _assignments()
    names = {person.id: person.name for person in people()} if level == ARS else {}
    efforts = {row.code: load().efforts[row.kind] for row in referential.rows}
    entries = [
        _entry(row, standings[row.id], states[row.id], efforts, level, referential, on, taken.get(row.id), names)
        for row in kept
    ]
    entries.sort(key=lambda each: (_waiting(each).rank, each.name))
    return Queue(tuple(entries), DEFINITION, _loads(entries, names))


_KEPT = {
    ARS: frozenset({"filed", *review.REVIEWING[ARS]}),
    ANS: frozenset({"favourable", "unfavourable", *review.REVIEWING[ANS]}),
}


def _filed() -> Sequence[Any]:
    newest = (
        select(Filing.candidate_id, func.max(Filing.version).label("version")).group_by(Filing.candidate_id).subquery()
    )
    query = (
        select(
            Candidate.id,
            Candidate.name,
            Candidate.ght_id,
            Group.code,
            LegalEntity.finess,
            Filing.id.label("filing_id"),
            Filing.version,
            Filing.filed_at,
        )
        .join(LegalEntity, LegalEntity.id == Candidate.establishment_id)
        .outerjoin(Group, Group.id == Candidate.ght_id)
        .join(newest, newest.c.candidate_id == Candidate.id)
        .join(Filing, (Filing.candidate_id == Candidate.id) & (Filing.version == newest.c.version))
    )
    if current().scope.kind is ScopeKind.REGION:
        query = query.where(Candidate.region_id == current().scope.id)
    return db.session.execute(query).all()


def _piece_states(level: str, filings: dict[UUID, UUID]) -> dict[UUID, list[tuple[str, str]]]:
    """Return (row, what the level said) for each piece of the last filing of each candidate: two queries for all."""
    by_version: dict[UUID, dict[UUID, list[Frozen]]] = defaultdict(lambda: defaultdict(list))
    pieces = db.session.execute(
        select(FiledPiece.candidate_id, FiledPiece.filing_id, *review.COMPARED)
        .join(Filing, Filing.id == FiledPiece.filing_id)
        .where(FiledPiece.candidate_id.in_(filings))
        .order_by(FiledPiece.candidate_id, Filing.version, FiledPiece.id)
    )
    for piece in pieces:
        by_version[piece.candidate_id][piece.filing_id].append(review.frozen(piece))
    decisions: dict[UUID, list[Any]] = defaultdict(list)
    for row in db.session.execute(
        select(ReviewDecision.piece_id, ReviewDecision.filing_id, ReviewDecision.accepted)
        .where(ReviewDecision.candidate_id.in_(filings), ReviewDecision.level == level)
        .order_by(ReviewDecision.recorded_at, ReviewDecision.id)
    ):
        decisions[row.piece_id].append(row)
    found: dict[UUID, list[tuple[str, str]]] = {}
    for candidate, filing in filings.items():
        versions = by_version[candidate]
        lines = review_rules.lineages(list(versions.values()))
        found[candidate] = [
            (
                piece.row_code,
                review_rules.state(
                    [
                        Decided(each.accepted, each.filing_id == filing)
                        for one in lines[piece.id].same
                        for each in decisions[one]
                    ]
                ),
            )
            for piece in versions[filing]
        ]
    return found


def _assignments() -> dict[UUID, ReviewAssignment]:
    if current().scope.kind is not ScopeKind.REGION:
        return {}
    rows = db.session.scalars(
        select(ReviewAssignment)
        .where(ReviewAssignment.region_id == current().scope.id)
        .ext(distinct_on(ReviewAssignment.candidate_id))
        .order_by(ReviewAssignment.candidate_id, ReviewAssignment.recorded_at.desc(), ReviewAssignment.id.desc())
    )
    return {row.candidate_id: row for row in rows}


def _entry(  # noqa: PLR0913  # one line of the queue is made of all this
    row: Any,
    standing: Standing,
    states: Sequence[tuple[str, str]],
    efforts: dict[str, int],
    level: str,
    referential: Referential,
    on: date,
    taken: ReviewAssignment | None,
    names: dict[UUID, str],
) -> Entry:
    filed_on = row.filed_at.astimezone(PARIS).date()
    expected = load().levels[level]
    national = next((each for each in referential.dates if each.key == expected.date and each.on), None)
    ends = rules.ends_on(national.on if national else None, expected.months, on, standing.clocks.of(level))
    left = [code for code, said in states if said == UNDECIDED]
    # Who left the region reviews nothing there any more: their dossiers are nobody's.
    reviewer = taken.reviewer_id if taken and taken.reviewer_id in names else None
    return Entry(
        row.id,
        row.name,
        row.code or row.finess,
        "ght" if row.ght_id else "eg",
        row.filing_id,
        row.version,
        filed_on,
        standing,
        len(states),
        len(left),
        sum(said == RETURNED for _, said in states),
        sum(efforts.get(code, 1) for code in left),
        ends,
        national.confidence if national else expected.confidence,
        (ends - on).days if ends else None,
        reviewer,
        names[reviewer] if reviewer else "",
        taken.note if taken else "",
    )


def _waiting(entry: Entry) -> Waiting:
    return Waiting(entry.effort, entry.days_left, entry.filed_on, entry.with_candidate)


def _loads(entries: Sequence[Entry], names: dict[UUID, str]) -> tuple[Load, ...]:
    holders: list[UUID | None] = [*sorted(names, key=lambda each: names[each]), None]
    found = []
    for holder in holders:
        mine = [each for each in entries if each.reviewer_id == holder]
        name = names.get(holder, "") if holder else ""
        found.append(
            Load(holder, name, len(mine), sum(each.undecided for each in mine), sum(each.effort for each in mine))
        )
    return tuple(found)


def people(*roles: str) -> list[Person]:
    """Return who reviews in the scope's region (or holds one of these roles there), by name."""
    rows = db.session.execute(
        text("SELECT id, name, role FROM region_people() WHERE region_id = :region"), {"region": current().scope.id}
    )
    held: dict[tuple[UUID, str], list[str]] = defaultdict(list)
    for row in rows:
        if row.role in (roles or REVIEWERS):
            held[row.id, row.name].append(row.role)
    return [
        Person(key, name, tuple(sorted(found)))
        for (key, name), found in sorted(held.items(), key=lambda each: each[0][1])
    ]


def assign(candidate_id: UUID, reviewer_id: UUID | None, note: str = "") -> None:
    """Say who reviews a candidate, or nobody: the lead for anybody, a reviewer for oneself. Raises NotFound, Invalid, Refused."""
    subject = procedure.candidate(candidate_id)
    _require_region()
    held = _assignments().get(candidate_id)
    here = {person.id for person in people()}
    holder = held.reviewer_id if held and held.reviewer_id in here else None
    me = current().user_id
    if reviewer_id == holder:
        raise Refused("C’est déjà le cas : rien n’a changé.")
    if Permission.ASSIGN_REVIEWS not in procedure.permissions() and not (
        (reviewer_id == me and holder is None) or (reviewer_id is None and holder == me)
    ):
        raise Refused(
            "Seul le responsable confie un dossier à un autre : vous pouvez prendre un dossier libre, ou rendre le vôtre."
        )
    _require_reviewer(reviewer_id, here)
    _assign(subject.id, subject.region_id, reviewer_id, note)


def hand_over(giver: UUID, taker: UUID, note: str = "") -> int:
    """Give all the dossiers of somebody to a colleague, and return how many: the lead, or who gives their own."""
    region = _require_region()
    if giver != current().user_id and Permission.ASSIGN_REVIEWS not in procedure.permissions():
        raise Refused("Seul le responsable passe les dossiers d’un autre : vous pouvez passer les vôtres.")
    _require_reviewer(taker, {person.id for person in people()})
    lock_until_commit(region)
    mine = [each for each, held in _assignments().items() if held.reviewer_id == giver]
    if taker == giver:
        raise Refused("C’est la même personne : choisissez le collègue qui prend ces dossiers.")
    if not mine:
        raise Refused("Cette personne n’a aucun dossier à passer.")
    for candidate_id in mine:
        _assign(candidate_id, region, taker, note)
    return len(mine)


def _require_region() -> UUID:
    scope = current().scope
    if scope.kind is not ScopeKind.REGION or scope.id is None or Permission.REVIEW not in procedure.permissions():
        raise NotFound("Cette file n’existe pas, ou elle ne vous est pas ouverte.")
    return scope.id


def _require_reviewer(person_id: UUID | None, here: Collection[UUID]) -> None:
    if person_id is not None and person_id not in here:
        raise Invalid("Choisissez une personne qui instruit dans cette région.")


def _assign(candidate_id: UUID, region: UUID, reviewer: UUID | None, note: str) -> None:
    db.session.add(
        ReviewAssignment(
            region_id=region,
            candidate_id=candidate_id,
            reviewer_id=reviewer,
            note=note.strip()[:1000],
            recorded_by=current().user_id,
        )
    )
    db.session.flush()


@dataclass(frozen=True)
class ExpectedEnd:
    """What a candidate is told of the queue: numbers, and the two days between which its pieces may have been examined.

    `between` is None when it is not calculable: nothing was decided in the last 30 days.
    """

    dossiers_ahead: int
    pieces_ahead: int
    decided_lately: int
    between: tuple[date, date] | None
    confidence: str = "estimée"


def expected_end(candidate_id: UUID) -> ExpectedEnd | None:
    """Return what a candidate may expect of the queue; None while its declaration is not in an authority's hands."""
    row = db.session.execute(
        text("SELECT dossiers, pieces, own, decided FROM queue_ahead(:candidate)"), {"candidate": candidate_id}
    ).one_or_none()
    if row is None:
        return None
    ahead = Ahead(row.dossiers, row.pieces, row.own, row.decided)
    return ExpectedEnd(ahead.dossiers, ahead.pieces, ahead.decided, rules.expected(ahead, today()))
