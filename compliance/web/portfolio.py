"""Authorities: candidates, the figures they published, the frozen copies they filed; never a draft."""

from __future__ import annotations

import json
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from compliance.clock import today
from compliance.jobs import referential
from compliance.reports.situation import national_standing
from compliance.services import dossier as dossiers
from compliance.services import opinion as opinions
from compliance.services import portfolio as portfolios
from compliance.web import blueprint
from compliance.web.evidence import download
from compliance.web.filing import summary
from compliance.web.procedure_page import icon
from compliance.web.publication import shares
from tenants import audit
from tenants.context import ScopeKind, current
from tenants.errors import NotFound
from tenants.permissions import Permission, requires


@blueprint.get("/<scope:scope>/portefeuille")
@requires(Permission.READ_FILED)
def portfolio() -> ResponseReturnValue:
    """List the candidates of the region, or at the nation those whom their ARS decided on."""
    scope = current().scope
    return render_template(
        "compliance/portfolio.html",
        region={"code": scope.code, "name": scope.name},
        national=scope.kind is ScopeKind.NATION,
        today=today(),
        standing=national_standing(referential(), today()),
        candidates=_candidates(),
    )


def _candidates() -> list[dict[str, object]]:
    return [
        {
            "id": line.id,
            "name": line.name,
            "kind": line.kind,
            "code": line.code,
            "support": line.support,
            "region": line.region,
            "review": {"icon": icon(line.state.key), "label": line.state.label},
            "filing": summary(line.filing) if line.filing else None,
            "published": {"shares": shares(line.published.figures), **line.published.figures}
            if line.published
            else None,
        }
        for line in portfolios.lines()
    ]


@blueprint.get("/<scope:scope>/dossiers/<uuid:filing_id>")
@requires(Permission.READ_FILED)
def filing(filing_id: UUID) -> ResponseReturnValue:
    """Show one frozen filing, and what the ARS decided on its rows."""
    found = dossiers.filing(filing_id)
    audit.record(found.establishment_id, "filing.read", filing=found.id)
    return render_template(
        "compliance/filing.html",
        filing=summary(found),
        versions=[summary(each) for each in dossiers.filings(found.candidate_id)],
        document=json.loads(found.document),
        opinions=opinions.history(found.candidate_id),
    )


@blueprint.get("/<scope:scope>/dossiers/<uuid:filing_id>/depenses")
@requires(Permission.READ_FILED)
def filing_expenses(filing_id: UUID) -> ResponseReturnValue:
    """Show the expenses of one frozen filing, with the verdicts that were frozen."""
    found = dossiers.filing(filing_id)
    audit.record(found.establishment_id, "filing.read", filing=found.id)
    document = json.loads(found.document)
    return render_template(
        "compliance/filing_expenses.html",
        candidate={"name": document["candidate"]["name"]},
        filing=summary(found),
        funding=document.get("funding"),
    )


@blueprint.get("/<scope:scope>/dossiers/<uuid:filing_id>/pieces/<sha256>")
@requires(Permission.READ_FILED)
def filed_piece(filing_id: UUID, sha256: str) -> ResponseReturnValue:
    """Download a frozen piece."""
    found = next((each for each in dossiers.filed_pieces(filing_id) if each.sha256 == sha256), None)
    if found is None:
        raise NotFound("Cette pièce n’existe pas, ou elle ne vous est pas ouverte.")
    audit.record(found.establishment_id, "filing.piece_read", filing=filing_id, sha256=sha256)
    return download(found.establishment_id, found.sha256, found.filename, found.media_type)
