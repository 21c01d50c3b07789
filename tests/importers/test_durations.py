"""Durations in minutes and times of day, however they are typed."""

from __future__ import annotations

import pytest

from importers.base import Kind
from importers.cells.durations import show_duration, unit_of
from importers.reading.sheet import CellKind
from tests.importers.readings import noticed, read, refused


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("4", 240), (4, 240), (4.5, 270), ("4h", 240), ("4 h", 240), ("4H30", 270), ("4 h 30", 270), ("04:30", 270),
        ("26:00", 1560), ("30 min", 30), ("30mn", 30), ("1/2 journée", 240), ("½ journée", 240), ("demi-journée", 240),
        ("2 demi-journées", 480), ("1 j", 1440), ("J+1", 1440), ("j + 2", 2880), ("H+4", 240), ("3 jours", 4320),
        ("1 semaine", 10080), ("immédiat", 0), ("Immédiate", 0), ("0", 0), ("0,5 j", 720), ("1/2 j", 720), ("1/2 h", 30),
        ("1,5 h", 90), ("1 j 12 h", 2160), ("1 h 30 min", 90), ("2 heures et 30 minutes", 150), ("une heure", 60),
        ("2 days", 2880), ("toutes les 4 h", 240),
    ],
)  # fmt: skip
def test_a_duration_is_read_in_minutes(written: object, minutes: int) -> None:
    reading = read(Kind.DURATION, written)
    assert (reading.value, reading.notice) == (minutes, None)


@pytest.mark.parametrize(
    ("written", "minutes"), [("4:30:00", 270), ("04:30:00", 270), ("1 day, 2:00:00", 1560), ("2 days, 0:00:00", 2880)]
)
def test_a_time_of_the_spreadsheet_is_a_duration(written: str, minutes: int) -> None:
    assert read(Kind.DURATION, written, CellKind.TIME).value == minutes


def test_a_duration_of_more_than_a_day_that_became_a_date_is_read() -> None:
    assert read(Kind.DURATION, "1900-01-01T02:00:00", CellKind.DATE).value == 1560


def test_a_duration_that_became_a_real_date_is_explained() -> None:
    assert "en date (12/04/2026)" in refused(Kind.DURATION, "2026-04-12T00:00:00", CellKind.DATE).reason


@pytest.mark.parametrize(("written", "minutes"), [(0.1875, 270), (0.5, 720), (4 / 24, 240)])
def test_a_fraction_of_a_day_is_a_time_of_the_spreadsheet_and_told(written: float, minutes: int) -> None:
    reading = read(Kind.DURATION, written)
    assert (reading.value, noticed(reading)) == (minutes, "W-DUR")


@pytest.mark.parametrize(("written", "kind"), [("02:35:10", CellKind.TEXT), ("2:35:10", CellKind.TIME)])
def test_seconds_are_rounded_and_told(written: str, kind: CellKind) -> None:
    reading = read(Kind.DURATION, written, kind)
    assert (reading.value, noticed(reading)) == (155, "W-DUR")


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("24-48h", 1440),
        ("24 à 48 h", 1440),
        ("24h-48h", 1440),
        ("2 à 3 jours", 2880),
        ("48-24 h", 1440),
        ("30 min - 1 h", 30),
    ],
)
def test_the_shorter_end_of_a_range_is_kept_and_told(written: str, minutes: int) -> None:
    reading = read(Kind.DURATION, written)
    assert (reading.value, noticed(reading)) == (minutes, "W-DUR")


@pytest.mark.parametrize(
    ("written", "minutes"),
    [("< 4 h", 240), ("4h max", 240), ("environ 2 jours", 2880), ("Quotidienne", 1440), ("hebdo", 10080)],
)
def test_a_loose_duration_is_told_as_it_was_understood(written: str, minutes: int) -> None:
    reading = read(Kind.DURATION, written)
    assert (reading.value, noticed(reading)) == (minutes, "W-DUR")


@pytest.mark.parametrize(
    ("written", "minutes"), [("1 mois", 43_200), ("un mois", 43_200), ("1,5 mois", 64_800), ("3 mois", 129_600)]
)
def test_a_month_is_thirty_days_and_told_for_an_attack_lasts_months(written: str, minutes: int) -> None:
    """CHSF: three months to repair; a plan may say that it holds for months."""
    reading = read(Kind.DURATION, written)
    assert (reading.value, noticed(reading)) == (minutes, "W-DUR")
    assert reading.notice is not None
    assert show_duration(minutes) in reading.notice.reason


@pytest.mark.parametrize(
    "written",
    ["rapide", "selon", "selon le service", "-4", -4, "> 4 h", "24/24", "24/48h", "7j/7", "1 journée", "ce mois", "4h5", "4h75", "04:75",
     1e9, True],
)  # fmt: skip
def test_what_is_no_duration_is_asked(written: object) -> None:
    assert refused(Kind.DURATION, written).code == "E-NUM"


def test_the_remedy_says_what_to_type() -> None:
    assert "4 h 30" in refused(Kind.DURATION, "rapide").remedy


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("DIMA (jours)", "j"), ("DIMA (en j)", "j"), ("RTO en min", "min"), ("RTO [h]", "h"), ("Délai_j", "j"), ("Nb de jours", "j"),
        ("Rétention, nombre de semaines", "sem"), ("Durée heures", "h"), ("Durée (s)", "s"), ("DIMA", None), ("DIMA (h ou j)", None),
        ("Durée (4 h max)", None), ("Fréquence (par jour)", None), ("Délai de mise à jour", None), ("Tenue sur 24 h", None),
    ],
)  # fmt: skip
def test_the_unit_of_a_column_is_in_its_title(header: str, unit: str | None) -> None:
    assert unit_of(header) == unit


@pytest.mark.parametrize(
    ("header", "written", "minutes"),
    [("DIMA (jours)", "4", 5760), ("DIMA (jours)", 0.5, 720), ("DIMA (h)", 0.5, 30), ("RTO en min", 90, 90), ("DIMA (jours)", "2 j", 2880),
     ("DIMA (jours)", "J+1", 1440), ("Durée (h)", "4h30", 270), ("DIMA (jours)", "1 j 12 h", 2160)],
)  # fmt: skip
def test_a_bare_number_takes_the_unit_of_its_column(header: str, written: object, minutes: int) -> None:
    reading = read(Kind.DURATION, written, header=header)
    assert (reading.value, reading.notice) == (minutes, None)


def test_the_unit_of_the_column_wins_over_another_one_and_says_so() -> None:
    reading = read(Kind.DURATION, "4 h", header="DIMA (jours)")
    assert (reading.value, noticed(reading)) == (5760, "W-DUR")


def test_a_form_that_can_only_be_hours_is_read_so_in_a_column_of_days_and_told() -> None:
    reading = read(Kind.DURATION, "4h30", header="DIMA (jours)")
    assert (reading.value, noticed(reading)) == (270, "W-DUR")


def test_the_title_of_the_specification_gives_the_unit_that_the_file_does_not() -> None:
    assert read(Kind.DURATION, "30", header="Rétention", label="Rétention (jours)").value == 43200
    assert read(Kind.DURATION, "30", header="Rétention en h", label="Rétention (jours)").value == 1800


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [
        (0, "0 min"),
        (30, "30 min"),
        (60, "1 h"),
        (240, "4 h"),
        (270, "4 h 30"),
        (245, "4 h 05"),
        (1440, "1 j"),
        (1500, "25 h"),
        (4320, "3 j"),
    ],
)
def test_a_duration_is_shown_as_people_write_it(minutes: int, shown: str) -> None:
    assert show_duration(minutes) == shown


# -------------------------------------------------------------------------------------------------------- times of day


@pytest.mark.parametrize(
    ("written", "kind", "shown"),
    [
        ("9h", None, "09:00"), ("09:30", None, "09:30"), ("9h30", None, "09:30"), ("9 h 05", None, "09:05"), ("9 heures", None, "09:00"),
        ("23:59:59", None, "23:59"), ("09:30:00", CellKind.TIME, "09:30"), ("00:00:00", CellKind.TIME, "00:00"),
        (0.395833333333333, None, "09:30"),
    ],
)  # fmt: skip
def test_a_time_of_day_is_read(written: object, kind: CellKind | None, shown: str) -> None:
    assert read(Kind.TIME, written, kind).value == shown


@pytest.mark.parametrize("written", ["9", 9, "24:00", "9h75", "matin", 1.5, "9:5"])
def test_what_is_no_time_of_day_is_refused(written: object) -> None:
    assert refused(Kind.TIME, written).code == "E-DAT"


def test_a_date_is_no_time_of_day() -> None:
    assert refused(Kind.TIME, "2026-04-12T09:30:00", CellKind.DATE).code == "E-DAT"
