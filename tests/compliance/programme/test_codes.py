"""Codes of objectives as people spell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.programme.referential import load, normalise_code

if TYPE_CHECKING:
    from collections.abc import Callable

CALM = settings(deadline=None)  # a busy machine is no failure
D2 = load("D2")


@pytest.mark.parametrize(
    "spelling",
    [
        "D2.O1.C",
        "D2. O1. C",
        "d2.o1.c",
        "D2.01.C",
        "O1C",
        "O1-c",
        "O1.C",
        " D2\u00a0O1\u202fC ",
        "D2_O1_C",
        "D2 – O1 – C",
        "Ｄ２．Ｏ１．Ｃ",
        "CaRE D2.O1.C",
        "01C",
        "D2O1C",
        "D2/O1/C",
    ],
)
def test_every_usual_spelling_is_read(spelling: str) -> None:
    assert normalise_code(spelling) == "D2.O1.C"


@pytest.mark.parametrize(("spelling", "code"), [("p1", "D2.P1"), ("D2 P2", "D2.P2"), ("04", "D2.O4"), ("o4", "D2.O4")])
def test_rows_without_a_letter_are_read_too(spelling: str, code: str) -> None:
    assert normalise_code(spelling) == code


@pytest.mark.parametrize(
    "text", ["", "  ", "C", "O", "D2", "O10", "O1CC", "P1A", "X1", "PCA", "O1.C et O1.D", "D2.O0.C"]
)
def test_what_is_not_a_code_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"écrire par exemple D2\.O1\.C"):
        normalise_code(text)


def test_the_code_of_another_domain_is_refused_and_not_moved_to_this_one() -> None:
    with pytest.raises(ValueError, match="code du domaine D1, pas du domaine D2"):
        normalise_code("D1.O1.C")


def test_a_code_shaped_like_one_but_unknown_is_refused_by_the_referential() -> None:
    assert normalise_code("O1.E") == "D2.O1.E"
    with pytest.raises(ValueError, match=r"« D2\.O1\.E » n’est pas une ligne du référentiel D2"):
        D2.find("O1.E")


def test_a_row_is_found_by_any_spelling_of_its_code() -> None:
    assert D2.find("d2. 03. d").code == "D2.O3.D"


@CALM
@given(
    st.sampled_from([row.code for row in D2.rows]),
    st.sampled_from(["", " ", ".", "-", ". "]),
    st.sampled_from([str.lower, str.upper]),
)
def test_every_row_survives_any_separator_and_case(code: str, separator: str, case: Callable[[str], str]) -> None:
    spelling = code.replace(".", separator)
    assert normalise_code(case(spelling)) == code


@CALM
@given(st.text(max_size=12))
def test_any_text_is_either_a_code_or_a_refusal(text: str) -> None:
    try:
        code = normalise_code(text)
    except ValueError:
        return
    assert normalise_code(code) == code
