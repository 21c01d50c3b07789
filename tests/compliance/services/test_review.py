"""The review of a filing: decisions on pieces, on the dossier, by two authorities; batches; text for the official counter."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from compliance.models.review import ReviewDecision
from compliance.programme import referential
from compliance.services import dossier, filing, opinion, procedure, review, review_batch, review_text
from tenants.db import db, writing_as
from tenants.errors import Conflict, Invalid, NotFound, Refused
from tests.factories import acting as at
from tests.factories import review as play
from tests.factories.acting import acting, counts, seen


def standing(app, world, candidate, who=play.ARS):
    with acting(app, world, *who):
        return procedure.standing(candidate)


def test_the_whole_path_of_a_declaration_by_four_people(app, world):
    candidate = play.opened(app, world)
    play.decide(app, world, candidate, play.FILE)
    assert standing(app, world, candidate).state.key == "piece_returned"
    play.attach(app, world, name="note corrigée.pdf")
    with acting(app, world, *play.SIGNATORY):
        filing.refile(referential.load("D2"))
    play.decide(app, world, candidate)
    with acting(app, world, *play.ARS):
        review.decide_dossier(dossier.latest(candidate), favourable=True, reason="Dossier complet")
    with acting(app, world, *play.ANS):
        procedure.move(candidate, "ans_control")
    play.decide(app, world, candidate, "note corrigée.pdf", who=play.ANS)
    assert standing(app, world, candidate, play.ANS).state.key == "ans_piece_returned"
    play.attach(app, world, name="note encore.pdf")
    with acting(app, world, *play.SIGNATORY):
        filing.refile(referential.load("D2"))
        # What the ARS accepted and nobody changed stays accepted.
        states = {
            each.piece.filename: (each.state("ars"), each.state("ans"))
            for each in review.pieces(dossier.latest(candidate))
        }
    assert states == {"pssi.pdf": ("accepted", "accepted"), "note encore.pdf": ("undecided", "undecided")}
    play.decide(app, world, candidate, who=play.ANS)
    with acting(app, world, *play.ANS):
        review.decide_dossier(dossier.latest(candidate), favourable=True)
    with acting(app, world, *play.SIGNATORY):
        procedure.move(candidate, "payment_requested")
        procedure.move(candidate, "paid")
        told = [(event.state.key, event.level) for event in procedure.history(candidate)]
    assert told == [
        ("filed", "candidate"),
        ("filed", "candidate"),
        ("ars_review", "ars"),
        ("piece_returned", "ars"),
        ("refiled", "candidate"),
        ("favourable", "ars"),
        ("ans_control", "ans"),
        ("ans_piece_returned", "ans"),
        ("ans_refiled", "candidate"),
        ("validated", "ans"),
        ("payment_requested", "candidate"),
        ("paid", "candidate"),
    ]
    [support] = seen(app, "SELECT establishment_id AS id FROM candidate WHERE id = %s", candidate)
    chain = seen(app, "SELECT action FROM audit_event WHERE establishment_id = %s ORDER BY sequence", support["id"])
    assert [each["action"] for each in chain if each["action"].startswith("declaration.")] == [
        f"declaration.{state}" for state, _ in told
    ]


def test_only_the_returned_piece_reopens_and_taking_the_return_back_goes_on(app, world):
    candidate = play.opened(app, world)
    play.decide(app, world, candidate, play.FILE)
    with acting(app, world, *play.DSI):
        assert [each.piece.filename for each in review.returned(candidate)] == [play.FILE]
        assert review.returned(candidate)[0].decisions["ars"].cause_label == "Incomplète"
    with acting(app, world, *play.ARS):
        filed = dossier.latest(candidate)
        [note] = review.returned(candidate)
        review.decide(filed, note.piece.id, True)
        assert procedure.standing(candidate).state.key == "ars_review"
        assert review.progress(review.pieces(filed), "ars") == review.Progress(4, 0, 0)


def test_a_favourable_decision_waits_for_every_piece_and_an_unfavourable_one_for_its_reason(app, world):
    candidate = play.opened(app, world)
    with acting(app, world, *play.ARS):
        with pytest.raises(Refused, match="3 pièces restent à examiner"):
            review.decide_dossier(dossier.latest(candidate), favourable=True)
        with pytest.raises(Refused, match="se motive"):
            review.decide_dossier(dossier.latest(candidate), favourable=False)
    play.decide(app, world, candidate, play.FILE)
    with acting(app, world, *play.ARS):
        with pytest.raises(Refused, match="1 pièce est retournée"):
            review.decide_dossier(dossier.latest(candidate), favourable=True)
        review.decide_dossier(dossier.latest(candidate), favourable=False, reason="La note manque toujours")
        assert procedure.standing(candidate).reason == "La note manque toujours"


@pytest.mark.parametrize(
    ("given", "kind", "why"),
    [
        ({"cause": "", "message": "x"}, Invalid, "Dites pourquoi"),
        ({"cause": "bad", "message": "x"}, Invalid, "Dites pourquoi"),
        ({"cause": "outdated", "message": "  "}, Invalid, "se motive"),
        ({"cause": "outdated", "message": "x" * 4001}, Invalid, "trop long"),
    ],
)
def test_a_return_without_its_cause_or_its_message_is_refused(app, world, given, kind, why):
    candidate = play.opened(app, world)
    before = counts(app, "review_decision", "transition")
    with pytest.raises(kind, match=why), acting(app, world, *play.ARS):
        filed = dossier.latest(candidate)
        review.decide(filed, review.pieces(filed)[0].piece.id, False, **given)
    assert counts(app, "review_decision", "transition") == before


def test_a_second_click_decides_once_and_nothing_is_decided_before_the_opening(app, world):
    candidate = play.candidate_id(app, world)
    play.file(app, world)
    with acting(app, world, *play.ARS):
        filed = dossier.latest(candidate)
        first = review.pieces(filed)[0].piece.id
        with pytest.raises(Refused, match="ouvrez d’abord l’instruction"):
            review.decide(filed, first, True)
        procedure.move(candidate, "ars_review")
        review.decide(filed, first, False, "incorrect", "Ce n’est pas le bon document")
        with pytest.raises(Refused, match="déjà décidé"):
            review.decide(filed, first, False, "incorrect", "Ce n’est pas le bon document")


def test_decisions_are_taken_on_the_last_version_alone(app, world):
    candidate = play.opened(app, world)
    play.decide(app, world, candidate, play.FILE)
    play.attach(app, world, name="note corrigée.pdf")
    with acting(app, world, *play.SIGNATORY):
        filing.refile(referential.load("D2"))
    with acting(app, world, *play.ARS):
        _, older = dossier.filings(candidate)[:2]
        with pytest.raises(Refused, match="plus récente"):
            review.decide(older, review.pieces(older)[0].piece.id, True)
        with pytest.raises(Refused, match="plus récente"):
            review.decide_dossier(older, favourable=False, reason="Lu sur la version d’avant")


def note(filed):
    [found] = [each for each in review.pieces(filed) if each.piece.filename == play.FILE]
    return found


def test_of_two_decisions_at_once_the_one_that_waited_stands(app, world):
    candidate = play.opened(app, world)
    began, decided = Event(), Event()

    def wait_then_return():
        with acting(app, world, *play.ARS):
            filed = dossier.latest(candidate)  # its transaction begins before the other one
            began.set()
            assert decided.wait(30)
            review.decide(filed, note(filed).piece.id, False, "incorrect", "Ce n’est pas la bonne")

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait_then_return)
        assert began.wait(30)
        with acting(app, world, *play.ARS):
            filed = dossier.latest(candidate)
            review.decide(filed, note(filed).piece.id, True)
        decided.set()
        waiting.result(30)
    with acting(app, world, *play.ARS):
        assert note(dossier.latest(candidate)).state("ars") == "returned"
        assert procedure.standing(candidate).state.key == "piece_returned"


def test_a_decision_cannot_be_moved_to_by_hand(app, world):
    candidate = play.opened(app, world)
    with acting(app, world, *play.ARS):
        for state in ("favourable", "piece_returned"):
            with pytest.raises(Refused, match="ne s’enregistre pas seul"):
                procedure.move(candidate, state, "Motif")
        with pytest.raises(Refused, match="n’est pas une étape"):
            procedure.move(candidate, "nowhere")


def test_another_agency_and_another_ght_find_nothing_of_the_review(app, world):
    candidate = play.opened(app, world)
    for who in (play.OTHER_ARS, (at.CAPES_DSI, at.CAPES)):
        with acting(app, world, *who):
            with pytest.raises(NotFound):
                dossier.latest(candidate)
            with pytest.raises(NotFound):
                procedure.move(candidate, "favourable")
            assert procedure.history(candidate) == []


def test_the_ans_reads_nothing_before_the_decision_of_the_ars_and_decides_at_its_own_level(app, world):
    candidate = play.opened(app, world)
    with acting(app, world, *play.ANS):
        for table in ("candidate", "filing", "filed_piece", "transition", "review_decision", "opinion"):
            assert db.session.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
        with pytest.raises(NotFound):
            procedure.move(candidate, "ans_control")
    play.decide(app, world, candidate)
    with acting(app, world, *play.ARS):
        review.decide_dossier(dossier.latest(candidate), favourable=True)
    with acting(app, world, *play.ANS):
        filed = dossier.latest(candidate)
        assert review.progress(review.pieces(filed), "ans").undecided == 4
        with pytest.raises(Refused, match="ouvrez d’abord le contrôle"):
            review.decide(filed, review.pieces(filed)[0].piece.id, True)
        procedure.move(candidate, "ans_control")
    with pytest.raises(DBAPIError, match="row-level security"), acting(app, world, *play.ANS):
        about = {
            name: getattr(dossier.latest(candidate), name)
            for name in ("establishment_id", "candidate_id", "ght_id", "region_id")
        }
        piece = review.pieces(dossier.latest(candidate))[0].piece
        with writing_as(about["establishment_id"]):
            db.session.add(
                ReviewDecision(**about, filing_id=piece.filing_id, piece_id=piece.id, level="ars", accepted=True)
            )


def test_the_candidate_decides_on_nothing(app, world):
    candidate = play.opened(app, world)
    with acting(app, world, *play.SIGNATORY):
        filed = dossier.latest(candidate)
        with pytest.raises(NotFound):
            review.decide(filed, review.pieces(filed)[0].piece.id, True)
        with pytest.raises(NotFound):
            review.decide_dossier(dossier.latest(candidate), favourable=True)


def test_a_batch_is_shown_then_recorded_whole_or_not_at_all(app, world):
    candidate = play.opened(app, world)
    with acting(app, world, *play.ARS):
        filed = dossier.latest(candidate)
        ids = [each.piece.id for each in review.pieces(filed) if each.state("ars") == "undecided"]
        shown = review_batch.preview_batch(ids, True)
        assert [(line.state, line.ok) for line in shown.lines] == [("undecided", True)] * 3
        assert counts(app, "review_decision")["review_decision"] == 2
        with pytest.raises(Conflict, match="relisez l’aperçu"):
            review_batch.decide_batch(ids[:2], True, fingerprint=shown.fingerprint)
        assert review_batch.decide_batch(ids, True, fingerprint=shown.fingerprint) == 3
        again = review_batch.preview_batch(ids, True)
        assert again.refused == 3
        with pytest.raises(Refused, match="Rien n’a été enregistré"):
            review_batch.decide_batch(ids, True, fingerprint=again.fingerprint)
        with pytest.raises(Conflict, match="entre-temps"):
            review_batch.decide_batch(ids, True, fingerprint=shown.fingerprint)
    with acting(app, world, *play.OTHER_ARS), pytest.raises(NotFound):
        review_batch.preview_batch(ids, True)


def test_the_conversation_on_a_piece_is_between_the_candidate_and_its_authority(app, world):
    candidate = play.opened(app, world)
    with acting(app, world, *play.ARS):
        filed = dossier.latest(candidate)
        [piece] = [each.piece.id for each in review.pieces(filed) if each.piece.filename == play.FILE]
        review.say(filed, piece, " Qui a approuvé ? ")
    with acting(app, world, *play.DSI):
        filed = dossier.latest(candidate)
        review.say(filed, piece, "La direction")
        told = [(each.level, each.text) for each in review.piece(filed, piece).messages]
        with pytest.raises(Invalid, match="Écrivez"):
            review.say(filed, piece, " ")
    assert told == [("ars", "Qui a approuvé ?"), ("candidate", "La direction")]


def test_decisions_and_reasons_export_as_text_row_by_row(app, world):
    candidate = play.opened(app, world)
    play.decide(app, world, candidate, play.FILE)
    with acting(app, world, *play.ARS):
        filed = dossier.latest(candidate)
        opinion.give(filed, "D2.P2", "", favourable=False, reason="L’équipe\nn’est pas nommée")
        review.decide_dossier(dossier.latest(candidate), favourable=False, reason="Il manque la page 2")
        lines = review_text.export_text(filed, review.pieces(filed)).splitlines()
        day = f"{filed.filed_at:%d/%m/%Y}"
    document = json.loads(
        seen(app, "SELECT document FROM filing WHERE id = %s", filed_id(app, candidate))[0]["document"]
    )
    assert lines[0] == f"GHT de l’Estuaire ({at.ESTUARY_CODE})"
    assert lines[1].startswith("Domaine D2, version 2 transmise le ")
    assert lines[3] == f"Avis défavorable de l’ARS, le {day} : Il manque la page 2"
    place = next(place for place, line in enumerate(lines) if line.startswith("D2.P2 "))
    assert lines[place + 1].endswith(f"le {day} : L’équipe n’est pas nommée")
    assert lines[place + 2] == f"  note.pdf : retournée par l’ARS le {day} (incomplète) : Page 2 (note.pdf)"
    assert [line.split()[0] for line in lines if line.startswith("D2.")] == [row["code"] for row in document["rows"]]
    assert f"  pssi.pdf : acceptée par l’ARS le {day}" in lines


def filed_id(app, candidate):
    return seen(app, "SELECT id FROM filing WHERE candidate_id = %s ORDER BY version DESC LIMIT 1", candidate)[0]["id"]


def test_the_candidature_of_a_coming_domain_goes_through_its_own_machine(app, world):
    """HospiConnect: the same rows, another process; nothing of the declaration moves."""
    seen(
        app,
        "INSERT INTO candidate (id, establishment_id, ght_id, region_id, domain, name)"
        " SELECT gen_random_uuid(), establishment_id, ght_id, region_id, 'HC', name FROM candidate WHERE ght_id = %s",
        world.ghts[at.ESTUARY_CODE],
    )
    [found] = seen(app, "SELECT id FROM candidate WHERE domain = 'HC'")
    with acting(app, world, *play.SIGNATORY):
        assert [each.target for each in procedure.allowed(found["id"], "candidature")] == ["filed"]
        procedure.move(found["id"], "filed", key="candidature")
    with acting(app, world, *play.ARS):
        procedure.move(found["id"], "ars_review", key="candidature")
        with pytest.raises(Refused, match="se motive"):
            procedure.move(found["id"], "more_information", key="candidature")
        procedure.move(found["id"], "more_information", "Le budget", key="candidature")
    with acting(app, world, *play.SIGNATORY):
        procedure.move(found["id"], "filed", key="candidature")
    with acting(app, world, *play.ARS):
        procedure.move(found["id"], "ars_review", key="candidature")
        procedure.move(found["id"], "accepted", key="candidature")
        assert procedure.allowed(found["id"], "candidature") == ()
        assert procedure.standing(found["id"]).state.key == "in_preparation"
