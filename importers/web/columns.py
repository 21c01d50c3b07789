"""« Vérifier les colonnes »: the file is read again for each look, since nothing of its rows is kept (names of people)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from importers import columns as answers
from importers import columns_page, deposits, layout_memory, service
from importers.columns import Answer, Source
from importers.faults import Unreadable
from importers.layout.headers import HEADER_ROWS
from importers.models import ImportRun
from importers.registry import WORKBOOKS
from importers.understanding import Understood, understand
from importers.web import blueprint
from tenants.context import current
from tenants.errors import Invalid
from tenants.permissions import Permission, requires


def _understood(run: ImportRun) -> Understood:
    """Read the file of a deposit that waits for a decision. Raises Invalid when there is nothing to decide any more."""
    if run.state != "parsed":
        raise Invalid("Les colonnes ne se vérifient qu’avant d’appliquer : ce dépôt n’attend plus de décision.")
    try:
        with deposits.file_of(run) as path:
            return understand(path, run.establishment_id, tuple(run.taken))
    except Unreadable as error:
        raise Invalid(error.sentence) from error


@blueprint.get("/<scope:scope>/imports/<uuid:run_id>/colonnes")
@requires(Permission.IMPORT)
def columns(run_id: UUID) -> ResponseReturnValue:
    """Show which sheet and which column is which, and ask."""
    run = deposits.get(run_id, report=False)
    try:
        understood = _understood(run)
    except Invalid as error:
        return _back(run_id, error)
    about = answers.sources(understood.book, understood.found, understood.asks)
    return _page(run, understood, about, [answers.understood(source) for source in about])


@blueprint.post("/<scope:scope>/imports/<uuid:run_id>/colonnes")
@requires(Permission.IMPORT)
def decide(run_id: UUID) -> ResponseReturnValue:
    """Remember what was decided and order another reading; or propose columns anew, when asked or when they must be."""
    run = deposits.get(run_id, report=False)
    try:
        understood = _understood(run)
    except Invalid as error:
        return _back(run_id, error)
    about = answers.sources(understood.book, understood.found, understood.asks)
    told: Sequence[Answer] = [answers.understood(source) for source in about]
    try:
        form = answers.filled(WORKBOOKS, about, request.form, refresh=bool(request.form.get("refresh")))
        told = form.answers
        if form.problem:
            return _page(run, understood, about, told, problem=form.problem)
        if form.anew:
            return _page(run, understood, about, told, anew=True)
        choices = answers.choices(about, told)
    except Invalid as error:
        return _page(run, understood, about, told, problem=str(error))
    if choices:
        layout_memory.remember(run.establishment_id, choices)
        service.again(run_id)
    return redirect(url_for("importers.run", run_id=run_id))


def _page(
    run: ImportRun,
    understood: Understood,
    about: Sequence[Source],
    told: Sequence[Answer],
    *,
    anew: bool = False,
    problem: str = "",
) -> ResponseReturnValue:
    # A file may hold names that an establishment keeps for itself: who sent it saw them already.
    with_rows = run.created_by == current().user_id or deposits.reads_people(run)
    facts = understood.facts
    page = render_template(
        "importers/columns.html",
        run=run,
        sheets=columns_page.shown(
            WORKBOOKS, about, told, facts.candidate_kind, alone=bool(facts.home), with_rows=with_rows
        ),
        workbooks=WORKBOOKS,
        header_rows=HEADER_ROWS,
        with_rows=with_rows,
        anew=anew,
        problem=problem,
    )
    return page, 422 if problem else 200


def _back(run_id: UUID, told: Invalid) -> ResponseReturnValue:
    flash(str(told), "error")
    return redirect(url_for("importers.run", run_id=run_id))
