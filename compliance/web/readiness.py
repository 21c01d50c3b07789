"""« Prêt à déposer ? »: the dry run of the dossier, finding by finding, each with where it is mended."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from compliance.clock import today
from compliance.jobs import referential
from compliance.reports import readiness as reports
from compliance.rules.readiness import Finding, Rule, Severity
from compliance.services import candidate as candidates
from compliance.web import blueprint
from tenants.permissions import Permission, requires

# Where each kind of link leads, and what the link says.
LINKS = {
    "row": "Ouvrir la ligne",
    "piece": "Ouvrir la pièce",
    "rows": "Voir les lignes",
    "parts": "Voir les parties",
    "import": "Voir ce qui manque",
    "application": "Enregistrer le numéro",
    "ecare": "Noter le dépôt",
}


@blueprint.get("/<scope:scope>/dossier/verification")
@requires(Permission.READ)
def readiness() -> ResponseReturnValue:
    """Show what stands in the way of filing, the worst first."""
    day = today()
    candidate = candidates.require("D2", day)
    desk = current_app.extensions["vigie.counter"]
    findings = reports.check(candidate, referential(), desk, day)
    return render_template(
        "compliance/readiness.html",
        candidate=candidate,
        counts=tally(findings),
        groups=[
            (severity, [_shown(each) for each in findings if each.severity is severity])
            for severity in Severity
            if any(each.severity is severity for each in findings)
        ],
        held=[rule for rule in Rule if not any(each.rule is rule for each in findings)],
        today=day,
    )


def tally(findings: list[Finding]) -> dict[str, int]:
    """Count findings by severity."""
    return {str(severity): sum(each.severity is severity for each in findings) for severity in Severity}


def _shown(finding: Finding) -> dict[str, Any]:
    return {"finding": finding, "href": _href(*finding.link), "link": LINKS.get(finding.link[0], "")}


def _href(kind: str, value: str) -> str:
    match kind:
        case "row":
            return url_for("compliance.row", code=value)
        case "piece":
            return url_for("compliance.piece", piece_id=value)
        case "rows" | "parts" | "ecare":
            anchors = {"rows": "lignes", "parts": "parties", "ecare": "ecare"}
            return f"{url_for('compliance.dossier')}#{anchors[kind]}"
        case "import":
            return url_for("compliance.missing")
        case "application":
            return url_for("compliance.candidature")
        case _:
            return ""
