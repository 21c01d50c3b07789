"""The parts of a candidate's dossier: what each establishment has to give, what of it is there, and whether it says to be ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from compliance.programme.referential import Referential
from compliance.reports.facts import facts_of
from compliance.reports.gathered import Gathered
from compliance.reports.missing import Group, Lack, missing
from compliance.reports.progress import Doc
from compliance.rules.row import RowVerdict, judge
from compliance.rules.verdict import State
from compliance.services.evidence import Piece
from compliance.services.part import Said


@dataclass(frozen=True)
class RowPart:
    """What one row asks of one establishment: what is there (pieces, or facts in their place), what is needed, how far it is."""

    code: str
    title: str
    state: State
    there: int
    needed: int


@dataclass(frozen=True)
class Part:
    """The part of an establishment. `begun`: something of it was entered; `lacks` is None when nothing is to do."""

    establishment_id: UUID
    finess: str
    name: str
    begun: bool
    rows: tuple[RowPart, ...]
    pieces: tuple[Piece, ...]
    lacks: Group | None
    said: Said | None

    @property
    def there(self) -> int:
        """How many of the things asked are there and count: pieces, or facts recorded in their place."""
        return sum(row.there for row in self.rows)

    @property
    def needed(self) -> int:
        """How many things are asked."""
        return sum(row.needed for row in self.rows)

    @property
    def ready(self) -> bool:
        """Whether its people say that it is ready."""
        return self.said is not None and self.said.ready

    def lack(self, code: str) -> Lack | None:
        """What it lacks for a row; None when nothing is to do."""
        return next((lack for lack in self.lacks.lacks if lack.row == code), None) if self.lacks else None

    @property
    def blocking(self) -> int:
        """How many things of it keep a row from being met."""
        return sum(len(lack.things) for lack in self.lacks.lacks if lack.blocking) if self.lacks else 0


def begun(gathered: Gathered) -> set[UUID]:
    """Return the establishments for which something was entered: a perimeter, a piece, a row of a register."""
    return {
        *(record.establishment_id for record in gathered.perimeters),
        *(piece.establishment_id for piece in gathered.pieces),
        *(row.establishment_id for rows in gathered.registers.values() for row in rows),
    }


def parts(
    gathered: Gathered, document: Doc, referential: Referential, said: Mapping[UUID, Said], on: date
) -> list[Part]:
    """Return the parts of the establishments in scope, in the order of the parties. No query."""
    facts = facts_of(gathered, referential)
    answers = [judge(row, facts, on) for row in referential.rows]
    told = missing(gathered, document, referential, on, together=False)
    lacks = {group.key: group for group in told if not group.whole}
    started = begun(gathered)
    return [
        Part(
            record.establishment_id,
            record.finess,
            record.party.name,
            record.establishment_id in started,
            tuple(_rows(answers, record.party.key)),
            tuple(piece for piece in gathered.pieces if piece.establishment_id == record.establishment_id),
            lacks.get(record.party.key),
            said.get(record.establishment_id),
        )
        for record in gathered.parties
        if record.finess and record.party.in_scope
    ]


def _rows(answers: Sequence[RowVerdict], key: str) -> list[RowPart]:
    """What each row asks of a party; rows that ask it nothing are left out."""
    told = []
    for answer in answers:
        mine = next((each for each in answer.parties if each.party.key == key), None)
        if mine is None or mine.state is State.NOT_APPLICABLE:
            continue
        asked = [verdict.state for verdict in mine.pieces.values() if verdict.state is not State.NOT_APPLICABLE]
        row = answer.row
        told.append(RowPart(row.code, row.title, mine.state, sum(state is State.MET for state in asked), len(asked)))
    return told
