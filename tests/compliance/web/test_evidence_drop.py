"""Many files at once: an outcome each, a suggested row with its reason, nothing attached before somebody says so."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO
from uuid import uuid4

import pytest

from compliance.programme.referential import load
from compliance.services import evidence_archive, evidence_drop, evidence_quota, inspection
from compliance.services.evidence_suggestion import Named, suggest
from tests.compliance.web.pages import rows, without_token, words
from tests.factories import acting as at
from tests.factories.acting import counts, seen
from tests.factories.jobs import run_jobs

ESTUARY = f"/ght/{at.ESTUARY_CODE}"
FIRST = at.ESTUARY_MEMBERS[0].finess
ROWS = load("D2").rows
POLICY = b"Politique de sauvegarde et de restauration du GHT"


def archive(method: int = zipfile.ZIP_DEFLATED, **files: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", method) as book:
        for name, content in files.items():
            book.writestr(name, content)
    return stream.getvalue()


@pytest.fixture
def dsi(sign_in):
    return sign_in(at.ESTUARY_DSI)


@pytest.fixture
def drop(dsi):
    """Return a function that drops files: `drop(("a.pdf", b"..."))` gives the answer."""

    def send(*files: tuple[str, bytes]):
        data = {"establishment": FIRST, "files": [(BytesIO(content), name) for name, content in files]}
        return dsi.post(f"{ESTUARY}/preuves/depot", data=data, content_type="multipart/form-data")

    return send


def waiting(page: str) -> dict[str, tuple[str, str]]:
    """The files to put away: name to (identifier, row chosen first)."""
    found = {}
    for block in re.findall(r"<fieldset.*?</fieldset>", page, re.DOTALL):
        name = words(re.search(r"<legend>(.*?)<small", block, re.DOTALL)[1])
        chosen = re.search(r'<option value="([^"]*)" selected', block)
        found[name] = (re.search(r'name="use-([0-9a-f-]+)"', block)[1], chosen[1] if chosen else "")
    return found


def test_each_file_has_its_outcome_and_its_row_and_nothing_is_attached_before(app, dsi, drop):
    before = counts(app, "evidence")
    inside = archive(
        **{
            "dossier/RETEX urgences.txt": b"retour",
            "dossier/scan.txt": POLICY,
            "dossier/.cache": b"x",
            "./a/../plan.txt": b"plan",
            "../seul.txt": b"seul",
        }
    )
    answer = drop(
        ("vide.pdf", b""), ("Note organisation.txt", b"une note"), ("copie.txt", b"une note"), ("pssi.pdf", b"%PDF-1.7 exemple"),
        ("outil.exe", b"MZ\x00\x01" + bytes(80)), ("dossier.zip", inside),
    )  # fmt: skip
    assert answer.status_code == 302
    assert "Lecture en cours" in words(dsi.get(answer.location).text)
    run_jobs(app)
    told = dsi.get(answer.location).text
    assert {name: row for name, (_, row) in waiting(told).items()} == {
        "Note organisation.txt": "D2.P2|organisation_note",
        "dossier/RETEX urgences.txt": "D2.O1.D|retex",
        "dossier/scan.txt": "D2.O2.A|backup_policy",
        "a/plan.txt": "",
        "seul.txt": "",
    }
    text = words(told)
    assert "d’après le nom : « note et organisation »" in text
    assert "d’après le texte : « politique" in text
    assert "vide.pdf Non retenue : « vide.pdf » est vide" in text
    assert "copie.txt Non retenue : Doublon : le même fichier que « Note organisation.txt » de ce dépôt." in text
    assert "pssi.pdf Non retenue : Doublon : ce fichier est déjà joint à D2.P1, sous le nom « pssi.pdf »." in text
    assert "outil.exe Non retenue : Ce fichier est un programme" in text
    assert counts(app, "evidence") == before


def test_what_is_confirmed_is_attached_the_rest_waits_and_is_found_again(app, dsi, drop):
    address = drop(("retex.txt", b"retour"), ("plus tard.txt", b"x"), ("jamais.txt", b"y"), ("date.txt", b"z")).location
    run_jobs(app)
    files = waiting(dsi.get(address).text)
    answer = dsi.post(
        address,
        data={
            f"use-{files['retex.txt'][0]}": "D2.O1.D|retex", f"approved_on-{files['retex.txt'][0]}": "2026-02-05",
            f"use-{files['jamais.txt'][0]}": "none",
            f"use-{files['date.txt'][0]}": "D2.P2|other", f"approved_on-{files['date.txt'][0]}": "2199-01-01",
        },
    )  # fmt: skip
    told = answer.text
    assert answer.status_code == 200
    assert "L’année 2199 n’est pas plausible" in words(told)
    assert 'value="2199-01-01"' in told
    assert set(waiting(told)) == {"plus tard.txt", "date.txt"}
    [line] = rows(dsi.get(f"{ESTUARY}/lignes/D2.O1.D").text, "Quatre dates")
    assert line[0].startswith("retex.txt")
    assert line[2] == "05/02/2026"
    assert "2 fichiers sur 4 à ranger" in words(dsi.get(f"{ESTUARY}/preuves/depot").text)
    states = seen(app, "SELECT filename, state FROM dropped_file WHERE drop_id = %s", address.rpartition("/")[2])
    assert {row["filename"]: row["state"] for row in states} == {
        "retex.txt": "attached", "jamais.txt": "discarded", "plus tard.txt": "read", "date.txt": "read",
    }  # fmt: skip


def test_what_was_found_of_a_file_while_it_waited_is_not_looked_for_again(app, dsi, drop, monkeypatch):
    address = drop(("retex.txt", b"retour")).location
    run_jobs(app)
    monkeypatch.setattr(inspection, "look", None)
    [(identifier, use)] = waiting(dsi.get(address).text).values()
    for told in ("ce dépôt est terminé", "C’est déjà fait"):  # the same click twice is no mistake
        answer = dsi.post(address, data={f"use-{identifier}": use}, follow_redirects=True)
        assert answer.status_code == 200
        assert told in words(answer.text)
    run_jobs(app)
    kept = seen(
        app,
        "SELECT v.kind, v.value FROM evidence_event v JOIN evidence e ON e.id = v.evidence_id"
        " WHERE e.filename = 'retex.txt' ORDER BY v.kind",
    )
    assert [(row["kind"], row["value"]) for row in kept] == [("antivirus", "not_scanned"), ("inspection", "ok")]


def test_a_drop_of_others_is_like_one_that_does_not_exist(app, sign_in, drop):
    address = drop(("retex.txt", b"retour")).location.rpartition("/")[2]
    capes = sign_in(at.CAPES_DSI)
    path = f"/ght/{at.TWO_CAPES_CODE}/preuves/depot"
    for ask in (capes.get, capes.post):
        foreign, absent = ask(f"{path}/{address}"), ask(f"{path}/{uuid4()}")
        assert (foreign.status_code, without_token(foreign.text)) == (404, without_token(absent.text))
    neighbour = sign_in("referent@port-aubry.example")
    assert address not in neighbour.get(f"/etablissements/{at.CAPES_MEMBERS[0].finess}/preuves/depot").text


def test_past_the_quota_a_file_is_refused_with_what_is_used_and_the_form_keeps_what_was_typed(
    app, dsi, drop, monkeypatch
):
    settings = app.extensions["vigie.settings"]
    monkeypatch.setitem(app.extensions, "vigie.settings", replace(settings, evidence_quota_megabytes=1))
    monkeypatch.setattr(evidence_quota, "MEGABYTE", 2048)
    large = bytes(2048)
    form = {
        "piece": "backup_policy",
        "establishment": FIRST,
        "approved_on": "2026-02-05",
        "file": (BytesIO(large), "g.pdf"),
    }
    refused = dsi.post(f"{ESTUARY}/lignes/D2.O2.A/pieces", data=form, content_type="multipart/form-data")
    assert refused.status_code == 422
    assert "octets sur 2 Ko utilisés, et « g.pdf » pèse 2 Ko" in words(refused.text)
    assert 'value="2026-02-05"' in refused.text
    assert "L’espace de l’établissement est plein" in words(dsi.get(drop(("g.pdf", large)).location).text)


def test_what_was_left_out_still_takes_its_space(app, world, dsi, drop):
    def used() -> int:
        with at.acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
            return evidence_quota.quota(world.establishments[FIRST]).used

    before = used()
    address = drop(("jamais.txt", b"douze octets"), ("outil.exe", b"MZ\x00\x01" + bytes(80))).location
    run_jobs(app)
    [(identifier, _)] = waiting(dsi.get(address).text).values()
    dsi.post(address, data={f"use-{identifier}": "none"})
    assert used() == before + 12 + 84


def test_nothing_or_too_much_is_told(dsi, drop, monkeypatch):
    assert "Aucun fichier n’a été choisi" in words(drop().text)
    monkeypatch.setattr(evidence_drop, "MOST", 1)
    answer = drop(("a.txt", b"a"), ("b.txt", b"b"))
    assert answer.status_code == 422
    assert "1 au plus par dépôt" in words(answer.text)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (archive(), "vide"),
        (archive(**{"zeros.txt": bytes(8 * 1024 * 1024)}), "démesurément"),
        (archive(**{f"{number}.txt": b"x" for number in range(evidence_archive.MOST + 1)}), "au plus par dépôt"),
        (archive(a=b"x")[:60] + b"PK\x05\x06" + bytes(18), "vide"),
        (archive(**{"dedans.zip": archive(a=b"x")}), "Une archive dans l’archive"),
        (archive(zipfile.ZIP_LZMA, **{"note.txt": b"x"}), "au format ZIP ordinaire"),
    ],
    ids=["empty", "bomb", "many", "cut", "nested", "unusual"],
)
def test_an_archive_that_cannot_be_trusted_is_refused(dsi, drop, content, sentence):
    told = words(dsi.get(drop(("dossier.zip", content)).location).text)
    assert "Non retenue" in told
    assert sentence in told


def test_archives_of_one_drop_are_bounded_together(dsi, drop, monkeypatch):
    monkeypatch.setattr(evidence_archive, "LARGEST", 20_000)
    first, second = archive(**{"a.txt": b"a" * 12_000}), archive(**{"b.txt": b"b" * 12_000})
    told = words(dsi.get(drop(("un.zip", first), ("deux.zip", second)).location).text)
    assert "deux.zip Non retenue : Une fois décompressée" in told
    assert "un.zip Non retenue" not in told
    monkeypatch.setattr(evidence_drop, "MOST", 2)
    told = words(dsi.get(drop(("c.txt", b"c"), ("deux.zip", archive(c=b"x", d=b"y", e=b"z"))).location).text)
    assert told.count("fichiers au plus par dépôt") == 2


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/passwd", "etc/passwd"), ("C:\\Mes documents\\a\x00b.pdf", "C:/Mes documents/ab.pdf"), ("", "fichier")],
)
def test_the_place_of_a_file_never_climbs(name, kept):
    assert evidence_drop.clean_path(name) == kept


@pytest.mark.parametrize(
    ("name", "row", "kind"),
    [
        ("PSSI_GHT_v3.pdf", "D2.P1", "pssi"),
        ("Politique de sauvegarde 2026.docx", "D2.O2.A", "backup_policy"),
        ("Cahier_de_tests_restauration.pdf", "D2.O4", "test_book"),
        ("Schema architecture.png", "D2.O3.B", "architecture_diagram"),
        ("D2.O1.A/compte-rendu CODIR.pdf", "D2.O1.A", "governance_minutes"),
        ("O4 divers D2.O4.pdf", "D2.O4", "other"),
    ],
)
def test_a_name_suggests_its_row(name, row, kind):
    first = suggest(name, "", ROWS, [])[0]
    assert (first.row, first.kind) == (row, kind)


def test_the_register_that_names_a_file_is_the_surest(app):
    named = [Named("RETEX.pdf", ["D2.P1"], "pssi", date(2025, 3, 1).isoformat())]
    first, second = suggest("x/retex.PDF", "", ROWS, named)[:2]
    assert (first.row, first.kind, first.why, first.approved_on) == (
        "D2.P1", "pssi", "d’après le registre des preuves", "2025-03-01",
    )  # fmt: skip
    assert second.row == "D2.O1.D"


def test_a_name_that_says_nothing_suggests_nothing():
    assert suggest("scan0001.pdf", "Bonjour, ceci est une photo.", ROWS, []) == []
