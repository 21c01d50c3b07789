"""Applications to the domains to come: the candidate opens, files, answers or withdraws; the ARS asks, accepts or refuses."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.clock import today
from compliance.rules.procedure import allowed
from compliance.rules.words import short_date
from compliance.services import call, procedure
from compliance.services import candidate as candidates
from compliance.services.call import Applicant, Call
from compliance.services.procedure import CANDIDATURE
from compliance.web import blueprint, identity, procedure_page
from tenants import accounts
from tenants.context import current
from tenants.errors import Conflict, NotFound, Refused
from tenants.permissions import Permission, requires
from tenants.web.app import may


@blueprint.get("/<scope:scope>/candidatures")
@requires(Permission.READ)
def calls() -> ResponseReturnValue:
    """Show the calls for applications, and where the candidate stands in each."""
    _refuse_member()
    return _page("compliance.file_application")


def _refuse_member() -> None:
    """A member of a GHT applies for nothing by itself: the page is not there."""
    if not candidates.applies_here():
        raise NotFound("Aucune candidature ne se dépose ici.")


@blueprint.get("/<scope:scope>/file/candidatures")
@requires(Permission.GIVE_OPINION)
def applications() -> ResponseReturnValue:
    """Show the ARS the applications of its region."""
    return _page("compliance.answer_application")


def _page(step_to: str, error: str = "", typed: str = "", at: UUID | None = None) -> ResponseReturnValue:
    page = render_template(
        "compliance/calls.html",
        name=current().scope.name,
        today=today(),
        level=procedure.level(),
        calls=[_call(each) for each in call.calls()],
        step_to=step_to,
        form={"error": error, "reason": typed, "at": at},
        can_open=may(Permission.MANAGE_CANDIDATE),
    )
    return page, 422 if error else 200


def _call(each: Call) -> dict[str, Any]:
    days = [
        f"{word} {short_date(entry.on)} ({entry.confidence})" if entry and entry.on else f"{word} non connue"
        for word, entry in (("ouverture", each.opens), ("clôture", each.closes))
    ]
    return {
        "domain": each.domain,
        "title": each.title,
        "source": each.source,
        "days": ", ".join(days),
        "refusal": each.refusal(today()),
        "applicants": [_applicant(found, each) for found in call.applicants(each.domain)],
    }


def _applicant(found: Applicant, of: Call) -> dict[str, Any]:
    standing, level = found.standing, procedure.level()
    steps = allowed(procedure.process(CANDIDATURE), standing.state.key, level, g.permissions)
    if standing.since is None and of.refusal(today()):
        steps = tuple(each for each in steps if each.target != call.FILED)
    told = {
        "id": found.candidate.id,
        "name": found.candidate.name,
        "code": found.candidate.code,
        "here": procedure_page.here(standing),
        "reason": standing.reason,
        "steps": steps,
        "history": [],
    }
    if level == "candidate":  # one candidate has one history; a region would have a hundred
        events = procedure.history(found.candidate.id, CANDIDATURE)
        told["history"] = procedure_page.steps(events, standing, accounts.names(each.by for each in events))
    return told


@blueprint.post("/<scope:scope>/candidatures")
@requires(Permission.MANAGE_CANDIDATE)
def open_application() -> ResponseReturnValue:
    """Open the application to a domain."""
    _refuse_member()
    try:
        opened = call.open_application(request.form.get("domain", ""))
    except (NotFound, Conflict, Refused) as error:
        flash(str(error), "error")
    else:
        flash(f"Candidature au domaine {opened.domain} ouverte : elle reste à déposer.", "ok")
    return redirect(url_for("compliance.calls"))


@blueprint.post("/<scope:scope>/candidatures/etape")
@requires(Permission.FILE_DOSSIER)
@identity.asks_password
def file_application() -> ResponseReturnValue:
    """File, complete or withdraw an application."""
    _refuse_member()
    return _take("compliance.calls", "compliance.file_application")


@blueprint.post("/<scope:scope>/file/candidatures")
@requires(Permission.GIVE_OPINION)
@identity.asks_password
def answer_application() -> ResponseReturnValue:
    """Open, accept, refuse an application, or ask for more."""
    return _take("compliance.applications", "compliance.answer_application")


def _take(back: str, step_to: str) -> ResponseReturnValue:
    wanted, reason = request.form.get("to", ""), request.form.get("reason", "")
    try:
        candidate_id = UUID(request.form.get("candidate", ""))
    except ValueError:
        return _page(step_to, "Choisissez une des candidatures de cette page.")
    try:
        step = next((each for each in procedure.allowed(candidate_id, CANDIDATURE) if each.target == wanted), None)
        if step is not None and step.password:
            identity.confirm()
        call.take(candidate_id, wanted, reason)
    except Refused as error:
        return _page(step_to, str(error), reason, candidate_id)
    flash(f"{step.sentence if step else wanted}.", "ok")
    return redirect(url_for(back))
