"""Decisions on several pieces: what they will do is shown, then the password makes all of them, or none."""

from __future__ import annotations

import json
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.rules.review import CAUSES
from compliance.rules.words import date_fr
from compliance.services import dossier as dossiers
from compliance.services import procedure
from compliance.services import review as reviews
from compliance.web import blueprint, frozen, identity
from compliance.web.review import NO_PIECE, listed
from tenants.errors import Invalid, NotFound, Refused
from tenants.permissions import Permission, requires


def _page(filing_id: UUID, error: str = "") -> ResponseReturnValue:
    filing = dossiers.filing(filing_id)
    document = json.loads(filing.document)
    level = procedure.level()
    chosen = _chosen()
    every = reviews.pieces(filing)
    ticked = [each for each in every if each.piece.id in chosen]
    if len(ticked) != len(chosen):
        raise NotFound(NO_PIECE)
    if not ticked:
        flash("Cochez au moins une pièce.", "error")
        return redirect(url_for("compliance.review", filing_id=filing_id))
    lines = listed(ticked, level, frozen.titles(document))
    for line, each in zip(lines, ticked, strict=True):
        decided = each.decisions.get(level)
        line["effect"] = f"Remplace la décision du {date_fr(decided.on)}" if decided else ""
    page = render_template(
        "compliance/review_batch.html",
        candidate={"name": document["candidate"]["name"]},
        filing={"id": filing.id, "number": filing.version},
        decision=_decision(),
        pieces=lines,
        form={"error": error, "cause": request.form.get("cause", ""), "message": request.form.get("message", "")},
        causes=list(CAUSES.items()),
        longest=reviews.LONGEST_MESSAGE,
    )
    return page, 422 if error else 200


def _decision() -> str:
    return "accept" if request.form.get("decision") == "accept" else "return"


def _chosen() -> list[UUID]:
    """Return the pieces that were ticked, each once. Raises NotFound for what names none."""
    try:
        return list(dict.fromkeys(UUID(each) for each in request.form.getlist("piece")))
    except ValueError:
        raise NotFound(NO_PIECE) from None


@blueprint.post("/<scope:scope>/dossiers/<uuid:filing_id>/instruction/lot")
@requires(Permission.REVIEW)
def preview_batch(filing_id: UUID) -> ResponseReturnValue:
    """Show what the decision will do to each piece that was ticked; nothing is done."""
    return _page(filing_id)


@blueprint.post("/<scope:scope>/dossiers/<uuid:filing_id>/instruction/lot/confirmer")
@requires(Permission.REVIEW)
@identity.asks_password
def decide_batch(filing_id: UUID) -> ResponseReturnValue:
    """Make the decision on every piece that was shown, or on none."""
    filing = dossiers.filing(filing_id)
    chosen, accepted = _chosen(), _decision() == "accept"
    try:
        identity.confirm()
        reviews.decide_many(
            filing, chosen, accepted, request.form.get("cause", ""), request.form.get("message", "")
        )
    except (Invalid, Refused) as error:
        return _page(filing_id, str(error))
    verb = "acceptées" if accepted else "retournées"
    flash(f"{len(chosen)} pièces {verb}." if len(chosen) > 1 else f"1 pièce {verb[:-1]}.", "ok")
    return redirect(url_for("compliance.review", filing_id=filing_id))
