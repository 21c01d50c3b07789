"""Critical systems beside what is asked of them: 3-2-1, frequency, restore tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from compliance.rules import recovery
from compliance.rules.backup import System
from compliance.rules.dependency import Activity, Bia, Need
from compliance.rules.dependency import System as Promises
from compliance.rules.recovery import Restoration, Restored, Target
from compliance.rules.verdict import State

EJ, ON, HOUR = "629900341", date(2026, 11, 22), 60
DPI = System(code="DPI-01", application="Dossier patient", parties=frozenset({EJ}), copies=3, media=2, offline=True)
SORT = Activity(party=EJ, perimeter="URG-01", number="1", name="Tri", dima=4 * HOUR, pdma=HOUR)
HELD = Restoration(code="REST-1", on=date(2026, 10, 6), result="success", lasted=155, rto=6 * HOUR)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"copies": 2}, "Pas en 3-2-1 : 2 copies sur 3"),
        ({"copies": 1, "media": None}, "Pas en 3-2-1 : 1 copie sur 3 et nombre de supports non renseigné"),
        ({"offline": None}, "Pas en 3-2-1 : aucune copie hors site, hors ligne ou immuable"),
    ],
)
def test_what_keeps_a_system_from_3_2_1_is_named(changes, said):
    verdict = recovery.copies(replace(DPI, **changes))
    assert (verdict.state, verdict.reasons[0].text) == (State.IN_PROGRESS, said)
    assert verdict.next_action == "Compléter les copies de DPI-01 Dossier patient, ou dater les jalons vers 3-2-1"


def test_3_copies_2_media_and_one_apart_are_3_2_1():
    assert recovery.copies(DPI).state is State.MET
    assert recovery.copies(replace(DPI, offline=False, offsite=True)).state is State.MET


def test_the_delay_asked_is_the_shortest_of_the_rto_and_of_the_dima_of_the_activities():
    assert recovery.delay_asked(8 * HOUR, [SORT]) == Target(4 * HOUR, "DIMA de URG-01 / 1 Tri")
    assert recovery.delay_asked(2 * HOUR, [SORT]) == Target(2 * HOUR, "RTO cible")
    assert recovery.delay_asked(None, [replace(SORT, dima=None)]) == Target(None, "")
    assert recovery.loss_asked(None, [SORT]) == Target(HOUR, "PDMA de URG-01 / 1 Tri")


def test_backups_further_apart_than_the_pdma_are_told_by_how_much():
    gap = recovery.spacing(24 * HOUR, Target(HOUR, "PDMA cible"))
    assert (gap.measured, gap.text, gap.worse) == ("1 jour", "23 h de plus qu’admis", True)
    assert recovery.spacing(HOUR, Target(HOUR, "PDMA cible")).worse is False
    assert recovery.spacing(None, Target(HOUR, "PDMA cible")) is None


def test_a_restore_test_is_compared_by_what_it_measured_else_by_how_long_it_lasted():
    asked = Target(4 * HOUR, "RTO cible")
    gap = recovery.delay_of(HELD, asked)
    assert (gap.label, gap.measured, gap.text) == ("RTO mesuré", "6 h", "2 h de plus que demandé")
    alone = recovery.delay_of(replace(HELD, rto=None), asked)
    assert (alone.label, alone.text) == ("Durée de la restauration", "1 h 25 de moins que demandé")
    assert recovery.loss_of(HELD, asked) is None
    assert recovery.loss_of(replace(HELD, rpo=0), Target(HOUR, "PDMA")).text == "1 h de moins qu’admis"


@pytest.mark.parametrize(
    ("tests", "minutes", "expected"),
    [
        ([], 360, Restored.NEVER),
        ([HELD], 360, Restored.IN_TIME),
        ([HELD], 359, Restored.LATE),
        ([HELD], None, Restored.NO_TARGET),
        ([replace(HELD, result="failure")], 360, Restored.FAILED),
        ([replace(HELD, on=date(2026, 11, 23))], 360, Restored.NEVER),  # still to come
        ([HELD, replace(HELD, code="REST-2", on=date(2026, 10, 7), rto=600)], 360, Restored.LATE),
    ],
)
def test_the_last_test_says_whether_a_system_came_back_in_time(tests, minutes, expected):
    assert recovery.restored(tests, Target(minutes, ""), ON)[0] is expected


def test_a_platform_is_kept_apart_since_a_day_or_will_be():
    told = [recovery.partition(day, "Réseau séparé", ON) for day in (ON, date(2027, 6, 30), None)]
    assert [(each.state, each.reasons[0].text) for each in told] == [
        (State.MET, "Cloisonnée depuis le 22/11/2026"),
        (State.IN_PROGRESS, "Prévu le 30/06/2027 : Réseau séparé"),
        (State.MISSING, "Ni fait, ni daté"),
    ]


def test_activities_served_are_those_that_a_system_names_and_those_that_name_it():
    other = replace(SORT, perimeter="BIO-01")
    system = Promises(
        owner=EJ, code="DPI-01", application="DPI", parties=frozenset({EJ}), activities=frozenset({"URG-01 / 1"})
    )
    need = Need(party=EJ, perimeter="BIO-01", label="DPI", system="DPI-01")
    assert Bia([SORT, other], [need], [system]).served(system) == [SORT, other]
    assert Bia([SORT, other], [], [system]).served(system) == [SORT]


def test_how_many_are_restored_or_not_agrees_in_number():
    assert [each.counted(1) for each in (Restored.LATE, Restored.NEVER, Restored.FAILED)] == [
        "1 restauré trop tard",
        "1 jamais restauré",
        "1 restauration échouée",
    ]
    assert {each: each.counted(8) for each in Restored} == {
        Restored.IN_TIME: "8 restaurés dans le délai",
        Restored.LATE: "8 restaurés trop tard",
        Restored.FAILED: "8 restaurations échouées",
        Restored.NO_TARGET: "8 restaurés, sans délai demandé",
        Restored.NEVER: "8 jamais restaurés",
    }
