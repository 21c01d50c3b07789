"""What the ARS sees before filing: the figures that the candidate publishes, dated and frozen, without reasons or names."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from compliance.models.publication import Publication
from compliance.reports import canonical
from compliance.reports.progress import SHARE_ROW
from compliance.services.candidate import CandidateFacts
from tenants import audit
from tenants.context import current
from tenants.db import db, lock_until_commit, writing_as
from tenants.errors import Refused

Doc = dict[str, Any]
FORMAT = "vigie-publication/1"


@dataclass(frozen=True)
class Change:
    """A row whose state or share is not what it was; None where the referential of that day has no such row."""

    code: str
    before: Doc | None
    after: Doc | None


@dataclass(frozen=True)
class Published:
    """A publication as it is read back: its figures are plain values, `changes` are from the one before it."""

    id: UUID
    establishment_id: UUID
    candidate_id: UUID
    on: date
    published_at: datetime
    published_by: UUID | None
    figures: Doc
    changes: tuple[Change, ...] = ()


def figures(document: Doc) -> Doc:
    """Keep of the state of a candidate (reports/progress.py) what its ARS may see before filing, and nothing else.

    The state of each row and its share of activity: no reason, no name of a party, no count of establishments (programme.md, "Review").
    """
    return {
        "format": FORMAT,
        "on": document["on"],
        "referential": document["referential"]["version"],
        "met": document["met"],
        "rows_total": document["rows_total"],
        "rows": [
            {
                "code": row["code"],
                "title": row["title"],
                "kind": row["kind"],
                "state": row["state"],
                "share": _share(row, document),
            }
            for row in document["rows"]
        ],
    }


def _share(row: Doc, document: Doc) -> Doc | None:
    found = row.get("share") or (document["share"] if row["code"] == SHARE_ROW else None)
    # A gap that is not told means that the bar does not apply: one entity has no share to reach (SINGLE_TO_CONFIRM).
    if found is None or found["share"] is None or ("gap" in found and found["gap"] is None):
        return None
    return {"share": found["share"], "threshold": found["threshold"]}


def differences(before: Doc, after: Doc) -> tuple[Change, ...]:
    """Return the rows whose state or share changed between two sets of figures, in the order of the later one."""
    then, now = ({row["code"]: row for row in each["rows"]} for each in (before, after))
    codes = [*now, *(code for code in then if code not in now)]
    return tuple(
        Change(code, then.get(code), now.get(code)) for code in codes if _told(then.get(code)) != _told(now.get(code))
    )


def _told(row: Doc | None) -> tuple[Any, ...]:
    return (row["state"], row["share"]) if row else ()


def unchanged(document: Doc, last: Published | None) -> bool:
    """Say whether publishing a document would tell the ARS nothing new: the same figures but for their date."""
    return last is not None and _undated(canonical.plain(figures(document))) == _undated(last.figures)


def _undated(told: Doc) -> Doc:
    return {name: value for name, value in told.items() if name != "on"}


def publish(document: Doc, candidate: CandidateFacts) -> Publication:
    """Freeze the figures of a document for the candidate's ARS. Raises Refused when the last ones published say the same."""
    # Two clicks at once: the second waits here, then finds the publication of the first.
    lock_until_commit(candidate.id)
    last = next(iter(history(candidate.id)), None)
    if last is not None and unchanged(document, last):
        raise Refused(f"Rien n’a changé depuis la publication du {last.on:%d/%m/%Y} : l’ARS voit déjà ces chiffres.")
    publication = Publication(
        establishment_id=candidate.establishment_id,
        candidate_id=candidate.id,
        ght_id=candidate.ght_id,
        region_id=candidate.region.id,
        on_date=document["on"],
        figures=canonical.dumps(figures(document)).decode(),
        published_by=current().user_id,
    )
    with writing_as(candidate.establishment_id):
        db.session.add(publication)
        audit.record(candidate.establishment_id, "progress.published", on=document["on"], met=document["met"])
    return publication


def history(candidate_id: UUID) -> list[Published]:
    """Return what a candidate published, as the scope reads it, newest first, each with its changes from the one before."""
    rows = db.session.scalars(
        select(Publication)
        .where(Publication.candidate_id == candidate_id)
        .order_by(Publication.published_at, Publication.id)
    ).all()
    read = [json.loads(row.figures) for row in rows]
    changes: Sequence[tuple[Change, ...]] = [(), *(differences(before, after) for before, after in pairwise(read))]
    return [_published(row, told, changed) for row, told, changed in zip(rows, read, changes, strict=False)][::-1]


def latest(candidates: Collection[UUID]) -> dict[UUID, Published]:
    """Return the last publication of each of these candidates, as the scope reads it; who published nothing is absent."""
    rows = db.session.scalars(
        select(Publication)
        .where(Publication.candidate_id.in_(candidates))
        .ext(distinct_on(Publication.candidate_id))
        .order_by(Publication.candidate_id, Publication.published_at.desc(), Publication.id.desc())
    )
    return {row.candidate_id: _published(row, json.loads(row.figures)) for row in rows}


def _published(row: Publication, told: Doc, changes: tuple[Change, ...] = ()) -> Published:
    return Published(
        row.id, row.establishment_id, row.candidate_id, row.on_date, row.published_at, row.published_by, told, changes
    )
