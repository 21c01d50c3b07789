"""A row beside what is stored: new, changed or the same, and whether somebody else wrote it since.

What the uploader may write and not read (people of another establishment) is compared by its digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping

from importers.base import Sheet
from importers.facts import Facts, Sealed, Values, Written
from importers.report import CHANGED, NEW, UNCHANGED

EMPTY: tuple[object, ...] = (None, "", (), [])


class Comparison:
    """What is stored of one sheet; `known` goes from its keys to its values."""

    def __init__(self, sheet: Sheet, facts: Facts, known: Mapping[str, Values]) -> None:
        self.sheet, self.facts, self.known = sheet, facts, known
        self._written: Mapping[str, Written] = facts.written.get(sheet.name, {})
        self._sealed: Mapping[bytes, Sealed] = facts.sealed.get(sheet.name, {})

    def stored(self, values: Values) -> Values | None:
        """Return what is stored under the key of a row whose owner is not judged yet."""
        if not self.known:
            return None
        own = self.sheet.key(values)
        if self.sheet.record is None:
            return self.known.get(own)
        for number in self._owners_of(values):
            found = self.known.get(f"{number}/{own}")
            if found is not None:
                return found
        return None

    def _owners_of(self, values: Values) -> Iterator[str]:
        """Yield the establishments a row may be under, before the rules say which."""
        for key in ("finess_ej", "holder", "finess_list"):
            value = values.get(key)
            for number in value if isinstance(value, tuple) else (value,):
                if number is not None:
                    yield self.facts.support if number == self.facts.group_code else str(number)
        yield self.facts.home or self.facts.support

    def status(self, key: str, finess: str, own: str, values: Values) -> tuple[str, dict[str, tuple[object, object]]]:
        """Return what storing a row would do, and its changes: none are told of a row that is not the uploader's to read."""
        stored = self.known.get(key)
        if stored is not None:
            changes = {
                name: (stored[name], value)
                for name, value in values.items()
                if name in stored and not _same(stored[name], value)
            }
            return (CHANGED if changes else UNCHANGED), changes
        sealed = self._sealed_of(finess, own)
        if sealed is None:
            return NEW, {}
        return (UNCHANGED if sealed.digest == digest_of(values, self.sheet.fields) else CHANGED), {}

    def written(self, key: str, finess: str, own: str) -> Written | None:
        """Return when the version that a row would replace was recorded and by whom, where that is known."""
        if key in self._written:
            return self._written[key]
        sealed = self._sealed_of(finess, own)
        return sealed.written if sealed else None

    def conflict(self, key: str, finess: str, own: str) -> Written | None:
        """Return the version that a row would replace, if somebody else wrote it after Vigie produced the file."""
        made_at = self.facts.made_at
        if made_at is None:
            return None
        written = self.written(key, finess, own)
        return written if written and written.at > made_at and written.by != self.facts.user_id else None

    def _sealed_of(self, finess: str, own: str) -> Sealed | None:
        return self._sealed.get(key_digest(finess, own)) if self._sealed else None


def _same(stored: object, value: object) -> bool:
    """Tell whether a stored value and one read are the same for people: empty is empty, a list is a list."""
    if stored == value:
        return True
    if isinstance(stored, list | tuple) and isinstance(value, list | tuple):
        return list(stored) == list(value)
    return stored in EMPTY and value in EMPTY


def digest_of(values: Values, fields: Collection[str]) -> bytes:
    """Return the SHA-256 of the values of a row: the same in every version of Python and of the product."""
    return hashlib.sha256(json.dumps([values.get(name) for name in fields], default=str).encode()).digest()


def key_digest(finess: str, own_key: str) -> bytes:
    """Return the SHA-256 of a business key in its establishment."""
    return hashlib.sha256(f"{finess}/{own_key}".encode()).digest()
