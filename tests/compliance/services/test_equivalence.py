"""An equivalence: recorded with its reason and its proof, in force until it is withdrawn, of its candidate alone."""

from __future__ import annotations

import json
from datetime import date

import pytest

from compliance.models.equivalence import Equivalence
from compliance.services import candidate as candidates
from compliance.services import equivalence, register
from compliance.services.equivalence import Recorded
from tenants.errors import Invalid
from tests.factories import acting as at
from tests.factories.acting import acting, counts, seen

TODAY = date.today()  # the database keeps the real clock
ESTUARY = (at.ESTUARY_DSI, at.ESTUARY_SCOPE)
FIRST, SECOND = at.ESTUARY_MEMBERS[0].finess, at.ESTUARY_MEMBERS[1].finess
GIVEN = {"reason": "  Sauvegardes tenues par un tiers ", "file": "contrat.pdf", "starts_on": date(2026, 3, 1)}
KEPT = Recorded("", "Sauvegardes tenues par un tiers", "contrat.pdf", date(2026, 3, 1))


@pytest.fixture
def record(app, world):
    """Return a function that records one for the GHT of three: `record(row, party)`, what is given else changing it."""
    seen(app, "TRUNCATE equivalence")

    def give(row: str = "D2.O2.A", party: str = "", **changes: object) -> None:
        with acting(app, world, *ESTUARY):
            equivalence.record(candidates.require("D2"), row, party, **GIVEN | changes)

    return give


@pytest.fixture
def recorded(app, world):
    """Return a function that says those that somebody reads of a row, in all that they may read."""

    def read(row: str = "D2.O2.A", email: str = at.ESTUARY_DSI, scope: str = at.ESTUARY_SCOPE) -> list[Recorded]:
        with acting(app, world, email, scope):
            names = ("row_code", "party_key", "reason", "file", "starts_on")
            rows = register.columns_of({Equivalence: names}, list(world.establishments.values()), TODAY)
            return equivalence.recorded(rows, row)

    return read


def withdraw(app, world, row: str = "D2.O2.A", party: str = "") -> None:
    with acting(app, world, *ESTUARY):
        equivalence.withdraw(candidates.require("D2"), row, party)


def test_an_equivalence_is_kept_with_its_reason_its_proof_and_its_day(record, recorded):
    record()
    assert recorded() == [KEPT]
    assert recorded("D2.O2.B") == []


def test_there_is_one_of_a_row_for_each_party_and_the_last_one_stands(record, recorded):
    record()
    record(party=SECOND)
    record(party=SECOND, reason="Repris par le support")
    assert recorded() == [KEPT, Recorded(SECOND, "Repris par le support", "contrat.pdf", date(2026, 3, 1))]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"reason": " \n"}, "Dites pourquoi"),
        ({"file": ""}, "Choisissez la preuve"),
        ({"file": "  "}, "Choisissez la preuve"),
    ],
)
def test_without_a_reason_or_a_proof_nothing_is_kept(app, record, changes, why):
    before = counts(app, "equivalence", "audit_event")
    with pytest.raises(Invalid, match=why):
        record(**changes)
    assert counts(app, "equivalence", "audit_event") == before


def test_withdrawing_ends_it_for_that_party_alone_and_keeps_its_past(app, world, record, recorded):
    record()
    record(party=SECOND)
    withdraw(app, world, party=SECOND)
    assert recorded() == [KEPT]
    assert counts(app, "equivalence") == {"equivalence": 3}
    record(party=SECOND)
    assert len(recorded()) == 2


def test_withdrawing_what_is_not_there_changes_nothing(app, world, record):
    record()
    before = counts(app, "equivalence", "audit_event")
    withdraw(app, world, party=SECOND)
    withdraw(app, world, row="D2.O4")
    assert counts(app, "equivalence", "audit_event") == before


def test_recording_and_withdrawing_are_told_in_the_chain_of_the_support(app, world, record):
    record(party=SECOND)
    withdraw(app, world, party=SECOND)
    events = seen(
        app,
        "SELECT action, payload FROM audit_event WHERE establishment_id = %s AND action LIKE 'equivalence.%%' ORDER BY sequence",
        world.establishments[FIRST],
    )
    assert [each["action"] for each in events] == ["equivalence.recorded", "equivalence.withdrawn"]
    assert [json.loads(each["payload"])["detail"] for each in events] == [{"row": "D2.O2.A", "party": SECOND}] * 2


def test_another_tenant_does_not_see_it_and_cannot_write_it(app, world, record, recorded):
    record()
    assert recorded(email=at.CAPES_DSI, scope=at.CAPES) == []
    assert recorded(email=at.OUTSIDE_ADMIN, scope=at.OUTSIDE_SCOPE) == []
    with acting(app, world, *ESTUARY):
        foreign = candidates.require("D2")
        support = foreign.establishment_id
    before = counts(app, "equivalence")
    assert support == world.establishments[FIRST]
    with pytest.raises(Exception, match="row-level security"), acting(app, world, at.CAPES_DSI, at.CAPES):
        equivalence.record(foreign, "D2.O2.A", "", **GIVEN)
    assert counts(app, "equivalence") == before
