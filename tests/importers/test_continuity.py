"""K8: what PCRA promise, plans they lean on, support functions, real outages and results plan by plan, one sentence each.

The lessons that the rules come from are named in the tests (lessons.md: Dunkerque, CaRE D2, Puget-Théniers, CHSF).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from importers.base import Sheet
from importers.check import Facts, RowResult, check
from importers.facts import EstablishmentRef
from importers.reading.sheet import ReadBook
from importers.words import fold
from importers.workbooks.continuity import (
    CONTINUITY,
    INCIDENTS,
    LINKED_PLANS,
    PCRA_CONTENTS,
    PLAN_RESULTS,
    SUPPORT_FUNCTIONS,
)
from tests.importers import books

DIEPPE, EU = "760780023", "760780056"
TODAY = date(2026, 11, 22)
PLANNED = {f"{DIEPPE}/EX-2026-03": {"code": "EX-2026-03", "perimeters": ("URG-01", "BIO-01")}}
FACTS = Facts(
    scope_finess={DIEPPE: EstablishmentRef("1", DIEPPE, "CH de Dieppe"), EU: EstablishmentRef("2", EU, "CH de Eu")},
    today=TODAY,
    references={
        "Perimetres": {"URG-01": {DIEPPE}, "BIO-01": {DIEPPE, EU}, "HAD-01": {DIEPPE}, "PAIE-01": {EU}},
        "Planning": {"EX-2026-03": {DIEPPE}},
        "Autres_plans": {"PB-01": {DIEPPE}},
    },
    existing={"Planning": PLANNED},
)
LINKED: dict[str, object] = {
    "code": "PB-01", "kind": "Plan blanc", "title": "Plan blanc 2026", "approved_on": date(2026, 1, 12),
    "review_by": date(2027, 1, 31), "file": "plan_blanc.pdf", "finess_ej": DIEPPE,
}  # fmt: skip
CONTENT: dict[str, object] = {
    "perimeter_code": "URG-01", "owner_function": "Cadre supérieur de santé", "loss_system": "Oui", "loss_site": "Non",
    "loss_staff": "Oui", "degraded_after_minutes": "30 min", "interruption_minutes": "4 h", "capacity": 70,
    "hold_minutes": "3 semaines", "relief": "Deux équipes en 12 h", "reviewed_on": date(2026, 6, 2),
    "next_review_on": date(2027, 6, 30), "linked_plans": "PB-01",
}  # fmt: skip
SUPPORT: dict[str, object] = {
    "function": "Paie", "perimeter_code": "PAIE-01", "can_run_again": "Oui", "run_by": "Responsable de la paie",
    "channel": "Fichier du mois précédent porté à la Trésorerie", "hold_minutes": "4 semaines",
    "checked_on": date(2026, 5, 4), "finess_ej": EU,
}  # fmt: skip
INCIDENT: dict[str, object] = {
    "code": "INC-2026-01", "finess_list": DIEPPE, "nature": "Panne informatique et téléphonie",
    "title": "Arrêt général", "started_on": date(2026, 1, 20), "started_at": "11:00", "degraded_at": "11:20",
    "recovery_at": "14:00", "ended_at": "16:00", "plan_blanc": "Oui", "perimeters": "URG-01",
    "retex_file": "retex.pdf", "retex_on": date(2026, 2, 10), "exercise_code": "EX-2026-03",
}  # fmt: skip
RESULT: dict[str, object] = {
    "exercise_code": "EX-2026-03", "perimeter_code": "URG-01", "plan_version": "v1.2", "result": "Partiel",
    "degraded_after_minutes": "50 min", "interruption_minutes": "5 h", "capacity": 55,
}  # fmt: skip


def _checked(
    sheet: Sheet, row: Mapping[str, object], facts: Facts, changes: Mapping[str, Any]
) -> tuple[RowResult, list[tuple[str, str]]]:
    result = books.result(CONTINUITY, sheet, facts, row, **changes)
    keys = {column.header("ght"): column.key for column in sheet.columns}
    return result, [(fault.code, keys[fault.column]) for fault in result.faults]


def linked(facts: Facts = FACTS, **changes: Any) -> tuple[RowResult, list[tuple[str, str]]]:
    """A plan that PCRA lean on after some changes, and what is said: code and column key."""
    return _checked(LINKED_PLANS, LINKED, facts, changes)


def content(facts: Facts = FACTS, **changes: Any) -> tuple[RowResult, list[tuple[str, str]]]:
    """The contents of a PCRA after some changes."""
    return _checked(PCRA_CONTENTS, CONTENT, facts, changes)


def support(facts: Facts = FACTS, **changes: Any) -> tuple[RowResult, list[tuple[str, str]]]:
    """A support function after some changes."""
    return _checked(SUPPORT_FUNCTIONS, SUPPORT, facts, changes)


def incident(facts: Facts = FACTS, **changes: Any) -> tuple[RowResult, list[tuple[str, str]]]:
    """A real outage after some changes."""
    return _checked(INCIDENTS, INCIDENT, facts, changes)


def result(facts: Facts = FACTS, **changes: Any) -> tuple[RowResult, list[tuple[str, str]]]:
    """The result of one plan after some changes."""
    return _checked(PLAN_RESULTS, RESULT, facts, changes)


# ------------------------------------------------------------------------------------------------------ specification


@pytest.mark.parametrize("sheet", CONTINUITY.sheets, ids=lambda sheet: sheet.name)
def test_no_header_means_two_columns(sheet: Sheet) -> None:
    names = [(fold(name), column.key) for column in sheet.columns for name in set(column.names())]
    assert len({name for name, _ in names}) == len(set(names))


@pytest.mark.parametrize("sheet", CONTINUITY.sheets, ids=lambda sheet: sheet.name)
def test_what_a_row_carries_is_what_its_register_keeps(sheet: Sheet) -> None:
    assert sheet.record is not None
    kept = set(sheet.record.__table__.columns.keys())
    technical = {"id", "establishment_id", "key", "withdrawn", "import_id", "undoes", "recorded_at", "recorded_by"}
    assert kept - technical == set(sheet.fields) - {"finess_ej"}


@pytest.mark.parametrize("sheet", CONTINUITY.sheets, ids=lambda sheet: sheet.name)
def test_the_example_of_the_template_is_a_row_that_is_accepted_and_lacks_nothing(sheet: Sheet) -> None:
    row = {column.key: column.example for column in sheet.columns if column.example}
    known = replace(FACTS, scope_finess={"760780239": EstablishmentRef("1", "760780239", "CH")}, home="760780239")
    found = books.result(CONTINUITY, sheet, known, row)
    assert found.status == "new"
    assert {fault.code for fault in found.faults} <= {"G-REF", "W-DUR"}  # what it names is in no register here


# -------------------------------------------------------------------------------------------------------- Autres_plans


def test_a_plan_that_others_lean_on_is_stored_as_typed() -> None:
    row, codes = linked()
    assert (row.status, row.finess, row.own_key, codes) == ("new", DIEPPE, "PB-01", [])
    assert (row.values["kind"], row.values["review_by"]) == ("plan_blanc", date(2027, 1, 31))


@pytest.mark.parametrize("key", ["code", "kind", "finess_ej"])
def test_each_required_column_of_a_linked_plan_must_be_answered(key: str) -> None:
    row, codes = linked(**{key: None})
    assert (row.status, codes) == ("rejected", [("E-REQ", key)])


@pytest.mark.parametrize(
    ("written", "kind"),
    [("PGTHSSE", "plan_blanc"), ("plan de sécurisation", "pse"), ("PRI", "pcri"), ("Autre", "other")],
)
def test_a_plan_is_known_by_the_names_people_give_it(written: str, kind: str) -> None:
    assert linked(kind=written)[0].values["kind"] == kind


def test_a_linked_plan_not_approved_is_a_gap_for_nothing_says_that_it_exists() -> None:
    """CaRE D2: links of a PCRA are checked, the plan must exist and be current."""
    row, codes = linked(approved_on=None)
    assert (row.status, codes) == ("new", [("G-REQ", "approved_on")])


def test_a_linked_plan_is_not_approved_in_the_future() -> None:
    row, codes = linked(approved_on=date(2026, 11, 23))
    assert (row.status, codes) == ("rejected", [("E-COH", "approved_on")])


@pytest.mark.parametrize(("due", "late"), [(date(2026, 11, 21), True), (TODAY, False)])
def test_a_linked_plan_whose_review_is_overdue_is_told(due: date, late: bool) -> None:
    """CaRE D2: a plan blanc that is not current is no support for a PCRA."""
    row, codes = linked(review_by=due)
    assert (row.status, codes) == ("new", [("W-RET", "review_by")] if late else [])


def test_the_file_of_a_linked_plan_that_is_not_uploaded_is_a_gap() -> None:
    assert linked(replace(FACTS, files=set()))[1] == [("G-REF", "file")]


# -------------------------------------------------------------------------------------------------------- Contenu_PCRA


def test_what_a_pcra_promises_is_stored_under_the_establishment_of_its_perimeter() -> None:
    """CaRE D2: declared against observed, so a plan states a delay, a maximum interruption and a capacity."""
    row, codes = content()
    assert (row.status, row.finess, row.own_key, codes) == ("new", DIEPPE, "URG-01", [])
    declared = [
        row.values[key] for key in ("degraded_after_minutes", "interruption_minutes", "capacity", "hold_minutes")
    ]
    assert declared == [30, 240, Decimal(70), 3 * 7 * 24 * 60]
    assert row.values["linked_plans"] == ("PB-01",)


def test_a_perimeter_that_two_establishments_have_needs_its_establishment() -> None:
    row, codes = content(perimeter_code="BIO-01")
    assert (row.status, codes) == ("rejected", [("E-REQ", "finess_ej")])
    assert content(perimeter_code="BIO-01", finess_ej=EU)[0].finess == EU


def test_a_service_outside_the_walls_has_a_pcra_like_any_other() -> None:
    """Puget-Théniers: home care and the coordination centre joined the system."""
    assert content(perimeter_code="HAD-01")[1] == []


def test_a_pcra_that_says_nothing_of_the_loss_of_the_information_system_is_a_gap() -> None:
    for answer in (None, "Non"):
        row, codes = content(loss_system=answer)
        assert (row.status, codes) == ("new", [("G-REQ", "loss_system")])
        assert "obligatoire" in row.faults[0].reason


def test_a_pcra_treats_one_loss_more_than_that_of_the_information_system() -> None:
    row, codes = content(loss_staff=None)
    assert (row.status, codes) == ("new", [("G-REQ", "loss_site")])
    for key in ("loss_site", "loss_staff", "loss_supplier"):
        assert content(**{"loss_staff": "Non", key: "Oui"})[1] == []


def test_nothing_is_asked_of_a_loss_whose_answer_could_not_be_read() -> None:
    assert content(loss_system="cela dépend")[1] == [("E-LST", "loss_system")]
    assert content(loss_staff="cela dépend")[1] == [("E-LST", "loss_staff")]


def test_a_pcra_that_does_not_say_how_long_it_holds_is_a_gap() -> None:
    """CHSF: a plan blanc lasts days, an attack lasts weeks to months."""
    row, codes = content(hold_minutes=None)
    assert (row.status, codes) == ("new", [("G-REQ", "hold_minutes")])


@pytest.mark.parametrize(
    ("hold", "short"), [("2 jours", True), ("71 h", True), ("3 jours", False), ("5 semaines", False)]
)
def test_a_pcra_that_holds_less_than_three_days_is_told(hold: str, short: bool) -> None:
    """CHSF: eighteen months to rebuild."""
    row, codes = content(hold_minutes=hold)
    assert (row.status, codes) == ("new", [("W-TEN", "hold_minutes")] if short else [])


def test_how_long_a_pcra_holds_may_be_months() -> None:
    """CHSF: three months to repair."""
    row, codes = content(hold_minutes="3 mois")
    assert (row.values["hold_minutes"], codes) == (90 * 24 * 60, [("W-DUR", "hold_minutes")])


def test_a_hold_that_could_not_be_read_is_not_told_missing() -> None:
    assert content(hold_minutes="longtemps")[1] == [("E-NUM", "hold_minutes")]


def test_a_pcra_without_relief_of_teams_is_a_gap() -> None:
    """CHSF: exhaustion, people leaving."""
    row, codes = content(relief=None)
    assert (row.status, codes) == ("new", [("G-REQ", "relief")])


def test_nobody_in_charge_of_a_pcra_is_a_gap_and_a_name_is_neither_kept_nor_repeated() -> None:
    """Puget-Théniers: referents are known; here by their function."""
    assert content(owner_function=None)[1] == [("G-REQ", "owner_function")]
    row, codes = content(owner_function="Mme Claire Martin")
    assert codes == [("W-NOM", "owner_function"), ("G-REQ", "owner_function")]
    assert (row.status, row.values["owner_function"]) == ("new", None)
    assert "Martin" not in str(row.faults)


@pytest.mark.parametrize(("due", "late"), [(date(2026, 11, 21), True), (TODAY, False)])
def test_a_pcra_whose_review_is_overdue_is_told(due: date, late: bool) -> None:
    row, codes = content(next_review_on=due)
    assert (row.status, codes) == ("new", [("W-RET", "next_review_on")] if late else [])


def test_a_review_done_is_not_in_the_future() -> None:
    row, codes = content(reviewed_on=date(2026, 11, 23))
    assert (row.status, codes) == ("rejected", [("E-COH", "reviewed_on")])


def test_a_linked_plan_that_nobody_described_is_to_be_attached() -> None:
    """CaRE D2: a link is followed by a check that the plan exists."""
    row, codes = content(linked_plans="PB-01;PSE-01")
    assert (row.status, row.values["linked_plans"], codes) == ("new", ("PB-01", "PSE-01"), [("G-REF", "linked_plans")])


@pytest.mark.parametrize("capacity", [-1, 101])
def test_a_capacity_is_a_share(capacity: int) -> None:
    row, codes = content(capacity=capacity)
    assert (row.status, codes) == ("rejected", [("E-NUM", "capacity")])


# --------------------------------------------------------------------------------------------------- Fonctions_support


def test_a_support_function_is_stored_as_typed() -> None:
    row, codes = support()
    assert (row.status, row.finess, row.own_key, codes) == ("new", EU, "payroll", [])
    assert (row.values["can_run_again"], row.values["hold_minutes"]) == (True, 4 * 7 * 24 * 60)


def test_a_support_function_without_an_answer_is_a_gap() -> None:
    """CHSF: support functions were forgotten, 5,000 payslips by hand for three months."""
    row, codes = support(can_run_again=None, run_by=None, channel=None)
    assert (row.status, codes) == ("new", [("G-REQ", "can_run_again")])
    assert "celle du mois dernier" in row.faults[0].remedy


@pytest.mark.parametrize("key", ["run_by", "channel"])
def test_a_function_said_to_go_on_says_by_whom_and_how(key: str) -> None:
    """CHSF: last month’s payroll is run again by somebody, with the bank or the payer."""
    row, codes = support(**{key: None})
    assert (row.status, codes) == ("new", [("G-REQ", key)])


def test_a_function_that_cannot_go_on_has_nobody_to_name() -> None:
    row, codes = support(can_run_again="Non", run_by=None, channel=None)
    assert (row.status, row.values["can_run_again"], codes) == ("new", False, [])


def test_a_name_given_for_who_runs_a_support_function_is_not_kept_and_the_function_is_asked() -> None:
    row, codes = support(run_by="M. Jean Durand")
    assert codes == [("W-NOM", "run_by"), ("G-REQ", "run_by")]
    assert row.values["run_by"] is None
    assert "Durand" not in str(row.faults)


def test_a_fallback_is_not_checked_in_the_future() -> None:
    row, codes = support(checked_on=date(2026, 11, 23))
    assert (row.status, codes) == ("rejected", [("E-COH", "checked_on")])


# ----------------------------------------------------------------------------------------------------------- Incidents


def test_a_real_outage_is_stored_with_its_timeline() -> None:
    """Dunkerque: all stopped at 11:00, recovery began at 14:00, the plan blanc was lifted at 16:00, and it was no attack."""
    row, codes = incident()
    assert (row.status, row.finess, row.own_key, codes) == ("new", DIEPPE, "INC-2026-01", [])
    assert row.values["nature"] == "it_and_phone"
    assert [row.values[f"{key}_at"] for key in ("started", "degraded", "recovery", "ended")] == [
        "11:00", "11:20", "14:00", "16:00",
    ]  # fmt: skip
    assert (row.values["plan_blanc"], row.values["perimeters"]) == (True, ("URG-01",))


@pytest.mark.parametrize("key", ["code", "nature", "title", "started_on", "finess_list"])
def test_each_required_column_of_an_incident_must_be_answered(key: str) -> None:
    row, codes = incident(**{key: None})
    assert (row.status, codes) == ("rejected", [("E-REQ", key)])


def test_an_incident_of_several_establishments_is_written_once_under_the_first() -> None:
    """Puget-Théniers: one information system for two hospitals stops for both."""
    row, codes = incident(finess_list=f"{EU};{DIEPPE}")
    assert (row.finess, row.values["finess_list"], codes) == (EU, (EU, DIEPPE), [])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"degraded_at": "10:59"}, ("degraded_at", "le passage en mode dégradé vient avant le début")),
        (
            {"recovery_at": "11:10"},
            ("recovery_at", "le début du rétablissement vient avant le passage en mode dégradé"),
        ),
        ({"ended_at": "13:59"}, ("ended_at", "la fin vient avant le début du rétablissement")),
        (
            {"ended_on": date(2026, 1, 19), "ended_at": None},
            ("ended_on", "la fin vient avant le début du rétablissement"),
        ),
        ({"recovery_on": date(2026, 1, 21), "recovery_at": "09:00"}, ("ended_at", "la fin vient avant")),
        # The moment between has a day and no hour: the hour of the one before still counts.
        (
            {"degraded_on": date(2026, 1, 20), "degraded_at": None, "recovery_at": None, "ended_at": "10:00"},
            ("ended_at", "la fin vient avant le début"),
        ),
    ],
)
def test_a_timeline_that_goes_backwards_is_refused(changes: dict[str, Any], said: tuple[str, str]) -> None:
    """Dunkerque: start, degraded mode, recovery, end, in this order."""
    key, told = said
    row, codes = incident(**changes)
    assert (row.status, codes) == ("rejected", [("E-COH", key)])
    assert told in row.faults[0].reason


@pytest.mark.parametrize(
    "changes",
    [
        {"ended_on": date(2026, 1, 21), "ended_at": "02:00"},
        {"recovery_on": date(2026, 1, 23), "recovery_at": "08:00", "ended_on": date(2026, 3, 2), "ended_at": "07:00"},
        {"started_at": None, "degraded_at": None, "recovery_at": None},
        {"degraded_at": "11:00", "recovery_at": "11:00", "ended_at": "11:00"},
        {"started_at": None, "degraded_on": date(2026, 1, 20), "degraded_at": None},
    ],
)
def test_a_timeline_may_pass_midnight_last_weeks_or_leave_hours_out(changes: dict[str, Any]) -> None:
    row, codes = incident(**changes)
    assert (row.status, codes) == ("new", [])


@pytest.mark.parametrize("key", ["started_on", "ended_on"])
def test_a_real_outage_is_not_in_the_future(key: str) -> None:
    tomorrow = {
        "started_on": date(2026, 11, 23),
        "degraded_at": None,
        "recovery_at": None,
        "ended_at": None,
        "retex_on": None,
    }
    row, codes = incident(**(tomorrow if key == "started_on" else {"ended_on": date(2026, 11, 23)}))
    assert (row.status, codes) == ("rejected", [("E-COH", key)])


def test_an_incident_that_is_over_has_its_retex() -> None:
    """Dunkerque: ARS and management drew lessons."""
    row, codes = incident(retex_file=None, retex_on=None)
    assert (row.status, codes) == ("new", [("G-REQ", "retex_file")])


def test_an_incident_that_is_over_names_the_plans_really_used() -> None:
    """Dunkerque: a link to the plans that were really used."""
    row, codes = incident(perimeters=None)
    assert (row.status, codes) == ("new", [("G-REQ", "perimeters")])


def test_a_file_without_the_column_of_the_plans_used_does_not_hide_that_nobody_named_them() -> None:
    first, _ = incident(perimeters=None)
    known = replace(FACTS, existing={"Incidents": {first.key: {**first.values, "perimeters": ()}}})
    columns = tuple(column for column in INCIDENTS.columns if column.key != "perimeters")
    cells = {column.key: INCIDENT.get(column.key) for column in columns}
    source = books.read_sheet(replace(INCIDENTS, columns=columns), [cells])
    [row] = check(CONTINUITY, ReadBook((source,)), known).sheets[0].rows
    assert any("vraiment servi" in fault.reason for fault in row.faults)


def test_nothing_is_asked_yet_of_an_incident_that_lasts() -> None:
    row, codes = incident(ended_at=None, retex_file=None, retex_on=None, perimeters=None)
    assert (row.status, codes) == ("new", [])


def test_the_retex_of_an_incident_comes_after_it_and_not_in_the_future() -> None:
    for written in (date(2026, 1, 19), date(2026, 11, 23)):
        row, codes = incident(retex_on=written)
        assert (row.status, codes) == ("rejected", [("E-COH", "retex_on")])
    assert incident(retex_on=date(2026, 1, 20))[1] == []
    assert incident(retex_on=TODAY)[1] == []


def test_the_retex_of_an_incident_that_is_not_uploaded_is_a_gap() -> None:
    assert incident(replace(FACTS, files=set()))[1] == [("G-REF", "retex_file")]


@pytest.mark.parametrize(("key", "code"), [("perimeters", "URG-01;REA-01"), ("exercise_code", "EX-2027-09")])
def test_a_plan_or_an_exercise_that_an_incident_names_and_nobody_has_is_to_be_attached(key: str, code: str) -> None:
    row, codes = incident(**{key: code})
    assert (row.status, codes) == ("new", [("G-REF", key)])


def test_an_incident_is_proposed_by_an_exercise_that_is_a_real_event() -> None:
    def known(nature: str | None, owner: str = DIEPPE) -> Facts:
        planned = {f"{owner}/EX-2026-03": {"code": "EX-2026-03", "perimeters": (), "nature": nature}}
        return replace(
            FACTS, existing={"Planning": planned}, references=FACTS.references | {"Planning": {"EX-2026-03": {owner}}}
        )

    row, codes = incident(known("field_test"))
    assert (row.status, codes) == ("new", [("W-COH", "exercise_code")])
    assert incident(known("combined", EU))[1] == [("W-COH", "exercise_code")]  # that of another of its group
    for facts in (known("real_event"), known("real_event", EU), known(None)):
        assert incident(facts)[1] == []


# -------------------------------------------------------------------------------------------------- Resultats_par_plan


def test_one_exercise_gives_a_result_for_each_plan_it_tries() -> None:
    """CaRE D2: one half-day tests the crisis cell and several PCRA; one exercise, many results."""
    rows = books.results(
        CONTINUITY, PLAN_RESULTS, [RESULT, {**RESULT, "perimeter_code": "BIO-01", "result": "OK"}], FACTS
    )
    assert [(row.status, row.finess, row.own_key, row.faults) for row in rows] == [
        ("new", DIEPPE, "EX-2026-03 / URG-01", ()),
        ("new", DIEPPE, "EX-2026-03 / BIO-01", ()),
    ]
    assert [row.values["result"] for row in rows] == ["partial", "success"]


def test_what_was_observed_is_stored_beside_what_the_plan_declares() -> None:
    """CaRE D2: theory differs from reality, and hidden dependencies found in a test feed the BIA."""
    row, codes = result(dependencies_found="Imprimante des étiquettes; Badge du dépôt de sang")
    observed = [row.values[key] for key in ("degraded_after_minutes", "interruption_minutes", "capacity")]
    assert (observed, codes) == ([50, 300, Decimal(55)], [])
    assert row.values["dependencies_found"] == ("Imprimante des étiquettes", "Badge du dépôt de sang")


@pytest.mark.parametrize("key", ["exercise_code", "perimeter_code", "result"])
def test_each_required_column_of_a_result_by_plan_must_be_answered(key: str) -> None:
    row, codes = result(finess_ej=DIEPPE, **{key: None})
    assert (row.status, codes) == ("rejected", [("E-REQ", key)])


def test_a_plan_tried_that_the_exercise_does_not_list_is_told() -> None:
    row, codes = result(perimeter_code="HAD-01")
    assert (row.status, codes) == ("new", [("W-COH", "perimeter_code")])


def test_nothing_is_said_of_the_plans_of_an_exercise_that_is_not_known_yet() -> None:
    row, codes = result(perimeter_code="HAD-01", exercise_code="EX-2026-09", finess_ej=DIEPPE)
    assert (row.status, codes) == ("new", [("G-REF", "exercise_code")])


def test_the_result_of_an_exercise_not_imported_yet_is_given_to_nobody_by_guess() -> None:
    row, codes = result(exercise_code="EX-2026-09")
    assert (row.status, codes) == ("rejected", [("E-REQ", "finess_ej"), ("G-REF", "exercise_code")])
