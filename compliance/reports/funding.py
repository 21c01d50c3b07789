"""The money of a scope on a day: each expense with its verdict, sums to the cent, the ceiling and what was granted.

Read from what was gathered of the candidate: no query of its own. For a member of a GHT, its own expenses: ceiling and
declaration are the GHT's, and not known from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from compliance.models import funding as models
from compliance.programme.referential import Referential
from compliance.reports.gathered import Gathered
from compliance.rules import funding as rules
from compliance.rules.balance import Balance, Sums, sums, sums_by
from compliance.rules.funding import Expense, Letter, Nature
from compliance.rules.verdict import Verdict
from compliance.services.evidence import same_name
from compliance.services.register import Row

CARE_D2 = "care_d2"  # scheme of the grants that pay domain 2

Doc = dict[str, Any]


@dataclass(frozen=True)
class ExpenseLine:
    """An expense with its verdict; `ref` names its row in the register."""

    ref: UUID
    expense: Expense
    establishment: str
    supplier: str
    verdict: Verdict

    @property
    def finess(self) -> str:
        """Its establishment."""
        return self.expense.finess

    @property
    def on(self) -> date | None:
        """The day people know it by: that of its invoice, else of its commitment."""
        return self.expense.invoiced_on or self.expense.committed_on

    @property
    def word(self) -> str:
        """Its state in the words of money."""
        return rules.LABELS[self.verdict.state]

    @property
    def nature(self) -> str:
        """Its nature in the words of the workbook."""
        return Nature(self.expense.nature).label

    @property
    def label(self) -> str:
        """What people call it."""
        return self.expense.invoice_number or f"ligne {self.expense.key.removeprefix('ligne ')}"


@dataclass(frozen=True)
class LetterLine:
    """A letter of mission, and the hours that expenses charge to it."""

    ref: UUID
    finess: str
    establishment: str
    function: str
    letter: Letter
    charged: Decimal


@dataclass(frozen=True)
class Money:
    """What the page, the command, the document and the annex say."""

    lines: tuple[ExpenseLine, ...]
    balance: Balance
    letters: tuple[LetterLine, ...] = ()

    def total(self, lines: Sequence[ExpenseLine] | None = None) -> Sums:
        """Add up lines, all of them by default."""
        return sums([(line.expense, line.verdict) for line in (self.lines if lines is None else lines)])


def money(gathered: Gathered, referential: Referential) -> Money:
    """Judge the expenses that were gathered; nothing depends on the clock."""
    rows = gathered.registers.get(models.Expense, ())
    expenses = [_expense(row, gathered) for row in rows]
    frame = rules.Frame(
        phase_start=referential.date_of("phase_start").on,
        declared_on=gathered.candidate.ecare_filed_on,
        objectives=frozenset(row.code for row in referential.rows),
        outside=frozenset(
            record.finess for record in gathered.parties if record.finess and gathered.ght and not record.party.in_scope
        ),
        vat=gathered.vat,
    )
    letters = _letters(gathered)
    verdicts = rules.judge(expenses, {(each.finess, each.letter.code): each.letter for each in letters}, frame)
    lines = tuple(
        ExpenseLine(row.id, each, gathered.names.get(row.finess, row.finess), _supplier(row, each), verdict)
        for row, each, verdict in zip(rows, expenses, verdicts, strict=True)
    )
    total = sums(list(zip(expenses, verdicts, strict=True)))
    balance = Balance(total, gathered.candidate.answer.ceiling_cents, *_granted(gathered))
    spent = rules.hours(expenses)
    charged = [replace(each, charged=spent.get((each.finess, each.letter.code), Decimal(0))) for each in letters]
    return Money(lines, balance, tuple(charged))


def _expense(row: Row, gathered: Gathered) -> Expense:
    values = row.values
    filed = gathered.named(values["receipt"], lambda piece: piece.establishment_id == row.establishment_id)
    return Expense(
        key=_key(values),
        finess=row.finess,
        objective=values["objective"],
        nature=values["nature"],
        gross_cents=values["gross_cents"],
        net_cents=values["net_cents"],
        vat_cents=values["vat_cents"],
        vat_rate=Decimal(values["vat_rate"]) if values["vat_rate"] else None,
        share_percent=values["share_percent"],
        charged_cents=values["charged_cents"],
        siret=values["siret"] or "",
        invoice_number=values["invoice_number"] or "",
        committed_on=values["committed_on"],
        invoiced_on=values["invoiced_on"],
        status=values["status"] or "",
        receipt=filed.filename if filed else values["receipt"] or "",
        received=filed is not None,
        hours=values["hours"],
        hourly_rate_cents=values["hourly_rate_cents"],
        mission_letter=values["mission_letter"] or "",
        notes=values["notes"] or "",
    )


def _supplier(row: Row, expense: Expense) -> str:
    """Name who sells; staff time has no supplier, and what was once typed there may be a person: it is neither shown nor frozen."""
    return "" if expense.staff else row.values["supplier"] or ""


def _key(values: Mapping[str, Any]) -> str:
    """Say which row of the workbook it is, as people find it there."""
    if values["invoice_number"]:
        return f"{values['siret'] or '-'} / {values['invoice_number']}"
    return f"ligne {values['line_number']}" if values["line_number"] else ""


def _letters(gathered: Gathered) -> list[LetterLine]:
    return [
        LetterLine(
            row.id,
            row.finess,
            gathered.names.get(row.finess, row.finess),
            row.values["function_title"],
            Letter(
                code=row.values["code"],
                objectives=frozenset(row.values["objectives"]),
                starts_on=row.values["starts_on"],
                ends_on=row.values["ends_on"],
                hours=row.values["hours"],
                received=bool(row.values["file"]) and same_name(row.values["file"]) in gathered.files,
            ),
            Decimal(0),
        )
        for row in gathered.registers.get(models.MissionLetter, ())
    ]


def _granted(gathered: Gathered) -> tuple[int | None, int | None]:
    """What was notified for domain 2, and the advances received; None when nothing says so."""
    grants = [row.values for row in gathered.registers.get(models.Funding, ()) if row.values["scheme"] == CARE_D2]
    advances = [each["advance_cents"] for each in grants if each["advance_cents"] is not None]
    return (sum(each["notified_cents"] for each in grants) if grants else None), (sum(advances) if advances else None)


# ------------------------------------------------------------------------------------------------------------- tables


@dataclass(frozen=True)
class Part:
    """The sums of what has something in common: `key` is what a filter asks, `label` what people read."""

    key: str
    label: str
    sums: Sums

    def share(self, whole: int) -> Decimal | None:
        """Its share of a whole in cents, 0 to 1; None when there is nothing to share."""
        return Decimal(self.sums.spent) / whole if whole > 0 else None


def parts(lines: Sequence[ExpenseLine], by: str) -> list[Part]:
    """Add up lines by `establishment`, `objective` or `nature`: the parts make the whole, to the cent."""
    judged = [(line.expense, line.verdict) for line in lines]
    if by == "nature":
        natures = sums_by(judged, lambda each: each.nature, [*Nature])
        return [Part(key, Nature(key).label, total) for key, total in natures.items()]
    if by == "objective":
        return [Part(key, key, total) for key, total in sums_by(judged, lambda each: each.objective).items()]
    names = {line.finess: line.establishment for line in lines}
    return [Part(key, names[key], total) for key, total in sums_by(judged, lambda each: each.finess).items()]


# ----------------------------------------------------------------------------------------------------------- sentence


def sentence(money: Money) -> str:
    """Return the sentence that the page and the command begin with."""
    balance = money.balance
    if not money.lines:
        return "Aucune dépense n’est encore enregistrée."
    total = f"{rules.euros(balance.sums.eligible)} éligibles sur {rules.euros(balance.sums.spent)} imputés"
    if balance.ceiling is None:
        return f"{total}, plafond non connu."
    return f"{total}, pour un plafond de {rules.euros(balance.ceiling)}."


def amounts(money: Money) -> list[tuple[str, int | None]]:
    """Return the amounts beside the sentence: what each is, and its cents, None when it is not known."""
    balance = money.balance
    return [
        ("Imputé", balance.sums.spent),
        ("Éligible", balance.sums.eligible),
        ("À vérifier", balance.sums.to_check),
        ("Refusé", balance.sums.refused),
        ("Plafond", balance.ceiling),
        ("Finançable", balance.payable),
        ("Notifié", balance.granted),
        ("Avance reçue", balance.advance),
    ]


# ----------------------------------------------------------------------------------------------------------- document


def document(money: Money) -> Doc:
    """Return the part `funding` of the canonical document: amounts in cents, None for what is not known, no internal key."""
    balance = money.balance
    return {
        "spent_cents": balance.sums.spent,
        "eligible_cents": balance.sums.eligible,
        "to_check_cents": balance.sums.to_check,
        "refused_cents": balance.sums.refused,
        "ceiling_cents": balance.ceiling,
        "granted_cents": balance.granted,
        "advance_cents": balance.advance,
        "by_establishment": [_part(each) for each in parts(money.lines, "establishment")],
        "by_objective": [_part(each) for each in parts(money.lines, "objective")],
        "expenses": [public(line) for line in money.lines],
    }


def _part(part: Part) -> Doc:
    return {
        "key": part.key,
        "label": part.label,
        "spent_cents": part.sums.spent,
        "eligible_cents": part.sums.eligible,
    }


def public(line: ExpenseLine) -> Doc:
    """Return an expense as the document tells it."""
    each = line.expense
    return {
        "key": each.key,
        "finess": each.finess,
        "establishment": line.establishment,
        "objective": each.objective,
        "nature": each.nature,
        "nature_label": line.nature,
        "supplier": line.supplier,
        "siret": each.siret,
        "invoice_number": each.invoice_number,
        "invoiced_on": each.invoiced_on,
        "committed_on": each.committed_on,
        "net_cents": each.net_cents,
        "gross_cents": each.gross_cents,
        "share_percent": each.share_percent,
        "charged_cents": each.charged,
        "receipt": each.receipt,
        "mission_letter": each.mission_letter,
        "state": line.verdict.state,
        "state_label": line.word,
        "reasons": [
            {"code": reason.code, "text": reason.text, "subject": reason.subject} for reason in line.verdict.reasons
        ],
    }
