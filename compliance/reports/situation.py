"""What a home page says first: the state of the scope, the stage of the programme it is in, and where its pace leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from compliance.programme.referential import Referential
from compliance.reports.facts import dates_of, facts_of
from compliance.reports.gathered import Gathered, everybody, gather, gather_scope
from compliance.reports.progress import Doc, describe, of_member
from compliance.rules import pcra
from compliance.rules.conditions import exercise_verdict
from compliance.rules.facts import Facts
from compliance.rules.forecast import Forecast, forecast
from compliance.rules.perimeter import MINIMAL_KINDS, BiaState, PlanState
from compliance.rules.stage import Calendar, Day, Standing, standing
from compliance.rules.verdict import State
from compliance.services import candidate as candidates
from compliance.services import opinion
from compliance.services.candidate import CandidateFacts
from tenants.context import ScopeKind, current


@dataclass(frozen=True)
class Situation:
    """The state of a scope on a day. `forecasts` go from the code of a share row to where its pace leads."""

    gathered: Gathered
    document: Doc
    standing: Standing
    forecasts: Mapping[str, Forecast]
    member: bool  # an establishment whose GHT applies for it


def situation(referential: Referential, on: date, known: date) -> Situation:
    """Read the scope on a day: its candidate, or the establishment alone when its GHT applies for it."""
    gathered, member = of_scope(on, known)
    document = describe(
        gathered if referential.domain == gathered.candidate.domain else everybody(gathered), referential, on
    )
    if member:
        document = of_member(document)
    return Situation(
        gathered,
        document,
        standing_of(gathered.candidate, referential, on, opinion.returned(gathered.opinions)),
        {} if member else forecasts(document, facts_of(gathered, referential), referential, on),
        member,
    )


def of_scope(on: date, known: date) -> tuple[Gathered, bool]:
    """Read the facts of the scope, and say whether it is an establishment whose GHT applies for it."""
    candidate = candidates.of_scope("D2", known)  # whose facts are kept, whatever the domain that asks
    gathered = gather([candidate], on, known)[0] if candidate else gather_scope(on, known)
    return gathered, candidate is None and current().scope.kind is ScopeKind.ESTABLISHMENT and gathered.ght


def standing_of(candidate: CandidateFacts, referential: Referential, on: date, returned: int = 0) -> Standing:
    """Say which stage of the programme a candidate is in on a day; `returned` counts the pieces sent back by a reviewer."""
    filed = dates_of(referential, candidate).get("declaration_filed")
    return standing(_calendar(referential), filed.on if filed else None, on, returned)


def _calendar(referential: Referential) -> Calendar:
    known = {entry.key: entry for entry in referential.dates}
    return Calendar(
        **{
            key: Day(known[key].on, known[key].confidence) if key in known else Day(None, "non connue")
            for key in Calendar.__dataclass_fields__
        }
    )


def national_standing(referential: Referential, on: date) -> Standing:
    """Say which stage the programme itself is in: past the close of declarations, that of the candidates who declared."""
    close = referential.date_of("declarations_close").on
    return standing(_calendar(referential), close if close is not None and close < on else None, on)


def forecasts(document: Doc, facts: Facts, referential: Referential, on: date) -> dict[str, Forecast]:
    """Say when each share would cross its bar at the pace of the last months; nothing for a share that cannot be computed."""
    told = {}
    for row in document["rows"]:
        share, done = row["share"], _DONE.get(row["code"])
        if done is None or share is None or share["state"] is State.NOT_COMPUTABLE:
            continue
        short = share["smallest_set"]
        left = sum(_steps_left(facts, key, on) for key in short) if done is _steps_done else len(short)
        told[row["code"]] = forecast(done(facts, referential, on), left, on, document["candidate"]["target_on"])
    return told


def _steps_done(facts: Facts, referential: Referential, on: date) -> list[date]:  # noqa: ARG001  # as the other
    """The days on which a BIA was done or a plan approved, for minimal perimeters of parties in scope."""
    scope = {party.key for party in facts.scope}
    days = []
    for perimeter in facts.perimeters:
        if perimeter.party in scope and perimeter.kind in MINIMAL_KINDS and not perimeter.shared:
            days += [perimeter.bia_on] if perimeter.bia is BiaState.DONE else []
            days += [perimeter.pca_on] if perimeter.pca is PlanState.APPROVED else []
            days += [perimeter.pra_on] if perimeter.pra is PlanState.APPROVED else []
    return [day for day in days if day is not None and day <= on]


def _steps_left(facts: Facts, key: str, on: date) -> int:
    party = next(party for party in facts.parties if party.key == key)
    coverage = pcra.party_coverage(party, facts.perimeters, on)
    return sum(coverage.kinds[kind].left for kind in MINIMAL_KINDS if not coverage.kinds[kind].covered)


def _tests_done(facts: Facts, referential: Referential, on: date) -> list[date]:
    """The days of the exercises that count for a party, once for each party they make count."""
    row = referential.row("D2.O1.D")
    return [
        result.held_on
        for each in facts.exercises
        if (result := each.held(on)) is not None
        for party in facts.scope
        if party.key in each.parties and exercise_verdict(row, facts, each, party, on).state is State.MET
    ]


# What is finished, unit by unit, on the way to each share.
_DONE = {"D2.O1.C": _steps_done, "D2.O1.D": _tests_done}
