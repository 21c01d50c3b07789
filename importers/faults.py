"""What is said about a file: remarks on its cells, or one sentence when it cannot be read at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

VALUE_LENGTH = 120  # characters of the user's value that a remark repeats


class FaultClass(StrEnum):
    """The three classes of remark (workbooks.md, 3.0)."""

    ERROR = "E"  # unreadable or contradictory: the row is not stored
    GAP = "G"  # an honest gap: stored, and shown red
    NOTICE = "W"  # stored; the user should know


@dataclass(frozen=True)
class Fault:
    """One remark. Sheet and column are written as in the file; cell is an A1 address, or "" for the whole sheet."""

    cls: str
    code: str
    sheet: str
    cell: str
    column: str
    value: str
    reason: str
    remedy: str

    def to_json(self) -> dict[str, str]:
        """Return the keys frozen in docs/cli.md."""
        return {
            "class": str(self.cls),
            "code": self.code,
            "sheet": self.sheet,
            "cell": self.cell,
            "column": self.column,
            "value": self.value,
            "reason": self.reason,
            "remedy": self.remedy,
        }


class Unreadable(Exception):
    """The file is not a workbook we can read.

    `code` is a stable slug ("password", "strict", "html"...); `reason` says in French what the file is and `remedy`
    what to do about it. `detail` is technical, for the log, never for the page.
    """

    def __init__(self, code: str, reason: str, remedy: str, *, detail: str = "") -> None:
        super().__init__(f"{reason} {remedy}")
        self.code = code
        self.reason = reason
        self.remedy = remedy
        self.detail = detail

    @property
    def sentence(self) -> str:
        """Reason and remedy, as shown to the user."""
        return f"{self.reason} {self.remedy}"

    def fault(self) -> Fault:
        """Say the same as a remark on the whole file: E-SEC when the file looks hostile, E-FIC otherwise."""
        code = "E-SEC" if self.code in HOSTILE else "E-FIC"
        return Fault(FaultClass.ERROR, code, "", "", "", "", self.reason, self.remedy)


HOSTILE = frozenset({"bomb", "members", "path", "overlap", "entities"})


def shorten(text: str) -> str:
    """`text` on one line, cut at 120 characters."""
    text = " ".join(text.split())
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 1] + "…"
