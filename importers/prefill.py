"""The kit's workbook, prefilled with what the scope has stored."""

from __future__ import annotations

import hashlib
from datetime import datetime, time
from typing import BinaryIO

from compliance.clock import PARIS, today
from compliance.services import candidate as candidates
from importers import template, understanding
from importers.facts import EstablishmentRef
from importers.workbooks import bia_pcra_store
from importers.workbooks.bia_pcra import BIA_PCRA, PARTIES
from tenants.context import ScopeKind, current


def bia_pcra(stream: BinaryIO) -> None:
    """Write K1 for the scope: its establishments, its parties, its perimeters as stored."""
    scope = current().scope
    day = today()
    candidate = candidates.of_scope("D2", day)
    entities = understanding.entities()
    existing = bia_pcra_store.existing(candidate, [entity.id for entity in entities], day)
    rows = {name: list(found.values()) for name, found in existing.items()}
    kind = understanding.candidate_kind(entities)
    if not rows[PARTIES.name] and (scope.kind is ScopeKind.GHT or kind == "eg"):
        rows[PARTIES.name] = bia_pcra_store.proposed_parties(candidate, entities, day)
    context = template.TemplateContext(
        # Tells our installation which scope the file was made for, and nobody else anything.
        kit_id=hashlib.sha256(str(scope.id).encode()).hexdigest()[:16],
        campaign="CaRE D2",
        holder=scope.name,
        holder_code=scope.code,
        candidate_kind=kind,
        establishments=[EstablishmentRef(str(entity.id), entity.finess, entity.name) for entity in entities],
        sites=understanding.site_names(entities),
    )
    template.build(BIA_PCRA, context, datetime.combine(day, time(), PARIS), stream, rows)
