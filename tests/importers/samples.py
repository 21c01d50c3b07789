"""Rows of every sheet of the eight workbooks, as people type them: the examples of the specification, none to correct.

`rows(number)` gives those of one establishment, whose codes may be those of another: a code is unique in its
establishment. Names and telephone numbers are invented (series reserved for fiction).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter

from importers import registry
from importers.base import Column, Workbook

Typed = dict[str, object]
Book = dict[str, list[Typed]]

PARTIES, PERIMETERS, ACTIVITIES, DEPENDENCIES = "Parties", "Perimetres", "Activites", "Dependances"
PEOPLE = ("DUPONTEL", "Gédéon", "Zénobie", "HAUTECLOQUE", "Barnabé", "MONTFAUCON", "Philibert", "QUENNEVILLE")
NUMBERS = ("06 39 98 44 51", "06 39 98 44 52", "06 39 98 44 53", "01 99 00 77 81", "01 99 00 77 82", "06 39 98 44 54")


def rows(number: str) -> Book:
    """Rows of each sheet for an establishment."""
    book = {**_bia_pcra(number), **_exercises(number), **_training(number), **_backups(number)}
    return book | {**_evidence(number), **_funding(number), **_crisis(number), **_continuity(number)}


def together(numbers: Iterable[str]) -> Book:
    """Rows of several establishments, sheet by sheet."""
    book: Book = {}
    for number in numbers:
        for name, found in rows(number).items():
            book.setdefault(name, []).extend(found)
    return book


def of(workbook: Workbook, book: Mapping[str, Sequence[Typed]]) -> dict[str, Sequence[Typed]]:
    """Only the sheets of a workbook, in its order."""
    return {sheet.name: book[sheet.name] for sheet in workbook.sheets if sheet.name in book}


def file(*books: Mapping[str, Sequence[Typed]], left_out: Collection[str] = (), more: Sequence[str] = ()) -> bytes:
    """A home-made .xlsx of these sheets: titles on the first row, then the rows; nothing says who made it, nor when.

    `left_out` are the keys of columns that it does not have, `more` the titles of columns of its own.
    """
    stream = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as made:
        day = made.add_format({"num_format": "dd/mm/yyyy"})
        for name, found in (each for book in books for each in book.items()):
            page = made.add_worksheet(name)
            columns = [column for column in registry.SHEETS[name].columns if column.key not in left_out]
            for place, column in enumerate(columns):
                page.write_string(0, place, column.header("ght"))
            for place, title in enumerate(more, len(columns)):
                page.write_string(0, place, title)
            for number, row in enumerate(found, 1):
                for place, value in cells(columns, row):
                    _write(page, number, place, value, day)
    return stream.getvalue()


def table(name: str, titles: Sequence[str], *rows: Iterable[object]) -> bytes:
    """A home-made .xlsx of one sheet with titles of its own."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as made:
        day, page = made.add_format({"num_format": "dd/mm/yyyy"}), made.add_worksheet(name)
        for number, row in enumerate((titles, *rows)):
            for place, value in enumerate(row):
                _write(page, number, place, value, day)
    return stream.getvalue()


def cells(columns: Sequence[Column], row: Typed) -> list[tuple[int, object]]:
    """Place, from 0, and content of each cell of a row that is under one of these columns."""
    return [(place, row[column.key]) for place, column in enumerate(columns) if row.get(column.key) is not None]


def _write(page: Any, row: int, place: int, value: object, day: object) -> None:
    if isinstance(value, date):
        page.write_datetime(row, place, value, day)
    elif isinstance(value, int | Decimal):
        page.write_number(row, place, value)
    else:
        page.write_string(row, place, str(value))


# -------------------------------------------------------------------------------------------------------------- sheets


def _bia_pcra(number: str) -> Book:
    plan: Typed = {
        "finess_ej": number, "exists": "Oui", "department": "Pôle transversal", "referent_function": "Cadre supérieur de santé",
        "bia": "Réalisé", "bia_on": date(2026, 3, 12), "pca": "Validé", "pra": "Rédigé", "validated_on": date(2026, 6, 2),
        "approver": "CODIR du 02/06/2026", "version": "v1.2", "shared": "Non", "paper_copy": "Oui", "paper_place": "PC sécurité",
        "paper_printed_on": date(2026, 6, 10), "last_test_on": date(2026, 9, 18), "next_test_on": date(2027, 3, 15),
    }  # fmt: skip
    return {
        PARTIES: [{"finess": number, "in_scope": "Oui", "ac": Decimal("152340.5"), "ac_year": 2024, "source": "SAE 2024"}],
        PERIMETERS: [
            {**plan, "code": "URG-01", "name": "Urgences adultes", "kind": "Soins à impact majeur"},
            {**plan, "code": "BIO-01", "name": "Laboratoire de biologie", "kind": "Plateau technique",
             "platform": "Biologie", "pra": "Validé", "pra_validated_on": date(2026, 7, 1),
             "paper_printed_on": date(2026, 7, 6)},
            {"code": "PAIE-01", "finess_ej": number, "name": "Paie", "kind": "Administratif", "exists": "Non",
             "bia": "Sans objet", "pca": "Absent", "pra": "Absent", "bia_reason": "Tenue par l’établissement support",
             "referent_function": "DRH"},
        ],
        ACTIVITIES: [
            {"finess_ej": number, "perimeter_code": "URG-01", "number": "3", "name": "Accueil et tri des patients",
             "process": "Prise en charge urgente", "criticality": "1 - vitale", "impact_4h": 2, "impact_24h": 3,
             "impact_72h": 4, "impact_1w": 4, "impact_kinds": "Patient; Réglementaire", "dima_minutes": "4 h",
             "pdma_minutes": "1 h", "sensitive_period": "Nuits et week-ends", "nominal_staff": 9,
             "minimal_staff": Decimal("4.5"), "degraded_mode": "Oui", "degraded_hold_minutes": "5 jours",
             "procedure_reference": "URG-PD-012", "paper_forms": "Fiche de tri; Ordonnance vierge",
             "paper_place": "Armoire du poste d’accueil", "downstream_activity": "Laboratoire, imagerie"},
            {"finess_ej": number, "perimeter_code": "BIO-01", "number": "1", "name": "Biologie d’urgence",
             "criticality": "3 - importante", "dima_minutes": "90 min", "degraded_mode": "Partiel"},
        ],
        DEPENDENCIES: [
            {"finess_ej": number, "perimeter_code": "URG-01", "activity_number": "3", "kind": "Application",
             "label": "Dossier patient informatisé des urgences", "hosting": "GHT", "supplier": "Éditeur du dossier patient",
             "continuity_clause": "Oui", "tolerated_minutes": "2 h", "workaround": "Poste de secours", "system_code": "DPI-01"},
            {"finess_ej": number, "perimeter_code": "BIO-01", "kind": "Compétence RH", "label": "Biologiste de garde"},
        ],
    }  # fmt: skip


def _exercises(number: str) -> Book:
    return {
        "Planning": [
            {"code": "EX-2026-03", "finess_list": number, "nature": "Combiné", "kit_level": "Intermédiaire",
             "perimeters": "URG-01;BIO-01", "scenario": "Rançongiciel", "unannounced": "Non",
             "planned_on": date(2026, 9, 18), "starts_at": "09:00", "ends_at": "12:30", "facilitator": "GRADeS",
             "status": "Réalisé", "label": "Perte du SI aux urgences et au laboratoire",
             "teams": "Urgences de jour; Laboratoire", "storyline": "09:00 les écrans s’éteignent ; 10:30 le téléphone aussi"},
            {"code": "EX-2026-04", "finess_list": number, "nature": "Exercice cellule de crise", "scenario": "Panne SI",
             "planned_on": date(2026, 10, 1), "status": "Reporté", "status_reason": "Tension hospitalière",
             "postponed_to": date(2027, 1, 31)},
        ],
        "Resultats": [
            {"finess_ej": number, "exercise_code": "EX-2026-03", "held_on": date(2026, 9, 18), "duration_minutes": "3h30",
             "participants": 14, "management_present": "Oui", "departments_present": "Oui", "dmcc_present": "Oui",
             "cell_activated": "Oui", "activation_minutes": "25 min", "log_kept": "Oui", "paper_directory_used": "Non",
             "degraded_modes": "Partiel", "care_assessed": "Oui", "rating": 3, "strengths": "Bascule papier immédiate",
             "weaknesses": "Bons de biologie introuvables", "scenario_file": "Scenario_EX-2026-03.pdf",
             "report_file": "Rapport_EX-2026-03.pdf", "retex_file": "RETEX_EX-2026-03.pdf", "retex_on": date(2026, 10, 9),
             "attendance": "Emargement_EX-2026-03.pdf", "functions": "Directrice des soins; Cadre des urgences"},
        ],
        "Plan_actions": [
            {"finess_ej": number, "exercise_code": "EX-2026-03", "number": "1", "finding": "Bons de biologie introuvables",
             "action": "Placer 200 bons papier dans l’armoire des urgences", "kind": "PCA", "priority": "P1",
             "owner_function": "Cadre supérieur de santé", "due_on": date(2026, 12, 15), "status": "En cours",
             "pca_updated": "Non"},
            {"finess_ej": number, "exercise_code": "EX-2026-03", "number": "2", "finding": "Annuaire périmé",
             "action": "Réimprimer l’annuaire", "kind": "Annuaire / papier", "priority": "P2",
             "owner_function": "RSSI", "due_on": date(2026, 10, 31), "status": "Fait", "closed_on": date(2026, 10, 20),
             "pca_updated": "Oui", "pca_version": "v1.3", "proof_file": "Annuaire_2026-10.pdf", "retest_code": "EX-2026-04"},
            {"finess_ej": number, "incident_code": "INC-2026-01", "number": "1", "finding": "Plus de tonalité au standard",
             "action": "Ranger deux téléphones de secours au standard", "owner_function": "Responsable logistique",
             "due_on": date(2026, 12, 31), "status": "À faire"},
            {"finess_ej": number, "objective": "O1.C", "number": "1", "finding": "Aucun PCA à la paie",
             "action": "Écrire le PCA de la paie", "owner_function": "DRH", "due_on": date(2027, 1, 31), "status": "À faire"},
        ],
    }  # fmt: skip


def _training(number: str) -> Book:
    return {
        "Sessions": [
            {"code": "DMCC-2026-01", "title": "Directeur médical de crise cyber", "kind": "DMCC", "organiser": "ARS",
             "starts_on": date(2026, 3, 10), "ends_on": date(2026, 3, 10), "half_days": 2, "hours": 7,
             "modality": "Présentiel", "place": "Salle de crise, bâtiment A", "trainer": "Médecin du SAMU",
             "signed_sheet": "emargement_DMCC-2026-01.pdf", "programme": "programme_DMCC.pdf", "capacity": 20, "validity_months": 36,
             "finess_ej": number},
            {"code": "SENS-2026-02", "title": "Hygiène informatique", "kind": "Sensibilisation cyber", "organiser": "Interne",
             "starts_on": date(2026, 5, 1), "ends_on": date(2026, 6, 30), "hours": Decimal("1.5"), "modality": "E-learning",
             "finess_ej": number},
        ],
        "Emargement": [
            {"session_code": "DMCC-2026-01", "finess_ej": number, "last_name": "DUPONTEL", "first_name": "Gédéon",
             "function": "Cadre de santé", "service": "Urgences adultes", "profile": "Soignant", "half_day_1": "Présent",
             "half_day_2": "Excusé", "signed": "Oui", "certified": "Oui", "certified_on": date(2026, 3, 12),
             "on_call": "Oui", "notes": "Arrivée à 9 h 30"},
            {"session_code": "SENS-2026-02", "finess_ej": number, "identifier": "4512", "function": "Technicien",
             "profile": "SI", "hours": Decimal("1.5"), "attended_on": date(2026, 5, 12)},
        ],
        "Charte": [
            {"finess_ej": number, "service": "Urgences adultes", "headcount": 64, "signatures": 51,
             "counted_on": date(2026, 6, 30)},
        ],
        "Cibles": [
            {"finess_ej": number, "profile": "Soignant", "headcount": 420, "source": "Bilan social 2025",
             "set_on": date(2026, 1, 15)},
            {"finess_ej": number, "profile": "Direction", "headcount": 12},
        ],
    }  # fmt: skip


def _backups(number: str) -> Book:
    return {
        "SI_critiques": [
            {"code": "DPI-01", "application": "Dossier patient informatisé", "finess_list": number,
             "activities": "URG-01/3; BIO-01", "component": "Base de données", "hosting": "Interne", "plan": "Oui",
             "plan_updated_on": date(2026, 5, 4), "frequency_minutes": "4 h", "retention_days": 30, "copies": 3, "media": 2,
             "offsite": "Oui", "offline": "Oui", "saas_clause": "Sans objet", "supervised": "Oui", "pdma_minutes": "4 h",
             "rto_minutes": "8 h"},
        ],
        "Plateforme": [
            {"finess_ej": number, "product": "SauveData Entreprise", "version": "12.1", "authentication": "AD dédié",
             "two_factor": "Possible non activé", "two_factor_reason": "Jetons commandés", "ads_score": 3,
             "ads_on": date(2026, 10, 20), "red_button": "Procédure", "partition_target": "Réseau de sauvegarde séparé",
             "partition_on": date(2027, 6, 30)},
        ],
        "Tests_restauration": [
            {"finess_ej": number, "code": "REST-2026-04", "system_code": "DPI-01", "tested_on": date(2026, 10, 6),
             "kind": "Technique", "back_in_production": "Oui", "scope": "SRV-DPI-01; SRV-DPI-02", "volume": "850,5",
             "duration_minutes": "2h35", "rto_minutes": "6 h", "rpo_minutes": "4 h", "result": "Partiel",
             "referent_function": "Cadre de santé du laboratoire", "anomalies": "Droits à redonner",
             "test_book_file": "Cahier_REST-2026-04.pdf"},
        ],
    }  # fmt: skip


def _evidence(number: str) -> Book:
    return {
        "Preuves": [
            {"code": "PR-O1C-01", "objectives": "O1.C; O1.D", "holder": number, "document_type": "PCA",
             "title": "PCA des urgences adultes", "file": "PCA_URG_v1.2.pdf", "version": "v1.2",
             "document_on": date(2026, 5, 20), "validated_on": date(2026, 6, 2), "approver": "CODIR", "covered": number,
             "status": "Validée", "nominative": "Non", "diffusion": "GHT", "ars_comment": "Conforme"},
            {"code": "PR-O2B-02", "objectives": "O2.B", "holder": number, "document_type": "Plan de sauvegarde",
             "title": "Plan de sauvegarde de la paie", "status": "En rédaction", "nominative": "Non"},
        ],
        "Jalons": [
            {"code": "J-O3C-02", "title": "Copie hors ligne en service", "objectives": "O3.C", "holder": number,
             "due_on": date(2026, 12, 31), "pilot_function": "RSSI", "progress": 60, "status": "En cours"},
            {"code": "J-O1C-01", "title": "PCA des urgences validé", "objectives": "O1.C", "holder": number,
             "due_on": date(2026, 6, 30), "pilot_function": "Cadre supérieur de santé", "progress": 100, "status": "Atteint",
             "reached_on": date(2026, 6, 2), "evidence": "PR-O1C-01"},
        ],
        "Instances": [
            {"holder": number, "held_on": date(2026, 6, 2), "body": "CODIR", "agenda": "Validation du PCA des urgences",
             "decisions": "PCA validé", "objectives": "O1.A", "attendees": 14, "minutes_file": "PV_CODIR_2026-06-02.pdf"},
        ],
    }  # fmt: skip


def _funding(number: str) -> Book:
    invoice = f"F-2026-{number[-3:]}"
    return {
        "Depenses": [
            {"line_number": "1", "finess_ej": number, "objective": "O1.C", "nature": "Prestation",
             "section": "Fonctionnement", "supplier": "Conseil Exemple SAS", "siret": "12345678200010", "market": "UniHA",
             "commitment_number": "E2026-0412", "committed_on": date(2026, 2, 3), "invoice_number": invoice,
             "invoiced_on": date(2026, 3, 31), "net_cents": Decimal("10000.25"), "vat_rate": "20",
             "vat_cents": Decimal("2000.05"), "gross_cents": Decimal("12000.30"), "share_percent": 50,
             "charged_cents": Decimal("6000.15"), "receipt": "F-2026-118.pdf", "status": "Facturée"},
            {"line_number": "2", "finess_ej": number, "objective": "O1.C", "nature": "Temps interne",
             "net_cents": 1260, "gross_cents": 1260, "share_percent": 100, "receipt": "temps.pdf",
             "hours": Decimal("31.5"), "hourly_rate_cents": 40, "mission_letter": "LM-01"},
            {"line_number": "3", "finess_ej": number, "objective": "O1.C", "nature": "Prestation",
             "supplier": "Conseil Exemple SAS", "siret": "12345678200010", "invoice_number": f"AV-{number[-3:]}",
             "invoiced_on": date(2026, 4, 15), "net_cents": -100, "gross_cents": -120, "share_percent": 50,
             "receipt": "avoir.pdf", "notes": f"Corrige {invoice}"},
        ],
        "Financements": [
            {"scheme": "CaRE D2", "holder": number, "notified_cents": 180000, "notified_on": date(2026, 1, 20),
             "advance_cents": 60000, "advance_on": date(2026, 2, 27), "balance_cents": 120000, "reference": "ARS-2026-114"},
        ],
        "Lettres_de_mission": [
            {"finess_ej": number, "code": "LM-01", "function_title": "Référent PCRA", "objectives": "O1.C; O1.D",
             "starts_on": date(2026, 1, 5), "ends_on": date(2026, 11, 30), "hours": 160, "file": "LM-01.pdf"},
        ],
    }  # fmt: skip


def _crisis(number: str) -> Book:
    checked = date(2026, 10, 5)
    return {
        "Cellule_de_crise": [
            {"finess_ej": number, "role": "Directeur médical de crise", "holder": "Zénobie HAUTECLOQUE",
             "holder_phone": "06 39 98 44 51", "substitute": "Barnabé MONTFAUCON",
             "substitute_phone": "06 39 98 44 52; 01 99 00 77 81", "reachable": "Oui", "checked_on": checked},
        ],
        "Rappel": [
            {"finess_ej": number, "service": "Urgences adultes", "team": "Nuit", "name": "QUENNEVILLE", "first_name": "Philibert",
             "phone": "06 39 98 44 53", "rank": 1, "delay_minutes": "30 min", "checked_on": checked},
        ],
        "Partenaires": [
            {"finess_ej": number, "organisation": "Dépôt de sang", "purpose": "Commande urgente de produits sanguins",
             "phone": "01 99 00 77 82", "on_call": "06 39 98 44 54", "checked_on": checked},
            {"finess_ej": number, "organisation": "CERT Santé", "purpose": "Signalement", "phone": "01 99 00 12 36",
             "on_call": "24 h/24", "checked_on": checked},
        ],
        "Points_de_depot": [
            {"finess_ej": number, "place": "PC sécurité", "cabinet": "Armoire rouge, 2e étagère",
             "keeper": "Philibert QUENNEVILLE", "placed_on": date(2026, 10, 6)},
        ],
    }  # fmt: skip


def _continuity(number: str) -> Book:
    return {
        "Autres_plans": [
            {"finess_ej": number, "code": "PB-01", "kind": "Plan blanc", "title": "Plan blanc 2026", "version": "v3",
             "approved_on": date(2026, 1, 12), "review_by": date(2027, 1, 31), "file": "Plan_blanc_v3.pdf"},
            {"finess_ej": number, "code": "PCRI-01", "kind": "PCRI", "approved_on": date(2026, 3, 2),
             "review_by": date(2027, 3, 31)},
        ],
        "Contenu_PCRA": [
            {"finess_ej": number, "perimeter_code": "URG-01", "owner_function": "Cadre supérieur de santé",
             "loss_system": "Oui", "loss_site": "Non", "loss_staff": "Oui", "loss_supplier": "Non",
             "degraded_after_minutes": "30 min", "interruption_minutes": "4 h", "capacity": 70, "hold_minutes": "3 semaines",
             "relief": "Deux équipes en 12 h, renfort du pool dès J+3", "reviewed_on": date(2026, 6, 2),
             "next_review_on": date(2027, 6, 30), "linked_plans": "PB-01;PCRI-01"},
            {"finess_ej": number, "perimeter_code": "BIO-01", "owner_function": "Biologiste responsable", "loss_system": "Oui",
             "loss_supplier": "Oui", "capacity": Decimal("62.5"), "hold_minutes": "5 jours", "relief": "Astreinte doublée"},
        ],
        "Fonctions_support": [
            {"finess_ej": number, "function": "Paie", "perimeter_code": "PAIE-01", "can_run_again": "Oui",
             "run_by": "Responsable de la paie", "channel": "Fichier du mois précédent gardé hors ligne",
             "hold_minutes": "1 mois", "checked_on": date(2026, 5, 4)},
            {"finess_ej": number, "function": "Achats", "can_run_again": "Non"},
        ],
        "Incidents": [
            {"code": "INC-2026-01", "finess_list": number, "nature": "Panne informatique et téléphonie",
             "title": "Arrêt général de l’informatique et du téléphone", "started_on": date(2026, 1, 20), "started_at": "11:00",
             "degraded_at": "11:20", "recovery_at": "14:00", "ended_on": date(2026, 1, 20), "ended_at": "16:00",
             "plan_blanc": "Oui", "perimeters": "URG-01;BIO-01", "consequences": "12 consultations déplacées",
             "lessons": "Former en continu, garder des fiches papier", "retex_file": "RETEX_INC-2026-01.pdf",
             "retex_on": date(2026, 2, 10), "exercise_code": "EX-2026-03"},
        ],
        "Resultats_par_plan": [
            {"finess_ej": number, "exercise_code": "EX-2026-03", "perimeter_code": "URG-01", "plan_version": "v1.2",
             "result": "Partiel", "degraded_after_minutes": "50 min", "interruption_minutes": "5 h", "capacity": 55,
             "dependencies_found": "Imprimante des étiquettes; Badge du dépôt de sang", "comment": "À rejouer de nuit"},
        ],
    }  # fmt: skip
