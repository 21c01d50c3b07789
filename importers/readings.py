"""What the reading of one cell gives: a value, perhaps a notice; or a fault that says what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Notice:
    """Something accepted that the user should know (class W)."""

    code: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class Reading:
    """A value of the column's type, and how it was written when that matters."""

    value: object
    notice: Notice | None = None
    original: str = ""


class ValueFault(Exception):
    """A cell that cannot be understood. `code` is one of the stable E codes."""

    def __init__(self, code: str, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.remedy = remedy
