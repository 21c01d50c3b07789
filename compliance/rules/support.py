"""Support functions: payroll, billing, purchasing, human resources, which a crisis must not forget.

Source: lessons.md, CHSF (5,000 payslips by hand for three months): the four are always listed, and said empty when they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from compliance.rules.verdict import Reason, State, Verdict
from compliance.rules.words import listing, lower_first

if TYPE_CHECKING:
    from datetime import date


class SupportFunction(StrEnum):
    """The functions that a crisis must not forget; the values are those of the workbook K8, sheet Fonctions_support."""

    PAYROLL = "payroll"
    BILLING = "billing"
    PURCHASING = "purchasing"
    HR = "hr"

    @property
    def label(self) -> str:
        """The French name, as in the list of the workbook K8."""
        return _FUNCTIONS[self][0]

    @property
    def question(self) -> str:
        """What is asked of it."""
        return _FUNCTIONS[self][1]


_FUNCTIONS = {
    SupportFunction.PAYROLL: (
        "Paie",
        "Peut-on reverser la paie du mois dernier, par qui, avec la banque comment ?",
    ),
    SupportFunction.BILLING: (
        "Facturation",
        "Peut-on facturer les soins sans informatique, par qui, transmis comment ?",
    ),
    SupportFunction.PURCHASING: (
        "Achats et paiement des fournisseurs",
        "Peut-on commander et payer les fournisseurs sans informatique, par qui, comment ?",
    ),
    SupportFunction.HR: (
        "Ressources humaines",
        "Peut-on tenir les plannings et le temps de travail sans informatique, par qui, comment ?",
    ),
}


@dataclass(frozen=True, kw_only=True)
class SupportAnswer:
    """What an establishment says of one support function. `run_by` is a function, never a name; `hold` in minutes."""

    function: SupportFunction
    can_run_again: bool | None = None
    run_by: str = ""
    channel: str = ""
    hold: int | None = None
    checked_on: date | None = None


def answered(function: SupportFunction, answer: SupportAnswer | None, on: date) -> Verdict:
    """Judge what is said of a support function: silence is said, never left out (CHSF, 5,000 payslips by hand)."""
    if answer is None:
        reason = Reason("SUPPORT_SILENT", "Rien n’est dit", function)
        return Verdict(State.MISSING, (reason,), f"Répondre pour {lower_first(function.label)}")
    if answer.can_run_again is None:
        reason = Reason("SUPPORT_UNANSWERED", "La question reste sans réponse", function)
        return Verdict(State.MISSING, (reason,), "Répondre oui ou non")
    if not answer.can_run_again:
        reason = Reason("SUPPORT_STOPS", "Ne peut pas tourner sans informatique", function)
        return Verdict(State.AT_RISK, (reason,), "Trouver un repli, par qui et comment")
    parts = (
        ("par qui", answer.run_by.strip()),
        ("comment", answer.channel.strip()),
        ("combien de temps", answer.hold),
        ("quand ce repli a été vérifié", answer.checked_on if answer.checked_on and answer.checked_on <= on else None),
    )
    lacking = [what for what, value in parts if value in (None, "")]
    if lacking:
        reason = Reason("SUPPORT_INCOMPLETE", f"Oui, reste à dire {listing(lacking)}", function)
        return Verdict(State.IN_PROGRESS, (reason,), f"Dire {listing(lacking)}")
    return Verdict(State.MET, (Reason("SUPPORT_OK", "Oui, par une fonction et un moyen connus, vérifié", function),))
