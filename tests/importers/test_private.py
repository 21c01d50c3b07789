"""Who reads what an import wrote: each row under its establishment, people in theirs alone, and no name anywhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from io import BytesIO

import openpyxl
import pytest
import structlog

from importers import registry, service
from importers.base import Kind
from importers.words import fold
from tests.factories import acting as at
from tests.factories.acting import seen
from tests.importers import desk, samples
from tests.importers.kits import UNKNOWN_NUMBER

pytestmark = pytest.mark.usefixtures("day_of_kits")

OWN, NEAR = at.CAPES_MEMBERS[3].finess, at.CAPES_MEMBERS[0].finess  # of the referent, of the neighbour
FOREIGN = at.ESTUARY_MEMBERS[0].finess
PRIVATE = [sheet.name for sheet in desk.SHEETS if sheet.private]
LONG = "x" * 600


@pytest.fixture
def dsi(app, world) -> desk.Desk:
    return desk.manager(app, world)


@pytest.fixture
def referent(app, world) -> desk.Desk:
    return desk.referent(app, world)


@pytest.fixture
def logged() -> Iterator[list[object]]:
    """Everything that is logged during a test."""
    with structlog.testing.capture_logs() as entries:
        yield entries  # type: ignore[misc]  # a list of dictionaries


# ----------------------------------------------------------------------------------------------------- names nowhere


def needles() -> list[str]:
    """Names, as they are folded, and numbers, without their spaces."""
    return [*(fold(name) for name in samples.PEOPLE), *(re.sub(r"\D", "", number)[-9:] for number in samples.NUMBERS)]


def named(texts: Sequence[object]) -> set[str]:
    """Those of the names and numbers of the samples that some texts hold, however they are written."""
    folded = " ".join(fold(str(text)) for text in texts)
    digits = re.sub(r"[\s.\u00a0-]", "", folded)
    return {needle for needle in needles() if needle in folded or needle in digits}


def everywhere_else(app) -> list[object]:
    """Every row of every table that is not a register of people, as text."""
    private = {desk.register.table_of(model) for model in desk.private()} | {"perimeter_contact"}
    tables = {row["name"] for row in seen(app, "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")}
    query = " UNION ALL ".join(f"SELECT t::text AS row FROM {table} t" for table in sorted(tables - private))
    return [row["row"] for row in seen(app, query)]


WRONG = (
    "Zénobie HAUTECLOQUE 06 39 98 44 51", f"Zénobie HAUTECLOQUE {LONG}", None, 45000, "HAUTECLOQUE\x07", "Total HAUTECLOQUE",
)  # fmt: skip


def wrong(name: str) -> list[samples.Typed]:
    """Rows of a sheet of people with every kind of thing to say about each column that may hold a person's name."""
    sheet, [first, *_] = registry.SHEETS[name], samples.rows(OWN)[name]
    rows = [first, first]  # the second is a duplicate
    for column in sheet.columns:
        if column.personal:
            rows += [
                first | {sheet.key_column: f"{value or 'MONTFAUCON'} Barnabé"[:100]} | {column.key: value}
                for value in WRONG
            ]
    days = {
        "checked_on": "quand Zénobie rentre",
        "certified_on": "jamais, dit Barnabé",
        "placed_on": "demain, dit Philibert",
    }
    rows.append(first | {key: value for key, value in days.items() if key in {column.key for column in sheet.columns}})
    rows.append(first | {"finess_ej": "Philibert"})
    return rows


@pytest.mark.parametrize("place", ["a GHT", "an establishment"])
def test_no_name_leaves_the_registers_of_people_whatever_is_wrong_with_a_file(
    app, dsi, referent, logged, place
) -> None:
    who = dsi if place == "a GHT" else referent
    clean = samples.file({name: samples.rows(OWN)[name] for name in PRIVATE})
    dirty = samples.file({name: wrong(name) for name in PRIVATE})
    assert who.apply(clean)["state"] == "applied"
    run = who.apply(dirty, valid=True)
    codes = {fault["code"] for fault in run["report"]["faults"] if fault["class"] == "E"}
    assert codes >= {"E-DUP", "E-TXT", "E-FIN", "E-REQ"}
    touched = {
        (fault["sheet"], fault["column"].removesuffix("*"))
        for fault in run["report"]["faults"]
        if fault["class"] == "E"
    }
    personal = {(name, column.label) for name in PRIVATE for column in registry.SHEETS[name].columns if column.personal}
    assert touched >= personal
    assert named(everywhere_else(app)) == set()
    assert named(logged) == set()
    assert (
        named([row["t"] for row in seen(app, "SELECT t::text FROM call_back t")]) != set()
    )  # it is how they are looked for
    who.undo(run["id"])
    assert named(everywhere_else(app)) == set()


def shifted(name: str, by: int) -> list[samples.Typed]:
    """The rows of a sheet of people, each value some columns too far."""
    columns = [column.key for column in registry.SHEETS[name].columns]
    return [
        {columns[(columns.index(key) + by) % len(columns)]: value for key, value in row.items()}
        for row in samples.rows(OWN)[name]
    ]


@pytest.mark.parametrize("place", ["a GHT", "an establishment"])
def test_no_name_leaves_them_when_the_columns_of_a_file_are_out(app, dsi, referent, logged, place) -> None:
    who = dsi if place == "a GHT" else referent
    for by in (1, -1, 2):
        run_id = who.deposit(samples.file({name: shifted(name, by) for name in PRIVATE}))
        assert who.look(run_id)["report"]["totals"]["E"] > 0
        assert named([*everywhere_else(app), *logged]) == set()


def test_the_titles_of_a_grid_of_people_are_not_repeated(app, referent, tmp_path) -> None:
    rows = samples.rows(OWN)["Emargement"]
    content = samples.file({"Emargement": rows}, more=("Gédéon DUPONTEL", "Mme HAUTECLOQUE", "Service"))
    run = referent.apply(content, valid=True)
    told = [fault["column"] for fault in run["report"]["faults"] if fault["code"] == "W-COL"]
    assert (run["state"], sorted(told)) == ("applied", ["G… (nom masqué)", "M… (nom masqué)", "Service"])
    later = samples.file({"Emargement": rows}, more=("Philibert QUENNEVILLE",))
    moved = [f["reason"] for f in referent.look(referent.deposit(later))["report"]["faults"] if f["code"] == "W-COL"]
    assert any("La mise en page a changé" in reason for reason in moved)
    assert named(everywhere_else(app)) == set()


def test_what_may_be_a_name_is_never_the_example_of_a_column(referent) -> None:
    report = referent.look(referent.deposit(samples.file({name: samples.rows(OWN)[name] for name in PRIVATE})))[
        "report"
    ]
    shown = {
        (each["name"], column["field"]): column["example"] for each in report["sheets"] for column in each["columns"]
    }
    free = (Kind.TEXT, Kind.NAME, Kind.PHONE, Kind.CODE)
    assert (shown["Rappel", "Ordre"], shown["Emargement", "Profil"]) == ("1", "Soignant")
    assert {
        shown[name, column.label]
        for name in PRIVATE
        for column in registry.SHEETS[name].columns
        if column.personal or column.kind in free
    } == {""}


def test_the_code_of_a_session_is_told_and_what_may_be_a_name_in_its_place_is_not(referent) -> None:
    [first, *_] = samples.rows(OWN)["Emargement"]
    typed = [
        first | {"session_code": code, "last_name": f"A{n}"} for n, code in enumerate(("N-2026-09", "HAUTECLOQUE"))
    ]
    report = referent.look(referent.deposit(samples.file({"Emargement": typed})))["report"]
    told = {fault["cell"]: (fault["value"], fault["reason"]) for fault in report["faults"] if fault["code"] == "G-REF"}
    rest = "pas encore dans Vigie : la ligne est enregistrée, à rattacher."
    assert told == {
        "A2": ("N-2026-09", f"« N-2026-09 » n’est {rest}"),
        "A3": ("H… (nom masqué)", f"Cette valeur n’est {rest}"),
    }


def test_a_key_made_of_a_name_is_in_no_list_of_a_preview(referent) -> None:
    content = samples.file({name: samples.rows(OWN)[name] for name in PRIVATE})
    referent.apply(content)
    report = referent.look(referent.deposit(content))["report"]
    assert {row["key"] for row in report["rows"]["unchanged"]} >= {"Rappel, ligne 2", "Emargement, ligne 2"}
    assert report["absent"] == []
    assert named([json.dumps(report, ensure_ascii=False)]) == set()


def test_the_command_that_fails_logs_no_name(referent, logged, tmp_path, monkeypatch) -> None:
    def stop(*_: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(service, "preview", stop)
    run_id = referent.deposit(samples.file({"Rappel": samples.rows(OWN)["Rappel"]}))
    assert referent.look(run_id)["state"] == "failed"
    assert logged != []
    assert named(logged) == set()


# ------------------------------------------------------------------------------------------------------- who reads what


def test_people_that_a_ght_imports_for_a_member_are_read_by_that_member_alone(app, world, dsi, referent) -> None:
    near = desk.neighbour(app, world)
    before, beside, own = dsi.pages(), near.pages(), referent.pages()
    dsi.apply(samples.file({name: samples.rows(OWN)[name] for name in PRIVATE}))
    for name in PRIVATE:
        count = len(samples.rows(OWN)[name])
        assert dsi.pages()[name] == before[name] == {}
        assert len(referent.pages()[name]) == len(own[name]) + count
        counted = dsi.pages()["counts"][name]
        assert counted[world.establishments[OWN]] == before["counts"][name][world.establishments[OWN]] + count
        assert world.establishments[OWN] not in near.pages()["counts"][name]
    assert near.pages() == beside


def test_the_workbook_of_a_ght_is_filled_without_people_and_that_of_the_member_with_them(dsi, referent) -> None:
    dsi.apply(samples.file({name: samples.rows(OWN)[name] for name in PRIVATE}))
    for code in ("KIT_FORMATION", "KIT_ANNUAIRE_CRISE"):
        assert named(texts(dsi.kit(code))) == set()
        assert named(texts(referent.kit(code))) != set()


def texts(content: bytes) -> list[str]:
    """Every text of a workbook."""
    book = openpyxl.load_workbook(BytesIO(content), read_only=True)
    return [str(cell) for page in book for row in page.iter_rows(values_only=True) for cell in row if cell is not None]


def test_a_ght_tells_new_changed_and_unchanged_people_apart_without_reading_them(dsi, referent) -> None:
    book = {name: list(samples.rows(OWN)[name]) for name in PRIVATE}
    referent.apply(samples.file(book))
    book["Rappel"] = [book["Rappel"][0] | {"rank": 2}, book["Rappel"][0] | {"first_name": "Gédéon"}]
    run = dsi.apply(samples.file(book))
    assert desk.tally(run["report"])["Rappel"] == {"changed": 1, "new": 1}
    assert desk.tally(run["report"])["Emargement"] == {"unchanged": 2}
    assert run["report"]["changes"] == []
    assert sorted(row[4] for row in referent.pages()["Rappel"].values() if row[0] == "Urgences adultes") == [1, 2]


def test_a_ght_that_leaves_a_column_out_erases_nothing_of_people(dsi, referent) -> None:
    book = {"Rappel": [samples.rows(OWN)["Rappel"][0] | {"rank": 3}]}
    referent.apply(samples.file({"Rappel": samples.rows(OWN)["Rappel"]}))
    before = referent.pages()
    run = dsi.apply(samples.file(book, left_out={"delay_minutes"}), valid=True)
    assert desk.tally(run["report"])["Rappel"] == {"rejected": 1}
    assert [(fault["code"], fault["value"]) for fault in run["report"]["faults"] if fault["class"] == "E"] == [
        ("E-COH", "")
    ]
    assert referent.pages() == before
    referent.apply(samples.file(book, left_out={"delay_minutes"}))
    assert [row[4:6] for row in referent.pages()["Rappel"].values() if row[0] == "Urgences adultes"] == [(3, 30)]


# ------------------------------------------------------------------------------------------------- under its own number


def test_the_rows_of_a_file_of_a_ght_go_under_their_own_establishments(app, dsi) -> None:
    numbers = [OWN, NEAR, at.CAPES_MEMBERS[1].finess]
    book, told = samples.together(numbers), {}
    for half in (registry.WORKBOOKS[:4], registry.WORKBOOKS[4:]):
        run = dsi.apply(samples.file(*(samples.of(workbook, book) for workbook in half)))
        told |= dict.fromkeys((sheet.name for workbook in half for sheet in workbook.sheets), run["id"])
    for sheet in desk.SHEETS:
        table = (
            desk.register.table_of(sheet.record)
            if sheet.record
            else {"Parties": "candidate_party"}.get(sheet.name, "pcra_version")
        )
        found = seen(
            app,
            f"SELECT le.finess, count(*) AS n FROM {table} t JOIN legal_entity le ON le.id = t.establishment_id WHERE t.import_id = %s GROUP BY 1",
            told[sheet.name],
        )
        assert {row["finess"]: row["n"] for row in found} == dict.fromkeys(numbers, len(samples.rows(OWN)[sheet.name]))


@pytest.mark.parametrize("place", ["a GHT", "an establishment"])
def test_a_foreign_number_is_answered_like_an_unknown_one_in_every_sheet(app, dsi, referent, place) -> None:
    who, foreign = (dsi, FOREIGN) if place == "a GHT" else (referent, NEAR)
    before = desk.without(desk.dump(app), *desk.TRACES)
    answers = []
    for number in (foreign, UNKNOWN_NUMBER):
        told = []
        for half in (registry.WORKBOOKS[:4], registry.WORKBOOKS[4:]):
            content = samples.file(*(samples.of(workbook, samples.rows(number)) for workbook in half))
            report = who.look(who.deposit(content))["report"]
            rejected = {name: counts.get("rejected", 0) for name, counts in desk.tally(report).items()}
            assert rejected == {name: len(samples.rows(OWN)[name]) for name in rejected}
            told += [{name: value for name, value in fault.items() if name != "value"} for fault in report["faults"]]
        answers.append(told)
    assert answers[0] == answers[1]
    assert desk.without(desk.dump(app), *desk.TRACES) == before


def test_a_foreign_number_is_known_to_the_operator(dsi, logged) -> None:
    dsi.deposit(samples.file({"Charte": samples.rows(FOREIGN)["Charte"]}))
    dsi.deposit(samples.file({"Charte": samples.rows(UNKNOWN_NUMBER)["Charte"]}))
    assert [entry["numbers"] for entry in logged if entry["event"] == "foreign_establishment"] == [[FOREIGN]]
