"""What a reviewer said: an *avis*, a fact with its author and its reason, never an edit (referential, rules 5 and 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance.rules.verdict import Reason
from compliance.rules.words import short_date

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """An avis on a row, or on one exercise of it (`subject`); the last one given stands."""

    row: str
    subject: str = ""
    favourable: bool
    why: str
    author: str
    given_on: date

    @property
    def reason(self) -> Reason:
        """The sentence that the establishment reads, under its verdict."""
        word, code = ("favorable", "OPINION_FAVOURABLE") if self.favourable else ("défavorable", "OPINION_UNFAVOURABLE")
        about = f" sur {self.subject}" if self.subject else ""
        return Reason(
            code, f"Avis {word}{about}, {self.author}, le {short_date(self.given_on)} : {self.why}", self.subject
        )
