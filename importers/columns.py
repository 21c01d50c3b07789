"""« Vérifier les colonnes »: what was understood of each sheet of a file, and what a person decides instead.

Pure: a file as read and the answers of a form go in, a page and choices to remember come out. Nothing of the rows is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from importers.base import SILENT_SHEETS, Sheet, Workbook
from importers.layout import gantt
from importers.layout.headers import HEADER_ROWS, Header, header_at, headers, is_filled
from importers.layout.layouts import DATE_ORDERS, LayoutChoice
from importers.layout.recognise import Layout, Recognised, suggest
from importers.reading.sheet import Cell, ReadBook, ReadSheet, column_letters
from importers.words import fold
from tenants.errors import Invalid

SHOWN_ROWS = 8  # of the file, so that a person sees which row is the header
SHOWN_COLUMNS = 40
CUT = 40  # characters of a cell
EXAMPLES = 3  # values under a title
_LOOKED_AT = 200  # rows in which blanks under values are looked for


@dataclass(frozen=True)
class Source:
    """A sheet of the file about which a person may decide; `rank` is its place in the form."""

    rank: int
    read: ReadSheet
    layout: Layout | None
    asks_dates: bool = False
    ignored: bool = False  # a person decided already that it is not to be read

    @property
    def sure(self) -> bool:
        """Tell whether nobody has to be asked about it."""
        return self.ignored or (self.layout is not None and (self.layout.sure or self.layout.chosen))

    @property
    def name(self) -> str:
        """The name of the sheet in the file."""
        return self.read.name

    @property
    def is_planner(self) -> bool:
        """Tell whether its rows were made from the marks of a planner: their header is ours."""
        return gantt.is_planner(self.read)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is decided of one sheet: by the recognition first, then by a person.

    `sheet` is the name of the sheet of the specification, "" for « Ne pas lire »; `columns` go from the number of a
    column of the file to a key of the specification.
    """

    sheet: str
    header_row: int
    depth: int = 1
    columns: Mapping[int, str] = field(default_factory=dict)
    fill_down: frozenset[int] = frozenset()
    date_order: str = ""

    @property
    def target(self) -> str:
        """What the columns depend on: when it changes, they are proposed anew."""
        return f"{self.sheet}/{self.header_row}/{self.depth}"


# ---------------------------------------------------------------------------------------------------------- the file


def sources(book: ReadBook, found: Recognised, asks: Sequence[str] = ()) -> list[Source]:
    """Return the sheets to decide about, in the order of the file: those that are shown and hold titles."""
    silent = {fold(name) for name in SILENT_SHEETS}
    layouts = {layout.source.name: layout for layout in found.layouts}
    ignored = {read.name for read in found.ignored}
    told: list[Source] = []
    for read in book.sheets:
        layout = layouts.get(read.name)
        if read.visible and read.filled and fold(read.name) not in silent and (layout or headers(read)):
            asked = read.name in asks or bool(layout and layout.date_order)
            told.append(Source(len(told), layout.source if layout else read, layout, asked, read.name in ignored))
    return told


def understood(source: Source) -> Answer:
    """Return what the recognition proposes; a sheet it does not know is not read unless a person says so."""
    layout = source.layout
    if layout is None:
        return Answer(sheet="", header_row=_likely_header(source.read))
    return Answer(
        sheet=layout.sheet.name,
        header_row=layout.header_row,
        depth=layout.depth,
        columns={place: key for key, place in layout.columns.items()},
        fill_down=frozenset(layout.columns[key] for key in layout.filled_down),
        date_order=layout.date_order,
    )


def _likely_header(read: ReadSheet) -> int:
    return max(headers(read), key=lambda header: (len(header.titles), -header.depth, -header.row)).row


# --------------------------------------------------------------------------------------------------------- the answers


@dataclass(frozen=True)
class Filled:
    """The form as a person left it. `anew`: columns were proposed anew, and are to be looked at before they are kept."""

    answers: tuple[Answer, ...]
    anew: bool
    problem: str = ""  # why it cannot be kept, in a sentence


def filled(workbooks: Sequence[Workbook], about: Sequence[Source], form: Mapping[str, str], *, refresh: bool) -> Filled:
    """Read the form; `refresh` asks for columns proposed anew, as does another sheet to read, or another header row.

    Raises Invalid, with a sentence, for what no form of ours sends.
    """
    answers, anew, problem = [], refresh, ""
    for source in about:
        answer = _answer(workbooks, source, form)
        if header_at(source.read, answer.header_row, answer.depth) is None:
            answer, problem = replace(answer, columns={}), problem or _no_title(source, answer)
        elif not answer.sheet:  # not to be read: there is no column to look at again
            answer = replace(answer, columns={}, fill_down=frozenset())
        elif form.get(f"f{source.rank}-was") != answer.target:
            answer, anew = _proposed(workbooks, source, answer), True
        answers.append(answer)
    return Filled(tuple(answers), anew, problem)


def _no_title(source: Source, answer: Answer) -> str:
    return (
        f"La feuille « {source.name} » n’a pas de titres de colonnes ligne {answer.header_row} : "
        "choisissez une autre ligne d’en-tête."
    )


def _answer(workbooks: Sequence[Workbook], source: Source, form: Mapping[str, str]) -> Answer:
    start, name = f"f{source.rank}-", f"La feuille « {source.name} »"
    sheet = form.get(f"{start}sheet", "")
    found = _specification(workbooks, sheet)
    if sheet and found is None:
        raise Invalid(f"{name} est dite d’une sorte que Vigie ne connaît pas : choisissez dans la liste.")
    row = form.get(f"{start}row", "")
    if not _is_place(row) or int(row) > HEADER_ROWS:
        raise Invalid(f"{name} : la ligne d’en-tête est un nombre de 1 à {HEADER_ROWS}.")
    order = form.get(f"{start}dates", "")
    if order not in DATE_ORDERS:
        raise Invalid(f"{name} : les dates commencent par le jour ou par le mois, rien d’autre.")
    answer = Answer(
        sheet=sheet,
        header_row=int(row),
        depth=2 if form.get(f"{start}two") else 1,
        columns=dict(_numbered(form, f"{start}c")),
        fill_down=frozenset(place for place, _ in _numbered(form, f"{start}d")),
        date_order=order,
    )
    known = {column.key for column in found[1].columns} if found else set(answer.columns.values())
    if form.get(f"{start}was") == answer.target and not set(answer.columns.values()) <= known:
        raise Invalid(f"{name} : une colonne choisie n’existe pas dans « {sheet} ». Choisissez dans les listes.")
    return answer


def _numbered(form: Mapping[str, str], start: str) -> Iterator[tuple[int, str]]:
    for name, value in form.items():
        place = name.removeprefix(start)
        if place != name and _is_place(place) and value:
            yield int(place), value


def _is_place(text: str) -> bool:
    """Tell whether a text is the number of a row or of a column, from 1 on."""
    return len(text) <= 5 and text.isascii() and text.isdigit() and int(text) >= 1


def _specification(workbooks: Sequence[Workbook], name: str) -> tuple[Workbook, Sheet] | None:
    return next(((book, sheet) for book in workbooks for sheet in book.sheets if sheet.name == name), None)


def _proposed(workbooks: Sequence[Workbook], source: Source, answer: Answer) -> Answer:
    layout = _suggested(workbooks, source, answer)
    columns = {place: key for key, place in layout.columns.items()} if layout else {}
    return replace(answer, columns=columns, fill_down=frozenset())


def _suggested(workbooks: Sequence[Workbook], source: Source, answer: Answer) -> Layout | None:
    """Return how the recognition reads the sheet as what was answered; None when it is not to be read."""
    found = _specification(workbooks, answer.sheet)
    return suggest([found[0]], source.read, answer.header_row, answer.depth, found[1]) if found else None


def choices(about: Sequence[Source], told: Sequence[Answer]) -> dict[str, LayoutChoice]:
    """Return what is to be remembered, by fingerprint of header: decisions that say more than was understood for sure.

    Raises Invalid when one column is given twice, when an order of dates is not said, or when sheets that have the same
    header are decided differently.
    """
    made: dict[str, tuple[Source, LayoutChoice]] = {}
    kept: dict[str, LayoutChoice] = {}
    for source, answer in zip(about, told, strict=True):
        header = header_at(source.read, answer.header_row, answer.depth)
        if header is None:
            raise Invalid(_no_title(source, answer))
        choice = _choice(source, answer, header)
        other = made.setdefault(header.fingerprint, (source, choice))
        if _decided(other[1]) != _decided(choice):
            raise Invalid(
                f"Les feuilles « {other[0].name} » et « {source.name} » ont les mêmes titres : elles se lisent de la "
                "même façon. Donnez-leur les mêmes réponses."
            )
        if not _says_the_same(source, answer):
            kept[header.fingerprint] = choice
    return kept


def _choice(source: Source, answer: Answer, header: Header) -> LayoutChoice:
    columns: dict[str, int] = {}
    for place, key in sorted(answer.columns.items()) if answer.sheet else ():
        if place > max(header.shown):
            raise Invalid(
                f"La feuille « {source.name} » n’a pas de colonne {column_letters(place)} : rechargez la page."
            )
        if key in columns:
            raise Invalid(
                f"La feuille « {source.name} » : les colonnes {column_letters(columns[key])} et {column_letters(place)} "
                "deviendraient la même. Gardez-en une, et mettez l’autre à « Ne pas importer »."
            )
        columns[key] = place
    if answer.sheet and source.asks_dates and not answer.date_order:
        raise Invalid(f"La feuille « {source.name} » : dites si les dates commencent par le jour ou par le mois.")
    return LayoutChoice(
        sheet=answer.sheet,
        header_row=answer.header_row,
        depth=answer.depth,
        columns=columns,
        fill_down=tuple(sorted(key for key, place in columns.items() if place in answer.fill_down)),
        date_order=answer.date_order if answer.sheet else "",
        name=source.name,
        headers=tuple(header.shown.values()),
    )


def _decided(choice: LayoutChoice) -> tuple[object, ...]:
    return choice.sheet, choice.depth, dict(choice.columns), choice.fill_down, choice.date_order


def _says_the_same(source: Source, answer: Answer) -> bool:
    """Tell whether an answer adds nothing to what is read already without a question."""
    if source.layout is None:
        return source.ignored and not answer.sheet
    return source.sure and answer == understood(source)


# ------------------------------------------------------------------------------------------------------------ the page


@dataclass(frozen=True, kw_only=True)
class ColumnShown:
    """A column of the file: its title and first values, what it becomes, how sure that is.

    `how`: "sure" (its title says it), "guessed" (with a score), "chosen" (by a person), "unknown" (with a hint, maybe).
    """

    place: int
    letter: str
    title: str
    examples: tuple[str, ...]
    key: str
    how: str
    score: int = 100
    hint: str = ""
    has_blanks: bool = False
    filled_down: bool = False


@dataclass(frozen=True, kw_only=True)
class SheetShown:
    """A sheet of the file, ready for its page. `rows` are (number, texts, whether it is the header)."""

    rank: int
    name: str
    answer: Answer
    is_planner: bool
    asks_dates: bool
    sure: bool
    ignored: bool
    score: int
    letters: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...], bool], ...]
    columns: tuple[ColumnShown, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()


def shown(
    workbooks: Sequence[Workbook],
    about: Sequence[Source],
    told: Sequence[Answer],
    kind: str,
    *,
    alone: bool = False,
    with_rows: bool = True,
) -> list[SheetShown]:
    """Return the page; `kind` is the candidate's, for labels; without rows, no value of the file is shown.

    `alone`: for a single establishment, whose file may leave out the column that says which.
    """
    return [
        _sheet_shown(workbooks, source, answer, kind, alone=alone, with_rows=with_rows)
        for source, answer in zip(about, told, strict=True)
    ]


def _sheet_shown(
    workbooks: Sequence[Workbook], source: Source, answer: Answer, kind: str, *, alone: bool, with_rows: bool
) -> SheetShown:
    header = header_at(source.read, answer.header_row, answer.depth)
    layout = _suggested(workbooks, source, answer) if header else None
    width = max((max(row) for row in source.read.head(HEADER_ROWS).values()), default=1)
    places = range(1, min(width, SHOWN_COLUMNS) + 1)
    page = SheetShown(
        rank=source.rank,
        name=source.name,
        answer=answer,
        is_planner=source.is_planner,
        asks_dates=source.asks_dates,
        sure=source.sure,
        ignored=source.ignored,
        score=round(min(source.layout.score, 1.0) * 100) if source.layout else 0,
        letters=tuple(column_letters(place) for place in places),
        rows=tuple(_first_rows(source.read, answer, places)) if with_rows else (),
    )
    if layout is None or header is None:
        return page
    values = _Values(source.read, answer.header_row)
    given = set(answer.columns.values())
    return replace(
        page,
        columns=tuple(_columns(header, layout, answer, values, with_rows=with_rows)),
        options=tuple((column.key, column.label_for(kind)) for column in layout.sheet.columns),
        missing=tuple(
            column.label_for(kind)
            for column in layout.sheet.columns
            if column.required and column.key not in given and not (alone and column.names_owner)
        ),
    )


def _first_rows(read: ReadSheet, answer: Answer, places: Sequence[int]) -> Iterator[tuple[int, tuple[str, ...], bool]]:
    """Give the first rows that hold something; when the header is far below, those around it."""
    first = read.head(HEADER_ROWS + SHOWN_ROWS)
    numbers = sorted(first)
    place = next((rank for rank, number in enumerate(numbers) if number >= answer.header_row), 0)
    begin = max(0, place - 2) if place > SHOWN_ROWS // 2 else 0
    titled = range(answer.header_row - answer.depth + 1, answer.header_row + 1)
    for number in numbers[begin : begin + SHOWN_ROWS]:
        row = first[number]
        yield number, tuple(_cut(row[each]) if each in row else "" for each in places), number in titled


def _cut(cell: Cell) -> str:
    text = " ".join(cell.text.split())
    return text if len(text) <= CUT else text[: CUT - 1] + "…"


class _Values:
    """The first values of each column under the header, and whether it has blanks under values."""

    def __init__(self, read: ReadSheet, header_row: int) -> None:
        self.examples: dict[int, list[str]] = {}
        self.blanks: set[int] = set()
        merged = {
            (row, left)
            for top, left, bottom, _ in read.merged
            if bottom > header_row
            for row in range(top + 1, min(bottom, header_row + _LOOKED_AT) + 1)
        }
        met: set[int] = set()
        for number, row in read.head(header_row + _LOOKED_AT).items():
            if number <= header_row:
                continue
            filled = {place for place, cell in row.items() if is_filled(cell)}
            if filled:
                self.blanks |= {place for place in met - filled if (number, place) not in merged}
                met |= filled
            for place in filled:
                kept = self.examples.setdefault(place, [])
                text = _cut(row[place])
                if len(kept) < EXAMPLES and text not in kept:
                    kept.append(text)


def _columns(
    header: Header, layout: Layout, answer: Answer, values: _Values, *, with_rows: bool
) -> Iterator[ColumnShown]:
    titled = {title.place for title in header.titles}
    proposed = {place: key for key, place in layout.columns.items()}
    hints = {unknown.header.column: unknown.suggestion for unknown in layout.unknown}
    for place in range(1, max(header.shown) + 1):
        key = answer.columns.get(place, "")
        # A column without a title is offered when it holds values; that of our own remarks never is.
        if place not in titled and (place in header.shown or (place not in values.examples and not key)):
            continue
        how = "chosen" if key else "unknown"
        if key and proposed.get(place) == key:
            how = "guessed" if key in layout.guessed and not layout.chosen else "sure"
        yield ColumnShown(
            place=place,
            letter=column_letters(place),
            title=header.shown.get(place, ""),
            examples=tuple(values.examples.get(place, ())) if with_rows else (),
            key=key,
            how=how,
            score=round(layout.guessed.get(key, 100)) if how == "guessed" else 100,
            hint="" if key else hints.get(place, ""),
            has_blanks=place in values.blanks,
            filled_down=place in answer.fill_down,
        )
