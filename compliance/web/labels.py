"""French words for the values that pages show. Register with ``app.jinja_env.filters.update(labels.FILTERS)``.

Every filter takes the enumeration member or its text value, since a filing is read back from its canonical JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compliance.rules import funding, words
from compliance.rules.perimeter import BiaState, PerimeterKind, PlanState
from compliance.rules.verdict import State

# the icon that the state of a BIA or of a plan bears; « Rédigé » is nearly there and does not count
_ICONS = {
    BiaState.DONE: State.MET,
    BiaState.IN_PROGRESS: State.IN_PROGRESS,
    BiaState.NOT_DONE: State.MISSING,
    BiaState.NOT_APPLICABLE: State.NOT_APPLICABLE,
    PlanState.APPROVED: State.MET,
    PlanState.WRITTEN: State.IN_PROGRESS,
    PlanState.ABSENT: State.MISSING,
}
_FACTS = {str(fact): fact.label for fact in (*BiaState, *PlanState)}
_FACT_STATES = {str(fact): str(state) for fact, state in _ICONS.items()}

_RULES = {
    "document": "pièces dans leur fenêtre de dates",
    "coverage": "part d’activité",
    "test": "événement qualifiant",
    "trajectory": "trajectoire datée",
}


def state_label(state: str) -> str:
    """« Atteint », « En cours »..."""
    return State(state).label


def kind_label(kind: str) -> str:
    """« Soins à impact majeur »..."""
    return PerimeterKind(kind).label


def fact_label(fact: str) -> str:
    """« Réalisé », « Validé »... for a BIA or a plan."""
    return str(_FACTS[str(fact)])


def fact_state(fact: str) -> str:
    """State whose icon a BIA or a plan bears in a list."""
    return _FACT_STATES[str(fact)]


def rule_label(kind: str) -> str:
    """Say in words what kind of rule a row of the referential has."""
    return _RULES.get(kind, str(kind))


def duration_fr(minutes: int | None, empty: str = "") -> str:
    """« 4 h 30 », « 2 semaines »; ``empty`` when nothing is said, which 0 is not."""
    return empty if minutes is None else words.duration(minutes)


def euros(cents: int | None, empty: str = "non connu") -> str:
    """« 12 345,60 € »; ``empty`` when nobody knows, which 0 is not."""
    return empty if cents is None else funding.euros(cents)


FILTERS: dict[str, Callable[..., Any]] = {
    "state_label": state_label,
    "kind_label": kind_label,
    "fact_label": fact_label,
    "fact_state": fact_state,
    "rule_label": rule_label,
    "duration_fr": duration_fr,
    "euros": euros,
}
