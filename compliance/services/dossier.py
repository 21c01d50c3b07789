"""The funding dossier: ordered, built by a job, handed out; its filings as they are read (filed by services/filing.py)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from compliance.models.dossier import DossierBuild, FiledPiece, Filing
from compliance.programme.referential import Referential
from compliance.reports import annex, canonical, dossier_pdf, dossier_zip
from compliance.reports.progress import candidate_progress, without_internal_keys
from compliance.services import candidate as candidates
from compliance.services import evidence
from compliance.services.candidate import CandidateFacts
from tenants import audit, jobs
from tenants.context import current
from tenants.db import db, lock_until_commit, writing_as
from tenants.errors import NotFound
from tenants.storage import storage

Doc = dict[str, Any]
BUILD = "dossier.build"


def order(on: date) -> UUID:
    """Order a build of the scope's candidate at a date; a build already waiting for that date is joined, not doubled."""
    candidate = candidates.require("D2", on)
    # Two clicks at once: the second waits here, then finds the order of the first.
    lock_until_commit(candidate.id)
    waiting = db.session.scalars(
        select(DossierBuild.id).where(
            DossierBuild.candidate_id == candidate.id,
            DossierBuild.on_date == on,
            DossierBuild.state == "received",
        )
    ).first()
    if waiting:
        return waiting
    build = DossierBuild(
        establishment_id=candidate.establishment_id,
        candidate_id=candidate.id,
        ght_id=candidate.ght_id,
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


@dataclass(frozen=True)
class Built:
    """The files of a build, in a folder that disappears after use."""

    establishment_id: UUID
    pdf: Path
    zip: Path


@contextmanager
def build_files(referential: Referential, on: date) -> Iterator[Built]:
    """Build the PDF and the ZIP of the scope's candidate at a date in a temporary folder. Same facts and date: same bytes."""
    candidate = candidates.require("D2", on)
    document = without_internal_keys(candidate_progress(candidate, referential, on))
    plain: Doc = canonical.plain(document)
    folder = Path(tempfile.mkdtemp(prefix="vigie-dossier-"))
    try:
        pieces = _pieces(document, on, folder)
        pdf = folder / "dossier.pdf"
        pdf.write_bytes(dossier_pdf.build(plain))
        workbook = annex.build(plain)
        archive = folder / "dossier.zip"
        with archive.open("w+b") as out:
            dossier_zip.build(plain, pdf.read_bytes(), workbook, pieces, out)
        yield Built(candidate.establishment_id, pdf, archive)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pieces(document: Doc, on: date, folder: Path) -> list[Any]:
    """Bring every piece of the document to the folder, once per content."""
    owners = {piece.sha256: piece.establishment_id for piece in evidence.pieces(_establishments(on), on)}
    pieces = []
    for row in document["rows"]:
        for piece in row["pieces"]:
            path = folder / piece["sha256"]
            if not path.exists():
                storage().copy_to(owners[piece["sha256"]], piece["sha256"], path)
            pieces.append((piece["name"], path, piece["sha256"], piece["size"]))
    return pieces


def _establishments(on: date) -> set[UUID]:
    candidate = candidates.require("D2", on)
    return {record.establishment_id for record in candidates.parties(candidate, on)} | {candidate.establishment_id}


def build(build_id: UUID, referential: Referential) -> None:
    """Build one order (job). Built already: nothing to do, so it can run twice."""
    order_ = get(build_id)
    if order_.state == "built":
        return
    jobs.tell(build_id, "Mise en page et assemblage des pièces")
    with build_files(referential, order_.on_date) as files, writing_as(order_.establishment_id):
        with files.pdf.open("rb") as pdf:
            order_.pdf_sha256, order_.pdf_size = storage().put(order_.establishment_id, pdf)
        with files.zip.open("rb") as archive:
            order_.zip_sha256, order_.zip_size = storage().put(order_.establishment_id, archive)
        order_.state = "built"
        audit.record(order_.establishment_id, "dossier.built", on=order_.on_date, zip=order_.zip_sha256)


def fail(sentence: str, build_id: UUID) -> None:
    """Write on the order why nothing came of it."""
    order_ = get(build_id)
    with writing_as(order_.establishment_id):
        order_.state, order_.error = "failed", sentence


def filings(candidate_id: UUID) -> list[Filing]:
    """Return the filings of a candidate that the scope reads, newest first."""
    query = select(Filing).where(Filing.candidate_id == candidate_id).order_by(Filing.filed_at.desc())
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
