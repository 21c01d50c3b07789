"""Large workbooks, written as a stream: the same for everybody who measures."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

from importers.workbooks.bia_pcra import PERIMETERS
from importers.workbooks.training import ATTENDANCE, SESSIONS
from tests.importers.kits import Member, typed

_FIRST = ("Camille", "Dominique", "Claude", "Alix", "Sacha", "Morgan", "Charlie", "Noa", "Eden", "Lou")
_FUNCTIONS = ("Infirmière", "Cadre de santé", "Médecin", "Aide-soignante", "Technicien", "Secrétaire médicale")
_PROFILES = ("Soignant", "Direction", "Médical", "Soignant", "Technique / logistique", "Administratif")
PER_SESSION = 125


def attendance(path: Path, finess: str, rows: int) -> Path:
    """K3 of one establishment: `rows` attendances over sessions of 125 people, twelve columns filled."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        page = book.add_worksheet(SESSIONS.name)
        headers = ("code", "title", "kind", "organiser", "starts_on", "ends_on", "half_days", "hours")
        page.write_row(0, 0, [SESSIONS.column(key).header("ght") for key in headers])
        for number in range(-(-rows // PER_SESSION)):
            start = date(2026, 1, 5) + timedelta(days=number % 300)
            page.write_row(number + 1, 0, [f"SES-{number:04}", f"Crise cyber, groupe {number}", "DMCC", "GHT"])
            page.write_datetime(number + 1, 4, start, day)
            page.write_datetime(number + 1, 5, start, day)
            page.write_row(number + 1, 6, [2, 7])
        page = book.add_worksheet(ATTENDANCE.name)
        keys = ("session_code", "finess_ej", "last_name", "first_name", "function", "service", "profile", "half_day_1",
                "half_day_2", "signed", "certified", "certified_on")  # fmt: skip
        page.write_row(0, 0, [ATTENDANCE.column(key).header("ght") for key in keys])
        for row in range(rows):
            page.write_row(
                row + 1,
                0,
                [f"SES-{row // PER_SESSION:04}", finess, f"EXEMPLE {row % 10_007}", _FIRST[row % 10], _FUNCTIONS[row % 6],
                 f"Service {row % 40}", _PROFILES[row % 6], "Présent", "Présent", "Oui", "Oui"],
            )  # fmt: skip
            page.write_datetime(row + 1, 11, date(2026, 3, 12), day)
    return path


def perimeters(path: Path, members: list[Member], each: int) -> Path:
    """K1 of some members, `each` perimeters for each of them."""
    grid = typed(members)
    sheet = grid.sheets[PERIMETERS.name]
    place = grid.column(PERIMETERS.name, "Code périmètre*")
    header, rows = sheet[0], sheet[1:]
    names = grid.column(PERIMETERS.name, "Périmètre / service*")
    sheet[:] = [header]
    for copy in range(-(-each // 4)):
        for row in rows:
            made = list(row)
            made[place], made[names] = f"{row[place]}-{copy:02}", f"{row[names]}, unité {copy:02}"
            sheet.append(made)
    return grid.write(path)
