"""A deposit as its pages show it: how far it is, what was understood of it, what can be done next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from importers.deposits import RUNNING
from importers.models import ORDERED, ImportRun
from importers.report import CHANGED, NEW, REJECTED
from tenants import accounts, jobs

# What a preview did not tell before deposits could be undone: pages of old deposits still open.
_OLDER: dict[str, Any] = {
    "absent": [],
    "absent_count": 0,
    "changes": [],
    "conflicts": [],
    "rows": {"new": [], "unchanged": []},
    "totals": {},
    "to_confirm": False,
    "unmapped": [],
}


def listed(runs: Sequence[ImportRun]) -> list[dict[str, Any]]:
    """Return deposits as a list shows them, last first."""
    names = accounts.names(key for run in runs for key in (run.created_by, run.undone_by))
    return [_shown(run) | {"by": names[run.created_by], "undone_by": names[run.undone_by]} for run in runs]


def how_far(run: ImportRun) -> dict[str, Any]:
    """Return how far a deposit is, without the names of people."""
    return _shown(run)


def _shown(run: ImportRun) -> dict[str, Any]:
    told = jobs.told(run.id) if run.state in RUNNING else jobs.Progress()
    return {
        "id": run.id,
        "filename": run.filename,
        "size": run.size,
        "received_at": run.created_at,
        "state": "reading" if run.state == "received" and told.step else run.state,
        "busy": run.state in RUNNING,
        "step": told.step,
        "percent": told.percent,
        "problem": run.error,
        "applied_at": run.applied_at,
        "undone_at": run.undone_at,
        "undo": run.undo,
        "taken": run.taken,
        "annotated": _copy(run),
        "sentence": run.error or run.summary,
    }


def _copy(run: ImportRun) -> str:
    """Tell how far the annotated copy is: "" when nobody asked for it, "preparing", "ready"."""
    if not run.annotated_sha256:
        return ""
    return "preparing" if run.annotated_sha256 == ORDERED else "ready"


@dataclass
class Preview:
    """What was understood, and what may be done with it: `report` has the keys of `importers.preview`."""

    report: dict[str, Any]
    rows: int = 0  # that would be, or were, stored as they are
    written: int = 0  # of these, those that change something
    rejected: int = 0
    blocking: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, run: ImportRun) -> Preview | None:
        """Return the preview of a deposit; None when it has none."""
        if run.report is None:
            return None
        report = {**_OLDER, **run.report, "applied": run.state == "applied"}
        report["sheets"] = [_sheet(each) for each in report["sheets"]]
        counts = [sheet["counts"] for sheet in report["sheets"]]
        rejected = sum(count[REJECTED] for count in counts)
        blocking = []
        if rejected:
            blocking.append(f"{rejected} ligne{'s' if rejected > 1 else ''} à corriger")
        if report["unmapped"]:
            blocking.append("feuille non reconnue : " + ", ".join(report["unmapped"]))
        return cls(
            report=report,
            rows=sum(sum(count.values()) for count in counts) - rejected,
            written=sum(count[NEW] + count[CHANGED] for count in counts),
            rejected=rejected,
            blocking=blocking,
        )

    def may_apply(self, run: ImportRun) -> tuple[bool, bool]:
        """Tell which confirmations are offered: of everything, of the valid rows only."""
        waiting = run.state == "parsed" and bool(self.rows) and not self.report["to_confirm"]
        errors = bool(self.report["has_errors"])
        return waiting and not errors, waiting and errors


def _sheet(sheet: dict[str, Any]) -> dict[str, Any]:
    columns = [{"score": 100, **column} for column in sheet.get("columns", [])]
    return {"title": "", "skipped": 0, "score": 100, "sure": True, **sheet, "columns": columns}
