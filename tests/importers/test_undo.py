"""Taking an import back puts everything as it was, but for what somebody changed since, which is told."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from compliance.clock import today
from compliance.services import candidate as candidates
from compliance.services import perimeter
from importers import registry, undo
from tenants.errors import Conflict, NotFound
from tests.factories import acting as at
from tests.factories.acting import acting, seen
from tests.factories.jobs import relayed, run_jobs
from tests.importers import desk, samples

pytestmark = pytest.mark.usefixtures("day_of_kits")

TWO = [member.finess for member in at.CAPES_MEMBERS[2:4]]  # the second is the referent's
OWN = TWO[1]
HALVES = (registry.WORKBOOKS[:4], registry.WORKBOOKS[4:])


def half(book: samples.Book, rank: int) -> bytes:
    """Half of the kit in one file: no file has more than 20 sheets."""
    return samples.file(*(samples.of(workbook, book) for workbook in HALVES[rank]))


def of(sheet: str, *rows: samples.Typed) -> bytes:
    """A file of one sheet."""
    return samples.file({sheet: rows})


def charter(number: str = OWN, **cells: object) -> samples.Typed:
    """The line of a service in the sheet « Charte »."""
    return samples.rows(number)["Charte"][0] | cells


@pytest.fixture
def dsi(app, world) -> desk.Desk:
    return desk.manager(app, world)


@pytest.fixture
def referent(app, world) -> desk.Desk:
    return desk.referent(app, world)


# ------------------------------------------------------------------------------------------------------------ identity


@pytest.mark.parametrize("place", ["a GHT", "an establishment"])
def test_applying_then_taking_back_leaves_pages_as_they_were(dsi, referent, place) -> None:
    who = dsi if place == "a GHT" else referent
    book = samples.together(TWO if place == "a GHT" else [OWN])
    before = [dsi.pages(), referent.pages()]
    runs = [who.apply(half(book, rank)) for rank in (0, 1)]
    between = [dsi.pages(), referent.pages()]
    assert all(between[1][sheet.name] != before[1][sheet.name] for sheet in desk.SHEETS if sheet.record)
    for run in reversed(runs):
        undone = who.undo(run["id"])
        assert (undone["state"], undone["undo"]["kept"], undone["undo"]["kept_keys"]) == ("undone", 0, [])
        assert undone["undo"]["undone"] == sum(
            count for counts in desk.tally(run["report"]).values() for count in counts.values()
        )
    assert [dsi.pages(), referent.pages()] == before


def test_values_that_an_import_changed_go_back_to_those_before(dsi, referent) -> None:
    referent.apply(of("Charte", charter(signatures=51)))
    before = dsi.pages()
    run = referent.apply(of("Charte", charter(signatures=60), charter(service="Réanimation")))
    assert desk.tally(run["report"]) == {"Charte": {"changed": 1, "new": 1}}
    assert referent.undo(run["id"])["undo"]["undone"] == 2
    assert dsi.pages() == before
    assert [row[2] for row in before["Charte"].values() if row[0] == "Urgences adultes"] == [51]


def test_the_name_kept_apart_and_the_plan_that_covers_others_go_too(app, dsi, world) -> None:
    port = desk.Desk(app, world, "referent@port-aubry.example", f"establishment:{at.CAPES_MEMBERS[0].finess}")
    others = [member.finess for member in at.CAPES_MEMBERS[1:3]]
    row = samples.rows(at.CAPES_MEMBERS[0].finess)["Perimetres"][0] | {
        "shared": f"SIH-01 ; {' ; '.join(others)}", "shared_identical": "Oui", "referent_function": "Zénobie HAUTECLOQUE",
    }  # fmt: skip
    before = [dsi.pages(), port.pages()]
    run = dsi.apply(of("Perimetres", row))
    assert {(code, covered) for _, code, covered, _ in dsi.pages()["coverages"]} >= {
        ("URG-01", each) for each in others
    }
    key = f"{at.CAPES_MEMBERS[0].finess}/URG-01"
    assert port.pages()["perimeters"][key]["contacts"] == ["Mme Exemple", "Zénobie HAUTECLOQUE"]
    assert dsi.undo(run["id"])["undo"] == {"undone": 1, "kept": 0, "kept_keys": [], "frozen": False}
    assert [dsi.pages(), port.pages()] == before


def test_an_import_taken_back_may_be_applied_again(dsi, referent) -> None:
    book = samples.together(TWO)
    first = [dsi.apply(half(book, rank)) for rank in (0, 1)]
    applied = [dsi.pages(), referent.pages()]
    for run in first:
        dsi.undo(run["id"])
    again = [dsi.apply(half(book, rank)) for rank in (0, 1)]
    assert [dsi.pages(), referent.pages()] == applied
    assert [desk.tally(run["report"]) for run in again] == [desk.tally(run["report"]) for run in first]


def test_imports_taken_back_one_after_the_other_from_the_last_leave_nothing(dsi, referent) -> None:
    before = dsi.pages()
    first = referent.apply(of("Charte", charter(signatures=10)))
    second = dsi.apply(of("Charte", charter(signatures=20)))
    third = referent.apply(of("Charte", charter(signatures=30)))
    kept = [who.undo(run["id"])["undo"]["kept"] for who, run in ((referent, third), (dsi, second), (referent, first))]
    assert kept == [0, 0, 0]
    assert dsi.pages() == before


def test_an_import_in_the_middle_leaves_what_came_after_and_the_last_goes_back_to_what_it_found(dsi, referent) -> None:
    second = dsi.apply(of("Charte", charter(signatures=20)))
    third = referent.apply(of("Charte", charter(signatures=30)))
    assert dsi.undo(second["id"])["undo"]["kept"] == 1
    assert dsi.pages()["Charte"][f"{OWN}/urgences adultes"][2] == 30
    referent.undo(third["id"])
    assert dsi.pages()["Charte"][f"{OWN}/urgences adultes"][2] == 20


# ------------------------------------------------------------------------------------------------------- changed since


def test_rows_that_somebody_changed_since_are_left_and_told(dsi, referent) -> None:
    run = dsi.apply(of("Charte", *(charter(number) for number in TWO), charter(service="Réanimation")))
    referent.apply(of("Charte", charter(signatures=64)))
    undone = dsi.undo(run["id"])
    assert undone["undo"] == {"undone": 2, "kept": 1, "kept_keys": ["urgences adultes"], "frozen": False}
    left = {key: row[2] for key, row in dsi.pages()["Charte"].items() if row[0] != "exemple"}
    assert left == {f"{OWN}/urgences adultes": 64}


def test_perimeters_and_parties_changed_since_are_named_as_people_know_them(dsi) -> None:
    book = {name: rows for name, rows in samples.rows(OWN).items() if name in ("Parties", "Perimetres")}
    run = dsi.apply(samples.file(book))
    later = {
        "Parties": [book["Parties"][0] | {"source": "SAE 2025"}],
        "Perimetres": [book["Perimetres"][0] | {"version": "v9"}],
    }
    dsi.apply(samples.file(later))
    undone = dsi.undo(run["id"])["undo"]
    assert (undone["undone"], undone["kept"], sorted(undone["kept_keys"])) == (2, 2, sorted([OWN, f"{OWN}/URG-01"]))
    assert dsi.pages()["perimeters"][f"{OWN}/URG-01"]["version"] == "v9"


def test_people_changed_since_are_counted_and_not_named(app, dsi, referent) -> None:
    row = samples.rows(OWN)["Emargement"][0]
    run = dsi.apply(of("Emargement", row))
    referent.apply(of("Emargement", row | {"half_day_2": "Présent"}))
    undone = dsi.undo(run["id"])["undo"]
    assert undone == {"undone": 0, "kept": 1, "kept_keys": [], "frozen": False}


def test_what_the_same_person_changed_since_is_left_too(dsi) -> None:
    run = dsi.apply(of("Charte", charter(signatures=10)))
    dsi.apply(of("Charte", charter(signatures=20)))
    assert dsi.undo(run["id"])["undo"]["kept"] == 1


# ---------------------------------------------------------------------------------------------------------------- once


def test_taking_back_twice_is_taking_back_once(app, dsi) -> None:
    run = dsi.apply(half(samples.together(TWO), 0))
    done = dsi.undo(run["id"])
    before = desk.dump(app)
    for _ in range(2):
        with dsi.acting():
            undo.order_undo(run["id"])
            undo.undo(run["id"])
        assert run_jobs(app) == 0
    assert desk.dump(app) == before
    assert dsi.look(run["id"]) == done


def test_ordering_it_twice_runs_it_once(app, dsi) -> None:
    run = dsi.apply(of("Charte", charter()))
    for _ in range(2):
        with dsi.acting():
            undo.order_undo(run["id"])
    assert len(relayed(app)) == 1


def test_it_is_told_in_the_audit_chain_and_on_the_deposit(app, dsi, world) -> None:
    run = dsi.undo(dsi.apply(of("Charte", charter()))["id"])
    assert run["undone_by"] == world.users[at.CAPES_DSI]
    [event] = seen(app, "SELECT user_id, payload FROM audit_event WHERE action = 'import.undone'")
    assert event["user_id"] == world.users[at.CAPES_DSI]
    assert str(run["id"]) in event["payload"]


# ---------------------------------------------------------------------------------------------------------- not allowed


@pytest.mark.parametrize("state", ["parsed", "failed", "received"])
def test_what_was_not_applied_cannot_be_taken_back(app, dsi, state) -> None:
    content = of("Charte", charter()) if state != "failed" else b"PK\x03\x04 nothing"
    run_id = dsi.receive(content) if state == "received" else None
    if state == "failed":
        run_id = seen(app, "SELECT id FROM import_run WHERE ght_id IS NOT NULL AND state = 'failed' AND establishment_id = "
                      "(SELECT id FROM legal_entity WHERE finess = %s)", at.CAPES_MEMBERS[0].finess)[0]["id"]  # fmt: skip
    run_id = run_id or dsi.deposit(content)
    assert dsi.look(run_id)["state"] == state
    with pytest.raises(Conflict), dsi.acting():
        undo.order_undo(run_id)


def strangers() -> list[tuple[str, str]]:
    """Another GHT, the members of this one, an establishment elsewhere."""
    return [
        (at.ESTUARY_DSI, at.ESTUARY_SCOPE), (at.REFERENT, at.REFERENT_SCOPE), (at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE),
        ("referent@port-aubry.example", f"establishment:{at.CAPES_MEMBERS[0].finess}"),
    ]  # fmt: skip


@pytest.mark.parametrize(("email", "scope"), strangers(), ids=[email for email, _ in strangers()])
def test_the_import_of_another_tenant_does_not_exist(app, world, dsi, email, scope) -> None:
    run_id: UUID = dsi.apply(of("Charte", charter()))["id"]
    before = desk.dump(app)
    for act in (undo.order_undo, undo.undo):
        with pytest.raises(NotFound), acting(app, world, email, scope):
            act(run_id)
    assert desk.dump(app) == before


def test_the_ght_does_not_take_back_what_a_member_imported(app, dsi, referent) -> None:
    run_id = referent.apply(of("Charte", charter()))["id"]
    with pytest.raises(NotFound), dsi.acting():
        undo.order_undo(run_id)


# ------------------------------------------------------------------------------------------------ people, and parties


def test_the_rows_of_people_that_a_ght_imported_go_without_being_read(app, dsi, referent) -> None:
    book = samples.rows(OWN)
    private = [sheet.name for sheet in desk.SHEETS if sheet.private]
    before = referent.pages()
    run = dsi.apply(samples.file({name: book[name] for name in private}))
    held = referent.pages()
    assert all(len(held[name]) == len(before[name]) + len(book[name]) for name in private)
    undone = dsi.undo(run["id"])
    assert undone["undo"]["undone"] == sum(len(book[name]) for name in private)
    assert referent.pages() == before


def test_frozen_parties_stay_and_it_is_said(app, dsi) -> None:
    before = dsi.pages()
    run = dsi.apply(half(samples.rows(OWN), 0))
    after = dsi.pages()
    with dsi.acting():
        frozen = date(2026, 11, 1)
        candidates.record_application(candidates.require("D2"), applied_on=frozen, ecare_number=None, frozen_on=frozen)
    undone = dsi.undo(run["id"])["undo"]
    assert undone["frozen"] is True
    told = dsi.pages()
    assert told["parties"] == after["parties"] != before["parties"]
    assert desk.without(told, "parties") == desk.without(before, "parties")


def test_parties_that_only_this_import_recorded_are_those_of_the_directory_again(app, world) -> None:
    seen(app, "TRUNCATE candidate_party")
    estuary = desk.Desk(app, world, at.ALONE_DSI, at.ALONE_SCOPE)
    before = estuary.pages()
    number = at.ALONE_MEMBERS[0].finess
    run = estuary.apply(of("Parties", samples.rows(number)["Parties"][0]))
    assert [each["ac"] for each in estuary.pages()["parties"]] != [each["ac"] for each in before["parties"]]
    estuary.undo(run["id"])
    assert estuary.pages() == before


def test_yesterday_keeps_what_was_known_yesterday(app, dsi) -> None:
    run = dsi.apply(of("Perimetres", samples.rows(OWN)["Perimetres"][1]))
    at.age(app, 2)
    dsi.undo(run["id"])
    with dsi.acting():
        own = [dsi.world.establishments[OWN]]
        now = {each.code for each in perimeter.current_perimeters(own, today())}
        then = {each.code for each in perimeter.current_perimeters(own, today() - timedelta(days=1))}
    assert ("BIO-01" in now, "BIO-01" in then) == (False, True)
