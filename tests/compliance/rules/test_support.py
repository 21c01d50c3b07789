"""Support functions: payroll, billing, purchasing, human resources (lessons.md, CHSF)."""

from __future__ import annotations

from datetime import date

import pytest

from compliance.rules.support import SupportAnswer, SupportFunction, answered
from compliance.rules.verdict import State

ON = date(2026, 11, 22)
FULL = {
    "can_run_again": True,
    "run_by": "Responsable de la paie",
    "channel": "Fichier porté à la Trésorerie",
    "hold": 43200,
    "checked_on": date(2026, 5, 4),
}


def test_chsf_a_function_of_which_nothing_is_said_is_said_empty():
    for function in SupportFunction:
        verdict = answered(function, None, ON)
        assert (verdict.state, verdict.reasons[0].text) == (State.MISSING, "Rien n’est dit")


@pytest.mark.parametrize(
    ("changes", "state", "text"),
    [
        ({}, State.MET, "Oui, par une fonction et un moyen connus, vérifié"),
        ({"can_run_again": None}, State.MISSING, "La question reste sans réponse"),
        ({"can_run_again": False}, State.AT_RISK, "Ne peut pas tourner sans informatique"),
        ({"run_by": " ", "channel": ""}, State.IN_PROGRESS, "Oui, reste à dire par qui et comment"),
        ({"hold": None}, State.IN_PROGRESS, "Oui, reste à dire combien de temps"),
        ({"hold": 0}, State.MET, "Oui, par une fonction et un moyen connus, vérifié"),
        ({"checked_on": date(2026, 11, 23)}, State.IN_PROGRESS, "Oui, reste à dire quand ce repli a été vérifié"),
    ],
)
def test_yes_is_not_enough_by_whom_how_and_since_when_are_asked(changes, state, text):
    verdict = answered(SupportFunction.PAYROLL, SupportAnswer(function=SupportFunction.PAYROLL, **FULL | changes), ON)
    assert (verdict.state, verdict.reasons[0].text) == (state, text)
