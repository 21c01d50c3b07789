"""Words: free text, names, lists of texts, answers to choose."""

from __future__ import annotations

import pytest

from importers.base import Choice, Kind
from importers.reading.sheet import CellKind
from importers.workbooks.bia_pcra import PERIMETERS
from tests.importers.readings import read, refused


@pytest.mark.parametrize("value", ["Oui", "o", "YES", "Vrai", 1, "1", "x", "X", "✓", "✔", "Fait", True, "\u00a0oui "])
def test_yes(value: object) -> None:
    assert read(Kind.YES_NO, value).value is True


@pytest.mark.parametrize("value", ["Non", "n", "No", "FAUX", 0, "0", False])
def test_no(value: object) -> None:
    assert read(Kind.YES_NO, value).value is False


@pytest.mark.parametrize("value", ["Oui mais pas la nuit", "En cours", "?", 2])
def test_another_answer_is_refused(value: object) -> None:
    assert refused(Kind.YES_NO, value).code == "E-LST"


def test_a_yes_with_a_comment_is_asked_never_cut() -> None:
    assert "rien n’a été retiré" in refused(Kind.YES_NO, "Oui mais pas la nuit").remedy


@pytest.mark.parametrize("written", ["Soins à impact majeur", "SOINS A IMPACT MAJEUR", " soins  à\u00a0impact majeur "])
def test_a_list_value_is_folded(written: str) -> None:
    reading = read(Kind.CHOICE, written, choices=PERIMETERS.column("kind").choices)
    assert reading.value == "care"
    assert reading.original.casefold().startswith("soins")


def test_spaces_around_a_slash_do_not_matter() -> None:
    assert read(Kind.CHOICE, "support/logistique", choices=PERIMETERS.column("kind").choices).value == "support"


def test_a_value_out_of_the_list_gives_the_list_and_the_nearest() -> None:
    fault = refused(Kind.CHOICE, "Valider", choices=PERIMETERS.column("pca").choices)
    assert fault.code == "E-LST"
    assert "« Validé »" in fault.remedy
    assert "Absent" in fault.remedy


def test_a_number_in_a_text_column_stays_as_shown() -> None:
    assert read(Kind.TEXT, 12.5).value == "12,5"
    assert read(Kind.TEXT, 12.0).value == "12"


def test_control_characters_are_refused() -> None:
    assert refused(Kind.TEXT, "a_x0001_b").code == "E-TXT"


def test_formula_text_stays_text() -> None:
    assert read(Kind.TEXT, "=1+1").value == "=1+1"


def test_a_text_over_its_limit_is_refused() -> None:
    assert refused(Kind.TEXT, "a" * 41, maximum=40).code == "E-TXT"
    assert refused(Kind.TEXT, "début", CellKind.LONG).code == "E-TXT"


# ----------------------------------------------------------------------------------------------- lists, names, choices


@pytest.mark.parametrize(
    "written",
    ["Main courante; Fiche papier ;MAIN COURANTE", "Main courante/Fiche papier", "Main courante\nFiche papier\n-"],
)
def test_several_texts_are_kept_once_each_as_first_typed(written: str) -> None:
    assert read(Kind.TEXTS, written).value == ("Main courante", "Fiche papier")


def test_each_text_of_a_list_has_the_limit_of_its_column() -> None:
    assert read(Kind.TEXTS, "abcd; efgh", maximum=4).value == ("abcd", "efgh")
    assert refused(Kind.TEXTS, "abcd; efghi", maximum=4).code == "E-TXT"


def test_separators_alone_hold_nothing() -> None:
    assert read(Kind.TEXTS, " ; / ").value is None


def test_a_name_has_single_spaces_and_keeps_its_case_and_accents() -> None:
    assert read(Kind.NAME, "  Le\u00a0 Goff  de\nKérou\u0308 ").value == "Le Goff de Kéroü"


def test_a_name_too_long_is_refused_without_being_repeated() -> None:
    fault = refused(Kind.NAME, "Dupont" * 20, maximum=80)
    assert fault.code == "E-TXT"
    assert "Dupont" not in fault.reason + fault.remedy


ANSWERS = (Choice("yes", "Oui"), Choice("no", "Non"), Choice("unknown", "NC"))


@pytest.mark.parametrize(
    ("written", "value"), [(True, "yes"), (False, "no"), ("x", "yes"), ("VRAI", "yes"), (0, "no"), ("nc", "unknown")]
)
def test_a_list_with_oui_and_non_accepts_what_a_spreadsheet_writes_for_them(written: object, value: str) -> None:
    assert read(Kind.CHOICE, written, choices=ANSWERS).value == value


def test_a_list_without_oui_does_not_take_a_cross_for_an_answer() -> None:
    assert refused(Kind.CHOICE, True, choices=PERIMETERS.column("pca").choices).code == "E-LST"


def test_a_numbered_choice_is_read_as_its_number() -> None:
    levels = (Choice("vital", "Vitale", ("1",)), Choice("yes", "Oui"))
    assert read(Kind.CHOICE, 1, choices=levels).value == "vital"
