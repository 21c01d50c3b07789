"""K1 `KIT_BIA_PCRA.xlsx`: the parties of the candidate, their BIA and their PCRA (workbooks.md, 3.1).

What the rules demand is in `bia_pcra_rules.py`; the sheets Activites and Dependances are in `bia_activity.py`.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from compliance.rules.perimeter import BiaState, PerimeterKind, PlanState
from importers.base import Choice, Column, Kind, Sheet, Workbook
from importers.words import fold
from importers.workbooks import bia_pcra_rules as rules
from importers.workbooks.bia_activity import ACTIVITIES, DEPENDENCIES

if TYPE_CHECKING:
    from importers.facts import Values

KINDS = (
    Choice(PerimeterKind.CARE, PerimeterKind.CARE.label, ("Soins", "Service de soins", "Soins critiques")),
    Choice(
        PerimeterKind.ADMINISTRATIVE, PerimeterKind.ADMINISTRATIVE.label, ("Administratif", "Administratif critique")
    ),
    Choice(
        PerimeterKind.TECHNICAL, PerimeterKind.TECHNICAL.label, ("Plateau", "Plateaux techniques", "Médico-technique")
    ),
    Choice(PerimeterKind.SUPPORT, PerimeterKind.SUPPORT.label, ("Support", "Logistique", "Support et logistique")),
    Choice(PerimeterKind.OTHER, PerimeterKind.OTHER.label),
)
PLATFORMS = (
    Choice("pharmacy", "Pharmacie", ("PUI",)),
    Choice("imaging", "Imagerie", ("Radiologie",)),
    Choice("biology", "Biologie", ("Laboratoire",)),
    Choice("theatre", "Bloc", ("Bloc opératoire",)),
    Choice("sterilisation", "Stérilisation"),
    Choice("other", "Autre"),
)
BIA_STATES = (
    Choice(BiaState.DONE, BiaState.DONE.label, ("Réalisée", "Fait", "Terminé")),
    Choice(BiaState.IN_PROGRESS, BiaState.IN_PROGRESS.label, ("En cours de réalisation",)),
    Choice(BiaState.NOT_DONE, BiaState.NOT_DONE.label, ("À faire", "Non fait", "Pas réalisé")),
    Choice(BiaState.NOT_APPLICABLE, BiaState.NOT_APPLICABLE.label, ("SO", "NA", "N/A", "Non applicable")),
)
PLAN_STATES = (
    Choice(PlanState.APPROVED, PlanState.APPROVED.label, ("Validée", "Approuvé")),
    Choice(PlanState.WRITTEN, PlanState.WRITTEN.label, ("Rédigée", "Écrit")),
    Choice(PlanState.IN_PROGRESS, PlanState.IN_PROGRESS.label, ("En cours de rédaction",)),
    Choice(PlanState.ABSENT, PlanState.ABSENT.label, ("Absente", "Inexistant")),
)


def party_key(finess: object, name: object) -> str:
    """Return the business key of a party: its FINESS, or its folded name when it has no number."""
    return str(finess or "") or fold(str(name or ""))


def perimeter_key(finess_ej: object, code: object) -> str:
    """Return the business key of a perimeter: « 760780239/URG-01 »; empty when a part is missing."""
    return f"{finess_ej}/{code}" if finess_ej and code else ""


def perimeter_cells(values: Values) -> Values:
    """Lay out a stored perimeter as the columns of the sheet show it (the reverse of the rules)."""
    cells = dict(values)
    pca_on, pra_on = values.get("pca_on"), values.get("pra_on")
    cells["validated_on"] = pca_on or pra_on
    cells["pra_validated_on"] = pra_on if pca_on and pra_on and pra_on != pca_on else None
    code, covered = values.get("shared_system"), values.get("covered") or ()
    cells["shared"] = (code, tuple(covered)) if code else None  # type: ignore[arg-type]
    cells["bia_reason"] = values.get("bia_reason") or values.get("absence_reason")
    return cells


PARTIES = Sheet(
    name="Parties",
    title="Les parties du candidat et leur activité combinée",
    one="partie",
    synonyms=("Partie", "Membres", "Etablissements"),
    key=lambda values: party_key(values.get("finess"), values.get("name")),
    key_column="finess",
    fields=("finess", "name", "in_scope", "out_reason", "ac", "ac_year", "source"),
    rules=(rules.party,),
    columns=(
        Column(
            key="finess", label="FINESS EJ", kind=Kind.FINESS_PARTY, required=True, blank_allowed=True, width=14,
            labels={"eg": "FINESS ET"}, example="760780239",
            help="9 caractères, format Texte ; vide seulement pour une partie hors périmètre qui n’a pas de numéro",
            synonyms=("FINESS", "N° FINESS", "Numéro FINESS", "N° FINESS EJ", "FINESS juridique", "FINESS EG",
                      "FINESS entité juridique", "N° FINESS ET", "FINESS géographique", "FINESS EJ/ET"),
        ),
        Column(
            key="name", label="Nom de la partie", kind=Kind.TEXT, maximum=200, width=34, example="CH de l’Exemple",
            help="Obligatoire si la partie n’a pas de numéro FINESS, facultatif sinon",
            synonyms=("Nom", "Établissement", "Raison sociale", "Nom de l’établissement", "Libellé"),
        ),
        Column(
            key="in_scope", label="Dans le périmètre", kind=Kind.YES_NO, required=True, width=13, example="Oui",
            help="Oui ou Non", synonyms=("Dans le périmètre (Oui/Non)", "Périmètre", "Inclus dans le périmètre"),
        ),
        Column(
            key="out_reason", label="Motif si Non", kind=Kind.TEXT, width=34,
            help="Pourquoi la partie est hors périmètre (par exemple EHPAD)",
            synonyms=("Motif", "Motif si hors périmètre", "Motif d’exclusion"),
        ),
        Column(
            key="ac", label="Activité combinée", kind=Kind.NUMBER, required=True, blank_allowed=True, width=16,
            example=Decimal("152340.50"), help="Nombre ; laissez vide si elle n’est pas connue, n’écrivez pas 0",
            synonyms=("AC", "Activité combinée (AC)", "Valeur AC"),
        ),
        Column(
            key="ac_year", label="Année", kind=Kind.YEAR, required=True, blank_allowed=True, width=9, example=2024,
            help="Année de l’activité combinée", synonyms=("Année AC", "Exercice", "Année de référence"),
        ),
        Column(
            key="source", label="Source", kind=Kind.TEXT, required=True, blank_allowed=True, width=28,
            example="SAE 2024", help="D’où vient l’activité combinée", synonyms=("Source AC", "Origine"),
        ),
    ),
)  # fmt: skip

PERIMETERS = Sheet(
    name="Perimetres",
    title="Un périmètre par ligne : service ou processus, son BIA, son PCA, son PRA",
    one="périmètre",
    called="Périmètres",
    synonyms=("Périmètre", "Services", "BIA", "PCRA", "BIA PCRA", "Inventaire BIA"),
    key=lambda values: perimeter_key(values.get("finess_ej"), values.get("code")),
    key_column="code",
    code="code",
    fields=(
        "code", "finess_ej", "finess_et", "name", "kind", "platform", "exists", "absence_reason", "department",
        "referent_function", "referent_name", "bia", "bia_on", "bia_reason", "pca", "pca_on", "pra", "pra_on",
        "approver", "version", "shared_system", "covered", "shared_identical", "paper_copy", "paper_place",
        "paper_printed_on", "last_test_on", "next_test_on", "evidence_file",
    ),
    rules=(
        rules.site, rules.existence, rules.platform, rules.bia, rules.plans, rules.referent, rules.shared_system,
        rules.paper, rules.tests, rules.evidence,
    ),
    sheet_rules=(rules.typed_twice,),
    to_cells=perimeter_cells,
    columns=(
        Column(
            key="code", label="Code périmètre", kind=Kind.CODE, required=True, width=13, example="URG-01",
            help="De 2 à 20 caractères : A à Z, 0 à 9, tiret ; unique dans l’EJ",
            synonyms=("Code", "Code du périmètre", "Code service", "Code UF", "Code processus"),
        ),
        Column(
            key="finess_ej", label="FINESS EJ", kind=Kind.FINESS_EJ, required=True, width=14, example="760780239",
            help="Entité juridique : 9 caractères, format Texte",
            synonyms=("FINESS", "N° FINESS", "N° FINESS EJ", "FINESS juridique", "FINESS entité juridique", "EJ"),
        ),
        Column(
            key="finess_et", label="FINESS ET", kind=Kind.FINESS_ET, width=14, example="760000158",
            help="Site : 9 caractères ; obligatoire hors GHT quand il y a plusieurs sites",
            synonyms=("FINESS site", "FINESS géographique", "N° FINESS ET", "FINESS EG", "ET"),
        ),
        Column(
            key="name", label="Périmètre / service", kind=Kind.TEXT, required=True, maximum=200, width=30,
            example="Urgences adultes", help="Nom du service ou du processus",
            synonyms=("Périmètre", "Service", "Unité", "UF", "Processus", "Secteur", "Nom du périmètre",
                      "Périmètre ou service", "Service ou processus", "Nom du service"),
        ),
        Column(
            key="kind", label="Type de périmètre", kind=Kind.CHOICE, required=True, choices=KINDS, width=28,
            example="Soins à impact majeur", help="Choisissez dans la liste", synonyms=("Type", "Type périmètre"),
        ),
        Column(
            key="platform", label="Plateau technique (précision)", kind=Kind.CHOICE, choices=PLATFORMS, width=16,
            help="Obligatoire si le type est Plateau technique",
            synonyms=("Précision", "Précision du plateau technique", "Plateau technique"),
        ),
        Column(
            key="exists", label="Existe dans l’établissement", kind=Kind.YES_NO, required=True, width=14, example="Oui",
            help="Oui ou Non ; si Non, écrivez pourquoi dans « Motif si BIA absent »",
            synonyms=("Existe", "Présent dans l’établissement"),
        ),
        Column(
            key="department", label="Pôle / direction", kind=Kind.TEXT, maximum=200, width=20, example="Urgences-réa",
            help="Pôle ou direction de rattachement", synonyms=("Pôle", "Direction"),
        ),
        Column(
            key="referent_function", label="Fonction du référent métier", kind=Kind.TEXT, required=True,
            blank_allowed=True, personal=True, maximum=200, width=26, example="Cadre supérieur de santé",
            help="Une fonction, jamais le nom d’une personne",
            synonyms=("Référent métier", "Référent", "Correspondant métier", "Fonction du référent", "RPCRA",
                      "Pilote PCA", "Cadre"),
        ),
        Column(
            key="bia", label="BIA", kind=Kind.CHOICE, required=True, blank_allowed=True, choices=BIA_STATES, width=13,
            example="Réalisé", help="Choisissez dans la liste",
            synonyms=("Bilan d’impact sur l’activité", "Analyse d’impact", "État du BIA", "Statut BIA"),
        ),
        Column(
            key="bia_on", label="Date du BIA", kind=Kind.DATE, width=12, example=date(2026, 3, 12),
            help="jj/mm/aaaa ; obligatoire si le BIA est réalisé",
            synonyms=("Date BIA", "Date du bilan d’impact", "Date de réalisation du BIA"),
        ),
        Column(
            key="bia_reason", label="Motif si BIA absent", kind=Kind.TEXT, width=28,
            help="Pourquoi il n’y a pas de BIA, ou pourquoi le périmètre n’existe pas ici",
            synonyms=("Motif BIA absent", "Motif absence BIA", "Motif"),
        ),
        Column(
            key="pca", label="PCA", kind=Kind.CHOICE, required=True, blank_allowed=True, choices=PLAN_STATES, width=11,
            example="Validé", help="Choisissez dans la liste",
            synonyms=("Plan de continuité d’activité", "État du PCA", "Statut PCA"),
        ),
        Column(
            key="pra", label="PRA", kind=Kind.CHOICE, required=True, blank_allowed=True, choices=PLAN_STATES, width=11,
            example="Rédigé", help="Choisissez dans la liste",
            synonyms=("Plan de reprise d’activité", "État du PRA", "Statut PRA"),
        ),
        Column(
            key="validated_on", label="Date de validation PCA / PRA", kind=Kind.DATE, width=14,
            example=date(2026, 6, 2), help="jj/mm/aaaa ; obligatoire si le PCA ou le PRA est validé",
            synonyms=("Date de validation", "Date de validation PCA", "Date de validation du PCA",
                      "Date validation PCA",
                      "Date de validation PCA et PRA", "Date validation PCA/PRA"),
        ),
        Column(
            key="pra_validated_on", label="Date de validation PRA (si différente)", kind=Kind.DATE, width=14,
            help="jj/mm/aaaa ; seulement si le PRA a été validé un autre jour que le PCA",
            synonyms=("Date de validation PRA", "Date de validation du PRA", "Date validation PRA"),
        ),
        Column(
            key="approver", label="Instance ou signataire", kind=Kind.TEXT, maximum=200, width=24,
            example="CODIR du 02/06/2026", help="Obligatoire si le PCA ou le PRA est validé",
            synonyms=("Instance", "Signataire", "Validé par"),
        ),
        Column(
            key="version", label="Version", kind=Kind.TEXT, maximum=40, width=9, example="v1.2", help="Version du PCRA",
        ),
        Column(
            key="shared", label="SI mutualisé", kind=Kind.SHARED, width=26, example="Non",
            help="Non, ou le code du SI puis les FINESS des EJ couverts, séparés par des points-virgules",
            synonyms=("SI partagé", "SI commun"),
        ),
        Column(
            key="shared_identical", label="Modes dégradés identiques dans tous les EJ", kind=Kind.YES_NO, width=16,
            help="Oui ou Non ; obligatoire si le SI est mutualisé", synonyms=("Modes dégradés identiques",),
        ),
        Column(
            key="paper_copy", label="Exemplaire papier", kind=Kind.YES_NO, width=12, example="Oui", help="Oui ou Non",
            synonyms=("Version papier", "Papier"),
        ),
        Column(
            key="paper_place", label="Lieu", kind=Kind.TEXT, maximum=200, width=24, help="Où est l’exemplaire papier",
            example="PC sécurité + bureau cadre", synonyms=("Lieu de l’exemplaire papier", "Lieu de dépôt"),
        ),
        Column(
            key="paper_printed_on", label="Date d’impression", kind=Kind.DATE, width=12, example=date(2026, 6, 10),
            help="jj/mm/aaaa", synonyms=("Imprimé le",),
        ),
        Column(
            key="last_test_on", label="Dernier test", kind=Kind.DATE, width=12, example=date(2026, 9, 18),
            help="jj/mm/aaaa", synonyms=("Date du dernier test", "Dernier exercice"),
        ),
        Column(
            key="next_test_on", label="Prochain test prévu", kind=Kind.PLANNED_DATE, width=12,
            example=date(2027, 3, 15), help="jj/mm/aaaa, ou un mois (03/2027) ou un trimestre (T1 2027)",
            synonyms=("Prochain test", "Date du prochain test", "Test prévu"),
        ),
        Column(
            key="evidence_file", label="Fichier de preuve", kind=Kind.TEXT, maximum=255, width=26,
            example="PCA_URG_v1.2.pdf", help="Nom d’un fichier déposé dans Vigie",
            synonyms=("Preuve", "Nom du fichier", "Fichier"),
        ),
    ),
)  # fmt: skip

BIA_PCRA = Workbook(
    code="KIT_BIA_PCRA",
    version=1,
    title="Inventaire BIA et couverture PCRA",
    about=(
        "Un périmètre par service ou processus : où en sont son BIA, son PCA et son PRA, ses activités et ce dont elles "
        "dépendent. C’est ce classeur qui donne la part d’activité combinée couverte (D2.O1.C)."
    ),
    accepted=(
        "Ce classeur, ou votre propre tableau (.xlsx, .ods, .xls, .csv). Vous pouvez ajouter des colonnes, changer "
        "leur ordre et laisser des lignes vides ; rien n’est enregistré avant votre confirmation."
    ),
    sheets=(PARTIES, PERIMETERS, ACTIVITIES, DEPENDENCIES),
)
