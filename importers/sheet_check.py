"""The check of one sheet, row after row: what is read, what the rules say, what is stored already.

Rows stream: nothing here grows with the number of rows but the keys met and a bounded list of remarks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import replace

from importers import header_remarks
from importers.base import Column, Kind, Row, RowRule, Sheet
from importers.cells.values import UNKNOWN, read_value
from importers.comparison import EMPTY, Comparison
from importers.facts import Facts, Values, Written
from importers.faults import Fault, FaultClass, shorten
from importers.known import Met
from importers.layout.filler import Filler, holds_nothing
from importers.layout.gantt import is_planner
from importers.layout.recognise import Layout
from importers.reading.sheet import Cell, CellKind, column_letters
from importers.readings import Reading, ValueFault
from importers.report import (
    CHANGED,
    LISTED,
    REJECTED,
    RowResult,
    SheetReport,
    Understood,
)
from importers.tally import Tally, discreet, moment, who
from importers.words import fold

_TOTAL = re.compile(r"(?:sous[ -]?)?tota(?:l|ux)\b|somme\b")
_REPEATED = 0.6  # share of headers that makes a row a repeated header
_REPEATS = (
    "Si la cellule vide répète celle du dessus, dites-le dans « Vérifier les colonnes » : « Recopier vers le bas »."
)
_KEPT = "Les colonnes absentes du fichier gardent la valeur enregistrée dans Vigie."
_LONGEST_KEY = 2_000  # bytes: a database index holds no more
_MEMORY = 20_000  # readings kept: the same words come back on every row
_SHORT = 64  # characters of a cell whose reading is kept


class SheetCheck:
    """The check of one sheet of the file. `seen` goes from the keys already met in this layout to where they were."""

    def __init__(
        self,
        layout: Layout,
        facts: Facts,
        epoch: int,
        seen: dict[str, str],
        references: MutableMapping[str, dict[str, set[str]]],
        met: MutableMapping[str, Met],
        *,
        bounded: bool = True,
    ) -> None:
        self.layout, self.facts, self.epoch, self.seen = layout, facts, epoch, seen
        self.sheet: Sheet = layout.sheet
        self.source = layout.source
        self.tally = Tally(self.source.name, self.sheet, facts, bounded=bounded)
        self.met = met.get(self.sheet.name)
        known = self.met.stored if self.met is not None else facts.existing.get(self.sheet.name, {})
        self.comparison = Comparison(self.sheet, facts, known)
        self.codes = references.setdefault(self.sheet.name, {}) if self.sheet.code else {}
        self.headers = {key: layout.header(key) for key in layout.columns}
        self.columns = {column.key: column for column in self.sheet.columns}
        self.nothing: dict[str, object] = dict.fromkeys(self.columns)
        self.letters = {key: column_letters(place) for key, place in layout.columns.items()}
        self.labels = {column.key: column.label_for(facts.candidate_kind) for column in self.sheet.columns}
        self.personal = frozenset(column.key for column in self.sheet.columns if column.personal)
        self.required = tuple(column for column in self.sheet.columns if column.required and not column.blank_allowed)
        told = {column.key for column in layout.missing if not column.blank_allowed}
        # A file of one establishment may leave out the column that says which.
        self.implied = next(
            (
                column.key
                for column in self.sheet.columns
                if column.kind is Kind.FINESS_EJ and column.key not in self.headers and facts.home
            ),
            "",
        )
        self.untold = frozenset(
            column.key for column in self.sheet.columns if column.key not in self.headers and column.key not in told
        )
        self.left_out = next(
            (
                column
                for column in self.sheet.columns
                if column.key not in self.headers and not column.names_owner and column.key != "finess_et"
            ),
            None,
        )
        self.taken = frozenset(facts.taken)
        self.referring = tuple(column for column in self.sheet.columns if column.refers)
        self.rules: tuple[RowRule, ...] = (*self.sheet.rules, *(rule(facts) for rule in self.sheet.sheet_rules))
        self.order = layout.date_order or "dmy"
        self.memory: dict[tuple[str, CellKind, object], Reading | ValueFault] = {}
        self.header_cells = self.source.head(layout.header_row).get(layout.header_row, {})
        self.untitled: set[int] = set()
        self.met_values: set[str] = set()  # required columns that some row above has filled
        self.examples: dict[str, str] = {}
        self.planner = is_planner(layout.source)
        header_remarks.tell(layout, facts, self.tally)

    # -------------------------------------------------------------------------------------------------------- answers

    def rows(self) -> Iterator[RowResult]:
        """Yield every data row, in the order of the file. To be consumed once."""
        filler = Filler(self.layout)
        for number, found in self.source.rows.items():
            if number <= self.layout.header_row:
                continue
            cells = filler.fill(number, found)
            if self._skip(number, cells):
                continue
            # The rows of a planner are made from its marks: people know the row of the mark.
            place = cells[min(cells)].row if self.planner else number
            result = self._result(self._row(place, cells))
            replaced = self.comparison.written(result.key, result.finess, result.own_key) if result.conflict else None
            self.tally.count(result, replaced)
            yield result

    def report(self, *, last: bool, rows: tuple[RowResult, ...] = ()) -> SheetReport:
        """Return what was said, once the rows are consumed; absent keys are told once, on the last sheet of a layout."""
        absent = self.tally.absent(self.comparison.known, self.seen) if last else []
        return SheetReport(
            name=self.source.name,
            layout=self.sheet.name,
            header_row=self.layout.header_row,
            rows=rows,
            absent_keys=() if self.sheet.private else tuple(absent[:LISTED]),
            absent=len(absent),
            skipped=self.tally.skipped,
            columns=self._understood(),
            tally=self.tally.statuses,
            listed={status: tuple(found) for status, found in self.tally.listed.items()},
            changes=tuple(self.tally.changes),
            conflicts=tuple(self.tally.conflicts),
            workbook=self.layout.workbook.code,
            score=round(min(self.layout.score, 1.0) * 100),
            sure=self.layout.chosen or self.layout.sure,
        )

    def _understood(self) -> tuple[Understood, ...]:
        """Say what each recognised column was taken for, with the first value read; a person's name is never an example."""
        return tuple(
            Understood(
                letter=self.letters[key],
                header=self.headers[key],
                label=self.labels[key],
                example="" if key in self.tally.silent else self.examples.get(key, ""),
                sure=key not in self.layout.guessed,
                score=round(self.layout.guessed.get(key, 100)),
            )
            for key, _ in sorted(self.layout.columns.items(), key=lambda pair: pair[1])
        )

    # ----------------------------------------------------------------------------------------------------------- rows

    def _skip(self, number: int, row: Mapping[int, Cell]) -> bool:
        """Tell whether a row holds no data; what could have been data is told."""
        first = row[min(row)] if row else None
        if first is not None and holds_nothing(first):
            first = next((cell for _, cell in sorted(row.items()) if not holds_nothing(cell)), None)
        if first is None:
            return True
        if first.kind is CellKind.TEXT:
            word = fold(str(first.value)[:_SHORT])
            if word == "exemple" or word.startswith("#") or self._repeats_header(row, first):
                return True
            if _TOTAL.match(word):
                self.tally.skipped += 1
                fault = Fault(
                    FaultClass.NOTICE, "W-TOT", self.source.name, first.address, "", shorten(first.text),
                    "Ligne de total : elle n’est pas importée.", "Rien à faire ; les totaux sont calculés par Vigie.",
                )  # fmt: skip
                self.tally.keep(fault, stored=True, row=number)
                return True
        for place in self.layout.columns.values():
            cell = row.get(place)
            if cell is not None and not holds_nothing(cell):
                return False
        self.tally.skipped += 1
        self.tally.notice(number, "W-LIG", first.address, "Ligne ignorée : aucune colonne reconnue n’y est remplie.")
        return True

    def _repeats_header(self, row: Mapping[int, Cell], first: Cell) -> bool:
        header = self.header_cells
        title = header.get(first.column)
        if title is None or title.value != first.value:
            return False
        same = 0
        for place in self.layout.columns.values():
            cell, title = row.get(place), header.get(place)
            if cell is not None and title is not None and cell.value == title.value:
                same += 1
        return same > 1 and same >= _REPEATED * len(self.layout.columns)

    def _row(self, number: int, found: Mapping[int, Cell]) -> Row:
        row = Row(
            sheet=self.source.name,
            number=number,
            values={},
            cells={key: found[place] for key, place in self.layout.columns.items() if place in found},
            headers=self.headers,
            letters=self.letters,
            labels=self.labels,
            personal=self.personal,
            untold=self.untold,
        )
        self._read_cells(row)
        if self.implied:
            row.values[self.implied] = self.facts.home
        completed = self._complete(row)
        for column in self.required:
            if row.values[column.key] is None and column.key not in row.broken:
                repeats = " " + _REPEATS if column.key in self.met_values else ""
                row.require(column.key, "Cette valeur est obligatoire.", _ask(column.help) + repeats)
            elif row.values[column.key] is not None:
                self.met_values.add(column.key)
        for rule in self.rules:
            rule(row, self.facts)
        for column in self.referring:
            self._attach(row, column)
        if len(found) > len(row.cells):
            self._note_untitled(found)
        if completed:
            row.faults = [_beside_stored(fault) for fault in row.faults]
        if self.sheet.private and row.faults:
            row.faults = [discreet(fault, row.cells.values()) for fault in row.faults]
        return row

    def _read_cells(self, row: Row) -> None:
        broken: set[str] = set()
        row.values = self.nothing.copy()
        for key, cell in row.cells.items():
            reading = self._read(self.columns[key], cell)
            if isinstance(reading, ValueFault):
                broken.add(key)
                row.remark(FaultClass.ERROR, reading.code, key, reading.reason, reading.remedy)
                continue
            row.values[key] = reading.value
            if reading.value is not None and key not in self.examples:
                self.examples[key] = shorten(cell.text)
            if reading.notice is not None:
                notice = reading.notice
                row.remark(FaultClass.NOTICE, notice.code, key, notice.reason, notice.remedy)
        if broken:
            row.broken = frozenset(broken)

    def _read(self, column: Column, cell: Cell) -> Reading | ValueFault:
        memo = (column.key, cell.kind, cell.value)
        found = self.memory.get(memo)
        if found is not None:
            return found
        try:
            found = read_value(column, cell, self.facts, self.epoch, self.headers[column.key], self.order)
        except ValueFault as fault:
            found = fault
        if len(self.memory) < _MEMORY and (not isinstance(cell.value, str) or len(cell.value) <= _SHORT):
            self.memory[memo] = found
        return found

    def _key(self, row: Row) -> tuple[str, str]:
        """Return the key of a row for people and the facts, and its key in its establishment."""
        own = self.sheet.key(row.values)
        if self.sheet.record is None or not own:
            return own, own
        return f"{row.establishment}/{own}", own

    def _complete(self, row: Row) -> bool:
        """Keep what is stored where the file has no such column (its absence is not an erasure); tell whether anything is."""
        if len(self.headers) == len(self.sheet.columns):
            return False
        stored = self.comparison.stored(row.values)
        if stored is None:
            return False
        cells = self.sheet.to_cells(stored)
        absent = [each for each in self.sheet.columns if each.key not in self.headers and each.key != self.implied]
        row.values.update((column.key, cells.get(column.key)) for column in absent)
        return any(cells.get(column.key) not in EMPTY for column in absent if not column.names_owner)

    def _attach(self, row: Row, column: Column) -> None:
        """Tell of a code that nobody has yet: stored, and attached by itself when it arrives."""
        value = row.values.get(column.key)
        if value is None or column.key in row.broken:
            return
        for code in value if isinstance(value, tuple) else (value,):
            if not self.facts.owners(column.refers, code):
                row.remark(
                    FaultClass.GAP, "G-REF", column.key,
                    f"« {code} » n’est pas encore dans Vigie : la ligne est enregistrée, à rattacher.",
                    f"Importez la feuille « {column.refers} » qui le décrit ; le lien se fera de lui-même.",
                )  # fmt: skip
                return

    def _note_untitled(self, found: Mapping[int, Cell]) -> None:
        """Tell once of a column that has values and no title."""
        for place, cell in found.items():
            if place not in self.layout.headers and place not in self.untitled and not holds_nothing(cell):
                self.untitled.add(place)
                self.tally.notice(0, "W-COL", cell.address, "Colonne sans titre : elle n’a pas été lue.")

    # -------------------------------------------------------------------------------------------------------- results

    def _result(self, row: Row) -> RowResult:
        key, own = self._key(row)
        if len(own.encode()) > _LONGEST_KEY:
            row.remark(
                FaultClass.ERROR, "E-TXT", self.sheet.key_column, "Ce qui désigne cette ligne est trop long.",
                "Raccourcissez les textes qui la nomment.", value="",
            )  # fmt: skip
        self._note_key(row, key)
        if row.establishment and row.establishment not in self.facts.scope_finess and self.sheet.record is not None:
            row.remark(FaultClass.ERROR, "E-FIN", self.sheet.key_column, *UNKNOWN)
        values = {name: row.values.get(name) for name in self.sheet.fields}
        status, changes, conflict = self._status(row, key, own, values)
        if status != REJECTED and self.met is not None:
            self.met.put(key, values)
        if status != REJECTED and self.sheet.code:
            self.codes.setdefault(str(values.get(self.sheet.code)), set()).add(row.establishment)
        return RowResult(
            row_number=row.number,
            key=key,
            finess=row.establishment,
            status=status,
            values=values,
            changes=changes,
            faults=tuple(row.faults),
            own_key=own,
            conflict=conflict,
        )

    def _status(
        self, row: Row, key: str, own: str, values: Values
    ) -> tuple[str, dict[str, tuple[object, object]], bool]:
        """Return what becomes of a row, what it changes, and whether it is in conflict with a later version."""
        if row.refused:
            return REJECTED, {}, False
        status, changes = self.comparison.status(key, row.establishment, own, values)
        if status != CHANGED:
            return status, changes, False
        if not changes and self.left_out is not None:  # what is stored is not read: what the file lacks cannot be kept
            row.remark(
                FaultClass.ERROR, "E-COH", self.sheet.key_column,
                f"Cette ligne existe déjà dans l’établissement, et le fichier n’a pas la colonne « {self.left_out.label} ».",
                "Ajoutez-la, ou déposez le fichier depuis l’espace de l’établissement : rien n’y sera effacé.", value="",
            )  # fmt: skip
            return REJECTED, {}, False
        later = self.comparison.conflict(key, row.establishment, own)
        if later is None or {"*", f"{self.source.name}!{row.number}"} & self.taken:
            return status, changes, False
        self._remark_conflict(row, later)
        return REJECTED, changes, True

    def _note_key(self, row: Row, key: str) -> None:
        if not key:
            return
        if key in self.seen:
            row.remark(
                FaultClass.ERROR,
                "E-DUP",
                self.sheet.key_column,
                f"Déjà présent : {self.seen[key]}.",
                "Gardez une seule ligne ; des homonymes se distinguent par leur identifiant interne."
                if self.sheet.private
                else "Gardez une seule ligne, ou corrigez cette cellule.",
            )
            return
        self.seen[key] = f"feuille « {self.source.name} », ligne {row.number}"

    def _remark_conflict(self, row: Row, written: Written) -> None:
        by = f" par {name}" if (name := who(self.facts, written)) else ""
        row.remark(
            FaultClass.ERROR, "E-CON", self.sheet.key_column,
            f"Cette ligne a été modifiée dans Vigie{by} le {moment(written.at)}, après la production de ce fichier.",
            "Comparez les deux versions dans l’aperçu, et choisissez celle à garder.",
            value="" if self.sheet.private else None,
        )  # fmt: skip


def _beside_stored(fault: Fault) -> Fault:
    """Say where a value that the file does not have comes from, when what is told is that values do not go together."""
    return replace(fault, remedy=f"{fault.remedy} {_KEPT}") if fault.code.endswith("-COH") else fault


def _ask(text: str) -> str:
    if not text:
        return "Remplissez cette cellule."
    first = text[0].lower() if text[1:2].islower() or text[1:2] == " " else text[0]  # « SAMU » stays what it is
    return f"Attendu : {first}{text[1:]}"
