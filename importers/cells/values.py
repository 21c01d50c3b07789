"""The normalisation table (workbooks.md, 3.0): from a cell as typed to a value of its column's kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from importers.base import Column, Kind
from importers.cells import durations, identifiers, quantities, texts
from importers.cells.dates import read_date
from importers.facts import Facts
from importers.reading.sheet import Cell, CellKind
from importers.readings import Notice, Reading, ValueFault
from importers.words import fold, is_blank, pieces, unquoted
from tenants.finess import FinessError, normalise

UNKNOWN = (
    "Ce numéro FINESS ne désigne aucun établissement que vous pouvez renseigner.",
    "Vérifiez le numéro ; s’il est juste, cet établissement relève d’un autre périmètre que le vôtre.",
)
_FINESS_LENGTH = 60  # characters, prefix and spaces included
_GROUP_WORDS = ("ght", "leght")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A cell that holds something, and all that its reading may use."""

    column: Column
    cell: Cell
    facts: Facts
    epoch: int
    header: str
    order: str


def read_value(
    column: Column, cell: Cell | None, facts: Facts, epoch: int = 1900, header: str = "", order: str = "dmy"
) -> Reading:
    """Read one cell of a column. A blank one gives None. Raises ValueFault.

    `epoch` is the calendar of the workbook, `header` the title of the column as the file writes it (it may hold a
    unit), `order` what comes first in the dates of this file, "dmy" or "mdy".
    """
    if cell is not None and cell.kind is CellKind.TEXT and str(cell.value).startswith("'"):
        cell = replace(cell, value=unquoted(str(cell.value)))
    if cell is None or (cell.kind is CellKind.TEXT and is_blank(str(cell.value))):
        return Reading(None)
    _refuse_what_holds_no_value(column, cell)
    return _READERS[column.kind][1](_Asked(column, cell, facts, epoch, header, order))


def _refuse_what_holds_no_value(column: Column, cell: Cell) -> None:
    code = _READERS[column.kind][0]
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
    parts = pieces(cell.text, r"[;\n]")
    if cell.kind is CellKind.BOOLEAN or not parts or (len(parts) == 1 and fold(parts[0]) in texts.YES | texts.NO):
        if cell.value is False or fold(cell.text) in texts.NO:
            return Reading(None)
        raise ValueFault(
            "E-LST",
            "Le code du SI mutualisé manque.",
            "Saisissez Non, ou le code du SI puis les FINESS des EJ couverts : SIH-01; 760780023; 760780031.",
        )
    code = str(identifiers.read_code(Cell(cell.row, cell.column, CellKind.TEXT, parts[0])).value)
    covered: list[str] = []
    notice = None
    for part in parts[1:]:
        reading = _covered(part, facts)
        notice = notice or reading.notice
        if reading.value not in covered:
            covered.append(str(reading.value))
    return Reading((code, tuple(covered)), notice, original=cell.text)


def read_list(cell: Cell, facts: Facts) -> Reading:
    """Read several EJ, each once, in the order typed: one at least that the uploader may write (E-FIN)."""
    if cell.kind is not CellKind.TEXT:
        reading = _or_blank(read_ej, cell, facts)
        return reading if reading.value is None else Reading((reading.value,), reading.notice)
    readings = [_covered(part, facts) for part in pieces(cell.text, r"[;/\n]|,(?!0+\b)")]
    numbers = tuple(dict.fromkeys(str(reading.value) for reading in readings))
    if not any(number in facts.scope_finess for number in numbers):
        raise ValueFault("E-FIN", *UNKNOWN)
    return Reading(numbers, next((reading.notice for reading in readings if reading.notice), None))


def _covered(part: str, facts: Facts) -> Reading:
    reading = _finess(part, facts)
    return reading if reading.value in facts.group_finess else read_ej(part, facts)


def read_holder(raw: object, facts: Facts) -> Reading:
    """Read who holds something: an EJ, or the GHT by its code or the word GHT. Raises ValueFault (E-FIN)."""
    word = _squeezed(raw) if isinstance(raw, str) else ""
    if facts.group_code and word in (_squeezed(facts.group_code), *_GROUP_WORDS):
        return Reading(facts.group_code)
    if not word.startswith(_GROUP_WORDS):
        return read_ej(raw, facts)
    if facts.group_code:
        raise ValueFault(
            "E-FIN",
            "Ce code n’est pas celui de votre GHT.",
            f"Saisissez {facts.group_code}, ou le FINESS EJ de l’établissement.",
        )
    raise ValueFault(
        "E-FIN",
        "Cette ligne est tenue par le GHT : un établissement ne l’écrit pas.",
        "Saisissez votre FINESS EJ, ou laissez le GHT déposer cette ligne.",
    )


def _squeezed(text: str) -> str:
    return re.sub(r"[ -]", "", fold(text))


def _or_blank(reader: Callable[[object, Facts], Reading], cell: Cell, facts: Facts) -> Reading:
    # A lookup that found nothing shows 0: no establishment has this number.
    nothing = cell.kind is CellKind.NUMBER and cell.value == 0
    return Reading(None) if nothing else reader(cell.value, facts)


# For each kind, the code of a cell that holds nothing to read, and the reader.
_READERS: dict[Kind, tuple[str, Callable[[_Asked], Reading]]] = {
    Kind.TEXT: ("E-TXT", lambda it: texts.read_text(it.cell, it.column.maximum)),
    Kind.TEXTS: ("E-TXT", lambda it: texts.read_texts(it.cell, it.column.maximum)),
    Kind.NAME: ("E-TXT", lambda it: texts.read_name(it.cell, it.column.maximum)),
    Kind.CHOICE: ("E-LST", lambda it: texts.read_choice(it.cell, it.column.choices)),
    Kind.YES_NO: ("E-LST", lambda it: texts.read_yes_no(it.cell)),
    Kind.CODE: ("E-TXT", lambda it: identifiers.read_code(it.cell)),
    Kind.CODES: ("E-TXT", lambda it: identifiers.read_codes(it.cell)),
    Kind.FILE: ("E-TXT", lambda it: identifiers.read_file_name(it.cell)),
    Kind.PHONE: ("E-TXT", lambda it: identifiers.read_phone(it.cell)),
    Kind.SIRET: ("E-NUM", lambda it: identifiers.read_siret(it.cell)),
    Kind.OBJECTIVE: ("E-REF", lambda it: identifiers.read_objective(it.cell, it.facts)),
    Kind.OBJECTIVES: ("E-REF", lambda it: identifiers.read_objectives(it.cell, it.facts)),
    Kind.FINESS_EJ: ("E-FIN", lambda it: _or_blank(read_ej, it.cell, it.facts)),
    Kind.FINESS_ET: ("E-FIN", lambda it: _or_blank(read_et, it.cell, it.facts)),
    Kind.FINESS_PARTY: (
        "E-FIN",
        lambda it: _or_blank(read_et if it.facts.candidate_kind == "eg" else read_ej, it.cell, it.facts),
    ),
    Kind.FINESS_LIST: ("E-FIN", lambda it: read_list(it.cell, it.facts)),
    Kind.HOLDER: ("E-FIN", lambda it: _or_blank(read_holder, it.cell, it.facts)),
    Kind.SHARED: ("E-LST", lambda it: read_shared(it.cell, it.facts)),
    Kind.DATE: ("E-DAT", lambda it: read_date(it.cell, it.epoch, planned=False, order=it.order)),
    Kind.PLANNED_DATE: ("E-DAT", lambda it: read_date(it.cell, it.epoch, planned=True, order=it.order)),
    Kind.TIME: ("E-DAT", lambda it: durations.read_time(it.cell)),
    Kind.DURATION: ("E-NUM", lambda it: durations.read_duration(it.column, it.cell, it.header, it.epoch)),
    Kind.NUMBER: ("E-NUM", lambda it: quantities.read_number(it.column, it.cell)),
    Kind.INTEGER: ("E-NUM", lambda it: quantities.read_integer(it.column, it.cell)),
    Kind.MONEY: ("E-NUM", lambda it: quantities.read_money(it.column, it.cell)),
    Kind.PERCENT: ("E-NUM", lambda it: quantities.read_percent(it.column, it.cell)),
    Kind.YEAR: ("E-NUM", lambda it: quantities.read_year(it.cell)),
}
