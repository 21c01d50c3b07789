"""Short ways to write the facts a rule is asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import settings

from compliance.programme.referential import load
from compliance.rules.activity import Party
from compliance.rules.backup import Platform, RestoreTest, System
from compliance.rules.evidence import Evidence
from compliance.rules.exercise import Exercise, Nature, Result
from compliance.rules.facts import CandidateDay, Equivalence, Facts
from compliance.rules.milestone import Milestone
from compliance.rules.opinion import Opinion
from compliance.rules.perimeter import MINIMAL_KINDS, BiaState, Perimeter, PerimeterKind, PlanState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance.rules.verdict import Reason

CALM = settings(deadline=None)  # a busy machine is no failure
ON = date(2026, 11, 22)
EARLIER = date(2026, 6, 2)
LATER = date(2026, 11, 23)

_COMPLETE = Perimeter(
    party="",
    code="",
    name="Urgences",
    kind=PerimeterKind.CARE,
    bia=BiaState.DONE,
    bia_on=date(2026, 3, 12),
    pca=PlanState.APPROVED,
    pca_on=EARLIER,
    pra=PlanState.APPROVED,
    pra_on=EARLIER,
)


def perimeter(code: str = "URG-01", party: str = "A", **changes: Any) -> Perimeter:
    """Make a complete perimeter of care, then change what the test is about."""
    return replace(_COMPLETE, code=code, party=party, **changes)


def empty(code: str = "URG-01", party: str = "A", **changes: Any) -> Perimeter:
    """Make a perimeter of which nothing is done."""
    return Perimeter(party=party, code=code, name="Urgences", **{"kind": PerimeterKind.CARE, **changes})


def complete(party: str) -> list[Perimeter]:
    """Make the three minimal perimeters of a party, all complete."""
    return [perimeter(f"{kind.value[:3].upper()}-01", party, kind=kind) for kind in MINIMAL_KINDS]


def party(key: str, ac: str | None = "100", **changes: Any) -> Party:
    """Make a party in scope, named after its key."""
    return Party(key=key, name=f"CH {key}", ac=None if ac is None else Decimal(ac), **changes)


def codes(reasons: Iterable[Reason]) -> list[str]:
    """List the codes of reasons, in order."""
    return [reason.code for reason in reasons]


def texts(reasons: Iterable[Reason]) -> list[str]:
    """List the sentences of reasons, in order."""
    return [reason.text for reason in reasons]


# ------------------------------------------------------------------------------- a whole candidate, in order on every row

D2 = load("D2")
BEFORE = date(2025, 9, 1)  # in every window, before applications opened
HELD = date(2026, 9, 18)
NEXT_TEST = date(2027, 3, 15)
EVERYBODY = frozenset("ABC")
_SHORT = {PerimeterKind.CARE: "SOI", PerimeterKind.ADMINISTRATIVE: "ADM", PerimeterKind.TECHNICAL: "TEC"}
# Asked under a condition, or one answer among several: not among the pieces of a candidate in order.
_NOT_ASKED = frozenset(
    {"pssi_conformity", "bia_absence_reason", "test_schedule", "second_factor_off", "second_factor_none", "ads_score",
     "partition_schedule"}
)  # fmt: skip
_RESULT = Result(
    held_on=HELD,
    management=True,
    departments=True,
    care_assessed=True,
    degraded_modes="yes",
    scenario_file="scenario.pdf",
    retex_file="retex.pdf",
    actions=3,
)


def days(**changes: date | None) -> dict[str, CandidateDay]:
    """Give the dates of the programme: the application was filed on 20/10/2025, the declaration is not filed."""
    on = {entry.key: entry.on for entry in D2.dates} | {"application_filed": date(2025, 10, 20)} | changes
    return {
        entry.key: CandidateDay(on[entry.key], entry.label, on.get(entry.not_before), on.get(entry.not_after))
        for entry in D2.dates
    }


def piece(row: str, key: str, **changes: Any) -> Evidence:
    """Make a piece received and approved on 01/09/2025, for the whole candidate."""
    made = Evidence(row=f"D2.{row}", key=key, filename=f"{key}.pdf", approved_on=BEFORE, received_on=BEFORE)
    return replace(made, **changes)


def minimal(party: str) -> list[Perimeter]:
    """Make the three minimal perimeters of a party, complete, with their own codes: SOI-A, ADM-A, TEC-A."""
    return [
        perimeter(f"{_SHORT[kind]}-{party}", party, name="Service", kind=kind, next_test_on=NEXT_TEST)
        for kind in MINIMAL_KINDS
    ]


def exercise(code: str = "EX-1", parties: str = "ABC", **changes: Any) -> Exercise:
    """Make a field test that played the care plans of some parties on 18/09/2026, with all that is asked.

    Names of `Result` change its result, the others the exercise.
    """
    of_result = {name: changes.pop(name) for name in list(changes) if name in Result.__dataclass_fields__}
    made = Exercise(
        code=code,
        nature=Nature.FIELD_TEST,
        parties=frozenset(parties),
        perimeters=frozenset(f"SOI-{key}" for key in parties),
        result=replace(_RESULT, **of_result),
    )
    return replace(made, **changes)


def planned(on: date | None, code: str = "EX-1", **changes: Any) -> Exercise:
    """Make an exercise without a result."""
    return exercise(code, planned_on=on, result=None, **changes)


def system(party: str = "A", **changes: Any) -> System:
    """Make a critical system of a party, in order, that serves its care perimeter."""
    made = System(
        code=f"SI-{party}", application="DPI", parties=frozenset(party), perimeters=frozenset({f"SOI-{party}"}),
        plan="yes", copies=3, media=2, offsite=True,
    )  # fmt: skip
    return replace(made, **changes)


def platform(name: str = "Coffre", **changes: Any) -> Platform:
    """Make the backup platform of everybody, in order, without a dedicated AD."""
    made = Platform(
        name=name, parties=EVERYBODY, version="12.1", authentication="local_accounts", two_factor="on",
        red_button="procedure", partition_on=date(2026, 1, 10),
    )  # fmt: skip
    return replace(made, **changes)


def restore(party: str = "A", **changes: Any) -> RestoreTest:
    """Make a technical restore test of the system of a party, successful, on 18/09/2026."""
    made = RestoreTest(code=f"RT-{party}", system=f"SI-{party}", parties=frozenset(party), tested_on=HELD)
    return replace(made, **changes)


def milestone(code: str = "J-1", row: str = "O3.C", **changes: Any) -> Milestone:
    """Make a milestone of everybody, due on 30/06/2027."""
    made = Milestone(code=code, rows=frozenset({f"D2.{row}"}), parties=EVERYBODY, due_on=date(2027, 6, 30))
    return replace(made, **changes)


def equivalence(row: str, party: str = "", **changes: Any) -> Equivalence:
    """Make an equivalence that holds since 01/09/2025, with its reason and its proof."""
    made = Equivalence(
        row=f"D2.{row}", party=party, reason="sans objet ici", file="substitut.pdf", received=True, on=BEFORE
    )
    return replace(made, **changes)


def opinion(row: str, subject: str = "", *, favourable: bool = True, **changes: Any) -> Opinion:
    """Make an avis of the ARS given on 01/10/2026."""
    made = Opinion(
        row=f"D2.{row}", subject=subject, favourable=favourable, why="lu sur pièces", author="ARS",
        given_on=date(2026, 10, 1),
    )  # fmt: skip
    return replace(made, **changes)


def in_order(**changes: Any) -> Facts:
    """Make a GHT of three parties in scope (A 50, B 30, C 20) and an EHPAD out of scope: every row is met."""
    facts = Facts(
        ght=True,
        parties=(
            party("A", "50"), party("B", "30"), party("C", "20"),
            party("X", "900", in_scope=False, out_reason="EHPAD"),
        ),
        perimeters=tuple(each for key in "ABC" for each in minimal(key)),
        referents={key: {f"SOI-{key}": "Cadre supérieur de santé"} for key in "ABC"},
        activities=EVERYBODY,
        evidence=tuple(
            piece(row.code.removeprefix("D2."), asked.key)
            for row in D2.rows
            for asked in row.pieces
            if asked.key not in _NOT_ASKED
        ),
        exercises=(exercise(),),
        systems=tuple(system(key) for key in "ABC"),
        platforms=(platform(),),
        restore_tests=tuple(restore(key) for key in "ABC"),
        dates=days(),
    )  # fmt: skip
    return replace(facts, **changes)


def outside_ght(*sites: Party, **changes: Any) -> Facts:
    """Make a legal entity outside a GHT, E, with sites (A alone, without an AC, when none is given): every row is met."""
    parties = sites or (party("A", None),)
    keys = "".join(each.key for each in parties)
    everybody = frozenset(keys) | {"E"}
    whole = in_order()
    made = replace(
        whole,
        ght=False,
        entity=party("E", None),
        parties=parties,
        perimeters=tuple(each for each in whole.perimeters if each.party in keys),
        referents={key: known for key, known in whole.referents.items() if key in keys},
        activities=everybody,
        evidence=tuple(each for each in whole.evidence if each.key != "control_governance"),
        exercises=(_for(exercise(parties=keys), "E"),),
        systems=tuple(_for(system(key), "E") for key in keys),
        platforms=(replace(platform(), parties=everybody),),
        restore_tests=tuple(_for(restore(key), "E") for key in keys),
    )
    return replace(made, **changes)


def _for(fact: Any, key: str) -> Any:
    return replace(fact, parties=fact.parties | {key})


def without(facts: Facts, row: str, *keys: str) -> Facts:
    """Take pieces of a row away, all of them when none is named."""
    code = f"D2.{row}"
    return replace(facts, evidence=tuple(e for e in facts.evidence if e.row != code or (keys and e.key not in keys)))


def with_piece(facts: Facts, row: str, key: str, **changes: Any) -> Facts:
    """Put one piece of a row in the place of the one that is there."""
    kept = without(facts, row, key)
    return replace(kept, evidence=(*kept.evidence, piece(row, key, **changes)))


def with_perimeter(facts: Facts, code: str, **changes: Any) -> Facts:
    """Change one perimeter."""
    return replace(facts, perimeters=tuple(replace(p, **changes) if p.code == code else p for p in facts.perimeters))


def with_party(facts: Facts, key: str, **changes: Any) -> Facts:
    """Change one party."""
    return replace(facts, parties=tuple(replace(p, **changes) if p.key == key else p for p in facts.parties))
