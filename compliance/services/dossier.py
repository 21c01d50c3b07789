"""The funding dossier: ordered, built by a job, handed out, and filed as a frozen copy."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from compliance.clock import today
from compliance.models.dossier import DossierBuild, FiledPiece, Filing
from compliance.programme.referential import Referential
from compliance.reports import annex, canonical, dossier_pdf, dossier_zip
from compliance.reports.gathered import Gathered, gather
from compliance.reports.progress import candidate_progress, describe, without_internal_keys
from compliance.services import candidate as candidates
from compliance.services import evidence
from compliance.services.candidate import CandidateFacts
from tenants import audit, jobs
from tenants.context import current
from tenants.db import db, lock_until_commit, writing_as
from tenants.errors import NotFound, Refused
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


def file(referential: Referential) -> Filing:
    """Freeze the canonical JSON of today and its pieces for the ARS; filing again is a new version.

    Raises Refused when nothing is attached (an empty dossier helps nobody) or nothing has changed since the last version.
    """
    on = today()
    candidate = candidates.require("D2", on)
    lock_until_commit(candidate.id)
    gathered = gather([candidate], on, on)[0]
    document = without_internal_keys(describe(gathered, referential, on))
    pieces = [(row["code"], piece) for row in document["rows"] for piece in row["pieces"]]
    if not document["perimeters"] or not pieces:
        raise Refused(
            "Le dossier est vide : importez les périmètres et joignez au moins une pièce avant de transmettre."
        )
    _refuse_unchanged(gathered, referential, on)
    known_at = db.session.scalar(select(func.now()))
    version = 1 + (db.session.scalar(select(func.max(Filing.version)).where(Filing.candidate_id == candidate.id)) or 0)
    frozen = canonical.dumps({**document, "known_at": known_at}).decode()
    filing = Filing(
        establishment_id=candidate.establishment_id,
        candidate_id=candidate.id,
        ght_id=candidate.ght_id,
        region_id=candidate.region.id,
        version=version,
        document=frozen,
        sha256=canonical.digest({**document, "known_at": known_at}),
        filed_by=current().user_id,
    )
    # The same bytes may be attached under several names: each keeps its own.
    sources = {
        (piece.row_code, piece.filename, piece.sha256): piece for piece in evidence.pieces(_establishments(on), on)
    }
    with writing_as(candidate.establishment_id):
        db.session.add(filing)
        db.session.flush()
        for row_code, piece in pieces:
            source = sources[row_code, piece["filename"], piece["sha256"]]
            _copy(source.establishment_id, candidate.establishment_id, source.sha256)
            db.session.add(
                FiledPiece(
                    establishment_id=candidate.establishment_id,
                    filing_id=filing.id,
                    candidate_id=candidate.id,
                    ght_id=candidate.ght_id,
                    region_id=candidate.region.id,
                    source_id=source.id,
                    source_establishment_id=source.establishment_id,
                    document_type=source.document_type,
                    row_code=row_code,
                    filename=source.filename,
                    media_type=source.media_type,
                    sha256=source.sha256,
                    size=source.size,
                )
            )
        audit.record(candidate.establishment_id, "dossier.filed", version=version, sha256=filing.sha256)
    return filing


def _refuse_unchanged(gathered: Gathered, referential: Referential, on: date) -> None:
    """A version that says nothing new would only make the reviewer read twice; the avis given on it is the reviewer's own."""
    last = db.session.scalars(
        select(Filing).where(Filing.candidate_id == gathered.candidate.id).order_by(Filing.version.desc()).limit(1)
    ).first()
    if last is None:
        return
    answered = [given for given in gathered.opinions if given.version < last.version]
    document = without_internal_keys(describe(replace(gathered, opinions=answered), referential, on))
    before = {name: value for name, value in json.loads(last.document).items() if name not in {"known_at", "on"}}
    now = {name: value for name, value in canonical.plain(document).items() if name != "on"}
    if before == now:
        raise Refused(f"Rien n’a changé depuis la version {last.version} : elle est déjà à l’ARS.")


def _copy(source: UUID, target: UUID, sha256: str) -> None:
    if source == target:
        return
    with tempfile.TemporaryFile() as file_:
        for chunk in storage().chunks(source, sha256):
            file_.write(chunk)
        file_.seek(0)
        storage().put(target, file_)


def filings(candidate_id: UUID) -> list[Filing]:
    """Return the filings of a candidate that the scope reads, newest first."""
    query = select(Filing).where(Filing.candidate_id == candidate_id).order_by(Filing.filed_at.desc())
    return list(db.session.scalars(query))


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
