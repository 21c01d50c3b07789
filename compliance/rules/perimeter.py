"""A perimeter (service or process) of an establishment, and how far its BIA, PCA and PRA are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class PerimeterKind(StrEnum):
    """Kinds of perimeter; the first three are the « périmètres a minima » of annexe 1, D2.O1.C."""

    CARE = "care"
    ADMINISTRATIVE = "administrative"
    TECHNICAL = "technical"
    SUPPORT = "support"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The French name, as in the list of the workbook K1."""
        return _KIND_LABELS[self]


_KIND_LABELS = {
    PerimeterKind.CARE: "Soins à impact majeur",
    PerimeterKind.ADMINISTRATIVE: "Administratif le plus critique",
    PerimeterKind.TECHNICAL: "Plateau technique",
    PerimeterKind.SUPPORT: "Support / logistique",
    PerimeterKind.OTHER: "Autre",
}

MINIMAL_KINDS = (PerimeterKind.CARE, PerimeterKind.ADMINISTRATIVE, PerimeterKind.TECHNICAL)


class BiaState(StrEnum):
    """How far the BIA (bilan d’impact sur l’activité) is."""

    DONE = "done"
    IN_PROGRESS = "in_progress"
    NOT_DONE = "not_done"
    NOT_APPLICABLE = "not_applicable"

    @property
    def label(self) -> str:
        """The French word, as in the list of the workbook K1."""
        return _BIA_LABELS[self]


_BIA_LABELS = {
    BiaState.DONE: "Réalisé",
    BiaState.IN_PROGRESS: "En cours",
    BiaState.NOT_DONE: "Non réalisé",
    BiaState.NOT_APPLICABLE: "Sans objet",
}


class PlanState(StrEnum):
    """How far a plan (PCA or PRA) is; only APPROVED counts, WRITTEN is nearly there."""

    APPROVED = "approved"
    WRITTEN = "written"
    IN_PROGRESS = "in_progress"
    ABSENT = "absent"

    @property
    def label(self) -> str:
        """The French word, as in the list of the workbook K1."""
        return _PLAN_LABELS[self]


_PLAN_LABELS = {
    PlanState.APPROVED: "Validé",
    PlanState.WRITTEN: "Rédigé",
    PlanState.IN_PROGRESS: "En cours",
    PlanState.ABSENT: "Absent",
}


@dataclass(frozen=True, kw_only=True)
class Perimeter:
    """The facts of one perimeter, as known when the question is asked.

    `party` is the key of the party it belongs to: FINESS EJ in a GHT, FINESS ET outside. `absence_reason` says why
    it does not exist here, `bia_reason` why there is no BIA. `inherited_from` is the FINESS of the EJ whose shared
    PCRA covers this perimeter, and `justification` why degraded modes are the same here (a reviewer reads it).
    `proof` says whether a proof file is attached; None while nobody has looked. `tried_on` are the days on which exercises
    tried its plan, `to_try_on` those on which they will: beside the two days that the perimeter says of itself.
    """

    party: str
    code: str
    name: str
    kind: PerimeterKind
    exists: bool = True
    absence_reason: str = ""
    bia: BiaState = BiaState.NOT_DONE
    bia_on: date | None = None
    bia_reason: str = ""
    pca: PlanState = PlanState.ABSENT
    pca_on: date | None = None
    pra: PlanState = PlanState.ABSENT
    pra_on: date | None = None
    last_test_on: date | None = None
    next_test_on: date | None = None
    inherited_from: str = ""
    justification: str = ""
    proof: bool | None = None
    tried_on: tuple[date, ...] = ()
    to_try_on: tuple[date, ...] = ()

    def last_try(self, on: date) -> date | None:
        """The last day, by a day, on which its plan was tried."""
        return max((day for day in (self.last_test_on, *self.tried_on) if day is not None and day <= on), default=None)

    def next_try(self, on: date) -> date | None:
        """The next day on which its plan is tried; the last one foreseen when all are past. A try dated later is still to come."""
        later = [day for day in (self.last_test_on, *self.tried_on) if day is not None and day > on]
        foreseen = [day for day in (self.next_test_on, *self.to_try_on) if day is not None]
        ahead = [day for day in (*later, *foreseen) if day >= on]
        return min(ahead) if ahead else max(foreseen, default=None)

    @property
    def title(self) -> str:
        """How reasons name it: « URG-01 Urgences adultes »."""
        return f"{self.code} {self.name}".strip()

    @property
    def shared(self) -> bool:
        """Whether its plan is that of another EJ, which it inherits."""
        owner = self.inherited_from.strip()
        return bool(owner) and owner != self.party
