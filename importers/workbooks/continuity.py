"""K8 `KIT_CONTINUITE.xlsx`: what PCRA promise, plans they lean on, support functions, real outages, results plan by plan.

The kit of the programme asks whether a plan is written; lessons of real crises ask what it promises and what was observed
(lessons.md). What the rules demand is in `continuity_rules.py`.
"""

from __future__ import annotations

from datetime import date

from compliance.models.exercise import PlanResult
from compliance.models.incident import Incident
from compliance.models.plan import LinkedPlan, PcraContent, SupportFunction
from importers.base import Choice, Column, Kind, Sheet, Workbook
from importers.workbooks import common
from importers.workbooks import continuity_rules as rules

PLAN_KINDS = (
    Choice("plan_blanc", "Plan blanc", ("PGTHSSE", "Plan de gestion des tensions hospitalières", "Plan blanc numérique")),
    Choice("pse", "PSE", ("Plan de sécurisation", "Plan de sécurisation d’établissement")),
    Choice("pcri", "PCRI", ("Plan informatique", "Plan de continuité informatique", "PCI", "PSI", "PRI")),
    Choice("crisis", "Plan de crise cyber", ("Plan de gestion de crise", "Fiches réflexes cyber")),
    Choice("other", "Autre", ("Autre plan",)),
)  # fmt: skip
FUNCTIONS = (
    Choice("payroll", "Paie", ("La paie", "Payes", "Salaires")),
    Choice("billing", "Facturation", ("Facturation des soins", "Bureau des entrées", "Recettes")),
    Choice("purchasing", "Achats et paiement des fournisseurs", ("Achats", "Paiement des fournisseurs", "Approvisionnements")),
    Choice("hr", "Ressources humaines", ("RH", "Gestion du temps", "Plannings du personnel")),
)  # fmt: skip
RESULT_STATES = (
    Choice("success", "Réussi", ("Réussite", "OK", "Satisfaisant")),
    Choice("partial", "Partiel", ("Partiellement réussi", "Mitigé")),
    Choice("failure", "Échec", ("Échoué", "KO", "Non satisfaisant")),
)
NATURES = (
    Choice("it_outage", "Panne informatique", ("Panne SI", "Panne du SI", "Panne réseau", "Indisponibilité du SI")),
    Choice("phone_outage", "Panne de téléphonie", ("Panne téléphonique", "Panne téléphonie")),
    Choice("it_and_phone", "Panne informatique et téléphonie", ("Panne générale", "Informatique et téléphonie")),
    Choice("cyberattack", "Cyberattaque", ("Attaque", "Rançongiciel", "Ransomware")),
    Choice("energy", "Énergie ou fluides", ("Coupure électrique", "Électricité", "Fluides")),
    Choice("building", "Bâtiment", ("Locaux", "Incendie", "Inondation")),
    Choice("supplier", "Fournisseur", ("Prestataire", "Hébergeur")),
    Choice("staff", "Personnel", ("Absence de personnel", "Grève")),
    Choice("other", "Autre"),
)

_CODE_HELP = "De 2 à 20 caractères : A à Z, 0 à 9, tiret"


def _perimeter(help_: str, *, required: bool = False) -> Column:
    return Column(
        key="perimeter_code", label="Code périmètre", kind=Kind.CODE, refers="Perimetres", width=13, example="URG-01",
        help=help_, synonyms=("Code du périmètre", "Code PCRA", "PCRA"), required=required,
    )  # fmt: skip


def _exercise(help_: str, *, required: bool = False) -> Column:
    return Column(
        key="exercise_code", label="Code exercice", kind=Kind.CODE, refers="Planning", width=15, example="EX-2026-03",
        help=help_, synonyms=("Code de l’exercice", "Exercice"), required=required,
    )  # fmt: skip


def _delay(key: str, label: str, example: str, help_: str, *synonyms: str) -> Column:
    return Column(key=key, label=label, kind=Kind.DURATION, width=14, example=example, help=help_, synonyms=synonyms)


def _loss(key: str, label: str, example: str, help_: str, *, asked: bool = False) -> Column:
    return Column(
        key=key, label=label, kind=Kind.YES_NO, required=asked, blank_allowed=asked, width=12, example=example, help=help_
    )  # fmt: skip


LINKED_PLANS = Sheet(
    name="Autres_plans",
    title="Les plans sur lesquels les PCRA s’appuient : plan blanc, PSE, PCRI",
    one="plan",
    synonyms=("Autres plans", "Plans liés", "Plan blanc PSE PCRI"),
    record=LinkedPlan,
    code="code",
    key=common.by_code,
    key_column="code",
    fields=("code", "kind", "title", "version", "approved_on", "review_by", "file", "finess_ej"),
    rules=(
        common.owned_by(),
        common.not_after_today("approved_on", "Un plan approuvé ne peut pas l’être dans l’avenir."),
        common.gap_if_blank("approved_on", "La date d’approbation de ce plan manque : rien ne dit qu’il existe."),
        rules.review_behind("review_by", "Ce plan devait être revu"),
        common.uploaded("file"),
    ),
    columns=(
        Column(
            key="code", label="Code plan", kind=Kind.CODE, required=True, width=13, example="PB-01", help=_CODE_HELP,
            synonyms=("Code du plan", "Référence du plan"),
        ),
        Column(
            key="kind", label="Nature du plan", kind=Kind.CHOICE, required=True, choices=PLAN_KINDS, width=18,
            example="Plan blanc", help="Choisissez dans la liste", synonyms=("Type de plan", "Plan"),
        ),
        Column(
            key="title", label="Intitulé du plan", kind=Kind.TEXT, maximum=200, width=30, example="Plan blanc 2026",
            help="Son titre, en quelques mots",
        ),
        Column(key="version", label="Version du plan", kind=Kind.TEXT, maximum=40, width=10, example="v3",
               help="Telle qu’elle est écrite sur le plan"),
        Column(
            key="approved_on", label="Approuvé le", kind=Kind.DATE, width=12, example=date(2026, 1, 12),
            help="jj/mm/aaaa", synonyms=("Date d’approbation", "Date d’approbation du plan"),
        ),
        Column(
            key="review_by", label="À revoir avant le", kind=Kind.PLANNED_DATE, width=13, example=date(2027, 1, 31),
            help="jj/mm/aaaa, un mois ou un trimestre", synonyms=("Prochaine révision du plan", "Validité du plan"),
        ),
        Column(key="file", label="Fichier du plan", kind=Kind.FILE, piece="D2.O1.B:other", dated_by="approved_on",
            width=26, example="Plan_blanc_v3.pdf",
               help="Nom d’un fichier déposé dans Vigie"),
        common.ESTABLISHMENT,
    ),
)  # fmt: skip

PCRA_CONTENTS = Sheet(
    name="Contenu_PCRA",
    title="Ce que chaque PCRA contient et promet : pertes traitées, délais, capacité, relève",
    one="PCRA",
    called="Contenu des PCRA",
    synonyms=("Contenu des PCRA", "Plans PCRA", "PCRA détaillés"),
    record=PcraContent,
    key=lambda values: str(values.get("perimeter_code") or ""),
    key_column="perimeter_code",
    fields=(
        "perimeter_code", "owner_function", "loss_system", "loss_site", "loss_staff", "loss_supplier",
        "degraded_after_minutes", "interruption_minutes", "capacity", "hold_minutes", "relief", "reviewed_on",
        "next_review_on", "linked_plans", "finess_ej",
    ),
    rules=(
        common.owned_through("Perimetres", "perimeter_code"),
        common.function_not_name("owner_function"),
        common.gap_if_blank("owner_function", "Personne ne répond de ce plan.", "Écrivez une fonction, jamais un nom."),
        rules.losses,
        rules.hold,
        common.not_after_today("reviewed_on", "Une revue faite ne peut pas être datée dans l’avenir."),
        rules.review_behind("next_review_on", "Ce PCRA devait être revu"),
    ),
    columns=(
        _perimeter("Le périmètre de ce PCRA, tel que dans la feuille Perimetres", required=True),
        Column(
            key="owner_function", label="Fonction responsable du plan", kind=Kind.TEXT, personal=True, maximum=200,
            width=26, example="Cadre supérieur de santé", help="Une fonction, jamais le nom d’une personne",
        ),
        _loss("loss_system", "Perte du SI traitée", "Oui", "Oui ou Non : sans informatique ni téléphone ; obligatoire", asked=True),
        _loss("loss_site", "Perte des locaux traitée", "Non", "Oui ou Non"),
        _loss("loss_staff", "Perte de personnel traitée", "Oui", "Oui ou Non : personnes ou compétences clés"),
        _loss("loss_supplier", "Perte d’un fournisseur traitée", "Non", "Oui ou Non"),
        _delay("degraded_after_minutes", "Délai déclaré de passage en mode dégradé", "30 min",
               "Combien de temps pour travailler en mode dégradé, selon le plan"),
        _delay("interruption_minutes", "Interruption maximale déclarée", "4 h",
               "Combien de temps l’activité s’arrête au plus, selon le plan"),
        Column(
            key="capacity", label="Capacité déclarée (%)", kind=Kind.PERCENT, width=12, example=70,
            help="Part de l’activité habituelle tenue en mode dégradé, de 0 à 100",
        ),
        _delay("hold_minutes", "Tenue du plan", "3 semaines",
               "Combien de temps le mode dégradé tient : des heures, des jours, des semaines ou des mois"),
        Column(
            key="relief", label="Relève des équipes", kind=Kind.TEXT, maximum=2000, width=30,
            example="Deux équipes en 12 h, renfort du pool dès J+3", help="Qui remplace qui quand cela dure",
        ),
        Column(key="reviewed_on", label="Revu le", kind=Kind.DATE, width=12, example=date(2026, 6, 2),
               help="jj/mm/aaaa : dernière revue du plan", synonyms=("Date de revue",)),
        Column(key="next_review_on", label="Prochaine revue", kind=Kind.PLANNED_DATE, width=13,
               example=date(2027, 6, 30), help="jj/mm/aaaa, un mois ou un trimestre"),
        Column(
            key="linked_plans", label="Plans liés", kind=Kind.CODES, refers="Autres_plans", width=22,
            example="PB-01;PCRI-01", help="Codes de la feuille Autres_plans, séparés par des points-virgules",
        ),
        common.ESTABLISHMENT,
    ),
)  # fmt: skip

SUPPORT_FUNCTIONS = Sheet(
    name="Fonctions_support",
    title="Paie, facturation, achats, ressources humaines : comment elles continuent sans informatique",
    one="fonction support",
    synonyms=("Fonctions support", "Support"),
    record=SupportFunction,
    key=lambda values: str(values.get("function") or ""),
    key_column="function",
    fields=(
        "function", "perimeter_code", "can_run_again", "run_by", "channel", "hold_minutes", "checked_on", "finess_ej",
    ),
    rules=(
        common.owned_by(),
        common.function_not_name("run_by"),
        rules.support_answers,
        common.not_after_today("checked_on", "Une vérification faite ne peut pas être datée dans l’avenir."),
    ),
    columns=(
        Column(
            key="function", label="Fonction support", kind=Kind.CHOICE, required=True, choices=FUNCTIONS, width=24,
            example="Paie", help="Paie, Facturation, Achats et paiement des fournisseurs, ou Ressources humaines",
        ),
        _perimeter("Le périmètre dont le PCRA la couvre, s’il y en a un"),
        Column(
            key="can_run_again", label="Peut tourner sans informatique", kind=Kind.YES_NO, required=True,
            blank_allowed=True, width=14, example="Oui",
            help="Paie : peut-on reverser la paie du mois dernier à l’identique ? Oui ou Non",
            synonyms=("Rejeu possible", "La paie du mois dernier peut être rejouée"),
        ),
        Column(
            key="run_by", label="Par qui", kind=Kind.TEXT, personal=True, maximum=200, width=26,
            example="Responsable de la paie", help="Une fonction, jamais le nom d’une personne",
        ),
        Column(
            key="channel", label="Comment", kind=Kind.TEXT, maximum=1000, width=34,
            example="Fichier du mois précédent gardé hors ligne, porté à la Trésorerie",
            help="Paie : par quel moyen avec la banque ou la Trésorerie",
            synonyms=("Avec la banque, comment",),
        ),
        _delay("hold_minutes", "Tenue de la fonction", "1 mois", "Combien de temps elle tient ainsi"),
        Column(key="checked_on", label="Vérifié le", kind=Kind.DATE, width=12, example=date(2026, 5, 4),
               help="jj/mm/aaaa : dernière fois que ce repli a été vérifié"),
        common.ESTABLISHMENT,
    ),
)  # fmt: skip


def _moment(
    key: str, label: str, example: date | None, time: str, help_: str, *, required: bool = False
) -> tuple[Column, Column]:
    return (
        Column(key=f"{key}_on", label=f"{label} le", kind=Kind.DATE, required=required, width=12, example=example or "",
               help=help_ or "jj/mm/aaaa ; vide si c’est le jour du début"),
        Column(key=f"{key}_at", label=f"{label} à", kind=Kind.TIME, width=9, example=time, help="hh:mm"),
    )  # fmt: skip


INCIDENTS = Sheet(
    name="Incidents",
    title="Les pannes réelles : leur chronologie, les plans vraiment utilisés, ce qu’on en a tiré",
    one="incident",
    looks_at=("Planning",),
    synonyms=("Incident", "Événements réels", "Registre des incidents", "Pannes"),
    record=Incident,
    code="code",
    key=common.by_code,
    key_column="code",
    fields=(
        "code", "finess_list", "nature", "title", "started_on", "started_at", "degraded_on", "degraded_at",
        "recovery_on", "recovery_at", "ended_on", "ended_at", "plan_blanc", "perimeters", "consequences", "lessons",
        "retex_file", "retex_on", "exercise_code",
    ),
    rules=(
        common.owned_by_first(),
        *(
            common.not_after_today(f"{moment}_on", "Un incident réel ne peut pas être daté dans l’avenir.")
            for moment in ("started", "degraded", "recovery", "ended")
        ),
        rules.timeline,
        rules.after_incident,
        rules.proposed,
        common.uploaded("retex_file"),
    ),
    columns=(
        Column(
            key="code", label="Code incident", kind=Kind.CODE, required=True, width=15, example="INC-2026-01",
            help=_CODE_HELP, synonyms=("Code de l’incident", "N° incident"),
        ),
        Column(
            key="finess_list", label="FINESS EJ", kind=Kind.FINESS_LIST, required=True, blank_allowed=True, width=22,
            example="760780239", help="Un ou plusieurs numéros, séparés par des points-virgules, format Texte",
            synonyms=common.ENTITY,
        ),
        Column(
            key="nature", label="Nature de l’incident", kind=Kind.CHOICE, required=True, choices=NATURES, width=24,
            example="Panne informatique et téléphonie", help="Choisissez dans la liste ; une panne n’est pas une attaque",
            synonyms=("Type d’incident",),
        ),
        Column(
            key="title", label="Intitulé de l’incident", kind=Kind.TEXT, required=True, maximum=200, width=34,
            example="Arrêt général de l’informatique et du téléphone", help="Ce qui est arrivé, en quelques mots",
        ),
        *_moment("started", "Début", date(2026, 1, 20), "11:00", "jj/mm/aaaa", required=True),
        *_moment("degraded", "Mode dégradé", None, "11:20", ""),
        *_moment("recovery", "Début du rétablissement", None, "14:00", ""),
        *_moment("ended", "Fin", None, "16:00", "jj/mm/aaaa ; vide si c’est le jour du début, ou s’il dure encore"),
        Column(key="plan_blanc", label="Plan blanc déclenché", kind=Kind.YES_NO, width=12, example="Oui",
               help="Oui ou Non"),
        Column(
            key="perimeters", label="PCRA vraiment utilisés", kind=Kind.CODES, refers="Perimetres", width=24,
            example="URG-01;BIO-01", help="Codes des périmètres dont le plan a servi, séparés par des points-virgules",
        ),
        Column(key="consequences", label="Conséquences", kind=Kind.TEXT, maximum=4000, width=34,
               example="Régulation du SAMU reportée, 12 consultations déplacées", help="Texte libre, sans nom de patient"),
        Column(key="lessons", label="Ce qu’on en retient", kind=Kind.TEXT, maximum=4000, width=34,
               example="Former en continu, garder des fiches papier", help="Texte libre"),
        Column(key="retex_file", label="RETEX de l’incident (fichier)", kind=Kind.FILE, piece="D2.O1.D:other", dated_by="retex_on",
            width=26,
               example="RETEX_INC-2026-01.pdf", help="Nom d’un fichier déposé dans Vigie"),
        Column(key="retex_on", label="Date du RETEX de l’incident", kind=Kind.DATE, width=12,
               example=date(2026, 2, 10), help="jj/mm/aaaa"),
        _exercise("L’exercice de nature « Événement réel » qui le propose au réviseur, s’il y en a un"),
    ),
)  # fmt: skip

PLAN_RESULTS = Sheet(
    name="Resultats_par_plan",
    title="Un exercice, plusieurs plans : ce que chacun a donné, délais promis et délais observés",
    one="résultat par plan",
    called="Résultats par plan",
    looks_at=("Planning",),
    synonyms=("Résultats par plan", "Résultats par PCRA"),
    record=PlanResult,
    key=lambda values: rules.plan_result_key(values.get("exercise_code"), values.get("perimeter_code")),
    key_column="perimeter_code",
    fields=(
        "exercise_code", "perimeter_code", "plan_version", "result", "degraded_after_minutes", "interruption_minutes",
        "capacity", "dependencies_found", "comment", "finess_ej",
    ),
    rules=(common.owned_through("Planning", "exercise_code"), rules.tried),
    columns=(
        _exercise("Le code donné à l’exercice dans la feuille Planning", required=True),
        _perimeter("Le périmètre dont le plan a été déroulé", required=True),
        Column(key="plan_version", label="Version jouée", kind=Kind.TEXT, maximum=40, width=10, example="v1.2",
               help="La version du PCRA qui a été déroulée"),
        Column(
            key="result", label="Résultat du plan", kind=Kind.CHOICE, required=True, choices=RESULT_STATES, width=12,
            example="Partiel", help="Réussi, Partiel ou Échec",
        ),
        _delay("degraded_after_minutes", "Délai observé de passage en mode dégradé", "50 min",
               "Combien de temps il a vraiment fallu"),
        _delay("interruption_minutes", "Interruption observée", "5 h", "Combien de temps l’activité s’est arrêtée"),
        Column(
            key="capacity", label="Capacité observée (%)", kind=Kind.PERCENT, width=12, example=55,
            help="Part de l’activité habituelle qui a été tenue, de 0 à 100",
        ),
        Column(
            key="dependencies_found", label="Dépendances découvertes", kind=Kind.TEXTS, width=30,
            example="Imprimante des étiquettes; Badge du dépôt de sang",
            help="Ce dont le service ne savait pas dépendre ; séparez par des points-virgules",
        ),
        Column(key="comment", label="Remarque sur le plan", kind=Kind.TEXT, maximum=4000, width=30,
               help="Texte libre"),
        common.ESTABLISHMENT,
    ),
)  # fmt: skip

CONTINUITY = Workbook(
    code="KIT_CONTINUITE",
    version=1,
    title="Continuité : ce que les plans promettent, ce que la réalité a montré",
    about=(
        "Ce que chaque PCRA contient et promet, les plans sur lesquels il s’appuie, les fonctions support, les pannes réelles "
        "et le résultat de chaque exercice plan par plan. Il compare ce qui est déclaré à ce qui est observé."
    ),
    accepted=(
        "Ce classeur, ou votre propre tableau (.xlsx, .ods, .xls, .csv). Vous pouvez ajouter des colonnes, changer "
        "leur ordre et laisser des lignes vides ; rien n’est enregistré avant votre confirmation."
    ),
    sheets=(LINKED_PLANS, PCRA_CONTENTS, SUPPORT_FUNCTIONS, INCIDENTS, PLAN_RESULTS),
)
