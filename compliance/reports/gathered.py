"""What is known of candidates at a date, read in a constant number of queries.

A fact is used when it was true on or before the day of the question (rules check that) and recorded by the end of the day
`known`, which is the same unless somebody asks what is known now of a day gone by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from compliance.models.activity import Activity, Dependency
from compliance.models.backup import BackupPlatform, CriticalSystem, RestoreTest
from compliance.models.equivalence import Equivalence
from compliance.models.evidence_entry import EvidenceEntry
from compliance.models.exercise import Exercise, ExerciseAction, ExerciseResult
from compliance.models.funding import Expense, Funding, MissionLetter
from compliance.models.incident import Incident
from compliance.models.milestone import Milestone
from compliance.models.register import Register
from compliance.rules.exercise import PLAYED, Status, planned_day
from compliance.rules.perimeter import Perimeter
from compliance.rules.vat import Vat
from compliance.services import evidence, opinion, perimeter, referential, register
from compliance.services import party as party_services
from compliance.services.candidate import CandidateFacts
from compliance.services.evidence import CommonPiece, Piece, same_name
from compliance.services.opinion import OpinionRecord
from compliance.services.party import PartyRecord
from compliance.services.perimeter import PerimeterRecord
from compliance.services.register import Row
from tenants.context import ScopeKind, current

WANTED: dict[type[Register], tuple[str, ...]] = {
    Activity: ("perimeter_code", "number", "criticality"),
    Dependency: ("perimeter_code", "activity_number", "kind", "label", "system_code"),
    Exercise: (
        "code", "finess_list", "finess_et", "nature", "perimeters", "planned_on", "status", "postponed_to",
    ),
    ExerciseResult: (
        "exercise_code", "held_on", "management_present", "departments_present", "degraded_modes", "care_assessed",
        "scenario_file", "retex_file",
    ),
    ExerciseAction: ("exercise_code", "incident_code", "status"),
    Incident: ("code", "exercise_code"),
    CriticalSystem: (
        "code", "application", "finess_list", "activities", "hosting", "plan", "copies", "media", "offsite", "offline",
        "saas_clause",
    ),
    BackupPlatform: (
        "product", "version", "authentication", "two_factor", "two_factor_reason", "ads_score", "ads_on", "red_button",
        "partition_target", "partition_on",
    ),
    RestoreTest: (
        "code", "system_code", "tested_on", "kind", "back_in_production", "result", "anomalies", "test_book_file",
    ),
    EvidenceEntry: (
        "objectives", "holder", "document_type", "title", "file", "document_on", "validated_on", "covered", "status",
    ),
    Milestone: ("code", "title", "objectives", "holder", "due_on", "pilot_function", "status", "reached_on"),
    Expense: (
        "line_number", "objective", "nature", "supplier", "siret", "invoice_number", "committed_on", "invoiced_on",
        "net_cents", "vat_rate", "vat_cents", "gross_cents", "share_percent", "charged_cents", "receipt", "status",
        "hours", "hourly_rate_cents", "mission_letter", "notes",
    ),
    Funding: ("scheme", "holder", "notified_cents", "notified_on", "advance_cents", "advance_on", "reference"),
    MissionLetter: ("code", "function_title", "objectives", "starts_on", "ends_on", "hours", "file"),
    Equivalence: ("row_code", "party_key", "reason", "file", "starts_on"),
}  # fmt: skip


class Tries:
    """The days on which exercises tried the plan of a perimeter, or will: (FINESS, code) to days.

    A meeting of the crisis cell tries no plan; nor does an exercise that was cancelled. The result is of the establishment
    that the exercise is written under, the plan of any that it lists.
    """

    def __init__(self, exercises: Sequence[Row], results: Sequence[Row]) -> None:
        held = {(row.finess, row.values["exercise_code"]): row.values["held_on"] for row in results}
        self.done: dict[tuple[str, str], list[date]] = defaultdict(list)
        self.to_come: dict[tuple[str, str], list[date]] = defaultdict(list)
        for row in exercises:
            values = row.values
            if values["nature"] not in PLAYED or values["status"] == Status.CANCELLED:
                continue
            day = held.get((row.finess, values["code"]))
            planned = planned_day(values)
            for finess in {row.finess, *values["finess_list"]}:
                for code in values["perimeters"]:
                    if day is not None:
                        self.done[finess, code].append(day)
                    elif planned is not None:
                        self.to_come[finess, code].append(planned)

    def told(self, fact: Perimeter, finess: str) -> Perimeter:
        """Return a perimeter with the days on which the plan of an establishment was or will be tried."""
        key = (finess, fact.code)
        return replace(
            fact, tried_on=tuple(sorted(self.done.get(key, ()))), to_try_on=tuple(sorted(self.to_come.get(key, ())))
        )


@dataclass(frozen=True)
class Gathered:
    """Everything read of one candidate."""

    candidate: CandidateFacts
    parties: Sequence[PartyRecord]
    perimeters: Sequence[PerimeterRecord]
    inherited: Sequence[Perimeter]
    pieces: Sequence[Piece]
    registers: Mapping[type[Register], Sequence[Row]]
    opinions: Sequence[OpinionRecord] = ()
    vat: Vat = field(default_factory=Vat)  # the rates of this installation
    common: Sequence[CommonPiece] = ()  # documents of the whole GHT, for a member that does not read its GHT's pieces

    @property
    def establishments(self) -> set[UUID]:
        """The establishments whose rows are read."""
        return {record.establishment_id for record in self.parties} | {self.candidate.establishment_id}

    @cached_property
    def names(self) -> dict[str, str]:
        """The name of each establishment by its FINESS."""
        told = {record.finess: record.party.name for record in self.parties if record.finess}
        return {self.candidate.support.finess: self.candidate.support.name} | told

    @cached_property
    def received(self) -> Mapping[str, Sequence[Piece]]:
        """The pieces by each name they were received under, as names are compared; those that bear it today come last."""
        found: dict[str, list[Piece]] = defaultdict(list)
        for piece in self.pieces:
            for name in {same_name(each) for each in piece.names} - {same_name(piece.filename)}:
                found[name].append(piece)
        for piece in self.pieces:
            found[same_name(piece.filename)].append(piece)
        return found

    @property
    def files(self) -> Collection[str]:
        """The names of the pieces received, as they are compared."""
        return self.received.keys()

    def named(self, name: str | None, mine: Callable[[Piece], bool]) -> Piece | None:
        """The piece that a row of a register names, in the version that counts: its own where several have a file of this name."""
        found = self.received.get(same_name(name), ()) if name else ()
        return next(reversed([*found, *filter(mine, found)]), None)

    @property
    def ght(self) -> bool:
        """Whether the candidate is a GHT; outside, its parties are the sites of one legal entity."""
        return self.candidate.kind == "ght"

    def judged(self) -> list[Perimeter]:
        """Give each perimeter to its party: its EJ in a GHT, its EG outside (the only one when there is just one)."""
        days = self.tries()
        alone = "" if self.ght else self.parties[0].party.key if len(self.parties) == 1 else ""
        own = [
            days.told(
                record.fact(record.finess if self.ght else record.site_finess or alone, self.files), record.finess
            )
            for record in self.perimeters
        ]
        shared = self.inherited if self.ght else ()
        return own + [days.told(fact, fact.inherited_from) for fact in shared]

    def tries(self) -> Tries:
        """The days on which exercises tried plans, or will."""
        return Tries(self.registers.get(Exercise, ()), self.registers.get(ExerciseResult, ()))


def gather(found: Sequence[CandidateFacts], on: date, known: date) -> list[Gathered]:
    """Read the facts of candidates: as many queries for many as for one."""
    parties = party_services.parties_of(found, on, known)
    return _gather([(each, parties[each.id]) for each in found], known)


def gather_scope(on: date, known: date) -> Gathered:
    """Read the facts of a scope without a candidate of its own, from its directory and its own rows."""
    gathered = _gather([party_services.of_directory(on, known)], known)[0]
    member = gathered.ght and current().scope.kind is ScopeKind.ESTABLISHMENT
    return replace(gathered, common=evidence.common(known)) if member else gathered


def everybody(gathered: Gathered) -> Gathered:
    """Return what was read with every party that has a number in scope: what is out of a funding is not out of an obligation."""
    parties = [
        replace(record, party=replace(record.party, in_scope=True, out_reason=""))
        for record in gathered.parties
        if record.finess
    ]
    return replace(gathered, parties=parties)


def _gather(found: Sequence[tuple[CandidateFacts, list[PartyRecord]]], known: date) -> list[Gathered]:
    reach = {
        each.id: {record.establishment_id for record in records} | {each.establishment_id} for each, records in found
    }
    establishments = set[UUID]().union(*reach.values())
    perimeters = _by_establishment(perimeter.current_perimeters(establishments, known))
    pieces = _by_establishment(evidence.pieces(establishments, known))
    rows = {
        model: _by_establishment(rows) for model, rows in register.columns_of(WANTED, establishments, known).items()
    }
    covered = perimeter.coverages(establishments, known)
    given = opinion.opinions([each.id for each, _ in found], known)
    rates = referential.vat()
    gathered = []
    for each, records in found:
        mine = sorted(reach[each.id])
        own = sorted(_of(perimeters, mine), key=lambda record: (record.finess, record.code))
        by_id = {record.id: record for record in own}
        received = sorted(_of(pieces, mine), key=lambda piece: (piece.row_code, piece.received_at, piece.id))
        files = {same_name(name) for piece in received for name in piece.names}
        inherited = [
            by_id[plan.owner_id].fact(
                plan.covered_finess, files, inherited_from=plan.owner_finess, justification=plan.justification
            )
            for plan in covered
            if plan.owner_id in by_id
        ]
        registers = {model: _of(by_owner, mine) for model, by_owner in rows.items()}
        opinions = [record for record in given if record.candidate_id == each.id]
        gathered.append(Gathered(each, records, own, inherited, received, registers, opinions, rates))
    return gathered


def _by_establishment(items: Iterable[Any]) -> dict[UUID, list[Any]]:
    grouped: dict[UUID, list[Any]] = defaultdict(list)
    for item in items:
        grouped[item.establishment_id].append(item)
    return grouped


def _of(grouped: Mapping[UUID, list[Any]], establishments: Sequence[UUID]) -> list[Any]:
    return [item for establishment in establishments for item in grouped.get(establishment, ())]
