"""Sheets and columns are found however they are named, and nothing is guessed silently."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.base import Column, Kind, Sheet, Workbook
from importers.layout.recognise import Layout, LayoutChoice, Recognised, recognise, suggest
from importers.reading.sheet import Cell, CellKind, ReadBook, ReadSheet
from importers.workbooks.bia_pcra import BIA_PCRA, PARTIES, PERIMETERS
from importers.workbooks.exercises import EXERCISES, PLANNING

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


def find_header(workbook: Workbook, spec: Sheet, source: ReadSheet) -> Layout | None:
    """How a sheet is understood by a workbook that has this sheet only."""
    found = recognise([replace(workbook, sheets=(spec,))], ReadBook((source,))).layouts
    return found[0] if found else None


def layout(*headers: str) -> Layout:
    """How this header row is understood as Perimetres."""
    found = find_header(BIA_PCRA, PERIMETERS, sheet("x", list(headers)))
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
    said = layout(*[header for header in HEADERS if header != "BIA*"], "Statut du BIA")
    assert ("bia" in said.columns, said.guessed) == (True, {})  # the words of a known title, in another order


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
    found = find_header(BIA_PCRA, PERIMETERS, sheet("x", ["CH de Dieppe"], ["Inventaire BIA", "2026"], [], HEADERS))
    assert found is not None
    assert found.header_row == 4


def test_a_header_below_row_fifteen_is_not_looked_for() -> None:
    assert find_header(BIA_PCRA, PERIMETERS, sheet("x", HEADERS, start=16)) is None


def test_sixty_percent_of_required_headers_is_the_least() -> None:
    six = ["Code périmètre", "FINESS EJ", "Périmètre / service", "Type de périmètre", "BIA", "PCA"]
    assert find_header(BIA_PCRA, PERIMETERS, sheet("x", six)) is not None
    assert find_header(BIA_PCRA, PERIMETERS, sheet("x", six[:5])) is None


@pytest.mark.parametrize("name", ["Perimetres", "PÉRIMÈTRES ", "périmètre", " perimetres", "Services"])
def test_a_sheet_is_known_by_name_whatever_the_case_accents_and_spaces(name: str) -> None:
    assert PERIMETERS.is_named(name)
    assert not PARTIES.is_named(name)


def test_a_sheet_of_another_name_is_known_by_its_headers() -> None:
    found = recognise([BIA_PCRA], ReadBook((sheet("Feuil1", HEADERS),)))
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
    found = recognise([BIA_PCRA], book)
    assert [each.name for each in found.unmapped] == ["Budget"]
    assert [each.name for each in found.hidden] == ["Caché"]
    assert [each.source.name for each in found.layouts] == ["Parties"]


def test_several_sheets_of_one_layout_come_in_together() -> None:
    found = recognise([BIA_PCRA], ReadBook((sheet("Urgences", HEADERS), sheet("Pharmacie", HEADERS))))
    assert [each.source.name for each in found.layouts] == ["Urgences", "Pharmacie"]


# --------------------------------------------------------------------------------------------- any header, any layout


def _plain(text: str) -> str:
    return text.translate(str.maketrans("éèêôÉ’", "eeeoE'"))


_SPELLINGS = (str, str.upper, str.lower, _plain, lambda text: f" \u00a0{text} ", lambda text: text.replace(" ", "\n"))


@settings(max_examples=60, deadline=None)
@given(data=st.data(), spec=st.sampled_from([*BIA_PCRA.sheets, *EXERCISES.sheets]))
def test_any_order_and_spelling_of_headers_gives_the_same_layout(data: st.DataObject, spec: Sheet) -> None:
    columns = data.draw(st.permutations(spec.columns))
    spellings = data.draw(st.lists(st.sampled_from(_SPELLINGS), min_size=len(columns), max_size=len(columns)))
    texts = [spell(column.header("ght")) for column, spell in zip(columns, spellings, strict=True)]
    found = recognise([BIA_PCRA, EXERCISES], ReadBook((sheet("Feuil1", texts),)))
    assert [each.sheet for each in found.layouts] == [spec]
    only = found.layouts[0]
    assert only.columns == {column.key: place for place, column in enumerate(columns, 1)}
    assert (only.guessed, only.unknown, only.missing, only.score) == ({}, (), (), 1.0)
    assert only.sure


# ---------------------------------------------------------------------------------------------------- several workbooks


def the_sheet(name: str, *columns: Column, key: str = "code", synonyms: tuple[str, ...] = ()) -> Sheet:
    """A sheet of a specification, made for a test."""
    return Sheet(
        name=name, title=name, columns=columns, key=str, key_column=key, fields=(key,), synonyms=synonyms
    )  # fmt: skip


def the_column(label: str, *, required: bool = True, kind: Kind = Kind.TEXT, synonyms: tuple[str, ...] = ()) -> Column:
    """A column of a specification, whose key is its label."""
    return Column(key=label, label=label, kind=kind, help="", required=required, synonyms=synonyms)


def the_book(code: str, *sheets: Sheet) -> Workbook:
    """A workbook made for a test."""
    return Workbook(code=code, version=1, title=code, accepted="", sheets=sheets)


def understood(found: Recognised) -> list[tuple[str, str, bool]]:
    """Workbook, sheet of the specification, and whether the name said it."""
    return [(layout.workbook.code, layout.sheet.name, layout.named) for layout in found.layouts]


COLOURS = the_sheet(
    "Couleurs", the_column("Teinte"), the_column("Numéro d’ordre"), the_column("Nuance", required=False)
)
SHADES = the_sheet("Couleurs", the_column("Teinte"), the_column("Numéro d’ordre"), the_column("Éclat", required=False))
PAINTS, INKS = the_book("PAINTS", COLOURS), the_book("INKS", SHADES)


def test_one_file_holds_sheets_of_several_workbooks() -> None:
    book = ReadBook((sheet("Feuil1", [column.label for column in PLANNING.columns]), sheet("Feuil2", HEADERS)))
    found = recognise([BIA_PCRA, EXERCISES], book)
    assert understood(found) == [("KIT_EXERCICES", "Planning", False), ("KIT_BIA_PCRA", "Perimetres", False)]


@pytest.mark.parametrize("code", ["PAINTS", "INKS"])
def test_the_name_care_kit_says_whose_sheet_a_name_is(code: str) -> None:
    book = ReadBook((sheet("Couleurs", ["Teinte", "Numéro d’ordre"]),), care_kit_name=f'="{code};1;abc"')
    found = recognise([PAINTS, INKS], book)
    assert understood(found) == [(code, "Couleurs", True)]
    assert found.care_kit_code == code


@pytest.mark.parametrize("name", [None, '="KIT_OF_SOMEBODY_ELSE;1;abc"', '=""'])
def test_a_file_that_names_no_known_kit_has_no_kit(name: str | None) -> None:
    found = recognise(
        [PAINTS, INKS], ReadBook((sheet("Couleurs", ["Teinte", "Éclat", "Numéro d’ordre"]),), care_kit_name=name)
    )
    assert found.care_kit_code == ""
    assert understood(found) == [("INKS", "Couleurs", True)]


def test_a_kit_with_a_sheet_of_another_workbook_keeps_it() -> None:
    book = ReadBook(
        (sheet("Planning", [column.label for column in PLANNING.columns]), sheet("Perimetres", HEADERS)),
        care_kit_name='="KIT_BIA_PCRA;1;abc"',
    )
    found = recognise([BIA_PCRA, EXERCISES], book)
    assert understood(found) == [("KIT_EXERCICES", "Planning", False), ("KIT_BIA_PCRA", "Perimetres", True)]


def test_the_sheet_that_explains_more_columns_wins() -> None:
    short = the_book("SHORT", the_sheet("Court", the_column("Teinte"), the_column("Nuance")))
    found = recognise([short, PAINTS], ReadBook((sheet("x", ["Teinte", "Nuance", "Numéro d’ordre"]),)))
    assert understood(found) == [("PAINTS", "Couleurs", False)]


def test_exact_headers_win_over_similar_ones() -> None:
    near = the_book(
        "NEAR", the_sheet("Proche", the_column("Teintes"), the_column("Numéros d’ordre"), the_column("Nuances"))
    )
    for workbooks in ([near, PAINTS], [PAINTS, near]):
        found = recognise(workbooks, ReadBook((sheet("x", ["Teinte", "Numéro d’ordre", "Nuance"]),)))
        assert understood(found) == [("PAINTS", "Couleurs", False)]
        assert found.layouts[0].sure


def test_a_sheet_named_like_one_is_that_one_when_it_has_its_headers() -> None:
    other = the_book("OTHER", the_sheet("Encres", the_column("Teinte"), the_column("Numéro d’ordre")))
    headers = ["Teinte", "Numéro d’ordre", "Nuance"]
    assert understood(recognise([PAINTS, other], ReadBook((sheet("encres ", headers),)))) == [("OTHER", "Encres", True)]
    strange = ["Service", "Code", "BIA", "PCA", "PRA", "Référent", "Type", "Existe"]
    found = recognise([PAINTS, BIA_PCRA], ReadBook((sheet("Couleurs", strange),)))
    assert understood(found) == [("KIT_BIA_PCRA", "Perimetres", False)]


def test_the_column_of_the_establishment_is_not_counted_against_a_sheet_without_it() -> None:
    for kind, weighs in (
        (Kind.FINESS_EJ, False),
        (Kind.FINESS_LIST, False),
        (Kind.HOLDER, False),
        (Kind.FINESS_ET, True),
    ):
        columns = [the_column("FINESS", kind=kind), *(the_column(f"Colonne{letter}") for letter in "abcd")]
        workbook = the_book("B", the_sheet("S", *columns))
        found = find_header(workbook, workbook.sheets[0], sheet("x", ["Colonnea", "Colonneb", "Colonnec"]))
        assert found is not None
        assert found.score == pytest.approx(0.6 if weighs else 0.75)
        assert [column.label for column in found.missing] == ["FINESS", "Colonned"]


def test_a_sheet_with_all_its_headers_but_the_establishment_needs_no_click() -> None:
    own = [header for header in HEADERS if header != "FINESS EJ*"]
    assert layout(*own).sure
    assert not layout(*[header for header in own if header != "BIA*"]).sure
    assert not layout(*[header for header in HEADERS if header != "Exemplaire papier"], "Exemplaires papiers").sure


def test_a_named_sheet_needs_no_click_unless_something_is_guessed() -> None:
    found = find_header(BIA_PCRA, PERIMETERS, sheet("Services", [header for header in HEADERS if header != "BIA*"]))
    assert found is not None
    assert found.sure
    guessed = sheet("Services", [*HEADERS[:-1], "Fichiers de preuves"])
    found = find_header(BIA_PCRA, PERIMETERS, guessed)
    assert found is not None
    assert not found.sure


def test_one_column_is_not_a_sheet() -> None:
    workbook = the_book("B", the_sheet("S", the_column("Teinte")))
    assert recognise([workbook], ReadBook((sheet("S", ["Teinte", "Autre chose"]),))).layouts == ()


def test_a_few_common_words_in_a_wide_table_are_not_a_sheet() -> None:
    workbook = the_book("B", the_sheet("S", the_column("Lieu"), the_column("Responsable"), the_column("Date")))
    wide = ["Lieu", "Responsable", "Surface", "Capacité", "Clé", "Étage", "Loyer"]
    assert recognise([workbook], ReadBook((sheet("x", wide),))).layouts == ()
    assert understood(recognise([workbook], ReadBook((sheet("x", wide[:3]),)))) == [("B", "S", False)]
    assert understood(recognise([workbook], ReadBook((sheet("S", wide),)))) == [("B", "S", True)]


def test_a_vague_likeness_maps_columns_and_never_makes_a_sheet() -> None:
    workbook = the_book("B", the_sheet("S", the_column("Nom"), the_column("Date de contrôle")))
    people = ["Nom", "Date fin contrat", "Solde"]
    assert recognise([workbook], ReadBook((sheet("Congés", people),))).layouts == ()
    found = recognise([workbook], ReadBook((sheet("S", people),))).layouts
    assert [each.guessed.keys() for each in found] == [{"Date de contrôle"}]


def test_likenesses_alone_make_no_sheet_without_a_name() -> None:
    workbook = the_book("B", the_sheet("S", the_column("Intitulé"), the_column("Échéance")))
    headers = ["Intitulés", "Échéances"]
    assert recognise([workbook], ReadBook((sheet("x", headers),))).layouts == ()
    assert understood(recognise([workbook], ReadBook((sheet("S", headers),)))) == [("B", "S", True)]


def test_a_sheet_that_requires_nothing_is_known_by_most_of_its_columns() -> None:
    columns = [the_column(f"Colonne{letter}", required=False) for letter in "abcde"]
    workbook = the_book("B", the_sheet("S", *columns))
    assert find_header(workbook, workbook.sheets[0], sheet("S", ["Colonnea", "Colonneb"])) is None
    assert find_header(workbook, workbook.sheets[0], sheet("S", ["Colonnea", "Colonneb", "Colonnec"])) is not None


# ------------------------------------------------------------------------------------------------------------ two rows

IMPACTS = the_book(
    "IMPACTS",
    the_sheet(
        "Activites",
        the_column("Activité"),
        the_column("Criticité"),
        *(the_column(f"Impact à {delay}", required=False) for delay in ("4 h", "24 h", "72 h", "1 semaine")),
    ),
)
TWO_ROWS = (
    ["Activité", "Criticité", "Impact"],
    ["", "", "4 h", "24 h", "72 h", "1 semaine"],
    ["Accueil", "1", "0", "1"],
)
MERGED = ((1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 1, 6))


@pytest.mark.parametrize("merged", [MERGED, ()], ids=["merged", "no information on merged cells"])
def test_a_title_over_several_columns_is_read_with_those_below(merged: tuple[tuple[int, int, int, int], ...]) -> None:
    source = replace(sheet("x", *TWO_ROWS), merged=merged)
    found = recognise([IMPACTS], ReadBook((source,))).layouts[0]
    assert (found.depth, found.header_row, found.guessed, found.unknown) == (2, 2, {}, ())
    assert list(found.columns.values()) == [1, 2, 3, 4, 5, 6]
    assert found.header("Impact à 4 h") == "Impact, 4 h"
    assert found.headers[6] == "Impact, 1 semaine"
    assert found.sure


def test_two_rows_lower_in_the_sheet_are_found_too() -> None:
    source = sheet("x", ["CH de Dieppe"], [], *TWO_ROWS)
    found = recognise([IMPACTS], ReadBook((source,))).layouts[0]
    assert (found.depth, found.header_row, len(found.columns)) == (2, 4, 6)


def test_one_row_is_preferred_when_two_explain_nothing_more() -> None:
    full = [column.label for column in IMPACTS.sheets[0].columns]
    source = replace(sheet("x", ["Grille"], full, ["Accueil", "1", "rien"]), merged=((1, 1, 1, 6),))
    found = recognise([IMPACTS], ReadBook((source,))).layouts[0]
    assert (found.depth, found.header_row) == (1, 2)


def test_a_first_row_of_data_is_never_eaten_as_a_header() -> None:
    for texts in (["Accueil", "1", "4 h", "24 h", "72 h"], ["Accueil", "1", "Grave"]):
        found = recognise(
            [IMPACTS], ReadBook((sheet("x", ["Activité", "Criticité", "Impact à 4 h", "", "Autre"], texts),))
        )
        assert (found.layouts[0].depth, found.layouts[0].header_row) == (1, 1)


def test_figures_under_a_title_are_not_titles() -> None:
    source = sheet("x", *TWO_ROWS[:1], ["Accueil", "Vitale", "4 h", "24 h"])
    number = Cell(2, 5, CellKind.NUMBER, 4.0)
    source = replace(source, rows={1: source.rows[1], 2: {**source.rows[2], 5: number}})
    assert recognise([IMPACTS], ReadBook((source,))).layouts[0].depth == 1


ATTENDANCE = the_book(
    "ATTENDANCE",
    the_sheet(
        "Emargement",
        the_column("Nom"),
        the_column("Prénom"),
        *(the_column(f"DJ{rank}", required=False) for rank in range(1, 5)),
    ),
)


def half_days(found: Layout) -> dict[str, tuple[int, float]]:
    """Place and score of each half-day."""
    return {key: (place, found.guessed[key]) for key, place in found.columns.items() if key.startswith("DJ")}


def test_half_days_under_merged_dates_come_in_order() -> None:
    source = sheet("x", ["Nom", "Prénom"], ["", "", "matin", "Après-midi", "matin", "Après-midi", "Signature"])
    dates = {3: Cell(1, 3, CellKind.DATE, "2026-03-12T00:00:00"), 5: Cell(1, 5, CellKind.DATE, "2026-03-13T00:00:00")}
    for merged in ((), ((1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 1, 4), (1, 5, 1, 6))):
        shown = replace(source, rows={1: {**source.rows[1], **dates}, 2: source.rows[2]}, merged=merged)
        found = recognise([ATTENDANCE], ReadBook((shown,))).layouts[0]
        assert half_days(found) == {"DJ1": (3, 90), "DJ2": (4, 90), "DJ3": (5, 90), "DJ4": (6, 90)}
        assert found.header("DJ3") == "13/03/2026, matin"
        assert not found.sure


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["Matin", "Après-midi"], {"DJ1": 3, "DJ2": 4}),
        (["AM", "PM"], {"DJ1": 3, "DJ2": 4}),
        (["12/03/2026 matin", "12/03/2026 après midi", "Vendredi 13 mars matin"], {"DJ1": 3, "DJ2": 4, "DJ3": 5}),
        (["Jour 1 (matin)", "Jour 1 (après-midi)"], {"DJ1": 3, "DJ2": 4}),
        (["Matin", "Après-midi"] * 3, {"DJ1": 3, "DJ2": 4, "DJ3": 5, "DJ4": 6}),
        (["Équipe du matin", "Transport matin"], {}),
    ],
)
def test_half_days_are_known_with_a_date_or_without(titles: list[str], expected: dict[str, int]) -> None:
    found = recognise([ATTENDANCE], ReadBook((sheet("Emargement", ["Nom", "Prénom", *titles]),))).layouts[0]
    assert {key: place for key, (place, _) in half_days(found).items()} == expected
    assert len(found.unknown) == len(titles) - len(expected)


def test_a_half_day_written_as_the_specification_does_keeps_its_rank() -> None:
    found = find_header(ATTENDANCE, ATTENDANCE.sheets[0], sheet("x", ["Nom", "Prénom", "Matin", "DJ1", "Après-midi"]))
    assert found is not None
    assert {key: place for key, place in found.columns.items() if key.startswith("DJ")} == {
        "DJ2": 3,
        "DJ1": 4,
        "DJ3": 5,
    }


# ------------------------------------------------------------------------------------------------------------- choices

ODD = ["Machin", "Truc", "Bidule", "Commentaire"]


def chosen(found: Layout, **changes: object) -> Mapping[str, LayoutChoice]:
    """A choice remembered for the header of a layout."""
    choice = LayoutChoice(
        "Couleurs", found.header_row, found.depth, found.columns, headers=tuple(found.headers.values())
    )
    return {found.fingerprint: replace(choice, **changes)}  # type: ignore[arg-type]


def pointed(source: ReadSheet, row: int = 1, depth: int = 1) -> Layout:
    """What the page of mapping starts from."""
    found = suggest([PAINTS], source, row, depth, COLOURS)
    assert found is not None
    return found


def test_a_choice_is_applied_to_the_same_header_whatever_the_data_and_the_name() -> None:
    choices = chosen(pointed(sheet("Feuil1", ODD, ["1"])), columns={"Teinte": 2, "Nuance": 1})
    again = sheet("Autre nom", ["CH de Dieppe"], [text.upper() for text in ODD], ["2", "3"])
    found = recognise([BIA_PCRA, PAINTS], ReadBook((again,)), choices).layouts[0]
    assert (found.chosen, found.header_row, found.sheet.name) == (True, 2, "Couleurs")
    assert found.columns == {"Nuance": 1, "Teinte": 2}
    assert (found.guessed, found.unknown) == ({}, ())
    assert [column.label for column in found.missing] == ["Numéro d’ordre"]


def test_a_choice_does_not_apply_to_another_header() -> None:
    choices = chosen(pointed(sheet("x", ODD)), columns={"Teinte": 2, "Nuance": 1})
    for texts in ([*ODD, "Nouveau"], ODD[::-1], ["", *ODD], ODD[:3]):
        assert recognise([PAINTS], ReadBook((sheet("x", texts),)), choices).layouts == ()


def test_a_choice_wins_over_what_would_be_recognised() -> None:
    source = sheet("Couleurs", ["Teinte", "Numéro d’ordre"])
    choices = chosen(pointed(source), columns={"Teinte": 2, "Numéro d’ordre": 1})
    assert recognise([PAINTS], ReadBook((source,)), choices).layouts[0].columns == {"Numéro d’ordre": 1, "Teinte": 2}


def test_a_sheet_not_to_be_read_is_put_nowhere() -> None:
    source = sheet("Couleurs", ["Teinte", "Numéro d’ordre"])
    found = recognise([PAINTS], ReadBook((source,)), chosen(pointed(source), sheet="", columns={}))
    assert (found.layouts, found.unmapped, found.ignored) == ((), (), (source,))


def test_a_choice_for_a_sheet_that_no_longer_exists_is_forgotten() -> None:
    source = sheet("Couleurs", ["Teinte", "Numéro d’ordre"])
    found = recognise([PAINTS], ReadBook((source,)), chosen(pointed(source), sheet="Disparue")).layouts[0]
    assert (found.chosen, found.sheet.name) == (False, "Couleurs")


def test_columns_that_no_longer_exist_are_dropped_from_a_choice() -> None:
    columns = {"Teinte": 2, "Nuance": 5, "Disparue": 1}
    choices = chosen(pointed(sheet("x", ODD)), columns=columns, fill_down=("Teinte", "Nuance"))
    found = recognise([PAINTS], ReadBook((sheet("x", ODD),)), choices).layouts[0]
    assert (found.columns, found.filled_down) == ({"Teinte": 2}, frozenset({"Teinte"}))


def test_a_choice_keeps_the_order_of_dates_and_the_columns_to_fill() -> None:
    choices = chosen(pointed(sheet("x", ODD)), columns={"Teinte": 2}, fill_down=("Teinte",), date_order="mdy")
    found = recognise([PAINTS], ReadBook((sheet("x", ODD),)), choices).layouts[0]
    assert (found.date_order, found.filled_down) == ("mdy", frozenset({"Teinte"}))


def test_a_header_that_the_choice_did_not_know_is_told() -> None:
    choices = chosen(pointed(sheet("x", ODD)), columns={"Teinte": 2}, headers=("machin", "Truc", "Commentaire"))
    found = recognise([PAINTS], ReadBook((sheet("x", ODD),)), choices).layouts[0]
    assert [unknown.header.text for unknown in found.unknown] == ["Bidule"]


def test_a_column_without_a_title_may_be_chosen() -> None:
    source = sheet("x", ["Machin", "", "Truc"])
    choices = chosen(pointed(source), columns={"Teinte": 2, "Nuance": 3})
    found = recognise([PAINTS], ReadBook((source,)), choices).layouts[0]
    assert (found.columns, found.header("Teinte"), found.header("Nuance")) == ({"Teinte": 2, "Nuance": 3}, "", "Truc")


def test_a_choice_of_two_rows_applies_to_two_rows_only() -> None:
    rows = (["Bloc", "", "Fin"], ["a", "b", "c"])
    source = sheet("x", *rows)
    choices = chosen(pointed(source, 2, depth=2), columns={"Teinte": 1, "Nuance": 2})
    found = recognise([PAINTS], ReadBook((sheet("y", ["Titre"], *rows),)), choices).layouts[0]
    assert (found.depth, found.header_row, found.header("Nuance")) == (2, 3, "Bloc, b")
    flat = sheet("x", ["Bloc, a", "Bloc, b", "Fin, c"])
    assert recognise([PAINTS], ReadBook((flat,)), choices).layouts == ()


def test_of_two_same_headers_the_one_that_was_pointed_at_is_taken() -> None:
    twice = sheet("x", ODD, ["exemple"], ODD, ["1", "2"])
    for row in (1, 3):
        choices = chosen(pointed(twice, row), columns={"Teinte": 2})
        assert recognise([PAINTS], ReadBook((twice,)), choices).layouts[0].header_row == row


def test_our_own_remarks_are_silent_and_change_no_fingerprint() -> None:
    plain, annotated = sheet("x", HEADERS), sheet("x", [*HEADERS, "Contrôle CaRE"])
    for found in recognise([BIA_PCRA], ReadBook((plain, annotated))).layouts:
        assert found.unknown == ()
        assert found.fingerprint == layout(*HEADERS).fingerprint
    assert layout(*HEADERS, "controle care").headers[len(HEADERS) + 1] == "controle care"


# ------------------------------------------------------------------------------------------------------- what is offered


def test_the_page_of_mapping_gets_what_is_recognised_however_little() -> None:
    source = sheet("x", ["CH de Dieppe"], ["Teinte", "Machin", "Truc", "Bidule"])
    assert recognise([BIA_PCRA, PAINTS], ReadBook((source,))).layouts == ()
    found = suggest([BIA_PCRA, PAINTS], source, 2)
    assert found is not None
    assert (found.sheet, found.columns, found.header_row, found.chosen) == (COLOURS, {"Teinte": 1}, 2, False)
    assert suggest([PAINTS], source, 1) is None
    assert suggest([PAINTS], source, 3) is None
    assert suggest([PAINTS], source, 1, depth=2) is None


def test_the_sheet_that_a_person_named_is_the_only_one_tried() -> None:
    found = suggest([BIA_PCRA, PAINTS], sheet("x", HEADERS), 1, 1, COLOURS)
    assert found is not None
    assert (found.workbook, found.columns) == (PAINTS, {})
    assert len(found.missing) == 2
