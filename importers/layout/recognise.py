"""Which sheet of a file is which sheet of the specifications, and which column is which.

Workbooks are known by the name CARE_KIT, sheets by name, then by their headers in the first 15 rows; headers by label,
synonym, then similarity. At least 60 % of the required headers must be there (workbooks.md, 3.0). What a person decided
once for a header is applied again. Nothing is taken silently: what was guessed and what was left out is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter

from rapidfuzz import fuzz, process

from importers.base import SILENT_SHEETS, Column, Sheet, Workbook
from importers.layout import gantt
from importers.layout.headers import Header, Title, header_at, headers
from importers.layout.layouts import LayoutChoice, fingerprint
from importers.reading.sheet import Cell, ReadBook, ReadSheet
from importers.words import essence, fold

__all__ = ["Layout", "LayoutChoice", "Recognised", "Unknown", "fingerprint", "recognise", "suggest"]

REQUIRED_SHARE = 0.6
SIMILAR = 60.0  # cut-off measured in stack.md, 15, for a column that must be there
SIMILAR_OPTIONAL = 75.0  # nothing says that the file has it: a wrong guess costs more than a column left out
SUGGESTED = 45.0
_HALF_DAY = 90.0  # « matin » is a half-day for sure; which one is a guess
_SHORTEST = 5  # characters: PCA and PRA are similar, and different
_FEW = 4  # columns: a nameless sheet recognised by fewer must be mostly made of them
# What people add for themselves: a header with one of the first, or made of the second only, is nobody’s column.
_OWN_NOTES = frozenset({"commentaire", "observation", "remarque", "note"})
_OWN_MARKS = frozenset({"n", "no", "num", "numero", "ligne", "rang", "ordre", "id", "statut", "suivi", "avancement"})
_HALF_DAY_COLUMN = re.compile(r"dj ?\d+")
_HALF_DAY_WORD = re.compile(r"\b(?:matin(?:ee)?|apres[ -]midi|ap[ -]?midi|a\.?m\.?|p\.?m\.?)(?!\w)")
_DAY_WORDS = re.compile(
    r"(?:\d+(?:er)?|j\d*|jour(?:nee)?|le|du|seance|lundi|mardi|mercredi|jeudi|vendredi|samedi|janvier|fevrier|mars|avril"
    r"|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|[/.,()-]|\s)*"
)


@dataclass(frozen=True)
class Unknown:
    """A column of the file that the specification does not have, and what it resembles."""

    header: Cell
    suggestion: str


@dataclass(frozen=True)
class Layout:
    """A sheet of the file understood as a sheet of a specification; `columns` goes from key to column number.

    `missing` lists the required columns that are not there; the column that names the establishment is one of them, and
    yet weighs nothing: a single establishment does not need it.
    """

    source: ReadSheet
    workbook: Workbook
    sheet: Sheet
    header_row: int  # the last one
    depth: int
    columns: dict[str, int]
    headers: dict[int, str]  # column number -> header as shown to people: « Impact, 4 h » for two rows
    guessed: dict[str, float]
    unknown: tuple[Unknown, ...]
    missing: tuple[Column, ...]
    score: float  # share of the required headers that are there, from 0 to 1
    filled_down: frozenset[str]
    date_order: str
    fingerprint: str
    chosen: bool  # a person’s choice, remembered or just made
    named: bool  # recognised by the sheet’s name

    def header(self, key: str) -> str:
        """Return the header of a column as the file writes it; "" for a column chosen without a title."""
        return self.headers.get(self.columns[key], "")

    @property
    def sure(self) -> bool:
        """Tell whether nothing was guessed: nobody has to confirm."""
        complete = all(column.names_owner for column in self.missing)
        return not self.guessed and (self.named or complete) and not gantt.is_planner(self.source)


@dataclass(frozen=True)
class Recognised:
    """What was understood of a file. `unmapped` holds the filled sheets that correspond to nothing.

    `ignored` holds those that a person decided not to read; `care_kit_code` is the workbook that the file says it was made
    from, "" when it says nothing or names none of the workbooks tried.
    """

    layouts: tuple[Layout, ...]
    unmapped: tuple[ReadSheet, ...]
    hidden: tuple[ReadSheet, ...]
    ignored: tuple[ReadSheet, ...] = ()
    care_kit_code: str = ""


def recognise(
    workbooks: Sequence[Workbook], book: ReadBook, choices: Mapping[str, LayoutChoice] | None = None
) -> Recognised:
    """Find the sheets of some workbooks in a file; `choices` holds what was decided, by fingerprint of header."""
    specs = _specs(workbooks)
    code = (book.care_kit or "").partition(";")[0].strip()
    kit = code if code in {workbook.code for workbook in workbooks} else ""
    silent = {fold(name) for name in SILENT_SHEETS}
    found: dict[str, list[ReadSheet]] = {"unmapped": [], "hidden": [], "ignored": []}
    layouts = []
    for source in book.sheets:
        if fold(source.name) in silent or not source.filled:
            continue
        if not source.visible:
            found["hidden"].append(source)
            continue
        layout, ignored = _understand(specs, source, kit, choices or {})
        if layout is not None:
            layouts.append(layout)
        else:
            found["ignored" if ignored else "unmapped"].append(source)
    return Recognised(tuple(layouts), **{kind: tuple(each) for kind, each in found.items()}, care_kit_code=kit)


def suggest(
    workbooks: Sequence[Workbook], source: ReadSheet, header_row: int, depth: int = 1, sheet: Sheet | None = None
) -> Layout | None:
    """Return the best layout for a header that a person points at, however little of it is recognised.

    With `sheet`, only that one is tried, and nothing recognised is an answer. None when the rows hold no title, or when no
    sheet explains any.
    """
    header = header_at(source, header_row, depth)
    if header is None:
        return None
    specs = [spec for spec in _specs(workbooks) if sheet is None or spec.sheet is sheet]
    found = [_match(spec, source, header, named=spec.sheet.is_named(source.name)) for spec in specs]
    best = max(found, key=_rank, default=None)
    return best if best is not None and (sheet is not None or best.columns) else None


# ------------------------------------------------------------------------------------------------------ specifications


@dataclass
class _Spec:
    """A sheet of a specification, with its names ready to be compared."""

    workbook: Workbook
    sheet: Sheet
    similar_to: dict[str, list[tuple[str, float]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named = [(name, column.key) for column in self.sheet.columns for name in column.names()]
        self.exact: dict[str, str] = {}
        self.joined: dict[str, str] = {}
        for name, key in named:
            self.exact.setdefault(fold(name), key)
            self.joined.setdefault(_sorted(name), key)
        self.long = [(_sorted(name), key) for name, key in named if len(essence(name)) >= _SHORTEST]
        self.least = {column.key: SIMILAR if column.required else SIMILAR_OPTIONAL for column in self.sheet.columns}
        self.half_days = [column.key for column in self.sheet.columns if _HALF_DAY_COLUMN.fullmatch(fold(column.label))]

    def similar(self, text: str) -> list[tuple[str, float]]:
        """Return the columns that a header resembles, with their score; the same column may come several times."""
        if text not in self.similar_to:
            self.similar_to[text] = list(self._similar(text))
        return self.similar_to[text]

    def _similar(self, text: str) -> Iterator[tuple[str, float]]:
        words = essence(text)
        if len(words) < _SHORTEST or _is_nobodys(words):
            return
        names = [name for name, _ in self.long]
        # On sorted words, the plain ratio is token_sort_ratio without sorting again each time.
        for _, score, rank in process.extract(
            _sorted(text), names, scorer=fuzz.ratio, score_cutoff=SUGGESTED, limit=None
        ):
            yield self.long[rank][1], score


def _specs(workbooks: Iterable[Workbook]) -> list[_Spec]:
    return [_Spec(workbook, sheet) for workbook in workbooks for sheet in workbook.sheets]


def _sorted(text: str) -> str:
    return " ".join(sorted(essence(text).split()))


def _is_nobodys(text: str) -> bool:
    words = {word.removesuffix("s") for word in text.split()}
    return not words.isdisjoint(_OWN_NOTES) or words <= _OWN_MARKS


# ------------------------------------------------------------------------------------------------------------- sheets


def _understand(
    specs: Sequence[_Spec], source: ReadSheet, kit: str, choices: Mapping[str, LayoutChoice]
) -> tuple[Layout | None, bool]:
    """Return the layout of a sheet, and whether a person decided that it is not to be read."""
    rows = headers(source)
    decided = _decided(specs, source, rows, choices)
    if decided is None:
        layout = _best(specs, source, rows, kit)
        if layout is not None and all(column.names_owner for column in layout.missing):
            return layout, False
        planned = _planned(specs, source)
        if planned is None or (layout is not None and layout.sheet is not planned.sheet):
            return layout, False
        first = header_at(planned.source, planned.header_row)
        decided = _decided(specs, planned.source, [first] if first else [], choices)
        if decided is None:
            return planned, False
    return decided if isinstance(decided, Layout) else None, not isinstance(decided, Layout)


def _decided(
    specs: Sequence[_Spec], source: ReadSheet, rows: Sequence[Header], choices: Mapping[str, LayoutChoice]
) -> Layout | LayoutChoice | None:
    """Return the layout that a remembered choice gives, or the choice itself when it says not to read the sheet."""
    if not choices:
        return None
    found = [(choice, row) for row in rows if (choice := choices.get(row.fingerprint)) and choice.depth == row.depth]
    for choice, header in sorted(found, key=lambda pair: pair[0].header_row != pair[1].row):
        if not choice.sheet:
            return choice
        for spec in specs:
            if spec.sheet.name == choice.sheet:
                return _choose(spec, source, header, choice)
    return None


def _best(specs: Sequence[_Spec], source: ReadSheet, rows: Sequence[Header], kit: str) -> Layout | None:
    named = [spec for spec in specs if spec.sheet.is_named(source.name) and kit in ("", spec.workbook.code)]
    for candidates, by_name in ((named, True), (specs, False)):
        found = [layout for spec in candidates if (layout := _best_of(spec, source, rows, named=by_name)) is not None]
        if found:
            return max(found, key=_rank)
    return None


def _best_of(spec: _Spec, source: ReadSheet, rows: Sequence[Header], *, named: bool) -> Layout | None:
    """Return the best header of one row for a sheet, or of two when that explains strictly more."""
    best: dict[int, Layout | None] = {1: None, 2: None}
    for header in rows:
        if len(header.titles) < 2 or (header.depth == 2 and not header.grouped):
            continue
        if not named and not _exact_columns(spec, header):
            continue  # likenesses alone make no sheet, and looking for them in every row costs seconds
        layout, known = _match(spec, source, header, named=named), best[header.depth]
        if _is_enough(layout, header) and (known is None or _rank(layout) > _rank(known)):
            best[header.depth] = layout
    one, two = best[1], best[2]
    if one is None or two is None:
        return one or two
    more = len(two.columns) > len(one.columns)
    return two if more and _exact(two) >= _exact(one) else one


def _is_enough(layout: Layout, header: Header) -> bool:
    """Tell whether a sheet is recognised: by 60 % of the required headers.

    Without a name that says the same, a vague likeness does not count, nor a few common words in a wide table: among the
    sheets of all workbooks, any list of people or of dates resembles one.
    """
    count = len(layout.columns)
    if layout.score < REQUIRED_SHARE or count < 2:
        return False
    if layout.named:
        return True
    firm = {key: place for key, place in layout.columns.items() if layout.guessed.get(key, 100.0) >= SIMILAR_OPTIONAL}
    many = count >= _FEW or 2 * count >= len(header.titles)
    return many and _share(layout.sheet, firm, layout.guessed) >= REQUIRED_SHARE


def _exact(layout: Layout) -> int:
    return len(layout.columns) - len(layout.guessed)


def _rank(layout: Layout) -> tuple[float, int]:
    """Order layouts: what the sheet asks and the file has, what the file has and the sheet explains; a guess is half a fact."""
    titles = len(layout.columns) + len(layout.unknown)
    explained = _exact(layout) + sum(layout.guessed.values()) / 200
    return layout.score + explained / titles, len(layout.columns)


def _planned(specs: Sequence[_Spec], source: ReadSheet) -> Layout | None:
    """Read months across with marks as a list of planned exercises."""
    spec = next((spec for spec in specs if all(fold(name) in spec.exact for name in gantt.GENERATED)), None)
    rows = gantt.unpivot(source) if spec is not None else None
    header = header_at(rows, 1) if rows is not None else None
    if spec is None or rows is None or header is None:
        return None
    return _match(spec, rows, header, named=False)


# ------------------------------------------------------------------------------------------------------------ columns


def _match(spec: _Spec, source: ReadSheet, header: Header, *, named: bool) -> Layout:
    columns = _exact_columns(spec, header)
    guessed = _half_days(spec, header, columns)
    taken = set(columns.values())
    near = [
        (score, title.place, key)
        for title in header.titles
        if title.place not in taken
        for reading in title.readings
        for key, score in spec.similar(reading)
        if key not in columns and score >= spec.least[key]
    ]
    for score, place, key in sorted(near, key=lambda each: (-each[0], each[1])):
        if place not in taken and key not in columns:
            columns[key] = place
            taken.add(place)
            if score < 100:  # the same words in another order are not a guess
                guessed[key] = score
    return _layout(spec, source, header, columns, guessed, named=named)


def _exact_columns(spec: _Spec, header: Header) -> dict[str, int]:
    columns: dict[str, int] = {}
    taken: set[int] = set()
    for depth in range(header.depth):
        for title in header.titles:
            if title.place in taken or depth >= len(title.readings):
                continue
            text = title.readings[depth]
            key = spec.exact.get(fold(text))
            if key is None and len(title.readings) > depth + 1:  # nobody writes « à » between two cells
                key = spec.joined.get(_sorted(text))
            if key is not None and key not in columns:
                columns[key] = title.place
                taken.add(title.place)
    return columns


def _half_days(spec: _Spec, header: Header, columns: dict[str, int]) -> dict[str, float]:
    """Take the columns « matin » and « après-midi », under a date or not, for the half-days that are left, in order."""
    left = [key for key in spec.half_days if key not in columns]
    taken = set(columns.values())
    places = [title.place for title in header.titles if title.place not in taken and _is_half_day(title)]
    found = dict(zip(left, places, strict=False))
    columns.update(found)
    return dict.fromkeys(found, _HALF_DAY)


def _is_half_day(title: Title) -> bool:
    text, count = _HALF_DAY_WORD.subn("", fold(title.readings[0]))
    return count == 1 and _DAY_WORDS.fullmatch(text) is not None


def _choose(spec: _Spec, source: ReadSheet, header: Header, choice: LayoutChoice) -> Layout:
    keys = {column.key for column in spec.sheet.columns}
    last = max(header.shown)
    columns = {key: place for key, place in choice.columns.items() if key in keys and place <= last}
    known = {fold(text) for text in choice.headers}
    seen = replace(header, titles=tuple(title for title in header.titles if fold(title.shown) not in known))
    return replace(
        _layout(spec, source, seen, columns, {}, named=spec.sheet.is_named(source.name)),
        filled_down=frozenset(choice.fill_down) & columns.keys(),
        date_order=choice.date_order,
        chosen=True,
    )


def _layout(
    spec: _Spec, source: ReadSheet, header: Header, columns: dict[str, int], guessed: dict[str, float], *, named: bool
) -> Layout:
    taken = set(columns.values())
    missing = [column for column in spec.sheet.columns if column.required and column.key not in columns]
    if gantt.is_planner(source):  # what a planner cannot say is a gap of its rows
        missing = [column for column in missing if column.names_owner or not column.blank_allowed]
    return Layout(
        source=source,
        workbook=spec.workbook,
        sheet=spec.sheet,
        header_row=header.row,
        depth=header.depth,
        columns=dict(sorted(columns.items(), key=itemgetter(1))),
        headers=dict(header.shown),
        guessed=guessed,
        unknown=tuple(
            Unknown(title.cell, _suggestion(spec, title)) for title in header.titles if title.place not in taken
        ),
        missing=tuple(missing),
        score=_share(spec.sheet, columns, guessed),
        filled_down=frozenset(),
        date_order="",
        fingerprint=header.fingerprint,
        chosen=False,
        named=named,
    )


def _share(sheet: Sheet, columns: Mapping[str, int], guessed: Mapping[str, float]) -> float:
    """Return the share of required headers that are there; of all headers, in a sheet that requires none.

    The column of the establishment counts when it is there: a home-made sheet of one establishment has none.
    """
    required = [column for column in sheet.columns if column.required]
    counted = [column.key for column in required if column.key in columns or not column.names_owner]
    counted = counted or [column.key for column in sheet.columns]
    return sum(guessed.get(key, 100.0) / 100 for key in counted if key in columns) / len(counted)


def _suggestion(spec: _Spec, title: Title) -> str:
    near = [(score, key) for reading in title.readings for key, score in spec.similar(reading)]
    return spec.sheet.column(max(near)[1]).label if near else ""
