"""The invented names of the demonstration, and numbers whose key holds."""

from __future__ import annotations

from tenants.finess import is_valid


def finess(serial: int, series: str = "6299") -> str:
    """Return the fictional number of a serial (0 to 9999): eight digits and the key that holds.

    Numbers of the department 62 stop long before those of the series 6296 to 6299: no establishment has one.
    """
    stem = f"{series}{serial:04d}"
    return next(f"{stem}{key}" for key in range(10) if is_valid(f"{stem}{key}"))


def siret(serial: int) -> str:
    """Return the fictional SIRET of a supplier: both keys are Luhn's, and no company has a number with so many zeros."""
    return f"00000{finess(serial)}"


REGIONS = (("F1", "ARS Littoral-Nord (fictive)"), ("F2", "ARS Monts-du-Sud (fictive)"))
TWO_CAPES = tuple(
    (finess(serial), name)
    for serial, name in (
        (1, "CH de Port-Aubry"), (2, "CH de Saint-Omblin"), (3, "CH d’Escalmes"), (4, "CH de Marquerive"),
        (5, "EPSM des Falaises"), (6, "CH de Valbruyère"), (7, "CH de Wimbronne"), (8, "Hôpital de Lestrelles"),
    )
)  # fmt: skip
PORT_AUBRY, SAINT_OMBLIN, ESCALMES, MARQUERIVE, FALAISES, VALBRUYERE, WIMBRONNE, LESTRELLES = (
    number for number, _ in TWO_CAPES
)
ALONE = ((finess(20), "CH de Roche-Vernay"),)
OUTSIDE = (finess(30), "Fondation Aurélie-Brumont")
SITES = tuple(
    (finess(serial), name)
    for serial, name in (
        (31, "Clinique du Parc-aux-Ormes"),
        (32, "Clinique de la Grève"),
        (33, "Centre de rééducation du Clos"),
    )
)
TWO_CAPES_CODE, ALONE_CODE = "GHT-DEUX-CAPS", "GHT-ROCHE-VERNAY"

# People of one establishment: their surnames are words of the sea, so that nobody takes them for somebody.
# Surname, first name, function, service, profile.
PEOPLE = (
    ("ARTIMON", "Alix", "Directrice", "Direction", "management"),
    ("BALISE", "Basile", "Directeur des soins", "Direction des soins", "management"),
    ("BOUSSOLE", "Claude", "Médecin urgentiste", "Urgences adultes", "medical"),
    ("CABESTAN", "Dany", "Anesthésiste-réanimateur", "Bloc opératoire", "medical"),
    ("DÉFERLANTE", "Eden", "Pharmacienne gérante", "Pharmacie", "medical"),
    ("ÉTRAVE", "Flore", "Cadre supérieure de santé", "Urgences adultes", "nursing"),
    ("GOÉLAND", "Gaël", "Infirmier", "Urgences adultes", "nursing"),
    ("HAUBAN", "Ilda", "Infirmière", "Urgences adultes", "nursing"),
    ("JUSANT", "Lou", "Aide-soignant", "Médecine", "nursing"),
    ("LAMANEUR", "Mica", "Préparatrice en pharmacie", "Pharmacie", "technical"),
    ("MISAINE", "Noa", "Responsable de la paie", "Ressources humaines", "administrative"),
    ("NOROÎT", "Paule", "Gestionnaire de paie", "Ressources humaines", "administrative"),
    ("OURSIN", "Rémi", "Responsable logistique", "Restauration", "technical"),
    ("PAVOIS", "Sacha", "Responsable de la sécurité", "Sécurité", "technical"),
    ("RESSAC", "Théa", "Responsable informatique", "Informatique", "it"),
    ("SÉMAPHORE", "Ulysse", "Technicien informatique", "Informatique", "it"),
)
