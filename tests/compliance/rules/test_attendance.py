"""Who was present at a session, and whether it trained them on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from compliance.rules.attendance import outcome
from compliance.rules.verdict import State
from tests.compliance.rules.sheets import DMCC, ON, ONLINE, sheet


def test_somebody_present_at_every_half_day_and_who_signed_is_trained():
    """lessons.md, « DMCC training, Martinique »: a session has its attendance."""
    found = outcome(sheet(), ON)
    assert (found.counts, found.learned_on, found.until) == (True, date(2025, 12, 5), None)
    assert found.verdict.reasons[0].text == "Formé le 05/12/2025"


@pytest.mark.parametrize(
    ("changes", "code", "state"),
    [
        ({"session": None}, "SESSION_UNKNOWN", State.TO_CONFIRM),
        ({"signed": False}, "UNSIGNED", State.TO_CONFIRM),
        ({"signed": None}, "UNSIGNED", State.TO_CONFIRM),
        ({"signed": None, "certified": True}, "UNSIGNED", State.TO_CONFIRM),
        ({"half_days": ("present", "excused", None)}, "PARTIAL", State.IN_PROGRESS),
        ({"half_days": ("present", None, None)}, "PARTIAL", State.IN_PROGRESS),
        ({"half_days": ("absent", "excused", None)}, "ABSENT", State.MISSING),
        ({"half_days": ("excused", "excused", None)}, "ABSENT", State.MISSING),
        ({"half_days": ()}, "ABSENT", State.MISSING),
    ],
)
def test_a_line_that_does_not_train_says_why(changes, code, state):
    found = outcome(sheet(**changes), ON)
    assert (found.code, found.verdict.state, found.counts) == (code, state, False)


def test_an_excuse_is_not_presence_and_is_not_called_an_absence():
    excused = outcome(sheet(half_days=("excused", "excused")), ON).verdict
    absent = outcome(sheet(half_days=("excused", "absent")), ON).verdict
    assert (excused.reasons[0].text, absent.reasons[0].text) == ("Excusé", "Absent")


def test_a_certificate_makes_part_of_a_session_count():
    """lessons.md, « DMCC training, Martinique »: a session has its certificates."""
    assert outcome(sheet(half_days=("present", "excused"), certified=True), ON).counts


def test_a_session_longer_than_the_sheet_is_judged_on_the_half_days_of_the_sheet():
    long = replace(DMCC, half_days=10)
    assert outcome(sheet(session=long, half_days=("present",) * 6), ON).counts
    assert outcome(sheet(session=long, half_days=("present",) * 5), ON).code == "PARTIAL"


def test_a_session_counts_from_its_last_day():
    assert outcome(sheet(), date(2025, 12, 4)).code == "UPCOMING"
    assert outcome(sheet(), date(2025, 12, 5)).counts


def test_what_was_learnt_ends_with_the_validity_of_the_session_to_the_day():
    yearly = sheet(session=replace(DMCC, validity_months=12))
    assert outcome(yearly, date(2026, 12, 4)).counts
    ended = outcome(yearly, date(2026, 12, 5))
    assert (ended.code, ended.verdict.state, ended.until) == ("EXPIRED", State.AT_RISK, date(2026, 12, 5))
    assert ended.verdict.next_action == "Organiser un recyclage"


def test_the_validity_runs_from_the_certificate_once_it_is_delivered():
    """lessons.md, « DMCC training, Martinique »: a session has its certificates."""
    line = sheet(session=replace(DMCC, validity_months=12), certified=True, certified_on=date(2026, 1, 10))
    assert outcome(line, ON).until == date(2027, 1, 10)
    assert outcome(line, date(2026, 1, 9)).until == date(2026, 12, 5)
    assert outcome(replace(line, certified=None), ON).until == date(2026, 12, 5)


def test_e_learning_counts_by_its_hours_and_its_day_without_a_signature():
    line = sheet(session=ONLINE, half_days=(), hours=Decimal("1.5"), attended_on=date(2026, 3, 2), signed=None)
    assert outcome(line, ON).learned_on == date(2026, 3, 2)
    assert outcome(line, date(2026, 3, 1)).code == "UPCOMING"
    assert outcome(replace(line, attended_on=None), ON).code == "DATE_MISSING"
    short = outcome(replace(line, hours=Decimal("1.0")), ON)
    assert (short.code, short.verdict.reasons[0].text) == ("PARTIAL", "1,0 h suivies en ligne sur 1,5 h")
