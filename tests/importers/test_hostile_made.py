"""Files made to hurt: each gets its sentence or a bounded reading, never anything else."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest

from importers.faults import Unreadable
from importers.limits import Limits
from importers.reading.child_output import ABOVE
from importers.reading.sheet import read
from tests.importers import biff
from tests.importers.archives import ods, ods_cell, ods_row, packed, parts, text_row
from tests.importers.hostile import CASES

MUTATIONS = 200


def outcome(path: Path, limits: Limits) -> str:
    """Read a file and walk all its rows; say how it ended."""
    try:
        book = read(path, limits)
    except Unreadable as refused:
        return refused.code if refused.reason.endswith(".") and refused.remedy.endswith(".") else refused.sentence
    for sheet in book.sheets:
        assert len(sheet.rows) <= limits.rows + ABOVE
        assert len(sheet.merged) <= 10_000
        for row in sheet.rows.values():
            assert 0 < len(row) <= limits.columns
            assert all(len(str(cell.value)) <= limits.cell_length for cell in row.values())
    return "read"


@pytest.mark.parametrize("name", list(CASES))
def test_a_hostile_file_gets_its_sentence_or_a_bounded_read(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    found = outcome(case.build(tmp_path / "h"), Limits(**{"cpu_seconds": 30} | case.limits))
    # On a slow machine the time may run out before the memory does: the same refusal for the user.
    assert found == case.outcome or (case.outcome, found) == ("memory", "time")


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, doubled or lost."""
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5))):
        place = chance.randrange(len(damaged))
        kind = chance.randrange(4)
        if kind == 0:
            del damaged[place : place + chance.randrange(1, 40)]
        elif kind == 1:
            damaged[place:place] = damaged[chance.randrange(len(damaged)) :][: chance.randrange(1, 200)]
        else:
            damaged[place] = chance.randrange(256)
    return bytes(damaged)


def small(kind: str, chance: random.Random, path: Path) -> bytes:
    """One mutation of a small file: of its bytes, or of a part of it packed anew so that the parser is reached."""
    if kind == "xls":
        return mutated(biff.xls(biff.Page("F", [["a", 1, True], ["b", "#N/A", 2.5]])), chance)
    members: dict[str, str | bytes] = {
        "xlsx": {
            **parts(text_row(1, "a", "b") + '<row r="2"><c r="A2"><v>1.5</v></c><c r="B2" t="b"><v>1</v></c></row>')
        },
        "ods": {**ods(ods_row(ods_cell("a"), ods_cell("b")) + ods_row(ods_cell("c")))},
    }[kind]
    if chance.random() < 0.25:
        return mutated(packed(members, path, zipfile.ZIP_STORED).read_bytes(), chance)
    name = chance.choice(list(members))
    members[name] = mutated(str(members[name]).encode(), chance)
    return packed(members, path).read_bytes()


@pytest.mark.parametrize(("kind", "count"), [("xlsx", MUTATIONS), ("ods", MUTATIONS // 4), ("xls", MUTATIONS // 4)])
def test_no_mutation_escapes(tmp_path: Path, kind: str, count: int) -> None:
    chance = random.Random(20261122)  # noqa: S311  the same mutations each time
    seen = set()
    for _ in range(count):
        path = tmp_path / "f"
        path.write_bytes(small(kind, chance, tmp_path / "p"))
        seen.add(outcome(path, Limits(cpu_seconds=10)))
    assert {"read", "damaged"} <= seen
