"""K4 `KIT_SAUVEGARDE.xlsx`: backup plans of critical systems, backup platforms, restore tests (workbooks.md, 3.4).

What the rules demand is in `backups_rules.py`. Restore tests often come from a tool's export: English headers are known.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from compliance.models.backup import BackupPlatform, CriticalSystem, RestoreTest
from importers.base import Choice, Column, Kind, Sheet, Workbook
from importers.workbooks import backups_rules as rules
from importers.workbooks import common

if TYPE_CHECKING:
    from importers.facts import Values

COMPONENTS = (
    Choice("database", "Base de données", ("BDD", "BD", "SGBD", "Base", "Database", "SQL", "Oracle")),
    Choice(
        "server", "Serveur", ("Serveurs", "VM", "Machine virtuelle", "Serveur applicatif", "Serveur virtuel", "Server")
    ),
    Choice("file_server", "Serveur de fichiers", ("Fichiers", "Partage", "Partage de fichiers", "NAS", "File server")),
    Choice("saas", "SaaS", ("Cloud", "Service en ligne", "Logiciel en ligne")),
)
HOSTINGS = (
    Choice("internal", "Interne", ("Local", "Sur site", "En interne", "Datacenter interne", "On premise")),
    Choice("ght", "GHT", ("Mutualisé GHT", "Datacenter GHT", "Établissement support")),
    Choice("hds", "HDS externe", ("HDS", "Hébergeur HDS", "Hébergeur", "Externe", "Externalisé", "Infogéré")),
    Choice("saas", "SaaS", ("Cloud", "Éditeur")),
)
PLANS = (
    Choice("yes", "Oui", ("Validé", "Existant")),
    Choice(rules.PLAN_IN_PROGRESS, "En cours", ("En cours de rédaction", "En rédaction", "In progress")),
    Choice(rules.NO_PLAN, "Non", ("Absent", "Aucun", "À faire")),
)
SAAS_CLAUSES = (
    Choice("yes", "Oui"),
    Choice("no", "Non"),
    Choice("not_applicable", "Sans objet", ("SO", "NA", "N/A", "Non applicable")),
)
AUTHENTICATIONS = (
    Choice(
        rules.DEDICATED_AD, "AD dédié",
        ("Active Directory dédié", "AD de sauvegarde", "AD d’administration", "Domaine dédié", "Dedicated AD"),
    ),
    Choice(
        "local_accounts", "Comptes locaux", ("Local", "Locale", "Compte local", "Comptes locaux dédiés", "Local accounts")
    ),
    Choice(
        "production_ad", "AD de production",
        ("AD prod", "AD production", "Active Directory de production", "AD", "Active Directory", "Production AD"),
    ),
    Choice("other", "Autre", ("LDAP", "SSO", "Other")),
)  # fmt: skip
TWO_FACTORS = (
    Choice(rules.TWO_FACTOR_ON, "Activé", ("Activée", "Oui", "Actif", "En place", "Enabled", "On")),
    Choice(
        "off", "Possible non activé",
        ("Possible, non activé", "Non activé", "Non", "Désactivé", "Inactif", "Disabled", "Off"),
    ),
    Choice("impossible", "Impossible", ("Non disponible", "Non supporté", "Indisponible", "Not supported")),
)  # fmt: skip
RED_BUTTONS = (
    Choice("procedure", "Procédure", ("Procédural", "Manuel", "Procédure écrite", "Procédure manuelle")),
    Choice("technical", "Technique", ("Automatique", "Automatisé", "Script", "Technical")),
    Choice("no", "Non", ("Aucun", "Absent")),
)
TEST_KINDS = (
    Choice("technical", "Technique", ("Technical", "Test technique", "Restauration technique", "IT")),
    Choice(
        "functional", "Fonctionnel", ("Fonctionnelle", "Functional", "Test fonctionnel", "Métier", "Recette métier")
    ),
)
TEST_RESULTS = (
    Choice("success", "Réussi", ("Réussie", "Réussite", "OK", "Succès", "Success", "Successful", "Succeeded", "Passed",
                                 "Completed", "Terminé", "Conforme")),
    Choice(rules.PARTIAL, "Partiel", ("Partielle", "Partiellement réussi", "Réserves", "Avec réserves", "Warning",
                                      "Partial", "Avertissement", "Completed with warnings", "Terminé avec avertissements")),
    Choice(rules.FAILURE, "Échec", ("KO", "Échoué", "Échouée", "En échec", "Failed", "Failure", "Error", "Erreur",
                                    "Non conforme")),
)  # fmt: skip


def platform_key(values: Values) -> str:
    """Return the key of a platform: « Produit / version »; empty when a part is missing."""
    product, version = values.get("product"), values.get("version")
    return f"{product} / {version}" if product and version else ""


def system_cells(values: Values) -> Values:
    """Lay out a stored system as the columns show it (the reverse of the rules)."""
    activities = values.get("activities")
    return {**values, "activities": "; ".join(activities) if isinstance(activities, list | tuple) else activities}


def restore_cells(values: Values) -> Values:
    """Lay out a stored test as the columns show it: a volume is a number of Go."""
    return {**values, "volume": values.get("volume_go")}


SYSTEMS = Sheet(
    name="SI_critiques",
    title="Les systèmes des activités critiques et leur plan de sauvegarde : un élément par ligne",
    one="système",
    called="Systèmes critiques",
    synonyms=("SI critique", "Systèmes critiques", "Applications critiques", "Plans de sauvegarde",
              "Plan de sauvegarde", "Sauvegardes", "Inventaire des sauvegardes", "Backup plans"),
    record=CriticalSystem,
    code="code",
    key=common.by_code,
    key_column="code",
    fields=(
        "code", "application", "finess_list", "activities", "component", "hosting", "plan", "plan_updated_on",
        "frequency_minutes", "retention_days", "copies", "media", "offsite", "offline", "saas_clause", "supervised",
        "pdma_minutes", "rto_minutes",
    ),
    rules=(
        common.owned_by_first(),
        rules.activities,
        rules.plan,
        common.not_after_today("plan_updated_on", "La mise à jour d’un plan ne peut pas être datée dans l’avenir."),
        rules.frequency,
        rules.three_two_one,
    ),
    to_cells=system_cells,
    columns=(
        Column(
            key="code", label="Code SI", kind=Kind.CODE, required=True, width=13, example="DPI-01",
            help="De 2 à 20 caractères : A à Z, 0 à 9, tiret",
            synonyms=("Code", "Code du SI", "Code système", "Code application", "Référence", "Identifiant", "ID",
                      "System ID", "Asset ID"),
        ),
        Column(
            key="application", label="Application", kind=Kind.TEXT, required=True, maximum=200, width=26,
            example="Dossier patient informatisé", help="Nom de l’application ou du système",
            synonyms=("Nom de l’application", "Applicatif", "Système", "SI", "Logiciel", "Nom", "Nom du système",
                      "Application name", "System", "Service"),
        ),
        Column(
            key="finess_list", label="FINESS EJ couverts", kind=Kind.FINESS_LIST, required=True, blank_allowed=True,
            width=22, example="760780239",
            help="Un ou plusieurs numéros, séparés par des points-virgules, format Texte",
            synonyms=("FINESS EJ", "FINESS", "N° FINESS", "N° FINESS EJ", "EJ couverts", "EJ couvertes", "EJ",
                      "FINESS juridique", "FINESS entité juridique", "FINESS des EJ couverts", "EJ concernés"),
        ),
        Column(
            key="activities", label="Activité critique liée", kind=Kind.TEXT, required=True, maximum=2000, width=22,
            example="URG-01/3", help="Périmètre et activité, séparés par des points-virgules : URG-01/3 ou URG-01",
            synonyms=("Activités critiques liées", "Activité liée", "Activité critique", "Activités critiques",
                      "Périmètre", "Périmètres", "Périmètre / activité", "Code périmètre", "Activité"),
        ),
        Column(
            key="component", label="Élément", kind=Kind.CHOICE, required=True, choices=COMPONENTS, width=18,
            example="Base de données", help="Choisissez dans la liste",
            synonyms=("Type d’élément", "Composant", "Type de composant", "Type", "Nature", "Component", "Object type"),
        ),
        Column(
            key="hosting", label="Hébergement", kind=Kind.CHOICE, required=True, choices=HOSTINGS, width=14,
            example="Interne", help="Choisissez dans la liste",
            synonyms=("Hébergeur", "Type d’hébergement", "Mode d’hébergement", "Lieu d’hébergement", "Hosting"),
        ),
        Column(
            key="plan", label="Plan de sauvegarde", kind=Kind.CHOICE, required=True, choices=PLANS, width=12,
            example="Oui", help="Oui, Non ou En cours",
            synonyms=("Plan", "Plan de sauvegarde existant", "Plan de sauvegarde (Oui/Non)", "Plan de sauvegarde rédigé",
                      "Backup plan"),
        ),
        Column(
            key="plan_updated_on", label="Date de mise à jour du plan", kind=Kind.DATE, width=13,
            example=date(2026, 5, 4), help="jj/mm/aaaa",
            synonyms=("Date du plan", "Date de mise à jour", "Mise à jour du plan", "Dernière mise à jour du plan",
                      "Date du plan de sauvegarde"),
        ),
        Column(
            key="frequency_minutes", label="Fréquence", kind=Kind.DURATION, required=True, width=11, example="4 h",
            help="Temps entre deux sauvegardes : 15 min, 4 h, 1 j, 1 semaine",
            synonyms=("Fréquence de sauvegarde", "Fréquence des sauvegardes", "Périodicité", "Fréquence (h)",
                      "Frequency", "Schedule", "Backup frequency"),
        ),
        Column(
            key="retention_days", label="Rétention (jours)", kind=Kind.INTEGER, low=0, high=36_500, width=11, example=30,
            help="Nombre de jours",
            synonyms=("Rétention", "Durée de rétention", "Durée de rétention (jours)", "Durée de conservation",
                      "Conservation (jours)", "Retention (days)"),
        ),
        Column(
            key="copies", label="Nombre de copies", kind=Kind.INTEGER, low=0, high=100, width=10, example=3,
            help="Production comprise, par exemple 3",
            synonyms=("Copies", "Nb copies", "Nb de copies", "Number of copies"),
        ),
        Column(
            key="media", label="Nombre de supports", kind=Kind.INTEGER, low=0, high=100, width=10, example=2,
            help="Supports différents : disque, bande, stockage objet…",
            synonyms=("Supports", "Nb supports", "Nb de supports", "Supports différents", "Number of media"),
        ),
        Column(
            key="offsite", label="Copie hors site", kind=Kind.YES_NO, width=10, example="Oui", help="Oui ou Non",
            synonyms=("Hors site", "Copie externalisée", "Externalisation", "Sauvegarde hors site", "Offsite",
                      "Off-site", "Offsite copy"),
        ),
        Column(
            key="offline", label="Copie hors ligne ou immuable", kind=Kind.YES_NO, width=12, example="Oui",
            help="Oui ou Non",
            synonyms=("Hors ligne", "Copie hors ligne", "Copie immuable", "Immuable", "Hors ligne ou immuable",
                      "Immuabilité", "Offline", "Immutable", "Offline or immutable copy"),
        ),
        Column(
            key="saas_clause", label="Clause SaaS", kind=Kind.CHOICE, choices=SAAS_CLAUSES, width=11,
            example="Sans objet", help="Oui, Non ou Sans objet : le contrat dit comment l’éditeur sauvegarde",
            synonyms=("Clause contractuelle", "Clause contractuelle SaaS", "Clause de sauvegarde", "Clause"),
        ),
        Column(
            key="supervised", label="Supervision", kind=Kind.YES_NO, width=11, example="Oui", help="Oui ou Non",
            synonyms=("Supervisé", "Sauvegarde supervisée", "Supervision des sauvegardes", "Monitoring", "Monitored"),
        ),
        Column(
            key="pdma_minutes", label="PDMA cible", kind=Kind.DURATION, width=10, example="4 h",
            help="Perte de données maximale admissible : 15 min, 4 h, 1 j",
            synonyms=("PDMA", "RPO", "RPO cible", "Perte de données maximale admissible", "Target RPO", "RPO target"),
        ),
        Column(
            key="rto_minutes", label="RTO cible", kind=Kind.DURATION, width=10, example="8 h",
            help="Délai de reprise visé, dans la DIMA de l’activité : 4 h, 1 j",
            synonyms=("RTO", "DIMA", "DMIA", "Délai de reprise", "Délai de reprise cible",
                      "Durée d’interruption maximale admissible", "MTPD", "Target RTO", "RTO target"),
        ),
    ),
)  # fmt: skip

PLATFORMS = Sheet(
    name="Plateforme",
    title="Les plateformes de sauvegarde : une par ligne",
    one="plateforme",
    called="Plateformes de sauvegarde",
    synonyms=("Plateformes", "Plateforme de sauvegarde", "Plateformes de sauvegarde", "Infrastructure de sauvegarde",
              "Backup platform"),
    record=BackupPlatform,
    key=platform_key,
    key_column="product",
    fields=(
        "product", "version", "authentication", "two_factor", "two_factor_reason", "ads_score", "ads_on", "red_button",
        "partition_target", "partition_on", "finess_ej",
    ),
    rules=(
        common.owned_by(),
        common.gap_if_blank("authentication", "L’authentification reste à préciser.", "Choisissez-la dans la liste."),
        rules.two_factor,
        rules.ads,
        rules.partition,
    ),
    columns=(
        Column(
            key="product", label="Produit", kind=Kind.TEXT, required=True, maximum=120, width=24,
            example="SauveData Entreprise", help="Nom du logiciel de sauvegarde",
            synonyms=("Plateforme", "Logiciel", "Logiciel de sauvegarde", "Solution", "Solution de sauvegarde",
                      "Outil", "Outil de sauvegarde", "Product"),
        ),
        Column(
            key="version", label="Version", kind=Kind.TEXT, required=True, maximum=60, width=12, example="12.1",
            help="Version installée", synonyms=("Version du produit", "Version logicielle", "Version installée", "Release"),
        ),
        Column(
            key="authentication", label="Authentification", kind=Kind.CHOICE, required=True, blank_allowed=True,
            choices=AUTHENTICATIONS, width=18, example="AD dédié", help="Choisissez dans la liste",
            synonyms=("Mode d’authentification", "Type d’authentification", "Annuaire", "Authentication"),
        ),
        Column(
            key="two_factor", label="Double facteur", kind=Kind.CHOICE, required=True, blank_allowed=True,
            choices=TWO_FACTORS, width=18, example="Possible non activé", help="Choisissez dans la liste",
            synonyms=("Double authentification", "MFA", "2FA", "A2F", "Authentification forte", "Second facteur",
                      "Authentification multifacteur", "Authentification à deux facteurs", "Two-factor"),
        ),
        Column(
            key="two_factor_reason", label="Justification", kind=Kind.TEXT, width=34,
            example="Jetons commandés, mise en service en novembre 2026",
            help="Pourquoi le double facteur n’est pas activé ; obligatoire s’il ne l’est pas",
            synonyms=("Motif", "Justification double facteur", "Justification MFA", "Motif si non activé", "Raison"),
        ),
        Column(
            key="ads_score", label="Score ADS", kind=Kind.INTEGER, low=1, high=5, width=9, example=3,
            help="De 1 à 5, seulement si l’authentification est un AD dédié",
            synonyms=("ADS", "Score ORADAD", "ORADAD", "Score ADS / ORADAD", "Niveau ADS", "Score AD"),
        ),
        Column(
            key="ads_on", label="Date de l’audit ADS", kind=Kind.DATE, width=12, example=date(2026, 10, 20),
            help="jj/mm/aaaa, dans les 60 jours qui précèdent la déclaration",
            synonyms=("Date ADS", "Date de l’audit", "Date audit ADS", "Date ORADAD", "Date de l’audit ORADAD",
                      "Date du score ADS"),
        ),
        Column(
            key="red_button", label="Bouton rouge", kind=Kind.CHOICE, choices=RED_BUTTONS, width=12,
            example="Procédure", help="Comment les sauvegardes sont isolées en cas d’incident",
            synonyms=("Isolation", "Isolement", "Isolation sur incident", "Procédure d’isolement", "Kill switch"),
        ),
        Column(
            key="partition_target", label="Cible du cloisonnement", kind=Kind.TEXT, maximum=1000, width=34,
            example="Réseau de sauvegarde séparé, flux filtrés", help="L’architecture visée, en une phrase",
            synonyms=("Cloisonnement", "Cible de cloisonnement", "Architecture cible", "Cible"),
        ),
        Column(
            key="partition_on", label="Date du cloisonnement", kind=Kind.PLANNED_DATE, width=13,
            example=date(2027, 6, 30), help="jj/mm/aaaa, ou un mois ou un trimestre, dans moins de trois ans",
            synonyms=("Date cible", "Date cible du cloisonnement", "Échéance", "Échéance du cloisonnement",
                      "Date de cloisonnement"),
        ),
        common.ESTABLISHMENT,
    ),
)  # fmt: skip

RESTORE_TESTS = Sheet(
    name="Tests_restauration",
    title="Les tests de restauration : un par ligne",
    one="test",
    called="Tests de restauration",
    looks_at=("SI_critiques",),
    synonyms=("Test_restauration", "Tests de restauration", "Test de restauration", "Restaurations",
              "Tests de restauration des sauvegardes", "Restore tests", "Restore test", "Restore sessions"),
    record=RestoreTest,
    exported=True,
    key=common.by_code,
    key_column="code",
    fields=(
        "code", "system_code", "tested_on", "kind", "back_in_production", "scope", "volume_go", "duration_minutes",
        "rto_minutes", "rpo_minutes", "result", "referent_function", "anomalies", "test_book_file", "finess_ej",
    ),
    rules=(
        common.owned_through("SI_critiques", "system_code"),
        common.not_after_today("tested_on", "Un test fait ne peut pas être daté dans l’avenir."),
        common.within_phase("tested_on", "Ce test", "O4", "un autre test"),
        rules.volume,
        rules.objectives,
        rules.anomalies,
        common.function_not_name("referent_function"),
        common.gap_if_blank(
            "referent_function", "La fonction du correspondant métier reste à saisir (O4).",
            "Écrivez une fonction, jamais un nom.",
        ),
        common.gap_if_blank(
            "test_book_file", "Le cahier de tests manque : il est demandé pour O4.",
            "Écrivez le nom du fichier, et déposez-le comme pièce.",
        ),
        common.uploaded("test_book_file"),
    ),
    to_cells=restore_cells,
    columns=(
        Column(
            key="code", label="Code test", kind=Kind.CODE, required=True, width=13, example="REST-2026-04",
            help="De 2 à 20 caractères : A à Z, 0 à 9, tiret",
            synonyms=("Code", "Code du test", "N° test", "N° du test", "Référence", "Référence du test", "ID", "Test ID",
                      "Session ID", "Job ID", "Identifiant"),
        ),
        Column(
            key="system_code", label="Code SI", kind=Kind.CODE, required=True, width=13, example="DPI-01",
            refers="SI_critiques", help="Le code donné au système dans la feuille SI_critiques",
            synonyms=("Code du SI", "SI", "Code système", "Système", "Application", "Code application", "System",
                      "System ID", "Asset ID"),
        ),
        Column(
            key="tested_on", label="Date", kind=Kind.DATE, required=True, width=12, example=date(2026, 10, 6),
            help="jj/mm/aaaa : le jour du test",
            synonyms=("Date du test", "Date de restauration", "Date de la restauration", "Réalisé le",
                      "Date de réalisation", "Test date", "Restore date", "Start time", "Started", "Start date",
                      "Start", "Begin time", "Creation time", "Timestamp", "Session date"),
        ),
        Column(
            key="kind", label="Type", kind=Kind.CHOICE, required=True, choices=TEST_KINDS, width=13,
            example="Technique", help="Technique ou Fonctionnel",
            synonyms=("Type de test", "Nature", "Nature du test", "Test type", "Restore type", "Kind"),
        ),
        Column(
            key="back_in_production", label="Remise en production", kind=Kind.YES_NO, required=True, width=13,
            example="Oui", help="Oui si le système restauré a été remis en production",
            synonyms=("Remis en production", "Remise en prod", "Retour en production", "Back in production",
                      "Restored to production"),
        ),
        Column(
            key="scope", label="Périmètre", kind=Kind.TEXTS, required=True, maximum=2000, width=30,
            example="SRV-DPI-01; SRV-DPI-02", help="Serveurs, bases ou fichiers restaurés, séparés par des points-virgules",
            synonyms=("Périmètre du test", "Périmètre restauré", "Serveur", "Serveurs", "Objet restauré", "Éléments",
                      "Élément restauré", "Job name", "Job", "VM name", "VM", "Server", "Server name", "Servers",
                      "Machine", "Machine name", "Host", "Hostname", "Client", "Object", "Object name", "Name",
                      "Restored object", "Workload"),
        ),
        Column(
            key="volume", label="Volume restauré (Go)", kind=Kind.TEXT, maximum=40, width=12, example="850,5",
            help="En Go ; une autre unité est comprise si elle est écrite : 1,2 To, 500 Mo",
            synonyms=("Volume restauré", "Volume", "Volume (Go)", "Volume (To)", "Volume (Mo)", "Taille", "Taille (Go)",
                      "Taille (To)", "Taille (Mo)", "Size", "Size (GB)", "Size (TB)", "Size (MB)", "Data size",
                      "Data size (GB)", "Total size", "Total size (GB)", "Restored size", "Restored size (GB)",
                      "Data transferred", "Transferred", "Transferred (GB)", "Processed", "Amount of data"),
        ),
        Column(
            key="duration_minutes", label="Durée", kind=Kind.DURATION, required=True, width=10, example="2h35",
            help="En heures et minutes : 2h35 ou 02:35:10",
            synonyms=("Durée de la restauration", "Durée du test", "Durée de restauration", "Durée (h)", "Durée (min)",
                      "Duration", "Duration (min)", "Duration (hh:mm:ss)", "Elapsed", "Elapsed time", "Total duration",
                      "Job duration"),
        ),
        Column(
            key="rto_minutes", label="RTO mesuré", kind=Kind.DURATION, width=10, example="6 h",
            help="Délai de reprise constaté : 6 h, 1 j",
            synonyms=("RTO", "RTO constaté", "RTO réel", "Délai de reprise", "Délai de reprise mesuré", "TRD",
                      "Measured RTO", "Actual RTO", "RTA"),
        ),
        Column(
            key="rpo_minutes", label="RPO constaté", kind=Kind.DURATION, width=10, example="4 h",
            help="Perte de données constatée : 15 min, 4 h",
            synonyms=("RPO", "RPO mesuré", "RPO réel", "Perte de données", "Perte de données constatée", "Actual RPO",
                      "Measured RPO", "RPA"),
        ),
        Column(
            key="result", label="Résultat", kind=Kind.CHOICE, required=True, choices=TEST_RESULTS, width=11,
            example="Réussi", help="Choisissez dans la liste",
            synonyms=("Résultat du test", "Statut", "État", "Conclusion", "Bilan", "Status", "Result", "Outcome",
                      "Job status", "Test result", "State"),
        ),
        Column(
            key="referent_function", label="Fonction du correspondant métier", kind=Kind.TEXT, required=True,
            blank_allowed=True, personal=True, maximum=200, width=26, example="Cadre de santé du laboratoire",
            help="Une fonction, jamais le nom d’une personne",
            synonyms=("Correspondant métier", "Fonction du correspondant", "Référent métier", "Fonction du référent métier",
                      "Référent", "Valideur métier", "Business owner", "Owner", "Application owner"),
        ),
        Column(
            key="anomalies", label="Anomalies", kind=Kind.TEXT, maximum=4000, width=34,
            help="Ce qui n’a pas marché ; à décrire si le résultat est Partiel ou Échec",
            synonyms=("Anomalie", "Anomalies constatées", "Écarts", "Erreurs", "Détail", "Détails", "Problèmes",
                      "Errors", "Error message", "Message", "Issues", "Failure reason", "Reason"),
        ),
        Column(
            key="test_book_file", label="Cahier de tests (fichier)", kind=Kind.FILE, piece="D2.O4:test_book", dated_by="tested_on",
            required=True, blank_allowed=True,
            width=26, example="Cahier_REST-2026-04.pdf", help="Nom d’un fichier déposé dans Vigie",
            synonyms=("Cahier de tests", "Cahier de test", "Fichier du cahier de tests", "PV de test", "PV", "Rapport",
                      "Rapport de test", "Test book", "Report", "Report file"),
        ),
        common.ESTABLISHMENT,
    ),
)  # fmt: skip

BACKUPS = Workbook(
    code="KIT_SAUVEGARDE",
    version=1,
    title="Sauvegardes : systèmes critiques, plateformes et tests de restauration",
    accepted=(
        "Un tableau .xlsx, .ods, .xls ou .csv : celui-ci, le vôtre ou l’export d’un outil. Vous pouvez ajouter des "
        "colonnes, changer leur ordre et laisser des lignes vides ; rien n’est enregistré avant votre confirmation."
    ),
    about=(
        "Les plans de sauvegarde des systèmes critiques (O2.B), les plateformes qui gardent les copies (O3) et les tests "
        "de restauration (O4). Un test de restauration n’est jamais un exercice."
    ),
    sheets=(SYSTEMS, PLATFORMS, RESTORE_TESTS),
)
