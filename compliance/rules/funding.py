"""Money: which expenses are eligible and why, what is charged to the programme, sums to the cent (referential, « Money »).

Paid on objectives met, on real costs, up to a ceiling of the candidate. Amounts are cents. What is charged of an expense is the
amount that was typed, else its share of the amount with VAT, rounded to the cent, half up. A credit note subtracts, and
follows the invoice it corrects: it is eligible when the invoice is, whatever its own date. Whether VAT is recovered is not
known, and nothing is said of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from compliance.rules.vat import Vat
from compliance.rules.verdict import Reason, State, Verdict
from compliance.rules.words import grouped, short_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

# What each state of an expense is called: the one vocabulary of states, in the words of money.
LABELS = {State.MET: "Éligible", State.TO_CONFIRM: "À vérifier", State.MISSING: "Refusée"}
ROUNDING = 2  # cents between amounts that agree: workbooks.md, 3.6
LONGEST_NUMBER = 60  # characters of an invoice number: workbooks.md, 3.6
_CENT = Decimal(1)
_WORD_STARTS, _WORD_ENDS = re.compile("(?<![0-9A-Z])"), re.compile("(?![0-9A-Z])")


class Nature(StrEnum):
    """What an expense buys; the values are those of the workbook K6."""

    SERVICE = "service"
    LICENCE = "licence"
    EQUIPMENT = "equipment"
    TRAINING = "training"
    STAFF_TIME = "staff_time"

    @property
    def label(self) -> str:
        """The words of the workbook."""
        return _NATURES[self]


_NATURES = {
    Nature.SERVICE: "Prestation",
    Nature.LICENCE: "Licence / abonnement",
    Nature.EQUIPMENT: "Matériel",
    Nature.TRAINING: "Formation",
    Nature.STAFF_TIME: "Temps interne",
}
COMMITTED = "committed"  # status of what is ordered and not invoiced yet


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter of mission: what gives staff time to the programme. None: it does not say."""

    code: str
    objectives: frozenset[str] = frozenset()
    starts_on: date | None = None
    ends_on: date | None = None
    hours: Decimal | None = None
    received: bool = False


@dataclass(frozen=True, kw_only=True)
class Expense:
    """A line of K6. `key` names its source row; `received` says whether the file that proves it is in Vigie."""

    key: str
    finess: str
    objective: str
    nature: str
    gross_cents: int
    net_cents: int
    vat_cents: int | None = None
    vat_rate: Decimal | None = None
    share_percent: Decimal = Decimal(100)
    charged_cents: int | None = None
    siret: str = ""
    invoice_number: str = ""
    committed_on: date | None = None
    invoiced_on: date | None = None
    status: str = ""
    receipt: str = ""
    received: bool = False
    hours: Decimal | None = None
    hourly_rate_cents: int | None = None
    mission_letter: str = ""
    notes: str = ""

    @property
    def credit(self) -> bool:
        """Whether it gives money back."""
        return self.gross_cents < 0 or self.net_cents < 0

    @property
    def staff(self) -> bool:
        """Whether it is staff time."""
        return self.nature == Nature.STAFF_TIME

    @property
    def charged(self) -> int:
        """What is charged to the programme, in cents."""
        return self.shared if self.charged_cents is None else self.charged_cents

    @property
    def shared(self) -> int:
        """The share of the amount with VAT, to the cent, half up (away from zero for a credit note)."""
        return int((self.gross_cents * self.share_percent / 100).quantize(_CENT, ROUND_HALF_UP))


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What expenses are held against. `declared_on` is None while the declaration is not filed."""

    phase_start: date | None
    declared_on: date | None = None
    objectives: frozenset[str] = frozenset()  # rows of the referential; prerequisites among them
    outside: frozenset[str] = frozenset()  # FINESS of the parties out of scope
    vat: Vat = field(default_factory=Vat)


def judge(expenses: Sequence[Expense], letters: Mapping[tuple[str, str], Letter], frame: Frame) -> list[Verdict]:
    """Say of each expense, in their order, whether it is eligible, and why. `letters` go by (FINESS, code)."""
    spent = hours(expenses)
    invoices = _invoices(expenses)
    corrected = [_corrected(each, expenses, invoices) if each.credit else None for each in expenses]
    shared = _shared_receipts(expenses)
    plain = [_Judgement(each, letters, spent, frame, shared.get(place, 0)) for place, each in enumerate(expenses)]
    return [
        _credit(each, judged, None if source is None else plain[source].verdict(), expenses, source)
        if each.credit
        else judged.verdict()
        for each, judged, source in zip(expenses, plain, corrected, strict=True)
    ]


def hours(expenses: Iterable[Expense]) -> dict[tuple[str, str], Decimal]:
    """Add up the hours of staff time that expenses charge to each letter of mission, by (FINESS, code)."""
    spent: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for each in expenses:
        if each.staff and each.mission_letter:
            spent[each.finess, each.mission_letter] += each.hours or Decimal(0)
    return spent


class _Judgement:
    """What is held against one expense: what refuses it, what is to check, what is only told."""

    def __init__(
        self,
        expense: Expense,
        letters: Mapping[tuple[str, str], Letter],
        spent: Mapping[tuple[str, str], Decimal],
        frame: Frame,
        shared: int = 0,
    ) -> None:
        self.expense, self.frame, self.shared = expense, frame, shared
        self.letter = letters.get((expense.finess, expense.mission_letter)) if expense.mission_letter else None
        self.foreign = any(
            code == expense.mission_letter for _, code in letters
        )  # somebody else's, when it is not its own
        self.hours = spent.get((expense.finess, expense.mission_letter), Decimal(0))
        self.refused: list[Reason] = []
        self.doubts: list[Reason] = []
        self.told: list[Reason] = []
        self._dates()
        self._objective()
        self._amounts()
        self._proof()
        if expense.staff:
            self._staff()

    def say(self, reasons: list[Reason], code: str, text: str) -> None:
        reasons.append(Reason(code, text, self.expense.key))

    def verdict(self) -> Verdict:
        reasons = (*self.refused, *self.doubts, *self.told)
        if self.refused:
            return Verdict(State.MISSING, reasons, "Corriger la ligne si elle est fausse, sinon la retirer")
        if self.doubts:
            return Verdict(State.TO_CONFIRM, reasons, "Compléter la ligne")
        fine = Reason(
            "ELIGIBLE", "Dans la phase opérationnelle, pour un objectif du domaine 2, justifiée", self.expense.key
        )
        return Verdict(State.MET, (fine, *self.told))

    def _dates(self) -> None:
        expense, frame = self.expense, self.frame
        dated = [(expense.committed_on, "Engagée le"), (expense.invoiced_on, "Facturée le")]
        if not any(day for day, _ in dated) and expense.staff and self.letter is not None:
            # Staff time has no invoice: its letter dates it.
            dated = [(self.letter.starts_on, "Mission ouverte le"), (self.letter.ends_on, "Mission finie le")]
        days = [(day, said) for day, said in dated if day is not None]
        if not days:
            self.say(self.doubts, "NO_DATE", "Aucune date ne dit qu’elle est de la phase opérationnelle")
            return
        first, said = min(days)
        if frame.phase_start is not None and first < frame.phase_start:
            text = (
                f"{said} {short_date(first)}, avant la phase opérationnelle ouverte le {short_date(frame.phase_start)}"
            )
            self.say(self.refused, "BEFORE_PHASE", text)
        elif frame.declared_on is not None and first > frame.declared_on:
            text = f"{said} {short_date(first)}, après la déclaration du {short_date(frame.declared_on)}"
            self.say(self.refused, "AFTER_DECLARATION", text)

    def _objective(self) -> None:
        code = self.expense.objective
        if code not in self.frame.objectives:
            self.say(self.refused, "NO_OBJECTIVE", "Ne sert aucun objectif du domaine 2")
        elif code.rpartition(".")[2].startswith("P"):
            self.say(
                self.doubts, "PREREQUISITE", f"{code} est un prérequis et non un objectif : à confirmer auprès de l’ARS"
            )
        if self.expense.finess in self.frame.outside:
            self.say(self.doubts, "OUT_OF_SCOPE", "L’établissement est hors du périmètre de la candidature")

    def _amounts(self) -> None:
        each = self.expense
        vat = each.vat_cents
        if each.net_cents * each.gross_cents < 0 or abs(each.gross_cents) < abs(each.net_cents):
            self.say(self.doubts, "AMOUNTS", "Les montants HT et TTC ne vont pas ensemble")
        elif vat is not None and abs(each.net_cents + vat - each.gross_cents) > ROUNDING:
            self.say(
                self.doubts,
                "AMOUNTS",
                f"HT + TVA font {euros(each.net_cents + vat)}, et non {euros(each.gross_cents)} TTC",
            )
        elif vat is not None and each.vat_rate is not None and _apart(each.net_cents * each.vat_rate / 100, vat):
            self.say(self.doubts, "AMOUNTS", "La TVA n’est pas celle du taux saisi")
        if not min(0, each.gross_cents) <= each.charged <= max(0, each.gross_cents):
            self.say(self.doubts, "CHARGED_TOO_MUCH", "Le montant imputé dépasse le montant TTC")
        elif _apart(Decimal(each.charged), each.shared):
            self.say(
                self.doubts,
                "CHARGED_APART",
                f"La part imputée ferait {euros(each.shared)}, et non {euros(each.charged)}",
            )
        told = "" if each.vat_rate is None else self.frame.vat.elsewhere(each.finess, each.vat_rate, each.invoiced_on)
        if told:
            self.say(self.told, "VAT_ELSEWHERE", told)

    def _proof(self) -> None:
        each = self.expense
        if not each.receipt:
            self.say(self.doubts, "NO_RECEIPT", "Le justificatif manque")
        elif not each.received:
            self.say(self.doubts, "RECEIPT_NOT_FILED", "Le justificatif est nommé, et pas encore déposé")
        if self.shared:
            text = (
                f"Le même justificatif, {each.receipt}, est celui de {self.shared} dépenses : donner le sien à chacune, ou, si une"
                " facture a plusieurs lignes, citer son numéro dans « Observations »"
            )
            self.say(self.doubts, "RECEIPT_SHARED", text)
        if each.status == COMMITTED and not each.invoiced_on:
            self.say(
                self.doubts, "NOT_INVOICED", "Engagée et pas encore facturée : le financement porte sur des coûts réels"
            )

    def _staff(self) -> None:
        each, letter = self.expense, self.letter
        if each.hours is None or each.hourly_rate_cents is None:
            self.say(self.doubts, "NO_HOURS", "Le temps interne se justifie par des heures et un taux horaire")
        elif _apart(each.hours * each.hourly_rate_cents, each.net_cents):
            self.say(self.doubts, "HOURS_APART", "Les heures au taux saisi ne font pas le montant")
        if letter is None:
            text = "Sans lettre de mission : elle est conseillée, non obligatoire"
            if each.mission_letter:
                what = (
                    "est celle d’un autre établissement : choisir la sienne"
                    if self.foreign
                    else "n’est pas encore enregistrée"
                )
                text = f"La lettre de mission {each.mission_letter} {what}"
            self.say(self.doubts, "NO_LETTER", text)
            return
        if not letter.received:
            self.say(self.doubts, "LETTER_NOT_FILED", f"La lettre de mission {letter.code} n’est pas encore déposée")
        if letter.objectives and each.objective not in letter.objectives:
            self.say(
                self.doubts, "LETTER_OBJECTIVE", f"La lettre de mission {letter.code} ne vise pas {each.objective}"
            )
        if letter.hours is not None and self.hours > letter.hours:
            text = f"{grouped(self.hours)} heures imputées sur la lettre {letter.code}, qui en donne {grouped(letter.hours)}"
            self.say(self.doubts, "LETTER_HOURS", text)


def _apart(due: Decimal, amount: int) -> bool:
    return abs(due - amount) > ROUNDING


def euros(cents: int) -> str:
    """Write an amount: « 12 345,60 € »."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}".replace(",", " ") + f",{rest:02d} €"


# ----------------------------------------------------------------------------------------------------------- receipts


def _shared_receipts(expenses: Sequence[Expense]) -> dict[int, int]:
    """How many expenses of an establishment one receipt is said to prove, by place; nothing where that is explained.

    One file may prove one invoice in several lines, each citing the number of another in its notes; staff time of one statement;
    a credit note follows its invoice. Otherwise nobody can tell what it proves: a doubt, and never a refusal.
    """
    named: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, each in enumerate(expenses):
        if each.receipt and not each.credit:
            named[each.finess, each.receipt.casefold()].append(place)
    found: dict[int, int] = {}
    for places in named.values():
        numbers = {place: "" if expenses[place].staff else _spaced(expenses[place].invoice_number) for place in places}
        every = set(numbers.values())
        apart = [place for place in places if not _cited(_spaced(expenses[place].notes)) & (every - {numbers[place]})]
        if len({numbers[place] for place in apart}) > 1:
            found |= dict.fromkeys(apart, len(places))
    return found


# ------------------------------------------------------------------------------------------------------- credit notes


def _invoices(expenses: Sequence[Expense]) -> dict[tuple[str, str], list[int]]:
    """Put the place of each invoice under what a credit note cites it by: its supplier and its number."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, each in enumerate(expenses):
        if each.invoice_number and not each.credit:
            found[each.siret, _spaced(each.invoice_number)].append(place)
    return found


def _corrected(
    credit: Expense, expenses: Sequence[Expense], invoices: Mapping[tuple[str, str], list[int]]
) -> int | None:
    """The place of the invoice that a credit note cites, of the same supplier: in its notes, or as its own number."""
    found = [
        (expenses[place].finess == credit.finess, len(number), place)
        for number in _cited(_spaced(f"{credit.invoice_number} {credit.notes}"))
        for place in invoices.get((credit.siret, number), ())
    ]
    return max(found)[2] if found else None


def _spaced(text: str) -> str:
    return " ".join(text.upper().split())


def _cited(text: str) -> set[str]:
    """Every stretch of whole words that may be a number: looked up, so that a credit note is not held against each invoice."""
    ends = [found.end() for found in _WORD_ENDS.finditer(text)]
    return {
        text[start.start() : end]
        for start in _WORD_STARTS.finditer(text)
        for end in ends
        if 0 < end - start.start() <= LONGEST_NUMBER
    }


def _credit(
    credit: Expense, judged: _Judgement, invoice: Verdict | None, expenses: Sequence[Expense], source: int | None
) -> Verdict:
    """A credit note follows its invoice, so that what is subtracted is what was counted; on its own, it is to check."""
    own = (*judged.refused, *judged.doubts, *judged.told)
    if invoice is None or source is None:
        lost = Reason(
            "CREDIT_ALONE", "Avoir sans facture connue ici : citer son numéro dans « Observations »", credit.key
        )
        state = State.MISSING if judged.refused else State.TO_CONFIRM
        return Verdict(state, (lost, *own), "Citer la facture que l’avoir corrige")
    number = expenses[source].invoice_number
    text = f"Avoir sur la facture {number}, {LABELS[invoice.state].lower()} : il la suit"
    return Verdict(invoice.state, (Reason("CREDIT_NOTE", text, credit.key), *own))
