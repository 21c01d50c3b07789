"""The avis of an ARS on a row of a frozen filing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from compliance.services import dossier as dossiers
from compliance.services import opinion as opinions
from compliance.web import blueprint
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


def _page(filing_id: UUID, typed: Mapping[str, str], error: str = "") -> ResponseReturnValue:
    filing = dossiers.filing(filing_id)
    document = json.loads(filing.document)
    page = render_template(
        "compliance/opinion.html",
        candidate={"name": document["candidate"]["name"]},
        filing={"id": filing.id, "number": filing.version, "filed_at": filing.filed_at},
        rows=[(row["code"], f"{row['code']}, {row['title']}") for row in document["rows"]],
        opinions=opinions.history(filing.candidate_id),
        form={"error": error, **{name: typed.get(name, "") for name in ("row", "subject", "decision", "reason")}},
        longest=opinions.LONGEST_REASON,
    )
    return page, 422 if error else 200


@blueprint.get("/<scope:scope>/dossiers/<uuid:filing_id>/avis")
@requires(Permission.GIVE_OPINION)
def opinion(filing_id: UUID) -> ResponseReturnValue:
    """Show the form of an opinion on a filing; `?row=` chooses the row."""
    return _page(filing_id, {"row": request.args.get("row", "")})


@blueprint.post("/<scope:scope>/dossiers/<uuid:filing_id>/avis")
@requires(Permission.GIVE_OPINION)
def give_opinion(filing_id: UUID) -> ResponseReturnValue:
    """Record an opinion; what was typed comes back with the reason when it is refused."""
    try:
        typed = FORM.load(request.form.to_dict())
        given = opinions.give(
            dossiers.filing(filing_id),
            typed["row"],
            typed["subject"],
            typed["decision"] == "favourable",
            typed["reason"],
        )
    except ValidationError:
        return _page(filing_id, request.form, "Choisissez la ligne, et si l’avis est favorable ou défavorable.")
    except (Invalid, Refused) as error:
        return _page(filing_id, request.form, str(error))
    flash(f"Avis enregistré sur {given.row_code} : le candidat le lit avec son motif.", "ok")
    return redirect(url_for("compliance.filing", filing_id=filing_id) + "#avis")
