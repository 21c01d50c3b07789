"""Other domains on the same engine: domain 1 as history, HospiConnect, and the obligations beside the funding."""

from __future__ import annotations

from datetime import date

import pytest

from compliance.programme.referential import Referential, Row, load, load_all, normalise_code
from compliance.rules.activity import Party
from compliance.rules.facts import CandidateDay, Facts
from compliance.rules.row import judge
from compliance.rules.verdict import State

D1, HC, OBL = load("D1"), load("HC"), load("OBL")
OTHERS = (D1, HC, OBL)
ROWS = [row for each in OTHERS for row in each.rows]


def test_every_domain_is_loaded_with_its_versions() -> None:
    assert {domain: [each.version for each in versions] for domain, versions in load_all().items()} == {
        "D1": ["2024-03-18"],
        "D2": ["2025-06-26"],
        "HC": ["2026-01-27"],
        "OBL": ["2025-01-22"],
    }


@pytest.mark.parametrize(
    ("key", "day"),
    [
        ("applications_open", date(2024, 3, 18)),
        ("applications_close", date(2024, 4, 19)),
        ("ars_decision", date(2024, 5, 21)),
        ("declarations_close", date(2025, 6, 30)),
        ("ars_review", date(2025, 9, 30)),
        ("ans_review", date(2025, 12, 31)),
        ("payment_close", date(2026, 6, 30)),
    ],
)
def test_domain_1_keeps_the_dates_that_were_published(key: str, day: date) -> None:
    entry = D1.date_of(key)
    assert (entry.on, entry.confidence, entry.editable) == (day, "publiée", False)


def test_hospiconnect_dates_say_who_told_them() -> None:
    told = {entry.key: (entry.on, entry.confidence) for entry in HC.dates}
    assert told["applications_open"] == (date(2026, 1, 20), "publiée")
    assert told["applications_close"] == (date(2026, 2, 13), "relayée")
    assert told["programme_end"] == (None, "jour non publié")
    assert told["declarations_close"] == (None, "non connue")


def test_the_obligations_are_the_seven_actions_of_the_instruction() -> None:
    assert [row.code for row in OBL.rows] == [f"OBL.{action}" for action in range(1, 8)]
    assert [f"action {action}" in row.source for action, row in enumerate(OBL.rows, start=1)] == [True] * 7
    assert "DNS/2025/12" in OBL.source


def test_the_yearly_exercise_cites_both_instructions_and_asks_for_one_a_year() -> None:
    exercise = OBL.row("OBL.1")
    assert "SHFDS/FSSI/2023/15" in exercise.source
    assert exercise.limit("exercises_per_year") == 1
    assert OBL.date_of("crisis_instruction").on == date(2023, 1, 30)


def test_deadlines_that_nobody_has_read_are_not_guessed() -> None:
    due = [OBL.date_of(f"action_{action}_due") for action in range(1, 8)]
    assert {(entry.on, entry.confidence, entry.editable) for entry in due} == {(None, "non connue", True)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_a_row_whose_text_was_not_read_is_never_told_as_published(row: Row) -> None:
    assert row.source
    assert row.confidence in {"relayée", "à confirmer"}
    assert row.threshold is None


def test_a_piece_that_nobody_has_read_says_so_and_is_still_expected() -> None:
    unread = [piece for row in ROWS for piece in row.pieces if "pièce exacte non connue" in piece.label]
    assert len(unread) == 2 + 2 + 5
    assert all(piece.required and "n’a pas été lu" in piece.note for piece in unread)


@pytest.mark.parametrize("spelling", ["OBL.1", "obl 1", "Obl-1", " OBL . 1 ", "1"])
def test_a_numbered_row_is_read_however_it_is_spelled(spelling: str) -> None:
    assert OBL.find(spelling).title == "Exercice annuel de crise cyber"


@pytest.mark.parametrize("text", ["", "O1.C", "OBL.0", "OBL.100", "OBL", "exercice", "D2.O1.C"])
def test_what_is_no_numbered_row_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"écrire par exemple OBL\.1"):
        normalise_code(text, "OBL")


def test_the_number_of_another_domain_is_refused_and_not_moved_to_this_one() -> None:
    with pytest.raises(ValueError, match="code du domaine HC, pas du domaine OBL"):
        normalise_code("HC.1", "OBL")


@pytest.mark.parametrize("referential", OTHERS, ids=lambda each: each.domain)
def test_the_texts_use_real_apostrophes_and_ordinary_spaces(referential: Referential) -> None:
    rows = [text for row in referential.rows for text in (row.title, row.rule, row.note, row.source)]
    pieces = [text for row in referential.rows for piece in row.pieces for text in (piece.label, piece.note)]
    dates = [text for entry in referential.dates for text in (entry.label, entry.note)]
    head = [referential.title, referential.source, referential.note]
    assert not [text for text in (*rows, *pieces, *dates, *head) if "'" in text or "\u00a0" in text]


def bare(referential: Referential) -> Facts:
    """One party of a GHT of which nothing is recorded."""
    dates = {entry.key: CandidateDay(entry.on, entry.label) for entry in referential.dates}
    return Facts(ght=True, parties=(Party(key="A", name="CH A"),), dates=dates)


@pytest.mark.parametrize("referential", [*OTHERS, load("D2")], ids=lambda each: each.domain)
def test_the_same_engine_answers_every_row_of_every_domain_with_a_reason(referential: Referential) -> None:
    for row in referential.rows:
        answer = judge(row, bare(referential), date(2026, 11, 22)).verdict
        assert answer.reasons, row.code
        assert answer.state is not State.MET, row.code


def test_without_an_exercise_the_yearly_obligation_says_what_to_plan() -> None:
    [lacking] = judge(OBL.row("OBL.1"), bare(OBL), date(2026, 11, 22)).parties
    assert "NO_YEARLY_EXERCISE" in {reason.code for answer in lacking.answers for reason in answer.reasons}
