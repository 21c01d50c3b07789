"""Which expenses are eligible, and sums to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.rules.balance import Balance, Sums, sums, sums_by
from compliance.rules.funding import LABELS, Expense, Frame, Letter, Nature, euros, judge
from compliance.rules.vat import Rate, Territory, Vat
from compliance.rules.verdict import State, Verdict

EJ, OTHER = "629900341", "629900358"
VAT = Vat(
    territories=(
        Territory(key="metropole", label="France métropolitaine", at="en France métropolitaine", prefixes=("6",)),
    ),
    rates=(Rate(territory="metropole", percent=Decimal(20), since=date(2014, 1, 1)),),
)
FRAME = Frame(
    phase_start=date(2025, 7, 16),
    declared_on=date(2026, 10, 30),
    objectives=frozenset({"D2.P1", "D2.O1.C", "D2.O2.B"}),
    vat=VAT,
)
INVOICE = Expense(
    key="12345678200010 / F-1", finess=EJ, objective="D2.O1.C", nature="service", net_cents=100_000, vat_rate=Decimal(20),
    vat_cents=20_000, gross_cents=120_000, siret="12345678200010", invoice_number="F-1", invoiced_on=date(2026, 3, 31),
    receipt="F-1.pdf", received=True,
)  # fmt: skip
CREDIT = replace(
    INVOICE, key="12345678200010 / A-7", invoice_number="A-7", notes="Corrige F-1", net_cents=-10_000, vat_cents=-2_000,
    gross_cents=-12_000, receipt="A-7.pdf",
)  # fmt: skip
STAFF = Expense(
    key="ligne 10", finess=EJ, objective="D2.O1.C", nature="staff_time", net_cents=126_000, gross_cents=126_000,
    hours=Decimal("31.5"), hourly_rate_cents=4_000, invoiced_on=date(2026, 6, 30), receipt="temps.pdf", received=True,
    mission_letter="LM-01",
)  # fmt: skip
LETTER = Letter(code="LM-01", objectives=frozenset({"D2.O1.C"}), hours=Decimal(40), received=True)


def said(expense: Expense, letter: Letter | None = LETTER, frame: Frame = FRAME) -> tuple[State, list[str]]:
    """The state of one expense, and the codes of its reasons."""
    [verdict] = judge([expense], {(EJ, letter.code): letter} if letter else {}, frame)
    return verdict.state, [reason.code for reason in verdict.reasons]


@pytest.mark.parametrize(
    ("changes", "state", "code"),
    [
        ({}, State.MET, "ELIGIBLE"),
        ({"invoiced_on": date(2025, 7, 16)}, State.MET, "ELIGIBLE"),
        ({"invoiced_on": date(2025, 7, 15)}, State.MISSING, "BEFORE_PHASE"),
        ({"committed_on": date(2025, 6, 20)}, State.MISSING, "BEFORE_PHASE"),
        ({"invoiced_on": date(2026, 10, 30)}, State.MET, "ELIGIBLE"),
        ({"invoiced_on": date(2026, 10, 31)}, State.MISSING, "AFTER_DECLARATION"),
        ({"invoiced_on": date(2026, 10, 31), "committed_on": date(2026, 9, 1)}, State.MET, "ELIGIBLE"),
        ({"invoiced_on": None}, State.TO_CONFIRM, "NO_DATE"),
        ({"objective": "D1.O1"}, State.MISSING, "NO_OBJECTIVE"),
        ({"objective": "D2.P1"}, State.TO_CONFIRM, "PREREQUISITE"),
        ({"receipt": "", "received": False}, State.TO_CONFIRM, "NO_RECEIPT"),
        ({"received": False}, State.TO_CONFIRM, "RECEIPT_NOT_FILED"),
        ({"net_cents": 130_000}, State.TO_CONFIRM, "AMOUNTS"),
        ({"vat_cents": 20_003}, State.TO_CONFIRM, "AMOUNTS"),
        ({"vat_cents": 20_002}, State.MET, "ELIGIBLE"),
        ({"charged_cents": 120_001}, State.TO_CONFIRM, "CHARGED_TOO_MUCH"),
        ({"charged_cents": 60_000}, State.TO_CONFIRM, "CHARGED_APART"),
        ({"charged_cents": 60_000, "share_percent": Decimal(50)}, State.MET, "ELIGIBLE"),
    ],
)
def test_an_expense_is_eligible_to_check_or_refused_with_its_reason(changes, state, code):
    found, codes = said(replace(INVOICE, **changes))
    assert (found, codes[0]) == (state, code)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"gross_cents": 90_000, "vat_cents": None}, "Les montants HT et TTC ne vont pas ensemble"),
        ({"vat_cents": 19_000, "vat_rate": None}, "HT + TVA font 1 190,00 €, et non 1 200,00 € TTC"),
        ({"vat_rate": Decimal(10)}, "La TVA n’est pas celle du taux saisi"),
        (
            {"status": "committed", "invoiced_on": None, "committed_on": date(2026, 3, 1)},
            "Engagée et pas encore facturée : le financement porte sur des coûts réels",
        ),
    ],
)
def test_what_does_not_add_up_is_said_in_a_sentence(changes, text):
    [verdict] = judge([replace(INVOICE, **changes)], {}, FRAME)
    assert (verdict.state, verdict.reasons[0].text) == (State.TO_CONFIRM, text)


def test_what_is_committed_and_invoiced_already_is_eligible():
    assert said(replace(INVOICE, status="committed"))[0] is State.MET


def test_a_reason_is_a_sentence_that_names_its_source_row():
    [verdict] = judge([replace(INVOICE, invoiced_on=date(2025, 7, 15))], {}, FRAME)
    [reason] = verdict.reasons
    assert reason.text == "Facturée le 15/07/2025, avant la phase opérationnelle ouverte le 16/07/2025"
    assert reason.subject == "12345678200010 / F-1"
    assert LABELS[verdict.state] == "Refusée"


def test_before_any_declaration_nothing_is_too_late():
    late = replace(INVOICE, invoiced_on=date(2027, 1, 4))
    assert said(late, frame=replace(FRAME, declared_on=None))[0] is State.MET


def test_a_party_out_of_scope_is_to_check():
    assert said(INVOICE, frame=replace(FRAME, outside=frozenset({EJ}))) == (State.TO_CONFIRM, ["OUT_OF_SCOPE"])


def test_a_rate_of_another_territory_is_told_and_refuses_nothing():
    state, codes = said(replace(INVOICE, vat_rate=Decimal("8.5"), vat_cents=8_500, gross_cents=108_500))
    assert (state, codes) == (State.MET, ["ELIGIBLE", "VAT_ELSEWHERE"])


@pytest.mark.parametrize(
    ("changes", "letter", "codes"),
    [
        ({}, LETTER, ["ELIGIBLE"]),
        ({"mission_letter": ""}, LETTER, ["NO_LETTER"]),
        ({}, None, ["NO_LETTER"]),
        ({}, replace(LETTER, received=False), ["LETTER_NOT_FILED"]),
        ({}, replace(LETTER, objectives=frozenset({"D2.O2.B"})), ["LETTER_OBJECTIVE"]),
        ({}, replace(LETTER, hours=Decimal(31)), ["LETTER_HOURS"]),
        ({}, replace(LETTER, hours=Decimal("31.5")), ["ELIGIBLE"]),
        ({"hours": None}, LETTER, ["NO_HOURS"]),
        ({"hourly_rate_cents": 4_100}, LETTER, ["HOURS_APART"]),
        ({"invoiced_on": None}, LETTER, ["NO_DATE"]),
        ({"invoiced_on": None}, replace(LETTER, starts_on=date(2026, 1, 5), ends_on=date(2026, 9, 30)), ["ELIGIBLE"]),
    ],
)
def test_staff_time_leans_on_hours_and_on_a_letter_that_is_advised(changes, letter, codes):
    state, found = said(replace(STAFF, **changes), letter)
    assert found == codes
    assert state is (State.MET if codes == ["ELIGIBLE"] else State.TO_CONFIRM)


def test_a_letter_of_another_establishment_is_told_as_such_and_one_that_nobody_has_as_not_recorded():
    cited = replace(STAFF, finess=OTHER)
    told = [judge([cited], letters, FRAME)[0].reasons[0].text for letters in ({(EJ, "LM-01"): LETTER}, {})]
    assert told == [
        "La lettre de mission LM-01 est celle d’un autre établissement : choisir la sienne",
        "La lettre de mission LM-01 n’est pas encore enregistrée",
    ]


def test_the_hours_of_a_letter_are_those_of_all_the_lines_that_cite_it():
    twice = [STAFF, replace(STAFF, key="ligne 11", hours=Decimal(9), net_cents=36_000, gross_cents=36_000)]
    verdicts = judge(twice, {(EJ, "LM-01"): LETTER}, FRAME)
    assert [verdict.reasons[0].text for verdict in verdicts] == [
        "40,5 heures imputées sur la lettre LM-01, qui en donne 40"
    ] * 2


def test_a_credit_note_follows_the_invoice_it_cites_whatever_its_date():
    late = replace(CREDIT, invoiced_on=date(2026, 11, 15))
    old = replace(INVOICE, invoiced_on=date(2025, 7, 1))
    for invoice, state in (
        (INVOICE, State.MET),
        (old, State.MISSING),
        (replace(INVOICE, received=False), State.TO_CONFIRM),
    ):
        [_, credit] = judge([invoice, late], {}, FRAME)
        assert (credit.state, credit.reasons[0].code) == (state, "CREDIT_NOTE")
    assert credit.reasons[0].text == "Avoir sur la facture F-1, à vérifier : il la suit"


def test_a_credit_note_cites_a_whole_number_of_the_same_supplier():
    longer = replace(INVOICE, invoice_number="F-12", key="F-12")
    [_, credit] = judge([longer, CREDIT], {}, FRAME)
    assert (credit.state, credit.reasons[0].code) == (State.TO_CONFIRM, "CREDIT_ALONE")
    [_, credit] = judge([replace(INVOICE, siret="98765432100012"), CREDIT], {}, FRAME)
    assert credit.reasons[0].code == "CREDIT_ALONE"


def test_of_two_invoices_of_one_number_the_credit_note_follows_that_of_its_establishment():
    elsewhere = replace(INVOICE, finess=OTHER, key="ailleurs", received=False)
    for invoices in ([INVOICE, elsewhere], [elsewhere, INVOICE]):
        assert judge([*invoices, CREDIT], {}, FRAME)[-1].state is State.MET


def test_of_two_numbers_cited_in_one_the_longer_is_the_invoice():
    numbers = ("2", "F-1", "f-1 / 2", "1 / 2")
    invoices = [replace(INVOICE, invoice_number=number, key=number) for number in numbers]
    credit = judge([*invoices, replace(CREDIT, notes="(corrige F-1  / 2, mars)")], {}, FRAME)[-1]
    assert credit.reasons[0].text.startswith("Avoir sur la facture f-1 / 2,")


@pytest.mark.parametrize(
    ("gross", "share", "cents"),
    [(101, "50", 51), (-101, "50", -51), (12_345, "33.33", 4_115), (100, "0.5", 1), (100, "0.4", 0)],
)
def test_the_share_of_an_amount_is_rounded_to_the_cent_half_up(gross, share, cents):
    assert replace(INVOICE, gross_cents=gross, share_percent=Decimal(share)).charged == cents


def test_what_was_typed_is_what_is_charged():
    assert replace(INVOICE, share_percent=Decimal(50), charged_cents=59_999).charged == 59_999


def test_sums_of_an_invoice_and_of_its_credit_note_are_what_is_left():
    found = [
        INVOICE,
        CREDIT,
        replace(STAFF, mission_letter=""),
        replace(INVOICE, key="F-9", invoice_number="F-9", invoiced_on=date(2025, 1, 1), receipt="F-9.pdf"),
    ]
    total = sums(list(zip(found, judge(found, {}, FRAME), strict=True)))
    assert total == Sums(eligible=108_000, to_check=126_000, refused=120_000, count=4)
    assert total.spent == 354_000


def test_an_unknown_ceiling_stays_unknown_and_a_known_one_bounds_what_is_payable():
    total = Sums(eligible=108_000)
    assert (Balance(total).payable, Balance(total).left) == (None, None)
    assert (Balance(total, 200_000).payable, Balance(total, 200_000).left) == (108_000, 92_000)
    assert (Balance(total, 100_000).payable, Balance(total, 100_000).left) == (100_000, -8_000)
    assert Balance(total, 0).payable == 0


def test_amounts_are_written_as_people_read_them():
    assert [euros(each) for each in (0, 5, 1_234_567, -120)] == ["0,00 €", "0,05 €", "12 345,67 €", "-1,20 €"]


_expenses = st.lists(
    st.builds(
        lambda finess, objective, nature, gross, share, charged, day: replace(
            INVOICE,
            finess=finess,
            objective=objective,
            nature=nature,
            net_cents=gross,
            vat_cents=None,
            gross_cents=gross,
            share_percent=share,
            charged_cents=charged,
            invoiced_on=day,
        ),
        st.sampled_from([EJ, OTHER, "2A0000014"]),
        st.sampled_from(["D2.O1.C", "D2.O2.B", "D2.P1", "X"]),
        st.sampled_from([*Nature]),
        st.integers(-(10**12), 10**12),
        st.decimals(0, 100, places=2),
        st.none() | st.integers(-(10**12), 10**12),
        st.none() | st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(expenses=_expenses)
def test_the_parts_make_the_whole_to_the_cent_whatever_the_expenses(expenses):
    judged = list(zip(expenses, judge(expenses, {}, FRAME), strict=True))
    total = sums(judged)
    assert total.spent == sum(expense.charged for expense in expenses)
    for key in (lambda each: each.finess, lambda each: each.objective, lambda each: each.nature):
        parts = sums_by(judged, key).values()
        for name in ("spent", "eligible", "to_check", "refused", "count"):
            assert sum(getattr(part, name) for part in parts) == getattr(total, name)
    assert all(isinstance(verdict, Verdict) and verdict.reasons for _, verdict in judged)


# ----------------------------------------------------------------------------------------------------------- receipts


def shared(*expenses: Expense) -> list[list[str]]:
    """The doubts of each expense about a receipt that others have."""
    found = judge(list(expenses), {(EJ, LETTER.code): LETTER}, FRAME)
    return [[each.text for each in verdict.reasons if each.code == "RECEIPT_SHARED"] for verdict in found]


def test_one_receipt_of_three_invoices_is_a_doubt_on_each_and_refuses_none() -> None:
    others = [replace(INVOICE, key=number, invoice_number=number, receipt="f-1.PDF") for number in ("F-4", "K-1")]
    every = [INVOICE, *others]
    assert {verdict.state for verdict in judge(every, {}, FRAME)} == {State.TO_CONFIRM}
    [told] = shared(*every)[0]
    assert told.startswith("Le même justificatif, F-1.pdf, est celui de 3 dépenses : donner le sien à chacune")


@pytest.mark.parametrize(
    "other",
    [
        replace(INVOICE, key="b", invoice_number="F-1 B", notes="Seconde ligne de la facture F-1"),
        replace(INVOICE, key="b", invoice_number="F-2", finess=OTHER),  # a file of the same name, elsewhere
        replace(CREDIT, receipt="F-1.pdf"),
        replace(INVOICE, key="b", invoice_number="F-2", receipt=""),
    ],
)
def test_one_receipt_is_no_doubt_where_its_several_lines_are_explained(other: Expense) -> None:
    assert shared(INVOICE, other) == [[], []]


def test_one_statement_of_hours_proves_the_time_of_several_people_and_not_an_invoice() -> None:
    assert shared(STAFF, replace(STAFF, key="ligne 11")) == [[], []]
    assert all(shared(INVOICE, replace(STAFF, receipt="F-1.pdf")))


@pytest.mark.parametrize(
    ("expense", "told"),
    [
        (replace(INVOICE, committed_on=date(2025, 6, 20)), "Engagée le 20/06/2025, avant"),
        (replace(STAFF, invoiced_on=None, mission_letter="LM-02"), "Mission ouverte le 01/03/2025, avant"),
    ],
)
def test_a_day_before_the_phase_is_told_as_what_it_is(expense: Expense, told: str) -> None:
    letter = replace(LETTER, code="LM-02", starts_on=date(2025, 3, 1))
    [verdict] = judge([expense], {(EJ, "LM-02"): letter}, FRAME)
    assert verdict.reasons[0].text.startswith(told)
