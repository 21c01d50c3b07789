"""What holds of every row whatever is known: proofs never lower a state, order and later facts change nothing."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.facts import Facts
from compliance.rules.row import judge
from compliance.rules.verdict import Reason, State
from tests.compliance.rules.candidates import KEYS, PARTS, PIECES, ROWS, candidates, with_entity
from tests.compliance.rules.facts import (
    CALM,
    D2,
    EARLIER,
    LATER,
    ON,
    equivalence,
    exercise,
    milestone,
    minimal,
    opinion,
    piece,
    planned,
    platform,
    restore,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


ORDER = (State.MISSING, State.IN_PROGRESS, State.TO_CONFIRM, State.MET)


def states(facts: Facts) -> dict[str, State]:
    return {row.code: judge(row, facts, ON).verdict.state for row in D2.rows}


def answers(facts: Facts) -> dict[str, tuple[State, tuple[Reason, ...], str]]:
    told = {row.code: judge(row, facts, ON).verdict for row in D2.rows}
    return {code: (verdict.state, verdict.reasons, verdict.next_action) for code, verdict in told.items()}


# ---------------------------------------------------------------------------------------------- proofs never lower a state


def plan_done(facts: Facts, key: str, place: int) -> Facts:
    """The BIA, the PCA and the PRA of a perimeter are approved, and their files are here."""
    done = minimal(key)[place]
    files = (piece("O1.C", "bia", filename="n.pdf"), piece("O1.C", "pcra", filename="n.pdf"))
    kept = tuple(each for each in facts.perimeters if each.code != done.code)
    return replace(facts, perimeters=(*kept, done), evidence=(*facts.evidence, *files))


def add(facts: Facts, name: str, fact: Any) -> Facts:
    return replace(facts, **{name: (*getattr(facts, name), fact)})


def proof_piece(facts: Facts, draw: st.DrawFn) -> Facts:
    row, key = draw(st.sampled_from(PIECES))
    return add(facts, "evidence", piece(row, key, filename="preuve.pdf", parties=draw(PARTS)))


def proof_exercise(facts: Facts, draw: st.DrawFn) -> Facts:
    who = draw(st.sampled_from(["A", "AB", "ABC", "C"]))
    held = draw(st.sampled_from([date(2025, 7, 16), EARLIER, ON]))
    return add(facts, "exercises", with_entity(exercise("EX-9", who, held_on=held)))


def proof_restore(facts: Facts, draw: st.DrawFn) -> Facts:
    return add(facts, "restore_tests", with_entity(restore(draw(st.sampled_from(KEYS)), code="RT-9")))


def proof_plan(facts: Facts, draw: st.DrawFn) -> Facts:
    return plan_done(facts, draw(st.sampled_from(KEYS)), draw(st.integers(0, 2)))


def proof_step(facts: Facts, draw: st.DrawFn) -> Facts:
    return add(facts, "milestones", with_entity(milestone("J-9", draw(st.sampled_from(["O3.B", "O3.C"])))))


def proof_equivalence(facts: Facts, draw: st.DrawFn) -> Facts:
    key = draw(st.sampled_from(["", "A", "B", "C", "E"]))
    return add(facts, "equivalences", equivalence(draw(st.sampled_from(ROWS)), key, reason="sans objet, vérifié"))


def proof_opinion(facts: Facts, draw: st.DrawFn) -> Facts:
    subject = draw(st.sampled_from(["", "EX-1", "EX-2"]))
    return add(facts, "opinions", opinion(draw(st.sampled_from(ROWS)), subject, given_on=ON))


PROOFS: dict[str, Callable[[Facts, st.DrawFn], Facts]] = {
    "a piece received, approved in its window": proof_piece,
    "an exercise that qualifies": proof_exercise,
    "a successful restore test": proof_restore,
    "a BIA, a PCA and a PRA approved, with their files": proof_plan,
    "a dated milestone": proof_step,
    "an equivalence with its reason and its proof": proof_equivalence,
    "a favourable avis": proof_opinion,
}


@pytest.mark.parametrize("proof", PROOFS.values(), ids=PROOFS)
@CALM
@given(facts=candidates(), data=st.data())
def test_a_valid_proof_never_lowers_a_row(
    proof: Callable[[Facts, st.DrawFn], Facts], facts: Facts, data: st.DataObject
) -> None:
    before = states(facts)
    after = states(proof(facts, data.draw))
    for code, state in before.items():
        if state in ORDER:
            assert ORDER.index(after[code]) >= ORDER.index(state), code
        else:
            assert after[code] is state, code


# ------------------------------------------------------------------------------------------------ order, later facts, twice


@CALM
@given(facts=candidates(), random=st.randoms(use_true_random=False))
def test_the_order_of_facts_changes_no_answer_nor_the_order_of_its_reasons(facts: Facts, random: Random) -> None:
    shuffled: dict[str, Any] = {}
    for name in (each.name for each in fields(Facts)):
        value = getattr(facts, name)
        if isinstance(value, tuple):
            shuffled[name] = tuple(random.sample(value, len(value)))
    shuffled["referents"] = dict(random.sample(list(facts.referents.items()), len(facts.referents)))
    assert answers(replace(facts, **shuffled)) == answers(facts)


@CALM
@given(facts=candidates())
def test_asking_twice_gives_the_same_answer(facts: Facts) -> None:
    assert [judge(row, facts, ON) for row in D2.rows] == [judge(row, facts, ON) for row in D2.rows]


@CALM
@given(facts=candidates(), place=st.sampled_from(PIECES), row=st.sampled_from(ROWS), favourable=st.booleans())
def test_what_happens_later_changes_no_answer_of_the_day(
    facts: Facts, place: tuple[str, str], row: str, *, favourable: bool
) -> None:
    later = replace(
        facts,
        evidence=(*facts.evidence, piece(*place, approved_on=LATER, received_on=LATER)),
        restore_tests=(*facts.restore_tests, restore("A", tested_on=LATER)),
        equivalences=(*facts.equivalences, equivalence(row, on=LATER)),
        opinions=(
            *facts.opinions,
            *(opinion(row, about, favourable=favourable, given_on=LATER) for about in ("", "EX-1")),
        ),
    )
    assert answers(later) == answers(facts)


@CALM
@given(facts=candidates(), day=st.sampled_from([LATER, EARLIER, None]))
def test_the_result_of_an_exercise_held_later_changes_no_answer_of_the_day(facts: Facts, day: date | None) -> None:
    without = planned(day, "EX-9")
    told = add(facts, "exercises", without)
    held = add(facts, "exercises", replace(without, result=exercise(held_on=LATER).result))
    assert answers(held) == answers(told)


@CALM
@given(facts=candidates(), row=st.sampled_from(["O3.B", "O3.C"]))
def test_a_milestone_reached_later_is_only_due_on_the_day(facts: Facts, row: str) -> None:
    due = milestone("J-9", row)
    assert answers(add(facts, "milestones", replace(due, reached_on=LATER))) == answers(add(facts, "milestones", due))


@CALM
@given(facts=candidates())
def test_an_ads_score_measured_later_is_not_measured_on_the_day(facts: Facts) -> None:
    none = platform("Coffre 2", authentication="dedicated_ad")
    later = replace(none, ads_score=5, ads_on=LATER)
    assert answers(add(facts, "platforms", later)) == answers(add(facts, "platforms", none))


@CALM
@given(facts=candidates())
def test_a_declaration_filed_later_is_not_filed_on_the_day(facts: Facts) -> None:
    filed = {**facts.dates, "declaration_filed": replace(facts.dates["declaration_filed"], on=LATER)}
    none = {**facts.dates, "declaration_filed": replace(facts.dates["declaration_filed"], on=None)}
    assert answers(replace(facts, dates=filed)) == answers(replace(facts, dates=none))
