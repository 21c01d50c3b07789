"""Expenses as a sheet: the same columns in the annex of a dossier and in the export of a list."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from compliance.reports import xlsx
from tenants.typography import typo

HEADERS = (
    "FINESS", "Établissement", "Objectif", "Nature", "Fournisseur", "SIRET", "N° facture", "Date facture", "Montant HT",
    "Montant TTC", "Part imputée (%)", "Montant imputé", "Éligibilité", "Motifs", "Justificatif", "Lettre de mission",
)  # fmt: skip
_MONEY = dict.fromkeys((8, 9, 11), "money")


def build(expenses: Iterable[Mapping[str, Any]], on: date, name: str) -> bytes:
    """Return a workbook of expenses, as in the plain canonical document; the same input gives the same bytes."""
    stream = io.BytesIO()
    made = datetime(on.year, on.month, on.day, tzinfo=UTC)
    with xlsx.open_workbook(stream, made, f"Dépenses, {name}") as book:
        write(book.add_worksheet("Dépenses"), expenses)
    return stream.getvalue()


def write(sheet: xlsx.Sheet, expenses: Iterable[Mapping[str, Any]]) -> None:
    """Write every expense with its verdict; amounts in euros."""
    rows = (
        (
            each["finess"], each["establishment"], each["objective"], each["nature_label"], each["supplier"], each["siret"],
            each["invoice_number"], date.fromisoformat(each["invoiced_on"]) if each["invoiced_on"] else None,
            _euros(each["net_cents"]), _euros(each["gross_cents"]), Decimal(each["share_percent"]),
            _euros(each["charged_cents"]), each["state_label"],
            "\n".join(typo(reason["text"]) for reason in each["reasons"]), each["receipt"], each["mission_letter"],
        )
        for each in expenses
    )  # fmt: skip
    xlsx.write_table(sheet, HEADERS, rows, styles=_MONEY)


def _euros(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
