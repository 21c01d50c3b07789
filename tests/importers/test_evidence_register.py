"""The rules of K5, one sentence each."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from compliance.models.register import Register
from importers.facts import EstablishmentRef, Facts
from importers.report import RowResult
from importers.words import fold
from importers.workbooks.evidence_register import ENTRIES, EVIDENCE_REGISTER, MEETINGS, MILESTONES
from tests.importers import books

DIEPPE, EU = "760780023", "760780056"
FACTS = Facts(
    scope_finess={number: EstablishmentRef(f"id-{number}", number, name) for number, name in
                  ((DIEPPE, "CH de Dieppe"), (EU, "CH de Eu"))},
    today=date(2026, 11, 22),
    group_code="GHT-76-01",
    support=DIEPPE,
    objectives=("D2.P1", "D2.P2", "D2.O1.A", "D2.O1.C", "D2.O1.D", "D2.O2.A", "D2.O3.A", "D2.O3.C", "D2.O4"),
)  # fmt: skip
FILED = replace(FACTS, filed_on=date(2026, 11, 1))

ENTRY = {
    "code": "PR-01", "objectives": "O1.C", "holder": EU, "document_type": "PCA", "title": "PCA des urgences",
    "file": "PCA_URG.pdf", "version": "v1", "document_on": date(2026, 5, 20), "validated_on": date(2026, 6, 2),
    "approver": "CODIR", "status": "Validée", "nominative": "Non", "diffusion": "GHT",
}  # fmt: skip
STEP = {
    "code": "J-01", "title": "Copie hors ligne en service", "objectives": "O3.C", "holder": EU,
    "due_on": date(2026, 10, 31), "pilot_function": "RSSI", "progress": "60 %", "status": "En cours",
}  # fmt: skip
MEETING = {
    "held_on": date(2026, 6, 2), "body": "CODIR", "agenda": "PCA", "decisions": "PCA validé", "objectives": "O1.A",
    "attendees": 14, "minutes_file": "PV_CODIR.pdf", "holder": EU,
}  # fmt: skip


def entry(facts: Facts = FACTS, **changes: object) -> tuple[RowResult, list[tuple[str, str]]]:
    """A proof after these cells were typed; and what is said: code and column key."""
    return _one(ENTRIES, facts, ENTRY, changes)


def step(facts: Facts = FACTS, **changes: object) -> tuple[RowResult, list[tuple[str, str]]]:
    """A milestone after these cells were typed."""
    return _one(MILESTONES, facts, STEP, changes)


def meeting(facts: Facts = FACTS, **changes: object) -> tuple[RowResult, list[tuple[str, str]]]:
    """A meeting after these cells were typed."""
    return _one(MEETINGS, facts, MEETING, changes)


def _one(sheet, facts, typed, changes):
    row = books.result(EVIDENCE_REGISTER, sheet, facts, typed, **changes)
    return row, said(sheet, row)


def said(sheet, row: RowResult) -> list[tuple[str, str]]:
    """Code and column key of each remark."""
    keys = {column.header("ght"): column.key for column in sheet.columns}
    return [(fault.code, keys[fault.column]) for fault in row.faults]


# ------------------------------------------------------------------------------------------------------ specification


@pytest.mark.parametrize("sheet", EVIDENCE_REGISTER.sheets, ids=lambda sheet: sheet.name)
def test_the_fields_of_a_sheet_are_the_data_columns_of_its_table(sheet) -> None:
    assert sheet.record is not None
    added = {"id", "establishment_id", "recorded_at", "recorded_by", *Register.__annotations__}
    assert set(sheet.record.__table__.columns.keys()) - added == set(sheet.fields)


@pytest.mark.parametrize("sheet", EVIDENCE_REGISTER.sheets, ids=lambda sheet: sheet.name)
def test_no_header_means_two_columns(sheet) -> None:
    names = Counter(name for column in sheet.columns for name in {fold(each) for each in column.names()})
    assert [name for name, count in names.items() if count > 1] == []


def test_no_word_means_two_values_of_a_list() -> None:
    for sheet in EVIDENCE_REGISTER.sheets:
        for column in sheet.columns:
            words = Counter(
                word for choice in column.choices for word in {fold(each) for each in (choice.label, *choice.synonyms)}
            )
            assert [word for word, count in words.items() if count > 1] == [], column.label


# ------------------------------------------------------------------------------------------------------------- Preuves


def test_a_clean_proof_is_stored_as_typed() -> None:
    row, codes = entry()
    assert codes == []
    assert (row.status, row.own_key, row.finess) == ("new", "PR-01", EU)
    assert row.values["objectives"] == ("D2.O1.C",)
    assert (row.values["document_type"], row.values["status"], row.values["nominative"]) == ("pca", "validated", False)


@pytest.mark.parametrize("key", ["code", "objectives", "document_type", "title", "document_on", "status", "nominative"])
def test_each_required_column_of_a_proof_must_be_answered(key: str) -> None:
    row, codes = entry(**{key: None})
    assert ("E-REQ", key) in codes
    assert row.status == "rejected"


def test_a_proof_of_the_whole_ght_is_written_under_its_support() -> None:
    row, codes = entry(holder="GHT 76-01")
    assert (row.finess, row.values["holder"], codes) == (DIEPPE, "GHT-76-01", [])


def test_without_a_holder_the_proof_is_the_ghts_and_in_an_establishment_its_own() -> None:
    assert entry(holder=None)[0].values["holder"] == "GHT-76-01"
    alone = replace(FACTS, home=EU, group_code="", support="", scope_finess={EU: FACTS.scope_finess[EU]})
    assert entry(alone, holder=None)[0].values["holder"] == EU


@pytest.mark.parametrize(
    ("typed", "read"),
    [("P1; o2.a", ("D2.P1", "D2.O2.A")), ("D2. 01. C", ("D2.O1.C",)), ("O1C/O1-d", ("D2.O1.C", "D2.O1.D")),
     ("O3.A\nO3.C", ("D2.O3.A", "D2.O3.C"))],
)  # fmt: skip
def test_objectives_are_read_however_spelled_and_split(typed: str, read: tuple[str, ...]) -> None:
    assert entry(objectives=typed, file=None)[0].values["objectives"] == read


@pytest.mark.parametrize(("typed", "what"), [("Manquante", "manque"), ("Brouillon", "est en rédaction")])
def test_a_document_that_does_not_exist_yet_is_an_honest_gap(typed: str, what: str) -> None:
    row, codes = entry(status=typed, file=None, document_on=None, validated_on=None, approver=None)
    assert (row.status, codes) == ("new", [("G-REQ", "file")])
    assert row.faults[0].reason == f"Cette pièce {what}."


def test_a_document_without_a_file_name_is_stored_and_shown() -> None:
    row, codes = entry(file=None)
    assert (row.status, codes) == ("new", [("G-REQ", "file")])


def test_approved_without_a_day_is_a_gap() -> None:
    row, codes = entry(status="validé", validated_on=None)
    assert (row.status, codes) == ("new", [("G-REQ", "validated_on")])
    assert entry(status="À valider", validated_on=None)[1] == []


def test_what_is_done_is_not_in_the_future() -> None:
    assert entry(document_on=date(2026, 11, 23), validated_on=None, status="À valider")[1] == [("E-COH", "document_on")]
    assert entry(validated_on=date(2026, 11, 23))[1] == [("E-COH", "validated_on")]
    assert entry(document_on=date(2026, 11, 22), validated_on=date(2026, 11, 22))[1] == []
    assert entry(status="En rédaction", document_on=date(2027, 1, 15), validated_on=None)[1] == []


def test_an_approval_older_than_its_document_is_told() -> None:
    assert entry(validated_on=date(2026, 5, 19))[1] == [("W-COH", "validated_on")]


# Windows: the approval where there is one, else the date of the document.


@pytest.mark.parametrize("objective", ["P1", "O2.A"])
def test_the_policy_dates_from_three_years_before_the_phase_at_most(objective: str) -> None:
    old, first = date(2022, 7, 15), date(2022, 7, 16)
    row, codes = entry(objectives=objective, document_on=old, validated_on=None, status="À valider")
    assert (row.status, codes) == ("new", [("G-PER", "document_on")])
    assert "à partir du 16/07/2022" in row.faults[0].reason
    assert entry(objectives=objective, document_on=first, validated_on=None, status="À valider")[1] == []


def test_an_old_policy_reviewed_within_the_window_is_current() -> None:
    assert entry(objectives="P1", document_on=date(2020, 1, 1), validated_on=date(2023, 1, 1))[1] == []
    assert entry(objectives="P1", document_on=date(2020, 1, 1), validated_on=date(2021, 1, 1))[1] == [
        ("G-PER", "validated_on")
    ]


def test_a_backup_policy_is_approved_before_the_declaration() -> None:
    late = {"objectives": "O2.A", "document_type": "Politique de sauvegarde", "validated_on": date(2026, 11, 2)}
    assert entry(FILED, **late)[1] == [("G-PER", "validated_on")]
    assert entry(FACTS, **late)[1] == []


def test_other_objectives_have_no_window() -> None:
    assert entry(objectives="O1.C", document_on=date(2016, 1, 1), validated_on=date(2016, 2, 1))[1] == []


@pytest.mark.parametrize("kind", ["RETEX", "Scénario"])
def test_a_field_test_lies_within_the_operational_phase(kind: str) -> None:
    cells = {"objectives": "O1.D", "document_type": kind, "validated_on": None, "status": "À valider"}
    assert entry(**cells, document_on=date(2025, 7, 15))[1] == [("G-PER", "document_on")]
    assert entry(**cells, document_on=date(2025, 7, 16))[1] == []
    assert entry(FILED, **cells, document_on=date(2026, 11, 2))[1] == [("G-PER", "document_on")]


def test_the_plan_that_was_tested_may_be_older_than_the_phase() -> None:
    assert entry(objectives="O1.D", document_on=date(2024, 1, 1), validated_on=date(2024, 2, 1))[1] == []


def test_a_test_book_of_restoration_lies_within_the_operational_phase() -> None:
    cells = {"objectives": "O4", "document_type": "Cahier de tests", "validated_on": None, "status": "Transmise"}
    assert entry(**cells, document_on=date(2025, 7, 15))[1] == [("G-PER", "document_on")]
    assert entry(**cells, document_on=date(2025, 7, 16))[1] == []


@pytest.mark.parametrize(
    ("facts", "measured", "codes"),
    [
        (FILED, date(2026, 9, 2), []),
        (FILED, date(2026, 9, 1), [("G-PER", "document_on")]),
        (FILED, date(2026, 11, 2), [("G-PER", "document_on")]),
        (FACTS, date(2026, 9, 23), []),
        (FACTS, date(2026, 9, 22), [("G-PER", "document_on")]),
    ],
)
def test_an_ads_score_is_measured_in_the_sixty_days_before_the_declaration(facts, measured, codes) -> None:
    cells = {"objectives": "O3.A", "document_type": "ORADAD", "validated_on": None, "status": "À valider"}
    assert entry(facts, **cells, document_on=measured)[1] == codes
    assert entry(facts, **{**cells, "document_type": "Gestion des rôles"}, document_on=measured)[1] == []


# Files.


def test_a_file_that_was_not_uploaded_is_a_gap_and_names_are_compared_in_nfc() -> None:
    facts = replace(FACTS, files={"Procédure dégradée.pdf"})
    row, codes = entry(facts, file="PCA.pdf")
    assert (row.status, codes) == ("new", [("G-REF", "file")])
    decomposed = unicodedata.normalize("NFD", "Procédure dégradée.pdf")
    assert decomposed != "Procédure dégradée.pdf"
    assert entry(facts, file=decomposed)[1] == []


@pytest.mark.parametrize(
    "typed",
    [r"\\serveur\partage\PCA.pdf", "https://chu.sharepoint.com/PCA.pdf", r"S:\Qualité\PCA.pdf"],
)
def test_a_network_drive_or_a_link_is_refused(typed: str) -> None:
    row, codes = entry(file=typed)
    assert (row.status, codes) == ("rejected", [("E-TXT", "file")])


def rows_of(*changes: dict[str, object]) -> list[list[tuple[str, str]]]:
    """What is said of several proofs, one after the other."""
    typed = [{**ENTRY, "code": f"PR-{number}", **change} for number, change in enumerate(changes, 10)]
    return [said(ENTRIES, row) for row in books.results(EVIDENCE_REGISTER, ENTRIES, typed, FACTS)]


def test_one_name_for_two_contents_is_told() -> None:
    assert rows_of({}, {"document_on": date(2026, 5, 21)}) == [[], [("W-DUP", "file")]]
    assert rows_of({}, {"document_type": "RETEX"}) == [[], [("W-DUP", "file")]]


def test_one_file_may_prove_several_things() -> None:
    assert rows_of({}, {"objectives": "O1.D"}, {"document_type": "PRA"}) == [[], [], []]


def test_two_establishments_may_have_a_file_of_the_same_name() -> None:
    assert rows_of({}, {"holder": DIEPPE, "document_on": date(2026, 1, 1)}) == [[], []]


# Names.


def test_names_read_by_the_ars_are_to_be_confirmed() -> None:
    row, codes = entry(nominative="Oui", diffusion="ARS")
    assert (row.status, codes) == ("new", [("W-DIF", "diffusion")])
    assert entry(nominative="Oui", diffusion="Interne")[1] == []
    assert entry(nominative="Non", diffusion="ARS")[1] == []


@pytest.mark.parametrize(
    "cells",
    [
        {"document_type": "Liste des référents métier"},
        {"document_type": "BIA", "title": "Correspondants par application"},
    ],
)
def test_the_contacts_of_o4_hold_no_name(cells: dict[str, object]) -> None:
    row, codes = entry(objectives="O1.C; O4", nominative="Oui", **cells)
    assert (row.status, codes) == ("rejected", [("E-COH", "nominative")])
    assert entry(objectives="O4", nominative="Non", **cells)[1] == []


def test_a_test_book_of_o4_may_hold_names() -> None:
    cells = {"objectives": "O4", "document_type": "Cahier de tests", "title": "Test de restauration du DPI"}
    assert entry(**cells, nominative="Oui")[1] == []


def test_a_person_who_signed_is_not_stored_nor_repeated() -> None:
    row, codes = entry(approver="Dr Camille Durand")
    assert codes == [("W-NOM", "approver")]
    assert row.values["approver"] is None
    assert "Durand" not in str(row.faults)


# -------------------------------------------------------------------------------------------------------------- Jalons


def test_a_clean_milestone_is_stored_as_typed() -> None:
    row, codes = step()
    assert codes == []
    assert (row.own_key, row.finess) == ("J-01", EU)
    assert row.values["progress"] == Decimal(60)
    assert row.values["status"] == "in_progress"


@pytest.mark.parametrize("key", ["code", "title", "objectives", "due_on", "status"])
def test_each_required_column_of_a_milestone_must_be_answered(key: str) -> None:
    row, codes = step(**{key: None})
    assert ("E-REQ", key) in codes
    assert row.status == "rejected"


def test_a_milestone_without_a_pilot_is_a_gap_and_a_name_is_not_stored() -> None:
    row, codes = step(pilot_function=None)
    assert (row.status, codes) == ("new", [("G-REQ", "pilot_function")])
    row, codes = step(pilot_function="M. Paul Martin")
    assert (row.values["pilot_function"], codes) == (None, [("W-NOM", "pilot_function")])


REACHED = {"status": "Atteint", "progress": "100 %", "reached_on": date(2026, 10, 1), "evidence": "PR-01"}
KNOWN = replace(FACTS, references={"Preuves": {"PR-01": {EU}}})


def test_a_milestone_reached_has_its_day_and_its_proof() -> None:
    assert step(KNOWN, **REACHED)[1] == []
    row, codes = step(KNOWN, **{**REACHED, "reached_on": None})
    assert (row.status, codes) == ("rejected", [("E-REQ", "reached_on")])
    row, codes = step(KNOWN, **{**REACHED, "evidence": None})
    assert (row.status, codes) == ("new", [("W-PRE", "evidence")])


def test_a_milestone_is_not_reached_in_the_future() -> None:
    assert step(KNOWN, **{**REACHED, "reached_on": date(2026, 11, 23)})[1] == [("E-COH", "reached_on")]


def test_a_proof_that_nobody_has_yet_is_to_be_attached() -> None:
    row, codes = step(KNOWN, **{**REACHED, "evidence": "PR-01; PR-99"})
    assert (row.status, codes) == ("new", [("G-REF", "evidence")])
    assert row.values["evidence"] == ("PR-01", "PR-99")


def test_a_whole_progress_that_is_not_reached_is_told() -> None:
    assert step(progress="100 %")[1] == [("W-COH", "status")]
    assert step(progress="99 %")[1] == []


def test_a_due_date_after_the_declaration_is_told() -> None:
    assert step(FILED, due_on=date(2026, 11, 2))[1] == [("W-PER", "due_on")]
    assert step(FILED, due_on=date(2026, 11, 1))[1] == []
    assert step(FACTS, due_on=date(2027, 11, 2))[1] == []


def test_a_due_date_may_be_a_quarter() -> None:
    row, codes = step(due_on="T4 2026")
    assert (row.values["due_on"], codes) == (date(2026, 12, 31), [("W-DAT", "due_on")])


# ----------------------------------------------------------------------------------------------------------- Instances


def test_a_meeting_is_known_by_its_body_and_its_day() -> None:
    row, codes = meeting()
    assert (row.own_key, row.values["attendees"], codes) == ("CODIR du 02/06/2026", 14, [])
    assert meeting(body="  Comité  GHT ")[0].own_key == meeting(body="comite ght")[0].own_key


@pytest.mark.parametrize("key", ["held_on", "body"])
def test_a_meeting_has_a_day_and_a_body(key: str) -> None:
    row, codes = meeting(**{key: None})
    assert (row.status, codes) == ("rejected", [("E-REQ", key)])


def test_minutes_are_asked_of_a_meeting_that_took_place() -> None:
    row, codes = meeting(minutes_file=None)
    assert (row.status, codes) == ("new", [("G-REQ", "minutes_file")])
    assert meeting(minutes_file=None, held_on=date(2026, 11, 22))[1] == [("G-REQ", "minutes_file")]
    assert meeting(minutes_file=None, held_on=date(2026, 12, 15))[1] == []


def test_minutes_that_were_not_uploaded_are_a_gap() -> None:
    assert meeting(replace(FACTS, files=set()))[1] == [("G-REF", "minutes_file")]


def test_a_meeting_without_a_holder_is_the_ghts() -> None:
    row, codes = meeting(holder=None)
    assert (row.values["holder"], row.finess, codes) == ("GHT-76-01", DIEPPE, [])


def test_rules_are_silent_about_what_could_not_be_read() -> None:
    assert entry(document_on="hier")[1] == [("E-DAT", "document_on")]
    assert entry(status="?", file=None, document_on=None, validated_on=None)[1] == [("E-LST", "status")]
    assert step(status="?", progress="100 %")[1] == [("E-LST", "status")]
    assert meeting(held_on="hier", minutes_file=None)[1] == [("E-DAT", "held_on")]
