"""A file that Vigie produced, and somebody else who wrote since: both versions are shown, and a person decides."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest

from importers import registry, service
from importers.words import fold
from tenants.errors import Conflict
from tests.factories import acting as at
from tests.factories.acting import seen
from tests.factories.jobs import run_jobs
from tests.importers import desk, samples

pytestmark = pytest.mark.usefixtures("day_of_kits")

OWN = at.CAPES_MEMBERS[3].finess
CHARTER = f"{OWN}/urgences adultes"


@pytest.fixture
def dsi(app, world) -> desk.Desk:
    return desk.manager(app, world)


@pytest.fixture
def referent(app, world) -> desk.Desk:
    """The referent, whose registers hold the samples, that the GHT imported."""
    desk.emptied(app)
    book = {name: samples.rows(OWN)[name] for name in ("Perimetres", "Emargement", "Charte", "Cibles")}
    desk.manager(app, world).apply(samples.file(book))
    return desk.referent(app, world)


def typed_in(content: bytes, sheet: str, row: int, **cells: object) -> bytes:
    """The same workbook after somebody typed in some cells, as a spreadsheet saves it; row 4 is the first of data."""
    book = openpyxl.load_workbook(BytesIO(content))
    page = book[sheet]
    labels = {column.key: column.label for column in registry.SHEETS[sheet].columns}
    places = {fold(str(cell.value)): cell.column for cell in page[1]}
    for key, value in cells.items():
        page.cell(row=row, column=places[fold(labels[key])]).value = value
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def of(sheet: str, **cells: object) -> bytes:
    """A home-made file of the first row of a sheet, after some changes."""
    return samples.file({sheet: [samples.rows(OWN)[sheet][0] | cells]})


def signatures(who: desk.Desk) -> object:
    """How many people of the sample's service signed the charter."""
    return who.pages()["Charte"][CHARTER][2]


def again(app, who: desk.Desk, run_id: Any, *taken: str) -> dict[str, Any]:
    """Decide, and read again."""
    with who.acting():
        service.again(run_id, taken=taken)
    run_jobs(app)
    return who.look(run_id)


def test_a_row_that_somebody_else_changed_since_is_refused_and_both_versions_are_shown(app, dsi, referent) -> None:
    kit = typed_in(referent.kit("KIT_FORMATION"), "Charte", 4, signatures=60)
    dsi.apply(of("Charte", signatures=55))
    report = referent.look(referent.deposit(kit))["report"]
    assert desk.tally(report)["Charte"] == {"rejected": 1}
    [fault] = [each for each in report["faults"] if each["class"] == "E"]
    assert (fault["code"], fault["sheet"], fault["cell"], fault["stored"]) == ("E-CON", "Charte", "B4", False)
    [conflict] = report["conflicts"]
    when = seen(app, "SELECT to_char(recorded_at AT TIME ZONE 'Europe/Paris', 'DD/MM/YYYY à HH24:MI') AS at FROM charter_signature"
                     " ORDER BY recorded_at DESC LIMIT 1")[0]["at"]  # fmt: skip
    assert conflict == {
        "place": "Charte!4", "subject": CHARTER, "by": "Claude Ferrant", "at": when,
        "changes": [{"subject": CHARTER, "field": "Signatures", "before": "55", "after": "60"}],
    }  # fmt: skip
    assert signatures(dsi) == 55


def test_the_other_rows_of_the_file_are_applied_and_the_refused_one_keeps_their_version(app, dsi, referent) -> None:
    kit = typed_in(referent.kit("KIT_FORMATION"), "Charte", 4, signatures=60)
    kit = typed_in(kit, "Cibles", 5, headcount=500)
    dsi.apply(of("Charte", signatures=55))
    run = referent.apply(kit, valid=True)
    assert run["state"] == "applied"
    pages = referent.pages()
    assert pages["Charte"][CHARTER][2] == 55
    assert pages["Cibles"][f"{OWN}/Soignant"][1] == 500


def test_a_conflict_taken_is_applied(app, dsi, referent) -> None:
    kit = typed_in(referent.kit("KIT_FORMATION"), "Charte", 4, signatures=60)
    dsi.apply(of("Charte", signatures=55))
    run_id = referent.deposit(kit)
    run = again(app, referent, run_id, "Charte!4")
    assert (run["taken"], run["report"]["conflicts"], run["report"]["has_errors"]) == (["Charte!4"], [], False)
    assert desk.tally(run["report"])["Charte"] == {"changed": 1}
    referent.confirm(run_id)
    run_jobs(app)
    assert referent.look(run_id)["state"] == "applied"
    assert signatures(referent) == 60


def test_one_conflict_may_be_taken_and_another_left_then_all_then_none(app, dsi, referent) -> None:
    kit = typed_in(referent.kit("KIT_FORMATION"), "Charte", 4, signatures=60)
    kit = typed_in(kit, "Cibles", 5, headcount=500)
    dsi.apply(of("Charte", signatures=55))
    dsi.apply(of("Cibles", headcount=430))
    run_id = referent.deposit(kit)
    for taken, left in (
        ((), ["Charte!4", "Cibles!5"]), (("Cibles!5",), ["Charte!4"]), (("*",), []), ((), ["Charte!4", "Cibles!5"]),
    ):  # fmt: skip
        report = again(app, referent, run_id, *taken)["report"]
        assert sorted(each["place"] for each in report["conflicts"]) == left
        assert report["has_errors"] is bool(left)


def test_what_the_person_changed_since_is_no_conflict(dsi, referent) -> None:
    kit = typed_in(referent.kit("KIT_FORMATION"), "Charte", 4, signatures=60)
    referent.apply(of("Charte", signatures=55))
    run = referent.apply(kit)
    assert (run["state"], run["report"]["conflicts"], signatures(referent)) == ("applied", [], 60)


def test_the_same_value_typed_by_two_people_is_no_conflict(dsi, referent) -> None:
    kit = typed_in(referent.kit("KIT_FORMATION"), "Charte", 4, signatures=60)
    dsi.apply(of("Charte", signatures=60))
    run = referent.apply(kit)
    assert (run["state"], desk.tally(run["report"])["Charte"]) == ("applied", {"unchanged": 1})


def test_what_was_written_before_the_file_was_produced_is_no_conflict(dsi, referent) -> None:
    dsi.apply(of("Charte", signatures=55))
    run = referent.apply(typed_in(referent.kit("KIT_FORMATION"), "Charte", 4, signatures=60))
    assert (run["state"], signatures(referent)) == ("applied", 60)


def test_a_home_made_file_has_none(dsi, referent) -> None:
    dsi.apply(of("Charte", signatures=55))
    run = referent.apply(of("Charte", signatures=60))
    assert (run["state"], run["report"]["conflicts"], signatures(referent)) == ("applied", [], 60)


def test_a_file_produced_for_another_scope_has_none(dsi, referent) -> None:
    kit = typed_in(dsi.kit("KIT_FORMATION"), "Charte", 4, signatures=60)
    dsi.apply(of("Charte", signatures=55))
    assert referent.look(referent.deposit(kit))["report"]["conflicts"] == []


def test_a_row_taken_away_since_is_a_new_one(dsi, referent) -> None:
    run = dsi.apply(of("Charte", service="Réanimation", signatures=9))
    kit = referent.kit("KIT_FORMATION")
    dsi.undo(run["id"])
    report = referent.look(referent.deposit(kit))["report"]
    assert desk.tally(report)["Charte"] == {"unchanged": 1, "new": 1}
    assert report["conflicts"] == []


def test_a_row_that_somebody_else_put_back_since_is_a_conflict(dsi, referent) -> None:
    run = dsi.apply(of("Charte", signatures=55))
    kit = typed_in(referent.kit("KIT_FORMATION"), "Charte", 4, signatures=60)
    dsi.undo(run["id"])
    [conflict] = referent.look(referent.deposit(kit))["report"]["conflicts"]
    assert [(each["before"], each["after"]) for each in conflict["changes"]] == [("51", "60")]


def test_a_perimeter_changed_since_is_a_conflict_too(dsi, referent) -> None:
    kit = referent.kit("KIT_BIA_PCRA")
    rows = [key.partition("/")[2] for key in referent.pages()["perimeters"]]
    kit = typed_in(kit, "Perimetres", 4 + rows.index("URG-01"), version="v3")
    dsi.apply(of("Perimetres", version="v2"))
    [conflict] = referent.look(referent.deposit(kit))["report"]["conflicts"]
    assert (conflict["subject"], conflict["by"]) == (f"{OWN}/URG-01", "Claude Ferrant")
    assert [(each["field"], each["before"], each["after"]) for each in conflict["changes"]] == [("Version", "v2", "v3")]


def test_a_row_of_people_in_conflict_names_nobody(app, dsi, referent) -> None:
    kit = typed_in(referent.kit("KIT_FORMATION"), "Emargement", 4, half_day_2="Présent")
    dsi.apply(of("Emargement", half_day_2="Absent"))
    report = referent.look(referent.deposit(kit))["report"]
    [conflict] = report["conflicts"]
    assert (conflict["place"], conflict["subject"]) == ("Emargement!4", "Emargement, ligne 4")
    assert [(each["field"], each["before"], each["after"]) for each in conflict["changes"]] == [
        ("DJ2", "Absent", "Présent")
    ]
    assert not any(name.casefold() in str(report).casefold() for name in samples.PEOPLE)


def test_what_a_ght_writes_blind_over_what_a_member_wrote_since_is_a_conflict_without_values(
    app, dsi, referent
) -> None:
    stamp = typed_in(
        dsi.kit("KIT_FORMATION"), "Emargement", 4, **samples.rows(OWN)["Emargement"][0] | {"half_day_2": "Présent"}
    )
    referent.apply(of("Emargement", half_day_2="Absent"))
    run_id = dsi.deposit(stamp)
    report = dsi.look(run_id)["report"]
    [conflict] = report["conflicts"]
    assert (conflict["place"], conflict["changes"], bool(conflict["by"])) == ("Emargement!4", [], True)
    assert again(app, dsi, run_id, "*")["report"]["conflicts"] == []


def test_nothing_is_decided_any_more_once_applied(app, dsi, referent) -> None:
    run_id = referent.apply(of("Charte", signatures=60))["id"]
    with pytest.raises(Conflict), referent.acting():
        service.again(run_id, taken=["*"])


def test_a_row_changed_between_the_decision_and_the_application_goes_back_to_the_preview(
    app, dsi, referent, tmp_path
) -> None:
    run_id = referent.deposit(typed_in(referent.kit("KIT_FORMATION"), "Charte", 4, signatures=60))
    referent.confirm(run_id)
    desk.applied_now(dsi, tmp_path, of("Charte", signatures=55))
    run_jobs(app)
    run = referent.look(run_id)
    assert (run["state"], run["error"][:29]) == ("parsed", "Des lignes ont changé depuis ")
    assert [each["place"] for each in run["report"]["conflicts"]] == ["Charte!4"]
    assert signatures(referent) == 55


def test_people_changed_between_the_decision_and_the_application_go_back_to_the_preview_too(
    app, dsi, referent, tmp_path
) -> None:
    run_id = dsi.deposit(of("Emargement", half_day_2="Présent"))
    assert desk.tally(dsi.look(run_id)["report"]) == {"Emargement": {"changed": 1}}
    dsi.confirm(run_id)
    desk.applied_now(referent, tmp_path, of("Emargement", half_day_2="Absent"))
    run_jobs(app)
    assert dsi.look(run_id)["state"] == "parsed"
    dsi.confirm(run_id)
    run_jobs(app)
    assert dsi.look(run_id)["state"] == "applied"
