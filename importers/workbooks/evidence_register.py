"""K5 `KIT_PREUVES_JALONS.xlsx`: the register of evidence, the milestones, the meetings (workbooks.md, 3.5).

What the rules demand is in `evidence_register_rules.py`. Which types of document an objective still lacks is a question
about the whole register, answered where progress is shown, not about a file.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from compliance.models.evidence_entry import EvidenceEntry
from compliance.models.meeting import CommitteeMeeting
from compliance.models.milestone import Milestone
from importers.base import Choice, Column, Kind, Sheet, Workbook
from importers.words import fold
from importers.workbooks import common
from importers.workbooks import evidence_register_rules as rules

if TYPE_CHECKING:
    from importers.facts import Values

DOCUMENT_TYPES = (
    Choice(
        "pssi", "PSSI",
        ("Politique de sécurité", "Politique de sécurité du système d’information", "Politique de sécurité du SI",
         "Politique de sécurité des systèmes d’information", "PSSI signée", "PSSI-GHT", "PGSSI"),
    ),
    Choice(
        "organisation_note", "Note d’organisation",
        ("Note organisation", "Organisation", "Note de cadrage", "Note d’organisation PCRA", "Organisation du PCRA",
         "Organisation projet", "Lettre de mission", "Note d’organisation du projet"),
    ),
    Choice(
        "governance_scheme", "Schéma de gouvernance",
        ("Gouvernance", "Comitologie", "Schéma de gouvernance de la continuité", "Note de gouvernance"),
    ),
    Choice(
        "minutes", "Compte rendu d’instance",
        ("Compte-rendu d’instance", "Compte rendu", "Compte-rendu", "CR", "PV", "Procès-verbal", "PV d’instance",
         "CR d’instance", "PV de COPIL", "CR COPIL", "Compte rendu de COPIL", "PV CODIR", "Relevé de décisions"),
    ),
    Choice(
        "plan_blanc", "Plan blanc (extrait)",
        ("Plan blanc", "Extrait du plan blanc", "Extrait plan blanc", "Plan blanc numérique", "PGTHSSE",
         "Cellule de crise", "Organisation de crise"),
    ),
    Choice(
        "alert_procedure", "Procédure de signalement",
        ("Procédure d’alerte", "Signalement", "Procédure de signalement des incidents", "Procédure d’alerte cyber",
         "Alerte", "Déclaration d’incident", "Procédure de déclaration d’incident"),
    ),
    Choice(
        "bia", "BIA",
        ("Bilan d’impact sur l’activité", "Bilan d’impact", "Analyse d’impact", "Analyse d’impact sur l’activité",
         "Business impact analysis", "Grille BIA"),
    ),
    Choice(
        "critical_activities", "Liste des activités critiques",
        ("Activités critiques", "Liste activités critiques", "Cartographie des activités critiques",
         "Recensement des activités critiques"),
    ),
    Choice(
        "pca", "PCA",
        ("Plan de continuité d’activité", "Plan de continuité", "Procédure dégradée", "Procédures dégradées",
         "Mode dégradé", "Modes dégradés"),
    ),
    Choice("pra", "PRA", ("Plan de reprise d’activité", "Plan de reprise", "PRI", "Plan de reprise informatique")),
    Choice(
        "scenario", "Scénario",
        ("Scénario d’exercice", "Scénario de test", "Scénario de l’exercice", "Chronogramme", "Conducteur"),
    ),
    Choice(
        "retex", "RETEX",
        ("REX", "Retour d’expérience", "RETEX exercice", "Rapport d’exercice", "Plan d’amélioration",
         "Compte rendu d’exercice", "Bilan d’exercice"),
    ),
    Choice(
        "test_schedule", "Planning de tests",
        ("Planning des tests", "Planning de test", "Calendrier de tests", "Calendrier des tests", "Planning",
         "Planning d’exercices", "Programme de tests", "Calendrier des exercices"),
    ),
    Choice(
        "backup_policy", "Politique de sauvegarde",
        ("Politique de sauvegardes", "Politique de sauvegarde et de restauration", "Politique de restauration",
         "Politique des sauvegardes"),
    ),
    Choice(
        "backup_plan", "Plan de sauvegarde",
        ("Plans de sauvegarde", "Plan de sauvegardes", "Procédure de sauvegarde",
         "Procédure de mise à jour des plans de sauvegarde"),
    ),
    Choice(
        "role_management", "Gestion des rôles",
        ("Rôles", "Matrice des rôles", "Gestion des droits", "Habilitations", "Gestion des habilitations",
         "Matrice des habilitations", "Rôles et habilitations"),
    ),
    Choice(
        "second_factor", "Preuve MFA",
        ("MFA", "2FA", "Double facteur", "Double authentification", "Authentification forte",
         "Authentification multifacteur", "Capture MFA", "Écran MFA", "Preuve 2FA"),
    ),
    Choice(
        "ads_report", "Rapport ADS",
        ("ADS", "ORADAD", "Rapport ORADAD", "Score ADS", "Audit ADS", "Audit AD", "Score ORADAD", "Rapport d’audit AD"),
    ),
    Choice(
        "architecture", "Architecture",
        ("Schéma d’architecture", "Architecture cible", "DAT", "Dossier d’architecture", "Matrice de flux", "Schéma",
         "Dossier d’architecture technique", "Schéma réseau", "Cloisonnement"),
    ),
    Choice(
        "trajectory", "Trajectoire",
        ("Feuille de route", "Trajectoire cible", "Roadmap", "Plan de trajectoire", "Calendrier de mise en œuvre",
         "Trajectoire 3-2-1"),
    ),
    Choice(
        "backup_reports", "États de sauvegarde",
        ("État de sauvegarde", "États des sauvegardes", "Rapport de sauvegarde", "Rapports de sauvegarde",
         "Supervision des sauvegardes", "Tableau de bord des sauvegardes", "Reporting de sauvegarde"),
    ),
    Choice(
        "test_book", "Cahier de tests",
        ("Cahier de test", "Cahier de recette", "PV de test", "Test de restauration", "PV de restauration",
         "Tests de restauration", "Rapport de test de restauration"),
    ),
    Choice(
        "other", "Autre",
        ("Autres", "Autre document", "Divers", "Liste des référents", "Liste des référents métier",
         "Liste des correspondants métier", "Liste des contacts"),
    ),
)  # fmt: skip
ENTRY_STATUSES = (
    Choice(rules.MISSING, "Manquante", ("Manquant", "Absente", "Absent", "À produire", "À faire", "Non fait",
                                        "Inexistante", "Inexistant", "À fournir", "Non disponible")),
    Choice(rules.DRAFTING, "En rédaction", ("Rédaction", "En cours", "En cours de rédaction", "Brouillon", "Projet",
                                            "Draft", "À compléter", "En préparation")),
    Choice("to_validate", "À valider", ("En validation", "En attente de validation", "Rédigée", "Rédigé", "En relecture",
                                        "À relire", "À signer", "En signature", "En attente de signature")),
    Choice(rules.VALIDATED, "Validée", ("Validé", "Valide", "Approuvée", "Approuvé", "Signée", "Signé", "OK", "Finalisée",
                                        "Finalisé", "Fait", "Faite", "Terminée", "Terminé")),
    Choice("sent", "Transmise", ("Transmis", "Envoyée", "Envoyé", "Déposée", "Déposé", "Transmise à l’ARS",
                                 "Déposée sur eCaRE")),
    Choice("rejected", "Rejetée", ("Rejeté", "Refusée", "Refusé", "Non conforme", "À reprendre")),
)  # fmt: skip
DIFFUSIONS = (
    Choice("internal", "Interne", ("Interne établissement", "Établissement", "Usage interne", "Diffusion interne")),
    Choice("ght", "GHT", ("Groupe", "Interne GHT", "Membres du GHT")),
    Choice("ars", "ARS", ("Transmissible ARS", "ARS / ANS", "ARS et ANS", "Externe", "ANS")),
    Choice("restricted", "Restreint", ("Restreinte", "Diffusion restreinte", "Confidentiel", "Confidentielle")),
)
MILESTONE_STATUSES = (
    Choice("upcoming", "À venir", ("À faire", "Prévu", "Prévue", "Planifié", "Planifiée", "Non démarré", "Non commencé",
                                   "À lancer", "Pas commencé")),
    Choice("in_progress", "En cours", ("Démarré", "Commencé", "Engagé", "En cours de réalisation", "Partiel")),
    Choice(rules.REACHED, "Atteint", ("Atteinte", "Fait", "Faite", "Terminé", "Terminée", "Réalisé", "Réalisée", "Clos",
                                      "Clôturé", "OK", "Livré", "Achevé")),
    Choice("late", "En retard", ("Retard", "En dépassement", "Dépassé", "Retardé", "Décalé", "Reporté")),
    Choice("abandoned", "Abandonné", ("Abandonnée", "Annulé", "Annulée", "Supprimé", "Sans suite", "Sans objet")),
)  # fmt: skip

_HOLDER = (
    "FINESS EJ", "FINESS", "N° FINESS", "N° FINESS EJ", "FINESS juridique", "FINESS entité juridique", "EJ", "GHT",
    "EJ ou GHT", "FINESS ou GHT", "FINESS EJ/GHT", "FINESS EJ / GHT", "Établissement ou GHT", "Établissement",
    "Porteur", "Titulaire", "Entité",
)  # fmt: skip
_OBJECTIVE = (
    "Objectifs", "Objectif(s)", "Code objectif", "Code de l’objectif", "Objectif CaRE", "Objectif D2", "Exigence",
    "Prérequis ou objectif", "Prérequis / objectif", "Réf. objectif", "Ligne du référentiel",
)  # fmt: skip


def meeting_key(values: Values) -> str:
    """Return the key of a meeting, « COPIL du 02/06/2026 », the same however the body is typed; empty without a part."""
    body, held = values.get("body"), values.get("held_on")
    return f"{fold(str(body)).upper()} du {held:%d/%m/%Y}" if body and isinstance(held, date) else ""


ENTRIES = Sheet(
    name="Preuves",
    title="Une preuve par ligne : le document, ce qu’il prouve, où il en est",
    one="preuve",
    record=EvidenceEntry,
    synonyms=("Preuve", "Registre des preuves", "Pièces", "Liste des preuves", "Documents", "Suivi des preuves"),
    key=common.by_code,
    key_column="code",
    code="code",
    fields=(
        "code", "objectives", "holder", "document_type", "title", "file", "version", "document_on", "validated_on",
        "approver", "covered", "status", "nominative", "diffusion", "ars_comment",
    ),
    rules=(
        common.held_by(), rules.existing, rules.validation,
        common.not_after_today("validated_on", "Une validation ne peut pas être datée dans l’avenir."),
        rules.window, common.uploaded("file"), common.function_not_name("approver"), rules.names,
    ),
    sheet_rules=(rules.same_name,),
    columns=(
        Column(
            key="code", label="Code preuve", kind=Kind.CODE, required=True, width=14, example="PR-O1C-01",
            help="De 2 à 20 caractères : A à Z, 0 à 9, tiret ; unique dans l’EJ",
            synonyms=("Code", "Code de la preuve", "N° preuve", "N° de preuve", "Numéro de preuve", "Référence",
                      "Réf.", "Réf. preuve", "Référence de la preuve", "Code pièce", "N° pièce", "ID preuve"),
        ),
        Column(
            key="objectives", label="Objectif", kind=Kind.OBJECTIVES, required=True, width=14, example="O1.C",
            help="Code du référentiel (P1, O1.C…) ; plusieurs se séparent par un point-virgule", synonyms=_OBJECTIVE,
        ),
        Column(
            key="holder", label="FINESS EJ ou code GHT", kind=Kind.HOLDER, required=True, blank_allowed=True, width=16,
            example="760780239", help="Établissement qui tient la preuve, ou code du GHT si elle vaut pour tous",
            synonyms=(*_HOLDER, "EJ/GHT", "EJ / GHT"),
        ),
        Column(
            key="document_type", label="Type de document", kind=Kind.CHOICE, required=True, choices=DOCUMENT_TYPES,
            width=26, example="PCA", help="Choisissez dans la liste",
            synonyms=("Type", "Nature", "Nature du document", "Type de preuve", "Type de pièce", "Catégorie",
                      "Famille de document"),
        ),
        Column(
            key="title", label="Intitulé", kind=Kind.TEXT, required=True, maximum=300, width=36,
            example="PCA des urgences adultes", help="Titre du document",
            synonyms=("Titre", "Libellé", "Désignation", "Nom du document", "Document", "Intitulé du document",
                      "Titre du document", "Preuve", "Pièce", "Description"),
        ),
        Column(
            key="file", label="Fichier", kind=Kind.FILE, required=True, blank_allowed=True, width=30,
            example="PCA_URG_v1.2.pdf", help="Nom du fichier déposé dans Vigie, jamais une adresse réseau",
            synonyms=("Nom du fichier", "Nom de fichier", "Fichier (nom)", "Fichier de preuve", "Fichier déposé",
                      "Pièce jointe", "Lien", "Lien vers le document", "Emplacement", "Chemin"),
        ),
        Column(
            key="version", label="Version", kind=Kind.TEXT, maximum=40, width=10, example="v1.2",
            help="Version du document", synonyms=("N° de version", "Version du document", "Indice", "Révision"),
        ),
        Column(
            key="document_on", label="Date du document", kind=Kind.DATE, required=True, blank_allowed=True, width=13,
            example=date(2026, 5, 20), help="jj/mm/aaaa ; vide seulement si la pièce n’existe pas encore",
            synonyms=("Date", "Date document", "Date de la pièce", "Date de rédaction", "Date d’édition", "Daté du",
                      "Date de mise à jour", "Dernière mise à jour", "Date de la preuve"),
        ),
        Column(
            key="validated_on", label="Date de validation", kind=Kind.DATE, width=13, example=date(2026, 6, 2),
            help="jj/mm/aaaa ; jour où l’instance ou le signataire a validé",
            synonyms=("Date validation", "Validé le", "Validée le", "Date d’approbation", "Approuvé le",
                      "Date de signature", "Signé le"),
        ),
        Column(
            key="approver", label="Instance / fonction du signataire", kind=Kind.TEXT, maximum=200, personal=True,
            width=26, example="CODIR", help="Une instance ou une fonction, jamais le nom d’une personne",
            synonyms=("Instance", "Instance de validation", "Signataire", "Fonction du signataire", "Validé par",
                      "Approuvé par", "Valideur", "Instance ou signataire", "Instance ou fonction du signataire"),
        ),
        Column(
            key="covered", label="Couvre les EJ", kind=Kind.FINESS_LIST, width=24, example="760780239; 760780023",
            help="FINESS des EJ que la preuve couvre, séparés par des points-virgules",
            synonyms=("EJ couverts", "EJ couvertes", "FINESS EJ couverts", "EJ concernés", "EJ concernées",
                      "Établissements couverts", "Établissements concernés", "Périmètre couvert"),
        ),
        Column(
            key="status", label="Statut", kind=Kind.CHOICE, required=True, choices=ENTRY_STATUSES, width=14,
            example="Validée", help="Choisissez dans la liste",
            synonyms=("État", "Avancement", "État d’avancement", "Statut de la preuve", "Statut du document"),
        ),
        Column(
            key="nominative", label="Données nominatives", kind=Kind.YES_NO, required=True, width=13, example="Non",
            help="Oui si le document contient des noms de personnes, sinon Non",
            synonyms=("Données nominatives (Oui/Non)", "Nominatif", "Nominative", "Données personnelles",
                      "Données à caractère personnel", "DCP", "Contient des noms"),
        ),
        Column(
            key="diffusion", label="Diffusion", kind=Kind.CHOICE, choices=DIFFUSIONS, width=12, example="GHT",
            help="Choisissez dans la liste",
            synonyms=("Niveau de diffusion", "Destinataires", "Destinataire", "Confidentialité", "Visibilité"),
        ),
        Column(
            key="ars_comment", label="Commentaire ARS", kind=Kind.TEXT, maximum=2000, width=30,
            help="Ce que l’ARS a répondu sur cette pièce",
            synonyms=("Commentaires ARS", "Commentaire de l’ARS", "Retour ARS", "Retour de l’ARS", "Avis ARS",
                      "Observations ARS", "Observation de l’ARS", "Remarque ARS"),
        ),
    ),
)  # fmt: skip

MILESTONES = Sheet(
    name="Jalons",
    title="Un jalon par ligne : ce qui doit être atteint, et quand",
    one="jalon",
    record=Milestone,
    synonyms=("Jalon", "Suivi des jalons", "Planning des jalons", "Feuille de route", "Trajectoire"),
    key=common.by_code,
    key_column="code",
    fields=(
        "code", "title", "objectives", "holder", "due_on", "pilot_function", "progress", "status", "reached_on",
        "evidence",
    ),
    rules=(
        common.held_by(),
        rules.pilot,
        common.function_not_name("pilot_function"),
        common.required_if(
            "reached_on", "status", rules.REACHED, reason="Le jalon est atteint : la date d’atteinte est obligatoire."
        ),
        common.not_after_today("reached_on", "Un jalon ne peut pas être atteint dans l’avenir."),
        rules.milestone,
    ),
    columns=(
        Column(
            key="code", label="Code", kind=Kind.CODE, required=True, width=12, example="J-O3C-02",
            help="De 2 à 20 caractères : A à Z, 0 à 9, tiret ; unique dans l’EJ",
            synonyms=("Code jalon", "Code du jalon", "N° jalon", "N° de jalon", "Réf.", "Référence", "ID jalon"),
        ),
        Column(
            key="title", label="Jalon", kind=Kind.TEXT, required=True, maximum=300, width=38,
            example="Copie hors ligne en service", help="Ce qui est atteint quand le jalon l’est",
            synonyms=("Intitulé", "Libellé", "Intitulé du jalon", "Libellé du jalon", "Action", "Étape", "Tâche",
                      "Livrable", "Description"),
        ),
        Column(
            key="objectives", label="Objectif", kind=Kind.OBJECTIVES, required=True, width=14, example="O3.C",
            help="Code du référentiel (P1, O1.C…) ; plusieurs se séparent par un point-virgule", synonyms=_OBJECTIVE,
        ),
        Column(
            key="holder", label="EJ/GHT", kind=Kind.HOLDER, required=True, blank_allowed=True, width=14,
            example="760780239", help="FINESS EJ de l’établissement, ou code du GHT si le jalon vaut pour tous",
            synonyms=(*_HOLDER, "EJ / GHT", "FINESS EJ ou code GHT"),
        ),
        Column(
            key="due_on", label="Échéance", kind=Kind.PLANNED_DATE, required=True, width=13, example=date(2026, 10, 31),
            help="jj/mm/aaaa, ou un mois (10/2026) ou un trimestre (T4 2026)",
            synonyms=("Date d’échéance", "Date prévue", "Date cible", "Date limite", "Deadline", "Fin prévue",
                      "Prévu pour le", "Échéance prévue"),
        ),
        Column(
            key="pilot_function", label="Fonction pilote", kind=Kind.TEXT, required=True, blank_allowed=True,
            personal=True, maximum=200, width=24, example="RSSI", help="Une fonction, jamais le nom d’une personne",
            synonyms=("Pilote", "Fonction du pilote", "Responsable", "Fonction responsable", "Porteur de l’action",
                      "Référent", "Qui"),
        ),
        Column(
            key="progress", label="Avancement", kind=Kind.PERCENT, width=12, example=60,
            help="De 0 à 100 (en pour cent)",
            synonyms=("Avancement (%)", "% avancement", "% d’avancement", "Taux d’avancement", "Progression",
                      "Avancement (0-100)", "Pourcentage"),
        ),
        Column(
            key="status", label="Statut", kind=Kind.CHOICE, required=True, choices=MILESTONE_STATUSES, width=12,
            example="En cours", help="Choisissez dans la liste", synonyms=("État", "Statut du jalon", "Situation"),
        ),
        Column(
            key="reached_on", label="Date d’atteinte", kind=Kind.DATE, width=13,
            help="jj/mm/aaaa ; obligatoire si le jalon est atteint",
            synonyms=("Atteint le", "Date de réalisation", "Réalisé le", "Date réelle", "Date de fin", "Date de clôture",
                      "Terminé le"),
        ),
        Column(
            key="evidence", label="Preuve liée", kind=Kind.CODES, refers="Preuves", width=18, example="PR-O3C-01",
            help="Code d’une preuve de la feuille Preuves ; plusieurs se séparent par un point-virgule",
            synonyms=("Preuve", "Preuves", "Preuves liées", "Code preuve", "Code de la preuve", "Justificatif"),
        ),
    ),
)  # fmt: skip

MEETINGS = Sheet(
    name="Instances",
    title="Une réunion par ligne : COPIL, CODIR, comité du GHT",
    one="instance",
    record=CommitteeMeeting,
    synonyms=("Instance", "Comités", "COPIL", "Réunions", "Comitologie", "Suivi des instances"),
    key=meeting_key,
    key_column="held_on",
    fields=("held_on", "body", "agenda", "decisions", "objectives", "attendees", "minutes_file", "holder"),
    rules=(common.held_by(), rules.minutes, common.uploaded("minutes_file")),
    columns=(
        Column(
            key="held_on", label="Date", kind=Kind.DATE, required=True, width=13, example=date(2026, 6, 2),
            help="jj/mm/aaaa", synonyms=("Date de réunion", "Date de l’instance", "Date de la réunion", "Tenue le"),
        ),
        Column(
            key="body", label="Instance", kind=Kind.TEXT, required=True, maximum=120, width=24, example="CODIR",
            help="COPIL, CODIR, comité du GHT…",
            synonyms=("Comité", "Réunion", "Nom de l’instance", "Type d’instance", "Type de réunion"),
        ),
        Column(
            key="agenda", label="Ordre du jour", kind=Kind.TEXT, maximum=4000, width=36,
            example="Validation du PCA des urgences", help="Points traités",
            synonyms=("ODJ", "Sujets", "Points abordés", "Thèmes"),
        ),
        Column(
            key="decisions", label="Décisions", kind=Kind.TEXT, maximum=4000, width=36, example="PCA validé",
            help="Ce qui a été décidé", synonyms=("Décision", "Décisions prises", "Relevé de décisions", "Conclusions"),
        ),
        Column(
            key="objectives", label="Objectif", kind=Kind.OBJECTIVES, width=14, example="O1.A",
            help="Code du référentiel ; plusieurs se séparent par un point-virgule", synonyms=_OBJECTIVE,
        ),
        Column(
            key="attendees", label="Nombre de présents", kind=Kind.INTEGER, low=0, high=1000, width=11, example=14,
            help="Un nombre, jamais une liste de noms",
            synonyms=("Présents", "Nb présents", "Nb de présents", "Nombre de participants", "Participants", "Effectif"),
        ),
        Column(
            key="minutes_file", label="PV (fichier)", kind=Kind.FILE, required=True, blank_allowed=True, width=30,
            example="PV_CODIR_2026-06-02.pdf", help="Nom du fichier déposé dans Vigie, jamais une adresse réseau",
            synonyms=("PV", "Compte rendu", "Compte-rendu", "CR", "Fichier", "Fichier du PV", "Procès-verbal",
                      "Nom du fichier", "Compte rendu (fichier)", "Lien"),
        ),
        Column(
            key="holder", label="FINESS EJ ou code GHT", kind=Kind.HOLDER, width=16, example="760780239",
            help="Seulement si le fichier concerne plusieurs établissements ; vide : le GHT",
            synonyms=(*_HOLDER, "EJ/GHT", "EJ / GHT"),
        ),
    ),
)  # fmt: skip

EVIDENCE_REGISTER = Workbook(
    code="KIT_PREUVES_JALONS",
    version=1,
    title="Registre des preuves, jalons et instances",
    about=(
        "Chaque pièce qui prouve un objectif, du document manquant à la pièce transmise ; les jalons et les réunions qui "
        "y mènent. Les fichiers eux-mêmes se déposent comme pièces, sous le même nom."
    ),
    accepted=(
        "Ce classeur, ou votre propre tableau (.xlsx, .ods, .xls, .csv). Vous pouvez ajouter des colonnes, changer "
        "leur ordre et laisser des lignes vides ; rien n’est enregistré avant votre confirmation."
    ),
    sheets=(ENTRIES, MILESTONES, MEETINGS),
)
