"""Where candidatures and declarations stand: their steps recorded, by whom, and whose time runs (rules/procedure.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select

from compliance.clock import PARIS, today
from compliance.models.candidate import Candidate
from compliance.models.review import Transition
from compliance.programme.procedure import load
from compliance.rules import procedure as rules
from compliance.rules.procedure import ANS, ARS, CANDIDATE, MOVE, Clocks, Entered, Process, State, Step
from tenants import accounts, audit
from tenants.context import ScopeKind, current
from tenants.db import db, lock_until_commit, writing_as
from tenants.errors import NotFound, Refused
from tenants.models import Group, LegalEntity
from tenants.permissions import Permission, Role, granted

CANDIDATURE, DECLARATION = "candidature", "declaration"
_LEVELS = {
    ScopeKind.ESTABLISHMENT: CANDIDATE,
    ScopeKind.GHT: CANDIDATE,
    ScopeKind.REGION: ARS,
    ScopeKind.NATION: ANS,
}
LONGEST_REASON = 4000


@dataclass(frozen=True)
class Standing:
    """The state of a candidate on a day: since when (None before any step), and the days spent at each level."""

    state: State
    since: date | None
    clocks: Clocks
    filing_id: UUID | None = None
    reason: str = ""


@dataclass(frozen=True)
class Event:
    """A step as the history tells it: what was done, on which legal day, by whom, why."""

    state: State
    sentence: str
    level: str
    on: date
    at: datetime
    by: UUID | None
    reason: str
    filing_id: UUID | None


def process(key: str = DECLARATION) -> Process:
    """Return the machine of a process: candidature or declaration."""
    return load().processes[key]


def level() -> str:
    """Return the level that acts in this scope: candidate, ars or ans. Raises NotFound where nobody does."""
    kind = current().scope.kind
    if kind not in _LEVELS:
        raise NotFound("Cette étape n’existe pas ici, ou elle ne vous est pas ouverte.")
    return _LEVELS[kind]


def roles() -> frozenset[Role]:
    """Return the roles of the author of this unit of work on its scope, with the grants of this instant."""
    context = current()
    user = accounts.by_id(context.user_id) if context.user_id else None
    return user.holds(context.scope)[1] if user else frozenset()


def permissions() -> frozenset[Permission]:
    """Return what the author of this unit of work may do in its scope."""
    return granted(roles())


def states(candidates: Collection[UUID], key: str = DECLARATION, on: date | None = None) -> dict[UUID, Standing]:
    """Return where each candidate stands, in one query; who did nothing yet is in the first state."""
    day, machine = on or today(), process(key)
    steps = _recorded(candidates, key)
    return {each: _standing(machine, steps[each], day) for each in candidates}


def standing(candidate_id: UUID, key: str = DECLARATION) -> Standing:
    """Return where one candidate stands."""
    return states([candidate_id], key)[candidate_id]


def history(candidate_id: UUID, key: str = DECLARATION) -> list[Event]:
    """Return the steps of a candidate, oldest first."""
    return course(candidate_id, key)[1]


def course(candidate_id: UUID, key: str = DECLARATION) -> tuple[Standing, list[Event]]:
    """Return where a candidate stands and the steps that led there, oldest first, in one query."""
    machine, steps = process(key), _recorded([candidate_id], key)[candidate_id]
    before = [machine.initial.key, *(each.state for each in steps)]
    events = [
        Event(
            machine.states[each.state],
            rules.sentence(machine, source, each.state),
            each.level,
            _day(each.recorded_at),
            each.recorded_at,
            each.recorded_by,
            each.reason,
            each.filing_id,
        )
        for source, each in zip(before, steps, strict=False)
    ]
    return _standing(machine, steps, today()), events


def allowed(candidate_id: UUID, key: str = DECLARATION) -> tuple[Step, ...]:
    """Return the steps that the author may make here and now; those of `through` « move » are buttons of their own.

    The candidate is locked: whether a step asks for the password is still true when it is made. Raises NotFound.
    """
    here = standing(candidate(candidate_id).id, key).state.key
    return rules.allowed(process(key), here, level(), permissions())


def move(candidate_id: UUID, to: str, reason: str = "", key: str = DECLARATION) -> Transition:
    """Make a step that is its own act (opening, payment asked…). Raises NotFound, or Refused with what the procedure says.

    Filing and decisions make their own steps: they are refused here.
    """
    subject = candidate(candidate_id)
    step = check(subject, to, reason, key)
    if step.through != MOVE:
        raise Refused(f"« {step.label} » ne s’enregistre pas seul : faites-le depuis le dossier.")
    return record(subject, step, reason, key)


def candidate(candidate_id: UUID) -> Candidate:
    """Return a candidate that the scope acts on, locked until the end of the unit of work. Raises NotFound."""
    scope = current().scope
    query = select(Candidate).where(Candidate.id == candidate_id)
    if scope.kind is ScopeKind.GHT:
        query = query.where(Candidate.ght_id == scope.id)
    elif scope.kind is ScopeKind.ESTABLISHMENT:
        query = query.where(Candidate.establishment_id == scope.id, Candidate.ght_id.is_(None))
    elif scope.kind is ScopeKind.REGION:
        query = query.where(Candidate.region_id == scope.id)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("Ce candidat n’existe pas, ou il ne vous est pas ouvert.")
    # Two clicks at once: the second waits here, then finds the step of the first.
    lock_until_commit(found.id)
    return found


def by_code(code: str, domain: str = "D2") -> UUID:
    """Return the candidate of a GHT's code, or of a FINESS outside a GHT, that the scope reads. Raises NotFound."""
    found = db.session.scalars(
        select(Candidate.id)
        .join(LegalEntity, LegalEntity.id == Candidate.establishment_id)
        .outerjoin(Group, Group.id == Candidate.ght_id)
        .where(Candidate.domain == domain, func.coalesce(Group.code, LegalEntity.finess) == code)
    ).one_or_none()
    if found is None:
        raise NotFound("Ce candidat n’existe pas, ou il ne vous est pas ouvert.")
    return found


def check(subject: Candidate, to: str, reason: str = "", key: str = DECLARATION) -> Step:
    """Return the step that the author may make of a candidate now. Raises Refused with what the procedure says."""
    if len(reason) > LONGEST_REASON:
        raise Refused(f"Ce motif est trop long : {LONGEST_REASON} caractères au plus.")
    here = standing(subject.id, key)
    try:
        return rules.step(process(key), here.state.key, to, level=level(), permissions=permissions(), reason=reason)
    except rules.Forbidden as error:
        raise Refused(str(error)) from error


def record(
    subject: Candidate, step: Step, reason: str = "", key: str = DECLARATION, *, filing_id: UUID | None = None
) -> Transition:
    """Record a step that `check` allowed, and tell it in the audit chain of the candidate."""
    transition = Transition(
        establishment_id=subject.establishment_id,
        candidate_id=subject.id,
        ght_id=subject.ght_id,
        region_id=subject.region_id,
        process=key,
        state=step.target,
        level=step.level,
        filing_id=filing_id or standing(subject.id, key).filing_id,
        reason=reason.strip(),
        recorded_by=current().user_id,
    )
    with writing_as(subject.establishment_id):
        db.session.add(transition)
        audit.record(
            subject.establishment_id,
            f"{key}.{step.target}",
            candidate=subject.id,
            level=step.level,
            filing=transition.filing_id,
        )
    return transition


def _recorded(candidates: Collection[UUID], key: str) -> dict[UUID, list[Transition]]:
    rows = db.session.scalars(
        select(Transition)
        .where(Transition.candidate_id.in_(candidates), Transition.process == key)
        .order_by(Transition.candidate_id, Transition.recorded_at, Transition.id)
    )
    steps: dict[UUID, list[Transition]] = defaultdict(list)
    for row in rows:
        steps[row.candidate_id].append(row)
    return steps


def _standing(machine: Process, steps: Sequence[Transition], day: date) -> Standing:
    entered = [Entered(each.state, _day(each.recorded_at)) for each in steps]
    last = steps[-1] if steps else None
    filed = next((each.filing_id for each in reversed(steps) if each.filing_id), None)
    return Standing(
        rules.state(machine, entered),
        entered[-1].on if entered else None,
        rules.clocks(machine, entered, day),
        filed,
        last.reason if last else "",
    )


def _day(at: datetime) -> date:
    return at.astimezone(PARIS).date()
