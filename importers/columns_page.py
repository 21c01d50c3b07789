"""The page « Vérifier les colonnes »: each sheet of the file, its first rows, and what each of its columns becomes.

Pure, as `columns` is: what was understood and what was answered go in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from importers.base import Workbook
from importers.columns import Answer, Source, suggested
from importers.layout.headers import HEADER_ROWS, Header, header_at, is_filled
from importers.layout.recognise import Layout
from importers.reading.sheet import Cell, ReadSheet, column_letters

SHOWN_ROWS = 8  # of the file, so that a person sees which row is the header
SHOWN_COLUMNS = 40
CUT = 40  # characters of a cell
EXAMPLES = 3  # values under a title
_LOOKED_AT = 200  # rows in which blanks under values are looked for


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
    layout = suggested(workbooks, source, answer) if header else None
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
