"""Dates as French people and their spreadsheets write them.

The day comes first, unless the caller knows that the file writes the month first (exports of English tools).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

from importers.reading.sheet import Cell, CellKind
from importers.readings import Notice, Reading, ValueFault
from importers.words import fold

FIRST_YEAR, LAST_YEAR = 2015, 2035
FORMS = "Saisissez une date comme 05/12/2026."
PLANNED_FORMS = "Saisissez une date comme 05/12/2026, un mois (03/2027) ou un trimestre (T1 2027)."

_EPOCHS = {1900: date(1899, 12, 30), 1904: date(1904, 1, 1)}
_MONTHS = {
    "janvier": 1, "janv": 1, "jan": 1,
    "fevrier": 2, "fevr": 2, "fev": 2,
    "mars": 3, "mar": 3,
    "avril": 4, "avr": 4,
    "mai": 5,
    "juin": 6,
    "juillet": 7, "juil": 7,
    "aout": 8, "aou": 8,
    "septembre": 9, "sept": 9, "sep": 9,
    "octobre": 10, "oct": 10,
    "novembre": 11, "nov": 11,
    "decembre": 12, "dec": 12,
}  # fmt: skip
_WEEKDAYS = {
    "lundi": 0, "lun": 0, "mardi": 1, "mar": 1, "mercredi": 2, "mer": 2, "jeudi": 3, "jeu": 3,
    "vendredi": 4, "ven": 4, "samedi": 5, "sam": 5, "dimanche": 6, "dim": 6,
}  # fmt: skip
_TIME = r"(?:[ t,]+(?:a )?\d{1,2}(?:[:h]\d{0,2}){1,2}(?:\.\d+)?z?)?"
_NUMERIC = re.compile(r"(\d{1,2}) ?[/.-] ?(\d{1,2}) ?[/.-] ?(\d{4}|\d{2})" + _TIME, re.ASCII)
_NUMERIC_AM_PM = re.compile(_NUMERIC.pattern + r"(?: ?[ap]\.?m\.?)?", re.ASCII)
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})" + _TIME, re.ASCII)
_WORDS = re.compile(
    r"(?:le )?(?:([a-z]{3,})\.?,? )?(?:le )?(\d{1,2})(?:er)?[ -]?([a-z]+)\.?[ -]?(\d{4}|\d{2})" + _TIME, re.ASCII
)
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?", re.ASCII)
_MONTH = re.compile(r"(\d{1,2}) ?[/.-] ?(\d{4})", re.ASCII)
_ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})", re.ASCII)
_MONTH_WORD = re.compile(r"(?:(?:fin|courant|debut|mi)[ -])?([a-z]+)\.?[ /-]?(\d{4}|\d{2})", re.ASCII)
_QUARTER = re.compile(r"(?:t ?([1-4])|([1-4])(?:(?:er|e|eme)? ?trim(?:estre)?\.?| ?t))[ /-]*(\d{4})", re.ASCII)


def read_date(cell: Cell, epoch: int, *, planned: bool, order: str = "dmy") -> Reading:
    """Read the date of a cell; `planned` accepts a month or a quarter as its last day. Raises ValueFault (E-DAT).

    With the order "mdy", dates typed in digits have the month first; real dates, ISO and words are the same.
    """
    if cell.kind is CellKind.DATE:
        year, month, day = (int(part) for part in str(cell.value)[:10].split("-"))
        return Reading(_bounded(date(year, month, day)))
    if cell.kind is CellKind.NUMBER:
        return _serial(float(cell.value), epoch)
    if cell.kind is not CellKind.TEXT:
        raise ValueFault("E-DAT", "Cette cellule ne contient pas une date.", FORMS)
    if order == "mdy" and (match := _NUMERIC_AM_PM.fullmatch(fold(str(cell.value)))):
        month, day, year = (int(part) for part in match.groups())
        return Reading(_date(year, month, day, "Ce fichier est lu le mois d’abord : écrivez la date comme 2026-12-05."))
    return _text(str(cell.value), epoch, planned=planned)


def order_of(texts: Iterable[str]) -> Literal["dmy", "mdy", "unknown", "mixed", "none"]:
    """Tell which comes first in dates typed in digits, the day or the month: a number above 12 is a day.

    "unknown" when every date could be either, "mixed" when some say the one and some the other, "none" without such a date.
    """
    found: set[Literal["dmy", "mdy"]] = set()
    met = False
    for text in texts:
        if match := _NUMERIC_AM_PM.fullmatch(fold(text)):
            met = True
            first, second = int(match.group(1)), int(match.group(2))
            if first <= 12 < second <= 31:
                found.add("mdy")
            elif second <= 12 < first <= 31:
                found.add("dmy")
    if len(found) > 1:
        return "mixed"
    return next(iter(found), "unknown" if met else "none")


def _text(raw: str, epoch: int, *, planned: bool) -> Reading:
    text = fold(raw)
    if match := _NUMERIC.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
        return Reading(_date(year, month, day))
    if match := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
        return Reading(_date(year, month, day))
    if match := _WORDS.fullmatch(text):
        return _in_words(match)
    if _SERIAL.fullmatch(text):
        return _serial(float(text.replace(",", ".")), epoch)
    period = _period(text)
    if period is None:
        raise ValueFault("E-DAT", "Ce texte n’est pas une date.", PLANNED_FORMS if planned else FORMS)
    if not planned:
        raise ValueFault("E-DAT", "Le jour manque : cette colonne demande une date complète.", FORMS)
    return Reading(
        _bounded(period),
        Notice(
            "W-DAT",
            f"Le jour manque : la date prévue est comprise comme le {period:%d/%m/%Y}, fin de la période.",
            "Précisez le jour dès qu’il est connu.",
        ),
    )


def _in_words(match: re.Match[str]) -> Reading:
    weekday, day, month, year = match.groups()
    if month not in _MONTHS or (weekday is not None and weekday not in _WEEKDAYS):
        raise ValueFault("E-DAT", "Ce texte n’est pas une date.", FORMS)
    found = _date(int(year), _MONTHS[month], int(day))
    if weekday is not None and _WEEKDAYS[weekday] != found.weekday():
        notice = Notice("W-DAT", f"Le {found:%d/%m/%Y} n’est pas un {weekday}.", "Vérifiez la date.")
        return Reading(found, notice)
    return Reading(found)


def _date(
    year: int, month: int, day: int, remedy: str = "Saisissez le jour, le mois puis l’année : 05/12/2026."
) -> date:
    year += 2000 if year < 100 else 0
    try:
        return _bounded(date(year, month, day))
    except ValueError:
        reason = f"Le {day:02d}/{month:02d}/{year} n’existe pas"
        if month > 12 >= day:
            reason += " (le mois et le jour semblent inversés)"
        raise ValueFault("E-DAT", f"{reason}.", remedy) from None


def _bounded(found: date) -> date:
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueFault(
            "E-DAT",
            f"L’année {found.year} est hors du domaine attendu ({FIRST_YEAR} à {LAST_YEAR}).",
            "Corrigez l’année.",
        )
    return found


def _serial(number: float, epoch: int) -> Reading:
    if FIRST_YEAR <= number <= LAST_YEAR and number == int(number):
        raise ValueFault("E-DAT", "Le jour et le mois manquent : il n’y a qu’une année.", FORMS)
    if not 0 < number < 100_000:
        raise ValueFault("E-DAT", "Ce nombre n’est pas une date.", FORMS)
    found = _bounded(_EPOCHS[epoch] + timedelta(days=int(number)))
    notice = Notice(
        "W-DAT",
        f"Le nombre {int(number)} est compris comme la date du {found:%d/%m/%Y} (calendrier {epoch} du classeur).",
        "Vérifiez cette date, et mettez la colonne au format Date.",
    )
    return Reading(found, notice)


def _period(text: str) -> date | None:
    """Return the last day of a month or of a quarter."""
    if match := _QUARTER.fullmatch(text):
        quarter = int(match.group(1) or match.group(2))
        return _last_day(int(match.group(3)), quarter * 3)
    if match := _MONTH.fullmatch(text):
        month, year = (int(part) for part in match.groups())
        return _last_day(year, month) if 1 <= month <= 12 else None
    if match := _ISO_MONTH.fullmatch(text):
        year, month = (int(part) for part in match.groups())
        return _last_day(year, month) if 1 <= month <= 12 else None
    if (match := _MONTH_WORD.fullmatch(text)) and match.group(1) in _MONTHS:
        year = int(match.group(2))
        return _last_day(year + 2000 if year < 100 else year, _MONTHS[match.group(1)])
    return None


def _last_day(year: int, month: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        year_found = date(max(1, year), 1, 1)
        return _bounded(year_found)
    return date(year, month, calendar.monthrange(year, month)[1])
