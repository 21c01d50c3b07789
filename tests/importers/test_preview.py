"""What the preview keeps of a report: what will be stored, what will not, and the rows behind its numbers."""

from __future__ import annotations

from typing import Any

from importers import tally
from importers.check import check, to_json
from importers.layout.recognise import recognise
from importers.preview import preview
from importers.understanding import Understood
from importers.workbooks.bia_pcra import BIA_PCRA
from tests.importers.kits import Grid, typed
from tests.importers.test_check import FACTS, MEMBERS, book_of


def gaps_on_two_rows() -> Grid:
    """Neither test nor plan on two rows, of which the first is refused for its date."""
    grid = typed(MEMBERS)
    for row in (2, 3):
        grid.put("Perimetres", row, "Dernier test", None)
        grid.put("Perimetres", row, "Prochain test prévu", None)
    grid.put("Perimetres", 2, "Date du BIA", "31/02/2026")
    return grid


def shown(grid: Grid) -> dict[str, Any]:
    """The preview of a grid."""
    book = book_of(grid)
    return preview(check(BIA_PCRA, book, FACTS), Understood(book, recognise([BIA_PCRA], book), FACTS, scene=None))  # type: ignore[arg-type]


def test_a_gap_of_a_rejected_row_is_not_said_stored() -> None:
    told = [(fault["code"], fault["cell"], fault["stored"]) for fault in shown(gaps_on_two_rows())["faults"]]
    assert told == [("E-DAT", "K2", False), ("G-COH", "Y2", False), ("G-COH", "Y3", True)]


def test_the_frozen_answer_of_the_command_line_does_not_change() -> None:
    report = check(BIA_PCRA, book_of(gaps_on_two_rows()), FACTS)
    keys = {key for fault in to_json(report, applied=False)["faults"] for key in fault}
    assert keys == {"class", "code", "sheet", "cell", "column", "value", "reason", "remedy"}


def test_the_rows_behind_the_numbers_are_listed() -> None:
    rows = shown(gaps_on_two_rows())["rows"]
    assert [(row["sheet"], row["row"]) for row in rows["new"]] == (
        [("Parties", number) for number in (2, 3, 4)] + [("Perimetres", number) for number in range(3, 10)]
    )
    assert rows["new"][3]["key"] == f"{MEMBERS[0].finess}/PAIE-01"
    assert rows["unchanged"] == []


def test_a_list_has_its_limit_and_the_counts_still_tell_all(monkeypatch) -> None:
    monkeypatch.setattr(tally, "LISTED", 1)
    kept = shown(typed(MEMBERS))
    assert len(kept["rows"]["new"]) == 2
    assert [each["counts"]["new"] for each in kept["sheets"]] == [3, 8]
