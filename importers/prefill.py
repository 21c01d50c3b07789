"""A workbook of the kit, prefilled with what the scope has stored: the template, and the export of every list."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

from sqlalchemy import func, select

from compliance.clock import PARIS
from importers import scene, store, template, understanding
from importers.base import Workbook
from importers.facts import EstablishmentRef
from importers.registry import SHEETS
from importers.workbooks import bia_pcra_store
from importers.workbooks.bia_pcra import PARTIES
from tenants.db import db


def build(workbook: Workbook, stream: BinaryIO, *, blank: bool = False, writes: bool = True) -> None:
    """Write a workbook of the kit for the scope: its establishments, its lists, its rows as stored (unless `blank`).

    Who only reads (`writes` is false) does not get what is withheld from players.
    """
    here = scene.of_scope()
    # Of the database, whose clock dates the versions: a row written later is a conflict.
    moment: datetime = db.session.scalar(select(func.now())) or datetime.now(PARIS)
    found = {} if blank else store.stored(workbook.sheets, here).existing
    rows = {
        name: [values if writes else SHEETS[name].told(values, here.day) for values in known.values()]
        for name, known in found.items()
    }
    if PARTIES in workbook.sheets and not rows.get(PARTIES.name) and (here.is_group or here.kind == "eg"):
        rows[PARTIES.name] = list(bia_pcra_store.proposed_parties(here.candidate, here.entities, here.day))
    context = template.TemplateContext(
        kit_id=understanding.kit_id(here.scope, moment),
        campaign="CaRE D2",
        holder=here.scope.name,
        holder_code=here.scope.code,
        candidate_kind=here.kind,
        establishments=[EstablishmentRef(str(entity.id), entity.finess, entity.name) for entity in here.entities],
        sites={site.finess: site.name for site in scene.sites(here)},
    )
    template.build(workbook, context, moment.astimezone(PARIS), stream, rows)
