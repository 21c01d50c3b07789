"""Legal time of the programme: Europe/Paris for everybody (referential, rule 11)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def today() -> date:
    """Return the legal day of now; rules never call it, the edges hand them the day."""
    return datetime.now(PARIS).date()


def end_of(day: date) -> datetime:
    """Return the instant at which a legal day ends: what was recorded before it was known on that day."""
    return datetime.combine(day + timedelta(days=1), time(), PARIS)
