"""« Lisez-moi » says of people what holds for the workbook: functions, or names where they stay in the establishment."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest

from importers import registry, template
from tests.importers.kits import MADE_ON

NO_NAME = "Écrivez des fonctions, jamais des noms."
CONTEXT = template.TemplateContext(kit_id="abc", campaign="CaRE D2", holder="GHT d’essai", holder_code="GHT-01")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("KIT_BIA_PCRA", NO_NAME),
        ("KIT_EXERCICES", NO_NAME),
        (
            "KIT_FORMATION",
            "Ils restent dans l’établissement : n’en écrivez que dans la feuille qui en demande (Emargement).",
        ),
        ("KIT_SAUVEGARDE", NO_NAME),
        ("KIT_PREUVES_JALONS", NO_NAME),
        ("KIT_FINANCEMENT", NO_NAME),
        ("KIT_CONTINUITE", NO_NAME),
        (
            "KIT_ANNUAIRE_CRISE",
            "Ils restent dans l’établissement : n’en écrivez que dans les feuilles qui en demandent "
            "(Cellule_de_crise, Rappel, Partenaires, Points_de_depot).",
        ),
    ],
)
def test_it_says_where_names_of_people_may_be_written(code: str, sentence: str) -> None:
    workbook, stream = registry.workbook(code), BytesIO()
    assert workbook is not None
    template.build(workbook, CONTEXT, MADE_ON, stream)
    page = openpyxl.load_workbook(stream)["Lisez-moi"]
    told = {str(row[0]): str(row[1]).replace("\u00a0", " ") for row in page.iter_rows(values_only=True)}
    assert told["Noms de personnes"] == sentence
