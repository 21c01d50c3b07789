"""Planners with months across and marks in cells, turned into rows: one planned exercise per mark.

Workbooks.md, 3.2 (f): « Gantt-shaped schedules are recognised and turned into rows with end-of-month dates, to be
confirmed ». What is produced looks like the sheet Planning of K2, so that it is read and checked as such.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from importers.cells.dates import read_date
from importers.layout.headers import HEADER_ROWS, is_filled
from importers.reading.sheet import Cell, CellKind, ReadSheet
from importers.readings import ValueFault
from importers.words import essence, fold, one_line

CODE, PLANNED_ON, STATUS = "Code exercice", "Date prévue", "Statut"
GENERATED = (CODE, PLANNED_ON, STATUS)
PERIMETERS, LABEL = "Périmètres testés", "Libellé"

_FEWEST = 3  # months: a table may well have a column « mars »
_OWN = (*GENERATED, PERIMETERS, LABEL)  # the first columns produced; those of the file come after
_WORD_MONTH = re.compile(r"([a-z]{3,})\.?(?:[ /-]*((?:20)?\d\d))?")
_NUMBER_MONTH = re.compile(r"(\d{1,2})[/.-](20\d\d)|(20\d\d)[/.-](\d{1,2})")
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_FULL_DATE = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}")
_TITLE_YEAR = re.compile(r"(?:annee |exercice )?(20\d\d)")
_NO_MARK = frozenset({"non", "n", "no", "faux", "0"})
_MERE_MARK = frozenset({"oui", "fait", "prevu", "planifie", "vrai"})
_NO_DATA = re.compile(r"#|exemple\b|(?:sous[ -]?)?tota(?:l|ux)\b|somme\b")
_CODES = re.compile(r"(?:[A-Z0-9-]*[A-Z][A-Z0-9-]*\d[A-Z0-9-]*)(?: ?[;,/] ?[A-Z0-9-]*[A-Z][A-Z0-9-]*\d[A-Z0-9-]*)*")
_CODE_TITLE = re.compile(r"\bcodes?\b(?!.*exercice)|perimetres? testes?")
_LABEL_TITLE = re.compile(
    r"(?:noms? (?:du |des? |de l')?)?"
    r"(?:services?|perimetres?|unites?|uf|poles?|secteurs?|processus|libelle|intitule|exercices?|objet|actions?|tests?)\b"
)
_NOT_LABEL = re.compile(
    r"finess|e[jtg]\b|etablissement|site|type|nature|scenario|anim|niveau|statut|etat\b|responsable|pilote|n[o°]?\b"
)


@dataclass(frozen=True)
class Planner(ReadSheet):
    """Rows made from the marks of a planner. Their cells keep the place of what they were made from."""


@dataclass(frozen=True)
class _Grid:
    """The shape of a planner: its header row, the last day of the month of each column, the other titles."""

    row: int
    months: Mapping[int, date]
    titles: Mapping[int, Cell]


@dataclass(frozen=True)
class _Line:
    """A row of the planner that has marks."""

    number: int
    marks: tuple[Cell, ...]
    others: Mapping[int, Cell]


# A lone « 1 » is a mark; « 1er », « le 1 », « 15 », « 1/3 » are days.
_DAY = re.compile(r"(?!1$)(?:le )?(\d{1,2})(?:er)?(?:[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?)?", re.ASCII)
_STATES = {"report": "Reporté", "annul": "Annulé", "realis": "Réalisé", "fait": "Réalisé"}


_MOST = 20_000  # marks: no plan of a hospital has as many, a hostile file may


class _NoPlanner(Exception):
    """What is in the cells of months are not marks."""


def is_planner(source: ReadSheet) -> bool:
    """Tell whether the rows of a sheet were made from the marks of a planner: a person should confirm them."""
    return isinstance(source, Planner)


def unpivot(source: ReadSheet) -> ReadSheet | None:
    """Turn a planner into rows numbered from 1; None when the sheet is not one, or says no year.

    The code of an exercise comes from what the row says and the month (« PLAN-3F09A1-202603 »), so that the same planner gives
    the same exercises again, its rows moved or not. The date is the last day of the month, or the date written in the cell.
    """
    grid = _grid(source)
    if grid is None:
        return None
    try:
        lines = _lines(source, grid)
    except _NoPlanner:
        return None
    if not lines or sum(len(line.marks) for line in lines) > _MOST:
        return None
    rows = _rows(grid, lines)
    return Planner(source.name, rows=rows, beyond=source.beyond, wide=source.wide, hidden_rows=source.hidden_rows)


# -------------------------------------------------------------------------------------------------------------- header


def _grid(source: ReadSheet) -> _Grid | None:
    first = source.head(HEADER_ROWS)
    for number in sorted(first):
        row = first[number]
        found = {place: month for place, cell in sorted(row.items()) if (month := _month(cell)) is not None}
        if len(found) < _FEWEST:
            continue
        above = {each: first[each] for each in sorted(first, reverse=True) if each < number}
        beside = {place: cell for place, cell in row.items() if place not in found}
        months = _dated(found, _years_above(above, min(found)), _years_told(source.name, [beside, *above.values()]))
        if months is not None:
            return _Grid(number, months, _titles(row, above.get(number - 1, {}), months))
    return None


def _titles(row: Mapping[int, Cell], above: Mapping[int, Cell], months: Mapping[int, date]) -> dict[int, Cell]:
    """Return the titles of the other columns; a title may stand one row higher, merged downwards."""
    both = {place: cell for place, cell in above.items() if not min(months) <= place <= max(months)} | dict(row)
    return {
        place: cell
        for place, cell in sorted(both.items())
        if place not in months and cell.kind is CellKind.TEXT and is_filled(cell)
    }


def _month(cell: Cell) -> tuple[int, int] | None:
    """Return the year (0 when it is not said) and the month that a title names, or None."""
    if cell.kind is CellKind.DATE:
        year, month, day = (int(part) for part in str(cell.value)[:10].split("-"))
        return (year, month) if day in (1, calendar.monthrange(year, month)[1]) else None
    if cell.kind is not CellKind.TEXT:
        return None
    text = fold(str(cell.value))
    if match := _NUMBER_MONTH.fullmatch(text):
        year, month = int(match[2] or match[3]), int(match[1] or match[4])
        return (year, month) if 1 <= month <= 12 else None
    if not (match := _WORD_MONTH.fullmatch(text)):
        return None
    year = int(match[2][-2:]) + 2000 if match[2] else 0
    try:
        named = read_date(Cell(1, 1, CellKind.TEXT, f"{match[1]} {year or 2020}"), 1900, planned=True).value
    except ValueFault:
        return None
    return (year, named.month) if isinstance(named, date) else None


def _years_above(above: Mapping[int, Mapping[int, Cell]], leftmost: int) -> dict[int, int]:
    """Return the years that stand over the months, each over those at its right: place to year."""
    for row in above.values():
        years = {
            place: int(match[1])
            for place, cell in sorted(row.items())
            if place >= leftmost and (match := _TITLE_YEAR.fullmatch(fold(cell.text)))
        }
        if years:
            return years
    return {}


def _years_told(name: str, rows: Sequence[Mapping[int, Cell]]) -> list[int]:
    """Return the years that the name of the sheet says, else those written beside the months and above."""
    titles = [cell.text for row in rows for cell in row.values() if cell.kind is not CellKind.DATE]
    for texts in ([name], titles):
        years = {int(year) for text in texts for year in _YEAR.findall(_FULL_DATE.sub("", text))}
        if years:
            return sorted(years)
    return []


def _dated(
    found: Mapping[int, tuple[int, int]], years_above: Mapping[int, int], told: list[int]
) -> dict[int, date] | None:
    """Give each month its year; None when a year is not said, or when the months do not follow each other."""
    months: dict[int, tuple[int, int]] = {}
    previous: tuple[int, int] | None = None
    from_titles = False
    for place, (own, month) in found.items():
        year = own or next((years_above[each] for each in sorted(years_above, reverse=True) if each <= place), 0)
        if not year and previous is None:
            from_titles = True
            year = told[0] if told else 0
        elif not year and previous is not None:
            year = previous[0] + (month <= previous[1])
        if not year or (previous is not None and (year, month) <= previous):
            return None
        previous = months[place] = (year, month)
    if from_titles and {year for year, _ in months.values()} != set(told):
        return None  # « 2025 et 2026 » over the months of one year: which one is not for us to say
    return {place: date(year, month, calendar.monthrange(year, month)[1]) for place, (year, month) in months.items()}


# ---------------------------------------------------------------------------------------------------------------- rows


def _lines(source: ReadSheet, grid: _Grid) -> list[_Line]:
    """Return the rows that have marks. Raises _NoPlanner when the cells hold something else."""
    lines = []
    ends = {(top, left): bottom for top, left, bottom, _ in source.merged if bottom > top and left not in grid.months}
    held: dict[int, tuple[int, Cell]] = {}
    for number, row in source.rows.items():
        if number <= grid.row:
            continue
        cells = {place: cell for place, cell in sorted(row.items()) if is_filled(cell)}
        held.update({place: (ends[number, place], cell) for place, cell in cells.items() if (number, place) in ends})
        for place, (last, cell) in held.items():
            if number <= last:
                cells.setdefault(place, cell)
        if not cells or _holds_no_data(cells, grid):
            continue
        inside = [cell for place, cell in sorted(cells.items()) if place in grid.months]
        if any(min(grid.months) < place < max(grid.months) and place not in grid.months for place in cells):
            raise _NoPlanner  # several columns for a month: what they are is not known
        marks = tuple(cell for cell in inside if _is_mark(cell))
        if marks:
            others = {place: cell for place, cell in cells.items() if place not in grid.months}
            lines.append(_Line(number, marks, others))
    return lines


def _holds_no_data(cells: Mapping[int, Cell], grid: _Grid) -> bool:
    """Tell a row of help, of totals, or the header again."""
    first = fold(cells[min(cells)].text)
    again = sum(_month(cell) is not None for place, cell in cells.items() if place in grid.months)
    return _NO_DATA.match(first) is not None or again >= _FEWEST


def _is_mark(cell: Cell) -> bool:
    if cell.kind is CellKind.NUMBER and cell.value not in (0, 1):
        raise _NoPlanner  # months with figures: statistics
    return bool(cell.value) if cell.kind in (CellKind.NUMBER, CellKind.BOOLEAN) else fold(cell.text) not in _NO_MARK


def _rows(grid: _Grid, lines: list[_Line]) -> dict[int, dict[int, Cell]]:
    label = _label_place(grid, lines)
    codes = next((place for place, cell in grid.titles.items() if _CODE_TITLE.search(fold(cell.text))), None)
    others = sorted({place for line in lines for place in line.others} | grid.titles.keys())
    passed = [place for place in others if place not in (label, codes)]
    places = {place: rank for rank, place in enumerate(passed, len(_OWN) + 1)}
    body = []
    met: Counter[str] = Counter()
    for line in lines:
        said = "|".join(fold(cell.text) for _, cell in sorted(line.others.items()))
        met[said] += 1
        mark_of = hashlib.sha256(f"{said}|{met[said]}".encode()).hexdigest()[:6].upper()
        kept = {places[place]: cell for place, cell in line.others.items() if place in places}
        name = line.others.get(label) if label is not None else None
        code = line.others.get(codes) if codes is not None else None
        if codes is None and name is not None and _CODES.fullmatch(one_line(name.text)):
            name, code = None, name
        for mark in line.marks:
            own = {4: code, 5: _named(name, mark)}
            filled = {place: cell for place, cell in own.items() if cell is not None}
            body.append(_planned(mark_of, mark, grid.months[mark.column]) | filled | kept)
    used = {place for row in body for place in row}
    start = min(grid.months)
    names = {rank: Cell(grid.row, start, CellKind.TEXT, name) for rank, name in enumerate(_OWN, 1) if rank in used}
    header = names | {rank: grid.titles[place] for place, rank in places.items() if place in grid.titles}
    return dict(enumerate([header, *body], 1))


def _planned(said: str, mark: Cell, last_day: date) -> dict[int, Cell]:
    """Return what a mark says: a code, a date, a state. A date, or an error, in the cell stands for itself."""
    text = fold(mark.text) if mark.kind is CellKind.TEXT else ""
    plain = mark.kind in (CellKind.TEXT, CellKind.NUMBER, CellKind.BOOLEAN)
    when = Cell(mark.row, mark.column, CellKind.DATE, last_day.isoformat()) if plain else mark
    if match := _DAY.fullmatch(text):  # « 15 », « le 12/03 »: a day of this month, unless it says another
        day, month, year = match.groups()
        said_on = f"{int(day):02d}/{int(month or last_day.month):02d}/{year or last_day.year}"
        when = Cell(mark.row, mark.column, CellKind.TEXT, said_on)
    state = next((label for start, label in _STATES.items() if text.startswith(start)), "Planifié")
    return {
        1: Cell(mark.row, mark.column, CellKind.TEXT, f"PLAN-{said}-{last_day:%Y%m}"),
        2: when,
        3: Cell(mark.row, mark.column, CellKind.TEXT, state),
    }


def _label_place(grid: _Grid, lines: list[_Line]) -> int | None:
    """Return the column that names the rows: by its title, else the leftmost one whose title says nothing else."""
    for place, cell in grid.titles.items():
        text = fold(cell.text)
        if _LABEL_TITLE.match(text) and not _CODE_TITLE.search(text):
            return place
    known = {place for place, cell in grid.titles.items() if _is_known(fold(cell.text))}
    return min((place for line in lines for place in line.others if place not in known), default=None)


def _is_known(title: str) -> bool:
    return _NOT_LABEL.match(title) is not None or _CODE_TITLE.search(title) is not None


def _named(name: Cell | None, mark: Cell) -> Cell | None:
    """Return what the row is called; a mark that says something (« Test du PCA ») is added to it."""
    words = one_line(mark.text) if mark.kind is CellKind.TEXT else ""
    if len(essence(words)) < 3 or fold(words) in _MERE_MARK:
        return name
    text = f"{one_line(name.text)} : {words}" if name is not None else words
    return Cell(mark.row, mark.column, CellKind.TEXT, text)
