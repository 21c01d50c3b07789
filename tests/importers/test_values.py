"""The normalisation table, line by line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.base import Choice, Column, Kind
from importers.cells.values import UNKNOWN, read_value
from importers.reading.sheet import Cell, CellKind
from importers.readings import Notice, ValueFault
from tests.importers.readings import FACTS, noticed, read, refused

GROUP = replace(FACTS, group_code="GHT-FICTIF-01", group_finess=("760780031",))


@pytest.mark.parametrize(
    "value", ["760780023", 760780023, 760780023.0, " 760 780 023 ", "FINESS : 760780023", "'760780023"]
)
def test_a_finess_is_read_however_it_is_typed(value: object) -> None:
    assert read(Kind.FINESS_EJ, value).value == "760780023"


@pytest.mark.parametrize("value", ["2A0000014", "2a0000014", "2a 0000014"])
def test_corsica_is_read(value: str) -> None:
    assert read(Kind.FINESS_EJ, value).value == "2A0000014"


def test_a_lost_zero_is_put_back_with_a_notice() -> None:
    reading = read(Kind.FINESS_EJ, 10780054)
    assert reading.value == "010780054"
    assert reading.notice is not None
    assert reading.notice.code == "W-FIN"


def test_an_unknown_and_a_foreign_establishment_get_the_same_words() -> None:
    unknown = refused(Kind.FINESS_EJ, "990000002")
    foreign = refused(Kind.FINESS_EJ, "260000013")
    foreign_site = refused(Kind.FINESS_EJ, "010000024")
    lost_zero = refused(Kind.FINESS_EJ, 10000032)
    said = {(fault.code, fault.reason, fault.remedy) for fault in (unknown, foreign, foreign_site, lost_zero)}
    assert said == {("E-FIN", *UNKNOWN)}


def test_a_wrong_key_says_so() -> None:
    fault = refused(Kind.FINESS_EJ, "760780024")
    assert fault.code == "E-FIN"
    assert "clé" in fault.reason


def test_a_site_in_an_ej_column_names_its_ej() -> None:
    fault = refused(Kind.FINESS_EJ, "760000158")
    assert "FINESS ET" in fault.reason
    assert "760780023" in fault.remedy


def test_an_ej_in_a_site_column_says_so() -> None:
    assert "FINESS EJ" in refused(Kind.FINESS_ET, "760780023").reason


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("cell_kind", [CellKind.FORMULA, CellKind.ERROR])
def test_a_cell_without_a_value_is_never_taken_for_blank(kind: Kind, cell_kind: CellKind) -> None:
    value = "#REF!" if cell_kind is CellKind.ERROR else ""
    assert refused(kind, value, cell_kind).code.startswith("E-")


@pytest.mark.parametrize("kind", list(Kind))
def test_a_lone_dash_is_blank_everywhere(kind: Kind) -> None:
    assert read(kind, " - ").value is None


def test_a_shared_system_names_what_it_covers() -> None:
    assert read(Kind.SHARED, "sih-01; 760780023 ;10780054").value == ("SIH-01", ("760780023", "010780054"))


def test_no_shared_system() -> None:
    assert read(Kind.SHARED, "Non").value is None
    assert read(Kind.SHARED, False).value is None


@pytest.mark.parametrize("written", ["Oui", True, ";"])
def test_a_shared_system_without_its_code_is_refused(written: object) -> None:
    assert refused(Kind.SHARED, written).code == "E-LST"


def test_a_shared_system_covers_no_foreign_establishment() -> None:
    assert refused(Kind.SHARED, "SIH-01; 260000013").reason == UNKNOWN[0]


def test_the_reason_of_a_long_text_is_short() -> None:
    assert len(refused(Kind.FINESS_EJ, "9" * 4000).reason) < 200


# ------------------------------------------------------------------------------------------ several EJ, EJ or the GHT


@pytest.mark.parametrize(
    "written",
    [
        "760780023; 10780054 ;760780023",
        "760780023/010780054",
        "760780023\n010780054",
        "760780023, 010780054",
        "; 760780023;010780054;",
    ],
)
def test_several_establishments_are_read_once_each_in_their_order(written: str) -> None:
    assert read(Kind.FINESS_LIST, written).value == ("760780023", "010780054")


def test_a_list_of_one_establishment_may_be_a_number() -> None:
    reading = read(Kind.FINESS_LIST, 10780054)
    assert (reading.value, noticed(reading)) == (("010780054",), "W-FIN")
    assert read(Kind.FINESS_LIST, 0).value is None


def test_a_list_may_name_other_members_of_the_group_but_not_only_them() -> None:
    assert read(Kind.FINESS_LIST, "760780031; 760780023", facts=GROUP).value == ("760780031", "760780023")
    assert refused(Kind.FINESS_LIST, "760780031", facts=GROUP).reason == UNKNOWN[0]


def test_a_list_names_no_foreign_establishment() -> None:
    fault = refused(Kind.FINESS_LIST, "760780023; 260000013", facts=GROUP)
    assert (fault.code, fault.reason, fault.remedy) == ("E-FIN", *UNKNOWN)


@pytest.mark.parametrize("written", ["GHT-FICTIF-01", "ght fictif 01", " GHT ", "le GHT"])
def test_the_group_is_named_by_its_code_or_its_word(written: str) -> None:
    assert read(Kind.HOLDER, written, facts=GROUP).value == "GHT-FICTIF-01"


def test_a_holder_may_be_an_establishment() -> None:
    assert read(Kind.HOLDER, 760780023, facts=GROUP).value == "760780023"
    assert read(Kind.HOLDER, "760 780 023").value == "760780023"


def test_an_establishment_does_not_write_what_the_group_holds() -> None:
    fault = refused(Kind.HOLDER, "GHT-FICTIF-01")
    assert fault.code == "E-FIN"
    assert "tenue par le GHT" in fault.reason


def test_the_code_of_another_group_is_refused_without_a_word_about_it() -> None:
    real, invented = (refused(Kind.HOLDER, code, facts=GROUP) for code in ("GHT-FICTIF-2A", "GHT-XX"))
    assert (real.code, real.reason, real.remedy) == (invented.code, invented.reason, invented.remedy)
    assert "GHT-FICTIF-01" in real.remedy


# ------------------------------------------------------------------------------------------------- our own CSV exports


@pytest.mark.parametrize("value", ["=1+1", "+33", "-x", "@x"])
def test_the_apostrophe_that_neutralised_a_formula_is_dropped(value: str) -> None:
    assert read(Kind.TEXT, f"'{value}").value == value
    assert read(Kind.TEXTS, f"'{value}; b").value == (value, "b")


def test_another_apostrophe_is_text() -> None:
    assert read(Kind.TEXT, "'n est pas").value == "'n est pas"


def test_a_neutralised_dash_is_blank() -> None:
    assert read(Kind.TEXT, "'-").value is None


def test_a_month_first_file_is_read_so_only_when_told() -> None:
    column, cell = Column(key="x", label="X", kind=Kind.DATE, help=""), Cell(1, 1, CellKind.TEXT, "03/04/2026")
    assert str(read_value(column, cell, FACTS).value) == "2026-04-03"
    assert str(read_value(column, cell, FACTS, order="mdy").value) == "2026-03-04"


_cells = st.one_of(
    st.tuples(st.just(CellKind.TEXT), st.text(max_size=40)),
    st.tuples(st.just(CellKind.TEXT), st.text("0123456789 ,.;:/-+h jminO%€()'=E", max_size=20)),
    st.tuples(st.just(CellKind.NUMBER), st.integers(-(2**63), 2**63)),
    st.tuples(st.just(CellKind.NUMBER), st.floats(allow_nan=False, allow_infinity=False)),
    st.tuples(st.just(CellKind.BOOLEAN), st.booleans()),
    st.tuples(st.just(CellKind.DATE), st.datetimes().map(lambda day: day.isoformat()[:19])),
    st.tuples(st.just(CellKind.DATE), st.dates().map(lambda day: day.isoformat())),
    st.tuples(st.just(CellKind.TIME), st.timedeltas().map(str)),
    st.tuples(st.just(CellKind.TIME), st.times().map(str)),
)


@pytest.mark.parametrize("kind", list(Kind))
@settings(max_examples=150, deadline=None)
@given(cell=_cells, header=st.sampled_from(["", "X (jours)", "X en min"]), order=st.sampled_from(["dmy", "mdy"]))
def test_whatever_a_cell_holds_it_is_read_or_refused_with_a_code_and_what_to_do(
    kind: Kind, cell: tuple[CellKind, str | float], header: str, order: str
) -> None:
    column = Column(key="x", label="X", kind=kind, help="", choices=(Choice("yes", "Oui"),))
    said: ValueFault | Notice | None
    try:
        said = read_value(column, Cell(1, 1, *cell), GROUP, 1904, header, order).notice
    except ValueFault as fault:
        said = fault
    if said is not None:
        codes = ("E-TXT", "E-FIN", "E-LST", "E-DAT", "E-NUM", "E-REF") if isinstance(said, ValueFault) else ("W-",)
        assert said.code.startswith(codes)
        assert (said.reason[-1], said.remedy[-1]) == (".", ".")
