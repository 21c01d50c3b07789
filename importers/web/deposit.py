"""Where files are sent: the form, the last deposits, and the workbooks of the kit to start from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.web.evidence import attachment
from importers import deposits, prefill, registry
from importers.deposits import Outcome
from importers.faults import Unreadable
from importers.registry import WORKBOOKS
from importers.understanding import limits
from importers.web import blueprint
from importers.web.shown import listed
from tenants.context import current
from tenants.errors import NotFound
from tenants.permissions import Permission, requires

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/<scope:scope>/imports")
@requires(Permission.IMPORT)
def deposit() -> ResponseReturnValue:
    """Show where to deposit, and the last deposits."""
    return _deposit()


@blueprint.get("/<scope:scope>/imports/derniers")
@requires(Permission.IMPORT)
def latest() -> ResponseReturnValue:
    """Show the last deposits (fragment, polled while one of them is under way)."""
    return render_template("importers/_latest.html", runs=listed(deposits.latest()))


def _deposit(
    outcomes: Sequence[Outcome] = (), problem: Unreadable | None = None, status: int = 200
) -> ResponseReturnValue:
    known = limits()
    page = render_template(
        "importers/deposit.html",
        error=_told(problem),
        outcomes=[
            {
                "filename": outcome.filename,
                "run_id": outcome.run_id,
                "joined": outcome.joined,
                "problem": _told(outcome.problem),
            }
            for outcome in outcomes
        ],
        runs=listed(deposits.latest()),
        max_bytes=known.file_size,
        max_rows=known.rows,
        scope_name=current().scope.name,
        workbooks=WORKBOOKS,
    )
    return page, status


def _told(problem: Unreadable | None) -> dict[str, Any] | None:
    return {"reason": problem.reason, "remedy": problem.remedy} if problem else None


@blueprint.post("/<scope:scope>/imports")
@requires(Permission.IMPORT)
def receive() -> ResponseReturnValue:
    """Receive files; what is no workbook is refused with what it is and what to do, and nothing of it is kept."""
    files = [(file.filename, file.stream) for file in request.files.getlist("file") if file.filename]
    if not files:
        nothing = Unreadable("none", "Aucun fichier n’a été choisi.", "Choisissez le classeur à déposer.")
        return _deposit(problem=nothing, status=422)
    outcomes = deposits.receive_many(files)  # type: ignore[arg-type]  # a werkzeug stream is a binary file
    if len(outcomes) == 1:
        [outcome] = outcomes
        if outcome.run_id is None:
            return _deposit(problem=outcome.problem, status=422)
        return redirect(url_for("importers.run", run_id=outcome.run_id))
    # Below 400, what was accepted is kept.
    return _deposit(outcomes, status=200 if any(outcome.run_id for outcome in outcomes) else 422)


# Pages that know of one workbook only link to it without naming it.
@blueprint.get("/<scope:scope>/modeles/KIT_BIA_PCRA.xlsx", defaults={"code": "KIT_BIA_PCRA"})
@blueprint.get("/<scope:scope>/modeles/<code>.xlsx")
@requires(Permission.IMPORT)
def template(code: str) -> ResponseReturnValue:
    """Download a workbook of the kit, prefilled for the scope, or without the rows recorded (`?vierge=1`)."""
    workbook = registry.workbook(code)
    if workbook is None:
        raise NotFound("Ce modèle n’existe pas.")
    stream = BytesIO()
    prefill.build(workbook, stream, blank=request.args.get("vierge") == "1")
    return download(stream.getvalue(), f"{workbook.code}.xlsx", XLSX)


def download(content: bytes | Iterator[bytes], filename: str, mimetype: str) -> Response:
    """Answer with a file to keep, never rendered in our origin."""
    answer = Response(content, mimetype=mimetype)
    answer.headers.set("Content-Disposition", "attachment", **attachment(filename))
    return answer
