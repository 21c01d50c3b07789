"""Equivalences: an objective met because it is moot here, with a substitute proof and a reason (referential, rule 9)."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped

from compliance.models.register import Register
from tenants.db import Base


class Equivalence(Register, Base):
    """What replaces the proofs of a row, for one party or for the whole candidate (`party_key` empty).

    Recorded by the establishment that answers for the candidate: the key is « row / party ».
    """

    __tablename__ = "equivalence"
    row_code: Mapped[str]
    party_key: Mapped[str]
    reason: Mapped[str]
    file: Mapped[str]
    starts_on: Mapped[date]
