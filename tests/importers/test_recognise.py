"""Sheets and columns are found however they are named, and nothing is guessed silently."""

from __future__ import annotations

import random

import pytest

from importers.recognise import Layout, find_header, recognise
from importers.sheet import Cell, CellKind, ReadBook, ReadSheet
from importers.workbooks.bia_pcra import BIA_PCRA, PARTIES, PERIMETERS

HEADERS = [column.header("ght") for column in PERIMETERS.columns]


def sheet(name: str, *rows: list[str], start: int = 1, visible: bool = True) -> ReadSheet:
    """A sheet of texts."""
    found = {
        number: {place: Cell(number, place, CellKind.TEXT, text) for place, text in enumerate(row, 1) if text}
        for number, row in enumerate(rows, start)
    }
    return ReadSheet(
        name=name, visible=visible, rows={number: row for number, row in found.items() if row}, filled=bool(rows)
    )


def layout(*headers: str) -> Layout:
    """How this header row is understood as Perimetres."""
    found = find_header(PERIMETERS, sheet("x", list(headers)))
    assert found is not None
    return found


def test_every_label_is_exact() -> None:
    found = layout(*HEADERS)
    assert found.columns == {column.key: place for place, column in enumerate(PERIMETERS.columns, 1)}
    assert (found.guessed, found.unknown, found.missing) == ({}, (), ())


def test_every_name_of_every_column_means_one_column() -> None:
    for spec in BIA_PCRA.sheets:
        names = [name for column in spec.columns for name in {each.casefold() for each in column.names()}]
        assert len(names) == len(set(names)), [name for name in names if names.count(name) > 1]


@pytest.mark.parametrize("seed", range(20))
def test_order_case_accents_and_spaces_of_headers_do_not_matter(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  shuffling, not secrets
    plain = str.maketrans("éèêôÉ’", "eeeoE'")
    changes = (
        str.upper,
        str.lower,
        lambda text: f"  {text}\u00a0",
        lambda text: text.translate(plain),
        lambda text: text.replace(" ", "\n"),
    )
    shuffled = rng.sample(PERIMETERS.columns, len(PERIMETERS.columns))
    found = layout(*[rng.choice(changes)(column.header("ght")) for column in shuffled])
    assert found.columns == {column.key: place for place, column in enumerate(shuffled, 1)}
    assert not found.guessed


def test_the_vocabulary_of_hospitals_is_known() -> None:
    found = layout(
        "Code", "FINESS juridique", "Service", "Type", "Existe", "Correspondant métier",
        "Bilan d’impact sur l’activité",
        "Plan de continuité d’activité", "Plan de reprise d’activité",
    )  # fmt: skip
    assert list(found.columns) == [
        "code",
        "finess_ej",
        "name",
        "kind",
        "exists",
        "referent_function",
        "bia",
        "pca",
        "pra",
    ]
    assert not found.guessed


def test_a_near_header_is_guessed_and_an_exact_one_is_never_taken_from_its_column() -> None:
    found = layout(*[header for header in HEADERS if header != "Exemplaire papier"], "Exemplaires papiers")
    assert found.guessed.keys() == {"paper_copy"}
    assert found.columns["pca"] == HEADERS.index("PCA*") + 1


@pytest.mark.parametrize(
    "header",
    ["Commentaire", "Commentaires", "Observations", "Remarques", "Notes", "Commentaire DSI", "Remarque sur la date du BIA",
     "N°", "Numéro", "Ligne", "N° de ligne", "Statut", "SI connu"],
)  # fmt: skip
@pytest.mark.parametrize("without", ["SI mutualisé", "Lieu", "Date du BIA", "Motif si BIA absent"])
def test_a_column_that_is_nobodys_is_never_guessed(header: str, without: str) -> None:
    found = layout(*[each for each in HEADERS if each != without], header)
    assert found.guessed == {}
    assert [unknown.header.text for unknown in found.unknown] == [header]


def test_a_statut_column_is_not_the_bia_that_is_required() -> None:
    found = layout(*[header for header in HEADERS if header != "BIA*"], "Statut")
    assert [column.key for column in found.missing] == ["bia"]
    assert layout(*[header for header in HEADERS if header != "BIA*"], "Statut du BIA").guessed == {"bia": 100}


def test_pca_is_never_guessed_for_pra() -> None:
    found = layout(*[header for header in HEADERS if header != "PRA*"], "PSA")
    assert "pra" not in found.columns
    assert [column.key for column in found.missing] == ["pra"]


def test_an_unknown_column_is_kept_with_what_it_resembles() -> None:
    found = layout(*HEADERS, "Budget", "Date de signature PCA / PRA")
    assert [(unknown.header.text, unknown.suggestion) for unknown in found.unknown] == [
        ("Budget", ""),
        ("Date de signature PCA / PRA", "Date de validation PCA / PRA"),
    ]


def test_a_title_block_above_the_header_is_passed() -> None:
    found = find_header(PERIMETERS, sheet("x", ["CH de Dieppe"], ["Inventaire BIA", "2026"], [], HEADERS))
    assert found is not None
    assert found.header_row == 4


def test_a_header_below_row_fifteen_is_not_looked_for() -> None:
    assert find_header(PERIMETERS, sheet("x", HEADERS, start=16)) is None


def test_sixty_percent_of_required_headers_is_the_least() -> None:
    six = ["Code périmètre", "FINESS EJ", "Périmètre / service", "Type de périmètre", "BIA", "PCA"]
    assert find_header(PERIMETERS, sheet("x", six)) is not None
    assert find_header(PERIMETERS, sheet("x", six[:5])) is None


@pytest.mark.parametrize("name", ["Perimetres", "PÉRIMÈTRES ", "périmètre", " perimetres", "Services"])
def test_a_sheet_is_known_by_name_whatever_the_case_accents_and_spaces(name: str) -> None:
    assert PERIMETERS.is_named(name)
    assert not PARTIES.is_named(name)


def test_a_sheet_of_another_name_is_known_by_its_headers() -> None:
    found = recognise(BIA_PCRA, ReadBook((sheet("Feuil1", HEADERS),)))
    assert [each.sheet.name for each in found.layouts] == ["Perimetres"]


def test_sheets_of_help_and_empty_ones_are_silent_others_are_told() -> None:
    book = ReadBook(
        (
            sheet("Lisez-moi", ["bonjour"]),
            sheet("LISTES ", ["Oui"]),
            sheet("Feuil2"),
            sheet("Budget", ["a", "b"]),
            sheet("Caché", ["x"], visible=False),
            sheet("Parties", [column.label for column in PARTIES.columns]),
        )
    )
    found = recognise(BIA_PCRA, book)
    assert [each.name for each in found.unmapped] == ["Budget"]
    assert [each.name for each in found.hidden] == ["Caché"]
    assert [each.source.name for each in found.layouts] == ["Parties"]


def test_several_sheets_of_one_layout_come_in_together() -> None:
    found = recognise(BIA_PCRA, ReadBook((sheet("Urgences", HEADERS), sheet("Pharmacie", HEADERS))))
    assert [each.source.name for each in found.layouts] == ["Urgences", "Pharmacie"]
