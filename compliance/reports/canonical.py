"""The one way to turn a dossier into bytes: what is hashed, filed, archived and compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any


def dumps(doc: Mapping[str, object]) -> bytes:
    """The canonical JSON of ``doc``: UTF-8, keys sorted, no space, no float.

    Dates become ISO strings, moments ISO strings in UTC ending in Z, Decimals plain strings (never an exponent).
    Raises TypeError for a float, a moment without time zone, a key that is not text or an unknown type, and
    ValueError for text that is not Unicode (a lone surrogate).
    """
    return json.dumps(_plain(doc), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def dumps_all(docs: Sequence[Mapping[str, object]]) -> bytes:
    """A canonical JSON array, one document a line. Same errors as dumps."""
    return b"[" + b",\n".join(dumps(doc) for doc in docs) + b"]\n"


def digest(doc: Mapping[str, object]) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(dumps(doc)).hexdigest()


def plain(doc: Mapping[str, object]) -> dict[str, Any]:
    """``doc`` as it is read back from its canonical JSON: dates, decimals and states are text. Same errors as dumps."""
    read: dict[str, Any] = json.loads(dumps(doc))
    return read


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)  # a StrEnum too
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError(f"{value} is not a number a dossier can hold")
        return format(value, "f")
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no place in canonical JSON")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError("keys of canonical JSON are text")
    return str(key)


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise TypeError("a moment needs a time zone")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
