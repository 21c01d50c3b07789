"""Attaching a piece to a row, and handing it out to who may read it."""

from __future__ import annotations

import hashlib
import re
from io import BytesIO
from urllib.parse import unquote
from uuid import uuid4

import pytest

from tests.compliance.web.pages import rows, without_token, words
from tests.factories import acting as at
from tests.factories.acting import counts, seen

ESTUARY = f"/ght/{at.ESTUARY_CODE}"
FIRST = at.ESTUARY_MEMBERS[0].finess
CONTENT = b"%PDF-1.7 politique de sauvegarde"


def form(**changes: object) -> dict[str, object]:
    """A right answer to the form, and what changes in it."""
    return {
        "piece": "backup_policy",
        "establishment": FIRST,
        "approved_on": "2026-02-05",
        "file": (BytesIO(CONTENT), "politique.pdf"),
    } | changes


@pytest.fixture
def attach(sign_in):
    """Return a function that attaches a piece as the DSI of the GHT of three."""

    def post(**changes: object):
        return sign_in(at.ESTUARY_DSI).post(
            f"{ESTUARY}/lignes/D2.O2.A/pieces", data=form(**changes), content_type="multipart/form-data"
        )

    return post


def test_a_piece_is_listed_with_its_dates_and_fingerprint(attach, sign_in):
    assert attach(effective_on="01/03/2026").status_code == 302
    [line] = rows(sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/lignes/D2.O2.A").text, "Quatre dates")
    assert line[0].startswith("politique.pdf")
    assert line[2:4] == ["05/02/2026", "01/03/2026"]
    assert line[5] == "sans terme"
    assert line[6].startswith(hashlib.sha256(CONTENT).hexdigest()[:12])


@pytest.mark.parametrize(("chosen", "stored"), [("", False), ("true", True)])
def test_a_piece_holds_for_its_establishment_unless_all_parties_are_chosen(app, attach, chosen, stored):
    assert attach(whole=chosen).status_code == 302
    [piece] = seen(app, "SELECT whole FROM evidence WHERE filename = 'politique.pdf'")
    assert piece["whole"] is stored


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"approved_on": "2026-02-30"}, "la date d’approbation"),
        ({"approved_on": "hier"}, "Écrivez les dates jj/mm/aaaa"),
        ({"approved_on": "2026-02-05", "expires_on": "2026-02-04"}, "précède la date d’approbation"),
        ({"piece": "inconnue"}, "Dites de quelle pièce il s’agit"),
        ({"establishment": at.CAPES_MEMBERS[0].finess}, "Choisissez l’établissement dans la liste"),
        ({"establishment": ""}, "Choisissez l’établissement dans la liste"),
        ({"file": (BytesIO(b""), "vide.pdf")}, "est vide"),
        ({"file": (BytesIO(b""), "")}, "Choisissez un fichier"),
    ],
)
def test_a_wrong_answer_is_told_and_nothing_is_kept(app, world, attach, changes, sentence):
    before, stored = counts(app, "evidence", "audit_event"), at.blobs(app)
    answer = attach(**changes)
    assert answer.status_code == 422
    assert sentence in words(answer.text)
    assert counts(app, "evidence", "audit_event") == before
    assert at.blobs(app) == stored


def test_what_was_typed_comes_back_with_the_refusal(attach):
    assert 'value="2026-02-04"' in attach(expires_on="2026-02-04").text


def test_a_row_that_does_not_exist_is_not_found(sign_in, world):
    browser = sign_in(at.ESTUARY_DSI)
    assert browser.get(f"{ESTUARY}/lignes/D2.O9.Z").status_code == 404
    assert (
        browser.post(f"{ESTUARY}/lignes/D2.O9.Z/pieces", data=form(), content_type="multipart/form-data").status_code
        == 404
    )


def test_a_piece_is_handed_out_as_received_and_never_rendered(app, attach, sign_in):
    attach()
    [piece] = seen(app, "SELECT id FROM evidence WHERE filename = 'politique.pdf'")
    answer = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/pieces/{piece['id']}")
    assert answer.data == CONTENT
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    answer.close()


def test_the_piece_of_another_scope_and_one_that_is_not_there_are_the_same_page(app, attach, sign_in):
    attach()
    [piece] = seen(app, "SELECT id FROM evidence WHERE filename = 'politique.pdf'")
    stranger = sign_in(at.CAPES_DSI)
    foreign = stranger.get(f"/ght/{at.TWO_CAPES_CODE}/pieces/{piece['id']}")
    absent = stranger.get(f"/ght/{at.TWO_CAPES_CODE}/pieces/{uuid4()}")
    assert (foreign.status_code, without_token(foreign.text)) == (404, without_token(absent.text))
    elsewhere = stranger.get(f"{ESTUARY}/pieces/{piece['id']}")
    assert without_token(elsewhere.text) == without_token(absent.text)


def test_who_only_reads_cannot_attach(sign_in, world):
    path = f"/etablissements/{at.CAPES_MEMBERS[3].finess}/lignes/D2.P1"
    browser = sign_in("direction@marquerive.example")
    assert browser.post(f"{path}/pieces", data=form(), content_type="multipart/form-data").status_code == 404
    assert "Votre rôle permet de lire les pièces" in words(browser.get(path).text)


@pytest.mark.parametrize("name", ["Note d’organisation PCRA.pdf", "Procédure «été» œuvre.pdf", "日本.pdf"])
def test_a_piece_is_handed_out_under_its_own_name_whatever_it_is(attach, sign_in, name):
    attach(file=(BytesIO(b"named " + name.encode()), name))
    dsi = sign_in(at.ESTUARY_DSI)
    href = re.search(r'href="(/ght/[^"]+/pieces/[^"]+)"', dsi.get(f"{ESTUARY}/lignes/D2.O2.A").text)[1]
    header = dsi.get(href).headers["Content-Disposition"]
    header.encode("latin-1")  # what a server accepts to send
    assert unquote(header.partition("filename*=UTF-8''")[2]) == name


def test_a_filter_that_no_list_offers_filters_nothing(sign_in):
    dsi = sign_in(at.ESTUARY_DSI)
    every = dsi.get(f"{ESTUARY}/perimetres").text
    for typed in ("kind=bogus", "state=zz", "kind=&state=%00"):
        page = dsi.get(f"{ESTUARY}/perimetres?{typed}")
        assert page.status_code == 200
        assert without_token(page.text) == without_token(every)
