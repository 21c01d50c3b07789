"""The registers of an establishment in a data set of volumes: exercises, backups, proofs and milestones, training."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from importers.comparison import digest_of, key_digest
from importers.demonstration import volumes_continuity as continuity
from importers.demonstration.names import PEOPLE
from importers.demonstration.volumes_chance import (
    DAY,
    HOUR,
    KNOWN_UNTIL,
    PHASE_START,
    SHEETS,
    Dice,
    Fact,
    Row,
    advance,
    days,
    entry,
    moment,
    several_sites,
)
from importers.demonstration.volumes_places import Holder, Place, apportion

YEAR = 365
ATTENDANCE = SHEETS["attendance"]
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


def exercises(holder: Holder, place: Place) -> Iterator[Fact]:
    """Yield the exercises of 2026; the establishments that go fastest began in 2025, the others plan one for 2027."""
    dice, suffix = Dice("exercises", place.finess), "-1" if several_sites(holder, place) else ""
    dates = [date(2026, 1, 5) + days(dice.below(YEAR - 10)) for _ in range(place.exercises)]
    dates.append(
        date(2025, 9, 1) + days(dice.below(115))
        if advance(holder, place) > 60
        else date(2027, 1, 11) + days(dice.below(150))
    )
    for rank, planned in enumerate(sorted(dates)):
        code = f"EX-{planned.year}-{place.rank + 1:02d}{rank + 1:02d}"
        values: Row = {
            "code": code, "finess_list": [place.finess],
            "nature": dice.pick(("field_test", "field_test", "crisis_cell", "combined")),
            "kit_level": dice.pick(("none", "beginner", "intermediate")),
            "perimeters": [dice.pick(("URG-01", "MED-01", "PUI-01")) + suffix],
            "scenario": dice.pick(("ransomware", "it_outage", "phone_outage", "staff_absence")), "planned_on": planned,
            "starts_at": "09:00", "ends_at": "12:00", "facilitator": dice.pick(("internal", "ght", "grades")),
            "label": "Continuer sans informatique", "teams": ["Équipe de jour"],
        }  # fmt: skip
        told = min(planned - days(45 + dice.below(40)), KNOWN_UNTIL - days(dice.below(60)))
        yield entry("exercise", told, **values, status="planned")
        if dice.chance(8):
            late = {"status_reason": "Équipe indisponible ce jour-là", "postponed_to": planned + days(60)}
            yield entry("exercise", planned, **values, status="postponed", **late)
            continue
        yield entry("exercise", planned + days(2), **values, status="done")
        yield from _lessons(place, code, planned, dice)
        if values["nature"] in ("field_test", "combined"):
            yield continuity.plan_result(place, code, values["perimeters"][0], planned)


def _lessons(place: Place, code: str, held: date, dice: Dice) -> Iterator[Fact]:
    result: Row = {
        "exercise_code": code, "held_on": held, "duration_minutes": 3 * HOUR, "participants": 6 + place.weight // 2 + dice.below(10),
        "management_present": dice.chance(70), "departments_present": True, "dmcc_present": dice.chance(50),
        "cell_activated": dice.pick(("yes", "not_applicable")), "log_kept": True, "paper_directory_used": dice.chance(60),
        "degraded_modes": dice.pick(("yes", "yes", "partial")), "care_assessed": dice.chance(80), "rating": 2 + dice.below(3),
        "scenario_file": "Scénario v1.pdf",
    }  # fmt: skip
    yield entry("exercise_result", held + days(2), **result)
    if dice.chance(75):
        retex = held + days(10 + dice.below(15))
        yield entry(
            "exercise_result", retex, **result, retex_on=retex, retex_file="RETEX avec plan d’amélioration v1.pdf"
        )
    for number in range(1, 2 + dice.below(3)):
        due = held + days(60 + dice.below(60))
        action: Row = {
            "exercise_code": code, "number": str(number), "finding": "Formulaires papier introuvables",
            "action": "Placer les formulaires dans l’armoire du service", "kind": dice.pick(("paper", "pca", "technical")),
            "priority": dice.pick(("p1", "p2", "p3")), "owner_function": "Cadre de santé", "due_on": due,
        }  # fmt: skip
        yield entry("exercise_action", held + days(12), **action, status="to_do")
        if dice.chance(60):
            proof = "RETEX avec plan d’amélioration v1.pdf" if number == 1 else None
            done: Row = {"status": "done", "closed_on": due - days(6), "proof_file": proof}
            yield entry("exercise_action", due - days(5), **action, **done)


def backups(holder: Holder, place: Place) -> Iterator[Fact]:
    """Yield the critical systems with or without their plan, the platform, and the restore tests of the phase."""
    dice, reached = Dice("backups", place.finess), advance(holder, place)
    suffix = "-1" if several_sites(holder, place) else ""
    for code, name, component, hosting, minutes, served in SYSTEMS:
        updated = PHASE_START + days(40 + dice.below(400))
        values: Row = {
            "code": f"{code}-{place.rank + 1:02d}", "application": name, "finess_list": [place.finess],
            "activities": [f"{served}{suffix} / 1"], "component": component, "hosting": hosting, "frequency_minutes": minutes,
            "retention_days": 30, "copies": 2 + dice.below(2), "media": 1 + dice.below(2), "offsite": dice.chance(70),
            "offline": dice.chance(reached // 2 + 25), "supervised": dice.chance(80),
            "pdma_minutes": dice.pick((minutes, minutes, HOUR)), "rto_minutes": 8 * HOUR,
            "saas_clause": dice.pick(("yes", "no")) if hosting == "saas" else "not_applicable",
        }  # fmt: skip
        yield entry("critical_system", updated - days(30), **values, plan="in_progress")
        if dice.chance(reached):
            yield entry("critical_system", updated, **values, plan="yes", plan_updated_on=updated)
    factor = dice.chance(65)
    yield entry(
        "backup_platform", PHASE_START + days(30 + dice.below(300)),
        product=dice.pick(("Amarre Sauvegarde (fictif)", "Ponton Copie (fictif)")),
        version=f"{7 + dice.below(6)}.{dice.below(5)}", authentication=dice.pick(("dedicated_ad", "local_accounts", "production_ad")),
        two_factor="on" if factor else "off", two_factor_reason=None if factor else "Jetons commandés",
        red_button=dice.pick(("procedure", "technical", "no")),
        partition_target="Réseau de sauvegarde séparé", partition_on=date(2027, 1, 31) + days(30 * dice.below(12)),
    )  # fmt: skip
    for rank in range(1 + dice.below(2) if dice.chance(reached + 20) else 0):
        tested = date(2025, 9, 15) + days(dice.below(440))
        yield entry(
            "restore_test", tested + days(3), code=f"REST-{place.rank + 1:02d}{rank + 1:02d}", system_code=f"DPI-{place.rank + 1:02d}",
            tested_on=tested, kind="technical", back_in_production=dice.chance(60), scope=["SRV-DPI-01"],
            volume_go=Decimal(100 + dice.below(900)), duration_minutes=2 * HOUR + dice.below(300), rto_minutes=8 * HOUR,
            rpo_minutes=HOUR, result=dice.pick(("success", "success", "partial", "failure")),
            referent_function="Cadre supérieur de santé", anomalies="Étiqueteuses à reconfigurer après la reprise",
            test_book_file=f"Cahier de tests {place.rank + 1:02d}{rank + 1:02d}.pdf",
        )  # fmt: skip


def evidence_register(holder: Holder, place: Place) -> Iterator[Fact]:
    """Yield the proofs that the whole candidate follows, and its milestones: begun, half done, reached or late."""
    dice, reached = Dice("register", holder.code), advance(holder, place)
    codes = [each.finess for each in holder.places]
    for rank, (objective, kind, title) in enumerate(ENTRIES, start=1):
        values: Row = {
            "code": f"PR-{rank:02d}", "objectives": [objective], "holder": holder.code, "document_type": kind, "title": title,
            "covered": codes, "nominative": False, "diffusion": dice.pick(("internal", "ght", "ars")),
        }  # fmt: skip
        begun = PHASE_START + days(30 + dice.below(200))
        yield entry("evidence_entry", begun, **values, status="missing")
        if dice.chance(reached + 30):
            yield entry("evidence_entry", begun + days(40), **values, status="drafting", version="v0.5")
        if dice.chance(reached):
            day = begun + days(60 + dice.below(180))
            told: Row = {"version": "v1", "document_on": day, "validated_on": day + days(10), "approver": "CODIR"}
            yield entry("evidence_entry", day + days(12), **values, **told, status="validated", file=f"{title}.pdf")
    for rank, (objective, title, span) in enumerate(MILESTONES, start=1):
        due = PHASE_START + days(span)
        proofs = [f"PR-{number:02d}" for number, (proved, *_) in enumerate(ENTRIES, start=1) if proved == objective]
        step: Row = {
            "code": f"J-{rank:02d}", "title": title, "objectives": [objective], "holder": holder.code, "due_on": due,
            "pilot_function": "RPCRA", "evidence": proofs[:1],
        }  # fmt: skip
        yield entry("milestone", PHASE_START + days(60), **step, status="upcoming", progress=Decimal(0))
        half = PHASE_START + days(span // 2 + dice.below(60))
        yield entry("milestone", half, **step, status="in_progress", progress=Decimal(25 + 5 * dice.below(9)))
        if dice.chance(reached + 10):
            on = due + days(dice.below(50) - 35)
            yield entry("milestone", on + days(2), **step, status="reached", progress=Decimal(100), reached_on=on)
        else:
            yield entry("milestone", due + days(3), **step, status="late", progress=Decimal(70))


# ------------------------------------------------------------------------------------------------------------ people


def targets(place: Place) -> Iterator[Fact]:
    """Yield how many people of each profile there are to train."""
    for (profile, _), headcount in zip(PROFILES, apportion(place.staff, [part for _, part in PROFILES]), strict=True):
        yield entry(
            "training_target", date(2026, 1, 15), profile=profile, headcount=headcount, source="Bilan social 2025 (fictif)",
            set_on=date(2026, 1, 15),
        )  # fmt: skip


def _held(place: Place, rank: int) -> date:
    """Return the day of a session: they are spread over the phase, and all of them took place."""
    return PHASE_START + days(5 + rank * 465 // max(place.sessions, 1))


def _session(place: Place, rank: int) -> str:
    return f"FOR-{place.rank + 1:02d}-{rank + 1:04d}"


def sessions(place: Place) -> Iterator[Fact]:
    """Yield the sessions of training, known three weeks before."""
    kinds = ("awareness", "awareness", "awareness", "crisis_cell", "pcra_referent")
    validity = {"awareness": 12, "crisis_cell": 24, "pcra_referent": 36}
    for rank in range(place.sessions):
        day, code = _held(place, rank), _session(place, rank)
        yield entry(
            "training_session", max(day - days(20), PHASE_START), code=code, title=f"Continuer sans informatique, groupe {rank + 1}",
            kind=kinds[rank % len(kinds)], organiser="internal", starts_on=day, ends_on=day, half_days=2, hours=Decimal(7),
            modality="on_site", place="Salle de formation", trainer="Équipe informatique", signed_sheet=f"Feuille {code}.pdf",
            validity_months=validity[kinds[rank % len(kinds)]],
        )  # fmt: skip


def attendance(place: Place) -> Iterator[Fact]:
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
        key = ATTENDANCE.key(values)
        digests = {
            "key_digest": f"\\x{key_digest(place.finess, key).hex()}",
            "digest": f"\\x{digest_of(values, ATTENDANCE.fields).hex()}",
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
