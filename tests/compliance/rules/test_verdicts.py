"""The 13 rows of D2, case by case: what is known, and what the arrêté answers (docs: ARCHITECTURE.md, « A rule »)."""

from __future__ import annotations

import pytest

from compliance.rules.row import judge
from compliance.rules.verdict import State
from tests.compliance.rules import cases_backups, cases_continuity, cases_documents, cases_exercises
from tests.compliance.rules.case import Case
from tests.compliance.rules.facts import D2, ON, in_order, outside_ght, party

CASES = [*cases_documents.CASES, *cases_continuity.CASES, *cases_exercises.CASES, *cases_backups.CASES]
IN_ORDER = {
    "GHT de trois EJ": in_order(),
    "hors GHT, un site": outside_ght(),
    "hors GHT, deux sites": outside_ght(party("A", "66"), party("B", "34")),
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_answer_is_that_of_the_text(case: Case) -> None:
    answer = judge(D2.row(f"D2.{case.row}"), case.facts, case.on)
    reasons = [
        *answer.verdict.reasons,
        *(reason for each in answer.parties for told in each.answers for reason in told.reasons),
    ]
    told = {reason.code for reason in reasons}
    sentences = "\n".join(reason.text for reason in reasons)
    assert answer.verdict.state is case.state, sentences
    assert set(case.codes) <= told, sentences
    assert case.says in sentences
    assert not told & set(case.never), sentences
    assert answer.verdict.next_action.startswith(case.action)


def test_no_two_cases_have_the_same_name() -> None:
    names = [str(case) for case in CASES]
    assert sorted(names) == sorted(set(names))


def test_every_row_has_its_cases() -> None:
    assert {f"D2.{case.row}" for case in CASES} == {row.code for row in D2.rows}


@pytest.mark.parametrize("facts", IN_ORDER.values(), ids=IN_ORDER)
def test_a_candidate_in_order_has_every_row_met(facts: object) -> None:
    assert {judge(row, facts, ON).verdict.state for row in D2.rows} == {State.MET}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_answer_that_is_not_met_says_why_and_what_to_do(case: Case) -> None:
    verdict = judge(D2.row(f"D2.{case.row}"), case.facts, case.on).verdict
    assert verdict.reasons
    assert (verdict.state is State.MET) is (verdict.next_action == "")
