"""Sample expenses and candidature of each page, judged by the real rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from compliance.programme import vat
from compliance.reports import funding as reports
from compliance.reports.canonical import plain
from compliance.reports.funding import ExpenseLine, LetterLine, Money
from compliance.rules.activity import Party
from compliance.rules.balance import Balance, sums
from compliance.rules.funding import LABELS, Expense, Frame, Letter, hours, judge
from compliance.services.application import Answer, ApplicationVersion, Decision
from tests.pages import samples

REF = UUID(int=7)
FIRST, SECOND = samples.finess(0), samples.finess(1)
LETTER = Letter(code="LM-01", objectives=frozenset({"D2.O1.C"}), hours=Decimal(160), received=True)
INVOICE = Expense(
    key="12345678200010 / F-2026-014", finess=FIRST, objective="D2.O1.C", nature="service", net_cents=1_800_000,
    vat_rate=Decimal(20), vat_cents=360_000, gross_cents=2_160_000, siret="12345678200010", invoice_number="F-2026-014",
    invoiced_on=date(2026, 1, 30), receipt="F.pdf", received=True,
)  # fmt: skip
EVERY = (
    INVOICE,
    replace(INVOICE, key="x / A-1", invoice_number="A-1", net_cents=-150_000, vat_cents=-30_000, gross_cents=-180_000,
            notes="Corrige F-2026-014"),
    replace(INVOICE, key="x / L-074", invoice_number="L-074", nature="licence", objective="D2.O2.B", finess=SECOND,
            invoiced_on=date(2025, 6, 30), vat_rate=Decimal("8.5"), receipt="", received=False),
    replace(INVOICE, key="x / 26-0931", invoice_number="26-0931", nature="equipment", objective="D2.O3.B", finess=SECOND,
            share_percent=Decimal(50), received=False),
    Expense(key="ligne 10", finess=FIRST, objective="D2.O1.C", nature="staff_time", net_cents=672_000, gross_cents=672_000,
            hours=Decimal(180), hourly_rate_cents=4_200, mission_letter="LM-01", receipt="t.pdf", received=True),
)  # fmt: skip


def expenses(
    *, nothing: bool = False, ceiling: int | None = 5_000_000, member: bool = False, state: str = ""
) -> dict[str, Any]:
    """Five expenses of two establishments: eligible, its credit note, refused, to check, staff time."""
    found = () if nothing else EVERY
    objectives = frozenset({"D2.O1.C", "D2.O2.B", "D2.O3.B"})
    frame = Frame(phase_start=date(2025, 7, 16), objectives=objectives, vat=vat.load())
    verdicts = judge(found, {(FIRST, "LM-01"): LETTER}, frame)
    names = {FIRST: samples.NAMES[0][0], SECOND: samples.NAMES[1][0]}
    lines = tuple(
        ExpenseLine(REF, each, names[each.finess], "" if each.staff else "Conseil Amarrage SAS (fictif)", verdict)
        for each, verdict in zip(found, verdicts, strict=True)
    )
    balance = Balance(
        sums(list(zip(found, verdicts, strict=True))), ceiling, *((None, None) if nothing else (6_000_000, 0))
    )
    used = hours(found)[FIRST, "LM-01"]
    letters = () if nothing else (LetterLine(REF, FIRST, names[FIRST], "Référent PCRA du GHT", LETTER, used),)
    money = Money(lines, balance, letters)
    shown = [line for line in lines if state in ("", line.verdict.state)]
    return {
        "sentence": reports.sentence(money),
        "balance": balance,
        "letters": letters,
        "shown": shown,
        "sums": money.total(shown),
        "total": len(lines),
        "labels": LABELS,
        "parts": {name: reports.parts(lines, name) for name in ("objective", "establishment", "nature")},
        "filters": {"etat": state, "etablissement": "", "objectif": ""},
        "member": member,
        "today": samples.TODAY,
        "can_import": not member,
    }


def frozen() -> dict[str, Any]:
    """The same expenses, as a frozen document tells them."""
    told = expenses()
    document: dict[str, Any] = plain(reports.document(Money(tuple(told["shown"]), told["balance"])))
    return document


def candidature(*, known: bool = True, error: str = "", past: bool = False) -> dict[str, Any]:
    """A candidature accepted with its ceiling, or one of which only the date is known."""
    answer = Answer(
        decision=Decision.ACCEPTED, decided_on=date(2026, 1, 12), note="Décision ARS-2026-114", requested_cents=20_000_000,
        ceiling_cents=18_000_050,
    ) if known else Answer()  # fmt: skip
    found = samples.candidate(answer=answer)
    version = ApplicationVersion(samples.NOW, "Camille Durand", found.applied_on, None, None, None, Answer())
    return {
        "candidate": found,
        "parties": [
            Party(key=FIRST, name=samples.NAMES[0][0], ac=Decimal("34200.5"), ac_year=2024, source="SAE"),
            Party(key=SECOND, name=samples.NAMES[1][0], in_scope=False, out_reason="EHPAD"),
        ],
        "history": [replace(version, answer=answer, recorded_by="Camille Durand"), replace(version, recorded_by="")],
        "decisions": [(each.value, each.label) for each in Decision],
        "form": {
            "error": error, "applied_on": found.applied_on, "ecare_number": "", "decision": answer.decision or "",
            "decided_on": answer.decided_on or "", "requested": "", "ceiling": "beaucoup" if error else "", "note": answer.note,
        },
        "past": past,
        "today": samples.TODAY,
        "can_manage": True,
    }  # fmt: skip


CASES = {
    "expenses": ("compliance/expenses.html", expenses),
    "expenses_filtered": ("compliance/expenses.html", lambda: expenses(state="missing", ceiling=1_000_000)),
    "expenses_member": ("compliance/expenses.html", lambda: expenses(ceiling=None, member=True)),
    "expenses_empty": ("compliance/expenses.html", lambda: expenses(nothing=True, ceiling=None)),
    "candidature": ("compliance/candidature.html", candidature),
    "candidature_unknown": ("compliance/candidature.html", lambda: candidature(known=False)),
    "candidature_refused": ("compliance/candidature.html", lambda: candidature(error="Le plafond est illisible")),
    "candidature_past": ("compliance/candidature.html", lambda: candidature(past=True)),
}
