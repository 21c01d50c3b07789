"""One row of a register: its page, its form, its history; what two people changed at once is shown side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.services import evidence
from importers import entry, entry_page, scene
from importers import form as forms
from importers.base import WITHHELD, Sheet
from importers.entry import Answer, Held
from importers.faults import FaultClass
from importers.preview import shown
from importers.registry import workbook_of
from importers.scene import Scene
from importers.web import blueprint
from importers.workbooks.bia_pcra import PERIMETERS
from tenants import accounts
from tenants.errors import Conflict, Invalid
from tenants.permissions import Permission, requires

# The page where a sheet is read with what its rules say of it: where a row is gone back to.
_NOUNS = {
    **dict.fromkeys(("Planning", "Resultats"), ("Les exercices et leurs deux réponses", "compliance.exercises")),
    "Plan_actions": ("Les actions", "compliance.actions"),
    "Incidents": ("Les incidents", "compliance.incidents"),
    **dict.fromkeys(
        ("Contenu_PCRA", "Autres_plans", "Fonctions_support", "Resultats_par_plan", "Activites", "Dependances"),
        ("Les PCRA et le BIA", "compliance.plans"),
    ),
    "Perimetres": ("Les périmètres", "compliance.perimeters"),
    **dict.fromkeys(("Sessions", "Emargement", "Charte", "Cibles"), ("Les formations", "compliance.training")),
    **dict.fromkeys(("SI_critiques", "Plateforme", "Tests_restauration"), ("Les sauvegardes", "compliance.backups")),
    "Jalons": ("Les jalons", "compliance.milestones"),
}
_LONGEST = 40_000  # characters of one field: more than a cell of a workbook holds


@blueprint.get("/<scope:scope>/registres/<name>/<uuid:ref>", endpoint="entry")
@requires(Permission.READ)
def page(name: str, ref: UUID) -> ResponseReturnValue:
    """Show one row: what it says, what names it, what it was."""
    here = scene.of_scope()
    sheet = entry.sheet_named(name, here)
    row = entry.held(sheet, ref, here)
    if sheet is PERIMETERS:
        finess, _, code = row.key.partition("/")
        return redirect(url_for("compliance.perimeter", finess=finess, code=code))
    history = entry_page.history(sheet, row)
    names = accounts.names([row.by, *(each.by for each in history)])
    return render_template(
        "importers/entry.html",
        sheet=sheet,
        noun=_noun(sheet),
        workbook=workbook_of(sheet),
        row=row,
        establishment=_name(here, row.finess),
        title=entry_page.title(sheet, row),
        values=_values(sheet, row, here),
        related=entry_page.related(sheet, row, here),
        history=history,
        names=names,
    )


def _values(sheet: Sheet, row: Held, here: Scene) -> list[tuple[str, str]]:
    cells = sheet.to_cells(row.values)
    hidden = frozenset() if Permission.IMPORT in g.permissions else sheet.withheld(row.values, here.day)
    names = {entity.finess: f"{entity.name} ({entity.finess})" for entity in here.entities}
    told = []
    for column in sheet.columns:
        text = WITHHELD if column.key in hidden else shown(column, cells.get(column.key))
        if column.names_owner:
            text = " ; ".join(names.get(each.strip(), each.strip()) for each in text.split(";"))
        told.append((forms.label(column, here.kind), text))
    return told


def _noun(sheet: Sheet) -> dict[str, str] | None:
    label, endpoint = _NOUNS.get(sheet.name, ("", ""))
    return {"label": label, "url": url_for(endpoint)} if endpoint else None


def _name(here: Scene, finess: str) -> str:
    return next((entity.name for entity in here.entities if entity.finess == finess), finess)


@blueprint.get("/<scope:scope>/registres/<name>/nouveau")
@requires(Permission.IMPORT)
def new(name: str) -> ResponseReturnValue:
    """Show the form of a new row, filled in with what the address says."""
    here = scene.of_scope()
    sheet = entry.sheet_named(name, here)
    asked = {column.key: request.args.get(column.key, "")[:_LONGEST] for column in sheet.columns}
    return _form(sheet, here, entry.numbered(sheet, entry.prefilled(sheet, asked), here))


@blueprint.post("/<scope:scope>/registres/<name>/nouveau")
@requires(Permission.IMPORT)
def create(name: str) -> ResponseReturnValue:
    """Save a new row."""
    here = scene.of_scope()
    sheet = entry.sheet_named(name, here)
    return _saved(sheet, here, _typed(sheet))


@blueprint.get("/<scope:scope>/registres/<name>/<uuid:ref>/modifier")
@requires(Permission.IMPORT)
def edit(name: str, ref: UUID) -> ResponseReturnValue:
    """Show the form of a recorded row."""
    here = scene.of_scope()
    sheet = entry.sheet_named(name, here)
    row = entry.held(sheet, ref, here)
    return _form(sheet, here, entry.typed_row(sheet, row.values), row)


@blueprint.post("/<scope:scope>/registres/<name>/<uuid:ref>/modifier")
@requires(Permission.IMPORT)
def save(name: str, ref: UUID) -> ResponseReturnValue:
    """Save the next version of a row."""
    here = scene.of_scope()
    sheet = entry.sheet_named(name, here)
    return _saved(sheet, here, _typed(sheet), ref)


@blueprint.post("/<scope:scope>/registres/<name>/<uuid:ref>/retirer")
@requires(Permission.IMPORT)
def withdraw(name: str, ref: UUID) -> ResponseReturnValue:
    """Take a row away; its history stays, and it can be brought back."""
    return _again(entry.withdraw, name, ref, "Cette ligne est retirée : elle ne compte plus, son historique reste.")


@blueprint.post("/<scope:scope>/registres/<name>/<uuid:ref>/retablir")
@requires(Permission.IMPORT)
def restore(name: str, ref: UUID) -> ResponseReturnValue:
    """Bring back a row that was taken away."""
    return _again(entry.restore, name, ref, "Cette ligne est rétablie, telle qu’elle était.")


def _again(act: Callable[[Sheet, UUID, str], Held], name: str, ref: UUID, told: str) -> ResponseReturnValue:
    sheet = entry.sheet_named(name, scene.of_scope())
    try:
        row = act(sheet, ref, request.form.get("seen", ""))
    except Conflict as error:
        flash(str(error), "error")
        return redirect(url_for("importers.entry", name=sheet.name, ref=ref))
    flash(told, "ok")
    return redirect(url_for("importers.entry", name=sheet.name, ref=row.ref))


def _typed(sheet: Sheet) -> dict[str, str]:
    # Boxes of one field come under one name: they are the values of one cell.
    return {
        column.key: "; ".join(each.strip() for each in request.form.getlist(column.key) if each.strip())[:_LONGEST]
        for column in sheet.columns
    }


def _sent(sheet: Sheet) -> dict[str, tuple[str, BinaryIO]]:
    """Return the files sent with a form, by column, each under the name it is kept under."""
    if Permission.ATTACH_EVIDENCE not in g.permissions:
        return {}
    files = {column.key: request.files.get(f"sent_{column.key}") for column in sheet.columns if column.piece}
    return {
        key: (evidence.clean_name(file.filename), cast(BinaryIO, file.stream))
        for key, file in files.items()
        if file is not None and file.filename
    }


def _saved(sheet: Sheet, here: Scene, typed: dict[str, str], ref: UUID | None = None) -> ResponseReturnValue:
    sent = _sent(sheet)
    typed |= {key: name for key, (name, _) in sent.items()}
    answer = entry.save(sheet, typed, ref, request.form.get("seen", ""))
    if answer.ref is not None and sent:
        try:
            entry.attach(sheet, answer.ref, sent)
        except Invalid as error:  # nothing of the line is kept either: its answer is an error
            refused = {key: (entry.refusal(sheet, key, str(error)),) for key in sent}
            row = entry.held(sheet, ref, here) if ref else None
            return _form(sheet, here, typed, row, Answer(faults=refused), status=422)
    if answer.ref is None:
        row = answer.theirs or (entry.held(sheet, ref, here) if ref else None)
        return _form(sheet, here, typed, row, answer, status=409 if answer.theirs else 422)
    joined = f"Enregistré, avec {', '.join(name for name, _ in sent.values())}."
    flash(joined if sent else "Enregistré." if answer.written else "Rien n’a changé : la ligne était déjà ainsi.", "ok")
    for key, told in answer.faults.items():
        for fault in told:
            if key not in sent:  # what is said of a file that was not there yet
                flash(f"{fault.reason} {fault.remedy}", "warning")
    return redirect(url_for("importers.entry", name=sheet.name, ref=answer.ref))


def _form(
    sheet: Sheet,
    here: Scene,
    typed: dict[str, str],
    row: Held | None = None,
    answer: Answer | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    answer = answer or Answer()
    form = forms.form(sheet, here, answer.merged or typed, answer.faults)
    theirs = _theirs(sheet, dict(answer.merged), answer.theirs)
    page = render_template(
        "importers/entry_form.html",
        sheet=sheet,
        noun=_noun(sheet),
        row=row,
        establishment=_name(here, row.finess) if row else "",
        form=form,
        elsewhere=[
            fault
            for told in answer.faults.values()
            for fault in told
            if fault.cls is FaultClass.ERROR and not form.errors
        ],
        twin=answer.twin,
        theirs=theirs,
        by=accounts.names([answer.theirs.by])[answer.theirs.by] if answer.theirs else "",
    )
    return page, status


def _theirs(sheet: Sheet, typed: dict[str, str], held: Held | None) -> list[dict[str, Any]]:
    """Set what was typed beside what somebody else recorded meanwhile, where they differ."""
    if held is None:
        return []
    stored = entry.typed_row(sheet, held.values)
    return [
        {"label": column.label, "mine": typed.get(column.key, ""), "theirs": stored[column.key]}
        for column in sheet.columns
        if column.key in typed and entry.differ(typed[column.key], stored[column.key])
    ]
