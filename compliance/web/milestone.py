"""The dates of the programme, those of the candidate's own filings, and its milestones."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from compliance.jobs import referential
from compliance.reports import milestones as reports
from compliance.rules.words import short_date
from compliance.services import candidate as candidates
from compliance.web import blueprint
from compliance.web.fields import OptionalDate
from compliance.web.moment import moment
from compliance.web.overview import situation
from tenants.errors import Invalid
from tenants.permissions import Permission, requires


class DatesSchema(Schema):
    """The form of the candidate's filings on eCaRE."""

    class Meta:
        """Form fields that are not ours (token) are left out."""

        unknown = EXCLUDE

    applied_on = OptionalDate(load_default=None)
    declared_on = OptionalDate(load_default=None)
    ecare_number = fields.String(load_default="", validate=validate.Length(max=40))


FORM = DatesSchema()


@blueprint.get("/<scope:scope>/jalons")
@requires(Permission.READ)
def milestones() -> ResponseReturnValue:
    """Show the national dates with what each is worth, the candidate's own, and its milestones."""
    return _page()


def _page(error: str = "", typed: Any = None, status: int = 200) -> ResponseReturnValue:
    found, asked = situation(), moment()
    on = asked.on
    candidate = found.gathered.candidate
    known = {
        "applied_on": candidate.applied_on,
        "declared_on": candidate.ecare_filed_on,
        "ecare_number": candidate.ecare_number or "",
    }
    page = render_template(
        "compliance/milestones.html",
        progress=found.document,
        standing=found.standing,
        dates=reports.programme_dates(found.gathered, referential(on, known=asked.known), on),
        milestones=reports.milestones(found.gathered, on),
        form={"error": error, **(known if typed is None else {name: typed.get(name, "") for name in known})},
        opened=not found.member and candidate.id != candidate.establishment_id,
        past=asked.asked,  # answers of that day, never sent again as those of today
        today=on,
    )
    return page, status


def _doubts(applied_on: date | None, declared_on: date | None) -> list[str]:
    """Say which dates fall outside of what the programme opened: recorded as typed, since an ARS may admit them."""
    care = referential()
    windows = (
        ("La candidature", applied_on, "applications_open", "applications_close"),
        ("La déclaration", declared_on, "declarations_open", "declarations_close"),
    )
    told = []
    for what, day, opening, close in windows:
        first, last = care.date_of(opening).on, care.date_of(close).on
        if day is not None and first is not None and day < first:
            told.append(f"{what} est datée du {short_date(day)}, avant l’ouverture du {short_date(first)} : vérifiez.")
        elif day is not None and last is not None and day > last:
            told.append(f"{what} est datée du {short_date(day)}, après la clôture du {short_date(last)} : vérifiez.")
    return told


@blueprint.post("/<scope:scope>/jalons")
@requires(Permission.MANAGE_CANDIDATE)
def record_dates() -> ResponseReturnValue:
    """Record when the application and the declaration were filed on eCaRE: windows end on these days."""
    candidate = candidates.require("D2")
    try:
        values = FORM.load(request.form.to_dict())
        candidates.record_application(
            candidate,
            applied_on=values["applied_on"],
            ecare_number=values["ecare_number"].strip() or None,
            frozen_on=candidate.frozen_on,
            ecare_filed_on=values["declared_on"],
            phase_start=referential().date_of("phase_start").on,
        )
    except ValidationError:
        return _page("Réponse illisible : écrivez les dates jj/mm/aaaa.", request.form, 422)
    except Invalid as error:
        return _page(str(error), request.form, 422)
    flash("Les dates de dépôt sur eCaRE sont enregistrées.", "ok")
    for doubt in _doubts(values["applied_on"], values["declared_on"]):
        flash(doubt, "warning")
    return redirect(url_for("compliance.milestones"))
