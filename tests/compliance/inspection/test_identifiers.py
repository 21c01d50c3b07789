"""NIR and INS in a text: every one found whatever its writing, none invented."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.inspection.identifiers import Finder, is_identifier

# The example that is printed everywhere (a fictive person), and two Corsicans worked out by hand.
KNOWN = "255081416802538"
CORSICAN = ("180072A10100167", "180072B10100194")


def found(*pieces: str) -> int:
    finder = Finder()
    for piece in pieces:
        finder.feed(piece)
    return finder.count


def test_a_number_of_the_documentation_holds() -> None:
    assert is_identifier(KNOWN)


def test_the_key_of_corsica_counts_2a_as_19_and_2b_as_18() -> None:
    # 1800719101001 mod 97 = 30, 1800718101001 mod 97 = 3, by long division.
    assert all(map(is_identifier, CORSICAN))


@pytest.mark.parametrize(
    "text",
    [
        KNOWN,
        "2 55 08 14 168 025 38",
        "2.55.08.14.168.025.38",
        "2 55 08 14 168 025 / 38",
        "2550814168025 38",
        "2550814168025\n38",
        "2 55 08 14 168 025 clé : 38",
        "2 5 5 0 8 1 4 1 6 8 0 2 5 3 8",
        "|2|5|5|0|8|1|4|1|6|8|0|2|5|3|8|".replace("|", " | ").strip(),
        "NIR:255081416802538;DUPONT",
        "2.55081416802538E+14",
        "le 12 2 55 08 14 168 025 38.",
        "1 80 07 2a 101 001 67",
    ],
)
def test_a_number_is_found_however_it_is_written(text: str) -> None:
    assert found(text) == 1


@pytest.mark.parametrize(
    "text",
    [
        "255081416802539",  # the key
        "2550814168025380",  # sixteen digits
        "0.255081416802538",  # a fraction that a spreadsheet stores
        "955081416802538",  # no such sex
        "SIRET 26760001500014, FINESS 760780239",
        "06 12 34 56 78, 02 35 00 00 00",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
    ],
)
def test_what_only_looks_like_a_number_is_left(text: str) -> None:
    assert found(text) == 0


def test_the_same_number_twice_is_one_person() -> None:
    assert found(f"{KNOWN} puis 2 55 08 14 168 025 38") == 1


def _drawn(draw: random.Random) -> str:
    place = draw.choice([f"{draw.randint(1, 95):02d}", "2A", "2B", "97", "99"]).replace("20", "21")
    body = (
        f"{draw.choice('1278')}{draw.randint(0, 99):02d}{draw.choice([*range(1, 13), 20, 31, 60]):02d}"
        f"{place}{draw.randint(1, 990):03d}{draw.randint(1, 999):03d}"
    )
    return f"{body}{97 - int(body.replace('2A', '19').replace('2B', '18')) % 97:02d}"


def test_two_hundred_numbers_are_all_found_and_two_hundred_near_misses_are_not() -> None:
    draw = random.Random(6)  # noqa: S311  a draw, not a secret
    valid = [_drawn(draw) for _ in range(200)]
    near = [f"{number[:13]}{(int(number[13:]) % 97) + 1:02d}" for number in valid]
    assert found(" ; ".join(valid)) == len(set(valid))
    assert found(" ; ".join(near)) == 0


@given(
    place=st.integers(0, 199),
    cut=st.lists(st.integers(0, 400), max_size=12),
    padding=st.text(alphabet="abc ;,\n", max_size=180),
)
def test_a_number_is_found_wherever_the_text_is_cut(place: int, cut: list[int], padding: str) -> None:
    text = f"{padding[: place % 181]} {KNOWN} {padding}"
    bounds = sorted({0, len(text), *(point % (len(text) + 1) for point in cut)})
    pieces = [text[start:end] for start, end in itertools.pairwise(bounds)]
    assert found(*pieces) == 1


@given(st.text(alphabet="0123456789 .,-;\n/E+2AB", max_size=300))
def test_every_number_counted_holds_its_key(text: str) -> None:
    finder = Finder()
    finder.feed(text)
    assert all(map(is_identifier, finder._found))
