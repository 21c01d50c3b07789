"""One row, typed on a page: checked and written as a workbook of one row would be (docs/adr/0016-form-is-a-row.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import BinaryIO
from uuid import UUID

from compliance.models.register import PrivateRegister, Register
from compliance.services import entry as entries
from compliance.services import evidence, perimeter, register
from compliance.services.entry import Found
from importers import deposits, scene, store, understanding
from importers.base import Column, Kind, Sheet
from importers.check import NEW, REJECTED, UNCHANGED, Checking, RowResult
from importers.facts import Facts, Values
from importers.faults import Fault, FaultClass
from importers.layout.recognise import Layout, Recognised
from importers.reading.sheet import Cell, CellKind, ReadBook, ReadSheet, column_letters
from importers.registry import SHEETS, workbook_of
from importers.scene import Scene
from importers.template import as_typed, in_text
from importers.workbooks import bia_pcra_store
from importers.workbooks.bia_pcra import PARTIES, PERIMETERS
from tenants import audit
from tenants.errors import Conflict, NotFound

_FRENCH_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_ROW = 2  # of the workbook of one row: the first is its header
_CLOSED = "Cette ligne n’existe pas, ou elle ne vous est pas ouverte."


@dataclass(frozen=True, kw_only=True)
class Held:
    """A row as it is recorded now. `ref` is what its address names it by, `seen` which of its versions this is."""

    ref: UUID
    establishment_id: UUID
    finess: str
    key: str
    seen: str
    values: Values
    at: datetime
    by: UUID | None
    withdrawn: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of a form: `ref` once it is saved; else what holds it back, and nothing was written.

    `theirs` is the version that somebody else recorded meanwhile, `twin` the row that has the same key already.
    """

    ref: UUID | None = None
    written: bool = False
    faults: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)  # column key -> what is said of it
    theirs: Held | None = None
    merged: Mapping[str, str] = field(default_factory=dict)  # what was typed, over theirs, column by column
    twin: Held | None = None


# ------------------------------------------------------------------------------------------------------------ reading


def sheet_named(name: str, here: Scene) -> Sheet:
    """Return a sheet whose rows have a form in this scope. Raises NotFound: parties are the candidate's, people their establishment's."""
    sheet = SHEETS.get(name)
    if sheet is None or sheet is PARTIES or not register.may_read(sheet.record or Register, here.ids):
        raise NotFound(_CLOSED)
    return sheet


def held(sheet: Sheet, ref: UUID, here: Scene) -> Held:
    """Return a row as it is recorded, one taken away included. Raises NotFound."""
    if sheet.record is None:
        return _perimeter(ref, here)
    found = entries.find(sheet.record, ref)
    if found is None or found.establishment_id not in here.ids:
        raise NotFound(_CLOSED)
    return _held(sheet, found)


def _held(sheet: Sheet, found: Found) -> Held:
    [(version, values)] = store.in_order(sheet, [found.last])
    return Held(
        ref=version.id,
        establishment_id=found.establishment_id,
        finess=version.finess,
        key=version.key,
        seen=str(version.id),
        values=dict(zip(sheet.fields, values, strict=True)),
        at=version.recorded_at,
        by=version.recorded_by,
        withdrawn=found.withdrawn,
    )


def _perimeter(ref: UUID, here: Scene) -> Held:
    record = next((each for each in perimeter.current_perimeters(here.ids, here.day) if each.id == ref), None)
    if record is None:
        raise NotFound(_CLOSED)
    existing, written = bia_pcra_store.stored_perimeters(here.candidate, here.ids, here.day)
    key = f"{record.finess}/{record.code}"
    return Held(
        ref=ref,
        establishment_id=record.establishment_id,
        finess=record.finess,
        key=key,
        seen=written[key].at.isoformat(),
        values=existing[key],
        at=written[key].at,
        by=written[key].by,
    )


def typed(column: Column, value: object) -> str:
    """Write a stored value as somebody would type it: reading it again gives the same value."""
    cell = as_typed(column, value)
    # A date field of a browser holds its day so.
    return cell.isoformat() if isinstance(cell, date) and column.kind is Kind.DATE else in_text(cell)


def typed_row(sheet: Sheet, values: Values) -> dict[str, str]:
    """Write a stored row as somebody would type it, by column."""
    cells = sheet.to_cells(values)
    return {column.key: typed(column, cells.get(column.key)) for column in sheet.columns}


def prefilled(sheet: Sheet, row: Mapping[str, str]) -> dict[str, str]:
    """Return what an address fills a form in with: a date field holds its day as browsers write it."""
    told = dict(row)
    for column in sheet.columns:
        day = _FRENCH_DAY.fullmatch(told.get(column.key, "").strip())
        if column.kind is Kind.DATE and day:
            told[column.key] = "-".join(reversed(day.groups()))
    return told


def numbered(sheet: Sheet, row: Mapping[str, str], here: Scene) -> dict[str, str]:
    """Return what is typed so far with the next free number, where a number tells apart the rows of one code."""
    own = sheet.key({**{key: text.strip().upper() or None for key, text in row.items()}, "number": "0"})
    prefix, found, _ = own.rpartition(" / 0")
    if "number" not in row or row["number"] or not found or sheet.record is None:
        return dict(row)
    return {**row, "number": str(entries.last_number(sheet.record, here.ids, prefix) + 1)}


def differ(one: str, other: str) -> bool:
    """Tell whether two typed cells say different things, whatever the spaces around them."""
    return [each.strip() for each in one.split(";")] != [each.strip() for each in other.split(";")]


def asked(sheet: Sheet, here: Scene) -> tuple[Column, ...]:
    """Return the columns of a form: in an establishment, whose a row is goes without saying."""
    alone = len(here.entities) == 1 and not here.is_group
    return tuple(column for column in sheet.columns if not (alone and column.names_owner))


# ----------------------------------------------------------------------------------------------------------- checking


def checked(sheet: Sheet, row: Mapping[str, str], here: Scene) -> tuple[RowResult | None, dict[str, tuple[Fault, ...]]]:
    """Check what was typed as an import would; return the row, None when nothing of it was read, and what is said by column."""
    columns = asked(sheet, here)
    places = {column.key: place for place, column in enumerate(columns, start=1)}
    headers = {places[column.key]: column.label_for(here.kind) for column in columns}
    cells = {
        places[key]: Cell(_ROW, places[key], CellKind.TEXT, text.strip())
        for key, text in row.items()
        if key in places and text.strip()
    }
    head = {place: Cell(1, place, CellKind.TEXT, title) for place, title in headers.items()}
    source = ReadSheet(sheet.name, rows={1: head, _ROW: cells})
    layout = Layout(
        source=source,
        workbook=workbook_of(sheet),
        sheet=sheet,
        header_row=1,
        depth=1,
        columns=places,
        headers=headers,
        guessed={},
        unknown=(),
        missing=(),
        score=1.0,
        filled_down=frozenset(),
        date_order="dmy",
        fingerprint="",
        chosen=True,
        named=True,
    )
    found = Recognised((layout,), (), ())
    checking = Checking([layout.workbook], ReadBook((source,)), _facts(sheet, row, here), found, bounded=False)
    result = next((result for _, rows in checking.sheets() for result in rows), None)
    return result, _by_column(result, places)


def _facts(sheet: Sheet, row: Mapping[str, str], here: Scene) -> Facts:
    private = sheet.record is not None and issubclass(sheet.record, PrivateRegister)
    read = {*sheet.looks_at, *(() if private else (sheet.name,))}
    referred = {column.refers for column in sheet.columns if column.refers} | {PERIMETERS.name}
    facts = understanding.facts_of(here, read, referred, understanding.numbers_in(row.values()))
    if private:
        facts = replace(facts, existing={**facts.existing, sheet.name: _OneByOne(sheet, here)})
    return facts


class _OneByOne(Mapping[str, Values]):
    """The rows of a register of people, read one at a time: a form needs one of ten thousand."""

    def __init__(self, sheet: Sheet, here: Scene) -> None:
        assert sheet.record is not None  # noqa: S101  people are in registers
        self.sheet, self.model, self.here = sheet, sheet.record, here

    def __getitem__(self, key: str) -> Values:
        finess, _, own = key.partition("/")
        owner = next((entity.id for entity in self.here.entities if entity.finess == finess), None)
        found = entries.at(self.model, owner, own) if owner else None
        if found is None or found.withdrawn:
            raise KeyError(key)
        return _held(self.sheet, found).values

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 1  # not empty: somebody asks by key, and nobody counts


def _by_column(result: RowResult | None, places: Mapping[str, int]) -> dict[str, tuple[Fault, ...]]:
    keys = {column_letters(place): key for key, place in places.items()}
    told: dict[str, tuple[Fault, ...]] = {}
    for fault in result.faults if result else ():
        key = keys.get(fault.cell.rstrip("0123456789"), "")
        told[key] = (*told.get(key, ()), fault)
    return told


def refusing(faults: Mapping[str, Sequence[Fault]]) -> bool:
    """Tell whether something keeps a row from being stored."""
    return any(fault.cls is FaultClass.ERROR for told in faults.values() for fault in told)


# ------------------------------------------------------------------------------------------------------------ writing


def save(sheet: Sheet, row: Mapping[str, str], ref: UUID | None = None, seen: str = "") -> Answer:
    """Save a form: a new row, or the next version of `ref` whose version `seen` the person had before them.

    Nothing is written when a value is refused, when somebody else changed the row since (`theirs`), or when another row has
    the key (`twin`). Raises NotFound.
    """
    here = deposits.one_after_the_other()
    before = held(sheet, ref, here) if ref else None
    if before is not None and before.seen != seen:
        return Answer(theirs=before, merged=_merged(sheet, before, seen, row))
    result, faults = checked(sheet, row, here)
    if result is None:
        return Answer(
            faults={
                column.key: (_fault(sheet, column.key, "Cette valeur est obligatoire.", column.help),)
                for column in asked(sheet, here)
                if column.required
            }
        )
    if result.status == REJECTED:
        return Answer(faults=faults)
    moved = _moved(sheet, before, result)
    if moved is not None:
        return Answer(faults={**faults, sheet.key_column: (moved,)})
    renamed = before is not None and before.key != _key(sheet, result)
    twin = _row_of(sheet, result, here) if (before is None or renamed) and result.status != NEW else None
    if twin is not None:
        # Sent twice by a hand that clicked twice: the line is there, as it was typed.
        return (
            Answer(ref=twin.ref) if result.status == UNCHANGED and before is None else Answer(faults=faults, twin=twin)
        )
    if result.status == UNCHANGED and before is not None and not before.withdrawn:
        return Answer(ref=before.ref, faults=faults)
    owners = {entity.finess: entity.id for entity in here.entities}
    store.write(sheet, [result], here, owners, None)
    if renamed and before is not None and sheet.record is not None:
        entries.repeat(sheet.record, before.establishment_id, UUID(before.seen), withdrawn=True)
    saved = _row_of(sheet, result, here)
    if saved is None:  # what was just written is read again
        raise Conflict("Cette ligne n’a pas pu être relue : rechargez la page.")
    audit.record(saved.establishment_id, "entry.saved", sheet=sheet.name, version=saved.seen)
    return Answer(ref=saved.ref, written=True, faults=faults)


def _merged(sheet: Sheet, theirs: Held, seen: str, row: Mapping[str, str]) -> dict[str, str]:
    """Keep what the person changed of the version they saw, and the other person's for the rest; all of theirs when it is not known."""
    stored = typed_row(sheet, theirs.values)
    try:
        base = entries.version(sheet.record, UUID(seen), theirs.establishment_id, theirs.key) if sheet.record else None
    except ValueError:  # a hand-made form
        base = None
    if base is None:
        return {**stored, **row}
    [(_, values)] = store.in_order(sheet, [base])
    before = typed_row(sheet, dict(zip(sheet.fields, values, strict=True)))
    return {key: row[key] if key in row and differ(row[key], before[key]) else text for key, text in stored.items()}


def _key(sheet: Sheet, result: RowResult) -> str:
    return result.key if sheet.record is None else result.own_key


def _moved(sheet: Sheet, before: Held | None, result: RowResult) -> Fault | None:
    """Refuse what would leave references behind: a code that others name, a row that changes establishment."""
    if before is None:
        return None
    if result.finess != before.finess:
        return _fault(
            sheet, sheet.key_column, "Une ligne enregistrée ne change pas d’établissement.",
            "Retirez-la, puis créez-la dans l’autre.",
        )  # fmt: skip
    if before.key != _key(sheet, result) and (sheet.code or sheet.record is None):
        return _fault(
            sheet, sheet.key_column, "Le code d’une ligne enregistrée ne se change pas : d’autres lignes la nomment par lui.",
            "Gardez-le, ou créez une autre ligne.",
        )  # fmt: skip
    return None


def refusal(sheet: Sheet, key: str, reason: str) -> Fault:
    """Return what keeps a form from being saved, beside one of its fields."""
    return _fault(sheet, key, reason, "")


def _fault(sheet: Sheet, key: str, reason: str, remedy: str) -> Fault:
    return Fault(FaultClass.ERROR, "E-COH", sheet.name, "", sheet.column(key).label, "", reason, remedy)


def _row_of(sheet: Sheet, result: RowResult, here: Scene) -> Held | None:
    owner = next((entity.id for entity in here.entities if entity.finess == result.finess), None)
    if owner is None:
        return None
    if sheet.record is None:
        known = perimeter.current_perimeters([owner], here.day)
        ref = next((each.id for each in known if each.code == result.values["code"]), None)
        return _perimeter(ref, here) if ref else None
    found = entries.at(sheet.record, owner, result.own_key)
    return _held(sheet, found) if found is not None and not found.withdrawn else None


def withdraw(sheet: Sheet, ref: UUID, seen: str) -> Held:
    """Take a row away; its versions stay. Raises NotFound, Conflict when somebody changed it since."""
    return _again(sheet, ref, seen, withdrawn=True)


def restore(sheet: Sheet, ref: UUID, seen: str) -> Held:
    """Bring back a row that was taken away, as it was. Raises NotFound, Conflict when somebody did since."""
    return _again(sheet, ref, seen, withdrawn=False)


def _again(sheet: Sheet, ref: UUID, seen: str, *, withdrawn: bool) -> Held:
    here = deposits.one_after_the_other()
    before = held(sheet, ref, here)
    if sheet.record is None:
        raise NotFound("Un périmètre ne se retire pas : répondez Non à « Existe dans l’établissement ».")
    if before.seen != seen or before.withdrawn is withdrawn:
        raise Conflict("Cette ligne a changé depuis que vous l’avez ouverte : relisez-la.")
    entries.repeat(sheet.record, before.establishment_id, UUID(before.seen), withdrawn=withdrawn)
    audit.record(
        before.establishment_id, "entry.withdrawn" if withdrawn else "entry.restored", sheet=sheet.name, version=before.seen
    )  # fmt: skip
    found = entries.at(sheet.record, before.establishment_id, before.key)
    assert found is not None  # noqa: S101  one more version was just written
    return _held(sheet, found)


def attach(sheet: Sheet, ref: UUID, sent: Mapping[str, tuple[str, BinaryIO]]) -> None:
    """Attach the files sent with a form to the row of the referential that they answer. Raises Invalid for one that cannot be kept.

    One that is attached already stays as it is.
    """
    row = held(sheet, ref, scene.of_scope())
    for key, (name, content) in sent.items():
        column = sheet.column(key)
        code, _, piece = column.piece.partition(":")
        approved = row.values.get(column.dated_by) if column.dated_by else None
        try:
            evidence.attach(
                row.establishment_id,
                str(row.values.get("objective") or code),
                piece,
                name,
                content,
                approved_on=approved if isinstance(approved, date) else None,
            )
        except Conflict:
            continue
