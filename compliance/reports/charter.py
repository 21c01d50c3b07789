"""The charter as a page shows it: the share signed, service by service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from compliance.rules.charter import Charter
from compliance.services.register import Row

WANTED = ("service", "headcount", "signatures", "counted_on")
_LAST = Decimal(2)  # over any share: a service without anybody comes after the others


def read(row: Row) -> Charter:
    """Return a line as the rules read it."""
    values = row.values
    return Charter(
        str(row.establishment_id), values["service"], values["headcount"], values["signatures"], values["counted_on"],
        row.id,
    )  # fmt: skip


def by_service(charters: Iterable[Charter], names: Mapping[str, str]) -> list[tuple[Charter, str]]:
    """List the services, the smallest share first, each with the name of its establishment."""
    return sorted(
        ((each, names[each.establishment]) for each in charters),
        key=lambda pair: (pair[0].share if pair[0].share is not None else _LAST, pair[1], pair[0].service),
    )
