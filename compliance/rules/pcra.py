"""PCRA of a party at a date: which kinds of minimal perimeter are covered, and what the others lack.

Source: arrêté of 3 July 2025, annexe 1, row D2.O1.C: BIA and PCRA for each minimal perimeter that exists (our wording).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance.rules.perimeter import MINIMAL_KINDS, PerimeterKind
from compliance.rules.steps import Assessment, assess
from compliance.rules.verdict import Reason, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from compliance.rules.activity import Party
    from compliance.rules.milestone import Phase
    from compliance.rules.perimeter import Perimeter

_STEPS = 3  # BIA, PCA, PRA
MATRIX_KINDS = (*MINIMAL_KINDS, PerimeterKind.SUPPORT)


@dataclass(frozen=True)
class KindCoverage:
    """One cell of the matrix: a kind of perimeter in one establishment.

    `state` answers O1.C alone (MET, NOT_APPLICABLE with a recorded reason, IN_PROGRESS, MISSING). `bia`, `plan`,
    `test` and `proof` are those of the perimeter of that kind which is nearest to done; `label` is what it lacks
    first, in one to four words, empty if it lacks nothing. `perimeters` are the codes of all of that kind; `left` counts
    the steps (BIA, PCA, PRA, sharing) that still stand between the kind and being covered.
    """

    kind: PerimeterKind
    state: State
    perimeters: tuple[str, ...]
    bia: State
    plan: State
    test: State
    proof: State
    label: str
    reasons: tuple[Reason, ...]
    left: int = 0

    @property
    def covered(self) -> bool:
        """Whether the kind counts for O1.C: covered, or recorded as « n’existe pas ici » with a reason."""
        return self.state in (State.MET, State.NOT_APPLICABLE)


@dataclass(frozen=True)
class PartyCoverage:
    """Whether a party counts for O1.C, with the cells of its line in the matrix and the reasons."""

    party_key: str
    counts: bool
    kinds: dict[PerimeterKind, KindCoverage]
    reasons: tuple[Reason, ...]

    @property
    def started(self) -> bool:
        """Whether anything is done or begun for one of the three minimal kinds."""
        return any(self.kinds[kind].state is not State.MISSING for kind in MINIMAL_KINDS)


def party_coverage(
    party: Party, perimeters: Iterable[Perimeter], on: date, phase: Phase | None = None
) -> PartyCoverage:
    """Say whether a party counts for D2.O1.C on a day.

    It counts when it is in scope and each of the three kinds of minimal perimeter is covered or recorded as
    « n’existe pas ici » with a reason. Support functions are shown beside and never weigh in. Perimeters of other
    parties are ignored. `phase` is the window in which a test counts (None: any day up to `on`).
    """
    own = [perimeter for perimeter in perimeters if perimeter.party == party.key]
    kinds = {kind: kind_coverage(kind, own, on, phase, party_key=party.key) for kind in MATRIX_KINDS}
    minimal = [kinds[kind] for kind in MINIMAL_KINDS]
    complete = all(cell.covered for cell in minimal)
    counts = party.in_scope and complete
    reasons = [reason for cell in minimal if cell.covered == complete for reason in cell.reasons]
    if complete and all(cell.state is State.NOT_APPLICABLE for cell in minimal):
        text = "Aucun des trois périmètres a minima n’existe ici : réponse à faire confirmer"
        reasons.insert(0, Reason("NOTHING_EXISTS", text, party.key))
    if not party.in_scope:
        reasons = [out_of_scope(party)]
    return PartyCoverage(party.key, counts, kinds, tuple(reasons))


def out_of_scope(party: Party) -> Reason:
    """Say why a party does not weigh in the candidate."""
    why = party.out_reason.strip() or "motif à saisir"
    return Reason("OUT_OF_SCOPE", f"Hors périmètre : {why}", party.key)


def kind_coverage(
    kind: PerimeterKind, perimeters: Iterable[Perimeter], on: date, phase: Phase | None = None, *, party_key: str = ""
) -> KindCoverage:
    """Judge one kind of perimeter of one party on a day (annexe 1, D2.O1.C).

    Covered when at least one perimeter of the kind has its BIA done (or a recorded reason for its absence), its PCA
    approved and its PRA approved on days not after `on`; or when every perimeter recorded for the kind is
    « n’existe pas ici » with a reason. Nothing recorded is missing. « Rédigé » does not count.
    """
    mine = sorted((p for p in perimeters if p.kind is kind), key=lambda p: p.code)
    codes = tuple(p.code for p in mine)
    if not mine:
        label = "Vide" if kind is PerimeterKind.SUPPORT else "Rien de saisi"
        reason = Reason("KIND_EMPTY", f"{kind.label} : aucun périmètre saisi", party_key)
        return _uniform(kind, State.MISSING, codes, label, (reason,))
    existing = [assess(p, on, phase) for p in mine if p.exists]
    if not existing:
        return _absent(kind, mine)
    ranked = sorted(existing, key=lambda a: a.progress, reverse=True)  # ties stay by code
    nearest = ranked[0]
    begun = State.IN_PROGRESS if any(a.started for a in existing) else State.MISSING
    state = State.MET if nearest.covered else begun
    return KindCoverage(
        kind,
        state,
        codes,
        nearest.bia.state,
        nearest.plan,
        nearest.test.state,
        nearest.proof.state,
        nearest.label,
        _reasons(nearest, ranked[1:]),
        nearest.left,
    )


def _reasons(nearest: Assessment, others: Sequence[Assessment]) -> tuple[Reason, ...]:
    reasons = nearest.reasons()
    if nearest.covered or not others:
        return reasons
    codes = ", ".join(sorted(a.perimeter.code for a in others))
    text = f"Incomplets aussi : {codes}" if len(others) > 1 else f"Incomplet aussi : {codes}"
    return (*reasons, Reason("OTHERS_INCOMPLETE", text))


def _absent(kind: PerimeterKind, recorded: Sequence[Perimeter]) -> KindCoverage:
    """Judge a kind of which no recorded perimeter exists: « n’existe pas ici » needs its reason."""
    codes = tuple(p.code for p in recorded)
    silent = [p for p in recorded if not p.absence_reason.strip()]
    if silent:
        reasons = tuple(
            Reason("ABSENCE_WITHOUT_REASON", f"{p.title} : noté « n’existe pas ici » sans motif", p.code)
            for p in silent
        )
        return _uniform(kind, State.MISSING, codes, "Motif à saisir", reasons)
    reasons = tuple(
        Reason("ABSENT_WITH_REASON", f"{p.title} : n’existe pas ici, {p.absence_reason.strip()}", p.code)
        for p in recorded
    )
    return _uniform(kind, State.NOT_APPLICABLE, codes, "", reasons)


def _uniform(
    kind: PerimeterKind, state: State, codes: tuple[str, ...], label: str, reasons: tuple[Reason, ...]
) -> KindCoverage:
    later = State.NOT_YET if state is State.MISSING else state
    left = _STEPS if state is State.MISSING else 0
    return KindCoverage(kind, state, codes, state, later, later, later, label, reasons, left)
