"""Short ways to write the facts a rule is asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import settings

from compliance.rules.activity import Party
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
