"""Cells that hold words: free text, names, lists of texts, answers to choose."""

from __future__ import annotations

import re

from rapidfuzz import fuzz, process

from importers.base import Choice
from importers.reading.sheet import Cell, CellKind
from importers.readings import Reading, ValueFault
from importers.words import clean, fold, has_control, one_line, pieces

YES = frozenset({"oui", "o", "yes", "y", "vrai", "true", "1", "x", "✓", "✔", "fait"})
NO = frozenset({"non", "n", "no", "faux", "false", "0"})
_CLOSE = 70.0  # similarity from which a list value is suggested


def read_text(cell: Cell, maximum: int) -> Reading:
    """Read free text: NFC, trimmed; a number or a date is kept as it is shown. Raises ValueFault (E-TXT)."""
    return Reading(_allowed(clean(cell.text), maximum))


def read_name(cell: Cell, maximum: int) -> Reading:
    """Read the name of a person: single spaces, case and accents as typed. Raises ValueFault (E-TXT)."""
    return Reading(_allowed(one_line(cell.text), maximum))


def read_texts(cell: Cell, maximum: int) -> Reading:
    """Read several texts, each as first typed, whatever the case and accents of its repetitions.

    Semicolons, slashes and lines separate them. Raises ValueFault (E-TXT).
    """
    kept: dict[str, str] = {}
    for part in pieces(cell.text, r"[;/\n]"):
        kept.setdefault(fold(part), _allowed(part, maximum))
    return Reading(tuple(kept.values()) or None)


def _allowed(text: str, maximum: int) -> str:
    if has_control(text):
        raise ValueFault("E-TXT", "Ce texte contient des caractères invisibles interdits.", "Saisissez-le de nouveau.")
    if len(text) > maximum:
        raise ValueFault(
            "E-TXT",
            f"Ce texte a {len(text)} caractères ; la limite est de {maximum}.",
            "Résumez-le, et joignez le détail comme pièce.",
        )
    return text


def read_yes_no(cell: Cell) -> Reading:
    """Read Oui or Non, as people and spreadsheets write them. Raises ValueFault (E-LST)."""
    if cell.kind is CellKind.BOOLEAN:
        return Reading(bool(cell.value))
    word = fold(cell.text)
    if word in YES or word in NO:
        return Reading(word in YES, original=cell.text)
    remedy = "Saisissez Oui ou Non."
    if word.startswith(("oui", "non")):
        remedy = "Saisissez Oui ou Non seul ; gardez votre précision dans une colonne de texte, rien n’a été retiré."
    raise ValueFault("E-LST", "Cette réponse n’est ni Oui ni Non.", remedy)


def read_choice(cell: Cell, choices: tuple[Choice, ...]) -> Reading:
    """Read one value of a list, whatever the case, accents and spaces. Raises ValueFault (E-LST).

    A list that has Oui or Non accepts what people and spreadsheets write instead (x, 1, VRAI).
    """
    text = _word(cell.text)
    names = {_word(name): choice for choice in choices for name in (choice.label, *choice.synonyms)}
    if text not in names and text in YES | NO:
        text = "oui" if text in YES else "non"
    if text in names:
        return Reading(names[text].value, original=one_line(cell.text))
    remedy = f"Valeurs admises : {' ; '.join(choice.label for choice in choices)}."
    close = process.extractOne(text, list(names), scorer=fuzz.ratio, score_cutoff=_CLOSE)
    if close is not None:
        remedy = f"Vouliez-vous dire « {names[close[0]].label} » ? {remedy}"
    raise ValueFault("E-LST", "Cette valeur n’est pas dans la liste.", remedy)


def _word(text: str) -> str:
    return re.sub(r"\s*([/;,-])\s*", r"\1", fold(text))
