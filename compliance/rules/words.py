"""Numbers, lists and dates as French people read them. Ordinary spaces: the output edge makes them unbreakable."""

from __future__ import annotations

import unicodedata
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

_PLURAL_FROM = 2
_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def listing(items: Sequence[str]) -> str:
    """Join names: « A », « A et B », « A, B et C »."""
    if not items[1:]:
        return "".join(items)
    return f"{', '.join(items[:-1])} et {items[-1]}"


_NAMED = 3  # things named in a sentence; more are counted


def few(names: Sequence[str]) -> str:
    """Join names, the first three and how many more: « A, B, C et 4 autres »."""
    if len(names) <= _NAMED:
        return listing(names)
    more = len(names) - _NAMED
    return f"{', '.join(names[:_NAMED])} et {more} {plural(more, 'autre', 'autres')}"


def unaccented(text: str) -> str:
    """Return a text without accents or capitals, to compare it as people do."""
    return "".join(each for each in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(each))


def grouped(value: Decimal | int) -> str:
    """Write a number with its thousands apart and a decimal comma: « 34 200,5 »."""
    return f"{Decimal(value):,f}".replace(",", " ").replace(".", ",")  # « f » gives six decimals to an int


def size(octets: int) -> str:
    """Write a size in units of 1024: « 310 Ko », « 1,2 Mo »."""
    value, unit = Decimal(octets), ""
    for larger in ("Ko", "Mo", "Go"):
        if value < 1000:
            break
        value, unit = value / 1024, larger
    shown = value.quantize(Decimal("0.1") if value < 10 and unit else Decimal(1), ROUND_HALF_UP)
    return f"{trimmed(shown)} {unit or plural(octets, 'octet', 'octets')}"


def lower_first(label: str) -> str:
    """Write a label inside a sentence; an acronym keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def plural(number: Decimal | int, singular: str, several: str) -> str:
    """Choose the form: French takes the plural from 2 on (1,9 point, 2 points)."""
    return several if abs(Decimal(number)) >= _PLURAL_FROM else singular


def number(value: Decimal | int) -> str:
    """Write a number with a decimal comma, as many decimals as it carries."""
    return f"{Decimal(value):f}".replace(".", ",")


def trimmed(value: Decimal) -> str:
    """Write a threshold: 66.00 reads « 66 », 66.50 reads « 66,5 »."""
    text = f"{value:f}"
    return number(Decimal(text.rstrip("0").rstrip(".") if "." in text else text))


def shown_percent(share: Decimal, threshold: Decimal | None = None) -> Decimal:
    """Round a share (0 to 1) to a percentage fit to be shown, one decimal or as many as the threshold has.

    Ordinary rounding, except when it would show a share below the threshold as having reached it: 65.97 % under
    a bar of 66 % is shown 65.9, never 66.0.
    """
    exponent = threshold.normalize().as_tuple().exponent if threshold is not None else 0
    step = Decimal(1).scaleb(min(-1, int(exponent)))
    percent = Context(prec=100).multiply(share, Decimal(100))  # the usual 28 digits would round up to the bar
    shown = percent.quantize(step, ROUND_HALF_UP)
    if threshold is not None and percent < threshold <= shown:
        return percent.quantize(step, ROUND_FLOOR)
    return shown


def percent(share: Decimal, threshold: Decimal | None = None) -> str:
    """Write a share (0 to 1) as « 58,4 % »; see `shown_percent` for the rounding."""
    return f"{number(shown_percent(share, threshold))} %"


_HOUR, _DAY, _WEEK = 60, 24 * 60, 7 * 24 * 60  # in minutes


def duration(minutes: int) -> str:
    """Write a length of time as people say it: « 20 min », « 4 h 30 », « 3 jours », « 2 semaines »."""
    if minutes and minutes % _WEEK == 0:
        return f"{minutes // _WEEK} {plural(minutes // _WEEK, 'semaine', 'semaines')}"
    if minutes and minutes % _DAY == 0:
        return f"{minutes // _DAY} {plural(minutes // _DAY, 'jour', 'jours')}"
    hours, rest = divmod(minutes, _HOUR)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"


def short_date(day: date) -> str:
    """Write a date for a table or the middle of a sentence: 30/11/2026."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def long_date(day: date) -> str:
    """Write a date as people say it: « lundi 30 novembre 2026 », « mardi 1er décembre 2026 »."""
    ordinal = "1er" if day.day == 1 else str(day.day)
    return f"{_WEEKDAYS[day.weekday()]} {ordinal} {_MONTHS[day.month - 1]} {day.year}"


def signed(name: str, deed: str) -> str:
    """Say who signed, and by which deed in the signatory's place: « par X, par délégation (Décision 2026-14) »; either may be ""."""
    return ", ".join([f"par {name}"] * bool(name) + [f"par délégation ({deed})"] * bool(deed))
