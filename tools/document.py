"""Write the documents that are made from the specifications of the workbooks: ``python tools/document.py``.

One page for each workbook and the page of remark codes are generated whole. In the guide, which is written by hand, a
block between ``<!-- généré : NAME -->`` and ``<!-- fin -->`` is filled. ``tests/architecture/test_docs.py`` compares the
files with what this program would write.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from importers.base import Column, Kind, Sheet, Workbook  # noqa: E402  # run as a script, the project is not on the path
from importers.codes import CODES  # noqa: E402
from importers.limits import LIMITS, MEGABYTE  # noqa: E402
from importers.reading.bundle import MOST  # noqa: E402
from importers.registry import WORKBOOKS  # noqa: E402

FOLDER = ROOT / "docs" / "import"
GUIDE = FOLDER / "README.md"
_BLOCK = re.compile(r"(?P<open><!-- généré : (?P<name>[^ ]+) -->\n)(?P<body>.*?)(?P<close><!-- fin -->)", re.DOTALL)
_MADE = "Page produite par `python tools/document.py` : elle ne se modifie pas à la main."

KINDS = {
    Kind.TEXT: "texte",
    Kind.TEXTS: "un ou plusieurs textes",
    Kind.NAME: "nom de personne",
    Kind.CODE: "code",
    Kind.CODES: "un ou plusieurs codes",
    Kind.FINESS_EJ: "FINESS EJ",
    Kind.FINESS_ET: "FINESS ET",
    Kind.FINESS_PARTY: "FINESS EJ (GHT) ou ET (hors GHT)",
    Kind.FINESS_LIST: "un ou plusieurs FINESS EJ",
    Kind.HOLDER: "FINESS EJ ou code du GHT",
    Kind.SHARED: "Non, ou code puis FINESS",
    Kind.SIRET: "SIRET",
    Kind.CHOICE: "liste",
    Kind.YES_NO: "Oui / Non",
    Kind.DATE: "date",
    Kind.PLANNED_DATE: "date prévue",
    Kind.TIME: "heure",
    Kind.DURATION: "durée",
    Kind.NUMBER: "nombre",
    Kind.INTEGER: "nombre entier",
    Kind.YEAR: "année",
    Kind.MONEY: "montant en euros",
    Kind.PERCENT: "pourcentage",
    Kind.OBJECTIVE: "code d’objectif",
    Kind.OBJECTIVES: "un ou plusieurs codes d’objectif",
    Kind.FILE: "nom de fichier",
    Kind.PHONE: "téléphone",
}
CLASSES = (
    ("E", "Erreurs", "illisible ou contradictoire", "non"),
    ("G", "Manques", "manque honnête : le suivi doit pouvoir dire « pas fait »", "oui, et montrée en rouge"),
    ("W", "Avis", "à savoir", "oui"),
)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table in Markdown."""
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    lines += [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


# ---------------------------------------------------------------------------------------------------------- workbooks


def workbook_page(workbook: Workbook) -> str:
    """Return the page of a workbook: its sheets, their columns, their lists, the headings understood."""
    parts = [
        f"# {workbook.title}\n",
        f"Classeur `{workbook.code}.xlsx`, version {workbook.version}. {workbook.about}".rstrip() + "\n",
        f"{_MADE} Comment déposer : [le guide](README.md). Ce que disent les remarques : [les codes](codes.md).\n",
        "`*` : la colonne doit être présente. « Jamais répété » : aucune remarque ni aucun aperçu ne montre la valeur.\n",
    ]
    parts += [_sheet(workbook, sheet) for sheet in workbook.sheets]
    return "\n".join(parts)


def _sheet(workbook: Workbook, sheet: Sheet) -> str:
    parts = [f"## Feuille `{sheet.name}`\n", f"{sheet.title}.\n", table(("", ""), _about(workbook, sheet))]
    parts += [f"### Colonnes de {sheet.name}\n", _columns(workbook, sheet)]
    if any(column.choices for column in sheet.columns):
        parts += [f"### Listes de {sheet.name}\n", _lists(sheet)]
    parts += [f"### Autres intitulés reconnus dans {sheet.name}\n", _headings(sheet)]
    return "\n".join(parts)


def _about(workbook: Workbook, sheet: Sheet) -> list[tuple[str, str]]:
    labels, sample = _key(sheet)
    readers = "l’établissement et son GHT"
    if sheet.private:
        readers = (
            "l’établissement seul ; son GHT peut la déposer pour lui sans la relire, et ni remarque ni aperçu n’en "
            "répète une clé"
        )
    told = [("Une ligne", sheet.one)] if sheet.one != "ligne" else []
    told += [
        ("Clé", f"{', '.join(labels)} (exemple : « {sample} »)"),
        ("Lue par", readers),
    ]
    users = [
        f"{column.label} de {_place(user, workbook)}"
        for user in _sheets()
        for column in user.columns
        if column.refers == sheet.name
    ]
    if users:
        told.append(("Citée par", " ; ".join(users)))
    if sheet.synonyms:
        told.append(("Autres noms de feuille reconnus", " ; ".join(sheet.synonyms)))
    return told


class _Asked(dict[str, object]):
    """A row that remembers which of its values were looked at."""

    def __init__(self, values: Mapping[str, object]) -> None:
        super().__init__(values)
        self.keys_asked: dict[str, None] = {}

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
        self.keys_asked[key] = None
        return super().get(key, default)


def _key(sheet: Sheet) -> tuple[list[str], str]:
    """Return the labels of the columns that the key of a row is made of, and the key of the example."""
    row = _Asked({column.key: _value(column) for column in sheet.columns})
    sample = sheet.key(row)
    return [column.label for column in sheet.columns if column.key in row.keys_asked], sample


def _value(column: Column) -> object:
    """Return the value that the example of a column is read as, as far as keys need it."""
    if column.choices:
        return next((each.value for each in column.choices if each.label == column.example), column.choices[0].value)
    return column.example or None


def _sheets() -> list[Sheet]:
    return [sheet for workbook in WORKBOOKS for sheet in workbook.sheets]


def _place(sheet: Sheet, page: Workbook) -> str:
    """Return a link to a sheet, from the page of a workbook."""
    workbook = next(each for each in WORKBOOKS if sheet in each.sheets)
    target = "" if workbook is page else f"{workbook.code}.md"
    return f"[{sheet.name}]({target}#feuille-{sheet.name.lower()})"


def _columns(workbook: Workbook, sheet: Sheet) -> str:
    heads, rows = ["Colonne", "Type", "À saisir", "Exemple"], []
    refers = any(column.refers for column in sheet.columns)
    for column in sheet.columns:
        kind = KINDS[column.kind] + (", jamais répété" if column.personal else "")
        row = [_heading(column), kind, column.help, _example(column)]
        if refers:
            other = next((each for each in _sheets() if each.name == column.refers), None)
            row.append(_place(other, workbook) if other else "")
        rows.append(row)
    return table([*heads, "Renvoie à"] if refers else heads, rows)


def _heading(column: Column) -> str:
    labels = [column.label, *(label for label in column.labels.values() if label != column.label)]
    return " ou ".join(f"{label}{'*' if column.required else ''}" for label in labels)


def _example(column: Column) -> str:
    value = column.example
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(value).replace(".", ",") if isinstance(value, Decimal) else str(value)


def _lists(sheet: Sheet) -> str:
    return table(
        ("Colonne", "Valeur", "Aussi compris"),
        (
            (column.label, choice.label, " ; ".join(choice.synonyms))
            for column in sheet.columns
            for choice in column.choices
        ),
    )


def _headings(sheet: Sheet) -> str:
    return table(
        ("Colonne", "Intitulés compris sans un doute"),
        ((column.label, " ; ".join(column.synonyms) or "-") for column in sheet.columns),
    )


# -------------------------------------------------------------------------------------------------------------- codes


def codes_page() -> str:
    """Return the page of remark codes."""
    parts = [
        "# Les remarques\n",
        (
            "Chaque remarque dit la feuille, la cellule, la colonne, la valeur, la raison et le remède, avec des mots plus "
            "précis que ceux-ci. Les codes ne changent pas d’une version à l’autre.\n"
        ),
        f"{_MADE} Comment déposer : [le guide](README.md).\n",
        table(
            ("Classe", "Sens", "La ligne est-elle enregistrée ?"),
            ((name, meaning, stored) for name, _, meaning, stored in CLASSES),
        ),
    ]
    for name, title, _, _ in CLASSES:
        rows = [(f"`{code}`", told.meaning, told.remedy) for code, told in CODES.items() if code.startswith(name)]
        parts += [f"## {title} ({name})\n", table(("Code", "Ce qu’il dit", "Que faire"), rows)]
    return "\n".join(parts)


# -------------------------------------------------------------------------------------------------------------- guide


def limits() -> str:
    """Return the bounds of a read, as they are unless an installation says otherwise."""
    facts = (
        ("Taille d’un fichier", f"{LIMITS.file_size // MEGABYTE} Mo"),
        ("Taille une fois décompressé", f"{LIMITS.unpacked_size // MEGABYTE} Mo"),
        ("Fichiers dans une archive ZIP", MOST),
        ("Feuilles", LIMITS.sheets),
        ("Lignes remplies par feuille", _thousands(LIMITS.rows)),
        ("Colonnes lues par feuille", LIMITS.columns),
        ("Cellules remplies, tout le classeur", _thousands(LIMITS.cells)),
        ("Caractères par cellule", _thousands(LIMITS.cell_length)),
        ("Lignes vides qui terminent une feuille", LIMITS.blank_rows),
        ("Temps de lecture", f"{LIMITS.wall_seconds} s"),
    )
    return table(("Limite", "Valeur"), facts)


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def workbooks() -> str:
    """Return the list of the workbooks."""
    return table(
        ("Classeur", "Sujet", "Feuilles"),
        (
            (f"[{each.code}]({each.code}.md)", each.title, ", ".join(sheet.name for sheet in each.sheets))
            for each in WORKBOOKS
        ),
    )


def render(text: str) -> str:
    """Return a page with its blocks filled. Raises KeyError for an unknown block."""
    made = {"limites": limits(), "classeurs": workbooks()}
    return _BLOCK.sub(lambda match: f"{match['open']}{made[match['name']]}{match['close']}", text)


def pages() -> dict[Path, str]:
    """Return every page of the folder with what it should hold."""
    made = {FOLDER / f"{workbook.code}.md": workbook_page(workbook) for workbook in WORKBOOKS}
    made[FOLDER / "codes.md"] = codes_page()
    made[GUIDE] = render(GUIDE.read_text(encoding="utf-8"))
    return made


if __name__ == "__main__":
    for path, content in pages().items():
        path.write_text(content, encoding="utf-8")
