"""The page of the candidate, the list behind its share, and the page of one establishment of a GHT."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from compliance.clock import today
from compliance.jobs import referential
from compliance.reports import progress
from compliance.rules.milestone import countdown
from compliance.services import candidate as candidates
from compliance.web import blueprint
from tenants.context import ScopeKind, current
from tenants.errors import NotFound
from tenants.permissions import Permission, requires


def document() -> dict[str, Any]:
    """Return the state of the scope today: its candidate, or the establishment alone when its GHT applies for it."""
    day = today()
    candidate = candidates.of_scope("D2")
    if candidate is not None:
        return progress.candidate_progress(candidate, referential(), day)
    return progress.scope_progress(referential(), day)


def days() -> str:
    """Say how far the target date is."""
    target = referential().date_of("target").on
    return countdown(target, today()) if target else ""


@blueprint.get("/<scope:scope>/")
@requires(Permission.READ)
def overview() -> ResponseReturnValue:
    """Answer first: where this candidate, or this establishment, stands."""
    told = document()
    if current().scope.kind is ScopeKind.ESTABLISHMENT and told["candidate"]["kind"] == "ght":
        return _establishment(told)
    return render_template("compliance/overview.html", progress=told, days=days(), today=today())


def _establishment(told: dict[str, Any]) -> ResponseReturnValue:
    """The referent's page: its own line of the matrix and its own pieces; the share of the GHT is the GHT's."""
    scope = current().scope
    party = next((each for each in told["parties"] if each["finess"] == scope.code), None)
    line = next((each for each in told["matrix"]["lines"] if each["finess"] == scope.code), None)
    return render_template(
        "compliance/establishment.html",
        establishment={"finess": scope.code, "name": scope.name, "group": told["candidate"]["name"]},
        party=party,
        line=line,
        columns=told["matrix"]["columns"],
        perimeters=told["perimeters"],
        rows=told["rows"],
        share=None,
        days=days(),
        today=today(),
    )


@blueprint.get("/<scope:scope>/couverture")
@requires(Permission.READ)
def coverage() -> ResponseReturnValue:
    """Show the list behind the share."""
    told = document()
    if current().scope.kind is ScopeKind.ESTABLISHMENT and told["candidate"]["kind"] == "ght":
        raise NotFound("La part de l’activité se lit à l’échelle du GHT.")
    return render_template("compliance/coverage.html", progress=told, today=today())
