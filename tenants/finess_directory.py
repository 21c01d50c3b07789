"""The official directory of establishments: extracts in CSV, read line by line.

Three layouts are known: sites (ET) with their legal entity (EJ), legal entities, and the historical `structureet`
extract that has no header but a first line `finess;etalab;...`. Groups (GHT) are in `finess_groups`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from tenants.finess import LENGTH, FinessError, is_valid, normalise
from tenants.finess_files import DirectoryError, Journal, Reading, encoding_of, label, records
from tenants.finess_groups import GroupRow, MemberRow, read_groups
from tenants.regions import Agency, agency_of_departement, agency_of_region

__all__ = ["DirectoryError", "EntityRow", "GroupRow", "MemberRow", "Reading", "read_csv", "read_groups"]

Known = Callable[[str], bool]


@dataclass(frozen=True, kw_only=True)
class EntityRow:
    """A line of the directory: a site when `et` is set, a legal entity otherwise.

    `region_code` is the INSEE code of the ARS in charge (977 and 978 give 01, Guadeloupe). `name_deduced` tells that
    the source has no name for the legal entity and gives the one of its main site.
    """

    line: int
    ej: str
    et: str | None
    name: str
    name_deduced: bool
    category: str
    aggregate: str
    sph_status: str
    siret: str | None
    postal_code: str
    municipality: str
    departement: str
    region_code: str
    main_et: str | None
    opened_on: date | None
    updated_on: date | None


# Column labels of the layouts, once reduced by label(): ours, then those of the historical extract.
_SYNONYMS = {
    "et": ("finess_et", "nofinesset"),
    "ej": ("finess_ej", "nofinessej"),
    "name": ("raison_sociale", "rs"),
    "deduced_name": ("nom_deduit_et_principal",),
    "main_et": ("finess_et_principal",),
    "category": ("categorie_code", "categetab"),
    "aggregate": ("agregat_code", "categagretab"),
    "sph_status": ("statut_sph_code", "codesph"),
    "siret": ("siret",),
    "postal_code": ("code_postal",),
    "municipality": ("commune",),
    "routing_line": ("ligneacheminement",),
    "departement": ("departement_code", "departement"),
    "region": ("region_code",),
    "opened_on": ("date_ouverture", "dateouv"),
    "updated_on": ("date_maj", "datemaj", "maj"),
}
_LAYOUTS = {
    "ET": ("et", "ej", "name", "departement"),
    "EJ": ("ej", "deduced_name", "departement"),
}
_HISTORICAL = [
    "section",
    "nofinesset",
    "nofinessej",
    "rs",
    "rslongue",
    "complrs",
    "compldistrib",
    "numvoie",
    "typvoie",
    "voie",
    "compvoie",
    "lieuditbp",
    "code_commune",
    "departement",
    "libdepartement",
    "ligneacheminement",
    "telephone",
    "telecopie",
    "categetab",
    "libcategetab",
    "categagretab",
    "libcategagretab",
    "siret",
    "codeape",
    "codemft",
    "libmft",
    "codesph",
    "libsph",
    "dateouv",
    "dateautor",
    "datemaj",
    "numuai",
]
_HISTORICAL_SECTION = "structureet"
# The historical extract wrote the overseas departments on two characters.
_HISTORICAL_OVERSEAS = {"9A": "971", "9B": "972", "9C": "973", "9D": "974", "9E": "975", "9F": "976", "9J": "986"}

_DATES = ("opened_on", "updated_on")
_LOST_DIGITS = re.compile(r"[0-9]+[.,]?[0-9]*E\+?[0-9]+", re.IGNORECASE)
_FRENCH_DATE = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}")


@dataclass(frozen=True)
class _Layout:
    name: str
    header: list[str]
    positions: dict[str, int]
    first_line: int
    section: str = ""

    def get(self, fields: list[str], column: str) -> str:
        place = self.positions.get(column)
        return fields[place] if place is not None and place < len(fields) else ""

    def label(self, column: str) -> str:
        return self.header[self.positions[column]]


@dataclass(frozen=True)
class _Line:
    """One line under its layout, and where to write what is wrong with it."""

    number: int
    fields: list[str]
    layout: _Layout
    journal: Journal

    def get(self, column: str) -> str:
        return self.layout.get(self.fields, column)

    def note(self, column: str, code: str, reason: str, *, kept: bool) -> None:
        self.journal.note(self.number, self.layout.label(column), self.get(column), code, reason, kept=kept)


def read_csv(path: Path, known: Known | None = None) -> Reading[EntityRow]:
    """Open an extract of the directory and stream its rows.

    The file is gone through once beforehand: a file that a spreadsheet re-saved is refused before any row is given.
    `known` answers whether a FINESS number is already in the directory; a lost zero is put back only with it, and
    each repair is in the journal. A number that appears twice is kept once.

    Raises DirectoryError when the layout is not recognised or the file is damaged.
    """
    encoding = encoding_of(path)
    layout = _recognise(path, encoding)
    _refuse_damage(path, encoding, layout)
    journal = Journal()
    return Reading(layout.name, journal, _rows(path, encoding, layout, journal, known))


def _recognise(path: Path, encoding: str) -> _Layout:
    line, fields = next(records(path, encoding), (1, []))
    labels = [label(cell) for cell in fields]
    if labels[:2] == ["finess", "etalab"]:
        return _Layout("structureet", list(_HISTORICAL), _positions(_HISTORICAL), line, _HISTORICAL_SECTION)
    positions = _positions(labels)
    for name, required in _LAYOUTS.items():
        if all(column in positions for column in required):
            return _Layout(name, fields, positions, line)
    expected = ", ".join(_SYNONYMS[column][0] for column in _LAYOUTS["ET"])
    found = ", ".join(f"« {cell} »" for cell in fields[:6] if cell) or "rien"
    raise DirectoryError(
        f"Le fichier « {path.name} » n’est pas un extrait FINESS reconnu : sa ligne {line} contient {found}, "
        f"alors que sont attendues les colonnes {expected}, séparées par des points-virgules."
    )


def _positions(labels: list[str]) -> dict[str, int]:
    found = {}
    for column, synonyms in _SYNONYMS.items():
        place = next((labels.index(synonym) for synonym in synonyms if synonym in labels), None)
        if place is not None:
            found[column] = place
    return found


def _refuse_damage(path: Path, encoding: str, layout: _Layout) -> None:
    """Refuse a file that a spreadsheet opened and saved: its identifiers lost digits for good.

    One lost zero among numbers that kept theirs is a slip, left to the line; when no number of the file begins with
    a zero any more, a program removed them all.
    """
    lost: list[tuple[int, str]] = []
    sirets: list[tuple[int, str]] = []
    dates = kept_zeros = 0
    for line, fields in records(path, encoding):
        if line <= layout.first_line:
            continue
        for column in ("et", "ej"):
            value = layout.get(fields, column)
            kept_zeros += len(value) == LENGTH and value.startswith("0")
            if len(value) == LENGTH - 1 and is_valid("0" + value):
                lost.append((line, value))
        siret = layout.get(fields, "siret")
        if _LOST_DIGITS.fullmatch(siret):
            sirets.append((line, siret))
        dates += any(_FRENCH_DATE.fullmatch(layout.get(fields, column)) is not None for column in _DATES)
    damage = []
    if lost and not kept_zeros:
        plural = "s" if len(lost) > 1 else ""
        damage.append(
            f"le zéro de tête a disparu de {len(lost)} numéro{plural} FINESS (« {lost[0][1]} », ligne {lost[0][0]})"
        )
    if sirets:
        verb = "ont perdu leurs" if len(sirets) > 1 else "a perdu ses"
        damage.append(f"{len(sirets)} SIRET {verb} derniers chiffres (« {sirets[0][1]} », ligne {sirets[0][0]})")
    if damage and dates:
        damage.append("les dates ont été réécrites à la française")
    if damage:
        raise DirectoryError(
            f"Le fichier « {path.name} » a été réenregistré par un tableur et il est abîmé : {' ; '.join(damage)}. "
            "Rien n’a été importé. Téléchargez à nouveau l’extrait et importez-le sans l’ouvrir dans Excel."
        )


def _rows(path: Path, encoding: str, layout: _Layout, journal: Journal, known: Known | None) -> Iterator[EntityRow]:
    seen: dict[str, int] = {}
    for number, fields in records(path, encoding):
        if number <= layout.first_line:
            continue
        if layout.section and fields[0] != layout.section:
            journal.ignored[fields[0]] = journal.ignored.get(fields[0], 0) + 1
            continue
        journal.lines += 1
        line = _Line(number, fields, layout, journal)
        row = _row(line, known)
        if row is None:
            continue
        finess = row.et or row.ej
        if finess in seen:
            reason = f"Le numéro « {finess} » figure déjà à la ligne {seen[finess]} : cette ligne est laissée de côté."
            line.note("et" if row.et else "ej", "DUPLICATE", reason, kept=False)
            continue
        seen[finess] = number
        yield row


def _row(line: _Line, known: Known | None) -> EntityRow | None:
    width = len(line.layout.header)
    for place, extra in enumerate(line.fields[width:], start=width + 1):
        if extra:
            reason = "La ligne a plus de colonnes que l’en-tête : cette valeur n’est pas lue."
            line.journal.note(line.number, f"colonne {place}", extra, "EXTRA_COLUMN", reason, kept=True)
    is_site = line.layout.name != "EJ"
    et = _number(line, "et", known) if is_site else None
    ej = _number(line, "ej", known)
    name_column = "name" if is_site else "deduced_name"
    name = " ".join(line.get(name_column).split())
    if not name:
        reason = "Le nom est vide : la ligne est laissée de côté."
        line.note(name_column, "NO_NAME", reason, kept=False)
    agency = _agency(line)
    if ej is None or (is_site and et is None) or not name or agency is None:
        return None
    postal_code, municipality = _place(line)
    departement = line.get("departement")
    return EntityRow(
        line=line.number,
        ej=ej,
        et=et,
        name=name,
        name_deduced=not is_site,
        category=line.get("category"),
        aggregate=line.get("aggregate"),
        sph_status=line.get("sph_status"),
        siret=_siret(line),
        postal_code=postal_code,
        municipality=municipality,
        departement=_HISTORICAL_OVERSEAS.get(departement, departement),
        region_code=agency.code,
        main_et=_number(line, "main_et", known, kept=True) if not is_site else None,
        opened_on=_day(line, "opened_on"),
        updated_on=_day(line, "updated_on"),
    )


def _number(line: _Line, column: str, known: Known | None, *, kept: bool = False) -> str | None:
    value = line.get(column)
    if kept and not value:
        return None
    try:
        found = normalise(value, known)
    except FinessError as error:
        line.note(column, error.code, str(error), kept=kept)
        return None
    if found.repaired:
        line.journal.repair(line.number, line.layout.label(column), value, found.number)
    return found.number


def _agency(line: _Line) -> Agency | None:
    departement = line.get("departement")
    agency = agency_of_departement(_HISTORICAL_OVERSEAS.get(departement, departement))
    if agency is None:
        reason = f"« {departement} » n’est le code d’aucun département rattaché à une ARS."
        line.note("departement", "NO_AGENCY", reason, kept=False)
        return None
    region = line.get("region")
    if region and agency_of_region(region) != agency:
        reason = f"Le département {departement} relève de {agency.name}, non de la région « {region} » du fichier."
        line.note("region", "OTHER_REGION", reason, kept=True)
    return agency


def _place(line: _Line) -> tuple[str, str]:
    if "routing_line" not in line.layout.positions:
        return line.get("postal_code"), line.get("municipality")
    postal_code, _, municipality = line.get("routing_line").partition(" ")
    return postal_code, municipality.strip()


def _siret(line: _Line) -> str | None:
    value = line.get("siret")
    if not value:
        return None
    if re.fullmatch(r"[0-9]{14}", value):
        return value
    reason = f"« {value} » n’est pas un SIRET (14 chiffres) : l’établissement est gardé sans SIRET."
    line.note("siret", "SIRET", reason, kept=True)
    return None


def _day(line: _Line, column: str) -> date | None:
    value = line.get(column)
    if not value:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(value, form).date()  # noqa: DTZ007 (a calendar day has no time zone)
        except ValueError:
            continue
    reason = f"« {value} » n’est pas une date : l’établissement est gardé sans cette date."
    line.note(column, "DATE", reason, kept=True)
    return None
