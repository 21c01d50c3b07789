"""An expert's opinion on one piece: what the expert reads, once; what the ARS reads; what the candidate never reads."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from compliance.models.review import ExpertiseEvent
from compliance.programme import referential
from compliance.services import dossier, expertise, filing, review
from tenants import audit
from tenants.db import db
from tenants.errors import Invalid, NotFound, Refused
from tests.factories import acting as at
from tests.factories import review as play
from tests.factories.acting import acting, seen

TODAY = date.today()  # the database keeps the real clock
EXPERT = ("expert@littoral-nord.example", "region:F1")
ARS = play.OTHER_ARS
SIGNATORY = ("signataire@deux-caps.example", at.CAPES)
DUE = TODAY + timedelta(days=7)


@pytest.fixture
def filed(app, world):
    """The candidate of the GHT of the north, once it has filed."""
    with acting(app, world, *SIGNATORY):
        return filing.file(referential.load("D2")).candidate_id


def ask(app, world, candidate, question="Ce plan tient-il ?", due=DUE, expert=EXPERT[0]):
    with acting(app, world, *ARS):
        found = dossier.latest(candidate)
        piece = review.pieces(found)[0].piece
        return expertise.ask(found, piece.id, world.users[expert], question, due).id, piece.id


def test_an_expert_reads_the_piece_asked_and_nothing_else(app, world, filed):
    asked, piece = ask(app, world, filed)
    with acting(app, world, *EXPERT):
        [question] = expertise.mine()
        assert (question.id, question.question, question.due_on, question.state) == (
            asked,
            "Ce plan tient-il ?",
            DUE,
            "waiting",
        )
        assert question.piece.id == piece
        assert db.session.execute(text("SELECT id FROM filed_piece")).scalars().all() == [piece]
        for table in ("filing", "candidate", "review_decision", "review_message", "transition", "opinion", "evidence"):
            assert db.session.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
        with pytest.raises(NotFound):
            dossier.latest(filed)
        audit.record(question.piece.establishment_id, "filing.read", piece=piece)


def test_an_expert_of_two_regions_finds_in_each_what_that_one_asked(app, world, filed):
    asked, _ = ask(app, world, filed)
    seen(
        app,
        "INSERT INTO membership (id, user_id, role, scope_kind, region_id, valid_from)"
        " SELECT gen_random_uuid(), user_id, role, scope_kind, %s, valid_from FROM membership WHERE user_id = %s",
        world.regions["F2"],
        world.users[EXPERT[0]],
    )
    with acting(app, world, EXPERT[0], "region:F2"):
        assert expertise.mine() == []
        with pytest.raises(NotFound):
            expertise.answer(asked, True, "Oui")
    with acting(app, world, *EXPERT):
        assert [each.id for each in expertise.mine()] == [asked]


def test_an_expert_answers_once_and_the_ars_reads_it(app, world, filed):
    asked, piece = ask(app, world, filed)
    with acting(app, world, *EXPERT):
        with pytest.raises(Invalid, match="se motive"):
            expertise.answer(asked, True, " ")
        expertise.answer(asked, True, "Oui : 72 heures")
        with pytest.raises(Refused, match="déjà donné"):
            expertise.answer(asked, False, "Non")
        # The piece is closed again; what was answered stays.
        assert db.session.scalar(text("SELECT count(*) FROM filed_piece")) == 0
        assert [(each.state, each.piece) for each in expertise.mine()] == [("answered", None)]
    with acting(app, world, *ARS):
        [read] = expertise.of_piece(piece)
        assert (read.favourable, read.text, read.answered_on) == (True, "Oui : 72 heures", TODAY)
        with pytest.raises(Refused, match="déjà donné"):
            expertise.withdraw(asked)


def test_a_question_is_reminded_once_a_day_and_withdrawn(app, world, filed):
    asked, piece = ask(app, world, filed)
    with acting(app, world, *ARS):
        expertise.remind(asked)
        assert expertise.get(asked).reminded_on == TODAY
        with pytest.raises(Refused, match="aujourd’hui"):
            expertise.remind(asked)
        with pytest.raises(Refused, match="question ouverte"):
            expertise.ask(dossier.latest(filed), piece, world.users[EXPERT[0]], "Encore ?", DUE)
        expertise.withdraw(asked)
        assert [(each.state, each.late(DUE + timedelta(days=9))) for each in expertise.of_candidate(filed)] == [
            ("withdrawn", False)
        ]
    with acting(app, world, *EXPERT):
        assert db.session.scalar(text("SELECT count(*) FROM filed_piece")) == 0
        with pytest.raises(Refused, match="retirée"):
            expertise.answer(asked, True, "Oui")


def test_a_question_needs_an_expert_of_the_region_words_and_a_day_to_come(app, world, filed):
    for given, why in (
        ({"question": "  "}, "Écrivez la question"),
        ({"expert": "dsi@deux-caps.example"}, "expert de cette région"),
        ({"expert": ARS[0]}, "expert de cette région"),
        ({"due": TODAY - timedelta(days=1)}, "passée"),
    ):
        with pytest.raises(Invalid, match=why):
            ask(app, world, filed, **given)


def test_neither_the_candidate_nor_another_agency_nor_the_ans_reads_an_expertise(app, world, filed):
    asked, piece = ask(app, world, filed)
    for who in ((at.CAPES_DSI, at.CAPES), SIGNATORY, play.ARS, play.ANS):
        with acting(app, world, *who):
            for table in ("expertise", "expertise_event"):
                assert db.session.scalar(text(f"SELECT count(*) FROM {table}")) == 0
            for act in (expertise.remind, expertise.withdraw):
                with pytest.raises(NotFound):
                    act(asked)
            with pytest.raises(NotFound):
                expertise.answer(asked, True, "Oui")
    # Nothing of it is in the chain that goes with the dossier.
    with acting(app, world, *SIGNATORY):
        told = db.session.execute(text("SELECT payload FROM audit_event")).scalars().all()
    assert told
    assert not any(str(asked) in payload or "expert" in payload for payload in told)
    assert piece


def test_nobody_answers_in_the_place_of_an_expert(app, world, filed):
    asked, _ = ask(app, world, filed)
    with acting(app, world, *ARS), pytest.raises(NotFound):
        expertise.answer(asked, True, "Oui")
    with pytest.raises(DBAPIError, match="row-level security"), acting(app, world, *ARS):
        db.session.add(
            ExpertiseEvent(
                region_id=world.regions["F1"], expertise_id=asked, kind="answered", favourable=True, text="Oui"
            )
        )
        db.session.flush()
