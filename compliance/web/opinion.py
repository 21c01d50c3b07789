"""The avis of an ARS on a row of a frozen filing."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from compliance.services import opinion as opinions
from compliance.web import blueprint
from compliance.web.portfolio import filing_page
from tenants.errors import Invalid, Refused
from tenants.permissions import Permission, requires


class OpinionSchema(Schema):
    """The form of an opinion."""

    class Meta:
        """Form fields that are not ours (token) are left out."""

        unknown = EXCLUDE

    row = fields.String(required=True)
    subject = fields.String(load_default="")
    decision = fields.String(required=True, validate=validate.OneOf(("favourable", "unfavourable")))
    reason = fields.String(load_default="")


FORM = OpinionSchema()


@blueprint.post("/<scope:scope>/dossiers/<uuid:filing_id>/avis")
@requires(Permission.GIVE_OPINION)
def give_opinion(filing_id: UUID) -> ResponseReturnValue:
    """Record an opinion; what was typed comes back with the reason when it is refused."""
    try:
        typed = FORM.load(request.form.to_dict())
        given = opinions.give(
            filing_id, typed["row"], typed["subject"], typed["decision"] == "favourable", typed["reason"]
        )
    except ValidationError:
        return filing_page(filing_id, "Choisissez la ligne, et si l’avis est favorable ou défavorable.", request.form)
    except (Invalid, Refused) as error:
        return filing_page(filing_id, str(error), request.form)
    flash(f"Avis enregistré sur {given.row_code} : le candidat le lit avec son motif.", "ok")
    return redirect(url_for("compliance.filing", filing_id=filing_id) + "#avis")
