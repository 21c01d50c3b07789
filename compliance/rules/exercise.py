"""Exercises: two questions about each, and two verdicts, each explained (referential, rule 5).

Does it count for D2.O1.D (arrêté of 3 July 2025, annexe 1)? Does it count as the yearly crisis exercise (list published by
an ARS; instructions SHFDS/FSSI/2023/15 and DNS/2025/12)? Neither answer follows from the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from compliance.rules.perimeter import PlanState
from compliance.rules.verdict import FURTHER, Reason, State, Verdict, fold
from compliance.rules.words import listing, short_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from compliance.rules.milestone import Phase
    from compliance.rules.opinion import Opinion
    from compliance.rules.perimeter import Perimeter


class Nature(StrEnum):
    """What an exercise is; the values are those of the workbook K2."""

    FIELD_TEST = "field_test"
    CRISIS_CELL = "crisis_cell"
    COMBINED = "combined"
    REGIONAL = "regional"
    REAL_EVENT = "real_event"

    @property
    def label(self) -> str:
        """The French name, as in the list of the workbook K2."""
        return _NATURES[self]


_NATURES = {
    Nature.FIELD_TEST: "Test PCA terrain",
    Nature.CRISIS_CELL: "Exercice cellule de crise",
    Nature.COMBINED: "Combiné",
    Nature.REGIONAL: "Exercice régional",
    Nature.REAL_EVENT: "Événement réel",
}


class Status(StrEnum):
    """What people say of an exercise; the values are those of the workbook K2."""

    PLANNED = "planned"
    DONE = "done"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


def planned_day(values: Mapping[str, Any]) -> date | None:
    """Return the day that a line of the planning foresees: the new one when it was postponed."""
    day: date | None = values["postponed_to" if values["status"] == Status.POSTPONED else "planned_on"]
    return day


class PlanOutcome(StrEnum):
    """What an exercise gave for one of the plans it tried; the values are those of the workbook K8."""

    SUCCESS = "success"
    PARTIAL = "partial"
    FAILURE = "failure"

    @property
    def label(self) -> str:
        """The French name, as in the list of the workbook K8."""
        return _OUTCOMES[self]


_OUTCOMES = {PlanOutcome.SUCCESS: "Réussi", PlanOutcome.PARTIAL: "Partiel", PlanOutcome.FAILURE: "Échec"}
_FIELD = frozenset({Nature.FIELD_TEST, Nature.COMBINED})
PLAYED = _FIELD | {Nature.REAL_EVENT}  # what runs a plan; a crisis cell or a regional exercise does not
PLAYABLE = frozenset({PlanState.WRITTEN, PlanState.APPROVED})  # a plan that exists on paper


@dataclass(frozen=True, kw_only=True)
class Result:
    """What an exercise gave. `actions` counts those of its improvement plan; file names are empty when not given."""

    held_on: date
    management: bool = False
    departments: bool = False
    care_assessed: bool = False
    degraded_modes: str = ""
    scenario_file: str = ""
    retex_file: str = ""
    actions: int = 0


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """An exercise, or a real event run on the plans.

    `parties` are the keys of those it is listed for; `perimeters` the codes it tries. `planned_on` is its day to come:
    the new one when it was postponed, None once it is done or cancelled.
    """

    code: str
    nature: Nature | None
    parties: frozenset[str]
    perimeters: frozenset[str] = frozenset()
    planned_on: date | None = None
    cancelled: bool = False
    result: Result | None = None

    def held(self, on: date) -> Result | None:
        """Give its result when it took place on or before a day."""
        return self.result if self.result is not None and self.result.held_on <= on else None


_NUMBERED = re.compile(r"EX-(\d{4})-(\d+)")


def next_code(codes: Iterable[str], year: int) -> str:
    """Propose a code that no exercise has: « EX-2027-04 » after EX-2027-03."""
    used = [int(match[2]) for code in codes if (match := _NUMBERED.fullmatch(code)) and int(match[1]) == year]
    return f"EX-{year}-{max(used, default=0) + 1:02d}"


# ------------------------------------------------------------------------------------------------------------ D2.O1.D


def field_test(
    exercise: Exercise,
    party: str,
    perimeters: Iterable[Perimeter],
    phase: Phase,
    on: date,
    opinion: Opinion | None = None,
    close: date | None = None,
) -> Verdict:
    """Say whether an exercise counts for a party for D2.O1.D: a field test of a PCA within the operational phase.

    It needs the plan used, a scenario and a RETEX that holds an improvement plan. A shared plan serves a party only with
    its written justification (rule 4). Management absent is a notice. A real event, which followed no scenario, is
    proposed to the reviewer, whose `opinion` decides (rule 6); an opinion on a test is told, and an unfavourable one
    keeps it from counting (rule 5). `close` is the end of the declarations, past which a test to come is too late.
    """
    result = exercise.held(on)
    if result is None:
        return _to_come(exercise, on, close)
    said = f"{exercise.code}, {short_date(result.held_on)}"
    missing = [*_nature(exercise, said), *_phase(exercise, result, phase, said)]
    missing += _plan(exercise, party, tuple(perimeters), said)
    if not result.scenario_file and exercise.nature is not Nature.REAL_EVENT:  # an outage follows none
        missing.append(
            (Reason("SCENARIO_MISSING", f"{said} : le scénario manque", exercise.code), "Nommer le scénario")
        )
    missing += _retex(exercise, result, said)
    if missing:
        reasons = tuple(reason for reason, _ in missing)
        hopeless = any(reason.code in _NEVER for reason in reasons)
        state = State.MISSING if hopeless else State.IN_PROGRESS
        action = (
            f"Prévoir un autre test terrain que {exercise.code}" if hopeless else f"{missing[0][1]} ({exercise.code})"
        )
        return Verdict(state, (*reasons, *_notices(exercise, result)), action)
    return _decided(exercise, result, said, opinion)


# What no piece can mend: another exercise is needed.
_NEVER = frozenset({"NOT_A_FIELD_TEST", "BEFORE_PHASE", "AFTER_PHASE"})
_Gap = tuple[Reason, str]


def _to_come(exercise: Exercise, on: date, close: date | None) -> Verdict:
    if exercise.cancelled:
        return Verdict(State.MISSING, (Reason("EXERCISE_CANCELLED", f"{exercise.code} : annulé", exercise.code),))
    day = exercise.planned_on
    if exercise.nature is Nature.REAL_EVENT:  # it happened, whatever its day: only what it gave is not known
        text = f"{exercise.code} : événement réel, résultat attendu ; proposé comme test, le réviseur décide"
        reason = Reason("RESULT_MISSING", text, exercise.code)
        return Verdict(State.IN_PROGRESS, (reason,), f"Saisir le résultat de {exercise.code}")
    if exercise.nature not in _FIELD:
        kind = exercise.nature.label if exercise.nature else "nature à préciser"
        when = "sans résultat" if day is not None and day < on else "à venir"
        text = f"{exercise.code} : {kind}, {when}, ne sera pas un test terrain d’un PCA"
        return Verdict(State.MISSING, (Reason("NOT_A_FIELD_TEST", text, exercise.code),))
    if day is None:
        return Verdict(
            State.IN_PROGRESS,
            (Reason("EXERCISE_UNDATED", f"{exercise.code} : sans date", exercise.code),),
            f"Dater {exercise.code}",
        )
    if day < on:
        reason = Reason("RESULT_MISSING", f"{exercise.code} : prévu le {short_date(day)}, sans résultat", exercise.code)
        return Verdict(State.IN_PROGRESS, (reason,), f"Saisir le résultat de {exercise.code}, ou reporter l’exercice")
    if close is not None and day > close:
        text = f"{exercise.code} : prévu le {short_date(day)}, après la clôture des déclarations du {short_date(close)}"
        reason = Reason("PLANNED_TOO_LATE", text, exercise.code)
        return Verdict(State.IN_PROGRESS, (reason,), f"Avancer {exercise.code} avant le {short_date(close)}")
    reason = Reason("EXERCISE_PLANNED", f"{exercise.code} : prévu le {short_date(day)}", exercise.code)
    return Verdict(State.IN_PROGRESS, (reason,), f"Tenir {exercise.code} le {short_date(day)}")


def _nature(exercise: Exercise, said: str) -> list[_Gap]:
    if exercise.nature in PLAYED:
        return []
    if exercise.nature is None:
        reason = Reason("NATURE_UNKNOWN", f"{said} : nature à préciser", exercise.code)
        return [(reason, "Préciser la nature de l’exercice")]
    text = f"{said} : « {exercise.nature.label} » n’est pas un test terrain d’un PCA"
    return [(Reason("NOT_A_FIELD_TEST", text, exercise.code), "")]


def _phase(exercise: Exercise, result: Result, phase: Phase, said: str) -> list[_Gap]:
    if phase.contains(result.held_on):
        return []
    if result.held_on < phase.start:
        text = f"{said} : avant la phase opérationnelle, ouverte le {short_date(phase.start)}"
        return [(Reason("BEFORE_PHASE", text, exercise.code), "")]
    assert phase.end is not None  # noqa: S101  # only a closed phase can be behind
    text = f"{said} : après la déclaration du {short_date(phase.end)}, fin de la phase opérationnelle"
    return [(Reason("AFTER_PHASE", text, exercise.code), "")]


def _plan(exercise: Exercise, party: str, perimeters: Sequence[Perimeter], said: str) -> list[_Gap]:
    """What lacks for a plan of this party to have been played."""
    tried = [p for p in perimeters if p.party == party and p.code in exercise.perimeters and p.exists]
    if any(p.pca in PLAYABLE and (not p.shared or p.justification.strip()) for p in tried):
        return []
    if not exercise.perimeters:
        return [
            (Reason("NO_PERIMETER", f"{said} : aucun périmètre testé", exercise.code), "Nommer les périmètres testés")
        ]
    if not tried:
        text = f"{said} : aucun des périmètres testés n’est de cet établissement, ni couvert par un PCRA mutualisé"
        return [(Reason("NOT_OF_PARTY", text, exercise.code), "Justifier la mutualisation du PCRA testé")]
    shared = [p for p in tried if p.pca in PLAYABLE]
    if shared:
        text = f"{said} : PCRA partagé de {shared[0].inherited_from}, justification écrite manquante"
        return [(Reason("SHARING_UNJUSTIFIED", text, exercise.code), "Justifier la mutualisation du PCRA testé")]
    text = f"{said} : pas de PCA écrit pour {listing(sorted(p.code for p in tried))}"
    return [(Reason("NO_PCA", text, exercise.code), "Écrire le PCA qui a été déroulé")]


def _retex(exercise: Exercise, result: Result, said: str) -> list[_Gap]:
    if not result.retex_file:
        return [(Reason("RETEX_MISSING", f"{said} : le RETEX manque", exercise.code), "Déposer le RETEX")]
    if not result.actions:
        text = f"{said} : le RETEX n’a pas de plan d’amélioration, aucune action n’est saisie"
        return [(Reason("NO_IMPROVEMENT_PLAN", text, exercise.code), "Saisir le plan d’actions du RETEX")]
    return []


def _notices(exercise: Exercise, result: Result) -> tuple[Reason, ...]:
    notices = []
    if not result.management:
        text = f"{exercise.code} : la direction était absente, remarque sans effet sur O1.D"
        notices.append(Reason("MANAGEMENT_ABSENT", text, exercise.code))
    if result.degraded_modes == "no":
        text = f"{exercise.code} : les procédures dégradées n’ont pas été déroulées, le réviseur le lira"
        notices.append(Reason("DEGRADED_MODES_NOT_RUN", text, exercise.code))
    return tuple(notices)


def _decided(exercise: Exercise, result: Result, said: str, opinion: Opinion | None) -> Verdict:
    """Every condition of the text holds: the verdict, and what a reviewer said of it."""
    notices = _notices(exercise, result)
    if opinion is not None and not opinion.favourable:
        action = f"Répondre à l’avis sur {exercise.code}, ou tenir un autre test"
        return Verdict(State.IN_PROGRESS, (opinion.reason, *notices), action)
    told = (opinion.reason,) if opinion is not None else ()
    if exercise.nature is Nature.REAL_EVENT and opinion is None:
        text = f"{said} : activation réelle, avec son RETEX ; proposée comme test, le réviseur décide"
        return Verdict(
            State.TO_CONFIRM, (Reason("REAL_EVENT", text, exercise.code), *notices), "Proposer l’événement au réviseur"
        )
    what = "test terrain d’un PCA, avec scénario, RETEX et plan d’amélioration"
    if exercise.nature is Nature.REAL_EVENT:
        what = "activation réelle acceptée comme test terrain d’un PCA, avec RETEX et plan d’amélioration"
    text = f"{said} : {what}"
    return Verdict(State.MET, (Reason("FIELD_TEST_COUNTS", text, exercise.code), *told, *notices))


# ------------------------------------------------------------------------------------------------- yearly obligation


def yearly(exercise: Exercise, party: str, year: int, on: date) -> Verdict:
    """Say whether an exercise counts for a party as the crisis exercise of a calendar year.

    General management and business departments took part, and care in degraded mode was assessed. An IT-only failover, a
    restore test or recovery work at group IT level do not count, nor does a real event (list published by an ARS).
    """
    result = exercise.held(on)
    if result is None or result.held_on.year != year or party not in exercise.parties:
        day = exercise.planned_on if result is None and party in exercise.parties else None
        if not exercise.cancelled and day is not None and day.year == year:
            return _yearly_to_come(exercise, day, on)
        reason = Reason("NOT_THIS_YEAR", f"{exercise.code} : pas tenu en {year} pour cet établissement", exercise.code)
        return Verdict(State.MISSING, (reason,))
    said = f"{exercise.code}, {short_date(result.held_on)}"
    lacking = [*_yearly_lacks(exercise, result)]
    if lacking:
        reasons = tuple(Reason(code, f"{said} : {text}", exercise.code) for code, text in lacking)
        return Verdict(State.MISSING, reasons, f"Prévoir un exercice de crise en {year}")
    text = f"{said} : direction générale et directions métiers présentes, prise en charge en mode dégradé évaluée"
    reasons = (Reason("YEARLY_COUNTS", text, exercise.code),)
    if not (result.retex_file and result.actions):
        text = f"{said} : RETEX et actions à verser au plan d’amélioration de la qualité"
        return Verdict(State.IN_PROGRESS, (Reason("RETEX_MISSING", text, exercise.code), *reasons), "Déposer le RETEX")
    return Verdict(State.MET, reasons)


def _yearly_to_come(exercise: Exercise, day: date, on: date) -> Verdict:
    """What an exercise of the year says while it has no result."""
    if exercise.nature is Nature.REAL_EVENT:
        text = f"{exercise.code}, {short_date(day)} : un événement réel n’est pas un exercice"
        return Verdict(State.MISSING, (Reason("REAL_EVENT", text, exercise.code),))
    said = f"{exercise.code} : prévu le {short_date(day)}"
    if day < on:
        reason = Reason("RESULT_MISSING", f"{said}, sans résultat", exercise.code)
        return Verdict(State.IN_PROGRESS, (reason,), f"Saisir le résultat de {exercise.code}, ou reporter l’exercice")
    reason = Reason("EXERCISE_PLANNED", said, exercise.code)
    return Verdict(State.IN_PROGRESS, (reason,), f"Tenir {exercise.code} le {short_date(day)}")


def _yearly_lacks(exercise: Exercise, result: Result) -> Iterable[tuple[str, str]]:
    if exercise.nature is Nature.REAL_EVENT:
        yield "REAL_EVENT", "un événement réel n’est pas un exercice"
    if not result.management and not result.departments:
        yield (
            "IT_ONLY",
            "ni direction générale ni directions métiers, et une bascule ou une reprise par la seule DSI ne compte pas",
        )
    elif not result.management:
        yield "MANAGEMENT_ABSENT", "la direction générale n’y était pas"
    elif not result.departments:
        yield "DEPARTMENTS_ABSENT", "les directions métiers n’y étaient pas"
    if not result.care_assessed:
        yield "CARE_NOT_ASSESSED", "la prise en charge des patients en mode dégradé n’a pas été évaluée"


# --------------------------------------------------------------------------------------------- which one speaks for all


def best(verdicts: Iterable[Verdict], nothing: Reason, action: str) -> Verdict:
    """Choose the verdict that is furthest, ties by their first sentence; `nothing` when there is none."""
    ranked = sorted(verdicts, key=lambda v: (-FURTHER.index(v.state), [reason.text for reason in v.reasons]))
    if not ranked:
        return Verdict(State.MISSING, (nothing,), action)
    first = ranked[0]
    if first.state is not State.MISSING:
        return first
    told = tuple(reason for verdict in ranked for reason in verdict.reasons)
    return Verdict(State.MISSING, (nothing, *told), action)


@dataclass(frozen=True)
class Awaiting:
    """Perimeters that no test of the phase has tried, by code: without a day, on a day gone by, on a day to come."""

    undated: tuple[Perimeter, ...]
    late: tuple[Perimeter, ...]
    dated: tuple[tuple[Perimeter, date], ...]


def awaiting(perimeters: Iterable[Perimeter], exercises: Sequence[Exercise], phase: Phase, on: date) -> Awaiting:
    """Sort the plans that no test of the phase has tried by what is known of the next one. A day gone by is no schedule."""
    undated: list[Perimeter] = []
    late: list[Perimeter] = []
    dated: list[tuple[Perimeter, date]] = []
    for perimeter in sorted(perimeters, key=lambda p: p.code):
        days = [perimeter.next_test_on] if perimeter.next_test_on else []
        of_it = [
            e
            for e in exercises
            if e.nature in PLAYED and perimeter.code in e.perimeters and perimeter.party in e.parties
        ]
        held = [result.held_on for e in of_it if (result := e.held(on)) is not None]
        held += [perimeter.last_test_on] if perimeter.last_test_on and perimeter.last_test_on <= on else []
        if any(phase.contains(day) for day in held):
            continue
        days += [e.planned_on for e in of_it if e.planned_on and not e.cancelled and e.held(on) is None]
        if any(day >= on for day in days):
            dated.append((perimeter, min(day for day in days if day >= on)))
        else:
            (late if days else undated).append(perimeter)
    return Awaiting(tuple(undated), tuple(late), tuple(dated))


def schedule(perimeters: Iterable[Perimeter], exercises: Sequence[Exercise], phase: Phase, on: date) -> Verdict:
    """Say whether every other plan of a party has its test day: the schedule that D2.O1.D asks.

    Asked of each perimeter of a minimal kind that exists, whether its plan is written or not, so that finishing a plan
    never makes the answer worse. A day gone by without a test is no schedule any more.
    """
    found = awaiting(perimeters, exercises, phase, on)
    undated, late = [each.code for each in found.undated], [each.code for each in found.late]
    states = [State.IN_PROGRESS] * bool(late) + [State.MISSING] * bool(undated) + [State.MET] * bool(found.dated)
    reasons = []
    if undated:
        reasons.append(Reason("TEST_UNDATED", f"Sans date de test : {listing(undated)}", undated[0]))
    if late:
        reasons.append(Reason("TEST_DATE_PASSED", f"Date de test dépassée : {listing(late)}", late[0]))
    if reasons:
        return Verdict(fold(states), tuple(reasons), f"Dater le test : {listing([*undated, *late])}")
    last = max((day for _, day in found.dated), default=None)
    text = f"Calendrier de test : jusqu’au {short_date(last)}" if last else "Tous les PCA a minima sont testés"
    return Verdict(State.MET, (Reason("SCHEDULE_OK", text),))
