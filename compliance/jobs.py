"""Jobs of the domain: thin edges over services."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from compliance.clock import today
from compliance.programme.referential import Referential
from compliance.services import dossier, evidence_drop, inspection
from compliance.services import referential as referentials
from tenants.jobs import tenant_job
from tenants.permissions import Permission


def referential(on: date | None = None, domain: str = "D2", *, known: date | None = None) -> Referential:
    """Return the referential in force today, or on another day; its national dates as known at the end of `known`, or of that day."""
    return referentials.in_force(domain, on or today(), known or on)


def _failed(sentence: str, build_id: str) -> None:
    dossier.fail(sentence, UUID(build_id))


@tenant_job(dossier.BUILD, Permission.BUILD_DOSSIER, failed=_failed)
def build_dossier(build_id: str) -> None:
    """Build the PDF and the ZIP of an order."""
    order = UUID(build_id)
    dossier.build(order, referential(dossier.get(order).on_date))


def _not_inspected(_sentence: str, evidence_id: str) -> None:
    inspection.abandon(UUID(evidence_id))


@tenant_job(inspection.INSPECT, Permission.ATTACH_EVIDENCE, failed=_not_inspected)
def inspect_evidence(evidence_id: str) -> None:
    """Look into a piece that was attached."""
    inspection.inspect_piece(UUID(evidence_id))


def _drop_failed(sentence: str, drop_id: str) -> None:
    evidence_drop.fail(sentence, UUID(drop_id))


@tenant_job(evidence_drop.READ, Permission.ATTACH_EVIDENCE, failed=_drop_failed)
def read_drop(drop_id: str) -> None:
    """Read the files of a bulk drop, and suggest where they go."""
    evidence_drop.read(UUID(drop_id), referential())
