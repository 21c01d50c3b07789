"""FINESS numbers: the key, the accepted spellings, the one repair."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.finess import FinessError, Normalised, is_valid, normalise

# Two public numbers of the national directory; the other ones are invented, with a right key.
MAINLAND = "010000024"
CORSICA = "2A0000022"


def key_for(body: str) -> str:
    """Find by trying the digit that makes the eight characters a valid number, without repeating the rule."""
    return next(digit for digit in "0123456789" if is_valid(body + digit))


bodies = st.builds(
    lambda head, tail: head + f"{tail:06d}",
    st.one_of(st.integers(1, 98).map("{:02d}".format), st.sampled_from(["2A", "2B"])),
    st.integers(0, 999_999),
)
numbers = bodies.map(lambda body: body + key_for(body))


@given(numbers, st.integers(0, 8), st.integers(1, 9))
def test_changing_one_digit_of_a_valid_number_makes_it_invalid(number: str, place: int, shift: int) -> None:
    if number[place] in "AB":
        return
    changed = str((int(number[place]) + shift) % 10)
    assert not is_valid(number[:place] + changed + number[place + 1 :])


@given(bodies)
def test_exactly_one_key_closes_a_number(body: str) -> None:
    assert sum(is_valid(body + digit) for digit in "0123456789") == 1


@given(numbers.filter(lambda number: number.startswith("0")))
def test_a_lost_zero_comes_back_when_the_number_is_known(number: str) -> None:
    assert normalise(int(number), {number}.__contains__) == Normalised(number, repaired=True)
    assert normalise(float(number), {number}.__contains__) == Normalised(number, repaired=True)


@given(numbers.filter(lambda number: number.startswith("0")))
def test_a_lost_zero_stays_lost_when_the_number_is_unknown(number: str) -> None:
    for known in (None, lambda _number: False):
        with pytest.raises(FinessError) as refusal:
            normalise(number[1:], known)
        assert refusal.value.code == "LOST_ZERO"


def test_the_letter_of_corsica_counts_for_its_digit() -> None:
    assert is_valid(CORSICA)
    assert is_valid("210000022")
    assert not is_valid("2B0000022")


@pytest.mark.parametrize(
    "number", ["", "01000002", "0100000240", "A10000024", "2C0000022", "0100 0024", "2a0000022", "٠١٠٠٠٠٠٢٤"]
)
def test_what_is_not_nine_official_characters_is_not_valid(number: str) -> None:
    assert not is_valid(number)


@pytest.mark.parametrize(
    "raw",
    [
        "010000024",
        " 010 000 024 ",
        "010\u00a0000\u00a0024",
        "01\u202f000\u202f0024",
        "'010000024",
        "’010000024",
        "FINESS:010000024",
        "finess : 010000024",
        "FINESS EJ : 010000024",
        "N° FINESS 010000024",
        "\ufeff010000024\u200b",
    ],
)
def test_the_spellings_of_people_give_the_same_number(raw: str) -> None:
    assert normalise(raw) == Normalised(MAINLAND, repaired=False)


@pytest.mark.parametrize("raw", [760780239, 760780239.0, "760780239.0", "760780239,0", Decimal(760780239)])
def test_a_number_stored_as_a_number_is_read_as_its_digits(raw: object) -> None:
    assert normalise(raw) == Normalised("760780239", repaired=False)


@pytest.mark.parametrize("raw", [10000024, 10000024.0, "10000024", "10000024.0"])
def test_the_example_of_the_specification_is_repaired(raw: object) -> None:
    assert normalise(raw, {MAINLAND}.__contains__) == Normalised(MAINLAND, repaired=True)


def test_a_lower_case_corsican_number_is_accepted() -> None:
    assert normalise("2a0000022") == Normalised(CORSICA, repaired=False)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "EMPTY"),
        ("", "EMPTY"),
        (" \u00a0", "EMPTY"),
        ("FINESS :", "EMPTY"),
        (True, "NOT_TEXT"),
        (date(2026, 11, 22), "NOT_TEXT"),
        ("1.0E+07", "SCIENTIFIC"),
        ("1,0E+07", "SCIENTIFIC"),
        ("2E+08", "SCIENTIFIC"),
        ("CHU de Rouen", "LETTERS"),
        ("2C0000022", "LETTERS"),
        ("A10000024", "LETTERS"),
        ("010000024 et 010000032", "LETTERS"),
        ("-10000024", "LETTERS"),
        (10000024.5, "LETTERS"),
        (float("nan"), "LETTERS"),
        (float("inf"), "LETTERS"),
        (0, "TOO_SHORT"),
        ("1000002", "TOO_SHORT"),
        ("26010004500012", "TOO_LONG"),
        (26010004500012.0, "TOO_LONG"),
        ("010000025", "KEY"),
        ("2B0000022", "KEY"),
    ],
)
def test_a_wrong_value_is_refused_with_its_own_code(raw: object, code: str) -> None:
    with pytest.raises(FinessError) as refusal:
        normalise(raw, lambda _number: True)
    assert refusal.value.code == code
    assert str(refusal.value).endswith(".")
    assert refusal.value.remedy.endswith(".")


def test_two_zeros_are_never_put_back() -> None:
    number = "00123456" + key_for("00123456")
    with pytest.raises(FinessError) as refusal:
        normalise(int(number), lambda _number: True)
    assert refusal.value.code == "TOO_SHORT"


def test_eight_digits_whose_key_fails_are_not_padded_even_if_everything_is_known() -> None:
    with pytest.raises(FinessError) as refusal:
        normalise("70000481", lambda _number: True)  # the order of 16 January 2014 lost a 3, not a zero
    assert refusal.value.code == "TOO_SHORT"


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "columns", "rows"),
    [
        ("finess_etablissements_sante_2021.csv", ("finess_et", "finess_ej"), 8131),
        ("finess_ej_publics_2021.csv", ("finess_ej", "finess_et_principal"), 796),
    ],
)
def test_every_number_of_the_national_directory_is_valid(
    shared_data: Path, file: str, columns: tuple[str, ...], rows: int
) -> None:
    with (shared_data / file).open(encoding="utf-8", newline="") as handle:
        lines = list(csv.DictReader(handle, delimiter=";"))
    assert len(lines) == rows
    assert [line[column] for line in lines for column in columns if not is_valid(line[column])] == []
