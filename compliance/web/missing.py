"""What is missing, by establishment: one page that a director prints."""

from __future__ import annotations

from dataclasses import replace

from flask import render_template, request
from flask.typing import ResponseReturnValue

from compliance.jobs import referential
from compliance.reports.missing import missing as lacks_of
from compliance.web import blueprint
from compliance.web.moment import moment
from compliance.web.overview import days, situation
from tenants.permissions import Permission, requires


@blueprint.get("/<scope:scope>/manques")
@requires(Permission.READ)
def missing() -> ResponseReturnValue:
    """List what lacks, who answers for it, and the days left; `?etablissement=` narrows to one, `?tout=oui` shows what does not block."""
    found, asked = situation(), moment()
    groups = lacks_of(found.gathered, found.document, referential(asked.on, known=asked.known), asked.on)
    if found.member:  # what is asked once is the GHT's to give
        groups = [group for group in groups if not group.whole]
    everything = request.args.get("tout") == "oui"
    hidden = sum(len(lack.things) for group in groups for lack in group.lacks if not lack.blocking)
    wanted = request.args.get("etablissement", "")
    shown = [
        replace(group, lacks=tuple(lack for lack in group.lacks if everything or lack.blocking))
        for group in groups
        if not wanted or group.whole or group.finess == wanted
    ]
    return render_template(
        "compliance/missing.html",
        progress=found.document,
        standing=found.standing,
        groups=[group for group in shown if group.lacks],
        names=[(group.finess, group.name) for group in groups if group.finess],
        wanted=wanted,
        everything=everything,
        hidden=hidden,
        member=found.member,
        days=days(),
        today=asked.on,
    )
