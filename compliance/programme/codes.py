"""Codes of the rows of a referential, however people spell them."""

from __future__ import annotations

import re
import unicodedata

_SHAPE = re.compile(r"(?:CARE)?(?P<domain>D[1-9])?(?P<letter>[OP0])(?P<number>[1-9])(?P<part>[A-Z]?)\Z")
_NOISE = re.compile(r"[\s.,;:_/\\–—-]+")  # the dashes people type


def normalise_code(text: str, domain: str = "D2") -> str:
    """Read a code such as « D2. O1. C », « d2.o1.c », « D2.01.C » (zero for O), « O1C », « O1-c »: D2.O1.C.

    Tells only that it has the shape of a code; `Referential.find` tells whether the row exists. Raises ValueError with
    a French sentence for anything else, or for the code of another domain.
    """
    squeezed = _NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()
    match = _SHAPE.match(squeezed)
    if match is None or (match["letter"] == "P" and match["part"]):
        message = (
            f"« {text.strip()[:40]} » n’est pas un code d’objectif : écrire par exemple {domain}.O1.C ou {domain}.P1"
        )
        raise ValueError(message)
    if match["domain"] not in (None, domain):
        message = f"« {text.strip()[:40]} » est un code du domaine {match['domain']}, pas du domaine {domain}"
        raise ValueError(message)
    letter = match["letter"].replace("0", "O")
    return ".".join(part for part in (domain, letter + match["number"], match["part"]) if part)
