"""« Déposé sur eCaRE »: what somebody notes of the official counter, apart from what was transmitted in Vigie."""

from __future__ import annotations

from typing import BinaryIO, cast
from uuid import UUID

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from compliance.clock import today
from compliance.jobs import referential
from compliance.programme.counter import Desk
from compliance.reports import milestones
from compliance.services import candidate as candidates
from compliance.services import ecare as services
from compliance.services.ecare import Declared
from compliance.web import blueprint
from compliance.web.dossier import page
from compliance.web.fields import OptionalDate
from tenants.errors import Conflict, Invalid
from tenants.permissions import Permission, requires


class DeclarationSchema(Schema):
    """The form of what the counter knows; what is left empty is not known."""

    class Meta:
        """Form fields that are not ours (token, file) are left out."""

        unknown = EXCLUDE

    number = fields.String(load_default="", validate=validate.Length(max=services.LONGEST_NUMBER))
    filed_on = OptionalDate(load_default=None)
    state = fields.String(load_default="", validate=validate.Length(max=40))
    state_on = OptionalDate(load_default=None)
    receipt = fields.String(load_default="", validate=validate.Length(max=36))


FORM = DeclarationSchema()
UNREADABLE = {
    "number": f"Le numéro de la déclaration dépasse {services.LONGEST_NUMBER} caractères : recopiez celui d’eCaRE.",
    "filed_on": "La date de dépôt est illisible : écrivez-la jj/mm/aaaa.",
    "state_on": "La date de l’état est illisible : écrivez-la jj/mm/aaaa.",
}


@blueprint.post("/<scope:scope>/dossier/ecare")
@requires(Permission.MANAGE_CANDIDATE)
def record_declaration() -> ResponseReturnValue:
    """Record a version of what the counter knows; the versions before stay."""
    candidate = candidates.require("D2")
    try:
        values = FORM.load(request.form.to_dict())
        declared = Declared(
            number=values["number"].strip(),
            filed_on=values["filed_on"],
            state=_state(values["state"]),
            state_on=values["state_on"],
            receipt_id=_chosen(values["receipt"]),
        )
        file = request.files.get("file")
        receipt = (file.filename, cast("BinaryIO", file.stream)) if file is not None and file.filename else None
        services.record(candidate, declared, today(), referential().date_of("phase_start").on, receipt=receipt)
    except ValidationError as error:
        why = UNREADABLE.get(next(iter(error.messages_dict)), "Réponse illisible : recommencez.")
        return page(candidate, why, request.form, 422)
    except (Invalid, Conflict) as error:
        return page(candidate, str(error), request.form, 422)
    flash("Ce qui est connu du dépôt sur eCaRE est enregistré.", "ok")
    if told := milestones.doubt(referential(), "declarations", declared.filed_on):
        flash(told, "warning")
    return redirect(url_for("compliance.dossier") + "#ecare")


def _state(key: str) -> str:
    desk: Desk = current_app.extensions["vigie.counter"]
    if key and desk.state(key) is None:
        raise Invalid("Choisissez l’état dans la liste.")
    return key


def _chosen(receipt: str) -> UUID | None:
    """Return the piece chosen as the receipt."""
    try:
        return UUID(receipt) if receipt else None
    except ValueError:
        raise Invalid("Choisissez le récépissé dans la liste.") from None
