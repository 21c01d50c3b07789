"""Incidents: the list, and one incident with its timeline, the plans really used, its RETEX and its actions."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from compliance.reports import incidents as reports
from compliance.web import blueprint, filters
from compliance.web.moment import moment
from compliance.web.overview import situation
from tenants.errors import NotFound
from tenants.permissions import Permission, requires


@blueprint.get("/<scope:scope>/incidents")
@requires(Permission.READ)
def incidents() -> ResponseReturnValue:
    """List the incidents, latest first; `?etat=` narrows the list."""
    asked, found = moment(), situation()
    every = reports.incidents(found.gathered, asked.on, asked.known)
    wanted = filters.asked(etat=reports.STATES)["etat"]
    return render_template(
        "compliance/incidents.html",
        progress=found.document,
        every=every,
        shown=[line for line in every if wanted in ("", line.state)],
        states=reports.STATES,
        wanted=wanted,
        today=asked.on,
    )


@blueprint.get("/<scope:scope>/incidents/<finess>/<code>")
@requires(Permission.READ)
def incident(finess: str, code: str) -> ResponseReturnValue:
    """Show one incident. Raises NotFound."""
    asked, found = moment(), situation()
    every = reports.incidents(found.gathered, asked.on, asked.known)
    line = next((each for each in every if (each.finess, each.code) == (finess, code)), None)
    if line is None:
        raise NotFound("Cet incident n’existe pas, ou il ne vous est pas ouvert.")
    return render_template("compliance/incident.html", incident=line, today=asked.on)
