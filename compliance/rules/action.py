"""Actions of an improvement plan: a tick closes nothing, a proof or a new test does.

Source: lessons.md, Dunkerque (an incident is learnt from when its actions hold) and practice.md, 1.3 (the improvement plan of
a RETEX). An action that is said to be done stays « faite, à prouver » until its proof is received or an exercise tried it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from compliance.rules.milestone import days_to
from compliance.rules.verdict import Reason, State, Verdict
from compliance.rules.words import plural, short_date

if TYPE_CHECKING:
    from datetime import date


class Status(StrEnum):
    """What people say of an action; the values are those of the workbook K2."""

    TO_DO = "to_do"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DROPPED = "dropped"


# What each state of an action is called: the one vocabulary of states, in the words of an action.
LABELS = {
    State.AT_RISK: "En retard",
    State.TO_CONFIRM: "Faite, à prouver",
    State.IN_PROGRESS: "En cours",
    State.MET: "Close",
    State.NOT_APPLICABLE: "Abandonnée",
}


def exercises_of(exercise_code: str | None, proposal: str | None) -> frozenset[str]:
    """Return the exercises whose improvement plan an action is part of: its own, and the one that proposes its incident to the reviewer."""
    return frozenset(code for code in (exercise_code, proposal) if code)


@dataclass(frozen=True, kw_only=True)
class Retest:
    """The exercise that tries an action again. `held_on` is None while it has no result; `failed`: a plan it tried failed."""

    code: str
    held_on: date | None = None
    failed: bool = False


@dataclass(frozen=True, kw_only=True)
class Action:
    """One action. `received` says whether the file that proves it is in Vigie."""

    due_on: date
    status: str = ""
    closed_on: date | None = None
    proof_file: str = ""
    received: bool = False
    retest: Retest | None = None

    def done(self, on: date) -> bool:
        """Whether it is said to be done on a day; without a date, nobody knows since when."""
        return self.status == Status.DONE and (self.closed_on is None or self.closed_on <= on)


def judge(action: Action, on: date) -> Verdict:
    """Say where an action is on a day: close, done and still to prove, late, open or dropped.

    A failed new test weighs more than a paper: what it was to mend still fails.
    """
    if action.status == Status.DROPPED:
        return Verdict(State.NOT_APPLICABLE, (Reason("ACTION_DROPPED", "Abandonnée"),))
    if action.done(on):
        return _done(action, on)
    left = days_to(action.due_on, on)
    if left < 0:
        text = f"Échéance du {short_date(action.due_on)} dépassée de {-left} {plural(left, 'jour', 'jours')}"
        return Verdict(State.AT_RISK, (Reason("ACTION_LATE", text),), "Faire l’action, ou revoir son échéance")
    when = "aujourd’hui" if not left else f"dans {left} {plural(left, 'jour', 'jours')}"
    text = f"Échéance {when}, le {short_date(action.due_on)}" if left else f"Échéance {when}"
    return Verdict(
        State.IN_PROGRESS, (Reason("ACTION_OPEN", text),), f"Faire l’action avant le {short_date(action.due_on)}"
    )


def _done(action: Action, on: date) -> Verdict:
    retest = action.retest
    held = retest.held_on if retest is not None and retest.held_on is not None and retest.held_on <= on else None
    if retest is not None and held is not None and retest.failed:
        text = f"L’exercice {retest.code} du {short_date(held)} a échoué : ce qu’elle devait corriger ne tient pas"
        return Verdict(
            State.TO_CONFIRM, (Reason("RETEST_FAILED", text, retest.code),), "Reprendre l’action, puis la tester"
        )
    proofs = []
    if action.proof_file and action.received:
        proofs.append(Reason("PROOF_RECEIVED", f"Prouvée par {action.proof_file}"))
    if retest is not None and held is not None:
        proofs.append(
            Reason("RETEST_HELD", f"Vérifiée par l’exercice {retest.code} du {short_date(held)}", retest.code)
        )
    if proofs:
        return Verdict(State.MET, tuple(proofs))
    since = f" le {short_date(action.closed_on)}" if action.closed_on else ""
    reasons = [
        Reason("ACTION_UNPROVEN", f"Dite faite{since}, sans preuve reçue ni nouveau test : elle n’est pas close")
    ]
    step = "Joindre la preuve, ou nommer l’exercice qui la vérifie"
    if action.proof_file:
        reasons.append(Reason("PROOF_NOT_RECEIVED", f"{action.proof_file} est nommé, mais n’a pas été déposé"))
        step = f"Déposer {action.proof_file}"
    if retest is not None:
        text = f"L’exercice {retest.code} qui doit la vérifier n’a pas encore de résultat"
        reasons.append(Reason("RETEST_TO_COME", text, retest.code))
        step = step if action.proof_file else f"Tenir {retest.code}, puis saisir son résultat"
    return Verdict(State.TO_CONFIRM, tuple(reasons), step)
