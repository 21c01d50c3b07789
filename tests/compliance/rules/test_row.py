"""A whole row: party by party, its sentences, what is left to do, and what its pieces alone can say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from compliance.rules.evidence import ALWAYS, EvidenceStatus, Window, either, piece_verdict
from compliance.rules.perimeter import PlanState
from compliance.rules.requirement import Piece, Row
from compliance.rules.row import PartyVerdict, expected_pieces, judge, needs
from compliance.rules.verdict import State
from tests.compliance.rules.facts import (
    BEFORE,
    D2,
    EARLIER,
    LATER,
    ON,
    codes,
    days,
    equivalence,
    in_order,
    minimal,
    opinion,
    outside_ght,
    party,
    piece,
    platform,
    restore,
    system,
    texts,
    with_perimeter,
    with_piece,
    without,
)

P2, O1A, O1C, O1D = (D2.row(f"D2.{code}") for code in ("P2", "O1.A", "O1.C", "O1.D"))


def of(key: str, parties: tuple[PartyVerdict, ...]) -> PartyVerdict:
    return next(each for each in parties if each.party.key == key)


# ------------------------------------------------------------------------------------------------------ party by party


def test_every_party_has_its_own_answer_and_those_out_of_scope_their_reason() -> None:
    answer = judge(P2, with_piece(in_order(), "P2", "organisation_note", parties=frozenset("AB")), ON)
    assert [(each.party.key, each.state) for each in answer.parties] == [
        ("A", State.MET),
        ("B", State.MET),
        ("C", State.MISSING),
        ("X", State.NOT_APPLICABLE),
    ]
    assert texts(of("X", answer.parties).answers[0].reasons) == ["Hors périmètre : EHPAD"]


def test_what_is_left_to_a_party_is_what_it_lacks() -> None:
    answer = judge(O1A, without(in_order(), "O1.A", "governance_minutes"), ON)
    lacking = of("A", answer.parties).lacking
    assert [codes(each.reasons) for each in lacking] == [["PIECE_EXPECTED"]]
    assert [each.next_action for each in lacking] == ["Joindre : Compte rendu de l’instance de direction"]


def test_outside_a_ght_a_row_is_answered_by_the_legal_entity_alone() -> None:
    facts = outside_ght(party("A", "66"), party("B", "34"))
    assert [each.party.key for each in judge(P2, facts, ON).parties] == ["E"]
    assert [each.party.key for each in judge(O1C, facts, ON).parties] == ["A", "B"]


def test_a_party_listed_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="deux fois dans le candidat : A"):
        judge(O1C, in_order(parties=(party("A"), party("A"))), ON)


def test_a_row_asked_of_a_ght_alone_does_not_apply_outside_a_ght() -> None:
    row = replace(D2.row("D2.O3.D"), only_ght=True)
    assert judge(row, outside_ght(), ON).verdict.state is State.NOT_APPLICABLE
    assert texts(judge(row, outside_ght(), ON).verdict.reasons) == ["D2.O3.D n’est demandé qu’aux GHT"]
    assert judge(row, in_order(), ON).verdict.state is State.MET


# --------------------------------------------------------------------------------------------------------- the sentences


def test_the_same_sentence_is_said_once_for_all_parties() -> None:
    verdict = judge(P2, without(in_order(), "P2"), ON).verdict
    assert texts(verdict.reasons)[0] == "Pièce attendue : Note d’organisation"
    assert verdict.next_action == "Joindre : Note d’organisation (toutes les parties)"


def test_more_than_three_parties_are_counted() -> None:
    parties = tuple(party(key) for key in "ABCDEFG")
    facts = with_piece(in_order(parties=parties), "P2", "organisation_note", parties=frozenset("AB"))
    verdict = judge(P2, facts, ON).verdict
    assert texts(verdict.reasons)[0] == "CH C, CH D, CH E et 2 autres – Pièce attendue : Note d’organisation"


def test_what_lacks_comes_before_what_holds_and_what_is_to_read_last() -> None:
    verdict = judge(O1A, without(in_order(), "O1.A", "governance_scheme"), ON).verdict
    assert codes(verdict.reasons) == ["PIECE_EXPECTED", "PIECE_OK", "TO_READ"]


def test_a_reason_about_one_party_has_it_as_its_subject() -> None:
    verdict = judge(P2, with_piece(in_order(), "P2", "organisation_note", parties=frozenset("AB")), ON).verdict
    assert verdict.reasons[0].subject == "C"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("O3.A", "Veeam : double facteur activé"),
        ("O3.B", "Veeam : cloisonné depuis le 10/01/2026"),
        ("O4", "CH A – R-1, 18/09/2026 : SI-A DPI restauré et remis en production"),
        ("O1.A", "Schéma de gouvernance : governance_scheme.pdf, pièce approuvée le 01/09/2025"),
    ],
)
def test_a_product_or_a_code_keeps_its_capital_inside_a_sentence(row: str, said: str) -> None:
    facts = in_order(
        platforms=(platform("Veeam"),), restore_tests=(restore("A", code="R-1"), restore("B"), restore("C"))
    )
    assert said in texts(judge(D2.row(f"D2.{row}"), facts, ON).verdict.reasons)


def test_one_component_and_several_are_told_in_their_number() -> None:
    row = D2.row("D2.O2.B")
    one = judge(row, in_order(), ON).verdict
    two = judge(row, in_order(systems=(*in_order().systems, system("A", code="SI-A2"))), ON).verdict
    assert texts(one.reasons)[-1] == "Un élément recensé, avec son plan de sauvegarde"
    assert "CH A – 2 éléments recensés, chacun avec son plan de sauvegarde" in texts(two.reasons)


def test_a_condition_nobody_can_answer_is_said_and_asks_for_nothing() -> None:
    row = D2.row("D2.O3.A")
    bare = replace(row, conditions=(), pieces=tuple(each for each in row.pieces if each.key == "ads_score"))
    answer = judge(bare, in_order(platforms=()), ON)
    assert answer.verdict.state is State.NOT_APPLICABLE
    assert answer.verdict.next_action == ""
    assert texts(of("A", answer.parties).answers[0].reasons) == [
        "À joindre si un Active Directory dédié est utilisé : Score ADS (ORADAD)"
    ]


def test_a_condition_without_a_fact_to_tell_it_stays_a_condition() -> None:
    asked = Piece(key="k", label="Pièce", only_if="la lune est pleine")
    row = replace(P2, pieces=(asked,))
    assert codes(of("A", judge(row, in_order(), ON).parties).answers[0].reasons) == ["PIECE_CONDITIONAL"]


def test_an_optional_piece_is_told_when_it_is_there_and_never_asked() -> None:
    asked = replace(P2.pieces[0], required=False)
    row = replace(P2, pieces=(asked,))
    assert judge(row, without(in_order(), "P2"), ON).verdict.state is State.NOT_APPLICABLE
    assert codes(judge(row, in_order(), ON).verdict.reasons)[0] == "PIECE_OK"
    draft = with_piece(in_order(), "P2", "organisation_note", status=EvidenceStatus.DRAFT)
    assert "PIECE_DRAFT" not in codes(judge(row, draft, ON).verdict.reasons)


def test_an_avis_stands_before_the_reasons_of_the_row() -> None:
    verdict = judge(P2, in_order(opinions=(opinion("P2"),)), ON).verdict
    assert codes(verdict.reasons)[0] == "OPINION_FAVOURABLE"
    assert verdict.state is State.MET


def test_of_two_avis_given_the_same_day_the_unfavourable_one_stands() -> None:
    both = (opinion("P2"), opinion("P2", favourable=False))
    for given in (both, both[::-1]):
        assert judge(P2, in_order(opinions=given), ON).verdict.state is State.IN_PROGRESS


def test_of_two_equivalences_the_complete_one_answers() -> None:
    both = (equivalence("P2", received=False), equivalence("P2", "A"))
    for given in (both, both[::-1]):
        answer = judge(P2, replace(without(in_order(), "P2"), equivalences=given), ON)
        assert [each.state for each in answer.parties[:2]] == [State.MET, State.IN_PROGRESS]


# -------------------------------------------------------------------------------------------------- rows that are a share


def test_each_line_of_the_share_says_why_its_party_does_not_count() -> None:
    facts = with_perimeter(in_order(), "SOI-A", pra=PlanState.WRITTEN)
    share = judge(O1C, facts, ON).share
    assert share is not None
    line = next(line for line in share.lines if line.party.key == "A")
    assert texts(line.reasons) == ["SOI-A Service : PRA rédigé, reste à valider"]


def test_the_answer_depends_on_the_day_of_the_question() -> None:
    facts = with_perimeter(in_order(parties=(party("A"), party("B", "1"))), "SOI-A", pra_on=LATER)
    assert [judge(O1C, facts, day).verdict.state for day in (EARLIER, ON, LATER)] == [
        State.IN_PROGRESS,
        State.IN_PROGRESS,
        State.MET,
    ]


def test_a_single_party_has_no_share_to_reach() -> None:
    facts = with_perimeter(in_order(parties=(party("A", "10"),)), "TEC-A", pca=PlanState.ABSENT)
    answer = judge(O1C, facts, ON)
    assert answer.share is not None
    assert (answer.share.gap, answer.share.missing) == (None, ())
    assert [each.key for each in answer.share.smallest_set] == ["A"]
    assert answer.verdict.next_action == "Finir BIA, PCA et PRA : CH A"


def test_what_to_do_next_names_the_fewest_parties_that_would_cross_the_bar() -> None:
    facts = in_order(parties=(party("A", "40"), party("B", "30"), party("C", "30")), perimeters=tuple(minimal("C")))
    assert judge(O1C, facts, ON).verdict.next_action == "Finir BIA, PCA et PRA : CH A"
    facts = in_order(parties=(party("A", "35"), party("B", "35"), party("C", "30")), perimeters=())
    assert judge(O1C, facts, ON).verdict.next_action == "Finir BIA, PCA et PRA : CH A et CH B"


def test_one_more_party_that_counts_without_its_files_never_undoes_the_row() -> None:
    files = with_piece(in_order(), "O1.C", "pcra", parties=frozenset("AB"))
    two = replace(files, perimeters=tuple(each for each in files.perimeters if each.party != "C"))
    assert judge(O1C, two, ON).verdict.state is State.MET
    assert judge(O1C, files, ON).verdict.state is State.MET


def test_a_party_that_is_moot_is_shown_by_its_equivalence_alone() -> None:
    answer = judge(O1D, in_order(exercises=(), equivalences=(equivalence("O1.D", "A"),)), ON)
    assert codes(of("A", answer.parties).answers[0].reasons) == ["EQUIVALENCE"]
    assert len(of("A", answer.parties).answers) == 1


def test_parties_without_any_minimal_perimeter_have_no_other_plan_to_date() -> None:
    facts = in_order(parties=(party("A", "66"), party("B", "34")), perimeters=tuple(minimal("A")))
    assert "TEST_UNDATED" not in codes(judge(O1D, facts, ON).verdict.reasons)


def test_an_attached_schedule_is_read_like_any_piece() -> None:
    facts = with_perimeter(in_order(), "ADM-A", next_test_on=None)
    attached = replace(facts, evidence=(*facts.evidence, piece("O1.D", "test_schedule")))
    assert judge(O1D, facts, ON).verdict.state is State.IN_PROGRESS
    told = [code for each in of("A", judge(O1D, attached, ON).parties).answers for code in codes(each.reasons)]
    assert "PIECE_OK" in told


# ------------------------------------------------------------------------------------------------------ pieces, one by one

NOTE = Piece(key="note", label="Note d’organisation", dated=True)


def test_the_control_governance_note_is_asked_of_a_ght_alone() -> None:
    row = D2.row("D2.O3.D")
    assert "control_governance" in [each.key for each in expected_pieces(row, ght=True)]
    assert "control_governance" not in [each.key for each in expected_pieces(row, ght=False)]


def test_alternatives_are_one_need() -> None:
    keys = [[each.key for each in group] for group in needs(D2.row("D2.O3.A"), ght=True)]
    assert ["second_factor_setup", "second_factor_off", "second_factor_none"] in keys
    assert len(keys) == 4


def test_alternatives_are_named_in_one_sentence() -> None:
    assert either(D2.row("D2.P1").pieces) == "PSSI signée, ou document montrant la conformité à la PSSI"


@pytest.mark.parametrize("key", ["second_factor_setup", "second_factor_off", "second_factor_none"])
def test_one_of_the_three_answers_on_the_second_factor_is_enough(key: str) -> None:
    facts = without(in_order(), "O3.A", "second_factor_setup")
    facts = replace(facts, evidence=(*facts.evidence, piece("O3.A", key)))
    assert judge(D2.row("D2.O3.A"), facts, ON).verdict.state is State.MET


@pytest.mark.parametrize("row", D2.rows, ids=lambda row: row.code)
def test_a_piece_that_no_row_asks_counts_for_nothing(row: Row) -> None:
    facts = in_order(evidence=(piece(row.code.removeprefix("D2."), "holiday_picture"),))
    assert "holiday_picture" not in " ".join(texts(judge(row, facts, ON).verdict.reasons))


def test_a_piece_that_counts_wins_over_one_that_does_not() -> None:
    found = [piece("P2", "note", approved_on=None), piece("P2", "note", filename="b.pdf")]
    verdict = piece_verdict([NOTE], found, ALWAYS, ON)
    assert (verdict.state, texts(verdict.reasons)) == (
        State.MET,
        ["Note d’organisation : b.pdf, pièce approuvée le 01/09/2025"],
    )


def test_of_two_pieces_that_count_the_last_approved_is_told_in_any_order() -> None:
    found = [piece("P2", "note", filename="b.pdf"), piece("P2", "note", filename="a.pdf", approved_on=EARLIER)]
    for given in (found, found[::-1]):
        assert "a.pdf" in piece_verdict([NOTE], given, ALWAYS, ON).reasons[0].text


def test_a_fact_kept_in_vigie_answers_a_piece_unless_a_file_does() -> None:
    held = piece_verdict([NOTE], [], ALWAYS, ON, held="tenue dans Vigie")
    assert (codes(held.reasons), texts(held.reasons)) == (
        ["PIECE_HELD"],
        ["Note d’organisation : tenue dans Vigie"],
    )
    filed = piece_verdict([NOTE], [piece("P2", "note")], ALWAYS, ON, held="tenue dans Vigie")
    assert codes(filed.reasons) == ["PIECE_OK"]


@pytest.mark.parametrize(
    ("window", "text"),
    [
        (Window(BEFORE, EARLIER, "dépôt"), "du 01/09/2025 au 02/06/2026 (dépôt)"),
        (Window(BEFORE, None, "dépôt"), "du 01/09/2025 au dépôt"),
        (Window(None, EARLIER, "dépôt"), "au 02/06/2026 (dépôt)"),
        (Window(BEFORE), "du 01/09/2025"),
        (Window(BEFORE, EARLIER), "du 01/09/2025 au 02/06/2026"),
    ],
)
def test_a_window_is_told_by_the_days_that_are_known(window: Window, text: str) -> None:
    assert window.text == text


def test_a_window_whose_end_certainly_passed_unrecorded_leaves_what_came_before_its_opening_sure() -> None:
    window = Window(None, None, "dépôt", None, EARLIER)
    unsure = piece_verdict([NOTE], [piece("P2", "note")], window, ON)
    assert (unsure.state, unsure.next_action) == (State.TO_CONFIRM, "Enregistrer la date : dépôt")


def test_outside_the_days_of_a_row_without_a_window_everything_counts() -> None:
    assert judge(P2, in_order(dates=days(application_filed=None)), ON).verdict.state is State.MET


def test_a_window_without_an_end_stays_open() -> None:
    facts = with_piece(in_order(), "P1", "pssi", approved_on=date(2022, 7, 15))
    row = replace(D2.row("D2.P1"), window_to="")
    verdict = judge(row, facts, ON).verdict
    assert codes(verdict.reasons)[0] == "PIECE_BEFORE_WINDOW"
    later = with_piece(in_order(), "P1", "pssi", approved_on=EARLIER)
    assert "dans la fenêtre du 16/07/2022" in judge(row, later, ON).verdict.reasons[0].text


def test_a_schedule_is_asked_even_where_no_piece_may_carry_it() -> None:
    row = replace(O1D, pieces=tuple(each for each in O1D.pieces if each.key != "test_schedule"))
    verdict = judge(row, with_perimeter(in_order(), "ADM-A", next_test_on=None), ON).verdict
    assert "TEST_UNDATED" in codes(verdict.reasons)


def test_a_party_named_in_its_own_sentence_is_not_named_twice() -> None:
    moot = equivalence("P2", "C", reason="CH C a fermé")
    verdict = judge(P2, replace(without(in_order(), "P2"), equivalences=(moot,)), ON).verdict
    reason = next(each for each in verdict.reasons if each.code == "EQUIVALENCE")
    assert reason.text == "Équivalence depuis le 01/09/2025 : CH C a fermé ; preuve : substitut.pdf"
    assert reason.subject == "C"


def test_a_number_that_a_row_does_not_have_is_an_error() -> None:
    with pytest.raises(KeyError, match="ads_score_min"):
        P2.limit("ads_score_min")
