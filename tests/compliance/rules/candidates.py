"""Candidates in any condition, drawn for the properties that hold of all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from compliance.rules.activity import Party
from compliance.rules.evidence import Evidence, EvidenceStatus
from compliance.rules.exercise import Nature
from compliance.rules.facts import Application, Facts
from compliance.rules.perimeter import BiaState, PlanState
from tests.compliance.rules.facts import (
    BEFORE,
    D2,
    EARLIER,
    EVERYBODY,
    LATER,
    days,
    equivalence,
    exercise,
    in_order,
    milestone,
    minimal,
    opinion,
    outside_ght,
    party,
    piece,
    planned,
    platform,
    restore,
    system,
    with_piece,
)

if TYPE_CHECKING:
    from compliance.rules.perimeter import Perimeter

ROWS = tuple(row.code.removeprefix("D2.") for row in D2.rows)
PIECES = tuple((row.code.removeprefix("D2."), asked.key) for row in D2.rows for asked in row.pieces)
KEYS = ("A", "B", "C")

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
    return with_entity(exercise(code, who, nature=nature, **changes))


def with_entity(fact: Any) -> Any:
    """Outside a GHT, what is of a site is of its legal entity too."""
    return replace(fact, parties=fact.parties | {"E"})


SYSTEMS = st.builds(
    lambda key, changes: with_entity(system(key, **changes)),
    st.sampled_from(KEYS),
    st.sampled_from(
        [{}, {}, {"plan": "no"}, {"copies": 2}, {"hosting": "saas"}, {"perimeters": frozenset()}, {"code": "SI-9"}]
    ),
)
PLATFORMS = st.builds(
    lambda name, changes: with_entity(platform(name, **changes)),
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
    lambda key, changes: with_entity(restore(key, **changes)),
    st.sampled_from(KEYS),
    st.sampled_from([{}, {}, {"result": "failure"}, {"result": "partial"}, {"kind": "functional"}, {"system": "SI-9"}]),
)
MILESTONES = st.builds(
    lambda row, code, changes: with_entity(milestone(code, row, **changes)),
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
        milestones=draw(few(MILESTONES, 2)),
        equivalences=draw(few(EQUIVALENCES, 2)),
        opinions=draw(few(OPINIONS, 3)),
        dates=days(
            application_filed=draw(st.sampled_from([date(2025, 10, 20), None])),
            declaration_filed=draw(st.sampled_from([None, date(2026, 11, 20), LATER])),
        ),
    )


def candidates() -> st.SearchStrategy[Facts]:
    return st.one_of(nearly(), anyhow())
