"""The machines of a candidature and of a declaration: closed, reachable, and each step tried by each level."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.programme import procedure as programme
from compliance.programme.strict import ReferentialError
from compliance.rules import procedure
from compliance.rules.procedure import ANS, ARS, CANDIDATE, LEVELS, Clocks, Entered, Forbidden

PROCESSES = programme.load().processes
DECLARATION = PROCESSES["declaration"]
EVERYTHING = frozenset({"file_dossier", "review"})
DAY = date(2026, 12, 1)

# Who may make each step, written from programme.md: (from, to) -> level.
DECLARED = {
    ("in_preparation", "filed"): CANDIDATE,
    ("filed", "filed"): CANDIDATE,
    ("filed", "ars_review"): ARS,
    ("ars_review", "piece_returned"): ARS,
    ("ars_review", "favourable"): ARS,
    ("ars_review", "unfavourable"): ARS,
    ("piece_returned", "refiled"): CANDIDATE,
    ("piece_returned", "ars_review"): ARS,
    ("piece_returned", "unfavourable"): ARS,
    ("refiled", "piece_returned"): ARS,
    ("refiled", "favourable"): ARS,
    ("refiled", "unfavourable"): ARS,
    ("favourable", "ans_control"): ANS,
    ("unfavourable", "ans_control"): ANS,
    ("ans_control", "ans_piece_returned"): ANS,
    ("ans_control", "validated"): ANS,
    ("ans_control", "refused"): ANS,
    ("ans_piece_returned", "ans_refiled"): CANDIDATE,
    ("ans_piece_returned", "ans_control"): ANS,
    ("ans_piece_returned", "refused"): ANS,
    ("ans_refiled", "ans_piece_returned"): ANS,
    ("ans_refiled", "validated"): ANS,
    ("ans_refiled", "refused"): ANS,
    ("validated", "payment_requested"): CANDIDATE,
    ("payment_requested", "paid"): CANDIDATE,
}
APPLIED = {
    ("draft", "filed"): CANDIDATE,
    ("more_information", "filed"): CANDIDATE,
    ("filed", "ars_review"): ARS,
    ("ars_review", "more_information"): ARS,
    ("ars_review", "accepted"): ARS,
    ("ars_review", "refused"): ARS,
    ("filed", "withdrawn"): CANDIDATE,
    ("ars_review", "withdrawn"): CANDIDATE,
    ("more_information", "withdrawn"): CANDIDATE,
}
TABLE = {"declaration": DECLARED, "candidature": APPLIED}


@pytest.mark.parametrize("key", sorted(TABLE))
def test_every_pair_of_states_is_tried_by_every_level_with_every_right(key):
    process, tried = PROCESSES[key], 0
    for source in process.states:
        for target in process.states:
            for level in LEVELS:
                for permissions in (frozenset(), frozenset({"review"}), frozenset({"file_dossier"}), EVERYTHING):
                    right = "file_dossier" if level == CANDIDATE else "review"
                    expected = TABLE[key].get((source, target)) == level and right in permissions
                    asked = {"level": level, "permissions": permissions, "reason": "Motif"}
                    offered = procedure.allowed(process, source, level, permissions)
                    if expected:
                        assert procedure.step(process, source, target, **asked) in offered
                    else:
                        with pytest.raises(Forbidden, match=r"^(« |C’est déjà fait : ).*\.$"):
                            procedure.step(process, source, target, **asked)
                        assert target not in {each.target for each in offered}
                    tried += 1
    assert tried == len(process.states) ** 2 * 12


@pytest.mark.parametrize("key", sorted(TABLE))
@given(data=st.data())
def test_no_sequence_of_allowed_steps_leaves_the_machine(key, data):
    process, day = PROCESSES[key], DAY
    entered: list[Entered] = []
    for _ in range(data.draw(st.integers(0, 12))):
        here = procedure.state(process, entered)
        open_ = [each for level in LEVELS for each in procedure.allowed(process, here.key, level, EVERYTHING)]
        assert bool(open_) is not here.final
        if not open_:
            break
        day += timedelta(days=data.draw(st.integers(0, 40)))
        entered.append(Entered(data.draw(st.sampled_from(open_)).target, day))
        assert procedure.state(process, entered).key in process.states
    clocks = procedure.clocks(process, entered, day)
    counted = sum(clocks.of(level) for level in LEVELS)
    # Nobody's time is counted once: together, no more than the days gone by.
    assert 0 <= counted <= ((day - entered[0].on).days if entered else 0)


@pytest.mark.parametrize("key", sorted(TABLE))
def test_every_state_is_reached_by_the_steps_written_by_hand(key):
    reached, steps = {PROCESSES[key].initial.key}, set(TABLE[key])
    while more := {target for source, target in steps if source in reached} - reached:
        reached |= more
    assert reached == set(PROCESSES[key].states)


def test_a_return_or_a_refusal_without_a_reason_is_refused():
    for target in ("piece_returned", "unfavourable"):
        with pytest.raises(Forbidden, match="se motive"):
            procedure.step(DECLARATION, "ars_review", target, level=ARS, permissions=EVERYTHING, reason="  ")


def test_a_step_that_somebody_made_already_is_said_done_and_one_to_come_says_what_comes_first():
    for here in ("ars_review", "favourable"):
        with pytest.raises(Forbidden, match="déjà fait"):
            procedure.step(DECLARATION, here, "ars_review", level=ARS, permissions=EVERYTHING)
    with pytest.raises(Forbidden, match="« Transmise » ne passe pas à « Validée »"):
        procedure.step(DECLARATION, "filed", "validated", level=ANS, permissions=EVERYTHING)


def test_decisions_and_signatures_ask_for_the_password_and_opening_does_not():
    asked = {each.target for each in DECLARATION.steps if each.password}
    assert all(each.password for each in DECLARATION.steps if each.through != procedure.MOVE)
    assert asked >= {
        "filed",
        "refiled",
        "favourable",
        "unfavourable",
        "validated",
        "refused",
        "payment_requested",
        "paid",
    }
    opening = [
        each
        for each in DECLARATION.steps
        if (each.source, each.target) in {("filed", "ars_review"), ("favourable", "ans_control")}
    ]
    assert [each.password for each in opening] == [False, False]


def _on(days):
    return DAY + timedelta(days=days)


def test_the_time_of_an_authority_stands_still_while_a_piece_is_with_the_candidate():
    steps = [
        Entered("filed", _on(0)),
        Entered("ars_review", _on(4)),
        Entered("piece_returned", _on(10)),
        Entered("refiled", _on(31)),
        Entered("favourable", _on(40)),
        Entered("ans_control", _on(42)),
        Entered("ans_piece_returned", _on(50)),
        Entered("ans_refiled", _on(53)),
    ]
    assert procedure.clocks(DECLARATION, steps, _on(60)) == Clocks(candidate=24, ars=19, ans=17)
    assert procedure.clocks(DECLARATION, steps, _on(20)) == Clocks(candidate=10, ars=10, ans=0)
    assert procedure.clocks(DECLARATION, [], _on(20)) == Clocks()


def test_the_history_says_what_each_step_did():
    assert procedure.sentence(DECLARATION, "filed", "ars_review") == "Instruction ouverte par l’ARS"
    assert procedure.sentence(DECLARATION, "in_preparation", "paid") == "Payée"


def test_the_levels_have_an_estimated_duration_of_three_months():
    levels = programme.load().levels
    assert [(levels[key].months, levels[key].date, levels[key].confidence) for key in (ARS, ANS)] == [
        (3, "ars_review", "estimée"),
        (3, "ans_review", "estimée"),
    ]
    assert levels[CANDIDATE].months is None


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('clock = "ars"', 'clock = "region"', "n’est pas dans la liste"),
        ('through = "filing"', 'through = "filing"\nby = "hand"', "clé inconnue"),
        ('from = ["payment_requested"]', 'from = ["paid"]', "est final"),
        ('to = "payment_requested"', 'to = "validated"', "aucune étape ne mène"),
        ("points = 3", "points = 0", "au moins un point"),
        ("confirmation_minutes = 60", "confirmation_minutes = 0", "au moins une minute"),
        ("confirmation_minutes = 60", "", "au moins une minute"),
        ('from = ["validated"]', 'from = ["in_preparation"]', "n’a pas d’issue"),
    ],
)
def test_a_procedure_that_says_something_else_is_refused_with_its_place(old, new, why):
    text = programme.FILE.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(ReferentialError, match=why):
        programme.parse("procedure.toml", text.replace(old, new))
