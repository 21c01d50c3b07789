"""What holds of every row whatever is known: proofs never lower a state, order and later facts change nothing."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.activity import Party
from compliance.rules.evidence import Evidence, EvidenceStatus
from compliance.rules.exercise import Nature
from compliance.rules.facts import Application, Facts
from compliance.rules.perimeter import BiaState, PlanState
from compliance.rules.row import judge
from compliance.rules.verdict import Reason, State
from tests.compliance.rules.facts import (
    BEFORE,
    CALM,
    D2,
    EARLIER,
    EVERYBODY,
    LATER,
    ON,
    days,
    equivalence,
    exercise,
    in_order,
    minimal,
    opinion,
    outside_ght,
    party,
    piece,
    planned,
    platform,
    restore,
    step,
    system,
    with_piece,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from compliance.rules.perimeter import Perimeter

ORDER = (State.MISSING, State.IN_PROGRESS, State.TO_CONFIRM, State.MET)
ROWS = tuple(row.code.removeprefix("D2.") for row in D2.rows)
PIECES = tuple((row.code.removeprefix("D2."), asked.key) for row in D2.rows for asked in row.pieces)
KEYS = ("A", "B", "C")

# ------------------------------------------------------------------------------------------- candidates in any condition

OLD, SINCE = date(2021, 1, 1), date(2025, 9, 15)
PARTS = st.sampled_from([None, frozenset("A"), frozenset("AB"), EVERYBODY | {"E"}])


@st.composite
def pieces(draw: st.DrawFn) -> Evidence:
    row, key = draw(st.sampled_from([*PIECES, *[("P1", "pssi")] * 8]))
    return piece(
        row,
        key,
        filename=draw(st.sampled_from([f"{key}.pdf", "autre.pdf"])),
        parties=draw(PARTS),
        status=draw(st.sampled_from([EvidenceStatus.RECEIVED] * 3 + list(EvidenceStatus))),
        approved_on=draw(st.sampled_from([BEFORE, BEFORE, OLD, SINCE, EARLIER, LATER, None])),
        expires_on=draw(st.sampled_from([None, None, EARLIER])),
        received_on=draw(st.sampled_from([BEFORE, None, LATER])),
    )


@st.composite
def perimeters(draw: st.DrawFn) -> tuple[Perimeter, ...]:
    changes: list[dict[str, Any]] = [
        {},
        {},
        {},
        {"pca": PlanState.WRITTEN},
        {"pra": PlanState.ABSENT},
        {"pca_on": LATER},
        {"bia": BiaState.NOT_DONE},
        {"bia": BiaState.NOT_DONE, "bia_reason": "autre méthode"},
        {"exists": False, "absence_reason": "pas ici"},
        {"exists": False},
        {"inherited_from": "B"},
        {"next_test_on": None},
        {"next_test_on": EARLIER},
        {"last_test_on": EARLIER},
    ]
    mine = [each for key in KEYS for each in minimal(key)]
    kept = draw(st.sets(st.sampled_from(range(len(mine)))))
    gone = draw(st.booleans())
    return tuple(
        replace(each, **draw(st.sampled_from(changes)))
        for place, each in enumerate(mine)
        if not (gone and place in kept)
    )


@st.composite
def exercises(draw: st.DrawFn) -> Any:
    code, who = draw(st.sampled_from(["EX-1", "EX-2"])), draw(st.sampled_from(["A", "AB", "ABC", "C"]))
    changes: dict[str, Any] = draw(
        st.sampled_from(
            [
                {},
                {},
                {"scenario_file": ""},
                {"retex_file": ""},
                {"actions": 0},
                {"held_on": date(2025, 7, 15)},
                {"held_on": LATER},
                {"management": False},
                {"perimeters": frozenset({"ADM-A"})},
                {"perimeters": frozenset()},
            ]
        )
    )
    nature = draw(st.sampled_from([Nature.FIELD_TEST, Nature.FIELD_TEST, Nature.REAL_EVENT, *Nature, None]))
    if draw(st.booleans()) and draw(st.booleans()):
        return planned(draw(st.sampled_from([LATER, EARLIER, None])), code, parties=who, nature=nature)
    return _with_entity(exercise(code, who, nature=nature, **changes))


def _with_entity(fact: Any) -> Any:
    return replace(fact, parties=fact.parties | {"E"})


SYSTEMS = st.builds(
    lambda key, changes: _with_entity(system(key, **changes)),
    st.sampled_from(KEYS),
    st.sampled_from(
        [{}, {}, {"plan": "no"}, {"copies": 2}, {"hosting": "saas"}, {"perimeters": frozenset()}, {"code": "SI-9"}]
    ),
)
PLATFORMS = st.builds(
    lambda name, changes: _with_entity(platform(name, **changes)),
    st.sampled_from(["Coffre", "Secours"]),
    st.sampled_from(
        [
            {},
            {},
            {"authentication": "dedicated_ad", "ads_score": 4, "ads_on": date(2026, 11, 1)},
            {"authentication": "dedicated_ad"},
            {"authentication": "production_ad"},
            {"authentication": "other"},
            {"two_factor": "off"},
            {"two_factor": "off", "two_factor_reason": "jetons en commande"},
            {"two_factor": "impossible"},
            {"red_button": ""},
            {"partition_on": None},
            {"partition_on": date(2028, 1, 1)},
            {"partition_on": date(2031, 1, 1)},
        ]
    ),
)
RESTORES = st.builds(
    lambda key, changes: _with_entity(restore(key, **changes)),
    st.sampled_from(KEYS),
    st.sampled_from([{}, {}, {"result": "failure"}, {"result": "partial"}, {"kind": "functional"}, {"system": "SI-9"}]),
)
STEPS = st.builds(
    lambda row, code, changes: _with_entity(step(code, row, **changes)),
    st.sampled_from(["O3.B", "O3.C"]),
    st.sampled_from(["J-1", "J-2"]),
    st.sampled_from([{}, {"due_on": EARLIER}, {"abandoned": True}, {"parties": frozenset("A")}]),
)
EQUIVALENCES = st.builds(
    lambda row, key, changes: equivalence(row, key, **changes),
    st.sampled_from(ROWS),
    st.sampled_from(["", "A", "B", "E"]),
    st.sampled_from([{}, {"reason": ""}, {"received": False}, {"on": LATER}, {"reason": "fermé"}]),
)
OPINIONS = st.builds(
    lambda row, subject, favourable, changes: opinion(row, subject, favourable=favourable, **changes),
    st.sampled_from(ROWS),
    st.sampled_from(["", "EX-1"]),
    st.booleans(),
    st.sampled_from([{}, {"given_on": date(2026, 10, 15)}, {"given_on": LATER}, {"why": "autre lecture"}]),
)
APPLICATIONS = st.builds(
    Application,
    party=st.sampled_from(KEYS),
    label=st.sampled_from(["DPI", "Paie"]),
    system=st.sampled_from(["", "SI-A"]),
)
PARTIES: tuple[tuple[Party, ...], ...] = (
    (party("A", "50"), party("B", "30"), party("C", "20")),
    (party("A", "66"), party("B", "34"), party("C", "9", in_scope=False)),
    (party("A", "1"), party("B", "1"), party("C", "1")),
    (party("A", "50"), party("B", None), party("C", "20")),
    (party("A", None),),
)


def few(each: st.SearchStrategy[Any], most: int, key: str = "") -> st.SearchStrategy[tuple[Any, ...]]:
    """A few facts; `key` is what two of them never have in common in one register."""
    return st.lists(each, max_size=most, unique_by=(lambda fact: getattr(fact, key)) if key else None).map(tuple)


@st.composite
def nearly(draw: st.DrawFn) -> Facts:
    """A candidate in order, or waiting for somebody's word, that lacks up to three of its facts."""
    ght, alone = in_order(parties=draw(st.sampled_from(PARTIES))), outside_ght()
    facts = draw(st.sampled_from([ght, in_order(), alone, outside_ght(party("A", "66"), party("B", "34"))]))
    if draw(st.booleans()):
        outage = tuple(replace(each, nature=Nature.REAL_EVENT) for each in facts.exercises)
        unsure = with_piece(facts, "P1", "pssi", approved_on=SINCE)
        other = tuple(replace(each, authentication="other") for each in facts.platforms)
        facts = replace(unsure, exercises=outage, platforms=other, dates=days(application_filed=None))
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from(["evidence", "evidence", "perimeters", "restore_tests", "systems", "exercises"]))
        held = getattr(facts, name)
        gone = draw(st.integers(0, max(len(held) - 1, 0)))
        facts = replace(facts, **{name: held[:gone] + held[gone + 1 :]})
    return facts


@st.composite
def anyhow(draw: st.DrawFn) -> Facts:
    """A GHT or a legal entity, each of its facts in any condition; half of the time some of them are in order."""
    parties = draw(st.sampled_from(PARTIES))
    ght = draw(st.booleans())
    facts = in_order(parties=parties) if ght else outside_ght(*(parties if parties[1:] else ()))
    calm = draw(st.booleans())

    def or_calm(name: str, each: st.SearchStrategy[Any], most: int, key: str = "") -> tuple[Any, ...]:
        found: tuple[Any, ...] = getattr(facts, name)
        return found if calm and draw(st.booleans()) else draw(few(each, most, key))

    mask = -1 if calm and draw(st.booleans()) else draw(st.integers(0, 2 ** len(facts.evidence) - 1))
    kept = tuple(each for place, each in enumerate(facts.evidence) if mask >> place & 1)
    return replace(
        facts,
        perimeters=facts.perimeters if calm and draw(st.booleans()) else draw(perimeters()),
        referents=draw(st.sampled_from([facts.referents, {"A": {"SOI-A": ""}}, {}])),
        activities=draw(st.sampled_from([facts.activities, frozenset("A")])),
        applications=or_calm("applications", APPLICATIONS, 2),
        evidence=(*kept, *draw(few(pieces(), 6))),
        exercises=or_calm("exercises", exercises(), 3),
        systems=or_calm("systems", SYSTEMS, 4, "code"),
        platforms=or_calm("platforms", PLATFORMS, 2, "name"),
        restore_tests=or_calm("restore_tests", RESTORES, 4),
        steps=draw(few(STEPS, 2)),
        equivalences=draw(few(EQUIVALENCES, 2)),
        opinions=draw(few(OPINIONS, 3)),
        dates=days(
            application_filed=draw(st.sampled_from([date(2025, 10, 20), None])),
            declaration_filed=draw(st.sampled_from([None, date(2026, 11, 20), LATER])),
        ),
    )


def candidates() -> st.SearchStrategy[Facts]:
    return st.one_of(nearly(), anyhow())


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
    return add(facts, "exercises", _with_entity(exercise("EX-9", who, held_on=held)))


def proof_restore(facts: Facts, draw: st.DrawFn) -> Facts:
    return add(facts, "restore_tests", _with_entity(restore(draw(st.sampled_from(KEYS)), code="RT-9")))


def proof_plan(facts: Facts, draw: st.DrawFn) -> Facts:
    return plan_done(facts, draw(st.sampled_from(KEYS)), draw(st.integers(0, 2)))


def proof_step(facts: Facts, draw: st.DrawFn) -> Facts:
    return add(facts, "steps", _with_entity(step("J-9", draw(st.sampled_from(["O3.B", "O3.C"])))))


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
    due = step("J-9", row)
    assert answers(add(facts, "steps", replace(due, reached_on=LATER))) == answers(add(facts, "steps", due))


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
