"""The preview of a deposit, as the page shows it and the row keeps it: no stored value of a row, no name of a person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from importers.check import NEW, REJECTED, UNCHANGED, Report
from importers.faults import FaultClass
from importers.registry import WORKBOOKS

LISTED = 1_000  # rows of a list, at most; their number is told by the counts

# Fields that the rules of a sheet make out of its columns.
DERIVED = {
    "absence_reason": "Motif d’absence",
    "covered": "EJ couverts",
    "pca_on": "PCA validé le",
    "pra_on": "PRA validé le",
    "shared_system": "SI mutualisé",
}


def preview(report: Report) -> dict[str, Any]:
    """Return the preview as the page shows it: counts, remarks, differences, what is absent; no stored row."""
    layouts = {layout.name: layout for workbook, _ in WORKBOOKS.values() for layout in workbook.sheets}
    changes = []
    for each in report.sheets:
        columns = DERIVED | {column.key: column.label for column in layouts[each.layout].columns}
        words = {
            column.key: {choice.value: choice.label for choice in column.choices}
            for column in layouts[each.layout].columns
        }
        changes += [
            {
                "subject": row.key,
                "field": columns.get(field, field),
                "before": _shown(words.get(field, {}).get(str(before), before)),
                "after": _shown(words.get(field, {}).get(str(after), after)),
            }
            for row in each.rows
            if row.status == "changed"
            for field, (before, after) in row.changes.items()
            if field != "referent_name"
        ]
    return {
        "workbook": report.workbook,
        "sheets": [
            {
                "name": each.name,
                "layout": each.layout,
                "header_row": each.header_row,
                "counts": each.counts,
                "skipped": each.skipped,
                "columns": [
                    {"letter": c.letter, "header": c.header, "field": c.label, "example": c.example, "sure": c.sure}
                    for c in each.columns
                ],
            }
            for each in report.sheets
        ],
        "faults": _faults(report),
        "absent": [key for each in report.sheets for key in each.absent_keys],
        "changes": changes[:500],
        "rows": {status: _rows(report, status) for status in (NEW, UNCHANGED)},
        "unmapped": list(report.unmapped),
        "has_errors": report.has_errors,
    }


def _faults(report: Report) -> list[dict[str, Any]]:
    """Return the remarks, each saying whether what it is about will be stored: nothing of a rejected row is."""
    left = {fault for each in report.sheets for row in each.rows if row.status == REJECTED for fault in row.faults}
    return [
        {**fault.to_json(), "stored": fault.cls != FaultClass.ERROR and fault not in left} for fault in report.faults
    ]


def _rows(report: Report, status: str) -> list[dict[str, Any]]:
    found = [
        {"sheet": each.name, "row": row.row_number, "key": row.key}
        for each in report.sheets
        for row in each.rows
        if row.status == status
    ]
    return found[:LISTED]


def _shown(value: object) -> str:
    if value is None or value == "":
        return "(vide)"
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, tuple | list):
        return " ; ".join(str(each) for each in value)
    label = getattr(value, "label", None)
    if label:
        return str(label)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}".replace(".", ",")
    return value.strftime("%d/%m/%Y") if hasattr(value, "strftime") else str(value)
