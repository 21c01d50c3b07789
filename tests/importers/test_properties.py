"""Whatever the cells hold: no exception, one answer per row, the same answer twice, in any order of columns."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from importers.check import check, to_json
from importers.faults import FaultClass
from importers.reading.sheet import Cell, CellKind, ReadBook, ReadSheet
from importers.words import is_blank
from importers.workbooks.bia_pcra import BIA_PCRA, PERIMETERS
from tests.importers.kits import Member, facts_for

FACTS = facts_for([Member("010007987", "CH"), Member("2A0000014", "CH")], sites={"010000180": "010007987"})
PLACES = len(PERIMETERS.columns)

_words = st.sampled_from(
    ["Oui", "Non", "010007987", "10007987", "2a0000014", "Réalisé", "Validé", "En cours", "Sans objet", "URG-01",
     "Total", "#", "EXEMPLE", "-", "12/03/2026", "T1 2027", "1,234", "Jean DUPONT", "SIH; 010007987", "Autre", "_x0001_", "=1+1"]
)  # fmt: skip
_values = st.one_of(
    st.tuples(st.just(CellKind.TEXT), st.one_of(_words, st.text(max_size=30))),
    st.tuples(
        st.just(CellKind.NUMBER),
        st.one_of(st.integers(-(2**63), 2**63), st.floats(allow_nan=False, allow_infinity=False)),
    ),
    st.tuples(st.just(CellKind.BOOLEAN), st.booleans()),
    st.tuples(st.just(CellKind.DATE), st.datetimes().map(lambda day: day.isoformat()[:19])),
    st.tuples(
        st.sampled_from([CellKind.ERROR, CellKind.TIME, CellKind.LONG]),
        st.sampled_from(["#REF!", "08:30:00", "x" * 120]),
    ),
    st.tuples(st.just(CellKind.FORMULA), st.just("")),
)
_rows = st.lists(st.dictionaries(st.integers(1, PLACES + 2), _values, max_size=12), max_size=6)


def book(rows: list[dict[int, tuple[CellKind, object]]], order: list[int]) -> ReadBook:
    """A sheet of these rows whose columns come in this order."""
    place_of = {column: place for place, column in enumerate(order, 1)}
    header = {
        place_of[rank]: Cell(1, place_of[rank], CellKind.TEXT, column.header("ght"))
        for rank, column in enumerate(PERIMETERS.columns, 1)
    }
    found = {1: header}
    for number, row in enumerate(rows, 2):
        cells = {place_of.get(place, place): value for place, value in row.items()}
        found[number] = {place: Cell(number, place, kind, value) for place, (kind, value) in sorted(cells.items())}  # type: ignore[arg-type]
    return ReadBook((ReadSheet("Perimetres", rows={number: row for number, row in found.items() if row}),))


@settings(max_examples=150, deadline=None)
@given(rows=_rows)
def test_any_cells_give_a_report_and_every_row_an_answer(rows: list[dict[int, tuple[CellKind, object]]]) -> None:
    source = book(rows, list(range(1, PLACES + 1)))
    report = check(BIA_PCRA, source, FACTS)
    assert to_json(report, applied=False) == to_json(check(BIA_PCRA, source, FACTS), applied=False)
    results = {row.row_number: row for row in report.sheets[0].rows}
    told = {fault.cell for fault in report.faults}
    for number, row in source.sheets[0].rows.items():
        filled = [
            cell for _, cell in sorted(row.items()) if cell.kind is not CellKind.TEXT or not is_blank(str(cell.value))
        ]
        if number == 1 or not filled or number in results:
            continue
        first = filled[0].text.strip().casefold()
        assert first.startswith("#") or first == "exemple" or filled[0].address in told
    for row in results.values():
        refused = any(fault.cls == FaultClass.ERROR for fault in row.faults)
        assert (row.status == "rejected") == refused


@settings(max_examples=80, deadline=None)
@given(rows=_rows, order=st.permutations(range(1, PLACES + 1)))
def test_the_order_of_columns_changes_no_value(
    rows: list[dict[int, tuple[CellKind, object]]], order: list[int]
) -> None:
    inside = [{place: value for place, value in row.items() if place <= PLACES} for row in rows]
    marks = ("#", "exemple", "total", "sous", "somme")  # the first cell of a row decides these: not about columns
    kept = [
        {place: value for place, value in row.items() if not str(value[1]).strip().casefold().startswith(marks)}
        for row in inside
    ]
    straight = check(BIA_PCRA, book(kept, list(range(1, PLACES + 1))), FACTS)
    shuffled = check(BIA_PCRA, book(kept, order), FACTS)
    assert [(row.row_number, row.key, row.status, row.values) for row in straight.sheets[0].rows] == [
        (row.row_number, row.key, row.status, row.values) for row in shuffled.sheets[0].rows
    ]
