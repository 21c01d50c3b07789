"""What is counted and kept of a sheet while its rows go by: bounded, whatever their number."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from compliance.clock import PARIS
from importers.base import Kind, Sheet, mask
from importers.comparison import key_digest
from importers.facts import Facts, Values, Written
from importers.faults import Fault, FaultClass
from importers.reading.sheet import Cell
from importers.report import CHANGED, LISTED, NEW, REJECTED, REMARKS, UNCHANGED, Change, Conflict, Remark, RowResult
from importers.words import fold

_CHANGES = 500  # values that change, told one by one
_CONFLICTS = 200
_FREE = frozenset({Kind.TEXT, Kind.TEXTS, Kind.CODE, Kind.CODES, Kind.NAME, Kind.PHONE, Kind.FILE})
_DISCREET = re.compile(r"[\d\s.,:/%-]*|\d[\dABab]\d{7}")  # a number, a date, a FINESS
# The code of a session or an exercise, which ends with its number: « DMCC-2026-01 ». A name has no number.
_NUMBERED = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*-[0-9]{1,4}")
_DIGITS = 9  # at most: a telephone number has ten
_QUOTED = re.compile(r"« ([^»]*) »")


class Tally:
    """The account of one sheet of the file (`name`) understood as `sheet`. With `bounded`, remarks are all counted and the first kept."""

    def __init__(self, name: str, sheet: Sheet, facts: Facts, *, bounded: bool) -> None:
        self.name, self.sheet, self.facts, self.bounded = name, sheet, facts, bounded
        # In a sheet of people, what one free text holds may be what another column should: no list repeats it.
        self.silent = frozenset(
            column.key for column in sheet.columns if column.personal or (sheet.private and column.kind in _FREE)
        )
        self.sealed = facts.sealed.get(sheet.name, {})
        self.statuses: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()
        self.held: Counter[str] = Counter()
        self.listed: dict[str, list[tuple[int, str]]] = {NEW: [], UNCHANGED: []}
        self.changes: list[Change] = []
        self.conflicts: list[Conflict] = []
        self.remarks: list[Remark] = []
        self.owners: set[str] = set()
        self.skipped = 0
        self.fingerprint = hashlib.sha256(sheet.name.encode())

    # -------------------------------------------------------------------------------------------------------- remarks

    def keep(self, fault: Fault, *, stored: bool, row: int = 0) -> None:
        """Keep a remark for the report: all are counted, the first ones of each class are held.

        In a sheet of people, a column out by one puts names and telephones anywhere: only what can be neither is repeated: a number, a
        date, a numbered code.
        """
        self.totals[fault.cls] += 1
        if self.bounded and self.held[fault.cls] >= REMARKS:
            return
        self.held[fault.cls] += 1
        if self.sheet.private and not _is_discreet(fault.value):
            fault = replace(fault, value=mask(fault.value))
        self.remarks.append(Remark(fault, stored, row))

    def notice(self, row: int, code: str, cell: str, reason: str, remedy: str = "", header: str = "") -> None:
        """Say something that stops nothing, about a cell or the whole sheet."""
        remedy = remedy or "Si ce sont des données à importer, rapprochez-les du tableau."
        fault = Fault(FaultClass.NOTICE, code, self.name, cell, header, "", reason, remedy)
        self.keep(fault, stored=True, row=row)

    # ----------------------------------------------------------------------------------------------------------- rows

    def count(self, result: RowResult, written: Written | None) -> None:
        """Count a row; `written` says who wrote the version that it would replace, for a conflict."""
        self.statuses[result.status] += 1
        self.owners.add(result.finess)
        if result.status in self.listed and len(self.listed[result.status]) < LISTED:
            self.listed[result.status].append((result.row_number, self._subject(result)))
        if result.status == CHANGED and len(self.changes) < _CHANGES:
            self.changes.extend(self._told(result))
        if result.conflict and len(self.conflicts) < _CONFLICTS:
            self.conflicts.append(self._conflict(result, written))
        for fault in result.faults:
            self.keep(fault, stored=result.status != REJECTED, row=result.row_number)
        self.fingerprint.update(repr((result.key, result.status, result.values, result.changes)).encode())
        if self.sealed and result.status == CHANGED:  # what it changes is not read, and yet is what was approved
            self.fingerprint.update(self.sealed[key_digest(result.finess, result.own_key)].digest)

    def absent(self, known: Mapping[str, Values], seen: Mapping[str, str]) -> list[str]:
        """Return the stored keys that the file does not have; it says nothing of members of the GHT that it does not name."""
        return [
            key
            for key in known
            if key not in seen and (self.sheet.record is None or key.partition("/")[0] in self.owners)
        ]

    def _subject(self, result: RowResult) -> str:
        """Name a row in the report: by its key, or by its place when the key holds a person's name."""
        return f"{self.sheet.name}, ligne {result.row_number}" if self.sheet.private else result.key

    def _told(self, result: RowResult) -> list[Change]:
        subject = self._subject(result)
        return [
            Change(subject, field, before, after)
            for field, (before, after) in result.changes.items()
            if field not in self.silent and field != "referent_name"
        ]

    def _conflict(self, result: RowResult, written: Written | None) -> Conflict:
        return Conflict(
            place=f"{self.name}!{result.row_number}",
            subject=self._subject(result),
            by=who(self.facts, written),
            at=moment(written.at) if written else "",
            changes=tuple(self._told(result)),
        )


def discreet(fault: Fault, cells: Iterable[Cell]) -> Fault:
    """Say the same of one of these cells without quoting it, where it could be a name or a telephone number."""
    text = next((_joined(cell.text) for cell in cells if cell.address == fault.cell), "")

    def quote(found: re.Match[str]) -> str:
        hidden = not _is_discreet(found.group(1)) and _joined(found.group(1)) in text
        return "Cette valeur" if hidden else found.group()

    return replace(fault, reason=_QUOTED.sub(quote, fault.reason))


def _joined(text: str) -> str:
    return re.sub(r"\W", "", fold(text))


def _is_discreet(text: str) -> bool:
    plain = _DISCREET.fullmatch(text) or _NUMBERED.fullmatch(text)
    return plain is not None and sum(letter.isdigit() for letter in text) <= _DIGITS


def who(facts: Facts, written: Written | None) -> str:
    """Return the name of who wrote a version, where it is known."""
    return facts.people.get(written.by, "") if written and written.by else ""


def moment(at: datetime) -> str:
    """Write a moment as people say it in France."""
    return f"{at.astimezone(PARIS):%d/%m/%Y à %H:%M}"
