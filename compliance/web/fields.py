"""Fields of forms that marshmallow does not have."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import ValidationError, fields


def read_day(text: str) -> date:
    """Read a day as a browser sends it, or `jj/mm/aaaa` as people type it. Raises ValueError."""
    return date.fromisoformat("-".join(reversed(text.split("/"))) if "/" in text else text)


class OptionalDate(fields.Field[date | None]):
    """A date of a form that may be left out. Raises ValidationError."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date | None:  # noqa: ARG002
        try:
            text = str(value).strip()
            return read_day(text) if text else None
        except ValueError as error:
            raise ValidationError("date") from error
