"""What may be a header: a row of texts, or two when titles are grouped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from importers.layout.headers import Header, header_at, headers
from importers.reading.sheet import Cell, CellKind, ReadSheet
from tests.importers.books import cell

Row = Sequence[object]


def sheet(*rows: Row, merged: tuple[tuple[int, int, int, int], ...] = ()) -> ReadSheet:
    """A sheet of values; None leaves a cell empty."""
    found = {
        number: {place: cell(number, place, value) for place, value in enumerate(row, 1) if value is not None}
        for number, row in enumerate(rows, 1)
    }
    return ReadSheet("x", rows={number: row for number, row in found.items() if row}, merged=merged)


def two(*rows: Row, merged: tuple[tuple[int, int, int, int], ...] = ()) -> Header:
    """The header of the first two rows."""
    header = header_at(sheet(*rows, merged=merged), 2, depth=2)
    assert header is not None
    return header


def readings(header: Header) -> dict[int, tuple[str, ...]]:
    """How each column may be read."""
    return {title.place: title.readings for title in header.titles}


def test_only_texts_are_titles() -> None:
    header = header_at(sheet(["Code", 12, " ", "-", True, "Nom\ndu service ", None]), 1)
    assert header is not None
    assert header.shown == {1: "Code", 6: "Nom du service"}


def test_a_long_text_is_no_title() -> None:
    source = sheet(["Mode d’emploi. " * 30, "Code"], ["Mode d’emploi. " * 30, "Nom"])
    for depth in (1, 2):
        header = header_at(source, 2, depth)
        assert header is not None
        assert [title.place for title in header.titles] == [2]


def test_a_row_without_titles_is_no_header() -> None:
    source = sheet([1, 2], ["-", " "], [None], ["Code"])
    assert [header.row for header in headers(source) if header.depth == 1] == [4]
    assert header_at(source, 1) is None
    assert header_at(source, 3) is None
    assert header_at(source, 9) is None
    assert header_at(source, 1, depth=2) is None
    assert header_at(source, 4, depth=2) is None


def test_only_the_first_fifteen_rows_are_looked_at() -> None:
    source = sheet(*[["Code", "Nom"] for _ in range(20)])
    found = [(header.row, header.depth) for header in headers(source)]
    assert found == [(row, 1) for row in range(1, 16)] + [(row, 2) for row in range(2, 16)]


def test_a_group_of_merged_cells_stands_over_each_of_its_columns() -> None:
    merged = ((1, 1, 2, 1), (1, 2, 1, 3))
    header = two(["Code", "Impact", None, None], [None, "4 h", "24 h", "Autre"], merged=merged)
    assert readings(header) == {1: ("Code",), 2: ("Impact 4 h", "4 h"), 3: ("Impact 24 h", "24 h"), 4: ("Autre",)}
    assert header.shown == {1: "Code", 2: "Impact, 4 h", 3: "Impact, 24 h", 4: "Autre"}
    assert header.grouped


def test_without_merged_cells_a_title_stands_over_the_blanks_at_its_right() -> None:
    header = two(["Code", "Impact", None, "PCA", None, None], [None, "4 h", "24 h", "État", None, "Seul"])
    assert header.shown == {1: "Code", 2: "Impact, 4 h", 3: "Impact, 24 h", 4: "PCA, État", 6: "Seul"}
    assert header.grouped


def test_a_title_with_nothing_under_it_stands_over_its_own_column_only() -> None:
    header = two(["Code", None, "Nom"], [None, "4 h", None])
    assert header.shown == {1: "Code", 2: "4 h", 3: "Nom"}
    assert not header.grouped


def test_a_date_may_group_columns_and_is_no_title_alone() -> None:
    day = Cell(1, 2, CellKind.DATE, "2026-03-12T00:00:00")
    source = sheet(["Nom", None, None], [None, "matin", "après-midi", "x"])
    dated = replace(source, rows={1: {**source.rows[1], 2: day, 9: replace(day, column=9)}, 2: source.rows[2]})
    header = header_at(dated, 2, depth=2)
    assert header is not None
    assert header.shown == {1: "Nom", 2: "12/03/2026, matin", 3: "12/03/2026, après-midi", 4: "12/03/2026, x"}


@pytest.mark.parametrize("value", [4, True])
def test_a_row_with_something_else_than_texts_is_not_a_second_row_of_titles_by_itself(value: object) -> None:
    header = two(["Code", "Impact", None], [None, "4 h", "24 h", value])
    assert not header.grouped
    assert header.shown[3] == "Impact, 24 h"


def test_our_own_remarks_are_shown_and_are_no_title() -> None:
    header = header_at(sheet(["Code", "Contrôle CaRE"]), 1)
    assert header is not None
    assert header.shown == {1: "Code", 2: "Contrôle CaRE"}
    assert [title.place for title in header.titles] == [1]


def test_the_fingerprint_counts_untitled_columns() -> None:
    shifted, plain = header_at(sheet([None, "Code", "Nom"]), 1), header_at(sheet(["Code", "Nom"]), 1)
    longer = header_at(sheet(["Titre"], ["Code", "Nom", None, 12]), 2)
    assert shifted is not None
    assert plain is not None
    assert longer is not None
    assert plain.fingerprint == longer.fingerprint != shifted.fingerprint


@pytest.mark.parametrize("title", ["DIMA (h)", "DIMA (heures)", "dima [jours]", "DIMA (min) *"])
def test_the_unit_of_a_title_is_not_part_of_its_name(title: str) -> None:
    [header] = [each for each in headers(sheet([title, "Activité"])) if each.depth == 1]
    assert [reading.strip() for reading in header.titles[0].readings] == [title, title.split(" ", maxsplit=1)[0]]
