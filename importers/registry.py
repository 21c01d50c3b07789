"""The workbooks of the kit: one line each. Those that others refer to come first."""

from __future__ import annotations

from importers.base import Sheet, Workbook
from importers.workbooks.backups import BACKUPS
from importers.workbooks.bia_pcra import BIA_PCRA
from importers.workbooks.continuity import CONTINUITY
from importers.workbooks.crisis_directory import CRISIS_DIRECTORY
from importers.workbooks.evidence_register import EVIDENCE_REGISTER
from importers.workbooks.exercises import EXERCISES
from importers.workbooks.funding import FUNDING
from importers.workbooks.training import TRAINING

WORKBOOKS: tuple[Workbook, ...] = (
    BIA_PCRA,
    EXERCISES,
    TRAINING,
    BACKUPS,
    EVIDENCE_REGISTER,
    FUNDING,
    CRISIS_DIRECTORY,
    CONTINUITY,
)
SHEETS: dict[str, Sheet] = {sheet.name: sheet for workbook in WORKBOOKS for sheet in workbook.sheets}


def workbook(code: str) -> Workbook | None:
    """Return the workbook of a code, or None."""
    return next((each for each in WORKBOOKS if each.code == code), None)


def workbook_of(sheet: Sheet) -> Workbook:
    """Return the workbook that a sheet belongs to."""
    return next(each for each in WORKBOOKS if sheet in each.sheets)
