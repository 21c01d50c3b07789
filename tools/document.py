"""Rewrite the generated tables of docs/import-k1.md from the specification of K1: ``python tools/document.py``.

The text around the tables is written by hand. A test compares the file with what this program would write.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from importers.base import Column, Kind, Sheet  # noqa: E402  # run as a script, the project is not on the path
from importers.limits import LIMITS, MEGABYTE  # noqa: E402
from importers.workbooks.bia_pcra import BIA_PCRA  # noqa: E402

PAGE = ROOT / "docs" / "import-k1.md"
_BLOCK = re.compile(r"(?P<open><!-- généré : (?P<name>[^ ]+) -->\n)(?P<body>.*?)(?P<close><!-- fin -->)", re.DOTALL)

KINDS = {
    Kind.TEXT: "texte",
    Kind.CODE: "code",
    Kind.FINESS_EJ: "FINESS EJ",
    Kind.FINESS_ET: "FINESS ET",
    Kind.FINESS_PARTY: "FINESS EJ (GHT) ou ET (hors GHT)",
    Kind.SHARED: "Non, ou code puis FINESS",
    Kind.CHOICE: "liste",
    Kind.YES_NO: "Oui / Non",
    Kind.DATE: "date",
    Kind.PLANNED_DATE: "date prévue",
    Kind.NUMBER: "nombre",
    Kind.YEAR: "année",
}


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _example(column: Column) -> str:
    value = column.example
    if hasattr(value, "strftime"):
        return f"{value:%d/%m/%Y}"
    return str(value).replace(".", ",") if column.kind is Kind.NUMBER else str(value)


def _heading(column: Column) -> str:
    labels = [column.label, *(label for label in column.labels.values() if label != column.label)]
    return " ou ".join(f"{label}{'*' if column.required else ''}" for label in labels)


def columns(sheet: Sheet) -> str:
    """The table of the columns of a sheet, in the order of the template."""
    lines = ["| Colonne | Type | À saisir | Exemple |", "|---|---|---|---|"]
    lines += [
        f"| {_cell(_heading(column))} | {KINDS[column.kind]} | {_cell(column.help)} | {_cell(_example(column))} |"
        for column in sheet.columns
    ]
    return "\n".join(lines) + "\n"


def lists(sheet: Sheet) -> str:
    """The values of each list of a sheet, with what else is understood."""
    lines = ["| Colonne | Valeur | Aussi compris |", "|---|---|---|"]
    lines += [
        f"| {_cell(column.label)} | {_cell(choice.label)} | {_cell(' ; '.join(choice.synonyms))} |"
        for column in sheet.columns
        for choice in column.choices
    ]
    return "\n".join(lines) + "\n"


def headings(sheet: Sheet) -> str:
    """Other ways of writing each heading that are recognised without a doubt."""
    lines = ["| Colonne | Autres intitulés reconnus |", "|---|---|"]
    lines += [f"| {_cell(column.label)} | {_cell(' ; '.join(column.synonyms)) or '-'} |" for column in sheet.columns]
    return "\n".join(lines) + "\n"


def limits() -> str:
    """The bounds of a read."""
    facts = (
        ("Taille du fichier", f"{LIMITS.file_size // MEGABYTE} Mo"),
        ("Taille une fois décompressé", f"{LIMITS.unpacked_size // MEGABYTE} Mo"),
        ("Feuilles", LIMITS.sheets),
        ("Lignes remplies par feuille", LIMITS.rows),
        ("Colonnes lues par feuille", LIMITS.columns),
        ("Cellules remplies, tout le classeur", LIMITS.cells),
        ("Caractères par cellule", LIMITS.cell_length),
        ("Lignes vides qui terminent une feuille", LIMITS.blank_rows),
        ("Temps de lecture", f"{LIMITS.wall_seconds} s"),
    )
    lines = ["| Limite | Valeur |", "|---|---|"]
    return "\n".join(lines + [f"| {name} | {value} |" for name, value in facts]) + "\n"


def blocks() -> dict[str, str]:
    """Every generated block by its name."""
    made = {"limites": limits()}
    for sheet in BIA_PCRA.sheets:
        made |= {
            f"colonnes-{sheet.name}": columns(sheet),
            f"listes-{sheet.name}": lists(sheet),
            f"intitulés-{sheet.name}": headings(sheet),
        }
    return made


def render(text: str) -> str:
    """Return the page with its generated blocks as the specification says. Raises KeyError for an unknown block."""
    made = blocks()
    return _BLOCK.sub(lambda match: f"{match['open']}{made[match['name']]}{match['close']}", text)


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
