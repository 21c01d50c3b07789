"""What a person decided about a layout once is not asked again, in that establishment, and what moved since is told."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from compliance.models.backup import RestoreTest
from compliance.services import register
from importers import deposits, layout_memory, registry, service
from importers.layout.layouts import LayoutChoice
from importers.models import ImportLayout
from importers.understanding import understand
from tenants.db import db
from tenants.errors import Refused
from tests.factories import acting as at
from tests.factories.acting import seen
from tests.factories.jobs import run_jobs
from tests.importers import desk, samples

pytestmark = pytest.mark.usefixtures("day_of_kits")

OWN, SUPPORT = at.CAPES_MEMBERS[3].finess, at.CAPES_MEMBERS[0].finess
TITLES = {"FINESS EJ*": "FINESS EJ", "Service*": "Service", "Effectif*": "Effectif", "Date": "Date"}


@pytest.fixture
def dsi(app, world) -> desk.Desk:
    return desk.manager(app, world)


@pytest.fixture
def referent(app, world) -> desk.Desk:
    return desk.referent(app, world)


def charter(*, named: str = "Signatures de la charte", more: tuple[str, ...] = (), signatures: int = 51) -> bytes:
    """A sheet of their own, one of whose titles only looks like ours."""
    row = samples.rows(OWN)["Charte"][0]
    titles = ("FINESS EJ", "Service", "Effectif", named, *more)
    cells = (row["finess_ej"], row["service"], row["headcount"], signatures, *("x" for _ in more))
    return samples.table("Charte", titles, cells)


def guessed(report: dict[str, object]) -> list[tuple[str, str]]:
    """Header and label of the columns that were only guessed."""
    return [
        (column["header"], column["field"])
        for sheet in report["sheets"]  # type: ignore[attr-defined]  # a list of dictionaries
        for column in sheet["columns"]
        if not column["sure"]
    ]


def decide(who: desk.Desk, run_id: UUID, **changes: object) -> None:
    """Confirm what was understood of the first sheet, after some changes, and read again."""
    with who.acting():
        run = deposits.get(run_id)
        with deposits.file_of(run) as path:
            [layout] = understand(path, run.establishment_id).found.layouts
        choice = replace(layout_memory.choice_of(layout), **changes)  # type: ignore[arg-type]  # fields of a choice
        layout_memory.remember(run.establishment_id, {layout.fingerprint: choice})
        service.again(run_id)
    run_jobs(who.app)


def test_a_title_that_only_looks_like_ours_asks_a_person_and_applies_nothing_before(referent) -> None:
    run_id = referent.deposit(charter(named="Signatures recueillies"))
    report = referent.look(run_id)["report"]
    assert guessed(report) == [("Signatures recueillies", "Signatures")]
    assert report["to_confirm"] is True
    with pytest.raises(Refused), referent.acting():
        service.confirm(run_id, valid_rows_only=True)


def test_what_was_confirmed_once_is_not_asked_again(app, referent) -> None:
    content = charter(named="Signatures recueillies")
    run_id = referent.deposit(content)
    decide(referent, run_id)
    report = referent.look(run_id)["report"]
    assert (guessed(report), report["to_confirm"]) == ([], False)
    referent.confirm(run_id)
    run_jobs(app)
    later = referent.look(referent.deposit(charter(named="Signatures recueillies", signatures=60)))["report"]
    assert (guessed(later), later["to_confirm"]) == ([], False)
    assert desk.tally(later) == {"Charte": {"changed": 1}}


def test_a_column_given_to_another_is_read_as_decided_the_next_time_too(referent) -> None:
    titles, cells = ("FINESS EJ", "Service", "Effectif", "Signatures", "Total"), (OWN, "Paie", 12, 3, 9)
    run_id = referent.deposit(samples.table("Charte", titles, cells))
    decide(referent, run_id, columns={"finess_ej": 1, "service": 2, "headcount": 3, "signatures": 5})
    with referent.acting():
        service.confirm(run_id, valid_rows_only=False)
    run_jobs(referent.app)
    assert referent.pages()["Charte"][f"{OWN}/paie"][1:3] == (12, 9)
    run = referent.apply(samples.table("Charte", titles, (OWN, "Paie", 12, 3, 10)))
    assert [(each["before"], each["after"]) for each in run["report"]["changes"]] == [("9", "10")]


def test_a_sheet_that_nobody_wants_is_left_unread_for_ever(referent) -> None:
    content = samples.table("Charte", ("FINESS EJ", "Service", "Effectif", "Signatures"), (OWN, "Paie", 12, 3))
    run_id = referent.deposit(content)
    decide(referent, run_id, sheet="", columns={})
    assert referent.look(run_id)["report"]["sheets"] == []
    assert referent.look(referent.deposit(content))["report"]["sheets"] == []


def test_what_one_establishment_decided_is_asked_to_the_others(dsi, referent) -> None:
    content = charter(named="Signatures recueillies")
    decide(referent, referent.deposit(content))
    assert guessed(dsi.look(dsi.deposit(content))["report"]) == [("Signatures recueillies", "Signatures")]
    near = replace(referent, email="referent@port-aubry.example", scope=f"establishment:{SUPPORT}")
    assert guessed(near.look(near.deposit(content))["report"]) == [("Signatures recueillies", "Signatures")]


def test_what_a_ght_decided_serves_all_its_deposits_and_is_kept_by_its_support(app, dsi, world) -> None:
    content = charter(named="Signatures recueillies")
    decide(dsi, dsi.deposit(content))
    assert guessed(dsi.look(dsi.deposit(content))["report"]) == []
    [row] = seen(app, "SELECT establishment_id, recorded_by, choice FROM import_layout WHERE name = 'Charte'")
    assert (row["establishment_id"], row["recorded_by"]) == (world.establishments[SUPPORT], world.users[at.CAPES_DSI])
    assert row["choice"]["columns"] == {"finess_ej": 1, "service": 2, "headcount": 3, "signatures": 4}


def test_applying_a_home_made_file_remembers_its_layout_once_and_a_kit_none(app, referent) -> None:
    before = seen(app, "SELECT count(*) AS n FROM import_layout")[0]["n"]
    for signatures in (1, 2):
        referent.apply(charter(named="Signatures", signatures=signatures))
    assert seen(app, "SELECT count(*) AS n FROM import_layout")[0]["n"] == before + 1
    referent.apply(referent.kit("KIT_SAUVEGARDE"), valid=True)
    assert seen(app, "SELECT count(*) AS n FROM import_layout")[0]["n"] == before + 1


def test_columns_that_came_and_went_since_the_last_deposit_are_told(referent) -> None:
    referent.apply(charter(named="Signatures", more=("Cadre",)))
    report = referent.look(referent.deposit(charter(named="Signatures", more=("Pôle d’activité", "Bâtiment"))))[
        "report"
    ]
    told = [fault["reason"] for fault in report["faults"] if "mise en page" in fault["reason"]]
    assert told == [
        "La mise en page a changé depuis le dernier dépôt (en plus : Pôle d’activité, Bâtiment ; en moins : Cadre)."
    ]
    assert report["to_confirm"] is False


def test_columns_in_another_order_are_told_and_read(referent) -> None:
    referent.apply(charter(named="Signatures"))
    titles = ("Service", "FINESS EJ", "Signatures", "Effectif")
    report = referent.look(referent.deposit(samples.table("Charte", titles, ("Urgences adultes", OWN, 51, 64))))[
        "report"
    ]
    told = [fault["reason"] for fault in report["faults"] if "mise en page" in fault["reason"]]
    assert told == ["La mise en page a changé depuis le dernier dépôt (les mêmes colonnes dans un autre ordre)."]
    assert desk.tally(report) == {"Charte": {"unchanged": 1}}


def test_a_layout_read_for_the_first_time_or_again_is_not_said_to_have_changed(referent) -> None:
    for _ in range(2):
        run = referent.apply(charter(named="Signatures"))
        assert not [fault for fault in run["report"]["faults"] if "mise en page" in fault["reason"]]


def test_a_preview_that_nobody_applied_is_not_remembered(app, referent) -> None:
    before = seen(app, "SELECT count(*) AS n FROM import_layout")[0]["n"]
    referent.deposit(charter(named="Signatures"))
    assert seen(app, "SELECT count(*) AS n FROM import_layout")[0]["n"] == before


def test_a_choice_that_no_specification_understands_any_more_is_as_if_it_were_not_there(referent, world) -> None:
    content = charter(named="Signatures recueillies")
    run_id = referent.deposit(content)
    with referent.acting():
        with deposits.file_of(deposits.get(run_id)) as path:
            [layout] = understand(path, world.establishments[OWN]).found.layouts
        gone = LayoutChoice(sheet="Charte", header_row=1, columns={"finess_ej": 1, "no_such_column": 4})
        layout_memory.remember(world.establishments[OWN], {layout.fingerprint: gone})
        rows = db.session.scalars(select(ImportLayout).where(ImportLayout.fingerprint == layout.fingerprint))
        assert len(list(rows)) == 1
    report = referent.look(referent.deposit(content))["report"]
    assert [sheet["layout"] for sheet in report["sheets"]] == ["Charte"]
    assert report["totals"]["E"] == 0


# ----------------------------------------------------------------------------------------------------------- day, month


def restore(*dates: str) -> bytes:
    """The log of restore tests that a tool exports: dates typed as text."""
    sheet, [row] = registry.SHEETS["Tests_restauration"], samples.rows(OWN)["Tests_restauration"]
    columns = [column for column in sheet.columns if column.key in row]
    titles = [column.label for column in columns]
    rows = [row | {"code": f"REST-{rank}", "tested_on": each} for rank, each in enumerate(dates)]
    return samples.table(sheet.name, titles, *([each[column.key] for column in columns] for each in rows))


def days(who: desk.Desk) -> set[str]:
    """The days of the restore tests stored."""
    place = register.fields(RestoreTest).index("tested_on")
    return {f"{row[place]:%d/%m/%Y}" for key, row in who.pages()["Tests_restauration"].items() if "/REST-" in key}


def test_dates_that_may_be_read_either_way_are_asked_about_once(app, referent) -> None:
    run_id = referent.deposit(restore("05/10/2026", "06/10/2026"))
    report = referent.look(run_id)["report"]
    assert (report["asks_date_order"], report["to_confirm"]) == (True, True)
    decide(referent, run_id, date_order="mdy")
    assert referent.look(run_id)["report"]["to_confirm"] is False
    referent.confirm(run_id)
    run_jobs(app)
    assert days(referent) == {"10/05/2026", "10/06/2026"}
    assert referent.apply(restore("07/10/2026"))["report"]["asks_date_order"] is False
    assert days(referent) == {"10/07/2026", "10/06/2026"}  # the first row has the same code


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (("05/10/2026", "10/13/2026"), {"10/05/2026", "13/10/2026"}),
        (("05/10/2026", "13/10/2026"), {"05/10/2026", "13/10/2026"}),
        (("2026-10-05", "6 octobre 2026"), {"05/10/2026", "06/10/2026"}),
    ],
)  # fmt: skip
def test_a_file_whose_dates_say_it_themselves_asks_nothing(referent, dates, expected) -> None:
    run = referent.apply(restore(*dates))
    assert run["report"]["asks_date_order"] is False
    assert days(referent) == expected
