"""Avis: given by the ARS of the region on a frozen filing, read by the candidate, superseded and never edited."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from compliance.models.opinion import Opinion
from compliance.programme import referential
from compliance.services import dossier, opinion
from compliance.services import filing as filings
from compliance.services.opinion import OpinionRecord
from tenants.db import db, new_id, writing_as
from tenants.errors import Invalid, NotFound, Refused
from tests.factories import acting as at
from tests.factories.acting import acting, counts, seen

TODAY = date.today()  # the database keeps the real clock
NORTH, SOUTH = ("ars@littoral-nord.example", "region:F1"), ("ars@monts-du-sud.example", "region:F2")
LEAD = ("responsable@littoral-nord.example", "region:F1")
SIGNATORY = "signataire@estuaire.example"
REASON = "La cellule de crise a bien joué le plan"


@pytest.fixture
def filing(app, world):
    """The filing of the GHT of three, in the region of the south."""
    [found] = seen(app, "SELECT * FROM filing WHERE ght_id = %s", world.ghts[at.ESTUARY_CODE])
    return found


def give(app, world, filing, row="D2.O1.D", subject="EX-2026-01", favourable=True, reason=REASON):
    with acting(app, world, *SOUTH):
        opinion.give(dossier.filing(filing["id"]), row, subject, favourable, reason)


def read(app, world, filing, known=TODAY):
    """The opinions that the DSI of the GHT reads, but for the one the world begins with."""
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        return [each for each in opinion.opinions([filing["candidate_id"]], known) if each.row_code != "D2.P2"]


def test_an_opinion_reaches_the_candidate_with_its_author_its_agency_and_its_reason(app, world, filing):
    give(app, world, filing, reason=f"  {REASON}\n", subject="  EX-2026-01 ")
    [name] = seen(app, "SELECT name FROM user_account WHERE email = %s", SOUTH[0])
    [region] = seen(app, "SELECT name FROM region WHERE code = 'F2'")
    assert region["name"].startswith("ARS ")
    assert read(app, world, filing) == [
        OpinionRecord(
            filing["candidate_id"],
            "D2.O1.D",
            "EX-2026-01",
            True,
            REASON,
            name["name"],
            region["name"],
            filing["version"],
            TODAY,
        )
    ]


def test_a_later_opinion_on_the_same_row_and_subject_supersedes_and_the_first_stays(app, world, filing):
    give(app, world, filing)
    give(app, world, filing, subject="")
    give(app, world, filing, favourable=False, reason="Le RETEX manque")
    told = [(each.subject, each.favourable, each.reason) for each in read(app, world, filing)]
    assert told == [("", True, REASON), ("EX-2026-01", False, "Le RETEX manque")]
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        history = [(each.row_code, each.subject, each.favourable) for each in opinion.history(filing["candidate_id"])]
    assert history == [
        ("D2.O1.D", "EX-2026-01", False),
        ("D2.O1.D", "", True),
        ("D2.O1.D", "EX-2026-01", True),
        ("D2.P2", "", False),
    ]


def test_a_day_knows_the_opinions_given_by_its_end(app, world, filing):
    give(app, world, filing)
    seen(app, "UPDATE opinion SET recorded_at = recorded_at - interval '3 days' WHERE subject <> ''")
    give(app, world, filing, favourable=False, reason="Le RETEX manque")
    for days, expected in ((4, []), (3, [True]), (1, [True]), (0, [False])):
        assert [each.favourable for each in read(app, world, filing, TODAY - timedelta(days=days))] == expected, days


def test_opinions_of_several_candidates_are_read_with_their_authors_in_one_query(app, world, filing):
    give(app, world, filing)
    [other] = seen(app, "SELECT candidate_id FROM filing WHERE ght_id IS NULL")
    with acting(app, world, *SOUTH):
        db.session.connection()
        with at.statements(app) as sent:
            told = opinion.opinions([filing["candidate_id"], other["candidate_id"]], TODAY)
    assert {each.candidate_id for each in told} == {filing["candidate_id"]}
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"reason": " \n\t"}, "se motive"),
        ({"reason": "x" * 4001}, "trop long"),
        ({"subject": "x" * 81}, "trop long"),
        ({"row": "D2.O9.Z"}, "Choisissez une ligne"),
        ({"row": ""}, "Choisissez une ligne"),
    ],
)
def test_an_opinion_without_a_reason_or_about_nothing_is_refused(app, world, filing, given, why):
    before = counts(app, "opinion")
    with pytest.raises(Invalid, match=why):
        give(app, world, filing, **given)
    assert counts(app, "opinion") == before


def test_a_second_click_says_the_same_thing_once(app, world, filing):
    give(app, world, filing)
    with pytest.raises(Refused, match="déjà donné"):
        give(app, world, filing)
    assert len(read(app, world, filing)) == 1


def test_the_same_words_on_a_new_version_are_a_new_opinion(app, world, filing):
    give(app, world, filing)
    at.news(app, world)
    with acting(app, world, SIGNATORY, at.ESTUARY_SCOPE):
        second = filings.file(referential.load("D2")).id
    give(app, world, {"id": second})
    assert [each.version for each in read(app, world, filing)] == [2]


def test_the_agency_of_another_region_does_not_find_the_filing(app, world, filing):
    for who in (NORTH, LEAD):
        with pytest.raises(NotFound), acting(app, world, *who):
            opinion.give(dossier.filing(filing["id"]), "D2.P1", "", True, REASON)


def test_an_opinion_is_told_in_the_chain_of_who_filed_without_its_words(app, world, filing):
    give(app, world, filing)
    [told] = seen(
        app,
        "SELECT payload FROM audit_event WHERE establishment_id = %s ORDER BY sequence DESC LIMIT 1",
        filing["establishment_id"],
    )
    payload = json.loads(told["payload"])
    assert payload["action"] == "opinion.given"
    assert payload["detail"] == {
        "filing": str(filing["id"]),
        "row": "D2.O1.D",
        "subject": "EX-2026-01",
        "favourable": True,
    }


def test_an_opinion_can_neither_be_changed_nor_deleted_even_by_its_author(app, world):
    for statement in ("UPDATE opinion SET favourable = true", "DELETE FROM opinion"):
        with pytest.raises(ProgrammingError, match="permission denied"), acting(app, world, *SOUTH):
            db.session.execute(text(statement))


def _opinion(filing, **others):
    names = ("establishment_id", "candidate_id", "ght_id", "region_id")
    values = {name: filing[name] for name in names} | {"filing_id": filing["id"]}
    words = {"row_code": "D2.P1", "subject": "", "favourable": True, "reason": REASON}
    return Opinion(**{**values, **words, **others})


@pytest.mark.parametrize(
    ("email", "scope"),
    [(at.ESTUARY_DSI, at.ESTUARY_SCOPE), (SIGNATORY, at.ESTUARY_SCOPE), NORTH, (SOUTH[0], "region:F1")],
    ids=["the manager", "the signatory", "another agency", "an agency on another region"],
)
def test_nobody_but_the_agency_of_the_region_writes_an_opinion(app, world, filing, email, scope):
    with (
        pytest.raises(DBAPIError, match="row-level security"),
        acting(app, world, email, scope),
        writing_as(filing["establishment_id"]),
    ):
        db.session.add(_opinion(filing))


def test_an_opinion_is_about_what_was_filed_as_it_was_filed(app, world, filing):
    [other] = seen(app, "SELECT id FROM filing WHERE ght_id IS NULL")
    forged = [
        {"filing_id": new_id()},
        {"filing_id": other["id"]},
        {"candidate_id": new_id()},
        {"region_id": world.regions["F1"]},
        {"ght_id": None},
    ]
    for change in forged:
        with (
            pytest.raises(DBAPIError, match="row-level security"),
            acting(app, world, *SOUTH),
            writing_as(filing["establishment_id"]),
        ):
            db.session.add(_opinion(filing, **change))


def test_the_database_too_refuses_an_opinion_without_a_reason(app, world, filing):
    with (
        pytest.raises(DBAPIError, match="ck_opinion_reason"),
        acting(app, world, *SOUTH),
        writing_as(filing["establishment_id"]),
    ):
        db.session.add(_opinion(filing, reason="  "))
