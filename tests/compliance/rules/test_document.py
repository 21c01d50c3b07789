"""Rows whose rule comes later: their pieces are listed, and nobody is told it is met."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from compliance.programme.referential import Row, load
from compliance.rules.document import Attached, expected_pieces, instruct
from compliance.rules.verdict import State
from tests.compliance.rules.facts import codes, texts

D2 = load("D2")


def attached(*keys: str) -> list[Attached]:
    return [Attached(key, f"{key}.pdf", date(2026, 1, 5)) for key in keys]


def test_a_row_without_any_piece_is_missing_and_lists_what_is_expected() -> None:
    verdict = instruct(D2.row("D2.O1.A"), [], ght=True)
    assert verdict.state is State.MISSING
    assert texts(verdict.reasons) == [
        "Pièce attendue : Schéma de gouvernance",
        "Pièce attendue : Compte rendu de l’instance de direction",
    ]
    assert verdict.next_action == "Joindre : Schéma de gouvernance"


def test_a_row_with_one_piece_is_to_instruct_and_lists_both_sides() -> None:
    verdict = instruct(D2.row("D2.O1.A"), attached("governance_minutes"), ght=True)
    assert verdict.state is State.TO_INSTRUCT
    assert texts(verdict.reasons) == [
        "Joint : Compte rendu de l’instance de direction (governance_minutes.pdf)",
        "Pièce attendue : Schéma de gouvernance",
    ]


@pytest.mark.parametrize("row", D2.rows, ids=lambda row: row.code)
@pytest.mark.parametrize("ght", [True, False])
def test_no_row_is_met_by_its_pieces_alone(row: Row, *, ght: bool) -> None:
    pieces = attached(*(piece.key for piece in row.pieces))
    verdict = instruct(row, pieces, ght=ght)
    assert verdict.state is State.TO_INSTRUCT
    assert verdict.next_action == "Vérifier que les pièces jointes répondent à la règle"


def test_the_control_governance_note_is_asked_of_a_ght_alone() -> None:
    row = D2.row("D2.O3.D")
    assert "control_governance" in [piece.key for piece in expected_pieces(row, ght=True)]
    assert "control_governance" not in [piece.key for piece in expected_pieces(row, ght=False)]
    done = attached("backup_reports", "failure_procedure")
    assert codes(instruct(row, done, ght=True).reasons)[-1] == "PIECE_EXPECTED"
    assert "PIECE_EXPECTED" not in codes(instruct(row, done, ght=False).reasons)


@pytest.mark.parametrize("key", ["second_factor_setup", "second_factor_off", "second_factor_none"])
def test_one_of_the_three_answers_on_the_second_factor_is_enough(key: str) -> None:
    verdict = instruct(D2.row("D2.O3.A"), attached("backup_roles", "role_management", key), ght=True)
    assert "PIECE_EXPECTED" not in codes(verdict.reasons)


def test_alternatives_are_asked_in_one_sentence() -> None:
    verdict = instruct(D2.row("D2.P1"), [], ght=True)
    assert texts(verdict.reasons) == [
        "Pièce attendue : PSSI signée, ou document montrant la conformité à la PSSI",
    ]


def test_a_piece_asked_under_a_condition_says_its_condition_and_is_not_the_next_action() -> None:
    verdict = instruct(D2.row("D2.O1.C"), attached("critical_activities", "pcra"), ght=True)
    assert "À joindre si la méthode suivie s’appuie sur le BIA : BIA par établissement, au moins un par périmètre" in (
        texts(verdict.reasons)
    )
    assert verdict.next_action.startswith("Vérifier")


def test_attaching_a_piece_asked_under_a_condition_is_a_beginning() -> None:
    assert instruct(D2.row("D2.O3.A"), attached("ads_score"), ght=True).state is State.TO_INSTRUCT


def test_the_test_schedule_may_be_attached_and_alone_is_not_a_beginning() -> None:
    verdict = instruct(D2.row("D2.O1.D"), attached("test_schedule"), ght=True)
    assert verdict.state is State.MISSING
    assert texts(verdict.reasons)[0] == "Joint : Calendrier de test des autres PCA (test_schedule.pdf)"


def test_a_piece_the_row_does_not_ask_is_listed_and_counts_for_nothing() -> None:
    verdict = instruct(D2.row("D2.P2"), attached("holiday_picture"), ght=True)
    assert verdict.state is State.MISSING
    assert texts(verdict.reasons)[0] == "Joint, hors liste attendue : holiday_picture.pdf"


def test_a_row_asked_of_a_ght_alone_does_not_apply_outside_a_ght() -> None:
    row = replace(D2.row("D2.O3.D"), only_ght=True)
    assert instruct(row, [], ght=False).state is State.NOT_APPLICABLE
    assert instruct(row, [], ght=True).state is State.MISSING


def test_the_order_in_which_pieces_were_attached_does_not_matter() -> None:
    row, pieces = D2.row("D2.O4"), attached("business_referents", "restore_scope", "other")
    assert instruct(row, pieces, ght=True) == instruct(row, pieces[::-1], ght=True)
