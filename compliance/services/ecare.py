"""« Déposé sur eCaRE »: the declaration as the official counter knows it, recorded by hand; every version is kept.

A version of the application (`Candidature`) carries it: what another form records of the application keeps what is here, and
what is recorded here keeps the rest of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

from sqlalchemy import select

from compliance.clock import end_of
from compliance.models.candidate import Candidature
from compliance.services import evidence, evidence_version
from compliance.services.application import carried
from tenants import audit
from tenants.context import current
from tenants.db import db, lock_until_commit, writing_as
from tenants.errors import Conflict, Invalid

if TYPE_CHECKING:
    from compliance.services.candidate import CandidateFacts

# The receipt is a piece of the candidate, of no row: it is kept with the others and never packed in the dossier.
RECEIPT_ROW, RECEIPT_TYPE = "D2", "ecare_receipt"
LONGEST_NUMBER = 40


@dataclass(frozen=True)
class Declared:
    """What is recorded of the declaration at the counter; `state` is the key of an official state (programme/counter)."""

    number: str = ""
    filed_on: date | None = None
    state: str = ""
    state_on: date | None = None
    receipt_id: UUID | None = None


@dataclass(frozen=True)
class Version:
    """What was recorded once, by whom."""

    declared: Declared
    recorded_at: datetime
    recorded_by: UUID | None


def latest(candidate_id: UUID, known: date | None = None) -> Declared:
    """Return what is recorded now, or was by the end of a day."""
    last = _last(candidate_id, known)
    return _declared(last) if last else Declared()


def history(candidate_id: UUID) -> list[Version]:
    """Return every version in which something of the declaration changed, last first."""
    rows = db.session.scalars(
        select(Candidature)
        .where(Candidature.candidate_id == candidate_id)
        .order_by(Candidature.recorded_at, Candidature.id)
    )
    told, before = [], Declared()
    for row in rows:
        now = _declared(row)
        if now != before:
            told.append(Version(now, row.recorded_at, row.recorded_by))
        before = now
    return told[::-1]


def receipts(candidate: CandidateFacts, recorded: UUID | None = None) -> dict[UUID, str]:
    """Return the file names of the pieces of the candidate that may be a receipt, those attached as one first, newest first.

    They are those that count, and the one `recorded` already, whatever became of it: a form must not lose it.
    """
    held = [each for each in evidence_version.read([candidate.establishment_id]) if each.counts or each.id == recorded]
    held.sort(key=lambda each: (each.received_at, each.id), reverse=True)
    return {each.id: each.filename for each in sorted(held, key=lambda each: each.own[1] != RECEIPT_TYPE)}


def record(
    candidate: CandidateFacts,
    declared: Declared,
    on: date,
    phase_start: date | None = None,
    *,
    receipt: tuple[str, BinaryIO] | None = None,
) -> None:
    """Record what the counter knows of the declaration: a version more, on which the windows that end at filing rest.

    `receipt` is a file, by its name, to attach as the receipt in place of the piece that `declared` names.
    Raises Invalid for a fact to come, dates that do not follow or a receipt that is no piece of the candidate; Conflict when
    nothing changes.
    """
    # The next version carries the last one. Taken before the locks of a piece and of the audit chain, as filing does.
    lock_until_commit(candidate.id)
    known = latest(candidate.id)
    _check(candidate, declared, known, on, phase_start, attaches=receipt is not None)
    if receipt is not None:
        attached = evidence.attach(candidate.establishment_id, RECEIPT_ROW, RECEIPT_TYPE, *receipt)
        declared = replace(declared, receipt_id=attached)
    if known == declared:
        raise Conflict("Rien n’a changé : c’est déjà ce qui est enregistré.")
    values = carried(candidate.id)
    values |= {
        "establishment_id": candidate.establishment_id,
        "candidate_id": candidate.id,
        "declaration_number": declared.number or None,
        "ecare_filed_on": declared.filed_on,
        "ecare_state": declared.state or None,
        "ecare_state_on": declared.state_on,
        "ecare_receipt_id": declared.receipt_id,
        "import_id": None,
        "recorded_by": current().user_id,
    }
    with writing_as(candidate.establishment_id):
        db.session.add(Candidature(**values))
        audit.record(
            candidate.establishment_id,
            "candidate.declaration_recorded",
            number=declared.number,
            filed_on=declared.filed_on,
            state=declared.state,
            state_on=declared.state_on,
            receipt=declared.receipt_id,
        )


def _check(  # what is said, and what it is held against
    candidate: CandidateFacts,
    declared: Declared,
    known: Declared,
    on: date,
    phase_start: date | None,
    *,
    attaches: bool,
) -> None:
    filed, state_on = declared.filed_on, declared.state_on
    if len(declared.number) > LONGEST_NUMBER:
        raise Invalid(f"Le numéro de la déclaration dépasse {LONGEST_NUMBER} caractères : recopiez celui d’eCaRE.")
    if filed is not None and filed > on:
        raise Invalid("Un dépôt sur eCaRE ne peut pas être dans l’avenir : indiquez le jour où il a eu lieu.")
    if filed is not None and candidate.applied_on is not None and filed < candidate.applied_on:
        raise Invalid("La déclaration ne peut pas précéder la candidature : vérifiez les deux dates.")
    if filed is not None and phase_start is not None and filed < phase_start:
        raise Invalid("La déclaration ne peut pas précéder la phase opérationnelle : vérifiez sa date.")
    if filed is None and (declared.state or declared.receipt_id or declared.number or attaches):
        raise Invalid("Indiquez le jour du dépôt sur eCaRE : un numéro, un état ou un récépissé ne va pas sans lui.")
    if declared.state and state_on is None:
        raise Invalid("Indiquez le jour où eCaRE a donné cet état.")
    if state_on is not None and not declared.state:
        raise Invalid("Un jour d’état est donné sans l’état : choisissez-le, ou laissez le jour vide.")
    if state_on is not None and (state_on > on or (filed is not None and state_on < filed)):
        raise Invalid("L’état se date entre le dépôt et aujourd’hui : vérifiez les deux dates.")
    if declared.receipt_id is not None and declared.receipt_id not in receipts(candidate, known.receipt_id):
        raise Invalid("Ce récépissé n’est pas une pièce du candidat : choisissez-le dans la liste, ou joignez-le.")


def _last(candidate_id: UUID, known: date | None = None) -> Candidature | None:
    query = select(Candidature).where(Candidature.candidate_id == candidate_id)
    if known is not None:
        query = query.where(Candidature.recorded_at < end_of(known))
    return db.session.scalars(
        query.order_by(Candidature.recorded_at.desc(), Candidature.id.desc()).limit(1)
    ).one_or_none()


def _declared(row: Candidature) -> Declared:
    return Declared(
        row.declaration_number or "",
        row.ecare_filed_on,
        row.ecare_state or "",
        row.ecare_state_on,
        row.ecare_receipt_id,
    )
