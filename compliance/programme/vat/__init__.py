"""Rates of VAT by territory, as data: files beside this module, and those of the folder `vat` of a mounted folder.

A mounted file replaces the shipped one of the same name. The loader refuses whatever it does not know; what nobody has read
is absent, and rules are silent about it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.programme.strict import Table, parse_toml, read_folder
from compliance.rules.vat import Rate, Territory, Vat

if TYPE_CHECKING:
    from decimal import Decimal

SHIPPED = Path(__file__).resolve().parent
CONFIDENCES = frozenset({"publiée", "relayée", "à confirmer"})
_MOST = 100  # percent


@cache
def load(folder: Path | None = None) -> Vat:
    """Read the rates, once for a process. Raises ReferentialError naming the file, the entry and the key at fault."""
    read = [parse(name, text) for name, text in read_folder(SHIPPED, folder).items()]
    return Vat(
        territories=tuple(each for one in read for each in one.territories),
        rates=tuple(each for one in read for each in one.rates),
    )


def parse(name: str, text: str) -> Vat:
    """Read one file from its text; messages call it `name`. Raises ReferentialError."""
    table = parse_toml(name, text)
    territories = tuple(_territory(entry) for entry in table.tables("territories", "territoire"))
    given: set[str] = set()
    for territory in territories:
        if given & set(territory.prefixes):
            table.fail("territories", f"un préfixe de « {territory.key} » est déjà celui d’un autre territoire")
        given |= set(territory.prefixes)
    known = frozenset(each.key for each in territories)
    rates = tuple(rate for entry in table.tables("rates", "taux") for rate in _rates(entry, known))
    table.text("title")
    table.text("source")
    table.done()
    return Vat(territories=territories, rates=rates)


def _territory(entry: Table) -> Territory:
    key, label, at, prefixes = entry.key("key"), entry.text("label"), entry.text("at"), entry.texts("prefixes")
    if not prefixes:
        entry.fail("prefixes", "liste vide")
    source, confidence = entry.sourced(CONFIDENCES)
    return Territory(key=key, label=label, at=at, prefixes=prefixes, source=source, confidence=confidence)


def _rates(entry: Table, known: frozenset[str]) -> list[Rate]:
    territories = entry.texts("territories", among=known)
    if not territories:
        entry.fail("territories", "liste vide")
    percents: tuple[Decimal, ...] = entry.decimals("percent")
    if not percents or not all(0 < each < _MOST for each in percents):
        entry.fail("percent", "une liste de nombres entre 0 et 100")
    since, until = entry.day("since"), entry.day("until")
    if since is not None and until is not None and until < since:
        entry.fail("until", "la fin précède le début")
    source, confidence = entry.sourced(CONFIDENCES)
    return [
        Rate(territory=key, percent=percent, since=since, until=until, source=source, confidence=confidence)
        for key in territories
        for percent in percents
    ]
