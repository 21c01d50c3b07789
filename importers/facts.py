"""What the checks may know of the world: plain facts that the caller read, no session and no clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from compliance.rules.vat import Vat

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Written:
    """When a version was recorded, and by whom."""

    at: datetime
    by: UUID | None


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is known of a row of people that the uploader may write and not read: a fingerprint of its values."""

    digest: bytes
    written: Written


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
    files: Collection[str] | None = None  # names of uploaded files (NFC); None while they are not to be checked
    home: str = ""  # FINESS of the only establishment the uploader may write; "" for a GHT of several
    group_code: str = ""  # code of the GHT whose scope this is, "" in an establishment's
    support: str = ""  # FINESS of the establishment that owns what belongs to the whole GHT; "" in an establishment's
    phase_start: date = date(2025, 7, 16)  # first day of the operational phase (referential)
    filed_on: date | None = None  # recorded date of filing on eCaRE
    objectives: Collection[str] = ()  # codes of the rows of the referential; empty: not checked
    # sheet name -> business code -> FINESS EJ that have it, for the columns that refer to it: stored, and met in this file
    references: Mapping[str, Mapping[str, Collection[str]]] = field(default_factory=dict)
    vat: Vat | None = None  # rates of VAT by territory; None: not held against them
    # FINESS EJ -> months after the end of a session at which it forgets names; those that keep them are absent
    retention: Mapping[str, int] = field(default_factory=dict)
    common_ends: Mapping[str, date] = field(
        default_factory=dict
    )  # sessions of the support, in a member's scope -> their end

    # the same keys -> when the current version was written; only where the file says when it was produced
    written: Mapping[str, Mapping[str, Written]] = field(default_factory=dict)
    # private sheet that the uploader may not read -> SHA-256 of « FINESS/key » -> what may be told of it
    sealed: Mapping[str, Mapping[bytes, Sealed]] = field(default_factory=dict)
    made_at: datetime | None = None  # when Vigie produced the file; None for a home-made one
    user_id: UUID | None = None
    people: Mapping[UUID, str] = field(default_factory=dict)  # names of those who wrote the versions above
    taken: Collection[str] = ()  # « sheet!row » of the conflicts decided for the file; « * » for all

    def is_known(self, number: str) -> bool:
        """Tell whether a number exists, here or in the national directory."""
        return number in self.scope_finess or number in self.sites or self.known(number)

    def owners(self, sheet: str, code: object) -> Collection[str]:
        """Return the EJ that have this code in a register (several may: a code is unique in its establishment)."""
        return self.references.get(sheet, {}).get(str(code), ())

    def site_in_scope(self, number: str) -> str | None:
        """Return the EJ of a site that the uploader may write, or None."""
        owner = self.sites.get(number)
        return owner if owner in self.scope_finess else None
