"""The days that a planned exercise avoids: school holidays by zone, public holidays, weeks of winter epidemics.

Files beside this module, and those of the folder `calendar` of a mounted folder, which replace the shipped ones of the same
name: an installation corrects a date without a change of code. The loader refuses whatever it does not know; what nobody has
read is absent.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.programme.strict import Table, parse_toml, read_folder
from compliance.rules.calendar import Calendar, Holiday, Season

if TYPE_CHECKING:
    from datetime import date

SHIPPED = Path(__file__).resolve().parent
CONFIDENCES = frozenset({"publiée", "relayée", "à confirmer", "usage"})
_WEEKS = 53


@cache
def load(folder: Path | None = None) -> Calendar:
    """Read the calendar, once for a process. Raises ReferentialError naming the file, the entry and the key at fault."""
    read = [parse(name, text) for name, text in read_folder(SHIPPED, folder).items()]
    return Calendar(
        holidays=tuple(each for one in read for each in one.holidays),
        public_holidays=tuple(each for one in read for each in one.public_holidays),
        seasons=tuple(each for one in read for each in one.seasons),
        zones={region: zone for one in read for region, zone in one.zones.items()},
    )


def parse(name: str, text: str) -> Calendar:
    """Read one file from its text; messages call it `name`. Raises ReferentialError."""
    table = parse_toml(name, text)
    zones: dict[str, str] = {}
    for entry in table.tables("zones", "zone"):
        key, regions = entry.text("key"), entry.texts("regions")
        entry.sourced(CONFIDENCES)
        for region in regions:
            if region in zones:
                entry.fail("regions", f"la région « {region} » est déjà dans la zone {zones[region]}")
            zones[region] = key
    known = frozenset(zones.values())
    found = Calendar(
        holidays=tuple(_holiday(entry, known) for entry in table.tables("holidays", "vacances")),
        public_holidays=tuple(_public(entry) for entry in table.tables("public_holidays", "jour férié")),
        seasons=tuple(_season(entry) for entry in table.tables("seasons", "saison")),
        zones=zones,
    )
    table.text("title")
    table.text("source")
    table.done()
    return found


def _day(entry: Table, key: str) -> date:
    day = entry.day(key)
    if day is None:
        entry.fail(key, "clé manquante")
    return day


def _holiday(entry: Table, known: frozenset[str]) -> Holiday:
    label, first, last = entry.text("label"), _day(entry, "first"), _day(entry, "last")
    zones = frozenset(entry.texts("zones", among=known or None))  # a file of holidays alone uses those of another file
    if not zones:
        entry.fail("zones", "liste vide")
    if last < first:
        entry.fail("last", "la fin précède le début")
    source, confidence = entry.sourced(CONFIDENCES)
    return Holiday(label=label, first=first, last=last, zones=zones, source=source, confidence=confidence)


def _public(entry: Table) -> Holiday:
    label, day = entry.text("label"), _day(entry, "on")
    source, confidence = entry.sourced(CONFIDENCES)
    return Holiday(label=label, first=day, last=day, source=source, confidence=confidence)


def _season(entry: Table) -> Season:
    label, weeks = entry.text("label"), {key: entry.integer(key) or 0 for key in ("first", "last")}
    for key, week in weeks.items():
        if not 1 <= week <= _WEEKS:
            entry.fail(key, f"une semaine va de 1 à {_WEEKS}")
    source, confidence = entry.sourced(CONFIDENCES)
    return Season(label=label, first=weeks["first"], last=weeks["last"], source=source, confidence=confidence)
