"""Obligations beside the funding: the same rules on another referential, and the exercises with their two answers."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from compliance.jobs import referential
from compliance.reports.exercises import two_answers
from compliance.reports.facts import facts_of
from compliance.web import blueprint
from compliance.web.moment import moment
from compliance.web.overview import situation
from tenants.permissions import Permission, requires

DOMAIN = "OBL"


@blueprint.get("/<scope:scope>/obligations")
@requires(Permission.READ)
def obligations() -> ResponseReturnValue:
    """Show where the scope stands on what is asked of it whatever the funding."""
    asked = moment()
    found = situation(DOMAIN)
    care = referential(asked.on, known=asked.known)
    facts = facts_of(situation().gathered, care)  # the filing and the avis of the candidate weigh on O1.D
    return render_template(
        "compliance/obligations.html",
        progress=found.document,
        exercises=two_answers(facts, care.row("D2.O1.D"), asked.on),
        today=asked.on,
    )
