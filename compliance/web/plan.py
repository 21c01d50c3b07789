"""PCRA of a scope: how many are complete, what gives way first, what exercises contradicted."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from compliance.reports import plans as reports
from compliance.rules.perimeter import PerimeterKind
from compliance.rules.plan import LACKS
from compliance.web import blueprint, filters
from compliance.web.moment import moment
from tenants.permissions import Permission, requires


@blueprint.get("/<scope:scope>/pcra")
@requires(Permission.READ)
def plans() -> ResponseReturnValue:
    """Show the PCRA of the scope by establishment, filtered by what the address says."""
    day = moment()
    read = reports.read(day.known)
    everybody = [(each.finess, each.name) for each in read.establishments]
    asked = reports.Asked(
        **filters.asked(
            kind=list(PerimeterKind),
            establishment=dict(everybody),
            state=(*reports.STATES, reports.EXISTS),
            lack=LACKS,
        )
    )
    groups = reports.groups(read, day.on)
    shown = [reports.narrowed(group, asked) for group in groups]
    lines = [line for group in shown for line in group.lines]
    return render_template(
        "compliance/plans.html",
        groups=[group for group in shown if group.lines or asked.establishment in ("", group.finess)],
        lines=lines,
        total=sum(len(group.lines) for group in groups),
        tally=[(state, word, sum(line.in_state(state) for line in lines)) for state, word in reports.STATES.items()],
        existing=sum(line.plan.exists for line in lines),
        weakest=reports.weakest_of([group for group in shown if group.lines]),
        asked=asked,
        establishments=everybody,
        lacks=LACKS,
        states=reports.STATES,
        today=day.on,
    )
