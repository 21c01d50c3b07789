"""Reading in the child process: typed cells, bounds, and a sentence whatever happens to the child."""

from __future__ import annotations

import datetime as dt
import gc
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from importers.faults import Unreadable
from importers.limits import Limits
from importers.reading import sheet
from importers.reading.sheet import CellKind, ReadBook, column_letters, column_number, read
from tests.importers import archives
from tests.importers.archives import packed, parts, text_row
from tests.importers.kits import Grid

SHEET = '{"sheet": {"name": "F", "visible": true}}'
END = '{"end": {"filled": true, "beyond": null, "wide": null, "hidden_rows": 0, "merged": []}}'
DONE = '{"done": {"epoch": 1900, "care_kit": null, "external": false}}'


def refusal(path: Path, limits: Limits = sheet.LIMITS) -> Unreadable:
    """How the reading of this file is refused."""
    with pytest.raises(Unreadable) as caught:
        read(path, limits)
    return caught.value


def only(book: ReadBook) -> sheet.ReadSheet:
    """The one sheet of a book."""
    assert len(book.sheets) == 1
    return book.sheets[0]


def test_cells_come_typed_with_their_address(tmp_path: Path) -> None:
    rows = [["texte", 12, 1.5, True, dt.date(2026, 3, 12), ("=1+1", 2), None, "\u00a0 ", "=A1"]]
    cells = only(read(Grid({"F": rows}).write(tmp_path / "a.xlsx"))).rows[1]
    assert [(cell.kind, cell.value) for cell in cells.values()] == [
        (CellKind.TEXT, "texte"),
        (CellKind.NUMBER, 12),
        (CellKind.NUMBER, 1.5),
        (CellKind.BOOLEAN, True),
        (CellKind.DATE, "2026-03-12T00:00:00"),
        (CellKind.NUMBER, 2),
        (CellKind.TEXT, "=A1"),
    ]
    assert cells[9].address == "I1"
    assert cells[5].text == "12/03/2026"


def test_a_formula_never_calculated_is_not_a_blank(tmp_path: Path) -> None:
    path = packed(parts('<row r="1"><c r="A1"><f>1+1</f></c><c r="B1"><f>1</f><v>1</v></c></row>'), tmp_path / "a.xlsx")
    cells = only(read(path)).rows[1]
    assert [cell.kind for cell in cells.values()] == [CellKind.FORMULA, CellKind.NUMBER]


def test_an_error_of_the_spreadsheet_is_an_error(tmp_path: Path) -> None:
    path = packed(
        parts('<row r="1"><c r="A1" t="e"><v>#REF!</v></c><c r="B1"><v>1e999</v></c></row>'), tmp_path / "a.xlsx"
    )
    assert [(cell.kind, cell.value) for cell in only(read(path)).rows[1].values()] == [
        (CellKind.ERROR, "#REF!"),
        (CellKind.ERROR, "#NUM!"),
    ]


def test_a_1904_workbook_says_so_and_its_real_dates_are_right(tmp_path: Path) -> None:
    book = read(Grid({"F": [[dt.date(2026, 3, 12)]]}, date_1904=True).write(tmp_path / "a.xlsx"))
    assert book.epoch == 1904
    assert only(book).rows[1][1].text == "12/03/2026"


def test_hidden_sheets_are_known_and_not_read(tmp_path: Path) -> None:
    book = read(Grid({"F": [["a"]], "G": [["secret"]], "H": []}, hidden={"G", "H"}).write(tmp_path / "a.xlsx"))
    assert [(each.name, each.visible, each.filled, each.rows != {}) for each in book.sheets] == [
        ("F", True, True, True),
        ("G", False, True, False),
        ("H", False, False, False),
    ]


def test_fifty_blank_rows_end_a_sheet_and_what_follows_is_told(tmp_path: Path) -> None:
    inside = packed(parts(text_row(1, "a") + text_row(51, "b")), tmp_path / "a.xlsx")
    assert sorted(only(read(inside)).rows) == [1, 51]
    outside = packed(parts(text_row(1, "a") + text_row(52, "b")), tmp_path / "b.xlsx")
    found = only(read(outside))
    assert (sorted(found.rows), found.beyond) == ([1], 52)


def test_phantom_rows_are_not_rows(tmp_path: Path) -> None:
    path = Grid({"F": [["a"]]}, blank_rows={"F": 120}).write(tmp_path / "a.xlsx")
    found = only(read(path))
    assert (sorted(found.rows), found.beyond) == ([1], None)


def test_two_cells_in_opposite_corners_cost_nothing(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    path = packed(parts(rows, dimension='<dimension ref="A1:XFD1048576"/>'), tmp_path / "a.xlsx")
    found = only(read(path, Limits(cpu_seconds=5)))
    assert (sorted(found.rows), found.beyond) == ([1], 1_048_576)


def test_cells_past_the_last_column_are_told(tmp_path: Path) -> None:
    found = only(
        read(packed(parts('<row r="1"><c r="A1"><v>1</v></c><c r="GS1"><v>2</v></c></row>'), tmp_path / "a.xlsx"))
    )
    assert (len(found.rows[1]), found.wide) == (1, "GS1")


@pytest.mark.parametrize("reference", ["XFE1", "A0", "A1048577"])
def test_a_cell_outside_the_sheet_is_damage(tmp_path: Path, reference: str) -> None:
    number = reference.lstrip("XFEA")
    path = packed(parts(f'<row r="{number}"><c r="{reference}"><v>1</v></c></row>'), tmp_path / "a.xlsx")
    assert refusal(path).code == "damaged"


def test_rows_are_read_again_and_again_in_order(tmp_path: Path) -> None:
    rows = [[f"ligne {number}", number] for number in range(1, 3_001)]
    found = only(read(Grid({"F": rows}).write(tmp_path / "a.xlsx"))).rows
    assert (len(found), bool(found), list(found)[:3]) == (3_000, True, [1, 2, 3])
    for _ in range(2):
        walked = list(found.items())
        assert [number for number, _row in walked] == list(range(1, 3_001))
        assert [row[1].text for _number, row in walked[-2:]] == ["ligne 2999", "ligne 3000"]
    both = list(zip(found.items(), found.values(), strict=True))  # two readers at different places
    assert all(one == other for (_number, one), other in both)
    assert found[2_500][2].value == 2_500
    assert found.get(3_001) is None


def test_the_head_of_a_sheet_is_its_first_rows(tmp_path: Path) -> None:
    rows = [["a"], [None], ["b"], *([["c"]] * 40)]
    found = only(read(Grid({"F": rows}).write(tmp_path / "a.xlsx")))
    assert list(found.head()) == [1, *range(3, 16)]
    assert list(found.head(3)) == [1, 3]
    assert found.head()[3][1].text == "b"
    assert found.head()[3] is found.head(3)[3], "decoded once"
    assert list(found.head(20))[-1] == 20


def test_the_head_of_a_sheet_made_in_memory_is_the_same() -> None:
    cells = {number: {1: sheet.Cell(number, 1, CellKind.TEXT, "a")} for number in (3, 1, 20)}
    assert list(sheet.ReadSheet("F", rows=cells).head()) == [1, 3]


def test_reading_fifty_thousand_rows_costs_the_parent_little(tmp_path: Path) -> None:
    row = "".join(f'<c r="{column_letters(place)}{{0}}"><v>{{0}}{place}</v></c>' for place in range(1, 16))
    rows = "".join(f'<row r="{number}">{row.format(number)}</row>' for number in range(1, 50_001))
    path = packed(parts(rows), tmp_path / "a.xlsx")
    script = (
        "import resource, sys\nfrom pathlib import Path\nfrom importers.reading import sheet\n"
        "size = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        f"before = size()\nbook = sheet.read(Path({str(path)!r}))\n"
        "cells = sum(len(row) for each in book.sheets for row in each.rows.values())\n"
        "print(cells, size() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(sheet.__file__).parents[2]
    )
    cells, kilobytes = (int(word) for word in done.stdout.split())
    assert cells == 750_000
    assert kilobytes < 10_000


def open_files() -> int:
    """How many files this process has open."""
    return sum(1 for _each in Path("/proc/self/fd").iterdir())


def test_a_spool_has_no_name_and_goes_with_its_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    before = open_files()
    book = read(packed(parts(text_row(1, "a")), tmp_path / "a.xlsx"))
    assert list((tmp_path / "tmp").iterdir()) == []
    assert only(book).rows[1][1].text == "a"
    assert open_files() == before + 1
    del book
    gc.collect()
    assert open_files() <= before  # fewer: what another test left behind was collected meanwhile


def test_sixty_thousand_rows_are_refused_with_the_name_of_the_sheet(tmp_path: Path) -> None:
    rows = "".join(
        f'<row r="{number}"><c r="A{number}"><v>{number * 7919}</v></c></row>' for number in range(1, 60_001)
    )
    refused = refusal(packed(parts(rows), tmp_path / "a.xlsx"))
    assert refused.code == "rows"
    assert "« Feuil1 » a plus de 50 000 lignes" in refused.reason


def test_too_many_cells_are_refused(tmp_path: Path) -> None:
    assert refusal(packed(parts(text_row(1, *"abcdef")), tmp_path / "a.xlsx"), Limits(cells=5)).code == "cells"


def test_too_many_sheets_are_refused(tmp_path: Path) -> None:
    path = Grid({f"F{number}": [] for number in range(21)}).write(tmp_path / "a.xlsx")
    assert "plus de 20 feuilles" in refusal(path).reason


def test_a_huge_shared_string_is_cut_and_marked(tmp_path: Path) -> None:
    shared = f'<sst xmlns="{archives.MAIN}"><si><t>{"x" * 900_000}</t></si></sst>'
    cell = '<c r="{}1" t="s"><v>0</v></c>'
    rows = f'<row r="1">{"".join(cell.format(letter) for letter in "ABC")}</row>'
    cells = only(read(packed(parts(rows, shared=shared), tmp_path / "a.xlsx"), Limits(ratio=10_000))).rows[1]
    assert [cell.kind for cell in cells.values()] == [CellKind.LONG] * 3
    assert len(str(cells[1].value)) == 120


def test_too_much_memory_is_a_sentence(tmp_path: Path) -> None:
    shared = f'<sst xmlns="{archives.MAIN}">{"<si><t>abc</t></si>" * 3_000_000}</sst>'
    path = packed(parts(shared=shared), tmp_path / "a.xlsx")
    refused = refusal(path, Limits(ratio=100_000, memory=128 * 1024 * 1024))
    assert refused.code == "memory"
    assert "trop lourd" in refused.reason


def test_too_much_time_is_a_sentence(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{number}"><c r="A{number}"><v>1</v></c></row>' for number in range(1, 45_000))
    path = packed(parts(rows), tmp_path / "a.xlsx")
    assert refusal(path, Limits(wall_seconds=0)).code == "time"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("import resource, os\nresource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass", "time"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "memory"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGABRT)", "memory"),
        ("raise SystemExit(3)", "damaged"),
        ("print('not json')", "damaged"),
        (f"print({SHEET!r})", "damaged"),
        ("print('x' * 10**8)", "damaged"),
        (f"print({DONE!r}); print({DONE!r})", "damaged"),
        (f'print({SHEET!r}); print(\'[2,[1],"t",["a"]]\'); print(\'[1,[1],"t",["a"]]\'); print({DONE!r})', "damaged"),
        (f'print({SHEET!r}); print(\'[99999999999999999999999,[1],"t",["a"]]\'); print({DONE!r})', "damaged"),
        (f'print(\'[1,[1],"t",["a"]]\'); print({DONE!r})', "damaged"),
        (f"print({SHEET!r}); print({DONE!r})", "damaged"),
        (f"print({SHEET!r}); print({END.replace('null', '3')!r}); print({DONE!r})", "damaged"),
        (f"print({DONE!r}, end='')", "damaged"),
        ("print('{}')", "damaged"),
        ("print('7')", "damaged"),
        ("print('{\"error\": 7')", "damaged"),
        (f"print({SHEET!r})\nwhile True: print('[1,' + '1' * 9000 + ']')", "damaged"),
        ('print(\'{"error": "memory"}\')', "memory"),
        ('print(\'{"error": "invented", "detail": "x"}\')', "damaged"),
    ],
)
def test_every_death_of_the_child_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, code: str
) -> None:
    path = packed(parts(), tmp_path / "a.xlsx")
    real = subprocess.Popen

    def replaced(_command: object, **options: object) -> object:
        return real([sys.executable, "-c", script], **options)  # type: ignore[call-overload]  # passed through

    monkeypatch.setattr(subprocess, "Popen", replaced)
    assert refusal(path).code == code


@pytest.mark.parametrize(
    "row", ['[1,[1],"z",["a"]]', '[1,[1,2],"t",["a"]]', '[1,7,"t",["a"]]', "[1,[1]]", "[1,[[1]],[[]],[1]]", "[1,\n"]
)
def test_a_row_that_the_child_invents_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str) -> None:
    real = subprocess.Popen
    script = f"print({SHEET!r}); print({row!r}); print({END!r}); print({DONE!r})"

    def replaced(_command: object, **options: object) -> object:
        return real([sys.executable, "-c", script], **options)  # type: ignore[call-overload]  # passed through

    monkeypatch.setattr(subprocess, "Popen", replaced)
    with pytest.raises(Unreadable) as caught:
        list(only(read(packed(parts(), tmp_path / "a.xlsx"))).rows.items())
    assert caught.value.code == "damaged"


def test_the_child_gets_neither_secret_nor_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}
    real = subprocess.Popen

    def spied(command: object, **options: object) -> object:
        seen.update(options)
        return real(command, **options)  # type: ignore[call-overload]  # passed through

    monkeypatch.setenv("VIGIE_DATABASE_URL", "postgresql://secret")
    monkeypatch.setattr(subprocess, "Popen", spied)
    read(packed(parts(text_row(1, "a")), tmp_path / "a.xlsx"))
    assert "VIGIE_DATABASE_URL" not in json.dumps(seen["env"])
    assert seen["stdin"] == subprocess.DEVNULL


def test_the_children_know_nothing_of_the_product() -> None:
    script = (
        "import sys\n"
        "from importers.reading import child, child_csv, child_ods, child_xls, child_xlsx\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('importers', 'compliance', 'tenants')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(sheet.__file__).parents[2]
    )
    assert eval(done.stdout) == [  # noqa: S307  our own list
        "importers", "importers.reading", "importers.reading.child", "importers.reading.child_csv", "importers.reading.child_ods", "importers.reading.child_output",
        "importers.reading.child_values", "importers.reading.child_xls", "importers.reading.child_xlsx", "importers.reading.child_xml",
        "tenants", "tenants.restraint",
    ]  # fmt: skip


def test_the_child_refuses_the_network_and_other_programs() -> None:
    script = (
        "import resource, socket, subprocess\nfrom tenants.restraint import restrain\n"
        "restrain(10**9, 5)\n"
        "attempts = [lambda: socket.socket(), lambda: subprocess.run(['true']), lambda: socket.getaddrinfo('a', 1)]\n"
        "for attempt in attempts:\n"
        "    try: attempt()\n"
        "    except PermissionError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(sheet.__file__).parents[2]
    )
    assert done.stdout.split() == ["socket.__new__", "subprocess.Popen", "socket.getaddrinfo"]


def test_the_parent_never_loads_the_parser() -> None:
    script = (
        "import sys, importers.reading.sheet, importers.check\n"
        "print(any(name in sys.modules for name in ('openpyxl', 'python_calamine', 'importers.reading.child_xlsx')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(sheet.__file__).parents[2]
    )
    assert done.stdout.strip() == "False"


def test_a_flipped_byte_never_escapes_as_an_exception(tmp_path: Path) -> None:
    content = packed(parts(text_row(1, "a", "b") + text_row(2, "c", "d")), tmp_path / "a.xlsx").read_bytes()
    outcomes = set()
    for place in range(10, len(content), 97):
        damaged = bytearray(content)
        damaged[place] ^= 0x5A
        path = tmp_path / "f.xlsx"
        path.write_bytes(damaged)
        try:
            read(path)
            outcomes.add("read")
        except Unreadable as refused:
            outcomes.add(refused.code)
    assert "damaged" in outcomes


def test_a_wrong_checksum_is_damage(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:  # stored, so that the bytes can be changed in place
        for name, content in parts(text_row(1, "abc")).items():
            archive.writestr(name, content)
    path = tmp_path / "a.xlsx"
    path.write_bytes(stream.getvalue().replace(b"<t>abc</t>", b"<t>abd</t>"))
    assert refusal(path).code == "damaged"


def test_a_workbook_without_a_visible_sheet_is_refused(tmp_path: Path) -> None:
    hidden = parts(text_row(1, "a"))
    hidden["xl/workbook.xml"] = hidden["xl/workbook.xml"].replace('sheetId="1"', 'sheetId="1" state="hidden"')
    assert "Aucune feuille visible" in refusal(packed(hidden, tmp_path / "a.xlsx")).reason


@pytest.mark.parametrize(("letters", "number"), [("A", 1), ("Z", 26), ("AA", 27), ("GS", 201), ("XFD", 16384)])
def test_column_letters_and_numbers(letters: str, number: int) -> None:
    assert column_letters(number) == letters
    assert column_number(letters) == number
