"""From a workbook as read to rows that may be stored and everything there is to say about them.

Pure and deterministic: the same file, specification and facts give the same report. One report holds all remarks of
all sheets; a fault in a header does not hide those of the cells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from importers.base import Row, Sheet, Workbook
from importers.facts import EstablishmentRef, Facts
from importers.faults import Fault, FaultClass, shorten
from importers.readings import ValueFault
from importers.recognise import Layout, recognise
from importers.sheet import Cell, CellKind, ReadBook, ReadSheet, column_letters
from importers.values import read_value
from importers.words import fold, is_blank

__all__ = ["EstablishmentRef", "Facts", "Report", "RowResult", "SheetReport", "check", "to_json"]

NEW, CHANGED, UNCHANGED, REJECTED = "new", "changed", "unchanged", "rejected"
_TOTAL = re.compile(r"(?:sous[ -]?)?tota(?:l|ux)\b|somme\b")
_REPEATED = 0.6  # share of headers that makes a row a repeated header


@dataclass(frozen=True)
class RowResult:
    """One data row. `finess` is the EJ it is written under ("" for a party without a number)."""

    row_number: int
    key: str
    finess: str
    status: str
    values: Mapping[str, object]
    changes: Mapping[str, tuple[object, object]]
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Understood:
    """A column of the file and what it was taken for; not `sure` when the header only looks like it."""

    letter: str
    header: str
    label: str
    example: str
    sure: bool


@dataclass(frozen=True)
class SheetReport:
    """One sheet: `name` as in the file, `layout` the sheet of the specification it was understood as."""

    name: str
    layout: str
    header_row: int
    rows: tuple[RowResult, ...]
    absent_keys: tuple[str, ...] = ()  # stored, and not in the file: listed, never deleted
    skipped: int = 0  # rows left out with a notice
    columns: tuple[Understood, ...] = ()  # in the order of the file

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are new, changed, unchanged and rejected."""
        counts = dict.fromkeys((NEW, CHANGED, UNCHANGED, REJECTED), 0)
        for row in self.rows:
            counts[row.status] += 1
        return counts


@dataclass(frozen=True)
class Report:
    """The whole answer. `unmapped` names the filled sheets that were not understood: nothing of them is stored."""

    workbook: str
    sheets: tuple[SheetReport, ...]
    faults: tuple[Fault, ...]
    unmapped: tuple[str, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Tell whether something of the file will not be stored."""
        return any(fault.cls == FaultClass.ERROR for fault in self.faults)


def to_json(report: Report, *, applied: bool) -> dict[str, Any]:
    """Return the answer of `vigie import --json`; its keys are frozen in docs/cli.md."""
    return {
        "workbook": report.workbook,
        "sheets": [
            {"name": sheet.name, "header_row": sheet.header_row, "counts": sheet.counts} for sheet in report.sheets
        ],
        "faults": [fault.to_json() for fault in report.faults],
        "applied": applied,
    }


def check(workbook: Workbook, book: ReadBook, facts: Facts) -> Report:
    """Check a file against the specification of `workbook`."""
    found = recognise(workbook, book)
    order = {sheet.name: rank for rank, sheet in enumerate(book.sheets)}
    about: dict[str, list[Fault]] = {sheet.name: [] for sheet in book.sheets}
    for source in found.hidden:
        about[source.name].append(_hidden(source))
    for source in found.unmapped:
        about[source.name].append(_unmapped(workbook, source))
    sheets: list[SheetReport] = []
    seen: dict[str, dict[str, str]] = {sheet.name: {} for sheet in workbook.sheets}
    for rank, layout in enumerate(found.layouts):
        check_of_sheet = _SheetCheck(layout, facts, book.epoch, seen[layout.sheet.name])
        last = all(other.sheet is not layout.sheet for other in found.layouts[rank + 1 :])
        sheets.append(check_of_sheet.report(last=last))
        about[layout.source.name].extend(check_of_sheet.faults())
    return Report(
        workbook=workbook.code,
        sheets=tuple(sheets),
        faults=tuple(fault for name in sorted(about, key=order.__getitem__) for fault in about[name]),
        unmapped=tuple(source.name for source in found.unmapped),
    )


def _hidden(source: ReadSheet) -> Fault:
    return _about_sheet(
        source,
        FaultClass.NOTICE,
        "W-MAS",
        "Cette feuille est masquée : elle n’a pas été lue.",
        "Si elle contient des données à importer, affichez-la ; sinon supprimez-la avant de transmettre le fichier.",
    )


def _unmapped(workbook: Workbook, source: ReadSheet) -> Fault:
    names = " ; ".join(sheet.name for sheet in workbook.sheets)
    named = next((sheet for sheet in workbook.sheets if sheet.is_named(source.name)), None)
    if named is not None:
        labels = " ; ".join(column.label for column in named.columns if column.required)
        reason = "Les en-têtes de cette feuille ne sont pas reconnus dans les 15 premières lignes."
        remedy = f"Titres attendus, sur une seule ligne : {labels}."
    else:
        reason = "Cette feuille ne correspond à aucune feuille attendue : rien n’en a été lu."
        remedy = f"Donnez-lui les en-têtes du modèle (feuilles {names}), ou retirez-la du classeur."
    return _about_sheet(source, FaultClass.ERROR, "E-FEU", reason, remedy)


def _about_sheet(source: ReadSheet, cls: FaultClass, code: str, reason: str, remedy: str, cell: str = "") -> Fault:
    return Fault(cls, code, source.name, cell, "", "", reason, remedy)


@dataclass
class _SheetCheck:
    """The check of one sheet; `seen` goes from the keys already met in this layout to where they were."""

    layout: Layout
    facts: Facts
    epoch: int
    seen: dict[str, str]
    notices: list[tuple[int, Fault]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sheet: Sheet = self.layout.sheet
        self.source = self.layout.source
        self.existing = self.facts.existing.get(self.sheet.name, {})
        self.headers = {key: self.layout.header(key) for key in self.layout.columns}
        self.personal = frozenset(column.key for column in self.sheet.columns if column.personal)
        self._header_faults()
        self.untitled: set[int] = set()
        for number in sorted(self.source.rows):
            if number > self.layout.header_row and not self._skip(number):
                self.rows.append(self._row(number))
        for rule in self.sheet.sheet_rules:
            rule(self.rows, self.facts)

    # ------------------------------------------------------------------------------------------------------- answers

    def faults(self) -> list[Fault]:
        """Remarks on the header, then on the rows from top to bottom."""
        pairs = self.notices + [(row.number, fault) for row in self.rows for fault in row.faults]
        return [fault for _, fault in sorted(pairs, key=lambda pair: pair[0])]

    def report(self, *, last: bool) -> SheetReport:
        """Return the rows with their status; absent keys are told once, on the last sheet of a layout."""
        results = tuple(self._result(row) for row in self.rows)
        absent = tuple(key for key in self.existing if key not in self.seen) if last else ()
        skipped = sum(fault.code in ("W-TOT", "W-LIG") for _, fault in self.notices)
        return SheetReport(
            self.source.name, self.sheet.name, self.layout.header_row, results, absent, skipped, self._understood()
        )

    def _understood(self) -> tuple[Understood, ...]:
        """Say what each recognised column was taken for, with the first value read; a person's name is never an example."""
        told = []
        for key, place in sorted(self.layout.columns.items(), key=lambda pair: pair[1]):
            column = self.sheet.column(key)
            cells = (row.cells.get(key) for row in self.rows)
            example = next((shorten(cell.text) for cell in cells if cell is not None), "")
            header, sure = self.layout.header(key), key not in self.layout.guessed
            shown = "" if column.personal else example
            told.append(
                Understood(column_letters(place), header, column.label_for(self.facts.candidate_kind), shown, sure)
            )
        return tuple(told)

    def _result(self, row: Row) -> RowResult:
        key = self.sheet.key(row.values)
        values = {name: row.values.get(name) for name in self.sheet.fields}
        stored = self.existing.get(key)
        changes: dict[str, tuple[object, object]] = {}
        if row.refused:
            status = REJECTED
        elif stored is None:
            status = NEW
        else:
            changes = {
                name: (stored[name], value)
                for name, value in values.items()
                if name in stored and not _same(stored[name], value)
            }
            status = CHANGED if changes else UNCHANGED
        return RowResult(row.number, key, row.establishment, status, values, changes, tuple(row.faults))

    # -------------------------------------------------------------------------------------------------------- header

    def _header_faults(self) -> None:
        for column in self.layout.missing:
            label = column.label_for(self.facts.candidate_kind)
            self._say(
                0,
                Fault(
                    FaultClass.ERROR, "E-REQ", self.source.name, "", label, "",
                    f"La colonne obligatoire « {label} » est absente.",
                    f"Ajoutez une colonne intitulée « {label} » sur la ligne {self.layout.header_row}.",
                ),
            )  # fmt: skip
        row = self.layout.header_row
        for key, score in self.layout.guessed.items():
            label = self.sheet.column(key).label_for(self.facts.candidate_kind)
            address = f"{column_letters(self.layout.columns[key])}{row}"
            self._say(
                0,
                Fault(
                    FaultClass.NOTICE, "W-COL", self.source.name, address, self.headers[key], "",
                    f"Colonne comprise comme « {label} » (ressemblance {score:.0f} %).",
                    "Vérifiez ; si ce n’est pas le cas, reprenez le titre exact du modèle.",
                ),
            )  # fmt: skip
        for unknown in self.layout.unknown:
            hint = f" Peut-être s’agit-il de « {unknown.suggestion} »." if unknown.suggestion else ""
            self._say(
                0,
                Fault(
                    FaultClass.NOTICE, "W-COL", self.source.name, unknown.header.address,
                    shorten(unknown.header.text), "",
                    "Colonne inconnue : elle n’a pas été lue.",
                    f"Rien à faire si elle ne concerne que vous.{hint}",
                ),
            )  # fmt: skip
        if self.source.wide:
            self._notice(0, "W-LIM", self.source.wide, "Des cellules au-delà de la 200e colonne n’ont pas été lues.")
        if self.source.beyond:
            self._notice(
                self.source.beyond,
                "W-LIM",
                f"A{self.source.beyond}",
                f"La lecture s’arrête après 50 lignes vides : la ligne {self.source.beyond} et les suivantes n’ont pas "
                "été lues.",
            )

    def _notice(self, row: int, code: str, cell: str, reason: str) -> None:
        remedy = "Si ce sont des données à importer, rapprochez-les du tableau."
        self._say(row, _about_sheet(self.source, FaultClass.NOTICE, code, reason, remedy, cell))

    def _say(self, row: int, fault: Fault) -> None:
        self.notices.append((row, fault))

    # ---------------------------------------------------------------------------------------------------------- rows

    def _skip(self, number: int) -> bool:
        """Tell whether a row holds no data; what could have been data is told."""
        filled = {place: cell for place, cell in self.source.rows[number].items() if not _is_blank(cell)}
        if not filled:
            return True
        first = filled[min(filled)]
        word = fold(first.text)
        if first.kind is CellKind.TEXT and (word.startswith("#") or word == "exemple" or self._repeats_header(filled)):
            return True
        if first.kind is CellKind.TEXT and _TOTAL.match(word):
            self._say(
                number,
                Fault(
                    FaultClass.NOTICE, "W-TOT", self.source.name, first.address, "", shorten(first.text),
                    "Ligne de total : elle n’est pas importée.",
                    "Rien à faire ; les totaux sont calculés par Vigie.",
                ),
            )  # fmt: skip
            return True
        if not any(place in filled for place in self.layout.columns.values()):
            self._notice(number, "W-LIG", first.address, "Ligne ignorée : aucune colonne reconnue n’y est remplie.")
            return True
        return False

    def _repeats_header(self, filled: Mapping[int, Cell]) -> bool:
        header = self.source.rows[self.layout.header_row]
        places = [place for place in self.layout.columns.values() if place in filled]
        same = sum(fold(filled[place].text) == fold(header[place].text) for place in places)
        return len(places) > 1 and same >= _REPEATED * len(self.layout.columns)

    def _row(self, number: int) -> Row:
        found = self.source.rows[number]
        row = Row(
            sheet=self.source.name,
            number=number,
            values={},
            cells={key: found[place] for key, place in self.layout.columns.items() if place in found},
            headers=self.headers,
            addresses={key: f"{column_letters(place)}{number}" for key, place in self.layout.columns.items()},
            labels={column.key: column.label_for(self.facts.candidate_kind) for column in self.sheet.columns},
            personal=self.personal,
        )
        self._read_cells(row)
        self._complete(row)
        for column in self.sheet.columns:
            if column.required and not column.blank_allowed and row.blank(column.key):
                row.require(column.key, "Cette valeur est obligatoire.", _ask(column.help))
        for rule in self.sheet.rules:
            rule(row, self.facts)
        self._note_untitled(found)
        self._note_key(row)
        return row

    def _read_cells(self, row: Row) -> None:
        broken = set()
        for column in self.sheet.columns:
            try:
                reading = read_value(column, row.cells.get(column.key), self.facts, self.epoch)
            except ValueFault as fault:
                row.values[column.key] = None
                broken.add(column.key)
                row.remark(FaultClass.ERROR, fault.code, column.key, fault.reason, fault.remedy)
                continue
            row.values[column.key] = reading.value
            if reading.notice is not None:
                notice = reading.notice
                row.remark(FaultClass.NOTICE, notice.code, column.key, notice.reason, notice.remedy)
        row.broken = frozenset(broken)

    def _complete(self, row: Row) -> None:
        """Keep what is stored where the file has no such column: its absence is not an erasure."""
        stored = self.existing.get(self.sheet.key(row.values))
        if stored is None:
            return
        cells = self.sheet.to_cells(stored)
        for column in self.sheet.columns:
            if column.key not in self.headers:
                row.values[column.key] = cells.get(column.key)

    def _note_untitled(self, found: Mapping[int, Cell]) -> None:
        """Tell once of a column that has values and no title."""
        header = self.source.rows[self.layout.header_row]
        for place, cell in found.items():
            if place not in header and place not in self.untitled and not _is_blank(cell):
                self.untitled.add(place)
                self._notice(0, "W-COL", cell.address, "Colonne sans titre : elle n’a pas été lue.")

    def _note_key(self, row: Row) -> None:
        key = self.sheet.key(row.values)
        if not key:
            return
        if key in self.seen:
            row.remark(
                FaultClass.ERROR,
                "E-DUP",
                self.sheet.key_column,
                f"Déjà présent : {self.seen[key]}.",
                "Gardez une seule ligne par clé, ou donnez un autre code.",
            )
            return
        self.seen[key] = f"feuille « {self.source.name} », ligne {row.number}"


def _ask(text: str) -> str:
    return f"Attendu : {text[0].lower()}{text[1:]}" if text else "Remplissez cette cellule."


def _is_blank(cell: Cell) -> bool:
    return cell.kind is CellKind.TEXT and is_blank(str(cell.value))


def _same(stored: object, value: object) -> bool:
    empty = (None, "", ())
    if stored in empty and value in empty:
        return True
    if isinstance(stored, list | tuple) and isinstance(value, list | tuple):
        return list(stored) == list(value)
    return stored == value
