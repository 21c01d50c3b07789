"""A piece on its page: beside its rule, replaced, used elsewhere, read again, set aside; and the list of all of them."""

from __future__ import annotations

import re
from io import BytesIO
from uuid import uuid4

import openpyxl
import pytest

from compliance.clock import today
from compliance.services import evidence, inspection
from tests.compliance.web.pages import rows, without_token, words
from tests.factories import acting as at
from tests.factories.acting import acting, asked, counts, seen
from tests.factories.jobs import run_jobs

ESTUARY = f"/ght/{at.ESTUARY_CODE}"
FIRST, SECOND = (member.finess for member in at.ESTUARY_MEMBERS[:2])
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
NIR = "1 85 05 78 006 084 91"  # made up, with its right key


@pytest.fixture
def dsi(sign_in):
    return sign_in(at.ESTUARY_DSI)


@pytest.fixture
def give(app, world):
    """Return a function that attaches a piece under the first member: `give(content, name)` gives its id."""

    def attach(content: bytes = b"texte de la politique", name: str = "politique.txt", **more) -> str:
        with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
            owner = world.establishments[FIRST]
            return str(evidence.attach(owner, "D2.O2.A", "backup_policy", name, BytesIO(content), **more))

    return attach


def page(browser, piece, more=""):
    return browser.get(f"{ESTUARY}/preuves/{piece}{more}")


def test_a_piece_is_shown_beside_its_rule_once_it_was_looked_into(app, dsi, give):
    piece = give(PNG, "schema.png")
    before = words(page(dsi, piece).text)
    assert "Il s’affichera ici une fois analysé" in before
    assert "Non analysé : l’analyse n’a pas encore eu lieu." in before
    assert page(dsi, piece, "/apercu").status_code == 404
    run_jobs(app)
    answer = page(dsi, piece)
    told = words(answer.text)
    assert "D2.O2.A , Politique" in told
    assert "Non analysé : aucun antivirus n’est configuré." in told
    assert f'src="{ESTUARY}/preuves/{piece}/apercu"' in answer.text
    assert "frame-src 'self'" in answer.headers["Content-Security-Policy"]
    shown = page(dsi, piece, "/apercu")
    assert (shown.data, shown.mimetype) == (PNG, "image/png")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in shown.headers["Content-Security-Policy"]


def test_a_text_is_shown_as_text_whatever_it_holds(app, dsi, give):
    piece = give(b"<script>alert(1)</script> procedure", "page.txt")
    run_jobs(app)
    told = page(dsi, piece).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; procedure" in told
    assert page(dsi, piece, "/apercu").status_code == 404
    # As old tools of Windows write French, and as Excel writes Unicode.
    for content in ("relevé d’août".encode("cp1252"), "relevé d’août".encode("utf-16")):
        piece = give(content, "releve.txt")
        run_jobs(app)
        assert "relevé d’août" in page(dsi, piece).text


def test_a_piece_whose_inspection_fails_says_so_and_is_not_shown(app, dsi, give, monkeypatch):
    piece = give(PNG, "schema.png")
    monkeypatch.setattr(inspection, "look", None)
    run_jobs(app)
    told = words(page(dsi, piece).text)
    assert "Son analyse n’a pas abouti : Vigie réessaie chaque nuit." in told
    assert "Il s’affichera ici" not in told
    assert page(dsi, piece, "/apercu").status_code == 404


def test_a_piece_with_a_social_security_number_reaches_nobody_and_counts_no_more(app, dsi, give):
    piece = give(f"Patient {NIR}".encode(), "liste.txt")
    run_jobs(app)
    told = words(page(dsi, piece).text)
    assert "un numéro de sécurité sociale" in told
    assert "redéposez-le en nouvelle version" in told
    assert NIR not in page(dsi, piece).text
    for path in (f"/pieces/{piece}", f"/preuves/{piece}/apercu"):
        answer = dsi.get(f"{ESTUARY}{path}")
        assert answer.status_code == 409
        assert "est en quarantaine" in words(answer.text)
    row = dsi.get(f"{ESTUARY}/lignes/D2.O2.A").text
    assert rows(row, "Quatre dates") == []
    assert "1 pièce ne compte pas" in words(row)
    assert "1 pièce est en quarantaine" in words(dsi.get(f"{ESTUARY}/preuves").text)
    assert "Redéposer liste.txt sans ce qui l’a mise en quarantaine" in words(dsi.get("/taches").text)
    # No person may release it, and the same bytes are not taken twice.
    answer = dsi.post(f"{ESTUARY}/preuves/{piece}/etat", data={"status": "validated"})
    assert (answer.status_code, "en quarantaine" in words(answer.text)) == (422, True)
    # A clean version takes its place: nobody is awaited any more, and what is said of the old one is true.
    clean = dsi.post(
        f"{ESTUARY}/preuves/{piece}/version",
        data={"file": (BytesIO(b"sans numero"), "propre.txt"), "approved_on": "2026-02-05"},
        content_type="multipart/form-data",
    )
    told = dsi.get(clean.location).text
    assert "l’ancienne reste en quarantaine et n’est remise à personne." in words(told)
    assert "reste lisible dans l’historique" not in words(told)
    assert 'name="approved_on" type="date" value="2026-02-05"' in told
    assert "en quarantaine." not in words(dsi.get(f"{ESTUARY}/preuves").text)
    assert "En quarantaine, remplacée" in words(page(dsi, piece).text)
    assert "Télécharger liste.txt" not in words(page(dsi, piece).text)


def test_a_new_version_counts_in_the_place_of_the_old_one_which_stays_readable(app, dsi, give):
    old = give(name="v1.txt")
    answer = dsi.post(
        f"{ESTUARY}/preuves/{old}/version",
        data={"file": (BytesIO(b"politique, seconde version"), "v2.txt"), "approved_on": "2026-02-05"},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 302
    new = answer.location.rpartition("/")[2]
    [line] = rows(dsi.get(f"{ESTUARY}/lignes/D2.O2.A").text, "Quatre dates")
    assert line[0].startswith("v2.txt")
    told = words(page(dsi, new).text)
    assert "2 versions" in told
    assert "v1.txt Remplacée" in told
    assert "Une version plus récente compte à sa place." in words(page(dsi, old).text)
    assert dsi.get(f"{ESTUARY}/pieces/{old}").data == b"texte de la politique"
    listed = [line[0] for line in rows(dsi.get(f"{ESTUARY}/preuves?ligne=D2.O2.A").text, "Par ligne")]
    assert [name.partition(" ")[0] for name in listed] == ["v2.txt"]
    kept = at.blobs(app)
    again = dsi.post(
        f"{ESTUARY}/preuves/{old}/version",
        data={"file": (BytesIO(b"encore"), "v3.txt"), "approved_on": "2026-02-06"},
        content_type="multipart/form-data",
    )
    assert again.status_code == 422
    assert "déjà été remplacée, par « v2.txt »" in words(again.text)
    assert at.blobs(app) == kept


def test_one_piece_serves_several_rows_and_is_withdrawn_from_one(dsi, give):
    piece = give()
    path = f"{ESTUARY}/preuves/{piece}/lignes"
    assert dsi.post(path, data={"use": "D2.P2|organisation_note"}).status_code == 302
    assert [line[0].split()[0] for line in rows(dsi.get(f"{ESTUARY}/lignes/D2.P2").text, "Quatre dates")] == [
        "politique.txt"
    ]
    assert "sert déjà à D2.P2" in words(dsi.post(path, data={"use": "D2.P2|organisation_note"}).text)
    assert dsi.post(path, data={"withdraw": "D2.O2.A|backup_policy"}).status_code == 302
    assert rows(dsi.get(f"{ESTUARY}/lignes/D2.O2.A").text, "Quatre dates") == []
    assert "seule ligne" in words(dsi.post(path, data={"withdraw": "D2.P2|organisation_note"}).text)
    assert dsi.post(path, data={"use": "D9.X|y"}).status_code == 422


def test_people_read_again_set_aside_and_talk(app, dsi, give):
    piece = give()
    state, thread = f"{ESTUARY}/preuves/{piece}/etat", f"{ESTUARY}/preuves/{piece}/messages"
    assert "Dites pourquoi" in words(dsi.post(state, data={"status": "set_aside"}).text)
    assert dsi.post(state, data={"status": "set_aside", "reason": "Ancienne charte"}).status_code == 302
    assert rows(dsi.get(f"{ESTUARY}/lignes/D2.O2.A").text, "Quatre dates") == []
    assert dsi.post(state, data={"status": "validated"}).status_code == 302
    assert "déjà fait" in words(dsi.post(state, data={"status": "validated"}, follow_redirects=True).text)
    assert "Relue" in words(dsi.get(f"{ESTUARY}/lignes/D2.O2.A").text)
    for _ in range(2):  # a button clicked twice writes one message
        assert dsi.post(thread, data={"text": "<b>Qui signe</b>"}).status_code == 302
    told = page(dsi, piece).text
    assert "&lt;b&gt;Qui signe&lt;/b&gt;" in told
    assert "Écartée : Ancienne charte." in words(told)
    assert dsi.post(thread, data={"text": " "}).status_code == 422
    assert [line["action"] for line in seen(app, "SELECT action FROM audit_event WHERE action LIKE 'evidence.%%' ORDER BY at")][-3:] == [
        "evidence.status", "evidence.status", "evidence.commented",
    ]  # fmt: skip


def test_the_establishment_and_its_ght_read_the_thread_its_neighbour_does_not(sign_in, dsi, give):
    piece = give()
    dsi.post(f"{ESTUARY}/preuves/{piece}/messages", data={"text": "Entre nous"})
    own = sign_in("referent@belle-rive.example")
    assert "Entre nous" in words(own.get(f"/etablissements/{FIRST}/preuves/{piece}").text)
    capes = sign_in(at.CAPES_DSI)
    for more in ("", "/apercu"):
        foreign = capes.get(f"/ght/{at.TWO_CAPES_CODE}/preuves/{piece}{more}")
        absent = capes.get(f"/ght/{at.TWO_CAPES_CODE}/preuves/{uuid4()}{more}")
        assert (foreign.status_code, without_token(foreign.text)) == (404, without_token(absent.text))
    assert "politique.txt" not in capes.get(f"/ght/{at.TWO_CAPES_CODE}/preuves").text


def test_the_list_is_narrowed_and_exported_as_shown(dsi, give):
    give()
    whole = rows(dsi.get(f"{ESTUARY}/preuves").text, "Par ligne")
    assert len(whole) == 4
    path = f"/preuves?ligne=D2.O2.A&etablissement={FIRST}"
    assert len(rows(dsi.get(f"{ESTUARY}{path}").text, "Par ligne")) == 1
    book = openpyxl.load_workbook(BytesIO(dsi.get(f"{ESTUARY}{path.replace('?', '/export.xlsx?')}").data))
    lines = list(book.active.iter_rows(values_only=True))
    assert lines[0][0] == "Fichier"
    assert [line[0] for line in lines[1:]] == ["politique.txt"]


def test_the_pages_ask_the_database_as_much_for_many_pieces_as_for_one(app, dsi, give):
    first = give()
    paths = (f"{ESTUARY}/preuves", f"{ESTUARY}/preuves/{first}", f"{ESTUARY}/lignes/D2.O2.A")
    before = [asked(app, dsi, path) for path in paths]
    for number in range(4):
        give(f"autre {number}".encode(), f"autre-{number}.txt")
    assert [asked(app, dsi, path) for path in paths] == before


def test_a_piece_may_serve_more_rows_and_establishments_from_the_start(app, world, dsi):
    form = {
        "piece": "backup_policy", "establishment": FIRST, "approved_on": "2026-02-05", "also": ["D2.P2|organisation_note"],
        "covers": [SECOND],
    }  # fmt: skip

    def post(**more):
        data = form | {"file": (BytesIO(b"commune"), "commune.pdf")} | more
        return dsi.post(f"{ESTUARY}/lignes/D2.O2.A/pieces", data=data, content_type="multipart/form-data")

    refused = post()
    assert refused.status_code == 422
    assert "Dites pourquoi cette pièce vaut aussi" in words(refused.text)
    assert re.search(rf'value="{SECOND}" checked', refused.text)
    assert counts(app, "evidence_use")["evidence_use"] == counts(app, "evidence")["evidence"]
    assert post(covers_reason="Même infogérant").status_code == 302
    [line] = rows(dsi.get(f"{ESTUARY}/lignes/D2.P2").text, "Quatre dates")
    assert line[0].startswith("commune.pdf")
    marsh = ("dsi@estuaire.example", f"establishment:{SECOND}")
    with acting(app, world, *marsh):
        assert [each.filename for each in evidence.common(today())] == ["commune.pdf", "commune.pdf"]
    third = at.ESTUARY_MEMBERS[2].finess
    with acting(app, world, "dsi@estuaire.example", f"establishment:{third}"):
        assert evidence.common(today()) == []
