"""Looking into a piece once it is stored: what it is and holds, what the antivirus says, whether it must be set aside."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import current_app

from compliance.inspection import clamd
from compliance.inspection.clamd import Outcome, Scan
from compliance.inspection.inspector import LIMITS, MEGABYTE, Inspection, inspect
from compliance.inspection.verdict import Verdict, judge
from compliance.models.evidence import Evidence, EvidenceEvent
from compliance.rules.piece import PieceStatus
from compliance.services import evidence_thread
from tenants import audit
from tenants.db import db, writing_as
from tenants.errors import NotFound
from tenants.settings import Settings
from tenants.storage import storage

INSPECT = "evidence.inspect"
# Another scan may say otherwise: no antivirus was there, or it did not answer.
_UNDECIDED = {Outcome.NOT_SCANNED, Outcome.UNREACHABLE}


def inspect_file(path: Path, settings: Settings | None = None) -> Inspection:
    """Inspect a local file, in the limited process of this installation: before it is a piece, too."""
    settings = settings or _settings()
    limits = replace(
        LIMITS,
        memory=settings.import_memory_megabytes * MEGABYTE,
        cpu_seconds=settings.import_cpu_seconds,
        wall_seconds=settings.import_cpu_seconds + 30,
    )
    return inspect(path, limits)


def scan_file(path: Path, settings: Settings | None = None) -> Scan:
    """Have a local file scanned by the antivirus of this installation, if there is one."""
    with path.open("rb") as content:
        return clamd.scan((settings or _settings()).clamd, content)


def inspect_piece(piece_id: UUID) -> Verdict | None:
    """Inspect and scan a stored piece, and record what was found: events, quarantine if need be, audit.

    Does nothing (None) when that was done already; scans again alone when no antivirus had answered. Raises NotFound for an absent
    or foreign piece, and when the store has lost it.
    """
    piece = db.session.get(Evidence, piece_id)
    if piece is None:
        raise NotFound("Cette pièce n’existe pas, ou elle ne vous est pas ouverte.")
    known = evidence_thread.examinations([piece_id])[piece_id]
    undecided = known.scanned_at is None or (known.scan in _UNDECIDED and bool(_settings().clamd))
    if known.inspected_at and not undecided:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "piece"
        storage().copy_to(piece.establishment_id, piece.sha256, path)
        found = Inspection() if known.inspected_at else inspect_file(path)
        scan = scan_file(path)
    verdict = judge(found, scan)
    with writing_as(piece.establishment_id):
        if not known.inspected_at:
            _record(piece, "inspection", judge(found, Scan(Outcome.CLEAN)).level, _told(found, verdict))
        _record(piece, "antivirus", scan.outcome, {"virus": scan.virus} if scan.virus else {})
        if verdict.refusals:
            _record(piece, "status", PieceStatus.QUARANTINED, {"reason": " ".join(verdict.refusals)})
        audit.record(
            piece.establishment_id,
            "evidence.inspected",
            piece=piece.id,
            verdict=verdict.level,
            antivirus=scan.outcome,
            identifiers=found.identifiers,
        )
    return verdict


def _record(piece: Evidence, kind: str, value: str, detail: dict[str, Any]) -> None:
    """Add an event by the machine: it has no author."""
    db.session.add(
        EvidenceEvent(
            establishment_id=piece.establishment_id, evidence_id=piece.id, kind=kind, value=str(value), detail=detail
        )
    )


def _told(found: Inspection, verdict: Verdict) -> dict[str, Any]:
    """What is kept of an inspection: kinds and counts, and sentences that name nobody; never the text."""
    return {
        "media_type": found.media_type,
        "pages": found.pages,
        "encrypted": found.encrypted,
        "macros": found.macros,
        "executable": found.executable,
        "external_links": found.external_links,
        "embedded_files": found.embedded_files,
        "identifiers": found.identifiers,
        "partly_read": found.partly_read,
        "warnings": list(verdict.warnings),
    }


def _settings() -> Settings:
    return current_app.extensions["vigie.settings"]  # type: ignore[no-any-return]  # Flask's untyped registry
