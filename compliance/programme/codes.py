"""Codes of the rows of a referential, however people spell them."""

from __future__ import annotations

import re
import unicodedata

from compliance.programme.domains import CARE_DOMAIN

_SHAPE = re.compile(r"(?:CARE)?(?P<domain>D[1-9])?(?P<letter>[OP0])(?P<number>[1-9])(?P<part>[A-Z]?)\Z")
_NUMBERED = re.compile(r"(?P<domain>[A-Z]{2,})?(?P<number>[1-9][0-9]?)\Z")
_NOISE = re.compile(r"[\s.,;:_/\\–—-]+")  # the dashes people type


def normalise_code(text: str, domain: str = "D2") -> str:
    """Read a code such as « D2. O1. C », « d2.o1.c », « D2.01.C » (zero for O), « O1C », « O1-c »: D2.O1.C.

    Outside the domains of CaRE a row is a number: « obl 1 », « 1 » are OBL.1. Tells only that it has the shape of a code;
    `Referential.find` tells whether the row exists. Raises ValueError with a French sentence for anything else, or for the
    code of another domain.
    """
    squeezed = _NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()
    care = CARE_DOMAIN.match(domain)
    match = (_SHAPE if care else _NUMBERED).match(squeezed)
    if match is None or (care and match["letter"] == "P" and match["part"]):
        example = f"{domain}.O1.C ou {domain}.P1" if care else f"{domain}.1"
        message = f"« {text.strip()[:40]} » n’est pas un code d’objectif : écrire par exemple {example}"
        raise ValueError(message)
    if match["domain"] not in (None, domain):
        message = f"« {text.strip()[:40]} » est un code du domaine {match['domain']}, pas du domaine {domain}"
        raise ValueError(message)
    if not care:
        return f"{domain}.{match['number']}"
    letter = match["letter"].replace("0", "O")
    return ".".join(part for part in (domain, letter + match["number"], match["part"]) if part)
