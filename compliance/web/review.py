"""The desk of an authority: a frozen dossier, piece by piece, each beside its rule and its frozen verdict; decided, never edited."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from compliance.models.dossier import Filing
from compliance.programme.procedure import load
from compliance.rules.procedure import CANDIDATE
from compliance.rules.review import CAUSES, UNDECIDED
from compliance.rules.words import signed
from compliance.services import dossier as dossiers
from compliance.services import expertise as expertises
from compliance.services import procedure, review_text
from compliance.services import review as reviews
from compliance.services.review import NO_PIECE, Decision, ReviewedPiece
from compliance.web import blueprint, frozen, identity, procedure_page, review_expertise, viewer
from tenants import accounts, audit
from tenants.errors import Invalid, NotFound, Refused
from tenants.permissions import Permission, requires
from tenants.web.app import may


@blueprint.get("/<scope:scope>/dossiers/<uuid:filing_id>/instruction")
@requires(Permission.REVIEW)
def review(filing_id: UUID) -> ResponseReturnValue:
    """Show the desk; `?piece=` chooses the piece, else the first that waits."""
    return page(filing_id, request.args.get("piece", ""))


def page(  # the desk, and the desk with what was refused
    filing_id: UUID, wanted: str, *, error: str = "", refused: str = "", typed: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    """Answer the desk at a piece; `error` is about the piece, `refused` about the dossier: what was typed comes back with 422."""
    filing = dossiers.filing(filing_id)
    document = json.loads(filing.document)
    here, steps = procedure.course(filing.candidate_id)
    level = procedure.level()
    every = reviews.pieces(filing)
    versions = dossiers.filings(filing.candidate_id)
    current = versions[0].id == filing.id
    judges = current and here.state.key in reviews.REVIEWING[level]
    shown = _chosen(every, wanted, level)
    asked = expertises.of_candidate(filing.candidate_id) if level == "ars" else []
    # An authority reads what a candidate says, not who says it there: the candidate answers as one.
    names = accounts.names(
        [
            *(each.expert_id for each in asked),
            *(step.by for step in steps if step.level != CANDIDATE),
            *(each.by for piece in every for each in piece.past),
            *(each.by for piece in every for each in piece.messages if each.level != CANDIDATE),
        ]
    )
    given = dict.fromkeys(
        ("cause", "message", "text", "question", "due_on", "expert", "choice", "reason", "decision"), ""
    )
    given |= {name: value for name, value in (typed or {}).items() if name in given}
    if shown is not None:
        audit.record(filing.establishment_id, "filing.piece_read", filing=filing.id, sha256=shown.piece.sha256)
    else:
        audit.record(filing.establishment_id, "filing.read", filing=filing.id)
    numbers = {each.id: each.version for each in versions}
    moves = procedure_page.moves(here) if current else ()
    opinions = review_expertise.told(asked, names, {each.piece.id: each.piece.filename for each in every})
    answer = make_response(
        render_template(
            "compliance/review.html",
            candidate={"name": document["candidate"]["name"]},
            filing={
                "id": filing.id,
                "number": filing.version,
                "filed_at": filing.filed_at,
                "signed": signed("", filing.deed),
            },
            level=level,
            here=procedure_page.here(here),
            steps=procedure_page.steps(steps, here, names, {each.id: each.deed for each in versions}),
            opening=next(({"to": step.target, "label": step.label} for step in moves if step.through == "move"), None),
            pieces=listed(every, level, document, shown.piece.id if shown else None),
            piece=_piece(document, filing, shown, every, level) if shown else None,
            row=frozen.row_of(document, shown.piece.row_code) if shown else None,
            funding=document.get("funding"),
            before=_before(shown, versions) if shown else None,
            decided=_decided(shown, names, numbers) if shown else [],
            messages=procedure_page.messages(shown.messages, names) if shown else [],
            expertises=[each for each in opinions if shown and each["piece_id"] == shown.piece.id],
            all_expertises=[each for each in opinions if not shown or each["piece_id"] != shown.piece.id],
            form={"error": error, **given},
            longest=reviews.LONGEST_MESSAGE,
            causes=list(CAUSES.items()),
            experts=[(each.id, each.name) for each in expertises.experts()] if level == "ars" and judges else [],
            may_judge=judges,
            confirming=given["decision"] if judges and not identity.confirmed() else "",
            confirmation_minutes=load().confirmation_minutes,
            may_decide=judges and _verdicts(moves) != [],
            may_ask=judges and level == "ars",
            may_opine=may(Permission.GIVE_OPINION),
            decision={
                "error": refused,
                "choices": _verdicts(moves),
                "choice": given["choice"],
                "reason": given["reason"],
                "why_not": _why_not(judges=judges, current=current),
            },
            ecare=review_text.export_text(filing, every),
            versions=[{"id": each.id, "number": each.version, "filed_at": each.filed_at} for each in versions],
        )
    )
    return viewer.framing(answer), 422 if error or refused else 200


def _chosen(every: Sequence[ReviewedPiece], wanted: str, level: str) -> ReviewedPiece | None:
    """Return the piece of the address, else the first that waits, else the first. Raises NotFound for one that is not here."""
    if wanted:
        found = next((each for each in every if str(each.piece.id) == wanted), None)
        if found is None:
            raise NotFound(NO_PIECE)
        return found
    waiting = [each for each in every if each.state(level) == UNDECIDED]
    return next(iter(waiting or every), None)


def listed(
    every: Sequence[ReviewedPiece], level: str, document: dict[str, Any], current: UUID | None = None
) -> list[dict[str, Any]]:
    """Return the pieces as a list of the desk or a batch shows them."""
    titles = frozen.titles(document)
    return [
        {
            "id": each.piece.id,
            "filename": each.piece.filename,
            "row": each.piece.row_code,
            "title": titles.get(each.piece.row_code, ""),
            "holder": frozen.piece_of(document, each.piece)["establishment"],
            "state": each.state(level),
            "fresh": each.before is not None and each.state(level) == UNDECIDED,
            "current": each.piece.id == current,
        }
        for each in every
    ]


def _piece(
    document: dict[str, Any], filing: Filing, shown: ReviewedPiece, every: Sequence[ReviewedPiece], level: str
) -> dict[str, Any]:
    piece = shown.piece
    return {
        **frozen.piece_of(document, piece),
        **viewer.described(filing.establishment_id, piece.sha256, piece.filename, piece.media_type),
        "state": shown.state(level),
        "read": shown.decisions[level].id if level in shown.decisions else "",
        "place": 1 + next(place for place, each in enumerate(every) if each.piece.id == piece.id),
    }


def _before(shown: ReviewedPiece, versions: Sequence[Filing]) -> dict[str, Any] | None:
    """Return the piece that this one replaces, as the version that held it says."""
    if shown.before is None:
        return None
    held = next(each for each in versions if each.id == shown.before.filing_id)
    return frozen.piece_of(json.loads(held.document), shown.before)


def _decided(
    shown: ReviewedPiece, names: Mapping[UUID | None, str], numbers: Mapping[UUID, int]
) -> list[dict[str, Any]]:
    return [
        {
            "accepted": each.accepted,
            "cause": each.cause,
            "message": each.message,
            "level": each.level,
            "author": names[each.by],
            "at": each.at,
            "version": numbers.get(each.filing_id, ""),
        }
        for each in reversed(shown.past)
    ]


def _verdicts(moves: Sequence[Any]) -> list[tuple[str, str, str]]:
    """Return the decisions on the dossier that may be made now: value, label, what it takes."""
    favourable = {"favourable", "validated"}
    return [
        (
            "favourable" if step.target in favourable else "unfavourable",
            step.label,
            "Toutes les pièces sont acceptées."
            if step.target in favourable
            else "Elle se motive ; elle n’attend rien.",
        )
        for step in moves
        if step.through == "dossier"
    ]


def _why_not(*, judges: bool, current: bool) -> str:
    if not current:
        return "Une version plus récente est transmise : décidez sur elle"
    return "" if judges else "Le dossier n’est pas chez vous à cette étape"


@blueprint.post("/<scope:scope>/dossiers/<uuid:filing_id>/instruction/ouvrir")
@requires(Permission.REVIEW)
def open_review(filing_id: UUID) -> ResponseReturnValue:
    """Open the review of the ARS, or the control of the ANS: their time runs in their own hands from then on."""
    filing, to = dossiers.filing(filing_id), request.form.get("to", "")
    try:
        procedure.move(filing.candidate_id, to)
    except Refused as error:
        done = procedure.standing(filing.candidate_id).state.key == to
        flash(str(error), "ok" if done else "error")
    return redirect(url_for("compliance.review", filing_id=filing_id))


@blueprint.post("/<scope:scope>/dossiers/<uuid:filing_id>/instruction/<uuid:piece_id>")
@requires(Permission.REVIEW)
@identity.asks_password
def decide_piece(filing_id: UUID, piece_id: UUID) -> ResponseReturnValue:
    """Accept a piece or return it alone, once whoever decides has confirmed it in this sitting, then go to the next that waits."""
    filing = dossiers.filing(filing_id)
    accepted = request.form.get("decision") == "accept"
    cause, message = ("", "") if accepted else (request.form.get("cause", ""), request.form.get("message", ""))
    try:
        # What cannot be decided now asks for no password.
        since = reviews.said_since(filing, piece_id, request.form.get("read", ""))
        if since is None:
            identity.confirm_sitting()
            reviews.decide(filing, piece_id, accepted, cause, message)
        elif (since.by, since.accepted, since.cause, since.message) != (
            current_user.id,
            accepted,
            cause,
            message.strip(),
        ):  # else the same button was clicked twice
            raise Refused(_stale(since))
    except (Invalid, Refused) as error:
        return page(filing_id, str(piece_id), error=str(error), typed=request.form)
    every = reviews.pieces(filing)
    name = next(each.piece.filename for each in every if each.piece.id == piece_id)
    flash(f"« {name} » est {'acceptée' if accepted else 'retournée au candidat'}.", "ok")
    following = _next(every, piece_id, procedure.level())
    return redirect(url_for("compliance.review", filing_id=filing_id, piece=following or piece_id) + "#piece")


def _stale(since: Decision) -> str:
    """Say what was decided of the piece after the page was read."""
    name = accounts.names([since.by])[since.by] or "un collègue"
    who = "vous l’avez" if since.by == current_user.id else f"{name} l’a"
    done = "acceptée" if since.accepted else "retournée"
    return f"Depuis que vous avez ouvert cette page, {who} {done} : relisez avant de décider."


def _next(every: Sequence[ReviewedPiece], piece_id: UUID, level: str) -> UUID | None:
    """Return the next piece that waits after this one, in the order of the list, then from its beginning."""
    place = next(place for place, each in enumerate(every) if each.piece.id == piece_id)
    return next(
        (each.piece.id for each in (*every[place + 1 :], *every[:place]) if each.state(level) == UNDECIDED), None
    )


@blueprint.post("/<scope:scope>/dossiers/<uuid:filing_id>/instruction/<uuid:piece_id>/message")
@requires(Permission.REVIEW)
def say_on_piece(filing_id: UUID, piece_id: UUID) -> ResponseReturnValue:
    """Write to the candidate about a piece."""
    try:
        reviews.say(dossiers.filing(filing_id), piece_id, request.form.get("text", ""))
    except Invalid as error:
        return page(filing_id, str(piece_id), error=str(error), typed=request.form)
    flash("Message envoyé : le candidat le lit sur la page de son dossier.", "ok")
    return redirect(url_for("compliance.review", filing_id=filing_id, piece=piece_id) + "#conversation")


@blueprint.get("/<scope:scope>/dossiers/<uuid:filing_id>/instruction/<uuid:piece_id>/voir")
@requires(Permission.REVIEW)
def shown_piece(filing_id: UUID, piece_id: UUID) -> ResponseReturnValue:
    """Draw a frozen piece in the frame of the desk."""
    piece = next((each for each in dossiers.filed_pieces(filing_id) if each.id == piece_id), None)
    if piece is None:
        raise NotFound(NO_PIECE)
    return viewer.shown(piece.establishment_id, piece.sha256, piece.filename, piece.media_type)
