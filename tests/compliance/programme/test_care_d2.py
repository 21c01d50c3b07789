"""The shipped referential of CaRE domain 2: its thirteen rows, its dates, its pieces."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from compliance.programme.referential import DateEntry, Referential, Row, load
from importers.workbooks.evidence_register import DOCUMENT_TYPES

D2 = load("D2")
CODES = ["P1", "P2", "O1.A", "O1.B", "O1.C", "O1.D", "O2.A", "O2.B", "O3.A", "O3.B", "O3.C", "O3.D", "O4"]


def test_the_thirteen_rows_are_there_in_the_order_of_the_text() -> None:
    assert [row.code for row in D2.rows] == [f"D2.{code}" for code in CODES]


def test_the_referential_says_what_it_is_and_where_it_comes_from() -> None:
    assert (D2.domain, D2.version) == ("D2", "2025-06-26")
    assert "Arrêté du 3 juillet 2025" in D2.source


@pytest.mark.parametrize("row", D2.rows, ids=lambda row: row.code)
def test_every_row_has_source_version_confidence_and_pieces(row: Row) -> None:
    assert row.code in row.source
    assert row.version == "2025-06-26"
    assert row.confidence == "relayée"
    assert row.pieces


def test_only_the_two_share_rows_have_a_threshold_and_it_is_exact() -> None:
    thresholds = {row.code: row.threshold for row in D2.rows if row.threshold is not None}
    assert thresholds == {"D2.O1.C": Decimal(66), "D2.O1.D": Decimal(66)}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("D2.O1.C", "coverage"),
        ("D2.O1.D", "test"),
        ("D2.O4", "test"),
        ("D2.O3.B", "trajectory"),
        ("D2.O3.C", "trajectory"),
    ],
)
def test_rows_that_are_not_documents_have_their_kind(code: str, kind: str) -> None:
    assert D2.row(code).kind == kind


def test_the_other_rows_are_documents() -> None:
    others = [row.code.removeprefix("D2.") for row in D2.rows if row.kind == "document"]
    assert others == ["P1", "P2", "O1.A", "O1.B", "O2.A", "O2.B", "O3.A", "O3.D"]


@pytest.mark.parametrize(
    ("code", "window"),
    [
        ("D2.P1", ("documents_since", "application_filed")),
        ("D2.O2.A", ("documents_since", "declaration_filed")),
        ("D2.O1.D", ("phase_start", "declaration_filed")),
        ("D2.O4", ("phase_start", "declaration_filed")),
    ],
)
def test_windows_name_their_dates(code: str, window: tuple[str, str]) -> None:
    row = D2.row(code)
    assert (row.window_from, row.window_to) == window


@pytest.mark.parametrize(
    ("key", "day"),
    [
        ("documents_since", date(2022, 7, 16)),
        ("phase_start", date(2025, 7, 16)),
        ("applications_open", date(2025, 9, 2)),
        ("applications_close", date(2025, 10, 31)),
        ("declarations_open", date(2026, 1, 16)),
    ],
)
def test_published_dates_are_those_of_the_text_and_not_editable(key: str, day: date) -> None:
    entry = D2.date_of(key)
    assert (entry.on, entry.confidence, entry.editable) == (day, "publiée", False)


def test_the_target_defaults_to_the_last_day_of_november_and_says_the_day_is_not_published() -> None:
    target = D2.date_of("target")
    assert (target.on, target.confidence, target.editable) == (date(2026, 11, 30), "jour non publié", True)


def test_the_close_of_declarations_is_another_date_to_confirm() -> None:
    close = D2.date_of("declarations_close")
    assert (close.on, close.confidence, close.editable) == (date(2026, 11, 30), "à confirmer", True)


def test_nobody_knows_when_payments_close() -> None:
    assert (D2.date_of("payment_close").on, D2.date_of("payment_close").confidence) == (None, "non connue")


def test_reviews_are_estimated_three_and_six_months_after_the_close() -> None:
    reviews = [D2.date_of(key) for key in ("ars_review", "ans_review")]
    assert [(entry.on, entry.confidence) for entry in reviews] == [
        (date(2027, 2, 28), "estimée"),
        (date(2027, 5, 31), "estimée"),
    ]


def test_moving_the_close_moves_the_estimates_and_leaves_the_shipped_referential_alone() -> None:
    moved = D2.with_dates({"declarations_close": date(2026, 12, 15)})
    assert moved.date_of("declarations_close").confidence == "saisie"
    assert moved.date_of("ars_review").on == date(2027, 3, 15)
    assert D2.date_of("ars_review").on == date(2027, 2, 28)


def test_an_entered_review_date_is_no_longer_an_estimate() -> None:
    moved = D2.with_dates({"ars_review": date(2027, 1, 31)})
    assert (moved.date_of("ars_review").on, moved.date_of("ars_review").confidence) == (date(2027, 1, 31), "saisie")


def test_an_entered_date_carries_its_own_confidence_and_source() -> None:
    close = D2.with_dates({"declarations_close": DateEntry(date(2026, 12, 15), "publiée", "JO")}).date_of(
        "declarations_close"
    )
    assert (close.on, close.confidence, close.source) == (date(2026, 12, 15), "publiée", "JO")


def test_a_date_that_is_not_known_any_more_takes_its_estimates_with_it() -> None:
    moved = D2.with_dates({"declarations_close": DateEntry(None, "non connue", "report annoncé")})
    assert [moved.date_of(key).on for key in ("declarations_close", "ars_review", "ans_review")] == [None] * 3


def test_a_confidence_that_is_not_of_the_list_is_refused() -> None:
    with pytest.raises(ValueError, match="« sûre » n’est pas dans la liste"):
        D2.with_dates({"declarations_close": DateEntry(date(2026, 12, 15), "sûre", "JO")})


def test_a_date_of_the_text_cannot_be_edited() -> None:
    with pytest.raises(ValueError, match="ne se modifie pas"):
        D2.with_dates({"phase_start": date(2025, 1, 1)})


def test_a_date_that_does_not_exist_cannot_be_edited() -> None:
    with pytest.raises(KeyError, match="nothing"):
        D2.with_dates({"nothing": date(2025, 1, 1)})


def test_the_pieces_asked_of_a_ght_alone_are_those_of_supervision() -> None:
    asked = [(row.code, piece.key) for row in D2.rows for piece in row.pieces if piece.only_ght]
    assert asked == [("D2.O3.D", "control_governance")]


def test_a_bia_file_is_asked_only_if_the_method_relies_on_it() -> None:
    bia = next(piece for piece in D2.row("D2.O1.C").pieces if piece.key == "bia")
    assert "BIA" in bia.only_if


def test_the_test_schedule_is_a_condition_that_may_be_attached() -> None:
    schedule = next(piece for piece in D2.row("D2.O1.D").pieces if piece.key == "test_schedule")
    assert not schedule.required
    assert "Condition de la ligne" in schedule.note


def test_the_limits_of_backups_are_numbers_of_the_referential() -> None:
    limits = {limit.key: limit.value for row in D2.rows for limit in row.limits}
    assert limits == {"ads_score_min": Decimal(3), "ads_score_age": Decimal(60), "schedule_years": Decimal(3)}
    assert D2.row("D2.O3.A").limit("ads_score_min") == Decimal(3)


def test_piece_keys_are_unique_in_the_whole_referential() -> None:
    keys = [piece.key for row in D2.rows for piece in row.pieces]
    assert len(set(keys)) == len(keys)


def french(referential: Referential) -> list[str]:
    rows = [text for row in referential.rows for text in (row.title, row.rule, row.note)]
    pieces = [text for row in referential.rows for piece in row.pieces for text in (piece.label, piece.note)]
    return [*rows, *pieces, *(text for entry in referential.dates for text in (entry.label, entry.note))]


def test_the_text_uses_real_apostrophes_and_ordinary_spaces() -> None:
    assert not [text for text in french(D2) if "'" in text or "\u00a0" in text or "\u202f" in text]


def test_pieces_are_answered_by_types_that_the_register_of_evidence_knows() -> None:
    asked = {name for row in D2.rows for piece in row.pieces for name in piece.types}
    known = {choice.value for choice in DOCUMENT_TYPES}
    assert asked <= known
    assert known - asked == {"other"}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("D2.O1.D", ("test_schedule",)),
        ("D2.O2.A", ("saas_clauses",)),
        ("D2.O2.B", ("backup_plans",)),
        ("D2.O3.A", ("backup_authentication",)),
        ("D2.O3.B", ("isolation", "partition")),
        ("D2.O3.C", ("copies",)),
        ("D2.O4", ("restore_test", "business_referents")),
    ],
)
def test_rows_ask_beside_their_pieces_what_the_text_asks(code: str, names: tuple[str, ...]) -> None:
    assert D2.row(code).conditions == names


def test_what_makes_a_party_weigh_is_its_plans_in_o1c_and_its_test_in_o1d() -> None:
    counted = {row.code: row.counts_by for row in D2.rows if row.counts_by}
    assert counted == {"D2.O1.C": "minimal_perimeters", "D2.O1.D": "field_test"}


def test_only_the_pssi_and_the_backup_policy_have_a_window_of_dates() -> None:
    dated = [piece.key for row in D2.rows for piece in row.pieces if piece.dated]
    assert dated == ["pssi", "pssi_conformity", "backup_policy"]


def test_an_application_was_filed_between_the_opening_and_the_close() -> None:
    filed, declared = D2.date_of("application_filed"), D2.date_of("declaration_filed")
    assert (filed.not_before, filed.not_after) == ("applications_open", "applications_close")
    assert (declared.not_before, declared.not_after) == ("declarations_open", "")
