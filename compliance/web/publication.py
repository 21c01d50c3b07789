"""« Publier l’avancement à l’ARS »: what will be seen, the act, its history; and what the ARS then reads."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.clock import today
from compliance.jobs import referential
from compliance.reports import canonical
from compliance.reports.progress import candidate_progress
from compliance.services import candidate as candidates
from compliance.services import portfolio as portfolios
from compliance.services import publication as publications
from compliance.web import blueprint
from tenants import accounts, audit
from tenants.errors import NotFound, Refused
from tenants.permissions import Permission, requires

# The rows whose figure is a share of activity, the ones that a list of candidates has room for.
SHARE_ROWS = ("D2.O1.C", "D2.O1.D")


def shares(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of published figures that a list shows."""
    return [row for row in figures["rows"] if row["code"] in SHARE_ROWS]


@blueprint.get("/<scope:scope>/publication")
@requires(Permission.READ)
def publication() -> ResponseReturnValue:
    """Show exactly what publishing would let the ARS see, and what it sees already."""
    day = today()
    candidate = candidates.of_scope("D2", day)
    if candidate is None:
        if not candidates.applies_here():
            raise NotFound("L’avancement publié est celui du GHT.")
        flash("L’avancement se publie après le premier import : déposez d’abord vos périmètres.", "error")
        return redirect(url_for("compliance.overview"))
    document = candidate_progress(candidate, referential(), day)
    told = publications.history(candidate.id)
    last = next(iter(told), None)
    figures = canonical.plain(publications.figures(document))
    return render_template(
        "compliance/publication.html",
        candidate={"name": candidate.name, "region": candidate.region.name},
        figures=figures,
        changes=publications.differences(last.figures, figures) if last else (),
        unchanged=publications.unchanged(document, last),
        history=told,
        names=accounts.names(each.published_by for each in told),
    )


@blueprint.post("/<scope:scope>/publication")
@requires(Permission.PUBLISH)
def publish() -> ResponseReturnValue:
    """Publish the figures of today, once the person says that they were read."""
    candidate = candidates.require("D2")
    if request.form.get("confirm") != "yes":
        flash("Cochez « J’ai relu ces chiffres » pour publier.", "error")
        return redirect(url_for("compliance.publication") + "#publier")
    try:
        publications.publish(candidate_progress(candidate, referential(), today()), candidate)
    except Refused as error:
        flash(str(error), "error")
    else:
        flash(f"Avancement publié : l’{candidate.region.name} voit ces chiffres.", "ok")
    return redirect(url_for("compliance.publication") + "#publier")


@blueprint.get("/<scope:scope>/candidats/<uuid:candidate_id>/publications")
@requires(Permission.READ_FILED)
def candidate_publications(candidate_id: UUID) -> ResponseReturnValue:
    """Show to the ARS what a candidate of its region published."""
    name = portfolios.candidate_name(candidate_id)
    told = publications.history(candidate_id)
    if told:
        audit.record(told[0].establishment_id, "publication.read", candidate=candidate_id)
    return render_template("compliance/publications.html", candidate={"name": name}, history=told)
