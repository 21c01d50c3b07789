"""One deposit: its progress, its preview and conflicts, what was applied, and taking it back."""

from __future__ import annotations

import mimetypes
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from importers import annotated as copies
from importers import deposits, service
from importers import undo as undoing
from importers.web import blueprint
from importers.web.deposit import download
from importers.web.shown import Preview, how_far, listed
from tenants.errors import Conflict, Refused
from tenants.permissions import Permission, requires


def _back(run_id: UUID, told: object = "") -> ResponseReturnValue:
    if told:
        flash(str(told), "error")
    return redirect(url_for("importers.run", run_id=run_id))


@blueprint.get("/<scope:scope>/imports/<uuid:run_id>")
@requires(Permission.IMPORT)
def run(run_id: UUID) -> ResponseReturnValue:
    """Show a deposit: its progress, its preview, or what was applied."""
    found = deposits.get(run_id)
    preview = Preview.of(found)
    whole, valid = preview.may_apply(found) if preview else (False, False)
    return render_template(
        "importers/run.html",
        run=listed([found])[0],
        preview=preview.report if preview else None,
        apply_all=whole,
        apply_valid=valid,
        blocking=preview.blocking if preview else [],
    )


@blueprint.get("/<scope:scope>/imports/<uuid:run_id>/avancement")
@requires(Permission.IMPORT)
def progress(run_id: UUID) -> ResponseReturnValue:
    """Show how far a deposit is (fragment, polled each second)."""
    shown = how_far(deposits.get(run_id, report=False))
    answer = Response(render_template("importers/_progress.html", run=shown))
    if not shown["busy"] and shown["annotated"] != "preparing":
        answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.post("/<scope:scope>/imports/<uuid:run_id>/abandonner")
@requires(Permission.IMPORT)
def cancel(run_id: UUID) -> ResponseReturnValue:
    """Give up a reading or an application that has not ended."""
    try:
        service.cancel(run_id)
    except Conflict as error:
        return _back(run_id, error)
    return _back(run_id)


@blueprint.post("/<scope:scope>/imports/<uuid:run_id>/appliquer")
@requires(Permission.IMPORT)
def confirm(run_id: UUID) -> ResponseReturnValue:
    """Order the application of a preview."""
    try:
        service.confirm(run_id, valid_rows_only=request.form.get("mode") == "valid")
    except (Conflict, Refused) as error:
        return _back(run_id, error)
    return _back(run_id)


@blueprint.post("/<scope:scope>/imports/<uuid:run_id>/conflits")
@requires(Permission.IMPORT)
def settle(run_id: UUID) -> ResponseReturnValue:
    """Read the file again with the conflicts decided: those ticked, all (`which=all`), or none any more (`which=none`)."""
    found = deposits.get(run_id)
    try:
        service.again(run_id, taken=_taken(found.taken, found.report or {}))
    except Conflict as error:
        return _back(run_id, error)
    return _back(run_id)


def _taken(before: list[str], report: dict[str, Any]) -> list[str]:
    which = request.form.get("which")
    if which in {"all", "none"}:
        return ["*"] if which == "all" else []
    known = {conflict["place"] for conflict in report.get("conflicts", [])}
    return list(dict.fromkeys([*before, *(place for place in request.form.getlist("take") if place in known)]))


@blueprint.post("/<scope:scope>/imports/<uuid:run_id>/annote")
@requires(Permission.IMPORT)
def annotate(run_id: UUID) -> ResponseReturnValue:
    """Order the file as deposited with its remarks in the cells; download it when it is there already."""
    if deposits.get(run_id).report is None:
        return _back(run_id, "Ce fichier n’a pas été lu : il n’y a rien à y annoter.")
    try:
        ready = copies.order_annotated(run_id)
    except Refused as error:
        return _back(run_id, error)
    return redirect(url_for("importers.annotated" if ready else "importers.run", run_id=run_id))


@blueprint.get("/<scope:scope>/imports/<uuid:run_id>/annote")
@requires(Permission.IMPORT)
def annotated(run_id: UUID) -> ResponseReturnValue:
    """Download the annotated copy, once it is made."""
    if how_far(deposits.get(run_id, report=False))["annotated"] != "ready":
        return _back(run_id, "Le fichier annoté n’est pas prêt : demandez-le, ou attendez un instant.")
    try:
        filename, content = copies.annotated(run_id)
    except Refused as error:
        return _back(run_id, error)
    return download(content, filename, mimetypes.guess_type(filename)[0] or "application/octet-stream")


@blueprint.get("/<scope:scope>/imports/<uuid:run_id>/annuler")
@requires(Permission.IMPORT)
def undo(run_id: UUID) -> ResponseReturnValue:
    """Say what taking a deposit back would do, and ask."""
    found = deposits.get(run_id)
    preview = Preview.of(found)
    if found.state != "applied" or preview is None:
        return _back(run_id)
    return render_template("importers/undo.html", run=listed([found])[0], tally=_tally(preview.report))


def _tally(report: dict[str, Any]) -> dict[str, int]:
    return {status: sum(sheet["counts"][status] for sheet in report["sheets"]) for status in ("new", "changed")}


@blueprint.post("/<scope:scope>/imports/<uuid:run_id>/annuler")
@requires(Permission.IMPORT)
def take_back(run_id: UUID) -> ResponseReturnValue:
    """Order that an applied deposit be taken back."""
    try:
        undoing.order_undo(run_id)
    except Conflict as error:
        return _back(run_id, error)
    return _back(run_id)
