"""K4: critical systems, backup platforms and restore tests, one sentence each."""

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
from importers.reading.sheet import ReadBook, ReadSheet
from importers.words import fold
from importers.workbooks.backups import BACKUPS, PLATFORMS, RESTORE_TESTS, SYSTEMS
from tests.importers import books

DIEPPE, EU = "760780023", "760780056"
TODAY = date(2026, 11, 22)
FACTS = Facts(
    scope_finess={DIEPPE: EstablishmentRef("1", DIEPPE, "CH de Dieppe"), EU: EstablishmentRef("2", EU, "CH de Eu")},
    today=TODAY,
    references={"Perimetres": {"URG-01": {DIEPPE}, "BIO-01": {EU}}, "SI_critiques": {"DPI-01": {DIEPPE}}},
)
SYSTEM: dict[str, object] = {
    "code": "DPI-01", "application": "Dossier patient", "finess_list": DIEPPE, "activities": "URG-01/3",
    "component": "Base de données", "hosting": "Interne", "plan": "Oui", "frequency_minutes": "4 h", "copies": 3,
    "media": 2, "offsite": "Oui", "pdma_minutes": "4 h", "rto_minutes": "8 h",
}  # fmt: skip
PLATFORM: dict[str, object] = {
    "product": "SauveData", "version": "12.1", "authentication": "AD dédié", "two_factor": "Activé", "ads_score": 3,
    "ads_on": date(2026, 10, 20), "finess_ej": DIEPPE,
}  # fmt: skip
TEST: dict[str, object] = {
    "code": "REST-01", "system_code": "DPI-01", "tested_on": date(2026, 10, 6), "kind": "Technique",
    "back_in_production": "Oui", "scope": "SRV-DPI-01; SRV-DPI-02", "volume": "850,5", "duration_minutes": "2h35",
    "result": "Réussi", "referent_function": "Cadre de santé", "test_book_file": "cahier.pdf",
}  # fmt: skip


def _checked(
    sheet: Sheet, row: Mapping[str, object], facts: Facts, changes: Mapping[str, Any]
) -> tuple[RowResult, list[tuple[str, str]]]:
    result = books.result(BACKUPS, sheet, facts, row, **changes)
    keys = {column.header("ght"): column.key for column in sheet.columns}
    return result, [(fault.code, keys[fault.column]) for fault in result.faults]


def system(facts: Facts = FACTS, **changes: Any) -> tuple[RowResult, list[tuple[str, str]]]:
    """A critical system after some changes, and what is said: code and column key."""
    return _checked(SYSTEMS, SYSTEM, facts, changes)


def platform(facts: Facts = FACTS, **changes: Any) -> tuple[RowResult, list[tuple[str, str]]]:
    """A backup platform after some changes."""
    return _checked(PLATFORMS, PLATFORM, facts, changes)


def restore(facts: Facts = FACTS, **changes: Any) -> tuple[RowResult, list[tuple[str, str]]]:
    """A restore test after some changes."""
    return _checked(RESTORE_TESTS, TEST, facts, changes)


# ------------------------------------------------------------------------------------------------------ specification


@pytest.mark.parametrize("sheet", BACKUPS.sheets, ids=lambda sheet: sheet.name)
def test_no_header_means_two_columns(sheet: Sheet) -> None:
    names = [(fold(name), column.key) for column in sheet.columns for name in set(column.names())]
    assert len({name for name, _ in names}) == len(set(names))


@pytest.mark.parametrize("sheet", BACKUPS.sheets, ids=lambda sheet: sheet.name)
def test_what_a_row_carries_is_what_its_register_keeps(sheet: Sheet) -> None:
    assert sheet.record is not None
    kept = set(sheet.record.__table__.columns.keys())
    technical = {"id", "establishment_id", "key", "withdrawn", "import_id", "undoes", "recorded_at", "recorded_by"}
    assert kept - technical == set(sheet.fields) - {"finess_ej"}


@pytest.mark.parametrize("sheet", BACKUPS.sheets, ids=lambda sheet: sheet.name)
def test_the_example_of_the_template_is_a_row_that_is_accepted(sheet: Sheet) -> None:
    row = {column.key: column.example for column in sheet.columns if column.example}
    known = replace(FACTS, scope_finess={"760780239": EstablishmentRef("1", "760780239", "CH")}, home="760780239")
    assert books.result(BACKUPS, sheet, known, row).status == "new"


# ------------------------------------------------------------------------------------------------------- SI_critiques


def test_a_critical_system_is_stored_as_typed() -> None:
    row, codes = system()
    assert (row.status, row.finess, row.own_key, codes) == ("new", DIEPPE, "DPI-01", [])
    assert row.values["finess_list"] == (DIEPPE,)
    assert (row.values["frequency_minutes"], row.values["rto_minutes"]) == (240, 480)


@pytest.mark.parametrize(
    "key",
    ["code", "application", "finess_list", "activities", "component", "hosting", "plan", "frequency_minutes"],
)
def test_each_required_column_of_a_system_must_be_answered(key: str) -> None:
    row, codes = system(**{key: None})
    assert ("E-REQ", key) in codes
    assert row.status == "rejected"


@pytest.mark.parametrize("typed", ["URG-01/03; bio-01", "urg-01 / 3\nBIO-01", "URG-01/3;BIO-01;URG-01 / 3"])
def test_the_activities_of_a_system_are_named_as_k1_names_them(typed: str) -> None:
    row, codes = system(activities=typed)
    assert (row.values["activities"], codes) == (("URG-01 / 3", "BIO-01"), [])


@pytest.mark.parametrize("typed", ["URG-01; STE-01/2", "Accueil des urgences", "URG-01; Paie / RH du siège"])
def test_an_activity_of_a_perimeter_that_nobody_has_is_to_be_attached(typed: str) -> None:
    row, codes = system(activities=typed)
    assert (row.status, codes) == ("new", [("G-REF", "activities")])


def test_the_activities_stored_can_be_typed_again() -> None:
    stored = system(activities="URG-01/3; BIO-01")[0].values
    again = system(activities=SYSTEMS.to_cells(stored)["activities"])[0]
    assert again.values["activities"] == stored["activities"]


@pytest.mark.parametrize("plan", ["Non", "En cours"])
def test_a_system_without_a_finished_backup_plan_is_a_gap(plan: str) -> None:
    row, codes = system(plan=plan)
    assert (row.status, codes) == ("new", [("G-REQ", "plan")])


def test_backups_further_apart_than_the_admitted_loss_are_a_gap() -> None:
    row, codes = system(frequency_minutes="1 j")
    assert (row.status, codes) == ("new", [("G-COH", "frequency_minutes")])
    assert system(frequency_minutes="1 j", pdma_minutes=None)[1] == []


@pytest.mark.parametrize(
    ("changes", "key", "lacking"),
    [
        ({"copies": 2}, "copies", "3 copies (il y en a 2)"),
        ({"media": 1}, "media", "2 supports (il y en a 1)"),
        ({"offsite": "Non"}, "offsite", "une copie hors site, hors ligne ou immuable"),
        ({"copies": None}, "copies", "le nombre de copies"),
        ({"media": 1, "offsite": None}, "media", "2 supports (il y en a 1) ; une copie hors site"),
    ],
)
def test_what_3_2_1_lacks_is_named(changes: dict[str, Any], key: str, lacking: str) -> None:
    row, codes = system(**changes)
    assert (row.status, codes) == ("new", [("W-321", key)])
    assert lacking in row.faults[0].reason


def test_a_copy_off_line_is_as_good_as_one_off_site() -> None:
    assert system(offsite="Non", offline="Oui")[1] == []


def test_nothing_is_said_of_3_2_1_when_an_answer_could_not_be_read() -> None:
    assert system(copies="trois", media=1)[1] == [("E-NUM", "copies")]


@pytest.mark.parametrize("key", ["retention_days", "copies", "media"])
def test_an_absurd_number_is_refused(key: str) -> None:
    assert system(**{key: 10**9})[1] == [("E-NUM", key)]


def test_a_plan_is_not_updated_in_the_future() -> None:
    assert system(plan_updated_on=date(2026, 11, 23))[1] == [("E-COH", "plan_updated_on")]


# --------------------------------------------------------------------------------------------------------- Plateforme


def test_a_platform_is_known_by_its_product_and_version() -> None:
    row, codes = platform()
    assert (row.status, row.finess, row.own_key, codes) == ("new", DIEPPE, "SauveData / 12.1", [])


def test_the_platform_of_a_single_establishment_needs_no_number() -> None:
    assert platform(replace(FACTS, home=EU), finess_ej=None)[0].finess == EU


@pytest.mark.parametrize("key", ["product", "version"])
def test_a_platform_without_product_or_version_is_refused(key: str) -> None:
    row, codes = platform(**{key: None})
    assert (row.status, codes) == ("rejected", [("E-REQ", key)])


@pytest.mark.parametrize("key", ["authentication", "two_factor"])
def test_how_people_enter_the_platform_may_remain_to_be_said(key: str) -> None:
    row, codes = platform(**{key: None})
    assert (row.status, codes) == ("new", [("G-REQ", key)])


@pytest.mark.parametrize("state", ["Possible non activé", "Impossible", "Non"])
def test_two_factors_that_are_not_on_are_justified(state: str) -> None:
    row, codes = platform(two_factor=state)
    assert (row.status, codes) == ("rejected", [("E-REQ", "two_factor_reason")])
    assert platform(two_factor=state, two_factor_reason="Produit trop ancien")[1] == []


@pytest.mark.parametrize("authentication", ["Comptes locaux", "AD de production", "Autre"])
def test_an_ads_score_is_that_of_a_dedicated_ad(authentication: str) -> None:
    row, codes = platform(authentication=authentication)
    assert (row.status, codes) == ("rejected", [("E-COH", "ads_score")])


@pytest.mark.parametrize("score", [0, 6])
def test_an_ads_score_goes_from_one_to_five(score: int) -> None:
    assert platform(ads_score=score)[1] == [("E-NUM", "ads_score")]


@pytest.mark.parametrize(("audited", "recent"), [(date(2026, 9, 23), True), (date(2026, 9, 22), False)])
def test_an_ads_audit_is_of_the_last_sixty_days(audited: date, recent: bool) -> None:
    row, codes = platform(ads_on=audited)
    assert (row.status, codes) == ("new", [] if recent else [("G-PER", "ads_on")])


def test_an_ads_audit_is_judged_at_the_filing() -> None:
    assert platform(replace(FACTS, filed_on=date(2026, 11, 1)), ads_on=date(2026, 9, 2))[1] == []


def test_an_ads_audit_is_not_in_the_future() -> None:
    assert platform(ads_on=date(2026, 11, 23))[1] == [("E-COH", "ads_on")]


@pytest.mark.parametrize(("planned", "soon"), [(date(2029, 11, 21), True), (date(2029, 11, 22), False)])
def test_a_partition_is_planned_under_three_years(planned: date, soon: bool) -> None:
    row, codes = platform(partition_on=planned)
    assert (row.status, codes) == ("new", [] if soon else [("W-COH", "partition_on")])


# ------------------------------------------------------------------------------------------------- Tests_restauration


def test_a_restore_test_follows_its_system() -> None:
    row, codes = restore()
    assert (row.status, row.finess, row.own_key, codes) == ("new", DIEPPE, "REST-01", [])
    assert row.values["scope"] == ("SRV-DPI-01", "SRV-DPI-02")
    assert row.values["duration_minutes"] == 155
    assert "volume" not in row.values


@pytest.mark.parametrize(
    "key", ["code", "system_code", "tested_on", "kind", "back_in_production", "scope", "duration_minutes", "result"]
)
def test_each_required_column_of_a_restore_test_must_be_answered(key: str) -> None:
    row, codes = restore(**{key: None})
    assert ("E-REQ", key) in codes
    assert row.status == "rejected"


def test_the_test_of_a_system_not_imported_yet_is_to_be_attached() -> None:
    row, codes = restore(replace(FACTS, support=EU), system_code="PAIE-01", finess_ej=EU)
    assert (row.status, row.finess, codes) == ("new", EU, [("G-REF", "system_code")])


def test_a_restore_test_is_not_in_the_future() -> None:
    row, codes = restore(tested_on=date(2026, 11, 23))
    assert (row.status, codes) == ("rejected", [("E-COH", "tested_on")])


@pytest.mark.parametrize(("tested", "counts"), [(date(2025, 7, 15), False), (date(2025, 7, 16), True)])
def test_a_test_before_the_operational_phase_is_kept_and_does_not_count(tested: date, counts: bool) -> None:
    row, codes = restore(tested_on=tested)
    assert (row.status, codes) == ("new", [] if counts else [("G-PER", "tested_on")])


def test_a_test_after_the_filing_is_kept_and_does_not_count() -> None:
    assert restore(replace(FACTS, filed_on=date(2026, 10, 5)))[1] == [("G-PER", "tested_on")]


@pytest.mark.parametrize(
    ("typed", "volume"),
    [
        ("850,5", "850.5"), (1.234, "1.234"), (850, "850"), ("850 Go", "850"), ("1.2TB", "1200"), ("1,2 To", "1200"),
        ("500 MB", "0.5"), ("500 mo", "0.5"), ("2 GiB", "2"), ("1 234,5 Go", "1234.5"), ("64G", "64"),
        ("1500000000 octets", "1.5"), ("0,002 Po", "2000"),
    ],
)  # fmt: skip
def test_a_volume_is_kept_in_go_whatever_its_unit(typed: object, volume: str) -> None:
    row, codes = restore(volume=typed)
    assert (row.values["volume_go"], codes) == (Decimal(volume), [])


@pytest.mark.parametrize("typed", ["beaucoup", "12 paquets", "1,234", "-5 Go"])
def test_a_volume_that_is_not_one_is_refused(typed: str) -> None:
    row, codes = restore(volume=typed)
    assert (row.status, codes) == ("rejected", [("E-NUM", "volume")])


def test_a_volume_may_be_left_out() -> None:
    row, codes = restore(volume=None)
    assert (row.status, row.values["volume_go"], codes) == ("new", None, [])


def test_a_volume_stored_can_be_typed_again() -> None:
    stored = restore(volume="1,2345 To")[0].values
    assert restore(volume=RESTORE_TESTS.to_cells(stored)["volume"])[0].values["volume_go"] == Decimal("1234.5")


def test_a_volume_stored_is_kept_when_the_file_has_no_such_column() -> None:
    stored = {f"{DIEPPE}/REST-01": dict(restore()[0].values)}
    known = replace(FACTS, existing={"Tests_restauration": stored})
    columns = tuple(column for column in RESTORE_TESTS.columns if column.key != "volume")
    typed = {key: value for key, value in TEST.items() if key != "volume"} | {"finess_ej": DIEPPE}
    sheet = books.read_sheet(replace(RESTORE_TESTS, columns=columns), [typed])
    (row,) = check(BACKUPS, ReadBook((sheet,)), known).sheets[0].rows
    assert (row.status, row.values["volume_go"]) == ("unchanged", Decimal("850.5"))


def test_a_test_slower_or_more_lossy_than_its_system_asks_is_told() -> None:
    targets = {f"{DIEPPE}/DPI-01": {"code": "DPI-01", "rto_minutes": 480, "pdma_minutes": 240}}
    known = replace(FACTS, existing={"SI_critiques": targets})
    assert restore(known, rto_minutes="8 h", rpo_minutes="4 h")[1] == []
    row, codes = restore(known, rto_minutes="9 h", rpo_minutes="1 j")
    assert (row.status, codes) == ("new", [("W-OBJ", "rto_minutes"), ("W-OBJ", "rpo_minutes")])
    assert restore(known, finess_ej=EU, rto_minutes="9 h")[1] == [("W-OBJ", "rto_minutes")]


@pytest.mark.parametrize("result", ["Partiel", "Échec", "KO"])
def test_a_test_not_fully_successful_describes_its_anomalies(result: str) -> None:
    row, codes = restore(result=result)
    assert (row.status, codes) == ("new", [("G-REQ", "anomalies")])
    assert restore(result=result, anomalies="Base restaurée sans index")[1] == []


@pytest.mark.parametrize(
    ("typed", "value"), [("OK", "success"), ("Success", "success"), ("Warning", "partial"), ("Failed", "failure")]
)
def test_the_status_of_a_tool_is_understood(typed: str, value: str) -> None:
    assert restore(result=typed, anomalies="voir le journal")[0].values["result"] == value


def test_the_name_of_the_business_referent_is_neither_kept_nor_repeated() -> None:
    row, codes = restore(referent_function="Paul DURAND")
    assert codes == [("W-NOM", "referent_function"), ("G-REQ", "referent_function")]
    assert (row.status, row.values["referent_function"]) == ("new", None)
    assert "DURAND" not in str(row.faults)


def test_a_test_book_still_to_be_given_is_a_gap() -> None:
    assert restore(test_book_file=None)[1] == [("G-REQ", "test_book_file")]
    assert restore(replace(FACTS, files=()))[1] == [("G-REF", "test_book_file")]


def test_the_export_of_a_tool_is_recognised_with_the_unit_of_its_header() -> None:
    titles = ("Test ID", "System", "Job name", "Start time", "Restore type", "Restored to production", "Duration",
              "Size (MB)", "Status", "Business owner", "Report file")  # fmt: skip
    values = ("REST-07", "DPI-01", "SRV-1; SRV-2", "06/10/2026", "technical", "yes", "02:35:00", "512000", "Success",
              "Cadre de santé", "cahier.pdf")  # fmt: skip
    rows = {
        number: {place: books.cell(number, place, text) for place, text in enumerate(texts, 1)}
        for number, texts in ((1, titles), (2, values))
    }
    (found,) = check(BACKUPS, ReadBook((ReadSheet("Export", rows=rows),)), FACTS).sheets
    (row,) = found.rows
    assert (found.layout, row.status, row.faults) == ("Tests_restauration", "new", ())
    assert (row.values["volume_go"], row.values["duration_minutes"]) == (Decimal(512), 155)
    assert row.values["tested_on"] == date(2026, 10, 6)
