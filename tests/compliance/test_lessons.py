"""What five real cases ask of the product (lessons.md), line by line, and the tests that prove that it does it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
RULES, WEB, SERVICES = "compliance/rules", "compliance/web", "compliance/services"
# How a test names each case, in its name or in its docstring.
CASES = {
    "Dunkerque": "dunkerque",
    "DMCC training, Martinique": "martinique",
    "CaRE D2 and the PCRA test": "trade article|care d2:",
    "Puget-Théniers / Entrevaux": "puget[ -]th[ée]niers",
    "Centre Hospitalier Sud Francilien": "chsf",
}
PACK = (
    "LATER: the printable crisis pack is of issue 5 or after; what it will hold is recorded, and told when it expires."
)
SPENDING = "LATER: the page on spending is of issue 5 or after; what was spent is imported and kept (K6)."


@dataclass(frozen=True)
class Lesson:
    """Words of lessons.md, the tests that prove them (file under tests/: names), and why the rest is LATER, if it is."""

    said: str
    proved: Mapping[str, tuple[str, ...]]
    later: str = ""


LESSONS: dict[str, tuple[Lesson, ...]] = {
    "Dunkerque": (
        Lesson("**crisis pack**, printable, usable with no network, refreshed automatically, its age shown", {}, PACK),
        Lesson(
            "procedures must be written and reachable at any time",
            {
                f"{RULES}/test_plan.py": (
                    "test_dunkerque_a_plan_is_on_paper_where_people_know_and_no_older_than_its_approval",
                ),
                "importers/test_bia_pcra.py": ("test_a_paper_copy_older_than_the_plan_is_told",),
            },
        ),
        Lesson(
            "crisis cell composition and its substitutes are data",
            {
                "importers/test_crisis_directory.py": (
                    "test_a_clean_directory_is_stored_as_typed",
                    "test_a_role_without_a_holder_is_an_honest_gap",
                    "test_a_substitute_who_cannot_be_called_is_a_gap_and_no_substitute_is_not",
                )
            },
            PACK,
        ),
        Lesson(
            "**incidents** with a timeline (start, degraded mode, recovery, end)",
            {
                f"{RULES}/test_incident.py": (
                    "test_the_timeline_of_dunkerque_says_when_each_moment_came_and_how_long_it_lasted",
                ),
                f"{WEB}/test_incident.py": ("test_the_timeline_of_dunkerque_is_told_with_its_lengths",),
                "importers/test_continuity.py": (
                    "test_a_real_outage_is_stored_with_its_timeline",
                    "test_a_timeline_that_goes_backwards_is_refused",
                ),
            },
        ),
        Lesson(
            "a RETEX, actions",
            {
                f"{RULES}/test_incident.py": ("test_dunkerque_asks_a_retex_actions_and_the_plans_really_used",),
                f"{RULES}/test_task.py": ("test_an_incident_that_is_over_asks_for_its_retex_and_what_follows",),
                f"{WEB}/test_incident.py": (
                    "test_until_its_retex_and_actions_are_there_the_incident_has_lessons_to_draw",
                    "test_an_action_of_an_incident_is_recorded_as_it_stands",
                ),
                f"{WEB}/test_action.py": ("test_an_action_is_closed_by_its_proof_or_its_new_test_never_by_a_tick",),
                "importers/test_continuity.py": ("test_an_incident_that_is_over_has_its_retex",),
                "importers/test_exercises.py": ("test_an_action_of_an_incident_is_written_under_its_establishment",),
            },
        ),
        Lesson(
            "a link to the plans that were really used",
            {
                f"{WEB}/test_incident.py": ("test_the_plans_really_used_are_linked_and_an_unknown_one_is_said",),
                "importers/test_continuity.py": ("test_an_incident_that_is_over_names_the_plans_really_used",),
            },
        ),
    ),
    "DMCC training, Martinique": (
        Lesson(
            "an organiser (an ARS can run it for many establishments), place, date, capacity",
            {
                f"{WEB}/test_training.py": (
                    "test_martinique_an_agency_opens_a_session_that_the_establishments_of_its_region_read",
                    "test_martinique_the_page_says_first_how_many_of_the_headcount_are_trained",
                )
            },
        ),
        Lesson(
            "attendance, certificate",
            {
                f"{RULES}/test_attendance.py": (
                    "test_somebody_present_at_every_half_day_and_who_signed_is_trained",
                    "test_a_certificate_makes_part_of_a_session_count",
                    "test_the_validity_runs_from_the_certificate_once_it_is_delivered",
                ),
                "importers/test_training.py": ("test_a_session_says_for_how_many_months_what_was_learnt_holds",),
            },
        ),
        Lesson(
            "A cyberattack in a maternity ward is the midwives' problem, not IT's",
            {"importers/test_exercises.py": ("test_the_functions_that_took_part_are_a_list",)},
        ),
        Lesson(
            "counted by function (director, physician, midwife, nurse manager, IT...), per establishment, unique people",
            {
                f"{RULES}/test_training.py": ("test_martinique_coverage_is_counted_by_function_in_unique_people",),
                f"{WEB}/test_training.py": (
                    "test_martinique_people_are_counted_by_function_and_each_number_opens_its_list",
                    "test_a_ght_reads_counts_of_each_establishment_and_no_name",
                ),
            },
        ),
        Lesson(
            "against headcount",
            {
                f"{RULES}/test_training.py": (
                    "test_martinique_the_rate_is_of_unique_people_on_the_headcount_of_a_named_year",
                )
            },
        ),
        Lesson(
            "The **charter** that every employee signs is tracked the same way (share signed, by service)",
            {
                f"{RULES}/test_charter.py": ("test_martinique_the_share_of_the_charter_is_known_by_service",),
                f"{WEB}/test_training.py": ("test_martinique_the_charter_is_told_by_service",),
            },
        ),
    ),
    "CaRE D2 and the PCRA test": (
        Lesson(
            "Three PCRA at least, one tested before November 2026, a schedule for the others",
            {
                f"{RULES}/test_pcra.py": ("test_a_party_counts_when_its_three_kinds_are_covered",),
                f"{RULES}/test_exercise.py": ("test_a_schedule_without_a_single_day_is_missing_and_names_the_plans",),
                f"{WEB}/test_exercise.py": ("test_each_minimal_plan_without_a_test_or_a_day_is_proposed_one",),
            },
        ),
        Lesson(
            "every plan states a delay before degraded mode, a maximum interruption and a capacity; every exercise measures them",
            {"importers/test_continuity.py": ("test_what_was_observed_is_stored_beside_what_the_plan_declares",)},
        ),
        Lesson(
            "the product shows the difference and asks for a plan revision",
            {
                f"{RULES}/test_plan.py": (
                    "test_trade_article_the_difference_is_told_in_words",
                    "test_trade_article_an_exercise_worse_than_promised_asks_for_a_revision_until_the_plan_is_revised",
                ),
                f"{WEB}/test_plan.py": (
                    "test_trade_article_declared_against_observed_asks_for_a_revision_until_it_is_done",
                ),
            },
        ),
        Lesson(
            "**Combined exercise**: one half-day tests the crisis cell and several PCRA. One exercise, many results",
            {
                f"{RULES}/test_calendar.py": ("test_the_combined_exercise_of_one_half_day_does_not_run_into_itself",),
                f"{WEB}/test_exercise.py": ("test_a_combined_exercise_gives_a_result_to_each_of_its_plans",),
                "importers/test_continuity.py": ("test_one_exercise_gives_a_result_for_each_plan_it_tries",),
            },
        ),
        Lesson(
            "A PCRA refers to the other plans (plan blanc, PSE, PCRI): links, with a check that they exist and are current",
            {
                f"{RULES}/test_plan.py": (
                    "test_trade_article_the_three_plans_are_asked_each_by_its_name",
                    "test_trade_article_a_link_to_a_plan_that_is_not_recorded_is_told",
                    "test_trade_article_a_link_leads_to_a_plan_that_is_approved_and_not_to_be_reviewed",
                ),
                f"{WEB}/test_plan.py": ("test_trade_article_a_plan_that_it_leans_on_and_that_is_out_of_date_is_told",),
                "importers/test_continuity.py": (
                    "test_a_linked_plan_that_nobody_described_is_to_be_attached",
                    "test_a_linked_plan_whose_review_is_overdue_is_told",
                ),
            },
        ),
        Lesson(
            "Hidden dependencies found in a test are recorded and feed the BIA",
            {
                f"{RULES}/test_dependency.py": (
                    "test_trade_article_a_dependency_found_in_an_exercise_is_told_until_the_bia_has_it",
                ),
                f"{WEB}/test_plan.py": ("test_trade_article_hidden_dependencies_are_to_be_put_in_the_bia",),
            },
        ),
    ),
    "Puget-Théniers / Entrevaux": (
        Lesson(
            "A group can span départements",
            {
                "tenants/test_directory.py": ("test_puget_theniers_a_group_holds_members_of_two_departements",),
                f"{RULES}/test_calendar.py": ("test_school_holidays_are_those_of_the_zone_of_the_establishment",),
            },
        ),
        Lesson(
            "**mutualised scope** of a plan, an exercise, a policy",
            {
                f"{RULES}/test_plan.py": (
                    "test_puget_theniers_a_plan_of_the_group_serves_when_the_establishment_has_none_of_its_own",
                ),
                f"{WEB}/test_plan.py": (
                    "test_puget_theniers_a_mutualised_plan_is_told_where_it_is_and_where_it_serves",
                ),
                f"{WEB}/test_exercise.py": (
                    "test_puget_theniers_an_exercise_of_two_establishments_is_listed_and_counts_in_both",
                ),
                f"{SERVICES}/test_evidence.py": ("test_a_common_document_answers_for_each_member",),
                "importers/test_bia_pcra.py": ("test_a_shared_system_says_what_it_covers",),
                "importers/test_exercises.py": (
                    "test_an_exercise_of_several_establishments_is_written_under_the_first",
                    "test_a_shared_plan_links_an_exercise_to_the_establishments_it_covers",
                ),
                "importers/test_continuity.py": (
                    "test_an_incident_of_several_establishments_is_written_once_under_the_first",
                ),
            },
        ),
        Lesson(
            "referents are people with a named scope, and the product gives each a short list of what is theirs to do",
            {
                f"{WEB}/test_task.py": (
                    "test_a_referent_reads_the_tasks_of_their_establishment_alone",
                    "test_puget_theniers_the_list_of_a_referent_is_short_the_latest_first_and_says_what_it_leaves_out",
                ),
                "importers/test_continuity.py": (
                    "test_nobody_in_charge_of_a_pcra_is_a_gap_and_a_name_is_neither_kept_nor_repeated",
                ),
            },
        ),
        Lesson(
            "perimeters are not only hospital wards",
            {
                f"{WEB}/test_plan.py": ("test_puget_theniers_a_perimeter_outside_the_walls_is_listed_like_a_ward",),
                "importers/test_continuity.py": ("test_a_service_outside_the_walls_has_a_pcra_like_any_other",),
            },
        ),
    ),
    "Centre Hospitalier Sud Francilien": (
        Lesson(
            "**recall lists and directories on paper**, with a printed-on date and an expiry",
            {
                f"{RULES}/test_task.py": (
                    "test_numbers_that_nobody_checked_for_ninety_days_are_counted_and_never_named",
                ),
                f"{WEB}/test_task.py": (
                    "test_chsf_a_recall_list_is_a_task_from_its_ninety_first_day_until_its_numbers_are_called",
                ),
                "importers/test_crisis_directory.py": ("test_a_number_is_expired_after_90_days",),
            },
            PACK,
        ),
        Lesson(
            "training coverage has an on-call dimension",
            {
                f"{RULES}/test_training.py": ("test_chsf_the_people_on_call_have_their_own_count",),
                f"{WEB}/test_training.py": ("test_chsf_who_is_on_call_is_a_filter_and_has_no_rate",),
            },
        ),
        Lesson(
            "the coverage matrix always shows HR, payroll, billing and purchasing, and says so when they are empty",
            {
                f"{RULES}/test_pcra.py": ("test_an_empty_support_cell_says_so_and_weighs_nothing",),
                f"{WEB}/test_overview.py": (
                    "test_chsf_the_matrix_keeps_the_cell_of_support_functions_that_nobody_filled_and_says_it_is_empty",
                ),
                f"{RULES}/test_support.py": ("test_chsf_a_function_of_which_nothing_is_said_is_said_empty",),
                f"{WEB}/test_plan.py": ("test_chsf_the_four_support_functions_are_always_shown_and_said_empty",),
                "importers/test_continuity.py": (
                    "test_a_support_function_without_an_answer_is_a_gap",
                    "test_a_function_said_to_go_on_says_by_whom_and_how",
                ),
            },
        ),
        Lesson(
            "each plan states how long its degraded mode can hold (hours, days, weeks, months)",
            {
                f"{RULES}/test_plan.py": ("test_chsf_how_long_the_plan_holds_and_the_relief_of_teams_are_asked",),
                "importers/test_continuity.py": (
                    "test_a_pcra_that_does_not_say_how_long_it_holds_is_a_gap",
                    "test_a_pcra_that_holds_less_than_three_days_is_told",
                    "test_how_long_a_pcra_holds_may_be_months",
                ),
                "importers/test_durations.py": ("test_a_month_is_thirty_days_and_told_for_an_attack_lasts_months",),
            },
        ),
        Lesson(
            "the product shows the weakest",
            {
                f"{RULES}/test_dependency.py": (
                    "test_chsf_the_weakest_holding_time_is_the_shortest_of_critical_activities_and_plans",
                    "test_chsf_those_who_do_not_say_how_long_they_hold_are_counted",
                ),
                f"{WEB}/test_plan.py": ("test_chsf_the_weakest_holding_time_is_told_with_who_and_how_many_do_not_say",),
            },
        ),
        Lesson(
            "relief of teams is a field of the plan",
            {
                f"{RULES}/test_plan.py": ("test_chsf_how_long_the_plan_holds_and_the_relief_of_teams_are_asked",),
                "importers/test_continuity.py": ("test_a_pcra_without_relief_of_teams_is_a_gap",),
            },
        ),
        Lesson(
            "spending and awareness are both visible to management",
            {
                f"{WEB}/test_training.py": (
                    "test_chsf_management_reads_how_many_are_made_aware_and_the_share_of_the_charter",
                )
            },
            SPENDING,
        ),
    ),
}
NAMED = [
    (case, file, name)
    for case, lessons in LESSONS.items()
    for lesson in lessons
    for file, names in lesson.proved.items()
    for name in names
]


@cache
def sentences(file: str) -> dict[str, str]:
    """The tests of a file by name, each with its docstring."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {
        node.name: ast.get_docstring(node) or ""
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def folded(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


def lines_of(document: str) -> Iterator[tuple[str, str]]:
    """Each line of lessons.md, with the case it is of."""
    for section in document.split("\n## ")[1:]:
        title, _, told = section.partition("\n")
        case = next(name for name in CASES if title.startswith(name))
        for line in f"\n{told}".split("\n- ")[1:]:
            yield case, folded(line)


@pytest.mark.parametrize(("case", "file", "name"), NAMED, ids=[f"{file}::{name}" for _, file, name in NAMED])
def test_a_lesson_is_proved_by_tests_that_exist_and_name_their_case(case, file, name):
    assert name in sentences(file)
    told = f"{name.replace('_', ' ')} {sentences(file)[name]}"
    assert re.search(CASES[case], told, re.IGNORECASE), f"{name} does not name its case, {case}"


def test_a_lesson_that_no_test_proves_says_why_it_is_later():
    every = [lesson for lessons in LESSONS.values() for lesson in lessons]
    assert [lesson.said for lesson in every if not lesson.proved and not lesson.later] == []


@pytest.mark.shared
def test_every_line_of_the_lessons_is_in_the_table_and_in_its_own_words(shared_data):
    document = (shared_data.parent / "domain" / "lessons.md").read_text(encoding="utf-8")
    sections = {
        next(name for name in CASES if each.startswith(name)): folded(each) for each in document.split("\n## ")[1:]
    }
    assert [lesson.said for case in LESSONS for lesson in LESSONS[case] if lesson.said not in sections[case]] == []
    lines = list(lines_of(document))
    assert len(lines) == 18
    assert [line for case, line in lines if not any(lesson.said in line for lesson in LESSONS[case])] == []
