"""Opinions of experts: asked, reminded and withdrawn by an ARS from its desk; read and answered by the expert, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields

from compliance.clock import today
from compliance.jobs import referential
from compliance.models.dossier import FiledPiece
from compliance.reports.evidence import domain_of
from compliance.services import dossier as dossiers
from compliance.services import expertise as expertises_
from compliance.services.expertise import WAITING, Asked
from compliance.web import blueprint, viewer
from compliance.web.evidence import download
from compliance.web.fields import OptionalDate
from compliance.web.review import page as desk
from tenants import accounts, audit
from tenants.context import current
from tenants.errors import Invalid, NotFound, Refused
from tenants.permissions import Permission, requires

ABSENT = "Cette demande n’existe pas, ou elle ne vous est pas ouverte."


class QuestionSchema(Schema):
    """The form of a question."""

    class Meta:
        """Form fields that are not ours (token) are left out."""

        unknown = EXCLUDE

    expert = fields.UUID(required=True)
    question = fields.String(load_default="")
    due_on = OptionalDate(load_default=None)


FORM = QuestionSchema()


# --- the ARS asks ---------------------------------------------------------------------------------------------------


@blueprint.post("/<scope:scope>/dossiers/<uuid:filing_id>/instruction/<uuid:piece_id>/expertise")
@requires(Permission.GIVE_OPINION)
def ask_expert(filing_id: UUID, piece_id: UUID) -> ResponseReturnValue:
    """Put a question about a piece to an expert of the region."""
    filing = dossiers.filing(filing_id)
    try:
        typed = FORM.load(request.form.to_dict())
        if typed["due_on"] is None:
            raise Invalid("Dites pour quand vous attendez la réponse.")
        expertises_.ask(filing, piece_id, typed["expert"], typed["question"], typed["due_on"])
    except ValidationError:
        return desk(filing_id, str(piece_id), error="Choisissez un expert, et une date jj/mm/aaaa.", typed=request.form)
    except (Invalid, Refused) as error:
        return desk(filing_id, str(piece_id), error=str(error), typed=request.form)
    flash("Demande enregistrée : l’expert la lit sur sa page.", "ok")
    return redirect(url_for("compliance.review", filing_id=filing_id, piece=piece_id) + "#expertise")


@blueprint.post("/<scope:scope>/dossiers/<uuid:filing_id>/expertises/<uuid:expertise_id>/rappeler")
@requires(Permission.GIVE_OPINION)
def remind_expert(filing_id: UUID, expertise_id: UUID) -> ResponseReturnValue:
    """Remind the expert; their page says so."""
    return _done(filing_id, expertise_id, expertises_.remind, "Rappel enregistré : il se lit sur la page de l’expert.")


@blueprint.post("/<scope:scope>/dossiers/<uuid:filing_id>/expertises/<uuid:expertise_id>/retirer")
@requires(Permission.GIVE_OPINION)
def withdraw_expert(filing_id: UUID, expertise_id: UUID) -> ResponseReturnValue:
    """Withdraw a question: the piece is closed to the expert from then on."""
    return _done(filing_id, expertise_id, expertises_.withdraw, "Demande retirée : l’expert ne lit plus la pièce.")


def _done(filing_id: UUID, expertise_id: UUID, act: Callable[[UUID], None], told: str) -> ResponseReturnValue:
    asked = expertises_.get(expertise_id)
    if asked.filing_id != filing_id:
        raise NotFound(ABSENT)
    try:
        act(asked.id)
    except Refused as error:
        flash(str(error), "error")
    else:
        flash(told, "ok")
    return redirect(url_for("compliance.review", filing_id=filing_id, piece=asked.piece_id) + "#expertise")


# --- the expert answers ---------------------------------------------------------------------------------------------


@blueprint.get("/<scope:scope>/expertises")
@requires(Permission.GIVE_EXPERTISE)
def expertises() -> ResponseReturnValue:
    """List what is asked of the person; what is answered or withdrawn has left the list."""
    waiting = [each for each in expertises_.mine() if each.state == WAITING and each.piece]
    names = accounts.names(each.asked_by for each in waiting)
    return render_template(
        "compliance/expertises.html",
        agency=current().scope.name,
        today=today(),
        questions=[_question(each, each.piece, names) for each in waiting if each.piece],
    )


def _question(asked: Asked, piece: FiledPiece, names: Mapping[UUID | None, str]) -> dict[str, Any]:
    return {
        "id": asked.id,
        "filename": piece.filename,
        "row": piece.row_code,
        "question": asked.question,
        "due_on": asked.due_on,
        "late": asked.late(today()),
        "asked_by": names[asked.asked_by],
        "reminded_on": asked.reminded_on,
    }


def _asked(expertise_id: UUID) -> tuple[Asked, FiledPiece]:
    """Return a question that waits for the person, and its piece. Raises NotFound for any other."""
    found = next((each for each in expertises_.mine() if each.id == expertise_id and each.state == WAITING), None)
    if found is None or found.piece is None:
        raise NotFound(ABSENT)
    return found, found.piece


@blueprint.get("/<scope:scope>/expertises/<uuid:expertise_id>")
@requires(Permission.GIVE_EXPERTISE)
def expertise(expertise_id: UUID) -> ResponseReturnValue:
    """Show one question with its piece and the form of the answer."""
    return _page(expertise_id)


def _page(expertise_id: UUID, error: str = "") -> ResponseReturnValue:
    asked, piece = _asked(expertise_id)
    audit.record(piece.establishment_id, "filing.piece_read", filing=piece.filing_id, sha256=piece.sha256)
    try:
        row = referential(domain=domain_of(piece.row_code)).row(piece.row_code)
    except KeyError:
        row = None  # a row of a referential of before
    answer = make_response(
        render_template(
            "compliance/expertise.html",
            question=_question(asked, piece, accounts.names([asked.asked_by]))
            | {"title": row.title if row else "", "rule": row.rule if row else ""},
            piece={
                "filename": piece.filename,
                "size": piece.size,
                **viewer.described(piece.establishment_id, piece.sha256, piece.filename, piece.media_type),
            },
            form={
                "error": error,
                "favourable": request.form.get("favourable", ""),
                "text": request.form.get("text", ""),
            },
            longest=expertises_.LONGEST,
        )
    )
    return viewer.framing(answer), 422 if error else 200


@blueprint.get("/<scope:scope>/expertises/<uuid:expertise_id>/voir")
@requires(Permission.GIVE_EXPERTISE)
def expertise_shown(expertise_id: UUID) -> ResponseReturnValue:
    """Draw the piece in the frame of the page."""
    _, piece = _asked(expertise_id)
    return viewer.shown(piece.establishment_id, piece.sha256, piece.filename, piece.media_type)


@blueprint.get("/<scope:scope>/expertises/<uuid:expertise_id>/piece")
@requires(Permission.GIVE_EXPERTISE)
def expertise_piece(expertise_id: UUID) -> ResponseReturnValue:
    """Hand out the piece."""
    _, piece = _asked(expertise_id)
    audit.record(piece.establishment_id, "filing.piece_read", filing=piece.filing_id, sha256=piece.sha256)
    return download(piece.establishment_id, piece.sha256, piece.filename, piece.media_type)


@blueprint.post("/<scope:scope>/expertises/<uuid:expertise_id>/repondre")
@requires(Permission.GIVE_EXPERTISE)
def answer_expertise(expertise_id: UUID) -> ResponseReturnValue:
    """Record the answer; what was typed comes back with the reason when it is refused."""
    _asked(expertise_id)
    choice = request.form.get("favourable", "")
    try:
        if choice not in {"yes", "no"}:
            raise Invalid("Dites si l’avis est favorable ou défavorable.")
        expertises_.answer(expertise_id, choice == "yes", request.form.get("text", ""))
    except (Invalid, Refused) as error:
        return _page(expertise_id, str(error))
    flash("Avis enregistré : l’ARS le lit. La pièce ne vous est plus ouverte.", "ok")
    return redirect(url_for("compliance.expertises"))
