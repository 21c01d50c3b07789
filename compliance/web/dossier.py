"""The funding dossier: order a build, download it, transmit it to the ARS."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.clock import today
from compliance.jobs import referential
from compliance.models.dossier import DossierBuild
from compliance.programme.counter import Desk
from compliance.reports import parts, readiness
from compliance.reports.gathered import gather
from compliance.reports.progress import describe
from compliance.rules import readiness as readiness_rules
from compliance.services import candidate as candidates
from compliance.services import dossier as dossiers
from compliance.services import ecare
from compliance.services import opinion as opinions
from compliance.services import part as part_services
from compliance.services.candidate import CandidateFacts
from compliance.services.ecare import Declared
from compliance.web import blueprint, part
from compliance.web import readiness as readiness_page
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
    """Show the dossier step by step; a member of a GHT sees its own part of it."""
    candidate = candidates.of_scope("D2", today())
    if candidate is None:
        if not candidates.applies_here():
            return part.page()
        flash("Le dossier s’ouvre au premier import : déposez d’abord vos périmètres.", "error")
        return redirect(url_for("compliance.overview"))
    return page(candidate)


def page(candidate: CandidateFacts, error: str = "", typed: Any = None, status: int = 200) -> ResponseReturnValue:
    """Show the dossier of a candidate: its parts, what stands in the way, its builds, its filings, what the counter knows."""
    day, care = today(), referential()
    desk: Desk = current_app.extensions["vigie.counter"]
    gathered = gather([candidate], day, day)[0]
    told = describe(gathered, care, day)
    said = part_services.latest(candidate.id, day) if gathered.ght else {}
    declared = ecare.history(candidate.id)
    known = declared[0].declared if declared else Declared()
    findings = readiness.readiness(gathered, told, desk, day, said=said, declared=known)
    owned = parts.parts(gathered, told, care, said, day) if gathered.ght else []
    builds, filings = dossiers.builds(candidate), dossiers.filings(candidate.id)
    names = accounts.names(
        [
            *(build.created_by for build in builds),
            *(filing.filed_by for filing in filings),
            *(each.said.by for each in owned if each.said),
            *(version.recorded_by for version in declared),
        ]
    )
    stops = readiness_rules.stopping(findings)
    form = {
        "number": known.number,
        "filed_on": known.filed_on or "",
        "state": known.state,
        "state_on": known.state_on or "",
        "receipt": str(known.receipt_id or ""),
    }
    return render_template(
        "compliance/dossier.html",
        progress=told,
        begun=bool(parts.begun(gathered)),
        parts=owned,
        counts=readiness_page.tally(findings),
        names=names,
        builds=[_shown(build, names[build.created_by]) for build in builds],
        filings=[summary(filing, names[filing.filed_by]) for filing in filings],
        opinions=opinions.opinions([candidate.id], day),
        not_fileable=". ".join(dict.fromkeys(finding.text for finding in stops)),
        declared=known,
        versions=declared,
        states=[(state.key, state.label) for state in desk.states],
        receipts=[(str(piece), name) for piece, name in ecare.receipts(candidate).items()],
        form={"error": error, **(form if typed is None else {name: typed.get(name, "") for name in form})},
    ), status


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
def transmit() -> ResponseReturnValue:
    """Freeze the dossier for the ARS, once the signatory says that it was read."""
    candidates.require("D2")
    if request.form.get("confirm") != "yes":
        flash("Cochez « J’ai relu le dossier » pour transmettre.", "error")
        return redirect(url_for("compliance.dossier") + "#transmettre")
    try:
        filing = dossiers.file(referential())
    except Refused as error:
        flash(str(error), "error")
        return redirect(url_for("compliance.dossier") + "#transmettre")
    flash(f"Version {filing.version} transmise à l’ARS dans Vigie. Le dépôt sur eCaRE reste à faire.", "ok")
    return redirect(url_for("compliance.dossier") + "#transmettre")
