"""The normalisation table (workbooks.md, 3.0): from a cell as typed to a value of its column's kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from rapidfuzz import fuzz, process

from importers.base import Choice, Column, Kind
from importers.dates import FIRST_YEAR, LAST_YEAR, read_date
from importers.facts import Facts
from importers.readings import Notice, Reading, ValueFault
from importers.sheet import Cell, CellKind
from importers.words import clean, fold, has_control, is_blank, one_line
from tenants.finess import FinessError, normalise

UNKNOWN = (
    "Ce numéro FINESS ne désigne aucun établissement que vous pouvez renseigner.",
    "Vérifiez le numéro ; s’il est juste, cet établissement relève d’un autre périmètre que le vôtre.",
)
_CODES = {
    Kind.TEXT: "E-TXT", Kind.CODE: "E-TXT", Kind.FINESS_EJ: "E-FIN", Kind.FINESS_ET: "E-FIN",
    Kind.FINESS_PARTY: "E-FIN", Kind.SHARED: "E-LST", Kind.CHOICE: "E-LST", Kind.YES_NO: "E-LST",
    Kind.DATE: "E-DAT", Kind.PLANNED_DATE: "E-DAT", Kind.NUMBER: "E-NUM", Kind.YEAR: "E-NUM",
}  # fmt: skip
_YES = {"oui", "o", "yes", "y", "vrai", "true", "1", "x", "✓", "✔", "fait"}
_NO = {"non", "n", "no", "faux", "false", "0"}
_CODE = re.compile(r"[A-Z0-9-]{2,20}")
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[,.]\d{3}")
_DECIMAL = re.compile(r"[+-]?(?:\d{1,20}\.?\d{0,20}|\.\d{1,20})(?:e[+-]?\d{1,2})?", re.ASCII)
_CLOSE = 70.0  # similarity from which a list value is suggested
_FINESS_LENGTH = 60  # characters, prefix and spaces included
_SPREADSHEET_DIGITS = 15  # what a spreadsheet keeps of a number


def read_value(column: Column, cell: Cell | None, facts: Facts, epoch: int = 1900) -> Reading:
    """Read one cell of a column. A blank one gives None. Raises ValueFault."""
    if cell is None or (cell.kind is CellKind.TEXT and is_blank(str(cell.value))):
        return Reading(None)
    _refuse_what_holds_no_value(column, cell)
    return _READERS[column.kind](column, cell, facts, epoch)


def _refuse_what_holds_no_value(column: Column, cell: Cell) -> None:
    code = _CODES[column.kind]
    if cell.kind is CellKind.FORMULA:
        raise ValueFault(
            code,
            "La cellule contient une formule qui n’a jamais été calculée : le fichier n’a pas sa valeur.",
            "Ouvrez le classeur dans Excel et enregistrez-le, ou remplacez la formule par sa valeur.",
        )
    if cell.kind is CellKind.ERROR:
        raise ValueFault(
            code,
            f"La cellule contient une erreur du tableur ({cell.value}).",
            "Corrigez la formule ou saisissez la valeur.",
        )
    if cell.kind is CellKind.LONG:
        raise ValueFault(
            code, "Le texte de cette cellule est trop long.", "Résumez-le, et joignez le détail comme pièce."
        )


# ---------------------------------------------------------------------------------------------------- texts and lists


def read_text(cell: Cell, maximum: int) -> Reading:
    """Read free text: NFC, trimmed; a number or a date is kept as it is shown. Raises ValueFault (E-TXT)."""
    text = clean(cell.text)
    if has_control(text):
        raise ValueFault("E-TXT", "Ce texte contient des caractères invisibles interdits.", "Saisissez-le de nouveau.")
    if len(text) > maximum:
        raise ValueFault(
            "E-TXT",
            f"Ce texte a {len(text)} caractères ; la limite est de {maximum}.",
            "Résumez-le, et joignez le détail comme pièce.",
        )
    return Reading(text)


def read_code(cell: Cell) -> Reading:
    """Read a code: 2 to 20 capital letters, digits and hyphens; lower case is raised. Raises ValueFault (E-TXT)."""
    if cell.kind in (CellKind.DATE, CellKind.TIME):
        raise ValueFault(
            "E-TXT",
            f"Le tableur a transformé ce code en date ({cell.text}).",
            "Mettez la colonne au format Texte, puis saisissez de nouveau le code.",
        )
    code = re.sub(r"[\u2010-\u2014\u2212]", "-", one_line(cell.text)).upper()
    if not _CODE.fullmatch(code):
        raise ValueFault(
            "E-TXT",
            "Ce code n’a pas la forme attendue.",
            "De 2 à 20 caractères : lettres majuscules sans accent, chiffres et tirets, sans espace (URG-01).",
        )
    return Reading(code)


def read_yes_no(cell: Cell) -> Reading:
    """Read Oui or Non, as people and spreadsheets write them. Raises ValueFault (E-LST)."""
    if cell.kind is CellKind.BOOLEAN:
        return Reading(bool(cell.value))
    word = fold(cell.text)
    if word in _YES or word in _NO:
        return Reading(word in _YES, original=cell.text)
    remedy = "Saisissez Oui ou Non."
    if word.startswith(("oui", "non")):
        remedy = "Saisissez Oui ou Non seul ; gardez votre précision dans une colonne de texte, rien n’a été retiré."
    raise ValueFault("E-LST", "Cette réponse n’est ni Oui ni Non.", remedy)


def read_choice(cell: Cell, choices: tuple[Choice, ...]) -> Reading:
    """Read one value of a list, whatever the case, accents and spaces. Raises ValueFault (E-LST)."""
    text = _word(cell.text)
    names = {_word(name): choice for choice in choices for name in (choice.label, *choice.synonyms)}
    if text in names:
        return Reading(names[text].value, original=one_line(cell.text))
    remedy = f"Valeurs admises : {' ; '.join(choice.label for choice in choices)}."
    close = process.extractOne(text, list(names), scorer=fuzz.ratio, score_cutoff=_CLOSE)
    if close is not None:
        remedy = f"Vouliez-vous dire « {names[close[0]].label} » ? {remedy}"
    raise ValueFault("E-LST", "Cette valeur n’est pas dans la liste.", remedy)


def _word(text: str) -> str:
    return re.sub(r"\s*([/;,-])\s*", r"\1", fold(text))


# ------------------------------------------------------------------------------------------------------------ numbers


def read_number(cell: Cell, decimals: int) -> Reading:
    """Read a decimal number in French or plain form, rounded to `decimals` with a notice. Raises ValueFault (E-NUM)."""
    if cell.kind is CellKind.NUMBER:
        number = _exact(cell.value)
    elif cell.kind is CellKind.TEXT:
        number = _number(str(cell.value))
    else:
        raise ValueFault("E-NUM", "Cette cellule ne contient pas un nombre.", "Saisissez un nombre, comme 1 234,50.")
    if abs(number) >= Decimal(10) ** 12:
        raise ValueFault("E-NUM", "Ce nombre est démesuré.", "Vérifiez la valeur.")
    rounded = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if rounded == number:
        return Reading(rounded)
    shown = f"{rounded:f}".replace(".", ",")
    return Reading(rounded, Notice("W-NUM", f"Nombre arrondi à {shown}.", f"{decimals} décimales sont conservées."))


def _exact(value: object) -> Decimal:
    return Decimal(f"{value:.{_SPREADSHEET_DIGITS}g}") if isinstance(value, float) else Decimal(int(str(value)))


def _number(raw: str) -> Decimal:
    text = re.sub(r"[\s']|€|%|eur(?:os?)?$", "", fold(raw))
    negative = re.fullmatch(r"\((.+)\)", text)
    text = negative.group(1) if negative else text
    if _AMBIGUOUS.fullmatch(text.lstrip("-+")):
        raise ValueFault(
            "E-NUM",
            "Ce nombre peut se lire de deux façons (milliers ou décimales).",
            f"Écrivez {re.sub('[,.]', ' ', text)} ou {re.sub('[,.]', ',', text)}0.",
        )
    for thousands, decimal in ((".", ","), (",", ".")):
        grouped = rf"[+-]?[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+(?:{re.escape(decimal)}\d+)?"
        if re.fullmatch(grouped, text):
            text = text.replace(thousands, "")
    text = text.replace(",", ".")
    if not _DECIMAL.fullmatch(text):
        raise ValueFault("E-NUM", "Ce texte n’est pas un nombre.", "Saisissez un nombre seul, comme 1 234,50.")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueFault(
            "E-NUM", "Ce texte n’est pas un nombre.", "Saisissez un nombre seul, comme 1 234,50."
        ) from None
    return -number if negative else number


def read_year(cell: Cell) -> Reading:
    """Read a year between 2015 and 2035; a date gives its year. Raises ValueFault (E-NUM)."""
    text = str(cell.value)[:4] if cell.kind is CellKind.DATE else fold(cell.text)
    text = re.sub(r"[.,]0+$", "", text.removeprefix("annee").strip())
    if not re.fullmatch(r"[0-9]{4}", text) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise ValueFault(
            "E-NUM",
            "Ce n’est pas une année attendue.",
            f"Saisissez une année de {FIRST_YEAR} à {LAST_YEAR}, comme 2024.",
        )
    return Reading(int(text))


# ------------------------------------------------------------------------------------------------------------- FINESS


def read_ej(raw: object, facts: Facts) -> Reading:
    """Read a legal entity that the uploader may write. An unknown one and a foreign one get the same answer (E-FIN)."""
    reading = _finess(raw, facts)
    number = str(reading.value)
    if number in facts.scope_finess:
        return reading
    owner = facts.site_in_scope(number)
    if owner is not None:
        raise ValueFault(
            "E-FIN",
            "Ce numéro est celui d’un site (FINESS ET) ; cette colonne attend l’entité juridique (FINESS EJ).",
            f"Remplacez-le par {owner}, l’entité juridique de ce site.",
        )
    raise ValueFault("E-FIN", *UNKNOWN)


def read_et(raw: object, facts: Facts) -> Reading:
    """Read a site of a legal entity that the uploader may write. Same answers as `read_ej` (E-FIN)."""
    reading = _finess(raw, facts)
    number = str(reading.value)
    if facts.site_in_scope(number) is not None:
        return reading
    if number in facts.scope_finess:
        raise ValueFault(
            "E-FIN",
            "Ce numéro est celui d’une entité juridique (FINESS EJ) ; cette colonne attend le site (FINESS ET).",
            "Saisissez le numéro du site concerné.",
        )
    raise ValueFault("E-FIN", *UNKNOWN)


def _finess(raw: object, facts: Facts) -> Reading:
    if isinstance(raw, str) and len(raw) > _FINESS_LENGTH:
        raise ValueFault(
            "E-FIN", "Ce texte n’est pas un numéro FINESS.", "Saisissez les 9 caractères du numéro, seuls."
        )
    try:
        found = normalise(raw, facts.is_known)
    except FinessError as error:
        if error.code == "LOST_ZERO":  # well formed but not in the directory: no more is said than for a foreign one
            raise ValueFault("E-FIN", *UNKNOWN) from None
        raise ValueFault("E-FIN", str(error), error.remedy) from None
    if not found.repaired:
        return Reading(found.number)
    notice = Notice(
        "W-FIN",
        f"Le zéro de tête avait été perdu : le numéro est compris comme {found.number}.",
        "Mettez la colonne au format Texte pour le conserver.",
    )
    return Reading(found.number, notice)


def read_shared(cell: Cell, facts: Facts) -> Reading:
    """« Non » gives None; else (code of the shared system, FINESS of the EJ it covers). Raises ValueFault."""
    parts = [
        part for part in re.split(r"[;\n]", one_line(cell.text) if "\n" not in cell.text else cell.text) if part.strip()
    ]
    if cell.kind is CellKind.BOOLEAN or (len(parts) == 1 and fold(parts[0]) in _YES | _NO):
        if cell.value is False or fold(cell.text) in _NO:
            return Reading(None)
        raise ValueFault(
            "E-LST",
            "Le code du SI mutualisé manque.",
            "Saisissez Non, ou le code du SI puis les FINESS des EJ couverts : SIH-01; 760780023; 760780031.",
        )
    code = str(read_code(Cell(cell.row, cell.column, CellKind.TEXT, parts[0])).value)
    covered: list[str] = []
    notice = None
    for part in parts[1:]:
        reading = _covered(part, facts)
        notice = notice or reading.notice
        if reading.value not in covered:
            covered.append(str(reading.value))
    return Reading((code, tuple(covered)), notice, original=cell.text)


def _covered(part: str, facts: Facts) -> Reading:
    reading = _finess(part, facts)
    return reading if reading.value in facts.group_finess else read_ej(part, facts)


def _or_blank(reader: Callable[[object, Facts], Reading], cell: Cell, facts: Facts) -> Reading:
    # A lookup that found nothing shows 0: no establishment has this number.
    nothing = cell.kind is CellKind.NUMBER and cell.value == 0
    return Reading(None) if nothing else reader(cell.value, facts)


_READERS: dict[Kind, Callable[[Column, Cell, Facts, int], Reading]] = {
    Kind.TEXT: lambda column, cell, _facts, _epoch: read_text(cell, column.maximum),
    Kind.CODE: lambda _column, cell, _facts, _epoch: read_code(cell),
    Kind.FINESS_EJ: lambda _column, cell, facts, _epoch: _or_blank(read_ej, cell, facts),
    Kind.FINESS_ET: lambda _column, cell, facts, _epoch: _or_blank(read_et, cell, facts),
    Kind.FINESS_PARTY: lambda _column, cell, facts, _epoch: _or_blank(
        read_et if facts.candidate_kind == "eg" else read_ej, cell, facts
    ),
    Kind.SHARED: lambda _column, cell, facts, _epoch: read_shared(cell, facts),
    Kind.CHOICE: lambda column, cell, _facts, _epoch: read_choice(cell, column.choices),
    Kind.YES_NO: lambda _column, cell, _facts, _epoch: read_yes_no(cell),
    Kind.DATE: lambda _column, cell, _facts, epoch: read_date(cell, epoch, planned=False),
    Kind.PLANNED_DATE: lambda _column, cell, _facts, epoch: read_date(cell, epoch, planned=True),
    Kind.NUMBER: lambda column, cell, _facts, _epoch: read_number(cell, column.decimals),
    Kind.YEAR: lambda _column, cell, _facts, _epoch: read_year(cell),
}
