"""What a person decided about a sheet, remembered: the next file with the same header is read without a question."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from importers.words import fold

ANNOTATION = "Contrôle CaRE"  # the column of our own remarks, in the annotated copy of a file
DATE_ORDERS = ("", "dmy", "mdy")
_DATE = re.compile(r"\b\d{1,2}/\d{1,2}/\d{2,4}\b")


def is_annotation(text: str) -> bool:
    """Tell whether a header is that of our own remarks: a corrected copy may be given back with it."""
    return fold(text) == fold(ANNOTATION)


def fingerprint(texts: Sequence[str]) -> str:
    """Return the fingerprint of a header: one text per column, from column A to the last title, "" for an untitled one.

    Neither the data nor the name of the sheet count, nor the dates that stand in titles (those of a training session),
    nor our own remarks at the end.
    """
    folded = ["" if is_annotation(text) else _DATE.sub("#", fold(text)) for text in texts]
    return hashlib.sha256("\x1f".join(folded).rstrip("\x1f").encode()).hexdigest()


@dataclass(frozen=True)
class LayoutChoice:
    """What a person decided for a sheet of a file. It is remembered under the fingerprint of its header."""

    sheet: str  # name of the sheet of the specification; "" = do not read it
    header_row: int  # last row of the header (1-based)
    depth: int = 1  # 1 or 2 header rows
    columns: Mapping[str, int] = field(default_factory=dict)  # key of the specification -> column number
    fill_down: tuple[str, ...] = ()  # keys whose blank cells repeat the value above
    date_order: str = ""  # "", "dmy" or "mdy"
    name: str = ""  # the sheet's name in the file when it was decided
    headers: tuple[str, ...] = ()  # its header texts

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads back."""
        return asdict(self) | {"columns": dict(self.columns)}

    @classmethod
    def from_json(cls, value: object) -> LayoutChoice:
        """Read a remembered choice. Raises ValueError on anything that `to_json` does not write."""
        if not isinstance(value, dict) or not {"sheet", "header_row"} <= value.keys() <= set(cls.__dataclass_fields__):
            raise ValueError("layout choice: not the expected keys")
        texts = {key: value.get(key, "") for key in ("sheet", "date_order", "name")}
        row, depth, columns = value["header_row"], value.get("depth", 1), value.get("columns", {})
        if not all(isinstance(text, str) for text in texts.values()) or texts["date_order"] not in DATE_ORDERS:
            raise ValueError("layout choice: sheet, date_order or name")
        if not _is_number(depth) or depth > 2 or not _is_number(row) or row < depth:
            raise ValueError("layout choice: header_row or depth")
        if not isinstance(columns, dict) or not all(
            isinstance(key, str) and _is_number(place) for key, place in columns.items()
        ):
            raise ValueError("layout choice: columns")
        if len(set(columns.values())) < len(columns):
            raise ValueError("layout choice: one column of the file for two columns of the specification")
        fill_down, headers = _texts(value.get("fill_down", ())), _texts(value.get("headers", ()))
        if not set(fill_down) <= columns.keys():
            raise ValueError("layout choice: fill_down")
        return cls(header_row=row, depth=depth, columns=columns, fill_down=fill_down, headers=headers, **texts)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(text, str) for text in value):
        raise ValueError("layout choice: a list of texts was expected")
    return tuple(value)
