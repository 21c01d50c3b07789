"""The pieces of a row: attached with their dates, handed out as received."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote
from uuid import UUID

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from compliance.jobs import referential
from compliance.reports.evidence import domain_of, read_choice
from compliance.rules.piece import PieceStatus, Use
from compliance.services import evidence, evidence_thread, evidence_version, scope_establishments
from compliance.services.evidence_version import Version
from compliance.web import blueprint
from compliance.web.fields import OptionalDate
from compliance.web.row import page
from tenants import audit
from tenants.errors import Conflict, Invalid, NotFound, Refused
from tenants.permissions import Permission, requires
from tenants.storage import storage


class DatesSchema(Schema):
    """The dates of a piece that its holder gives; the day of reception is not asked."""

    class Meta:
        """Form fields that are not ours (token, file) are left out."""

        unknown = EXCLUDE

    approved_on = OptionalDate(load_default=None)
    effective_on = OptionalDate(load_default=None)
    expires_on = OptionalDate(load_default=None)


class AttachSchema(DatesSchema):
    """The form of a piece."""

    piece = fields.String(required=True, validate=validate.Length(max=80))
    establishment = fields.String(load_default="", validate=validate.Length(max=9))
    # The choice « cet établissement seulement » has no value.
    whole = fields.Boolean(load_default=False, falsy={*fields.Boolean.falsy, ""})
    covers_reason = fields.String(load_default="", validate=validate.Length(max=1000))


FORM, DATES = AttachSchema(), DatesSchema()


@blueprint.post("/<scope:scope>/lignes/<code>/pieces")
@requires(Permission.ATTACH_EVIDENCE)
def attach(code: str) -> ResponseReturnValue:
    """Attach a file to a row; what was typed comes back with the reason when it is refused."""
    try:
        expected = referential(domain=domain_of(code)).row(code)
    except KeyError:
        raise NotFound("Cette ligne n’existe pas dans le référentiel.") from None
    file = request.files.get("file")
    try:
        values = FORM.load(request.form.to_dict())
        if file is None or not file.filename:
            raise Invalid("Choisissez un fichier.")
        if values["piece"] not in {piece.key for piece in expected.pieces} | {"other"}:
            raise Invalid("Dites de quelle pièce il s’agit.")
        owner = owner_of(values["establishment"])
        evidence.attach(
            owner,
            code,
            values["piece"],
            file.filename,
            file.stream,  # type: ignore[arg-type]  # a werkzeug stream is a binary file
            approved_on=values["approved_on"],
            effective_on=values["effective_on"],
            expires_on=values["expires_on"],
            whole=values["whole"],
            covers=[number for number in request.form.getlist("covers") if number != values["establishment"]],
            covers_reason=values["covers_reason"],
            also=_also(code),
        )
    except ValidationError as error:
        wrong = ", ".join(LABELS.get(name, name) for name in error.messages_dict)
        return page(code, f"Réponse illisible : {wrong}. Écrivez les dates jj/mm/aaaa.", request.form, 422)
    except (Invalid, Conflict, Refused) as error:
        return page(code, str(error), request.form, 422)
    flash(f"La pièce est jointe à {code}.", "ok")
    return redirect(url_for("compliance.row", code=code))


LABELS = {
    "piece": "la pièce",
    "whole": "pour qui vaut la pièce",
    "approved_on": "la date d’approbation",
    "effective_on": "la date d’effet",
    "expires_on": "la date de fin de validité",
    "establishment": "l’établissement",
    "covers_reason": "la justification",
}


def _also(code: str) -> list[Use]:
    """Return the other rows that the form says the piece serves. Raises Invalid for what it does not offer."""
    asked = referential(domain=domain_of(code))
    uses = [read_choice(value, asked) for value in request.form.getlist("also")]
    if None in uses:
        raise Invalid("Choisissez les autres lignes dans la liste.")
    return [use for use in uses if use is not None]


def owner_of(finess: str) -> UUID:
    """Return whose piece it is: the establishment chosen among those the person may write."""
    writable = scope_establishments.writable()
    for entity in writable:
        if entity.finess == finess or (not finess and len(writable) == 1):
            return entity.id
    raise Invalid("Choisissez l’établissement dans la liste.")


def attachment(filename: str) -> dict[str, str]:
    """Return the parameters of a Content-Disposition: the name as typed (RFC 5987), and one that any browser reads."""
    plain = unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode() or "fichier"
    return {"filename": plain, "filename*": f"UTF-8''{quote(filename, safe='')}"}


def download(establishment_id: UUID, sha256: str, filename: str, media_type: str) -> Response:
    """Hand out a stored file, streamed; never rendered in our origin."""
    answer = Response(storage().chunks(establishment_id, sha256), mimetype=media_type)
    answer.headers.set("Content-Disposition", "attachment", **attachment(filename))
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@blueprint.get("/<scope:scope>/pieces/<uuid:piece_id>")
@requires(Permission.READ)
def piece(piece_id: UUID) -> ResponseReturnValue:
    """Download a piece as it was received; one that is quarantined is handed out to nobody. Raises NotFound, Refused."""
    found = evidence_version.version(piece_id)
    refuse_quarantined(found)
    audit.record(found.establishment_id, "evidence.read", piece=found.id)
    return download(found.establishment_id, found.sha256, found.filename, found.media_type)


def refuse_quarantined(found: Version) -> None:
    """Raise Refused for a piece that must reach nobody, with why and what to do."""
    if found.status is PieceStatus.QUARANTINED:
        why = evidence_thread.reasons([found.id]).get(found.id, "")
        raise Refused(f"« {found.filename} » est en quarantaine et n’est remise à personne. {why}")
