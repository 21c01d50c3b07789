"""Pages of a deposit: send a file, follow its reading, see the preview, confirm."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from importers import prefill, service
from importers.faults import Unreadable
from importers.limits import LIMITS
from importers.models import ImportRun
from tenants import accounts, jobs
from tenants.context import current
from tenants.errors import Conflict, Refused
from tenants.permissions import Permission, requires

blueprint = Blueprint("importers", __name__, template_folder="templates")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _shown(run: ImportRun, by: str = "") -> dict[str, Any]:
    step = jobs.told(run.id) if run.state in {"received", "applying"} else ""
    return {
        "id": run.id,
        "filename": run.filename,
        "size": run.size,
        "received_at": run.created_at,
        "by": by,
        "state": "reading" if run.state == "received" and step else run.state,
        "step": step,
        "percent": None,
        "problem": {"reason": run.error, "remedy": ""} if run.error else None,
        "applied_at": run.applied_at,
        "sentence": run.error or _counts(run),
    }


def _listed(runs: list[ImportRun]) -> list[dict[str, Any]]:
    names = accounts.names(run.created_by for run in runs)
    return [_shown(run, names[run.created_by]) for run in runs]


def _counts(run: ImportRun) -> str:
    if not run.report:
        return ""
    counts = [sheet["counts"] for sheet in run.report["sheets"]]
    kept = sum(count["new"] + count["changed"] + count["unchanged"] for count in counts)
    rejected = sum(count["rejected"] for count in counts)
    return f"{kept} {'lignes comprises' if kept > 1 else 'ligne comprise'}, {rejected} à corriger"


@blueprint.get("/<scope:scope>/imports")
@requires(Permission.IMPORT)
def deposit() -> ResponseReturnValue:
    """Show where to deposit, and the last deposits."""
    return _deposit()


def _deposit(error: Unreadable | None = None, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "importers/deposit.html",
        error={"reason": error.reason, "remedy": error.remedy} if error else None,
        runs=_listed(service.latest()),
        max_bytes=LIMITS.file_size,
        scope_name=current().scope.name,
    )
    return page, status


@blueprint.post("/<scope:scope>/imports")
@requires(Permission.IMPORT)
def receive() -> ResponseReturnValue:
    """Receive a file; one that is no workbook is refused with what it is and what to do, and nothing is kept."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _deposit(Unreadable("none", "Aucun fichier n’a été choisi.", "Choisissez le classeur à déposer."), 422)
    try:
        run_id = service.receive(file.filename, file.stream)  # type: ignore[arg-type]  # a werkzeug stream is a binary file
    except Unreadable as error:
        return _deposit(error, 422)
    return redirect(url_for("importers.run", run_id=run_id))


@blueprint.get("/<scope:scope>/imports/<uuid:run_id>")
@requires(Permission.IMPORT)
def run(run_id: UUID) -> ResponseReturnValue:
    """Show a deposit: its progress, its preview, or what was applied."""
    found = service.get(run_id)
    report = found.report
    preview = None
    if report is not None:
        preview = {
            **report,
            "applied": found.state == "applied",
            "sheets": [{"ignored": [], **sheet} for sheet in report["sheets"]],
        }
    rows = (
        sum(sum(sheet["counts"].values()) - sheet["counts"]["rejected"] for sheet in report["sheets"]) if report else 0
    )
    rejected = sum(sheet["counts"]["rejected"] for sheet in report["sheets"]) if report else 0
    waiting = found.state == "parsed" and report is not None
    blocking = []
    if rejected:
        blocking.append(f"{rejected} ligne{'s' if rejected > 1 else ''} à corriger")
    if report and report["unmapped"]:
        blocking.append("feuille non reconnue : " + ", ".join(report["unmapped"]))
    return render_template(
        "importers/run.html",
        run=_listed([found])[0],
        preview=preview,
        apply_all=waiting and bool(rows) and not (report and report["has_errors"]),
        apply_valid=waiting and bool(rows) and bool(report and report["has_errors"]),
        blocking=blocking,
    )


@blueprint.get("/<scope:scope>/imports/<uuid:run_id>/avancement")
@requires(Permission.IMPORT)
def progress(run_id: UUID) -> ResponseReturnValue:
    """Show how far a deposit is (fragment, polled each second)."""
    shown = _shown(service.get(run_id))
    answer = Response(render_template("importers/_progress.html", run=shown))
    if shown["state"] not in {"received", "reading", "applying"}:
        answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.post("/<scope:scope>/imports/<uuid:run_id>/appliquer")
@requires(Permission.IMPORT)
def confirm(run_id: UUID) -> ResponseReturnValue:
    """Order the application of a preview."""
    try:
        service.confirm(run_id, valid_rows_only=request.form.get("mode") == "valid")
    except (Conflict, Refused) as error:
        flash(str(error), "error")
    return redirect(url_for("importers.run", run_id=run_id))


@blueprint.get("/<scope:scope>/modeles/KIT_BIA_PCRA.xlsx")
@requires(Permission.IMPORT)
def template() -> ResponseReturnValue:
    """Download K1, prefilled for the scope."""
    stream = BytesIO()
    prefill.bia_pcra(stream)
    answer = Response(stream.getvalue(), mimetype=XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename="KIT_BIA_PCRA.xlsx")
    return answer
