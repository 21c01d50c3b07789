"""D2.O1.C: PCA and PRA formalised, in a GHT of several EJ and in a candidate of a single one."""

from __future__ import annotations

from decimal import Decimal

from compliance.rules.coverage import formalised
from compliance.rules.perimeter import PlanState
from compliance.rules.verdict import State
from tests.compliance.rules.facts import EARLIER, LATER, ON, codes, complete, empty, party, perimeter, texts

BAR = Decimal(66)


def test_parties_holding_exactly_66_percent_are_enough() -> None:
    share = formalised([party("A", "66"), party("B", "34")], complete("A"), ON, BAR, single=False)
    assert share.verdict.state is State.MET


def test_two_small_parties_out_of_three_are_not_enough() -> None:
    parties = [party("A", "80"), party("B", "10"), party("C", "10")]
    share = formalised(parties, [*complete("B"), *complete("C")], ON, BAR, single=False)
    assert share.verdict.state is State.IN_PROGRESS
    assert [p.key for p in share.smallest_set] == ["A"]
    assert share.verdict.next_action == "Finir BIA, PCA et PRA : CH A"


def test_each_line_says_why_its_party_does_not_count() -> None:
    parties = [party("A", "80"), party("B", "20")]
    facts = [*complete("A")[1:], perimeter("URG-01", "A", pra=PlanState.WRITTEN), *complete("B")]
    share = formalised(parties, facts, ON, BAR, single=False)
    line = next(line for line in share.lines if line.party.key == "A")
    assert texts(line.reasons) == ["URG-01 Urgences : PRA rédigé, reste à valider"]


def test_the_answer_depends_on_the_day_of_the_question() -> None:
    facts = [*complete("A")[1:], perimeter("URG-01", "A", pra_on=LATER)]
    assert formalised([party("A"), party("B", "1")], facts, ON, BAR, single=False).verdict.state is State.IN_PROGRESS
    assert formalised([party("A"), party("B", "1")], facts, LATER, BAR, single=False).verdict.state is State.MET
    assert formalised([party("A"), party("B", "1")], facts, EARLIER, BAR, single=False).verdict.state is not State.MET


def test_work_begun_anywhere_is_in_progress_and_nothing_is_missing() -> None:
    parties = [party("A"), party("B")]
    begun = [perimeter(party="B", pra=PlanState.ABSENT, pra_on=None)]
    assert formalised(parties, begun, ON, BAR, single=False).verdict.state is State.IN_PROGRESS
    assert formalised(parties, [empty(party="B")], ON, BAR, single=False).verdict.state is State.MISSING


def test_work_begun_by_a_party_out_of_scope_is_not_work_of_the_candidate() -> None:
    parties = [party("A"), party("X", in_scope=False)]
    assert formalised(parties, complete("X"), ON, BAR, single=False).verdict.state is State.MISSING


def test_an_ac_missing_in_a_group_makes_the_share_not_computable_even_when_all_is_done() -> None:
    parties = [party("A"), party("B", None)]
    share = formalised(parties, [*complete("A"), *complete("B")], ON, BAR, single=False)
    assert share.verdict.state is State.NOT_COMPUTABLE
    assert share.verdict.next_action == "Saisir l’activité combinée de CH B"


def test_a_single_party_needs_no_ac_and_is_marked_to_confirm() -> None:
    share = formalised([party("A", None)], complete("A"), ON, BAR, single=True)
    assert share.verdict.state is State.MET
    assert codes(share.verdict.reasons)[0] == "SINGLE_TO_CONFIRM"
    assert "sans le seuil de 66 % (à confirmer)" in share.verdict.reasons[0].text
    assert share.missing == ()


def test_a_single_party_that_lacks_a_kind_is_in_progress_with_its_reasons() -> None:
    share = formalised([party("A", "10")], complete("A")[:2], ON, BAR, single=True)
    assert share.verdict.state is State.IN_PROGRESS
    assert texts(share.verdict.reasons)[1:] == ["Plateau technique : aucun périmètre saisi"]
    assert [p.key for p in share.smallest_set] == ["A"]
    assert share.gap is None


def test_a_single_party_with_nothing_is_missing() -> None:
    assert formalised([party("A")], [], ON, BAR, single=True).verdict.state is State.MISSING


def test_the_ordinary_rule_asks_every_party_and_ignores_shares() -> None:
    parties = [party("A", "99"), party("B", "1")]
    share = formalised(parties, complete("A"), ON, BAR, single=True)
    assert share.verdict.state is State.IN_PROGRESS


def test_a_candidate_without_a_party_in_scope_is_not_computable_in_both_rules() -> None:
    outside = [party("A", in_scope=False)]
    for single in (True, False):
        assert formalised(outside, complete("A"), ON, BAR, single=single).verdict.state is State.NOT_COMPUTABLE
