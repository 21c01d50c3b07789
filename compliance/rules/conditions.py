"""What a row may ask of a party beside pieces: each name that a referential can write, and the rule behind it.

A new kind of verdict is a function here and its name in a file of programme/; nothing else knows the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from compliance.rules import backup, exercise
from compliance.rules.evidence import piece_verdict
from compliance.rules.pcra import party_coverage
from compliance.rules.perimeter import BiaState
from compliance.rules.verdict import Reason, State, Verdict
from compliance.rules.words import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import date

    from compliance.rules.activity import Party
    from compliance.rules.facts import Facts
    from compliance.rules.requirement import Row

F = TypeVar("F")

# ------------------------------------------------------------------------------------- which parties weigh in a share


def minimal_perimeters(row: Row, facts: Facts, party: Party, on: date) -> Verdict:  # noqa: ARG001  # all conditions alike
    """D2.O1.C: each kind of minimal perimeter is covered, or does not exist here for a recorded reason."""
    coverage = party_coverage(party, facts.perimeters, on)
    if coverage.counts:
        return Verdict(State.MET, coverage.reasons)
    state = State.IN_PROGRESS if coverage.started else State.MISSING
    return Verdict(state, coverage.reasons, f"Finir BIA, PCA et PRA : {party.name}")


def field_test(row: Row, facts: Facts, party: Party, on: date) -> Verdict:
    """D2.O1.D: an exercise that qualifies covered the party."""
    verdicts = [exercise_verdict(row, facts, each, party, on) for each in facts.exercises if party.key in each.parties]
    nothing = Reason("NO_FIELD_TEST", "Aucun test terrain d’un PCA qui compte", party.key)
    return exercise.best(verdicts, nothing, f"Planifier un test terrain d’un PCA : {party.name}")


def exercise_verdict(row: Row, facts: Facts, each: exercise.Exercise, party: Party, on: date) -> Verdict:
    """Say whether one exercise counts for a party for D2.O1.D: judged on the plans that are its own or serve it."""
    close = facts.dates["declarations_close"].on if "declarations_close" in facts.dates else None
    opinion = facts.opinion(row.code, each.code, on)
    return exercise.field_test(each, party.key, facts.perimeters, facts.phase(row, on), on, opinion, close)


# ------------------------------------------------------------------------------------------------- beside the pieces


def test_schedule(row: Row, facts: Facts, party: Party, on: date) -> Verdict:
    """D2.O1.D: a schedule of tests for the other plans, kept as data; an attached schedule answers too."""
    schedule = [piece for piece in row.pieces if piece.key == "test_schedule"]
    evidence = [each for each in facts.evidence if each.row == row.code and each.holds_for(party.key)]
    if schedule:
        attached = piece_verdict(schedule, evidence, facts.window(row, on), on)
        if attached.state is State.MET:
            return attached
    perimeters = [p for p in facts.perimeters_of(party.key, minimal=True) if not p.shared]
    if not perimeters:
        return Verdict(State.NOT_APPLICABLE, ())
    return exercise.schedule(perimeters, facts.exercises, facts.phase(row, on), on)


def yearly_exercise(row: Row, facts: Facts, party: Party, on: date) -> Verdict:  # noqa: ARG001
    """The crisis exercise of the calendar year of `on` (obligation of every health establishment)."""
    listed = [each for each in facts.exercises if party.key in each.parties]
    verdicts = [exercise.yearly(each, party.key, on.year, on) for each in listed]
    of_year = [verdict for verdict in verdicts if verdict.reasons[0].code != "NOT_THIS_YEAR"]
    nothing = Reason("NO_YEARLY_EXERCISE", f"Aucun exercice de crise qui compte en {on.year}", party.key)
    return exercise.best(of_year, nothing, f"Prévoir l’exercice de crise de {on.year} : {party.name}")


def saas_clauses(row: Row, facts: Facts, party: Party, on: date) -> Verdict:  # noqa: ARG001
    """D2.O2.A: outsourced and SaaS systems are covered by clauses of their contracts."""
    return backup.saas_clauses(facts.systems_of(party.key))


def backup_plans(row: Row, facts: Facts, party: Party, on: date) -> Verdict:  # noqa: ARG001
    """D2.O2.B: a plan for every component of the critical systems named in O1.C."""
    systems = facts.systems_of(party.key)
    codes = {system.code for system in systems}
    unlisted = {
        each.label for each in facts.applications if facts.concerns(each.party, party.key) and each.system not in codes
    }
    return backup.backup_plans(systems, unlisted)


def backup_authentication(row: Row, facts: Facts, party: Party, on: date) -> Verdict:
    """D2.O3.A: independent authentication, second factor, ADS score of a dedicated AD in its days."""
    declared = facts.dates[row.window_to].on if row.window_to in facts.dates else None
    score, days = row.limit("ads_score_min"), row.limit("ads_score_age")
    return backup.authentication(facts.platforms_of(party.key), declared, on, score, days)


def isolation(row: Row, facts: Facts, party: Party, on: date) -> Verdict:  # noqa: ARG001
    """D2.O3.B: the « bouton rouge »."""
    return backup.isolation(facts.platforms_of(party.key))


def partition(row: Row, facts: Facts, party: Party, on: date) -> Verdict:
    """D2.O3.B: a partitioned architecture, or a target with its schedule."""
    declared = facts.day("declaration_filed", on)
    milestones = facts.milestones_of(row, party.key)
    return backup.partition(facts.platforms_of(party.key), milestones, declared, on, row.limit("schedule_years"))


def copies(row: Row, facts: Facts, party: Party, on: date) -> Verdict:
    """D2.O3.C: 3-2-1, or the path to it with dated milestones."""
    return backup.copies(facts.systems_of(party.key), facts.milestones_of(row, party.key), on)


def restore_test(row: Row, facts: Facts, party: Party, on: date) -> Verdict:
    """D2.O4: a restore test that qualifies, on a system of the party that serves an activity named in O1.C."""
    phase = facts.phase(row, on)
    systems = {system.code: system for system in facts.systems_of(party.key)}
    named = {perimeter.code for key in _served(facts, party) for perimeter in facts.perimeters_of(key)}
    verdicts = [
        backup.restore_verdict(test, systems, named, phase)
        for test in facts.restore_tests
        if party.key in test.parties and test.tested_on <= on
    ]
    nothing = Reason("NO_RESTORE_TEST", "Aucun test de restauration qui compte", party.key)
    return exercise.best(verdicts, nothing, f"Tenir un test de restauration : {party.name}")


def business_referents(row: Row, facts: Facts, party: Party, on: date) -> Verdict:  # noqa: ARG001
    """D2.O4: a business referent per critical application, by function, never by name."""
    functions: dict[str, str] = {}
    for key, known in sorted(facts.referents.items()):
        if key in _served(facts, party) or facts.concerns(key, party.key):
            functions |= {
                code: function for code, function in known.items() if function.strip() or code not in functions
            }
    return backup.referents(facts.systems_of(party.key), functions)


def _served(facts: Facts, party: Party) -> frozenset[str]:
    """The parties that the systems of a party serve: of a shared system, the activity or the referent may be another's."""
    return frozenset({party.key}).union(*(system.parties for system in facts.systems_of(party.key)))


CONDITIONS: Mapping[str, Callable[[Row, Facts, Party, date], Verdict]] = {
    "minimal_perimeters": minimal_perimeters,
    "field_test": field_test,
    "test_schedule": test_schedule,
    "yearly_exercise": yearly_exercise,
    "saas_clauses": saas_clauses,
    "backup_plans": backup_plans,
    "backup_authentication": backup_authentication,
    "isolation": isolation,
    "partition": partition,
    "copies": copies,
    "restore_test": restore_test,
    "business_referents": business_referents,
}

# What a condition reads of its row, so that a referential without it is refused before it answers anybody: numbers by their keys,
# and the first day of the operational phase.
NUMBERS: Mapping[str, tuple[str, ...]] = {
    "backup_authentication": ("ads_score_min", "ads_score_age"),
    "partition": ("schedule_years",),
}
PHASED = frozenset({"field_test", "test_schedule", "restore_test"})


# -------------------------------------------------------------- facts that decide whether a piece is asked, or answer it


def _dedicated_ad(facts: Facts, party: Party, on: date) -> str | None:  # noqa: ARG001
    return _known(facts.platforms_of(party.key), lambda p: p.authentication == "dedicated_ad", "AD dédié")


def _target_architecture(facts: Facts, party: Party, on: date) -> str | None:
    said = "architecture cible"
    return _known(facts.platforms_of(party.key), lambda p: p.partition_on is not None and p.partition_on > on, said)


def _known(facts: Collection[F], holds: Callable[[F], bool], said: str) -> str | None:
    if not facts:
        return None
    return said if any(holds(each) for each in facts) else ""


def _bia_method(facts: Facts, party: Party, on: date) -> str | None:  # noqa: ARG001
    begun = {BiaState.DONE, BiaState.IN_PROGRESS}
    return _known(facts.perimeters_of(party.key), lambda p: p.bia in begun, "BIA réalisés")


def _bia_missing(facts: Facts, party: Party, on: date) -> str | None:  # noqa: ARG001
    perimeters = facts.perimeters_of(party.key, minimal=True)
    return _known(perimeters, lambda p: p.bia is not BiaState.DONE, "BIA manquant")


def _bia_reasons(facts: Facts, party: Party, on: date) -> str | None:  # noqa: ARG001
    lacking = [p for p in facts.perimeters_of(party.key, minimal=True) if p.bia is not BiaState.DONE]
    if lacking and all(p.bia_reason.strip() for p in lacking):
        return f"{plural(len(lacking), 'motif enregistré', 'motifs enregistrés')} avec le périmètre"
    return ""


def _activities_listed(facts: Facts, party: Party, on: date) -> str | None:  # noqa: ARG001
    listed = any(facts.concerns(key, party.key) for key in facts.activities)
    return "tenue dans Vigie (registre des activités)" if listed else ""


def _second_factor_explained(facts: Facts, party: Party, on: date) -> str | None:  # noqa: ARG001
    off = [p for p in facts.platforms_of(party.key) if p.two_factor == "off" and p.two_factor_reason.strip()]
    return f"motif enregistré pour {off[0].name}" if off else ""


def _second_factor_impossible(facts: Facts, party: Party, on: date) -> str | None:  # noqa: ARG001
    off = [p for p in facts.platforms_of(party.key) if p.two_factor == "impossible" and p.version.strip()]
    return f"{off[0].name}, version {off[0].version}" if off else ""


def _copies_steps(facts: Facts, party: Party, on: date) -> str | None:
    milestones = [m for m in facts.milestones if "D2.O3.C" in m.rows and party.key in m.parties and not m.abandoned]
    systems = facts.systems_of(party.key)
    if systems and all(system.three_two_one for system in systems):
        return "règle 3-2-1 déjà tenue"
    return "jalons datés tenus dans Vigie" if backup.trajectory(milestones, on) is not None else ""


def _partition_dated(facts: Facts, party: Party, on: date) -> str | None:
    dated = [p for p in facts.platforms_of(party.key) if p.partition_on is not None and p.partition_on > on]
    return "cible datée dans Vigie" if dated else ""


def _restore_scope(facts: Facts, party: Party, on: date) -> str | None:
    tests = [t for t in facts.restore_tests if party.key in t.parties and t.tested_on <= on]
    return "tenu dans Vigie (registre des tests de restauration)" if tests else ""


def _referents_listed(facts: Facts, party: Party, on: date) -> str | None:  # noqa: ARG001
    for key, known in facts.referents.items():
        if facts.concerns(key, party.key) and any(function.strip() for function in known.values()):
            return "tenue dans Vigie, par fonction (registre des périmètres)"
    return ""


# A text when the fact holds (how it is told), "" when it does not, None when nobody knows.
FACTS: Mapping[str, Callable[[Facts, Party, date], str | None]] = {
    "dedicated_ad": _dedicated_ad,
    "target_architecture": _target_architecture,
    "bia_method": _bia_method,
    "bia_missing": _bia_missing,
    "bia_reasons": _bia_reasons,
    "activities_listed": _activities_listed,
    "second_factor_explained": _second_factor_explained,
    "second_factor_impossible": _second_factor_impossible,
    "copies_steps": _copies_steps,
    "partition_dated": _partition_dated,
    "restore_scope": _restore_scope,
    "referents_listed": _referents_listed,
}
