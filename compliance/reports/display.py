"""Dates, figures and sentences of printed reports, from the plain values of the canonical JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from compliance.reports.printable import printable
from compliance.rules import words
from tenants.typography import NBSP, typo

PARIS = ZoneInfo("Europe/Paris")
NONE = "–"


def say(text: str) -> str:
    """One of our sentences, printable and with French typography."""
    return typo(printable(text))


def day(iso: str | None) -> str:
    """``22/11/2026``, or a dash when there is no date."""
    return words.short_date(date.fromisoformat(iso[:10])) if iso else NONE


def moment(iso: str) -> str:
    """``22/11/2026 à 09:40``, legal time of Paris, from a moment in UTC."""
    at = datetime.fromisoformat(iso)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(PARIS).strftime("%d/%m/%Y à %H:%M")


def received(iso: str | None) -> str:
    """The Paris day of a moment in UTC."""
    return moment(iso)[:10] if iso and "T" in iso else day(iso)


def percent(fraction: str | None, threshold: Decimal | None = None) -> str:
    """``58,4 %`` from ``0.5840``, rounded as on the pages; a dash when it is not known."""
    return NONE if fraction is None else typo(words.percent(Decimal(fraction), threshold))


def figure(value: str | None) -> str:
    """``34 200`` or ``18 900,50`` from a decimal string."""
    if value is None:
        return NONE
    number = Decimal(value)
    shown = f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,.2f}"
    return shown.replace(",", NBSP).replace(".", ",")


def size(octets: int) -> str:
    """``310 Ko`` or ``1,2 Mo``, in units of 1024 as on the pages."""
    return words.size(octets).replace(" ", NBSP)


def finess(number: str | None) -> str:
    """``629 900 010``: grouped by three for the eye; anything but nine characters is left as it is."""
    text = printable(number or "")
    return "\u202f".join((text[:3], text[3:6], text[6:])) if len(text) == 9 else text


def version(text: str) -> str:
    """``version du 26/06/2025`` when the version is a day, else ``version X``."""
    try:
        return f"version du {day(date.fromisoformat(text).isoformat())}"
    except ValueError:
        return f"version {printable(text)}"
