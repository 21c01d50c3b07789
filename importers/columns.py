"""« Vérifier les colonnes »: what was understood of each sheet of a file, and what a person decides instead.

Pure: a file as read and the answers of a form go in, choices to remember come out. Nothing of the rows is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from importers.base import SILENT_SHEETS, Sheet, Workbook
from importers.layout import gantt
from importers.layout.headers import HEADER_ROWS, Header, header_at, headers
from importers.layout.layouts import DATE_ORDERS, LayoutChoice
from importers.layout.recognise import Layout, Recognised, suggest
from importers.reading.sheet import ReadBook, ReadSheet, column_letters
from importers.words import fold
from tenants.errors import Invalid


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
    layout = suggested(workbooks, source, answer)
    columns = {place: key for key, place in layout.columns.items()} if layout else {}
    return replace(answer, columns=columns, fill_down=frozenset())


def suggested(workbooks: Sequence[Workbook], source: Source, answer: Answer) -> Layout | None:
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
