"""Sample data of the pages of exercises, actions and incidents, judged by the real rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from compliance.programme.calendar import load
from compliance.reports import incidents as reports
from compliance.reports.actions import EXERCISE, INCIDENT, ORIGINS, ROW, ActionLine
from compliance.reports.exercises import STATES, Answer, ExerciseLine, Planned, Planning, PlanTried, Suggestion
from compliance.reports.incidents import IncidentLine, UsedPlan
from compliance.rules import action, calendar, incident
from compliance.rules.calendar import Slot, Wanted
from compliance.rules.incident import Cause, Moment
from compliance.rules.verdict import State
from tests.pages import samples

REF = UUID(int=9)
DAYS = load()


def _planned(code: str, on: date | None, *states: str, nature: str = "Combiné", held: bool = False) -> Planned:
    counts = Answer(State.MET, (f"{code}, 17/09/2026 : test terrain d’un PCA",), "compte pour CH de Port-Aubry")
    waits = Answer(State.IN_PROGRESS, (f"{code} : sans date",), "", f"Dater {code}")
    vain = Answer(State.MISSING, ("La DSI seule y était", "La prise en charge n’a pas été évaluée", "Pas en 2026"), "")
    slot = Slot(code=code, on=on or samples.TODAY, establishments=frozenset({"A"}), teams=("Urgences de jour",))
    other = Slot(code="EX-9", on=slot.on, establishments=slot.establishments, teams=slot.teams)
    warnings = calendar.collisions(slot, [other], DAYS, {"A": "B"}) if "avertissement" in states else ()
    return Planned(
        REF,
        samples.finess(0),
        ExerciseLine(code, nature, on, held, counts if "compte" in states else waits, vain if held else waits),
        "Perte du SI aux urgences" if held else "",
        ("CH de Port-Aubry", "CH de Valbruyère"),
        frozenset({samples.finess(0), samples.finess(1)}),
        warnings,
        (PlanTried("BIO-01", "", None), PlanTried("URG-01", "Partiel", REF)) if held else (),
        frozenset(states),
    )


def exercises(*, empty: bool = False, may: bool = True, wanted: str = "", past: bool = False) -> dict[str, Any]:
    """The planning of a year; `wanted` narrows it to a state."""
    every = (
        _planned("EX-2026-05", date(2026, 12, 24), "a-venir", "avertissement"),
        _planned("EX-2026-04", None, "a-saisir", nature="Test PCA terrain"),
        _planned("EX-2026-03", date(2026, 11, 3), "a-saisir", nature="nature à préciser"),
        _planned("EX-2026-02", date(2026, 9, 17), "compte", held=True),
        _planned("EX-2026-01", date(2026, 3, 26), "ne-compte-pas", held=True, nature="Exercice cellule de crise"),
        _planned("EX-2026-00", date(2026, 2, 2), "annule"),
    )
    plans = [
        Wanted(party="A", code="URG-01", name="Urgences adultes", written=True),
        *(Wanted(party="A", code=f"PAIE-{place}", name="Paie", written=False) for place in range(18)),
    ]
    proposals = calendar.propose(plans, (), DAYS, {"A": "B"}, samples.TODAY, target=date(2026, 11, 30))
    suggestions = tuple(
        Suggestion(each, f"EX-2027-{place:02d}", samples.finess(0), "", "CH de Port-Aubry")
        for place, each in enumerate(proposals)
    )
    return {
        "progress": samples.progress(),
        "planning": Planning(() if empty else every, () if empty else suggestions),
        "shown": [] if empty else [each for each in every if not wanted or wanted in each.states],
        "states": STATES,
        "filters": {"etablissement": samples.finess(0) if wanted else "", "etat": wanted},
        "establishments": [(samples.finess(0), "CH de Port-Aubry"), (samples.finess(1), "CH de Valbruyère")],
        "year": 2026,
        "calendar": DAYS,
        "past": past,
        "today": samples.TODAY,
        "can_import": may,
    }


def _lines() -> list[ActionLine]:
    facts = [
        (EXERCISE, "EX-2026-02", REF, action.Action(due_on=date(2026, 10, 1), status="to_do")),
        (INCIDENT, "INC-2026-01", REF, action.Action(due_on=date(2026, 12, 1), status="done", proof_file="PV.pdf")),
        (ROW, "D2.O1.C", None, action.Action(due_on=date(2026, 12, 1))),
        (EXERCISE, "EX-2020-01", None, action.Action(due_on=date(2026, 1, 1), status="done", proof_file="PV.pdf", received=True)),
        ("", "", None, action.Action(due_on=date(2026, 1, 1), status="dropped")),
    ]  # fmt: skip
    return [
        ActionLine(
            REF,
            samples.finess(0),
            "CH de Port-Aubry",
            str(place),
            kind,
            code,
            ref,
            "Bons de biologie introuvables",
            f"Placer 200 bons papier dans l’armoire {place}",
            "" if place else "Cadre supérieur de santé",
            "P1" if place else "",
            fact.due_on,
            action.judge(fact, samples.TODAY),
        )
        for place, (kind, code, ref, fact) in enumerate(facts)
    ]


def actions(*, wanted: str = "", empty: bool = False, may: bool = True) -> dict[str, Any]:
    """Actions in each of their states."""
    every = [] if empty else _lines()
    return {
        "progress": samples.progress(),
        "every": every,
        "shown": [line for line in every if wanted in ("", str(line.verdict.state))],
        "total": len(every),
        "labels": action.LABELS,
        "origins": ORIGINS,
        "filters": {"etat": wanted, "origine": "", "etablissement": ""},
        "establishments": [(samples.finess(0), "CH de Port-Aubry"), (samples.finess(1), "CH de Valbruyère")],
        "today": samples.TODAY,
        "can_import": may,
    }


def _incident(*, ended: str = "16:00", learnt: bool = False) -> IncidentLine:
    day = date(2026, 1, 20)
    fact = incident.Incident(
        times={
            Moment.STARTED: (day, "11:00"),
            Moment.DEGRADED: (None, ""),
            Moment.RECOVERY: (None, "14:00"),
            Moment.ENDED: (None, ended),
        },
        plans=("URG-01",) if ended else (),
        retex_file="RETEX.pdf" if ended else "",
        retex_received=learnt,
        actions=2 if learnt else 0,
        proposed="EX-2026-04" if learnt else "",
    )
    return IncidentLine(
        REF, samples.finess(0), "INC-2026-01", "Arrêt général de l’informatique et du téléphone", Cause.IT_AND_PHONE.label,
        ("CH de Port-Aubry",), (samples.finess(0),), day, incident.timeline(fact), incident.lasted(fact), bool(ended),
        True if ended else None,
        (
            UsedPlan("URG-01", "Urgences adultes", samples.finess(0), "Réussi" if learnt else "", REF if learnt else None),
            UsedPlan("SAMU-01", "", "", "", None),
        )
        if ended
        else (),
        "Douze consultations déplacées" if ended else "", "Former en continu" if ended else "", fact.retex_file, learnt,
        date(2026, 2, 10) if learnt else None, fact.proposed, REF if learnt else None, "EX-2026-04",
        tuple(_lines()[:2]) if learnt else (), incident.learnt(fact, samples.TODAY),
    )  # fmt: skip


def incidents(*, empty: bool = False, may: bool = True, wanted: str = "") -> dict[str, Any]:
    """Three incidents: one that lasts, one to learn from, one that was."""
    every = [] if empty else [_incident(ended=""), _incident(), _incident(learnt=True)]
    return {
        "progress": samples.progress(),
        "every": every,
        "shown": [line for line in every if wanted in ("", line.state)],
        "states": reports.STATES,
        "wanted": wanted,
        "today": samples.TODAY,
        "can_import": may,
    }


def one(*, ended: str = "16:00", learnt: bool = False, may: bool = True, unnamed: str = "") -> dict[str, Any]:
    """The page of one incident."""
    told = replace(_incident(ended=ended, learnt=learnt), unnamed=unnamed)
    return {"incident": told, "today": samples.TODAY, "can_import": may}


CASES: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "exercises": ("compliance/exercises.html", exercises),
    "exercises_narrowed": ("compliance/exercises.html", lambda: exercises(wanted="compte", may=False)),
    "exercises_past": ("compliance/exercises.html", lambda: exercises(past=True)),
    "exercises_nothing": ("compliance/exercises.html", lambda: exercises(wanted="annuel")),
    "exercises_empty": ("compliance/exercises.html", lambda: exercises(empty=True)),
    "actions": ("compliance/actions.html", actions),
    "actions_reader": ("compliance/actions.html", lambda: actions(may=False)),
    "actions_late": ("compliance/actions.html", lambda: actions(wanted="at_risk")),
    "actions_empty": ("compliance/actions.html", lambda: actions(empty=True)),
    "incidents": ("compliance/incidents.html", incidents),
    "incidents_open": ("compliance/incidents.html", lambda: incidents(wanted=reports.OPEN, may=False)),
    "incidents_empty": ("compliance/incidents.html", lambda: incidents(empty=True)),
    "incident": ("compliance/incident.html", one),
    "incident_open": ("compliance/incident.html", lambda: one(ended="")),
    "incident_learnt": ("compliance/incident.html", lambda: one(learnt=True)),
    "incident_proposed_unnamed": ("compliance/incident.html", lambda: one(unnamed="EX-2026-04")),
    "incident_reader": ("compliance/incident.html", lambda: one(may=False)),
}
