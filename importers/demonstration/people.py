"""The people of one establishment of the demonstration (K3, K7), built in code: invented names, numbers that ring nowhere.

They are deposited by the referent of the establishment, because names of people stay in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from importers.base import Workbook
from importers.demonstration import workbooks as demo_workbooks
from importers.demonstration.names import MARQUERIVE, PEOPLE, TWO_CAPES
from importers.demonstration.workbooks import row, table
from importers.facts import Values
from importers.workbooks.crisis_directory import CRISIS_DIRECTORY
from importers.workbooks.training import TRAINING

# --------------------------------------------------------------------------------------------------------- K3 training

SESSIONS = table(
    "code title kind organiser starts_on ends_on half_days hours modality place trainer signed_sheet validity_months",
    ("DMCC-2026-01", "Directeur médical de crise cyber", "dmcc", "ars", date(2026, 3, 10), date(2026, 3, 10), 2, Decimal(7),
     "on_site", "Faculté de médecine", "Médecin du SAMU", "Feuille signée DMCC-2026-01.pdf", 36),
    ("CRISE-2026-01", "Tenir la cellule de crise", "crisis_cell", "grades", date(2026, 6, 16), date(2026, 6, 16), 2, Decimal(7),
     "on_site", "Salle de crise", "Appui régional cyber", "Feuille signée CRISE-2026-01.pdf", 24),
    ("SENS-2026-01", "Hygiène informatique", "awareness", "internal", date(2026, 9, 1), date(2026, 10, 31), None,
     Decimal("1.5"), "e_learning", None, "Équipe informatique", None, 12),
)  # fmt: skip
# Who was where. « unsigned »: somebody was there, and the sheet does not show it.
ATTENDED: Mapping[str, Mapping[str, str]] = {
    "DMCC-2026-01": {"BOUSSOLE": "present", "CABESTAN": "excused"},
    "CRISE-2026-01": {
        "ARTIMON": "present", "BALISE": "present", "BOUSSOLE": "present", "DÉFERLANTE": "present", "ÉTRAVE": "present",
        "MISAINE": "present", "OURSIN": "unsigned", "PAVOIS": "absent", "RESSAC": "present",
    },
    "SENS-2026-01": {
        last: "present" for last, *_ in PEOPLE if last not in ("ARTIMON", "CABESTAN")
    },
}  # fmt: skip
CHARTER = table(
    "finess_ej service headcount signatures counted_on",
    (MARQUERIVE, "Urgences adultes", 38, 31, date(2026, 10, 30)),
    (MARQUERIVE, "Médecine", 52, 40, date(2026, 10, 30)),
    (MARQUERIVE, "Pharmacie", 9, 9, date(2026, 10, 30)),
    (MARQUERIVE, "Ressources humaines", 11, 4, date(2026, 10, 30)),
)
TARGETS = table(
    "finess_ej profile headcount source set_on",
    (MARQUERIVE, "management", 6, "Organigramme 2026", date(2026, 1, 15)),
    (MARQUERIVE, "medical", 34, "Bilan social 2025 (fictif)", date(2026, 1, 15)),
    (MARQUERIVE, "nursing", 210, "Bilan social 2025 (fictif)", date(2026, 1, 15)),
    (MARQUERIVE, "administrative", 45, "Bilan social 2025 (fictif)", date(2026, 1, 15)),
    (MARQUERIVE, "technical", 38, "Bilan social 2025 (fictif)", date(2026, 1, 15)),
    (MARQUERIVE, "it", 5, "Organigramme 2026", date(2026, 1, 15)),
)


def _attendance() -> list[Values]:
    """One row for each person and session; the certificate comes two days after the end, to those who signed."""
    people = {last: (first, function, service, profile) for last, first, function, service, profile in PEOPLE}
    rows: list[Values] = []
    for session in SESSIONS:
        for last, state in ATTENDED[session["code"]].items():
            first, function, service, profile = people[last]
            signed, half_days = state == "present", session["half_days"] or 0
            presence = {
                f"half_day_{rank + 1}": "present" if state == "unsigned" else state for rank in range(half_days)
            }
            if not half_days:
                presence = {"hours": session["hours"], "attended_on": session["ends_on"]}
            rows.append(
                presence
                | row(
                    session_code=session["code"], finess_ej=MARQUERIVE, last_name=last, first_name=first, function=function,
                    service=service, profile=profile, signed=signed, certified=signed,
                    certified_on=session["ends_on"] + timedelta(days=2) if signed else None,
                    on_call=profile in ("medical", "nursing"),
                )
            )  # fmt: skip
    return rows


# ------------------------------------------------------------------------------------------------- K7 crisis directory

CHECKED, LONG_AGO = date(2026, 11, 9), date(2026, 6, 30)


def _phone(rank: int) -> str:
    """A number of a series kept for fiction: it rings nowhere."""
    return f"06 39 98 {rank // 100:02d} {rank % 100:02d}"


CRISIS_CELL = table(
    "role holder holder_phone substitute substitute_phone reachable checked_on",
    ("Directeur de crise", "Alix ARTIMON", _phone(1), "Basile BALISE", _phone(2), True, CHECKED),
    ("Directeur médical de crise cyber", "Claude BOUSSOLE", _phone(3), "Dany CABESTAN", _phone(4), True, CHECKED),
    ("Responsable informatique", "Théa RESSAC", _phone(15), "Ulysse SÉMAPHORE", _phone(16), True, CHECKED),
    ("Responsable de la sécurité", "Sacha PAVOIS", _phone(14), None, None, True, LONG_AGO),
    ("Communication", None, None, None, None, None, CHECKED),
)
CALL_BACKS = table(
    "service team name phone rank delay_minutes checked_on",
    ("Urgences adultes", "Jour", "ÉTRAVE Flore", _phone(6), 1, 20, CHECKED),
    ("Urgences adultes", "Jour", "GOÉLAND Gaël", _phone(7), 2, 30, CHECKED),
    ("Urgences adultes", "Nuit", "HAUBAN Ilda", _phone(8), 1, 45, CHECKED),
    ("Médecine", "Nuit", "JUSANT Lou", None, 1, 30, CHECKED),
    ("Pharmacie", None, "DÉFERLANTE Eden", _phone(5), 1, 25, CHECKED),
    ("Pharmacie", None, "LAMANEUR Mica", _phone(10), 2, 15, LONG_AGO),
)
PARTNERS = table(
    "organisation purpose phone on_call checked_on",
    ("SAMU de Marquerive (fictif)", "Détourner les ambulances", "01 99 00 10 15", "24 h/24", CHECKED),
    ("Dépôt de sang du littoral (fictif)", "Produits sanguins en urgence", "01 99 00 10 22", _phone(61), CHECKED),
    ("ARS Littoral-Nord (fictive)", "Signaler un incident grave", "01 99 00 10 30", "24 h/24", CHECKED),
    (
        "Ponton Copie (fictif)",
        "Assistance à la restauration",
        "01 99 00 10 47",
        "Jours ouvrés, de 8 h à 18 h",
        LONG_AGO,
    ),
)
DEPOSIT_POINTS = table(
    "place cabinet keeper placed_on",
    ("PC sécurité", "Armoire rouge, deuxième étagère", "Chef de la sécurité", date(2026, 10, 6)),
    ("Bureau de la direction", "Coffre", "Assistante de direction", date(2026, 10, 6)),
    ("Urgences adultes", "Placard du poste d’accueil", "Cadre supérieur de santé", None),
)

# ----------------------------------------------------------------------------------------------------------- workbooks


def training() -> bytes:
    """K3: three sessions, who was there, the charter and targets."""
    return _filled(TRAINING, SESSIONS, _attendance(), CHARTER, TARGETS)


def crisis_directory() -> bytes:
    """K7: the crisis cell, who is called back, partners, and where the printed pack is."""
    return _filled(CRISIS_DIRECTORY, CRISIS_CELL, CALL_BACKS, PARTNERS, DEPOSIT_POINTS)


def _filled(workbook: Workbook, *rows: Sequence[Values]) -> bytes:
    name = dict(TWO_CAPES)[MARQUERIVE]
    return demo_workbooks.kit(workbook, rows, name, MARQUERIVE, [(MARQUERIVE, name)])
