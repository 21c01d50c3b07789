"""The expenses of a scope: which are eligible and why, beside the ceiling and what was granted."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from compliance.jobs import referential
from compliance.reports import canonical, funding_sheet
from compliance.reports import funding as reports
from compliance.reports.funding import ExpenseLine, Money
from compliance.reports.situation import of_scope
from compliance.rules.funding import LABELS
from compliance.web import blueprint, filters
from compliance.web.evidence import attachment
from compliance.web.moment import moment
from tenants.context import current
from tenants.permissions import Permission, requires

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _asked() -> tuple[Money, list[ExpenseLine], dict[str, str], bool]:
    """Return the money of the scope, the lines that the address asks for, what it asks, and whether a GHT applies for the scope."""
    day = moment()
    gathered, member = of_scope(day.on, day.known)
    money = reports.money(gathered, referential(day.on, known=day.known))
    wanted = filters.asked(
        etat=LABELS,
        etablissement={line.finess for line in money.lines},
        objectif={line.expense.objective for line in money.lines},
    )
    shown = [
        line
        for line in money.lines
        if wanted["etat"] in ("", line.verdict.state)
        and wanted["etablissement"] in ("", line.finess)
        and wanted["objectif"] in ("", line.expense.objective)
    ]
    return money, shown, wanted, member


@blueprint.get("/<scope:scope>/depenses")
@requires(Permission.READ)
def expenses() -> ResponseReturnValue:
    """Show what is spent, eligible and left; `?etat=`, `?etablissement=` and `?objectif=` narrow the list."""
    money, shown, wanted, member = _asked()
    return render_template(
        "compliance/expenses.html",
        sentence=reports.sentence(money),
        balance=money.balance,
        letters=money.letters,
        shown=shown,
        sums=money.total(shown),
        total=len(money.lines),
        labels=LABELS,
        parts={name: reports.parts(money.lines, name) for name in ("objective", "establishment", "nature")},
        filters=wanted,
        member=member,
        today=moment().on,
    )


@blueprint.get("/<scope:scope>/depenses/export.xlsx")
@requires(Permission.READ)
def export_expenses() -> ResponseReturnValue:
    """Download the list that the page shows, with the same filters."""
    _, shown, _, _ = _asked()
    listed = canonical.plain({"expenses": [reports.public(line) for line in shown]})["expenses"]
    answer = Response(funding_sheet.build(listed, moment().on, current().scope.name), mimetype=_XLSX)
    answer.headers.set("Content-Disposition", "attachment", **attachment("Dépenses CaRE.xlsx"))
    return answer
