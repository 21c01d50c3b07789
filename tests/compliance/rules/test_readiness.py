"""« Prêt à déposer ? »: each rule with its edges; a bound that nobody published never blocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from compliance.rules.readiness import (
    Counter,
    Dossier,
    File,
    Finding,
    Lack,
    Limit,
    Rule,
    Severity,
    readiness,
    stopping,
)

ON = date(2026, 11, 22)
PUBLISHED, UNKNOWN = Limit(1_000, "notice", "publiée"), Limit(None, "", "non connue")
COUNTER = Counter(PUBLISHED, UNKNOWN, Limit(20, "prudence", "usage"), frozenset({"pdf", "xlsx"}))
FILE = File(
    id="1", row="D2.P1", name="pssi.pdf", archived="pssi.pdf", holder="CH", size=10, media_type="application/pdf",
    encrypted=False, macros=False, links=0,
)  # fmt: skip
DOSSIER = Dossier(
    files=[FILE], lacks=[], begun=True, parts=2, unready=[], missing_ac=[], number="E-1", declaration_number="D-1"
)


def found(dossier: Dossier = DOSSIER, counter: Counter = COUNTER) -> list[Finding]:
    """What is told, without the size that nobody knows the bound of."""
    told = readiness(dossier, counter, ON)
    return [each for each in told if not (each.rule is Rule.SIZES and each.severity is Severity.INFORMATION)]


def one(**changed: object) -> Finding:
    """The only finding about a file that differs from a sound one."""
    [finding] = found(replace(DOSSIER, files=[replace(FILE, **changed)]))
    return finding


def test_a_sound_dossier_has_nothing_to_tell_but_the_bound_that_nobody_knows():
    [told] = readiness(DOSSIER, COUNTER, ON)
    assert (told.rule, told.severity) == (Rule.SIZES, Severity.INFORMATION)
    assert "n’est pas connue" in told.text


@pytest.mark.parametrize(
    ("changed", "rule", "severity", "stops"),
    [
        ({"damaged": True}, Rule.QUARANTINE, Severity.BLOCKS, True),
        ({"encrypted": True}, Rule.PASSWORDS, Severity.BLOCKS, True),
        ({"macros": True}, Rule.MACROS, Severity.LOOK, False),
        ({"links": 2}, Rule.LINKS, Severity.LOOK, False),
        ({"name": "pssi.exe", "archived": "pssi.exe"}, Rule.FORMATS, Severity.LOOK, False),
        ({"media_type": "image/png"}, Rule.FORMATS, Severity.LOOK, False),
        ({"size": 1_001}, Rule.SIZES, Severity.BLOCKS, False),
        ({"archived": ""}, Rule.NAMES, Severity.BLOCKS, False),
        ({"name": "a" * 17 + ".pdf", "archived": "a" * 17 + ".pdf"}, Rule.NAMES, Severity.LOOK, False),
        ({"name": "PSSI signée.pdf", "archived": "PSSI_signee.pdf"}, Rule.NAMES, Severity.INFORMATION, False),
        ({"expires_on": date(2026, 11, 21)}, Rule.EXPIRED, Severity.LOOK, False),
        ({"expires_on": date(2026, 12, 22)}, Rule.EXPIRED, Severity.LOOK, False),
        ({"encrypted": None}, Rule.PASSWORDS, Severity.INFORMATION, False),
        ({"encrypted": None, "waiting": True}, Rule.QUARANTINE, Severity.BLOCKS, True),
    ],
)
def test_each_thing_wrong_with_a_file_is_one_finding_of_its_rule(changed, rule, severity, stops):
    told = one(**changed)
    assert (told.rule, told.severity, told.stops) == (rule, severity, stops)


@pytest.mark.parametrize(
    "changed",
    [
        {"size": 1_000},
        {"name": "a" * 16 + ".pdf", "archived": "a" * 16 + ".pdf"},
        {"expires_on": date(2026, 12, 23)},
        {"media_type": "application/octet-stream"},
    ],
)
def test_what_is_just_within_a_bound_is_not_told(changed):
    assert found(replace(DOSSIER, files=[replace(FILE, **changed)])) == []


def test_a_bound_that_is_only_usage_is_worth_a_look_and_does_not_block():
    counter = replace(COUNTER, file_bytes=Limit(5, "usage", "usage"), whole_bytes=Limit(5, "usage", "usage"))
    assert {each.severity for each in found(counter=counter)} == {Severity.LOOK}


def test_a_thing_asked_of_several_is_said_once_with_whose_it_is():
    lacks = [Lack("D2.P1", "PIECE_EXPECTED", "Joindre : PSSI", holder, blocking=True) for holder in ("B", "A", "A")]
    [told] = found(replace(DOSSIER, lacks=lacks))
    assert (told.text, told.holder, told.link) == ("D2.P1 : Joindre : PSSI", "A et B", ("row", "D2.P1"))
    assert told.severity is Severity.BLOCKS


def test_what_does_not_block_a_share_is_worth_a_look_and_dates_have_their_rules():
    lacks = [
        Lack("D2.P1", code, "texte", "A", blocking=False)
        for code in ("PIECE_EXPECTED", "PIECE_BEFORE_WINDOW", "PIECE_EXPIRED")
    ]
    told = found(replace(DOSSIER, lacks=lacks))
    assert [each.rule for each in told] == [Rule.MISSING, Rule.DATES, Rule.EXPIRED]
    assert {each.severity for each in told} == {Severity.LOOK}


def test_a_quarantined_piece_is_told_and_is_no_part_of_what_is_sent():
    aside = replace(FILE, id="2", quarantined=True, encrypted=None, size=2_000)
    [told] = found(replace(DOSSIER, files=[FILE, aside]))
    assert (told.rule, told.severity, told.stops) == (Rule.QUARANTINE, Severity.LOOK, False)
    assert [each.rule for each in stopping(found(replace(DOSSIER, files=[aside])))] == [Rule.CONTENT]


def test_an_empty_dossier_stops_filing_and_comes_first():
    told = found(replace(DOSSIER, files=[], begun=False, unready=["CH"], missing_ac=["CH"], number=""))
    assert [each.rule for each in told] == [Rule.CONTENT, Rule.CONTENT, Rule.PARTS, Rule.ACTIVITY, Rule.COUNTER]
    assert stopping(told) == told[:2]


def test_two_pieces_of_a_row_with_the_same_name_are_told():
    [told] = found(replace(DOSSIER, files=[FILE, replace(FILE, id="2", name="PSSI.pdf", archived="PSSI.pdf")]))
    assert (told.rule, told.severity) == (Rule.NAMES, Severity.LOOK)
