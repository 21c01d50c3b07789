"""Texts compared as people read them."""

from __future__ import annotations

import pytest

from importers.words import clean, essence, fold, has_control, is_blank, one_line, pieces, quoted, unquoted


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Périmètre / service*", "perimetre / service"),
        ("  FINESS\u00a0EJ * ", "finess ej"),
        ("Existe dans l’établissement", "existe dans l'etablissement"),
        ("Date\ndu BIA", "date du bia"),
        ("Année :", "annee"),
        ("SŒUR – Cœur", "soeur - coeur"),
    ],
)
def test_case_accents_spaces_and_the_star_are_folded(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_a_decomposed_accent_is_the_same_letter() -> None:
    assert clean("e\u0301le\u0300ve") == "élève"


def test_a_carriage_return_escape_is_a_line_break() -> None:
    assert clean("un_x000D_\ndeux") == "un\ndeux"


def test_only_control_characters_are_unescaped() -> None:
    assert clean("budget_x0041_") == "budget_x0041_"


def test_invisible_marks_are_dropped() -> None:
    assert clean("\ufeffURG\u200b-01\u00ad") == "URG-01"


def test_names_have_single_spaces() -> None:
    assert one_line(" CH \u00a0de\u202fDieppe\n") == "CH de Dieppe"


@pytest.mark.parametrize("text", ["", "  ", "\u00a0", "-", "–", " - ", "\u200b"])
def test_these_cells_hold_nothing(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["0", "a-", "/", "-----"])
def test_these_cells_hold_something(text: str) -> None:
    assert not is_blank(text)


def test_an_escaped_control_character_is_seen() -> None:
    assert has_control(clean("a_x0007_b"))
    assert not has_control(clean("a\tb\nc"))


def test_the_essence_of_a_header_drops_small_words() -> None:
    assert essence("Date de l’impression du plan") == "date impression plan"


def test_an_accent_cut_from_its_letter_by_an_invisible_mark_joins_it() -> None:
    assert clean("e\u200b\u0301") == "é"


@pytest.mark.parametrize("text", ["=1", "+33", "-x", "@x", "\tx", "\rx"])
def test_the_apostrophe_that_neutralises_a_formula_is_dropped(text: str) -> None:
    assert unquoted(f"'{text}") == text
    assert unquoted(text) == text


@pytest.mark.parametrize("text", ["'=1", "''=1", "'abc", "=1", "l'eau", "'"])
def test_a_text_written_for_a_spreadsheet_comes_back(text: str) -> None:
    assert unquoted(quoted(text)) == text


def test_a_cell_is_cut_into_clean_texts() -> None:
    assert pieces(" a ;; b\u00a0 c\n-\nd", r"[;\n]") == ["a", "b c", "d"]
