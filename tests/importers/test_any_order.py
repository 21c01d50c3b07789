"""In whatever order: of the columns of a sheet, however their titles are written, and of the eight files."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from random import Random

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from importers import registry
from importers.base import Sheet, Workbook
from importers.check import Report, check
from importers.facts import EstablishmentRef, Facts
from importers.reading.sheet import ReadBook, ReadSheet
from tenants import embedded
from tenants.db import db
from tenants.embedded import Embedded
from tests import conftest
from tests.factories import acting as at
from tests.importers import books, desk, samples

NUMBERS = ("760780023", "760780056")
FACTS = Facts(
    scope_finess={number: EstablishmentRef(f"id-{number}", number, number) for number in NUMBERS},
    today=conftest.DAY_OF_KITS,
    support=NUMBERS[0],
    group_code="GHT-76",
)
EVERY_SHEET = [(workbook, sheet) for workbook in registry.WORKBOOKS for sheet in workbook.sheets]


# ------------------------------------------------------------------------------------------------------------ columns


def _unaccented(title: str) -> str:
    found = unicodedata.normalize("NFKD", title)
    return "".join(character for character in found if not unicodedata.combining(character))


WAYS: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    str.lower,
    str.title,
    _unaccented,
    lambda title: unicodedata.normalize("NFD", title),
    lambda title: title.replace(" ", "\u00a0"),
    lambda title: title.replace(" ", "  "),
    lambda title: title.replace(" ", "\n", 1),
    lambda title: title.replace("’", "'"),
    lambda title: f"  {title} ",
    lambda title: f"\u202f{title}\u200b",
    lambda title: title.removesuffix("*"),
    lambda title: f"{title.removesuffix('*')} *",
    lambda title: f"{title} :",
)


def _typed(sheet: Sheet, places: Sequence[int], ways: Sequence[Callable[[str], str]], name: str) -> ReadSheet:
    """The samples of a sheet, each column at its place, its title written in its way."""
    titles = {
        place: books.cell(1, place, way(column.header("ght")))
        for column, place, way in zip(sheet.columns, places, ways, strict=True)
    }
    found = {1: dict(sorted(titles.items()))}
    for number, row in enumerate(samples.together(NUMBERS)[sheet.name], 2):
        cells = {
            places[rank]: books.cell(number, places[rank], value) for rank, value in samples.cells(sheet.columns, row)
        }
        found[number] = dict(sorted(cells.items()))
    return ReadSheet(name, rows=found)


def _answers(report: Report) -> list[object]:
    return [
        (row.row_number, row.key, row.finess, row.status, row.values, [(each.code, each.reason) for each in row.faults])
        for sheet in report.sheets
        for row in sheet.rows
    ]


@pytest.mark.parametrize(("workbook", "sheet"), EVERY_SHEET, ids=[sheet.name for _, sheet in EVERY_SHEET])
@settings(max_examples=15, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_columns_in_any_order_under_titles_in_any_case_accents_and_spaces_give_the_same_rows(
    workbook: Workbook, sheet: Sheet, random: Random
) -> None:
    straight = list(range(1, len(sheet.columns) + 1))
    expected = check(workbook, ReadBook((_typed(sheet, straight, [str] * len(straight), sheet.name),)), FACTS)
    shuffled = random.sample(straight, len(straight))
    ways = [random.choice(WAYS) for _ in straight]
    name = random.choice((str, str.upper, str.lower))(sheet.name)
    report = check(workbook, ReadBook((_typed(sheet, shuffled, ways, name),)), FACTS)
    assert [each.layout for each in report.sheets] == [sheet.name]
    assert {row.status for row in report.sheets[0].rows} == {"new"}
    assert _answers(report) == _answers(expected)
    assert {fault.code for fault in report.faults} == {fault.code for fault in expected.faults}


# -------------------------------------------------------------------------------------------------------------- files

# One establishment that is not the support: with no number in most sheets, its codes alone say whose the rows are.
OWN = at.CAPES_MEMBERS[3].finess
UNSAID = frozenset({"Activites", "Dependances", "Resultats", "Plan_actions", "Tests_restauration"})


def _file(workbook: Workbook) -> bytes:
    """The sample of a workbook; codes that no other establishment of the world has, and no number in some sheets."""
    book = samples.of(workbook, samples.rows(OWN))
    told = {
        name: [
            {
                key: value.replace("URG-01", "SAU-07") if isinstance(value, str) else value
                for key, value in row.items()
                # An action of an incident, or of a row of the referential, names its establishment.
                if key != "finess_ej" or name not in UNSAID or (name == "Plan_actions" and "exercise_code" not in row)
            }
            for row in rows
        ]
        for name, rows in book.items()
    }
    return samples.file(told)


def _orders() -> list[list[Workbook]]:
    """The order of the kit, its reverse, and six others."""
    shipped = list(registry.WORKBOOKS)
    return [shipped, shipped[::-1], *(Random(seed).sample(shipped, len(shipped)) for seed in range(6))]  # noqa: S311  an order is no secret


def _unattached(report: Report) -> list[str]:
    return [fault.reason for fault in report.faults if "à rattacher" in fault.reason]


def test_the_eight_files_in_any_order_give_one_same_state(app, world, servers, tmp_path, day_of_kits) -> None:
    files = {workbook.code: _file(workbook) for workbook in registry.WORKBOOKS}
    states = []
    for order in _orders():
        afresh(app, servers)
        for workbook in order:
            desk.applied_now(desk.manager(app, world), tmp_path, files[workbook.code])
        states.append([desk.manager(app, world).pages(), desk.referent(app, world).pages()])
    assert states[1:] == [states[0]] * 7
    under = {key.partition("/")[0] for name in samples.rows(OWN) for key in states[0][1].get(name, ())}
    assert under == {OWN}


def afresh(app: Flask, servers: Embedded) -> None:
    """Put the world back as at the start of a test, its registers empty."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    conftest.admin(servers, f'DROP DATABASE "{conftest.DATABASE}" WITH (FORCE)')
    embedded.create_database(servers, conftest.DATABASE, conftest.TEMPLATE)
    desk.emptied(app)


def test_a_reference_to_what_comes_later_is_told_then_attached_by_itself(app, world, tmp_path, day_of_kits) -> None:
    dsi = desk.manager(app, world)
    desk.emptied(app)
    files = [_file(workbook) for workbook in reversed(registry.WORKBOOKS)]
    first = [_unattached(desk.applied_now(dsi, tmp_path, content)) for content in files]
    before = dsi.pages()
    again = [desk.applied_now(dsi, tmp_path, content) for content in files]
    waiting = {reason.split("»")[0].strip("« \u00a0") for reasons in first for reason in reasons}
    assert waiting == {"SAU-07", "SAU-07/3", "BIO-01", "PAIE-01", "EX-2026-03"}
    assert [_unattached(report) for report in again] == [[]] * 8
    assert [each.counts["new"] + each.counts["changed"] for report in again for each in report.sheets] == [0] * 29
    assert dsi.pages() == before
