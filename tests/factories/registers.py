"""A row in every register, made from its columns: what the tests of the tenant boundary try to steal."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from uuid import UUID

from compliance.models.equivalence import Equivalence
from compliance.models.register import PrivateRegister, Register
from compliance.models.retention import ATTENDANCE, Retention
from compliance.services import register
from compliance.services.register import Entry
from importers import registry
from importers.base import Sheet

SAMPLES = {str: "exemple", int: 1, Decimal: Decimal(1), date: date(2026, 6, 2), bool: True, list: ()}
SHEETS = tuple(sheet for workbook in registry.WORKBOOKS for sheet in workbook.sheets if sheet.record is not None)


def values(sheet: Sheet) -> dict[str, object]:
    """A value of the right type for each column of a register: the first of its list where it has one."""
    columns = sheet.record.__mapper__.columns
    lists = {column.key: column.choices[0].value for column in sheet.columns if column.choices}
    return {name: lists.get(name, SAMPLES[columns[name].type.python_type]) for name in register.fields(sheet.record)}


def write(establishment: UUID, model: type[Register], key: str, **given: object) -> None:
    """Write a version of one row in the open unit of work: what is given, and as little else as the register accepts."""
    columns, names = model.__mapper__.columns, register.fields(model)
    assert set(given) <= set(names), set(given) - set(names)
    choices = next((values(sheet) for sheet in SHEETS if sheet.record is model), {})
    least = {
        name: None if columns[name].nullable else choices.get(name, SAMPLES[columns[name].type.python_type])
        for name in names
    }
    register.append(model, [Entry(establishment, key, least | given)], None)


def fill(establishments: Collection[UUID]) -> None:
    """Write one row of each register for each establishment, in the open unit of work."""
    for sheet in SHEETS:
        digests = (b"k" * 32, b"v" * 32) if issubclass(sheet.record, PrivateRegister) else None
        register.append(sheet.record, [Entry(each, "EX-1", values(sheet), digests) for each in establishments], None)
    # The registers that no workbook feeds.
    register.append(Retention, [Entry(each, ATTENDANCE, {"months": 600}) for each in establishments], None)
    moot = {"row_code": "D2.O3.D", "party_key": "X", "reason": "exemple", "file": "", "starts_on": date(2026, 6, 2)}
    register.append(Equivalence, [Entry(each, "D2.O3.D / X", moot) for each in establishments], None)
