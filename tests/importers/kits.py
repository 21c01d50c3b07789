"""K1 workbooks built in code: a clean one for any establishments, and its damaged twin."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from importers import template
from importers.facts import EstablishmentRef, Facts
from importers.workbooks.bia_pcra import BIA_PCRA, PARTIES, PERIMETERS

TODAY = date(2026, 11, 22)
MADE_ON = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)

# code, name, kind, platform: the three kinds of minimal perimeter and one support function
SERVICES = (
    ("URG-01", "Urgences adultes", "care", None),
    ("PAIE-01", "Paie et carrières", "administrative", None),
    ("BIO-01", "Laboratoire de biologie", "technical", "biology"),
    ("REST-01", "Restauration", "support", None),
)


@dataclass(frozen=True)
class Member:
    """A party of a candidate; `finess` is None for one that has no number."""

    finess: str | None
    name: str
    ac: Decimal | None = None


@dataclass
class Grid:
    """A workbook to be: sheet name to rows of cells, as a user would type them."""

    sheets: dict[str, list[list[Any]]]
    date_1904: bool = False
    hidden: set[str] = field(default_factory=set)
    blank_rows: dict[str, int] = field(default_factory=dict)  # formatted but empty rows under the table
    number_format: dict[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        """Write the .xlsx with XlsxWriter."""
        with xlsxwriter.Workbook(
            path, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
                   "date_1904": self.date_1904}
        ) as book:  # fmt: skip
            day = book.add_format({"num_format": "dd/mm/yyyy"})
            bold = book.add_format({"bold": True})
            for name, rows in self.sheets.items():
                page = book.add_worksheet(name)
                if name in self.hidden:
                    page.hide()
                for number, row in enumerate(rows):
                    for place, value in enumerate(row):
                        _write(page, number, place, value, day)
                for extra in range(self.blank_rows.get(name, 0)):
                    page.write_blank(len(rows) + extra, 0, None, bold)
                    page.write_blank(len(rows) + extra, 3, None, bold)
        return path

    def column(self, sheet: str, header: str) -> int:
        """Index of a column by its header (with its star)."""
        return self.sheets[sheet][0].index(header)

    def put(self, sheet: str, row: int, header: str, value: object) -> None:
        """Replace one cell; `row` is the number the user sees (1 is the header)."""
        self.sheets[sheet][row - 1][self.column(sheet, header)] = value


def _write(page: Any, row: int, place: int, value: object, day: object) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_boolean(row, place, value)
    elif isinstance(value, date):
        page.write_datetime(row, place, value, day)
    elif isinstance(value, int | float | Decimal):
        page.write_number(row, place, value)
    elif isinstance(value, tuple):  # (formula, value)
        page.write_formula(row, place, value[0], None, value[1])
    else:
        page.write_string(row, place, str(value))


def party_values(member: Member, rank: int = 0) -> dict[str, object]:
    """A party as stored."""
    if member.finess is None:
        return {
            "finess": None, "name": member.name, "in_scope": False, "ac": None, "ac_year": None, "source": None,
            "out_reason": "EHPAD, hors du champ de l’appel",
        }  # fmt: skip
    return {
        "finess": member.finess,
        "name": member.name,
        "in_scope": True,
        "out_reason": None,
        "ac": member.ac or Decimal("12000.50") + 1000 * rank,
        "ac_year": 2024,
        "source": "SAE 2024",
    }


def perimeter_values(finess: str, service: tuple[str, str, str, str | None]) -> dict[str, object]:
    """A perimeter as stored, everything in order."""
    code, name, kind, platform = service
    return {
        "code": code, "finess_ej": finess, "finess_et": None, "name": name, "kind": kind, "platform": platform,
        "exists": True, "absence_reason": None, "department": "Pôle transversal",
        "referent_function": "Cadre supérieur de santé", "referent_name": None, "bia": "done",
        "bia_on": date(2026, 3, 12), "bia_reason": None, "pca": "approved", "pca_on": date(2026, 6, 2),
        "pra": "approved", "pra_on": date(2026, 6, 2), "approver": "CODIR du 02/06/2026", "version": "v1.2",
        "shared_system": None, "covered": (), "shared_identical": None, "paper_copy": True,
        "paper_place": "PC sécurité", "paper_printed_on": date(2026, 6, 10), "last_test_on": date(2026, 9, 18),
        "next_test_on": date(2027, 3, 15), "evidence_file": None,
    }  # fmt: skip


def clean_rows(members: Sequence[Member]) -> dict[str, list[dict[str, object]]]:
    """The stored values of a whole clean K1: every party, four perimeters for each that has a number."""
    return {
        "Parties": [party_values(member, rank) for rank, member in enumerate(members)],
        "Perimetres": [
            perimeter_values(member.finess, service) for member in members if member.finess for service in SERVICES
        ],
    }


def clean_kit(
    path: Path, members: Sequence[Member], *, kind: str = "ght", sites: Mapping[str, str] | None = None
) -> Path:
    """A K1 prefilled by the product itself."""
    stream = io.BytesIO()
    context = template.TemplateContext(
        kit_id="0192f0c0-0000-7000-8000-000000000001",
        campaign="CaRE D2",
        holder="GHT d’essai",
        holder_code="GHT-ESSAI",
        candidate_kind=kind,
        establishments=references(members),
        sites=sites or {},
    )
    template.build(BIA_PCRA, context, MADE_ON, stream, clean_rows(members))
    path.write_bytes(stream.getvalue())
    return path


def typed(members: Sequence[Member]) -> Grid:
    """The same content as a home-made workbook: header on the first row, no help, no example, no CARE_KIT."""
    rows = clean_rows(members)
    grid = {}
    for sheet in (PARTIES, PERIMETERS):
        grid[sheet.name] = [[column.header("ght") for column in sheet.columns]]
        for values in rows[sheet.name]:
            cells = sheet.to_cells(values)
            grid[sheet.name].append([template.as_typed(column, cells.get(column.key)) for column in sheet.columns])
    return Grid(grid)


def references(members: Sequence[Member]) -> list[EstablishmentRef]:
    """The members that have a number, as establishments the uploader may write."""
    return [EstablishmentRef(f"id-{each.finess}", each.finess, each.name) for each in members if each.finess]


def facts_for(members: Sequence[Member], **changes: Any) -> Facts:
    """Facts of an uploader who may write all the members."""
    given: dict[str, Any] = {
        "scope_finess": {each.finess: each for each in references(members)},
        "today": TODAY,
        "known": lambda _number: False,
    }
    return Facts(**(given | changes))


# Remarks that `damage` must provoke, in the order of the report: (class, code, sheet, cell).
Expected = list[tuple[str, str, str, str]]

UNKNOWN_NUMBER = "990000002"  # the key holds, no such establishment
WRONG_KEY = "123456789"


def damage(members: Sequence[Member], foreign: str) -> tuple[Grid, Expected]:
    """The damaged twin of `typed(members)`, and the remarks it must give.

    Codes stored as numbers, French dates as text, serial numbers in a 1904 workbook, total rows, no-break spaces, a
    hidden sheet, 120 phantom rows, a wrong key, an unknown and a foreign establishment.
    """
    grid = typed(members)
    grid.date_1904 = True
    expected: Expected = []
    parties, perimeters = grid.sheets["Parties"], grid.sheets["Perimetres"]
    for name, rows in (("Parties", parties), ("Perimetres", perimeters)):
        place = grid.column(name, "FINESS EJ*")
        for number, row in enumerate(rows[1:], start=2):
            if row[place] and str(row[place]).isdigit():
                if row[place].startswith("0"):
                    expected.append(("W", "W-FIN", name, f"{'A' if place == 0 else 'B'}{number}"))
                row[place] = int(row[place])
            elif row[place]:
                row[place] = f"\u00a0FINESS : {row[place][:2].lower()} {row[place][2:]}\u00a0"
    numbered = [number for number, row in enumerate(parties[1:], start=2) if row[0]]
    for number in numbered:
        grid.put("Parties", number, "Activité combinée*", f"{number}\u202f234,50\u00a0€")
        grid.put("Parties", number, "Dans le périmètre*", "\u00a0OUI ")
    parties.append(["Total", None, None, None, 99999])
    expected.append(("W", "W-TOT", "Parties", f"A{len(parties)}"))

    grid.put("Perimetres", 2, "Date du BIA", "jeudi 12 mars 2026")
    grid.put("Perimetres", 3, "Date du BIA", "12 mars 2026")
    grid.put("Perimetres", 4, "Date du BIA", "12.03.26")
    serial = (date(2026, 3, 12) - date(1904, 1, 1)).days
    grid.put("Perimetres", 5, "Date du BIA", serial)
    expected.append(("W", "W-DAT", "Perimetres", "K5"))
    grid.put("Perimetres", 2, "Prochain test prévu", "T1 2027")
    expected.append(("W", "W-DAT", "Perimetres", "Y2"))
    grid.put("Perimetres", 2, "Type de périmètre*", " soins a impact  MAJEUR\u00a0")
    grid.put("Perimetres", 3, "PCA*", "valide")
    bad = len(perimeters)
    for offset, (code, number) in enumerate((("KO-01", WRONG_KEY), ("KO-02", UNKNOWN_NUMBER), ("KO-03", foreign))):
        row = list(perimeters[1])
        row[0], row[1], row[3], row[10], row[24] = code, number, f"Service {code}", date(2026, 3, 12), date(2027, 3, 15)
        perimeters.append(row)
        expected.append(("E", "E-FIN", "Perimetres", f"B{bad + offset + 1}"))
    perimeters.append(["\u00a0", " ", "-", None])
    perimeters.append(["Sous-total", None, None, None, None])
    expected.append(("W", "W-TOT", "Perimetres", f"A{len(perimeters)}"))
    grid.blank_rows["Perimetres"] = 120
    grid.sheets["Brouillon RH"] = [["Nom", "Téléphone"], ["inventé", "0"]]
    grid.hidden.add("Brouillon RH")
    expected.append(("W", "W-MAS", "Brouillon RH", ""))
    return grid, expected
