"""Actions: a tick closes nothing; a proof that is here, or an exercise that tried it, does."""

from __future__ import annotations

from datetime import date

import pytest

from compliance.rules.action import LABELS, Action, Retest, judge
from compliance.rules.verdict import State
from tests.compliance.rules.facts import codes, texts

ON = date(2026, 11, 22)
DUE = date(2026, 12, 15)


def action(**given) -> Action:
    return Action(**{"due_on": DUE, "status": "in_progress", **given})


def done(**given) -> Action:
    return action(**{"status": "done", "closed_on": date(2026, 11, 2), **given})


def test_a_tick_alone_never_closes_an_action():
    verdict = judge(done(), ON)
    assert verdict.state is State.TO_CONFIRM
    assert LABELS[verdict.state] == "Faite, à prouver"
    assert texts(verdict.reasons) == [
        "Dite faite le 02/11/2026, sans preuve reçue ni nouveau test : elle n’est pas close"
    ]
    assert verdict.next_action == "Joindre la preuve, ou nommer l’exercice qui la vérifie"


def test_the_proof_closes_it_once_it_is_in_vigie_and_not_when_it_is_only_named():
    named = judge(done(proof_file="PV.pdf"), ON)
    assert (named.state, codes(named.reasons)) == (State.TO_CONFIRM, ["ACTION_UNPROVEN", "PROOF_NOT_RECEIVED"])
    assert named.next_action == "Déposer PV.pdf"
    received = judge(done(proof_file="PV.pdf", received=True), ON)
    assert (received.state, texts(received.reasons)) == (State.MET, ["Prouvée par PV.pdf"])
    assert received.next_action == ""


@pytest.mark.parametrize(
    ("retest", "state", "code"),
    [
        (Retest(code="EX-2", held_on=ON), State.MET, "RETEST_HELD"),
        (Retest(code="EX-2", held_on=date(2026, 11, 23)), State.TO_CONFIRM, "RETEST_TO_COME"),
        (Retest(code="EX-2"), State.TO_CONFIRM, "RETEST_TO_COME"),
        (Retest(code="EX-2", held_on=ON, failed=True), State.TO_CONFIRM, "RETEST_FAILED"),
    ],
)
def test_a_new_test_closes_it_from_its_day_on_unless_it_failed(retest, state, code):
    verdict = judge(done(retest=retest), ON)
    assert verdict.state is state
    assert code in codes(verdict.reasons)


def test_a_failed_new_test_weighs_more_than_a_paper():
    verdict = judge(done(proof_file="PV.pdf", received=True, retest=Retest(code="EX-2", held_on=ON, failed=True)), ON)
    assert (verdict.state, codes(verdict.reasons)) == (State.TO_CONFIRM, ["RETEST_FAILED"])


def test_a_proof_does_not_close_what_nobody_says_is_done():
    assert judge(action(proof_file="PV.pdf", received=True), ON).state is State.IN_PROGRESS


@pytest.mark.parametrize(
    ("on", "state", "says"),
    [
        (date(2026, 12, 14), State.IN_PROGRESS, "Échéance dans 1 jour, le 15/12/2026"),
        (DUE, State.IN_PROGRESS, "Échéance aujourd’hui"),
        (date(2026, 12, 16), State.AT_RISK, "Échéance du 15/12/2026 dépassée de 1 jour"),
    ],
)
def test_an_open_action_is_late_from_the_day_after_its_due_day(on, state, says):
    verdict = judge(action(), on)
    assert (verdict.state, texts(verdict.reasons)) == (state, [says])
    assert verdict.next_action


def test_a_past_day_does_not_know_that_the_action_was_done_later():
    assert judge(done(proof_file="PV.pdf", received=True), date(2026, 11, 1)).state is State.IN_PROGRESS
    assert judge(done(closed_on=None, proof_file="PV.pdf", received=True), date(2026, 11, 1)).state is State.MET


def test_a_dropped_action_asks_for_nothing_more():
    verdict = judge(action(status="dropped", due_on=date(2026, 1, 1)), ON)
    assert (LABELS[verdict.state], verdict.settled, verdict.next_action) == ("Abandonnée", True, "")
