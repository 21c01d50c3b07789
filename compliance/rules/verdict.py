"""What a rule answers: a state, the reasons a person reads, and the next thing to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
