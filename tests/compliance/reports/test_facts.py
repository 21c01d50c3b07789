"""What is known of a candidate: a past day does not move, and each fact is about those it is about."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from uuid import UUID

import pytest

from compliance.models.activity import Activity, Dependency
from compliance.models.backup import BackupPlatform, CriticalSystem, RestoreTest
from compliance.models.equivalence import Equivalence
from compliance.models.evidence_entry import EvidenceEntry
from compliance.models.exercise import Exercise, ExerciseAction, ExerciseResult
from compliance.models.funding import Expense, Funding, MissionLetter
from compliance.models.incident import Incident
from compliance.models.milestone import Milestone
from compliance.models.register import Register
from compliance.reports.gathered import WANTED
from compliance.rules.activity import Party
from compliance.rules.evidence import EvidenceStatus
from compliance.rules.facts import Facts
from compliance.rules.verdict import State
from compliance.services import candidate as candidates
from compliance.services import dossier, ecare, equivalence, evidence, opinion, perimeter
from compliance.services import party as party_services
from tenants.db import db, new_id, writing_as
from tenants.models import Site
from tests.factories import acting as at
from tests.factories import registers, states
from tests.factories.acting import acting, seen
from tests.factories.world import PERIMETER

TODAY = date.today()  # the database keeps the real clock
PAST = TODAY - timedelta(days=5)
BEFORE = TODAY - timedelta(days=40)  # true long before the past day, recorded after it
ESTUARY = (at.ESTUARY_DSI, at.ESTUARY_SCOPE)
ALL = frozenset(member.finess for member in at.ESTUARY_MEMBERS)
FIRST, SECOND, THIRD = (member.finess for member in at.ESTUARY_MEMBERS)
SITES = frozenset(member.finess for member in at.SITE_MEMBERS)


@pytest.fixture
def first(world) -> UUID:
    """The support of the GHT of three."""
    return world.establishments[FIRST]


@pytest.fixture
def facts(app, world):
    """Return a function that reads the facts of the GHT of three, today unless told otherwise."""

    def read(on: date = TODAY, known: date | None = None) -> Facts:
        return states.read(app, world, *ESTUARY, on, known)[0]

    return read


def record_perimeter(establishment: UUID, **changes: object) -> None:
    with writing_as(establishment):
        perimeter.record_many(establishment, [{"code": "URG-01", **PERIMETER, **changes}], None)


def attach(establishment: UUID, row: str, piece: str, name: str, **given: object) -> None:
    evidence.attach(establishment, row, piece, name, BytesIO(new_id().bytes), **given)


# --- what was recorded after a day does not change its state -------------------------------------------------------


def _coverage(first: UUID) -> None:
    [shared] = [each for each in perimeter.current_perimeters([first], TODAY) if each.code == "SHARED-01"]
    [third] = [r for r in party_services.parties(candidates.require("D2"), TODAY) if r.finess == THIRD]
    perimeter.record_coverages([perimeter.CoverageEntry(first, shared.id, third.establishment_id, "SI commun")], None)


def _party(first: UUID) -> None:
    party = Party(key=FIRST, name="CH de Belle-Rive", ac=Decimal(9000), ac_year=2024, source="SAE")
    party_services.record_parties(candidates.require("D2"), [(first, None, party)], None)


def _filings(first: UUID) -> None:
    candidates.record_application(candidates.require("D2"), applied_on=BEFORE, ecare_number="D2-7", frozen_on=None)
    ecare.record(candidates.require("D2"), ecare.Declared(filed_on=BEFORE), BEFORE)


def _equivalence(first: UUID) -> None:
    equivalence.record(candidates.require("D2"), "D2.P2", "", reason="Porté", file="pssi.pdf", starts_on=BEFORE)


def _incident(first: UUID) -> None:
    """An incident, and its only action: neither names an exercise but by the other."""
    registers.write(first, Incident, "INC-2", code="INC-2", exercise_code="exemple", started_on=BEFORE)
    registers.write(first, ExerciseAction, "INC-2 / 1", exercise_code=None, incident_code="INC-2", status="to_do")


def _register(model: type[Register], key: str, **given: object) -> Callable[[UUID], None]:
    return lambda first: registers.write(first, model, key, **given)


LATER: dict[str, tuple[type[Register] | None, Callable[[UUID], None]]] = {
    "a perimeter": (None, lambda first: record_perimeter(first, code="PAIE-01", kind="administrative", bia_on=BEFORE)),
    "its plan": (None, lambda first: record_perimeter(first, pca="written", pca_on=None)),
    "a shared plan": (None, _coverage),
    "a piece": (None, lambda first: attach(first, "D2.P2", "organisation_note", "note.pdf", approved_on=BEFORE)),
    "a party": (None, _party),
    "the filings on eCaRE": (None, _filings),
    "an equivalence": (Equivalence, _equivalence),
    "an exercise": (Exercise, _register(Exercise, "EX-2", code="EX-2", planned_on=BEFORE)),
    "its result": (ExerciseResult, _register(ExerciseResult, "EX-1", exercise_code="exemple", held_on=BEFORE)),
    "its action": (ExerciseAction, _register(ExerciseAction, "EX-1 / 2", exercise_code="exemple", status="done")),
    "an incident": (Incident, _incident),
    "a system": (CriticalSystem, _register(CriticalSystem, "SI-2", code="SI-2")),
    "a platform": (BackupPlatform, _register(BackupPlatform, "P-2", product="Coffre")),
    "a restore test": (RestoreTest, _register(RestoreTest, "T-2", code="T-2", tested_on=BEFORE)),
    "an entry of evidence": (
        EvidenceEntry,
        _register(
            *(EvidenceEntry, "N-2"),
            objectives=("D2.P2",),
            holder=FIRST,
            document_type="organisation_note",
            status="validated",
            validated_on=BEFORE,
            title="Note",
        ),
    ),
    "a milestone": (
        Milestone,
        _register(Milestone, "J-2", code="J-2", objectives=("D2.P2",), holder=FIRST, due_on=BEFORE),
    ),
    "a dependency": (
        Dependency,
        _register(
            *(Dependency, "D-2"),
            perimeter_code="exemple",
            activity_number="exemple",
            kind="application",
            label="Paie",
        ),
    ),
}


@pytest.mark.parametrize("kind", LATER)
def test_what_is_recorded_after_a_day_does_not_change_its_state_unless_asked_with_hindsight(
    app, world, first, facts, kind
):
    at.age(app, 10)
    known, document = states.read(app, world, *ESTUARY, PAST)
    with acting(app, world, *ESTUARY):
        LATER[kind][1](first)
    again, after = states.read(app, world, *ESTUARY, PAST)
    assert (again, states.dumped(after)) == (known, states.dumped(document))
    assert facts(PAST, TODAY) != known


def test_an_activity_known_later_is_not_known(app, world, first, facts):
    seen(app, "TRUNCATE activity")
    with acting(app, world, *ESTUARY):
        registers.write(first, Activity, "URG-01/1", perimeter_code="URG-01", number="1", criticality="1")
    assert facts(PAST).activities == frozenset()
    assert facts(PAST, TODAY).activities == {FIRST}


def test_an_opinion_given_after_a_day_is_not_that_of_the_day(app, world, facts):
    at.age(app, 10)
    known, document = states.read(app, world, *ESTUARY, PAST)
    [filing] = seen(app, "SELECT id FROM filing WHERE ght_id = %s", world.ghts[at.ESTUARY_CODE])
    with acting(app, world, "ars@monts-du-sud.example", "region:F2"):
        opinion.give(dossier.filing(filing["id"]), "D2.P1", "", favourable=False, reason="Page manquante")
    again, after = states.read(app, world, *ESTUARY, PAST)
    assert (again, states.dumped(after)) == (known, states.dumped(document))
    assert [each.row for each in facts(PAST, TODAY).opinions if each not in known.opinions] == ["D2.P1"]
    today = states.read(app, world, *ESTUARY, TODAY)[1]
    assert states.row(today, "D2.P1")["state"] is State.IN_PROGRESS


def test_every_register_that_is_read_is_tried_with_a_later_row():
    money = {Expense, Funding, MissionLetter}  # read beside them, in no verdict of a row
    assert {model for model, _ in LATER.values() if model} | {Activity} == set(WANTED) - money


def test_a_withdrawal_known_later_does_not_change_the_past_either(app, world, first, facts):
    with acting(app, world, *ESTUARY):
        _equivalence(first)
    at.age(app, 10)
    with acting(app, world, *ESTUARY):
        equivalence.withdraw(candidates.require("D2"), "D2.P2", "")
    assert [each.reason for each in facts(PAST).equivalences if each.row == "D2.P2"] == ["Porté"]
    assert [each for each in facts(PAST, TODAY).equivalences if each.row == "D2.P2"] == []


# --- pieces ----------------------------------------------------------------------------------------------------------


def of(facts: Facts, row: str, key: str) -> list[tuple[str, frozenset[str] | None]]:
    """The pieces that answer what a row asks: their names and whose they are."""
    return [(each.filename, each.parties) for each in facts.evidence if (each.row, each.key) == (row, key)]


@pytest.mark.parametrize(
    ("row", "key", "name"),
    [
        ("D2.O1.C", "pcra", "plan.pdf"),
        ("D2.O1.D", "tested_pca", "plan.pdf"),
        ("D2.O1.D", "scenario", "Scénario.pdf"),
        ("D2.O1.D", "retex", "retex.pdf"),
        ("D2.O4", "test_book", "cahier.pdf"),
    ],
)
def test_a_file_that_a_fact_names_answers_once_it_is_received(app, world, first, facts, row, key, name):
    with acting(app, world, *ESTUARY):
        record_perimeter(first, evidence_file="plan.pdf")
        registers.write(
            first, Exercise, "EX-2", code="EX-2", nature="field_test", finess_list=(FIRST,), perimeters=("URG-01",)
        )
        files = {"scenario_file": "Scénario.pdf", "retex_file": "retex.pdf"}
        registers.write(first, ExerciseResult, "EX-2", exercise_code="EX-2", held_on=BEFORE, **files)
        registers.write(first, RestoreTest, "T-2", code="T-2", system_code="exemple", test_book_file="cahier.pdf")
    assert of(facts(), row, key) == []
    with acting(app, world, *ESTUARY):
        attach(first, "D2.P1", "other", name)
    assert of(facts(), row, key) == [(name, {FIRST})]


@pytest.mark.parametrize(("typed", "received"), [("retex Été.pdf", "RETEX été.PDF"), ("PLAN.PDF", " plan.pdf ")])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_file_names_are_the_same_whatever_their_accents_are_made_of_and_their_case(
    app, world, first, facts, typed, received, form
):
    with acting(app, world, *ESTUARY):
        record_perimeter(first, evidence_file=typed)
        attach(first, "D2.P1", "other", unicodedata.normalize(form, received))
    found = facts()
    assert [parties for _, parties in of(found, "D2.O1.C", "pcra")] == [{FIRST}]
    assert [each.proof for each in found.perimeters if (each.party, each.code) == (FIRST, "URG-01")] == [True]


def test_a_shared_plan_answers_for_those_it_covers_too(app, world, first, facts):
    with acting(app, world, *ESTUARY):
        record_perimeter(first, code="SHARED-01", shared_system="SI-1", evidence_file="commun.pdf")
        attach(first, "D2.P1", "other", "commun.pdf")
    assert of(facts(), "D2.O1.C", "pcra") == [("commun.pdf", {FIRST, SECOND})]


def test_an_exercise_on_the_same_code_elsewhere_does_not_try_the_plan_of_here(app, world, first, facts):
    with acting(app, world, *ESTUARY):
        record_perimeter(first, evidence_file="plan.pdf")
        attach(first, "D2.P1", "other", "plan.pdf")
        other = world.establishments[SECOND]
        registers.write(
            other, Exercise, "EX-2", code="EX-2", nature="field_test", finess_list=(SECOND,), perimeters=("URG-01",)
        )
    found = facts()
    assert of(found, "D2.O1.C", "pcra") == [("plan.pdf", {FIRST})]
    assert of(found, "D2.O1.D", "tested_pca") == []


def entry(establishment: UUID, holder: str, **changes: object) -> None:
    given = {
        "objectives": ("D2.P2",),
        "holder": holder,
        "document_type": "organisation_note",
        "title": "Note d’organisation",
        "file": "note.pdf",
        "status": "validated",
        "validated_on": date(2026, 2, 3),
    }
    registers.write(establishment, EvidenceEntry, "N-1", **given | changes)


@pytest.mark.parametrize(
    ("status", "without", "received"),
    [
        ("validated", EvidenceStatus.DECLARED, EvidenceStatus.RECEIVED),
        ("sent", EvidenceStatus.DECLARED, EvidenceStatus.RECEIVED),
        ("drafting", EvidenceStatus.DRAFT, EvidenceStatus.DRAFT),
        ("to_validate", EvidenceStatus.DRAFT, EvidenceStatus.DRAFT),
        ("rejected", EvidenceStatus.REJECTED, EvidenceStatus.REJECTED),
        ("missing", None, None),
    ],
)
def test_a_piece_declared_in_the_register_counts_when_its_file_is_here(
    app, world, first, facts, status, without, received
):
    def standing() -> list[tuple[EvidenceStatus, date | None]]:
        return [(each.status, each.approved_on) for each in facts().evidence if each.row == "D2.P2"]

    with acting(app, world, *ESTUARY):
        entry(first, FIRST, status=status)
    day = date(2026, 2, 3)
    assert standing() == ([(without, day)] if without else [])
    with acting(app, world, *ESTUARY):
        attach(first, "D2.O1.A", "other", "Note.pdf")
    assert standing() == ([(received, day)] if received else [])


@pytest.mark.parametrize(
    ("holder", "covered", "parties"),
    [
        (FIRST, (), {FIRST}),
        (FIRST, (SECOND,), {FIRST, SECOND}),
        (at.ESTUARY_CODE, (), ALL),
        (SECOND, (), {SECOND}),
    ],
)
def test_a_declared_piece_is_of_who_holds_it_and_of_those_it_covers(app, world, first, facts, holder, covered, parties):
    with acting(app, world, *ESTUARY):
        entry(first, holder, covered=covered)
    assert of(facts(), "D2.P2", "organisation_note") == [("note.pdf", parties)]


def test_a_piece_of_one_member_does_not_answer_for_another_unless_it_is_said_to(app, world, first):
    with acting(app, world, *ESTUARY):
        attach(first, "D2.P2", "organisation_note", "note.pdf")
    document = states.read(app, world, *ESTUARY, TODAY)[1]
    by_party = {each["key"]: each["state"] for each in states.row(document, "D2.P2")["parties"]}
    assert by_party == {FIRST: State.MET, SECOND: State.MISSING, THIRD: State.MISSING}
    with acting(app, world, *ESTUARY):
        attach(first, "D2.P2", "organisation_note", "note du GHT.pdf", whole=True)
    document = states.read(app, world, *ESTUARY, TODAY)[1]
    assert {each["state"] for each in states.row(document, "D2.P2")["parties"]} == {State.MET}


def test_of_two_files_of_one_name_a_fact_is_answered_by_that_of_its_own_establishment(app, world, first, facts):
    others = [world.establishments[SECOND], world.establishments[THIRD]]
    with acting(app, world, *ESTUARY):
        entry(first, FIRST, validated_on=None)
        for establishment, day in ((others[0], 5), (first, 6), (others[1], 7)):
            attach(establishment, "D2.O1.A", "other", "note.pdf", approved_on=date(2026, 2, day))
    assert [each.approved_on for each in facts().evidence if each.row == "D2.P2"] == [date(2026, 2, 6)]


def test_a_part_of_the_ght_without_a_number_does_not_hide_the_pieces_of_the_support(app, world, first, facts):
    ward = Party(key="ZZ EHPAD du Phare", name="EHPAD du Phare", in_scope=False, out_reason="sans numéro")
    with acting(app, world, *ESTUARY):
        party_services.record_parties(candidates.require("D2"), [(first, None, ward)], None)
    assert ("pssi.pdf", {FIRST}) in of(facts(), "D2.P1", "pssi")


# --- codes are those of an establishment ---------------------------------------------------------------------------


def test_a_restore_test_is_of_the_parties_of_its_system(app, world, first, facts):
    with acting(app, world, *ESTUARY):
        registers.write(first, CriticalSystem, "SI-2", code="SI-2", finess_list=(FIRST, THIRD))
        registers.write(first, RestoreTest, "T-2", code="T-2", system_code="SI-2")
        registers.write(world.establishments[SECOND], RestoreTest, "T-3", code="T-3", system_code="SI-2")
        registers.write(first, RestoreTest, "T-4", code="T-4", system_code="INCONNU")
    parties = {each.code: each.parties for each in facts().restore_tests if each.code.startswith("T-")}
    assert parties == {"T-2": {FIRST, THIRD}, "T-3": {FIRST, THIRD}, "T-4": {FIRST}}


def test_two_establishments_may_use_the_same_code_for_two_systems(app, world, first, facts):
    with acting(app, world, *ESTUARY):
        for number, hosting in ((FIRST, "internal"), (SECOND, "saas")):
            establishment = world.establishments[number]
            registers.write(establishment, CriticalSystem, "DPI", code="DPI", finess_list=(number,), hosting=hosting)
            registers.write(establishment, RestoreTest, "T-2", code=f"T-{number}", system_code="DPI")
    found = facts()
    assert {each.parties: each.hosting for each in found.systems if each.code == "DPI"} == {
        frozenset({FIRST}): "internal",
        frozenset({SECOND}): "saas",
    }
    tests = {each.code: each.parties for each in found.restore_tests if each.system == "DPI"}
    assert tests == {f"T-{FIRST}": {FIRST}, f"T-{SECOND}": {SECOND}}


def test_the_actions_of_an_exercise_are_those_of_its_establishment_dropped_ones_left_out(app, world, first, facts):
    second = world.establishments[SECOND]
    with acting(app, world, *ESTUARY):
        for establishment, number in ((first, FIRST), (second, SECOND)):
            registers.write(establishment, Exercise, "EX-2", code="EX-2", finess_list=(number,))
            registers.write(establishment, ExerciseResult, "EX-2", exercise_code="EX-2", held_on=BEFORE)
        for place, status in enumerate(("done", "dropped", "done")):
            registers.write(first, ExerciseAction, f"EX-2 / {place}", exercise_code="EX-2", status=status)
    counted = {each.parties: each.result.actions for each in facts().exercises if each.code == "EX-2"}
    assert counted == {frozenset({FIRST}): 2, frozenset({SECOND}): 0}


def test_the_actions_of_an_incident_or_of_a_gap_are_those_of_no_exercise(app, world, first, facts):
    """An improvement plan is that of its exercise: what Dunkerque decided (lessons.md) fills no other RETEX."""
    with acting(app, world, *ESTUARY):
        for code in ("EX-2", "EX-3"):
            registers.write(first, Exercise, code, code=code, finess_list=(FIRST,))
            registers.write(first, ExerciseResult, code, exercise_code=code, held_on=BEFORE)
        for key, origin in (
            ("EX-2 / 1", {"exercise_code": "EX-2"}),
            ("EX-3 / 1", {"exercise_code": None, "incident_code": "EX-3"}),  # an incident of the same code
            ("D2.O1.C / 1", {"exercise_code": None, "objective": "D2.O1.C"}),
            ("1", {"exercise_code": None}),
        ):
            registers.write(first, ExerciseAction, key, status="to_do", **origin)
    counted = {each.code: each.result.actions for each in facts().exercises if each.code in ("EX-2", "EX-3")}
    assert counted == {"EX-2": 1, "EX-3": 0}


def test_the_actions_of_an_incident_are_the_improvement_plan_of_the_real_event_that_proposes_it(
    app, world, first, facts
):
    """Dunkerque (lessons.md): what the outage led to is what its exercise improves, without being typed twice."""
    second = world.establishments[SECOND]
    with acting(app, world, *ESTUARY):
        for establishment, number in ((first, FIRST), (second, SECOND)):
            registers.write(establishment, Exercise, "EX-2", code="EX-2", finess_list=(number,), nature="real_event")
            registers.write(establishment, ExerciseResult, "EX-2", exercise_code="EX-2", held_on=BEFORE)
        registers.write(first, Incident, "INC-2", code="INC-2", exercise_code="EX-2")
        registers.write(first, Incident, "INC-3", code="INC-3", exercise_code=None)
        for key, origin in (
            ("INC-2 / 1", {"incident_code": "INC-2"}),
            ("INC-2 / 2", {"incident_code": "INC-2", "status": "dropped"}),
            ("INC-2 / 3", {"incident_code": "INC-2", "exercise_code": "EX-2"}),  # said twice, counted once
            ("INC-3 / 1", {"incident_code": "INC-3"}),
            ("EX-2 / 1", {"exercise_code": "EX-2"}),
        ):
            registers.write(first, ExerciseAction, key, **({"exercise_code": None, "status": "to_do"} | origin))
        registers.write(second, ExerciseAction, "INC-2 / 1", exercise_code=None, incident_code="INC-2", status="to_do")
    counted = {each.parties: each.result.actions for each in facts().exercises if each.code == "EX-2"}
    assert counted == {frozenset({FIRST}): 3, frozenset({SECOND}): 0}


def test_an_application_is_critical_through_its_activity_or_the_whole_perimeter(app, world, first, facts):
    seen(app, "TRUNCATE activity, dependency")
    with acting(app, world, *ESTUARY):
        for number, criticality in (("1", "1"), ("2", "2"), ("3", "3")):
            named = {"perimeter_code": "URG-01", "number": number, "criticality": criticality}
            registers.write(first, Activity, f"URG-01/{number}", **named)
        for label, number, kind in (
            *(("DPI", "1", "application"), ("Labo", "2", "application"), ("Repas", "3", "application")),
            *(("Annuaire", None, "application"), ("Scanner", "1", "biomedical")),
        ):
            named = {"perimeter_code": "URG-01", "activity_number": number, "kind": kind, "label": label}
            registers.write(first, Dependency, label, **named)
        named = {"perimeter_code": "URG-01", "activity_number": "1", "kind": "application", "label": "Ailleurs"}
        registers.write(world.establishments[SECOND], Dependency, "Ailleurs", **named)
    assert {(each.party, each.label) for each in facts().applications} == {
        (FIRST, "DPI"),
        (FIRST, "Labo"),
        (FIRST, "Annuaire"),
    }


# --- outside a GHT -------------------------------------------------------------------------------------------------


@pytest.fixture
def outside(app, world) -> Callable[[], Facts]:
    """A candidate outside a GHT, of several sites: a perimeter, an exercise and a piece of one of them."""
    scope = (at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE)
    establishment = world.establishments[at.OUTSIDE[0]]
    [site] = [finess for finess in sorted(SITES)][:1]
    with acting(app, world, *scope):
        [found] = db.session.query(Site).filter_by(finess=site)
        record_perimeter(establishment, code="URG-02", site_id=found.id, evidence_file="plan.pdf")
        attach(establishment, "D2.O1.A", "governance_scheme", "plan.pdf")
        listed = {"finess_list": (at.OUTSIDE[0],)}
        registers.write(establishment, Exercise, "EX-2", code="EX-2", finess_et=site, **listed)
        registers.write(establishment, Exercise, "EX-3", code="EX-3", perimeters=("URG-02",), **listed)
        registers.write(establishment, Exercise, "EX-4", code="EX-4", perimeters=("URG-02", "URG-01"), **listed)
        registers.write(establishment, CriticalSystem, "SI-2", code="SI-2", **listed)
    return lambda: states.read(app, world, *scope, TODAY)[0]


def test_outside_a_ght_each_site_is_a_party_and_the_legal_entity_answers_with_them(outside):
    found = outside()
    site, whole = min(SITES), SITES | {at.OUTSIDE[0]}
    assert {party.key for party in found.parties} == SITES
    assert found.entity is not None and found.entity.key == at.OUTSIDE[0]
    assert {each.party for each in found.perimeters if each.code == "URG-02"} == {site}
    assert {each.code: each.parties for each in found.exercises if each.code.startswith("EX-")} == {
        "EX-2": {site, at.OUTSIDE[0]},
        "EX-3": {site, at.OUTSIDE[0]},
        "EX-4": whole,
    }
    assert {each.parties for each in found.systems} == {whole}
    assert of(found, "D2.O1.A", "governance_scheme") == [("plan.pdf", whole)]
    assert of(found, "D2.O1.C", "pcra") == [("plan.pdf", {site, at.OUTSIDE[0]})]
