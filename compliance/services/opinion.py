"""Avis: an ARS decides on a row of what was filed, with its reason; the candidate reads it, nobody edits it."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, Text, Uuid, column, func, select
from sqlalchemy.dialects.postgresql import array, distinct_on
from sqlalchemy.orm import aliased

from compliance.clock import PARIS, end_of
from compliance.models.dossier import Filing
from compliance.models.opinion import Opinion
from tenants import audit
from tenants.context import current
from tenants.db import db, lock_until_commit, writing_as
from tenants.errors import Invalid, Refused
from tenants.models import Region

LONGEST_SUBJECT, LONGEST_REASON = 80, 4000


@dataclass(frozen=True)
class OpinionRecord:
    """An opinion with who gave it: `agency` is « ARS … », `version` that of the filing it was given on, `given_on` the legal day."""

    candidate_id: UUID
    row_code: str
    subject: str
    favourable: bool
    reason: str
    author: str
    agency: str
    version: int
    given_on: date
    latest: bool = True  # that version is still the last one filed


def give(filing: Filing, row_code: str, subject: str, favourable: bool, reason: str) -> Opinion:
    """Record what the ARS decides on a row of a filing; a later opinion on the same row and subject supersedes it.

    `subject` is the code of an exercise, empty for the whole row. Raises
    Invalid for a blank or endless reason or a row that was not filed, Refused when the last opinion says exactly this.
    """
    told, about = reason.strip(), " ".join(subject.split())
    if not told:
        raise Invalid("Un avis se motive : écrivez pourquoi.")
    if len(told) > LONGEST_REASON or len(about) > LONGEST_SUBJECT:
        raise Invalid(
            f"Ce texte est trop long : {LONGEST_REASON} caractères au plus pour le motif, {LONGEST_SUBJECT} pour l’objet."
        )
    if row_code not in {row["code"] for row in json.loads(filing.document)["rows"]}:
        raise Invalid("Choisissez une ligne du dossier transmis.")
    # Two clicks at once: the second waits here, then finds the opinion of the first.
    lock_until_commit(filing.candidate_id)
    last = db.session.scalars(
        select(Opinion)
        .where(Opinion.candidate_id == filing.candidate_id, Opinion.row_code == row_code, Opinion.subject == about)
        .order_by(Opinion.recorded_at.desc(), Opinion.id.desc())
        .limit(1)
    ).first()
    if last and (last.filing_id, last.favourable, last.reason) == (filing.id, favourable, told):
        raise Refused("Cet avis est déjà donné, dans les mêmes termes.")
    opinion = Opinion(
        establishment_id=filing.establishment_id,
        candidate_id=filing.candidate_id,
        filing_id=filing.id,
        ght_id=filing.ght_id,
        region_id=filing.region_id,
        row_code=row_code,
        subject=about,
        favourable=favourable,
        reason=told,
        recorded_by=current().user_id,
    )
    with writing_as(filing.establishment_id):
        db.session.add(opinion)
        audit.record(
            filing.establishment_id,
            "opinion.given",
            filing=filing.id,
            row=row_code,
            subject=about,
            favourable=favourable,
        )
    return opinion


def opinions(candidate_ids: Collection[UUID], known: date) -> list[OpinionRecord]:
    """Return the opinions in force at the end of a day, the last of each candidate, row and subject, in that order."""
    return _records(
        _of(candidate_ids)
        .where(Opinion.recorded_at < end_of(known))
        .ext(distinct_on(Opinion.candidate_id, Opinion.row_code, Opinion.subject))
        .order_by(
            Opinion.candidate_id, Opinion.row_code, Opinion.subject, Opinion.recorded_at.desc(), Opinion.id.desc()
        )
    )


def returned(given: Collection[OpinionRecord]) -> int:
    """Count the rows that a reviewer returned and that were not filed again since: unfavourable on the last version."""
    return len({each.row_code for each in given if not each.favourable and each.latest})


def history(candidate_id: UUID) -> list[OpinionRecord]:
    """Return every opinion given on a candidate, superseded ones too, newest first."""
    return _records(_of([candidate_id]).order_by(Opinion.recorded_at.desc(), Opinion.id.desc()))


def _of(candidate_ids: Collection[UUID]) -> Select[Opinion, int, int, str, str | None]:
    # The author's name comes in the same query: a page asks as few questions with opinions as without.
    author = func.account_names(array([Opinion.recorded_by])).table_valued(column("id", Uuid), column("name", Text))
    newest = aliased(Filing)
    last = select(func.max(newest.version)).where(newest.candidate_id == Opinion.candidate_id).scalar_subquery()
    return (
        select(Opinion, Filing.version, last, Region.name, select(author.c.name).scalar_subquery())
        .join(Filing, Filing.id == Opinion.filing_id)
        .join(Region, Region.id == Opinion.region_id)
        .where(Opinion.candidate_id.in_(candidate_ids))
    )


def _records(query: Select[Opinion, int, int, str, str | None]) -> list[OpinionRecord]:
    return [
        OpinionRecord(
            opinion.candidate_id,
            opinion.row_code,
            opinion.subject,
            opinion.favourable,
            opinion.reason,
            author or "",
            agency,
            version,
            opinion.recorded_at.astimezone(PARIS).date(),
            version == last,
        )
        for opinion, version, last, agency, author in db.session.execute(query)
    ]
