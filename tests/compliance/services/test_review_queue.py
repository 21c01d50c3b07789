"""The queue of an authority: its order, who takes what, and what candidates are told of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from compliance.programme import referential
from compliance.rules.queue import DEFINITION
from compliance.services import dossier, filing, procedure, review, review_queue
from tenants.db import db
from tenants.errors import Invalid, NotFound, Refused
from tests.factories import acting as at
from tests.factories import review as play
from tests.factories.acting import acting, counts, seen, statements

TODAY = date.today()  # the database keeps the real clock
LEAD, NORTH = ("responsable@littoral-nord.example", "region:F1"), play.OTHER_ARS
D2 = referential.load("D2")


def north(app, world):
    """The two candidates of the north, both filed: the GHT, then who is outside one (filed with the world)."""
    with acting(app, world, "signataire@deux-caps.example", at.CAPES):
        filing.file(D2)
    found = seen(app, "SELECT id, ght_id FROM candidate WHERE region_id = %s", world.regions["F1"])
    return next(each["id"] for each in found if each["ght_id"]), next(
        each["id"] for each in found if not each["ght_id"]
    )


def test_the_queue_of_a_region_says_what_is_left_to_examine_and_until_when(app, world):
    ght, outside = north(app, world)
    with acting(app, world, *NORTH):
        found = review_queue.queue(D2, TODAY)
    assert found.definition == DEFINITION
    told = {each.candidate_id: (each.state.key, each.pieces, each.undecided, each.effort) for each in found.entries}
    # Of the outside candidate, the ARS has accepted the one piece that it filed.
    assert told == {ght: ("filed", 8, 8, 8), outside: ("filed", 1, 0, 0)}
    assert [each.candidate_id for each in found.entries] == [outside, ght]
    ends = D2.date_of("ars_review")
    assert {(each.ends_on, each.ends_confidence, each.days_left) for each in found.entries} == {
        (ends.on, "estimée", (ends.on - TODAY).days)
    }


def test_a_dossier_that_waits_for_its_candidate_comes_last_and_leaves_when_it_is_decided(app, world):
    ght, outside = north(app, world)
    with acting(app, world, *NORTH):
        procedure.move(outside, "ars_review")
        filed = dossier.latest(outside)
        review.decide(filed, review.pieces(filed)[0].piece.id, False, "outdated", "La PSSI a expiré")
        entries = review_queue.queue(D2, TODAY).entries
        assert [(each.candidate_id, each.with_candidate, each.returned) for each in entries] == [
            (ght, False, 0),
            (outside, True, 1),
        ]
        review.decide_dossier(dossier.latest(outside), favourable=False, reason="Sans réponse")
        assert [each.candidate_id for each in review_queue.queue(D2, TODAY).entries] == [ght]


def test_the_queue_asks_as_few_questions_for_two_dossiers_as_for_one(app, world):
    told = []
    for _ in range(2):
        with acting(app, world, *NORTH):
            db.session.connection()
            with statements(app) as sent:
                review_queue.queue(D2, TODAY)
            told.append(len(sent))
        if len(told) == 1:
            north(app, world)
    assert told[0] == told[1] == 6


def test_a_reviewer_takes_and_gives_back_a_dossier_and_the_lead_gives_it_to_anybody(app, world):
    ght, outside = north(app, world)
    reviewer, lead = world.users[NORTH[0]], world.users[LEAD[0]]
    with acting(app, world, *NORTH):
        review_queue.assign(ght, reviewer)
        with pytest.raises(Refused, match="rien n’a changé"):
            review_queue.assign(ght, reviewer)
        with pytest.raises(Refused, match="Seul le responsable"):
            review_queue.assign(outside, lead)
        found = review_queue.queue(D2, TODAY)
        assert ([each.candidate_id for each in found.of(reviewer)], [each.candidate_id for each in found.of(None)]) == (
            [ght],
            [outside],
        )
        assert {each.id: (each.dossiers, each.pieces) for each in found.loads} == {
            reviewer: (1, 8),
            lead: (0, 0),
            None: (1, 0),
        }
    with acting(app, world, *LEAD):
        review_queue.assign(ght, lead, "Je reprends")
        with pytest.raises(Invalid, match="dans cette région"):
            review_queue.assign(ght, world.users[play.ARS[0]])
        with pytest.raises(Invalid, match="dans cette région"):
            review_queue.assign(ght, world.users["expert@littoral-nord.example"])
        [taken] = review_queue.queue(D2, TODAY).of(lead)
        assert (taken.note, taken.reviewer) == ("Je reprends", "Alix Renaudin")


def test_all_the_dossiers_of_somebody_are_handed_over_at_once(app, world):
    ght, outside = north(app, world)
    reviewer, lead = world.users[NORTH[0]], world.users[LEAD[0]]
    with acting(app, world, *LEAD):
        for each in (ght, outside):
            review_queue.assign(each, lead)
        assert review_queue.hand_over(lead, reviewer, "Congés") == 2
        assert {each.note for each in review_queue.queue(D2, TODAY).of(reviewer)} == {"Congés"}
        with pytest.raises(Refused, match="aucun dossier"):
            review_queue.hand_over(lead, reviewer)
        for stranger in (play.ARS[0], "expert@littoral-nord.example", at.CAPES_DSI):
            with pytest.raises(Invalid, match="dans cette région"):
                review_queue.hand_over(reviewer, world.users[stranger])
    with acting(app, world, *NORTH), pytest.raises(Refused, match="Seul le responsable"):
        review_queue.hand_over(lead, reviewer)


def test_the_dossiers_of_who_left_the_region_are_nobodys_and_may_be_taken(app, world):
    ght, _ = north(app, world)
    with acting(app, world, *LEAD):
        review_queue.assign(ght, world.users[LEAD[0]])
    seen(app, "UPDATE membership SET valid_to = paris_today() - 1 WHERE user_id = %s", world.users[LEAD[0]])
    with acting(app, world, *NORTH):
        assert ght in {each.candidate_id for each in review_queue.queue(D2, TODAY).of(None)}
        review_queue.assign(ght, world.users[NORTH[0]])
        assert [each.candidate_id for each in review_queue.queue(D2, TODAY).of(world.users[NORTH[0]])] == [ght]


def test_another_agency_assigns_nothing_here_and_a_candidate_reads_no_assignment(app, world):
    ght, _ = north(app, world)
    with acting(app, world, *LEAD):
        review_queue.assign(ght, world.users[LEAD[0]])
    with acting(app, world, *play.ARS), pytest.raises(NotFound):
        review_queue.assign(ght, world.users[play.ARS[0]])
    for email, scope in ((at.CAPES_DSI, at.CAPES), ("signataire@deux-caps.example", at.CAPES), play.ARS):
        with acting(app, world, email, scope):
            assert db.session.scalar(text("SELECT count(*) FROM review_assignment")) == 0
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        with pytest.raises(NotFound):
            review_queue.queue(D2, TODAY)
        with pytest.raises(NotFound):
            review_queue.hand_over(world.users[LEAD[0]], world.users[NORTH[0]])
    assert counts(app, "review_assignment")["review_assignment"] == 1


def test_a_candidate_is_told_how_many_stand_before_it_and_between_which_days_to_expect_the_end(app, world):
    ght, _ = north(app, world)
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        told = review_queue.expected_end(ght)
    # One decision in thirty days, eight pieces of its own: at that pace 240 days, at two thirds of it 360.
    assert (told.dossiers_ahead, told.pieces_ahead, told.decided_lately, told.confidence) == (1, 0, 1, "estimée")
    assert told.between == (TODAY + timedelta(days=240), TODAY + timedelta(days=360))
    seen(app, "UPDATE review_decision SET recorded_at = recorded_at - interval '31 days'")
    with acting(app, world, "signataire@deux-caps.example", at.CAPES):
        assert review_queue.expected_end(ght).between is None


def left(app, world, candidate):
    """What is left to examine of a candidate, as its agency counts it and as it is told."""
    with acting(app, world, *play.ARS):
        [entry] = [each for each in review_queue.queue(D2, TODAY).entries if each.candidate_id == candidate]
    with acting(app, world, *play.SIGNATORY):
        told = db.session.scalar(text("SELECT own FROM queue_ahead(:candidate)"), {"candidate": candidate})
    return entry.undecided, told


def test_a_candidate_is_told_the_pieces_that_its_agency_has_left_to_examine(app, world):
    candidate = play.opened(app, world)
    # The agency accepted one of the three PSSI: the same bytes of another establishment are another piece.
    assert left(app, world, candidate) == (3, 3)
    play.decide(app, world, candidate)
    assert left(app, world, candidate) == (0, 0)
    with acting(app, world, *play.ARS):
        filed = dossier.latest(candidate)
        [note] = [each.piece.id for each in review.pieces(filed) if each.piece.filename == play.FILE]
        review.decide(filed, note, False, "incomplete", "La page 2 manque")
    with acting(app, world, *play.DSI):
        review.say(dossier.latest(candidate), note, "Elle est au verso")
    with acting(app, world, *play.SIGNATORY):
        filing.refile(D2)
    # Accepted, then returned, then sent again as it was: it is looked at again.
    assert left(app, world, candidate) == (1, 1)


def test_who_filed_nothing_or_is_somebody_else_is_told_nothing_of_the_queue(app, world):
    [ght] = seen(app, "SELECT id FROM candidate WHERE ght_id = %s", world.ghts[at.CAPES.removeprefix("ght:")])
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        assert review_queue.expected_end(ght["id"]) is None
        assert review_queue.expected_end(play.candidate_id(app, world)) is None


def test_the_ans_has_its_queue_after_the_ars(app, world):
    candidate = play.favourable(app, world)
    with acting(app, world, *play.ANS):
        [entry] = review_queue.queue(D2, TODAY).entries
        assert (entry.candidate_id, entry.state.key, entry.undecided) == (candidate, "favourable", 4)
        assert entry.ends_on == D2.date_of("ans_review").on
        with pytest.raises(NotFound):
            review_queue.assign(candidate, world.users[play.ANS[0]])
