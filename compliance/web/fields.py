"""Fields of forms that marshmallow does not have."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import ValidationError, fields


def _day(value: str) -> date | None:
    """Read a date of a form: nothing typed is no date; `jj/mm/aaaa` is read too, for browsers without a date field."""
    text = value.strip()
    if "/" in text:
        text = "-".join(reversed(text.split("/")))
    return date.fromisoformat(text) if text else None


class OptionalDate(fields.Field[date | None]):
    """A date of a form that may be left out. Raises ValidationError."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date | None:  # noqa: ARG002
        try:
            return _day(str(value))
        except ValueError as error:
            raise ValidationError("date") from error
