"""Text and numbers in bytes whose format is not read: an old Office document, a binary part of a workbook."""

from __future__ import annotations

import re
import struct

from compliance.inspection.findings import Findings

_NARROW = re.compile(rb"[\x20-\x7e\xa0\xc0-\xff]{6,}")
_WIDE = re.compile(rb"(?:[\x20-\x7e\xa0\xc0-\xff]\x00){6,}")
# A cell that holds a number: record NUMBER of an .xls ([MS-XLS] 2.4.180), BrtCellReal of an .xlsb ([MS-XLSB] 2.4.311); then a double
# between 2^46 and 2^50, as a number of fifteen digits is.
_DOUBLE = re.compile(rb"(?:\x03\x02\x0e\x00.{6}|\x05\x10.{8})(.{6}(?:[\xd0-\xff]\x42|[\x00-\x0f]\x43))", re.DOTALL)
_PIECES = 2_000  # runs of text between two looks at the time


def read(data: bytes, findings: Findings) -> None:
    """Take the runs of text (one and two bytes a character) and the whole numbers of fifteen digits."""
    for pattern, encoding in ((_WIDE, "utf-16-le"), (_NARROW, "cp1252")):
        for count, run in enumerate(pattern.finditer(data)):
            if count % _PIECES == 0:
                findings.check_time()
            findings.text(run[0].decode(encoding, "replace") + "\n")
        findings.end_of_part()
    for run in _DOUBLE.finditer(data):
        (value,) = struct.unpack("<d", run[1])
        if value.is_integer() and 1e14 <= value < 9e14:
            findings.number(int(value))
