"""The page of the candidate, the list behind its share, and the page of one establishment of a GHT."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from compliance.jobs import referential
from compliance.reports import situation as situations
from compliance.reports.glance import glance
from compliance.reports.situation import Situation
from compliance.rules.milestone import countdown
from compliance.web import blueprint
from compliance.web.moment import moment
from tenants.context import current
from tenants.errors import NotFound
from tenants.permissions import Permission, requires


def situation(domain: str = "D2") -> Situation:
    """Return the situation of the scope on the day that the address asks for. Raises NotFound for an unknown domain."""
    asked = moment()
    return situations.situation(referential(asked.on, domain, known=asked.known), asked.on, asked.known)


def document() -> dict[str, Any]:
    """Return the state of the scope on the day that the address asks for."""
    return situation().document


def days() -> str:
    """Say how far the target date is."""
    asked = moment()
    target = referential(asked.on, known=asked.known).date_of("target").on
    return countdown(target, asked.on) if target else ""


@blueprint.get("/<scope:scope>/")
@requires(Permission.READ)
def overview() -> ResponseReturnValue:
    """Answer first: what the stage asks, then where this candidate, or this establishment, stands."""
    found = situation()
    if found.member:
        return _establishment(found)
    return render_template(
        "compliance/overview.html",
        progress=found.document,
        standing=found.standing,
        forecasts=found.forecasts,
        days=days(),
        glance=glance(found.gathered, moment().on, moment().known),
        today=moment().on,
    )


def _establishment(found: Situation) -> ResponseReturnValue:
    """The referent's page: its own line of the matrix and its own pieces; the share of the GHT is the GHT's."""
    scope, told = current().scope, found.document
    party = next((each for each in told["parties"] if each["finess"] == scope.code), None)
    line = next((each for each in told["matrix"]["lines"] if each["finess"] == scope.code), None)
    return render_template(
        "compliance/establishment.html",
        establishment={"finess": scope.code, "name": scope.name, "group": told["candidate"]["name"]},
        standing=found.standing,
        party=party,
        line=line,
        columns=told["matrix"]["columns"],
        perimeters=told["perimeters"],
        rows=told["rows"],
        share=None,
        glance=glance(found.gathered, moment().on, moment().known),
        days=f"{days()} ({told['candidate']['target_confidence']})"
        if told["candidate"]["target_confidence"]
        else days(),
        today=moment().on,
    )


@blueprint.get("/<scope:scope>/couverture")
@requires(Permission.READ)
def coverage() -> ResponseReturnValue:
    """Show the list behind the share."""
    found = situation()
    if found.member:
        raise NotFound("La part de l’activité se lit à l’échelle du GHT.")
    return render_template("compliance/coverage.html", progress=found.document, today=moment().on)
