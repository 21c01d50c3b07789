"""What people decided about the layout of a sheet, remembered per establishment: the second deposit asks nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from importers.cells.persons import looks_like_person
from importers.layout.layouts import LayoutChoice
from importers.layout.recognise import Layout, Recognised
from importers.models import ImportLayout
from importers.registry import SHEETS
from importers.words import fold
from tenants.context import current
from tenants.db import db, writing_as


def remembered(owner: UUID) -> dict[str, LayoutChoice]:
    """Return the last choice for each header fingerprint; one that today's specification no longer understands is left out."""
    found: dict[str, LayoutChoice] = {}
    for row in _latest(owner):
        with contextlib.suppress(ValueError):
            found[row.fingerprint] = LayoutChoice.from_json(row.choice)
    return {key: choice for key, choice in found.items() if _is_understood(choice)}


def _is_understood(choice: LayoutChoice) -> bool:
    sheet = SHEETS.get(choice.sheet)
    return not choice.sheet or (sheet is not None and choice.columns.keys() <= {column.key for column in sheet.columns})


def remember(owner: UUID, choices: Mapping[str, LayoutChoice]) -> None:
    """Keep choices, by fingerprint."""
    with writing_as(owner):
        db.session.add_all(
            ImportLayout(
                establishment_id=owner,
                fingerprint=fingerprint,
                name=choice.name,
                choice=replace(choice, headers=_titles(choice.headers)).to_json(),
                recorded_by=current().user_id,
            )
            for fingerprint, choice in choices.items()
        )


def choice_of(layout: Layout) -> LayoutChoice:
    """Return what was understood of a sheet, as the choice of who applies it."""
    return LayoutChoice(
        sheet=layout.sheet.name,
        header_row=layout.header_row,
        depth=layout.depth,
        columns=layout.columns,
        fill_down=tuple(sorted(layout.filled_down)),
        # What the dates of one file showed is not an answer for the next one: only a person's is kept.
        date_order=layout.date_order if layout.chosen else "",
        name=layout.source.name,
        headers=tuple(layout.headers.values()),
    )


def _titles(headers: Iterable[str]) -> tuple[str, ...]:
    """Return titles as they may be remembered: a grid whose columns are people has their names as titles."""
    return tuple(text for text in headers if not looks_like_person(text))


def moved(found: Recognised, choices: Mapping[str, LayoutChoice]) -> dict[str, str]:
    """Return, by name of sheet, what changed since a sheet of this name was last understood as the same: columns come and gone.

    A list that Vigie exported has every column under its own title: it is nobody's layout.
    """
    told = {}
    for layout in found.layouts:
        if layout.fingerprint in choices or _is_exported(layout):
            continue
        before = [
            choice
            for choice in choices.values()
            if choice.sheet == layout.sheet.name and fold(choice.name) == fold(layout.source.name)
        ]
        if not before or not before[-1].headers:
            continue
        old, new = (
            {fold(text): text for text in _titles(each)} for each in (before[-1].headers, layout.headers.values())
        )
        come = [text for key, text in new.items() if key not in old]
        gone = [text for key, text in old.items() if key not in new]
        parts = [f"en plus : {', '.join(come)}"] * bool(come) + [f"en moins : {', '.join(gone)}"] * bool(gone)
        told[layout.source.name] = " ; ".join(parts) or "les mêmes colonnes dans un autre ordre"
    return told


def _is_exported(layout: Layout) -> bool:
    return layout.sure and not layout.unknown and len(layout.columns) == len(layout.sheet.columns)


def _latest(owner: UUID) -> list[ImportLayout]:
    """Return the choices of an establishment, oldest first: the last one of a fingerprint wins."""
    query = select(ImportLayout).where(ImportLayout.establishment_id == owner)
    return list(db.session.scalars(query.order_by(ImportLayout.recorded_at, ImportLayout.id)))
