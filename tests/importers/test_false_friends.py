"""Among the sheets of all workbooks, each is taken for itself, and what is none of them for nothing."""

from __future__ import annotations

import importlib
import pkgutil
import random

import pytest

from importers import workbooks as package
from importers.base import Column, Kind, Sheet, Workbook
from importers.layout.recognise import Layout, recognise
from importers.reading.sheet import Cell, CellKind, ReadBook, ReadSheet
from importers.words import fold

_MODULES = [
    importlib.import_module(f"{package.__name__}.{each.name}") for each in pkgutil.iter_modules(package.__path__)
]
WORKBOOKS = sorted(
    {each.code: each for module in _MODULES for each in vars(module).values() if isinstance(each, Workbook)}.values(),
    key=lambda workbook: workbook.code,
)
SHEETS = [
    pytest.param(workbook, sheet, id=f"{workbook.code}/{sheet.name}")
    for workbook in WORKBOOKS
    for sheet in workbook.sheets
]
OWNERS = (Kind.FINESS_EJ, Kind.FINESS_LIST, Kind.HOLDER)


def read(*rows: list[str], name: str = "Feuil1", merged: tuple[tuple[int, int, int, int], ...] = ()) -> Layout | None:
    """How a sheet of texts is understood, alone in its file."""
    found = {
        number: {place: Cell(number, place, CellKind.TEXT, text) for place, text in enumerate(row, 1) if text}
        for number, row in enumerate(rows, 1)
    }
    source = ReadSheet(name, rows={number: row for number, row in found.items() if row}, merged=merged)
    return next(iter(recognise(WORKBOOKS, ReadBook((source,))).layouts), None)


def the_layout(*rows: list[str], name: str = "Feuil1", merged: tuple[tuple[int, int, int, int], ...] = ()) -> Layout:
    """The layout of a sheet that is understood."""
    found = read(*rows, name=name, merged=merged)
    assert found is not None
    return found


def is_itself(found: Layout, sheet: Sheet, columns: list[Column]) -> bool:
    """Tell whether a sheet was taken for itself, each column for itself."""
    return found.sheet is sheet and found.columns == {column.key: place for place, column in enumerate(columns, 1)}


@pytest.mark.parametrize(("workbook", "sheet"), SHEETS)
def test_every_sheet_of_every_kit_is_taken_for_itself(workbook: Workbook, sheet: Sheet) -> None:
    columns = random.Random(sheet.name).sample(sheet.columns, len(sheet.columns))  # noqa: S311  shuffling, not secrets
    for kind in ("ght", "eg", "single"):
        found = the_layout([column.header(kind) for column in columns])
        assert is_itself(found, sheet, columns)
        assert (found.workbook, found.guessed, found.unknown, found.sure) == (workbook, {}, (), True)


@pytest.mark.parametrize(("workbook", "sheet"), SHEETS)
def test_every_sheet_is_known_by_its_required_headers_alone(workbook: Workbook, sheet: Sheet) -> None:
    required = [column for column in sheet.columns if column.required]
    owned = [column for column in required if column.kind not in OWNERS]
    for columns in (required, owned):
        found = the_layout([column.label for column in columns])
        assert is_itself(found, sheet, columns)
        assert (found.workbook, found.sure) == (workbook, True)


@pytest.mark.parametrize(("workbook", "sheet"), SHEETS)
def test_every_sheet_is_known_by_name_beside_columns_of_ones_own(workbook: Workbook, sheet: Sheet) -> None:
    columns = [column for column in sheet.columns if column.required]
    own = ["Couleur préférée", "Kilométrage", "Marque du véhicule", "Pointure"]
    found = the_layout([column.label for column in columns] + own, name=sheet.name.upper())
    assert is_itself(found, sheet, columns)
    assert (found.workbook, found.named, len(found.unknown)) == (workbook, True, len(own))


@pytest.mark.parametrize(("workbook", "sheet"), SHEETS)
def test_every_name_of_a_column_means_that_column_alone(workbook: Workbook, sheet: Sheet) -> None:
    meanings: dict[str, set[str]] = {}
    for column in sheet.columns:
        for name in column.names():
            meanings.setdefault(fold(name), set()).add(column.key)
    assert [name for name, keys in meanings.items() if len(keys) > 1] == []


def test_no_name_means_two_sheets() -> None:
    meanings: dict[str, set[str]] = {}
    for workbook in WORKBOOKS:
        for sheet in workbook.sheets:
            for name in (sheet.name, *sheet.synonyms):
                meanings.setdefault(fold(name).replace(" ", ""), set()).add(f"{workbook.code}/{sheet.name}")
    assert [name for name, sheets in meanings.items() if len(sheets) > 1] == []


@pytest.mark.parametrize(
    "header",
    [
        "Poste | Montant | Année | Commentaire",
        "N° série | Marque | Modèle | Date d’achat | Service | Lieu",
        "Nom | Prénom | Service | Date début | Date fin | Solde",
        "Référence | Libellé | Quantité | Fournisseur | Prix HT",
        "nofinesset | nofinessej | rs | rslongue | adresse | commune | departement | categetab",
        "Code UF | Libellé UF | Pôle | Responsable | Nombre de lits",
        "Date | Heure | Événement | Action | Auteur",
        "Ticket | Date ouverture | Date clôture | Demandeur | Objet | Statut",
        "Lot | Fournisseur | Montant | Date de début | Date de fin",
        "Nom | Version | Date | Auteur | Description",
        "Question | Réponse | Commentaire",
        "Bâtiment | Étage | Salle | Clé | Détenteur",
        "Lieu | Responsable | Surface | Capacité | Téléphone",
        "Mois | Entrées | Sorties | Durée moyenne de séjour",
        "Serveur | IP | OS | Rôle | Date de mise en service",
        "Compte | Profil | Date de création | Dernière connexion",
    ],
)
def test_a_table_about_something_else_is_nobodys(header: str) -> None:
    assert read(header.split(" | ")) is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Service | Code | Type | BIA | PCA | PRA | Référent | Date BIA", "Perimetres"),
        ("Code service | N° | Activité | Criticité | DMIA | RPO | Mode dégradé | Responsable", "Activites"),
        ("Établissement | Service | Type | Date prévue | Date réalisée | Animateur | Statut", "Planning"),
        ("Constat | Action | Pilote | Échéance | Statut", "Plan_actions"),
        ("Date | Instance | Ordre du jour | Décisions | PV", "Instances"),
        ("Jalon | Objectif | Échéance | Pilote | Avancement | Statut", "Jalons"),
    ],
)
def test_what_hospitals_draw_for_themselves_is_known_by_its_headers(header: str, expected: str) -> None:
    assert the_layout(header.split(" | ")).sheet.name == expected


def test_a_grid_of_activities_with_impacts_under_one_title_is_read_whole() -> None:
    top = ["Code périmètre", "N°", "Activité", "Criticité", "Impact", "", "", "", "DIMA", "Mode dégradé"]
    under = ["", "", "", "", "4 h", "24 h", "72 h", "1 semaine"]
    found = the_layout(
        top, under, ["URG-01", "1", "Accueil", "1", "0", "1", "2", "3", "4 h", "Oui"], merged=((1, 5, 1, 8),)
    )
    assert (found.sheet.name, found.depth, found.header_row, found.guessed) == ("Activites", 2, 2, {})
    impacts = [found.sheet.column(key).label for key, place in found.columns.items() if 5 <= place <= 8]
    assert impacts == ["Impact à 4 h", "Impact à 24 h", "Impact à 72 h", "Impact à 1 semaine"]


def test_an_attendance_sheet_with_half_days_under_dates_is_read_in_order() -> None:
    top = ["Code session", "FINESS EJ", "Nom", "Prénom", "Profil", "12/03/2026", "", "13/03/2026", ""]
    under = ["", "", "", "", "", "matin", "après-midi", "matin", "après-midi"]
    found = the_layout(top, under, ["S-1", "760780239", "DUPONT", "Jean", "Soignant", "x", "x", "", "x"])
    assert (found.sheet.name, found.depth) == ("Emargement", 2)
    halves = {found.sheet.column(key).label: place for key, place in found.columns.items() if place > 5}
    assert halves == {"DJ1": 6, "DJ2": 7, "DJ3": 8, "DJ4": 9}
