"""The sheets Activites and Dependances of K1: what each perimeter does, and what it cannot do without (workbooks.md, 3.1).

What the rules demand is in `bia_activity_rules.py`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from compliance.models.activity import Activity, Dependency
from importers.base import Choice, Column, Kind, Sheet
from importers.workbooks import bia_activity_rules as rules
from importers.workbooks.common import ESTABLISHMENT, owned_through

if TYPE_CHECKING:
    from importers.facts import Values

# No national scale exists (practice.md, 1.2): the figure is kept, its word is only how people read it.
CRITICALITIES = (
    Choice("1", "1 - vitale", ("1", "Vitale", "Vital", "1 vitale", "1 (vitale)", "Niveau 1", "N1", "C1")),
    Choice("2", "2 - critique", ("2", "Critique", "2 critique", "2 (critique)", "Niveau 2", "N2", "C2")),
    Choice(
        "3", "3 - importante",
        ("3", "Importante", "Important", "3 importante", "3 (importante)", "Niveau 3", "N3", "C3"),
    ),
    Choice(
        "4", "4 - différable",
        ("4", "Différable", "Peut attendre", "4 différable", "4 (différable)", "Niveau 4", "N4", "C4"),
    ),
)  # fmt: skip
IMPACT_KINDS = (
    Choice("patient", "Patient", ("Patients", "Soins", "Vital", "Prise en charge", "Sécurité du patient", "Humain")),
    Choice("regulatory", "Réglementaire", ("Juridique", "Légal", "Réglementation", "Juridique et réglementaire")),
    Choice("financial", "Financier", ("Financière", "Finances", "Économique")),
    Choice("social", "Social", ("RH", "Personnel", "Ressources humaines")),
    Choice("image", "Image", ("Réputation", "Médiatique", "Image et réputation")),
)
DEGRADED_MODES = (
    Choice("yes", "Oui", ("Existe", "Écrit", "Complet")),
    Choice("partial", "Partiel", ("Partielle", "Partiellement", "En partie", "Incomplet")),
    Choice("no", "Non", ("Aucun", "Absent", "Néant")),
)
DEPENDENCY_KINDS = (
    Choice(
        "application", "Application",
        ("Applications", "Logiciel", "Progiciel", "Applicatif", "Système d’information", "SI", "Application métier"),
    ),
    Choice("interface", "Interface / flux", ("Interface", "Flux", "Interfaces", "EAI", "Interface ou flux")),
    Choice(
        "biomedical", "Équipement biomédical",
        ("Biomédical", "Équipement", "Équipements biomédicaux", "Dispositif médical", "DM", "Matériel biomédical"),
    ),
    Choice(
        "workstation", "Poste / impression",
        ("Poste", "Impression", "Poste de travail", "Postes", "Imprimante", "Poste et impression"),
    ),
    Choice("telephony", "Téléphonie", ("Téléphone", "Télécom", "Télécoms", "Standard", "DECT")),
    Choice("premises", "Locaux", ("Local", "Bâtiment", "Bâtiments", "Site")),
    Choice(
        "utilities", "Énergie / fluides",
        ("Énergie", "Fluides", "Électricité", "Fluides médicaux", "Énergie et fluides", "Eau"),
    ),
    Choice(
        "skill", "Compétence RH",
        ("Compétence", "Compétences", "Compétences clés", "RH", "Personnel", "Personnel clé", "Ressources humaines"),
    ),
    Choice("supplier", "Fournisseur", ("Fournisseurs", "Prestataire", "Sous-traitant", "Éditeur")),
    Choice("upstream", "Service amont", ("Amont", "Service en amont", "Activité amont")),
    Choice("downstream", "Service aval", ("Aval", "Service en aval", "Activité aval")),
)  # fmt: skip
HOSTINGS = (
    Choice("internal", "Interne", ("En interne", "Local", "Sur site", "Établissement", "On premise")),
    Choice("ght", "GHT", ("Mutualisé GHT", "Établissement support", "Support du GHT")),
    Choice("hds", "HDS externe", ("HDS", "Hébergeur HDS", "Hébergement HDS", "Externe", "Hébergeur externe")),
    Choice("saas", "SaaS", ("Mode SaaS", "Cloud", "En ligne")),
)
CLAUSES = (
    Choice("yes", "Oui"),
    Choice("no", "Non"),
    Choice("nc", "NC", ("N/C", "Non connu", "Inconnu", "Ne sait pas", "NSP", "Non communiqué")),
)


def activity_cells(values: Values) -> Values:
    """Lay out a stored activity as the columns of the sheet show it: natures of impact by their names."""
    labels = {choice.value: choice.label for choice in IMPACT_KINDS}
    stored = values.get("impact_kinds") or ()
    return {**values, "impact_kinds": tuple(labels[str(value)] for value in stored)}  # type: ignore[attr-defined]  # a list


PERIMETER_SYNONYMS = (
    "Code du périmètre", "Périmètre", "Code service", "Code du service", "Code UF", "Code processus", "Code PCRA",
)  # fmt: skip


def _impact(key: str, delay: str, example: int, *synonyms: str) -> Column:
    return Column(
        key=key, label=f"Impact à {delay}", kind=Kind.INTEGER, low=0, high=4, width=9, example=example,
        help="De 0 (aucun) à 4 (le plus grave) ; ne diminue pas avec le temps", synonyms=synonyms,
    )  # fmt: skip


ACTIVITIES = Sheet(
    name="Activites",
    title="Une activité par ligne : sa criticité, la durée d’interruption qu’elle supporte, son mode dégradé",
    one="activité",
    called="Activités",
    synonyms=(
        "Activité", "BIA activités", "Activités critiques", "Liste des activités", "Inventaire des activités",
        "Analyse d’impact", "Bilan d’impact",
    ),
    record=Activity,
    key=lambda values: rules.activity_key(values.get("perimeter_code"), values.get("number")),
    key_column="number",
    fields=(
        "finess_ej", "perimeter_code", "number", "name", "process", "criticality", "impact_4h", "impact_24h",
        "impact_72h", "impact_1w", "impact_kinds", "dima_minutes", "pdma_minutes", "sensitive_period", "nominal_staff",
        "minimal_staff", "degraded_mode", "degraded_hold_minutes", "procedure_reference", "paper_forms", "paper_place",
        "downstream_activity",
    ),
    rules=(
        owned_through("Perimetres", "perimeter_code"), rules.criticality, rules.impacts,
        rules.impact_kinds(IMPACT_KINDS), rules.interruption, rules.staff, rules.hold,
    ),
    to_cells=activity_cells,
    columns=(
        Column(
            key="perimeter_code", label="Code périmètre", kind=Kind.CODE, required=True, refers="Perimetres", width=13,
            example="URG-01", help="Code du périmètre, tel que dans la feuille Perimetres", synonyms=PERIMETER_SYNONYMS,
        ),
        Column(
            key="number", label="N°", kind=Kind.TEXT, required=True, maximum=20, width=7, example="3",
            help="Numéro de l’activité, unique dans son périmètre",
            synonyms=("N° activité", "N° d’activité", "Numéro", "Numéro d’activité", "Num", "No", "Code activité",
                      "N° de l’activité"),
        ),
        Column(
            key="name", label="Activité", kind=Kind.TEXT, required=True, maximum=300, width=36,
            example="Accueil et tri des patients", help="Ce que fait le service, en quelques mots",
            synonyms=("Activités", "Libellé de l’activité", "Nom de l’activité", "Intitulé de l’activité", "Libellé",
                      "Intitulé", "Tâche", "Mission"),
        ),
        Column(
            key="process", label="Processus", kind=Kind.TEXT, maximum=200, width=22, example="Prise en charge urgente",
            help="Processus dont l’activité fait partie", synonyms=("Macro-processus", "Sous-processus", "Domaine"),
        ),
        Column(
            key="criticality", label="Criticité", kind=Kind.CHOICE, required=True, blank_allowed=True, width=15,
            choices=CRITICALITIES, example="1 - vitale",
            help="De 1 (vitale) à 4 (différable), en toutes lettres ou en chiffre : une couleur ne se lit pas",
            synonyms=("Niveau de criticité", "Criticité de l’activité", "Criticité (1-4)", "Niveau", "Priorité",
                      "Cotation", "Classe de criticité"),
        ),
        _impact("impact_4h", "4 h", 2, "Impact 4h", "Impact 4 h", "Impact à 4h", "Impact à 4 heures", "4h", "4 h",
                "Impact < 4h", "I 4h"),
        _impact("impact_24h", "24 h", 3, "Impact 24h", "Impact 24 h", "Impact à 24h", "Impact à 24 heures", "24h",
                "24 h", "Impact à 1 jour", "Impact 1 jour", "Impact J+1", "I 24h"),
        _impact("impact_72h", "72 h", 4, "Impact 72h", "Impact 72 h", "Impact à 72h", "Impact à 72 heures", "72h",
                "72 h", "Impact à 3 jours", "Impact 3 jours", "Impact J+3", "I 72h"),
        _impact("impact_1w", "1 semaine", 4, "Impact 1 semaine", "Impact une semaine", "Impact à une semaine",
                "Impact à 7 jours", "Impact 7 jours", "1 semaine", "Impact J+7", "Impact > 72h", "I 1 semaine"),
        Column(
            key="impact_kinds", label="Nature d’impact", kind=Kind.TEXTS, width=22, example="Patient; Réglementaire",
            help="Patient, Réglementaire, Financier, Social ou Image ; séparez par des points-virgules",
            synonyms=("Nature de l’impact", "Natures d’impact", "Type d’impact", "Nature des impacts", "Types d’impact"),
        ),
        Column(
            key="dima_minutes", label="DIMA", kind=Kind.DURATION, required=True, blank_allowed=True, width=11,
            example="4 h",
            help="Durée d’interruption maximale admissible : 30 min, 4 h, 1 j ; obligatoire pour une criticité 1 ou 2",
            synonyms=("Durée d’interruption maximale admissible", "DMIA", "DIMA (h)", "DIMA (heures)", "DIMA en heures",
                      "DIMA (jours)", "DIMA (j)", "DIMA (min)",
                      "Délai d’interruption maximal admissible", "Délai d’indisponibilité maximal",
                      "Durée maximale d’interruption admissible", "Délai maximal d’interruption admissible", "MTPD",
                      "TAMT", "RTO", "DIMA/DMIA", "DMIA (h)"),
        ),
        Column(
            key="pdma_minutes", label="PDMA", kind=Kind.DURATION, width=11, example="1 h",
            help="Perte de données maximale admissible, en durée : 0, 15 min, 1 h, 1 j",
            synonyms=("Perte de données maximale admissible", "Perte maximale de données admissible", "RPO", "PDMA (h)",
                      "PDMA (heures)", "PDMA en heures", "PDMA (jours)", "PDMA (min)", "Perte de données maximale"),
        ),
        Column(
            key="sensitive_period", label="Période sensible", kind=Kind.TEXT, maximum=200, width=22,
            example="Nuits et week-ends", help="Quand l’arrêt serait le plus grave (paie du 10 au 20)",
            synonyms=("Périodes sensibles", "Période critique", "Périodes critiques", "Pic d’activité", "Saisonnalité"),
        ),
        Column(
            key="nominal_staff", label="Effectif nominal", kind=Kind.NUMBER, decimals=1, low=0, high=99_999, width=10,
            example=Decimal(9), help="Personnes présentes en temps normal",
            synonyms=("Effectif", "Effectif normal", "Effectifs", "Nombre d’agents", "Effectif habituel", "ETP"),
        ),
        Column(
            key="minimal_staff", label="Effectif minimal", kind=Kind.NUMBER, decimals=1, low=0, high=99_999, width=10,
            example=Decimal(4), help="Personnes sans lesquelles l’activité s’arrête ; au plus l’effectif nominal",
            synonyms=("Effectif mini", "Effectif minimum", "Effectif min", "Effectif minimum requis", "ETP minimum"),
        ),
        Column(
            key="degraded_mode", label="Mode dégradé", kind=Kind.CHOICE, required=True, choices=DEGRADED_MODES, width=11,
            example="Oui", help="Y a-t-il une façon de travailler sans informatique : Oui, Partiel ou Non",
            synonyms=("Procédure dégradée", "Procédures dégradées", "Solution de contournement", "Mode papier",
                      "Modes dégradés", "Mode dégradé existant", "Existence d’un mode dégradé"),
        ),
        Column(
            key="degraded_hold_minutes", label="Durée de tenue du mode dégradé", kind=Kind.DURATION, width=14,
            example="5 jours", help="Combien de temps le mode dégradé tient vraiment : 12 h, 3 jours, 1 semaine",
            synonyms=("Durée de tenue", "Tenue du mode dégradé", "Autonomie en mode dégradé", "Durée du mode dégradé",
                      "Durée maximale du mode dégradé", "Tenue"),
        ),
        Column(
            key="procedure_reference", label="Référence de la procédure", kind=Kind.TEXT, maximum=200, width=22,
            example="URG-PD-012", help="Référence du document qui décrit le mode dégradé",
            synonyms=("Référence procédure", "Procédure", "Réf. procédure", "Document", "Référence GED"),
        ),
        Column(
            key="paper_forms", label="Supports papier", kind=Kind.TEXTS, width=30,
            example="Fiche de tri; Ordonnance vierge", help="Formulaires papier, séparés par des points-virgules",
            synonyms=("Formulaires papier", "Support papier", "Formulaires", "Documents papier", "Imprimés"),
        ),
        Column(
            key="paper_place", label="Lieu des supports", kind=Kind.TEXT, maximum=200, width=22,
            example="Armoire du poste d’accueil", help="Où les trouver sans informatique",
            synonyms=("Lieu", "Emplacement des supports", "Lieu des supports papier", "Emplacement", "Lieu de stockage"),
        ),
        Column(
            key="downstream_activity", label="Activité aval dépendante", kind=Kind.TEXT, maximum=300, width=26,
            example="Laboratoire, imagerie", help="Qui s’arrête si cette activité s’arrête",
            synonyms=("Activité aval", "Activités aval", "Activités aval dépendantes", "Activités dépendantes"),
        ),
        ESTABLISHMENT,
    ),
)  # fmt: skip

DEPENDENCIES = Sheet(
    name="Dependances",
    title="Une ressource par ligne : ce dont une activité, ou tout un périmètre, ne peut pas se passer",
    one="dépendance",
    called="Dépendances",
    looks_at=("Activites",),
    synonyms=(
        "Dépendance", "Ressources", "Ressources critiques", "Dépendances critiques", "Interdépendances",
        "Besoins en ressources",
    ),
    record=Dependency,
    key=lambda values: rules.dependency_key(
        values.get("perimeter_code"), values.get("activity_number"), values.get("label")
    ),
    key_column="label",
    fields=(
        "finess_ej", "perimeter_code", "activity_number", "kind", "label", "hosting", "supplier", "continuity_clause",
        "tolerated_minutes", "workaround", "system_code",
    ),
    rules=(owned_through("Perimetres", "perimeter_code"), rules.skill, rules.crisis_contact, rules.activity_known),
    sheet_rules=(rules.backed_up,),
    columns=(
        Column(
            key="perimeter_code", label="Code périmètre", kind=Kind.CODE, required=True, refers="Perimetres", width=13,
            example="URG-01", help="Code du périmètre, tel que dans la feuille Perimetres", synonyms=PERIMETER_SYNONYMS,
        ),
        Column(
            key="activity_number", label="N° activité", kind=Kind.TEXT, maximum=20, width=9, example="3",
            help="Numéro de la feuille Activites ; vide si la ressource sert à tout le périmètre",
            synonyms=("N°", "N° d’activité", "Numéro d’activité", "Activité", "N° de l’activité", "Code activité"),
        ),
        Column(
            key="kind", label="Type", kind=Kind.CHOICE, required=True, choices=DEPENDENCY_KINDS, width=22,
            example="Application", help="Choisissez dans la liste",
            synonyms=("Type de dépendance", "Type de ressource", "Nature", "Catégorie", "Nature de la ressource"),
        ),
        Column(
            key="label", label="Libellé", kind=Kind.TEXT, required=True, maximum=200, width=32,
            example="Dossier patient informatisé des urgences",
            help="Nom de la ressource ; pour une compétence, une fonction et jamais un nom",
            synonyms=("Dépendance", "Ressource", "Libellé de la dépendance", "Libellé de la ressource", "Désignation",
                      "Nom de la ressource", "Application", "Ressource nécessaire"),
        ),
        Column(
            key="hosting", label="Hébergement", kind=Kind.CHOICE, choices=HOSTINGS, width=14, example="GHT",
            help="Pour une application : où elle est hébergée", synonyms=("Hébergeur", "Mode d’hébergement", "Hébergé"),
        ),
        Column(
            key="supplier", label="Éditeur / fournisseur", kind=Kind.TEXT, maximum=200, width=22,
            example="Éditeur du dossier patient", help="Entreprise ou service qui fournit la ressource",
            synonyms=("Éditeur", "Fournisseur", "Prestataire", "Éditeur ou fournisseur"),
        ),
        Column(
            key="continuity_clause", label="Contrat avec clause de continuité", kind=Kind.CHOICE, choices=CLAUSES,
            width=14, example="Oui", help="Oui, Non, ou NC si vous ne savez pas",
            synonyms=("Clause de continuité", "Contrat avec clause", "Clause PCA", "Contrat"),
        ),
        Column(
            key="tolerated_minutes", label="Délai sans la ressource", kind=Kind.DURATION, width=12, example="2 h",
            help="Combien de temps l’activité tient sans elle : 30 min, 2 h, 1 j",
            synonyms=("Délai sans ressource", "Durée sans la ressource", "Délai tolérable", "Autonomie"),
        ),
        Column(
            key="workaround", label="Contournement", kind=Kind.TEXT, width=30,
            example="Poste de secours avec copie locale du dossier", help="Comment faire sans elle",
            synonyms=("Solution de contournement", "Solution de repli", "Mode dégradé", "Alternative"),
        ),
        Column(
            key="system_code", label="Code SI", kind=Kind.CODE, refers="SI_critiques", width=13, example="DPI-01",
            help="Code du classeur KIT_SAUVEGARDE ; attendu pour l’application d’une activité de criticité 1 ou 2",
            synonyms=("Code du SI", "Code application", "Code de l’application", "Code système"),
        ),
        Column(
            key="crisis_contact", label="Contact en crise", kind=Kind.TEXT, personal=True, maximum=4_000, width=20,
            help="Laissez vide : écrivez ce contact dans KIT_ANNUAIRE_CRISE, feuille Partenaires ; il n’est pas gardé ici",
            synonyms=("Contact", "Contact de crise", "Contact d’urgence", "Astreinte", "Contact astreinte"),
        ),
        ESTABLISHMENT,
    ),
)  # fmt: skip
