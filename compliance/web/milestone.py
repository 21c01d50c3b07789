"""The dates of the programme, those of the candidate's own filings, and its milestones."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from compliance.jobs import referential
from compliance.reports import milestones as reports
from compliance.web import blueprint
from compliance.web.moment import moment
from compliance.web.overview import situation
from tenants.permissions import Permission, requires


@blueprint.get("/<scope:scope>/jalons")
@requires(Permission.READ)
def milestones() -> ResponseReturnValue:
    """Show the national dates with what each is worth, the candidate's own, and its milestones."""
    found, asked = situation(), moment()
    candidate = found.gathered.candidate
    return render_template(
        "compliance/milestones.html",
        progress=found.document,
        standing=found.standing,
        dates=reports.programme_dates(found.gathered, referential(asked.on, known=asked.known), asked.on),
        milestones=reports.milestones(found.gathered, asked.on),
        candidate=candidate,
        opened=not found.member and candidate.id != candidate.establishment_id,
        today=asked.on,
    )
