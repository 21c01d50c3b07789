"""Actions of every origin: what is late, what is said to be done and still to prove, what is closed."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from compliance.reports import actions as reports
from compliance.rules.action import LABELS
from compliance.web import blueprint, filters
from compliance.web.moment import moment
from compliance.web.overview import situation
from tenants.permissions import Permission, requires


@blueprint.get("/<scope:scope>/actions")
@requires(Permission.READ)
def actions() -> ResponseReturnValue:
    """List the actions by state; `?etat=`, `?origine=` and `?etablissement=` narrow the list."""
    asked, found = moment(), situation()
    every = reports.actions(found.gathered, asked.on, asked.known)
    named = sorted({(line.finess, line.establishment) for line in every}, key=lambda each: each[1])
    wanted = filters.asked(etat=LABELS, origine=reports.ORIGINS, etablissement=dict(named))
    here = [
        line
        for line in every
        if wanted["origine"] in ("", line.origin) and wanted["etablissement"] in ("", line.finess)
    ]
    return render_template(
        "compliance/actions.html",
        progress=found.document,
        every=here,
        shown=[line for line in here if wanted["etat"] in ("", line.verdict.state)],
        total=len(every),
        labels=LABELS,
        origins=reports.ORIGINS,
        filters=wanted,
        establishments=named,
        today=asked.on,
    )
