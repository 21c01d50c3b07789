"""What was read of a candidate, as the rules read it: each fact with the keys of the parties it is about."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from compliance.clock import PARIS
from compliance.models.activity import Activity, Dependency
from compliance.models.backup import BackupPlatform, CriticalSystem, RestoreTest
from compliance.models.equivalence import Equivalence
from compliance.models.evidence_entry import VALID, EvidenceEntry
from compliance.models.exercise import Exercise, ExerciseAction, ExerciseResult
from compliance.models.incident import Incident
from compliance.models.milestone import Milestone
from compliance.models.register import Register
from compliance.programme.referential import Referential
from compliance.reports.gathered import Gathered
from compliance.rules import action, backup, exercise, facts, milestone
from compliance.rules.activity import Party
from compliance.rules.evidence import Evidence, EvidenceStatus
from compliance.rules.exercise import Nature
from compliance.rules.opinion import Opinion
from compliance.services.candidate import CandidateFacts
from compliance.services.evidence import CommonPiece, Piece
from compliance.services.register import Row

_VITAL = frozenset({"1", "2"})  # criticality of an activity: vital, critical


def facts_of(gathered: Gathered, referential: Referential) -> facts.Facts:
    """Turn what was read into the facts of the rules, each with the keys of the parties it is about."""
    reading = _Reading(gathered, referential)
    perimeters = gathered.judged()
    exercises = reading.exercises()
    tests = reading.restore_tests()
    return facts.Facts(
        ght=gathered.ght,
        parties=tuple(record.party for record in gathered.parties),
        entity=reading.entity,
        perimeters=tuple(perimeters),
        referents=reading.referents(),
        activities=frozenset(key for row in reading.rows(Activity) for key in reading.owned(row)),
        applications=tuple(reading.applications()),
        evidence=tuple(reading.evidence(exercises, tests)),
        exercises=tuple(exercises),
        systems=tuple(reading.systems.values()),
        platforms=tuple(reading.platforms()),
        restore_tests=tuple(tests),
        milestones=tuple(reading.milestones()),
        equivalences=tuple(reading.equivalences()),
        opinions=tuple(
            Opinion(
                row=given.row_code,
                subject=given.subject,
                favourable=given.favourable,
                why=given.reason,
                author=f"{given.author} ({given.agency})" if given.author else given.agency,
                given_on=given.given_on,
            )
            for given in gathered.opinions
        ),
        dates=dates_of(referential, gathered.candidate),
    )


def dates_of(referential: Referential, candidate: CandidateFacts) -> dict[str, facts.CandidateDay]:
    """Give the dates of the programme for a candidate: its own filings are those of eCaRE."""
    own = {"application_filed": candidate.applied_on, "declaration_filed": candidate.ecare_filed_on}
    known = {entry.key: own.get(entry.key) or entry.on for entry in referential.dates}
    return {
        entry.key: facts.CandidateDay(
            known[entry.key],
            entry.label,
            known.get(entry.not_before) if entry.not_before else None,
            known.get(entry.not_after) if entry.not_after else None,
        )
        for entry in referential.dates
    }


class _Reading:
    """The facts of one candidate, whose parties are EJ in a GHT and EG outside."""

    def __init__(self, gathered: Gathered, referential: Referential) -> None:
        self.gathered, self.referential = gathered, referential
        support = gathered.candidate.support
        self.entity = None if gathered.ght else Party(key=support.finess, name=support.name)
        self.keys = frozenset(record.party.key for record in gathered.parties)
        # An EHPAD without a number of its own is recorded under the support, whose number it must not hide.
        self.finess = {record.establishment_id: record.finess for record in gathered.parties if record.finess}
        self.everybody = self.keys | ({support.finess} if self.entity else frozenset())
        self.systems = dict(self._systems())

    def rows(self, model: type[Register]) -> Sequence[Row]:
        return self.gathered.registers.get(model, ())

    def owned(self, row: Row) -> frozenset[str]:
        """The parties of what belongs to an establishment: its own, or every site of the legal entity."""
        return self.everybody if self.entity else frozenset({row.finess})

    def listed(self, numbers: Iterable[str], site: str | None = None) -> frozenset[str]:
        """The parties that FINESS numbers name; outside a GHT those of a site, or of the whole entity."""
        if self.entity is None:
            return frozenset(numbers)
        return frozenset({self.entity.key, site}) if site in self.keys else self.everybody

    def held(self, row: Row) -> frozenset[str]:
        """The parties of what is held by an EJ or by the whole GHT."""
        whole = row.values["holder"] == self.gathered.candidate.code
        return self.everybody if whole or self.entity else frozenset({str(row.values["holder"])})

    # -- perimeters and activities

    def referents(self) -> dict[str, dict[str, str]]:
        told: dict[str, dict[str, str]] = defaultdict(dict)
        alone = self.gathered.parties[0].party.key if len(self.gathered.parties) == 1 else ""
        for record in self.gathered.perimeters:
            if record.present:
                key = record.finess if self.entity is None else record.site_finess or alone
                told[key][record.code] = record.referent_function
        return told

    def applications(self) -> Iterable[facts.Application]:
        """Applications of vital or critical activities, each with the party of the activity."""
        vital: dict[str, set[tuple[str, str | None]]] = defaultdict(set)
        for row in self.rows(Activity):
            if row.values["criticality"] in _VITAL:
                code = row.values["perimeter_code"]
                vital[row.finess] |= {(code, row.values["number"]), (code, None)}
        for row in self.rows(Dependency):
            named = (row.values["perimeter_code"], row.values["activity_number"])
            if row.values["kind"] == "application" and named in vital[row.finess]:
                for key in sorted(self.owned(row)):
                    yield facts.Application(
                        party=key, label=row.values["label"], system=row.values["system_code"] or ""
                    )

    # -- exercises

    def exercises(self) -> list[exercise.Exercise]:
        results = {(row.finess, row.values["exercise_code"]): row.values for row in self.rows(ExerciseResult)}
        proposed = {(row.finess, row.values["code"]): row.values["exercise_code"] for row in self.rows(Incident)}
        actions = Counter(
            (row.finess, code)
            for row in self.rows(ExerciseAction)
            if row.values["status"] != action.Status.DROPPED
            for code in action.exercises_of(
                row.values["exercise_code"], proposed.get((row.finess, row.values["incident_code"]))
            )
        )
        return [self._exercise(row, results, actions) for row in self.rows(Exercise)]

    def _exercise(
        self,
        row: Row,
        results: Mapping[tuple[str, str], Mapping[str, Any]],
        actions: Mapping[tuple[str, str], int],
    ) -> exercise.Exercise:
        values, code = row.values, row.values["code"]
        result = results.get((row.finess, code))
        site = values["finess_et"] or self._site_of(values["perimeters"])
        return exercise.Exercise(
            code=code,
            nature=Nature(values["nature"]) if values["nature"] else None,
            parties=self.listed(values["finess_list"] or [row.finess], site),
            perimeters=frozenset(values["perimeters"]),
            planned_on=exercise.planned_day(values),
            cancelled=values["status"] == exercise.Status.CANCELLED,
            result=exercise.Result(
                held_on=result["held_on"],
                management=bool(result["management_present"]),
                departments=bool(result["departments_present"]),
                care_assessed=bool(result["care_assessed"]),
                degraded_modes=result["degraded_modes"] or "",
                scenario_file=result["scenario_file"] or "",
                retex_file=result["retex_file"] or "",
                actions=actions[row.finess, code],
            )
            if result
            else None,
        )

    def _site_of(self, codes: Iterable[str]) -> str | None:
        """The one site whose perimeters an exercise tries, outside a GHT."""
        wanted = set(codes)
        sites = {record.site_finess for record in self.gathered.perimeters if record.code in wanted}
        return sites.pop() if len(sites) == 1 else None

    # -- backups

    def _systems(self) -> Iterable[tuple[tuple[str, str], backup.System]]:
        """Systems by their establishment and code: two establishments may use the same code."""
        for row in self.rows(CriticalSystem):
            values = row.values
            system = backup.System(
                code=values["code"],
                application=values["application"],
                parties=self.listed(values["finess_list"] or [row.finess]),
                perimeters=frozenset(str(each).split("/")[0].strip() for each in values["activities"]),
                hosting=values["hosting"],
                plan=values["plan"],
                copies=values["copies"],
                media=values["media"],
                offsite=values["offsite"],
                offline=values["offline"],
                saas_clause=values["saas_clause"] or "",
            )
            yield (row.finess, system.code), system

    def platforms(self) -> Iterable[backup.Platform]:
        for row in self.rows(BackupPlatform):
            values = {name: value or "" for name, value in row.values.items()}
            yield backup.Platform(
                name=values["product"],
                parties=self.owned(row),
                version=values["version"],
                authentication=values["authentication"],
                two_factor=values["two_factor"],
                two_factor_reason=values["two_factor_reason"],
                ads_score=row.values["ads_score"],
                ads_on=row.values["ads_on"],
                red_button=values["red_button"],
                partition_target=values["partition_target"],
                partition_on=row.values["partition_on"],
            )

    def restore_tests(self) -> list[backup.RestoreTest]:
        return [
            backup.RestoreTest(
                code=row.values["code"],
                system=row.values["system_code"],
                parties=self._restored(row),
                tested_on=row.values["tested_on"],
                kind=row.values["kind"],
                back_in_production=bool(row.values["back_in_production"]),
                result=row.values["result"],
                anomalies=row.values["anomalies"] or "",
                test_book_file=row.values["test_book_file"] or "",
            )
            for row in self.rows(RestoreTest)
        ]

    def _restored(self, row: Row) -> frozenset[str]:
        """The parties of the system that a test restores: that of its establishment, else the only one that has the code."""
        code = row.values["system_code"]
        own = self.systems.get((row.finess, code))
        named = [own] if own else [system for (_, each), system in self.systems.items() if each == code]
        return named[0].parties if len(named) == 1 else self.owned(row)

    # -- milestones and equivalences

    def milestones(self) -> Iterable[milestone.Milestone]:
        for row in self.rows(Milestone):
            yield milestone.Milestone(
                code=row.values["code"],
                rows=frozenset(row.values["objectives"]),
                parties=self.held(row),
                due_on=row.values["due_on"],
                reached_on=row.values["reached_on"] if row.values["status"] == "reached" else None,
                abandoned=row.values["status"] == "abandoned",
                owner=row.values["pilot_function"] or "",
            )

    def equivalences(self) -> Iterable[facts.Equivalence]:
        for row in self.rows(Equivalence):
            piece = self.file(row.values["file"], self.owned(row))
            yield facts.Equivalence(
                row=row.values["row_code"],
                party=row.values["party_key"],
                reason=row.values["reason"],
                file=piece.filename if piece else row.values["file"],
                received=piece is not None,
                on=row.values["starts_on"],
            )

    # -- pieces

    def evidence(
        self, exercises: Sequence[exercise.Exercise], tests: Sequence[backup.RestoreTest]
    ) -> Iterable[Evidence]:
        """Pieces attached to a row, those that the register of evidence declares, and those that a fact names."""
        for piece in self.gathered.pieces:
            parties = None if piece.whole else self._owner(piece) | self._covered(piece)
            yield _received(piece.row_code, piece.document_type, piece, parties)
        for row in self.rows(EvidenceEntry):
            yield from self._declared(row)
        for shared in self.gathered.common:
            yield from self._common(shared)
        named = {
            "plan": self._plans(),
            "tested_plan": self._plans(exercises),
            "scenario": [(e.result.scenario_file, e.parties) for e in exercises if e.result],
            "retex": [(e.result.retex_file, e.parties) for e in exercises if e.result],
            "test_book": [(test.test_book_file, test.parties) for test in tests],
        }
        for asked in self.referential.rows:
            for each in asked.pieces:
                for name, parties in named.get(each.named, ()):
                    found = self.file(name, parties)
                    if found is not None:
                        yield _received(asked.code, each.key, found, parties)

    def file(self, name: str | None, parties: frozenset[str]) -> Piece | None:
        """The piece that a fact about parties names: theirs when several establishments have a file of this name."""
        return self.gathered.named(name, lambda piece: bool(self._owner(piece) & parties))

    def _owner(self, piece: Piece) -> frozenset[str]:
        number = self.finess.get(piece.establishment_id)
        return self.everybody if self.entity else frozenset({number} if number else ())

    def _covered(self, piece: Piece) -> frozenset[str]:
        """The other parties that a piece is declared to hold for: of a GHT, since outside every site is its establishment's."""
        return frozenset(piece.covers) & self.keys if self.entity is None else frozenset()

    def _plans(self, exercises: Sequence[exercise.Exercise] | None = None) -> list[tuple[str, frozenset[str]]]:
        """The proof files of perimeters, with the parties that each plan serves; only the plans that exercises try, if given."""
        served = defaultdict[tuple[str, str], set[str]](set)
        for fact in self.gathered.inherited:
            served[fact.inherited_from, fact.code].add(fact.party)
        found = []
        for record in self.gathered.perimeters:
            parties = self.listed([record.finess, *served[record.finess, record.code]], record.site_finess)
            # A code is its establishment's: an exercise elsewhere on the same code tries another plan.
            tried = exercises is None or any(record.code in e.perimeters and parties & e.parties for e in exercises)
            if record.evidence_file and tried:
                found.append((record.evidence_file, parties))
        return found

    def _declared(self, row: Row) -> Iterable[Evidence]:
        values = row.values
        status = _STATUSES.get(values["status"])
        if status is None:
            return
        parties = self.held(row) | self.listed(values["covered"]) if values["covered"] else self.held(row)
        piece = self.file(values["file"], self.held(row))
        if status is EvidenceStatus.RECEIVED and piece is None:
            status = EvidenceStatus.DECLARED
        # Of a version that another replaces, the register says the dates of the old one: the piece alone says its own.
        said = values if piece is None or piece.described_by(values["file"], row.recorded_at) else {}
        for code in values["objectives"]:
            for asked in self.referential.rows:
                for each in asked.pieces if asked.code == code else ():
                    if values["document_type"] in each.types:
                        yield Evidence(
                            row=code,
                            key=each.key,
                            filename=piece.filename if piece else values["file"] or values["title"],
                            parties=parties,
                            status=status,
                            approved_on=said.get("validated_on")
                            or (piece.approved_on if piece else None)
                            or said.get("document_on"),
                            expires_on=piece.expires_on if piece else None,
                            received_on=piece.received_at.astimezone(PARIS).date() if piece else None,
                        )

    def _common(self, piece: CommonPiece) -> Iterable[Evidence]:
        """A document of the whole GHT answers for its member as it does for the GHT."""
        for asked in self.referential.rows:
            for each in asked.pieces if asked.code == piece.row_code else ():
                if piece.document_type in each.types if piece.declared else piece.document_type == each.key:
                    yield Evidence(
                        row=asked.code,
                        key=each.key,
                        filename=f"{piece.filename} (document commun du GHT)",
                        approved_on=piece.approved_on,
                        expires_on=piece.expires_on,
                        received_on=piece.received_at.astimezone(PARIS).date(),
                    )


# Statuses of the register of evidence (K5); a missing document is nothing.
_STATUSES = {
    "drafting": EvidenceStatus.DRAFT,
    "to_validate": EvidenceStatus.DRAFT,
    **dict.fromkeys(VALID, EvidenceStatus.RECEIVED),
    "rejected": EvidenceStatus.REJECTED,
}


def _received(row: str, key: str, piece: Piece, parties: frozenset[str] | None) -> Evidence:
    return Evidence(
        row=row,
        key=key,
        filename=piece.filename,
        parties=parties,
        approved_on=piece.approved_on,
        expires_on=piece.expires_on,
        received_on=piece.received_at.astimezone(PARIS).date(),
    )
