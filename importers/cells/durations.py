"""Durations and times of day as French people and their spreadsheets write them.

A duration is kept in minutes. The unit said by the title of the column wins over the one of the cell; without any, a
bare number is in hours (workbooks.md, 3.0).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache

from importers.base import Column
from importers.cells.quantities import exact, within
from importers.reading.sheet import Cell, CellKind
from importers.readings import Notice, Reading, ValueFault
from importers.words import fold

_HOUR, _DAY, _WEEK = 60, 24 * 60, 7 * 24 * 60
_MONTH = 30 * _DAY  # no month is as long as another: told each time it is understood so
_LONGEST = 10 * 366 * _DAY  # ten years
_REMEDY = "Saisissez une durée comme 4 h, 30 min, 4 h 30, 3 j ou 1 semaine."
_MINUTES = {
    "s": Fraction(1, 60), "min": Fraction(1), "h": Fraction(_HOUR), "j": Fraction(_DAY), "sem": Fraction(_WEEK),
    "mois": Fraction(_MONTH),
}  # fmt: skip
_NAMES = {"s": "secondes", "min": "minutes", "h": "heures", "j": "jours", "sem": "semaines", "mois": "mois"}
_SPELLINGS = {
    "s": "s|sec|secondes?|seconds?",
    "min": "min|mins|mn|minutes?",
    "h": "h|hr|hrs|heures?|hours?",
    "j": "j|jr|jrs|jours?|days?",
    "sem": "sem|semaines?|weeks?",
    "mois": "mois|months?",
}
_UNIT = "|".join(_SPELLINGS.values())
_UNITS = {name: re.compile(spellings) for name, spellings in _SPELLINGS.items()}
_AMOUNT = r"[0-9]{1,7}(?:[.,][0-9]{1,6})?"
_SIMPLE = re.compile(rf"({_AMOUNT}|(?:[13]/4|1/2|[12]/3)(?= ?[a-z])|une?(?= )) ?({_UNIT})?\.?")
_RANGE = re.compile(rf"(?:de )?({_AMOUNT}) ?({_UNIT})? ?(?:-|a) ?({_AMOUNT}) ?({_UNIT})?\.?")
_COMPOUND = re.compile(
    r"(?:([0-9]{1,3}) ?(?:j|jours?) ?(?:et )?)?(?:([0-9]{1,5}) ?(?:h|heures?) ?(?:et )?)?"
    r"(?:([0-5]?[0-9]) ?(?:min|mn|minutes?|(?<=[0-9]{2})))?"
)
_CLOCK = re.compile(r"(?:(-?[0-9]{1,5}) days?, )?([0-9]{1,5}):([0-5][0-9])(?::([0-5][0-9])(?:\.[0-9]+)?)?")
_PLUS = re.compile(r"([hj]) ?\+ ?([0-9]{1,4})")
_HALF_DAYS = re.compile(r"(?:([0-9]{1,3}|une) )?demi[ -]?journees?|(?:1/2|0[,.]50?) ?journees?")
_AT_MOST = re.compile(r"(?:<=?|≤|~|moins de|au plus|environ|env\.?|maxi?(?:mum)?\.?) ?(.+)|(.+?) ?(?:maxi?(?:mum)?\.?)")
_WORDS = {"immediat": 0, "immediate": 0, "immediatement": 0, "sans delai": 0, "demi-heure": 30, "une demi-heure": 30}
_RHYTHMS = {
    "toutes les heures": _HOUR, "chaque heure": _HOUR,
    "quotidien": _DAY, "quotidienne": _DAY, "quotidiennement": _DAY, "journalier": _DAY, "journaliere": _DAY,
    "tous les jours": _DAY, "chaque jour": _DAY, "1 fois par jour": _DAY,
    "hebdomadaire": _WEEK, "hebdo": _WEEK, "toutes les semaines": _WEEK, "chaque semaine": _WEEK,
}  # fmt: skip
_TIME = re.compile(
    r"([01]?[0-9]|2[0-3]) ?(?:(?:h|heures?) ?([0-5][0-9])?(?: ?min)?|: ?([0-5][0-9])(?::[0-5][0-9](?:\.[0-9]+)?)?)"
)


@dataclass(frozen=True)
class _Found:
    """What a cell says: minutes, the units it is written in, and what the user should know."""

    minutes: Fraction
    units: tuple[str, ...] = ()  # of a form that holds its own: « 4h30 »; a single unit is settled before
    notice: Notice | None = None


# ---------------------------------------------------------------------------------------------------------- durations


_LONGEST_TEXT = 60  # characters: no duration is longer
_BARE = re.compile(r"[\s\d.,]*")


def read_duration(column: Column, cell: Cell, header: str = "", epoch: int = 1900) -> Reading:
    """Read a duration, in minutes; `header` is the title of the column in the file. Raises ValueFault (E-NUM)."""
    # The title of the file says the unit of the whole column; ours says that of a bare number only.
    bare = cell.kind is not CellKind.TEXT or _BARE.fullmatch(str(cell.value)) is not None
    unit = unit_of(header) or (unit_of(column.label) if bare else None)
    found = _found(cell, unit, epoch)
    minutes = int(found.minutes + Fraction(1, 2))
    if minutes > _LONGEST:
        raise ValueFault("E-NUM", "Cette durée est démesurée.", "Vérifiez la valeur et son unité.")
    within(column, minutes, lambda bound: show_duration(int(bound)))
    notice = found.notice
    if notice is None and abs(found.minutes - minutes) > Fraction(1, 1000):
        notice = _notice(f"Durée arrondie à la minute : {show_duration(minutes)}.", "Les secondes ne sont pas gardées.")
    return Reading(minutes, notice, original=cell.text)


def show_duration(minutes: int, unit: str | None = None) -> str:
    """Write a duration as people do: « 30 min », « 4 h », « 4 h 30 », « 3 j » for whole days.

    With the unit of a column, the text is one that this column reads as the same duration.
    """
    if unit in ("min", "sem") and minutes % _MINUTES[unit] == 0:
        return f"{minutes // int(_MINUTES[unit])} {unit}"
    hours, rest = divmod(minutes, _HOUR)
    if unit in (None, "j") and minutes % _DAY == 0 and (minutes or unit):
        return f"{minutes // _DAY} j"
    if unit is None and not hours:
        return f"{rest} min"
    return f"{hours} h" if not rest and unit in (None, "h") else f"{hours} h {rest:02d}"


@lru_cache(maxsize=1024)
def unit_of(header: str) -> str | None:
    """Return the unit that the title of a column says: « DIMA (jours) », « RTO en min », « Nb de jours »."""
    text = fold(header).replace("_", " ")
    words = [word for inside in re.findall(r"[(\[]([^)\]]*)", text) for word in _units_in(inside)]
    words += re.findall(rf"\ben (?:nombre de |nb de )?({_UNIT})\b", text)
    words += re.findall(rf"\b(?:nombre |nb |nbre )(?:de |d')?({_UNIT})\b", text)
    words += re.findall(r"(?<!\bpar )(?<!\bde )(?<![0-9] )(?<!\ba )\b(heures|jours|minutes|semaines|h|j)$", text)
    units = {_unit(word) for word in words}
    return units.pop() if len(units) == 1 else None


def _units_in(text: str) -> list[str]:
    return re.findall(rf"(?<![0-9] )(?<![0-9/])(?<!\bpar )(?<!\ba )\b({_UNIT})\b", text)


def _unit(word: str) -> str:
    return next(name for name, pattern in _UNITS.items() if pattern.fullmatch(word))


def _found(cell: Cell, unit: str | None, epoch: int) -> _Found:
    if cell.kind is CellKind.NUMBER:
        return _number(Fraction(exact(cell.value)), unit)
    if cell.kind is CellKind.DATE:
        return _checked(_from_date(str(cell.value), epoch), unit)
    if cell.kind not in (CellKind.TEXT, CellKind.TIME):
        raise _not_a_duration()
    if len(str(cell.value)) > _LONGEST_TEXT:
        raise _not_a_duration()
    text = fold(str(cell.value)).replace("⁄", "/").rstrip(".")
    return _checked(_text(text, unit), unit)


def _number(number: Fraction, unit: str | None) -> _Found:
    if number < 0:
        raise _not_a_duration()
    if unit is None and 0 < number < 1:
        found = number * _DAY
        shown = show_duration(int(found + Fraction(1, 2)))
        reason = f"Ce nombre est compris comme une heure du tableur : {shown}."
        return _Found(found, notice=_notice(reason, "Si ce n’est pas cela, écrivez la durée avec son unité."))
    return _Found(number * _MINUTES[unit or "h"])


def _from_date(iso: str, epoch: int) -> _Found:
    """Undo what a spreadsheet does to a duration of more than a day: the second day of its calendar."""
    moment = datetime.fromisoformat(iso)
    origin = date(1899, 12, 31) if epoch == 1900 else date(1904, 1, 1)
    days = (moment.date() - origin).days
    if not 0 <= days <= 31:
        raise ValueFault(
            "E-NUM",
            f"Le tableur a transformé cette durée en date ({moment:%d/%m/%Y}).",
            "Mettez la colonne au format Texte, puis saisissez de nouveau la durée.",
        )
    return _Found(Fraction(days * _DAY + moment.hour * _HOUR + moment.minute) + Fraction(moment.second, 60), ("h", "j"))


def _text(text: str, unit: str | None) -> _Found:
    if text in _WORDS:
        return _Found(Fraction(_WORDS[text]))
    if text in _RHYTHMS:
        return _Found(Fraction(_RHYTHMS[text]), notice=_understood(_RHYTHMS[text]))
    if text.startswith("toutes les "):
        return _text(text.removeprefix("toutes les "), unit)
    for reader in (_clock, _plus, _half_days, _compound):
        if found := reader(text):
            return found
    if match := _SIMPLE.fullmatch(text):
        return _simple(match.group(1), match.group(2), unit)
    if match := _RANGE.fullmatch(text):
        first, last = match.group(2) or match.group(4), match.group(4) or match.group(2)
        ends = (_simple(match.group(1), first, unit), _simple(match.group(3), last, unit))
        shorter = min(each.minutes for each in ends)
        reason = f"Une fourchette : la plus courte durée est gardée, {show_duration(int(shorter))}."
        return _Found(shorter, notice=_notice(reason, "Saisissez une seule durée."))
    if match := _AT_MOST.fullmatch(text):
        found = _text(match.group(1) or match.group(2), unit)
        return _Found(found.minutes, found.units, found.notice or _understood(int(found.minutes)))
    raise _not_a_duration()


def _simple(amount: str, own: str | None, unit: str | None) -> _Found:
    number = Fraction(1) if amount.startswith("un") else Fraction(amount.replace(",", "."))
    said = _unit(own) if own else None
    minutes = number * _MINUTES[unit or said or "h"]
    if unit and said and unit != said:
        return _Found(minutes, notice=_other_unit(unit, minutes))
    return _Found(minutes, notice=_understood(int(minutes)) if (unit or said) == "mois" else None)


def _clock(text: str) -> _Found | None:
    """« 04:30 », « 02:35:10 », and « 1 day, 2:00:00 » of a spreadsheet."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    if days < 0:
        raise _not_a_duration()
    return _Found(Fraction(days * _DAY + hours * _HOUR + minutes) + Fraction(seconds, 60), ("h",))


def _plus(text: str) -> _Found | None:
    """« J+1 », « H+4 »."""
    match = _PLUS.fullmatch(text)
    return _Found(int(match.group(2)) * _MINUTES[match.group(1)], (match.group(1),)) if match else None


def _half_days(text: str) -> _Found | None:
    """« 1/2 journée » is a half of a working day; « 0,5 j » is twelve hours and is not read here."""
    match = _HALF_DAYS.fullmatch(text)
    count = match and (match.group(1) or "1").replace("une", "1")
    return _Found(Fraction(int(count) * 4 * _HOUR), ("h", "j")) if count else None


def _compound(text: str) -> _Found | None:
    """« 4h30 », « 1 j 12 h », « 1 h 30 min »: more than one unit."""
    match = _COMPOUND.fullmatch(text)
    if match is None or sum(part is not None for part in match.groups()) < 2 or match.group(2) is None:
        return None
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return _Found(Fraction(days * _DAY + hours * _HOUR + minutes), ("h", "j") if days else ("h",))


def _checked(found: _Found, unit: str | None) -> _Found:
    """Tell when a form that holds its own units is in a column of another unit: it is read as it says."""
    if unit is None or not found.units or unit in found.units or found.notice:
        return found
    return _Found(found.minutes, found.units, _other_unit(unit, found.minutes))


def _other_unit(unit: str, minutes: Fraction) -> Notice:
    shown = show_duration(int(minutes + Fraction(1, 2)))
    reason = f"La colonne est en {_NAMES[unit]} et la cellule dit autre chose : elle est comprise comme {shown}."
    return _notice(reason, "Si ce n’est pas cela, corrigez le titre de la colonne ou la valeur.")


def _understood(minutes: int) -> Notice:
    return _notice(f"Cette durée est comprise comme {show_duration(minutes)}.", "Si ce n’est pas cela, corrigez-la.")


def _notice(reason: str, remedy: str) -> Notice:
    return Notice("W-DUR", reason, remedy)


def _not_a_duration() -> ValueFault:
    return ValueFault("E-NUM", "Cette cellule ne contient pas une durée.", _REMEDY)


# -------------------------------------------------------------------------------------------------------- times of day


def read_time(cell: Cell) -> Reading:
    """Read a time of day, « 09:30 ». Raises ValueFault (E-DAT)."""
    if cell.kind is CellKind.NUMBER and 0 < float(cell.value) < 1:
        minutes = int(Fraction(exact(cell.value)) * _DAY + Fraction(1, 2)) % _DAY
        return Reading(f"{minutes // _HOUR:02d}:{minutes % _HOUR:02d}")
    match = _TIME.fullmatch(fold(cell.text)) if cell.kind in (CellKind.TEXT, CellKind.TIME) else None
    if match is None:
        raise ValueFault("E-DAT", "Cette cellule ne contient pas une heure.", "Saisissez une heure comme 09:30 ou 9 h.")
    return Reading(f"{int(match.group(1)):02d}:{match.group(2) or match.group(3) or '00'}")
