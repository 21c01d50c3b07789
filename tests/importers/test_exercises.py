"""K2: the plan of exercises, their results and the actions that follow, one sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from importers.base import Sheet
from importers.check import Facts, RowResult, check
from importers.facts import EstablishmentRef
from importers.reading.sheet import ReadBook, ReadSheet
from importers.words import fold
from importers.workbooks.exercises import EXERCISES, PLANNING, RESULTS
from importers.workbooks.exercises_actions import ACTIONS
from tests.importers import books

DIEPPE, EU = "760780023", "760780056"
TODAY = date(2026, 11, 22)
FACTS = Facts(
    scope_finess={DIEPPE: EstablishmentRef("1", DIEPPE, "CH de Dieppe"), EU: EstablishmentRef("2", EU, "CH de Eu")},
    today=TODAY,
    sites={"760000158": DIEPPE, "760000166": EU},
    references={
        "Perimetres": {"URG-01": {DIEPPE}, "BIO-01": {DIEPPE}, "PAIE-01": {EU}},
        "Planning": {"EX-2026-03": {DIEPPE}},
        "Incidents": {"INC-2026-01": {EU}},
    },
)
EXERCISE: dict[str, object] = {
    "code": "EX-2026-03", "finess_list": DIEPPE, "nature": "Combiné", "kit_level": "Intermédiaire",
    "perimeters": "URG-01;BIO-01", "scenario": "Rançongiciel", "unannounced": "Non", "planned_on": date(2026, 9, 18),
    "starts_at": "09:00", "ends_at": "12:30", "facilitator": "GRADeS", "status": "Réalisé",
}  # fmt: skip
OUTCOME: dict[str, object] = {
    "exercise_code": "EX-2026-03", "held_on": date(2026, 9, 18), "duration_minutes": "3h30", "participants": 14,
    "management_present": "Oui", "departments_present": "Oui", "degraded_modes": "Partiel", "care_assessed": "Oui",
    "scenario_file": "scenario.pdf", "retex_file": "retex.pdf", "retex_on": date(2026, 10, 9),
}  # fmt: skip
ACTION: dict[str, object] = {
    "exercise_code": "EX-2026-03", "number": "1", "finding": "Bons de biologie introuvables",
    "action": "Placer 200 bons papier aux urgences", "owner_function": "Cadre supérieur de santé",
    "due_on": date(2026, 12, 15), "status": "En cours",
}  # fmt: skip


def _checked(
    sheet: Sheet, row: Mapping[str, object], facts: Facts, changes: Mapping[str, Any]
) -> tuple[RowResult, list[tuple[str, str]]]:
    result = books.result(EXERCISES, sheet, facts, row, **changes)
    keys = {column.header("ght"): column.key for column in sheet.columns}
    return result, [(fault.code, keys[fault.column]) for fault in result.faults]


def exercise(facts: Facts = FACTS, **changes: Any) -> tuple[RowResult, list[tuple[str, str]]]:
    """An exercise after some changes, and what is said: code and column key."""
    return _checked(PLANNING, EXERCISE, facts, changes)


def outcome(facts: Facts = FACTS, **changes: Any) -> tuple[RowResult, list[tuple[str, str]]]:
    """A result after some changes."""
    return _checked(RESULTS, OUTCOME, facts, changes)


def action(facts: Facts = FACTS, **changes: Any) -> tuple[RowResult, list[tuple[str, str]]]:
    """An action after some changes."""
    return _checked(ACTIONS, ACTION, facts, changes)


def planned(nature: str) -> Facts:
    """The exercise was imported before, with this nature."""
    return replace(FACTS, existing={"Planning": {f"{DIEPPE}/EX-2026-03": {"code": "EX-2026-03", "nature": nature}}})


# ------------------------------------------------------------------------------------------------------ specification


@pytest.mark.parametrize("sheet", EXERCISES.sheets, ids=lambda sheet: sheet.name)
def test_no_header_means_two_columns(sheet: Sheet) -> None:
    names = [(fold(name), column.key) for column in sheet.columns for name in set(column.names())]
    assert len({name for name, _ in names}) == len(set(names))


@pytest.mark.parametrize("sheet", EXERCISES.sheets, ids=lambda sheet: sheet.name)
def test_what_a_row_carries_is_what_its_register_keeps(sheet: Sheet) -> None:
    assert sheet.record is not None
    kept = set(sheet.record.__table__.columns.keys())
    technical = {"id", "establishment_id", "key", "withdrawn", "import_id", "undoes", "recorded_at", "recorded_by"}
    assert kept - technical == set(sheet.fields) - {"finess_ej"}


@pytest.mark.parametrize("sheet", EXERCISES.sheets, ids=lambda sheet: sheet.name)
def test_the_example_of_the_template_is_a_row_that_is_accepted(sheet: Sheet) -> None:
    row = {column.key: column.example for column in sheet.columns if column.example}
    known = replace(FACTS, scope_finess={"760780239": EstablishmentRef("1", "760780239", "CH")}, home="760780239")
    assert books.result(EXERCISES, sheet, known, row).status == "new"


# ----------------------------------------------------------------------------------------------------------- Planning


def test_the_establishment_that_a_file_does_not_name_is_not_told_as_a_value_that_it_lacks() -> None:
    first, _ = exercise()
    known = replace(FACTS, home=DIEPPE, existing={"Planning": {f"{DIEPPE}/EX-2026-03": first.values}})
    columns = tuple(column for column in PLANNING.columns if column.key != "finess_list")
    cells = {column.key: EXERCISE.get(column.key) for column in columns} | {"ends_at": "09:00"}
    source = books.read_sheet(replace(PLANNING, columns=columns), [cells])
    [row] = check(EXERCISES, ReadBook((source,)), known).sheets[0].rows
    assert [fault.remedy for fault in row.faults if fault.code == "E-COH"] == [
        "Corrigez les deux heures ; laissez la fin vide si l’exercice dure plus d’un jour."
    ]


def test_an_exercise_is_stored_as_typed() -> None:
    row, codes = exercise()
    assert (row.status, row.finess, row.own_key, codes) == ("new", DIEPPE, "EX-2026-03", [])
    assert row.values["nature"] == "combined"
    assert row.values["perimeters"] == ("URG-01", "BIO-01")
    assert (row.values["starts_at"], row.values["ends_at"]) == ("09:00", "12:30")


@pytest.mark.parametrize("key", ["code", "finess_list", "planned_on", "status"])
def test_each_required_column_of_an_exercise_must_be_answered(key: str) -> None:
    row, codes = exercise(**{key: None})
    assert ("E-REQ", key) in codes
    assert row.status == "rejected"


@pytest.mark.parametrize("key", ["nature", "scenario"])
def test_an_exercise_without_nature_or_scenario_is_kept_as_a_gap(key: str) -> None:
    row, codes = exercise(**{key: None})
    assert codes == [("G-REQ", key)]
    assert (row.status, row.values[key]) == ("new", None)


@pytest.mark.parametrize("nature", ["Test PCA terrain", "Combiné"])
def test_a_field_test_says_which_perimeters_it_tries(nature: str) -> None:
    row, codes = exercise(nature=nature, perimeters=None)
    assert codes == [("E-REQ", "perimeters")]
    assert row.status == "rejected"


def test_a_crisis_cell_exercise_has_no_perimeter_to_give() -> None:
    row, codes = exercise(nature="cellule de crise", perimeters=None)
    assert (row.status, row.values["perimeters"], codes) == ("new", (), [])


def test_a_perimeter_that_nobody_has_is_to_be_attached() -> None:
    row, codes = exercise(perimeters="URG-01;STE-01")
    assert (row.status, codes) == ("new", [("G-REF", "perimeters")])


@pytest.mark.parametrize("end", ["08:30", "09:00"])
def test_an_exercise_ends_after_it_starts(end: str) -> None:
    row, codes = exercise(ends_at=end)
    assert (row.status, codes) == ("rejected", [("E-COH", "ends_at")])


def test_an_exercise_put_off_says_why_and_until_when() -> None:
    row, codes = exercise(status="Reporté")
    assert codes == [("G-REQ", "status_reason"), ("G-REQ", "postponed_to")]
    assert row.status == "new"
    assert exercise(status="Reporté", status_reason="Grippe", postponed_to="T1 2027")[1] == [("W-DAT", "postponed_to")]


def test_an_exercise_cancelled_says_why_and_has_no_new_date() -> None:
    assert exercise(status="Annulé")[1] == [("G-REQ", "status_reason")]
    assert exercise(status="Annulé", status_reason="Travaux")[1] == []


def test_a_planned_exercise_whose_date_went_by_is_late() -> None:
    assert exercise(status="Planifié", planned_on=date(2026, 11, 21))[1] == [("W-RET", "planned_on")]
    assert exercise(status="Planifié", planned_on=TODAY)[1] == []


def test_an_exercise_put_off_to_a_date_that_went_by_is_late() -> None:
    said = exercise(status="Reporté", status_reason="Grippe", postponed_to=date(2026, 11, 2))[1]
    assert said == [("W-RET", "postponed_to")]


def test_an_exercise_put_off_to_a_date_before_the_first_one_is_told() -> None:
    given = {"status": "Reporté", "status_reason": "Grippe", "planned_on": date(2027, 2, 10)}
    row, codes = exercise(**given, postponed_to=date(2027, 2, 9))
    assert (row.status, codes) == ("new", [("W-COH", "postponed_to")])
    assert "le 10/02/2027" in row.faults[0].reason
    assert exercise(**given, postponed_to=date(2027, 2, 11))[1] == []


def test_a_month_is_a_planned_date() -> None:
    row, codes = exercise(planned_on="12/2026", status="prévu")
    assert (row.values["planned_on"], codes) == (date(2026, 12, 31), [("W-DAT", "planned_on")])


def test_the_site_of_an_exercise_belongs_to_one_of_its_establishments() -> None:
    assert exercise(finess_et="760000158")[1] == []
    row, codes = exercise(finess_et="760000166")
    assert (row.status, codes) == ("rejected", [("E-FIN", "finess_et")])


def test_an_exercise_of_several_establishments_is_written_under_the_first() -> None:
    """Puget-Théniers: an exercise may be that of several establishments."""
    row, codes = exercise(finess_list=f"{EU};{DIEPPE}", perimeters="URG-01;PAIE-01", finess_et="760000158")
    assert (row.finess, row.values["finess_list"], codes) == (EU, (EU, DIEPPE), [])


@pytest.mark.parametrize("nature", ["Combiné", "Cellule de crise"])
def test_an_exercise_said_to_be_common_must_concern_each_establishment(nature: str) -> None:
    row, codes = exercise(finess_list=f"{DIEPPE};{EU}", nature=nature)
    assert (row.status, codes[-1]) == ("new", ("W-COH", "finess_list"))
    assert EU in row.faults[-1].reason
    assert DIEPPE not in row.faults[-1].reason or nature == "Cellule de crise"


def test_a_shared_plan_links_an_exercise_to_the_establishments_it_covers() -> None:
    """Puget-Théniers: who shares the plan shares its exercise."""
    shared = replace(FACTS, existing={"Perimetres": {f"{DIEPPE}/URG-01": {"covered": [EU]}}})
    assert exercise(shared, finess_list=f"{DIEPPE};{EU}")[1] == []


def test_nothing_is_said_of_a_common_exercise_whose_perimeters_could_not_be_read() -> None:
    assert exercise(finess_list=f"{DIEPPE};{EU}", perimeters="urgences adultes !")[1] == [("E-TXT", "perimeters")]


def test_the_teams_of_an_exercise_are_a_list_and_its_storyline_a_text() -> None:
    row, codes = exercise(teams="Urgences de jour; Laboratoire", storyline="09:00 les écrans s’éteignent")
    assert (row.values["teams"], codes) == (("Urgences de jour", "Laboratoire"), [])
    assert row.values["storyline"] == "09:00 les écrans s’éteignent"
    assert not exercise()[0].values["teams"]


def test_words_of_planners_are_understood() -> None:
    row, codes = exercise(
        nature="Table top", kit_level="expert", scenario="ransomware", facilitator="externe", status="fait"
    )
    assert codes == []
    told = [row.values[key] for key in ("nature", "kit_level", "scenario", "facilitator", "status")]
    assert told == ["crisis_cell", "advanced", "ransomware", "provider", "done"]


# ---------------------------------------------------------------------------------------------------------- Resultats


def test_a_result_follows_its_exercise() -> None:
    row, codes = outcome()
    assert (row.status, row.finess, row.own_key, codes) == ("new", DIEPPE, "EX-2026-03", [])
    assert (row.values["duration_minutes"], row.values["participants"]) == (210, 14)
    assert row.values["degraded_modes"] == "partial"


@pytest.mark.parametrize(
    "key",
    [
        "exercise_code", "held_on", "duration_minutes", "participants", "management_present", "departments_present",
        "degraded_modes", "care_assessed",
    ],
)  # fmt: skip
def test_each_required_column_of_a_result_must_be_answered(key: str) -> None:
    row, codes = outcome(**{key: None})
    assert ("E-REQ", key) in codes
    assert row.status == "rejected"


def test_the_result_of_an_exercise_not_imported_yet_is_kept_where_it_says_it_belongs_and_given_to_nobody_by_guess() -> (
    None
):
    row, codes = outcome(replace(FACTS, support=DIEPPE), exercise_code="EX-2026-09", finess_ej=EU)
    assert (row.status, row.finess, codes) == ("new", EU, [("G-REF", "exercise_code")])
    row, codes = outcome(replace(FACTS, support=DIEPPE), exercise_code="EX-2026-09")
    assert (row.status, codes) == ("rejected", [("E-REQ", "finess_ej"), ("G-REF", "exercise_code")])


def test_an_exercise_done_is_not_in_the_future() -> None:
    row, codes = outcome(held_on=date(2026, 11, 23), retex_on=None)
    assert (row.status, codes) == ("rejected", [("E-COH", "held_on"), ("G-REQ", "retex_on")])


@pytest.mark.parametrize(("held", "counts"), [(date(2025, 7, 15), False), (date(2025, 7, 16), True)])
def test_an_exercise_before_the_operational_phase_is_kept_and_does_not_count(held: date, counts: bool) -> None:
    row, codes = outcome(held_on=held, retex_on=held)
    assert codes == ([] if counts else [("G-PER", "held_on")])
    assert row.status == "new"


@pytest.mark.parametrize(("filed", "counts"), [(date(2026, 9, 17), False), (date(2026, 9, 18), True)])
def test_an_exercise_after_the_filing_is_kept_and_does_not_count(filed: date, counts: bool) -> None:
    assert outcome(replace(FACTS, filed_on=filed))[1] == ([] if counts else [("G-PER", "held_on")])


def test_a_retex_comes_after_its_exercise() -> None:
    row, codes = outcome(retex_on=date(2026, 9, 17))
    assert (row.status, codes) == ("rejected", [("E-COH", "retex_on")])


def test_a_retex_done_is_not_in_the_future() -> None:
    row, codes = outcome(retex_on=date(2026, 11, 23))
    assert (row.status, codes) == ("rejected", [("E-COH", "retex_on")])


@pytest.mark.parametrize(("written", "late"), [(date(2026, 11, 17), False), (date(2026, 11, 18), True)])
def test_a_retex_is_late_after_sixty_days(written: date, late: bool) -> None:
    assert outcome(retex_on=written)[1] == ([("W-RET", "retex_on")] if late else [])


def test_a_retex_still_to_be_written_is_a_gap() -> None:
    row, codes = outcome(scenario_file=None, retex_file=None, retex_on=None)
    assert codes == [("G-REQ", "retex_on"), ("G-REQ", "scenario_file"), ("G-REQ", "retex_file")]
    assert row.status == "new"


def test_a_file_named_and_not_uploaded_is_a_gap() -> None:
    row, codes = outcome(replace(FACTS, files={"scenario.pdf"}))
    assert (row.status, codes) == ("new", [("G-REF", "retex_file")])


def test_an_exercise_of_the_it_alone_is_told_with_the_definition() -> None:
    row, codes = outcome(management_present="Non", departments_present="Non")
    assert (row.status, codes) == ("new", [("W-DSI", "management_present")])
    assert "DSI seule" in row.faults[0].reason
    assert "direction générale et les directions métiers" in row.faults[0].reason


@pytest.mark.parametrize("key", ["management_present", "departments_present", "care_assessed"])
def test_each_thing_that_keeps_an_exercise_from_being_the_yearly_one_is_told(key: str) -> None:
    row, codes = outcome(**{key: "Non"})
    assert (row.status, codes) == ("new", [("W-DSI", key)])


@pytest.mark.parametrize(
    ("changes", "side"),
    [
        ({"care_assessed": "Non"}, "ne compte pas comme exercice annuel"),
        ({"retex_file": None}, "ne compte pas pour O1.D"),
        ({"care_assessed": "Non", "retex_file": None}, "ne compte ni pour O1.D ni comme exercice annuel"),
    ],
)
def test_a_combined_exercise_feeds_both_questions_only_if_both_sides_are_complete(
    changes: dict[str, Any], side: str
) -> None:
    row, codes = outcome(planned("combined"), **changes)
    assert ("W-COH", "exercise_code") in codes
    assert any(side in fault.reason for fault in row.faults)
    assert ("W-COH", "exercise_code") not in outcome(planned("field_test"), **changes)[1]
    assert outcome(planned("combined"))[1] == []


def test_the_functions_that_took_part_are_a_list() -> None:
    """DMCC, Martinique: a cyberattack in a maternity ward is the midwives’ problem; who took part is told by function."""
    row, codes = outcome(functions="Sage-femme de garde; Cadre des urgences")
    assert (row.values["functions"], codes) == (("Sage-femme de garde", "Cadre des urgences"), [])


def test_a_number_of_participants_is_one_that_a_room_may_hold() -> None:
    assert outcome(participants=10**9)[1] == [("E-NUM", "participants")]


@pytest.mark.parametrize("rating", [0, 5])
def test_a_rating_goes_from_one_to_four(rating: int) -> None:
    assert outcome(rating=rating)[1] == [("E-NUM", "rating")]


# ------------------------------------------------------------------------------------------------------- Plan_actions


def test_an_action_is_known_by_its_exercise_and_its_number() -> None:
    row, codes = action()
    assert (row.status, row.finess, row.own_key, codes) == ("new", DIEPPE, "EX-2026-03 / 1", [])
    assert action(number=1)[0].own_key == action(number="01")[0].own_key == "EX-2026-03 / 1"


@pytest.mark.parametrize("key", ["exercise_code", "number", "finding", "action", "due_on"])
def test_each_required_column_of_an_action_must_be_answered(key: str) -> None:
    row, codes = action(**{key: None})
    assert ("E-REQ", key) in codes
    assert row.status == "rejected"


def test_an_action_without_a_function_in_charge_is_a_gap() -> None:
    row, codes = action(owner_function=None)
    assert (row.status, codes) == ("new", [("G-REQ", "owner_function")])


def test_the_name_of_the_person_in_charge_is_neither_kept_nor_repeated() -> None:
    row, codes = action(owner_function="Mme Claire Martin")
    assert codes == [("W-NOM", "owner_function"), ("G-REQ", "owner_function")]
    assert (row.status, row.values["owner_function"]) == ("new", None)
    assert "Martin" not in str(row.faults)


def test_an_action_of_an_incident_is_written_under_its_establishment() -> None:
    """Dunkerque: a real outage gives actions as an exercise does, without an exercise invented for them."""
    row, codes = action(exercise_code=None, incident_code="INC-2026-01")
    assert (row.status, row.finess, row.own_key, codes) == ("new", EU, "INC-2026-01 / 1", [])


def test_an_action_of_an_incident_not_imported_yet_is_given_to_nobody_by_guess() -> None:
    row, codes = action(exercise_code=None, incident_code="INC-2026-09", finess_ej=EU)
    assert (row.status, row.finess, codes) == ("new", EU, [("G-REF", "incident_code")])
    row, codes = action(exercise_code=None, incident_code="INC-2026-09")
    assert (row.status, codes) == ("rejected", [("E-REQ", "finess_ej"), ("G-REF", "incident_code")])


def test_an_action_of_a_row_of_the_referential_is_that_of_the_establishment_it_names() -> None:
    row, codes = action(exercise_code=None, objective="O1.C", finess_ej=EU)
    assert (row.status, row.finess, row.own_key, codes) == ("new", EU, "D2.O1.C / 1", [])
    row, codes = action(replace(FACTS, home=DIEPPE), exercise_code=None, objective="D2.O1.C")
    assert (row.status, row.finess, codes) == ("new", DIEPPE, [])
    assert action(exercise_code=None, objective="O1.C")[1] == [("E-REQ", "finess_ej")]


def test_an_action_from_nowhere_is_refused() -> None:
    row, codes = action(exercise_code=None)
    assert (row.status, codes) == ("rejected", [("E-REQ", "exercise_code")])
    assert "d’où vient" in row.faults[0].reason


def test_an_action_whose_origin_could_not_be_read_is_not_told_to_come_from_nowhere() -> None:
    row, _ = action(exercise_code="la réunion de jeudi !")
    assert row.status == "rejected"
    assert not any("d’où vient" in fault.reason for fault in row.faults)


def test_an_action_of_an_exercise_that_names_a_row_too_stays_with_its_exercise() -> None:
    row, codes = action(objective="O1.C")
    assert (row.own_key, row.finess, codes) == ("EX-2026-03 / 1", DIEPPE, [])


def test_an_action_done_has_a_date() -> None:
    assert action(status="Fait", proof_file="photo.jpg")[1] == [("W-COH", "closed_on")]
    assert action(status="clôturée", proof_file="photo.jpg", closed_on=date(2026, 11, 2))[1] == []


def test_an_action_said_done_without_proof_nor_new_test_is_told_not_closed() -> None:
    """CaRE D2: the finding comes back at the next test when nothing shows that the action holds."""
    row, codes = action(status="Fait", closed_on=date(2026, 11, 2))
    assert (row.status, row.values["status"], codes) == ("new", "done", [("G-REQ", "proof_file")])
    assert "elle n’est pas close" in row.faults[0].reason


@pytest.mark.parametrize("closing", [{"proof_file": "photo.jpg"}, {"retest_code": "EX-2026-03"}])
def test_an_action_is_closed_by_a_proof_or_by_a_new_test(closing: dict[str, str]) -> None:
    assert action(status="Fait", closed_on=date(2026, 11, 2), **closing)[1] == []


def test_the_proof_of_an_action_that_is_not_uploaded_is_a_gap() -> None:
    known = replace(FACTS, files={"scenario.pdf"})
    assert action(known, status="Fait", closed_on=date(2026, 11, 2), proof_file="photo.jpg")[1] == [
        ("G-REF", "proof_file")
    ]


def test_a_new_test_that_nobody_planned_is_to_be_attached() -> None:
    said = action(status="Fait", closed_on=date(2026, 11, 2), retest_code="EX-2027-09")[1]
    assert said == [("G-REF", "retest_code")]


@pytest.mark.parametrize("status", ["En cours", "Abandonné"])
def test_no_proof_is_asked_of_an_action_that_is_not_done(status: str) -> None:
    assert action(status=status)[1] == []


def test_an_action_is_not_closed_in_the_future() -> None:
    row, codes = action(status="Fait", proof_file="photo.jpg", closed_on=date(2026, 11, 23))
    assert (row.status, codes) == ("rejected", [("E-COH", "closed_on")])


@pytest.mark.parametrize("status", [None, "À faire", "En cours"])
def test_an_action_open_after_its_time_is_late(status: str | None) -> None:
    assert action(status=status, due_on=date(2026, 11, 21))[1] == [("W-RET", "due_on")]
    assert action(status=status, due_on=TODAY)[1] == []


def test_an_action_done_or_dropped_is_not_late() -> None:
    past = date(2026, 11, 2)
    assert action(status="Abandonné", due_on=past)[1] == []
    assert action(status="Fait", closed_on=past, due_on=past, proof_file="photo.jpg")[1] == []


def test_nothing_is_said_of_the_time_of_an_action_whose_status_could_not_be_read() -> None:
    assert action(status="peut-être", due_on=date(2026, 11, 2))[1] == [("E-LST", "status")]


# ------------------------------------------------------------------------------------------------------------ planners


def test_a_planner_with_months_across_gives_exercises_to_complete() -> None:
    grid = (("Service", "Janvier 2027", "Février 2027", "Mars 2027"), ("Urgences", "", "X", ""))
    rows = {
        number: {place: books.cell(number, place, text) for place, text in enumerate(texts, 1) if text}
        for number, texts in enumerate(grid, 1)
    }
    book = ReadBook((ReadSheet("Programme", rows=rows),))
    (row,) = check(EXERCISES, book, replace(FACTS, home=DIEPPE)).sheets[0].rows
    assert (row.status, row.finess, [fault.code for fault in row.faults]) == ("new", DIEPPE, ["G-REQ", "G-REQ"])
    assert (row.values["planned_on"], row.values["label"]) == (date(2027, 2, 28), "Urgences")
    assert (row.values["nature"], row.values["scenario"], row.values["status"]) == (None, None, "planned")
