"""French typography, dates and numbers as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from markupsafe import Markup

from tenants.web import typography as t

NB, THIN = "\u00a0", "\u202f"


def test_no_break_spaces_stand_where_french_asks_for_them() -> None:
    typed = "Déjà 66 % : oui ! « Non » ; 7,6 points ?"
    read = "Déjà 66_%_: oui_! «_Non_»_; 7,6_points_?"
    assert t.typo(typed) == read.replace("_", NB)


def test_typing_twice_changes_nothing_more() -> None:
    once = t.typo("l'eau : 3 EJ, n° 4 ; « a » ?")
    assert t.typo(once) == once


def test_an_apostrophe_between_letters_is_a_real_one() -> None:
    assert t.typo("l'activité d'abord") == "l’activité d’abord"
    assert t.typo("'entre quotes'") == "'entre quotes'"


def test_a_plain_text_stays_plain_so_that_it_is_escaped() -> None:
    assert not hasattr(t.typo("<b>a ?</b>"), "__html__")


def test_markup_keeps_its_tags_its_attributes_and_what_is_verbatim() -> None:
    page = Markup(
        '<a title="x ?" href="/a?b ;c">l&#39;eau ?</a> <code>a : b</code> <textarea>c ?</textarea> <!-- d ? --> fin !'
    )
    read = '<a title="x ?" href="/a?b ;c">l’eau_?</a> <code>a : b</code> <textarea>c ?</textarea> <!-- d ? --> fin_!'
    assert isinstance(t.typo(page), Markup)
    assert str(t.typo(page)) == read.replace("_", NB)


def test_a_space_alone_before_a_sign_after_a_tag_is_bound_too() -> None:
    assert str(t.typo(Markup("<b>58,4</b> %"))) == f"<b>58,4</b>{NB}%"


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [("0.584", "58,4"), ("0.5845", "58,5"), ("0.6596", "65,9"), ("0.66", "66,0"), ("0.659999999", "65,9"), ("0.99996", "99,9"),
     ("1", "100,0"), ("0", "0,0"), ("0.0003", "0,03")],
)  # fmt: skip
def test_a_share_is_rounded_half_up_but_never_up_to_the_threshold(fraction: str, shown: str) -> None:
    assert t.percent(Decimal(fraction)) == f"{shown}{NB}%"


def test_a_share_takes_the_text_of_a_filing_and_says_what_an_unknown_one_is() -> None:
    assert t.percent("0.584000") == f"58,4{NB}%"
    assert t.percent(None, empty="non calculable") == "non calculable"


@pytest.mark.parametrize(
    ("gap", "shown"),
    [("0.076", "7,6 points"), ("0.0155", "1,5 point"), ("0.0004", "0,04 point"), ("0.02", "2,0 points")],
)
def test_a_gap_is_in_points(gap: str, shown: str) -> None:
    assert t.points(Decimal(gap)) == shown


@pytest.mark.parametrize("hundredths", range(0, 6600, 37))
def test_a_share_and_its_gap_add_up_to_the_threshold(hundredths: int) -> None:
    share = Decimal(hundredths) / 10000
    read = [
        Decimal(text.split()[0].replace(",", ".")) for text in (t.percent(share), t.points(Decimal("0.66") - share))
    ]
    assert sum(read) == Decimal(66)


def test_dates_are_written_as_people_say_them() -> None:
    assert t.long_date(date(2026, 11, 30)) == "lundi 30 novembre 2026"
    assert t.long_date("2026-12-01") == "mardi 1er décembre 2026"
    assert t.date_fr("2026-11-30") == "30/11/2026"
    assert t.date_fr(None, "sans date") == "sans date"


def test_an_instant_is_read_in_paris_time() -> None:
    assert t.datetime_fr(datetime(2026, 11, 22, 23, 40, tzinfo=UTC)) == "23/11/2026 à 00:40"
    assert t.date_fr("2026-11-22T23:40:00Z") == "23/11/2026"


def test_numbers_sizes_and_plurals() -> None:
    assert t.number(Decimal("12345.00")) == f"12{THIN}345"
    assert t.number("0.50") == "0,5"
    assert t.bytes_fr(188_416) == f"184{NB}Ko"
    assert t.bytes_fr(1_290_000) == f"1,2{NB}Mo"
    assert t.bytes_fr(1) == f"1{NB}octet"
    assert [t.plural(n, "ligne") for n in (0, 1, 2)] == ["0 ligne", "1 ligne", "2 lignes"]
    assert t.finess_fr("629900341") == f"629{THIN}900{THIN}341"
