"""What changed between two states: rows with the sentences that went and came, and what parties became."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest

from compliance.reports.difference import difference
from compliance.rules.activity import Party
from compliance.services import candidate as candidates
from compliance.services import evidence
from compliance.services import party as party_services
from tenants.db import new_id
from tests.factories import acting as at
from tests.factories import states
from tests.factories.acting import acting

TODAY = date.today()  # the database keeps the real clock
PAST = TODAY - timedelta(days=5)
ESTUARY = (at.ESTUARY_DSI, at.ESTUARY_SCOPE)
FIRST, SECOND, THIRD = at.ESTUARY_MEMBERS


@pytest.fixture
def compared(app, world):
    """Return a function that compares the state of five days ago with that of today, all that there was being older."""
    at.age(app, 10)

    def compare():
        before, after = (states.read(app, world, *ESTUARY, day)[1] for day in (PAST, TODAY))
        return difference(before, after)

    return compare


@pytest.fixture
def attach(app, world):
    """Return a function that attaches a note to D2.P2 for some members."""

    def give(*members: at.Member, **given: object) -> None:
        with acting(app, world, *ESTUARY):
            for member in members:
                owner = world.establishments[member.finess]
                evidence.attach(owner, "D2.P2", "organisation_note", "note.pdf", BytesIO(new_id().bytes), **given)

    return give


def test_nothing_new_is_no_difference(compared):
    found = compared()
    assert (found.changes, found.moved, found.parties) == ((), (), ())


def test_a_row_that_moves_says_what_it_was_what_it_is_and_the_facts_behind(compared, attach):
    attach(FIRST)
    [change] = compared().changes
    assert (change.code, change.before, change.after, change.state_changed) == (
        *("D2.P2", "missing", "in_progress"),
        True,
    )
    assert change.gone == ("CH de Belle-Rive – Pièce attendue : Note d’organisation",)
    assert change.come == ("CH de Belle-Rive – Note d’organisation : note.pdf, pièce jointe, sans date d’approbation",)


def test_what_changed_for_everybody_is_said_once_without_names(compared, attach):
    attach(FIRST, SECOND, THIRD)
    [change] = compared().changes
    assert change.gone == ("Pièce attendue : Note d’organisation",)
    assert change.come == ("Note d’organisation : note.pdf, pièce jointe, sans date d’approbation",)


def test_a_row_may_say_other_reasons_and_stay_in_its_state(compared, attach):
    attach(FIRST)
    attach(SECOND)
    found = compared()
    at_first = found.moved[0]
    assert at_first.after == "in_progress"
    again = difference(found.after, found.after | {"rows": found.before["rows"]})
    assert [(change.code, change.state_changed) for change in again.changes] == [("D2.P2", True)]
    reworded = [
        row | {"parties": [each | {"reasons": []} for each in row["parties"]]} if row["code"] == "D2.P2" else row
        for row in found.after["rows"]
    ]
    [change] = difference(found.after, found.after | {"rows": reworded}).changes
    assert (change.code, change.state_changed, change.come) == ("D2.P2", False, ())
    assert difference(found.after, found.after | {"rows": reworded}).moved == ()


def test_a_row_that_was_not_there_comes_with_all_it_says(compared):
    document = compared().after
    [change] = difference(document | {"rows": document["rows"][1:]}, document).changes
    assert (change.code, change.before, change.after, change.gone) == ("D2.P1", "", "met", ())
    assert any("pssi.pdf" in text for text in change.come)
    assert not any("À vérifier à la lecture" in text for text in change.come)


def party(member: at.Member, **changes: object) -> Party:
    given = {"key": member.finess, "name": member.name, "ac": Decimal(1000), "ac_year": 2024, "source": "SAE"}
    return Party(**given | changes)


@pytest.mark.parametrize(
    ("ac", "sentence"),
    [
        (Decimal("12000.5"), "CH de Belle-Rive, activité combinée : 1 000, puis 12 000,5"),
        (Decimal(0), "CH de Belle-Rive, activité combinée : 1 000, puis 0"),
        (None, "CH de Belle-Rive, activité combinée : 1 000, puis inconnue"),
    ],
)
def test_an_ac_that_changes_is_said_as_people_write_it_and_zero_is_not_unknown(app, world, compared, ac, sentence):
    with acting(app, world, *ESTUARY):
        owner = world.establishments[FIRST.finess]
        party_services.record_parties(candidates.require("D2"), [(owner, None, party(FIRST, ac=ac))], None)
    assert compared().parties == (sentence,)


def test_who_enters_and_who_leaves_the_perimeter_is_said(app, world, compared):
    with acting(app, world, *ESTUARY):
        owner = world.establishments[FIRST.finess]
        party_services.record_parties(
            candidates.require("D2"),
            [
                (owner, None, party(FIRST, in_scope=False, out_reason="EHPAD")),
                (owner, None, party(FIRST, key="ZZ EHPAD", name="EHPAD du Phare")),
            ],
            None,
        )
    found = compared()
    assert found.parties == (
        "EHPAD du Phare est une partie du candidat",
        "CH de Belle-Rive sort du périmètre",
    )
    back = difference(found.after, found.before)
    assert back.parties == (
        "EHPAD du Phare n’est plus une partie du candidat",
        "CH de Belle-Rive entre dans le périmètre",
    )
