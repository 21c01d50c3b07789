"""Pages of a deposit: sent, previewed, confirmed, applied; refused with what it is and what to do."""

from __future__ import annotations

import html
import re
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest

from importers import service
from importers.limits import Limits
from tests.compliance.web.pages import without_token
from tests.factories import acting as at
from tests.factories.jobs import run_jobs
from tests.importers import archives
from tests.importers.kits import UNKNOWN_NUMBER, Grid, typed

ESTUARY = f"/ght/{at.ESTUARY_CODE}"
MARQUERIVE = f"/etablissements/{at.CAPES_MEMBERS[3].finess}"
WRITTEN = ("import_run", "audit_event", "outbox", *at.TENANT_TABLES)


def words(page: str) -> str:
    """The text of a page: no tag, one kind of space."""
    text = re.sub(r"<(script|style|head)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u00a0", " ").replace("\u202f", " ").split())


def cells(page: str, table: str) -> list[list[str]]:
    """The body of the table whose caption begins with a text."""
    body = re.search(rf"<caption>{table}.*?<tbody[^>]*>(.*?)</tbody>", page, re.DOTALL)
    assert body, table
    rows = re.findall(r"<tr.*?</tr>", body[1], re.DOTALL)
    return [[words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


@pytest.fixture
def send(tmp_path: Path):
    """Return a function that sends a file from a browser and follows to its page."""

    def post(browser: Any, path: str, content: Grid | bytes, name: str = "KIT_BIA_PCRA.xlsx") -> Any:
        data = content if isinstance(content, bytes) else content.write(tmp_path / "sent.xlsx").read_bytes()
        return browser.post(f"{path}/imports", data={"file": (BytesIO(data), name)}, content_type="multipart/form-data")

    return post


def test_a_file_is_sent_previewed_confirmed_and_applied(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    sent = send(browser, ESTUARY, typed(at.ESTUARY_MEMBERS))
    assert sent.status_code == 302
    page = sent.headers["Location"]
    assert "Lecture en cours" in browser.get(page).text
    run_jobs(app)
    preview = browser.get(page).text
    assert cells(preview, "Par feuille du classeur") == [
        ["Parties", "0", "3", "0", "0"],
        ["Perimetres", "9", "3", "0", "0"],
    ]
    assert "15 lignes sont comprises, aucune n’est à corriger. Rien n’est encore enregistré." in words(preview)
    assert browser.post(f"{page}/appliquer", data={"mode": "all"}).status_code == 302
    assert "Application en cours" in browser.get(page).text
    run_jobs(app)
    applied = words(browser.get(page).text)
    assert "C’est enregistré : 9 lignes nouvelles, 6 modifiées, 0 inchangée" in applied


def test_a_remark_says_where_what_why_and_what_to_do(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    grid = typed(at.ESTUARY_MEMBERS)
    grid.put("Perimetres", 2, "Date du BIA", "31/02/2026")
    grid.put("Perimetres", 3, "Dernier test", None)
    grid.put("Perimetres", 3, "Prochain test prévu", None)
    page = send(browser, ESTUARY, grid).headers["Location"]
    run_jobs(app)
    shown = browser.get(page).text
    [error] = cells(shown, "Dans l’ordre du classeur")
    assert error[:3] == ["Perimetres, K2", "Date du BIA", "31/02/2026"]
    assert "E-DAT" in error[3]
    assert error[4].endswith("05/12/2026.")
    assert "1 manque enregistré tel quel" in words(shown)
    assert "G-COH" in shown
    assert 'value="all"' not in shown
    assert 'value="valid"' in shown


def test_the_list_of_deposits_counts_in_french(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    grid = typed(at.ESTUARY_MEMBERS)
    grid.sheets = {"Perimetres": grid.sheets["Perimetres"][:2]}
    send(browser, ESTUARY, grid)
    run_jobs(app)
    assert "1 ligne comprise, 0 à corriger" in words(browser.get(f"{ESTUARY}/imports").text)


def test_rows_to_correct_refuse_the_whole_and_say_why(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    grid = typed(at.ESTUARY_MEMBERS)
    grid.put("Perimetres", 2, "Date du BIA", "bientôt")
    page = send(browser, ESTUARY, grid).headers["Location"]
    run_jobs(app)
    before = at.counts(app)
    browser.post(f"{page}/appliquer", data={"mode": "all"})
    assert "Des lignes sont à corriger" in browser.get(page).text
    assert run_jobs(app) == 0
    assert at.counts(app) == before


def test_an_unmapped_sheet_is_told_and_blocks_the_whole(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    grid = typed(at.ESTUARY_MEMBERS)
    grid.sheets["Onduleurs"] = [["Local", "Autonomie"], ["Sous-sol", "20 min"]]
    page = send(browser, ESTUARY, grid).headers["Location"]
    run_jobs(app)
    shown = words(browser.get(page).text)
    assert "feuille non reconnue : Onduleurs" in shown
    assert "E-FEU" in shown


def test_the_preview_lists_what_the_file_no_longer_has(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    page = send(browser, ESTUARY, typed(at.ESTUARY_MEMBERS)).headers["Location"]
    run_jobs(app)
    assert "1 ligne connue absente du fichier, conservée" in words(browser.get(page).text)


def test_an_application_that_failed_is_told_on_its_preview(app, sign_in, send, monkeypatch):
    browser = sign_in(at.ESTUARY_DSI)
    page = send(browser, ESTUARY, typed(at.ESTUARY_MEMBERS)).headers["Location"]
    run_jobs(app)
    with monkeypatch.context() as patch:
        patch.setattr("importers.workbooks.bia_pcra_store.apply", lambda *_: 1 / 0)
        browser.post(f"{page}/appliquer", data={"mode": "all"})
        run_jobs(app)
    shown = words(browser.get(page).text)
    assert "Un incident a interrompu ce travail. Rien n’a été enregistré" in shown
    assert "Comment continuer" in shown


def test_progress_asks_the_page_to_reload_once_the_reading_has_ended(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    page = send(browser, ESTUARY, typed(at.ESTUARY_MEMBERS)).headers["Location"]
    assert "HX-Refresh" not in browser.get(f"{page}/avancement").headers
    run_jobs(app)
    assert browser.get(f"{page}/avancement").headers["HX-Refresh"] == "true"


# --- bad input ---------------------------------------------------------------------------------------------------


def strict(folder: Path) -> bytes:
    """A workbook saved as Strict Open XML."""
    members = archives.parts(archives.text_row(1, "a"))
    return archives.packed(
        {name: text.replace(archives.MAIN, archives.STRICT) for name, text in members.items()}, folder / "s.xlsx"
    ).read_bytes()


HTML = b"<html><body><table><tr><td>FINESS</td></tr></table></body></html>"
BAD = {
    "password": (
        lambda _: archives.ole("EncryptionInfo", "EncryptedPackage"),
        "protégé par un mot de passe",
        "retirez le mot de passe",
    ),
    "strict": (strict, "Strict", "Classeur Excel (.xlsx)"),
    "xls renamed": (
        lambda _: archives.ole("Root Entry", "Workbook"),
        "ancien classeur Excel (.xls)",
        "enregistrez-le au format",
    ),
    "web page renamed": (lambda _: HTML, "page web", "enregistrez-le au format"),
    "picture": (lambda _: b"\x89PNG\r\n\x1a\n" + bytes(64), "image (PNG)", "Déposez le tableau d’origine"),
    "empty": (lambda _: b"", "est vide", "déposez-le de nouveau"),
    "too large": (lambda _: b"PK\x03\x04" + bytes(100_000), "la limite est de 0,1 Mo", "Retirez les images"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_workbook_is_told_in_french_and_nothing_is_written(app, sign_in, send, tmp_path, monkeypatch, case):
    monkeypatch.setattr(service, "LIMITS", Limits(file_size=100_000))
    make, what, remedy = BAD[case]
    browser = sign_in(at.ESTUARY_DSI)
    before, stored = at.counts(app, *WRITTEN), at.blobs(app)
    answer = send(browser, ESTUARY, make(tmp_path))
    shown = words(answer.text)
    assert answer.status_code == 422
    assert what in shown
    assert remedy in shown
    assert "Rien n’a été enregistré." in shown
    assert at.counts(app, *WRITTEN) == before
    assert at.blobs(app) == stored


def test_no_file_at_all_is_refused_too(app, sign_in):
    answer = sign_in(at.ESTUARY_DSI).post(f"{ESTUARY}/imports", data={}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Aucun fichier n’a été choisi." in words(answer.text)


def test_the_name_of_a_file_is_shown_as_text(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    page = send(browser, ESTUARY, typed(at.ESTUARY_MEMBERS), "C:\\kits\\<img src=x>.xlsx").headers["Location"]
    run_jobs(app)
    shown = browser.get(page).text
    assert "&lt;img src=x&gt;.xlsx" in shown
    assert "<img src=x>" not in shown


# --- who may -----------------------------------------------------------------------------------------------------


def test_the_deposit_of_another_scope_is_not_found(app, sign_in, send):
    page = send(sign_in(at.ESTUARY_DSI), ESTUARY, typed(at.ESTUARY_MEMBERS)).headers["Location"]
    run_id = page.rsplit("/", 1)[1]
    stranger = sign_in(at.CAPES_DSI)
    foreign = stranger.get(f"/ght/{at.TWO_CAPES_CODE}/imports/{run_id}")
    absent = stranger.get(f"/ght/{at.TWO_CAPES_CODE}/imports/{uuid4()}")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert without_token(foreign.text) == without_token(absent.text)


def test_who_only_reads_has_no_deposit_page(sign_in):
    assert sign_in("direction@marquerive.example").get(f"{MARQUERIVE}/imports").status_code == 404


def test_the_referent_of_one_establishment_sees_the_parties_sheet_left_out(app, sign_in, send):
    browser = sign_in(at.REFERENT)
    page = send(browser, MARQUERIVE, typed(at.CAPES_MEMBERS[3:4])).headers["Location"]
    run_jobs(app)
    shown = browser.get(page).text
    assert cells(shown, "Par feuille du classeur") == [["Perimetres", "3", "1", "0", "0"]]
    assert "W-PAR" in shown


def test_an_unknown_establishment_and_a_foreign_one_are_told_alike(app, sign_in, send):
    browser = sign_in(at.REFERENT)
    grid = typed(at.CAPES_MEMBERS[3:4])
    grid.put("Perimetres", 2, "FINESS EJ*", UNKNOWN_NUMBER)
    grid.put("Perimetres", 3, "FINESS EJ*", at.ESTUARY_MEMBERS[0].finess)
    grid.put("Perimetres", 4, "FINESS EJ*", at.CAPES_MEMBERS[0].finess)
    page = send(browser, MARQUERIVE, grid).headers["Location"]
    run_jobs(app)
    told = cells(browser.get(page).text, "Dans l’ordre du classeur")
    assert [row[0] for row in told] == ["Perimetres, B2", "Perimetres, B3", "Perimetres, B4"]
    assert len({tuple(row[3:]) for row in told}) == 1


# --- the workbook of the scope -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "path", "parties", "perimeters"),
    [
        (at.ESTUARY_DSI, ESTUARY, 3, 4),
        (at.REFERENT, MARQUERIVE, 0, 1),
        (at.ALONE_DSI, f"/ght/{at.ALONE_CODE}", 1, 1),
        (at.OUTSIDE_ADMIN, f"/etablissements/{at.OUTSIDE[0]}", 3, 1),
    ],
)
def test_the_kit_is_prefilled_for_its_scope(sign_in, email, path, parties, perimeters):
    answer = sign_in(email).get(f"{path}/modeles/KIT_BIA_PCRA.xlsx")
    assert answer.headers["Content-Disposition"] == "attachment; filename=KIT_BIA_PCRA.xlsx"
    book = openpyxl.load_workbook(BytesIO(answer.data))
    assert book.sheetnames == ["Lisez-moi", "Parties", "Perimetres", "Activites", "Dependances", "Listes"]
    found = [sum(bool(row[0].value) for row in book[name].iter_rows(min_row=4)) for name in ("Parties", "Perimetres")]
    assert found == [parties, perimeters]


@pytest.mark.parametrize(
    ("email", "path"),
    [
        (at.ESTUARY_DSI, ESTUARY),
        (at.REFERENT, MARQUERIVE),
        (at.ALONE_DSI, f"/ght/{at.ALONE_CODE}"),
        (at.CAPES_DSI, f"/ght/{at.TWO_CAPES_CODE}"),
    ],
)
def test_the_prefilled_kit_sent_back_changes_nothing(app, sign_in, send, email, path):
    browser = sign_in(email)
    kit = browser.get(f"{path}/modeles/KIT_BIA_PCRA.xlsx").data
    page = send(browser, path, kit).headers["Location"]
    run_jobs(app)
    tallies = cells(browser.get(page).text, "Par feuille du classeur")
    assert [row[1:3] + row[4:] for row in tallies] == [["0", "0", "0"]] * len(tallies)
