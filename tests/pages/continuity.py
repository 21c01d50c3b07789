"""Sample PCRA and backups of each page, judged by the real rules."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from compliance.reports import backups, plans
from compliance.rules import backup, dependency, plan, recovery, support
from compliance.rules.perimeter import PlanState
from compliance.rules.recovery import Restoration, Restored, Target
from compliance.rules.verdict import Reason
from compliance.services.perimeter import Coverage
from compliance.services.register import Row
from tests.pages import samples

DAY = 24 * 60
REF = UUID(int=9)
WORDS = {
    "criticality": dependency.CRITICALITIES,
    "degraded_mode": dependency.DEGRADED_MODES,
    "state": plans.STATES,
}


def _line(place: int, *, empty: bool = False) -> plans.PlanLine:
    """The PCRA of the emergency ward: complete but contradicted by an exercise, or of which nothing is typed."""
    progress = samples.progress()
    record = next(p for p in progress.perimeters if p.finess == samples.finess(place) and p.code == "URG-01")
    judged = plan.Plan(
        party=record.finess, code=record.code, name=record.name, recorded=not empty,
        pca=PlanState.APPROVED, pca_on=samples.date(2026, 6, 2), pra=PlanState.APPROVED, pra_on=samples.date(2026, 6, 2),
    )  # fmt: skip
    if not empty:
        judged = replace(
            judged, owner="Cadre supérieur de santé", losses=(plan.Loss.SYSTEM, plan.Loss.STAFF),
            degraded_after=30, interruption=240, capacity=Decimal(70), hold=21 * DAY, relief="Deux équipes en 12 h",
            reviewed_on=samples.date(2026, 6, 2), next_review_on=samples.date(2026, 10, 1), links=("PB-01", "PSE-09"),
            paper_copy=True, paper_place="PC sécurité", printed_on=samples.date(2026, 5, 2),
        )  # fmt: skip
    linked = [
        plan.LinkedPlan(
            party=record.finess,
            code="PB-01",
            kind=plan.LinkedKind.PLAN_BLANC,
            approved_on=samples.date(2026, 1, 12),
            ref=str(REF),
        )
    ]
    seen = plan.Observed(
        exercise="EX-2026-03", on=samples.date(2026, 9, 18), ref=str(REF), degraded_after=50, interruption=240,
        capacity=Decimal(55), dependencies=("Imprimante des étiquettes",),
    )  # fmt: skip
    observed = [] if empty else [seen, replace(seen, on=None, degraded_after=None, interruption=None, capacity=None)]
    return plans.PlanLine(
        record,
        judged,
        plan.content(judged, linked, observed, samples.TODAY),
        tuple(plan.links(judged, linked, samples.TODAY)) if not empty else (),
        tuple(
            plans.Result(each, tuple(plan.gaps(judged, each)), plan.asks_revision(judged, each, samples.TODAY))
            for each in observed
        ),
        (samples.finess(1),) if not empty else (),
        None if empty else REF,
    )


def _group(place: int, name: str, *, empty: bool = False) -> plans.Group:
    line, party = _line(place, empty=empty), samples.finess(place)
    answers = {
        support.SupportFunction.PAYROLL: support.SupportAnswer(
            function=support.SupportFunction.PAYROLL, can_run_again=True, run_by="Responsable de la paie",
            channel="Fichier du mois précédent porté à la Trésorerie", hold=30 * DAY,
        )
    }  # fmt: skip
    reason = Reason(
        "DIMA_LESS_THAN_RTO", "URG-01 / 1 Tri : DIMA de 2 h, Dossier patient (DPI-01) revient en 8 h", "URG-01"
    )
    activity = dependency.Activity(party=party, perimeter="URG-01", number="1", name="Tri", criticality="1")
    held = dependency.Held("URG-01", "PCRA URG-01 Urgences adultes", line.plan.hold)
    covered = Coverage(
        party, REF, samples.finess(0), "MED-01", "Médecine", line.record.kind, "Modes dégradés identiques"
    )
    return plans.Group(
        party,
        name,
        (line,),
        (covered,) if empty else (),
        tuple(
            plans.SupportLine(
                each, None if empty else answers.get(each), "PAIE" if each in answers and not empty else "",
                support.answered(each, None if empty else answers.get(each), samples.TODAY),
                REF if each in answers and not empty else None,
            )
            for each in support.SupportFunction
        ),
        () if empty else (dependency.Conflict(party, "URG-01", reason, "Rapprocher le RTO de DPI-01", "n", "s"),),
        () if empty else (plans.Found("URG-01", "Urgences adultes", "EX-2026-03", ("Imprimante des étiquettes",)),),
        dependency.weakest([activity], [held]),
    )  # fmt: skip


def listed(*, several: bool = True, nothing: bool = False, times: int = 1, **asked: str) -> dict[str, Any]:
    """The page « PCRA et BIA »; `times` as many perimeters in each establishment."""
    groups = [_group(0, "CH de Port-Aubry"), _group(1, "CH de Valbruyère", empty=True)][: 2 if several else 1]
    groups = [replace(group, lines=group.lines * times) for group in groups]
    if nothing:
        groups = [replace(group, lines=()) for group in groups]
    lines = [line for group in groups for line in group.lines]
    return {
        "groups": groups,
        "lines": lines,
        "total": 2,
        "tally": [(key, word, sum(line.in_state(key) for line in lines)) for key, word in plans.STATES.items()],
        "existing": len(lines),
        "weakest": plans.weakest_of([group for group in groups if group.lines]),
        "asked": plans.Asked(**asked),
        "establishments": [(group.finess, group.name) for group in groups],
        "lacks": plan.LACKS,
        "states": plans.STATES,
        "today": samples.TODAY,
        "can_import": True,
    }


def perimeter(place: int) -> dict[str, Any]:
    """What the page of one perimeter adds: its plan, its activities, what its BIA lacks."""
    row = {
        "name": "Accueil et tri", "number": "1", "criticality": "1", "impact_4h": 2, "impact_24h": 3, "impact_72h": 4,
        "impact_1w": None, "dima_minutes": 240, "pdma_minutes": 0, "nominal_staff": Decimal(9), "minimal_staff": None,
        "degraded_mode": "partial", "degraded_hold_minutes": 5 * DAY,
    }  # fmt: skip
    return {
        "line": _line(place, empty=bool(place)),
        "activities": [] if place else [Row(REF, samples.finess(0), row, REF, samples.NOW)],
        "found": _group(place, "", empty=bool(place)).found,
        "words": WORDS,
    }


def saved(*, nothing: bool = False, filtered: bool = False) -> dict[str, Any]:
    """The page « Sauvegardes »."""
    systems = [] if nothing or filtered else [_system("DPI-01", restored=True), _system("PAY-01", restored=False)]
    party = samples.finess(0)
    platform = backup.Platform(
        name="SauveData", parties=frozenset({party}), authentication="dedicated_ad", two_factor="off"
    )
    told = backups.PlatformLine(
        REF, party, {"product": "SauveData", "version": "12.1"}, backup.independent(platform),
        backup.second_factor(platform), backup.isolation([platform]), recovery.partition(None, "", samples.TODAY),
    )  # fmt: skip
    tests = [line.last for line in systems if line.last]
    return {
        "systems": systems,
        "total": 0 if nothing else 2,
        "tally": [(each, sum(line.restored is each for line in systems)) for each in Restored],
        "copied": sum(line.system.three_two_one for line in systems),
        "rare": sum(line.spacing is not None and line.spacing.worse for line in systems),
        "platforms": [] if nothing else [told],
        "tests": tests,
        "tested": 0 if nothing else 142,
        "asked": backups.Asked(copies="yes" if filtered else ""),
        "establishments": [(party, "CH de Port-Aubry"), (samples.finess(1), "CH de Valbruyère")],
        "supervised": [(key, word, 1) for key, word in backups.SUPERVISED.items()],
        "today": samples.TODAY,
        "can_import": True,
    }


def _system(code: str, *, restored: bool) -> backups.SystemLine:
    party = samples.finess(0)
    parties = frozenset({party, samples.finess(1)})
    system = backup.System(
        code=code, application="Dossier patient", parties=parties, copies=3 if restored else 2, media=2, offsite=True
    )
    asked, loss = (
        Target(240, "DIMA de URG-01 / 1 Tri"),
        Target(60 if restored else None, "PDMA cible" if restored else ""),
    )
    test = Restoration(code="REST-1", on=samples.date(2026, 10, 6), result="partial", lasted=155, rto=360)
    values = {
        "system_code": code, "kind": "technical", "back_in_production": True, "referent_function": "Cadre de santé",
    }  # fmt: skip
    last = backups.RestorationLine(
        REF, party, values, test, recovery.delay_of(test, asked), recovery.loss_of(test, loss)
    )
    return backups.SystemLine(
        REF,
        party,
        {
            "code": code, "application": "Dossier patient", "component": "database", "hosting": "internal", "plan": "yes",
            "supervised": True if restored else None,
        },
        system,
        recovery.copies(system),
        asked,
        loss,
        recovery.spacing(1440, loss),
        Restored.LATE if restored else Restored.NEVER,
        last if restored else None,
        2 if restored else 0,
        ("Cadre de santé",) if restored else (),
    )  # fmt: skip
