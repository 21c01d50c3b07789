"""The steps of one perimeter, always in the same order: BIA, plan (PCA and PRA), test, proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance.rules.perimeter import BiaState, PlanState
from compliance.rules.verdict import Reason, State
from compliance.rules.words import short_date

if TYPE_CHECKING:
    from datetime import date

    from compliance.rules.milestone import Phase
    from compliance.rules.perimeter import Perimeter

# How near a step is to counting, to choose which perimeter of a kind stands for it.
_FAR, _BEGUN, _NEAR, _DONE = range(4)


@dataclass(frozen=True)
class Step:
    """Where one step is: its state, what it lacks in a few words, and the clause a reason is made of."""

    state: State
    rank: int
    label: str = ""
    code: str = ""
    text: str = ""

    @property
    def done(self) -> bool:
        """Whether the step counts."""
        return self.rank == _DONE


@dataclass(frozen=True)
class Assessment:
    """One existing perimeter, step by step."""

    perimeter: Perimeter
    bia: Step
    pca: Step
    pra: Step
    sharing: Step
    test: Step
    proof: Step

    @property
    def covered(self) -> bool:
        """Whether this perimeter alone covers its kind for D2.O1.C."""
        return all(step.done for step in self._counting)

    @property
    def started(self) -> bool:
        """Whether its BIA or one of its plans is begun; a reason for doing none is no beginning."""
        begun = self.perimeter.bia in (BiaState.DONE, BiaState.IN_PROGRESS)
        return begun or any(step.rank > _FAR for step in (self.pca, self.pra))

    @property
    def left(self) -> int:
        """How many steps are still to finish for D2.O1.C."""
        return sum(not step.done for step in self._counting)

    @property
    def plan(self) -> State:
        """The state of PCA and PRA together."""
        if self.pca.done and self.pra.done:
            return State.MET if self.sharing.done else State.IN_PROGRESS
        if self.pca.rank == self.pra.rank == _FAR:
            return State.MISSING if self.bia.done else State.NOT_YET
        return State.IN_PROGRESS

    @property
    def progress(self) -> tuple[int, ...]:
        """What is compared to find the perimeter nearest to done: first what O1.C asks, then test and proof."""
        counting = self._counting
        return (
            sum(step.done for step in counting),
            sum(step.rank for step in counting),
            self.test.rank,
            self.proof.rank,
        )

    @property
    def label(self) -> str:
        """What is missing first, in the order of the steps; empty when nothing is."""
        for label in (self.bia.label, self._plan_label, self.sharing.label, self.test.label, self.proof.label):
            if label:
                return label
        return ""

    @property
    def _counting(self) -> tuple[Step, Step, Step, Step]:
        return (self.bia, self.pca, self.pra, self.sharing)

    @property
    def _plan_label(self) -> str:
        if self.pca.label and self.pca.label == self.pra.label.replace("PRA", "PCA"):
            return self.pca.label.replace("PCA", "Plans")
        late = sorted((step for step in (self.pca, self.pra) if not step.done), key=lambda step: step.rank)
        return late[0].label if late else ""

    def reasons(self) -> tuple[Reason, ...]:
        """Say what counts when the perimeter is covered, what it lacks otherwise, one sentence each."""
        name, code = self.perimeter.title, self.perimeter.code
        if not self.covered:
            lacking = (step for step in self._counting if not step.done)
            return tuple(Reason(step.code, f"{name} : {step.text}", code) for step in lacking)
        clauses = ", ".join(step.text for step in (self.bia, self.pca, self.pra))
        reasons = [Reason("KIND_COVERED", f"{name} : {clauses}", code)]
        if self.sharing.text:
            reasons.append(Reason(self.sharing.code, f"{name} : {self.sharing.text}", code))
        return tuple(reasons)


def assess(perimeter: Perimeter, on: date, phase: Phase | None = None) -> Assessment:
    """Judge each step of a perimeter that exists, on a day; `phase` is the window in which a test counts."""
    bia = bia_step(perimeter, on)
    pca = plan_step("PCA", perimeter.pca, perimeter.pca_on, on)
    pra = plan_step("PRA", perimeter.pra, perimeter.pra_on, on)
    sharing = sharing_step(perimeter)
    test = exercise_step(perimeter, on, phase, possible=pca.done and pra.done)
    return Assessment(perimeter, bia, pca, pra, sharing, test, proof_step(attached=perimeter.proof, possible=test.done))


def bia_step(perimeter: Perimeter, on: date) -> Step:
    """BIA done on a day not after `on`, or a recorded reason for its absence (annexe 1, D2.O1.C).

    « Sans objet » with its reason is an answer; any other reason counts too, and waits for a reviewer (TO_CONFIRM).
    """
    day, reason = perimeter.bia_on, perimeter.bia_reason.strip()
    if perimeter.bia is BiaState.DONE and (day is None or day <= on):
        return Step(State.MET, _DONE, text=f"BIA réalisé le {short_date(day)}" if day else "BIA réalisé, sans date")
    if reason and perimeter.bia is BiaState.NOT_APPLICABLE:
        return Step(State.NOT_APPLICABLE, _DONE, text=f"BIA sans objet, motif : {reason}")
    if reason:
        what = "BIA en cours" if perimeter.bia is BiaState.IN_PROGRESS else "BIA non réalisé"
        return Step(State.TO_CONFIRM, _DONE, text=f"{what}, motif enregistré : {reason}")
    if perimeter.bia is BiaState.DONE and day is not None:
        text = f"BIA daté du {short_date(day)}, après le {short_date(on)}"
        return Step(State.IN_PROGRESS, _NEAR, f"BIA le {short_date(day)}", "BIA_LATER", text)
    if perimeter.bia is BiaState.IN_PROGRESS:
        return Step(State.IN_PROGRESS, _BEGUN, "BIA à finir", "BIA_IN_PROGRESS", "BIA en cours")
    if perimeter.bia is BiaState.NOT_APPLICABLE:
        text = "BIA noté « sans objet », motif à saisir"
        return Step(State.MISSING, _FAR, "Motif BIA à saisir", "BIA_WITHOUT_REASON", text)
    return Step(State.MISSING, _FAR, "BIA à faire", "BIA_NOT_DONE", "BIA non réalisé, sans motif")


def plan_step(name: str, state: PlanState, approved_on: date | None, on: date) -> Step:
    """Judge a plan: approved on a day not after `on`; « Rédigé » is nearly there and does not count."""
    if state is PlanState.APPROVED:
        if approved_on is None:
            text = f"{name} validé sans date de validation"
            return Step(State.IN_PROGRESS, _NEAR, f"{name} à dater", f"{name}_UNDATED", text)
        if approved_on > on:
            text = f"{name} validé le {short_date(approved_on)}, après le {short_date(on)}"
            return Step(State.IN_PROGRESS, _NEAR, f"{name} le {short_date(approved_on)}", f"{name}_LATER", text)
        return Step(State.MET, _DONE, text=f"{name} validé le {short_date(approved_on)}")
    if state is PlanState.WRITTEN:
        text = f"{name} rédigé, reste à valider"
        return Step(State.IN_PROGRESS, _NEAR, f"{name} à valider", f"{name}_WRITTEN", text)
    if state is PlanState.IN_PROGRESS:
        text = f"{name} en cours de rédaction"
        return Step(State.IN_PROGRESS, _BEGUN, f"{name} à finir", f"{name}_IN_PROGRESS", text)
    return Step(State.MISSING, _FAR, f"{name} à écrire", f"{name}_ABSENT", f"{name} absent")


def sharing_step(perimeter: Perimeter) -> Step:
    """Judge a plan shared from another EJ: it serves this one only with a written justification (rule 4)."""
    owner, why = perimeter.inherited_from.strip(), perimeter.justification.strip()
    if not owner or owner == perimeter.party:
        return Step(State.MET, _DONE)
    if why:
        return Step(State.MET, _DONE, code="PLAN_SHARED", text=f"PCRA partagé de {owner}, justification : {why}")
    text = f"PCRA partagé de {owner}, justification écrite manquante"
    return Step(State.IN_PROGRESS, _NEAR, "Partage à justifier", "SHARING_UNJUSTIFIED", text)


def exercise_step(perimeter: Perimeter, on: date, phase: Phase | None, *, possible: bool) -> Step:
    """Place the last or next test for the matrix. Whether an exercise counts for D2.O1.D is another rule's."""
    last, planned = perimeter.last_try(on), perimeter.next_try(on)
    if last is not None and (phase is None or phase.contains(last)):
        return Step(State.MET, _DONE)
    if not possible:
        return Step(State.NOT_YET, _FAR)
    if planned is not None and planned >= on:
        late = phase is not None and not phase.contains(planned)
        label = f"Test prévu {short_date(planned)}"
        return Step(State.AT_RISK if late else State.IN_PROGRESS, _BEGUN if late else _NEAR, label)
    if planned is not None and (last is None or planned > last):
        return Step(State.AT_RISK, _BEGUN, "Test à confirmer")
    if last is not None:
        return Step(State.AT_RISK, _BEGUN, "Test à refaire")
    return Step(State.MISSING, _FAR, "Test à dater")


def proof_step(*, attached: bool | None, possible: bool) -> Step:
    """Place the proof file for the matrix; what the file is worth is not judged here."""
    if attached:
        return Step(State.MET, _DONE)
    if not possible:
        return Step(State.NOT_YET, _FAR)
    if attached is None:
        return Step(State.TO_INSTRUCT, _FAR, "Preuve à instruire")
    return Step(State.MISSING, _FAR, "Preuve à joindre")
