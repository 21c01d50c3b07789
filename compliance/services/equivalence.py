"""Equivalences: recorded by who answers for the candidate, withdrawn when they no longer hold; past versions stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from compliance.clock import today
from compliance.models.equivalence import Equivalence
from compliance.models.register import Register
from compliance.services import register
from compliance.services.candidate import CandidateFacts
from compliance.services.register import Entry, Row
from tenants import audit
from tenants.context import current
from tenants.db import db, writing_as
from tenants.errors import Invalid


def key_of(row_code: str, party_key: str) -> str:
    """Return the business key of an equivalence: one per row and party, « * » for the whole candidate."""
    return f"{row_code} / {party_key or '*'}"


@dataclass(frozen=True)
class Recorded:
    """An equivalence that stands."""

    party: str
    reason: str
    file: str
    starts_on: date


def recorded(registers: Mapping[type[Register], Sequence[Row]], row_code: str) -> list[Recorded]:
    """Return those of a row, among registers already read."""
    rows = (row.values for row in registers.get(Equivalence, ()))
    return [
        Recorded(values["party_key"], values["reason"], values["file"], values["starts_on"])
        for values in rows
        if values["row_code"] == row_code
    ]


def record(
    candidate: CandidateFacts, row_code: str, party_key: str, *, reason: str, file: str, starts_on: date
) -> None:
    """Record that a row is moot for a party (`party_key` empty: for the whole candidate), and what replaces its proofs.

    `file` is the name of a piece attached to the row. Raises Invalid without a reason or a file.
    """
    if not reason.strip():
        raise Invalid("Dites pourquoi l’objectif est sans objet ici : le réviseur lit ce motif.")
    if not file.strip():
        raise Invalid("Choisissez la preuve de substitution parmi les pièces jointes à la ligne.")
    values = {
        "row_code": row_code,
        "party_key": party_key,
        "reason": reason.strip(),
        "file": file,
        "starts_on": starts_on,
    }
    register.append(Equivalence, [Entry(candidate.establishment_id, key_of(row_code, party_key), values)], None)
    with writing_as(candidate.establishment_id):
        audit.record(candidate.establishment_id, "equivalence.recorded", row=row_code, party=party_key)


def withdraw(candidate: CandidateFacts, row_code: str, party_key: str) -> None:
    """Withdraw an equivalence: the row is judged on its own proofs again. Without one, nothing changes."""
    key = key_of(row_code, party_key)
    found = [v for v in register.current(Equivalence, [candidate.establishment_id], today()) if v.key == key]
    if not found:
        return
    names = register.fields(Equivalence)
    with writing_as(candidate.establishment_id):
        db.session.add(
            Equivalence(
                establishment_id=candidate.establishment_id,
                key=key,
                withdrawn=True,
                recorded_by=current().user_id,
                **dict(zip(names, found[0].values, strict=True)),
            )
        )
        audit.record(candidate.establishment_id, "equivalence.withdrawn", row=row_code, party=party_key)
