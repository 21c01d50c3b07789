"""The sheet Plan_actions of K2: what is decided after an exercise, an incident, or for a row of the referential.

What the rules demand is in `exercises_actions_rules.py`.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from compliance.models.exercise import ExerciseAction
from importers.base import Choice, Column, Kind, Sheet
from importers.workbooks import common
from importers.workbooks import exercises_actions_rules as rules

if TYPE_CHECKING:
    from importers.facts import Values

KINDS = (
    Choice("pca", "PCA", ("PRA", "PCRA", "Plan", "Plan de continuité")),
    Choice("organisation", "Organisation", ("Organisationnel", "Organisationnelle", "Gouvernance", "Procédure")),
    Choice("technical", "Technique", ("SI", "Informatique", "Technical")),
    Choice("training", "Formation", ("Sensibilisation", "Formation et sensibilisation", "Entraînement")),
    Choice("paper", "Annuaire / papier", ("Annuaire", "Papier", "Annuaire et papier", "Support papier")),
)
PRIORITIES = (
    Choice("p1", "P1", ("1", "Haute", "Élevée", "Forte", "Urgente", "Urgent")),
    Choice("p2", "P2", ("2", "Moyenne", "Normale")),
    Choice("p3", "P3", ("3", "Basse", "Faible")),
)
STATUSES = (
    Choice("to_do", "À faire", ("Pas commencé", "Non commencé", "À lancer", "Ouvert", "Planifié", "Non fait", "To do")),
    Choice("in_progress", "En cours", ("Commencé", "Démarré", "Engagé", "In progress")),
    Choice(
        rules.DONE, "Fait",
        ("Faite", "Terminé", "Terminée", "Réalisé", "Réalisée", "Clos", "Close", "Clôturé", "Clôturée", "Soldé",
         "Soldée", "OK", "Done"),
    ),
    Choice(rules.DROPPED, "Abandonné", ("Abandonnée", "Annulé", "Annulée", "Sans suite")),
)  # fmt: skip


def action_key(values: Values) -> str:
    """Return the key of an action: « EX-2026-03 / 1 », « 01 » being 1; empty when a part is missing.

    An action that no exercise decided is of its incident, else of its row of the referential.
    """
    code = next((values.get(key) for key in rules.ORIGINS if values.get(key)), None)
    number = values.get("number")
    return f"{code} / {str(number).lstrip('0') or '0'}" if code and number else ""


def exercise_code(*, blank_allowed: bool = False) -> Column:
    """Return the column by which a row names its exercise."""
    return Column(
        key="exercise_code", label="Code exercice", kind=Kind.CODE, required=True, blank_allowed=blank_allowed, width=15,
        example="EX-2026-03",
        refers="Planning", help="Le code donné à l’exercice dans la feuille Planning",
        synonyms=("Code de l’exercice", "Code", "Exercice", "N° exercice", "N° d’exercice", "Numéro d’exercice",
                  "Référence exercice", "Référence de l’exercice", "Réf. exercice", "ID exercice"),
    )  # fmt: skip


ACTIONS = Sheet(
    name="Plan_actions",
    title="Les actions décidées après chaque exercice",
    one="action",
    called="Plan d’actions",
    synonyms=("Plan d’actions", "Plan d’action", "Actions", "Plan_action", "Suivi des actions",
              "Plan d’amélioration"),
    record=ExerciseAction,
    key=action_key,
    key_column="number",
    fields=(
        "exercise_code", "number", "finding", "action", "kind", "priority", "owner_function", "due_on", "status",
        "closed_on", "pca_updated", "pca_version", "incident_code", "objective", "proof_file", "retest_code",
        "finess_ej",
    ),
    rules=(
        rules.owner,
        common.function_not_name("owner_function"),
        common.gap_if_blank(
            "owner_function", "La fonction responsable reste à saisir.", "Écrivez une fonction, jamais un nom."
        ),
        common.not_after_today("closed_on", "Une action ne peut pas être close dans l’avenir."),
        rules.state_and_due,
        common.uploaded("proof_file"),
    ),
    columns=(
        exercise_code(blank_allowed=True),
        Column(
            key="number", label="N°", kind=Kind.TEXT, required=True, maximum=20, width=7, example="1",
            help="Numéro de l’action dans l’exercice",
            synonyms=("N° action", "N° d’action", "Numéro", "Numéro d’action", "No", "Num", "#", "N° de l’action",
                      "Rang"),
        ),
        Column(
            key="finding", label="Constat", kind=Kind.TEXT, required=True, maximum=4000, width=36,
            example="Bons de biologie introuvables", help="Ce qui a été observé",
            synonyms=("Constats", "Écart", "Écart constaté", "Point à améliorer", "Problème",
                      "Dysfonctionnement"),
        ),
        Column(
            key="action", label="Action", kind=Kind.TEXT, required=True, maximum=4000, width=36,
            example="Placer 200 bons papier dans l’armoire des urgences", help="Ce qui est décidé",
            synonyms=("Actions", "Action corrective", "Action à mener", "Mesure", "Action décidée",
                      "Action d’amélioration", "Recommandation"),
        ),
        Column(
            key="kind", label="Type", kind=Kind.CHOICE, choices=KINDS, width=17, example="PCA",
            help="Choisissez dans la liste",
            synonyms=("Type d’action", "Catégorie", "Nature", "Domaine"),
        ),
        Column(
            key="priority", label="Priorité", kind=Kind.CHOICE, choices=PRIORITIES, width=9, example="P1",
            help="P1 (la plus haute), P2 ou P3", synonyms=("Niveau de priorité", "Prio", "Urgence"),
        ),
        Column(
            key="owner_function", label="Fonction responsable", kind=Kind.TEXT, required=True, blank_allowed=True,
            personal=True, maximum=200, width=26, example="Cadre supérieur de santé",
            help="Une fonction, jamais le nom d’une personne",
            synonyms=("Responsable", "Pilote", "Fonction du responsable", "Fonction pilote", "Fonction du pilote",
                      "Porteur", "Pilote de l’action", "Qui", "Responsable de l’action"),
        ),
        Column(
            key="due_on", label="Échéance", kind=Kind.PLANNED_DATE, required=True, width=12,
            example=date(2026, 12, 15), help="jj/mm/aaaa, ou un mois (12/2026) ou un trimestre (T4 2026)",
            synonyms=("Date d’échéance", "Délai", "Date prévue", "Pour le", "Date cible", "Date butoir", "Quand"),
        ),
        Column(
            key="status", label="Statut", kind=Kind.CHOICE, choices=STATUSES, width=12, example="En cours",
            help="Choisissez dans la liste",
            synonyms=("État", "Statut de l’action", "État de l’action", "État d’avancement", "Status"),
        ),
        Column(
            key="closed_on", label="Date de clôture", kind=Kind.DATE, width=12,
            help="jj/mm/aaaa, quand l’action est faite",
            synonyms=("Clôture", "Clôturé le", "Date de réalisation", "Fait le", "Date de fin", "Date réalisée"),
        ),
        Column(
            key="pca_updated", label="PCA mis à jour", kind=Kind.YES_NO, width=11, example="Non", help="Oui ou Non",
            synonyms=("Mise à jour du PCA", "PCA mis à jour (Oui/Non)", "PCA à jour", "PCRA mis à jour"),
        ),
        Column(
            key="pca_version", label="Version du PCA", kind=Kind.TEXT, maximum=40, width=11,
            help="Version du PCA qui porte la mise à jour",
            synonyms=("Version", "Version du PCA mis à jour", "Version PCA", "PCA mis à jour (version)"),
        ),
        Column(
            key="incident_code", label="Code incident", kind=Kind.CODE, refers="Incidents", width=15,
            help="Si l’action vient d’un incident réel plutôt que d’un exercice",
            synonyms=("Code de l’incident", "Incident"),
        ),
        Column(
            key="objective", label="Ligne du référentiel", kind=Kind.OBJECTIVE, width=12, example="D2.O1.C",
            help="Si l’action répond à un écart du référentiel, par exemple D2.O1.C",
            synonyms=("Objectif", "Objectif CaRE"),
        ),
        Column(
            key="proof_file", label="Preuve de l’action (fichier)", kind=Kind.FILE, piece="D2.O1.D:other", width=26,
            help="Ce qui prouve qu’elle est faite : nom d’un fichier déposé dans Vigie",
            synonyms=("Preuve", "Preuve de réalisation"),
        ),
        Column(
            key="retest_code", label="Exercice de vérification", kind=Kind.CODE, refers="Planning", width=15,
            help="Ou le code de l’exercice qui a vérifié qu’elle tient",
            synonyms=("Nouveau test", "Code du nouveau test"),
        ),
        common.ESTABLISHMENT,
    ),
)  # fmt: skip
