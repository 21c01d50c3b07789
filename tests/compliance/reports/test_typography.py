"""French typography, and text that the shipped fonts can print."""

from __future__ import annotations

import pytest

from compliance.reports import display
from compliance.reports.printable import BREAK, printable
from tenants.typography import typo

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("plain", "printed"),
    [
        ("Il manque 7,6 points : CH de X", f"Il manque 7,6{NBSP}points{NBSP}: CH de X"),
        ("Soit 66 % ; sûr ?", f"Soit 66{NBSP}%{NBSP}; sûr{NBSP}?"),
        ("« PCA »", f"«{NBSP}PCA{NBSP}»"),
        ("AC de 1 234 567", f"AC de 1{NBSP}234{NBSP}567"),
        ("le 22 2026", "le 22 2026"),
        ("http://x:80 a:b", "http://x:80 a:b"),
    ],
)
def test_no_break_spaces_stand_where_french_asks_for_them(plain: str, printed: str) -> None:
    assert typo(plain) == printed
    assert typo(printed) == printed


def test_a_character_the_fonts_lack_is_shown_by_its_number() -> None:
    assert printable("urgence 🚑") == "urgence [U+1F691]"


def test_marks_that_hide_or_reorder_text_are_dropped() -> None:
    assert printable("a\u202efdp.exe\u0007\u00ad\ufe0f") == "afdp.exe"


def test_lines_and_tabs_become_spaces_and_accents_are_composed() -> None:
    assert printable("e\u0301\r\nx\ty") == "é  x y"


def test_a_long_word_gets_places_to_break_and_keeps_its_letters() -> None:
    shown = printable("y" * 100)
    assert max(len(part) for part in shown.split(BREAK)) <= 18
    assert shown.replace(BREAK, "") == "y" * 100


@pytest.mark.parametrize(
    ("octets", "shown"),
    [(0, "0 octet"), (999, "999 octets"), (1536, "1,5 Ko"), (317_000, "310 Ko"), (5 * 1024**3, "5 Go")],
)
def test_a_size_is_read_in_french_units(octets: int, shown: str) -> None:
    assert display.size(octets) == shown.replace(" ", NBSP)


def test_a_moment_is_read_in_paris_time_winter_and_summer() -> None:
    assert display.moment("2026-11-22T23:30:00Z") == "23/11/2026 à 00:30"
    assert display.received("2026-07-01T22:30:00Z") == "02/07/2026"


def test_a_figure_keeps_its_decimals_and_groups_its_thousands() -> None:
    assert display.figure("18900.50") == f"18{NBSP}900,50"
    assert display.figure("34200.00") == f"34{NBSP}200"
    assert display.figure(None) == "–"
