"""French typography at the output edge: no-break spaces, dates, numbers.

Everywhere else a sentence is written with plain spaces; :func:`typo` is applied once, by the base template.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from markupsafe import Markup

from tenants.typography import NBSP
from tenants.typography import typo as sentence

THIN_NBSP = "\u202f"
PARIS = "Europe/Paris"
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()  # noqa: SIM905
)

_TAG = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)
_VERBATIM = frozenset({"code", "pre", "textarea", "script", "style", "kbd", "samp"})


def typo(value: object) -> str:
    """Put French no-break spaces and real apostrophes into a sentence.

    A ``Markup`` stays one: only its text is changed, never a tag, an attribute, or what stands in code, pre,
    textarea, script or style. A plain string stays plain, so that autoescape still protects the page.
    """
    if value is None:
        return ""
    if hasattr(value, "__html__"):
        return Markup(_markup(str(value)))  # noqa: S704 - it was Markup, and only spaces and apostrophes changed
    return sentence(str(value))


def _markup(html: str) -> str:
    parts = _TAG.split(html)
    verbatim = ""
    for i, part in enumerate(parts):
        if i % 2 == 0:
            if not verbatim:
                parts[i] = sentence(part)
            continue
        name = re.match(r"</?([a-zA-Z0-9]+)", part)
        if name is None:
            continue
        element = name[1].lower()
        if verbatim:
            verbatim = "" if part.startswith("</") and element == verbatim else verbatim
        elif element in _VERBATIM and not part.startswith("</"):
            verbatim = element
    return "".join(parts)


def _as_date(value: date | str) -> date:
    """Return a date from a date or an ISO text; an instant with a zone is read in Paris time (rule of the programme)."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if len(value) > len("2026-11-30") else date.fromisoformat(value)
    if isinstance(value, datetime):
        return _in_paris(value).date()
    return value


def _in_paris(value: datetime) -> datetime:
    return value.astimezone(ZoneInfo(PARIS)) if value.tzinfo else value


def date_fr(value: date | str | None, empty: str = "") -> str:
    """30/11/2026; ``empty`` when there is no date."""
    return f"{_as_date(value):%d/%m/%Y}" if value else empty


def long_date(value: date | str | None, empty: str = "") -> str:
    """Lundi 30 novembre 2026 (without the capital); the first of a month is « 1er »."""
    if not value:
        return empty
    day = _as_date(value)
    number = "1er" if day.day == 1 else str(day.day)
    return f"{DAYS[day.weekday()]} {number} {MONTHS[day.month - 1]} {day.year}"


def datetime_fr(value: datetime | str | None, empty: str = "") -> str:
    """22/11/2026 à 09:40, in Paris time for everybody (overseas included: rule of the programme)."""
    if not value:
        return empty
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{_in_paris(moment):%d/%m/%Y à %H:%M}"


def _french(value: Decimal) -> str:
    """Group thousands with the thin no-break space, comma before decimals."""
    return f"{value:,f}".replace(",", THIN_NBSP).replace(".", ",")


def _rounded(value: Decimal, rounding: str, decimals: int = 1) -> Decimal:
    """Round at ``decimals``; what is not zero never becomes zero, decimals are added instead."""
    step = Decimal(1).scaleb(-decimals)
    result = value.quantize(step, rounding)
    while value and not result:
        step /= 10
        result = value.quantize(step, rounding)
    return result


def percent(fraction: Decimal | str | None, threshold: Decimal | str | int | None = 66, empty: str = "") -> str:
    """Show a fraction (0..1) as « 58,4 % », half up at one decimal.

    A share under the ``threshold`` (in percent) is never shown as having reached it, nor one under 100 % as 100 %:
    65,96 % reads 65,9 %. More decimals are shown when one would read 0,0 %.
    """
    if fraction is None or fraction == "":
        return empty
    value = Decimal(fraction) * 100
    shown = _rounded(value, ROUND_HALF_UP)
    bars = [Decimal(100)] if threshold is None else [Decimal(threshold), Decimal(100)]
    if any(value < bar <= shown for bar in bars):
        decimals = 1
        shown = value.quantize(Decimal("0.1"), ROUND_DOWN)
        while not shown and value:
            decimals += 1
            shown = value.quantize(Decimal(1).scaleb(-decimals), ROUND_DOWN)
    return f"{_french(shown)}{NBSP}%"


def points(fraction: Decimal | str | None, empty: str = "") -> str:
    """Show a gap between two shares (0..1) as « 7,6 points »; half down, so that share + gap is the threshold."""
    if fraction is None or fraction == "":
        return empty
    value = Decimal(fraction) * 100
    shown = _rounded(value, ROUND_HALF_DOWN)
    return f"{_french(shown)} {'points' if abs(shown) >= 2 else 'point'}"


def number(value: Decimal | int | str | None, empty: str = "") -> str:
    """12 345,5: grouped, decimal comma, no useless zero."""
    if value is None or value == "":
        return empty
    exact = Decimal(value)
    if exact == exact.to_integral_value():
        return _french(exact.quantize(Decimal(1)))
    return _french(exact.normalize())


def bytes_fr(size: int | str | None, empty: str = "") -> str:
    """184 Ko, 1,2 Mo: a file size, in units of 1024."""
    if size is None or size == "":
        return empty
    value = Decimal(size)
    for unit in ("octet", "Ko", "Mo", "Go"):
        if value < 1000 or unit == "Go":
            break
        value /= 1024
    if unit == "octet":
        return f"{value}{NBSP}{'octets' if value >= 2 else 'octet'}"
    decimals = "0.1" if value < 10 else "1"
    return f"{number(value.quantize(Decimal(decimals), ROUND_HALF_UP))}{NBSP}{unit}"


def plural(count: int, singular: str, several: str | None = None) -> str:
    """« 1 ligne », « 0 ligne », « 12 lignes »: French plural starts at two."""
    word = singular if abs(count) < 2 else (several or singular + "s")
    return f"{number(count)} {word}"


def finess_fr(value: str | None, empty: str = "sans FINESS") -> str:
    """629 900 341: a FINESS number grouped by three for the eye (thin no-break spaces)."""
    if not value:
        return empty
    return THIN_NBSP.join(value[i : i + 3] for i in range(0, len(value), 3))


FILTERS: dict[str, Callable[..., Any]] = {
    "typo": typo,
    "date_fr": date_fr,
    "long_date": long_date,
    "datetime_fr": datetime_fr,
    "percent": percent,
    "points": points,
    "number": number,
    "bytes_fr": bytes_fr,
    "plural": plural,
    "finess_fr": finess_fr,
}


def install(app: Flask) -> None:
    """Give the filters to every template."""
    app.jinja_env.filters.update(FILTERS)
