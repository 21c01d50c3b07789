"""The desk of an authority: a piece beside its frozen rule, accepted or returned alone; the dossier decided with a password."""

from __future__ import annotations

import re
from io import BytesIO

import pytest

from tests.compliance.web.pages import words
from tests.factories import acting as at
from tests.factories.acting import asked, counts, seen
from tests.factories.world import PASSWORD

NORTH, SOUTH, ANS = "ars@littoral-nord.example", "ars@monts-du-sud.example", "ans@vigie.example"
SIGNATORY = "signataire@estuaire.example"
OPENING = {"to": "ars_review"}
RETURN = {"decision": "return", "cause": "incomplete", "message": "La page 2 <b>manque</b>"}


@pytest.fixture
def filing(app, world):
    """The filing of the GHT of three."""
    [found] = seen(app, "SELECT id FROM filing WHERE ght_id = %s", world.ghts[at.ESTUARY_CODE])
    return found["id"]


@pytest.fixture
def address(filing):
    """Its address for the agency of its region."""
    return f"/ars/F2/dossiers/{filing}"


@pytest.fixture
def pieces(app, filing):
    """Its pieces, in order."""
    return [
        row["id"] for row in seen(app, "SELECT id FROM filed_piece WHERE filing_id = %s ORDER BY row_code, id", filing)
    ]


@pytest.fixture
def reviewer(sign_in, address):
    """Somebody of the agency, who opened the review."""
    browser = sign_in(SOUTH)
    assert browser.post(f"{address}/instruction/ouvrir", data=OPENING).status_code == 302
    return browser


def test_before_it_is_opened_a_dossier_is_read_and_not_decided(sign_in, address, pieces):
    browser = sign_in(SOUTH)
    page = browser.get(f"{address}/instruction").text
    assert "Ouvrir l’instruction" in page
    assert "Accepter et passer" not in page
    refused = browser.post(f"{address}/instruction/{pieces[0]}", data={"decision": "accept"})
    assert refused.status_code == 422
    assert "ouvrez d’abord l’instruction" in words(refused.text)


def test_a_piece_is_read_beside_its_frozen_verdict_and_drawn_in_a_frame_that_may_do_nothing(reviewer, address, pieces):
    answer = reviewer.get(f"{address}/instruction?piece={pieces[0]}")
    told = words(answer.text)
    assert "Calcul figé" in told
    assert "Approuvée 01/03/2025" in told
    assert "frame-src 'self'" in answer.headers["Content-Security-Policy"]
    frame = f"{address}/instruction/{pieces[0]}/voir"
    assert f'<iframe class="v-shown" src="{frame}"' in answer.text
    shown = reviewer.get(frame)
    assert shown.data.startswith(b"%PDF-")
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'self'; sandbox"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Disposition"].startswith("inline")


def test_accepting_goes_to_the_next_piece_that_waits(reviewer, address, pieces):
    waiting = [
        each for each in pieces if "Acceptée" not in words(reviewer.get(f"{address}/instruction?piece={each}").text)
    ]
    answer = reviewer.post(f"{address}/instruction/{pieces[0]}", data={"decision": "accept"})
    assert answer.status_code == 302
    assert re.search(r"piece=([0-9a-f-]{36})#piece$", answer.location)[1] in {str(each) for each in pieces[1:]}
    assert waiting is not None


def test_a_returned_piece_is_read_by_its_candidate_with_its_cause_and_by_nobody_else(
    reviewer, sign_in, address, pieces
):
    assert reviewer.post(f"{address}/instruction/{pieces[0]}", data=RETURN).status_code == 302
    page = sign_in(at.ESTUARY_DSI).get(f"/ght/{at.ESTUARY_CODE}/dossier").text
    told = words(page)
    assert "Pièce retournée par l’ARS" in told
    assert "incomplète La page 2 <b>manque</b>" in told
    assert "<b>manque</b>" not in page
    assert "La page 2" not in sign_in(at.OUTSIDE_ADMIN).get(f"/etablissements/{at.OUTSIDE[0]}/dossier").text


@pytest.mark.parametrize(
    ("change", "why"),
    [({"cause": ""}, "Dites pourquoi la pièce est retournée"), ({"message": " "}, "Un retour se motive")],
)
def test_a_return_without_cause_or_message_comes_back_with_what_was_typed(app, reviewer, address, pieces, change, why):
    before = counts(app, "review_decision")
    answer = reviewer.post(f"{address}/instruction/{pieces[0]}", data=RETURN | change)
    assert answer.status_code == 422
    assert why in words(answer.text)
    assert ("La page 2" in answer.text) == ("message" not in change)
    assert counts(app, "review_decision") == before


def test_the_candidate_replaces_that_piece_alone_and_its_signatory_sends_it_again(reviewer, sign_in, address, pieces):
    reviewer.post(f"{address}/instruction/{pieces[0]}", data=RETURN)
    group = f"/ght/{at.ESTUARY_CODE}/dossier"
    dsi, signatory = sign_in(at.ESTUARY_DSI), sign_in(SIGNATORY)
    file = {"file": (BytesIO(b"%PDF-1.7 version 2"), "pssi-v2.pdf"), "approved_on": "2026-01-12"}
    assert dsi.post(f"{group}/pieces/{pieces[1]}/remplacer", data=file).status_code == 404
    told = words(signatory.get(group).text)
    assert "Il manque une réponse à 1 pièce" in told
    file = {"file": (BytesIO(b"%PDF-1.7 version 2"), "pssi-v2.pdf"), "approved_on": "2026-01-12"}
    assert dsi.post(f"{group}/pieces/{pieces[0]}/remplacer", data=file).status_code == 302
    assert dsi.post(f"{group}/pieces/{pieces[0]}/message", data={"text": "Voici la page 2"}).status_code == 302
    told = words(dsi.get(group).text)
    assert "Avant pssi.pdf" in told
    assert "Après pssi-v2.pdf" in told

    wrong = signatory.post(f"{group}/transmettre-de-nouveau", data={"password": "non"})
    assert "Ce mot de passe n’est pas le vôtre" in words(signatory.get(wrong.location).text)
    sent = signatory.post(f"{group}/transmettre-de-nouveau", data={"password": PASSWORD})
    assert "Version 2 transmise" in words(signatory.get(sent.location).text)

    found = reviewer.get("/ars/F2/portefeuille").text
    second = re.search(r"/ars/F2/dossiers/([0-9a-f-]{36})#lignes", found)[1]
    page = words(reviewer.get(f"/ars/F2/dossiers/{second}/instruction").text)
    assert "nouvelle version" in page
    assert "Avant pssi.pdf" in page
    assert "Voici la page 2" in page
    assert "Retournée , incomplète La page 2 <b>manque</b>" in page


def test_a_dossier_is_decided_with_a_password_and_controlled_by_the_nation_afterwards(
    reviewer, sign_in, address, pieces
):
    nation, national = sign_in(ANS), address.replace("/ars/F2", "/ans/france")
    assert nation.get(f"{national}/instruction").status_code == 404
    refused = reviewer.post(
        f"{address}/decision", data={"choice": "unfavourable", "reason": "Rien ne tient", "password": "non"}
    )
    assert refused.status_code == 422
    assert "Ce mot de passe n’est pas le vôtre" in words(refused.text)
    assert "Rien ne tient" in refused.text
    decided = {"choice": "unfavourable", "reason": "Rien ne tient", "password": PASSWORD}
    assert reviewer.post(f"{address}/decision", data=decided).status_code == 302
    page = nation.get(f"{national}/instruction").text
    assert "Ouvrir le contrôle" in page
    assert "GHT de l’Estuaire" in words(nation.get("/ans/france/portefeuille").text)
    nation.post(f"{national}/instruction/ouvrir", data={"to": "ans_control"})
    for piece in pieces:
        assert nation.post(f"{national}/instruction/{piece}", data={"decision": "accept"}).status_code == 302
    assert nation.post(f"{national}/decision", data={"choice": "favourable", "password": PASSWORD}).status_code == 302
    signatory, group = sign_in(SIGNATORY), f"/ght/{at.ESTUARY_CODE}/dossier"
    assert "Demander le paiement" in signatory.get(group).text
    signatory.post(f"{group}/etape", data={"to": "payment_requested", "password": PASSWORD})
    assert "Paiement demandé" in words(signatory.get(group).text)


def test_the_agency_of_another_region_sees_and_decides_nothing(app, sign_in, address, pieces):
    before = counts(app, "review_decision", "transition", "review_message")
    stranger = sign_in(NORTH)
    for place in (address, address.replace("/F2/", "/F1/")):
        assert stranger.get(f"{place}/instruction").status_code == 404
        assert stranger.get(f"{place}/instruction/{pieces[0]}/voir").status_code == 404
        assert stranger.post(f"{place}/instruction/{pieces[0]}", data=RETURN).status_code == 404
        assert (
            stranger.post(f"{place}/decision", data={"choice": "favourable", "password": PASSWORD}).status_code == 404
        )
    assert counts(app, "review_decision", "transition", "review_message") == before
