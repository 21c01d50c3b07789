"""The invented names of the demonstration, and numbers whose key holds."""

from __future__ import annotations

from tenants.finess import is_valid


def finess(serial: int) -> str:
    """Return the fictional number of a serial: eight digits and the key that holds."""
    stem = f"6299{serial:04d}"
    return next(f"{stem}{key}" for key in range(10) if is_valid(f"{stem}{key}"))


REGIONS = (("F1", "ARS Littoral-Nord (fictive)"), ("F2", "ARS Monts-du-Sud (fictive)"))
TWO_CAPES = tuple(
    (finess(serial), name)
    for serial, name in (
        (1, "CH de Port-Aubry"), (2, "CH de Saint-Omblin"), (3, "CH d’Escalmes"), (4, "CH de Marquerive"),
        (5, "EPSM des Falaises"), (6, "CH de Valbruyère"), (7, "CH de Wimbronne"), (8, "Hôpital de Lestrelles"),
    )
)  # fmt: skip
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
