"""K3 `KIT_FORMATION.xlsx`: sessions, attendance, the charter and targets (workbooks.md, 3.3).

What the rules demand is in `training_rules.py`. In `Emargement` neither « Nom » nor « Prénom » has a star: an identifier
may replace them, and one cell may hold both. The rules ask for what is missing.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from compliance.models.training import Attendance, CharterSignature, TrainingSession, TrainingTarget
from importers.base import Choice, Column, Kind, Sheet, Workbook
from importers.words import fold
from importers.workbooks import training_rules as rules
from importers.workbooks.common import (
    ENTITY,
    SITE,
    by_code,
    function_not_name,
    function_required,
    in_order,
    not_after_today,
    owned_by,
    site_of,
    uploaded,
)  # fmt: skip

KINDS = (
    Choice("dmcc", "DMCC", ("Directeur médical de crise cyber", "Formation DMCC", "Directeur médical de crise")),
    Choice("crisis_cell", "Cellule de crise", ("Cellule de crise cyber", "Gestion de crise", "Crise")),
    Choice("pcra_referent", "Référent PCRA", ("RPCRA", "PCRA", "Référent PCA", "Référents PCRA", "PCA", "PCA / PRA")),
    Choice(
        "awareness", "Sensibilisation cyber",
        ("Sensibilisation", "SensCyber", "Cyber", "Cybersécurité", "Sensibilisation cybersécurité",
         "Sensibilisation à la cybersécurité", "Hygiène informatique", "Tous cyber vigilants"),
    ),
    Choice("sse", "SSE", ("Situations sanitaires exceptionnelles", "Situation sanitaire exceptionnelle", "Plan blanc")),
    Choice("other", "Autre", ("Autres", "Divers")),
)  # fmt: skip
ORGANISERS = (
    Choice("ars", "ARS", ("Agence régionale de santé",)),
    Choice("grades", "GRADeS", ("Groupement régional d’appui au développement de la e-santé",)),
    Choice("cesu", "CESU", ("Centre d’enseignement des soins d’urgence", "SAMU / CESU")),
    Choice("anfh", "ANFH", ("OPCO",)),
    Choice("university", "Université", ("Universitaire", "Faculté", "DU", "Faculté de médecine")),
    Choice("ght", "GHT", ("Groupement hospitalier de territoire", "Établissement support")),
    Choice("internal", "Interne", ("En interne", "Établissement", "Formation interne")),
    Choice(
        "provider", "Prestataire",
        ("Externe", "Cabinet", "Éditeur", "Organisme de formation", "Organisme extérieur", "Prestataire externe"),
    ),
)  # fmt: skip
MODALITIES = (
    Choice("on_site", "Présentiel", ("En présentiel", "Présentielle", "Sur site", "En salle", "Salle")),
    Choice(
        "remote", "Visio",
        ("Visioconférence", "En visio", "Distanciel", "En distanciel", "À distance", "Webinaire", "Classe virtuelle"),
    ),
    Choice(
        "e_learning", "E-learning",
        ("Elearning", "E learning", "En ligne", "FOAD", "E-formation", "Autoformation", "Module en ligne"),
    ),
    Choice("mixed", "Mixte", ("Hybride", "Blended", "Blended learning", "Présentiel et distanciel")),
)  # fmt: skip
PROFILES = (
    Choice("management", "Direction", ("Directeur", "Directrice", "Directeurs", "CODIR", "Équipe de direction", "DG")),
    Choice("medical", "Médical", ("Médecin", "Médecins", "Personnel médical", "PM", "Praticien", "Médicale")),
    Choice(
        "nursing", "Soignant",
        ("Soignants", "Soignante", "Paramédical", "Personnel soignant", "IDE", "Infirmier", "Infirmière", "Soins"),
    ),
    Choice("administrative", "Administratif", ("Administration", "Administratifs", "Administrative", "Admin",
                                               "Personnel administratif")),
    Choice(
        "technical", "Technique / logistique",
        ("Technique", "Logistique", "Technique et logistique", "Services techniques", "Technique logistique",
         "Personnel technique", "Technique - logistique"),
    ),
    Choice("it", "SI", ("DSI", "Informatique", "Informaticien", "DSIO", "Système d’information",
                        "Systèmes d’information", "Numérique")),
)  # fmt: skip
STATES = (
    Choice("present", "Présent", ("P", "x", "✓", "✔", "1", "Présente", "Présents", "Présence", "Oui", "O", "Vrai",
                                  "Signé", "Signée", "Signature", "Émargé", "Émargée")),
    Choice("absent", "Absent", ("A", "Abs", "Abs.", "0", "Absente", "Absence", "Non", "N", "Faux", "ABS NJ")),
    Choice("excused", "Excusé", ("E", "Exc", "Exc.", "Excusée", "Excusés", "Absent excusé", "Absente excusée")),
)  # fmt: skip

_SESSION = ("Session", "Code de session", "Code de la session", "Code formation", "N° session", "Référence session",
            "Code action", "Réf. session")  # fmt: skip
_PROFILE = ("Catégorie", "Catégorie professionnelle", "Population", "Public", "Filière", "Profil métier", "Type de personnel",
            "Catégorie de personnel")  # fmt: skip
_PROFILE_LABELS = {choice.value: choice.label for choice in PROFILES}


def _half_day(rank: int) -> Column:
    """Describe the column of one half-day; two of them make a day in the sheets of hospitals."""
    day, half = (rank + 1) // 2, "matin" if rank % 2 else "après-midi"
    short = "AM" if rank % 2 else "PM"
    ordinal = "1re" if rank == 1 else f"{rank}e"
    synonyms = [
        f"DJ {rank}", f"DJ{rank:02d}", f"Demi-journée {rank}", f"Demi journée {rank}", f"½ journée {rank}",
        f"1/2 journée {rank}", f"{ordinal} demi-journée", f"J{day} {half}", f"Jour {day} {half}", f"{half} J{day}",
        f"{half} jour {day}", f"{half} {day}", f"Présence {rank}", f"J{day} {short}", f"Présence DJ{rank}",
    ]  # fmt: skip
    if day == 1:
        synonyms += [half, f"Présence {half}", f"Émargement {half}", f"Signature {half}"]
    if rank == 1:
        synonyms += ["Présence", "Présent", "Présent(e)", "1ère demi-journée"]
    return Column(
        key=f"half_day_{rank}", label=f"DJ{rank}", kind=Kind.CHOICE, choices=STATES, width=10,
        example="Présent" if rank <= 2 else "",
        help=f"Demi-journée {rank} : Présent, Absent ou Excusé ; x vaut Présent", synonyms=tuple(synonyms),
    )  # fmt: skip


SESSIONS = Sheet(
    name="Sessions",
    title="Une session de formation par ligne",
    one="session",
    synonyms=("Session", "Formations", "Formation", "Sessions de formation", "Calendrier des formations"),
    record=TrainingSession,
    code="code",
    key=by_code,
    key_column="code",
    fields=(
        "code", "title", "kind", "organiser", "starts_on", "ends_on", "half_days", "hours", "modality", "place",
        "trainer", "signed_sheet", "programme", "capacity", "validity_months", "finess_ej",
    ),
    rules=(
        rules.session_owner, in_order("starts_on", "ends_on", "La session finit avant de commencer."),
        rules.session_length, function_not_name("trainer"),
        uploaded("signed_sheet", "programme"),
    ),
    columns=(
        Column(
            key="code", label="Code session", kind=Kind.CODE, required=True, width=14, example="DMCC-2026-01",
            help="De 2 à 20 caractères : A à Z, 0 à 9, tiret ; repris dans « Emargement »", synonyms=("Code", *_SESSION),
        ),
        Column(
            key="title", label="Intitulé", kind=Kind.TEXT, required=True, maximum=200, width=34,
            example="Directeur médical de crise cyber", help="Le même que sur la convention et la feuille signée",
            synonyms=("Intitulé de la formation", "Titre", "Libellé", "Nom de la formation", "Formation", "Thème",
                      "Action de formation", "Intitulé de la session"),
        ),
        Column(
            key="kind", label="Type", kind=Kind.CHOICE, required=True, choices=KINDS, width=20, example="DMCC",
            help="Choisissez dans la liste",
            synonyms=("Type de formation", "Type de session", "Nature", "Catégorie", "Domaine"),
        ),
        Column(
            key="organiser", label="Organisateur", kind=Kind.CHOICE, required=True, choices=ORGANISERS, width=16,
            example="ARS", help="Choisissez dans la liste",
            synonyms=("Organisme", "Organisé par", "Organisme organisateur", "Porteur", "Organisme de formation"),
        ),
        Column(
            key="starts_on", label="Date début", kind=Kind.DATE, required=True, width=12, example=date(2026, 3, 10),
            help="jj/mm/aaaa", synonyms=("Date de début", "Début", "Du", "Date", "Date de la session", "Date session"),
        ),
        Column(
            key="ends_on", label="Date fin", kind=Kind.DATE, required=True, width=12, example=date(2026, 3, 10),
            help="jj/mm/aaaa ; la même que le début pour une seule journée", synonyms=("Date de fin", "Fin", "Au"),
        ),
        Column(
            key="half_days", label="Nombre de demi-journées", kind=Kind.INTEGER, required=True, blank_allowed=True,
            low=0, high=20, width=13, example=2, help="De 1 à 20 ; vide pour l’e-learning, compté en heures",
            synonyms=("Demi-journées", "Nb demi-journées", "Nb de demi-journées", "Nbre de demi-journées", "Nb DJ",
                      "Nombre de DJ", "Nombre de 1/2 journées", "Nb 1/2 journées"),
        ),
        Column(
            key="hours", label="Durée totale (h)", kind=Kind.NUMBER, required=True, low=0, high=2000, width=11,
            example=Decimal(7), help="En heures, pour une personne ; 1,5 pour une heure et demie",
            synonyms=("Durée totale", "Durée", "Durée (h)", "Durée en heures", "Nombre d’heures", "Nb heures", "Heures",
                      "Volume horaire"),
        ),
        Column(
            key="modality", label="Modalité", kind=Kind.CHOICE, choices=MODALITIES, width=13, example="Présentiel",
            help="Choisissez dans la liste", synonyms=("Modalités", "Format", "Modalité pédagogique", "Mode"),
        ),
        Column(
            key="place", label="Lieu", kind=Kind.TEXT, maximum=200, width=24, example="Salle de crise, bâtiment A",
            help="Salle, site ou adresse", synonyms=("Lieu de formation", "Lieu de la session", "Salle", "Site"),
        ),
        Column(
            key="trainer", label="Formateur", kind=Kind.TEXT, maximum=200, personal=True, width=24,
            example="Médecin du SAMU", help="Organisme ou fonction, jamais le nom d’une personne",
            synonyms=("Formateurs", "Intervenant", "Intervenants", "Animateur", "Formateur / intervenant"),
        ),
        Column(
            key="signed_sheet", label="Feuille signée (fichier)", kind=Kind.FILE, width=26,
            example="emargement_DMCC-2026-01.pdf", help="Nom du fichier déposé dans Vigie : la feuille signée et scannée",
            synonyms=("Feuille signée", "Feuille d’émargement", "Feuille d’émargement signée", "Émargement (fichier)",
                      "Feuille de présence", "Scan de la feuille"),
        ),
        Column(
            key="programme", label="Programme (fichier)", kind=Kind.FILE, width=26, example="programme_DMCC.pdf",
            help="Nom du fichier déposé dans Vigie", synonyms=("Programme", "Fichier programme", "Déroulé"),
        ),
        Column(
            key="capacity", label="Nombre de places", kind=Kind.INTEGER, low=1, high=10_000, width=10, example=20,
            help="Combien de personnes la session peut accueillir", synonyms=("Places", "Capacité", "Nb de places"),
        ),
        Column(
            key="validity_months", label="Validité (mois)", kind=Kind.INTEGER, low=1, high=120, width=11, example=36,
            help="Combien de mois ce qui a été appris tient avant un recyclage ; vide si rien ne le dit",
            synonyms=("Validité", "Durée de validité", "Durée de validité (mois)", "Recyclage (mois)"),
        ),
        Column(
            key="finess_ej", label="FINESS EJ", kind=Kind.FINESS_EJ, width=14,
            help="Seulement si le fichier concerne plusieurs établissements ; vide pour une session de tout le GHT",
            synonyms=ENTITY,
        ),
    ),
)  # fmt: skip

ATTENDANCE = Sheet(
    name="Emargement",
    title="Une personne par ligne et par session ; ces lignes restent dans l’établissement",
    one="présence",
    called="Émargement",
    looks_at=("Sessions",),
    synonyms=("Émargements", "Feuille d’émargement", "Présences", "Feuille de présence", "Participants", "Stagiaires",
              "Inscrits", "Liste des participants"),
    record=Attendance,
    private=True,
    key=rules.attendance_key,
    key_column="last_name",
    fields=(
        "session_code", "finess_ej", "finess_et", "last_name", "first_name", "identifier", "function", "service",
        "profile", *rules.HALF_DAYS, "hours", "attended_on", "signed", "certified", "certified_on", "on_call", "notes",
    ),
    rules=(
        owned_by(), site_of(), function_required("function"), rules.person, rules.presence,
        not_after_today("attended_on", "Des heures suivies ne peuvent pas être datées dans l’avenir."),
        not_after_today("certified_on", "Une attestation ne peut pas être datée dans l’avenir."),
    ),
    sheet_rules=(rules.within_session, rules.already_held, rules.not_forgotten),
    columns=(
        Column(
            key="session_code", label="Code session", kind=Kind.CODE, required=True, refers="Sessions", width=14,
            example="DMCC-2026-01", help="Le code de la feuille « Sessions »", synonyms=_SESSION,
        ),
        Column(
            key="finess_ej", label="FINESS EJ", kind=Kind.FINESS_EJ, required=True, blank_allowed=True, width=14,
            example="760780239", help="Établissement de la personne : 9 caractères, format Texte", synonyms=ENTITY,
        ),
        Column(
            key="finess_et", label="FINESS ET", kind=Kind.FINESS_ET, width=14, help="Site : 9 caractères",
            synonyms=SITE,
        ),
        Column(
            key="last_name", label="Nom", kind=Kind.NAME, personal=True, maximum=120, width=20, example="EXEMPLE",
            help="Obligatoire, sauf si l’identifiant interne le remplace",
            synonyms=("Nom de famille", "Nom d’usage", "Nom usuel", "Nom de l’agent", "Nom du participant",
                      "Nom du stagiaire", "Nom et prénom", "Nom Prénom", "Nom, prénom", "Nom / Prénom", "Nom - Prénom",
                      "Nom & prénom", "Noms et prénoms", "Nom et prénoms", "Nom(s) et prénom(s)", "Prénom et nom",
                      "Prénom Nom", "Nom prénom de l’agent", "Nom et prénom de l’agent", "Nom et prénom du participant",
                      "Nom et prénom du stagiaire", "Participant", "Participants", "Agent", "Stagiaire", "Identité"),
        ),
        Column(
            key="first_name", label="Prénom", kind=Kind.NAME, personal=True, maximum=120, width=16, example="Camille",
            help="Obligatoire, sauf si l’identifiant interne le remplace",
            synonyms=("Prénoms", "Prénom(s)", "Prénom de l’agent", "Prénom du participant", "Prénom usuel"),
        ),
        Column(
            key="identifier", label="Identifiant interne", kind=Kind.TEXT, personal=True, maximum=60, width=14,
            help="Facultatif : remplace le nom et le prénom si vous ne voulez pas les saisir",
            synonyms=("Identifiant", "Matricule", "N° agent", "Numéro agent", "Code agent", "ID agent", "N° matricule",
                      "N° RPPS", "RPPS", "Pseudonyme"),
        ),
        Column(
            key="function", label="Fonction", kind=Kind.TEXT, required=True, maximum=200, width=24,
            example="Cadre de santé", help="Métier ou fonction de la personne",
            synonyms=("Métier", "Emploi", "Grade", "Qualité", "Poste", "Profession", "Fonction / grade"),
        ),
        Column(
            key="service", label="Service", kind=Kind.TEXT, maximum=200, width=22, example="Urgences adultes",
            help="Service de la personne", synonyms=("Unité", "UF", "Pôle", "Secteur", "Affectation", "Direction"),
        ),
        Column(
            key="profile", label="Profil", kind=Kind.CHOICE, required=True, choices=PROFILES, width=18,
            example="Soignant", help="Choisissez dans la liste", synonyms=_PROFILE,
        ),
        *(_half_day(rank) for rank in range(1, 7)),
        Column(
            key="signed", label="Signature présente", kind=Kind.YES_NO, width=12, example="Oui",
            help="Oui si la personne a signé la feuille, à déposer avec la session",
            synonyms=("Signature", "Signé", "Émargement", "Émargé", "A signé", "Signature (Oui/Non)"),
        ),
        Column(
            key="certified", label="Attestation délivrée", kind=Kind.YES_NO, width=12, example="Oui", help="Oui ou Non",
            synonyms=("Attestation", "Certificat", "Attestation remise", "Attestation de présence", "Certifié"),
        ),
        Column(
            key="certified_on", label="Date attestation", kind=Kind.DATE, width=12, example=date(2026, 3, 12),
            help="jj/mm/aaaa", synonyms=("Date de l’attestation", "Date d’attestation", "Attestation délivrée le",
                                         "Date du certificat"),
        ),
        Column(
            key="on_call", label="Participe aux gardes", kind=Kind.YES_NO, width=12, example="Oui",
            help="Oui si la personne assure des gardes ou des astreintes",
            synonyms=("Gardes", "Garde", "Astreinte", "Astreintes", "Participe aux astreintes", "Gardes et astreintes",
                      "Participe aux gardes (Oui/Non)", "Garde / astreinte"),
        ),
        Column(
            key="hours", label="Heures", kind=Kind.NUMBER, low=0, high=2000, width=10,
            help="E-learning seulement : heures suivies, à la place des demi-journées",
            synonyms=("Heures suivies", "Nombre d’heures", "Nb heures", "Heures d’e-learning", "Durée suivie",
                      "Durée suivie (h)"),
        ),
        Column(
            key="attended_on", label="Date", kind=Kind.DATE, width=12, help="E-learning seulement : jj/mm/aaaa de la fin",
            synonyms=("Date de suivi", "Suivi le", "Date de fin de module", "Terminé le", "Date e-learning"),
        ),
        Column(
            key="notes", label="Observations", kind=Kind.TEXT, personal=True, width=26,
            help="Facultatif ; reste dans l’établissement",
            synonyms=("Observation", "Commentaire", "Commentaires", "Remarques", "Remarque"),
        ),
    ),
)  # fmt: skip

CHARTER = Sheet(
    name="Charte",
    title="Signatures de la charte informatique, un service par ligne",
    one="service",
    called="Charte signée",
    synonyms=("Chartes", "Charte informatique", "Charte SI", "Signatures charte", "Charte de sécurité"),
    record=CharterSignature,
    key=lambda values: fold(str(values.get("service") or "")),
    key_column="service",
    fields=("finess_ej", "service", "headcount", "signatures", "counted_on"),
    rules=(owned_by(), rules.signatures),
    columns=(
        Column(
            key="finess_ej", label="FINESS EJ", kind=Kind.FINESS_EJ, required=True, blank_allowed=True, width=14,
            example="760780239", help="Entité juridique : 9 caractères, format Texte", synonyms=ENTITY,
        ),
        Column(
            key="service", label="Service", kind=Kind.TEXT, required=True, maximum=200, width=30,
            example="Urgences adultes", help="Une ligne par service",
            synonyms=("Unité", "UF", "Pôle", "Secteur", "Direction", "Nom du service"),
        ),
        Column(
            key="headcount", label="Effectif", kind=Kind.INTEGER, required=True, low=0, high=100_000, width=10, example=64,
            help="Nombre de personnes du service",
            synonyms=("Effectifs", "Effectif du service", "Nombre d’agents", "Nb agents", "Nombre de personnes"),
        ),
        Column(
            key="signatures", label="Signatures", kind=Kind.INTEGER, required=True, low=0, high=100_000, width=11,
            example=51, help="Nombre de personnes qui ont signé la charte",
            synonyms=("Nombre de signatures", "Nb signatures", "Signataires", "Signées", "Chartes signées", "Signé"),
        ),
        Column(
            key="counted_on", label="Date", kind=Kind.DATE, width=12, example=date(2026, 6, 30),
            help="jj/mm/aaaa : date de ce compte", synonyms=("Date du compte", "Date de mise à jour", "À la date du", "Au"),
        ),
    ),
)  # fmt: skip

TARGETS = Sheet(
    name="Cibles",
    title="Combien de personnes former, un profil par ligne",
    one="cible",
    called="Effectifs cibles",
    synonyms=("Cible", "Effectifs cibles", "Objectifs", "Objectifs de formation", "Cibles de formation"),
    record=TrainingTarget,
    key=lambda values: _PROFILE_LABELS.get(str(values.get("profile")), ""),
    key_column="profile",
    fields=("finess_ej", "profile", "headcount", "source", "set_on"),
    rules=(owned_by(),),
    columns=(
        Column(
            key="finess_ej", label="FINESS EJ", kind=Kind.FINESS_EJ, required=True, blank_allowed=True, width=14,
            example="760780239", help="Entité juridique : 9 caractères, format Texte", synonyms=ENTITY,
        ),
        Column(
            key="profile", label="Profil", kind=Kind.CHOICE, required=True, choices=PROFILES, width=20,
            example="Soignant", help="Choisissez dans la liste ; une ligne par profil", synonyms=_PROFILE,
        ),
        Column(
            key="headcount", label="Effectif cible", kind=Kind.INTEGER, required=True, low=0, high=100_000, width=12,
            example=420, help="Nombre de personnes à former",
            synonyms=("Cible", "Effectif à former", "Nombre à former", "Objectif", "Effectif", "Effectifs cibles"),
        ),
        Column(
            key="source", label="Source", kind=Kind.TEXT, maximum=200, width=28, example="Bilan social 2025",
            help="D’où vient cet effectif", synonyms=("Origine", "Source de l’effectif"),
        ),
        Column(
            key="set_on", label="Date", kind=Kind.DATE, width=12, example=date(2026, 1, 15),
            help="jj/mm/aaaa : date de la cible", synonyms=("Date de la cible", "Fixée le", "Date de mise à jour"),
        ),
    ),
)  # fmt: skip

TRAINING = Workbook(
    code="KIT_FORMATION",
    version=1,
    title="Formations et émargements",
    accepted=(
        "Ce classeur, ou votre propre tableau (.xlsx, .ods, .xls, .csv). Les noms de la feuille « Emargement » "
        "restent dans l’établissement : le GHT et l’ARS ne voient que des nombres et des fonctions ; rien n’est "
        "enregistré avant votre confirmation."
    ),
    about=(
        "Les sessions de formation, qui y était, les signatures de la charte et les effectifs à former. "
        "Ces données ne sont pas un critère du domaine 2 : elles sont suivies à côté."
    ),
    sheets=(SESSIONS, ATTENDANCE, CHARTER, TARGETS),
)
