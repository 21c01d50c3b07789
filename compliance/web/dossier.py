"""The funding dossier: order a build, download it, transmit it to the ARS."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.clock import today
from compliance.jobs import referential
from compliance.models.dossier import DossierBuild
from compliance.reports.progress import candidate_progress
from compliance.services import candidate as candidates
from compliance.services import dossier as dossiers
from compliance.services import filing as filings
from compliance.services import opinion as opinions
from compliance.web import blueprint, identity, procedure
from compliance.web.evidence import download
from compliance.web.filing import summary
from tenants import accounts, audit, jobs
from tenants.errors import NotFound, Refused
from tenants.permissions import Permission, requires

WORDS = {"received": "queued", "built": "done", "failed": "failed"}


def _shown(build: DossierBuild, by: str = "") -> dict[str, Any]:
    step = jobs.told(build.id).step if build.state == "received" else ""
    return {
        "id": build.id,
        "state": "running" if step else WORDS[build.state],
        "step": step,
        "percent": None,
        "on": build.on_date,
        "requested_at": build.created_at,
        "by": by,
        "pdf_size": build.pdf_size,
        "zip_size": build.zip_size,
        "sha256": build.zip_sha256,
        "problem": build.error,
    }


@blueprint.get("/<scope:scope>/dossier")
@requires(Permission.READ)
def dossier() -> ResponseReturnValue:
    """Show what the dossier will say, its builds, its filings."""
    day = today()
    candidate = candidates.of_scope("D2", day)
    if candidate is None:
        if not candidates.applies_here():
            raise NotFound("Le dossier est celui du GHT.")
        flash("Le dossier s’ouvre au premier import : déposez d’abord vos périmètres.", "error")
        return redirect(url_for("compliance.overview"))
    told = candidate_progress(candidate, referential(), day)
    builds, versions = dossiers.builds(candidate), dossiers.filings(candidate.id)
    names = accounts.names([*(build.created_by for build in builds), *(filing.filed_by for filing in versions)])
    attached = any(row["pieces"] for row in told["rows"])
    blocked = (
        ""
        if told["perimeters"] and attached
        else "Le dossier est vide : importez les périmètres et joignez au moins une pièce."
    )
    reviewed = procedure.section(candidate, versions)
    if reviewed and not reviewed["can_file"]:
        blocked = "L’instruction est ouverte : ne se transmettent plus que les pièces retournées."
    return render_template(
        "compliance/dossier.html",
        progress=told,
        builds=[_shown(build, names[build.created_by]) for build in builds],
        filings=[summary(filing, names[filing.filed_by]) for filing in versions],
        opinions=opinions.opinions([candidate.id], day),
        not_fileable=blocked,
        procedure=reviewed,
    )


@blueprint.post("/<scope:scope>/dossier")
@requires(Permission.BUILD_DOSSIER)
def build_dossier() -> ResponseReturnValue:
    """Order a build for today; a second click joins the one that runs."""
    dossiers.order(today())
    return redirect(url_for("compliance.dossier") + "#generer")


@blueprint.get("/<scope:scope>/dossier/<uuid:build_id>")
@requires(Permission.READ)
def dossier_state(build_id: UUID) -> ResponseReturnValue:
    """Show how far a build is (fragment)."""
    build = dossiers.get(build_id)
    by = accounts.names([build.created_by])[build.created_by]
    return render_template("compliance/_build.html", build=_shown(build, by))


@blueprint.get("/<scope:scope>/dossier/<uuid:build_id>/<any(pdf, zip):kind>")
@requires(Permission.READ)
def dossier_file(build_id: UUID, kind: str) -> ResponseReturnValue:
    """Download the PDF or the ZIP of a build."""
    build = dossiers.get(build_id)
    sha256 = build.pdf_sha256 if kind == "pdf" else build.zip_sha256
    if sha256 is None:
        raise NotFound("Ce dossier n’est pas encore prêt.")
    audit.record(build.establishment_id, "dossier.read", build=build.id, kind=kind)
    media_type = "application/pdf" if kind == "pdf" else "application/zip"
    return download(build.establishment_id, sha256, f"dossier-care-d2-{build.on_date}.{kind}", media_type)


@blueprint.post("/<scope:scope>/dossier/transmettre")
@requires(Permission.FILE_DOSSIER)
@identity.asks_password
def transmit() -> ResponseReturnValue:
    """Freeze the dossier for the ARS, once the signatory says that it was read and confirms who signs."""
    candidates.require("D2")
    if request.form.get("confirm") != "yes":
        flash("Cochez « J’ai relu le dossier » pour transmettre.", "error")
        return redirect(url_for("compliance.dossier") + "#transmettre")
    try:
        identity.confirm()
        filing = filings.file(referential())
    except Refused as error:
        flash(str(error), "error")
        return redirect(url_for("compliance.dossier") + "#transmettre")
    flash(f"Version {filing.version} transmise à l’ARS dans Vigie. Le dépôt sur eCaRE reste à faire.", "ok")
    return redirect(url_for("compliance.dossier") + "#transmettre")
