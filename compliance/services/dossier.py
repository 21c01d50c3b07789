"""The funding dossier: ordered, built by a job, handed out, and filed as a frozen copy."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from datetime import date
from io import BytesIO
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select

from compliance.clock import today
from compliance.models.dossier import DossierBuild, FiledPiece, Filing
from compliance.programme.referential import Referential
from compliance.reports import canonical
from compliance.reports.dossier_zip import PieceAltered
from compliance.reports.gathered import Gathered, gather
from compliance.reports.progress import describe, without_internal_keys
from compliance.services import candidate as candidates
from compliance.services import dossier_files, evidence
from compliance.services.candidate import CandidateFacts
from compliance.services.dossier_files import FILED
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
        (piece.row_code, piece.filename, piece.sha256): piece
        for piece in evidence.pieces(dossier_files.establishments(on), on)
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
        # The sha256 ties the chain to the frozen document: an archive built from it ends with this event.
        audit.record(candidate.establishment_id, FILED, version=version, sha256=filing.sha256)
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
