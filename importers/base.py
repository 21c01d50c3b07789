"""How a workbook is declared: once, for its template, its reader, its checks and its help.

A file of `importers/workbooks/` builds one `Workbook`. Labels, help and choices are in French because they are what
people read; keys are the names that services receive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from importers.faults import Fault, FaultClass, shorten
from importers.words import fold

if TYPE_CHECKING:
    from compliance.models.register import Register
    from importers.facts import Facts, Values
    from importers.reading.sheet import Cell


class Kind(StrEnum):
    """How the cells of a column are read (normalisation table of workbooks.md)."""

    TEXT = "text"
    CODE = "code"  # upper-case letters, digits and hyphens
    FINESS_EJ = "finess_ej"
    FINESS_ET = "finess_et"
    FINESS_PARTY = "finess_party"  # an EJ in a GHT, a site outside
    FINESS_LIST = "finess_list"  # several EJ, separated by semicolons; the first is the one the row is written under
    HOLDER = "holder"  # the FINESS of an EJ, or the code of the GHT
    SHARED = "shared"  # « Non », or a code then FINESS numbers, separated by semicolons
    CHOICE = "choice"
    YES_NO = "yes_no"
    DATE = "date"
    PLANNED_DATE = "planned_date"  # a month or a quarter is accepted, as its last day
    NUMBER = "number"
    INTEGER = "integer"
    YEAR = "year"
    MONEY = "money"  # read in euros, kept in cents
    PERCENT = "percent"  # from 0 to 100, exact
    DURATION = "duration"  # kept in minutes
    TIME = "time"  # time of day, « 09:30 »
    SIRET = "siret"
    OBJECTIVE = "objective"  # a row of the referential, « D2.O1.C »
    OBJECTIVES = "objectives"
    CODES = "codes"  # several codes, separated by semicolons
    TEXTS = "texts"  # several texts, separated by semicolons, slashes or lines
    FILE = "file"  # name of a file uploaded as a piece: a network address is refused
    PHONE = "phone"
    NAME = "name"  # of a person: single spaces, case and accents kept


_OWNERS = frozenset({Kind.FINESS_EJ, Kind.FINESS_LIST, Kind.HOLDER})


@dataclass(frozen=True)
class Choice:
    """One value of a list: what is stored, what people read, how else they write it."""

    value: str
    label: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a sheet."""

    key: str
    label: str
    kind: Kind
    help: str
    example: str | date | Decimal | int = ""
    required: bool = False  # the header must be there, and every row must answer unless a rule of the sheet says more
    blank_allowed: bool = False  # required as a header, but an empty cell is left to the rules of the sheet
    choices: tuple[Choice, ...] = ()
    synonyms: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)  # label for one kind of candidate ("eg")
    personal: bool = False  # may hold a person's name: remarks never repeat the value
    maximum: int = 500  # characters of text
    decimals: int = 2  # of a number
    low: Decimal | int | None = None  # smallest number accepted, in the unit of the value kept
    high: Decimal | int | None = None
    refers: str = (
        ""  # sheet whose business code this names: not imported yet is a gap (« à rattacher »), never an error
    )
    piece: str = ""  # of a file: « D2.O1.D:retex », the row and the piece it is attached as when it is sent with a form
    dated_by: str = ""  # of such a file: the column that says when it was approved
    told_from: str = ""  # column of the day from which those who do not write may read it
    width: int = 18  # characters, in the template

    @property
    def names_owner(self) -> bool:
        """Tell whether it says which establishment a row is of: a file of one establishment does without."""
        return self.kind in _OWNERS

    def label_for(self, candidate_kind: str) -> str:
        """Return the header without its star."""
        return self.labels.get(candidate_kind, self.label)

    def header(self, candidate_kind: str) -> str:
        """Return the header as the template writes it."""
        return self.label_for(candidate_kind) + ("*" if self.required else "")

    def names(self) -> tuple[str, ...]:
        """Every way of writing this header that is recognised without a doubt."""
        return (self.label, *self.labels.values(), *self.synonyms)


@dataclass
class Row:
    """A row under check: what was read, and what is said about it. Rules may change `values`."""

    sheet: str
    number: int
    values: dict[str, object]
    cells: Mapping[str, Cell]  # column key -> cell that holds something
    headers: Mapping[str, str]  # column key -> header as in the file
    letters: Mapping[str, str]  # column key -> letters of its column, for every column found in the file
    labels: Mapping[str, str] = field(default_factory=dict)  # column key -> header of the specification
    broken: frozenset[str] = frozenset()  # keys whose cell could not be read: rules stay silent about them
    faults: list[Fault] = field(default_factory=list)
    personal: frozenset[str] = frozenset()  # keys whose value must not be repeated
    untold: frozenset[str] = frozenset()  # keys whose column is not in the file, and the header says nothing of it
    incomplete: bool = False  # lacks a value whose column is not in the file: told once, in the header
    establishment: str = ""  # FINESS EJ the row is written under; "" for a party that has no number

    def get(self, key: str) -> object:
        """Return the value read, None when blank."""
        return self.values.get(key)

    def blank(self, key: str) -> bool:
        """Tell whether the user left the cell empty; a cell that could not be read is not blank."""
        return self.values.get(key) is None and key not in self.broken

    def remark(
        self, cls: FaultClass, code: str, key: str, reason: str, remedy: str, *, value: str | None = None
    ) -> None:
        """Say something about one cell of the row."""
        cell = self.cells.get(key)
        if value is None:
            value = shorten(cell.text) if cell is not None else ""
            value = mask(value) if key in self.personal else value
        # A column that is not in the file: point at the row.
        address = cell.address if cell is not None else f"{self.letters.get(key, 'A')}{self.number}"
        header = self.headers.get(key, self.labels.get(key, ""))
        self.faults.append(Fault(cls, code, self.sheet, address, header, value, reason, remedy))

    def require(self, key: str, reason: str, remedy: str) -> None:
        """Refuse the row for want of a value; silent when its required column is not in the file: the header tells it."""
        if key in self.headers or key in self.untold:
            self.remark(FaultClass.ERROR, "E-REQ", key, reason, remedy)
        else:
            self.incomplete = True

    @property
    def refused(self) -> bool:
        """Tell whether the row cannot be stored."""
        return self.incomplete or any(fault.cls == FaultClass.ERROR for fault in self.faults)


def mask(value: str) -> str:
    """Show a person's name as a remark may: a name never travels in a report."""
    return f"{value[0]}… (nom masqué)" if value else ""


WITHHELD = "(caché aux joueurs jusqu’au jour de l’exercice)"

RowRule = Callable[[Row, "Facts"], None]
# Made anew for each reading of a sheet: what it returns sees the rows one by one, in order, and remembers what it must.
SheetRule = Callable[["Facts"], RowRule]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One data sheet.

    `key` gives the business key of a checked row; `rules` look at one row, `sheet_rules` at the rows one after the other.
    `to_cells` turns stored values back into values by column key, for prefilled templates and exports. `fields` are the
    names of the values that a checked row carries, derived ones included. `record` is the register that keeps the rows
    (a model of `compliance.models`), None for the two sheets of K1 that have services of their own.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    key: Callable[[Values], str]
    key_column: str  # the column that a remark on the key points at
    fields: tuple[str, ...]
    rules: tuple[RowRule, ...] = ()
    sheet_rules: tuple[SheetRule, ...] = ()
    to_cells: Callable[[Values], Values] = dict
    synonyms: tuple[str, ...] = ()  # other names of the sheet
    record: type[Register] | None = None
    private: bool = False  # people: read by the establishment alone, and no list of a deposit repeats a key
    exported: bool = False  # tools export it, some with the month first: a date that could be either is asked about
    code: str = ""  # column whose value other sheets refer to; "" when none does
    one: str = "ligne"  # what a row is, in the singular: « exercice »
    called: str = ""  # its name for people, where that of the workbook lacks its accents: « Émargement »
    looks_at: tuple[str, ...] = ()  # other sheets whose stored rows its rules compare with

    def column(self, key: str) -> Column:
        """Return the column with this key. Raises KeyError."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(key)

    @property
    def heading(self) -> str:
        """Return the name that pages give it."""
        return self.called or self.name.replace("_", " ")

    def withheld(self, values: Values, today: date) -> frozenset[str]:
        """Return the columns that players do not read yet: the scenario of an exercise to come (practice.md, 1.3, REMPAR22)."""
        days = {c.key: values.get("postponed_to") or values.get(c.told_from) for c in self.columns if c.told_from}
        return frozenset(key for key, day in days.items() if isinstance(day, date) and day > today)

    def told(self, values: Values, today: date) -> Values:
        """Return a row without what players do not read yet."""
        hidden = self.withheld(values, today)
        return {key: None if key in hidden else value for key, value in values.items()} if hidden else values

    def is_named(self, name: str) -> bool:
        """Tell whether a sheet of a file has the name of this one, whatever the case, accents and spaces."""
        return fold(name).replace(" ", "") in {fold(each).replace(" ", "") for each in (self.name, *self.synonyms)}


@dataclass(frozen=True, kw_only=True)
class Workbook:
    """One workbook of the kit. Code and version are written in the file, in the defined name CARE_KIT."""

    code: str
    version: int
    title: str
    accepted: str  # what the file may be, in a sentence of « Lisez-moi »
    sheets: tuple[Sheet, ...]  # those that others refer to first
    about: str = ""  # what it is for, in two sentences: documentation and choice of a template

    def sheet(self, name: str) -> Sheet:
        """Return the sheet of this name. Raises KeyError."""
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        raise KeyError(name)


SILENT_SHEETS = ("Lisez-moi", "Listes")  # they hold help, not data
