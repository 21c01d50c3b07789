"""Lists of what is recorded: pages, filters, what is to be attached, whose rows they are, and their exports."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from html import unescape
from io import BytesIO

import openpyxl
import pytest

from compliance.services import register
from compliance.services.register import Entry
from importers.registry import SHEETS
from tests.compliance.web.pages import rows, without_token, words
from tests.factories import acting as at
from tests.factories import registers

CAPES = f"/ght/{at.TWO_CAPES_CODE}"
MARQUERIVE = f"/etablissements/{at.CAPES_MEMBERS[3].finess}"
ESTUARY = f"/ght/{at.ESTUARY_CODE}"
NAMES = {name for name, sheet in SHEETS.items() if sheet.record is not None}
OPEN = sorted(name for name in NAMES if not SHEETS[name].private)
PRIVATE = sorted(name for name in NAMES if SHEETS[name].private)
PLANNING = SHEETS["Planning"]


@pytest.fixture
def planned(app, world):
    """Return a function that records planned exercises of an establishment of the GHT of eight: `planned(0, {key: changes})`."""

    def record(member: int, exercises: Mapping[str, Mapping[str, object]]) -> None:
        owner = world.establishments[at.CAPES_MEMBERS[member].finess]
        base = registers.values(PLANNING)
        entries = [Entry(owner, key, {**base, "code": key, **changes}) for key, changes in exercises.items()]
        with at.acting(app, world, at.CAPES_DSI, at.CAPES):
            register.append(PLANNING.record, entries, None)

    return record


def lines(page: str, part: str = "tbody") -> list[list[str]]:
    """The cells of a list; no row when it has none."""
    return rows(page.replace('<caption id="c-list">', "<caption>"), "(?:Lignes )?\\d", part)


def listed(page: str) -> list[str]:
    """The first cell of each row of a list."""
    return [row[0] for row in lines(page)]


# -------------------------------------------------------------------------------------------------------------- index


def test_the_index_counts_the_rows_of_every_list(sign_in, planned):
    browser = sign_in(at.CAPES_DSI)
    before = words(browser.get(f"{CAPES}/registres").text)
    planned(0, {f"N-{rank}": {} for rank in range(7)})
    after = browser.get(f"{CAPES}/registres")
    assert after.status_code == 200
    counts = {row[0]: row[2] for row in _index(after.text)}
    assert counts[PLANNING.heading] == str(len(at.CAPES_MEMBERS) + 7)
    assert counts["Sessions"] == str(len(at.CAPES_MEMBERS))
    total = re.search(r"(\d+) lignes enregistrées", before)
    assert total
    assert f"{int(total[1]) + 7} lignes enregistrées" in words(after.text)


def _index(page: str) -> list[list[str]]:
    lines = re.findall(r"<tr role=\"row\"><th role=\"rowheader\".*?</tr>", page, re.DOTALL)
    return [[words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL)] for line in lines]


def test_people_are_counted_for_a_ght_and_not_named(sign_in):
    page = sign_in(at.CAPES_DSI).get(f"{CAPES}/registres").text
    told = {row[0]: row for row in _index(page)}
    for name in PRIVATE:
        row = told[SHEETS[name].heading]
        assert row[2] == str(len(at.CAPES_MEMBERS))
        assert all(f"{member.name} : 1" in unescape(row[1]) for member in at.CAPES_MEMBERS)
        assert f"/registres/{name}" not in page


def test_an_establishment_opens_the_lists_of_its_people(sign_in):
    browser = sign_in(at.REFERENT)
    page = browser.get(f"{MARQUERIVE}/registres").text
    for name in PRIVATE:
        assert f"{MARQUERIVE}/registres/{name}" in page
        assert len(listed(browser.get(f"{MARQUERIVE}/registres/{name}").text)) == 1


def test_the_index_does_not_offer_the_parties_to_a_member_of_a_ght(sign_in):
    assert "registres/Parties" not in sign_in(at.REFERENT).get(f"{MARQUERIVE}/registres").text
    assert f"{CAPES}/couverture" in sign_in(at.CAPES_DSI).get(f"{CAPES}/registres").text


# --------------------------------------------------------------------------------------------------------------- list


def test_every_list_has_the_columns_of_its_sheet_in_order(sign_in, subtests):
    browser = sign_in(at.CAPES_DSI)
    for name in OPEN:
        with subtests.test(name=name):
            page = browser.get(f"{CAPES}/registres/{name}")
            assert page.status_code == 200
            [header] = lines(page.text, "thead")
            told = lines(page.text)
            every = [column.label_for("ght") for column in SHEETS[name].columns]
            assert [label for label in every if label in header] == header, "in the order of the sheet"
            # What is left out of the page is what nobody wrote; what every line must answer stays, empty or not.
            asked = [column.label_for("ght") for column in SHEETS[name].columns if column.required]
            assert set(asked) <= set(header)
            assert all(any(row[place] for row in told) for place, label in enumerate(header) if label not in asked)
            assert len(told) == len(at.CAPES_MEMBERS)


def test_in_an_establishment_no_column_says_whose_the_lines_are(sign_in):
    [header] = lines(sign_in(at.REFERENT).get(f"{MARQUERIVE}/registres/Emargement").text, "thead")
    assert "FINESS EJ" not in header
    assert header[:3] == ["Code session", "FINESS ET", "Nom"]


def test_values_are_shown_as_people_write_them(sign_in, planned):
    planned(
        0,
        {
            "EX-9": {
                "planned_on": "2026-09-18",
                "unannounced": False,
                "nature": "combined",
                "perimeters": ("A-1", "B-2"),
                "finess_list": (at.CAPES_MEMBERS[0].finess,),
            }
        },
    )
    page = sign_in(at.CAPES_DSI).get(f"{CAPES}/registres/Planning?q=EX-9").text
    [row] = lines(page)
    [header] = lines(page, "thead")
    keys = {column.label: column.key for column in PLANNING.columns}
    shown = dict(zip([keys[label] for label in header], row, strict=True))
    assert (shown["planned_on"], shown["unannounced"], shown["nature"]) == ("18/09/2026", "Non", "Combiné")
    assert shown["perimeters"].startswith("A-1; B-2")
    assert shown["finess_list"] == f"{at.CAPES_MEMBERS[0].finess} {at.CAPES_MEMBERS[0].name}"


def test_a_list_is_cut_in_pages_of_fifty_that_hold_every_row_once(sign_in, planned):
    planned(0, {f"P-{rank:03d}": {} for rank in range(120)})
    browser = sign_in(at.CAPES_DSI)
    seen, path = [], f"{CAPES}/registres/Planning?q=P-"
    while path:
        page = browser.get(path).text
        seen.append(listed(page))
        found = re.search(r'href="([^"]*)">Page suivante', page)
        path = unescape(found[1]) if found else ""
    assert [len(page) for page in seen] == [50, 50, 20]
    assert [code for page in seen for code in page] == [f"P-{rank:03d}" for rank in range(120)]


@pytest.mark.parametrize(
    ("asked", "shown"), [("0", "P-000"), ("-3", "P-000"), ("99999999999999999999", "P-100"), ("x", "P-000")]
)
def test_a_page_that_does_not_exist_is_the_nearest_one(sign_in, planned, asked, shown):
    planned(0, {f"P-{rank:03d}": {} for rank in range(101)})
    assert listed(sign_in(at.CAPES_DSI).get(f"{CAPES}/registres/Planning?q=P-&page={asked}").text)[0] == shown


SEARCHES = (
    ("EX-07", ["EX-07"]),
    ("hémodialyse", ["EX-07"]),
    ("HEMODIALYSE", ["EX-07"]),
    ("18/09/2026", ["EX-08"]),
    ("terrain", ["EX-08"]),
    ("URG-99", ["EX-07"]),
    ("100 %", ["EX-08"]),
    ("%", ["EX-08"]),
    ("_", []),
    (".*", []),
    ("[a-z", []),
    ("l'hémo", ["EX-07"]),
    ("\0\n", ["EX-07", "EX-08"]),
    ("combined", []),
    ("'; DROP TABLE exercise; --", []),
)


def test_a_search_finds_what_people_read(sign_in, planned, subtests):
    planned(
        0,
        {
            "EX-07": {"label": "Panne à l’hémodialyse", "nature": "combined", "perimeters": ("URG-99",)},
            "EX-08": {"label": "Perte à 100 %", "nature": "field_test", "planned_on": "2026-09-18"},
        },
    )
    browser = sign_in(at.CAPES_DSI)
    for search, found in SEARCHES:
        with subtests.test(search=search):
            page = browser.get(f"{CAPES}/registres/Planning", query_string={"q": search})
            assert page.status_code == 200
            assert [code for code in listed(page.text) if code != "exemple"] == found


def test_one_establishment_of_a_ght_can_be_looked_at_alone(sign_in, planned):
    planned(2, {"SEUL-1": {}})
    browser = sign_in(at.CAPES_DSI)
    path = f"{CAPES}/registres/Planning?establishment={at.CAPES_MEMBERS[2].finess}"
    assert sorted(listed(browser.get(path).text)) == ["SEUL-1", "exemple"]
    foreign = f"{CAPES}/registres/Planning?establishment={at.ESTUARY_MEMBERS[0].finess}"
    assert len(listed(browser.get(foreign).text)) == len(at.CAPES_MEMBERS) + 1


def test_what_refers_to_something_unknown_is_marked_and_can_be_listed(sign_in, planned):
    planned(0, {"LIE-1": {"perimeters": ("URG-01",)}, "DELIE-1": {"perimeters": ("URG-01", "NULLE-PART")}})
    browser = sign_in(at.CAPES_DSI)
    page = browser.get(f"{CAPES}/registres/Planning?q=LIE-1").text
    marked = {row[0]: "À rattacher" in " ".join(row) for row in lines(page)}
    assert marked == {"LIE-1": False, "DELIE-1": True}
    assert listed(browser.get(f"{CAPES}/registres/Planning?only=unattached").text) == ["DELIE-1"]
    planned(0, {"DELIE-1": {"perimeters": ("URG-01",)}})
    assert "Aucune ligne ne répond à ces filtres" in words(
        browser.get(f"{CAPES}/registres/Planning?only=unattached").text
    )


def test_filters_stay_from_page_to_page(sign_in, planned):
    planned(0, {f"P-{rank:03d}": {"perimeters": ("NULLE-PART",)} for rank in range(60)})
    finess = at.CAPES_MEMBERS[0].finess
    page = sign_in(at.CAPES_DSI).get(f"{CAPES}/registres/Planning?q=P-&only=unattached&establishment={finess}").text
    [address] = re.findall(r'href="([^"]*)">Page suivante', page)
    assert set(unescape(address).partition("?")[2].split("&")) == {
        "q=P-", "only=unattached", f"establishment={finess}", "page=2",
    }  # fmt: skip


def test_the_version_shown_is_the_last_one(sign_in, planned):
    planned(0, {"EX-5": {"label": "avant"}})
    planned(0, {"EX-5": {"label": "après"}})
    page = words(sign_in(at.CAPES_DSI).get(f"{CAPES}/registres/Planning?q=EX-5").text)
    assert "après" in page
    assert "avant" not in page


def test_a_list_asks_as_few_questions_for_many_rows_as_for_few(app, sign_in, planned):
    browser = sign_in(at.CAPES_DSI)
    path = f"{CAPES}/registres/Planning?q=e&only=unattached"
    paths = (f"{CAPES}/registres", path, f"{CAPES}/registres/Dependances?q=e&only=unattached")
    planned(0, {"EX-A": {"perimeters": ("NULLE-PART",)}})
    few = [at.asked(app, browser, each) for each in paths]
    planned(0, {f"EX-{rank}": {"perimeters": ("NULLE-PART",)} for rank in range(300)})
    assert [at.asked(app, browser, each) for each in paths] == few
    assert max(few) <= 15


# --------------------------------------------------------------------------------------------------------- who sees it


def test_a_list_of_people_is_for_a_ght_like_a_list_that_does_not_exist(sign_in):
    browser = sign_in(at.CAPES_DSI)
    absent = browser.get(f"{CAPES}/registres/Paie")
    assert absent.status_code == 404
    for name in PRIVATE:
        for path in (name, f"{name}/export.csv", f"{name}/export.xlsx"):
            told = browser.get(f"{CAPES}/registres/{path}")
            assert (told.status_code, without_token(told.text)) == (404, without_token(absent.text)), path


def test_a_manager_of_the_ght_reads_no_people_under_the_address_of_a_member_either(sign_in):
    browser = sign_in(at.CAPES_DSI)
    assert browser.get(f"{MARQUERIVE}/registres/Planning").status_code == 200
    assert browser.get(f"{MARQUERIVE}/registres/Cellule_de_crise").status_code == 404
    assert browser.get(f"{MARQUERIVE}/registres/Cellule_de_crise/export.csv").status_code == 404
    assert f"{MARQUERIVE}/registres/Cellule_de_crise" not in browser.get(f"{MARQUERIVE}/registres").text


def test_nothing_of_another_tenant_is_listed_or_exported(sign_in, app, world, subtests):
    owner = world.establishments[at.ESTUARY_MEMBERS[0].finess]
    with at.acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        for name in OPEN:
            register.append(SHEETS[name].record, [Entry(owner, "SECRET", _secret(name))], None)
    theirs, ours = sign_in(at.ESTUARY_DSI), ((sign_in(at.CAPES_DSI), CAPES), (sign_in(at.REFERENT), MARQUERIVE))
    for name in OPEN:
        with subtests.test(name=name):
            assert "SECRET" in theirs.get(f"{ESTUARY}/registres/{name}").text
            for browser, path in ours:
                assert "SECRET" not in browser.get(f"{path}/registres/{name}").text
                assert "SECRET" not in browser.get(f"{path}/registres/{name}/export.csv").text


def _secret(name: str) -> dict[str, object]:
    """A line of a sheet that says SECRET wherever it can."""
    stranger = registers.values(SHEETS[name]) | {
        column.key: "SECRET" for column in SHEETS[name].columns if column.kind in {"text", "code"}
    }
    known = {field: stranger[field] for field in register.fields(SHEETS[name].record)}
    return {field: "SECRET" if value == "exemple" else value for field, value in known.items()}


def test_a_member_of_a_ght_sees_its_own_rows_alone(sign_in, planned):
    planned(0, {"VOISIN-1": {}})
    planned(3, {"NOUS-1": {}})
    assert sorted(listed(sign_in(at.REFERENT).get(f"{MARQUERIVE}/registres/Planning").text)) == ["NOUS-1", "exemple"]


# ------------------------------------------------------------------------------------------------------------- exports


def exported(answer) -> list[list[str]]:
    """The rows of a CSV file."""
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_a_list_is_exported_whole_as_csv(sign_in, planned):
    planned(0, {f"P-{rank:03d}": {"label": "=1+1"} for rank in range(70)})
    answer = sign_in(at.CAPES_DSI).get(f"{CAPES}/registres/Planning/export.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=Planning.csv;")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, *lines = exported(answer)
    assert header == [column.label for column in PLANNING.columns]
    assert len(lines) == 70 + len(at.CAPES_MEMBERS)
    place = [column.key for column in PLANNING.columns].index("label")
    assert {line[place] for line in lines if line[0].startswith("P-")} == {"'=1+1"}


def test_the_people_of_an_establishment_are_exported_to_it(app, world, sign_in):
    owner = world.establishments[at.CAPES_MEMBERS[3].finess]
    values = registers.values(SHEETS["Cellule_de_crise"])
    with at.acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        register.append(SHEETS["Cellule_de_crise"].record, [Entry(owner, "X", values, (b"1", b"2"))], None)
    assert len(exported(sign_in(at.REFERENT).get(f"{MARQUERIVE}/registres/Cellule_de_crise/export.csv"))) == 3


def test_an_export_for_excel_is_the_workbook_with_every_row(sign_in, planned):
    planned(0, {f"P-{rank:03d}": {} for rank in range(70)})
    answer = sign_in(at.CAPES_DSI).get(f"{CAPES}/registres/Planning/export.xlsx")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=KIT_EXERCICES.xlsx;")
    page = openpyxl.load_workbook(BytesIO(answer.data))["Planning"]
    assert sum(bool(row[0].value) for row in page.iter_rows(min_row=4)) == 70 + len(at.CAPES_MEMBERS)


@pytest.mark.parametrize("name", ["Parties", "Perimetres"])
def test_the_lists_that_have_their_own_pages_lead_there_and_are_exported(sign_in, name):
    browser = sign_in(at.CAPES_DSI)
    pages: Mapping[str, str] = {"Parties": "couverture", "Perimetres": "perimetres"}
    assert browser.get(f"{CAPES}/registres/{name}").headers["Location"] == f"{CAPES}/{pages[name]}"
    lines: Sequence[Sequence[str]] = exported(browser.get(f"{CAPES}/registres/{name}/export.csv"))
    assert lines[0] == [column.label for column in SHEETS[name].columns]
    assert len(lines) > len(at.CAPES_MEMBERS)
    assert browser.get(f"{CAPES}/registres/{name}/export.xlsx").status_code == 200


def test_who_only_reads_lists_and_exports(sign_in):
    browser = sign_in("direction@marquerive.example")
    for path in ("", "/Planning", "/Planning/export.csv", "/Planning/export.xlsx", "/Cellule_de_crise"):
        assert browser.get(f"{MARQUERIVE}/registres{path}").status_code == 200, path
