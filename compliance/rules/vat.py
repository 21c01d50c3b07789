"""VAT by territory: what rates exist where an establishment is, on a day. Source and confidence of each are data (`programme/vat`).

A rate that does not exist there is told, never corrected: what an invoice sells, and from where, may explain it. Where the
territory or the rates of that day are not known, nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance.rules.words import listing, number

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Territory:
    """A territory, known by the first characters of FINESS numbers."""

    key: str
    label: str
    at: str  # « en Corse », « à La Réunion »
    prefixes: tuple[str, ...]
    source: str = ""
    confidence: str = ""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A rate in percent, from its first day to its last (None: as far as is known)."""

    territory: str
    percent: Decimal
    since: date | None = None
    until: date | None = None
    source: str = ""
    confidence: str = ""

    def holds(self, day: date | None) -> bool:
        """Whether it applies on a day; without a day, whether it applies at all."""
        return day is None or ((self.since is None or self.since <= day) and (self.until is None or day <= self.until))


@dataclass(frozen=True, kw_only=True)
class Vat:
    """The territories and their rates. A territory without any rate has no VAT."""

    territories: tuple[Territory, ...] = ()
    rates: tuple[Rate, ...] = ()

    def territory_of(self, finess: str) -> Territory | None:
        """Return the territory of an establishment, None when its number is of none that is known."""
        found = [
            (len(prefix), each) for each in self.territories for prefix in each.prefixes if finess.startswith(prefix)
        ]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    def rates_on(self, territory: Territory, day: date | None) -> tuple[Decimal, ...]:
        """Return the rates of a territory on a day, highest first."""
        here = {each.percent for each in self.rates if each.territory == territory.key and each.holds(day)}
        return tuple(sorted(here, reverse=True))

    def elsewhere(self, finess: str, percent: Decimal, day: date | None) -> str:
        """Say that a rate does not exist where an establishment is on a day, without a final stop; '' when it does, or nobody knows."""
        territory = self.territory_of(finess)
        if territory is None or not percent:
            return ""
        rates = self.rates_on(territory, day)
        if percent in rates:
            return ""
        told = f"Le taux de {number(percent)} % n’existe pas {territory.at}"
        if rates:
            return f"{told} : ceux qui sont connus y sont {listing([f'{number(each)} %' for each in rates])}"
        if any(each.territory == territory.key for each in self.rates):
            return ""  # nobody has read the rates of that day
        return f"{told} : la TVA ne s’y applique pas"
