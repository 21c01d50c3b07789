"""K7 `KIT_ANNUAIRE_CRISE.xlsx`: the people and numbers of the crisis pack (workbooks.md, 3.7).

Everything here stays in the establishment: never shown to the GHT or the ARS, never in an export of evidence, and no
remark repeats a name or a number.
"""

from __future__ import annotations

from datetime import date

from compliance.models.crisis import CallBack, CrisisPartner, CrisisRole, PackLocation
from importers.base import Column, Kind, Row, Sheet, Workbook
from importers.cells.identifiers import read_phone
from importers.facts import Facts, Values
from importers.faults import FaultClass
from importers.readings import ValueFault
from importers.words import fold
from importers.workbooks.common import ESTABLISHMENT, day, gap_if_blank, not_after_today, owned_by

G, W = FaultClass.GAP, FaultClass.NOTICE

FRESH_DAYS = 90  # a number checked longer ago than that is shown as expired (practice.md, 1.6: CHU de Nice, 2021)


def directory_key(*parts: object) -> str:
    """Return a business key from the texts that tell a row apart, folded; an optional one that is blank is « - »."""
    return " / ".join(fold(str(part)) if part else "-" for part in parts) if parts and parts[0] else ""


def _full_name(values: Values) -> str:
    return " ".join(str(values[key]) for key in ("name", "first_name") if values.get(key))


# -------------------------------------------------------------------------------------------------------------- rules


def fresh(row: Row, facts: Facts) -> None:
    """Tell of a number that nobody has checked for 90 days."""
    checked = day(row, "checked_on")
    if checked is not None and (facts.today - checked).days > FRESH_DAYS:
        row.remark(
            W, "W-ANN", "checked_on", f"Dernier contrôle il y a plus de {FRESH_DAYS} jours : le numéro est tenu pour périmé.",
            "Appelez ce numéro, puis saisissez la date du contrôle.",
        )  # fmt: skip


def cell_member(row: Row, _facts: Facts) -> None:
    """Look for the holder of a role, and for a number of whoever is named."""
    if row.blank("holder"):
        row.remark(G, "G-REQ", "holder", "Ce rôle n’a pas de titulaire.", "Écrivez qui le tient.")
    for person, phone in (("holder", "holder_phone"), ("substitute", "substitute_phone")):
        if row.get(person) is not None and row.blank(phone):
            row.remark(
                G, "G-REQ", phone, "Aucun numéro : cette personne ne peut pas être jointe en crise.",
                "Saisissez un numéro qui ne passe ni par le réseau ni par le standard.",
            )  # fmt: skip


def full_name(row: Row, _facts: Facts) -> None:
    """Put a first name kept in a column of its own with the name."""
    if row.get("name") is not None:
        row.values["name"] = _full_name(row.values)
    row.values.pop("first_name", None)


def on_call(row: Row, _facts: Facts) -> None:
    """Read a number where there is one: the column also says when somebody answers (« 24 h/24 »)."""
    cell = row.cells.get("on_call")
    if cell is None or row.get("on_call") is None:
        return
    try:
        reading = read_phone(cell)
    except ValueFault:
        return
    row.values["on_call"] = reading.value
    if reading.notice is not None:
        row.remark(W, reading.notice.code, "on_call", reading.notice.reason, reading.notice.remedy)


_OWNER = owned_by()
_CHECKS = (not_after_today("checked_on", "Un contrôle ne peut pas être daté dans l’avenir."), fresh)
_NO_NUMBER = gap_if_blank("phone", "Aucun numéro : personne ne peut être joint en crise.", "Saisissez le numéro.")

# ------------------------------------------------------------------------------------------------------------ columns

CHECKED_ON = Column(
    key="checked_on", label="Dernier contrôle du numéro", kind=Kind.DATE, required=True, width=14,
    example=date(2026, 10, 5), help=f"jj/mm/aaaa : le jour où quelqu’un a appelé ; {FRESH_DAYS} jours après, il est périmé",
    synonyms=("Dernier contrôle", "Date du dernier contrôle", "Date de contrôle", "Contrôlé le", "Vérifié le",
              "Date de vérification", "Numéro vérifié le", "Mis à jour le", "Date de mise à jour"),
)  # fmt: skip
_PHONE_SYNONYMS = ("Téléphone", "Téléphones", "Tél", "Tél.", "N° de téléphone", "Numéro de téléphone", "Numéro")


def _phone(key: str, label: str, example: str, *synonyms: str, required: bool = False) -> Column:
    return Column(
        key=key, label=label, kind=Kind.PHONE, required=required, blank_allowed=required, personal=True, maximum=200,
        width=20, example=example, help="Dix chiffres, format Texte ; séparez plusieurs numéros par des points-virgules",
        synonyms=synonyms,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- sheets

CRISIS_CELL = Sheet(
    name="Cellule_de_crise",
    title="Un rôle de la cellule de crise par ligne : qui le tient, qui le remplace, comment les joindre",
    one="rôle",
    called="Cellule de crise",
    synonyms=("Cellule de crise", "Cellule crise", "Composition de la cellule de crise", "Membres de la cellule"),
    record=CrisisRole,
    private=True,
    key=lambda values: directory_key(values.get("role")),
    key_column="role",
    fields=("finess_ej", "role", "holder", "holder_phone", "substitute", "substitute_phone", "reachable", "checked_on"),
    rules=(_OWNER, cell_member, *_CHECKS),
    columns=(
        Column(
            key="role", label="Rôle", kind=Kind.TEXT, required=True, maximum=200, width=30,
            example="Directeur médical de crise", help="Fonction dans la cellule de crise, sans nom",
            synonyms=("Rôle en cellule de crise", "Fonction", "Fonction de crise", "Rôle dans la cellule"),
        ),
        Column(
            key="holder", label="Titulaire", kind=Kind.NAME, required=True, blank_allowed=True, personal=True,
            maximum=200, width=24, example="Camille EXEMPLE", help="Prénom et nom de qui tient le rôle",
            synonyms=("Nom du titulaire", "Nom", "Nom et prénom", "Membre", "Titulaires"),
        ),
        _phone(
            "holder_phone", "Téléphones du titulaire", "06 39 98 01 23", "Téléphone du titulaire", "Téléphone titulaire",
            "Tél. titulaire", "Portable", "Mobile", "Portable du titulaire", *_PHONE_SYNONYMS, required=True,
        ),
        Column(
            key="substitute", label="Suppléant", kind=Kind.NAME, personal=True, maximum=200, width=24,
            example="Dominique MODÈLE", help="Prénom et nom de qui le remplace, nuit et week-end compris",
            synonyms=("Nom du suppléant", "Suppléants", "Remplaçant", "Adjoint"),
        ),
        _phone(
            "substitute_phone", "Téléphones du suppléant", "06 39 98 01 24; 01 99 00 12 34", "Téléphone du suppléant",
            "Téléphone suppléant", "Tél. suppléant", "Portable du suppléant", "Téléphone du remplaçant",
        ),
        Column(
            key="reachable", label="Hors-SI joignable", kind=Kind.YES_NO, personal=True, width=12, example="Oui",
            help="Oui si ces numéros marchent sans le réseau ni le standard de l’établissement",
            synonyms=("Joignable hors SI", "Joignable hors-SI", "Hors SI", "Joignable sans le SI"),
        ),
        CHECKED_ON,
        ESTABLISHMENT,
    ),
)  # fmt: skip

CALL_BACKS = Sheet(
    name="Rappel",
    title="Une personne à rappeler par ligne, service par service, dans l’ordre d’appel",
    one="personne à rappeler",
    synonyms=(
        "Rappels", "Rappel du personnel", "Liste de rappel", "Listes de rappel", "Plan de rappel", "Rappel des personnels",
    ),
    record=CallBack,
    private=True,
    key=lambda values: (
        directory_key(values.get("service"), values.get("team"), _full_name(values)) if values.get("name") else ""
    ),
    key_column="name",
    fields=("finess_ej", "service", "team", "name", "phone", "rank", "delay_minutes", "checked_on"),
    rules=(_OWNER, full_name, _NO_NUMBER, *_CHECKS),
    columns=(
        Column(
            key="service", label="Service", kind=Kind.TEXT, required=True, maximum=200, width=26, example="Urgences adultes",
            help="Service ou unité de la personne", synonyms=("Unité", "UF", "Pôle", "Secteur", "Périmètre"),
        ),
        Column(
            key="team", label="Équipe", kind=Kind.TEXT, maximum=200, width=16, example="Nuit",
            help="Équipe ou garde, si le service en a plusieurs", synonyms=("Garde", "Poste", "Roulement", "Vacation"),
        ),
        Column(
            key="name", label="Nom", kind=Kind.NAME, required=True, personal=True, maximum=200, width=26,
            example="EXEMPLE Camille", help="Nom et prénom",
            synonyms=("Nom et prénom", "Nom prénom", "Nom Prénom", "Agent", "Personne", "Nom de l’agent", "Noms"),
        ),
        Column(
            key="first_name", label="Prénom", kind=Kind.NAME, personal=True, maximum=100, width=14,
            help="Seulement s’il n’est pas déjà avec le nom", synonyms=("Prénoms",),
        ),
        _phone(
            "phone", "Téléphone personnel", "06 39 98 01 25", "Tél. personnel", "Téléphone perso", "Portable",
            "Mobile", "Portable personnel", "Téléphone portable", *_PHONE_SYNONYMS, required=True,
        ),
        Column(
            key="rank", label="Ordre", kind=Kind.INTEGER, low=1, high=9_999, width=8, example=1,
            help="Rang d’appel dans l’équipe : 1 pour qui est appelé en premier",
            synonyms=("Ordre d’appel", "Rang", "Priorité", "Ordre de rappel", "Priorité d’appel"),
        ),
        Column(
            key="delay_minutes", label="Délai (min)", kind=Kind.DURATION, width=12, example="30 min",
            help="Temps pour être sur place ; un nombre seul est en minutes",
            synonyms=("Délai", "Délai d’arrivée", "Délai de route", "Temps de trajet", "Délai d’intervention"),
        ),
        CHECKED_ON,
        ESTABLISHMENT,
    ),
)  # fmt: skip

PARTNERS = Sheet(
    name="Partenaires",
    title="Un numéro extérieur par ligne : qui appeler, et pour quoi",
    one="partenaire",
    synonyms=("Partenaire", "Contacts externes", "Numéros utiles", "Annuaire externe", "Contacts de crise"),
    record=CrisisPartner,
    private=True,
    key=lambda values: (
        directory_key(values.get("organisation"), values.get("purpose")) if values.get("purpose") else ""
    ),
    key_column="organisation",
    fields=("finess_ej", "organisation", "purpose", "phone", "on_call", "checked_on"),
    rules=(_OWNER, _NO_NUMBER, on_call, *_CHECKS),
    columns=(
        Column(
            key="organisation", label="Organisme", kind=Kind.TEXT, required=True, personal=True, maximum=200, width=30,
            example="Dépôt de sang", help="SAMU, dépôt de sang, établissement voisin, ARS, CERT Santé, fournisseur…",
            synonyms=("Partenaire", "Organisation", "Structure", "Entité", "Fournisseur", "Société", "Contact"),
        ),
        Column(
            key="purpose", label="Usage", kind=Kind.TEXT, required=True, maximum=200, width=34,
            example="Commande urgente de produits sanguins", help="Pour quoi l’appeler en crise",
            synonyms=("Motif d’appel", "Objet", "Pour quoi", "Rôle", "Domaine"),
        ),
        _phone("phone", "Téléphone", "01 99 00 12 35", "Téléphone de crise", "Ligne directe", *_PHONE_SYNONYMS[1:],
               required=True),
        Column(
            key="on_call", label="Astreinte", kind=Kind.TEXT, personal=True, maximum=200, width=20,
            example="06 39 98 01 26", help="Numéro d’astreinte, ou quand elle répond (24 h/24)",
            synonyms=("Téléphone d’astreinte", "N° d’astreinte", "Numéro d’astreinte", "Contact d’astreinte", "Garde",
                      "Horaires", "Disponibilité"),
        ),
        CHECKED_ON,
        ESTABLISHMENT,
    ),
)  # fmt: skip

PACK_LOCATIONS = Sheet(
    name="Points_de_depot",
    title="Un lieu par ligne où le dossier de crise imprimé est gardé : prévoyez-en au moins deux",
    one="point de dépôt",
    called="Points de dépôt",
    synonyms=("Points de dépôt", "Point de dépôt", "Dépôts", "Lieux de dépôt", "Emplacements", "Lieux de stockage"),
    record=PackLocation,
    private=True,
    key=lambda values: directory_key(values.get("place"), values.get("cabinet")),
    key_column="place",
    fields=("finess_ej", "place", "cabinet", "keeper", "placed_on"),
    rules=(
        _OWNER,
        gap_if_blank("placed_on", "La date de dépôt manque : l’âge de cet exemplaire est inconnu.", "Saisissez-la."),
        not_after_today("placed_on", "Un exemplaire en place ne peut pas être daté dans l’avenir."),
    ),
    columns=(
        Column(
            key="place", label="Lieu", kind=Kind.TEXT, required=True, maximum=200, width=30, example="PC sécurité",
            help="Où est l’exemplaire imprimé",
            synonyms=("Lieu de dépôt", "Point de dépôt", "Emplacement", "Local", "Site"),
        ),
        Column(
            key="cabinet", label="Armoire", kind=Kind.TEXT, maximum=200, width=24, example="Armoire rouge, 2e étagère",
            help="Armoire, étagère ou classeur", synonyms=("Placard", "Meuble", "Coffre", "Rangement"),
        ),
        Column(
            key="keeper", label="Responsable", kind=Kind.NAME, personal=True, maximum=200, width=24,
            example="Chef de la sécurité", help="Qui remplace l’exemplaire : une fonction ou un nom",
            synonyms=("Responsable du dépôt", "Détenteur", "Gardien", "Personne responsable"),
        ),
        Column(
            key="placed_on", label="Date", kind=Kind.DATE, required=True, blank_allowed=True, width=12,
            example=date(2026, 10, 6), help="jj/mm/aaaa : le jour où l’exemplaire a été mis en place",
            synonyms=("Date de dépôt", "Déposé le", "Date de mise en place", "Mis en place le", "Date d’impression"),
        ),
        ESTABLISHMENT,
    ),
)  # fmt: skip

CRISIS_DIRECTORY = Workbook(
    code="KIT_ANNUAIRE_CRISE",
    version=1,
    title="Annuaire de crise",
    about=(
        "La cellule de crise, les listes de rappel, les numéros des partenaires et les lieux où le dossier de crise est "
        "gardé. Ces noms et ces numéros restent dans l’établissement : ni le GHT ni l’ARS ne les voient."
    ),
    accepted=(
        "Ce classeur, ou votre propre tableau (.xlsx, .ods, .xls, .csv). Vous pouvez ajouter des colonnes, changer "
        "leur ordre et laisser des lignes vides ; rien n’est enregistré avant votre confirmation."
    ),
    sheets=(CRISIS_CELL, CALL_BACKS, PARTNERS, PACK_LOCATIONS),
)
