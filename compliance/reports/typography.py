"""French typography at the output edge: rules and messages are written with plain spaces, people read no-break ones."""

from __future__ import annotations

import re

NBSP = "\u00a0"

_BEFORE = re.compile(r"[ \u202f]+([:;?!%€»])")
_AFTER = re.compile(r"([«]|\bn°|\bN°)[ \u202f]+")
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_UNITS = re.compile(r"(?<=\d) (?=(?:points?|jours?|mois|ans?|EJ|EG|h|min|octets|Ko|Mo|Go|pages?)\b)")


def typo(text: str) -> str:
    """``text`` with no-break spaces (U+00A0) where French asks for them; applying it twice changes nothing more."""
    text = _BEFORE.sub(NBSP + r"\1", text)
    text = _AFTER.sub(r"\1" + NBSP, text)
    return _UNITS.sub(NBSP, _THOUSANDS.sub(NBSP, text))
