"""The application (candidature) as recorded history: what was asked, what the ARS decided, the parties, who recorded what and when."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from compliance.jobs import referential
from compliance.reports import milestones
from compliance.services import application
from compliance.services import candidate as candidates
from compliance.services import party as party_services
from compliance.services.application import Answer, Decision
from compliance.services.candidate import CandidateFacts
from compliance.web import blueprint
from compliance.web.fields import OptionalCents, OptionalDate
from compliance.web.moment import moment
from tenants.errors import Invalid
from tenants.permissions import Permission, requires


class CandidatureSchema(Schema):
    """The form of the application; what is left empty is not known."""

    class Meta:
        """Form fields that are not ours (token) are left out."""

        unknown = EXCLUDE

    applied_on = OptionalDate(load_default=None)
    ecare_number = fields.String(load_default="", validate=validate.Length(max=40))
    decision = fields.String(load_default="", validate=validate.OneOf(["", *Decision]))
    decided_on = OptionalDate(load_default=None)
    requested = OptionalCents(load_default=None)
    ceiling = OptionalCents(load_default=None)
    note = fields.String(load_default="", validate=validate.Length(max=500))


FORM = CandidatureSchema()
# What is said of a value that cannot be read, by field.
UNREADABLE = {
    "applied_on": "La date de dépôt est illisible : écrivez-la jj/mm/aaaa.",
    "decided_on": "La date de décision est illisible : écrivez-la jj/mm/aaaa.",
    "requested": "Le montant demandé est illisible : écrivez-le en euros, comme 180 000,00.",
    "ceiling": "Le plafond est illisible : écrivez-le en euros, comme 180 000,00.",
    "ecare_number": "Le numéro eCaRE dépasse 40 caractères.",
    "decision": "Choisissez une des décisions proposées.",
    "note": "La remarque dépasse 500 caractères.",
}


@blueprint.get("/<scope:scope>/candidature")
@requires(Permission.READ)
def candidature() -> ResponseReturnValue:
    """Show the application known on the day asked, its parties and its history."""
    return _page()


def _page(error: str = "", typed: Any = None, status: int = 200) -> ResponseReturnValue:
    asked = moment()
    candidate = candidates.require("D2", asked.known)
    known = _form(candidate)
    page = render_template(
        "compliance/candidature.html",
        candidate=candidate,
        parties=[record.party for record in party_services.parties(candidate, asked.on, asked.known)],
        history=application.history(candidate.id, asked.known),
        decisions=[(each.value, each.label) for each in Decision],
        form={"error": error, **(known if typed is None else {name: typed.get(name, "") for name in known})},
        past=asked.asked,  # answers of that day, never sent again as those of today
        today=asked.on,
    )
    return page, status


def _form(candidate: CandidateFacts) -> dict[str, Any]:
    answer = candidate.answer
    return {
        "applied_on": candidate.applied_on or "",
        "ecare_number": candidate.ecare_number or "",
        "decision": answer.decision or "",
        "decided_on": answer.decided_on or "",
        "requested": _typed(answer.requested_cents),
        "ceiling": _typed(answer.ceiling_cents),
        "note": answer.note,
    }


def _typed(cents: int | None) -> str:
    return "" if cents is None else f"{cents // 100},{cents % 100:02d}"


@blueprint.post("/<scope:scope>/candidature")
@requires(Permission.MANAGE_CANDIDATE)
def record_candidature() -> ResponseReturnValue:
    """Record a version of the application: the versions before stay."""
    candidate = candidates.require("D2")
    try:
        values = FORM.load(request.form.to_dict())
        candidates.record_application(
            candidate,
            applied_on=values["applied_on"],
            ecare_number=values["ecare_number"].strip() or None,
            frozen_on=candidate.frozen_on,
            answer=Answer(
                decision=Decision(values["decision"]) if values["decision"] else None,
                decided_on=values["decided_on"],
                note=values["note"].strip(),
                requested_cents=values["requested"],
                ceiling_cents=values["ceiling"],
            ),
        )
    except ValidationError as error:
        return _page(UNREADABLE[next(iter(error.messages_dict))], request.form, 422)
    except Invalid as error:
        return _page(str(error), request.form, 422)
    flash("La candidature est enregistrée ; les versions d’avant restent lisibles.", "ok")
    if told := milestones.doubt(referential(), "applications", values["applied_on"]):
        flash(told, "warning")
    return redirect(url_for("compliance.candidature"))
