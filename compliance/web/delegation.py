"""Delegations of signature: who may transmit in the signatory's place, by which deed, until when."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields

from compliance.clock import today
from compliance.services import candidate as candidates
from compliance.services import delegation as services
from compliance.web import blueprint, identity
from compliance.web.fields import OptionalDate
from tenants.errors import Conflict, Invalid, NotFound, Refused
from tenants.permissions import Permission, requires


class DelegationSchema(Schema):
    """The form of a delegation."""

    class Meta:
        """Form fields that are not ours (token) are left out."""

        unknown = EXCLUDE

    email = fields.String(load_default="")
    deed = fields.String(load_default="")
    starts_on = OptionalDate(load_default=None)
    ends_on = OptionalDate(load_default=None)


FORM = DelegationSchema()


@blueprint.get("/<scope:scope>/dossier/delegations")
@requires(Permission.READ)
def delegations() -> ResponseReturnValue:
    """Show who may sign, and every delegation recorded."""
    return _page()


def _page(error: str = "", typed: Any = None, status: int = 200) -> ResponseReturnValue:
    candidate = candidates.require("D2")
    names = ("email", "deed", "starts_on", "ends_on")
    return render_template(
        "compliance/delegations.html",
        candidate=candidate,
        delegations=services.delegations(candidate),
        form={name: typed.get(name, "") if typed is not None else "" for name in names} | {"error": error},
        today=today(),
    ), status


@blueprint.post("/<scope:scope>/dossier/delegations")
@requires(Permission.DELEGATE)
@identity.asks_password
def delegate() -> ResponseReturnValue:
    """Record a delegation, once the signatory has confirmed it: who may delegate the signature may sign."""
    candidate = candidates.require("D2")
    day = today()
    try:
        values = FORM.load(request.form.to_dict())
        if values["ends_on"] is None:
            raise Invalid("Indiquez le jour où la délégation finit : une délégation a toujours une fin.")
        identity.confirm()
        services.grant(candidate, values["email"], values["deed"], values["starts_on"] or day, values["ends_on"], day)
    except ValidationError:
        return _page("Réponse illisible : écrivez les dates jj/mm/aaaa.", request.form, 422)
    except (Invalid, Refused) as error:
        return _page(str(error), request.form, 422)
    flash("La délégation est enregistrée.", "ok")
    return redirect(url_for("compliance.delegations"))


@blueprint.post("/<scope:scope>/dossier/delegations/retirer")
@requires(Permission.DELEGATE)
def withdraw_delegation() -> ResponseReturnValue:
    """Withdraw a delegation: it opens nothing from the next request on."""
    candidate = candidates.require("D2")
    try:
        services.withdraw(candidate, UUID(request.form.get("id", "")))
    except ValueError:
        flash("Cette délégation n’existe pas, ou elle ne vous est pas ouverte.", "error")
    except (Conflict, NotFound) as error:
        flash(str(error), "error")
    else:
        flash("La délégation est retirée : elle n’ouvre plus rien.", "ok")
    return redirect(url_for("compliance.delegations"))
