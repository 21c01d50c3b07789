"""What is said of a file: rows by status, remarks, what was understood; bounded, whatever the size of the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from importers.faults import Fault, FaultClass

NEW, CHANGED, UNCHANGED, REJECTED = "new", "changed", "unchanged", "rejected"
STATUSES = (NEW, CHANGED, UNCHANGED, REJECTED)
LISTED = 1_000  # rows of one status that a report names; their number is always told
REMARKS = 1_000  # remarks of one class that a report holds for one sheet; their number is always told


@dataclass(frozen=True)
class RowResult:
    """One data row.

    `finess` is the EJ it is written under ("" for a party without a number); `key` names it for people, and
    `own_key` is its key in its establishment. `conflict` tells a row that somebody else changed after the file was made.
    """

    row_number: int
    key: str
    finess: str
    status: str
    values: Mapping[str, object]
    changes: Mapping[str, tuple[object, object]]
    faults: tuple[Fault, ...]
    own_key: str = ""
    conflict: bool = False


@dataclass(frozen=True)
class Understood:
    """A column of the file and what it was taken for; not `sure` when the header only looks like it."""

    letter: str
    header: str
    label: str
    example: str
    sure: bool
    score: int = 100


@dataclass(frozen=True)
class Remark:
    """A remark of the report, and whether what it is about will be stored: nothing of a rejected row is."""

    fault: Fault
    stored: bool
    row: int = 0  # 0 for the sheet and its header


@dataclass(frozen=True)
class Change:
    """A value that would change. `subject` names the row without naming a person."""

    subject: str
    field: str
    before: object
    after: object


@dataclass(frozen=True)
class Conflict:
    """A row that somebody else changed after the file was produced: both versions, side by side."""

    place: str  # « sheet!row »
    subject: str
    by: str
    at: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class SheetReport:
    """One sheet: `name` as in the file, `layout` the sheet of the specification it was understood as."""

    name: str
    layout: str
    header_row: int
    rows: tuple[RowResult, ...] = ()  # empty when the file was checked as a stream
    absent_keys: tuple[str, ...] = ()  # stored, and not in the file: listed, never deleted
    absent: int = 0  # how many they are
    skipped: int = 0  # rows left out with a notice
    columns: tuple[Understood, ...] = ()  # in the order of the file
    tally: Mapping[str, int] | None = None
    listed: Mapping[str, tuple[tuple[int, str], ...]] = field(default_factory=dict)  # status -> (row, subject)
    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    workbook: str = ""
    score: int = 100  # how sure the recognition is, in percent
    sure: bool = True  # nothing was guessed, or a person decided: no click is asked

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are new, changed, unchanged and rejected."""
        if self.tally is not None:
            return {status: self.tally.get(status, 0) for status in STATUSES}
        counted = Counter(row.status for row in self.rows)
        return {status: counted[status] for status in STATUSES}


@dataclass(frozen=True)
class Report:
    """The whole answer. `unmapped` names the filled sheets that were not understood: nothing of them is stored."""

    workbook: str
    sheets: tuple[SheetReport, ...]
    faults: tuple[Fault, ...]
    unmapped: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    totals: Mapping[str, int] | None = None  # class of remark -> number, those the report does not hold included
    fingerprint: str = (
        ""  # of every row with its status and values: two readings that would write the same have the same
    )

    def count(self, cls: FaultClass) -> int:
        """How many remarks of a class there are."""
        if self.totals is not None:
            return self.totals.get(cls, 0)
        return sum(fault.cls == cls for fault in self.faults)

    @property
    def has_errors(self) -> bool:
        """Tell whether something of the file will not be stored."""
        return self.count(FaultClass.ERROR) > 0

    @property
    def written(self) -> int:
        """How many rows would be written."""
        return sum(sheet.counts[NEW] + sheet.counts[CHANGED] for sheet in self.sheets)


def to_json(report: Report, *, applied: bool) -> dict[str, Any]:
    """Return the answer of `vigie import --json`; its keys are frozen in docs/cli.md."""
    return {
        "workbook": report.workbook,
        "sheets": [
            {"name": sheet.name, "header_row": sheet.header_row, "counts": sheet.counts} for sheet in report.sheets
        ],
        "faults": [fault.to_json() for fault in report.faults],
        "applied": applied,
    }
