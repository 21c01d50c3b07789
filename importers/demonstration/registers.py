"""The registers of the GHT of the demonstration (K2, K4, K5, K6), built in code: everything is invented.

Nothing here is wrong, so that all of it is stored; some of it is missing, as in life, so that gaps are shown. What took
place is on or before the day of `demo_workbooks.MADE`, what is to come after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from importers.base import Workbook
from importers.demonstration import workbooks as demo_workbooks
from importers.demonstration.names import (
    ESCALMES,
    FALAISES,
    LESTRELLES,
    MARQUERIVE,
    PORT_AUBRY,
    SAINT_OMBLIN,
    TWO_CAPES,
    TWO_CAPES_CODE,
    VALBRUYERE,
    WIMBRONNE,
    siret,
)
from importers.demonstration.workbooks import DAY, HOUR, row, table
from importers.facts import Values
from importers.workbooks.backups import BACKUPS
from importers.workbooks.evidence_register import EVIDENCE_REGISTER
from importers.workbooks.exercises import EXERCISES
from importers.workbooks.funding import FUNDING

MEMBERS = tuple(number for number, _ in TWO_CAPES)
WHOLE = TWO_CAPES_CODE  # what is the whole GHT’s

# ------------------------------------------------------------------------------------------------------- K2 exercises

# Two done, one put off, the others to come; one does not know its scenario yet, another what it will try.
PLANNING = table(
    "code finess_list nature kit_level perimeters scenario planned_on starts_at ends_at facilitator status label",
    ("EX-2026-01", (PORT_AUBRY,), "field_test", "none", ("URG-01",), "it_outage", date(2026, 3, 26), "09:00", "12:00",
     "internal", "done", "Trois heures aux urgences sans dossier patient"),
    ("EX-2026-02", (MARQUERIVE,), "combined", "intermediate", ("URG-01", "PUI-01"), "ransomware", date(2026, 9, 17),
     "08:30", "13:00", "grades", "done", "Rançongiciel : urgences et pharmacie en mode dégradé"),
    ("EX-2026-03", (ESCALMES,), "field_test", "none", ("PUI-01",), "staff_absence", date(2026, 10, 13), None, None,
     "internal", "postponed", "La pharmacie sans ses préparateurs"),
    ("EX-2026-04", (SAINT_OMBLIN, PORT_AUBRY), "field_test", "beginner", ("PAIE-01",), "supplier_failure",
     date(2026, 12, 10), "14:00", "17:00", "ght", "planned", "Une paie sans le logiciel de paie"),
    ("EX-2027-01", (FALAISES,), "crisis_cell", "beginner", (), "ransomware", date(2027, 1, 28), "09:00", "12:00", "ght",
     "planned", "La cellule de crise se réunit pour la première fois"),
    ("EX-2027-02", (VALBRUYERE,), "field_test", "none", ("URG-01", "PUI-01"), "phone_outage", date(2027, 3, 15), None, None,
     "internal", "planned", "Les urgences et la pharmacie sans téléphone"),
    ("EX-2027-03", (WIMBRONNE,), "regional", "advanced", (), None, date(2027, 4, 8), None, None, "grades", "planned",
     "Exercice régional"),
    ("EX-2027-04", (LESTRELLES,), "field_test", "none", (), "it_outage", date(2027, 6, 30), None, None, "internal",
     "planned", "Premier test de continuité de l’hôpital"),
)  # fmt: skip
POSTPONED = {
    "EX-2026-03": {"status_reason": "Trop d’absences dans l’équipe ce jour-là", "postponed_to": date(2027, 1, 19)}
}
# Who plays, and what players do not read before the day.
PREPARED: dict[str, dict[str, Any]] = {
    "EX-2026-02": {"teams": ("Urgences de jour", "Pharmacie")},
    "EX-2026-04": {
        "teams": ("Gestionnaires de paie",),
        "storyline": "14:00 le logiciel de paie ne répond plus ; 14:30 l’éditeur annonce trois semaines ; 15:30 la banque appelle",
    },
    "EX-2027-02": {"teams": ("Urgences de jour", "Pharmacie")},
}
RESULTS = (
    row(exercise_code="EX-2026-01", held_on=date(2026, 3, 26), duration_minutes=3 * HOUR, participants=14,
        management_present=False, departments_present=True, dmcc_present=False, cell_activated="not_applicable",
        log_kept=True, paper_directory_used=False, degraded_modes="partial", care_assessed=True, rating=2,
        strengths="Bascule immédiate sur le registre papier", weaknesses="Bons de laboratoire introuvables la première heure",
        scenario_file="Scénario EX-2026-01.pdf"),
    row(exercise_code="EX-2026-02", held_on=date(2026, 9, 17), duration_minutes=4 * HOUR + 30, participants=31,
        management_present=True, departments_present=True, dmcc_present=True, cell_activated="yes", activation_minutes=25,
        log_kept=True, paper_directory_used=True, degraded_modes="yes", care_assessed=True, rating=3,
        strengths="Cellule réunie en 25 minutes ; prescriptions papier lisibles",
        weaknesses="Deux numéros de l’annuaire papier ne répondaient plus", scenario_file="Scénario EX-2026-02.pdf",
        retex_file="RETEX EX-2026-02.pdf", retex_on=date(2026, 10, 8),
        functions=("Directrice", "Directeur médical de crise cyber", "Cadre supérieure de santé", "Pharmacienne gérante")),
)  # fmt: skip
ACTIONS = table(
    "exercise_code number finding action kind priority owner_function due_on status closed_on pca_updated pca_version",
    ("EX-2026-01", "1", "Bons de laboratoire introuvables", "Placer 200 bons dans l’armoire du poste de soins", "paper", "p1",
     "Cadre supérieur de santé", date(2026, 5, 15), "done", date(2026, 5, 12), True, "v1.2"),
    ("EX-2026-01", "2", "La direction n’était pas conviée", "Convier la direction au prochain exercice", "organisation", "p2",
     "Directeur des soins", date(2026, 12, 15), "in_progress", None, False, None),
    ("EX-2026-02", "1", "Deux numéros périmés dans l’annuaire papier", "Contrôler tous les numéros de l’annuaire", "paper", "p1",
     "Responsable de la sécurité", date(2026, 10, 15), "done", date(2026, 10, 5), False, None),
    ("EX-2026-02", "2", "La pharmacie a manqué de bons de dispensation", "Doubler la réserve et la vérifier chaque mois", "pca",
     "p2", "Pharmacien gérant", date(2026, 10, 31), "in_progress", None, False, None),
    ("EX-2026-02", "3", "Une équipe de nuit n’a jamais travaillé sur papier", "Former les équipes de nuit", "training", "p2",
     "Cadre supérieur de santé", date(2027, 1, 31), "to_do", None, False, None),
)  # fmt: skip
# What the RETEX shows done is closed; the slips of the first exercise are said to be there, and nothing proves it.
PROVED = {("EX-2026-02", "1"): {"proof_file": "RETEX EX-2026-02.pdf"}}
# Decided after a real outage, or to answer a row of the referential.
OTHER_ACTIONS = (
    row(finess_ej=PORT_AUBRY, incident_code="INC-2026-01", number="1", finding="Le standard n’avait aucun téléphone de secours",
        action="Placer quatre téléphones de secours et leurs numéros au standard", kind="technical", priority="p1",
        owner_function="Responsable logistique", due_on=date(2026, 12, 18), status="in_progress"),
    row(finess_ej=PORT_AUBRY, objective="D2.O1.B", number="1", finding="Le volet numérique du plan blanc n’est pas adopté",
        action="L’écrire et le présenter au comité de direction", kind="organisation", priority="p1",
        owner_function="Responsable qualité", due_on=date(2027, 1, 15), status="to_do"),
)  # fmt: skip

# ---------------------------------------------------------------------------------------------------------- K4 backups

SYSTEMS = (
    row(code="DPI-01", application="Dossier patient informatisé", finess_list=(PORT_AUBRY, SAINT_OMBLIN),
        activities=("URG-01 / 1", "URG-01 / 2", "URG-01 / 3"), component="database", hosting="ght", plan="yes",
        plan_updated_on=date(2026, 5, 4), frequency_minutes=15, retention_days=30, copies=3, media=2, offsite=True,
        offline=True, saas_clause="not_applicable", supervised=True, pdma_minutes=15, rto_minutes=4 * HOUR),
    row(code="PHA-01", application="Logiciel de la pharmacie", finess_list=(PORT_AUBRY, SAINT_OMBLIN),
        activities=("PUI-01 / 1", "PUI-01 / 2"), component="database", hosting="internal", plan="yes",
        plan_updated_on=date(2026, 4, 22), frequency_minutes=HOUR, retention_days=30, copies=3, media=2, offsite=True,
        offline=False, saas_clause="not_applicable", supervised=True, pdma_minutes=HOUR, rto_minutes=8 * HOUR),
    # Backed up once a day where half a day may be lost.
    row(code="SIRH-01", application="Logiciel de paie", finess_list=MEMBERS, activities=("PAIE-01",), component="saas",
        hosting="saas", plan="yes", plan_updated_on=date(2026, 2, 16), frequency_minutes=DAY, retention_days=90, copies=3,
        media=2, offsite=True, saas_clause="yes", supervised=True, pdma_minutes=12 * HOUR, rto_minutes=2 * DAY),
    row(code="DPI-04", application="Dossier patient de Marquerive", finess_list=(MARQUERIVE,),
        activities=("URG-01 / 1", "URG-01 / 2", "URG-01 / 3"), component="server", hosting="internal", plan="yes",
        plan_updated_on=date(2026, 6, 9), frequency_minutes=HOUR, retention_days=15, copies=3, media=2, offsite=False,
        offline=True, saas_clause="not_applicable", supervised=True, pdma_minutes=HOUR, rto_minutes=6 * HOUR),
    # Its plan is being written, and nobody answered about its copies.
    row(code="PHA-04", application="Pharmacie de Marquerive", finess_list=(MARQUERIVE,), activities=("PUI-01 / 1",),
        component="server", hosting="internal", plan="in_progress", frequency_minutes=4 * HOUR, retention_days=15,
        saas_clause="not_applicable", supervised=False, pdma_minutes=4 * HOUR, rto_minutes=8 * HOUR),
    # Serves a perimeter that is not in the inventory yet.
    row(code="FIC-01", application="Fichiers partagés de l’administration", finess_list=(PORT_AUBRY,), activities=("ADM-01",),
        component="file_server", hosting="internal", plan="no", frequency_minutes=DAY, retention_days=30, copies=2, media=1,
        offsite=False, offline=False, saas_clause="not_applicable", supervised=True, pdma_minutes=DAY, rto_minutes=3 * DAY),
)  # fmt: skip
PLATFORMS = (
    row(product="Amarre Sauvegarde (fictif)", version="12.1", authentication="dedicated_ad", two_factor="on", ads_score=3,
        ads_on=date(2026, 10, 20), red_button="procedure", partition_target="Réseau de sauvegarde séparé, flux filtrés",
        partition_on=date(2027, 6, 30), finess_ej=PORT_AUBRY),
    row(product="Ponton Copie (fictif)", version="7.4", authentication="production_ad", two_factor="off",
        two_factor_reason="Jetons commandés, mise en service en janvier 2027", red_button="no",
        partition_target="Rattachement à la plateforme du GHT", partition_on=date(2027, 12, 31), finess_ej=MARQUERIVE),
)  # fmt: skip
RESTORE_TESTS = (
    row(code="REST-2026-01", system_code="DPI-01", tested_on=date(2026, 10, 6), kind="technical", back_in_production=True,
        scope=("SRV-DPI-01", "SRV-DPI-02"), volume_go=Decimal("850.5"), duration_minutes=155, rto_minutes=3 * HOUR + 40,
        rpo_minutes=15, result="success", referent_function="Cadre supérieur de santé",
        test_book_file="Cahier de tests REST-2026-01.pdf"),
    row(code="REST-2026-02", system_code="PHA-04", tested_on=date(2026, 10, 20), kind="technical", back_in_production=True,
        scope=("SRV-PHA-04",), volume_go=Decimal(120), duration_minutes=6 * HOUR, rto_minutes=11 * HOUR, rpo_minutes=4 * HOUR,
        result="partial", referent_function="Pharmacien gérant",
        anomalies="Étiqueteuses à reconfigurer une par une après la reprise", test_book_file="Cahier de tests REST-2026-02.pdf"),
    # Nobody said what went wrong.
    row(code="REST-2026-03", system_code="FIC-01", tested_on=date(2026, 11, 3), kind="functional", back_in_production=False,
        scope=("Partage « Marchés »",), volume_go=Decimal(40), duration_minutes=HOUR, result="failure",
        referent_function="Responsable des achats"),
)  # fmt: skip

# --------------------------------------------------------------------------------------------------------- K5 evidence

ENTRIES = table(
    "code objectives holder document_type title file version document_on validated_on approver status diffusion",
    ("PR-P1-01", ("D2.P1",), WHOLE, "pssi", "PSSI du GHT", "PSSI du GHT v3.pdf", "v3", date(2025, 2, 20),
     date(2025, 3, 12), "Comité stratégique du GHT", "sent", "ars"),
    ("PR-P2-01", ("D2.P2",), WHOLE, "organisation_note", "Note d’organisation du PCRA",
     "Note d’organisation PCRA.pdf", "v1", date(2025, 9, 25), date(2025, 10, 9), "CODIR", "validated", "ars"),
    ("PR-O1A-01", ("D2.O1.A",), WHOLE, "governance_scheme", "Schéma de gouvernance", "Schéma de gouvernance.pdf",
     "v1", date(2026, 1, 12), date(2026, 1, 27), "CODIR", "validated", "ars"),
    ("PR-O1B-01", ("D2.O1.B",), WHOLE, "plan_blanc", "Volet numérique du plan blanc", None, None, None, None, None,
     "drafting", "ght"),
    ("PR-O1B-02", ("D2.O1.B",), WHOLE, "alert_procedure", "Procédure d’alerte cyber", "Procédure d’alerte v2.pdf", "v2",
     date(2026, 10, 2), None, None, "to_validate", "ght"),
    ("PR-O1C-01", ("D2.O1.C",), WHOLE, "critical_activities", "Liste des activités critiques",
     "Activités critiques.pdf", "v1", date(2026, 5, 20), date(2026, 6, 2), "CODIR", "validated", "ars"),
    ("PR-O1D-01", ("D2.O1.D",), MARQUERIVE, "scenario", "Scénario de l’exercice du 17 septembre", "Scénario EX-2026-02.pdf",
     "v1", date(2026, 9, 3), date(2026, 9, 3), "Direction des soins", "validated", "ars"),
    ("PR-O1D-02", ("D2.O1.D",), MARQUERIVE, "retex", "RETEX de l’exercice du 17 septembre", "RETEX EX-2026-02.pdf", "v1",
     date(2026, 10, 8), date(2026, 10, 8), "CODIR", "validated", "ars"),
    ("PR-O2A-01", ("D2.O2.A",), WHOLE, "backup_policy", "Politique de sauvegarde", "Politique de sauvegarde.pdf", "v2",
     date(2026, 1, 20), date(2026, 2, 5), "CODIR", "validated", "ars"),
    ("PR-O3A-01", ("D2.O3.A",), WHOLE, "ads_report", "Rapport ADS de l’annuaire des sauvegardes", None, None, None,
     None, None, "missing", "restricted"),
    # Said to be approved, and nobody says when.
    ("PR-O3C-01", ("D2.O3.C",), WHOLE, "trajectory", "Trajectoire vers la règle 3-2-1", "Trajectoire 3-2-1.pdf", "v1",
     date(2026, 9, 30), None, "Comité stratégique du GHT", "validated", "ght"),
    ("PR-O4-01", ("D2.O4",), WHOLE, "test_book", "Cahier de tests du dossier patient",
     "Cahier de tests REST-2026-01.pdf", "v1", date(2026, 10, 6), date(2026, 10, 9), "Responsable de la production", "validated",
     "ars"),
)  # fmt: skip
MILESTONES = table(
    "code title objectives holder due_on pilot_function progress status reached_on evidence",
    ("J-P1-01", "PSSI signée par tous les membres", ("D2.P1",), WHOLE, date(2025, 3, 31), "RSSI", Decimal(100),
     "reached", date(2025, 3, 12), ("PR-P1-01",)),
    ("J-O1A-01", "Gouvernance présentée en instance", ("D2.O1.A",), WHOLE, date(2026, 1, 31), "Directeur général",
     Decimal(100), "reached", date(2026, 1, 27), ("PR-O1A-01",)),
    ("J-O1B-01", "Plan blanc numérique adopté", ("D2.O1.B",), WHOLE, date(2026, 10, 31), "Responsable qualité",
     Decimal(70), "late", None, ("PR-O1B-01",)),
    ("J-O1C-01", "PCA des trois services signés à Valbruyère", ("D2.O1.C",), VALBRUYERE, date(2026, 11, 30), "RPCRA",
     Decimal(80), "in_progress", None, ()),
    ("J-O1D-01", "Un PCA essayé sur le terrain à Marquerive", ("D2.O1.D",), MARQUERIVE, date(2026, 9, 30), "RPCRA",
     Decimal(100), "reached", date(2026, 10, 8), ("PR-O1D-02",)),
    ("J-O3B-01", "Réseau de sauvegarde séparé", ("D2.O3.B",), WHOLE, date(2027, 6, 30), "RSSI", Decimal(20),
     "in_progress", None, ()),
    ("J-O3C-01", "Copie hors ligne en service", ("D2.O3.C",), WHOLE, date(2027, 3, 31), None, Decimal(0), "upcoming",
     None, ("PR-O3C-01",)),
    ("J-O4-01", "Un test de restauration dans chaque établissement", ("D2.O4",), WHOLE, date(2027, 6, 30),
     "Responsable de la production", Decimal(25), "in_progress", None, ("PR-O4-01",)),
)  # fmt: skip
MEETINGS = table(
    "held_on body agenda decisions objectives attendees minutes_file holder",
    (date(2025, 10, 9), "CODIR", "Organisation du projet PCRA", "Note d’organisation validée", ("D2.P2",), 12,
     "PV CODIR 2025-10-09.pdf", WHOLE),
    (date(2026, 1, 27), "CODIR", "Schéma de gouvernance", "Schéma approuvé", ("D2.O1.A",), 14, "PV CODIR 2026-01-27.pdf",
     WHOLE),
    (date(2026, 6, 2), "CODIR", "Activités critiques, plans des urgences", "Plans des urgences approuvés", ("D2.O1.C",), 13,
     "PV CODIR 2026-06-02.pdf", WHOLE),
    # Its minutes were never filed.
    (date(2026, 10, 15), "COPIL CaRE", "RETEX de Marquerive, calendrier 2027", "Un exercice par établissement en 2027",
     ("D2.O1.D",), 9, None, WHOLE),
)  # fmt: skip

# ---------------------------------------------------------------------------------------------------------- K6 funding

AMARRAGE = ("Conseil Amarrage SAS (fictif)", siret(101))
PONANT = ("Éditions du Ponant (fictif)", siret(102))
BOUEES = ("Câbles et Bouées SARL (fictif)", siret(103))
# Amounts without VAT in euros, rates and shares in percent. The second invoice was corrected; one licence is too old.
INVOICES = table(
    "finess_ej objective nature section supplier committed_on invoice_number invoiced_on paid_on net rate share status notes",
    (PORT_AUBRY, "D2.O1.C", "service", "operating", AMARRAGE, date(2025, 11, 3), "F-2026-014", date(2026, 1, 30),
     date(2026, 3, 5), 18_000, 20, 100, "paid", None),
    (PORT_AUBRY, "D2.O1.C", "service", "operating", AMARRAGE, date(2025, 11, 3), "F-2026-052", date(2026, 4, 30),
     date(2026, 6, 4), 12_000, 20, 100, "paid", None),
    (PORT_AUBRY, "D2.O1.C", "service", "operating", AMARRAGE, date(2025, 11, 3), "A-2026-007", date(2026, 5, 18), None,
     -1_500, 20, 100, "invoiced", "Avoir sur la facture F-2026-052"),
    (PORT_AUBRY, "D2.O2.B", "licence", "investment", PONANT, date(2026, 1, 12), "L-118", date(2026, 2, 27), date(2026, 4, 2),
     9_600, 20, 100, "paid", None),
    (PORT_AUBRY, "D2.O3.B", "equipment", "investment", BOUEES, date(2026, 9, 7), "26-0931", date(2026, 10, 30), None, 24_000,
     20, 50, "invoiced", "La moitié sert à la bureautique"),
    (SAINT_OMBLIN, "D2.O1.D", "service", "operating", AMARRAGE, date(2026, 3, 2), "F-2026-077", date(2026, 6, 30), None, 4_200,
     20, 100, "warranted", None),
    (SAINT_OMBLIN, "D2.O1.C", "licence", "operating", PONANT, date(2025, 6, 20), "L-074", date(2025, 9, 30), date(2025, 11, 6),
     1_800, 20, 100, "paid", None),
    (MARQUERIVE, "D2.O1.D", "service", "operating", AMARRAGE, date(2026, 6, 22), "F-2026-101", date(2026, 9, 30), None, 3_500,
     20, 100, "invoiced", None),
    (MARQUERIVE, "D2.O1.B", "training", "operating", AMARRAGE, date(2026, 4, 13), "F-2026-089", date(2026, 6, 30), None, 2_400,
     0, 100, "invoiced", "Formation exonérée de TVA"),
)  # fmt: skip
STAFF_TIME = row(
    line_number="10", finess_ej=PORT_AUBRY, objective="D2.O1.C", nature="staff_time", section="operating", net_cents=672_000,
    gross_cents=672_000, share_percent=Decimal(100), charged_cents=672_000, hours=Decimal(160), hourly_rate_cents=4_200,
    mission_letter="LM-01",
    notes="Animation des BIA",
)  # fmt: skip
LETTERS = table(
    "code finess_ej function_title objectives starts_on ends_on hours file",
    ("LM-01", PORT_AUBRY, "Référent PCRA du GHT", ("D2.O1.C", "D2.O1.D"), date(2026, 1, 5), date(2026, 11, 30), Decimal(160),
     "LM-01.pdf"),
)  # fmt: skip
FUNDINGS = table(
    "scheme holder notified_cents notified_on advance_cents advance_on balance_cents reference",
    ("care_d2", WHOLE, 18_000_000, date(2026, 1, 20), 6_000_000, date(2026, 2, 27), 12_000_000, "FICTIF-2026-114"),
    ("fir", MARQUERIVE, 1_500_000, date(2026, 5, 11), None, None, 1_500_000, "FICTIF-2026-208"),
)  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- workbooks


def exercises() -> bytes:
    """K2: eight exercises over the members; two are done. Actions of an incident and of a row of the referential too."""
    planning = [each | POSTPONED.get(each["code"], {}) | PREPARED.get(each["code"], {}) for each in PLANNING]
    actions = [each | PROVED.get((each["exercise_code"], each["number"]), {}) for each in ACTIONS]
    return _filled(EXERCISES, planning, RESULTS, [*actions, *OTHER_ACTIONS])


def backups() -> bytes:
    """K4: six systems, of which three have something to mend."""
    return _filled(BACKUPS, SYSTEMS, PLATFORMS, RESTORE_TESTS)


def evidence() -> bytes:
    """K5: a dozen proofs, from the missing one to the one sent; milestones and meetings."""
    entries = [
        each | {"covered": MEMBERS if each["holder"] == WHOLE else (each["holder"],), "nominative": False}
        for each in ENTRIES
    ]
    return _filled(EVIDENCE_REGISTER, entries, MILESTONES, MEETINGS)


def funding() -> bytes:
    """K6: ten expenses, a credit note and staff time among them; what was granted; the letter of mission of that time."""
    invoices = [_expense(number, each) for number, each in enumerate(INVOICES, start=1)]
    return _filled(FUNDING, [*invoices, STAFF_TIME], FUNDINGS, LETTERS)


def _expense(number: int, invoice: dict[str, Any]) -> Values:
    """Name the supplier, and work out VAT and share in cents."""
    supplier, supplier_siret = invoice["supplier"]
    net, rate, share = invoice["net"], invoice["rate"], invoice["share"]
    gross = net * (100 + rate)
    return invoice | row(
        line_number=str(number), supplier=supplier, siret=supplier_siret, net_cents=100 * net, vat_rate=str(rate),
        vat_cents=net * rate, gross_cents=gross, share_percent=Decimal(share), charged_cents=gross * share // 100,
        receipt=f"{invoice['invoice_number']}.pdf",
    )  # fmt: skip


def _filled(workbook: Workbook, *rows: Sequence[Values]) -> bytes:
    return demo_workbooks.kit(workbook, rows, "GHT des Deux Caps", TWO_CAPES_CODE, TWO_CAPES)
