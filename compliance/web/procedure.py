"""What a candidate does of its review: replace the pieces that came back, answer, send again, say that the payment is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from compliance.clock import today
from compliance.jobs import referential
from compliance.models.dossier import Filing
from compliance.reports.gathered import gather
from compliance.rules.procedure import CANDIDATE, FILING, leads_to
from compliance.rules.words import lower_first, plural
from compliance.services import candidate as candidates
from compliance.services import dossier as dossiers
from compliance.services import (
    evidence,
    evidence_thread,
    evidence_version,
    filing,
    procedure,
    replacement,
    review_queue,
    scope_establishments,
)
from compliance.services import review as reviews
from compliance.services.candidate import CandidateFacts
from compliance.services.review import ReviewedPiece
from compliance.web import blueprint, frozen, identity, procedure_page
from compliance.web.evidence import DATES
from tenants import accounts
from tenants.errors import Conflict, Invalid, NotFound, Refused
from tenants.permissions import Permission, requires


def section(candidate: CandidateFacts, filed: Sequence[Filing]) -> dict[str, Any] | None:
    """Return what the page of the dossier says of the review of what was `filed`, last first; None before anything was."""
    standing, events = procedure.course(candidate.id)
    if standing.since is None or not filed:
        return None
    level = reviews.returning_level(standing.state.key)
    held = filed[0]
    returned = replacement.replacements(held, gather([candidate], today(), today())[0].pieces) if level else []
    document = json.loads(held.document)
    titles = frozen.titles(document)
    back = {each.returned.piece.id for each in returned}
    talks = [each for each in reviews.pieces(held) if each.messages and each.piece.id not in back]
    names = accounts.names(
        [
            *(each.by for each in events),
            *(said.by for each in returned for said in each.returned.past),
            *(said.by for each in (*(one.returned for one in returned), *talks) for said in each.messages),
        ]
    )
    lacking = [each for each in returned if each.source is None and not each.answered]
    aside = evidence_thread.reasons([each.aside.id for each in returned if each.aside])
    examined = evidence_thread.examinations([each.source.id for each in returned if each.source])
    lines = []
    for each in returned:
        piece, decision = each.returned.piece, each.returned.decisions[level]
        lines.append(
            {
                "piece": frozen.piece_of(document, piece),
                "row": piece.row_code,
                "title": titles.get(piece.row_code, ""),
                "cause": decision.cause,
                "message": decision.message,
                "level": decision.level,
                "author": names[decision.by],
                "at": decision.at,
                "after": each.source,
                "waiting": each.source is not None and examined[each.source.id].waiting,
                "aside": {"id": each.aside.id, "filename": each.aside.filename, "reason": aside.get(each.aside.id, "")}
                if each.aside
                else None,
                "dates": {name: getattr(each.newest, name, None) or "" for name in DATES.fields},
                "answered": each.answered,
                "messages": procedure_page.messages(each.returned.messages, names),
            }
        )
    return {
        "here": procedure_page.here(standing),
        # Once nothing may come back, the dossier is told by where it is, not by how it was sent.
        "over": not leads_to(procedure.process(), standing.state.key, FILING),
        "since": standing.since,
        "steps": procedure_page.steps(events, standing, names, {each.id: each.deed for each in filed}),
        "expected": review_queue.expected_end(candidate.id),
        "returned": lines,
        "talks": [
            {
                "piece": frozen.piece_of(document, each.piece),
                "row": each.piece.row_code,
                "title": titles.get(each.piece.row_code, ""),
                "messages": procedure_page.messages(each.messages, names),
            }
            for each in talks
        ],
        "can_file": any(
            (step.source, step.target) == (standing.state.key, "filed") for step in procedure.process().steps
        ),
        "can_refile": bool(level),
        "not_refilable": f"Il manque une réponse à {len(lacking)} {plural(len(lacking), 'pièce', 'pièces')}"
        if lacking
        else "",
        "moves": [
            {"to": step.target, "label": step.label, "password": step.password}
            for step in procedure_page.moves(standing)
            if step.through == "move"
        ],
        "longest": reviews.LONGEST_MESSAGE,
    }


def _returned(piece_id: UUID) -> ReviewedPiece:
    """Return a piece that came back to the candidate of the scope: no other reopens. Raises NotFound."""
    candidate = candidates.require("D2")
    found = next((each for each in reviews.returned(candidate.id) if each.piece.id == piece_id), None)
    if found is None:
        raise NotFound("Cette pièce n’existe pas, ou elle n’est pas à remplacer.")
    return found


def _back() -> ResponseReturnValue:
    return redirect(url_for("compliance.dossier") + "#instruction")


@blueprint.post("/<scope:scope>/dossier/pieces/<uuid:piece_id>/remplacer")
@requires(Permission.ATTACH_EVIDENCE)
def replace_piece(piece_id: UUID) -> ResponseReturnValue:
    """Attach the new version of a piece that came back, for the same row, under the same establishment."""
    found = _returned(piece_id).piece
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Invalid("Choisissez un fichier.")
        if found.source_id is None or found.source_establishment_id not in {
            entity.id for entity in scope_establishments.writable()
        }:
            raise Refused("Cette pièce est à un établissement où vous n’écrivez pas : demandez-lui de la remplacer.")
        # The last version received, which may wait, be quarantined, or be the one before: what comes now takes its place.
        last = evidence_version.version(evidence_version.version(found.source_id).chain[-1])
        evidence.attach(
            found.source_establishment_id,
            found.row_code,
            found.document_type or "other",
            file.filename,
            file.stream,  # type: ignore[arg-type]  # a werkzeug stream is a binary file
            whole=last.whole,
            covers=last.covers,
            covers_reason=last.covers_reason,
            supersedes=last.id,
            also=last.uses,
            **DATES.load(request.form.to_dict()),
        )
    except ValidationError:
        flash("Date illisible : écrivez les dates jj/mm/aaaa. Rien n’a été enregistré.", "error")
    except (Invalid, Conflict, Refused) as error:
        flash(f"{error} Rien n’a été enregistré.", "error")
    else:
        flash(
            f"La nouvelle version de « {found.filename} » est reçue. Son analyse prend quelques instants ;"
            " si elle ne trouve rien, le signataire peut la transmettre.",
            "ok",
        )
    return _back()


@blueprint.post("/<scope:scope>/dossier/pieces/<uuid:piece_id>/message")
@requires(Permission.ATTACH_EVIDENCE)
def answer_on_piece(piece_id: UUID) -> ResponseReturnValue:
    """Answer the authority on a piece that came back, or on which it wrote."""
    filed = dossiers.latest(candidates.require("D2").id)
    found = reviews.piece(filed, piece_id)
    said = {each.level for each in found.past} | {each.level for each in found.messages}
    if said <= {CANDIDATE}:
        raise NotFound(reviews.NO_PIECE)
    try:
        reviews.say(filed, piece_id, request.form.get("text", ""))
    except Invalid as error:
        flash(str(error), "error")
    else:
        flash("Réponse envoyée : l’instructeur la lit à côté de la pièce.", "ok")
    return _back()


@blueprint.post("/<scope:scope>/dossier/transmettre-de-nouveau")
@requires(Permission.FILE_DOSSIER)
@identity.asks_password
def refile() -> ResponseReturnValue:
    """Send the answers to the authority that returned pieces, once whoever signs has confirmed it."""
    candidates.require("D2")
    try:
        identity.confirm()
        filed = filing.refile(referential())
    except Refused as error:
        flash(str(error), "error")
    else:
        flash(f"Version {filed.version} transmise : seules les pièces retournées ont changé.", "ok")
    return _back()


@blueprint.post("/<scope:scope>/dossier/etape")
@requires(Permission.FILE_DOSSIER)
@identity.asks_password
def take_step() -> ResponseReturnValue:
    """Record a step that is the candidate's own: payment asked, payment received."""
    candidate = candidates.require("D2")
    wanted = request.form.get("to", "")
    step = next((each for each in procedure.allowed(candidate.id) if each.target == wanted), None)
    try:
        if step is not None and step.password:
            identity.confirm()
        procedure.move(candidate.id, wanted)
    except Refused as error:
        done = procedure.standing(candidate.id).state.key == wanted
        flash(str(error), "ok" if done else "error")
    else:
        flash(f"Enregistré : {lower_first(step.sentence) if step else wanted}.", "ok")
    return _back()
