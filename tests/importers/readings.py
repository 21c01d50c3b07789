"""One cell of a column, read or refused: what the tests of the normalisation table share."""

from __future__ import annotations

from typing import Any

import pytest

from importers.base import Column, Kind
from importers.cells.values import read_value
from importers.facts import Facts
from importers.reading.sheet import Cell, CellKind
from importers.readings import Reading, ValueFault
from tests.importers.kits import Member, facts_for

MEMBERS = (Member("760780023", "CH de Dieppe"), Member("010780054", "CH de Fleyriat"), Member("2A0000014", "Ajaccio"))
FACTS = facts_for(MEMBERS, sites={"760000158": "760780023", "010000024": "750000001"}, known={"260000013"}.__contains__)
_KINDS = {bool: CellKind.BOOLEAN, int: CellKind.NUMBER, float: CellKind.NUMBER, str: CellKind.TEXT}


def read(
    kind: Kind, value: Any, cell_kind: CellKind | None = None, *, facts: Facts = FACTS, header: str = "", **column: Any
) -> Reading:
    """Read one cell of a column of this kind."""
    spec = Column(**{"key": "x", "label": "X", "kind": kind, "help": ""} | column)
    return read_value(spec, Cell(1, 1, cell_kind or _KINDS[type(value)], value), facts, 1900, header)


def refused(kind: Kind, value: Any, cell_kind: CellKind | None = None, **more: Any) -> ValueFault:
    """The fault that a cell of this kind gives."""
    with pytest.raises(ValueFault) as caught:
        read(kind, value, cell_kind, **more)
    return caught.value


def noticed(reading: Reading) -> str | None:
    """The code of what the user is told about an accepted cell."""
    return reading.notice.code if reading.notice else None
