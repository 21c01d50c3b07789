"""From a workbook as read to rows that may be stored and everything there is to say about them.

Pure and deterministic: the same file, specifications and facts give the same report. One report holds the remarks of
all sheets; a fault in a header does not hide those of the cells. Rows stream: who consumes them decides what is kept.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from importers.base import Sheet, Workbook
from importers.facts import EstablishmentRef, Facts
from importers.faults import Fault, FaultClass
from importers.known import Met
from importers.layout.recognise import Layout, Recognised, recognise
from importers.reading.sheet import CellKind, ReadBook, ReadSheet
from importers.report import (
    CHANGED,
    NEW,
    REJECTED,
    UNCHANGED,
    Remark,
    Report,
    RowResult,
    SheetReport,
    Understood,
    to_json,
)
from importers.sheet_check import SheetCheck

__all__ = [
    "CHANGED", "NEW", "REJECTED", "UNCHANGED", "Checking", "EstablishmentRef", "Facts", "Report", "RowResult", "SheetReport",
    "Understood", "check", "to_json",
]  # fmt: skip


class Checking:
    """The check of a whole file. Consume `sheets()`, then ask for the `report()`.

    Sheets that others refer to come first, whatever their order in the file, so that a reference inside one file is known.
    """

    def __init__(
        self,
        workbooks: Sequence[Workbook],
        book: ReadBook,
        facts: Facts,
        found: Recognised | None = None,
        set_aside: Mapping[str, Fault] | None = None,
        told: Sequence[Fault] = (),
        *,
        bounded: bool = True,
    ) -> None:
        self.book = book
        self.found = found or recognise(workbooks, book)
        self.workbooks = workbooks
        self.told = told  # notices of the caller
        self.set_aside = set_aside or {}  # sheet of the file that is not this scope's to write -> what is said of it
        references = {
            name: {code: set(owners) for code, owners in known.items()} for name, known in facts.references.items()
        }
        met = {
            sheet.name: Met(facts.existing.get(sheet.name, {}))
            for workbook in workbooks
            for sheet in workbook.sheets
            if not sheet.private
        }
        self.facts = replace(facts, references=references, existing={**facts.existing, **met})
        ranks = {sheet.name: rank for rank, sheet in enumerate(sheet for book in workbooks for sheet in book.sheets)}
        layouts = (layout for layout in self.found.layouts if layout.source.name not in self.set_aside)
        self.layouts = sorted(layouts, key=lambda layout: ranks[layout.sheet.name])
        self._announce(references, ranks)
        seen: dict[str, dict[str, str]] = {}
        self.checks = [
            SheetCheck(
                layout,
                self.facts,
                book.epoch,
                seen.setdefault(layout.sheet.name, {}),
                references,
                met,
                bounded=bounded,
            )
            for layout in self.layouts
        ]
        self.kept: dict[int, list[RowResult]] = {}

    def _announce(self, references: dict[str, dict[str, set[str]]], ranks: Mapping[str, int]) -> None:
        """Let a sheet know the codes of one that comes after it in the order of specifications (a file of several kits)."""
        for layout in self.layouts:
            for column in layout.sheet.columns:
                if column.refers and ranks.get(column.refers, 0) > ranks[layout.sheet.name]:
                    for other in self.layouts:
                        if other.sheet.name == column.refers:
                            known = references.setdefault(column.refers, {})
                            for code in _codes(other):
                                known.setdefault(code, set()).update(self.facts.scope_finess)

    def sheets(self) -> Iterator[tuple[Sheet, Iterator[RowResult]]]:
        """Yield each sheet of the specification with the rows of every sheet of the file that has its layout."""
        for name in dict.fromkeys(layout.sheet.name for layout in self.layouts):
            checks = [each for each in self.checks if each.sheet.name == name]
            yield checks[0].sheet, (row for each in checks for row in each.rows())

    def report(self) -> Report:
        """Return everything that was said, in the order of the file, once every row was consumed."""
        order = {sheet.name: rank for rank, sheet in enumerate(self.book.sheets)}
        about: dict[str, list[Remark]] = {sheet.name: [] for sheet in self.book.sheets}
        for source in self.found.hidden:
            about[source.name].append(Remark(_hidden(source), stored=True))
        for fault in (*self.set_aside.values(), *self.told):
            about[fault.sheet].append(Remark(fault, stored=True))
        for source in self.found.unmapped:
            about[source.name].append(Remark(_unmapped(self.workbooks, source), stored=False))
        totals: Counter[str] = Counter(str(remark.fault.cls) for remarks in about.values() for remark in remarks)
        sheets = []
        fingerprint = hashlib.sha256()
        for rank, each in enumerate(self.checks):
            last = all(other.sheet is not each.sheet for other in self.checks[rank + 1 :])
            sheets.append(each.report(last=last, rows=tuple(self.kept.get(rank, ()))))
            about[each.source.name].extend(sorted(each.tally.remarks, key=lambda remark: remark.row))
            totals.update({str(cls): count for cls, count in each.tally.totals.items()})
            fingerprint.update(each.tally.fingerprint.digest())
        remarks = tuple(remark for name in sorted(about, key=order.__getitem__) for remark in about[name])
        return Report(
            workbook=self.name,
            sheets=tuple(sorted(sheets, key=lambda sheet: order[sheet.name])),
            faults=tuple(remark.fault for remark in remarks),
            unmapped=tuple(source.name for source in self.found.unmapped),
            remarks=remarks,
            totals=totals,
            fingerprint=fingerprint.hexdigest(),
        )

    @property
    def name(self) -> str:
        """The workbooks this file was understood as; that of its CARE_KIT when none of its sheets was."""
        codes = dict.fromkeys(layout.workbook.code for layout in self.layouts)
        return (
            " + ".join(codes)
            or self.found.care_kit_code
            or (self.workbooks[0].code if len(self.workbooks) == 1 else "")
        )

    def consume(self) -> Report:
        """Check every row, keep them all, and return the report: for files known to be small."""
        for rank, each in enumerate(self.checks):
            self.kept[rank] = list(each.rows())
        return self.report()


def check(workbook: Workbook | Sequence[Workbook], book: ReadBook, facts: Facts) -> Report:
    """Check a small file against one specification or several, keeping every row and remark."""
    workbooks = [workbook] if isinstance(workbook, Workbook) else workbook
    return Checking(workbooks, book, facts, bounded=False).consume()


def _codes(layout: Layout) -> Iterator[str]:
    place = layout.columns.get(layout.sheet.code)
    if place is None:
        return
    for number, row in layout.source.rows.items():
        cell = row.get(place)
        if number > layout.header_row and cell is not None and cell.kind is CellKind.TEXT:
            yield str(cell.value).strip().upper()


def _hidden(source: ReadSheet) -> Fault:
    return Fault(
        FaultClass.NOTICE, "W-MAS", source.name, "", "", "", "Cette feuille est masquée : elle n’a pas été lue.",
        "Si elle contient des données à importer, affichez-la ; sinon supprimez-la avant de transmettre le fichier.",
    )  # fmt: skip


def _unmapped(workbooks: Sequence[Workbook], source: ReadSheet) -> Fault:
    sheets = [sheet for workbook in workbooks for sheet in workbook.sheets]
    named = next((sheet for sheet in sheets if sheet.is_named(source.name)), None)
    if named is not None:
        labels = " ; ".join(column.label for column in named.columns if column.required)
        reason = "Les en-têtes de cette feuille ne sont pas reconnus dans les 15 premières lignes."
        remedy = f"Titres attendus, sur une seule ligne : {labels}."
    else:
        reason = "Cette feuille ne correspond à aucune feuille attendue : rien n’en a été lu."
        remedy = "Dites à quoi elle correspond (« Vérifier les colonnes »), ou retirez-la du classeur."
    return Fault(FaultClass.ERROR, "E-FEU", source.name, "", "", "", reason, remedy)
