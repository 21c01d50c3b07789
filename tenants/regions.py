"""The 18 regional health agencies (ARS): INSEE region code, name, departments.

Source: the list of the 18 ARS by region, and the Code officiel géographique 2026 for the departments of each region.
Saint-Barthélemy (977) and Saint-Martin (978) have no agency of their own: the ARS of Guadeloupe is theirs too.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Agency:
    """One ARS: its INSEE region code, its name as people read it, the codes of its departments."""

    code: str
    name: str
    departements: tuple[str, ...]


_FACTS = (
    ("84", "ARS Auvergne-Rhône-Alpes", "01 03 07 15 26 38 42 43 63 69 73 74"),
    ("27", "ARS Bourgogne-Franche-Comté", "21 25 39 58 70 71 89 90"),
    ("53", "ARS Bretagne", "22 29 35 56"),
    ("24", "ARS Centre-Val de Loire", "18 28 36 37 41 45"),
    ("94", "ARS Corse", "2A 2B"),
    ("44", "ARS Grand Est", "08 10 51 52 54 55 57 67 68 88"),
    ("01", "ARS Guadeloupe", "971 977 978"),
    ("03", "ARS Guyane", "973"),
    ("32", "ARS Hauts-de-France", "02 59 60 62 80"),
    ("11", "ARS Île-de-France", "75 77 78 91 92 93 94 95"),
    ("04", "ARS La Réunion", "974"),
    ("02", "ARS Martinique", "972"),
    ("06", "ARS Mayotte", "976"),
    ("28", "ARS Normandie", "14 27 50 61 76"),
    ("75", "ARS Nouvelle-Aquitaine", "16 17 19 23 24 33 40 47 64 79 86 87"),
    ("76", "ARS Occitanie", "09 11 12 30 31 32 34 46 48 65 66 81 82"),
    ("52", "ARS Pays de la Loire", "44 49 53 72 85"),
    ("93", "ARS Provence-Alpes-Côte d’Azur", "04 05 06 13 83 84"),
)

AGENCIES: dict[str, Agency] = {code: Agency(code, name, tuple(list_.split())) for code, name, list_ in _FACTS}
"""Every ARS by its INSEE region code."""

_BY_DEPARTEMENT = {departement: agency for agency in AGENCIES.values() for departement in agency.departements}
# The INSEE gives these two collectivities a region code of their own; the agency is Guadeloupe's.
_WITHOUT_AGENCY = {"977": "01", "978": "01"}


def agency_of_departement(code: str) -> Agency | None:
    """Return the ARS of a department (two characters, three overseas), or None when no ARS has it."""
    return _BY_DEPARTEMENT.get(code)


def agency_of_region(code: str) -> Agency | None:
    """Return the ARS of an INSEE region code, or None. 977 and 978 answer Guadeloupe."""
    return AGENCIES.get(_WITHOUT_AGENCY.get(code, code))
