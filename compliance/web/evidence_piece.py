"""One piece: shown beside the rule it answers, its dates, versions, rows and thread; and what people do with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from compliance.clock import today
from compliance.jobs import referential
from compliance.models.evidence_entry import EvidenceEntry
from compliance.reports import evidence as reports
from compliance.reports.evidence import Line
from compliance.rules.piece import PieceStatus
from compliance.services import (
    evidence,
    evidence_thread,
    evidence_use,
    evidence_version,
    register,
    scope_establishments,
)
from compliance.services.evidence_version import Version
from compliance.web import blueprint, viewer
from compliance.web.evidence import DATES, LABELS, refuse_quarantined
from tenants import accounts, audit
from tenants.errors import Conflict, Invalid, NotFound, Refused
from tenants.permissions import Permission, requires


def _page(found: Version, error: str = "", status: int = 200) -> ResponseReturnValue:
    """Render the page of a piece; a form that was refused comes back with what was typed, and why."""
    history = [each for each in evidence_version.versions([found.establishment_id], today()) if each.id in found.chain]
    keys = list(found.chain)
    domains = sorted({reports.domain_of(code) for code, _ in found.uses or (found.own,)} | {"D2"})
    referentials = {domain: referential(domain=domain) for domain in domains}
    told = reports.lines(history, referentials, evidence_thread.examinations(keys), evidence_thread.reasons(keys))
    line = next(each for each in told if each.version.id == found.id)
    scope = [entity.id for entity in scope_establishments.readable()] if found.counts else []
    entries = register.columns_of({EvidenceEntry: ("code", "holder", "covered", "file", "status")}, scope, today())
    answer = make_response(
        render_template(
            "compliance/evidence_piece.html",
            line=line,
            history=told,
            people=accounts.names(each.received_by for each in history),
            declared=reports.declared(found, entries[EvidenceEntry]),
            thread=evidence_thread.thread(found),
            shown=shown_as(line),
            text=_text(line),
            choices=reports.choices(referentials["D2"]),
            error=error,
            typed=request.form if error else {},
            max_bytes=evidence.MAXIMUM,
        ),
        status,
    )
    return viewer.framing(answer)


def shown_as(line: Line) -> str:
    """How a piece is shown on its page: « frame », « image », « text » or "" (to download).

    Never before it was looked into, nor once its bytes are no longer those received.
    """
    examined = line.examined
    if line.version.status is PieceStatus.QUARANTINED or examined.inspected_at is None or examined.damaged_at:
        return ""
    kind = line.examined.media_type
    if kind in evidence.SHOWN:
        return "frame" if kind == "application/pdf" else "image"
    return "text" if kind.startswith("text/") else ""


def _text(line: Line) -> str:
    """The beginning of a text, which the page escapes."""
    if shown_as(line) != "text":
        return ""
    return viewer.text(line.version.establishment_id, line.version.sha256)[0] or ""


@blueprint.get("/<scope:scope>/preuves/<uuid:piece_id>")
@requires(Permission.READ)
def evidence_piece(piece_id: UUID) -> ResponseReturnValue:
    """Show a piece. Raises NotFound for an absent or foreign one alike."""
    return _page(evidence_version.version(piece_id))


@blueprint.get("/<scope:scope>/preuves/<uuid:piece_id>/apercu")
@requires(Permission.READ)
def evidence_shown(piece_id: UUID) -> ResponseReturnValue:
    """Show a PDF or a picture in the frame of its page: inspected, as what its bytes are, and nothing else. Raises NotFound, Refused."""
    found = evidence_version.version(piece_id)
    refuse_quarantined(found)
    line = reports.lines([found], {}, evidence_thread.examinations([piece_id]), {})[0]
    if shown_as(line) not in {"frame", "image"}:
        raise NotFound("Cette pièce ne s’affiche pas : téléchargez-la.")
    audit.record(found.establishment_id, "evidence.read", piece=found.id)
    return viewer.shown(found.establishment_id, found.sha256, found.filename, line.examined.media_type)


def _done(piece_id: UUID, sentence: str, anchor: str = "") -> ResponseReturnValue:
    flash(sentence, "ok")
    return redirect(url_for("compliance.evidence_piece", piece_id=piece_id, _anchor=anchor or None))


@blueprint.post("/<scope:scope>/preuves/<uuid:piece_id>/version")
@requires(Permission.ATTACH_EVIDENCE)
def replace_evidence(piece_id: UUID) -> ResponseReturnValue:
    """Attach a later version: it serves the same rows, and counts in the place of this one."""
    found = evidence_version.version(piece_id)
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Invalid("Choisissez un fichier.")
        dates: dict[str, Any] = DATES.load(request.form.to_dict())
        new = evidence.replace(piece_id, file.filename, file.stream, **dates)  # type: ignore[arg-type]  # a werkzeug stream is a binary file
    except ValidationError as error:
        wrong = ", ".join(LABELS.get(name, name) for name in error.messages_dict)
        return _page(found, f"Réponse illisible : {wrong}. Écrivez les dates jj/mm/aaaa.", 422)
    except (Invalid, Conflict, Refused) as error:
        return _page(found, str(error), 422)
    aside = found.status is PieceStatus.QUARANTINED
    kept = "reste en quarantaine et n’est remise à personne" if aside else "reste lisible dans l’historique"
    return _done(new, f"La nouvelle version est jointe ; l’ancienne {kept}.")


@blueprint.post("/<scope:scope>/preuves/<uuid:piece_id>/lignes")
@requires(Permission.ATTACH_EVIDENCE)
def use_evidence(piece_id: UUID) -> ResponseReturnValue:
    """Use a piece for one more row (`use`), or for one less (`withdraw`)."""
    found = evidence_version.version(piece_id)
    code, _, kind = request.form.get("withdraw", "").partition("|")
    try:
        if code:
            evidence_use.withdraw(piece_id, (code, kind))
            return _done(piece_id, f"Cette pièce ne sert plus à {code}.", "lignes")
        use = reports.read_choice(request.form.get("use", ""), referential())
        if use is None:
            raise Invalid("Choisissez la ligne dans la liste.")
        evidence_use.add(piece_id, use)
    except (Invalid, Conflict, Refused) as error:
        return _page(found, str(error), 422)
    return _done(piece_id, f"Cette pièce sert aussi à {use[0]}.", "lignes")


@blueprint.post("/<scope:scope>/preuves/<uuid:piece_id>/etat")
@requires(Permission.ATTACH_EVIDENCE)
def judge_evidence(piece_id: UUID) -> ResponseReturnValue:
    """Say that a piece was read again, set it aside with a reason, or put it back to be read."""
    found = evidence_version.version(piece_id)
    try:
        status = PieceStatus(request.form.get("status", ""))
    except ValueError:
        return _page(found, "Choisissez un état dans la liste.", 422)
    try:
        evidence_thread.say(piece_id, status, request.form.get("reason", ""))
    except Conflict as done:  # a button clicked twice, or a colleague was quicker: what was wanted is so
        return _done(piece_id, str(done))
    except (Invalid, Refused) as error:
        return _page(found, str(error), 422)
    return _done(piece_id, f"La pièce est « {status.label} ».")


@blueprint.post("/<scope:scope>/preuves/<uuid:piece_id>/messages")
@requires(Permission.ATTACH_EVIDENCE)
def comment_evidence(piece_id: UUID) -> ResponseReturnValue:
    """Write about a piece."""
    found = evidence_version.version(piece_id)
    try:
        evidence_thread.comment(piece_id, request.form.get("text", ""))
    except Invalid as error:
        return _page(found, str(error), 422)
    return _done(piece_id, "Le message est enregistré.", "fil")
