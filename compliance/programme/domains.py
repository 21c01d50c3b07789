"""Domains: those of CaRE (D1 to D9), and what stands beside them on the same engine."""

from __future__ import annotations

import re

CARE_DOMAIN = re.compile(r"D[1-9]\Z")
_CARE_FOLDER = re.compile(r"care_(d[1-9])\Z")
# What is not a numbered domain of CaRE: folder -> domain. Its rows are numbers (OBL.1).
FOLDERS = {"hospiconnect": "HC", "obligations": "OBL"}


def domain_of(folder: str) -> str | None:
    """Say of which domain a folder holds the versions; None for a folder of something else."""
    match = _CARE_FOLDER.match(folder)
    return match[1].upper() if match else FOLDERS.get(folder)


def is_domain(text: str) -> bool:
    """Say whether a text is the code of a domain, as `domain_of` gives it."""
    return text in FOLDERS.values() or bool(CARE_DOMAIN.match(text))
