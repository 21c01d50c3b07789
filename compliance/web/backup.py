"""Backups of a scope: who has 3-2-1, who came back in time, and what keeps the copies apart."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from compliance.reports import backups as reports
from compliance.rules.recovery import Restored
from compliance.web import blueprint, filters
from compliance.web.moment import moment
from tenants.permissions import Permission, requires

_MOST = 100  # restore tests of one page: all of them are in their register


@blueprint.get("/<scope:scope>/sauvegardes")
@requires(Permission.READ)
def backups() -> ResponseReturnValue:
    """Show the critical systems of the scope, filtered by what the address says, then platforms and restore tests."""
    day = moment()
    read = reports.read(day.on, day.known)
    everybody = [(each.finess, each.name) for each in read.establishments]
    asked = reports.Asked(
        **filters.asked(
            establishment=dict(everybody),
            copies=("yes", "no"),
            restore=list(Restored),
            frequency=("rare",),
            supervised=reports.SUPERVISED,
        )
    )
    systems = [line for line in read.systems if asked.keeps(line)]
    tests = [line for line in read.tests if asked.establishment in ("", line.finess)]
    return render_template(
        "compliance/backups.html",
        systems=systems,
        total=len(read.systems),
        tally=[(each, sum(line.restored is each for line in systems)) for each in Restored],
        copied=sum(line.system.three_two_one for line in systems),
        rare=sum(line.spacing is not None and line.spacing.worse for line in systems),
        platforms=[line for line in read.platforms if asked.establishment in ("", line.finess)],
        tests=tests[:_MOST],
        tested=len(tests),
        asked=asked,
        establishments=everybody,
        supervised=[(key, word, _supervised(systems, key)) for key, word in reports.SUPERVISED.items()],
        today=day.on,
    )


def _supervised(systems: list[reports.SystemLine], key: str) -> int:
    return sum(reports.supervision(line.values["supervised"]) == key for line in systems)
