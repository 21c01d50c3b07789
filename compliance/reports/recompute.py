"""The states of every candidate, computed again: what a corrected referential changes, and the tally of the nation.

Run by the operator on the owner's role, which reads facts for this alone: what leaves is a state per row, never a reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from compliance.programme.referential import Referential
from compliance.reports.facts import facts_of
from compliance.reports.gathered import gather
from compliance.rules.facts import Facts
from compliance.rules.row import judge
from compliance.rules.verdict import State
from compliance.services import candidate as candidates
from compliance.services.candidate import CandidateFacts
from tenants.db import db

Tally = tuple[int, dict[str, Counter[State]]]  # how many candidates; by row, how many are in each state
BATCH = 50  # candidates read together: memory is that of their facts, whatever the nation


@dataclass(frozen=True)
class CandidateStates:
    """What a candidate's rows are on a day, by code."""

    name: str
    code: str
    region: str
    states: dict[str, State]


def states(
    domain: str, referentials: Sequence[Referential], on: date, known: date
) -> Iterator[tuple[CandidateStates, ...]]:
    """Yield the states of each readable candidate under each referential, batch by batch."""
    found = iter(candidates.readable(domain, known))
    while batch := list(islice(found, BATCH)):
        for gathered in gather(batch, on, known):
            yield tuple(
                _states(gathered.candidate, referential, facts_of(gathered, referential), on)
                for referential in referentials
            )
        db.session.expunge_all()


def _states(candidate: CandidateFacts, referential: Referential, facts: Facts, on: date) -> CandidateStates:
    answers = {row.code: judge(row, facts, on).verdict.state for row in referential.rows}
    return CandidateStates(candidate.name, candidate.code, candidate.region.code, answers)


def tally(found: Iterator[CandidateStates]) -> Tally:
    """Count candidates, and for each row how many are in each state."""
    count, rows = 0, dict[str, Counter[State]]()
    for each in found:
        count += 1
        for code, state in each.states.items():
            rows.setdefault(code, Counter())[state] += 1
    return count, rows


def moved(before: CandidateStates, after: CandidateStates) -> list[str]:
    """Say which rows of a candidate change state, in French, without a reason."""
    codes = dict.fromkeys([*before.states, *after.states])
    told = []
    for code in codes:
        was, now = before.states.get(code), after.states.get(code)
        if was is not now:
            told.append(f"{code} : {was.label if was else 'absente'} → {now.label if now else 'retirée'}")
    return told
