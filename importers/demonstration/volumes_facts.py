"""What each establishment of a data set of volumes holds: rows of the tables, each with the day on which it was known.

Facts became known little by little, from the beginning of the operational phase to `KNOWN_UNTIL`: what would have been
written later is left out, so a plan approved the day after is still « rédigé ». Chance is drawn from the FINESS number, so the
same plan gives the same facts, whatever is written beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar
from uuid import UUID, uuid5

from compliance.clock import PARIS
from compliance.programme.referential import Referential
from compliance.rules.perimeter import BiaState, PerimeterKind, PlanState
from compliance.services import register
from importers.demonstration.names import PEOPLE
from importers.demonstration.volumes_places import Holder, Place, Plan, apportion
from importers.facts import Values
from importers.registry import WORKBOOKS
from importers.sheet_check import digest_of
from importers.tally import key_digest

PHASE_START, KNOWN_UNTIL = date(2025, 7, 16), date(2026, 11, 16)
FIRST_APPLICATION = date(2025, 9, 2)  # to 2025-10-31, both included: 60 days
HOUR, DAY = 60, 24 * 60  # minutes
YEAR = 365

Row = dict[str, Any]
Fact = tuple[str, Row]  # name of the table, values
T = TypeVar("T")

_SPACE = UUID("6f1d5d0e-6b3c-5f0a-9d57-7669676965ff")
_SHEETS = {
    register.table_of(sheet.record): sheet for book in WORKBOOKS for sheet in book.sheets if sheet.record is not None
}
_ATTENDANCE = _SHEETS["attendance"]

# Code, name, kind, technical kind, function of who answers for it: the three minimal kinds and a support function.
PERIMETERS = (
    ("URG-01", "Urgences", PerimeterKind.CARE, None, "Cadre supérieur de santé"),
    ("MED-01", "Médecine polyvalente", PerimeterKind.CARE, None, "Cadre de santé"),
    ("PAIE-01", "Paie", PerimeterKind.ADMINISTRATIVE, None, "Responsable de la paie"),
    ("PUI-01", "Pharmacie", PerimeterKind.TECHNICAL, "pharmacy", "Pharmacien gérant"),
    ("BIO-01", "Laboratoire de biologie", PerimeterKind.TECHNICAL, "biology", "Biologiste responsable"),
    ("REST-01", "Restauration", PerimeterKind.SUPPORT, None, "Responsable logistique"),
)
SHARED = "PAIE-01"
# Application, component, hosting, minutes between two copies, perimeter served.
SYSTEMS = (
    ("DPI", "Dossier patient informatisé", "database", "ght", 15, "URG-01"),
    ("PHA", "Logiciel de la pharmacie", "server", "internal", HOUR, "PUI-01"),
    ("SIRH", "Logiciel de paie", "saas", "saas", DAY, "PAIE-01"),
    ("FIC", "Fichiers partagés", "file_server", "internal", DAY, "REST-01"),
)
ENTRIES = (
    ("D2.P1", "pssi", "PSSI"), ("D2.P2", "organisation_note", "Note d’organisation du PCRA"),
    ("D2.O1.A", "governance_scheme", "Schéma de gouvernance"), ("D2.O1.B", "plan_blanc", "Volet numérique du plan blanc"),
    ("D2.O1.B", "alert_procedure", "Procédure d’alerte cyber"),
    ("D2.O1.C", "critical_activities", "Liste des activités critiques"), ("D2.O1.D", "retex", "RETEX de l’exercice"),
    ("D2.O2.A", "backup_policy", "Politique de sauvegarde"), ("D2.O2.B", "backup_plan", "Plans de sauvegarde"),
    ("D2.O3.B", "architecture", "Architecture des sauvegardes"), ("D2.O3.C", "trajectory", "Trajectoire 3-2-1"),
    ("D2.O4", "test_book", "Cahier de tests de restauration"),
)  # fmt: skip
MILESTONES = (
    ("D2.P1", "PSSI signée", 150), ("D2.O1.A", "Gouvernance présentée en instance", 200),
    ("D2.O1.B", "Plan blanc numérique adopté", 330), ("D2.O1.C", "Plans des périmètres a minima approuvés", 480),
    ("D2.O1.D", "Un PCA essayé sur le terrain", 470), ("D2.O3.B", "Réseau de sauvegarde séparé", 715),
    ("D2.O3.C", "Copie hors ligne en service", 620), ("D2.O4", "Un test de restauration réussi", 440),
)  # fmt: skip
FIRST_NAMES = tuple(first for _, first, *_ in PEOPLE)
SURNAMES = tuple(last for last, *_ in PEOPLE)
JOBS = tuple((function, service, profile) for *_, function, service, profile in PEOPLE)
PROFILES = (("management", 2), ("medical", 14), ("nursing", 52), ("administrative", 16), ("technical", 13), ("it", 3))


def identifier(*parts: str) -> UUID:
    """Return the identifier of what rows refer to: the same each time, so that a seed cut short is taken up."""
    return uuid5(_SPACE, "/".join(parts))


class Dice:
    """Chance, the same for the same words. `random()` alone is drawn: the rest of the module may change with Python."""

    def __init__(self, *words: str) -> None:
        self._random = Random("/".join(words))  # noqa: S311  # invented facts, no secret

    def below(self, bound: int) -> int:
        """Return a number from 0 to below the bound."""
        return int(self._random.random() * bound)

    def chance(self, percent: int) -> bool:
        """Say yes so many times out of a hundred."""
        return self.below(100) < percent

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[self.below(len(choices))]


def days(count: int) -> timedelta:
    """Return a number of days."""
    return timedelta(days=count)


def moment(day: date) -> str:
    """Return the instant at which what is told of a day was recorded."""
    return datetime.combine(day, time(10), PARIS).isoformat()


def advance(holder: Holder, place: Place) -> int:
    """Return how far an establishment is, from 0 to 99: the members of a GHT go at paces that are alike."""
    whole = Dice("advance", holder.code).below(100)
    return (2 * whole + Dice("advance", place.finess).below(100) + (30 if place.rank == 0 else 0)) * 99 // 329


def shares(holder: Holder) -> bool:
    """Say whether the support of a GHT lends a plan to some of its members."""
    return holder.ght and holder.rank % 2 == 0 and len(holder.places) > 3


def covered(holder: Holder) -> list[Place]:
    """Return the members that use the shared plan of their support, and have none of their own."""
    return [place for place in holder.places if place.rank % 3 == 0 and place.rank] if shares(holder) else []


# ------------------------------------------------------------------------------------------------------ the candidate


def application(holder: Holder) -> tuple[date, Row]:
    """Return the day on which a candidate applied, in the window of 2025, and its application (eCaRE number, ceiling)."""
    dice = Dice("application", holder.code)
    day = FIRST_APPLICATION + days(dice.below(60))
    return day, {
        "applied_on": day,
        "frozen_on": day,
        "ecare_number": f"FICTIF-{holder.code}",
        "ceiling_cents": 2_000_000 * (5 + sum(place.weight for place in holder.places) // 4),
        "recorded_at": moment(day),
    }


def parties(holder: Holder) -> list[Row]:
    """Return the parties as they were frozen: AC, its year and source; one in 50 has no AC yet, one in 40 is out of scope."""
    day, _ = application(holder)
    rows: list[Row] = []
    for place, key, name, site in holder.parties:
        dice = Dice("party", key)
        weight = place.weight * (1 if not site else 4 - min(3, len(rows)))
        out = len(rows) > 2 and dice.below(40) == 0
        ac = (
            None if out or dice.below(50) == 0 else Decimal(850 * weight + dice.below(400)) + Decimal(dice.below(4)) / 4
        )
        rows.append(
            {
                "establishment_id": identifier(place.finess),
                "owner_establishment_id": identifier(holder.support.finess),
                "owner_id": identifier("candidate", holder.code),
                "party_key": key,
                "name": name,
                "site_id": identifier("site", key) if site else None,
                "in_scope": not out,
                "out_reason": "Activité médico-sociale seulement" if out else "",
                "ac": ac,
                "ac_year": 2024 if ac is not None else None,
                "source": "SAE 2024 (fictive)" if ac is not None else "",
                "confidence": "saisie" if ac is not None else "",
                "recorded_at": moment(day - days(dice.below(20))),
            }
        )
    return rows


def coverages(holder: Holder) -> list[Row]:
    """Return who is covered by the shared plan of the support, and why."""
    owner = holder.support.finess
    _, name, kind, *_ = next(each for each in PERIMETERS if each[0] == SHARED)
    return [
        {
            "establishment_id": identifier(place.finess),
            "owner_establishment_id": identifier(owner),
            "owner_id": identifier("perimeter", owner, SHARED),
            "perimeter_code": SHARED,
            "perimeter_name": name,
            "kind": str(kind),
            "justification": "Même logiciel de paie, mêmes modes dégradés, une seule équipe de paie au GHT",
            "recorded_at": moment(date(2026, 2, 2) + days(Dice("covered", place.finess).below(120))),
        }
        for place in covered(holder)
    ]


# -------------------------------------------------------------------------------------------------- an establishment


def facts(plan: Plan, holder: Holder, place: Place, referential: Referential) -> Iterator[Fact]:
    """Yield the rows of an establishment but for its pieces, what refers after what it refers to."""
    for table, row in (
        *_perimeters(holder, place),
        *_exercises(holder, place),
        *_backups(holder, place),
        *(_evidence_register(holder, place) if place.rank == 0 else ()),
        *_targets(place),
        *_sessions(place),
    ):
        if row["recorded_at"] <= moment(KNOWN_UNTIL):
            yield table, row
    yield from _attendance(place)
    yield from _pieces(plan, holder, place, referential)


def _perimeters(holder: Holder, place: Place) -> Iterator[Fact]:
    # Outside a GHT a perimeter is a site's, where there are several: its code tells the site too.
    several = not holder.ght and len(place.sites) > 1
    for rank, (number, _) in enumerate(place.sites if several else place.sites[:1]):
        for code, *described in PERIMETERS:
            if code == SHARED and place in covered(holder):
                continue
            own = f"{code}-{rank + 1}" if several else code
            site = identifier("site", number) if several else None
            yield from _perimeter(holder, place, own, site, described)


def _perimeter(holder: Holder, place: Place, code: str, site: UUID | None, described: Sequence[Any]) -> Iterator[Fact]:
    name, kind, technical, function = described
    dice = Dice("perimeter", place.finess, code)
    owner = identifier("perimeter", place.finess, code)
    begun = PHASE_START + days(dice.below(100))
    lent = shares(holder) and place.rank == 0 and code == SHARED
    reached = 100 if lent else advance(holder, place) + dice.below(50) - 18
    absent = technical == "biology" and place.weight < 6
    bia: Row = {
        "perimeter_id": owner, "site_id": site, "name": name, "kind": str(kind), "technical_kind": technical,
        "present": not absent, "absence_reason": "Analyses confiées au laboratoire voisin" if absent else "",
        "department": "", "referent_function": function, "bia": str(BiaState.NOT_DONE), "bia_on": None,
        "bia_reason": "Cadre en cours de recrutement",
    }  # fmt: skip
    plans: Row = {
        "perimeter_id": owner, "pca": str(PlanState.ABSENT), "pca_on": None, "pra": str(PlanState.ABSENT), "pra_on": None,
        "approver": "", "version": "", "shared_system": "Logiciel de paie du GHT" if lent else "",
        "degraded_modes_identical": True if lent else None, "paper_copy": None, "paper_place": "", "printed_on": None,
        "last_test_on": None, "next_test_on": None, "evidence_file": "",
    }  # fmt: skip
    if absent:
        bia |= {"bia": str(BiaState.NOT_APPLICABLE), "bia_reason": "Sans objet ici"}
    yield "perimeter", {"id": owner, "code": code, "recorded_at": moment(begun)}
    yield "perimeter_version", {**bia, "recorded_at": moment(begun)}
    yield "pcra_version", {**plans, "recorded_at": moment(begun)}
    if absent or reached < 12:
        return
    started = {"bia": str(BiaState.IN_PROGRESS), "bia_reason": "Entretiens en cours"}
    yield "perimeter_version", {**bia, **started, "recorded_at": moment(begun + days(25))}
    if reached < 25:
        return
    bia_on = begun + days(30 + dice.below(200))
    done = {"bia": str(BiaState.DONE), "bia_on": bia_on, "bia_reason": ""}
    yield "perimeter_version", {**bia, **done, "recorded_at": moment(bia_on + days(1 + dice.below(6)))}
    yield from _activities(place, code, function, bia_on, dice)
    yield from _steps(plans, bia_on, dice, approved=reached >= 45)


def _steps(plans: Row, bia_on: date, dice: Dice, *, approved: bool) -> Iterator[Fact]:
    """Yield the plans of a perimeter as they advance, from written to tried."""

    def version(day: date, **changes: object) -> Fact:
        plans.update(changes)
        return "pcra_version", {**plans, "recorded_at": moment(day + days(1 + dice.below(6)))}

    written = bia_on + days(20 + dice.below(60))
    yield version(written, pca=str(PlanState.WRITTEN), pra=str(PlanState.IN_PROGRESS), version="v0.9")
    if not approved:
        return
    pca_on = written + days(15 + dice.below(70))
    yield version(
        pca_on, pca=str(PlanState.APPROVED), pca_on=pca_on, pra=str(PlanState.WRITTEN), version="v1.0",
        approver=f"CODIR du {pca_on:%d/%m/%Y}", next_test_on=date(2026, 12, 1) + days(dice.below(200)),
    )  # fmt: skip
    pra_on = pca_on + days(7 + dice.below(45))
    yield version(
        pra_on, pra=str(PlanState.APPROVED), pra_on=pra_on, version="v1.1", paper_copy=True,
        paper_place="PC sécurité, bureau du cadre", printed_on=pra_on + days(1),
    )  # fmt: skip
    if dice.chance(45):
        tested = pra_on + days(14 + dice.below(60))
        yield version(tested, last_test_on=tested)


def _activities(place: Place, code: str, function: str, bia_on: date, dice: Dice) -> Iterator[Fact]:
    for number in ("1", "2"):
        staff = Decimal(2 + place.weight // 4 + dice.below(3))
        yield _entry(
            "activity", bia_on + days(7), perimeter_code=code, number=number, name=f"Activité {number} du périmètre {code}",
            process="Prise en charge", criticality=number, impact_4h=2, impact_24h=3, impact_72h=4, impact_1w=4,
            impact_kinds=["patient"], dima_minutes=(2 + dice.below(10)) * HOUR, pdma_minutes=HOUR, nominal_staff=staff,
            minimal_staff=staff // 2, degraded_mode=dice.pick(("yes", "partial", "no")), degraded_hold_minutes=2 * DAY,
            paper_forms=["Fiche papier"],
        )  # fmt: skip
    yield _entry(
        "dependency", bia_on + days(7), perimeter_code=code, activity_number="1", kind="application",
        label="Dossier patient informatisé", hosting="ght", supplier="Éditeur Grand-Mât (fictif)",
        continuity_clause=dice.pick(("yes", "no", "nc")), tolerated_minutes=2 * HOUR,
        workaround=f"Registre papier tenu par : {function}", system_code=f"DPI-{place.rank + 1:02d}",
    )  # fmt: skip


def _exercises(holder: Holder, place: Place) -> Iterator[Fact]:
    """Yield the exercises of 2026; the establishments that go fastest began in 2025, the others plan one for 2027."""
    dice = Dice("exercises", place.finess)
    dates = [date(2026, 1, 5) + days(dice.below(YEAR - 10)) for _ in range(place.exercises)]
    dates.append(
        date(2025, 9, 1) + days(dice.below(115))
        if advance(holder, place) > 60
        else date(2027, 1, 11) + days(dice.below(150))
    )
    for rank, planned in enumerate(sorted(dates)):
        code = f"EX-{planned.year}-{place.rank + 1:02d}{rank + 1:02d}"
        values: Row = {
            "code": code, "finess_list": [place.finess], "nature": dice.pick(("field_test", "field_test", "crisis_cell", "combined")),
            "kit_level": dice.pick(("none", "beginner", "intermediate")), "perimeters": [dice.pick(PERIMETERS[:3])[0]],
            "scenario": dice.pick(("ransomware", "it_outage", "phone_outage", "staff_absence")), "planned_on": planned,
            "starts_at": "09:00", "ends_at": "12:00", "facilitator": dice.pick(("internal", "ght", "grades")),
            "label": "Continuer sans informatique",
        }  # fmt: skip
        told = min(planned - days(45 + dice.below(40)), KNOWN_UNTIL - days(dice.below(60)))
        yield _entry("exercise", told, **values, status="planned")
        if dice.chance(8):
            late = {"status_reason": "Équipe indisponible ce jour-là", "postponed_to": planned + days(60)}
            yield _entry("exercise", planned, **values, status="postponed", **late)
            continue
        yield _entry("exercise", planned + days(2), **values, status="done")
        yield from _lessons(place, code, planned, dice)


def _lessons(place: Place, code: str, held: date, dice: Dice) -> Iterator[Fact]:
    result: Row = {
        "exercise_code": code, "held_on": held, "duration_minutes": 3 * HOUR, "participants": 6 + place.weight // 2 + dice.below(10),
        "management_present": dice.chance(70), "departments_present": True, "dmcc_present": dice.chance(50),
        "cell_activated": dice.pick(("yes", "not_applicable")), "log_kept": True, "paper_directory_used": dice.chance(60),
        "degraded_modes": dice.pick(("yes", "yes", "partial")), "care_assessed": dice.chance(80), "rating": 2 + dice.below(3),
        "scenario_file": f"Scénario {code}.pdf",
    }  # fmt: skip
    yield _entry("exercise_result", held + days(2), **result)
    if dice.chance(75):
        retex = held + days(10 + dice.below(15))
        yield _entry("exercise_result", retex, **result, retex_on=retex, retex_file=f"RETEX {code}.pdf")
    for number in range(1, 2 + dice.below(3)):
        due = held + days(60 + dice.below(60))
        action: Row = {
            "exercise_code": code, "number": str(number), "finding": "Formulaires papier introuvables",
            "action": "Placer les formulaires dans l’armoire du service", "kind": dice.pick(("paper", "pca", "technical")),
            "priority": dice.pick(("p1", "p2", "p3")), "owner_function": "Cadre de santé", "due_on": due,
        }  # fmt: skip
        yield _entry("exercise_action", held + days(12), **action, status="to_do")
        if dice.chance(60):
            yield _entry("exercise_action", due - days(5), **action, status="done", closed_on=due - days(6))


def _backups(holder: Holder, place: Place) -> Iterator[Fact]:
    dice, reached = Dice("backups", place.finess), advance(holder, place)
    for code, name, component, hosting, minutes, served in SYSTEMS:
        updated = PHASE_START + days(40 + dice.below(400))
        values: Row = {
            "code": f"{code}-{place.rank + 1:02d}", "application": name, "finess_list": [place.finess],
            "activities": [f"{served} / 1"], "component": component, "hosting": hosting, "frequency_minutes": minutes,
            "retention_days": 30, "copies": 2 + dice.below(2), "media": 1 + dice.below(2), "offsite": dice.chance(70),
            "offline": dice.chance(reached // 2 + 25), "supervised": dice.chance(80), "pdma_minutes": HOUR,
            "saas_clause": dice.pick(("yes", "no")) if hosting == "saas" else "not_applicable", "rto_minutes": 8 * HOUR,
        }  # fmt: skip
        yield _entry("critical_system", updated - days(30), **values, plan="in_progress")
        if dice.chance(reached):
            yield _entry("critical_system", updated, **values, plan="yes", plan_updated_on=updated)
    yield _entry(
        "backup_platform", PHASE_START + days(30 + dice.below(300)),
        product=dice.pick(("Amarre Sauvegarde (fictif)", "Ponton Copie (fictif)")), version=f"{7 + dice.below(6)}.{dice.below(5)}", authentication=dice.pick(("dedicated_ad", "local_accounts", "production_ad")),
        two_factor=dice.pick(("on", "on", "off")), red_button=dice.pick(("procedure", "technical", "no")),
        partition_target="Réseau de sauvegarde séparé", partition_on=date(2027, 1, 31) + days(30 * dice.below(12)),
    )  # fmt: skip
    for rank in range(1 + dice.below(2) if dice.chance(reached + 20) else 0):
        tested = date(2025, 9, 15) + days(dice.below(440))
        yield _entry(
            "restore_test", tested + days(3), code=f"REST-{place.rank + 1:02d}{rank + 1:02d}", system_code=f"DPI-{place.rank + 1:02d}",
            tested_on=tested, kind="technical", back_in_production=dice.chance(60), scope=["SRV-DPI-01"],
            volume_go=Decimal(100 + dice.below(900)), duration_minutes=2 * HOUR + dice.below(300), rto_minutes=8 * HOUR,
            rpo_minutes=HOUR, result=dice.pick(("success", "success", "partial", "failure")),
            referent_function="Cadre supérieur de santé", anomalies="Étiqueteuses à reconfigurer après la reprise",
            test_book_file=f"Cahier de tests {place.rank + 1:02d}{rank + 1:02d}.pdf",
        )  # fmt: skip


def _evidence_register(holder: Holder, place: Place) -> Iterator[Fact]:
    """Yield the proofs that the whole candidate follows, and its milestones: begun, half done, reached or late."""
    dice, reached = Dice("register", holder.code), advance(holder, place)
    codes = [each.finess for each in holder.places]
    for rank, (objective, kind, title) in enumerate(ENTRIES, start=1):
        values: Row = {
            "code": f"PR-{rank:02d}", "objectives": [objective], "holder": holder.code, "document_type": kind, "title": title,
            "covered": codes, "nominative": False, "diffusion": dice.pick(("internal", "ght", "ars")),
        }  # fmt: skip
        begun = PHASE_START + days(30 + dice.below(200))
        yield _entry("evidence_entry", begun, **values, status="missing")
        if dice.chance(reached + 30):
            yield _entry("evidence_entry", begun + days(40), **values, status="drafting", version="v0.5")
        if dice.chance(reached):
            day = begun + days(60 + dice.below(180))
            told: Row = {"version": "v1", "document_on": day, "validated_on": day + days(10), "approver": "CODIR"}
            yield _entry("evidence_entry", day + days(12), **values, **told, status="validated", file=f"{title}.pdf")
    for rank, (objective, title, span) in enumerate(MILESTONES, start=1):
        due = PHASE_START + days(span)
        step: Row = {
            "code": f"J-{rank:02d}", "title": title, "objectives": [objective], "holder": holder.code, "due_on": due,
            "pilot_function": "RPCRA", "evidence": [],
        }  # fmt: skip
        yield _entry("milestone", PHASE_START + days(60), **step, status="upcoming", progress=Decimal(0))
        half = PHASE_START + days(span // 2 + dice.below(60))
        yield _entry("milestone", half, **step, status="in_progress", progress=Decimal(25 + 5 * dice.below(9)))
        if dice.chance(reached + 10):
            on = due + days(dice.below(50) - 35)
            yield _entry("milestone", on + days(2), **step, status="reached", progress=Decimal(100), reached_on=on)
        else:
            yield _entry("milestone", due + days(3), **step, status="late", progress=Decimal(70))


# ------------------------------------------------------------------------------------------------------------ people


def _targets(place: Place) -> Iterator[Fact]:
    for (profile, _), headcount in zip(PROFILES, apportion(place.staff, [part for _, part in PROFILES]), strict=True):
        yield _entry(
            "training_target", date(2026, 1, 15), profile=profile, headcount=headcount, source="Bilan social 2025 (fictif)",
            set_on=date(2026, 1, 15),
        )  # fmt: skip


def _held(place: Place, rank: int) -> date:
    """Return the day of a session: they are spread over the phase, and all of them took place."""
    return PHASE_START + days(5 + rank * 465 // max(place.sessions, 1))


def _session(place: Place, rank: int) -> str:
    return f"FOR-{place.rank + 1:02d}-{rank + 1:04d}"


def _sessions(place: Place) -> Iterator[Fact]:
    kinds = ("awareness", "awareness", "awareness", "crisis_cell", "pcra_referent")
    for rank in range(place.sessions):
        day, code = _held(place, rank), _session(place, rank)
        yield _entry(
            "training_session", day - days(20), code=code, title=f"Continuer sans informatique, groupe {rank + 1}",
            kind=kinds[rank % len(kinds)], organiser="internal", starts_on=day, ends_on=day, half_days=2, hours=Decimal(7),
            modality="on_site", place="Salle de formation", trainer="Équipe informatique", signed_sheet=f"Feuille {code}.pdf",
        )  # fmt: skip


def _attendance(place: Place) -> Iterator[Fact]:
    """Yield a row for each person, at one session each. Nothing is drawn: it is by far the longest list."""
    sessions = max(place.sessions, 1)
    for rank in range(place.staff):
        session = rank * sessions // place.staff
        day = _held(place, session)
        function, service, profile = JOBS[rank % len(JOBS)]
        state = "absent" if rank % 17 == 0 else "excused" if rank % 23 == 0 else "present"
        signed = state == "present"
        values: Row = {
            "session_code": _session(place, session), "finess_ej": place.finess, "last_name": surname(rank),
            "first_name": FIRST_NAMES[rank // 7 % len(FIRST_NAMES)], "function": function, "service": service,
            "profile": profile, "half_day_1": state, "half_day_2": state, "signed": signed, "certified": signed,
            "certified_on": day + days(2) if signed else None, "on_call": rank % 5 == 0,
        }  # fmt: skip
        key = _ATTENDANCE.key(values)
        digests = {
            "key_digest": f"\\x{key_digest(place.finess, key).hex()}",
            "digest": f"\\x{digest_of(values, _ATTENDANCE.fields).hex()}",
        }
        del values["finess_ej"]
        yield "attendance", {**values, **digests, "key": key, "recorded_at": moment(day + days(3))}


def surname(rank: int) -> str:
    """Return the invented surname of somebody, each its own in an establishment: two or three words of the sea."""
    words = [SURNAMES[rank % len(SURNAMES)]]
    while rank >= len(SURNAMES):
        rank = rank // len(SURNAMES) - 1
        words.append(SURNAMES[rank % len(SURNAMES)])
    return "-".join(words)


# ------------------------------------------------------------------------------------------------------------ pieces


def _pieces(plan: Plan, holder: Holder, place: Place, referential: Referential) -> Iterator[Fact]:
    """Yield the pieces of a candidate that this establishment keeps: those of the whole, or some of the members' own.

    Bytes are `content(place, round)`: a file answers several pieces, never twice the same one, so that files stay few.
    """
    asked = [
        (row.code, piece.key, piece.label)
        for row in referential.rows
        for piece in row.pieces
        if holder.ght or not piece.only_ght
    ]
    kept = asked[: max(3, len(asked) * (advance(holder, holder.support) + 40) // 140)]
    places = len(holder.places)
    for rank in range(plan.pieces):
        turn, nth = divmod(rank, len(kept))
        if (turn + nth * min(turn, 1)) % places != place.rank:
            continue
        code, key, label = kept[nth]
        approved = date(2025, 3, 1) + days(Dice("piece", holder.code, str(rank)).below(600))
        received = max(approved, PHASE_START) + days(4)
        pdf = rank % 10 != 9
        yield "evidence", {
            "row_code": code, "document_type": key, "filename": f"{label}, {place.name}, v{turn + 1}.{'pdf' if pdf else 'txt'}",
            "media_type": "application/pdf" if pdf else "application/octet-stream", "round": turn, "approved_on": approved,
            "effective_on": approved, "expires_on": None, "received_at": moment(received),
        }  # fmt: skip


def content(place: Place, turn: int, *, pdf: bool) -> bytes:
    """Return the bytes of a piece: a page without anything on it, or a line of text."""
    title = f"Pièce fictive {turn + 1}, {place.finess}"
    if not pdf:
        return f"{title}\n".encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
    ]
    body, places = b"%PDF-1.4\n%" + title.encode() + b"\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place_ for place_ in places)
    trailer = b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + b"xref\n0 4\n0000000000 65535 f \n" + table + trailer


def _entry(table: str, day: date, **values: object) -> Fact:
    """Name a version of a register: its key is the one that an import of the same row would have."""
    return table, {**values, "key": _SHEETS[table].key(_texts(values)), "recorded_at": moment(day)}


def _texts(values: Mapping[str, object]) -> Values:
    return dict(values)
