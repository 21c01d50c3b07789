"""The desk of an authority: a piece beside its frozen rule, accepted or returned alone; the dossier decided with a password."""

from __future__ import annotations

import re

import pytest

from tenants.web.limits import limiter
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at
from tests.factories.acting import asked, counts, seen
from tests.factories.world import PASSWORD

NORTH, SOUTH, ANS = "ars@littoral-nord.example", "ars@monts-du-sud.example", "ans@vigie.example"
SIGNATORY = "signataire@estuaire.example"
OPENING = {"to": "ars_review"}
ACCEPT = {"decision": "accept", "password": PASSWORD}
RETURN = {"decision": "return", "cause": "incomplete", "message": "La page 2 <b>manque</b>", "password": PASSWORD}


def test_before_it_is_opened_a_dossier_is_read_and_not_decided(sign_in, address, pieces):
    browser = sign_in(SOUTH)
    page = browser.get(f"{address}/instruction").text
    assert "Ouvrir l’instruction" in page
    assert "Accepter et passer" not in page
    refused = browser.post(f"{address}/instruction/{pieces[0]}", data=ACCEPT)
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
    first, second = pieces[:2]
    answer = reviewer.post(f"{address}/instruction/{first}", data=ACCEPT)
    assert (answer.status_code, answer.location) == (302, f"{address}/instruction?piece={second}#piece")
    told = words(reviewer.get(answer.location).text)
    assert "est acceptée" in told
    assert "Acceptées, 2" in told


def test_a_piece_is_decided_once_whoever_decides_has_confirmed_it_and_what_was_typed_stays(
    app, reviewer, address, pieces
):
    first, second = (f"{address}/instruction/{each}" for each in pieces[:2])
    before = counts(app, "review_decision", "transition")
    for password, why in (("", "saisissez votre mot de passe. Il vaudra 60 minutes"), ("non", "n’est pas le vôtre")):
        asked_again = reviewer.post(first, data=RETURN | {"password": password})
        assert asked_again.status_code == 422
        assert why in words(asked_again.text)
        assert "La page 2 &lt;b&gt;manque" in asked_again.text
        assert "Confirmer : retourner" in words(asked_again.text)
        assert "Accepter et passer" not in asked_again.text
    assert "Confirmer : accepter" in words(reviewer.post(first, data={"decision": "accept"}).text)
    assert counts(app, "review_decision", "transition") == before
    assert reviewer.post(first, data=RETURN).status_code == 302
    assert reviewer.post(second, data={"decision": "accept"}).status_code == 302


def test_a_confirmation_holds_for_its_session_and_for_its_minutes(app, sign_in, reviewer, address, pieces):
    first, second, *_ = (f"{address}/instruction/{each}" for each in pieces)
    assert reviewer.post(first, data=ACCEPT).status_code == 302
    with reviewer.session_transaction() as kept:
        mine = kept["confirmed"]
        kept["confirmed"] = [mine[0], mine[1] - 3600]
    assert "Il vaudra 60 minutes" in words(reviewer.post(second, data={"decision": "accept"}).text)
    # What somebody else's session confirmed, or one's own before signing out, is worth nothing in another one.
    for who in (SOUTH, NORTH):
        with sign_in(who).session_transaction() as kept:
            assert "confirmed" not in kept
    other = sign_in(SOUTH)
    with other.session_transaction() as kept:
        kept["confirmed"] = mine
    before = counts(app, "review_decision")
    assert other.post(second, data={"decision": "accept"}).status_code == 422
    assert counts(app, "review_decision") == before
    assert other.post(second, data=ACCEPT).status_code == 302
    other.post("/deconnexion")
    with other.session_transaction() as kept:
        assert "confirmed" not in kept


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


def test_a_decision_made_on_a_page_older_than_a_colleagues_decision_is_refused_and_says_who_decided(
    app, reviewer, address, pieces
):
    desk, before = f"{address}/instruction/{pieces[0]}", counts(app, "review_decision")["review_decision"]
    assert reviewer.post(desk, data=RETURN).status_code == 302
    stale = reviewer.post(desk, data={"decision": "accept", "read": ""})
    assert stale.status_code == 422
    assert "Depuis que vous avez ouvert cette page, vous l’avez retournée : relisez avant de décider" in words(
        stale.text
    )
    # The same button clicked twice is one decision, and no refusal.
    assert reviewer.post(desk, data=RETURN).status_code == 302
    assert counts(app, "review_decision")["review_decision"] == before + 1
    read = re.search(r'name="read" value="([0-9a-f-]{36})"', stale.text)[1]
    assert reviewer.post(desk, data={"decision": "accept", "read": read}).status_code == 302


def test_a_dossier_is_decided_with_a_password_and_controlled_by_the_nation_afterwards(
    app, reviewer, sign_in, address, pieces
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
    done = reviewer.post(f"{address}/decision", data=decided)
    assert reviewer.post(f"{address}/decision", data=decided).location == done.location  # clicked twice, decided once
    assert len(seen(app, "SELECT 1 FROM transition WHERE state = 'unfavourable'")) == 1
    told = words(reviewer.get(done.location).text)
    assert "Décision enregistrée : avis défavorable de l’ARS." in told
    assert f"Avis défavorable de l’ARS. {len(pieces) + 1} pièces : 1 acceptée, {len(pieces)} non examinées." in told
    assert "déjà fait : le dossier en est à « Avis défavorable de l’ARS »" in words(
        reviewer.post(f"{address}/instruction/ouvrir", data=OPENING, follow_redirects=True).text
    )
    page = nation.get(f"{national}/instruction").text
    assert "Ouvrir le contrôle" in page
    [line] = rows(nation.get("/ans/france/portefeuille").text, "Le plus ancien d’abord")
    assert line[0].startswith("GHT de l’Estuaire")
    assert line[2] == "Avis défavorable de l’ARS"
    # What was published is read by the nation too, once the ARS has decided (programme.md, "Who may do what").
    assert line[-1] == rows(reviewer.get("/ars/F2/portefeuille").text, "Le plus ancien d’abord")[0][-1]
    assert re.match(r"\d+ sur 13", line[-1])
    assert "Qui" not in words(nation.get("/ans/france/file").text)
    nation.post(f"{national}/instruction/ouvrir", data={"to": "ans_control"})
    everything = re.findall(r'name="piece" value="([0-9a-f-]{36})"', nation.get(f"{national}/instruction").text)
    for piece in everything:
        assert nation.post(f"{national}/instruction/{piece}", data=ACCEPT).status_code == 302
    assert "il reste à décider du dossier" in words(nation.get(f"{national}/instruction").text)
    assert nation.post(f"{national}/decision", data={"choice": "favourable", "password": PASSWORD}).status_code == 302
    told = words(nation.get(f"{national}/instruction").text)
    assert f"Validée. {len(everything)} pièces : {len(everything)} acceptées." in told
    assert "reste à décider" not in told
    signatory, group = sign_in(SIGNATORY), f"/ght/{at.ESTUARY_CODE}/dossier"
    assert "Demander le paiement" in signatory.get(group).text
    signatory.post(f"{group}/etape", data={"to": "payment_requested", "password": PASSWORD})
    told = words(signatory.get(group).text)
    assert "Étape « Paiement demandé » depuis le" in told
    assert "le jour du dépôt sur eCaRE n’est pas noté." in told
    assert "pas encore déposé sur eCaRE" not in told
    assert "Le dossier est à l’étape « Paiement demandé » : il ne se transmet plus." in told
    assert "ne se transmettent plus que les pièces retournées" not in told
    assert "Paiement demandé" in words(signatory.get(group).text)
    signatory.post(f"{group}/etape", data={"to": "paid"})
    told = words(signatory.get(group).text)
    assert "Ce mot de passe n’est pas le vôtre : saisissez-le de nouveau." in told
    assert "Paiement reçu" not in told


def test_a_batch_is_shown_then_done_with_a_password_or_not_at_all(app, reviewer, address, pieces):
    batch = {"decision": "return", "piece": [str(each) for each in pieces]}
    asked_why = reviewer.post(f"{address}/instruction/lot", data=batch)
    assert "Dire pourquoi" in words(asked_why.text)
    batch |= {"cause": "outdated", "message": "Revenez avec 2026"}
    preview = reviewer.post(f"{address}/instruction/lot", data=batch)
    assert f"Retourner {len(pieces)} pièces d’un coup. Rien n’est encore fait." in words(preview.text)
    batch["fingerprint"] = re.search(r'name="fingerprint" value="(\w+)"', preview.text)[1]
    before = counts(app, "review_decision")
    refused = reviewer.post(f"{address}/instruction/lot/confirmer", data=batch | {"password": "non"})
    assert refused.status_code == 422
    changed = reviewer.post(
        f"{address}/instruction/lot/confirmer", data=batch | {"message": "Autre", "password": PASSWORD}
    )
    assert "relisez l’aperçu" in words(changed.text)
    assert counts(app, "review_decision") == before
    done = reviewer.post(f"{address}/instruction/lot/confirmer", data=batch | {"password": PASSWORD})
    assert done.status_code == 302
    assert counts(app, "review_decision")["review_decision"] == before["review_decision"] + len(pieces)
    text = reviewer.get(f"{address}/ecare.txt")
    assert text.mimetype == "text/plain"
    assert text.headers["Content-Disposition"].startswith("attachment")
    assert "Revenez avec 2026" in text.text


def test_ten_wrong_passwords_and_one_waits_whatever_is_to_be_signed_and_what_was_typed_stays(
    app, reviewer, address, pieces, monkeypatch
):
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    before = counts(app, "review_decision", "transition")
    wrong = {"choice": "unfavourable", "reason": "Rien ne tient", "password": "non"}
    for _ in range(10):
        assert "n’est pas le vôtre" in words(reviewer.post(f"{address}/decision", data=wrong).text)
    batch = {"decision": "accept", "piece": str(pieces[0]), "password": PASSWORD}
    for place, form in (
        ("decision", wrong | {"password": PASSWORD}),
        (f"instruction/{pieces[0]}", RETURN | {"message": "Rien ne tient"}),
        ("instruction/lot/confirmer", batch),
    ):
        refused = reviewer.post(f"{address}/{place}", data=form)
        assert refused.status_code == 422
        assert re.search(r"Dix mots de passe faux en quinze minutes : attendez 1[45] minutes", words(refused.text))
        assert ("Rien ne tient" in refused.text) == ("lot" not in place)
    assert counts(app, "review_decision", "transition") == before


def test_the_desk_asks_as_many_questions_once_everything_is_said_as_before(app, reviewer, sign_in, address, pieces):
    one = asked(app, reviewer, f"{address}/instruction")
    queue = asked(app, reviewer, "/ars/F2/file")
    for piece in pieces:
        reviewer.post(f"{address}/instruction/{piece}", data=ACCEPT)
        reviewer.post(f"{address}/instruction/{piece}/message", data={"text": "Lu"})
    assert asked(app, reviewer, f"{address}/instruction") == one
    assert asked(app, reviewer, "/ars/F2/file") == queue


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


def test_no_route_lets_an_authority_edit_what_was_filed(app, reviewer, address, pieces):
    edited = "SELECT md5(string_agg(t::text, '' ORDER BY t.id)) AS d FROM {} t"
    tables = ("filing", "filed_piece", "evidence", "perimeter_version", "candidature")
    before = [seen(app, edited.format(table)) for table in tables]
    reviewer.post(f"{address}/instruction/{pieces[0]}", data=ACCEPT)
    reviewer.post(f"{address}/instruction/{pieces[1]}", data=RETURN)
    reviewer.post(f"{address}/instruction/{pieces[1]}/message", data={"text": "Voir la page 2"})
    reviewer.post(f"{address}/decision", data={"choice": "unfavourable", "reason": "Non", "password": PASSWORD})
    for path in (
        f"/dossier/pieces/{pieces[1]}/remplacer",
        f"/dossier/pieces/{pieces[1]}/message",
        "/lignes/D2.P1/pieces",
    ):
        for scope in ("/ars/F2", f"/ght/{at.ESTUARY_CODE}"):
            assert reviewer.post(f"{scope}{path}", data={"text": "Voici"}).status_code == 404
    for verb in ("put", "patch", "delete"):
        assert getattr(reviewer, verb)(address).status_code in {404, 405}
    assert [seen(app, edited.format(table)) for table in tables] == before
