"""Delegations of signature: the signatory names who may file in its place, by which deed, from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from compliance.models.dossier import Delegation
from compliance.services.candidate import CandidateFacts
from tenants import accounts, audit
from tenants.context import current
from tenants.db import call, db, writing_as
from tenants.errors import Conflict, Invalid, NotFound

LONGEST_DEED = 200
# The same words for an address without account, a closed account, one's own, and an authority's (ARS, ANS, expert: they must never
# read drafts): who asks learns nothing of who else is here.
UNUSABLE = (
    "Cette adresse ne peut pas recevoir de délégation : vérifiez-la, ou demandez à l’exploitant d’ouvrir le compte."
    " Une personne de l’ARS ou de l’ANS, ou qui expertise des pièces, ne signe pour aucun candidat : elle lirait ses brouillons."
)


@dataclass(frozen=True)
class Granted:
    """A delegation as it was recorded: `name` is the delegate's, `by` who recorded it. `last`: nothing was said since of this person."""

    id: UUID
    name: str
    deed: str
    starts_on: date
    ends_on: date
    withdrawn: bool
    recorded_at: datetime
    by: str
    last: bool

    def in_force(self, on: date) -> bool:
        """Say whether it holds on a day."""
        return self.last and not self.withdrawn and self.starts_on <= on <= self.ends_on

    def to_come(self, on: date) -> bool:
        """Say whether it will hold later."""
        return self.last and not self.withdrawn and on < self.starts_on


def grant(candidate: CandidateFacts, email: str, deed: str, starts_on: date, ends_on: date, on: date) -> UUID:
    """Record who may file for the candidate. A new word on the same person replaces the one before.

    Raises Invalid for a deed that is not named, dates that do not follow, or an address that cannot be a delegate's: without
    account, one's own, or of somebody who decides on dossiers. Who comes to decide on them later loses what was delegated.
    """
    deed = deed.strip()
    if not deed:
        raise Invalid("Indiquez l’acte qui délègue la signature : sa référence et sa date.")
    if len(deed) > LONGEST_DEED:
        raise Invalid(f"La référence de l’acte dépasse {LONGEST_DEED} caractères : raccourcissez-la.")
    if ends_on < starts_on:
        raise Invalid("La délégation finit avant de commencer : vérifiez les deux dates.")
    if ends_on < on:
        raise Invalid("Cette délégation est déjà finie : indiquez une date de fin à venir.")
    delegate: UUID | None = call("account_to_delegate", p_establishment=candidate.establishment_id, p_email=email)
    if delegate is None or delegate == current().user_id:
        raise Invalid(UNUSABLE)
    return _record(candidate, delegate, deed, starts_on, ends_on, withdrawn=False)


def withdraw(candidate: CandidateFacts, delegation_id: UUID) -> None:
    """Withdraw a delegation: from the next request on, the delegate files nothing. Raises NotFound, or Conflict when it was withdrawn."""
    found = db.session.scalars(
        select(Delegation).where(
            Delegation.id == delegation_id,
            Delegation.establishment_id == candidate.establishment_id,
            Delegation.ght_id.is_(None) if candidate.ght_id is None else Delegation.ght_id == candidate.ght_id,
        )
    ).one_or_none()
    if found is None:
        raise NotFound("Cette délégation n’existe pas, ou elle ne vous est pas ouverte.")
    if not next(each.last and not each.withdrawn for each in delegations(candidate) if each.id == delegation_id):
        raise Conflict("Cette délégation est déjà retirée ou remplacée.")
    _record(candidate, found.delegate_id, found.deed, found.starts_on, found.ends_on, withdrawn=True)


def _record(
    candidate: CandidateFacts, delegate: UUID, deed: str, starts_on: date, ends_on: date, *, withdrawn: bool
) -> UUID:
    row = Delegation(
        establishment_id=candidate.establishment_id,
        ght_id=candidate.ght_id,
        delegate_id=delegate,
        deed=deed,
        starts_on=starts_on,
        ends_on=ends_on,
        withdrawn=withdrawn,
        recorded_by=current().user_id,
    )
    with writing_as(candidate.establishment_id):
        db.session.add(row)
        action = "delegation.withdrawn" if withdrawn else "delegation.granted"
        audit.record(candidate.establishment_id, action, delegate=delegate, starts_on=starts_on, ends_on=ends_on)
    return row.id


def delegations(candidate: CandidateFacts) -> list[Granted]:
    """Return every word on the delegations of a candidate, last first."""
    rows = db.session.scalars(
        select(Delegation)
        .where(
            Delegation.establishment_id == candidate.establishment_id,
            Delegation.ght_id.is_(None) if candidate.ght_id is None else Delegation.ght_id == candidate.ght_id,
        )
        .order_by(Delegation.recorded_at.desc(), Delegation.id.desc())
    ).all()
    names = accounts.names([*(row.delegate_id for row in rows), *(row.recorded_by for row in rows)])
    told, seen = [], set()
    for row in rows:
        told.append(
            Granted(
                row.id,
                names[row.delegate_id],
                row.deed,
                row.starts_on,
                row.ends_on,
                row.withdrawn,
                row.recorded_at,
                names[row.recorded_by],
                row.delegate_id not in seen,
            )
        )
        seen.add(row.delegate_id)
    return told
