"""What a case of the table of verdicts holds: a row, what is known, and the answer that the text gives."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.compliance.rules.facts import ON

if TYPE_CHECKING:
    from datetime import date

    from compliance.rules.facts import Facts
    from compliance.rules.verdict import State


@dataclass(frozen=True, kw_only=True)
class Case:
    """One thing that is known, and what the arrêté answers: written from the text, before asking the code.

    `codes` must be among the reasons of the row or of one of its parties, `says` in one of their sentences, `never` in none of
    their codes; `action` is the beginning of what to do next.
    """

    row: str
    name: str
    facts: Facts
    state: State
    codes: tuple[str, ...]
    says: str
    never: tuple[str, ...]
    action: str
    on: date

    def __str__(self) -> str:
        return readable(f"{self.row} : {self.name}")


def readable(name: str) -> str:
    """Write a name without accents, which pytest would escape."""
    text = name.replace("’", " ").replace("«", "'").replace("»", "'")
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def case(
    row: str,
    name: str,
    facts: Facts,
    state: State,
    *codes: str,
    says: str = "",
    never: tuple[str, ...] = (),
    action: str = "",
    on: date = ON,
) -> Case:
    """Write a case on one line."""
    return Case(row=row, name=name, facts=facts, state=state, codes=codes, says=says, never=never, action=action, on=on)
