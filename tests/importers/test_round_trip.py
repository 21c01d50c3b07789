"""A file and the database say the same: what is exported comes back unchanged, what is previewed is what is applied."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers import export, registry, scene, store
from importers.base import Kind, Sheet, Workbook
from importers.check import check
from importers.facts import EstablishmentRef, Facts
from importers.preview import DERIVED
from importers.reading.sheet import ReadBook
from importers.template import as_typed
from importers.workbooks.bia_pcra import BIA_PCRA
from tests.conftest import DAY_OF_KITS
from tests.factories import acting as at
from tests.factories.acting import seen
from tests.importers import books, desk, samples

pytestmark = pytest.mark.usefixtures("day_of_kits")

TWO = [member.finess for member in at.CAPES_MEMBERS[2:4]]  # the second is the referent's
EVERY_SHEET = [(workbook, sheet) for workbook in registry.WORKBOOKS for sheet in workbook.sheets]
WORKBOOKS = pytest.mark.parametrize("workbook", registry.WORKBOOKS, ids=lambda workbook: workbook.code)


def sample(workbook: Workbook) -> bytes:
    """The sample of a workbook for two establishments of the GHT."""
    return samples.file(samples.of(workbook, samples.together(TWO)))


def only(counts: dict[str, dict[str, int]], status: str) -> None:
    """Every row of every sheet has one status."""
    assert {name: each for name, each in counts.items() if each.keys() - {status}} == {}


# -------------------------------------------------------------------------------------------------- export and import


@WORKBOOKS
def test_a_workbook_filled_by_the_product_comes_back_unchanged(app, world, workbook) -> None:
    desk.emptied(app)
    dsi, referent = desk.manager(app, world), desk.referent(app, world)
    assert dsi.apply(sample(workbook))["state"] == "applied"
    before = desk.without(desk.dump(app), *desk.TRACES)
    for who in (dsi, referent):
        run = who.apply(who.kit(workbook.code))
        counts = desk.tally(run["report"])
        only(counts, "unchanged")
        expected = {sheet.name for sheet in workbook.sheets if who is referent or not sheet.private}
        assert {name for name, each in counts.items() if each} == expected - ({"Parties"} if who is referent else set())
        assert run["report"]["absent_count"] == 0
        assert run["report"]["totals"]["E"] == 0
    assert desk.without(desk.dump(app), *desk.TRACES) == before


@WORKBOOKS
def test_a_list_exported_as_csv_comes_back_unchanged(app, world, workbook) -> None:
    desk.emptied(app)
    desk.manager(app, world).apply(sample(workbook))
    who = desk.manager(app, world) if workbook is BIA_PCRA else desk.referent(app, world)
    for sheet in workbook.sheets:
        stream = BytesIO()
        with who.acting():
            here = scene.of_scope()
            rows = list(store.stored([sheet], here).existing[sheet.name].values())
            export.write(sheet, rows, here.kind, stream)
        assert rows
        report = who.look(who.deposit(stream.getvalue(), f"{sheet.name}.csv"))["report"]
        assert desk.tally(report) == {sheet.name: {"unchanged": len(rows)}}
        assert report["changes"] == []


def test_a_list_whose_label_holds_markup_comes_back_unchanged(app, world) -> None:
    desk.emptied(app)
    who, planned = desk.referent(app, world), samples.rows(TWO[1])["Planning"][0]
    who.apply(samples.file({"Planning": [planned | {"label": "Perte du SI <b>gras</b> <script>alert(1)</script>"}]}))
    stream, sheet = BytesIO(), registry.SHEETS["Planning"]
    with who.acting():
        here = scene.of_scope()
        rows = list(store.stored([sheet], here).existing["Planning"].values())
        export.write(sheet, rows, here.kind, stream)
    assert b"<script>" in stream.getvalue()
    report = who.look(who.deposit(stream.getvalue(), "Planning.csv"))["report"]
    assert desk.tally(report) == {"Planning": {"unchanged": 1}}


HARD = st.text(
    st.sampled_from("aéÀœß'’\"=+-@;:/\\.,  \u00a0\u202f()[]{}<>&%#*_|~\t\n0123456789€²½🙂e\u0301ÅØ"),
    min_size=1,
    max_size=24,
)
TEXTS = frozenset({Kind.TEXT, Kind.NAME, Kind.TEXTS})
FACTS = Facts(
    scope_finess={TWO[0]: EstablishmentRef("1", TWO[0], "CH")}, today=DAY_OF_KITS, home=TWO[0], support=TWO[0]
)


@pytest.mark.parametrize(("workbook", "sheet"), EVERY_SHEET, ids=[sheet.name for _, sheet in EVERY_SHEET])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_whatever_people_write_in_a_cell_is_written_back_as_it_was_understood(
    workbook: Workbook, sheet: Sheet, data: st.DataObject
) -> None:
    typed = dict(samples.rows(TWO[0])[sheet.name][0])
    texts = [column.key for column in sheet.columns if column.kind in TEXTS]
    for key in data.draw(st.lists(st.sampled_from(texts), min_size=1, max_size=3, unique=True)) if texts else ():
        typed[key] = data.draw(HARD)
    first = books.results(workbook, sheet, [typed], FACTS)
    # What is taken for a name is set apart on purpose: it is not written back.
    if not first or first[0].status != "new" or any(fault.code == "W-NOM" for fault in first[0].faults):
        return
    cells = sheet.to_cells(first[0].values)
    written = {column.key: as_typed(column, cells.get(column.key)) for column in sheet.columns}
    known = replace(FACTS, existing={sheet.name: {first[0].key: first[0].values}})
    report = check(workbook, ReadBook((books.read_sheet(sheet, [written]),)), known)
    [row] = report.sheets[0].rows
    assert (row.status, row.changes, row.key) == ("unchanged", {}, first[0].key)


# ----------------------------------------------------------------------------------------- preview, then application


def changed(book: samples.Book) -> samples.Book:
    """The samples a month later: in each sheet a value of the first row moves, and a row is new."""
    month = {
        "Parties": {"ac": 152341}, "Perimetres": {"version": "v1.3"}, "Activites": {"dima_minutes": "5 h"},
        "Dependances": {"tolerated_minutes": "3 h"}, "Planning": {"label": "Perte du SI"}, "Resultats": {"participants": 15},
        "Plan_actions": {"status": "Fait", "closed_on": date(2026, 11, 2)}, "Sessions": {"place": "Salle 2"},
        "Emargement": {"half_day_2": "Présent"}, "Charte": {"signatures": 52}, "Cibles": {"headcount": 421},
        "SI_critiques": {"copies": 4}, "Plateforme": {"ads_score": 4}, "Tests_restauration": {"volume": "1,2 To"},
        "Preuves": {"diffusion": "ARS"}, "Jalons": {"progress": 80}, "Instances": {"attendees": 15},
        "Depenses": {"status": "Payée"}, "Financements": {"advance_cents": 60001},
        "Lettres_de_mission": {"hours": 120},
        "Cellule_de_crise": {"substitute": "Philibert QUENNEVILLE"}, "Rappel": {"rank": 2},
        "Partenaires": {"phone": "01 99 00 12 37"}, "Points_de_depot": {"placed_on": date(2026, 11, 2)},
        "Autres_plans": {"version": "v4"}, "Contenu_PCRA": {"capacity": 65}, "Fonctions_support": {"hold_minutes": "2 mois"},
        "Incidents": {"ended_at": "16:30"}, "Resultats_par_plan": {"result": "Réussi"},
    }  # fmt: skip
    fresh = {
        "Perimetres": {"code": "REA-01", "name": "Réanimation"}, "Activites": {"number": "4"}, "Dependances": {"label": "SIL"},
        "Planning": {"code": "EX-2027-01"}, "Resultats": {"exercise_code": "EX-2026-04"}, "Plan_actions": {"number": "3"},
        "Sessions": {"code": "DMCC-2026-02"}, "Emargement": {"first_name": "Barnabé"}, "Charte": {"service": "Paie"},
        "Cibles": {"profile": "SI"}, "SI_critiques": {"code": "SIL-01"}, "Plateforme": {"version": "13.0"},
        "Tests_restauration": {"code": "REST-2026-05"}, "Preuves": {"code": "PR-O1C-03"}, "Jalons": {"code": "J-O3C-03"},
        "Instances": {"body": "COPIL"}, "Depenses": {"invoice_number": "F-2026-999"}, "Financements": {"scheme": "FIR"}, "Lettres_de_mission": {"code": "LM-09"},
        "Cellule_de_crise": {"role": "Secrétariat"}, "Rappel": {"first_name": "Barnabé"},
        "Partenaires": {"purpose": "Astreinte"}, "Points_de_depot": {"place": "Urgences"},
        "Autres_plans": {"code": "PSE-01"}, "Contenu_PCRA": {"perimeter_code": "PAIE-01"}, "Fonctions_support": {"function": "RH"},
        "Incidents": {"code": "INC-2026-02"}, "Resultats_par_plan": {"perimeter_code": "BIO-01"},
    }  # fmt: skip
    return {
        name: [{**rows[0], **month[name]}, *rows[1:], *([{**rows[0], **fresh[name]}] if name in fresh else [])]
        for name, rows in book.items()
    }


@WORKBOOKS
def test_what_the_preview_says_is_what_the_database_then_shows(app, world, workbook) -> None:
    desk.emptied(app)
    dsi, referent = desk.manager(app, world), desk.referent(app, world)
    who = dsi if workbook is BIA_PCRA else referent
    first = samples.of(workbook, samples.rows(TWO[1]))
    who.apply(samples.file(first))
    before, pages = desk.dump(app), who.pages()

    run_id = who.deposit(samples.file(changed(first)))
    assert desk.without(desk.dump(app), *desk.TRACES) == desk.without(before, *desk.TRACES)
    assert seen(app, "SELECT sequencename FROM pg_sequences") == []
    preview = who.look(run_id)["report"]
    assert preview["totals"]["E"] == 0
    for sheet in workbook.sheets:
        fresh = {"new": 1} if sheet.name != "Parties" else {}
        same = {"unchanged": len(first[sheet.name]) - 1} if len(first[sheet.name]) > 1 else {}
        assert desk.tally(preview)[sheet.name] == {"changed": 1, **fresh, **same}

    who.confirm(run_id)
    desk.run_jobs(app)
    applied = who.look(run_id)
    assert (applied["state"], applied["report"]) == ("applied", preview)
    after, told = who.pages(), set()
    for sheet in workbook.sheets:
        shown = {"Parties": "parties", "Perimetres": "perimeters"}.get(sheet.name, sheet.name)
        if sheet.name != "Parties":
            assert len(after[shown].keys() - pages[shown].keys()) == 1
            told |= {key for key in pages[shown] if pages[shown][key] != after[shown][key]}
    subjects = {change["subject"] for change in preview["changes"] if change["field"] != "Activité combinée"}
    if not any(sheet.private for sheet in workbook.sheets):
        assert subjects == told
    else:
        assert subjects <= told | {f"{sheet.name}, ligne 2" for sheet in workbook.sheets}


def test_a_preview_tells_each_value_before_and_after(app, world) -> None:
    desk.emptied(app)
    referent = desk.referent(app, world)
    own = samples.of(registry.WORKBOOKS[3], samples.rows(TWO[1]))
    referent.apply(samples.file(own))
    report = referent.look(referent.deposit(samples.file(changed(own))))["report"]
    assert [(each["subject"], each["field"], each["before"], each["after"]) for each in report["changes"]] == [
        (f"{TWO[1]}/DPI-01", "Nombre de copies", "3", "4"),
        (f"{TWO[1]}/SauveData Entreprise / 12.1", "Score ADS", "3", "4"),
        (f"{TWO[1]}/REST-2026-04", "Volume restauré (Go)", "850,5", "1200"),
    ]


def test_a_preview_names_every_value_in_the_words_of_the_sheet() -> None:
    unnamed = {
        (sheet.name, name)
        for _, sheet in EVERY_SHEET
        for name in sheet.fields
        if name not in {column.key for column in sheet.columns} and name not in DERIVED
    }
    assert unnamed == {("Perimetres", "referent_name")}  # never told


# -------------------------------------------------------------------------------------------------- the same file twice


@pytest.mark.parametrize("place", ["a GHT", "an establishment"])
def test_the_same_files_given_twice_write_no_row_of_any_table(app, world, place) -> None:
    desk.emptied(app)
    who = desk.manager(app, world) if place == "a GHT" else desk.referent(app, world)
    book = samples.together(TWO if place == "a GHT" else TWO[1:])
    files = [
        samples.file(*(samples.of(workbook, book) for workbook in half))
        for half in (registry.WORKBOOKS[:4], registry.WORKBOOKS[4:])
    ]
    for content in files:
        assert who.apply(content)["state"] == "applied"
    before = desk.dump(app)
    again = [desk.tally(who.apply(content)["report"]) for content in files]
    for counts in again:
        only(counts, "unchanged")
    assert sum(len(counts) for counts in again) == (29 if place == "a GHT" else 28)
    after = desk.dump(app)
    assert desk.without(after, *desk.TRACES) == desk.without(before, *desk.TRACES)
    assert {name: after[name][0] - before[name][0] for name in desk.TRACES} == {
        "import_run": 2, "audit_event": 4, "outbox": 4,
    }  # fmt: skip
