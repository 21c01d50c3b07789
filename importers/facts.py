"""What the checks may know of the world: plain facts that the caller read, no session and no clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

Values = Mapping[str, object]


@dataclass(frozen=True)
class EstablishmentRef:
    """An establishment (EJ) the uploader may write."""

    id: str
    finess: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything a check may use besides the file.

    `candidate_kind` is "ght", "single" (GHT of one EJ) or "eg" (candidate outside a GHT, whose parties are sites).
    """

    scope_finess: Mapping[str, EstablishmentRef]  # FINESS EJ -> establishment the uploader may write
    today: date
    sites: Mapping[str, str] = field(default_factory=dict)  # FINESS ET -> FINESS EJ
    site_names: Mapping[str, str] = field(default_factory=dict)  # FINESS ET -> name, where known
    known: Callable[[str], bool] = lambda _number: False  # is in the national directory
    candidate_kind: str = "ght"
    parties_frozen: bool = False  # the application was filed: who is a party, and in scope, no longer moves
    # sheet name of the specification -> business key -> field -> value; only fields given here are compared
    existing: Mapping[str, Mapping[str, Values]] = field(default_factory=dict)
    group_finess: Collection[str] = ()  # other EJ of the candidate, that a shared plan may cover
    files: Collection[str] | None = None  # names of uploaded files; None while they are not to be checked

    def is_known(self, number: str) -> bool:
        """Tell whether a number exists, here or in the national directory."""
        return number in self.scope_finess or number in self.sites or self.known(number)

    def site_in_scope(self, number: str) -> str | None:
        """Return the EJ of a site that the uploader may write, or None."""
        owner = self.sites.get(number)
        return owner if owner in self.scope_finess else None
