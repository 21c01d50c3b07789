"""Numbers, amounts, shares and years as French people and their spreadsheets write them. Nothing passes by a float."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from importers.base import Column
from importers.cells.dates import FIRST_YEAR, LAST_YEAR
from importers.reading.sheet import Cell, CellKind
from importers.readings import Notice, Reading, ValueFault
from importers.words import fold

_AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[,.]\d{3}")
_DECIMAL = re.compile(r"[+-]?(?:\d{1,20}\.?\d{0,20}|\.\d{1,20})(?:e[+-]?\d{1,2})?", re.ASCII)
_RAISED = re.compile("[\u00b2\u00b3\u00b9\u2070-\u2089]")  # the mark of a note: folded, it would be one digit more
_SPREADSHEET_DIGITS = 15  # what a spreadsheet keeps of a number
_FORM = "Saisissez un nombre seul, comme 1 234,50."


def read_number(column: Column, cell: Cell) -> Reading:
    """Read a decimal number, rounded to the decimals of its column with a notice. Raises ValueFault (E-NUM)."""
    reading = _rounded(number_in(cell), column.decimals)
    within(column, Decimal(str(reading.value)), french)
    return reading


def read_integer(column: Column, cell: Cell) -> Reading:
    """Read a whole number; a fraction is refused, never cut. Raises ValueFault (E-NUM)."""
    number = number_in(cell)
    if number != int(number):
        raise ValueFault("E-NUM", "Ce nombre n’est pas entier.", "Saisissez un nombre sans décimale, comme 12.")
    within(column, number, french)
    return Reading(int(number))


def read_money(column: Column, cell: Cell) -> Reading:
    """Read an amount in euros; the value is in cents. An amount finer than a cent is rounded with a notice.

    Raises ValueFault (E-NUM).
    """
    reading = _rounded(number_in(cell), 2)
    cents = int(Decimal(str(reading.value)).scaleb(2))
    within(column, cents, lambda bound: f"{french(Decimal(bound).scaleb(-2))} €")
    return Reading(cents, reading.notice)


def read_percent(column: Column, cell: Cell) -> Reading:
    """Read a share from 0 to 100, exact. A spreadsheet keeps « 12 % » as 0.12. Raises ValueFault (E-NUM)."""
    share, notice = number_in(cell, grouped=False), None
    if cell.kind is CellKind.NUMBER and 0 < share <= 1:
        if share == 1:
            notice = Notice("W-NUM", "Le nombre 1 est compris comme 100 %.", "Pour un pour cent, écrivez « 1 % ».")
        share *= 100
    within(column, share, lambda bound: f"{french(bound)} %", low=0, high=100)
    return Reading(share, notice)


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


def french(number: Decimal | int) -> str:
    """Write a number with a decimal comma, without the zeros that say nothing."""
    text = f"{Decimal(number):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def within(
    column: Column,
    value: Decimal | int,
    shown: Callable[[Decimal | int], str],
    *,
    low: int | None = None,
    high: int | None = None,
) -> None:
    """Refuse a value outside the bounds of its column, or outside `low` and `high` when it sets none (E-NUM)."""
    least = low if column.low is None else column.low
    most = high if column.high is None else column.high
    if least is not None and most is not None:
        inside, bounds = least <= value <= most, f"de {shown(least)} à {shown(most)}"
    elif least is not None:
        inside, bounds = value >= least, f"d’au moins {shown(least)}"
    elif most is not None:
        inside, bounds = value <= most, f"d’au plus {shown(most)}"
    else:
        return
    if not inside:
        raise ValueFault("E-NUM", "Cette valeur est hors des bornes admises.", f"Saisissez une valeur {bounds}.")


def number_in(cell: Cell, *, grouped: bool = True) -> Decimal:
    """Return the exact number that a cell holds; not `grouped`: a comma or a point never separates thousands.

    Raises ValueFault (E-NUM).
    """
    if cell.kind is CellKind.NUMBER:
        number = exact(cell.value)
    elif cell.kind is CellKind.TEXT:
        number = _number(str(cell.value), grouped=grouped)
    else:
        raise ValueFault("E-NUM", "Cette cellule ne contient pas un nombre.", "Saisissez un nombre, comme 1 234,50.")
    if abs(number) >= Decimal(10) ** 12:
        raise ValueFault("E-NUM", "Ce nombre est démesuré.", "Vérifiez la valeur.")
    return number


def exact(value: object) -> Decimal:
    """Return the number of a cell as the spreadsheet shows it: 0.1 + 0.2 is 0.3."""
    return Decimal(f"{value:.{_SPREADSHEET_DIGITS}g}") if isinstance(value, float) else Decimal(int(str(value)))


def _rounded(number: Decimal, decimals: int) -> Reading:
    rounded = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if rounded == number:
        return Reading(rounded)
    shown = f"{rounded:f}".replace(".", ",")
    return Reading(rounded, Notice("W-NUM", f"Nombre arrondi à {shown}.", f"{decimals} décimales sont conservées."))


def _number(raw: str, *, grouped: bool) -> Decimal:
    text = re.sub(r"[\s']|€|%|eur(?:os?)?$", "", fold(raw))
    negative = re.fullmatch(r"\((.+)\)", text)
    text = negative.group(1) if negative else text
    if grouped:
        text = _without_thousands(text)
    text = text.replace(",", ".")
    if not _DECIMAL.fullmatch(text) or _RAISED.search(raw):
        raise ValueFault("E-NUM", "Ce texte n’est pas un nombre.", _FORM)
    number = Decimal(text)
    return -number if negative else number


def _without_thousands(text: str) -> str:
    if _AMBIGUOUS.fullmatch(text.lstrip("-+")):
        raise ValueFault(
            "E-NUM",
            "Ce nombre peut se lire de deux façons (milliers ou décimales).",
            f"Écrivez {re.sub('[,.]', ' ', text)} ou {re.sub('[,.]', ',', text)}0.",
        )
    for thousands, decimal in ((".", ","), (",", ".")):
        pattern = rf"[+-]?[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+(?:{re.escape(decimal)}\d+)?"
        if re.fullmatch(pattern, text):
            text = text.replace(thousands, "")
    return text
