"""What changed between two dates: `?du=2026-09-01&au=2026-11-22`."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from compliance.clock import today
from compliance.jobs import referential
from compliance.reports import situation as situations
from compliance.reports.difference import difference as compare
from compliance.web import blueprint
from compliance.web.moment import parse
from tenants.errors import Invalid
from tenants.permissions import Permission, requires

_MONTH = timedelta(days=30)


@blueprint.get("/<scope:scope>/evolution")
@requires(Permission.READ)
def difference() -> ResponseReturnValue:
    """Compare two days, the last thirty by default; each as it was known then, or as it is known now."""
    until = parse(request.args["au"]) if request.args.get("au") else today()
    since = parse(request.args["du"]) if request.args.get("du") else until - _MONTH
    if since > until:
        raise Invalid("La première date doit précéder la seconde.")
    hindsight = request.args.get("connu") == "oui"
    known = (max(day, today()) if hindsight else day for day in (since, until))
    first, second = (
        situations.situation(referential(day, known=by), day, by).document
        for day, by in zip((since, until), known, strict=True)
    )
    return render_template(
        "compliance/difference.html",
        found=compare(first, second),
        since=since,
        until=until,
        hindsight=hindsight,
    )
