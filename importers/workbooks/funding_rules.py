"""What a row of K6 must hold (workbooks.md, 3.6). Amounts are cents and rates are decimals: no float."""

from __future__ import annotations

from decimal import Decimal

from compliance.rules.funding import ROUNDING, euros
from importers.base import Row, RowRule, mask
from importers.facts import Facts, Values
from importers.workbooks.common import E, G, W, day

STAFF_TIME = "staff_time"

_CREDIT = " / avoir"
_ASKED = (
    ("supplier", "Le fournisseur est obligatoire.", "Écrivez sa raison sociale."),
    ("siret", "Le SIRET du fournisseur est obligatoire.", "Saisissez ses 14 chiffres, colonne au format Texte."),
    ("invoice_number", "Le numéro de facture est obligatoire.", "Recopiez-le de la facture."),
    ("invoiced_on", "La date de la facture est obligatoire.", "Saisissez-la comme 05/12/2026."),
)


def _cents(row: Row, key: str) -> int | None:
    value = row.get(key)
    return value if isinstance(value, int) else None


def _decimal(row: Row, key: str) -> Decimal | None:
    value = row.get(key)
    return value if isinstance(value, Decimal) else None


# ----------------------------------------------------------------------------------------------------------- identity


def expense_key(values: Values) -> str:
    """Return the business key of an expense: « 12345678200010 / F-123 », else « ligne 12 ».

    SIRET and invoice number name an invoice wherever it is filed; the line number names what has none (staff time). A credit
    note that bears the number of the invoice it corrects has a key of its own: « 12345678200010 / F-123 / avoir ».
    """
    siret, invoice, line = values.get("siret"), values.get("invoice_number"), values.get("line_number")
    if siret and invoice and values.get("nature") != STAFF_TIME:
        return f"{siret} / {' '.join(str(invoice).upper().split())}{_CREDIT if is_credit(values) else ''}"
    return f"ligne {line}" if line else ""


def is_credit(values: Values) -> bool:
    """Tell whether a row gives money back."""
    return any(isinstance(cents := values.get(key), int) and cents < 0 for key in ("net_cents", "gross_cents"))


def identity(row: Row, _facts: Facts) -> None:
    """Ask who invoiced what; staff time has neither supplier nor invoice, and is named by its line."""
    staff = row.get("nature") == STAFF_TIME
    if not staff and "nature" not in row.broken:
        for key, reason, remedy in _ASKED:
            if row.blank(key):
                row.require(key, reason, remedy)
    if row.blank("line_number") and (staff or row.blank("siret") or row.blank("invoice_number")):
        row.require(
            "line_number", "Le numéro de ligne est obligatoire sans SIRET ni numéro de facture.",
            "Numérotez vos lignes, et gardez ces numéros d’un dépôt à l’autre.",
        )  # fmt: skip


def elsewhere(facts: Facts) -> RowRule:
    """Refuse an invoice that another EJ of the GHT already has, stored or earlier in the file."""
    owners: dict[str, str] = {}
    for stored in facts.existing.get("Depenses", {}):
        number, _, key = stored.partition("/")
        owners[key] = number

    def rule(row: Row, _facts: Facts) -> None:
        key = expense_key(row.values)
        if not row.establishment or not row.get("invoice_number") or not row.get("siret") or key.startswith("ligne "):
            return
        owner = owners.setdefault(key, row.establishment)
        if owner != row.establishment:
            row.remark(
                E, "E-DUP", "invoice_number", f"Cette facture est déjà celle d’un autre établissement ({owner}).",
                "Gardez-la dans un seul établissement ; si elle est partagée, indiquez la part imputée.",
            )  # fmt: skip

    return rule


def credit_note(facts: Facts) -> RowRule:
    """Ask of a credit note which invoice it corrects: in « Observations », or as its own invoice number."""
    invoices = {key.partition("/")[2] for key in facts.existing.get("Depenses", {})}

    def rule(row: Row, _facts: Facts) -> None:
        key = expense_key(row.values)
        if not is_credit(row.values):
            invoices.add(key)
            return
        if row.broken & {"siret", "invoice_number", "notes", "nature"} or row.get("nature") == STAFF_TIME:
            return
        cited = _numbers(row.get("notes")) > 0 or _numbers(row.get("invoice_number")) > 1
        if not cited and key.removesuffix(_CREDIT) not in invoices:
            row.remark(
                E, "E-COH", "notes", "Montant négatif : un avoir doit citer la facture qu’il corrige.",
                "Écrivez le numéro de cette facture dans « Observations ».",
            )  # fmt: skip

    return rule


def _numbers(text: object) -> int:
    """Count the words that hold a digit: what a reference to an invoice looks like."""
    return sum(any(letter.isdigit() for letter in word) for word in str(text or "").split())


# ------------------------------------------------------------------------------------------------------------ amounts


def amounts(row: Row, _facts: Facts) -> None:
    """Hold HT, TVA and TTC together, to two cents; tell of HT and TTC typed one for the other."""
    net, gross = _cents(row, "net_cents"), _cents(row, "gross_cents")
    if net is not None and gross is not None:
        if net * gross < 0:
            row.remark(
                E, "E-COH", "gross_cents", "Les montants HT et TTC sont de signes contraires.", "Vérifiez les signes."
            )
            return
        if abs(gross) < abs(net):
            row.remark(
                E, "E-COH", "gross_cents", "Le montant TTC est plus petit que le montant HT.",
                "Les deux montants sont peut-être inversés.",
            )  # fmt: skip
            return
    _vat(row, net, gross)


def _vat(row: Row, net: int | None, gross: int | None) -> None:
    vat, rate = _cents(row, "vat_cents"), row.get("vat_rate")
    if net is None or vat is None:
        return
    if gross is not None and abs(net + vat - gross) > ROUNDING:
        row.remark(
            E, "E-COH", "gross_cents", f"HT + TVA font {euros(net + vat)}, et non le montant TTC saisi.",
            "Recopiez les trois montants de la facture.",
        )  # fmt: skip
    due = None if rate is None else net * Decimal(str(rate)) / 100
    if due is not None and abs(due - vat) > ROUNDING:
        row.remark(
            E, "E-COH", "vat_cents", f"La TVA au taux saisi serait de {euros(round(due))}.",
            "Vérifiez le taux et la TVA ; si la facture a plusieurs taux, laissez le taux vide.",
        )  # fmt: skip


def vat_here(row: Row, facts: Facts) -> None:
    """Tell of a rate that does not exist where the establishment is, on the day of the invoice; silent where that is not known."""
    rate, on = row.get("vat_rate"), day(row, "invoiced_on")
    if rate is None or facts.vat is None or not row.establishment:
        return
    told = facts.vat.elsewhere(row.establishment, Decimal(str(rate)), on)
    if told:
        row.remark(
            W, "W-TVA", "vat_rate", f"{told}.", "Vérifiez le taux sur la facture : la ligne est enregistrée telle quelle.",
        )  # fmt: skip


def staff_time(row: Row, _facts: Facts) -> None:
    """Hold the cost of staff time against hours and rate, which justify it; a supplier of it could only be a person."""
    if row.get("nature") != STAFF_TIME:
        return
    supplier = row.get("supplier")
    if supplier is not None:
        row.values["supplier"] = None
        row.remark(
            W, "W-NOM", "supplier",
            "Le temps interne n’a pas de fournisseur, et un nom serait lu par l’ARS : cette cellule n’est pas enregistrée.",
            "Laissez-la vide ; la lettre de mission dit la fonction.", value=mask(str(supplier)),
        )  # fmt: skip
    for key, what in (("hours", "Le nombre d’heures"), ("hourly_rate_cents", "Le taux horaire")):
        if row.blank(key):
            row.remark(
                G, "G-REQ", key, f"{what} manque : le temps interne doit être justifié.", "Complétez cette cellule."
            )
    hours, rate, net = _decimal(row, "hours"), _cents(row, "hourly_rate_cents"), _cents(row, "net_cents")
    if hours is not None and rate is not None and net is not None and abs(hours * rate - net) > ROUNDING:
        row.remark(
            E, "E-COH", "net_cents", f"Les heures au taux saisi font {euros(round(hours * rate))}.",
            "Vérifiez les heures, le taux horaire et le montant HT.",
        )  # fmt: skip


def charged(row: Row, _facts: Facts) -> None:
    """Refuse to charge more than was spent."""
    share, gross = _cents(row, "charged_cents"), _cents(row, "gross_cents")
    if share is not None and gross is not None and not min(0, gross) <= share <= max(0, gross):
        row.remark(
            E, "E-COH", "charged_cents", "Le montant imputé dépasse le montant TTC.",
            "Imputez au plus le montant de la facture.",
        )  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- dates


def phase(row: Row, facts: Facts) -> None:
    """Tell of an expense outside the operational phase: from the arrêté to the declaration (referential, « Money »)."""
    dates = {key: found for key in ("committed_on", "invoiced_on") if (found := day(row, key)) is not None}
    for key, found in dates.items():
        if found < facts.phase_start:
            row.remark(
                G, "G-PER", key, f"Date antérieure à la phase opérationnelle, ouverte le {facts.phase_start:%d/%m/%Y}.",
                "Cette dépense n’est pas éligible ; vérifiez la date.",
            )  # fmt: skip
    first = min(dates, key=dates.__getitem__, default=None)
    if first is not None and facts.filed_on is not None and dates[first] > facts.filed_on:
        row.remark(
            G, "G-PER", first, f"Date postérieure à la déclaration, déposée le {facts.filed_on:%d/%m/%Y}.",
            "Cette dépense n’est pas éligible ; vérifiez la date.",
        )  # fmt: skip
