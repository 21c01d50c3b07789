"""The page of a row: party by party, what is asked, the avis, the equivalences, and who may do what."""

from __future__ import annotations

import re
from datetime import date, timedelta
from io import BytesIO

import pytest

from compliance.services import dossier, opinion
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at
from tests.factories.acting import acting, counts, seen

TODAY = date.today()  # the database keeps the real clock
ESTUARY = f"/ght/{at.ESTUARY_CODE}"
FIRST, SECOND, THIRD = at.ESTUARY_MEMBERS
PARTIES = "Ce qui tient et ce qui manque, par partie"
PDF = b"%PDF-1.7 convention"


@pytest.fixture
def dsi(app, world, sign_in):
    """The browser of the DSI of the GHT of three, which has no equivalence yet."""
    seen(app, "TRUNCATE equivalence")
    return sign_in(at.ESTUARY_DSI)


def attach(browser, row: str, **changes: object):
    given = {
        *{"piece": "other", "establishment": FIRST.finess, "file": (BytesIO(PDF), "convention.pdf")}.items(),
    }
    return browser.post(
        f"{ESTUARY}/lignes/{row}/pieces", data=dict(given) | changes, content_type="multipart/form-data"
    )


def parties(browser, row: str) -> dict[str, list[str]]:
    """The table of a row, party by party: name to (state, why, what is to do)."""
    page = browser.get(f"{ESTUARY}/lignes/{row}").text
    found = re.search(rf'<caption class="v-vh">{PARTIES}.*?</table>', page, re.DOTALL)
    if found is None:
        return {}
    lines = rows(found[0].replace(' class="v-vh"', ""), PARTIES)
    return {re.sub(r" 6[\d ]+$", "", line[0]): line[1:] for line in lines}


# --- party by party ------------------------------------------------------------------------------------------------


def test_each_party_has_its_state_its_reason_and_what_is_left_to_do(dsi):
    attach(dsi, "D2.P2", piece="organisation_note", file=(BytesIO(PDF), "note.pdf"))
    told = parties(dsi, "D2.P2")
    assert set(told) == {FIRST.name, SECOND.name, THIRD.name}
    assert told[FIRST.name][0] == "Atteint"
    assert told[FIRST.name][2] == "Rien à faire"
    assert told[SECOND.name] == ["Manquant", "Pièce attendue : Note d’organisation.", "Joindre : Note d’organisation"]


def test_a_document_of_everybody_answers_for_every_party(dsi):
    note = {"piece": "organisation_note", "file": (BytesIO(PDF), "note du GHT.pdf"), "whole": "true"}
    assert attach(dsi, "D2.P2", **note).status_code == 302
    assert {line[0] for line in parties(dsi, "D2.P2").values()} == {"Atteint"}


def test_a_candidate_of_one_entity_has_no_table_of_parties(app, world, sign_in):
    page = sign_in(at.ALONE_DSI).get(f"/ght/{at.ALONE_CODE}/lignes/D2.P2").text
    assert "Partie par partie" not in words(page)


def test_the_pieces_asked_say_how_far_each_of_them_is(dsi):
    attach(dsi, "D2.O3.A", piece="backup_roles", whole="true")
    page = dsi.get(f"{ESTUARY}/lignes/D2.O3.A").text
    asked = re.search(r'<ol class="v-checks">.*?</ol>', page, re.DOTALL)[0]
    told = [words(line) for line in re.findall(r"<li>.*?</li>", asked, re.DOTALL)]
    assert told[0].startswith("Tenue : Rôles d’opérateur et d’administrateur des sauvegardes 1 fichier")
    assert told[1].startswith("Manquant : Gestion des rôles")
    assert told[2].startswith(
        "Manquant : Paramétrage du double facteur, ou motif de désactivation du double facteur, ou nom et version"
    )
    assert "(si un Active Directory dédié est utilisé)" in told[3]
    schedule = dsi.get(f"{ESTUARY}/lignes/D2.O1.D").text
    assert "Facultative : Calendrier de test des autres PCA" in words(schedule)


def test_the_field_test_has_its_exercises_and_no_other_row_has(dsi):
    page = dsi.get(f"{ESTUARY}/lignes/D2.O1.D").text
    assert len(rows(page, "Deux questions")) == 3
    assert 'id="exercices"' not in dsi.get(f"{ESTUARY}/lignes/D2.O1.C").text


# --- avis ----------------------------------------------------------------------------------------------------------


def test_an_opinion_is_shown_on_its_row_with_its_author_and_on_no_other(app, world, dsi):
    [filing] = seen(app, "SELECT id FROM filing WHERE ght_id = %s", world.ghts[at.ESTUARY_CODE])
    with acting(app, world, "ars@monts-du-sud.example", "region:F2"):
        opinion.give(dossier.filing(filing["id"]), "D2.O1.D", "EX-2", favourable=True, reason="Exercice <b>complet</b>")
    page = dsi.get(f"{ESTUARY}/lignes/D2.O1.D").text
    assert "Avis favorable, EX-2" in words(page).replace(" ,", ",")
    assert "Exercice <b>complet</b>" in words(page)
    assert "<b>complet</b>" not in page
    assert "Lou Castagnet" in words(page)
    assert "Exercice" not in words(dsi.get(f"{ESTUARY}/lignes/D2.P1").text).replace("Exercices", "")
    assert "Avis défavorable" in words(dsi.get(f"{ESTUARY}/lignes/D2.P2").text)


# --- equivalences --------------------------------------------------------------------------------------------------

GIVEN = {"party": "", "reason": "Tenu par un tiers", "file": "convention.pdf", "starts_on": "2026-03-01"}


def moot(browser, row: str = "D2.O3.C", path: str = ESTUARY, **changes: object):
    return browser.post(f"{path}/lignes/{row}/equivalence", data=GIVEN | changes)


def state(browser, row: str = "D2.O3.C") -> str:
    """The state of a row, as its page answers first."""
    page = browser.get(f"{ESTUARY}/lignes/{row}").text
    return re.split(r" [:.] ", words(re.search(r'<p class="v-answer[^>]*>(.*?)</p>', page, re.DOTALL)[1]))[0]


def test_an_equivalence_makes_the_row_met_with_its_reason_and_its_proof_then_is_withdrawn(dsi):
    assert state(dsi) == "En cours"
    attach(dsi, "D2.O3.C")
    answer = moot(dsi)
    assert (answer.status_code, answer.location) == (302, f"{ESTUARY}/lignes/D2.O3.C")
    page = words(dsi.get(f"{ESTUARY}/lignes/D2.O3.C").text)
    assert "L’équivalence est enregistrée pour D2.O3.C" in page
    assert "Tout le candidat, depuis le 01/03/2026 : Tenu par un tiers. Preuve : convention.pdf." in page
    assert state(dsi) == "Atteint"
    assert {line[0] for line in parties(dsi, "D2.O3.C").values()} == {"Atteint"}
    assert moot(dsi, withdraw="yes").status_code == 302
    page = words(dsi.get(f"{ESTUARY}/lignes/D2.O3.C").text)
    assert "L’équivalence est retirée" in page
    assert "Tenu par un tiers" not in page
    assert state(dsi) == "En cours"


def test_an_equivalence_of_one_party_answers_for_it_alone(dsi):
    attach(dsi, "D2.O3.C")
    moot(dsi, party=SECOND.finess)
    assert f"{SECOND.name}, depuis le 01/03/2026" in words(dsi.get(f"{ESTUARY}/lignes/D2.O3.C").text)
    told = {name: line[0] for name, line in parties(dsi, "D2.O3.C").items()}
    assert (told[SECOND.name], told[FIRST.name] == "Atteint") == ("Atteint", False)


def test_without_a_day_an_equivalence_holds_from_today_and_not_before(dsi):
    attach(dsi, "D2.O3.C")
    moot(dsi, starts_on="")
    assert state(dsi) == "Atteint"
    yesterday = dsi.get(f"{ESTUARY}/lignes/D2.O3.C?le={TODAY - timedelta(days=1)}&connu=oui").text
    assert "Tout le candidat, depuis le" in words(yesterday)
    assert not re.search(r'<p class="v-answer[^>]*>.{0,400}Atteint', yesterday, re.DOTALL)


def test_an_equivalence_whose_proof_is_not_here_is_only_begun(dsi):
    moot(dsi)
    assert state(dsi) == "En cours"
    assert "preuve de substitution à joindre" in words(dsi.get(f"{ESTUARY}/lignes/D2.O3.C").text)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"reason": "   "}, "Dites pourquoi l’objectif est sans objet ici"),
        ({"file": ""}, "Choisissez la preuve de substitution"),
        ({"party": at.CAPES_MEMBERS[0].finess}, "Choisissez la partie dans la liste."),
        ({"starts_on": "2026-02-30"}, "Réponse illisible : écrivez la date jj/mm/aaaa."),
        ({"reason": "x" * 1001}, "Réponse illisible"),
    ],
)
def test_a_wrong_equivalence_is_refused_and_what_was_typed_comes_back(app, dsi, changes, why):
    attach(dsi, "D2.O3.C")
    before = counts(app, "equivalence", "audit_event")
    answer = moot(dsi, **changes)
    assert answer.status_code == 422
    told = words(answer.text)
    assert why in told
    assert "Rien n’a été enregistré." in told
    form = answer.text[answer.text.index('id="equivalence"') :]
    assert "<details open>" in form
    for typed in ({"reason": GIVEN["reason"]} | changes).values():
        if typed.strip() and typed != at.CAPES_MEMBERS[0].finess:
            assert f'value="{typed}"' in form
    assert counts(app, "equivalence", "audit_event") == before


def test_the_proof_is_chosen_among_the_pieces_of_the_row(dsi):
    assert "convention.pdf" not in dsi.get(f"{ESTUARY}/lignes/D2.O3.C").text
    attach(dsi, "D2.O3.C")
    form = dsi.get(f"{ESTUARY}/lignes/D2.O3.C").text
    assert '<option value="convention.pdf">' in form[form.index('id="equivalence"') :]


def test_a_row_that_does_not_exist_has_no_equivalence(app, dsi):
    before = counts(app, "equivalence")
    assert moot(dsi, row="D2.O9.Z").status_code == 404
    assert counts(app, "equivalence") == before


# --- who may what ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "path", "attaches"),
    [
        ("signataire@estuaire.example", ESTUARY, False),
        ("direction@marquerive.example", f"/etablissements/{at.CAPES_MEMBERS[3].finess}", False),
        ("referent@belle-rive.example", f"/etablissements/{FIRST.finess}", True),
        ("admin@marquerive.example", f"/etablissements/{at.CAPES_MEMBERS[3].finess}", True),
    ],
)
def test_who_does_not_answer_for_the_candidate_has_no_form_of_equivalence(app, world, sign_in, email, path, attaches):
    browser, before = sign_in(email), counts(app, "equivalence")
    page = browser.get(f"{path}/lignes/D2.O3.C")
    assert page.status_code == 200
    assert ('name="file" type="file"' in page.text) is attaches
    assert "/equivalence" not in page.text
    assert moot(browser, path=path).status_code == 404
    assert counts(app, "equivalence") == before


def test_who_only_reads_a_candidate_reads_its_equivalences(dsi, sign_in):
    attach(dsi, "D2.O3.C")
    moot(dsi)
    page = sign_in("signataire@estuaire.example").get(f"{ESTUARY}/lignes/D2.O3.C").text
    assert "Tenu par un tiers." in words(page)
    assert "Retirer cette équivalence" not in words(page)
    assert "Enregistrer une équivalence" not in words(page)


def test_another_candidate_neither_reads_nor_withdraws_it(app, dsi, sign_in):
    attach(dsi, "D2.O3.C")
    moot(dsi)
    before = counts(app, "equivalence")
    stranger = sign_in(at.CAPES_DSI)
    assert moot(stranger, withdraw="yes").status_code == 404
    assert moot(stranger, path=at.CAPES.replace("ght:", "/ght/"), withdraw="yes").status_code == 302  # of its own: none
    assert counts(app, "equivalence") == before
    assert "Tenu par un tiers" not in words(stranger.get(f"/ght/{at.TWO_CAPES_CODE}/lignes/D2.O3.C").text)


@pytest.mark.parametrize("spelt", ["d2.o1.c", "D2.01.C", "O1C", "D2. O1. C"])
def test_a_code_as_people_spell_it_leads_to_its_row(dsi, spelt):
    answer = dsi.get(f"{ESTUARY}/lignes/{spelt}")
    assert (answer.status_code, answer.location) == (302, f"{ESTUARY}/lignes/D2.O1.C")
