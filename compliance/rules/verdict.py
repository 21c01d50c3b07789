"""What a rule answers: a state, the reasons a person reads, and the next thing to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class State(StrEnum):
    """The one vocabulary of states: matrix, rows of the referential, dossier and filings."""

    MET = "met"
    IN_PROGRESS = "in_progress"
    AT_RISK = "at_risk"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    TO_CONFIRM = "to_confirm"
    TO_INSTRUCT = "to_instruct"
    NOT_COMPUTABLE = "not_computable"
    NOT_YET = "not_yet"  # matrix only: the step before it is missing

    @property
    def label(self) -> str:
        """The word a person reads beside the icon."""
        return _STATE_LABELS[self]


_STATE_LABELS = {
    State.MET: "Atteint",
    State.IN_PROGRESS: "En cours",
    State.AT_RISK: "À risque",
    State.MISSING: "Manquant",
    State.NOT_APPLICABLE: "Sans objet",
    State.TO_CONFIRM: "À confirmer",
    State.TO_INSTRUCT: "À instruire",
    State.NOT_COMPUTABLE: "Non calculable",
    State.NOT_YET: "Pas encore possible",
}


_SETTLED = frozenset({State.MET, State.NOT_APPLICABLE})
_SURE_OR_ALMOST = _SETTLED | {State.TO_CONFIRM}


# How far an answer is, from nothing to what counts.
FURTHER = (State.MISSING, State.IN_PROGRESS, State.TO_CONFIRM, State.MET)


def fold(states: Iterable[State]) -> State:
    """Give the state of a whole from those of its parts; a part that gets better never makes the whole worse.

    MET when every part is met (parts that are « sans objet » do not weigh), TO_CONFIRM when the others wait for somebody's
    word, MISSING when nothing is begun, else IN_PROGRESS. Nothing at all is NOT_APPLICABLE.
    """
    weighing = {state for state in states if state is not State.NOT_APPLICABLE}
    if not weighing:
        return State.NOT_APPLICABLE
    if weighing == {State.MET}:
        return State.MET
    if weighing <= _SURE_OR_ALMOST:
        return State.TO_CONFIRM
    return State.MISSING if weighing == {State.MISSING} else State.IN_PROGRESS


@dataclass(frozen=True)
class Reason:
    """Why a state is what it is.

    `code` is stable and meant for programs ("AC_MISSING"); `text` is a French sentence with ordinary spaces and
    no final stop; `subject` is the FINESS number or the perimeter code it is about, empty when it is about all.
    """

    code: str
    text: str
    subject: str = ""


@dataclass(frozen=True)
class Verdict:
    """The answer of a rule: never a state without its reasons."""

    state: State
    reasons: tuple[Reason, ...]
    next_action: str = ""

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do about it."""
        return self.state in _SETTLED
