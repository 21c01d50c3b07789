"""The lists behind the workbooks: what is recorded of each sheet, page by page, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from compliance.models.register import PrivateRegister, Register
from compliance.services import party as party_services
from compliance.services import perimeter, register
from compliance.services.register import Version, Where
from importers import scene, store
from importers.base import WITHHELD, Column, Kind, Sheet, Workbook
from importers.facts import Values
from importers.preview import shown
from importers.registry import SHEETS, WORKBOOKS, workbook_of
from importers.scene import Scene
from importers.words import fold
from importers.workbooks.bia_pcra import PARTIES, PERIMETERS
from tenants.errors import NotFound

PAGE = 50  # rows of one page of a list
UNATTACHED, WITHDRAWN = "unattached", "withdrawn"


# -------------------------------------------------------------------------------------------------------------- index


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A sheet and how many rows it holds. `closed`: of people, that this scope counts per establishment and does not read."""

    sheet: Sheet
    rows: int
    closed: bool = False
    by_establishment: tuple[tuple[str, int], ...] = ()  # (name, rows), for a closed one


def index() -> list[tuple[Workbook, list[Counted]]]:
    """Return every sheet of every workbook with its number of rows, in a constant number of statements."""
    here = scene.of_scope()
    models = [sheet.record for sheet in SHEETS.values() if sheet.record is not None]
    counts = register.tallies(models)
    open_to_all = register.may_read(PrivateRegister, here.ids)
    told = []
    for workbook in WORKBOOKS:
        counted = [_counted(sheet, here, counts, may_read_people=open_to_all) for sheet in workbook.sheets]
        told.append((workbook, counted))
    return told


def _counted(sheet: Sheet, here: Scene, counts: Mapping[str, Mapping[UUID, int]], *, may_read_people: bool) -> Counted:
    if sheet is PARTIES:
        known = party_services.parties(here.candidate, here.day) if here.candidate else []
        return Counted(sheet=sheet, rows=sum(party.recorded for party in known))
    if sheet is PERIMETERS:
        return Counted(sheet=sheet, rows=len(perimeter.current_perimeters(here.ids, here.day)))
    assert sheet.record is not None  # noqa: S101  the two that have none are above
    found = counts[register.table_of(sheet.record)]
    rows = {entity.name: found.get(entity.id, 0) for entity in here.entities}
    closed = sheet.private and not may_read_people
    return Counted(
        sheet=sheet,
        rows=sum(rows.values()),
        closed=closed,
        by_establishment=tuple(rows.items()) if closed else (),
    )


# --------------------------------------------------------------------------------------------------------------- list


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address of a list asks for; what no list offers filters nothing."""

    search: str = ""
    establishment: str = ""  # FINESS EJ
    only: str = ""  # UNATTACHED, the rows that name something unknown, or WITHDRAWN, those taken away
    page: int = 1

    def address(self, page: int = 0) -> dict[str, str | int]:
        """Return the query of the same list, at a page."""
        asked: dict[str, str | int] = {"q": self.search, "establishment": self.establishment}
        asked |= {"only": self.only, "page": page if page > 1 else ""}
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, kw_only=True)
class CellShown:
    """A value as a list shows it; `unattached` names the codes that nobody has yet, `note` the establishment."""

    text: str
    unattached: bool = False
    note: str = ""
    is_number: bool = False


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One page of a list."""

    sheet: Sheet
    workbook: Workbook
    asked: Asked
    headers: tuple[tuple[str, bool], ...]  # label, and whether it is a column of numbers
    rows: tuple[tuple[CellShown, ...], ...]
    refs: tuple[UUID, ...]  # what the address of each row names it by
    total: int
    everything: int  # rows without any filter
    establishments: tuple[tuple[str, str], ...]  # (FINESS, name)
    refers: bool  # a column names what another sheet holds

    @property
    def pages(self) -> int:
        """How many pages there are; one when there is no row."""
        return max(1, -(-self.total // PAGE))

    @property
    def first(self) -> int:
        """Rank of the first row shown."""
        return (self.asked.page - 1) * PAGE + 1


@dataclass(frozen=True)
class _Names:
    """What a cell is shown with: names of establishments, codes that exist."""

    establishments: Mapping[str, str]
    codes: Mapping[str, Collection[str]] = field(default_factory=dict)


def listing(sheet: Sheet, asked: Asked, known: date | None = None, *, writes: bool = True) -> Listing:
    """Return a page of the list of a register as known at the end of a day, today by default, in a constant number of statements.

    Who only reads (`writes` is false) neither reads nor searches what is withheld from players until the day.

    Raises NotFound when it is not to be read.
    """
    here = scene.of_scope()
    day = known or here.day
    model = readable(sheet, here)
    entities = {entity.finess: entity for entity in here.entities}
    chosen = [entities[asked.establishment].id] if asked.establishment in entities else here.ids
    codes = _codes(sheet, here)
    where = _where(sheet, asked, codes, writes=writes)
    filtered = bool(where.search or where.known or where.withdrawn or chosen != here.ids)
    total = register.total(model, chosen, day, where)
    everything = register.total(model, here.ids, day) if filtered else total
    page = min(max(1, asked.page), max(1, -(-total // PAGE)))
    found = register.page(model, chosen, day, where, limit=PAGE, offset=(page - 1) * PAGE)
    names = _Names({entity.finess: entity.name for entity in here.entities}, codes)
    today = None if writes else here.day
    rows_shown = [_row(sheet, each, names, today) for each in _values(sheet, found)]
    told = _told(sheet, rows_shown, alone=len(here.entities) == 1 and not here.is_group)
    return Listing(
        sheet=sheet,
        workbook=workbook_of(sheet),
        asked=Asked(
            search=asked.search,
            establishment=asked.establishment if asked.establishment in entities else "",
            only=WITHDRAWN if where.withdrawn else UNATTACHED if where.known else "",
            page=page,
        ),
        headers=tuple((column.label_for(here.kind), column.kind in _NUMBERS) for column in told),
        rows=tuple(tuple(row[sheet.columns.index(column)] for column in told) for row in rows_shown),
        refs=tuple(each.id for each in found),
        total=total,
        everything=everything,
        establishments=tuple((entity.finess, entity.name) for entity in here.entities),
        refers=bool(codes),
    )


def readable(sheet: Sheet, here: Scene) -> type[Register]:
    """Return the register of a sheet. Raises NotFound when it has none, or when its people are not this scope's to read."""
    if sheet.record is None or not register.may_read(sheet.record, here.ids):
        raise NotFound("Cette liste n’existe pas, ou elle ne vous est pas ouverte.")
    return sheet.record


_NUMBERS = frozenset({Kind.NUMBER, Kind.INTEGER, Kind.MONEY, Kind.PERCENT, Kind.DURATION})


def _codes(sheet: Sheet, here: Scene) -> dict[str, Collection[str]]:
    """Return, for each column that names a code, those that exist in the scope: what an import would attach it to."""
    referring = [column for column in sheet.columns if column.refers]
    known = store.references(sorted({column.refers for column in referring}), here, store.Stored())
    return {column.key: known[column.refers].keys() for column in referring}


def _where(sheet: Sheet, asked: Asked, codes: Mapping[str, Collection[str]], *, writes: bool) -> Where:
    data = set(register.fields(sheet.record)) if sheet.record else set()
    wanted = fold(asked.search)
    choices = {
        column.key: [choice.value for choice in column.choices if wanted in fold(choice.label)]
        for column in sheet.columns
        if column.kind is Kind.CHOICE and column.key in data and (writes or not column.told_from)
    }
    unsearched = frozenset() if writes else frozenset(column.key for column in sheet.columns if column.told_from)
    known = {key: found for key, found in codes.items() if key in data} if asked.only == UNATTACHED else {}
    return Where(asked.search, choices if asked.search else {}, known, unsearched, asked.only == WITHDRAWN)


def _values(sheet: Sheet, versions: Iterable[Version]) -> Iterator[Values]:
    return (dict(zip(sheet.fields, each, strict=True)) for _, each in store.in_order(sheet, versions))


def _row(sheet: Sheet, values: Values, names: _Names, today: date | None) -> tuple[CellShown, ...]:
    """Show a row; what is withheld on a day is hidden (None: from nobody)."""
    cells = sheet.to_cells(values)
    hidden = sheet.withheld(values, today) if today else frozenset()
    return tuple(
        CellShown(text=WITHHELD) if column.key in hidden else _cell(column, cells.get(column.key), names)
        for column in sheet.columns
    )


def _told(sheet: Sheet, rows: Sequence[tuple[CellShown, ...]], *, alone: bool) -> list[Column]:
    """Return the columns worth their width: those that hold something on this page; nobody asks whose it is where there is one."""
    return [
        column
        for place, column in enumerate(sheet.columns)
        if not (alone and column.names_owner)
        and (not rows or place == 0 or column.required or any(row[place].text for row in rows))
    ]


def _cell(column: Column, value: object, names: _Names) -> CellShown:
    if value is None or value in ("", ()):
        return CellShown(text="")
    known = names.codes.get(column.key)
    unattached = known is not None and any(code not in known for code in _each(value))
    owners = _each(value) if column.names_owner else ()
    note = " ; ".join(names.establishments[finess] for finess in owners if finess in names.establishments)
    return CellShown(text=shown(column, value), unattached=unattached, note=note, is_number=column.kind in _NUMBERS)


def _each(value: object) -> Iterator[str]:
    if isinstance(value, tuple | list):
        yield from (str(each) for each in value)
    else:
        yield str(value)


def rows(sheet: Sheet, here: Scene, *, writes: bool = True) -> Sequence[Values] | Iterator[Values]:
    """Yield what is recorded of a sheet, for its export. Raises NotFound when it is not this scope's to read."""
    if sheet.record is None:
        return list(store.stored([sheet], here).existing[sheet.name].values())
    found = _values(sheet, register.current(readable(sheet, here), here.ids, here.day))
    return found if writes else (sheet.told(values, here.day) for values in found)
