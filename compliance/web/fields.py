"""Fields of forms that marshmallow does not have."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields

_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,2})?")


def read_day(text: str) -> date:
    """Read a day as a browser sends it, or `jj/mm/aaaa` as people type it. Raises ValueError."""
    return date.fromisoformat("-".join(reversed(text.split("/"))) if "/" in text else text)


def read_cents(text: str) -> int:
    """Read an amount in euros as people type it: « 180 000,50 € ». Raises ValueError: below zero, or more than two decimals."""
    plain = "".join(text.replace("€", "").split()).replace(",", ".")
    if not _AMOUNT.fullmatch(plain):
        raise ValueError(text)
    return int(Decimal(plain).scaleb(2))


class OptionalCents(fields.Field[int | None]):
    """An amount of a form in euros, kept in cents, that may be left out: not known. Raises ValidationError."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | None:  # noqa: ARG002
        try:
            text = str(value).strip()
            return read_cents(text) if text else None
        except ValueError as error:
            raise ValidationError("amount") from error


class OptionalDate(fields.Field[date | None]):
    """A date of a form that may be left out. Raises ValidationError."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date | None:  # noqa: ARG002
        try:
            text = str(value).strip()
            return read_day(text) if text else None
        except ValueError as error:
            raise ValidationError("date") from error
