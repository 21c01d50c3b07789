"""What is stored, as the check reads it: a mapping from business key to values that stays small in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from importers.facts import Values


class Known(Mapping[str, Values]):
    """Rows under their key; each is kept as a tuple, what rows have in common kept once, and given as a dictionary."""

    SHARED = 5_000  # values remembered to be kept once: establishments, dates, functions; names come beyond
    _KINDS = frozenset({str, date, datetime, UUID})  # none equals one of another kind

    def __init__(self, fields: Sequence[str]) -> None:
        self.fields = tuple(fields)
        self._rows: dict[str, tuple[object, ...]] = {}
        self._common: dict[object, object] = {}

    def put(self, key: str, row: tuple[object, ...]) -> None:
        """Keep a row, its values in the order of `fields`."""
        common, kinds = self._common, self._KINDS
        once = common.setdefault if len(common) < self.SHARED else common.get
        self._rows[key] = tuple(once(value, value) if type(value) in kinds else value for value in row)

    def __getitem__(self, key: str) -> Values:
        return dict(zip(self.fields, self._rows[key], strict=True))

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class Met(Mapping[str, Values]):
    """What is stored, and over it the rows of this file met so far: what the rules of a later sheet look at."""

    MOST = 20_000  # rows of the file remembered; a sheet that others look at has a few hundred

    def __init__(self, stored: Mapping[str, Values]) -> None:
        self.stored = stored
        self._met: dict[str, Values] = {}

    def put(self, key: str, values: Values) -> None:
        """Remember a row of the file."""
        if len(self._met) < self.MOST:
            self._met[key] = values

    def __getitem__(self, key: str) -> Values:
        return self._met[key] if key in self._met else self.stored[key]

    def __contains__(self, key: object) -> bool:
        return key in self._met or key in self.stored

    def __iter__(self) -> Iterator[str]:
        yield from self.stored
        yield from (key for key in self._met if key not in self.stored)

    def __len__(self) -> int:
        return len(self.stored) + sum(key not in self.stored for key in self._met)
