"""Obligations beside the funding, and other domains: the same rules on another referential, and the exercises' two answers."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from compliance.jobs import referential
from compliance.reports.exercises import two_answers
from compliance.reports.facts import facts_of
from compliance.services.referential import files
from compliance.web import blueprint
from compliance.web.moment import moment
from compliance.web.overview import situation
from tenants.permissions import Permission, requires

DOMAIN, CARE = "OBL", "D2"


@blueprint.get("/<scope:scope>/obligations")
@requires(Permission.READ)
def obligations() -> ResponseReturnValue:
    """Show where the scope stands on what is asked of it whatever the funding; `?domaine=` on another domain of the programme."""
    asked = moment()
    domain = request.args.get("domaine", DOMAIN)
    found, care = situation(domain), referential(asked.on, known=asked.known)
    facts = facts_of(found.gathered, care)  # the filing and the avis of the candidate weigh on O1.D
    return render_template(
        "compliance/obligations.html",
        progress=found.document,
        beside=domain == DOMAIN,
        domains=[(name, known[-1].title) for name, known in sorted(files().items()) if name not in (CARE, domain)],
        exercises=two_answers(facts, care.row("D2.O1.D"), asked.on),
        today=asked.on,
    )
