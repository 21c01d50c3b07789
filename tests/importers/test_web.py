"""Pages of a deposit: sent, previewed, confirmed, applied; refused with what it is and what to do."""

from __future__ import annotations

import html
import re
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import openpyxl
import pytest

from importers import deposits
from importers.limits import Limits
from importers.registry import WORKBOOKS
from tenants import jobs
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
        patch.setattr("importers.store.write", lambda *_: 1 / 0)
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
    "web page renamed": (lambda _: HTML, "page web", "enregistrez-le au format"),
    "picture": (lambda _: b"\x89PNG\r\n\x1a\n" + bytes(64), "image (PNG)", "Déposez le tableau d’origine"),
    "empty": (lambda _: b"", "est vide", "déposez-le de nouveau"),
    "too large": (lambda _: b"PK\x03\x04" + bytes(100_000), "la limite est de 0,1 Mo", "Retirez les images"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_workbook_is_told_in_french_and_nothing_is_written(app, sign_in, send, tmp_path, monkeypatch, case):
    monkeypatch.setattr(deposits, "limits", lambda: Limits(file_size=100_000))
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


# --- several files -----------------------------------------------------------------------------------------------


def post(browser: Any, path: str, *files: tuple[str, bytes]) -> Any:
    """Send several files at once."""
    data = {"file": [(BytesIO(content), name) for name, content in files]}
    return browser.post(f"{path}/imports", data=data, content_type="multipart/form-data")


def outcomes(page: str) -> list[str]:
    """What the page says became of each file."""
    section = page.partition('id="h-sent"')[2].partition("</section>")[0]
    return [words(line) for line in re.findall(r"<li>.*?</li>", section, re.DOTALL)]


@pytest.fixture
def kit(tmp_path: Path) -> bytes:
    """A clean K1."""
    return typed(at.ESTUARY_MEMBERS).write(tmp_path / "kit.xlsx").read_bytes()


def test_several_files_have_each_their_outcome(app, sign_in, kit):
    browser = sign_in(at.ESTUARY_DSI)
    before = at.counts(app, "import_run")["import_run"]
    answer = post(
        browser, ESTUARY, ("un.xlsx", kit), ("page.xlsx", HTML), ("deux.csv", b"Code;Service\r\nA-1;Soins\r\n")
    )
    assert answer.status_code == 200
    one, page, two = outcomes(answer.text)
    assert one == "un.xlsx Reçu"
    assert page.startswith("page.xlsx Refusé : Ce fichier est une page web")
    assert two == "deux.csv Reçu"
    assert "2 fichiers reçus sur 3" in words(answer.text)
    assert at.counts(app, "import_run")["import_run"] == before + 2
    assert run_jobs(app) == 2
    for address in re.findall(rf'<a href="({ESTUARY}/imports/[^"]+)"><b>(?:un|deux)', answer.text):
        assert "Rien n’est encore enregistré." in words(browser.get(address).text)


def test_the_files_of_a_zip_are_deposits_of_their_own(app, sign_in, kit):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("services/BIA.xlsx", kit)
        archive.writestr("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(64))
    answer = post(sign_in(at.ESTUARY_DSI), ESTUARY, ("tout.zip", packed.getvalue()))
    told = outcomes(answer.text)
    assert told[0] == "BIA.xlsx Reçu"
    assert told[1].startswith("photo.png Refusé : Ce fichier est une image (PNG)")


def test_the_same_file_twice_is_followed_once(app, sign_in, kit):
    answer = post(sign_in(at.ESTUARY_DSI), ESTUARY, ("un.xlsx", kit), ("copie.xlsx", kit))
    [first, second] = re.findall(rf'href="{ESTUARY}/imports/([^"]+)"><b>(?:un|copie)', answer.text)[:2]
    assert first == second
    assert run_jobs(app) == 1


def test_several_files_that_are_all_refused_write_nothing(app, sign_in):
    before, stored = at.counts(app, *WRITTEN), at.blobs(app)
    answer = post(sign_in(at.ESTUARY_DSI), ESTUARY, ("a.xlsx", HTML), ("b.xlsx", b""))
    assert answer.status_code == 422
    assert [line.split()[1] for line in outcomes(answer.text)] == ["Refusé", "Refusé"]
    assert "Rien n’a été enregistré." in words(answer.text)
    assert (at.counts(app, *WRITTEN), at.blobs(app)) == (before, stored)


def test_the_limits_told_are_those_of_the_installation(app, sign_in, monkeypatch):
    monkeypatch.setattr("importers.web.deposit.limits", lambda: Limits(file_size=3 * 1024 * 1024, rows=1_200))
    page = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/imports").text
    assert "3 Mo et 1 200 lignes par feuille au plus" in words(page)
    assert " multiple " in page
    assert 'accept=".xlsx,.ods,.xls,.csv,.zip,' in page


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


# --- giving up and taking back -----------------------------------------------------------------------------------


def applied(app: Any, browser: Any, send: Any, grid: Grid) -> str:
    """The address of a deposit that was sent, confirmed and applied."""
    page: str = send(browser, ESTUARY, grid).headers["Location"]
    run_jobs(app)
    browser.post(f"{page}/appliquer", data={"mode": "valid"})
    run_jobs(app)
    assert "C’est enregistré" in words(browser.get(page).text)
    return page


def test_a_deposit_can_be_given_up_while_it_is_read(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    page = send(browser, ESTUARY, typed(at.ESTUARY_MEMBERS)).headers["Location"]
    assert "Abandonner" in browser.get(page).text
    assert browser.post(f"{page}/abandonner").headers["Location"] == page
    run_jobs(app)
    told = words(browser.get(page).text)
    assert "Ce dépôt est abandonné. Rien n’a été enregistré." in told
    assert "Abandonné" in words(browser.get(f"{ESTUARY}/imports").text)
    browser.post(f"{page}/abandonner")
    assert "Ce travail est déjà terminé" in words(browser.get(page).text)


def test_the_percentage_that_a_job_tells_is_shown(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    page = send(browser, ESTUARY, typed(at.ESTUARY_MEMBERS)).headers["Location"]
    with app.app_context():
        jobs.tell(UUID(page.rsplit("/", 1)[1]), "Contrôle des lignes", 42)
    for path in (page, f"{page}/avancement"):
        shown = browser.get(path).text
        assert "Contrôle des lignes : 42 %" in words(shown)
        assert '<progress id="p-job" max="100" value="42">' in shown


def test_taking_back_is_asked_first_and_says_how_many_rows(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    page = applied(app, browser, send, typed(at.ESTUARY_MEMBERS))
    asked = words(browser.get(f"{page}/annuler").text)
    assert "15 lignes redeviennent ce qu’elles étaient avant ce dépôt." in asked
    assert "retirées des listes 9" in asked
    assert "valeurs d’avant 6" in asked


def test_a_deposit_taken_back_leaves_what_was_before(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    before = browser.get(f"{ESTUARY}/perimetres").text
    page = applied(app, browser, send, typed(at.ESTUARY_MEMBERS))
    assert words(browser.get(f"{ESTUARY}/perimetres").text) != words(before)
    assert browser.post(f"{page}/annuler").headers["Location"] == page
    assert "Annulation en cours" in browser.get(page).text
    run_jobs(app)
    told = words(browser.get(page).text)
    assert "Ce dépôt est annulé : 15 lignes remises en l’état." in told
    assert "par Eden Fabre" in told
    assert words(browser.get(f"{ESTUARY}/perimetres").text) == words(before)
    assert browser.get(f"{page}/annuler").headers["Location"] == page


def test_rows_changed_since_are_left_and_named(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    page = applied(app, browser, send, typed(at.ESTUARY_MEMBERS))
    later = typed(at.ESTUARY_MEMBERS)
    later.put("Perimetres", 2, "Périmètre / service*", "Urgences, changé depuis")
    applied(app, browser, send, later)
    browser.post(f"{page}/annuler")
    run_jobs(app)
    told = words(browser.get(page).text)
    assert "14 lignes remises en l’état. 1 ligne est restée telle quelle : quelqu’un l’a modifiée depuis." in told
    assert f"{at.ESTUARY_MEMBERS[0].finess}/URG-01" in told


def test_what_is_not_applied_is_not_taken_back(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    page = send(browser, ESTUARY, typed(at.ESTUARY_MEMBERS)).headers["Location"]
    assert browser.get(f"{page}/annuler").headers["Location"] == page
    browser.post(f"{page}/annuler")
    assert "il n’y a rien à annuler" in words(browser.get(page).text)


# --- conflicts ---------------------------------------------------------------------------------------------------


@pytest.fixture
def conflicting(app, sign_in, send):
    """Return a browser and the address of a preview: two rows of a prefilled kit were changed in Vigie meanwhile."""
    manager, referent = sign_in(at.CAPES_DSI), sign_in(at.REFERENT)
    mine = at.CAPES_MEMBERS[3:4]
    first = typed(mine)
    first.sheets = {"Perimetres": first.sheets["Perimetres"][:3]}
    page = send(referent, MARQUERIVE, first).headers["Location"]
    run_jobs(app)
    referent.post(f"{page}/appliquer", data={"mode": "all"})
    run_jobs(app)
    kit = openpyxl.load_workbook(BytesIO(referent.get(f"{MARQUERIVE}/modeles/KIT_BIA_PCRA.xlsx").data))
    for row in (2, 3):
        first.put("Perimetres", row, "Version", "v2")
    page = send(manager, MARQUERIVE, first).headers["Location"]
    run_jobs(app)
    manager.post(f"{page}/appliquer", data={"mode": "all"})
    run_jobs(app)
    sheet = kit["Perimetres"]
    place = next(cell.column for cell in sheet[1] if cell.value == "Version")
    for line in range(4, 6):
        sheet.cell(line, place, "v3")
    stream = BytesIO()
    kit.save(stream)
    page = send(referent, MARQUERIVE, stream.getvalue()).headers["Location"]
    run_jobs(app)
    return referent, page


def test_both_versions_of_a_row_changed_meanwhile_are_shown_side_by_side(conflicting):
    browser, page = conflicting
    shown = browser.get(page).text
    assert "2 lignes modifiées ailleurs" in words(shown)
    caption = re.search(r"<caption>(Modifiée le [^<]*)</caption>", shown)
    assert caption
    assert words(caption[1]).endswith("par Claude Ferrant")
    assert cells(shown, "Modifiée le") == [["Version", "v2", "v3"]]
    assert len(re.findall(r'name="take"', shown)) == 2


def test_the_version_of_the_file_is_taken_for_the_rows_ticked_and_for_them_alone(app, conflicting):
    browser, page = conflicting
    places = re.findall(r'name="take" value="([^"]*)"', browser.get(page).text)
    browser.post(f"{page}/conflits", data={"take": [places[0], "Perimetres!999"]})
    run_jobs(app)
    shown = words(browser.get(page).text)
    assert "Version du fichier prise pour 1 ligne modifiée ailleurs." in shown
    assert "1 ligne modifiée ailleurs Quelqu’un" in shown
    browser.post(f"{page}/conflits", data={"take": places[1]})
    run_jobs(app)
    shown = words(browser.get(page).text)
    assert "Version du fichier prise pour 2 lignes modifiées ailleurs." in shown
    assert "Quelqu’un a changé" not in shown


def test_all_are_taken_at_once_and_given_back_at_once(app, conflicting):
    browser, page = conflicting
    browser.post(f"{page}/conflits", data={"which": "all"})
    run_jobs(app)
    assert "prise pour toutes les lignes modifiées ailleurs" in words(browser.get(page).text)
    browser.post(f"{page}/conflits", data={"which": "none"})
    run_jobs(app)
    assert "2 lignes modifiées ailleurs" in words(browser.get(page).text)


# --- columns -----------------------------------------------------------------------------------------------------


def home_made() -> Grid:
    """An inventory of one's own: a title, a header on row 3 with a doubtful word, and a sheet of notes."""
    header = [
        "Code",
        "FINESS",
        "Service",
        "Type",
        "Existe",
        "Référant métié",
        "BIA",
        "Motif",
        "PCA",
        "PRA",
        "Prochain test",
    ]
    row = [
        "LAB-01",
        at.ESTUARY_MEMBERS[0].finess,
        "Laboratoire",
        "Autre",
        "Oui",
        "Biologiste",
        "En cours",
        "",
        "Absent",
        "Absent",
    ]
    rows: list[list[Any]] = [["Inventaire"], [], header, [*row, date(2027, 3, 15)]]
    return Grid({"Perimetres": rows, "Notes": [["Local", "Autonomie"], ["Sous-sol", "20 min"]]})


def answers(page: str) -> dict[str, str]:
    """What the form of the columns page would send as it is."""
    found = dict(re.findall(r'<input type="hidden" name="(f\d+-\w+)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select [^>]*name="(f\d+-\w+)">(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def test_guessed_columns_are_confirmed_once_and_never_asked_again(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    page = send(browser, ESTUARY, home_made()).headers["Location"]
    run_jobs(app)
    shown = browser.get(page).text
    assert "Vérifiez d’abord les colonnes : certaines ont été devinées." in words(shown)
    assert "/appliquer" not in shown
    asked = browser.get(f"{page}/colonnes").text
    assert "2 feuilles demandent votre avis, sur 2." in words(asked)
    sent = answers(asked)
    assert (sent["f0-sheet"], sent["f0-row"], sent["f0-c6"], sent["f1-sheet"]) == (
        "Perimetres",
        "3",
        "referent_function",
        "",
    )
    assert browser.post(f"{page}/colonnes", data=sent).headers["Location"] == page
    run_jobs(app)
    shown = browser.get(page).text
    assert cells(shown, "Par feuille du classeur") == [["Perimetres", "1", "0", "0", "0"]]
    assert 'value="all"' in shown
    again = send(browser, ESTUARY, home_made(), "mois suivant.xlsx").headers["Location"]
    run_jobs(app)
    assert 'value="all"' in browser.get(again).text


def test_another_sheet_proposes_its_columns_before_anything_is_kept(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    page = send(browser, ESTUARY, home_made()).headers["Location"]
    run_jobs(app)
    before = at.counts(app, "import_layout")
    sent = answers(browser.get(f"{page}/colonnes").text) | {"f1-sheet": "SI_critiques"}
    for more in ({"refresh": "1"}, {}):
        shown = browser.post(f"{page}/colonnes", data=sent | more)
        assert shown.status_code == 200
        assert "Les colonnes sont proposées de nouveau" in words(shown.text)
        assert answers(shown.text)["f1-was"] == "SI_critiques/1/1"
    assert at.counts(app, "import_layout") == before


@pytest.mark.parametrize(("login", "base", "told"), [(at.ESTUARY_DSI, ESTUARY, True), (at.REFERENT, MARQUERIVE, False)])
def test_the_column_of_the_establishment_is_missed_in_the_file_of_a_ght_alone(app, sign_in, send, login, base, told):
    grid = home_made()
    for row in grid.sheets["Perimetres"][2:]:
        del row[1]
    browser = sign_in(login)
    page = send(browser, base, grid).headers["Location"]
    run_jobs(app)
    shown = words(browser.get(f"{page}/colonnes").text)
    assert answers(browser.get(f"{page}/colonnes").text)["f0-sheet"] == "Perimetres"
    assert ("Colonnes obligatoires absentes : FINESS EJ." in shown) is told


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"f0-c1": "name"}, "les colonnes A et C deviendraient la même"),
        ({"f0-c1": "no_such_column"}, "une colonne choisie n’existe pas dans « Perimetres »"),
        ({"f0-sheet": "Nulle part"}, "choisissez dans la liste"),
        ({"f0-row": "2"}, "n’a pas de titres de colonnes ligne 2"),
    ],
)
def test_answers_that_cannot_be_kept_are_refused_with_a_sentence_and_the_page(app, sign_in, send, changes, sentence):
    browser = sign_in(at.ESTUARY_DSI)
    page = send(browser, ESTUARY, home_made()).headers["Location"]
    run_jobs(app)
    before = at.counts(app, "import_layout", "outbox")
    sent = answers(browser.get(f"{page}/colonnes").text) | changes
    answer = browser.post(f"{page}/colonnes", data=sent)
    assert answer.status_code == 422
    assert sentence in words(answer.text)
    assert "C’est juste, voir l’aperçu" in words(answer.text)
    assert at.counts(app, "import_layout", "outbox") == before


def test_the_values_of_a_file_given_for_a_ght_are_shown_to_who_sent_it_alone(app, sign_in, send, servers):
    browser = sign_in(at.ESTUARY_DSI)
    page = send(browser, ESTUARY, home_made()).headers["Location"]
    run_jobs(app)
    assert "Laboratoire" in browser.get(f"{page}/colonnes").text
    at.seen(app, "UPDATE import_run SET created_by = NULL WHERE id = %s", page.rsplit("/", 1)[1])
    shown = browser.get(f"{page}/colonnes").text
    assert "Laboratoire" not in shown
    assert "ne sont montrées qu’à la personne qui l’a déposé" in words(shown)
    assert answers(shown)["f0-c3"] == "name"


def test_columns_are_decided_before_the_application_only(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    page = applied(app, browser, send, typed(at.ESTUARY_MEMBERS))
    for method in ("get", "post"):
        assert getattr(browser, method)(f"{page}/colonnes").headers["Location"] == page
        assert "ce dépôt n’attend plus de décision" in words(browser.get(page).text)


# --- the annotated file ------------------------------------------------------------------------------------------


def test_the_annotated_file_is_asked_for_made_and_downloaded(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    grid = typed(at.ESTUARY_MEMBERS)
    grid.put("Perimetres", 2, "Date du BIA", "31/02/2026")
    page = send(browser, ESTUARY, grid, "bia « été ».xlsx").headers["Location"]
    for method in ("get", "post"):
        assert getattr(browser, method)(f"{page}/annote").headers["Location"] == page
    assert "il n’y a rien à y annoter" in words(browser.get(page).text)
    run_jobs(app)
    assert browser.post(f"{page}/annote").headers["Location"] == page
    assert "Préparation du fichier annoté" in browser.get(page).text
    assert "HX-Refresh" not in browser.get(f"{page}/avancement").headers
    run_jobs(app)
    assert browser.get(f"{page}/avancement").headers["HX-Refresh"] == "true"
    assert f'href="{page}/annote"' in browser.get(page).text
    assert browser.post(f"{page}/annote").headers["Location"] == f"{page}/annote"
    answer = browser.get(f"{page}/annote")
    assert quote("bia « été » (contrôlé).xlsx") in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(BytesIO(answer.data))
    assert any("E-DAT" in str(cell.value) for cell in book["Perimetres"][2])


def test_a_file_that_names_people_is_given_back_to_who_sent_it_alone(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    page = send(browser, ESTUARY, home_made()).headers["Location"]
    run_jobs(app)
    at.seen(app, "UPDATE import_run SET created_by = NULL WHERE id = %s", page.rsplit("/", 1)[1])
    assert browser.post(f"{page}/annote").headers["Location"] == page
    assert "il n’est rendu qu’à la personne qui l’a déposé" in words(browser.get(page).text)
    assert run_jobs(app) == 0


# --- who may -----------------------------------------------------------------------------------------------------


def test_the_deposit_of_another_scope_is_not_found(app, sign_in, send):
    page = send(sign_in(at.ESTUARY_DSI), ESTUARY, typed(at.ESTUARY_MEMBERS)).headers["Location"]
    run_id = page.rsplit("/", 1)[1]
    stranger = sign_in(at.CAPES_DSI)
    foreign = stranger.get(f"/ght/{at.TWO_CAPES_CODE}/imports/{run_id}")
    absent = stranger.get(f"/ght/{at.TWO_CAPES_CODE}/imports/{uuid4()}")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert without_token(foreign.text) == without_token(absent.text)


def test_the_pages_of_a_deposit_of_another_scope_are_not_found(app, sign_in, send):
    page = send(sign_in(at.ESTUARY_DSI), ESTUARY, home_made()).headers["Location"]
    run_jobs(app)
    run_id = page.rsplit("/", 1)[1]
    stranger = sign_in(at.CAPES_DSI)
    for path in ("colonnes", "annuler", "annote", "avancement"):
        assert stranger.get(f"/ght/{at.TWO_CAPES_CODE}/imports/{run_id}/{path}").status_code == 404, path
    for path in ("colonnes", "annuler", "conflits", "abandonner", "appliquer"):
        assert stranger.post(f"/ght/{at.TWO_CAPES_CODE}/imports/{run_id}/{path}").status_code == 404, path


def test_the_menu_says_where_one_is(app, sign_in, send):
    browser = sign_in(at.ESTUARY_DSI)
    page = send(browser, ESTUARY, home_made()).headers["Location"]
    run_jobs(app)
    for path, entry in (
        (f"{ESTUARY}/imports", "Déposer"),
        (page, "Déposer"),
        (f"{page}/colonnes", "Déposer"),
        (f"{ESTUARY}/registres", "Registres"),
        (f"{ESTUARY}/registres/Planning", "Registres"),
    ):
        assert re.findall(r'aria-current="page">([^<]*)</a>', browser.get(path).text) == [entry], path


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
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=KIT_BIA_PCRA.xlsx;")
    book = openpyxl.load_workbook(BytesIO(answer.data))
    assert book.sheetnames == ["Lisez-moi", "Parties", "Perimetres", "Activites", "Dependances", "Listes"]
    found = [sum(bool(row[0].value) for row in book[name].iter_rows(min_row=4)) for name in ("Parties", "Perimetres")]
    assert found == [parties, perimeters]


def test_every_workbook_is_offered_prefilled_and_blank(sign_in):
    browser = sign_in(at.ESTUARY_DSI)
    page = browser.get(f"{ESTUARY}/imports").text
    for workbook in WORKBOOKS:
        assert workbook.title in words(page)
        for query, full in (("", True), ("?vierge=1", False)):
            address = f"{ESTUARY}/modeles/{workbook.code}.xlsx{query}"
            assert f'href="{address}"' in page
            answer = browser.get(address)
            assert answer.headers["Content-Disposition"].startswith(f"attachment; filename={workbook.code}.xlsx;")
            book = openpyxl.load_workbook(BytesIO(answer.data))
            open_sheets = [sheet.name for sheet in workbook.sheets if not sheet.private and sheet.name != "Parties"]
            rows = [any(row[0].value for row in book[name].iter_rows(min_row=4)) for name in open_sheets]
            assert rows == [full] * len(open_sheets), address


def test_a_workbook_that_does_not_exist_is_not_found(sign_in):
    assert sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/modeles/KIT_PAIE.xlsx").status_code == 404


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
