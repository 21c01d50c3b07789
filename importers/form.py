"""The form of a row: one field per column of its sheet, with the lists that people choose from."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from compliance.services import evidence, perimeter
from compliance.services.referential import in_force
from importers import entry, scene, store
from importers.base import Column, Kind, Sheet
from importers.faults import Fault, FaultClass
from importers.registry import SHEETS
from importers.scene import Scene
from importers.words import fold
from importers.workbooks.bia_pcra import PERIMETERS

_MOST_TICKED = 40  # choices that are ticked one by one; beyond, codes are typed
_MOST_OFFERED = 300  # values offered while typing
_LONG = 500  # characters from which a text has several lines

Options = tuple[tuple[str, str], ...]
_LABELS = {
    Kind.FINESS_EJ: "Établissement",
    Kind.FINESS_LIST: "Établissements concernés",
    Kind.FINESS_ET: "Site",
    Kind.HOLDER: "Pour qui",
}
# Help about cells says nothing to who chooses in a list.
_OF_CELLS = re.compile(
    r"^(Choisissez dans la liste|Oui ou Non|Oui, Non ou Sans objet)$|point-virgule|points-virgules|caractères"
)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. `control` is text, area, date, select, ticks (several of `options`) or offered (typed, `options` proposed)."""

    key: str
    label: str
    control: str
    help: str
    value: str
    ticked: tuple[str, ...] = ()
    options: Options = ()
    required: bool = False
    upload: bool = False  # the file itself may be sent with the form
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Form:
    """The fields of a row: those that every row must answer, then the others."""

    needed: tuple[Field, ...]
    others: tuple[Field, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every field, in the order of the page."""
        return (*self.needed, *self.others)

    @property
    def errors(self) -> tuple[Field, ...]:
        """The fields that were refused."""
        return tuple(field for field in self.fields if field.error)


def form(
    sheet: Sheet, here: Scene, row: Mapping[str, str], faults: Mapping[str, Sequence[Fault]] | None = None
) -> Form:
    """Return the form of a row as typed so far, each refusal beside its field."""
    lists = _Lists(sheet, here)
    told = faults or {}
    fields = [
        (column, _field(column, lists, row.get(column.key, ""), told.get(column.key, ())))
        for column in entry.asked(sheet, here)
    ]
    return Form(
        needed=tuple(field for column, field in fields if column.required),
        others=tuple(field for column, field in fields if not column.required),
    )


def _field(column: Column, lists: _Lists, value: str, faults: Sequence[Fault]) -> Field:
    control, options = lists.of(column)
    error = " ".join(f"{fault.reason} {fault.remedy}" for fault in faults if fault.cls is FaultClass.ERROR)
    ticked: tuple[str, ...] = ()
    if control == "ticks":
        typed = tuple(each.strip() for each in value.split(";") if each.strip())
        known = {fold(label): key for key, label in options} | {fold(key): key for key, _ in options}
        ticked = tuple(known.get(fold(each), each) for each in typed)
        # What is recorded and no list offers stays ticked: a form never erases by silence.
        options = (*options, *((each, each) for each in ticked if each not in dict(options)))
    if control == "select" and value and value not in dict(options):
        options = (*options, (value, value))
    return Field(
        key=column.key,
        label=label(column, lists.here.kind),
        control=control,
        help="" if control in ("select", "ticks") and _OF_CELLS.search(column.help) else column.help,
        value=value,
        ticked=ticked,
        options=options,
        required=column.required and not column.blank_allowed,
        upload=bool(column.piece),
        error=error,
    )


def label(column: Column, kind: str) -> str:
    """Name a column on a page: a workbook asks numbers, a page tells places. `kind` is the candidate's."""
    return _LABELS.get(column.kind, column.label_for(kind))


class _Lists:
    """What each column offers, read once."""

    def __init__(self, sheet: Sheet, here: Scene) -> None:
        self.here = here
        kinds = {column.kind for column in sheet.columns}
        referred = {column.refers for column in sheet.columns if column.refers}
        found = store.references(sorted(referred - {PERIMETERS.name}), here, store.Stored())
        names = {entity.finess: entity.name for entity in here.entities}
        # A code is its establishment's: where there are several, each is offered with whose it is, unless a row may be the whole GHT's.
        self.codes: dict[str, Options] = {
            name: tuple((code, self._whose(name, owners, names)) for code, owners in sorted(codes.items()))
            for name, codes in found.items()
        }
        if PERIMETERS.name in referred:
            known = perimeter.current_perimeters(here.ids, here.day)
            self.codes[PERIMETERS.name] = tuple(sorted({each.code: each.name for each in known}.items()))
        self.files = sorted(evidence.filenames(here.ids)) if Kind.FILE in kinds else []
        self.sites = scene.sites(here) if kinds & {Kind.FINESS_ET, Kind.FINESS_PARTY} else []
        self.rows = (
            [(row.code, f"{row.code} : {row.title}") for row in in_force("D2", here.day).rows]
            if kinds & {Kind.OBJECTIVE, Kind.OBJECTIVES}
            else []
        )

    @staticmethod
    def _whose(sheet: str, owners: Collection[str], names: Mapping[str, str]) -> str:
        if len(names) < 2 or "holder" in SHEETS[sheet].fields:
            return ""
        return f"({', '.join(names[each] for each in sorted(owners) if each in names)})"

    def of(self, column: Column) -> tuple[str, Options]:
        """Return the control of a column and what it offers."""
        if column.kind in (Kind.CODE, Kind.CODES) and column.refers:
            return self._codes(column)
        make = _CONTROLS.get(column.kind)
        if make is not None:
            return make(self, column)
        return ("area" if column.kind is Kind.TEXT and column.maximum > _LONG else "text"), ()

    def _codes(self, column: Column) -> tuple[str, Options]:
        codes = self.codes[column.refers]
        if column.kind is Kind.CODE:
            if 0 < len(codes) <= _MOST_OFFERED:
                return "select", (_BLANK, *((code, f"{code} {name}".strip()) for code, name in codes))
            return "offered", codes[:_MOST_OFFERED]
        few = 0 < len(codes) <= _MOST_TICKED
        return ("ticks", tuple((code, f"{code} {name}".strip()) for code, name in codes)) if few else ("text", ())

    @property
    def entities(self) -> Options:
        """The establishments of the scope."""
        return tuple((entity.finess, entity.name) for entity in self.here.entities)

    def holders(self) -> Options:
        """The whole GHT, then its establishments."""
        group = ((self.here.scope.code, f"Tout le {self.here.scope.name}"),) if self.here.is_group else ()
        return (*group, *self.entities)

    def places(self) -> tuple[str, Options]:
        """The sites, where they are few enough to be chosen in a list."""
        offered = tuple((site.finess, f"{site.name} ({site.finess})") for site in self.sites)
        return ("select", (_BLANK, *offered)) if len(offered) <= _MOST_OFFERED else ("text", ())


_BLANK = ("", "Choisir")
_CONTROLS: Mapping[Kind, Callable[[_Lists, Column], tuple[str, Options]]] = {
    Kind.CHOICE: lambda _, column: ("select", (_BLANK, *((each.label, each.label) for each in column.choices))),
    Kind.YES_NO: lambda _lists, _column: ("select", (_BLANK, ("Oui", "Oui"), ("Non", "Non"))),
    Kind.DATE: lambda _lists, _column: ("date", ()),
    Kind.FINESS_EJ: lambda lists, _: ("select", (_BLANK, *lists.entities)),
    Kind.HOLDER: lambda lists, _: ("select", (_BLANK, *lists.holders())),
    Kind.FINESS_LIST: lambda lists, _: ("ticks", lists.entities),
    Kind.FINESS_ET: lambda lists, _: lists.places(),
    Kind.OBJECTIVE: lambda lists, _: ("select", (_BLANK, *lists.rows)),
    Kind.OBJECTIVES: lambda lists, _: ("ticks", tuple(lists.rows)),
    Kind.FILE: lambda lists, _: ("offered", tuple((name, "") for name in lists.files[:_MOST_OFFERED])),
}
