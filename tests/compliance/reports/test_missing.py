"""What is missing: told once, under who lacks it, with who answers for it and until when."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest

from compliance.models.milestone import Milestone
from compliance.reports import missing as reports
from compliance.reports import situation as situations
from compliance.reports.missing import Group, Lack
from compliance.rules.activity import Party
from compliance.services import candidate as candidates
from compliance.services import dossier, evidence, opinion, perimeter
from compliance.services import party as party_services
from tenants.db import new_id, writing_as
from tests.factories import acting as at
from tests.factories import registers, states
from tests.factories.acting import acting, seen
from tests.factories.world import PERIMETER

TODAY = date.today()  # the database keeps the real clock
ON = date(2026, 11, 22)
TARGET = date(2026, 11, 30)
ESTUARY = (at.ESTUARY_DSI, at.ESTUARY_SCOPE)
FIRST, SECOND, THIRD = (member.finess for member in at.ESTUARY_MEMBERS)


@pytest.fixture
def missing(app, world):
    """Return a function that lists what lacks to the GHT of three, all that is recorded being known."""
    seen(app, "TRUNCATE milestone")

    def read(email: str = at.ESTUARY_DSI, scope: str = at.ESTUARY_SCOPE, on: date = ON) -> list[Group]:
        with acting(app, world, email, scope):
            found = situations.situation(states.CARE, on, TODAY)
            return reports.missing(found.gathered, found.document, states.CARE, on)

    return read


def of(groups: list[Group], key: str, row: str) -> Lack | None:
    """What a party lacks for a row; "" is what all share, or the candidate."""
    [group] = [each for each in groups if each.key == key]
    return next((lack for lack in group.lacks if lack.row == row), None)


@pytest.fixture
def note(app, world):
    """Attach the note of organisation of the second member: the others still lack theirs."""
    with acting(app, world, *ESTUARY):
        owner = world.establishments[SECOND]
        evidence.attach(
            owner, "D2.P2", "organisation_note", "note.pdf", BytesIO(new_id().bytes), approved_on=date(2026, 2, 3)
        )


def milestone(app, world, code: str, **given: object) -> None:
    values = {"code": code, "objectives": ("D2.P2",), "holder": FIRST, "due_on": ON, "status": "upcoming"}
    with acting(app, world, *ESTUARY):
        registers.write(world.establishments[FIRST], Milestone, code, **values | given)


def test_what_every_party_lacks_in_the_same_words_is_told_once(missing):
    groups = missing()
    assert (groups[0].whole, groups[0].name, groups[0].finess) == (True, "GHT de l’Estuaire", None)
    lack = of(groups, "", "D2.O1.A")
    assert lack.things == (
        ("Joindre : Schéma de gouvernance", "Pièce attendue : Schéma de gouvernance"),
        (
            "Joindre : Compte rendu de l’instance de direction",
            "Pièce attendue : Compte rendu de l’instance de direction",
        ),
    )
    assert [of(groups, key, "D2.O1.A") for key in (FIRST, SECOND, THIRD)] == [None, None, None]


def test_what_only_some_lack_is_told_under_each_of_them(missing, note):
    groups = missing()
    assert of(groups, "", "D2.P2") is None
    assert [of(groups, key, "D2.P2") is not None for key in (FIRST, SECOND, THIRD)] == [True, False, True]


def test_a_row_that_is_met_or_moot_lacks_nothing(missing):
    told = {lack.row for group in missing() for lack in group.lacks}
    assert "D2.P1" not in told
    assert {"D2.P2", "D2.O1.A", "D2.O1.C", "D2.O4"} <= told


def test_without_a_milestone_the_day_is_the_target_and_nobody_is_named_for_a_document(missing):
    lack = of(missing(), "", "D2.O1.A")
    assert (lack.owner, lack.due_on, lack.days_left, lack.blocking) == ("", TARGET, 8, True)
    assert of(missing(on=date(2026, 12, 3)), "", "D2.O1.A").days_left == -3


def test_the_nearest_milestone_says_who_and_when(app, world, missing, note):
    milestone(app, world, "J-1", due_on=date(2027, 1, 10), pilot_function="DSI")
    milestone(app, world, "J-2", due_on=date(2026, 11, 27), pilot_function="RSSI")
    milestone(app, world, "J-3", due_on=date(2026, 11, 24), status="abandoned", pilot_function="Abandon")
    milestone(app, world, "J-4", due_on=date(2026, 11, 25), status="reached", reached_on=date(2026, 11, 22))
    milestone(app, world, "J-5", due_on=date(2026, 11, 26), objectives=("D2.O4",), pilot_function="Un autre objectif")
    lack = of(missing(), FIRST, "D2.P2")
    assert (lack.owner, lack.due_on, lack.days_left) == ("RSSI", date(2026, 11, 27), 5)
    other = of(missing(), THIRD, "D2.P2")  # a milestone of the first is not that of the third
    assert (other.owner, other.due_on) == ("", TARGET)
    before = of(missing(on=date(2026, 11, 21)), FIRST, "D2.P2")  # not reached yet on that day
    assert (before.owner, before.due_on) == ("", date(2026, 11, 25))


def test_a_milestone_past_the_target_names_who_and_does_not_move_the_day(app, world, missing, note):
    milestone(app, world, "J-1", due_on=date(2027, 1, 10), pilot_function="DSI")
    lack = of(missing(), FIRST, "D2.P2")
    assert (lack.owner, lack.due_on, lack.days_left) == ("DSI", TARGET, 8)


def test_a_milestone_of_the_whole_ght_is_that_of_each_party(app, world, missing, note):
    milestone(app, world, "J-1", holder=at.ESTUARY_CODE, pilot_function="RPCRA", due_on=date(2026, 12, 4))
    assert [of(missing(), key, "D2.P2").owner for key in (FIRST, THIRD)] == ["RPCRA", "RPCRA"]


def test_without_a_pilot_the_referents_of_the_perimeters_answer(app, world, missing):
    with acting(app, world, *ESTUARY):
        owner = world.establishments[FIRST]
        unfinished = {
            "kind": "administrative",
            "pca": "absent",
            "pca_on": None,
            "referent_function": "Directrice des soins",
        }
        with writing_as(owner):
            perimeter.record_many(owner, [{"code": "PAIE-01", **PERIMETER, **unfinished}], None)
    assert of(missing(), FIRST, "D2.O1.C").owner == "Directrice des soins"


def test_who_is_not_on_the_shortest_path_lacks_things_that_do_not_block(missing):
    groups = missing()
    assert [of(groups, key, "D2.O1.C").blocking for key in (FIRST, SECOND, THIRD)] == [False, True, True]


def test_those_who_block_most_come_first_after_what_all_share(missing, note):
    groups = missing()
    blocking = [sum(lack.blocking for lack in group.lacks) for group in groups[1:]]
    assert groups[0].whole
    assert [group.whole for group in groups[1:]] == [False] * 3
    assert blocking == sorted(blocking, reverse=True)
    assert groups[-1].key == FIRST
    assert groups[0].count == sum(len(lack.things) for lack in groups[0].lacks) > 0


def test_an_unfavourable_opinion_on_what_was_met_is_to_be_answered_once(app, world, missing):
    [filing] = seen(app, "SELECT id FROM filing WHERE ght_id = %s", world.ghts[at.ESTUARY_CODE])
    with acting(app, world, "ars@monts-du-sud.example", "region:F2"):
        opinion.give(dossier.filing(filing["id"]), "D2.P1", "", favourable=False, reason="Page manquante")
    groups = missing(on=TODAY)
    [(action, why)] = of(groups, "", "D2.P1").things
    assert action == "Répondre à l’avis défavorable sur D2.P1"
    assert "Page manquante" in why
    assert of(groups, FIRST, "D2.P1") is None


def test_a_missing_ac_is_to_be_entered_once(app, world, missing):
    with acting(app, world, *ESTUARY):
        owner = world.establishments[THIRD]
        party = Party(key=THIRD, name="CH de Sablonne", ac=None)
        party_services.record_parties(candidates.require("D2"), [(owner, None, party)], None)
    _, why = of(missing(), "", "D2.O1.C").things[0]
    assert "AC manquante pour CH de Sablonne" in why


def test_a_party_out_of_scope_lacks_nothing(app, world, missing):
    with acting(app, world, *ESTUARY):
        owner = world.establishments[THIRD]
        party = Party(key=THIRD, name="CH de Sablonne", ac=None, in_scope=False, out_reason="EHPAD")
        party_services.record_parties(candidates.require("D2"), [(owner, None, party)], None)
    assert {group.key for group in missing()} == {"", FIRST, SECOND}


def test_a_member_of_a_ght_reads_what_it_lacks_itself(missing):
    groups = missing(at.REFERENT, at.REFERENT_SCOPE)
    assert {group.key for group in groups if not group.whole} == {at.CAPES_MEMBERS[3].finess}
    names = {member.name for member in at.CAPES_MEMBERS} - {at.CAPES_MEMBERS[3].name}
    said = " ".join(" ".join(thing) for group in groups for lack in group.lacks for thing in lack.things)
    assert not [name for name in names if name in said]


def test_the_days_left_are_counted_from_the_day_of_the_question(missing):
    assert of(missing(on=TARGET - timedelta(days=1)), "", "D2.O1.A").days_left == 1
