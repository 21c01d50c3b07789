"""Conflicts of the BIA, the weakest holding time, dependencies that exercises find."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compliance.rules.dependency import Activity, Held, Need, Place, System, conflicts, folded, unknown, weakest

EJ, OTHER = "629900341", "629900348"
HOUR, DAY = 60, 24 * 60
URG = Place(party=EJ, code="URG-01", name="Urgences adultes")
BIO = Place(party=EJ, code="BIO-01", name="Laboratoire de biologie")
SORT = Activity(party=EJ, perimeter="URG-01", number="1", name="Accueil et tri", criticality="1", dima=4 * HOUR)
TEST = Activity(party=EJ, perimeter="BIO-01", number="1", name="Bilans urgents", criticality="2", dima=8 * HOUR)
DPI = System(owner=EJ, code="DPI-01", application="Dossier patient", parties=frozenset({EJ}), rto=8 * HOUR, ref="s")
NEED = Need(party=EJ, perimeter="URG-01", number="1", kind="application", label="DPI", system="DPI-01", ref="n")
UPSTREAM = Need(party=EJ, perimeter="URG-01", number="1", kind="upstream", label="BIO-01")


def told(*, activities=(SORT,), needs=(), systems=(DPI,), places=(URG, BIO)):
    return [(each.reason.code, each.reason.text) for each in conflicts(places, activities, needs, systems)]


def test_an_activity_that_holds_less_long_than_its_system_takes_to_come_back_is_a_conflict():
    [conflict] = conflicts([URG], [SORT], [replace(NEED, tolerated=2 * HOUR)], [DPI])
    assert conflict.reason.code == "HOLDS_LESS_THAN_RTO"
    assert conflict.reason.text == (
        "URG-01 / 1 Accueil et tri : tient 2 h sans DPI, Dossier patient (DPI-01) revient en 8 h"
    )
    assert conflict.next_action == "Rapprocher le RTO de DPI-01, ou trouver de quoi tenir 8 h"
    assert (conflict.party, conflict.perimeter, conflict.need, conflict.system) == (EJ, "URG-01", "n", "s")


def test_where_no_delay_is_said_the_dima_of_the_activity_is_compared():
    text = "URG-01 / 1 Accueil et tri : DIMA de 4 h, Dossier patient (DPI-01) revient en 8 h"
    assert told(needs=[NEED]) == [("DIMA_LESS_THAN_RTO", text)]


def test_exactly_the_same_time_is_no_conflict():
    assert told(needs=[replace(NEED, tolerated=8 * HOUR)]) == []


def test_nothing_is_said_of_what_is_not_known():
    assert told(needs=[replace(NEED, system="RIEN-01")]) == []
    assert told(needs=[NEED], systems=[replace(DPI, rto=None)]) == []
    assert told(needs=[NEED], activities=[replace(SORT, dima=None)]) == []


@pytest.mark.parametrize("label", ["BIO-01", "bio-01", "Laboratoire de biologie", "LABORATOIRE  DE BIOLOGIE"])
def test_a_service_upstream_named_by_its_code_or_its_name_must_come_back_first(label):
    text = "URG-01 / 1 Accueil et tri : DIMA de 4 h, Laboratoire de biologie (BIO-01) peut s’arrêter 8 h"
    found = told(activities=[SORT, TEST], needs=[replace(UPSTREAM, label=label)])
    assert found == [("DIMA_LESS_THAN_UPSTREAM", text)]


def test_a_service_upstream_is_awaited_for_its_critical_work_alone():
    archives = replace(TEST, number="2", name="Archives", criticality="4", dima=30 * DAY)
    quick = replace(TEST, dima=2 * HOUR)
    assert told(activities=[SORT, quick, archives], needs=[UPSTREAM]) == []
    assert told(activities=[SORT, archives], needs=[UPSTREAM])


def test_a_service_of_another_establishment_is_not_the_one_upstream():
    there = replace(BIO, party=OTHER)
    assert told(places=[URG, there], activities=[SORT, replace(TEST, party=OTHER)], needs=[UPSTREAM]) == []


def test_how_long_the_activity_says_it_holds_without_the_service_upstream_is_believed():
    assert told(activities=[SORT, TEST], needs=[replace(UPSTREAM, tolerated=DAY)]) == []
    [(code, _)] = told(activities=[SORT, TEST], needs=[replace(UPSTREAM, tolerated=HOUR)])
    assert code == "HOLDS_LESS_THAN_UPSTREAM"


def test_a_pdma_shorter_than_the_frequency_of_the_backups_is_a_conflict():
    system, activity = replace(DPI, rto=None, frequency=DAY), replace(SORT, pdma=HOUR)
    text = (
        "URG-01 / 1 Accueil et tri : PDMA de 1 h, plus courte que la fréquence de sauvegarde de "
        "Dossier patient (DPI-01), 1 jour"
    )
    assert told(activities=[activity], needs=[NEED], systems=[system]) == [("PDMA_LESS_THAN_FREQUENCY", text)]
    assert told(activities=[replace(SORT, pdma=DAY)], needs=[NEED], systems=[system]) == []


def test_a_system_saved_less_often_than_its_own_pdma_is_a_conflict():
    assert told(systems=[replace(DPI, pdma=HOUR, frequency=4 * HOUR)])[0][0] == "BACKUP_TOO_RARE"


def test_a_system_that_names_its_activities_is_compared_without_any_dependency():
    named = replace(DPI, activities=frozenset({"URG-01 / 1"}))
    assert [code for code, _ in told(systems=[named])] == ["DIMA_LESS_THAN_RTO"]
    assert [code for code, _ in told(systems=[named], needs=[NEED])] == ["DIMA_LESS_THAN_RTO"]  # told once


def test_the_system_of_the_support_serves_the_members_that_it_lists():
    shared = replace(DPI, owner=OTHER, parties=frozenset({EJ, OTHER}))
    namesake = replace(DPI, owner="629900999", parties=frozenset({"629900999"}), rto=HOUR)
    assert [code for code, _ in told(needs=[NEED], systems=[shared, namesake])] == ["DIMA_LESS_THAN_RTO"]


# --- CHSF: the weakest holding time is shown


def test_chsf_the_weakest_holding_time_is_the_shortest_of_critical_activities_and_plans():
    activities = [replace(SORT, hold=3 * DAY), replace(TEST, hold=12 * HOUR), replace(TEST, criticality="3", hold=1)]
    found = weakest(activities, [Held("URG-01", "PCRA URG-01 Urgences adultes", 21 * DAY)])
    assert found.minutes == 12 * HOUR
    assert found.text == "12 h (BIO-01 / 1 Bilans urgents)"
    assert found.silent == ()


def test_chsf_those_who_do_not_say_how_long_they_hold_are_counted():
    plans = [Held("URG-01", "PCRA URG-01", DAY), Held("BIO-01", "PCRA BIO-01", None)]
    found = weakest([SORT, replace(TEST, criticality="4")], plans)
    assert [held.title for held in found.silent] == ["URG-01 / 1 Accueil et tri", "PCRA BIO-01"]
    assert (found.text, found.mute) == ("1 jour (PCRA URG-01)", "2 activités ou plans ne le disent pas")
    alone = weakest([SORT], [])
    assert (alone.text, alone.mute) == ("non renseignée", "1 activité ou plan ne le dit pas")
    assert (weakest([], []).minutes, weakest([], []).mute) == (None, "")


# --- trade article, September 2025: hidden dependencies feed the BIA


def test_trade_article_a_dependency_found_in_an_exercise_is_told_until_the_bia_has_it():
    found = ["Imprimante des étiquettes", " imprimante des Etiquettes ", "Badge du dépôt de sang", " "]
    assert unknown(found, ["BADGE DU DEPOT DE SANG"]) == ("Imprimante des étiquettes",)
    assert unknown(found, ["Imprimante des étiquettes", "Badge du dépôt de sang"]) == ()


def test_texts_are_compared_as_people_read_them():
    assert folded("  L’Énergie / fluides ") == folded("l'energie - FLUIDES") == "l energie fluides"
