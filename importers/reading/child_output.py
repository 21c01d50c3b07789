"""What the reading process says, whatever the format: sheets, rows and cells, within the limits.

Lines of JSON, in this order: per sheet `{"sheet": {...}}`, its rows `[row, [columns], "kinds", [values]]` and
`{"end": {...}}`; last `{"done": {...}}`. `{"error": code, "detail": text}` may come at any point. Kinds are those of
`child_values`.
"""

from __future__ import annotations

import bisect
import json
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Sequence

LAST_ROW = 1_048_576  # Excel's own limits
LAST_COLUMN = 16_384
ABOVE = 15  # rows of titles and help that a table of the largest size may have above its data
MERGED = 10_000  # ranges told, per sheet
_NAME = 255

Range = tuple[int, int, int, int]


class Refused(Exception):
    """A limit was passed, or the file contradicts its own format; `code` chooses the sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Output:
    """The lines of one workbook, and the limits they keep."""

    def __init__(self, stream: TextIO, limits: dict[str, int]) -> None:
        self.limits = limits
        self._stream = stream
        self._encode = json.JSONEncoder(separators=(",", ":")).encode
        self._cells = 0
        self._name = ""
        self._last = self._rows = self._hidden = 0
        self._beyond: int | None = None
        self._wide: list[int] | None = None

    def say(self, value: object) -> None:
        """Write one line."""
        self._stream.write(self._encode(value))
        self._stream.write("\n")

    def flush(self) -> None:
        """Write what is waiting."""
        self._stream.flush()

    def sheet(self, name: str, *, visible: bool) -> None:
        """Begin a sheet."""
        self._name = "".join(character for character in name[:_NAME] if character.isprintable())
        self._last = self._rows = self._hidden = 0
        self._beyond = self._wide = None
        self.say({"sheet": {"name": self._name, "visible": visible}})

    @property
    def ended(self) -> bool:
        """Whether the sheet is over for the reader: something was found after too many blank rows."""
        return self._beyond is not None

    def row(
        self, number: int, columns: list[int], kinds: Sequence[str], values: list[Any], *, hidden: bool = False
    ) -> None:
        """Write the cells of a row that hold something, by increasing column; a row without any is not a row."""
        if not columns or self.ended:
            return
        if number - self._last > self.limits["blank_rows"]:
            self._beyond = number
            return
        if columns[-1] > self.limits["columns"]:
            inside = bisect.bisect_right(columns, self.limits["columns"])
            if self._wide is None:
                self._wide = [number, columns[inside]]
            columns, kinds, values = columns[:inside], kinds[:inside], values[:inside]
        self._last = number
        if not columns:
            return
        self._rows += 1
        self._hidden += hidden
        self._cells += len(columns)
        if self._rows > self.limits["rows"] + ABOVE:
            raise Refused("rows", self._name)
        if self._cells > self.limits["cells"]:
            raise Refused("cells", self._name)
        self.say([number, columns, "".join(kinds), values])

    def end(self, merged: Sequence[Range] = (), *, filled: bool | None = None) -> None:
        """End a sheet; `filled` is for one whose rows were not said."""
        self.say(
            {
                "end": {
                    "filled": self._rows > 0 if filled is None else filled,
                    "beyond": self._beyond,
                    "wide": self._wide,
                    "hidden_rows": self._hidden,
                    "merged": merged,
                }
            }
        )

    def done(self, *, epoch: int = 1900, care_kit: str | None = None, external: bool = False) -> None:
        """End the workbook. `care_kit` is what the defined name CARE_KIT refers to."""
        self.say({"done": {"epoch": epoch, "care_kit": care_kit, "external": external}})
