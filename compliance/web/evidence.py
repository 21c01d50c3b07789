"""One row of the referential, its pieces, and the form that attaches one."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from compliance.clock import today
from compliance.jobs import referential
from compliance.reports.exercises import ExerciseLine, two_answers
from compliance.reports.facts import facts_of
from compliance.reports.situation import Situation
from compliance.services import candidate as candidates
from compliance.services import equivalence, evidence, scope_establishments
from compliance.web import blueprint
from compliance.web.moment import moment
from compliance.web.overview import situation
from tenants import audit
from tenants.errors import Conflict, Invalid, NotFound
from tenants.permissions import Permission, requires
from tenants.storage import storage


def _day(value: str) -> date | None:
    """Read a date of a form: nothing typed is no date; `jj/mm/aaaa` is read too, for browsers without a date field."""
    text = value.strip()
    if "/" in text:
        text = "-".join(reversed(text.split("/")))
    return date.fromisoformat(text) if text else None


class OptionalDate(fields.Field[date | None]):
    """A date of a form that may be left out. Raises ValidationError."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date | None:  # noqa: ARG002
        try:
            return _day(str(value))
        except ValueError as error:
            raise ValidationError("date") from error


class AttachSchema(Schema):
    """The form of a piece."""

    class Meta:
        """Form fields that are not ours (token, file) are left out."""

        unknown = EXCLUDE

    piece = fields.String(required=True, validate=validate.Length(max=80))
    establishment = fields.String(load_default="", validate=validate.Length(max=9))
    whole = fields.Boolean(load_default=False)
    approved_on = OptionalDate(load_default=None)
    effective_on = OptionalDate(load_default=None)
    expires_on = OptionalDate(load_default=None)


class MootSchema(Schema):
    """The form of an equivalence: who it is for, why, and the piece that replaces the proofs."""

    class Meta:
        """Form fields that are not ours (token) are left out."""

        unknown = EXCLUDE

    party = fields.String(load_default="", validate=validate.Length(max=120))
    reason = fields.String(load_default="", validate=validate.Length(max=1000))
    file = fields.String(load_default="", validate=validate.Length(max=200))
    starts_on = OptionalDate(load_default=None)


FORM, MOOT = AttachSchema(), MootSchema()


def _domain(code: str) -> str:
    """The domain of a row: D2.O1.C, OBL.1."""
    return code.split(".", maxsplit=1)[0]


def _page(
    code: str, error: str = "", typed: Any = None, status: int = 200, moot_error: str = ""
) -> ResponseReturnValue:
    found = situation(_domain(code))
    told = found.document
    row = next((each for each in told["rows"] if each["code"] == code), None)
    if row is None:
        raise NotFound("Cette ligne n’existe pas dans le référentiel.")
    names = ("piece", "approved_on", "effective_on", "expires_on", "establishment", "whole")
    behind = []
    if row["share"] and not found.member:
        behind = [
            {
                "label": "Part de chaque partie",
                # The list of the coverage page is that of its own row.
                "url": url_for("compliance.coverage") if code == told["share"]["row"] else "#parties",
            },
            {"label": "Périmètres et plans", "url": url_for("compliance.perimeters")},
        ]
    page = render_template(
        "compliance/row.html",
        row=row,
        candidate=told["candidate"],
        form={"error": error, **{name: (typed or {}).get(name, "") for name in names}},
        exercises=_exercises(found, code),
        opinions=[given for given in found.gathered.opinions if given.row_code == code],
        lists_behind=behind,
        establishments=[(entity.finess, entity.name) for entity in scope_establishments.writable()],
        max_bytes=evidence.MAXIMUM,
        moot={
            "error": moot_error,
            "open": not found.member and found.gathered.candidate.id != found.gathered.candidate.establishment_id,
            "recorded": equivalence.recorded(found.gathered.registers, code),
            **{name: (typed or {}).get(name, "") for name in ("party", "reason", "file", "starts_on")},
        },
        today=moment().on,
    )
    return page, status


def _exercises(found: Situation, code: str) -> list[ExerciseLine] | None:
    """The exercises behind D2.O1.D, each with its two answers."""
    if code != "D2.O1.D":
        return None
    asked = moment()
    care = referential(asked.on, known=asked.known)
    return two_answers(facts_of(found.gathered, care), care.row(code), asked.on)


@blueprint.get("/<scope:scope>/lignes/<code>")
@requires(Permission.READ)
def row(code: str) -> ResponseReturnValue:
    """Show a row: its state and why, its rule, what is expected, what is attached."""
    return _page(code)


@blueprint.post("/<scope:scope>/lignes/<code>/pieces")
@requires(Permission.ATTACH_EVIDENCE)
def attach(code: str) -> ResponseReturnValue:
    """Attach a file to a row; what was typed comes back with the reason when it is refused."""
    try:
        expected = referential(domain=_domain(code)).row(code)
    except KeyError:
        raise NotFound("Cette ligne n’existe pas dans le référentiel.") from None
    file = request.files.get("file")
    try:
        values = FORM.load(request.form.to_dict())
        if file is None or not file.filename:
            raise Invalid("Choisissez un fichier.")
        if values["piece"] not in {piece.key for piece in expected.pieces} | {"other"}:
            raise Invalid("Dites de quelle pièce il s’agit.")
        owner = _owner(values["establishment"])
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
        )
    except ValidationError as error:
        wrong = ", ".join(LABELS.get(name, name) for name in error.messages_dict)
        return _page(code, f"Réponse illisible : {wrong}. Écrivez les dates jj/mm/aaaa.", request.form, 422)
    except (Invalid, Conflict) as error:
        return _page(code, str(error), request.form, 422)
    flash(f"La pièce est jointe à {code}.", "ok")
    return redirect(url_for("compliance.row", code=code))


@blueprint.post("/<scope:scope>/lignes/<code>/equivalence")
@requires(Permission.MANAGE_CANDIDATE)
def moot(code: str) -> ResponseReturnValue:
    """Record that the row is moot here, with its reason and its substitute proof; or withdraw what was recorded."""
    candidate = candidates.require("D2")
    try:
        referential(domain=_domain(code)).row(code)
    except KeyError:
        raise NotFound("Cette ligne n’existe pas dans le référentiel.") from None
    try:
        values = MOOT.load(request.form.to_dict())
        if request.form.get("withdraw"):
            equivalence.withdraw(candidate, code, values["party"])
            flash("L’équivalence est retirée : la ligne se juge de nouveau sur ses pièces.", "ok")
        else:
            if values["party"] and values["party"] not in {
                record.party.key for record in candidates.parties(candidate, today())
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
        return _page(code, typed=request.form, status=422, moot_error="Réponse illisible : écrivez la date jj/mm/aaaa.")
    except Invalid as error:
        return _page(code, typed=request.form, status=422, moot_error=str(error))
    return redirect(url_for("compliance.row", code=code))


LABELS = {
    "piece": "la pièce",
    "approved_on": "la date d’approbation",
    "effective_on": "la date d’effet",
    "expires_on": "la date de fin de validité",
    "establishment": "l’établissement",
}


def _owner(finess: str) -> UUID:
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
    """Download a piece as it was received."""
    found = evidence.piece(piece_id)
    audit.record(found.establishment_id, "evidence.read", piece=found.id)
    return download(found.establishment_id, found.sha256, found.filename, found.media_type)
