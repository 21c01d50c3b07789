"""What the page of a row shows beside its values: its name, what it was before, what names it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.models.register import PrivateRegister
from compliance.services import entry as entries
from compliance.services import register
from importers import store
from importers.base import Column, Sheet
from importers.entry import Held
from importers.facts import Values
from importers.preview import shown
from importers.registry import SHEETS
from importers.scene import Scene


@dataclass(frozen=True)
class Past:
    """One version of a row, and what it changed of the one before (label, before, after)."""

    at: datetime
    by: UUID | None
    imported: bool
    withdrawn: bool
    first: bool
    changes: tuple[tuple[str, str, str], ...]


def history(sheet: Sheet, row: Held) -> list[Past]:
    """Return the versions of a row of a register, newest first."""
    if sheet.record is None:
        return []
    versions = entries.history(sheet.record, row.establishment_id, row.key)
    rows = [sheet.to_cells(dict(zip(sheet.fields, values, strict=True)))
            for _, values in store.in_order(sheet, [each.version for each in versions])]  # fmt: skip
    told = []
    for place, each in enumerate(versions):
        older = rows[place + 1] if place + 1 < len(rows) else None
        told.append(
            Past(
                each.version.recorded_at,
                each.version.recorded_by,
                each.imported,
                each.withdrawn,
                older is None,
                tuple(differences(sheet, older, rows[place])) if older is not None else (),
            )
        )
    return told


def differences(sheet: Sheet, before: Values, after: Values) -> Iterator[tuple[str, str, str]]:
    """Yield what two rows do not say alike: label, before, after; both as their columns show them."""
    for column in sheet.columns:
        old, new = shown(column, before.get(column.key)), shown(column, after.get(column.key))
        if old != new:
            yield column.label, old, new


@dataclass(frozen=True)
class Related:
    """The rows of another sheet that name this one, and the column by which they do."""

    sheet: Sheet
    column: Column
    rows: tuple[tuple[UUID, str], ...]  # (what its address names it by, its key)


def title(sheet: Sheet, row: Held) -> str:
    """Name a row for people: « Exercice EX-2026-03 », « Fonction support Paie »; a person by nothing but what they are here."""
    one = sheet.one[0].upper() + sheet.one[1:]
    if sheet.private:
        return one
    if sheet.code or sheet.key_column in ("number", "perimeter_code"):
        return f"{one} {row.key}"
    column = sheet.column(sheet.key_column)
    return f"{one} {shown(column, sheet.to_cells(row.values).get(column.key))}"


def related(sheet: Sheet, row: Held, here: Scene) -> list[Related]:
    """Return what names a row and may be read here: results and actions of an exercise, people of a session... in one statement."""
    if not sheet.code:
        return []
    naming = [
        (other, column)
        for other in SHEETS.values()
        for column in other.columns
        if column.refers == sheet.name and other.record is not None and column.key in other.fields
    ]
    if not register.may_read(PrivateRegister, here.ids):
        naming = [(other, column) for other, column in naming if not other.private]
    models = [(other.record, column.key) for other, column in naming if other.record is not None]
    found = entries.naming(models, row.establishment_id, str(row.values[sheet.code]))
    return [Related(other, column, tuple(rows)) for (other, column), rows in zip(naming, found, strict=True)]
