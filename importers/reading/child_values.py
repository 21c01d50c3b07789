"""What the cells of every format become: a kind, which is one letter of `importers.reading.sheet`, and a value."""

from __future__ import annotations

import datetime as dt
import math
import re

TEXT, LONG, NUMBER, BOOLEAN, DATE, TIME, ERROR, FORMULA = "tlnbdhef"
_BLANK = " \t\r\n\u00a0\u202f\u200b\ufeff"
_NULL = "_x0000_"  # the escape of a character that shows nothing and that no database keeps
_BEGINNING = 120  # characters kept of a text that is too long
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?\s*", re.ASCII)
_EXACT = 1e15  # a whole number below is exact
_DAY = 86_400_000  # milliseconds
_STARTS = {1900: dt.datetime(1899, 12, 30), 1904: dt.datetime(1904, 1, 1)}  # noqa: DTZ001  a workbook has no zone

Kind = tuple[str, str | float | bool]
NO_NUMBER: Kind = (ERROR, "#NUM!")
NO_VALUE: Kind = (ERROR, "#VALUE!")


def text(value: str, limits: dict[str, int]) -> tuple[str, str] | None:
    """Give kind and value of a text; None for one that shows nothing."""
    while _NULL in value:  # what is left may spell it again
        value = value.replace(_NULL, "")
    if not value.strip(_BLANK):
        return None
    if len(value) > limits["cell_length"]:
        return LONG, value[:_BEGINNING]
    return TEXT, value


def number(value: str | float) -> Kind:
    """Give kind and value of a number, or of its text; whole ones have no decimal part."""
    if isinstance(value, str):
        if _NUMBER.fullmatch(value) is None:
            return NO_NUMBER
        value = float(value)
    if not math.isfinite(value):
        return NO_NUMBER
    return NUMBER, int(value) if abs(value) < _EXACT and value == int(value) else value


def date(value: str) -> Kind:
    """Read a date in ISO 8601, with or without a time."""
    try:
        return moment(dt.datetime.fromisoformat(value.removesuffix("Z")))
    except ValueError:
        return NO_VALUE


def moment(value: dt.datetime) -> Kind:
    """Give kind and value of a date."""
    return DATE, value.replace(tzinfo=None).isoformat()[:19]


def clock(length: dt.timedelta) -> Kind:
    """Give kind and value of a time of day, or of a duration of one day and more."""
    length = dt.timedelta(days=length.days, seconds=length.seconds)
    return TIME, str(length) if length.days else str(length).zfill(len("00:00:00"))


def serial(value: float, epoch: int, *, duration: bool) -> Kind:
    """Convert a number as Excel shows it: a date, a time of day under one day, or a duration."""
    try:
        if value < 0:
            return NO_VALUE
        day, fraction = divmod(value, 1)
        time = dt.timedelta(milliseconds=round(fraction * _DAY))  # a fraction is never exact
        if duration or (day == 0 and not time.days):
            return clock(dt.timedelta(days=day) + time)
        if epoch == 1900 and day < 60:
            day += 1  # Excel counts a 29 February 1900
        return moment(_STARTS[epoch] + dt.timedelta(days=day) + time)
    except OverflowError:
        return NO_VALUE
