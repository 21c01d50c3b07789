"""An objective that is moot here: recorded with its reason and its substitute proof, or withdrawn."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from compliance.clock import today
from compliance.jobs import referential
from compliance.services import candidate as candidates
from compliance.services import equivalence
from compliance.services import party as party_services
from compliance.web import blueprint
from compliance.web.fields import OptionalDate
from compliance.web.row import page
from tenants.errors import Invalid, NotFound
from tenants.permissions import Permission, requires


class MootSchema(Schema):
    """The form of an equivalence: who it is for, why, and the piece that replaces the proofs."""

    class Meta:
        """Form fields that are not ours (token) are left out."""

        unknown = EXCLUDE

    party = fields.String(load_default="", validate=validate.Length(max=120))
    reason = fields.String(load_default="", validate=validate.Length(max=1000))
    file = fields.String(load_default="", validate=validate.Length(max=200))
    starts_on = OptionalDate(load_default=None)


FORM = MootSchema()


@blueprint.post("/<scope:scope>/lignes/<code>/equivalence")
@requires(Permission.MANAGE_CANDIDATE)
def moot(code: str) -> ResponseReturnValue:
    """Record that the row is moot here, with its reason and its substitute proof; or withdraw what was recorded."""
    candidate = candidates.require("D2")
    try:
        referential(domain=candidate.domain).row(code)
    except KeyError:
        raise NotFound("Cette ligne n’existe pas dans le référentiel.") from None
    try:
        values = FORM.load(request.form.to_dict())
        if request.form.get("withdraw"):
            equivalence.withdraw(candidate, code, values["party"])
            flash("L’équivalence est retirée : la ligne se juge de nouveau sur ses pièces.", "ok")
        else:
            if values["party"] and values["party"] not in {
                record.party.key for record in party_services.parties(candidate, today())
            } | {candidate.support.finess}:
                raise Invalid("Choisissez la partie dans la liste.")
            equivalence.record(
                candidate,
                code,
                values["party"],
                reason=values["reason"],
                file=values["file"],
                starts_on=values["starts_on"] or today(),
            )
            flash(f"L’équivalence est enregistrée pour {code} : le réviseur lira le motif.", "ok")
    except ValidationError:
        return page(code, typed=request.form, status=422, moot_error="Réponse illisible : écrivez la date jj/mm/aaaa.")
    except Invalid as error:
        return page(code, typed=request.form, status=422, moot_error=str(error))
    return redirect(url_for("compliance.row", code=code))
