"""Actions of every origin: what is late, what is said to be done and still to prove, what is closed."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from compliance.reports import actions as reports
from compliance.rules.action import LABELS
from compliance.web import blueprint
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
    offered = {"etat": set(map(str, LABELS)), "origine": set(reports.ORIGINS), "etablissement": {f for f, _ in named}}
    # What no list offers was typed by hand in the address: it filters nothing.
    filters = {name: value if (value := request.args.get(name, "")) in told else "" for name, told in offered.items()}
    here = [
        line
        for line in every
        if filters["origine"] in ("", line.origin) and filters["etablissement"] in ("", line.finess)
    ]
    return render_template(
        "compliance/actions.html",
        progress=found.document,
        every=here,
        shown=[line for line in here if filters["etat"] in ("", str(line.verdict.state))],
        total=len(every),
        labels=LABELS,
        origins=reports.ORIGINS,
        filters=filters,
        establishments=named,
        today=asked.on,
    )
