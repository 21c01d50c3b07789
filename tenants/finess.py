"""FINESS numbers: the key, and the one repair that is allowed.

A FINESS number names a legal entity (EJ) or a site (ET) with nine characters: the department on two (2A and 2B in
Corsica), six digits, and a check digit. The key is Luhn's over the nine characters, the letter counting for the digit
1 (A) or 2 (B); it holds for every number of the national extract of January 2021 (8,131 ET and their EJ).

Spreadsheets store these numbers as numbers, and the zero of the departments 01 to 09 is lost. One number in ten would
still pass the key once padded, so the zero is put back only when the caller knows the resulting number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

LENGTH = 9

_SHAPE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{7}")
_PREFIX = re.compile(r"^(?:N[°o]\s*)?FINESS(?:\s*(?:EJ|ET|EG))?\s*(?:N[°o])?\s*:?\s*", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_WHOLE_FLOAT = re.compile(r"([0-9]+)[.,]0+")
# Written by people and by spreadsheets around the number, never part of it (zero-width marks included).
_NOISE = str.maketrans("", "", "'’‘`\"\u200b\u200c\u200d\u2060\ufeff")
_LETTERS = str.maketrans("AB", "12")


@dataclass(frozen=True)
class Normalised:
    """A well-formed FINESS number; `repaired` tells that the leading zero was missing and was put back."""

    number: str
    repaired: bool


class FinessError(ValueError):
    """A value that is not a FINESS number.

    `code` is stable: EMPTY, NOT_TEXT, SCIENTIFIC, LETTERS, TOO_SHORT, TOO_LONG, LOST_ZERO or KEY. The text is the
    French reason, `remedy` the French sentence that says what to do.
    """

    def __init__(self, code: str, reason: str, remedy: str) -> None:
        """Keep the code and the remedy beside the reason."""
        super().__init__(reason)
        self.code = code
        self.remedy = remedy


def is_valid(number: str) -> bool:
    """Tell whether the text is nine characters in the official form and its key holds."""
    if not _SHAPE.fullmatch(number):
        return False
    total = 0
    for rank, digit in enumerate(reversed(number.translate(_LETTERS))):
        value = int(digit) * (1 + rank % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def normalise(raw: object, known: Callable[[str], bool] | None = None) -> Normalised:
    """Read a FINESS number as people and spreadsheets write it.

    Spaces of every kind, apostrophes and a `FINESS:` prefix are dropped, a lower-case 2a is accepted, a number stored
    as a float or an integer is read as its digits. `known` answers whether a number is in the directory: without it,
    or when it says no, a lost zero is never put back. Membership of the directory is not checked otherwise.

    Raises FinessError.
    """
    text = _text(raw)
    if _SCIENTIFIC.fullmatch(text):
        raise FinessError(
            "SCIENTIFIC",
            f"« {text} » est un nombre abrégé par le tableur : les chiffres du numéro FINESS sont perdus.",
            "Mettez la colonne au format Texte, puis saisissez à nouveau les 9 caractères du numéro.",
        )
    number = text.upper()
    if not re.fullmatch(r"[0-9]+|2[AB][0-9]*", number):
        raise FinessError(
            "LETTERS",
            f"« {text} » contient autre chose que des chiffres (seuls 2A et 2B sont admis, au début).",
            "Saisissez les 9 caractères du numéro FINESS, sans autre texte dans la cellule.",
        )
    if len(number) == LENGTH - 1:
        return Normalised(_with_its_zero(number, known), repaired=True)
    if len(number) != LENGTH:
        short = len(number) < LENGTH
        plural = "s" if len(number) > 1 else ""
        raise FinessError(
            "TOO_SHORT" if short else "TOO_LONG",
            f"« {number} » a {len(number)} caractère{plural} ; un numéro FINESS en a 9.",
            "Vérifiez le numéro dans le répertoire FINESS."
            if short
            else "Vérifiez qu’il s’agit d’un numéro FINESS (9 caractères) et non d’un SIREN ou d’un SIRET.",
        )
    if not is_valid(number):
        raise FinessError(
            "KEY",
            f"La clé de contrôle de « {number} » est fausse : un caractère au moins est erroné.",
            "Vérifiez le numéro dans le répertoire FINESS.",
        )
    return Normalised(number, repaired=False)


def _text(raw: object) -> str:
    if raw is None:
        raise _empty()
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise FinessError(
            "NOT_TEXT",
            "La cellule contient une date ou un oui/non au lieu d’un numéro FINESS.",
            "Mettez la cellule au format Texte, puis saisissez les 9 caractères du numéro.",
        )
    if isinstance(raw, float | Decimal):
        # repr() would write 1e+16: the fixed form keeps the digits, and a fraction keeps its point and is refused.
        raw = format(raw, "f").rstrip("0").rstrip(".") if raw % 1 else format(raw, ".0f")
    text = "".join(_PREFIX.sub("", str(raw).translate(_NOISE).strip()).split())
    if not text:
        raise _empty()
    whole = _WHOLE_FLOAT.fullmatch(text)
    return whole.group(1) if whole else text


def _empty() -> FinessError:
    return FinessError("EMPTY", "Le numéro FINESS est vide.", "Saisissez les 9 caractères du numéro FINESS.")


def _with_its_zero(number: str, known: Callable[[str], bool] | None) -> str:
    padded = "0" + number
    if not is_valid(padded):
        raise FinessError(
            "TOO_SHORT",
            f"« {number} » a 8 caractères ; un numéro FINESS en a 9, et un zéro devant ne donne pas un numéro valable.",
            "Vérifiez le numéro dans le répertoire FINESS : un chiffre a été perdu.",
        )
    if known is None or not known(padded):
        raise FinessError(
            "LOST_ZERO",
            f"« {number} » a 8 caractères : le zéro de tête a sans doute été perdu, "
            f"mais « {padded} » n’est pas un numéro connu.",
            "Mettez la colonne au format Texte, puis saisissez les 9 caractères, zéro compris.",
        )
    return padded
