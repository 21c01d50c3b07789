"""A remembered choice comes back as it was, and nonsense never does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.layout.layouts import LayoutChoice, fingerprint, is_annotation

CHOICE = LayoutChoice(
    sheet="Perimetres",
    header_row=4,
    depth=2,
    columns={"code": 1, "name": 3},
    fill_down=("name",),
    date_order="mdy",
    name="Feuil1",
    headers=("Code", "Nom du service"),
)

_choices = st.builds(
    LayoutChoice,
    sheet=st.text(),
    header_row=st.integers(2, 15),
    depth=st.sampled_from([1, 2]),
    columns=st.dictionaries(st.text(), st.integers(1, 200)).map(lambda found: {k: n for n, k in enumerate(found, 1)}),
    date_order=st.sampled_from(["", "dmy", "mdy"]),
    name=st.text(),
    headers=st.lists(st.text()).map(tuple),
)


@given(_choices)
def test_a_choice_survives_json(choice: LayoutChoice) -> None:
    assert LayoutChoice.from_json(json.loads(json.dumps(choice.to_json()))) == choice


def test_columns_to_fill_survive_json() -> None:
    assert LayoutChoice.from_json(json.loads(json.dumps(CHOICE.to_json()))) == CHOICE


def test_a_sheet_and_a_row_are_enough() -> None:
    assert LayoutChoice.from_json({"sheet": "", "header_row": 1}) == LayoutChoice("", 1)


@pytest.mark.parametrize(
    "change",
    [
        {"sheet": None}, {"sheet": 3}, {"header_row": 0}, {"header_row": -1}, {"header_row": "4"}, {"header_row": True},
        {"header_row": 1}, {"header_row": 2.0}, {"depth": 0}, {"depth": 3}, {"depth": True}, {"columns": []},
        {"columns": {"code": 0}}, {"columns": {"code": "1"}}, {"columns": {"code": True}},
        {"columns": {"code": 1, "name": 1}}, {"columns": {3: 1}}, {"fill_down": "name"}, {"fill_down": ["absent"]},
        {"fill_down": [1]}, {"date_order": "ymd"}, {"date_order": None}, {"name": None}, {"headers": "Code"},
        {"headers": [None]}, {"more": 1},
    ],
)  # fmt: skip
def test_nonsense_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="layout choice"):
        LayoutChoice.from_json(CHOICE.to_json() | change)


@pytest.mark.parametrize("value", [None, [], "Perimetres", 3, {}, {"sheet": "Perimetres"}, {"header_row": 1}])
def test_what_is_not_a_choice_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not the expected keys"):
        LayoutChoice.from_json(value)


def test_a_fingerprint_sees_words_and_order_only() -> None:
    first = fingerprint(["Code périmètre*", "", "Date de validation"])
    assert fingerprint([" CODE\u00a0PERIMETRE ", "", "Date de\nvalidation :", "", ""]) == first
    for other in (
        ["Code périmètre", "Date de validation"],
        ["", "Code périmètre", "Date de validation"],
        ["Date de validation", "", "Code périmètre"],
        ["Code périmètre", "", "Date de validation", "Lieu"],
    ):
        assert fingerprint(other) != first


def test_a_fingerprint_does_not_change_with_the_dates_of_a_session_nor_with_our_remarks() -> None:
    first = fingerprint(["Nom", "12/03/2026, Matin", "12/03/2026, Après-midi"])
    assert fingerprint(["Nom", "05/11/2027, Matin", "5/11/27, Après-midi", "Contrôle CaRE"]) == first
    assert fingerprint(["Nom", "Matin", "Après-midi"]) != first


@pytest.mark.parametrize("text", ["Contrôle CaRE", "CONTROLE CARE", " contrôle\u00a0care * "])
def test_our_remarks_are_known_however_they_are_written(text: str) -> None:
    assert is_annotation(text)
    assert not is_annotation(f"{text} 2")
