"""Lists of what is recorded of each sheet, and their exports: the workbook that imports back, and a CSV file."""

from __future__ import annotations

from io import BytesIO

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.services import candidate as candidates
from compliance.web.moment import moment
from importers import export, lists, prefill, scene
from importers.base import Sheet
from importers.lists import Asked
from importers.registry import SHEETS, workbook_of
from importers.web import blueprint
from importers.web.deposit import XLSX, download
from importers.workbooks.bia_pcra import PARTIES, PERIMETERS
from tenants.errors import NotFound
from tenants.permissions import Permission, requires

# Sheets that have pages of their own.
ELSEWHERE = {PARTIES.name: "compliance.coverage", PERIMETERS.name: "compliance.perimeters"}
_LONGEST = 200  # characters of a search


@blueprint.get("/<scope:scope>/registres")
@requires(Permission.READ)
def registers() -> ResponseReturnValue:
    """Show every list with its number of rows."""
    own = ELSEWHERE if candidates.applies_here() else {PERIMETERS.name: ELSEWHERE[PERIMETERS.name]}
    shown = [
        (workbook, [each for each in counted if each.sheet.record is not None or each.sheet.name in own])
        for workbook, counted in lists.index()
    ]
    return render_template("importers/registers.html", workbooks=shown, elsewhere=own)


@blueprint.get("/<scope:scope>/registres/<name>")
@requires(Permission.READ)
def register(name: str) -> ResponseReturnValue:
    """Show a page of a list, filtered by what the address says."""
    sheet = _sheet(name)
    if sheet.name in ELSEWHERE:
        return redirect(url_for(ELSEWHERE[sheet.name]))
    words = "".join(each for each in request.args.get("q", "") if each.isprintable())
    asked = Asked(
        search=words.strip()[:_LONGEST],
        establishment=request.args.get("establishment", ""),
        only=request.args.get("only", ""),
        page=request.args.get("page", 1, int),
    )
    return render_template(
        "importers/register.html", listing=lists.listing(sheet, asked, moment().known, writes=_writes())
    )


@blueprint.get("/<scope:scope>/registres/<name>/export.xlsx")
@requires(Permission.READ)
def export_workbook(name: str) -> ResponseReturnValue:
    """Download the workbook of a list, prefilled with what is recorded: it imports back."""
    sheet = _sheet(name)
    if sheet.record is not None:
        lists.readable(sheet, scene.of_scope())
    workbook, stream = workbook_of(sheet), BytesIO()
    prefill.build(workbook, stream, writes=_writes())
    return download(stream.getvalue(), f"{workbook.code}.xlsx", XLSX)


@blueprint.get("/<scope:scope>/registres/<name>/export.csv")
@requires(Permission.READ)
def export_csv(name: str) -> ResponseReturnValue:
    """Download a list as a CSV file."""
    sheet, here, stream = _sheet(name), scene.of_scope(), BytesIO()
    export.write(sheet, lists.rows(sheet, here, writes=_writes()), here.kind, stream)
    return download(stream.getvalue(), f"{sheet.name}.csv", "text/csv")


def _writes() -> bool:
    """Tell whether the person writes here: who only reads may be a player of an exercise to come."""
    return Permission.IMPORT in g.permissions


def _sheet(name: str) -> Sheet:
    sheet = SHEETS.get(name)
    if sheet is None:
        raise NotFound("Cette liste n’existe pas, ou elle ne vous est pas ouverte.")
    return sheet
