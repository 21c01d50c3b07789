"""Many pieces at once: where to drop them, how far their reading is, and the form that says which row each answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from marshmallow import ValidationError

from compliance.jobs import referential
from compliance.models.evidence import DroppedFile
from compliance.programme.referential import Referential
from compliance.reports import evidence as reports
from compliance.services import evidence, evidence_archive, evidence_drop, evidence_quota, scope_establishments
from compliance.services.evidence import Terms
from compliance.services.evidence_drop import Decision
from compliance.services.evidence_suggestion import read_back
from compliance.web import blueprint
from compliance.web.evidence import DATES, LABELS, owner_of
from tenants import jobs
from tenants.context import current
from tenants.errors import Invalid
from tenants.permissions import Permission, requires

NOT_ATTACHED = "none"


@blueprint.url_value_preprocessor
def _larger(endpoint: str | None, _values: Any) -> None:
    """A drop may be larger than one piece: said before anything reads the request, for who is signed in."""
    if endpoint == "compliance.receive_drop" and request.method == "POST" and current_user.is_authenticated:
        request.max_content_length = evidence_archive.LARGEST
        request.max_form_parts = evidence_drop.MOST + 100


def _form(error: str = "", status: int = 200) -> ResponseReturnValue:
    places = scope_establishments.writable()
    held = evidence_quota.quotas([entity.id for entity in places])
    shown = render_template(
        "compliance/evidence_drop.html",
        error=error,
        establishments=[(entity.finess, entity.name) for entity in places],
        chosen=request.form.get("establishment", places[0].finess if places else ""),
        quotas=[(entity.name, held[entity.id]) for entity in places],
        unfinished=evidence_drop.unfinished(),
        scope_name=current().scope.name,
        most=evidence_drop.MOST,
        max_bytes=evidence.MAXIMUM,
        max_drop=evidence_archive.LARGEST,
    )
    return shown, status


@blueprint.get("/<scope:scope>/preuves/depot")
@requires(Permission.ATTACH_EVIDENCE)
def drop() -> ResponseReturnValue:
    """Show where to drop files, and the drops that wait for somebody."""
    return _form()


@blueprint.post("/<scope:scope>/preuves/depot")
@requires(Permission.ATTACH_EVIDENCE)
def receive_drop() -> ResponseReturnValue:
    """Receive files; each has its outcome, and nothing is attached yet."""
    files = [
        (file.filename, file.stream)
        for name in ("files", "folder")
        for file in request.files.getlist(name)
        if file.filename
    ]
    try:
        drop_id = evidence_drop.receive(owner_of(request.form.get("establishment", "")), files)  # type: ignore[arg-type]  # werkzeug streams
    except Invalid as error:
        return _form(str(error), 422)
    return redirect(url_for("compliance.drop_files", drop_id=drop_id))


@blueprint.get("/<scope:scope>/preuves/depot/<uuid:drop_id>")
@requires(Permission.ATTACH_EVIDENCE)
def drop_files(drop_id: UUID) -> ResponseReturnValue:
    """Show a drop: its reading, then the form that says where each file goes. Raises NotFound."""
    return _files(drop_id, {})


def _files(drop_id: UUID, problems: dict[UUID, str], status: int = 200) -> ResponseReturnValue:
    rows, asked = evidence_drop.files(drop_id), referential()
    entity = next(each for each in scope_establishments.readable() if each.id == rows[0].establishment_id)
    shown = render_template(
        "compliance/evidence_drop_files.html",
        drop=_progress(drop_id, rows),
        establishment=entity.name,
        waiting=[_waiting(row, asked, problems.get(row.id, "")) for row in rows if row.state == "read"],
        decided=[row for row in rows if row.state not in evidence_drop.OPEN],
        choices=reports.choices(asked),
        several=bool(scope_establishments.fellows(entity.id)),
    )
    return shown, status


def _progress(drop_id: UUID, rows: list[DroppedFile]) -> dict[str, Any]:
    reading = sum(row.state == "received" for row in rows)
    told = jobs.told(drop_id) if reading else jobs.Progress()
    return {"id": drop_id, "reading": reading, "step": told.step, "percent": told.percent, "files": len(rows)}


def _waiting(row: DroppedFile, asked: Referential, problem: str) -> dict[str, Any]:
    """A file that waits for somebody, with what was typed if its answer was refused, else what is suggested."""
    suggestions = [
        (
            f"{each.row}|{each.kind}",
            reports.served((each.row, each.kind), {asked.domain: asked}),
            each.why,
            each.approved_on,
        )
        for each in read_back(row.suggestions)
    ]
    first = suggestions[0] if suggestions else ("", None, "", "")
    names = ("approved_on", "effective_on", "expires_on")
    typed = f"use-{row.id}" in request.form
    return {
        "id": row.id,
        "filename": row.filename,
        "size": row.size,
        "note": row.reason,
        "suggestions": suggestions,
        "why": first[2],
        "problem": problem,
        "use": request.form.get(f"use-{row.id}", "") if typed else first[0],
        "whole": bool(request.form.get(f"whole-{row.id}")),
        **(
            {name: request.form.get(f"{name}-{row.id}", "") for name in names}
            if typed
            else dict.fromkeys(names, "") | {"approved_on": first[3]}
        ),
    }


@blueprint.get("/<scope:scope>/preuves/depot/<uuid:drop_id>/avancement")
@requires(Permission.ATTACH_EVIDENCE)
def drop_progress(drop_id: UUID) -> ResponseReturnValue:
    """Show how far the reading of a drop is (fragment, polled each second)."""
    told = _progress(drop_id, evidence_drop.files(drop_id))
    answer = Response(render_template("compliance/_evidence_drop_progress.html", drop=told))
    if not told["reading"]:
        answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.post("/<scope:scope>/preuves/depot/<uuid:drop_id>")
@requires(Permission.ATTACH_EVIDENCE)
def settle_drop(drop_id: UUID) -> ResponseReturnValue:
    """Attach the files for which somebody said where they go; what is refused stays, with why and what was typed."""
    asked, decisions, problems = referential(), dict[UUID, Decision](), dict[UUID, str]()
    for row in evidence_drop.files(drop_id):
        if not request.form.get(f"use-{row.id}"):
            continue
        try:
            decisions[row.id] = _decision(row.id, asked)
        except Invalid as error:
            problems[row.id] = str(error)
        except ValidationError as error:
            wrong = ", ".join(LABELS.get(name, name) for name in error.messages_dict)
            problems[row.id] = f"Réponse illisible : {wrong}. Écrivez les dates jj/mm/aaaa."
    done, refused = evidence_drop.decide(drop_id, decisions)
    problems |= refused
    waiting = {row.id for row in evidence_drop.files(drop_id) if row.state in evidence_drop.OPEN}
    already = problems.keys() - waiting
    problems = {key: why for key, why in problems.items() if key in waiting}
    if problems:
        return _files(drop_id, problems, 200 if done else 422)
    if already and not done:  # a button clicked twice, or a colleague was quicker
        flash("C’est déjà fait : ce que chaque fichier est devenu est écrit plus bas.", "ok")
    elif not done:
        flash(
            "Dites d’abord à quelle ligne répond un fichier, ou de ne pas le joindre. Rien n’a été enregistré.", "error"
        )
    else:
        flash("C’est enregistré." if waiting else "C’est enregistré : ce dépôt est terminé.", "ok")
    return redirect(url_for("compliance.drop_files", drop_id=drop_id))


def _decision(row_id: UUID, asked: Referential) -> Decision:
    """Read the answer about one file. Raises Invalid, ValidationError."""
    value = request.form[f"use-{row_id}"]
    if value == NOT_ATTACHED:
        return Decision(None)
    use = reports.read_choice(value, asked)
    if use is None:
        raise Invalid("Choisissez la ligne dans la liste.")
    names = ("approved_on", "effective_on", "expires_on")
    dates: dict[str, Any] = DATES.load({name: request.form.get(f"{name}-{row_id}", "") for name in names})
    return Decision(use, Terms(**dates, whole=bool(request.form.get(f"whole-{row_id}"))))
