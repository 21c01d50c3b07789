"""Sessions of training: what they are about, who runs them, when, and how long what is learnt there holds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class Kind(StrEnum):
    """What a session is about; the values and the labels are those of the workbook K3."""

    DMCC = "dmcc"
    CRISIS_CELL = "crisis_cell"
    PCRA_REFERENT = "pcra_referent"
    AWARENESS = "awareness"
    SSE = "sse"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The French name, as in the list of the workbook K3."""
        return _KINDS[self]


_KINDS = {
    Kind.DMCC: "DMCC",
    Kind.CRISIS_CELL: "Cellule de crise",
    Kind.PCRA_REFERENT: "Référent PCRA",
    Kind.AWARENESS: "Sensibilisation cyber",
    Kind.SSE: "SSE",
    Kind.OTHER: "Autre",
}
ORGANISERS = {
    "ars": "ARS",
    "grades": "GRADeS",
    "cesu": "CESU",
    "anfh": "ANFH",
    "university": "Université",
    "ght": "GHT",
    "internal": "Interne",
    "provider": "Prestataire",
}  # as in the list of the workbook K3


@dataclass(frozen=True, kw_only=True)
class Session:
    """A session: `half_days` is None for e-learning, counted in hours; `validity_months` None when nothing limits it.

    `owner` is the establishment that recorded it: its own, or the support of the GHT for a session of the whole GHT.
    """

    code: str
    owner: str = ""
    kind: Kind
    starts_on: date
    ends_on: date
    half_days: int | None = None
    hours: Decimal = Decimal(0)
    validity_months: int | None = None
