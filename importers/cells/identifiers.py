"""Codes and numbers that name something: codes of the user, objectives, SIRET, phones, files."""

from __future__ import annotations

import re

from compliance.programme.codes import normalise_code
from importers.facts import Facts
from importers.reading.sheet import Cell, CellKind
from importers.readings import Notice, Reading, ValueFault
from importers.words import clean, has_control, one_line, pieces

_CODE = re.compile(r"[A-Z0-9-]{2,20}")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?e\+?\d+", re.ASCII | re.IGNORECASE)
_SIRET_NOISE = re.compile(r"^(?:n° ?)?siret\s*(?:n°)?\s*:?|[.,]0+$|[\s.'’_-]", re.IGNORECASE)
_POST_OFFICE = "356000000"  # SIREN of La Poste, whose establishments have a key of their own
_ADDRESS = re.compile(
    r"[\\/]{2}|[a-z][a-z0-9+.-]{1,20}://|[A-Za-z]:[\\/]|www\.|[\w.-]+\.sharepoint\.com\b", re.IGNORECASE
)
_FILE_LENGTH = 255  # characters of a file name
_OBJECTIVES = "Saisissez un code du référentiel, comme P1, O1.C ou D2.O1.C."
# Before the nine digits of a number: metropolitan France, then the overseas ones that have nine digits too.
_COUNTRY = re.compile(r"(?:\+|00)(?:33|262|590|594|596)(?:\(0\))?0?([1-9]\d{8})", re.ASCII)
_FOREIGN = re.compile(r"(?:\+|00)([1-9]\d{6,14})", re.ASCII)
_PHONE_WORDS = re.compile(r"^(?:t[ée]l(?:[ée]phone)?|portable|port|mobile|gsm|fixe|poste)\b\.?\s*:?", re.IGNORECASE)
_PAIRS_BY_SLASH = re.compile(r"(\d\d)/(\d\d)/(\d\d)/(\d\d)/(\d\d)", re.ASCII)


# -------------------------------------------------------------------------------------------------------------- codes


def read_code(cell: Cell) -> Reading:
    """Read a code: 2 to 20 capital letters, digits and hyphens; lower case is raised. Raises ValueFault (E-TXT)."""
    if cell.kind in (CellKind.DATE, CellKind.TIME):
        raise ValueFault(
            "E-TXT",
            f"Le tableur a transformé ce code en date ({cell.text}).",
            "Mettez la colonne au format Texte, puis saisissez de nouveau le code.",
        )
    return Reading(_code(cell.text))


def read_codes(cell: Cell) -> Reading:
    """Read several codes, in the order typed, each once. Raises ValueFault (E-TXT)."""
    if cell.kind is not CellKind.TEXT:
        return Reading((read_code(cell).value,))
    codes = dict.fromkeys(_code(part) for part in pieces(cell.text, r"[;,/\n]"))
    return Reading(tuple(codes) or None)


def _code(text: str) -> str:
    code = re.sub(r"[\u2010-\u2014\u2212]", "-", one_line(text)).upper()
    if not _CODE.fullmatch(code):
        raise ValueFault(
            "E-TXT",
            "Ce code n’a pas la forme attendue.",
            "De 2 à 20 caractères : lettres majuscules sans accent, chiffres et tirets, sans espace (URG-01).",
        )
    return code


# --------------------------------------------------------------------------------------------------------- objectives


def read_objective(cell: Cell, facts: Facts) -> Reading:
    """Read the code of a row of the referential, however it is spelled. Raises ValueFault (E-REF)."""
    return Reading(_objective(cell.text, facts))


def read_objectives(cell: Cell, facts: Facts) -> Reading:
    """Read the codes of several rows of the referential, each once. Raises ValueFault (E-REF)."""
    try:
        return Reading((_objective(cell.text, facts),))  # a comma or a slash may be inside one code: « O1,C »
    except ValueFault:
        codes = [_objective(part, facts) for part in pieces(cell.text, r"[;,/\n]|\s(?:et|ET)\s")]
    if not codes:
        raise ValueFault("E-REF", "Cette cellule ne contient aucun code d’objectif.", _OBJECTIVES)
    return Reading(tuple(dict.fromkeys(codes)))


def _objective(text: str, facts: Facts) -> str:
    try:
        code = normalise_code(text)
    except ValueError as error:
        raise ValueFault("E-REF", f"{error}.", _OBJECTIVES) from None
    if facts.objectives and code not in facts.objectives:
        raise ValueFault("E-REF", f"L’objectif {code} n’existe pas dans le référentiel.", _OBJECTIVES)
    return code


# -------------------------------------------------------------------------------------------------------------- SIRET


def read_siret(cell: Cell) -> Reading:
    """Read a SIRET: 14 digits and a key; a lost zero is put back with a notice. Raises ValueFault (E-NUM)."""
    if cell.kind is CellKind.NUMBER and cell.value == 0:  # a lookup that found nothing shows 0
        return Reading(None)
    typed = f"{cell.value:.0f}" if cell.kind is CellKind.NUMBER and float(cell.value).is_integer() else cell.text
    text = _SIRET_NOISE.sub("", typed.strip())
    mangled = len(text) in (13, 14) and text.endswith("00000") and text.strip("0")  # no establishment is number 00000
    if mangled or _SCIENTIFIC.fullmatch(typed.strip()):
        raise ValueFault(
            "E-NUM",
            "Le SIRET a été abîmé par Excel : ses derniers chiffres sont perdus.",
            "Mettez la colonne au format Texte, puis saisissez de nouveau les 14 chiffres.",
        )
    if not re.fullmatch(r"[0-9]{13,14}", text) or not text.strip("0"):
        hint = " Un SIREN (9 chiffres) ne suffit pas." if re.fullmatch(r"[0-9]{9}", text) else ""
        raise ValueFault("E-NUM", f"Un SIRET a 14 chiffres.{hint}", "Saisissez les 14 chiffres du SIRET, seuls.")
    siret = text.zfill(14)
    if not _is_siret(siret):
        raise ValueFault(
            "E-NUM",
            "La clé de contrôle de ce SIRET est fausse : un chiffre au moins est erroné.",
            "Vérifiez les 14 chiffres sur la facture.",
        )
    if siret == text:
        return Reading(siret)
    reason = f"Le zéro de tête avait été perdu : le SIRET est compris comme {siret}."
    return Reading(siret, Notice("W-SIR", reason, "Mettez la colonne au format Texte pour le conserver."))


def _is_siret(siret: str) -> bool:
    """Tell whether the key holds: Luhn's, or for La Poste a sum of digits that is a multiple of 5 (Insee)."""
    if siret.startswith(_POST_OFFICE) and sum(map(int, siret)) % 5 == 0:
        return True
    total = 0
    for rank, digit in enumerate(reversed(siret)):
        value = int(digit) * (1 + rank % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


# ------------------------------------------------------------------------------------------------------------- phones


def read_phone(cell: Cell) -> Reading:
    """Read one or several phone numbers: French, foreign (+32…), short or internal. Raises ValueFault (E-TXT).

    A remark never repeats the number: it may be someone's own.
    """
    text = _PAIRS_BY_SLASH.sub(r"\1\2\3\4\5", clean(cell.text))
    found = [_phone(part) for part in pieces(text, r"[;/\n]|\sou\s")]
    numbers = dict.fromkeys(number for number, _ in found)
    if not numbers:
        raise _not_a_phone()
    if not any(repaired for _, repaired in found):
        return Reading("; ".join(numbers))
    return Reading(
        "; ".join(numbers),
        Notice(
            "W-TEL",
            "Le zéro ou le + du début avait été perdu : il a été remis.",
            "Vérifiez le numéro, et mettez la colonne au format Texte.",
        ),
    )


def _phone(text: str) -> tuple[str, bool]:
    """Return a number as it is kept, and whether its beginning had to be put back."""
    typed = re.sub(r"[\s.\-\u2010-\u2014']", "", _PHONE_WORDS.sub("", text))
    if match := _COUNTRY.fullmatch(typed):
        return _spaced("0" + match.group(1)), False
    if match := _FOREIGN.fullmatch(typed):
        return f"+{match.group(1)}", False
    if re.fullmatch(r"0[1-9][0-9]{8}", typed):
        return _spaced(typed), False
    if re.fullmatch(r"[1-9][0-9]{8}", typed):
        return _spaced("0" + typed), True
    if re.fullmatch(r"33[1-9][0-9]{8}", typed):  # +33… taken for a number by the spreadsheet
        return _spaced("0" + typed[2:]), True
    if re.fullmatch(r"[0-9]{2,6}", typed):
        return typed, False
    raise _not_a_phone()


def _spaced(digits: str) -> str:
    return " ".join(digits[place : place + 2] for place in range(0, 10, 2))


def _not_a_phone() -> ValueFault:
    return ValueFault(
        "E-TXT",
        "Ce n’est pas un numéro de téléphone.",
        "Saisissez 10 chiffres, comme 01 23 45 67 89 ; plusieurs numéros se séparent par un point-virgule.",
    )


# -------------------------------------------------------------------------------------------------------------- files


def read_file_name(cell: Cell) -> Reading:
    """Read the name of a file uploaded as a piece; a place that a crisis puts out of reach is refused (E-TXT)."""
    name = clean(cell.text).replace("\n", " ")
    if is_network_address(name):
        raise ValueFault(
            "E-TXT",
            "Cette adresse sera inaccessible pendant une crise.",
            "Déposez le fichier dans Vigie, et écrivez ici son nom seul (PCA_URG.pdf).",
        )
    if len(name) > _FILE_LENGTH or has_control(name):
        raise ValueFault(
            "E-TXT",
            f"Un nom de fichier a au plus {_FILE_LENGTH} caractères, tous visibles.",
            "Renommez le fichier plus court, et écrivez ici son nom.",
        )
    return Reading(name)


def is_network_address(text: str) -> bool:
    """Tell whether a text points at a share, a drive or a web page instead of naming a file."""
    return _ADDRESS.match(text.strip()) is not None
