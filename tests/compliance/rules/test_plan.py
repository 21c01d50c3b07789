"""A PCRA: its contents, the plans it leans on, and what exercises observed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from compliance.rules.exercise import PlanOutcome
from compliance.rules.perimeter import PlanState
from compliance.rules.plan import (
    LACKS,
    LinkedKind,
    LinkedPlan,
    Loss,
    Observed,
    Plan,
    asks_revision,
    content,
    gaps,
    lacks_of,
    links,
)
from compliance.rules.verdict import State

EJ, OTHER = "629900341", "629900348"
ON, DAY = date(2026, 11, 22), 24 * 60
LINKED = [
    LinkedPlan(party=EJ, code=code, kind=kind, approved_on=date(2026, 1, 12), review_by=date(2027, 1, 31))
    for code, kind in (("PB-01", LinkedKind.PLAN_BLANC), ("PSE-01", LinkedKind.PSE), ("PCRI-01", LinkedKind.PCRI))
]
PLAN = Plan(
    party=EJ,
    code="URG-01",
    name="Urgences adultes",
    recorded=True,
    pca=PlanState.APPROVED,
    pca_on=date(2026, 6, 2),
    pra=PlanState.APPROVED,
    pra_on=date(2026, 6, 5),
    owner="Cadre supérieur de santé",
    losses=(Loss.SYSTEM, Loss.STAFF),
    degraded_after=30,
    interruption=240,
    capacity=Decimal(70),
    hold=21 * DAY,
    relief="Deux équipes en 12 h",
    reviewed_on=date(2026, 6, 2),
    next_review_on=date(2027, 6, 30),
    links=("PB-01", "PSE-01", "PCRI-01"),
    paper_copy=True,
    paper_place="PC sécurité",
    printed_on=date(2026, 6, 5),
)
HELD = Observed(exercise="EX-1", on=date(2026, 9, 18), degraded_after=50, interruption=240, capacity=Decimal(55))


def judged(observed=(), linked=LINKED, on=ON, **changes):
    verdict = content(replace(PLAN, **changes), linked, observed, on)
    return verdict.state, [reason.code for reason in verdict.reasons], verdict.next_action


def test_a_plan_that_holds_everything_is_complete():
    assert judged() == (State.MET, ["PLAN_COMPLETE"], "")


def test_without_pca_nor_pra_there_is_no_plan_and_the_action_names_the_service():
    state, codes, action = judged(recorded=False, pca=PlanState.ABSENT, pra=PlanState.ABSENT)
    assert (state, codes, action) == (State.MISSING, ["NO_PLAN"], "Écrire le PCRA : URG-01 Urgences adultes")


def test_a_plan_whose_content_was_never_typed_asks_for_it_and_for_nothing_it_would_say():
    state, codes, action = judged(recorded=False, losses=(), links=(), hold=None)
    assert (state, codes, action) == (State.IN_PROGRESS, ["CONTENT_MISSING"], "Saisir le contenu du PCRA")


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ((), ["LOSS_MISSING_SYSTEM", "LOSS_MISSING_SECOND"]),
        ((Loss.SYSTEM,), ["LOSS_MISSING_SECOND"]),
        ((Loss.SITE, Loss.SUPPLIER), ["LOSS_MISSING_SYSTEM"]),
        ((Loss.SYSTEM, Loss.SUPPLIER), ["PLAN_COMPLETE"]),
    ],
)
def test_the_loss_of_the_system_is_mandatory_and_one_more_is_asked(losses, expected):
    assert judged(losses=losses)[1] == expected


@pytest.mark.parametrize(
    ("changes", "code", "state"),
    [
        ({"owner": " "}, "OWNER_MISSING", State.IN_PROGRESS),
        ({"pca": PlanState.WRITTEN}, "NOT_APPROVED", State.IN_PROGRESS),
        ({"pca_on": date(2026, 12, 1)}, "NOT_APPROVED", State.IN_PROGRESS),
        ({"capacity": None}, "PROMISE_MISSING", State.IN_PROGRESS),
        ({"next_review_on": None}, "REVIEW_UNDATED", State.IN_PROGRESS),
        ({"next_review_on": date(2026, 11, 21)}, "REVIEW_OVERDUE", State.AT_RISK),
        ({"paper_copy": None}, "PAPER_MISSING", State.IN_PROGRESS),
        ({"paper_place": ""}, "PAPER_UNPLACED", State.IN_PROGRESS),
        ({"printed_on": None}, "PAPER_UNPLACED", State.IN_PROGRESS),
        ({"printed_on": date(2026, 6, 4)}, "PAPER_OUTDATED", State.AT_RISK),
    ],
)
def test_each_thing_that_lacks_has_its_reason_and_its_action(changes, code, state):
    found, codes, action = judged(**changes)
    assert (found, codes) == (state, [code])
    assert action


def test_a_review_due_today_is_not_overdue_and_a_review_done_since_asks_for_the_next_date():
    assert judged(next_review_on=ON)[0] is State.MET
    assert judged(next_review_on=date(2026, 11, 1), reviewed_on=date(2026, 11, 3))[1] == ["REVIEW_UNDATED"]


def test_dunkerque_a_plan_is_on_paper_where_people_know_and_no_older_than_its_approval():
    """lessons.md: care went on in degraded mode from paper, reachable at any time."""
    assert judged(paper_copy=False)[1:] == (["PAPER_MISSING"], "Imprimer le plan, dire où et quand")
    assert judged(paper_place=" ", printed_on=None)[1] == ["PAPER_UNPLACED"]
    assert judged(pca_on=date(2026, 10, 1), printed_on=date(2026, 9, 30))[1] == ["PAPER_OUTDATED"]
    assert judged(pca_on=date(2026, 10, 1), printed_on=date(2026, 10, 1))[0] is State.MET


def test_chsf_how_long_the_plan_holds_and_the_relief_of_teams_are_asked():
    assert judged(hold=None, relief="  ")[1] == ["HOLD_MISSING", "RELIEF_MISSING"]
    assert judged(hold=0)[1] == ["PLAN_COMPLETE"]  # saying that it does not hold is an answer


# --- trade article, September 2025: links to plan blanc, PSE, PCRI exist and are current


def test_trade_article_the_three_plans_are_asked_each_by_its_name():
    state, codes, action = judged(links=("PB-01",))
    assert (state, codes) == (State.IN_PROGRESS, ["LINK_MISSING", "LINK_MISSING"])
    assert action == "Lier PSE-01 au PCRA"
    assert judged(links=("PB-01",), linked=LINKED[:1])[2] == "Enregistrer puis lier : PSE"


def test_trade_article_a_link_to_a_plan_that_is_not_recorded_is_told():
    assert judged(links=(*PLAN.links, "PB-09"))[1] == ["LINK_UNKNOWN"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"approved_on": None}, "pas approuvé"),
        ({"approved_on": date(2026, 11, 23)}, "pas approuvé"),
        ({"review_by": date(2026, 11, 21)}, "à revoir depuis le 21/11/2026"),
        ({"review_by": ON}, ""),
        ({"review_by": None}, ""),
    ],
)
def test_trade_article_a_link_leads_to_a_plan_that_is_approved_and_not_to_be_reviewed(changes, said):
    blanc = replace(LINKED[0], **changes)
    assert links(PLAN, [blanc, *LINKED[1:]], ON)[0].lacks == said
    assert judged(linked=[blanc, *LINKED[1:]])[1] == (["LINK_OUTDATED"] if said else ["PLAN_COMPLETE"])


def test_puget_theniers_a_plan_of_the_group_serves_when_the_establishment_has_none_of_its_own():
    shared = [replace(each, party=OTHER) for each in LINKED]
    assert judged(linked=shared)[0] is State.MET
    twice = [*shared, *(replace(each, party="629900999") for each in LINKED)]
    assert set(judged(linked=twice)[1]) == {"LINK_UNKNOWN", "LINK_MISSING"}  # never one of them by guess


# --- trade article, September 2025: declared against observed asks for a revision


def test_trade_article_the_difference_is_told_in_words():
    told = [(gap.label, gap.promised, gap.measured, gap.text, gap.worse) for gap in gaps(PLAN, HELD)]
    assert told == [
        ("Passage en mode dégradé", "30 min", "50 min", "20 min de plus que promis", True),
        ("Interruption", "4 h", "4 h", "comme promis", False),
        ("Capacité", "70 %", "55 %", "15 points de moins que promis", True),
    ]
    better = replace(HELD, degraded_after=20, interruption=None, capacity=Decimal("70.5"))
    assert [(gap.text, gap.worse) for gap in gaps(PLAN, better)] == [
        ("10 min de moins que promis", False),
        ("0,5 point de plus que promis", False),
    ]


def test_what_was_never_promised_cannot_be_missed():
    silent = replace(PLAN, degraded_after=None)
    assert gaps(silent, HELD)[0].text == "rien n’était promis"
    assert not gaps(silent, HELD)[0].worse


def test_trade_article_an_exercise_worse_than_promised_asks_for_a_revision_until_the_plan_is_revised():
    state, codes, action = judged([HELD])
    assert (state, codes, action) == (State.AT_RISK, ["REVISION_ASKED"], "Réviser le plan après EX-1")
    text = content(PLAN, LINKED, [HELD], ON).reasons[0].text
    assert text == (
        "EX-1, 18/09/2026 : passage en mode dégradé, 20 min de plus que promis ; capacité, 15 points de moins que promis"
    )
    assert judged([HELD], reviewed_on=HELD.on)[0] is State.AT_RISK  # the very day of the exercise is not later
    assert judged([HELD], reviewed_on=date(2026, 9, 19))[0] is State.MET
    assert judged([HELD], pca_on=date(2026, 10, 1), printed_on=date(2026, 10, 2))[0] is State.MET
    assert judged([HELD], reviewed_on=date(2026, 11, 23))[0] is State.AT_RISK  # still to come


def test_a_plan_that_failed_is_told_first_and_is_to_take_up_again_even_when_it_is_not_complete():
    failed = Observed(exercise="EX-1", on=date(2026, 9, 18), outcome=PlanOutcome.FAILURE)
    lacking = {"owner": "", "relief": "", "paper_copy": False}
    assert judged([failed], **lacking) == (
        State.AT_RISK,
        ["REVISION_ASKED", "OWNER_MISSING", "RELIEF_MISSING", "PAPER_MISSING"],
        "Réviser le plan après EX-1",
    )
    assert content(PLAN, LINKED, [failed], ON).reasons[0].text == "EX-1, 18/09/2026 : échec"
    assert judged([HELD], **lacking)[1][0] == "REVISION_ASKED"
    assert judged([HELD], recorded=False)[0] is State.AT_RISK
    assert judged([failed], reviewed_on=date(2026, 9, 19))[0] is State.MET
    partial = replace(failed, outcome=PlanOutcome.PARTIAL)
    assert judged([partial], **lacking)[0] is State.IN_PROGRESS


def test_an_exercise_to_come_without_a_day_or_as_promised_asks_for_nothing():
    assert not asks_revision(PLAN, HELD, date(2026, 9, 17))
    assert not asks_revision(PLAN, replace(HELD, on=None), ON)
    assert not asks_revision(PLAN, replace(HELD, degraded_after=30, capacity=None), ON)


def test_every_reason_falls_under_a_lack_that_the_list_filters_on():
    empty = replace(PLAN, owner="", losses=(), capacity=None, hold=None, relief="", links=("X",))
    worst = replace(empty, pca=PlanState.WRITTEN, paper_copy=False, next_review_on=None)
    codes = {reason.code for reason in content(worst, LINKED, [], ON).reasons}
    assert {lacks_of(code) for code in codes} == set(LACKS) - {"CONTENT_MISSING", "REVISION_ASKED"}
    assert {lacks_of("CONTENT_MISSING"), lacks_of("REVISION_ASKED"), lacks_of("NO_PLAN")} == {
        "CONTENT_MISSING",
        "REVISION_ASKED",
        "",
    }
