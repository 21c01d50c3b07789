"""The blank or prefilled workbook of a kit, from its specification.

Sheets: Lisez-moi, the data sheets, Listes. Row 1 is the header, row 2 the help (each cell begins with `#`), row 3 an
example whose first cell is EXEMPLE; both are skipped by the reader. No hidden sheet, no merged cell, no total, no
formula, no macro (workbooks.md, 3.0). The same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO

from compliance.reports import xlsx
from importers.base import Column, Kind, Sheet, Workbook
from importers.cells.durations import show_duration, unit_of
from importers.cells.quantities import french
from importers.facts import EstablishmentRef, Values
from importers.words import quoted
from tenants.typography import typo

FILLABLE_ROWS = 1_000  # rows that carry a format and a list, below the prefilled ones
_FIRST_DATA_ROW = 3  # from 0: header, help, example
_STYLES = {
    Kind.DATE: "input_date",
    Kind.PLANNED_DATE: "input_date",
    Kind.NUMBER: "input_number",
    Kind.INTEGER: "input_number",
    Kind.MONEY: "input_number",
    Kind.YEAR: "input_number",
}
_TYPED_KINDS = _STYLES.keys()  # kinds whose cells are dates and numbers, not text


@dataclass(frozen=True, kw_only=True)
class TemplateContext:
    """For whom the workbook is made. `kit_id` is an identifier that tells nothing of the tenant."""

    kit_id: str
    campaign: str  # « CaRE D2 »
    holder: str  # name of the establishment or GHT
    holder_code: str  # FINESS or GHT code
    contact: str = ""
    candidate_kind: str = "ght"
    establishments: Sequence[EstablishmentRef] = ()
    sites: Mapping[str, str] = field(default_factory=dict)  # FINESS ET -> name


def build(
    workbook: Workbook,
    context: TemplateContext,
    created: datetime,
    stream: BinaryIO,
    rows: Mapping[str, Sequence[Values]] | None = None,
) -> None:
    """Write the workbook to `stream`. `rows` goes from sheet name to stored values (as in `RowResult.values`)."""
    with xlsx.open_workbook(stream, created, workbook.title, constant_memory=False) as book:
        _readme(book, workbook, context, created)
        pages = [(sheet, book.add_worksheet(sheet.name)) for sheet in workbook.sheets]
        names = _lists(book, workbook, context)
        for sheet, page in pages:
            _data_sheet(page, sheet, context, names, (rows or {}).get(sheet.name, ()))
        pages[0][1].activate()


def _readme(book: xlsx.Workbook, workbook: Workbook, context: TemplateContext, created: datetime) -> None:
    page = book.add_worksheet("Lisez-moi")
    lines: list[tuple[str, str]] = [
        (workbook.title, ""),
        ("Kit", workbook.code),
        ("Version du kit", str(workbook.version)),
        ("Identifiant", f"{workbook.code};{workbook.version};{context.kit_id}"),
        ("Campagne", context.campaign),
        ("Établissement ou GHT", f"{context.holder} ({context.holder_code})"),
        ("Fait le", created.strftime("%d/%m/%Y")),
        ("Qui contacter", context.contact or "Le référent CaRE de votre établissement"),
        ("Ce qui est accepté", workbook.accepted),
        ("Lignes 2 et 3 de chaque feuille", "L’aide (précédée de #) et l’exemple : elles ne sont pas importées."),
        ("Colonnes avec une étoile", "Elles sont obligatoires."),
        ("Noms de personnes", _about_names(workbook)),
    ]
    lines += [(f"Feuille {sheet.name}", sheet.title) for sheet in workbook.sheets]
    for row, (label, text) in enumerate(lines):
        xlsx.write_cell(page, row, 0, typo(label), "title" if row == 0 else "label")
        if text:
            xlsx.write_cell(page, row, 1, typo(text))
    page.set_column(0, 0, 34)
    page.set_column(1, 1, 80)
    book.define_name("CARE_KIT", "='Lisez-moi'!$B$4")


def _about_names(workbook: Workbook) -> str:
    private = [sheet.name for sheet in workbook.sheets if sheet.private]
    if not private:
        return "Écrivez des fonctions, jamais des noms."
    where = "que dans la feuille qui en demande" if len(private) == 1 else "que dans les feuilles qui en demandent"
    return f"Ils restent dans l’établissement : n’en écrivez {where} ({', '.join(private)})."


def _lists(book: xlsx.Workbook, workbook: Workbook, context: TemplateContext) -> dict[tuple[str, str], str]:
    """Write the sheet Listes; return the name of the range for each (sheet, column) that has a list."""
    page = book.add_worksheet("Listes")
    ranges: dict[tuple[str, ...], str] = {}
    names: dict[tuple[str, str], str] = {}
    for sheet in workbook.sheets:
        for column in sheet.columns:
            values = _allowed(column, context)
            if not values:
                continue
            if values not in ranges:
                place = len(ranges)
                ranges[values] = f"LISTE_{place + 1}"
                xlsx.write_cell(page, 0, place, column.label_for(context.candidate_kind), "header")
                for row, value in enumerate(values, start=1):
                    xlsx.write_cell(page, row, place, value)
                page.set_column(place, place, max(14, *(len(value) + 2 for value in values)))
                letter = chr(ord("A") + place)
                book.define_name(ranges[values], f"=Listes!${letter}$2:${letter}${len(values) + 1}")
            names[sheet.name, column.key] = ranges[values]
    _directory(page, len(ranges) + 1, context)
    return names


def _directory(page: xlsx.Sheet, place: int, context: TemplateContext) -> None:
    """Which number is which establishment, for those who fill the sheet."""
    people = [(each.finess, each.name) for each in context.establishments] + sorted(context.sites.items())
    for offset, header in enumerate(("FINESS", "Établissement")):
        xlsx.write_cell(page, 0, place + offset, header, "header")
    for row, (number, name) in enumerate(people, start=1):
        xlsx.write_cell(page, row, place, number)
        xlsx.write_cell(page, row, place + 1, name)
    page.set_column(place, place, 14)
    page.set_column(place + 1, place + 1, 44)


def _allowed(column: Column, context: TemplateContext) -> tuple[str, ...]:
    if column.kind is Kind.CHOICE:
        return tuple(choice.label for choice in column.choices)
    if column.kind is Kind.YES_NO:
        return ("Oui", "Non")
    site = column.kind is Kind.FINESS_ET or (column.kind is Kind.FINESS_PARTY and context.candidate_kind == "eg")
    if site:
        return tuple(sorted(context.sites))
    if column.kind in (Kind.FINESS_EJ, Kind.FINESS_PARTY):
        return tuple(each.finess for each in context.establishments)
    if column.kind is Kind.HOLDER:
        return tuple(dict.fromkeys((context.holder_code, *(each.finess for each in context.establishments))))
    return ()


def _data_sheet(
    page: xlsx.Sheet,
    sheet: Sheet,
    context: TemplateContext,
    names: Mapping[tuple[str, str], str],
    rows: Sequence[Values],
) -> None:
    last = _FIRST_DATA_ROW + len(rows) + FILLABLE_ROWS
    for place, column in enumerate(sheet.columns):
        style = _STYLES.get(column.kind, "input_text")
        page.set_column(place, place, column.width, page.styles[style])
        xlsx.write_cell(page, 0, place, column.header(context.candidate_kind), "header")
        xlsx.write_cell(page, 1, place, typo(f"# {column.help}"), "note")
        xlsx.write_cell(
            page, 2, place, "EXEMPLE" if place == 0 else (column.example or None), _look(column, column.example)
        )
        name = names.get((sheet.name, column.key))
        if name:
            # FINESS numbers outside the list are for the check to judge: only choices are enforced by the sheet.
            strict = column.kind in (Kind.CHOICE, Kind.YES_NO)
            page.data_validation(
                2,
                place,
                last,
                place,
                {
                    "validate": "list",
                    "source": f"={name}",
                    "error_type": "stop" if strict else "information",
                    "error_title": "Valeur hors liste",
                    "error_message": typo("Choisissez une valeur de la liste (feuille Listes)."),
                },
            )
    for offset, values in enumerate(rows):
        cells = sheet.to_cells(values)
        for place, column in enumerate(sheet.columns):
            shown = as_typed(column, cells.get(column.key))
            if shown is not None:
                xlsx.write_cell(page, _FIRST_DATA_ROW + offset, place, shown, _look(column, shown))
    page.set_row(0, 32)
    page.set_row(1, 62)
    page.freeze_panes(1, 2)


def _look(column: Column, value: object) -> str | None:
    """Choose the style of a cell: text stays text even in a column of dates or numbers."""
    if column.kind in _TYPED_KINDS and isinstance(value, str):
        return "input_text"
    return _STYLES.get(column.kind, "input_text")


def as_typed(column: Column, value: object) -> str | int | Decimal | date | None:
    """Write a stored value as a user would type it in this column: the reverse of `values.read_value`."""
    if value is None or value == ():
        return None
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if column.kind is Kind.CHOICE:
        return next((choice.label for choice in column.choices if choice.value == value), str(value))
    if column.kind is Kind.SHARED:
        assert isinstance(value, tuple)  # noqa: S101  a pair, as given by values.read_shared
        code, covered = value
        return "; ".join((code, *covered))
    if isinstance(value, tuple):
        return quoted("; ".join(value))
    return _quantity(column, value) if isinstance(value, int | Decimal) else _plain(value)


def in_text(cell: str | int | Decimal | date | None) -> str:
    """Write what `as_typed` gives as text: dates as 30/11/2026, decimal commas, nothing for nothing."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    return french(cell) if isinstance(cell, int | Decimal) else cell


def _plain(value: object) -> str | date:
    return value if isinstance(value, date) else quoted(str(value))


def _quantity(column: Column, value: int | Decimal) -> str | int | Decimal:
    """Write an amount in euros, a share with its sign, a duration with its unit; other numbers as they are."""
    if column.kind is Kind.MONEY:
        return Decimal(value).scaleb(-2)
    if column.kind is Kind.PERCENT:
        return f"{french(value)} %"
    if column.kind is Kind.DURATION:
        return show_duration(int(value), unit_of(column.label))
    return value
