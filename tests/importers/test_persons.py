"""A function is not a name."""

from __future__ import annotations

import pytest

from importers.cells.persons import looks_like_person


@pytest.mark.parametrize(
    "text",
    [
        "Jean DUPONT", "DUPONT Jean", "Dr Martin", "Mme Le Goff", "M. Ben Ali", "Marie-Claire Durand", "J. Durand",
        "Cadre de santé (Mme Durand)", "jean.dupont@exemple.fr", "Pr. Raux", "Anne de La Tour", "DURAND Élise",
    ],
)  # fmt: skip
def test_names_are_seen(text: str) -> None:
    assert looks_like_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "Cadre supérieur de santé", "Chef de Service", "Directeur Général", "RSSI", "DSI adjoint", "Pharmacien gérant",
        "Responsable paie", "CADRE SUPÉRIEUR", "Biologiste médical", "Médecin DIM", "Docteur en pharmacie",
        "Madame la directrice", "Bloc Opératoire", "Chefs de Pôle", "Professeur Chef de service",
        "Attachée d’Administration",
    ],
)  # fmt: skip
def test_functions_are_not_names(text: str) -> None:
    assert not looks_like_person(text)
