"""The part of a candidate's dossier that each establishment owns: said ready, or not any more; every word is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from compliance.clock import end_of
from compliance.models.dossier import DossierPart
from tenants import audit
from tenants.context import ScopeKind, current
from tenants.db import call, db, new_id
from tenants.errors import Conflict, Invalid, NotFound

LONGEST_NOTE = 500


@dataclass(frozen=True)
class Said:
    """What somebody said once of the part of an establishment."""

    establishment_id: UUID
    ready: bool
    note: str
    at: datetime
    by: UUID | None


def candidate_of_member(domain: str = "D2") -> UUID | None:
    """Return the id of the candidate that the establishment of the scope is a part of through its GHT; None while it is not open."""
    scope = current().scope
    if scope.kind is not ScopeKind.ESTABLISHMENT:
        return None
    found: UUID | None = call("candidate_of", p_establishment=scope.id, p_domain=domain)
    return found


def latest(candidate_id: UUID, known: date) -> dict[UUID, Said]:
    """Return the last word on each part of a candidate that the scope reads, by establishment, in one statement."""
    query = (
        select(DossierPart)
        .ext(distinct_on(DossierPart.establishment_id))
        .where(DossierPart.owner_id == candidate_id, DossierPart.recorded_at < end_of(known))
        .order_by(DossierPart.establishment_id, DossierPart.recorded_at.desc(), DossierPart.id.desc())
    )
    return {row.establishment_id: _said(row) for row in db.session.scalars(query)}


def history(candidate_id: UUID, establishment_id: UUID) -> list[Said]:
    """Return every word said of one part, last first."""
    query = (
        select(DossierPart)
        .where(DossierPart.owner_id == candidate_id, DossierPart.establishment_id == establishment_id)
        .order_by(DossierPart.recorded_at.desc(), DossierPart.id.desc())
    )
    return [_said(row) for row in db.session.scalars(query)]


def say(*, ready: bool, note: str, known: date) -> None:
    """Say that the part of the scope's establishment is ready, or not any more.

    Raises NotFound when its GHT has no candidate, Conflict when it was said already, Invalid for a note too long.
    """
    candidate_id, establishment = candidate_of_member(), current().scope.id
    if candidate_id is None or establishment is None:
        raise NotFound("La candidature de votre GHT n’est pas encore ouverte.")
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"La remarque dépasse {LONGEST_NOTE} caractères : raccourcissez-la.")
    last = latest(candidate_id, known).get(establishment)
    if (last is not None and last.ready) == ready and (last is None or last.note == note):
        raise Conflict("C’était déjà dit : rien n’a changé.")
    db.session.flush()
    call(
        "record_part",
        p_id=new_id(),
        p_establishment=establishment,
        p_candidate=candidate_id,
        p_ready=ready,
        p_note=note,
    )
    audit.record(establishment, "dossier.part_said", ready=ready)


def _said(row: DossierPart) -> Said:
    return Said(row.establishment_id, row.ready, row.note, row.recorded_at, row.recorded_by)
