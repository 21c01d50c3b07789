"""What a candidate does of its review: read what came back, answer, replace it, send it again."""

from __future__ import annotations

import re
from io import BytesIO

from tests.compliance.web.pages import words
from tests.factories import acting as at
from tests.factories.acting import counts, inspected, seen
from tests.factories.jobs import run_jobs
from tests.factories.pieces import nir
from tests.factories.world import PASSWORD

SIGNATORY = "signataire@estuaire.example"
RETURN = {"decision": "return", "cause": "incomplete", "message": "La page 2 <b>manque</b>", "password": PASSWORD}


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


def test_a_candidate_reads_and_answers_what_is_written_on_a_piece_that_did_not_come_back(
    app, reviewer, sign_in, address, pieces
):
    group, dsi = f"/ght/{at.ESTUARY_CODE}/dossier", sign_in(at.ESTUARY_DSI)
    before = counts(app, "review_message")
    assert (
        dsi.post(f"{group}/pieces/{pieces[0]}/message", data={"text": "Personne n’a rien demandé"}).status_code == 404
    )
    assert counts(app, "review_message") == before
    reviewer.post(f"{address}/instruction/{pieces[0]}/message", data={"text": "Qui a <i>signé</i> ?"})
    told = words(dsi.get(group).text)
    assert "L’autorité vous écrit sur" in told
    assert "Qui a <i>signé</i> ?" in told
    for _ in range(2):  # a button clicked twice sends one message
        assert dsi.post(f"{group}/pieces/{pieces[0]}/message", data={"text": "La directrice"}).status_code == 302
    assert counts(app, "review_message")["review_message"] == before["review_message"] + 2
    assert "La directrice" in words(reviewer.get(f"{address}/instruction?piece={pieces[0]}").text)
    assert "Qui a" not in sign_in(at.OUTSIDE_ADMIN).get(f"/etablissements/{at.OUTSIDE[0]}/dossier").text


def test_the_candidate_replaces_that_piece_alone_and_its_signatory_sends_it_again(
    app, reviewer, sign_in, address, pieces
):
    reviewer.post(f"{address}/instruction/{pieces[0]}", data=RETURN)
    group = f"/ght/{at.ESTUARY_CODE}/dossier"
    dsi, signatory = sign_in(at.ESTUARY_DSI), sign_in(SIGNATORY)
    file = {"file": (BytesIO(b"%PDF-1.7 version 2"), "pssi-v2.pdf"), "approved_on": "2026-01-12"}
    assert dsi.post(f"{group}/pieces/{pieces[1]}/remplacer", data=file).status_code == 404
    told = words(signatory.get(group).text)
    assert "Il manque une réponse à 1 pièce" in told
    file = {"file": (BytesIO(b"%PDF-1.7 version 2"), "pssi-v2.pdf"), "approved_on": "2026-01-12"}
    assert dsi.post(f"{group}/pieces/{pieces[0]}/remplacer", data=file).status_code == 302
    assert "Reçue, en cours d’analyse : elle ne peut pas encore partir." in words(dsi.get(group).text)
    assert dsi.post(f"{group}/pieces/{pieces[0]}/message", data={"text": "Voici la page 2"}).status_code == 302
    told = words(dsi.get(group).text)
    assert "Avant pssi.pdf" in told
    assert "Après pssi-v2.pdf" in told

    wrong = signatory.post(f"{group}/transmettre-de-nouveau", data={"password": "non"})
    assert "Ce mot de passe n’est pas le vôtre" in words(signatory.get(wrong.location).text)
    early = signatory.post(f"{group}/transmettre-de-nouveau", data={"password": PASSWORD})
    assert "1 pièce attend son analyse : elle prend quelques instants, puis recommencez (pssi-v2.pdf)" in words(
        signatory.get(early.location).text
    )
    inspected(app)
    sent = signatory.post(f"{group}/transmettre-de-nouveau", data={"password": PASSWORD})
    assert "Version 2 transmise" in words(signatory.get(sent.location).text)

    found = reviewer.get("/ars/F2/portefeuille").text
    second = re.search(r"/ars/F2/dossiers/([0-9a-f-]{36})#lignes", found)[1]
    page = words(reviewer.get(f"/ars/F2/dossiers/{second}/instruction").text)
    assert "nouvelle version" in page
    assert "Avant pssi.pdf" in page
    assert "Voici la page 2" in page
    assert "Retournée , incomplète La page 2 <b>manque</b>" in page


def test_a_replacement_put_in_quarantine_is_told_and_replaced_from_the_same_place(
    app, reviewer, sign_in, address, pieces
):
    reviewer.post(f"{address}/instruction/{pieces[0]}", data=RETURN)
    group = f"/ght/{at.ESTUARY_CODE}/dossier"
    dsi, signatory = sign_in(at.ESTUARY_DSI), sign_in(SIGNATORY)
    # A document that is dated stays so unless somebody says otherwise.
    form = dsi.get(group).text
    assert 'name="approved_on" value="2025-03-01"' in form
    assert "Ces dates sont celles de la version d’avant" in words(form)

    def give(content, name):
        answer = dsi.post(f"{group}/pieces/{pieces[0]}/remplacer", data={"file": (BytesIO(content), name)})
        run_jobs(app)
        return words(dsi.get(answer.location).text)

    told = give(f"Patient {nir()}".encode(), "liste.txt")
    assert (
        "« liste.txt » est en quarantaine : elle ne part pas et ne remplace rien. Ce fichier contient un numéro" in told
    )
    assert "Son analyse prend quelques instants ; si elle ne trouve rien, le signataire peut la transmettre." in told
    refused = signatory.post(f"{group}/transmettre-de-nouveau", data={"password": PASSWORD})
    assert "« liste.txt » : en quarantaine, elle ne remplace rien." in words(signatory.get(refused.location).text)
    assert "1 pièce est en quarantaine" in words(dsi.get(f"/ght/{at.ESTUARY_CODE}/preuves").text)

    told = give(b"sans numero", "liste-propre.txt")
    assert "déjà été remplacée" not in told
    assert "est en quarantaine" not in told
    assert "Après liste-propre.txt" in told
    # The notice counts what is still to be replaced; the version itself is shown to nobody.
    assert "en quarantaine" not in words(dsi.get(f"/ght/{at.ESTUARY_CODE}/preuves").text).split("Filtrer")[1]
    [aside] = seen(app, "SELECT id FROM evidence WHERE filename = 'liste.txt'")
    page = words(dsi.get(f"/ght/{at.ESTUARY_CODE}/preuves/{aside['id']}").text)
    assert "En quarantaine, remplacée" in page
    assert "Le contenu n’est montré à personne." in page
    # And a sound one may be replaced once more.
    assert "Après troisieme.txt" in give(b"encore", "troisieme.txt")
    sent = signatory.post(f"{group}/transmettre-de-nouveau", data={"password": PASSWORD})
    assert "Version 2 transmise" in words(signatory.get(sent.location).text)
