"""Which kinds of minimal perimeter are covered on a day, and what the matrix says of the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.milestone import Phase
from compliance.rules.pcra import KindCoverage, kind_coverage, party_coverage
from compliance.rules.perimeter import BiaState, Perimeter, PerimeterKind, PlanState
from compliance.rules.verdict import State
from tests.compliance.rules.facts import CALM, EARLIER, LATER, ON, codes, complete, empty, party, perimeter, texts

if TYPE_CHECKING:
    from random import Random

CARE = PerimeterKind.CARE
PHASE = Phase(date(2025, 7, 16), date(2026, 11, 30))


def care(*perimeters: Perimeter, on: date = ON) -> KindCoverage:
    return kind_coverage(CARE, perimeters, on, PHASE, party_key="A")


def test_a_kind_is_covered_by_one_complete_perimeter() -> None:
    cell = care(perimeter())
    assert cell.state is State.MET
    assert texts(cell.reasons) == [
        "URG-01 Urgences : BIA réalisé le 12/03/2026, PCA validé le 02/06/2026, PRA validé le 02/06/2026"
    ]


def test_one_complete_perimeter_is_enough_beside_empty_ones() -> None:
    cell = care(empty("AAA-01"), perimeter("ZZZ-01"))
    assert cell.state is State.MET
    assert cell.perimeters == ("AAA-01", "ZZZ-01")


def test_two_halves_of_different_perimeters_do_not_make_a_whole() -> None:
    without_pra = perimeter("A-1", pra=PlanState.ABSENT, pra_on=None)
    without_pca = perimeter("A-2", pca=PlanState.ABSENT, pca_on=None)
    assert care(without_pra, without_pca).state is State.IN_PROGRESS


def test_no_perimeter_recorded_is_missing() -> None:
    cell = care()
    assert cell.state is State.MISSING
    assert cell.label == "Rien de saisi"
    assert texts(cell.reasons) == ["Soins à impact majeur : aucun périmètre saisi"]
    assert cell.reasons[0].subject == "A"


def test_a_written_plan_is_nearly_there_and_does_not_count() -> None:
    cell = care(perimeter(pra=PlanState.WRITTEN, pra_on=None))
    assert cell.state is State.IN_PROGRESS
    assert cell.label == "PRA à valider"
    assert codes(cell.reasons) == ["PRA_WRITTEN"]
    assert texts(cell.reasons) == ["URG-01 Urgences : PRA rédigé, reste à valider"]
    assert cell.reasons[0].subject == "URG-01"


def test_a_written_plan_with_a_date_does_not_count_either() -> None:
    assert care(perimeter(pca=PlanState.WRITTEN, pca_on=EARLIER)).state is State.IN_PROGRESS


@pytest.mark.parametrize("plan", ["pca", "pra"])
def test_a_plan_approved_after_the_day_of_the_question_does_not_count_yet(plan: str) -> None:
    changes: dict[str, Any] = {f"{plan}_on": LATER}
    dated_later = perimeter(**changes)
    assert care(dated_later).state is State.IN_PROGRESS
    assert care(dated_later).label == f"{plan.upper()} le 23/11/2026"
    assert care(dated_later, on=LATER).state is State.MET


def test_a_plan_approved_on_the_very_day_counts() -> None:
    assert care(perimeter(pca_on=ON, pra_on=ON)).state is State.MET


@pytest.mark.parametrize("plan", ["pca", "pra"])
def test_a_plan_approved_without_a_date_does_not_count(plan: str) -> None:
    changes: dict[str, Any] = {f"{plan}_on": None}
    cell = care(perimeter(**changes))
    assert cell.state is State.IN_PROGRESS
    assert cell.label == f"{plan.upper()} à dater"


@pytest.mark.parametrize(
    ("bia", "state", "said"),
    [
        (BiaState.NOT_DONE, State.TO_CONFIRM, "BIA non réalisé, motif enregistré : méthode sans BIA"),
        (BiaState.IN_PROGRESS, State.TO_CONFIRM, "BIA en cours, motif enregistré : méthode sans BIA"),
        (BiaState.NOT_APPLICABLE, State.NOT_APPLICABLE, "BIA sans objet, motif : méthode sans BIA"),
    ],
)
def test_a_recorded_reason_stands_for_an_absent_bia(bia: BiaState, state: State, said: str) -> None:
    cell = care(perimeter(bia=bia, bia_on=None, bia_reason="méthode sans BIA"))
    assert cell.state is State.MET
    assert cell.bia is state
    assert said in texts(cell.reasons)[0]


@pytest.mark.parametrize("reason", ["", "cadre en cours de recrutement"])
@pytest.mark.parametrize("bia", [BiaState.NOT_DONE, BiaState.NOT_APPLICABLE])
def test_nothing_done_is_missing_whether_a_reason_is_recorded_or_not(bia: BiaState, reason: str) -> None:
    cell = care(empty(bia=bia, bia_reason=reason))
    assert cell.state is State.MISSING
    assert cell.plan is (State.MISSING if reason else State.NOT_YET)


@pytest.mark.parametrize("reason", ["", "méthode en cours"])
def test_a_bia_or_a_plan_that_is_begun_is_in_progress(reason: str) -> None:
    assert care(empty(bia=BiaState.IN_PROGRESS, bia_reason=reason)).state is State.IN_PROGRESS
    assert care(empty(pca=PlanState.IN_PROGRESS, bia_reason=reason)).state is State.IN_PROGRESS


@pytest.mark.parametrize(
    ("bia", "label"),
    [
        (BiaState.NOT_DONE, "BIA à faire"),
        (BiaState.NOT_APPLICABLE, "Motif BIA à saisir"),
        (BiaState.IN_PROGRESS, "BIA à finir"),
    ],
)
def test_an_absent_bia_without_a_reason_leaves_the_kind_uncovered(bia: BiaState, label: str) -> None:
    cell = care(perimeter(bia=bia, bia_on=None, bia_reason="  "))
    assert cell.state is State.IN_PROGRESS
    assert cell.label == label


def test_a_bia_dated_after_the_day_of_the_question_is_not_done_yet() -> None:
    cell = care(perimeter(bia_on=LATER))
    assert cell.state is State.IN_PROGRESS
    assert codes(cell.reasons) == ["BIA_LATER"]


def test_a_perimeter_with_nothing_done_leaves_its_kind_missing() -> None:
    cell = care(empty())
    assert cell.state is State.MISSING
    assert codes(cell.reasons) == ["BIA_NOT_DONE", "PCA_ABSENT", "PRA_ABSENT"]


def test_a_kind_that_does_not_exist_here_is_covered_by_its_reason() -> None:
    cell = care(empty(exists=False, absence_reason="EPSM sans urgences"))
    assert cell.state is State.NOT_APPLICABLE
    assert cell.covered
    assert texts(cell.reasons) == ["URG-01 Urgences : n’existe pas ici, EPSM sans urgences"]


@pytest.mark.parametrize("reason", ["", "  ", "\u00a0"])
def test_a_kind_that_does_not_exist_here_without_a_reason_is_not_answered(reason: str) -> None:
    cell = care(empty(exists=False, absence_reason=reason))
    assert cell.state is State.MISSING
    assert cell.label == "Motif à saisir"


def test_one_absence_without_a_reason_spoils_the_answer() -> None:
    cell = care(empty("A-1", exists=False, absence_reason="fermé"), empty("A-2", exists=False))
    assert cell.state is State.MISSING
    assert [reason.subject for reason in cell.reasons] == ["A-2"]


def test_a_perimeter_that_exists_outweighs_one_that_does_not() -> None:
    absent = empty("A-1", exists=False, absence_reason="fermé")
    assert care(absent, empty("A-2")).state is State.MISSING
    assert care(absent, perimeter("A-2")).state is State.MET


def test_a_plan_that_does_not_exist_here_cannot_cover_even_when_approved() -> None:
    assert care(perimeter(exists=False)).state is State.MISSING


def test_a_shared_plan_counts_with_a_written_justification() -> None:
    cell = care(perimeter(inherited_from="760780239", justification="même SI, mêmes modes dégradés"))
    assert cell.state is State.MET
    assert texts(cell.reasons)[-1] == (
        "URG-01 Urgences : PCRA partagé de 760780239, justification : même SI, mêmes modes dégradés"
    )


def test_a_shared_plan_without_a_written_justification_does_not_count() -> None:
    cell = care(perimeter(inherited_from="760780239", justification=" "))
    assert cell.state is State.IN_PROGRESS
    assert cell.label == "Partage à justifier"
    assert codes(cell.reasons) == ["SHARING_UNJUSTIFIED"]
    assert cell.plan is State.IN_PROGRESS


def test_a_plan_inherited_from_the_party_itself_is_its_own() -> None:
    assert care(perimeter(party="A", inherited_from="A")).state is State.MET


def test_the_cell_speaks_of_the_perimeter_nearest_to_done_and_names_the_others() -> None:
    far, near = empty("AAA-01"), perimeter("ZZZ-01", pra=PlanState.WRITTEN, pra_on=None)
    cell = care(far, near)
    assert cell.label == "PRA à valider"
    assert texts(cell.reasons) == [
        "ZZZ-01 Urgences : PRA rédigé, reste à valider",
        "Incomplet aussi : AAA-01",
    ]


def test_plans_at_the_same_point_share_one_label() -> None:
    cell = care(perimeter(pca=PlanState.WRITTEN, pra=PlanState.WRITTEN))
    assert cell.label == "Plans à valider"


def test_plans_at_different_points_name_the_one_further_behind() -> None:
    cell = care(perimeter(pca=PlanState.WRITTEN, pra=PlanState.ABSENT))
    assert cell.label == "PRA à écrire"


@pytest.mark.parametrize(
    ("last", "planned", "state", "label"),
    [
        (None, None, State.MISSING, "Test à dater"),
        (None, date(2026, 11, 26), State.IN_PROGRESS, "Test prévu 26/11/2026"),
        (None, date(2026, 12, 15), State.AT_RISK, "Test prévu 15/12/2026"),
        (None, date(2026, 11, 1), State.AT_RISK, "Test à confirmer"),
        (date(2025, 7, 15), None, State.AT_RISK, "Test à refaire"),
        (date(2025, 7, 15), date(2025, 6, 1), State.AT_RISK, "Test à refaire"),
        (date(2025, 7, 15), date(2026, 3, 1), State.AT_RISK, "Test à confirmer"),
        (date(2025, 7, 16), None, State.MET, "Preuve à instruire"),
        (date(2026, 11, 26), None, State.IN_PROGRESS, "Test prévu 26/11/2026"),
    ],
)
def test_the_test_of_the_matrix_follows_its_dates(
    last: date | None, planned: date | None, state: State, label: str
) -> None:
    cell = care(perimeter(last_test_on=last, next_test_on=planned))
    assert (cell.test, cell.label) == (state, label)
    assert cell.state is State.MET, "a test is not asked by O1.C"


def test_a_step_whose_step_before_is_missing_is_not_possible_yet() -> None:
    cell = care(empty())
    assert (cell.bia, cell.plan, cell.test, cell.proof) == (
        State.MISSING,
        State.NOT_YET,
        State.NOT_YET,
        State.NOT_YET,
    )


@pytest.mark.parametrize(
    ("proof", "state", "label"),
    [
        (True, State.MET, ""),
        (False, State.MISSING, "Preuve à joindre"),
        (None, State.TO_INSTRUCT, "Preuve à instruire"),
    ],
)
def test_a_proof_that_nobody_looked_at_is_not_said_missing(*, proof: bool | None, state: State, label: str) -> None:
    cell = care(perimeter(last_test_on=EARLIER, proof=proof))
    assert (cell.proof, cell.label) == (state, label)


def test_an_empty_support_cell_says_so_and_weighs_nothing() -> None:
    """CHSF (lessons.md): the matrix shows support functions, and says so when they are empty."""
    coverage = party_coverage(party("A"), complete("A"), ON, PHASE)
    assert coverage.kinds[PerimeterKind.SUPPORT].label == "Vide"
    assert coverage.counts


def test_a_started_support_function_does_not_appear_in_the_reasons_of_the_party() -> None:
    support = empty("LOG-01", kind=PerimeterKind.SUPPORT)
    coverage = party_coverage(party("A"), [*complete("A"), support], ON, PHASE)
    assert coverage.counts
    assert "LOG-01" not in {reason.subject for reason in coverage.reasons}


def test_a_party_counts_when_its_three_kinds_are_covered() -> None:
    """Trade article of September 2025 (lessons.md): three PCRA at least."""
    coverage = party_coverage(party("A"), complete("A"), ON)
    assert coverage.counts
    assert codes(coverage.reasons) == ["KIND_COVERED"] * 3


def test_a_party_lacking_one_kind_does_not_count_and_says_only_what_it_lacks() -> None:
    coverage = party_coverage(party("A"), complete("A")[:2], ON)
    assert not coverage.counts
    assert texts(coverage.reasons) == ["Plateau technique : aucun périmètre saisi"]


def test_a_perimeter_of_another_kind_never_replaces_a_minimal_one() -> None:
    other = perimeter("AUT-01", kind=PerimeterKind.OTHER)
    assert not party_coverage(party("A"), [*complete("A")[:2], other], ON).counts


def test_the_perimeters_of_another_party_do_not_help() -> None:
    assert not party_coverage(party("A"), complete("B"), ON).counts


def test_a_party_out_of_scope_never_counts_and_says_why() -> None:
    outside = party("A", in_scope=False, out_reason="EHPAD sans FINESS")
    coverage = party_coverage(outside, complete("A"), ON)
    assert not coverage.counts
    assert texts(coverage.reasons) == ["Hors périmètre : EHPAD sans FINESS"]


def test_a_party_where_nothing_exists_counts_and_asks_for_a_confirmation() -> None:
    nothing = [replace(p, exists=False, absence_reason="sans objet ici") for p in complete("A")]
    coverage = party_coverage(party("A"), nothing, ON)
    assert coverage.counts
    assert codes(coverage.reasons)[0] == "NOTHING_EXISTS"


DAYS = st.sampled_from([None, EARLIER, ON, LATER])
PERIMETERS = st.builds(
    Perimeter,
    party=st.just("A"),
    code=st.integers(1, 99).map(lambda place: f"P-{place:02d}"),
    name=st.just("Service"),
    kind=st.sampled_from(list(PerimeterKind)),
    exists=st.booleans(),
    absence_reason=st.sampled_from(["", "fermé"]),
    bia=st.sampled_from(list(BiaState)),
    bia_on=DAYS,
    bia_reason=st.sampled_from(["", "motif"]),
    pca=st.sampled_from(list(PlanState)),
    pca_on=DAYS,
    pra=st.sampled_from(list(PlanState)),
    pra_on=DAYS,
    last_test_on=DAYS,
    next_test_on=DAYS,
    inherited_from=st.sampled_from(["", "B"]),
    justification=st.sampled_from(["", "même SI"]),
    proof=st.sampled_from([None, True, False]),
)
LISTS = st.lists(PERIMETERS, max_size=8, unique_by=lambda p: p.code)
HEIGHT = {State.MISSING: 0, State.IN_PROGRESS: 1, State.NOT_APPLICABLE: 2, State.MET: 2}


@CALM
@given(LISTS, st.randoms(use_true_random=False))
def test_the_order_of_perimeters_does_not_matter(perimeters: list[Perimeter], random: Random) -> None:
    shuffled = list(perimeters)
    random.shuffle(shuffled)
    a = party("A")
    assert party_coverage(a, shuffled, ON, PHASE) == party_coverage(a, perimeters, ON, PHASE)


@CALM
@given(LISTS, st.sampled_from(["pca", "pra"]))
def test_approving_a_plan_never_lowers_a_state(perimeters: list[Perimeter], plan: str) -> None:
    before = party_coverage(party("A"), perimeters, ON).kinds
    for place, chosen in enumerate(perimeters):
        changes: dict[str, Any] = {plan: PlanState.APPROVED, f"{plan}_on": ON}
        approved = replace(chosen, **changes)
        after = party_coverage(party("A"), [*perimeters[:place], approved, *perimeters[place + 1 :]], ON).kinds
        assert all(HEIGHT[after[kind].state] >= HEIGHT[before[kind].state] for kind in before)


@CALM
@given(LISTS)
def test_adding_a_complete_perimeter_always_covers_its_kind(perimeters: list[Perimeter]) -> None:
    assert kind_coverage(CARE, [*perimeters, perimeter("ZZZ-99")], ON).state is State.MET


@CALM
@given(LISTS)
def test_whatever_is_not_covered_gives_a_reason_and_a_short_label(perimeters: list[Perimeter]) -> None:
    for cell in party_coverage(party("A"), perimeters, ON, PHASE).kinds.values():
        assert cell.reasons
        assert not cell.label.split()[4:]
        assert cell.covered or cell.label
