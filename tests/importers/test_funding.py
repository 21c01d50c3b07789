"""The rules of K6, one sentence each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from compliance.programme.vat import load
from importers.base import Sheet
from importers.check import RowResult, check
from importers.facts import Facts
from importers.reading.sheet import ReadBook, ReadSheet
from importers.words import fold
from importers.workbooks.funding import EXPENSES, FUNDING, FUNDINGS, LETTERS
from importers.workbooks.funding_rules import expense_key
from tests.importers import books
from tests.importers.kits import Member, facts_for

DIEPPE, EU = "760780023", "760780056"
SIRET, OTHER = "12345678200010", "12345678200028"
FACTS = facts_for(
    (Member(DIEPPE, "CH de Dieppe"), Member(EU, "CH de Eu")),
    support=DIEPPE,
    group_code="GHT-76",
    objectives={"D2.O1.C", "D2.O2.B"},
)
ALONE = replace(FACTS, home=EU, group_code="", support="")

INVOICE = {
    "line_number": "12", "finess_ej": DIEPPE, "objective": "O1.C", "nature": "Prestation", "supplier": "Conseil Exemple",
    "siret": SIRET, "invoice_number": "F-123", "invoiced_on": date(2026, 3, 31), "net_cents": 1000, "vat_rate": "20",
    "vat_cents": 200, "gross_cents": 1200, "share_percent": "50 %", "charged_cents": 600, "receipt": "F-123.pdf",
}  # fmt: skip
STAFF = {
    "line_number": "13", "finess_ej": DIEPPE, "objective": "O1.C", "nature": "Temps interne", "net_cents": 1260,
    "gross_cents": 1260, "share_percent": 100, "receipt": "lettre.pdf", "hours": "31,5", "hourly_rate_cents": 40,
}  # fmt: skip
GRANT = {"scheme": "CaRE D2", "holder": DIEPPE, "notified_cents": 180000, "reference": "ARS-2026-114"}


def said(sheet: Sheet, row: RowResult) -> list[tuple[str, str]]:
    """What is said of a row: code, and key of the column."""
    keys = {column.header("ght"): column.key for column in sheet.columns}
    return [(fault.code, keys[fault.column]) for fault in row.faults]


def expense(facts: Facts = FACTS, **cells: object) -> tuple[RowResult, list[tuple[str, str]]]:
    row = books.result(FUNDING, EXPENSES, facts, INVOICE, **cells)
    return row, said(EXPENSES, row)


def staff(facts: Facts = FACTS, **cells: object) -> tuple[RowResult, list[tuple[str, str]]]:
    row = books.result(FUNDING, EXPENSES, facts, STAFF, **cells)
    return row, said(EXPENSES, row)


def grant(facts: Facts = FACTS, **cells: object) -> tuple[RowResult, list[tuple[str, str]]]:
    row = books.result(FUNDING, FUNDINGS, facts, GRANT, **cells)
    return row, said(FUNDINGS, row)


def stored(*keys: str) -> Facts:
    return replace(FACTS, existing={"Depenses": {key: {} for key in keys}})


# ------------------------------------------------------------------------------------------------------ specification


@pytest.mark.parametrize("sheet", FUNDING.sheets, ids=lambda sheet: sheet.name)
def test_the_example_of_the_template_is_a_row_without_remark(sheet: Sheet) -> None:
    facts = facts_for((Member("760780239", "CH de l’Exemple"),), objectives={"D2.O1.C"})
    typed = {column.key: column.example for column in sheet.columns if column.example != ""}
    row = books.result(FUNDING, sheet, facts, typed)
    assert (row.status, said(sheet, row)) == ("new", [])


@pytest.mark.parametrize("sheet", FUNDING.sheets, ids=lambda sheet: sheet.name)
def test_the_fields_of_a_sheet_are_the_columns_of_its_register(sheet: Sheet) -> None:
    assert sheet.record is not None
    kept = {"id", "establishment_id", "key", "withdrawn", "import_id", "undoes", "recorded_at", "recorded_by"}
    assert set(sheet.fields) - {"finess_ej"} == {column.name for column in sheet.record.__table__.columns} - kept


@pytest.mark.parametrize("sheet", FUNDING.sheets, ids=lambda sheet: sheet.name)
def test_no_header_means_two_columns(sheet: Sheet) -> None:
    owners: dict[str, set[str]] = {}
    for column in sheet.columns:
        for name in column.names():
            owners.setdefault(fold(name), set()).add(column.key)
    assert {name: keys for name, keys in owners.items() if len(keys) > 1} == {}


# ----------------------------------------------------------------------------------------------------------- expenses


def test_a_clean_invoice_is_stored_in_cents() -> None:
    row, codes = expense(section="Fonctionnement", market="UNIHA", status="réglée", paid_on=date(2026, 4, 30))
    assert (row.status, codes, row.own_key, row.finess) == ("new", [], f"{SIRET} / F-123", DIEPPE)
    values = row.values
    assert (values["net_cents"], values["vat_cents"], values["gross_cents"], values["charged_cents"]) == (
        100000, 20000, 120000, 60000,
    )  # fmt: skip
    assert (values["vat_rate"], values["share_percent"], values["objective"]) == ("20", Decimal(50), "D2.O1.C")
    assert (values["section"], values["market"], values["status"]) == ("operating", "uniha", "paid")


@pytest.mark.parametrize(
    "key", ["objective", "nature", "net_cents", "gross_cents", "share_percent", "supplier", "siret", "invoice_number", "invoiced_on"]
)  # fmt: skip
def test_each_required_column_must_be_answered(key: str) -> None:
    row, codes = expense(**{key: None})
    assert (row.status, codes) == ("rejected", [("E-REQ", key)])


def test_the_establishment_is_asked_in_a_group_and_known_in_an_establishment() -> None:
    assert expense(finess_ej=None)[1] == [("E-REQ", "finess_ej")]
    assert expense(ALONE, finess_ej=None)[0].finess == EU


def test_the_line_number_is_asked_where_nothing_else_names_the_expense() -> None:
    assert expense(line_number=None)[1] == []
    assert expense(line_number=None, siret=None)[1] == [("E-REQ", "siret"), ("E-REQ", "line_number")]
    assert staff(line_number=None)[1] == [("E-REQ", "line_number")]


def test_a_receipt_that_is_missing_is_an_honest_gap() -> None:
    row, codes = expense(receipt=None)
    assert (row.status, codes) == ("new", [("G-REQ", "receipt")])
    row, codes = expense(replace(FACTS, files=set()))
    assert (row.status, codes) == ("new", [("G-REF", "receipt")])


def test_an_objective_that_does_not_exist_is_refused() -> None:
    assert expense(objective="D2.O9.Z")[1] == [("E-REF", "objective")]


@pytest.mark.parametrize(
    ("typed", "rate"),
    [
        ("20", "20"), ("20 %", "20"), ("20,0", "20"), ("20,00%", "20"), (20, "20"), (0.2, "20"), (0.1, "10"),
        ("10,0 %", "10"), ("5,5", "5.5"), ("5.5 %", "5.5"), ("5,50", "5.5"), (5.5, "5.5"), (0.055, "5.5"), (2.1, "2.1"),
        (0.021, "2.1"), ("8,5 %", "8.5"), (0.085, "8.5"), (0, "0"), ("0 %", "0"), ("exonéré", "0"), ("taux normal", "20"),
    ],
)  # fmt: skip
def test_a_rate_is_read_as_typed_or_as_a_spreadsheet_keeps_it(typed: object, rate: str) -> None:
    assert expense(vat_rate=typed, vat_cents=None)[0].values["vat_rate"] == rate


@pytest.mark.parametrize("typed", ["19,6", "0,2 %", 0.5, "normale ou réduite"])
def test_another_rate_is_refused(typed: object) -> None:
    assert expense(vat_rate=typed)[1] == [("E-LST", "vat_rate")]


@pytest.mark.parametrize(
    ("net", "vat", "gross", "codes"),
    [
        ("1 000,00", "200,02", "1 200,00", []),
        ("1 000,00", "200,02", "1 200,04", []),
        ("1 000,00", "200,00", "1 200,03", [("E-COH", "gross_cents")]),
        ("1 000,00", "200,03", "1 200,03", [("E-COH", "vat_cents")]),
        ("1 000,00", None, "1 250,00", []),
        ("1 000,00", "300,00", "1 200,00", [("E-COH", "gross_cents"), ("E-COH", "vat_cents")]),
        ("33,33", "6,67", "40,00", []),
    ],
)
def test_ht_tva_and_ttc_agree_to_two_cents(net: str, vat: str | None, gross: str, codes: list[tuple[str, str]]) -> None:
    cells = {"net_cents": net, "vat_cents": vat, "gross_cents": gross, "charged_cents": None}
    assert expense(**cells)[1] == codes


def test_an_invoice_with_several_rates_leaves_the_rate_blank() -> None:
    assert expense(vat_rate=None, vat_cents=155, gross_cents=1155)[1] == []


def test_ht_and_ttc_typed_one_for_the_other_are_told_once() -> None:
    row, codes = expense(net_cents=1200, gross_cents=1000)
    assert (row.status, codes) == ("rejected", [("E-COH", "gross_cents")])
    assert "inversés" in row.faults[0].remedy


def test_ht_and_ttc_have_the_same_sign() -> None:
    assert expense(net_cents=-1000, notes="avoir F-1", charged_cents=None)[1] == [("E-COH", "gross_cents")]


def test_the_amounts_are_not_judged_while_one_is_unreadable() -> None:
    assert expense(net_cents="mille")[1] == [("E-NUM", "net_cents")]


@pytest.mark.parametrize(
    ("charged", "codes"), [(1200, []), ("1200,01", [("E-COH", "charged_cents")]), (-1, [("E-COH", "charged_cents")])]
)
def test_what_is_charged_is_at_most_what_was_spent(charged: object, codes: list[tuple[str, str]]) -> None:
    assert expense(charged_cents=charged)[1] == codes


# ------------------------------------------------------------------------------------------------------- credit notes

CREDIT = {"net_cents": -1000, "vat_cents": -200, "gross_cents": "(1 200,00)", "charged_cents": -600}


def test_a_credit_note_cites_its_invoice_in_the_notes() -> None:
    row, codes = expense(**CREDIT, invoice_number="AV-7", notes="Avoir sur la facture F-123")
    assert (row.status, codes, row.own_key) == ("new", [], f"{SIRET} / AV-7 / avoir")
    assert row.values["gross_cents"] == -120000


def test_a_credit_note_cites_its_invoice_in_its_number() -> None:
    assert expense(**CREDIT, invoice_number="AV-7 sur F-123")[1] == []


def test_a_credit_note_may_bear_the_number_of_the_invoice_it_corrects() -> None:
    rows = books.results(FUNDING, EXPENSES, [INVOICE, {**INVOICE, **CREDIT}], FACTS)
    assert [(row.status, row.faults) for row in rows] == [("new", ()), ("new", ())]
    assert expense(stored(f"{DIEPPE}/{SIRET} / F-123"), **CREDIT)[1] == []


@pytest.mark.parametrize("notes", [None, "remise commerciale"])
def test_a_credit_note_that_cites_nothing_is_refused(notes: str | None) -> None:
    row, codes = expense(**CREDIT, invoice_number="AV-7", notes=notes)
    assert (row.status, codes) == ("rejected", [("E-COH", "notes")])


def test_a_credit_note_does_not_charge_more_than_it_gives_back() -> None:
    assert expense(**{**CREDIT, "charged_cents": -1201}, notes="F-123")[1] == [("E-COH", "charged_cents")]
    assert expense(**{**CREDIT, "charged_cents": 600}, notes="F-123")[1] == [("E-COH", "charged_cents")]


# --------------------------------------------------------------------------------------------------------- duplicates


def test_an_invoice_is_named_by_its_siret_and_number() -> None:
    assert expense_key({"siret": SIRET, "invoice_number": " f  123 "}) == f"{SIRET} / F 123"
    assert expense_key({"siret": SIRET, "line_number": "12"}) == "ligne 12"
    assert expense_key({"siret": SIRET}) == ""


def test_an_invoice_twice_in_one_establishment_is_refused() -> None:
    rows = books.results(
        FUNDING, EXPENSES, [INVOICE, {**INVOICE, "line_number": "13", "invoice_number": "f-123"}], FACTS
    )
    assert [said(EXPENSES, row) for row in rows] == [[], [("E-DUP", "invoice_number")]]


def test_the_same_number_from_another_supplier_is_another_invoice() -> None:
    rows = books.results(FUNDING, EXPENSES, [INVOICE, {**INVOICE, "siret": OTHER}], FACTS)
    assert [row.status for row in rows] == ["new", "new"]


def test_an_invoice_of_another_establishment_of_the_group_is_refused() -> None:
    rows = books.results(FUNDING, EXPENSES, [INVOICE, {**INVOICE, "finess_ej": EU}], FACTS)
    assert [said(EXPENSES, row) for row in rows] == [[], [("E-DUP", "invoice_number")]]
    row, codes = expense(stored(f"{EU}/{SIRET} / F-123"))
    assert (row.status, codes) == ("rejected", [("E-DUP", "invoice_number")])
    assert EU in row.faults[0].reason


def test_an_invoice_that_is_stored_already_is_not_its_own_duplicate() -> None:
    row, codes = expense(stored(f"{DIEPPE}/{SIRET} / F-123"))
    assert (row.status, codes) == ("unchanged", [])


def test_two_establishments_may_have_the_same_line_number() -> None:
    rows = books.results(FUNDING, EXPENSES, [STAFF, {**STAFF, "finess_ej": EU}], FACTS)
    assert [(row.status, row.own_key) for row in rows] == [("new", "ligne 13"), ("new", "ligne 13")]


def test_a_total_row_is_skipped() -> None:
    headers = {
        1: {place: books.cell(1, place, column.header("ght")) for place, column in enumerate(EXPENSES.columns, 1)}
    }
    total = {2: {1: books.cell(2, 1, "Total général"), 15: books.cell(2, 15, 1000)}}
    report = check(FUNDING, ReadBook((ReadSheet("Depenses", rows=headers | total),)), FACTS)
    assert (report.sheets[0].rows, [fault.code for fault in report.faults]) == ((), ["W-TOT"])


# --------------------------------------------------------------------------------------------------------- staff time


def test_staff_time_has_hours_and_a_rate_and_no_invoice() -> None:
    row, codes = staff()
    assert (row.status, codes, row.own_key) == ("new", [], "ligne 13")
    assert (row.values["hours"], row.values["hourly_rate_cents"]) == (Decimal("31.5"), 4000)


@pytest.mark.parametrize("name", ["Marie Dupont", "Marie Dupont infirmière", "DUPONT Marie, IDE"])
def test_a_supplier_of_staff_time_is_not_recorded_for_it_can_only_be_a_person(name: str) -> None:
    row, codes = staff(supplier=name)
    assert (row.status, row.values["supplier"], codes) == ("new", None, [("W-NOM", "supplier")])
    assert "Dupont" not in str([(fault.reason, fault.remedy, fault.value) for fault in row.faults])


@pytest.mark.parametrize(
    ("net", "codes"), [("1260,02", []), ("1260,03", [("E-COH", "net_cents")]), (1200, [("E-COH", "net_cents")])]
)
def test_the_cost_of_staff_time_is_hours_at_their_rate(net: object, codes: list[tuple[str, str]]) -> None:
    assert staff(net_cents=net, gross_cents=net)[1] == codes


@pytest.mark.parametrize("key", ["hours", "hourly_rate_cents"])
def test_staff_time_without_hours_or_rate_is_an_honest_gap(key: str) -> None:
    row, codes = staff(**{key: None})
    assert (row.status, codes) == ("new", [("G-REQ", key)])


# -------------------------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize("key", ["invoiced_on", "committed_on"])
def test_an_expense_before_the_phase_is_stored_and_shown_red(key: str) -> None:
    row, codes = expense(**{key: date(2025, 7, 15)})
    assert (row.status, codes) == ("new", [("G-PER", key)])
    assert expense(**{key: date(2025, 7, 16)})[1] == []


def test_an_expense_after_the_declaration_is_stored_and_shown_red() -> None:
    facts = replace(FACTS, filed_on=date(2026, 3, 30))
    assert expense(facts)[1] == [("G-PER", "invoiced_on")]
    assert expense(facts, committed_on=date(2026, 3, 30))[1] == []


@pytest.mark.parametrize("key", ["invoiced_on", "paid_on"])
def test_what_was_done_is_not_dated_in_the_future(key: str) -> None:
    assert expense(**{key: date(2030, 1, 1)})[1] == [("E-COH", key)]


# ------------------------------------------------------------------------------------------------------------- grants


def test_a_grant_is_stored_in_cents_under_its_establishment() -> None:
    row, codes = grant(notified_on=date(2026, 1, 20), advance_cents="60 000,00 €", balance_cents=120000)
    assert (row.status, codes, row.finess) == ("new", [], DIEPPE)
    assert row.own_key == f"CaRE D2 / {DIEPPE} / ARS-2026-114"
    assert (row.values["notified_cents"], row.values["advance_cents"]) == (18000000, 6000000)


def test_a_grant_of_the_group_is_kept_by_its_support_beside_its_own() -> None:
    rows = books.results(FUNDING, FUNDINGS, [GRANT, {**GRANT, "holder": "GHT-76"}], FACTS)
    assert [(row.status, row.finess) for row in rows] == [("new", DIEPPE), ("new", DIEPPE)]
    assert rows[1].own_key == "CaRE D2 / GHT-76 / ARS-2026-114"


def test_the_holder_is_known_where_there_is_one() -> None:
    assert grant(ALONE, holder=None)[0].own_key == f"CaRE D2 / {EU} / ARS-2026-114"


def test_two_grants_of_one_scheme_are_told_apart_by_their_reference() -> None:
    rows = books.results(FUNDING, FUNDINGS, [GRANT, {**GRANT, "reference": None}, {**GRANT, "reference": None}], FACTS)
    assert [said(FUNDINGS, row) for row in rows] == [[], [], [("E-DUP", "scheme")]]


@pytest.mark.parametrize("key", ["scheme", "notified_cents"])
def test_each_required_column_of_a_grant_must_be_answered(key: str) -> None:
    row, codes = grant(**{key: None})
    assert (row.status, codes) == ("rejected", [("E-REQ", key)])


def test_a_grant_is_not_negative_nor_received_in_the_future() -> None:
    assert grant(notified_cents=-1)[1] == [("E-NUM", "notified_cents")]
    assert grant(advance_on=date(2030, 1, 1))[1] == [("E-COH", "advance_on")]


# ------------------------------------------------------------------------------------------- letters of mission, VAT


def letter(facts: Facts = FACTS, **cells: object) -> tuple[RowResult, list[tuple[str, str]]]:
    typed = {
        "finess_ej": DIEPPE,
        "code": "LM-01",
        "function_title": "Référent PCRA",
        "objectives": "O1.C",
        "file": "LM.pdf",
    }
    row = books.result(FUNDING, LETTERS, facts, typed, **cells)
    return row, said(LETTERS, row)


def test_a_letter_of_mission_names_a_function_and_never_a_person() -> None:
    row, codes = letter(starts_on=date(2026, 1, 5), ends_on=date(2026, 11, 30), hours=160)
    assert (row.values["hours"], codes) == (160, [])
    row, codes = letter(function_title="Mme Zénobie HAUTECLOQUE")
    assert codes == [("E-NOM", "function_title")]
    assert "HAUTECLOQUE" not in str(row.faults)


def test_a_mission_that_ends_before_it_starts_is_refused_and_a_letter_not_signed_is_a_gap() -> None:
    assert letter(starts_on=date(2026, 5, 1), ends_on=date(2026, 4, 30))[1] == [("E-COH", "ends_on")]
    assert letter(file=None)[1] == [("G-REQ", "file")]


def test_a_letter_that_is_not_imported_yet_is_to_attach() -> None:
    known = replace(FACTS, references={"Lettres_de_mission": {"LM-01": {DIEPPE}}})
    assert staff(known, mission_letter="LM-01")[1] == []
    row, codes = staff(mission_letter="LM-01")
    assert (row.values["mission_letter"], codes) == ("LM-01", [("G-REF", "mission_letter")])


def test_a_rate_that_does_not_exist_where_the_establishment_is_is_told_and_kept() -> None:
    facts = replace(FACTS, vat=load())
    row, codes = expense(facts, vat_rate="8,5", vat_cents=85, gross_cents=1085, charged_cents=None)
    assert (row.values["vat_rate"], codes) == ("8.5", [("W-TVA", "vat_rate")])
    assert expense(facts)[1] == []
    assert expense(vat_rate="8,5", vat_cents=85, gross_cents=1085, charged_cents=None)[1] == []
