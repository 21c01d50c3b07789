"""The process that opens a workbook: `python -m importers.child PATH LIMITS`.

It limits its own memory, time and powers, reads the file and writes one JSON value per line on its output. It knows
nothing of the product and imports nothing of it, so that a file that takes it over finds neither session nor secret.

Lines: `{"book": {...}}` once, then per sheet `{"sheet": {...}}`, its rows `[row, [[column, kind, value], ...]]` and
`{"end": {...}}`, last `{"done": true}`; or `{"error": code, "detail": text}` at any point. Kinds are those of
`importers.sheet.CellKind`.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import resource
import sys
import warnings
import zipfile
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

OUT_OF_MEMORY = 77  # exit code
_LOOK_AHEAD = 2_000  # row elements looked at after the end of a sheet, to be able to say that something is left
_LAST_ROW = 1_048_576  # Excel's own limits
_LAST_COLUMN = 16_384
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.spawn", "ctypes.")
_SEPARATORS = (",", ":")


class _Refused(Exception):
    """A limit was passed."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def main(arguments: list[str]) -> int:
    """Read the workbook named by the first argument within the limits of the second (JSON)."""
    path, limits = arguments[0], json.loads(arguments[1])
    output, sys.stdout = sys.stdout, sys.stderr  # openpyxl prints here and there
    try:
        _restrain(limits)
        warnings.simplefilter("ignore")
        _read(path, limits, output)
        _say(output, {"done": True})
    except MemoryError:
        return OUT_OF_MEMORY  # a code, because writing a line takes memory
    except _Refused as refusal:
        _say(output, {"error": refusal.code, "detail": str(refusal)})
        return 1
    except BaseException as error:  # noqa: BLE001  whatever a damaged file provokes becomes one clean answer
        _say(output, {"error": "damaged", "detail": f"{type(error).__name__}: {error}"[:300]})
        return 1
    finally:
        output.flush()
    return 0


def _restrain(limits: dict[str, int]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_seconds"], limits["cpu_seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_forbid)


def _forbid(event: str, _arguments: tuple[object, ...]) -> None:
    """No network and no other program, whatever a part of the file asks for."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(event)


def _say(output: TextIO, value: object) -> None:
    output.write(json.dumps(value, ensure_ascii=True, separators=_SEPARATORS))
    output.write("\n")


def _read(path: str, limits: dict[str, int], output: TextIO) -> None:
    from openpyxl import load_workbook  # noqa: PLC0415  after the limits are set: loading it is part of the cost
    from openpyxl.utils.datetime import CALENDAR_MAC_1904  # noqa: PLC0415
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet  # noqa: PLC0415

    ReadOnlyWorksheet._get_size = lambda _sheet: None  # noqa: SLF001  the declared size is not used: do not look for it
    book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    sheets = book.worksheets
    if len(book.sheetnames) > limits["sheets"]:
        raise _Refused("sheets", str(len(book.sheetnames)))
    kit = book.defined_names.get("CARE_KIT")
    _say(
        output,
        {
            "book": {
                "epoch": 1904 if book.epoch == CALENDAR_MAC_1904 else 1900,
                "care_kit": kit.attr_text if kit is not None else None,
                "sheets": len(sheets),
            }
        },
    )
    cells = 0
    for sheet in sheets:
        _say(output, {"sheet": {"name": sheet.title, "state": sheet.sheet_state}})
        if sheet.sheet_state == "visible":
            cells = _rows(sheet, limits, output, cells)
        else:
            _say(output, {"end": {"filled": _holds_something(sheet)}})


def _rows(sheet: Any, limits: dict[str, int], output: TextIO, cells: int) -> int:
    """Write the rows of one sheet; return the number of cells so far in the workbook."""
    last, rows, blank, beyond, wide = 0, 0, 0, None, None
    for number, row in _parse(sheet):
        found = [cell for cell in (_cell(each, limits) for each in row) if cell is not None]
        blank = 0 if found else blank + 1
        if not found and number - last > limits["blank_rows"] and blank > _LOOK_AHEAD:
            break
        if not found:
            continue
        if number - last > limits["blank_rows"]:
            beyond = number
            break
        inside = [cell for cell in found if cell[0] <= limits["columns"]]
        if len(inside) < len(found) and wide is None:
            wide = [number, next(cell[0] for cell in found if cell[0] > limits["columns"])]
        last, rows, cells = number, rows + 1, cells + len(inside)
        if rows > limits["rows"]:
            raise _Refused("rows", sheet.title)
        if cells > limits["cells"]:
            raise _Refused("cells", sheet.title)
        _say(output, [number, inside])
    _say(output, {"end": {"beyond": beyond, "wide": wide, "filled": rows > 0}})
    return cells


def _holds_something(sheet: Any) -> bool:
    return any(cell["value"] is not None for _, row in _parse(sheet) for cell in row)


def _parse(sheet: Any) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield the cells that a sheet really holds, row by row.

    openpyxl's `iter_rows` fills the holes up to the declared size: two cells in opposite corners cost a million rows,
    and a cell past a bound vanishes without a word. Its row parser alone, which has neither fault, is used here; the
    tests of hostile files hold this against the pinned version.
    """
    from openpyxl.worksheet import _reader  # noqa: PLC0415
    from openpyxl.xml.functions import iterparse  # noqa: PLC0415

    parser = _reader.WorkSheetParser(
        None,
        sheet._shared_strings,  # noqa: SLF001
        data_only=True,
        epoch=sheet.parent.epoch,
        date_formats=sheet.parent._date_formats,  # noqa: SLF001
        timedelta_formats=sheet.parent._timedelta_formats,  # noqa: SLF001
    )
    read_cell = parser.parse_cell

    def parse_cell(element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = read_cell(element)
        if cell["value"] is None and element.find(_reader.FORMULA_TAG) is not None:
            cell["data_type"], cell["value"] = "f", ""  # a formula that was never calculated
        return cell

    parser.parse_cell = parse_cell
    previous = 0
    with sheet._get_source() as source:  # noqa: SLF001
        for _, element in iterparse(source):
            if element.tag == _reader.DATA_TAG:
                return
            if element.tag != _reader.ROW_TAG:
                continue
            number, row = parser.parse_row(element)
            parser.row_dimensions.clear()
            element.clear()
            if not previous < number <= _LAST_ROW or any(not 0 < cell["column"] <= _LAST_COLUMN for cell in row):
                raise zipfile.BadZipFile(f"row {number} after row {previous}")
            previous = number
            yield number, row


def _cell(cell: dict[str, Any], limits: dict[str, int]) -> list[Any] | None:
    """Give `[column, kind, value]`, or None for a cell that shows nothing."""
    value, kind, column = cell["value"], cell["data_type"], cell["column"]
    if value is None:
        return None
    if kind in {"f", "e"}:
        return [column, "formula", ""] if kind == "f" else [column, "error", str(value)[:20]]
    if isinstance(value, bool):
        return [column, "boolean", value]
    if isinstance(value, int | float):
        return _number(column, value)
    if isinstance(value, dt.datetime | dt.date):
        return [column, "date", value.isoformat()[:19]]
    if isinstance(value, dt.time | dt.timedelta):
        return [column, "time", str(value)]
    return _text(column, str(value), limits)


def _text(column: int, text: str, limits: dict[str, int]) -> list[Any] | None:
    if not text.strip(" \t\r\n\u00a0\u202f\u200b\ufeff"):
        return None
    if len(text) > limits["cell_length"]:
        return [column, "long", text[:120]]
    return [column, "text", text]


def _number(column: int, value: float) -> list[Any]:
    if isinstance(value, float) and not math.isfinite(value):
        return [column, "error", "#NUM!"]
    if isinstance(value, int) and value.bit_length() > 64:
        return [column, "error", "#NUM!"]
    return [column, "number", value]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
