"""K2 `KIT_EXERCICES.xlsx`: exercises planned, their results, the actions that follow (workbooks.md, 3.2).

What the rules demand is in `exercises_rules.py`; the sheet Plan_actions is in `exercises_actions.py`.
"""

from __future__ import annotations

from datetime import date

from compliance.models.exercise import Exercise, ExerciseResult
from importers.base import Choice, Column, Kind, Sheet, Workbook
from importers.workbooks import common
from importers.workbooks import exercises_rules as rules
from importers.workbooks.exercises_actions import ACTIONS, exercise_code

NATURES = (
    Choice(
        rules.FIELD_TEST, "Test PCA terrain",
        ("Test PCA", "Test de PCA", "Test du PCA", "Test terrain", "Exercice terrain", "Exercice PCA", "PCA",
         "Test PCRA", "Exercice PCRA", "PCRA", "Test du plan de continuité"),
    ),
    Choice(
        "crisis_cell", "Exercice cellule de crise",
        ("Cellule de crise", "Exercice de crise", "Exercice de crise cyber", "Exercice crise cyber", "Exercice cyber",
         "Crise cyber", "Exercice de cellule de crise", "Sur table", "Exercice sur table", "Table top", "Tabletop"),
    ),
    Choice(rules.COMBINED, "Combiné", ("Combinée", "Exercice combiné", "Mixte", "PCA et cellule de crise")),
    Choice("regional", "Exercice régional", ("Régional", "Exercice ARS", "Exercice GRADeS", "Exercice national")),
    Choice(
        "real_event", "Événement réel",
        ("Incident réel", "Réel", "Incident", "Crise réelle", "Activation réelle", "Situation réelle"),
    ),
)  # fmt: skip
KIT_LEVELS = (
    Choice("beginner", "Débutant", ("Kit débutant", "Niveau débutant", "1")),
    Choice("intermediate", "Intermédiaire", ("Kit intermédiaire", "Niveau intermédiaire", "2")),
    Choice("advanced", "Confirmé", ("Expert", "Avancé", "Kit confirmé", "Kit expert", "Niveau confirmé", "3")),
    Choice("none", "Hors kit", ("Aucun", "Sans kit", "Non", "NA", "N/A", "Sans objet", "Autre")),
)
SCENARIOS = (
    Choice(
        "ransomware", "Rançongiciel",
        ("Ransomware", "Rançonlogiciel", "Cryptolocker", "Cyberattaque", "Attaque cyber", "Attaque par rançongiciel",
         "Cyberattaque par rançongiciel", "Cryptovirus"),
    ),
    Choice(
        "it_outage", "Panne SI",
        ("Panne informatique", "Panne du SI", "Perte du SI", "Indisponibilité du SI", "Coupure informatique",
         "Panne réseau", "Coupure réseau", "Panne DPI", "Perte du DPI", "Panne du système d’information",
         "Perte du système d’information"),
    ),
    Choice(
        "phone_outage", "Panne téléphonie",
        ("Panne téléphonique", "Panne de téléphonie", "Perte de la téléphonie", "Coupure téléphonique", "Téléphonie"),
    ),
    Choice(
        "building_loss", "Perte de bâtiment",
        ("Perte d’un bâtiment", "Perte de locaux", "Perte des locaux", "Indisponibilité des locaux", "Bâtiment",
         "Locaux", "Incendie", "Inondation"),
    ),
    Choice(
        "staff_absence", "Absence de personnel clé",
        ("Absence de personnel", "Perte de personnel", "Perte de compétences clés", "Absentéisme", "Personnel clé",
         "Compétences clés", "Grève"),
    ),
    Choice(
        "supplier_failure", "Fournisseur défaillant",
        ("Défaillance fournisseur", "Défaillance d’un fournisseur", "Perte d’un fournisseur", "Fournisseur",
         "Prestataire défaillant", "Défaillance d’un prestataire"),
    ),
    Choice("other", "Autre", ("Autres", "Autre scénario")),
)  # fmt: skip
FACILITATORS = (
    Choice("internal", "Interne", ("En interne", "Établissement", "Équipe interne")),
    Choice("grades", "GRADeS", ("Le GRADeS",)),
    Choice("ght", "GHT", ("Le GHT", "Établissement support")),
    Choice("provider", "Prestataire", ("Externe", "Consultant", "Société", "Cabinet")),
)
STATUSES = (
    Choice(
        rules.PLANNED, "Planifié",
        ("Planifiée", "Prévu", "Prévue", "Programmé", "Programmée", "À venir", "À faire", "Planned", "Scheduled"),
    ),
    Choice(
        "done", "Réalisé",
        ("Réalisée", "Fait", "Faite", "Terminé", "Terminée", "Effectué", "Effectuée", "Clos", "OK", "Done"),
    ),
    Choice(rules.POSTPONED, "Reporté", ("Reportée", "Décalé", "Décalée", "Repoussé", "Repoussée", "Postponed")),
    Choice(rules.CANCELLED, "Annulé", ("Annulée", "Abandonné", "Supprimé", "Cancelled", "Canceled")),
)  # fmt: skip
YES_NO_OTHER = (
    Choice("yes", "Oui"),
    Choice("no", "Non"),
    Choice("not_applicable", "Sans objet", ("SO", "NA", "N/A", "Non applicable")),
)
DEGRADED_MODES = (
    Choice("yes", "Oui", ("Toutes", "En totalité")),
    Choice("partial", "Partiel", ("Partielle", "Partiellement", "En partie", "Partial")),
    Choice("no", "Non", ("Aucune",)),
)

PLANNING = Sheet(
    name="Planning",
    title="Les exercices : un par ligne, prévu, réalisé, reporté ou annulé",
    one="exercice",
    called="Planning des exercices",
    looks_at=("Perimetres",),
    synonyms=("Plannings", "Planification", "Calendrier", "Exercices", "Planning des exercices", "Programme",
              "Planning des tests", "Calendrier des exercices", "Programme d’exercices"),
    record=Exercise,
    code="code",
    key=common.by_code,
    key_column="code",
    fields=(
        "code", "finess_list", "finess_et", "nature", "kit_level", "perimeters", "scenario", "unannounced",
        "planned_on", "starts_at", "ends_at", "facilitator", "status", "status_reason", "postponed_to", "label", "teams",
        "storyline",
    ),
    rules=(
        common.owned_by_first(),
        rules.site_of_one_listed,
        common.gap_if_blank("nature", "La nature de l’exercice reste à préciser.", "Choisissez-la dans la liste."),
        common.gap_if_blank("scenario", "Le scénario reste à préciser.", "Choisissez-le dans la liste."),
        rules.perimeters,
        rules.several_establishments,
        rules.hours,
        rules.status,
    ),
    columns=(
        Column(
            key="code", label="Code exercice", kind=Kind.CODE, required=True, width=15, example="EX-2026-03",
            help="De 2 à 20 caractères : A à Z, 0 à 9, tiret",
            synonyms=("Code", "Code de l’exercice", "N° exercice", "N° d’exercice", "Numéro d’exercice",
                      "Référence exercice", "Référence de l’exercice", "Référence", "Réf.", "Réf. exercice",
                      "ID exercice", "Identifiant"),
        ),
        Column(
            key="finess_list", label="FINESS EJ", kind=Kind.FINESS_LIST, required=True, blank_allowed=True, width=22,
            example="760780239", help="Un ou plusieurs numéros, séparés par des points-virgules, format Texte",
            synonyms=("FINESS", "N° FINESS", "N° FINESS EJ", "FINESS juridique", "FINESS entité juridique", "EJ",
                      "FINESS des EJ", "EJ concernées", "EJ concernés", "FINESS EJ concernés", "FINESS EJ couverts"),
        ),
        Column(
            key="finess_et", label="FINESS ET", kind=Kind.FINESS_ET, width=14,
            help="Site de l’exercice : 9 caractères, format Texte",
            synonyms=common.SITE,
        ),
        Column(
            key="nature", label="Nature", kind=Kind.CHOICE, required=True, blank_allowed=True, choices=NATURES,
            width=24, example="Combiné", help="Choisissez dans la liste",
            synonyms=("Nature de l’exercice", "Type", "Type d’exercice", "Type de test", "Nature du test",
                      "Catégorie"),
        ),
        Column(
            key="kit_level", label="Niveau du kit ANS", kind=Kind.CHOICE, choices=KIT_LEVELS, width=16,
            example="Intermédiaire", help="Choisissez dans la liste ; Hors kit si le kit de l’ANS n’a pas servi",
            synonyms=("Niveau", "Niveau du kit", "Kit ANS", "Kit", "Niveau de l’exercice", "Niveau ANS"),
        ),
        Column(
            key="perimeters", label="Périmètres testés", kind=Kind.CODES, refers="Perimetres", width=24,
            example="URG-01;BIO-01",
            help="Codes des périmètres, séparés par des points-virgules ; obligatoire pour un test terrain ou combiné",
            synonyms=("Périmètre testé", "Périmètres", "Périmètre", "Codes périmètres", "Code périmètre",
                      "Codes des périmètres", "Périmètres concernés", "Périmètre(s) testé(s)", "PCA testés",
                      "PCA testé"),
        ),
        Column(
            key="scenario", label="Scénario", kind=Kind.CHOICE, required=True, blank_allowed=True, choices=SCENARIOS,
            told_from="planned_on",
            width=22, example="Rançongiciel", help="Choisissez dans la liste",
            synonyms=("Scénario de l’exercice", "Scénario joué", "Thème", "Thématique", "Menace"),
        ),
        Column(
            key="unannounced", label="Inopiné", kind=Kind.YES_NO, width=10, example="Non",
            help="Oui si les participants ne sont pas prévenus", synonyms=("Exercice inopiné", "Surprise", "Inopinée"),
        ),
        Column(
            key="planned_on", label="Date prévue", kind=Kind.PLANNED_DATE, required=True, width=13,
            example=date(2026, 9, 18), help="jj/mm/aaaa, ou un mois (09/2026) ou un trimestre (T3 2026)",
            synonyms=("Date", "Date planifiée", "Date prévisionnelle", "Prévu le", "Date de l’exercice",
                      "Date programmée", "Échéance", "Période", "Date du test", "Planned date"),
        ),
        Column(
            key="starts_at", label="Heure début", kind=Kind.TIME, width=9, example="09:00", help="hh:mm",
            synonyms=("Heure de début", "Début", "Horaire début", "Heure"),
        ),
        Column(
            key="ends_at", label="Heure fin", kind=Kind.TIME, width=9, example="12:30", help="hh:mm, après le début",
            synonyms=("Heure de fin", "Fin", "Horaire fin"),
        ),
        Column(
            key="facilitator", label="Animateur", kind=Kind.CHOICE, choices=FACILITATORS, width=13,
            example="GRADeS", help="Qui anime : choisissez dans la liste",
            synonyms=("Animation", "Animé par", "Animateurs", "Organisateur", "Organisé par"),
        ),
        Column(
            key="status", label="Statut", kind=Kind.CHOICE, required=True, choices=STATUSES, width=12,
            example="Réalisé", help="Choisissez dans la liste",
            synonyms=("État", "Statut de l’exercice", "État de l’exercice", "Status"),
        ),
        Column(
            key="status_reason", label="Motif", kind=Kind.TEXT, width=28,
            help="Pourquoi l’exercice est reporté ou annulé",
            synonyms=("Motif du report", "Motif d’annulation", "Motif du report ou de l’annulation", "Raison",
                      "Motif si reporté ou annulé"),
        ),
        Column(
            key="postponed_to", label="Nouvelle date", kind=Kind.PLANNED_DATE, width=13,
            help="jj/mm/aaaa, ou un mois ou un trimestre, si l’exercice est reporté",
            synonyms=("Date de report", "Reporté au", "Nouvelle date prévue", "Date reportée", "Report au"),
        ),
        Column(
            key="label", label="Libellé", kind=Kind.TEXT, maximum=200, width=30,
            example="Perte du SI aux urgences et au laboratoire", help="De quoi il s’agit, en quelques mots",
            synonyms=("Intitulé", "Titre", "Nom de l’exercice", "Exercice", "Objet", "Service", "Services",
                      "Service concerné", "Services concernés", "Unité", "Pôle", "Sujet", "Description"),
        ),
        Column(
            key="teams", label="Équipes mobilisées", kind=Kind.TEXTS, width=26, example="Urgences de jour; Laboratoire",
            help="Les équipes qui jouent, séparées par des points-virgules : Vigie avertit si l’une est prise deux fois",
            synonyms=("Équipes", "Équipe", "Équipes mobilisées pour l’exercice"),
        ),
        Column(
            key="storyline", label="Déroulé du scénario", kind=Kind.TEXT, maximum=4000, width=30, told_from="planned_on",
            help="Ce qui se passe, heure par heure ; caché aux joueurs jusqu’au jour de l’exercice",
            synonyms=("Déroulé", "Chronogramme", "Injects"),
        ),
    ),
)  # fmt: skip

RESULTS = Sheet(
    name="Resultats",
    title="Ce que chaque exercice réalisé a donné",
    one="résultat",
    called="Résultats des exercices",
    looks_at=("Planning",),
    synonyms=("Résultat", "Bilan", "Bilans", "RETEX", "Résultats des exercices", "Comptes rendus"),
    record=ExerciseResult,
    key=lambda values: str(values.get("exercise_code") or ""),
    key_column="exercise_code",
    fields=(
        "exercise_code", "held_on", "duration_minutes", "participants", "management_present", "departments_present",
        "dmcc_present", "cell_activated", "activation_minutes", "log_kept", "paper_directory_used", "degraded_modes",
        "care_assessed", "rating", "strengths", "weaknesses", "scenario_file", "report_file", "retex_file", "retex_on",
        "attendance", "functions", "finess_ej",
    ),
    rules=(
        common.owned_through("Planning", "exercise_code"),
        common.not_after_today("held_on", "Un exercice réalisé ne peut pas être daté dans l’avenir."),
        common.within_phase("held_on", "Cet exercice", "O1.D", "un autre exercice"),
        rules.retex,
        rules.yearly_exercise,
        rules.combined,
        common.gap_if_blank("scenario_file", "Le scénario manque : il est demandé pour O1.D.", rules.NAME_THE_FILE),
        common.gap_if_blank("retex_file", "Le RETEX manque : il est demandé pour O1.D.", rules.NAME_THE_FILE),
        common.uploaded("scenario_file", "report_file", "retex_file"),
        common.functions_not_names("functions"),
    ),
    columns=(
        exercise_code(),
        Column(
            key="held_on", label="Date réelle", kind=Kind.DATE, required=True, width=12, example=date(2026, 9, 18),
            help="jj/mm/aaaa : le jour où l’exercice a eu lieu",
            synonyms=("Date réalisée", "Date de réalisation", "Réalisé le", "Date effective", "Date de l’exercice",
                      "Date"),
        ),
        Column(
            key="duration_minutes", label="Durée réelle", kind=Kind.DURATION, required=True, width=10,
            example="3h30", help="En heures et minutes, par exemple 3h30",
            synonyms=("Durée", "Durée de l’exercice", "Durée (h)", "Durée réelle (h)", "Durée effective"),
        ),
        Column(
            key="participants", label="Nombre de participants", kind=Kind.INTEGER, required=True, low=0,
            high=100_000, width=13,
            example=14, help="Nombre entier",
            synonyms=("Participants", "Nb participants", "Nb de participants", "Nombre de présents", "Effectif",
                      "Joueurs"),
        ),
        Column(
            key="management_present", label="Direction générale présente", kind=Kind.YES_NO, required=True, width=13,
            example="Oui", help="Oui ou Non : sans elle, l’exercice ne compte pas comme exercice annuel",
            synonyms=("Direction générale", "DG présente", "DG", "Présence de la direction générale",
                      "Présence direction générale", "Présence DG"),
        ),
        Column(
            key="departments_present", label="Directions métiers présentes", kind=Kind.YES_NO, required=True, width=13,
            example="Oui", help="Oui ou Non (soins, affaires médicales, ressources humaines, logistique…) : demandé à l’exercice annuel",
            synonyms=("Directions métiers", "Direction métier présente", "Métiers présents",
                      "Présence des directions métiers", "Présence directions métiers", "Directions présentes"),
        ),
        Column(
            key="dmcc_present", label="DMCC présent", kind=Kind.YES_NO, width=10, example="Oui", help="Oui ou Non",
            synonyms=("DMCC", "Présence du DMCC", "Directeur médical de crise cyber présent",
                      "Directeur médical de crise présent", "DMC présent"),
        ),
        Column(
            key="cell_activated", label="Cellule de crise activée", kind=Kind.CHOICE, choices=YES_NO_OTHER, width=12,
            example="Oui", help="Oui, Non ou Sans objet",
            synonyms=("Cellule de crise", "Activation de la cellule de crise", "Cellule activée"),
        ),
        Column(
            key="activation_minutes", label="Délai d’activation", kind=Kind.DURATION, width=11, example="25 min",
            help="De l’alerte à la cellule réunie, par exemple 25 min",
            synonyms=("Délai d’activation de la cellule", "Temps d’activation", "Délai d’activation de la cellule de crise",
                      "Délai activation"),
        ),
        Column(
            key="log_kept", label="Main courante tenue", kind=Kind.YES_NO, width=12, example="Oui", help="Oui ou Non",
            synonyms=("Main courante", "Tenue de la main courante", "Journal de crise tenu"),
        ),
        Column(
            key="paper_directory_used", label="Annuaire papier utilisé", kind=Kind.YES_NO, width=12, example="Oui",
            help="Oui ou Non", synonyms=("Annuaire papier", "Annuaire utilisé", "Utilisation de l’annuaire papier"),
        ),
        Column(
            key="degraded_modes", label="Procédures dégradées déroulées", kind=Kind.CHOICE, required=True,
            choices=DEGRADED_MODES, width=13, example="Oui",
            help="Oui, Partiel ou Non : le réviseur le lit pour le test terrain (O1.D)",
            synonyms=("Procédures dégradées", "Modes dégradés déroulés", "Modes dégradés", "Mode dégradé",
                      "Procédures dégradées testées", "Modes dégradés testés"),
        ),
        Column(
            key="care_assessed", label="Prise en charge patient évaluée", kind=Kind.YES_NO, required=True, width=13,
            example="Oui", help="Oui si la prise en charge en mode dégradé a été mesurée : demandé à l’exercice annuel",
            synonyms=("Prise en charge évaluée", "Prise en charge des patients évaluée", "Prise en charge patient",
                      "Évaluation de la prise en charge", "Prise en charge du patient évaluée"),
        ),
        Column(
            key="rating", label="Appréciation (1-4)", kind=Kind.INTEGER, low=1, high=4, width=12, example=3,
            help="De 1 (insuffisant) à 4 (très satisfaisant)",
            synonyms=("Appréciation", "Appréciation globale", "Note", "Note globale", "Évaluation"),
        ),
        Column(
            key="strengths", label="Points forts", kind=Kind.TEXT, maximum=4000, width=34, help="Texte libre",
            example="Bascule papier immédiate aux urgences", synonyms=("Forces", "Points positifs"),
        ),
        Column(
            key="weaknesses", label="Écarts constatés", kind=Kind.TEXT, maximum=4000, width=34, help="Texte libre",
            example="Bons de biologie introuvables",
            synonyms=("Écarts", "Points faibles", "Points à améliorer", "Axes d’amélioration", "Difficultés",
                      "Dysfonctionnements"),
        ),
        Column(
            key="scenario_file", label="Scénario (fichier)", kind=Kind.FILE, piece="D2.O1.D:scenario", required=True, blank_allowed=True,
            width=26, example="Scenario_EX-2026-03.pdf",
            help="Nom d’un fichier déposé dans Vigie : sans lui, pas de test terrain (O1.D)",
            synonyms=("Scénario", "Fichier du scénario", "Fichier scénario"),
        ),
        Column(
            key="report_file", label="Rapport (fichier)", kind=Kind.FILE, piece="D2.O1.D:other", width=26, example="Rapport_EX-2026-03.pdf",
            help="Nom d’un fichier déposé dans Vigie",
            synonyms=("Rapport", "Compte rendu", "Fichier du rapport", "Fichier rapport", "Compte rendu (fichier)"),
        ),
        Column(
            key="retex_file", label="RETEX (fichier)", kind=Kind.FILE, piece="D2.O1.D:retex", dated_by="retex_on",
            required=True, blank_allowed=True, width=26,
            example="RETEX_EX-2026-03.pdf",
            help="Nom d’un fichier déposé dans Vigie : sans lui, ni test terrain (O1.D) ni exercice annuel complet",
            synonyms=("RETEX", "Retour d’expérience", "Fichier du RETEX", "Fichier RETEX",
                      "Retour d’expérience (fichier)"),
        ),
        Column(
            key="retex_on", label="Date du RETEX", kind=Kind.DATE, required=True, blank_allowed=True, width=12,
            example=date(2026, 10, 9), help="jj/mm/aaaa, dans les 60 jours qui suivent l’exercice",
            synonyms=("Date RETEX", "RETEX le", "Date du retour d’expérience", "Date de RETEX"),
        ),
        Column(
            key="attendance", label="Émargement", kind=Kind.TEXT, maximum=255, width=26,
            example="Emargement_EX-2026-03.pdf",
            help="Nom d’un fichier déposé dans Vigie, ou code de la session dans le classeur de formation",
            synonyms=("Feuille d’émargement", "Émargement (fichier)", "Émargement (fichier ou session)",
                      "Liste de présence", "Fichier d’émargement"),
        ),
        Column(
            key="functions", label="Fonctions présentes", kind=Kind.TEXTS, width=30,
            example="Directrice des soins; Cadre des urgences; Biologiste",
            help="Des fonctions, jamais des noms, séparées par des points-virgules",
            synonyms=("Fonctions", "Participants par fonction"),
        ),
        common.ESTABLISHMENT,
    ),
)  # fmt: skip

EXERCISES = Workbook(
    code="KIT_EXERCICES",
    version=1,
    title="Exercices : planning, résultats et plan d’actions",
    accepted=(
        "Ce classeur, ou votre propre tableau (.xlsx, .ods, .xls, .csv). Vous pouvez ajouter des colonnes, changer "
        "leur ordre et laisser des lignes vides ; rien n’est enregistré avant votre confirmation."
    ),
    about=(
        "Le programme des exercices, ce que chacun a donné et les actions qui suivent. Il nourrit le test de terrain "
        "d’un PCA (O1.D) et l’exercice annuel de crise."
    ),
    sheets=(PLANNING, RESULTS, ACTIONS),
)
