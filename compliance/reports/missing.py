"""What is missing, establishment by establishment, with who answers for it and the days left: one page for a director."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from compliance.programme.referential import Referential
from compliance.reports.facts import facts_of
from compliance.reports.gathered import Gathered
from compliance.reports.progress import Doc
from compliance.rules.facts import Facts
from compliance.rules.milestone import Milestone, days_to
from compliance.rules.verdict import State
from compliance.rules.words import listing


@dataclass(frozen=True)
class Lack:
    """What one row lacks. `owner` is a function, "" when nobody is named; `due_on` the nearest milestone, the target date at the latest."""

    row: str
    title: str
    state: State
    things: tuple[tuple[str, str], ...]  # what to do, why
    owner: str
    due_on: date | None
    days_left: int | None
    blocking: bool  # False: the row can be met without it


@dataclass(frozen=True)
class Group:
    """What one party lacks, a line per row; `whole` is what is asked of all of them, or once for the candidate."""

    key: str
    name: str
    finess: str | None
    whole: bool
    lacks: tuple[Lack, ...]

    @property
    def count(self) -> int:
        """How many things are to do."""
        return sum(len(lack.things) for lack in self.lacks)


def missing(
    gathered: Gathered, document: Doc, referential: Referential, on: date, *, together: bool = True
) -> list[Group]:
    """List what lacks on a day for the rows that are not met: what all share first, then each party, most to do first.

    Not `together`: what all share is told of each, for whoever answers for one party.

    A share row is blocked by the parties of the shortest path; what the others lack is told, and does not block.
    """
    # Once the declaration is filed, nothing is awaited for the target date any more.
    target = None if document["candidate"]["declared_on"] else document["candidate"]["target_on"]
    reading = _Reading(facts_of(gathered, referential), target, on)
    names: dict[str, tuple[str, str | None]] = {}
    found: dict[str, list[Lack]] = {}
    whole: list[Lack] = []
    for row in document["rows"]:
        if row["state"] in (State.MET, State.NOT_APPLICABLE):
            continue
        parties = [party for party in row["parties"] if party["in_scope"]]
        shared = _shared(parties) if together else []
        things = [*(_thing(lacking) for lacking in _asked_once(row)), *shared]
        if things:
            whole.append(reading.lack(row, row["state"], things, "", (), blocking=True))
        for party in parties:
            names[party["key"]] = (party["name"], party["finess"])
            own = [lacking for lacking in party["lacking"] if _thing(lacking) not in shared]
            if own:
                subjects = [reason["subject"] for lacking in own for reason in lacking["reasons"]]
                short = row["share"]["smallest_set"] if row["share"] else ()
                found.setdefault(party["key"], []).append(
                    reading.lack(
                        row,
                        party["state"],
                        [_thing(lacking) for lacking in own],
                        party["key"],
                        subjects,
                        blocking=not short or party["key"] in short,
                    )
                )
    groups = [Group(key, *names[key], whole=False, lacks=tuple(lacks)) for key, lacks in found.items()]
    groups = sorted(groups, key=lambda group: (-sum(lack.blocking for lack in group.lacks), group.name))
    name = document["candidate"]["name"]
    return [*([Group("", name, None, whole=True, lacks=tuple(whole))] if whole else []), *groups]


def _thing(lacking: Doc) -> tuple[str, str]:
    return lacking["action"], " ; ".join(reason["text"] for reason in lacking["reasons"])


def _shared(parties: Sequence[Doc]) -> list[tuple[str, str]]:
    """What every one of several parties lacks in the same words: told once."""
    if not parties[1:]:
        return []
    lists = [[_thing(lacking) for lacking in party["lacking"]] for party in parties]
    return [thing for thing in lists[0] if all(thing in others for others in lists[1:])]


def _asked_once(row: Doc) -> list[Doc]:
    """What is asked once for the candidate, or said by the row and by none of its parties (an AC, an avis)."""
    said = {"state": row["state"], "action": row["next_action"], "reasons": row["reasons"][:1]}
    alone = row["state"] is State.NOT_COMPUTABLE or not any(party["lacking"] for party in row["parties"])
    return [*row["lacking"], *([said] if alone and not row["lacking"] else [])]


class _Reading:
    """Who answers for what, and until when."""

    def __init__(self, facts: Facts, target: date | None, on: date) -> None:
        self.facts, self.target, self.on = facts, target, on

    def lack(
        self,
        row: Doc,
        state: State,
        things: Sequence[tuple[str, str]],
        party: str,
        subjects: Sequence[str],
        *,
        blocking: bool,
    ) -> Lack:
        milestone = _nearest(self.facts.milestones, row["code"], party, self.on)
        referents = self.facts.referents.get(party, {})
        named = dict.fromkeys(referents[each] for each in subjects if referents.get(each))
        owner = milestone.owner if milestone and milestone.owner else listing(list(named))
        # A milestone past the target does not move it: what lacks is asked for the declaration.
        due = min((day for day in (milestone and milestone.due_on, self.target) if day), default=None)
        left = days_to(due, self.on) if due else None
        return Lack(row["code"], row["title"], state, tuple(things), owner, due, left, blocking)


def _nearest(milestones: Sequence[Milestone], row: str, party: str, on: date) -> Milestone | None:
    """The nearest milestone of a party towards a row that is not reached on a day."""
    left = [
        each
        for each in milestones
        if row in each.rows and (not party or party in each.parties) and not each.abandoned and not each.reached(on)
    ]
    return min(left, key=lambda each: (each.due_on, each.code), default=None)
