"""The sheet Lettres_de_mission of K6: what gives staff time to the programme (referential, « Money »: advised, never required)."""

from __future__ import annotations

from datetime import date

from compliance.models.funding import MissionLetter
from importers.base import Column, Kind, Sheet
from importers.workbooks import common

LETTERS = Sheet(
    name="Lettres_de_mission",
    title="Une lettre de mission par ligne : à quelle fonction elle donne du temps pour le programme",
    one="lettre de mission",
    called="Lettres de mission",
    synonyms=("Lettres de mission", "Lettre de mission", "Missions"),
    record=MissionLetter,
    code="code",
    key=common.by_code,
    key_column="code",
    fields=("code", "function_title", "objectives", "starts_on", "ends_on", "hours", "file", "notes", "finess_ej"),
    rules=(
        common.owned_by(),
        common.function_required("function_title"),
        common.in_order("starts_on", "ends_on", "La mission finit avant de commencer."),
        common.gap_if_blank("file", "La lettre signée manque.", "Déposez-la, et écrivez le nom du fichier ici."),
        common.uploaded("file"),
    ),
    columns=(
        Column(
            key="finess_ej", label="FINESS EJ", kind=Kind.FINESS_EJ, required=True, blank_allowed=True, width=14,
            example="760780239", help="Entité juridique qui donne la mission : 9 caractères, format Texte",
            synonyms=common.ENTITY,
        ),
        Column(
            key="code", label="Code lettre", kind=Kind.CODE, required=True, width=13, example="LM-01",
            help="De 2 à 20 caractères : A à Z, 0 à 9, tiret",
            synonyms=("Code de la lettre", "Référence de la lettre", "N° de lettre"),
        ),
        Column(
            key="function_title", label="Fonction missionnée", kind=Kind.TEXT, required=True, personal=True, maximum=200,
            width=28, example="Référent PCRA", help="Une fonction, jamais le nom d’une personne",
            synonyms=("Fonction de l’agent", "Fonction de la personne missionnée", "Agent missionné"),
        ),
        Column(
            key="objectives", label="Objectifs de la mission", kind=Kind.OBJECTIVES, width=20, example="D2.O1.C",
            help="Codes des objectifs du domaine 2, séparés par ;", synonyms=("Objectifs", "Objectifs concernés"),
        ),
        Column(
            key="starts_on", label="Début de mission", kind=Kind.DATE, width=12, example=date(2026, 1, 5),
            help="jj/mm/aaaa", synonyms=("Début de la mission", "Mission du"),
        ),
        Column(
            key="ends_on", label="Fin de mission", kind=Kind.DATE, width=12, example=date(2026, 11, 30),
            help="jj/mm/aaaa", synonyms=("Fin de la mission", "Mission au"),
        ),
        Column(
            key="hours", label="Heures de mission", kind=Kind.NUMBER, low=0, high=1_000_000, width=11, example=160,
            help="Nombre d’heures que la lettre donne", synonyms=("Heures de la mission", "Quotité en heures"),
        ),
        Column(
            key="file", label="Lettre signée (fichier)", kind=Kind.FILE, width=26, example="LM-01.pdf",
            help="Nom d’un fichier déposé dans Vigie", synonyms=("Lettre signée", "Fichier de la lettre"),
        ),
        Column(key="notes", label="Remarques", kind=Kind.TEXT, width=28, help="Facultatif"),
    ),
)  # fmt: skip
