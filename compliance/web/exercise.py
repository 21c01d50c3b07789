"""The planning of exercises: which count, which is next, what each day runs into, what to record, a day for each plan."""

from __future__ import annotations

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from compliance.jobs import referential
from compliance.reports import exercises as reports
from compliance.reports.facts import facts_of
from compliance.web import blueprint, filters
from compliance.web.moment import EARLIEST, LATEST, moment
from compliance.web.overview import situation
from tenants.permissions import Permission, requires

ROW = "D2.O1.D"


@blueprint.get("/<scope:scope>/exercices")
@requires(Permission.READ)
def exercises() -> ResponseReturnValue:
    """Show the planning; `?etablissement=`, `?etat=` narrow the list, `?annee=` chooses the year of the planner."""
    asked, found = moment(), situation()
    care = referential(asked.on, known=asked.known)
    days = current_app.extensions["vigie.calendar"]
    planning = reports.planning(
        found.gathered, facts_of(found.gathered, care), care.row(ROW), days, asked.on, asked.known
    )
    named = {(record.finess, record.party.name) for record in found.gathered.parties if record.finess}
    wanted = filters.asked(etablissement=dict(named), etat=reports.STATES)
    place, state = wanted["etablissement"], wanted["etat"]
    here = [each for each in planning.exercises if not place or place in each.keys]
    year = request.args.get("annee", "")
    return render_template(
        "compliance/exercises.html",
        progress=found.document,
        planning=reports.Planning(
            tuple(here), tuple(each for each in planning.suggestions if place in ("", each.proposal.wanted.party))
        ),
        shown=[each for each in here if not state or state in each.states],
        states=reports.STATES,
        filters=wanted,
        establishments=sorted(named, key=lambda each: each[1]),
        year=int(year) if year.isdecimal() and EARLIEST.year <= int(year) <= LATEST.year else asked.on.year,
        calendar=days,
        past=asked.asked,  # a day that is proposed is proposed from today
        today=asked.on,
    )
