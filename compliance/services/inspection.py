"""Looking into a piece once it is stored: what it is and holds, what the antivirus says, whether it must be set aside."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import text

from compliance.inspection import clamd
from compliance.inspection.clamd import Outcome, Scan
from compliance.inspection.inspector import LIMITS, MEGABYTE, Inspection, inspect
from compliance.inspection.verdict import Verdict, judge
from compliance.models.evidence import Evidence, EvidenceEvent
from compliance.rules.piece import PieceStatus
from compliance.services import evidence_thread
from compliance.services.evidence_thread import ABANDONED
from tenants import audit
from tenants.context import ANONYMOUS
from tenants.db import call, db, new_id, unit_of_work, writing_as
from tenants.errors import NotFound
from tenants.settings import Settings
from tenants.storage import storage

INSPECT = "evidence.inspect"
MOST = 2_000  # pieces taken again in one night
# Another scan may say otherwise: no antivirus was there, or it did not answer.
_UNDECIDED = {Outcome.NOT_SCANNED, Outcome.UNREACHABLE}
Found = list[dict[str, Any]]  # events to record of a piece: kind, value, detail


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


@dataclass(frozen=True)
class Look:
    """One look at stored bytes: what is inside, what the antivirus says, and what that means for a piece."""

    inspection: Inspection
    scan: Scan
    verdict: Verdict

    @property
    def found(self) -> Found:
        """The events to record of a piece: kinds and counts, and sentences that name nobody; never the text."""
        inspection, verdict = self.inspection, self.verdict
        kept = {
            "media_type": inspection.media_type,
            "pages": inspection.pages,
            "encrypted": inspection.encrypted,
            "macros": inspection.macros,
            "executable": inspection.executable,
            "external_links": inspection.external_links,
            "embedded_files": inspection.embedded_files,
            "identifiers": inspection.identifiers,
            "partly_read": inspection.partly_read,
            "warnings": list(verdict.warnings),
        }
        level = judge(inspection, Scan(Outcome.CLEAN)).level
        return [{"kind": "inspection", "value": level.value, "detail": kept}, *self.scanned]

    @property
    def scanned(self) -> Found:
        """The events of the scan alone, and the quarantine if need be."""
        virus, refusals = self.scan.virus, self.verdict.refusals
        events: Found = [
            {"kind": "antivirus", "value": self.scan.outcome.value, "detail": {"virus": virus} if virus else {}}
        ]
        if refusals:
            reason = {"reason": " ".join(refusals)}
            events.append({"kind": "status", "value": PieceStatus.QUARANTINED.value, "detail": reason})
        return events


def look(establishment_id: UUID, sha256: str, *, inspected: bool = False) -> Look:
    """Look into stored bytes; the antivirus alone does when they were `inspected`. Raises NotFound when the store has lost them."""
    with tempfile.TemporaryDirectory(prefix="vigie-piece-") as folder:
        path = Path(folder) / "piece"
        storage().copy_to(establishment_id, sha256, path)
        inspection, scan = Inspection() if inspected else inspect_file(path), scan_file(path)
    return Look(inspection, scan, judge(inspection, scan))


def inspect_piece(piece_id: UUID) -> Verdict | None:
    """Inspect and scan a stored piece, and record what was found: events, quarantine if need be, audit.

    Does nothing (None) when that was done already; scans again alone when no antivirus had answered. Raises NotFound for an absent
    or foreign piece, and when the store has lost it.
    """
    piece = _piece(piece_id)
    known = evidence_thread.examinations([piece_id])[piece_id]
    inspected = known.inspected_at is not None
    undecided = known.scanned_at is None or (known.scan in _UNDECIDED and bool(_settings().clamd))
    if inspected and not undecided:
        return None
    seen = look(piece.establishment_id, piece.sha256, inspected=inspected)
    with writing_as(piece.establishment_id):
        record(piece, seen.scanned if inspected else seen.found)
    return seen.verdict


def record(piece: Evidence, found: Sequence[dict[str, Any]]) -> None:
    """Record what was found of a piece, in the block that writes for its establishment: the machine's word, without an author."""
    about = {"establishment_id": piece.establishment_id, "evidence_id": piece.id}
    db.session.add_all(EvidenceEvent(**about, **event) for event in found)
    audit.record(piece.establishment_id, "evidence.inspected", **_told(piece.id, found))


def abandon(piece_id: UUID) -> None:
    """Say of a piece that every attempt to look into it failed: nothing waits for it any more, until the night."""
    piece = _piece(piece_id)
    if evidence_thread.examinations([piece_id])[piece_id].inspected_at is None:
        with writing_as(piece.establishment_id):
            record(piece, [{"kind": "inspection", "value": ABANDONED, "detail": {}}])


def inspect_waiting(most: int = MOST) -> tuple[int, int]:
    """Look into pieces that nobody could: without an inspection, or without an antivirus while there is one now.

    For the operator, under no person's name, one transaction a piece. Return how many were, and how many of them are set aside.
    """
    wanted = {"antivirus": bool(_settings().clamd), "most": most}
    with unit_of_work(ANONYMOUS):
        waiting = db.session.execute(text("SELECT * FROM waiting_pieces(:antivirus, :most)"), wanted).all()
    done = aside = 0
    silent = False
    for piece in waiting:
        if piece.inspected and silent:
            continue  # only the antivirus was wanted, and it does not answer
        try:
            seen = look(piece.establishment_id, piece.sha256, inspected=piece.inspected)
        except NotFound:
            continue  # lost, or altered: `vigie rehash` tells it
        silent = seen.scan.outcome is Outcome.UNREACHABLE
        if piece.inspected and silent:
            continue
        found = seen.scanned if piece.inspected else seen.found
        with unit_of_work(ANONYMOUS):
            call(
                "piece_examined",
                p_id=new_id(),
                p_establishment=piece.establishment_id,
                p_piece=piece.id,
                p_found=json.dumps(found),
                p_told=json.dumps(_told(piece.id, found)),
            )
        done += 1
        aside += bool(seen.verdict.refusals)
    return done, aside


def _told(piece_id: UUID, found: Sequence[dict[str, Any]]) -> dict[str, str]:
    """What the audit chain keeps: the last word of each kind."""
    return {"piece": str(piece_id)} | {event["kind"]: event["value"] for event in found}


def _piece(piece_id: UUID) -> Evidence:
    piece = db.session.get(Evidence, piece_id)
    if piece is None:
        raise NotFound("Cette pièce n’existe pas, ou elle ne vous est pas ouverte.")
    return piece


def _settings() -> Settings:
    return current_app.extensions["vigie.settings"]  # type: ignore[no-any-return]  # Flask's untyped registry
