"""The preview of a deposit, as the page shows it and the row keeps it: no stored value of a row, no name of a person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from importers import template
from importers.base import Column, Sheet
from importers.faults import FaultClass
from importers.registry import SHEETS
from importers.report import NEW, REJECTED, UNCHANGED, Change, Report, SheetReport
from importers.understanding import Understood

# Fields that the rules of a sheet make out of its columns.
DERIVED = {
    "absence_reason": "Motif d’absence",
    "covered": "EJ couverts",
    "pca_on": "PCA validé le",
    "pra_on": "PRA validé le",
    "shared_system": "SI mutualisé",
    "volume_go": "Volume restauré (Go)",
}


def preview(report: Report, understood: Understood) -> dict[str, Any]:
    """Return the preview as the page shows it: counts, remarks, differences, conflicts, what is absent; no stored row."""
    return {
        "workbook": report.workbook,
        "format": understood.book.format,
        "fingerprint": report.fingerprint,
        "sheets": [_sheet(each) for each in report.sheets],
        "faults": [{**remark.fault.to_json(), "stored": remark.stored} for remark in report.remarks],
        "totals": {str(cls): report.count(cls) for cls in FaultClass},
        "absent": [key for each in report.sheets for key in each.absent_keys],
        "absent_count": sum(each.absent for each in report.sheets),
        "changes": [_change(SHEETS[each.layout], change) for each in report.sheets for change in each.changes],
        "conflicts": [
            {
                "place": conflict.place,
                "subject": conflict.subject,
                "by": conflict.by,
                "at": conflict.at,
                "changes": [_change(SHEETS[each.layout], change) for change in conflict.changes],
            }
            for each in report.sheets
            for conflict in each.conflicts
        ],
        "rows": {
            status: [
                {"sheet": each.name, "row": row, "key": subject}
                for each in report.sheets
                for row, subject in each.listed.get(status, ())
            ]
            for status in (NEW, UNCHANGED)
        },
        "unmapped": list(report.unmapped),
        "has_errors": report.has_errors,
        "to_confirm": any(not each.sure for each in report.sheets) or bool(understood.asks),
        "asks_date_order": bool(understood.asks),
    }


def summary(report: Report) -> str:
    """Say in a few words what a deposit holds, for the list of deposits."""
    counts = [sheet.counts for sheet in report.sheets]
    rejected = sum(count[REJECTED] for count in counts)
    kept = sum(sum(count.values()) for count in counts) - rejected
    return f"{kept} {'lignes comprises' if kept > 1 else 'ligne comprise'}, {rejected} à corriger"


def _sheet(each: SheetReport) -> dict[str, Any]:
    return {
        "name": each.name,
        "layout": each.layout,
        "title": SHEETS[each.layout].title,
        "workbook": each.workbook,
        "header_row": each.header_row,
        "counts": each.counts,
        "skipped": each.skipped,
        "score": each.score,
        "sure": each.sure,
        "columns": [
            {
                "letter": column.letter,
                "header": column.header,
                "field": column.label,
                "example": column.example,
                "sure": column.sure,
                "score": column.score,
            }
            for column in each.columns
        ],
    }


def _change(sheet: Sheet, change: Change) -> dict[str, str]:
    columns = {column.key: column for column in sheet.columns}
    column = columns.get(change.field)
    return {
        "subject": change.subject,
        "field": column.label if column else DERIVED.get(change.field, change.field),
        "before": shown(column, change.before),
        "after": shown(column, change.after),
    }


def shown(column: Column | None, value: object) -> str:
    """Write a value as a page shows it."""
    typed = template.as_typed(column, value) if column is not None else value
    if typed is None or typed in ("", ()):
        return "(vide)"
    if isinstance(typed, bool):
        return "Oui" if typed else "Non"
    if isinstance(typed, tuple | list):
        return " ; ".join(str(each) for each in typed)
    label = getattr(typed, "label", None)
    if label:
        return str(label)
    if isinstance(typed, Decimal):
        return f"{typed.normalize():f}".replace(".", ",")
    return typed.strftime("%d/%m/%Y") if hasattr(typed, "strftime") else str(typed)
