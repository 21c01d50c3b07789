"""The steps of a candidature or a declaration as a machine of states, and whose time runs meanwhile (programme.md, "Review").

States and steps are data (programme/procedure.toml). Days are legal days, Europe/Paris: the caller gives them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from compliance.rules.words import listing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

CANDIDATE, ARS, ANS, NOBODY = "candidate", "ars", "ans", "none"
LEVELS = (CANDIDATE, ARS, ANS)
# Which act makes a step: the step itself, a filing, a decision on a piece, a decision on the dossier.
MOVE, FILING, PIECE, DOSSIER = "move", "filing", "piece", "dossier"


class Forbidden(ValueError):
    """A step that the procedure does not allow; its text is a French sentence."""


@dataclass(frozen=True)
class State:
    """A state: `clock` says whose time runs (candidate, ars, ans, none); nothing comes after a `final` one."""

    key: str
    label: str
    clock: str
    final: bool = False


@dataclass(frozen=True)
class Step:
    """A step between two states: the level and permission it takes, its button, and what the history says of it."""

    source: str
    target: str
    level: str
    permission: str
    label: str
    sentence: str
    reason: bool = False
    password: bool = False
    through: str = MOVE


@dataclass(frozen=True)
class Level:
    """An authority or the candidate, and how long its part is expected to take; None when nobody waits for it."""

    key: str
    label: str
    months: int | None = None
    date: str = ""
    confidence: str = ""
    note: str = ""


@dataclass(frozen=True)
class Process:
    """A machine: its states in order, the first of which everybody begins in, and its steps."""

    key: str
    label: str
    states: Mapping[str, State]
    steps: tuple[Step, ...]

    @property
    def initial(self) -> State:
        """The state of who did nothing yet."""
        return next(iter(self.states.values()))


@dataclass(frozen=True)
class Entered:
    """A state entered on a legal day."""

    state: str
    on: date


@dataclass(frozen=True)
class Clocks:
    """Days spent at the candidate, the ARS and the ANS since the first step, each counted apart."""

    candidate: int = 0
    ars: int = 0
    ans: int = 0

    def of(self, level: str) -> int:
        """Return the days of one level, 0 for nobody's."""
        return {CANDIDATE: self.candidate, ARS: self.ars, ANS: self.ans}.get(level, 0)


def state(process: Process, entered: Sequence[Entered]) -> State:
    """Return the state that the last step entered, the first one of the process before any."""
    return process.states[entered[-1].state] if entered else process.initial


def allowed(process: Process, current: str, level: str, permissions: Collection[str]) -> tuple[Step, ...]:
    """Return the steps that a level may make from a state with its permissions."""
    return tuple(
        each
        for each in process.steps
        if each.source == current and each.level == level and each.permission in permissions
    )


def leads_to(process: Process, current: str, through: str) -> bool:
    """Say whether an act of this kind (filing, piece…) may still come, now or after other steps."""
    ahead = _after(process, current)
    return any(each.through == through and each.source in ahead for each in process.steps)


def step(
    process: Process, current: str, target: str, *, level: str, permissions: Collection[str], reason: str = ""
) -> Step:
    """Return the step from a state to another one. Raises Forbidden, saying why."""
    if target not in process.states:
        raise Forbidden(f"« {target} » n’est pas une étape de la procédure.")
    before, after = process.states[current], process.states[target]
    from_here = [each for each in process.steps if each.source == current and each.target == target]
    if not from_here:
        # A button, pressed twice or by two people: what comes after it is where it led.
        pressed = any(each.target == target and each.through == MOVE for each in process.steps)
        if current == target or (pressed and current in _after(process, target)):
            raise Forbidden(f"C’est déjà fait : le dossier en est à « {before.label} ».")
        next_ones = [process.states[each.target].label for each in process.steps if each.source == current]
        told = f" Ensuite : {listing(list(dict.fromkeys(next_ones)))}." if next_ones else " Elle est close."
        raise Forbidden(f"« {before.label} » ne passe pas à « {after.label} ».{told}")
    mine = next((each for each in from_here if each.level == level), None)
    if mine is None:
        raise Forbidden(f"« {after.label} » : cette étape {_BELONGS[from_here[0].level]}.")
    if mine.permission not in permissions:
        raise Forbidden(f"« {after.label} » : votre compte n’a pas ce droit ici.")
    if mine.reason and not reason.strip():
        raise Forbidden(f"« {mine.label} » se motive : écrivez pourquoi.")
    return mine


def _after(process: Process, state: str) -> set[str]:
    """Return a state and those that may come after it."""
    found = {state}
    while more := {each.target for each in process.steps if each.source in found} - found:
        found |= more
    return found


_BELONGS = {CANDIDATE: "revient au candidat", ARS: "revient à l’ARS", ANS: "revient à l’ANS"}


def sentence(process: Process, before: str, after: str) -> str:
    """Say what a step did, for the history; the label of the state for a step that the procedure does not know."""
    found = next((each for each in process.steps if (each.source, each.target) == (before, after)), None)
    return found.sentence if found else process.states[after].label


def clocks(process: Process, entered: Sequence[Entered], on: date) -> Clocks:
    """Count the days in each level's hands by the end of `on`: a day is whose the state was when it began.

    The time of an authority stands still while a piece is with the candidate.
    """
    spent: Counter[str] = Counter()
    known = [each for each in entered if each.on <= on]
    if known:
        for now, following in pairwise((*known, Entered(known[-1].state, on))):
            spent[process.states[now.state].clock] += (following.on - now.on).days
    return Clocks(spent[CANDIDATE], spent[ARS], spent[ANS])
