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
from compliance.services import filing as filings
from compliance.services import part as part_services
from compliance.services.candidate import CandidateFacts
from compliance.services.ecare import Declared
from compliance.web import blueprint, identity, part, procedure
from compliance.web import readiness as readiness_page
from compliance.web.evidence import download
from compliance.web.filing import summary
from tenants import accounts, audit, jobs
from tenants.errors import NotFound, Refused
from tenants.permissions import Permission, requires

WORDS = {"received": "queued", "built": "done", "failed": "failed"}


def _shown(build: DossierBuild, by: str = "") -> dict[str, Any]:
    told = jobs.told(build.id) if build.state == "received" else jobs.Progress()
    return {
        "id": build.id,
        "state": "running" if told.step else WORDS[build.state],
        "step": told.step,
        "percent": told.percent,
        "on": build.on_date,
        "requested_at": build.created_at,
        "by": by,
        "pdf_size": build.pdf_size,
        "docx_size": build.docx_size,
        "zip_size": build.zip_size,
        "token_size": build.token_size,
        "filed": build.filing_id is not None,
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
    builds, filed = dossiers.builds(candidate), dossiers.filings(candidate.id)
    names = accounts.names(
        [
            *(build.created_by for build in builds),
            *(filing.filed_by for filing in filed),
            *(each.said.by for each in owned if each.said),
            *(version.recorded_by for version in declared),
        ]
    )
    stops = readiness_rules.stopping(findings)
    reviewed = procedure.section(candidate, filed)
    blocked = ". ".join(dict.fromkeys(finding.text for finding in stops))
    if reviewed and not reviewed["can_file"]:
        label = reviewed["here"]["label"]
        blocked = (
            f"Le dossier est à l’étape « {label} » : il ne se transmet plus."
            if reviewed["over"]
            else "L’instruction est ouverte : ne se transmettent plus que les pièces retournées."
        )
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
        filings=[summary(filing, names[filing.filed_by]) for filing in filed],
        opinions=gathered.opinions,
        not_fileable=blocked,
        procedure=reviewed,
        declared=known,
        versions=declared,
        states=[(state.key, state.label) for state in desk.states],
        receipts=[(str(piece), name) for piece, name in ecare.receipts(candidate, known.receipt_id).items()],
        form={"error": error, **(form if typed is None else {name: typed.get(name, "") for name in form})},
    ), status


@blueprint.post("/<scope:scope>/dossier")
@requires(Permission.BUILD_DOSSIER)
def build_dossier() -> ResponseReturnValue:
    """Order a build for today, or from a filing; a second click joins the one that runs."""
    dossiers.order(today(), _filing(request.form.get("filing", "")))
    return redirect(url_for("compliance.dossier") + "#generer")


def _filing(given: str) -> UUID | None:
    try:
        return UUID(given) if given else None
    except ValueError:
        raise NotFound("Ce dossier n’existe pas, ou il ne vous est pas ouvert.") from None


@blueprint.get("/<scope:scope>/dossier/<uuid:build_id>")
@requires(Permission.READ)
def dossier_state(build_id: UUID) -> ResponseReturnValue:
    """Show how far a build is (fragment)."""
    build = dossiers.get(build_id)
    by = accounts.names([build.created_by])[build.created_by]
    return render_template("compliance/_build.html", build=_shown(build, by))


# What a build hands out: the name of its columns, the end of the file name, the type.
FILES = {
    "pdf": ("pdf", ".pdf", "application/pdf"),
    "docx": ("docx", ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "zip": ("zip", ".zip", "application/zip"),
    "tsr": ("token", ".zip.tsr", "application/timestamp-reply"),
}


@blueprint.get("/<scope:scope>/dossier/<uuid:build_id>/<any(pdf, docx, zip, tsr):kind>")
@requires(Permission.READ)
def dossier_file(build_id: UUID, kind: str) -> ResponseReturnValue:
    """Download a file of a build: PDF, Word, ZIP, or the timestamp of the ZIP."""
    build = dossiers.get(build_id)
    column, extension, media_type = FILES[kind]
    sha256 = getattr(build, f"{column}_sha256")
    if sha256 is None:
        raise NotFound("Ce fichier n’existe pas, ou pas encore.")
    audit.record(build.establishment_id, "dossier.read", build=build.id, kind=kind)
    what = f"v{dossiers.filing(build.filing_id).version}" if build.filing_id else "projet"
    return download(build.establishment_id, sha256, f"dossier-care-d2-{what}-{build.on_date}{extension}", media_type)


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
