"""« Vérifier les colonnes »: what is proposed, what a person answers, what is remembered, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from importers import columns, columns_page
from importers.columns import Answer, Source
from importers.layout.headers import header_at
from importers.layout.layouts import LayoutChoice
from importers.layout.recognise import recognise
from importers.reading.sheet import ReadBook, ReadSheet
from importers.registry import SHEETS, WORKBOOKS
from tenants.errors import Invalid
from tests.importers import books

HEADER = ("Code", "FINESS", "Service", "Type", "Existe", "Référant métié", "BIA", "PCA", "PRA", "Obs.")
ROW = ("URG-01", "760780239", "Urgences", "Soins", "Oui", "Cadre", "Réalisé", "Validé", "Validé", "cf. réunion")
NOTES = (("Local", "Autonomie"), ("Sous-sol", "20 min"))


def sheet(name: str, *rows: Sequence[object], **more: object) -> ReadSheet:
    """A sheet of a file, its rows from the first; None leaves a cell empty."""
    found = {
        number: {place: books.cell(number, place, value) for place, value in enumerate(row, 1) if value is not None}
        for number, row in enumerate(rows, 1)
    }
    return ReadSheet(name, rows={number: row for number, row in found.items() if row}, **more)


def sources(
    *sheets: ReadSheet, choices: Mapping[str, LayoutChoice] | None = None, asks: Sequence[str] = ()
) -> list[Source]:
    """What is to be decided about a file."""
    book = ReadBook(sheets)
    return columns.sources(book, recognise(WORKBOOKS, book, choices), asks)


def proposed(about: Sequence[Source]) -> list[Answer]:
    """What the recognition proposes."""
    return [columns.understood(source) for source in about]


def form(about: Sequence[Source], answers: Sequence[Answer], **changes: str | None) -> dict[str, str]:
    """The form of the page as a browser sends it; `f0_c3=""` changes one field, None leaves it out."""
    sent: dict[str, str] = {}
    for source, answer in zip(about, answers, strict=True):
        start = f"f{source.rank}-"
        sent |= {f"{start}was": answer.target, f"{start}sheet": answer.sheet, f"{start}row": str(answer.header_row)}
        sent |= {f"{start}c{place}": key for place, key in answer.columns.items()}
        sent |= {f"{start}d{place}": "1" for place in answer.fill_down}
        sent |= {f"{start}two": "1"} if answer.depth == 2 else {}
        sent |= {f"{start}dates": answer.date_order} if answer.date_order else {}
    for name, value in changes.items():
        sent.pop(name.replace("_", "-"), None)
        sent |= {name.replace("_", "-"): value} if value is not None else {}
    return sent


def decided(about: Sequence[Source], **changes: str | None) -> dict[str, LayoutChoice]:
    """What is remembered when a person sends the page with these changes."""
    filled = columns.filled(WORKBOOKS, about, form(about, proposed(about), **changes), refresh=False)
    assert not filled.anew
    assert filled.problem == ""
    return columns.choices(about, filled.answers)


# ---------------------------------------------------------------------------------------------------------- proposing


def test_hidden_empty_and_silent_sheets_are_not_asked_about() -> None:
    about = sources(
        sheet("Listes", ("a", "b"), ("1", "2")),
        sheet("Caché", *NOTES, visible=False),
        sheet("Vide", filled=False),
        sheet("Nombres", (1, 2), (3, 4)),
        sheet("Locaux", *NOTES),
    )
    assert [source.name for source in about] == ["Locaux"]


def test_a_sheet_that_is_not_recognised_is_not_read_unless_a_person_says_so() -> None:
    about = sources(sheet("Locaux", ("Plan de secours",), *NOTES))
    assert proposed(about) == [Answer(sheet="", header_row=2)]


def test_a_guess_is_shown_with_its_score_and_what_is_sure_as_sure() -> None:
    about = sources(sheet("Perimetres", HEADER, ROW))
    [page] = columns_page.shown(WORKBOOKS, about, proposed(about), "ght")
    told = {column.title: (column.key, column.how) for column in page.columns}
    assert told["Code"] == ("code", "sure")
    assert told["Référant métié"] == ("referent_function", "guessed")
    assert told["Obs."] == ("", "unknown")
    assert {column.score for column in page.columns if column.how != "guessed"} == {100}
    assert 60 <= next(column.score for column in page.columns if column.how == "guessed") < 100
    assert not page.sure


def test_the_required_columns_that_are_missing_are_told() -> None:
    about = sources(sheet("Perimetres", HEADER[:-4], ROW[:-4]))
    [page] = columns_page.shown(WORKBOOKS, about, proposed(about), "ght")
    assert page.missing == ("BIA", "PCA", "PRA")


def test_the_column_of_the_establishment_is_not_missing_for_one_that_is_alone() -> None:
    about = sources(sheet("Perimetres", [HEADER[0], *HEADER[2:]], [ROW[0], *ROW[2:]]))
    [of_group] = columns_page.shown(WORKBOOKS, about, proposed(about), "ght")
    [of_one] = columns_page.shown(WORKBOOKS, about, proposed(about), "ght", alone=True)
    assert (of_group.missing, of_one.missing) == (("FINESS EJ",), ())


def test_the_first_rows_are_cut_and_the_header_is_marked() -> None:
    about = sources(sheet("Perimetres", ("Titre " * 20,), HEADER, *[ROW] * 30))
    [page] = columns_page.shown(WORKBOOKS, about, proposed(about), "ght")
    assert [number for number, _, _ in page.rows] == list(range(1, 9))
    assert [number for number, _, titled in page.rows if titled] == [2]
    assert len(page.rows[0][1][0]) == 40
    assert page.rows[0][1][0].endswith("…")


def test_a_header_far_below_is_among_the_rows_shown() -> None:
    about = sources(sheet("Perimetres", *[(f"note {rank}",) for rank in range(11)], HEADER, *[ROW] * 30))
    [page] = columns_page.shown(WORKBOOKS, about, proposed(about), "ght")
    assert [number for number, _, _ in page.rows] == list(range(10, 18))


def test_no_value_of_the_file_is_shown_to_who_may_not_see_it() -> None:
    about = sources(sheet("Perimetres", HEADER, ROW))
    [page] = columns_page.shown(WORKBOOKS, about, proposed(about), "ght", with_rows=False)
    assert "Urgences" not in repr(page)


def test_a_column_with_blanks_under_values_can_be_repeated_and_a_merged_one_is_already() -> None:
    rows = (HEADER, ROW, ("URG-02", None, *ROW[2:]), ("URG-03", None, *ROW[2:]))
    about = sources(sheet("Perimetres", *rows))
    [page] = columns_page.shown(WORKBOOKS, about, proposed(about), "ght")
    assert [column.title for column in page.columns if column.has_blanks] == ["FINESS"]
    merged = sources(sheet("Perimetres", *rows, merged=((2, 2, 4, 2),)))
    [page] = columns_page.shown(WORKBOOKS, merged, proposed(merged), "ght")
    assert not any(column.has_blanks for column in page.columns)


def test_a_column_without_a_title_is_offered_when_it_holds_values_and_that_of_our_remarks_is_not() -> None:
    header = (*HEADER[:2], None, *HEADER[3:], "Contrôle CaRE")
    about = sources(sheet("Perimetres", header, (*ROW, "E-DAT")))
    [page] = columns_page.shown(WORKBOOKS, about, proposed(about), "ght")
    assert [column.title for column in page.columns] == [title or "" for title in header[:-1]]


def test_a_planner_is_shown_as_the_list_it_becomes() -> None:
    months = ("janvier 2026", "février 2026", "mars 2026", "avril 2026")
    about = sources(sheet("Planning", ("Service", *months), ("Urgences", "x", None, "x", None)))
    [page] = columns_page.shown(WORKBOOKS, about, proposed(about), "ght")
    assert page.is_planner
    assert not page.sure
    assert page.rows[1][1][1] == "31/01/2026"


# ---------------------------------------------------------------------------------------------------------- answering


def test_what_a_person_confirms_is_remembered_and_the_next_file_is_read_without_a_question() -> None:
    file = sheet("Perimetres", HEADER, ROW)
    kept = decided(sources(file))
    [choice] = kept.values()
    assert (choice.sheet, choice.header_row, choice.columns["referent_function"]) == ("Perimetres", 1, 6)
    assert LayoutChoice.from_json(choice.to_json()) == choice
    [layout] = recognise(WORKBOOKS, ReadBook((file,)), kept).layouts
    assert layout.chosen
    assert layout.guessed == {}


def test_confirming_what_is_remembered_already_remembers_nothing_more() -> None:
    file = sheet("Perimetres", HEADER, ROW)
    assert decided(sources(file, choices=decided(sources(file)))) == {}


def test_what_is_recognised_for_sure_is_not_remembered_for_having_been_looked_at() -> None:
    file = sheet("Perimetres", [column.label for column in SHEETS["Perimetres"].columns])
    assert decided(sources(file)) == {}


def test_a_column_can_be_left_out_given_to_another_or_repeated_downwards() -> None:
    about = sources(sheet("Perimetres", HEADER, ROW))
    [choice] = decided(about, f0_c6="", f0_c10="approver", f0_d2="1").values()
    assert "referent_function" not in choice.columns
    assert choice.columns["approver"] == 10
    assert choice.fill_down == ("finess_ej",)


def test_a_sheet_can_be_left_unread_for_ever() -> None:
    file = sheet("Locaux", *NOTES)
    kept = decided(sources(file))
    assert [choice.sheet for choice in kept.values()] == [""]
    assert [each.name for each in recognise(WORKBOOKS, ReadBook((file,)), kept).ignored] == ["Locaux"]
    again = sources(file, choices=kept)
    [page] = columns_page.shown(WORKBOOKS, again, proposed(again), "ght")
    assert (page.ignored, page.sure) == (True, True)
    assert decided(again) == {}


def test_a_recognised_sheet_can_be_left_unread_at_once() -> None:
    file = sheet("Perimetres", HEADER, ROW)
    [choice] = (kept := decided(sources(file), f0_sheet="")).values()
    assert (choice.sheet, choice.columns, choice.fill_down) == ("", {}, ())
    assert [each.name for each in recognise(WORKBOOKS, ReadBook((file,)), kept).ignored] == ["Perimetres"]


def test_another_sheet_or_header_row_proposes_columns_anew_even_when_it_is_not_asked() -> None:
    about = sources(sheet("Services", ("Inventaire",), ("Service", "FINESS"), ("Urgences", "760780239")))
    sent = form(about, proposed(about), f0_sheet="Perimetres", f0_row="2")
    filled = columns.filled(WORKBOOKS, about, sent, refresh=False)
    assert filled.anew
    assert filled.answers == (Answer(sheet="Perimetres", header_row=2, columns={1: "name", 2: "finess_ej"}),)
    kept = columns.choices(about, columns.filled(WORKBOOKS, about, form(about, filled.answers), refresh=False).answers)
    assert [choice.columns for choice in kept.values()] == [{"name": 1, "finess_ej": 2}]


def test_asking_for_columns_anew_keeps_the_other_answers() -> None:
    about = sources(sheet("Perimetres", HEADER, ROW), sheet("Locaux", *NOTES))
    sent = form(about, proposed(about), f0_c6="department", f1_sheet="SI_critiques")
    filled = columns.filled(WORKBOOKS, about, sent, refresh=True)
    assert filled.anew
    assert filled.answers[0].columns[6] == "department"
    assert filled.answers[1].sheet == "SI_critiques"


def test_a_header_of_two_rows_can_be_pointed_at() -> None:
    rows = (("Impact", None, "Code"), ("4 h", "24 h", "périmètre"), ("1", "2", "URG-01"))
    about = sources(sheet("Divers", *rows, merged=((1, 1, 1, 2),)))
    sent = form(about, proposed(about), f0_sheet="Activites", f0_row="2", f0_two="1")
    filled = columns.filled(WORKBOOKS, about, sent, refresh=True)
    [page] = columns_page.shown(WORKBOOKS, about, filled.answers, "ght")
    assert [(column.title, column.key) for column in page.columns][:2] == [
        ("Impact, 4 h", "impact_4h"),
        ("Impact, 24 h", "impact_24h"),
    ]


def test_a_row_without_titles_is_told_and_keeps_the_page() -> None:
    about = sources(sheet("Perimetres", HEADER, ROW))
    filled = columns.filled(WORKBOOKS, about, form(about, proposed(about), f0_row="9"), refresh=False)
    assert filled.problem == (
        "La feuille « Perimetres » n’a pas de titres de colonnes ligne 9 : choisissez une autre ligne d’en-tête."
    )
    [page] = columns_page.shown(WORKBOOKS, about, filled.answers, "ght")
    assert page.columns == ()


# ------------------------------------------------------------------------------------------------------- order of dates


def restoration_log(*days: object) -> ReadSheet:
    """The log of a backup tool, whose dates can be read in two ways."""
    header = [column.label for column in SHEETS["Tests_restauration"].columns]
    place = next(rank for rank, column in enumerate(SHEETS["Tests_restauration"].columns) if column.key == "tested_on")
    return sheet("Tests_restauration", header, *([None] * place + [day] for day in days))


def test_the_order_of_dates_is_asked_once_and_remembered() -> None:
    file = restoration_log("05/06/2026")
    about = sources(file, asks=("Tests_restauration",))
    with pytest.raises(Invalid, match="dites si les dates commencent par le jour ou par le mois"):
        decided(about)
    kept = decided(about, f0_dates="mdy")
    [layout] = recognise(WORKBOOKS, ReadBook((file,)), kept).layouts
    assert layout.date_order == "mdy"
    assert sources(file, choices=kept)[0].asks_dates


def test_the_order_of_dates_is_not_asked_of_a_file_that_says_it() -> None:
    assert not sources(restoration_log(date(2026, 6, 5)))[0].asks_dates


# ------------------------------------------------------------------------------------------------------------ refusals

BAD = {
    "one column twice": ({"f0_c10": "code"}, "les colonnes A et J deviendraient la même"),
    "an unknown column": ({"f0_c1": "__class__"}, "une colonne choisie n’existe pas dans « Perimetres »"),
    "an unknown sheet": ({"f0_sheet": "Paie"}, "choisissez dans la liste"),
    "no header row": ({"f0_row": None}, "un nombre de 1 à 15"),
    "a header row that is no number": ({"f0_row": "²"}, "un nombre de 1 à 15"),
    "a header row too far": ({"f0_row": "16"}, "un nombre de 1 à 15"),
    "an order of dates that is none": ({"f0_dates": "ymd"}, "commencent par le jour ou par le mois"),
    "a column beyond the file": ({"f0_c99": "approver"}, "n’a pas de colonne CU"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_kept_is_refused_with_a_sentence(case: str) -> None:
    changes, sentence = BAD[case]
    with pytest.raises(Invalid, match=sentence):
        decided(sources(sheet("Perimetres", HEADER, ROW)), **changes)


def test_two_sheets_that_have_the_same_titles_are_read_alike() -> None:
    about = sources(sheet("2025", HEADER, ROW), sheet("2026", HEADER, ROW))
    assert len(decided(about)) == 1
    with pytest.raises(Invalid, match="« 2025 » et « 2026 » ont les mêmes titres"):
        decided(about, f1_c10="approver")


def test_what_is_remembered_holds_titles_and_no_value() -> None:
    file = sheet("Perimetres", HEADER, ROW)
    [(fingerprint, choice)] = decided(sources(file)).items()
    header = header_at(file, 1)
    assert header is not None
    assert fingerprint == header.fingerprint
    assert choice.headers == HEADER
    assert "Urgences" not in str(choice.to_json())
