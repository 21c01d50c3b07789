"""The decision of an authority on a whole dossier, and its decisions as text for the official counter."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from compliance.rules.words import lower_first
from compliance.services import dossier as dossiers
from compliance.services import procedure
from compliance.services import review as reviews
from compliance.services import review_text as texts
from compliance.web import blueprint, identity
from compliance.web.evidence import attachment
from compliance.web.review import page
from tenants import audit
from tenants.errors import Invalid, Refused
from tenants.permissions import Permission, requires


@blueprint.post("/<scope:scope>/dossiers/<uuid:filing_id>/decision")
@requires(Permission.REVIEW)
@identity.asks_password
def decide_dossier(filing_id: UUID) -> ResponseReturnValue:
    """Decide on the dossier, once whoever decides has confirmed it."""
    filing = dossiers.filing(filing_id)
    choice = request.form.get("choice", "")
    try:
        if choice not in {"favourable", "unfavourable"}:
            raise Invalid("Choisissez la décision.")
        identity.confirm()
        reviews.decide_dossier(filing, choice == "favourable", request.form.get("reason", ""))
    except Invalid as error:
        return page(filing_id, "", refused=str(error), typed=request.form)
    except Refused as error:
        last = procedure.history(filing.candidate_id)[-1]
        verdict = reviews.verdict(procedure.level(), choice == "favourable")
        if (last.by, last.state.key) != (current_user.id, verdict):  # else the same button was clicked twice
            return page(filing_id, "", refused=str(error), typed=request.form)
    flash(f"Décision enregistrée : {lower_first(procedure.standing(filing.candidate_id).state.label)}.", "ok")
    return redirect(url_for("compliance.review", filing_id=filing_id) + "#decision")


@blueprint.get("/<scope:scope>/dossiers/<uuid:filing_id>/ecare.txt")
@requires(Permission.REVIEW)
def review_text(filing_id: UUID) -> ResponseReturnValue:
    """Hand out decisions and reasons as text, to lay down on eCaRE by hand."""
    filing = dossiers.filing(filing_id)
    audit.record(filing.establishment_id, "review.exported", filing=filing.id)
    answer = Response(texts.export_text(filing, reviews.pieces(filing)), mimetype="text/plain")
    answer.headers.set("Content-Disposition", "attachment", **attachment(f"instruction-version-{filing.version}.txt"))
    return answer
