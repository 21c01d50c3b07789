"""« Notre partie du dossier »: what a member of a GHT owns of its GHT's dossier, and says of it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.clock import today
from compliance.jobs import referential
from compliance.reports import situation as situations
from compliance.reports.parts import parts
from compliance.services import part as services
from compliance.web import blueprint
from tenants import accounts
from tenants.context import ScopeKind, current
from tenants.errors import Conflict, Invalid, NotFound
from tenants.permissions import Permission, requires


def page(error: str = "", typed: Any = None, status: int = 200) -> ResponseReturnValue:
    """Show the part of the scope's establishment: its own rows, its own pieces, what its GHT gives for all."""
    day, scope = today(), current().scope
    care = referential()
    found = situations.situation(care, day, day)
    assert scope.id is not None  # noqa: S101  # a page of an establishment
    candidate_id = services.candidate_of_member()
    said = services.history(candidate_id, scope.id) if candidate_id else []
    names = accounts.names(each.by for each in said)
    last = {scope.id: said[0]} if said else {}
    mine = next(
        (each for each in parts(found.gathered, found.document, care, last, day) if each.finess == scope.code), None
    )
    return render_template(
        "compliance/part.html",
        establishment={"finess": scope.code, "name": scope.name, "group": found.document["candidate"]["name"]},
        part=mine,
        common=found.gathered.common,
        opened=candidate_id is not None,
        said=said,
        names=names,
        error=error,
        note=typed.get("note", "") if typed is not None else "",
        today=day,
    ), status


@blueprint.post("/<scope:scope>/dossier/partie")
@requires(Permission.BUILD_DOSSIER)
def say_part() -> ResponseReturnValue:
    """Record that the part is ready, or not any more."""
    if current().scope.kind is not ScopeKind.ESTABLISHMENT or services.candidate_of_member() is None:
        raise NotFound("Cette page n’existe pas, ou elle ne vous est pas ouverte.")
    ready = request.form.get("ready") == "yes"
    try:
        services.say(ready=ready, note=request.form.get("note", ""), known=today())
    except Invalid as error:
        return page(str(error), request.form, 422)
    except Conflict as error:
        flash(str(error), "error")
        return redirect(url_for("compliance.dossier"))
    flash("Votre partie est dite prête." if ready else "Votre partie n’est plus dite prête.", "ok")
    return redirect(url_for("compliance.dossier"))
