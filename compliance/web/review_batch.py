"""Decisions on several pieces of a dossier: what they will do is shown, then the password makes all of them, or none."""

from __future__ import annotations

import json
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.rules.review import CAUSES
from compliance.services import dossier as dossiers
from compliance.services import procedure, review_batch
from compliance.services import review as reviews
from compliance.services.review import NO_PIECE
from compliance.web import blueprint, identity
from compliance.web.review import listed
from tenants.errors import Conflict, Invalid, NotFound, Refused
from tenants.permissions import Permission, requires
from tenants.web.typography import date_fr


def _page(filing_id: UUID, error: str = "") -> ResponseReturnValue:
    filing = dossiers.filing(filing_id)
    chosen, accepted, cause, message = _typed()
    if not chosen:
        flash("Cochez au moins une pièce.", "error")
        return redirect(url_for("compliance.review", filing_id=filing_id))
    # A return is shown once it says why: what is confirmed is what was read.
    ready = accepted or bool(cause and message.strip())
    preview = review_batch.preview_batch(chosen, accepted, cause, message)
    if any(line.filing.id != filing.id for line in preview.lines):
        raise NotFound(NO_PIECE)
    document = json.loads(filing.document)
    level = procedure.level()
    ticked = [line.reviewed for line in preview.lines]
    lines = listed(ticked, level, document)
    for line, each, shown in zip(lines, ticked, preview.lines, strict=True):
        decided = each.decisions.get(level)
        line["refusal"] = shown.refusal if ready else ""
        line["effect"] = f"Remplace la décision du {date_fr(decided.on)}" if decided else ""
    page = render_template(
        "compliance/review_batch.html",
        candidate={"name": document["candidate"]["name"]},
        filing={"id": filing.id, "number": filing.version},
        decision="accept" if accepted else "return",
        ready=ready,
        refused=preview.refused if ready else 0,
        fingerprint=preview.fingerprint,
        pieces=lines,
        form={"error": error, "cause": cause, "message": message},
        causes=list(CAUSES.items()),
        longest=reviews.LONGEST_MESSAGE,
    )
    return page, 422 if error else 200


def _typed() -> tuple[list[UUID], bool, str, str]:
    """Return the pieces that were ticked, each once, the decision, its cause and its message. Raises NotFound for no piece."""
    try:
        chosen = list(dict.fromkeys(UUID(each) for each in request.form.getlist("piece")))
    except ValueError:
        raise NotFound(NO_PIECE) from None
    if request.form.get("decision") == "accept":
        return chosen, True, "", ""
    return chosen, False, request.form.get("cause", ""), request.form.get("message", "")


@blueprint.post("/<scope:scope>/dossiers/<uuid:filing_id>/instruction/lot")
@requires(Permission.REVIEW)
def preview_batch(filing_id: UUID) -> ResponseReturnValue:
    """Show what the decision will do to each piece that was ticked; nothing is done."""
    try:
        return _page(filing_id)
    except Invalid as error:
        flash(str(error), "error")
        return redirect(url_for("compliance.review", filing_id=filing_id))


@blueprint.post("/<scope:scope>/dossiers/<uuid:filing_id>/instruction/lot/confirmer")
@requires(Permission.REVIEW)
@identity.asks_password
def decide_batch(filing_id: UUID) -> ResponseReturnValue:
    """Make the decision on every piece that was shown, or on none."""
    dossiers.filing(filing_id)
    chosen, accepted, cause, message = _typed()
    try:
        identity.confirm()
        count = review_batch.decide_batch(
            chosen, accepted, cause, message, fingerprint=request.form.get("fingerprint", "")
        )
    except (Conflict, Invalid, Refused) as error:
        return _page(filing_id, str(error))
    verb = "acceptée" if accepted else "retournée"
    flash(f"{count} pièces {verb}s." if count > 1 else f"1 pièce {verb}.", "ok")
    return redirect(url_for("compliance.review", filing_id=filing_id))
