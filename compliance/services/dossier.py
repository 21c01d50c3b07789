"""The funding dossier: ordered, built by a job, handed out; its filings as they are read (filed by services/filing.py)."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from compliance.models.dossier import DossierBuild, FiledPiece, Filing
from compliance.programme.referential import Referential
from compliance.reports.dossier_zip import PieceAltered
from compliance.services import candidate as candidates
from compliance.services import dossier_files
from compliance.services.candidate import CandidateFacts
from tenants import audit, jobs, timestamp
from tenants.context import current
from tenants.db import db, lock_until_commit, writing_as
from tenants.errors import NotFound, Refused, Unavailable
from tenants.storage import storage

BUILD = "dossier.build"


def order(on: date, filing_id: UUID | None = None) -> UUID:
    """Order a build of the scope's candidate at a date; a build already waiting for the same is joined, not doubled.

    With a filing it is built from the freeze, at the freeze's own date. Raises NotFound for a filing of another candidate.
    """
    candidate = candidates.require("D2", on)
    if filing_id:
        frozen = filing(filing_id)
        if frozen.candidate_id != candidate.id:
            raise NotFound("Ce dossier n’existe pas, ou il ne vous est pas ouvert.")
        on = date.fromisoformat(json.loads(frozen.document)["on"])
    # Two clicks at once: the second waits here, then finds the order of the first.
    lock_until_commit(candidate.id)
    waiting = db.session.scalars(
        select(DossierBuild.id).where(
            DossierBuild.candidate_id == candidate.id,
            DossierBuild.on_date == on,
            DossierBuild.filing_id.is_not_distinct_from(filing_id),
            DossierBuild.state == "received",
        )
    ).first()
    if waiting:
        return waiting
    build = DossierBuild(
        establishment_id=candidate.establishment_id,
        candidate_id=candidate.id,
        ght_id=candidate.ght_id,
        filing_id=filing_id,
        on_date=on,
        state="received",
        created_by=current().user_id,
    )
    with writing_as(candidate.establishment_id):
        db.session.add(build)
        audit.record(candidate.establishment_id, "dossier.ordered", on=on)
    jobs.enqueue(BUILD, build_id=str(build.id))
    return build.id


def get(build_id: UUID) -> DossierBuild:
    """Return one build of the scope. Raises NotFound."""
    build = db.session.scalars(select(DossierBuild).where(DossierBuild.id == build_id)).one_or_none()
    if build is None:
        raise NotFound("Ce dossier n’existe pas, ou il ne vous est pas ouvert.")
    return build


def builds(candidate: CandidateFacts, limit: int = 20) -> list[DossierBuild]:
    """Return the latest builds of a candidate."""
    query = (
        select(DossierBuild)
        .where(DossierBuild.candidate_id == candidate.id)
        .order_by(DossierBuild.created_at.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))


def build(build_id: UUID, referential: Referential) -> None:
    """Build one order (job). Built already: nothing to do, so it can run twice. A piece that changed is said, not tried again."""
    order_ = get(build_id)
    if order_.state == "built":
        return
    try:
        _build(order_, referential)
    except (PieceAltered, NotFound, Refused) as error:
        fail(f"{error}", build_id)


def _build(order_: DossierBuild, referential: Referential) -> None:
    owner = order_.establishment_id

    def tell(step: str, percent: int) -> None:
        jobs.tell(order_.id, step, percent)

    frozen = order_.filing_id and dossier_files.frozen(filing(order_.filing_id))
    source = frozen or dossier_files.of_day(referential, order_.on_date)
    with dossier_files.built(source, tell) as files, writing_as(owner):
        tell("Enregistrement", 92)
        order_.pdf_sha256, order_.pdf_size = storage().put(owner, BytesIO(files.pdf))
        order_.docx_sha256, order_.docx_size = storage().put(owner, BytesIO(files.word))
        order_.zip_sha256, order_.zip_size = storage().put(owner, files.zip)
        tell("Horodatage", 97)
        order_.token_sha256, order_.token_size, order_.error = _token(owner, order_.zip_sha256)
        order_.state = "built"
        audit.record(owner, "dossier.built", on=order_.on_date, zip=order_.zip_sha256, token=order_.token_sha256)


def _token(owner: UUID, sha256: str) -> tuple[str | None, int | None, str]:
    """The stored token of the authority over the ZIP, or why there is none; a silent authority never stops a dossier."""
    settings = current_app.extensions["vigie.settings"]
    if not settings.timestamp_url:
        return None, None, ""
    try:
        answer = timestamp.token(settings.timestamp_url, sha256, settings.timestamp_ca)
    except Unavailable as error:
        return None, None, f"Horodatage non obtenu : {error}."
    return (*storage().put(owner, BytesIO(answer)), "")


def fail(sentence: str, build_id: UUID) -> None:
    """Write on the order why nothing came of it."""
    order_ = get(build_id)
    with writing_as(order_.establishment_id):
        order_.state, order_.error = "failed", sentence


def filings(candidate_id: UUID) -> list[Filing]:
    """Return the filings of a candidate that the scope reads, last version first."""
    query = select(Filing).where(Filing.candidate_id == candidate_id).order_by(Filing.version.desc())
    return list(db.session.scalars(query))


def latest(candidate_id: UUID) -> Filing:
    """Return the last version that a candidate filed, as the scope reads it. Raises NotFound when there is none."""
    found = db.session.scalars(
        select(Filing).where(Filing.candidate_id == candidate_id).order_by(Filing.version.desc()).limit(1)
    ).one_or_none()
    if found is None:
        raise NotFound("Ce dossier n’est pas transmis, ou il ne vous est pas ouvert.")
    return found


def filing(filing_id: UUID) -> Filing:
    """Return one filing that the scope reads. Raises NotFound."""
    found = db.session.scalars(select(Filing).where(Filing.id == filing_id)).one_or_none()
    if found is None:
        raise NotFound("Ce dossier n’existe pas, ou il ne vous est pas ouvert.")
    return found


def filed_pieces(filing_id: UUID) -> list[FiledPiece]:
    """Return the frozen pieces of a filing."""
    query = (
        select(FiledPiece).where(FiledPiece.filing_id == filing_id).order_by(FiledPiece.row_code, FiledPiece.filename)
    )
    return list(db.session.scalars(query))
