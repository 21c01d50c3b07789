"""Jobs of deposits: thin edges over what is done with them."""

from __future__ import annotations

from uuid import UUID

from importers import annotated, deposits, service, undo
from tenants.jobs import tenant_job
from tenants.permissions import Permission


def _failed(sentence: str, run_id: str) -> None:
    service.fail(sentence, UUID(run_id))


@tenant_job(deposits.READ, Permission.IMPORT, failed=_failed)
def read(run_id: str) -> None:
    """Read a deposit and prepare its preview."""
    service.read(UUID(run_id))


@tenant_job(service.APPLY, Permission.IMPORT, failed=_failed)
def apply(run_id: str) -> None:
    """Apply a confirmed deposit."""
    service.apply(UUID(run_id))


@tenant_job(undo.UNDO, Permission.IMPORT, failed=_failed)
def take_back(run_id: str) -> None:
    """Take back an applied deposit."""
    undo.undo(UUID(run_id))


@tenant_job(annotated.ANNOTATE, Permission.IMPORT, failed=_failed)
def annotate(run_id: str) -> None:
    """Make the annotated copy of a deposit."""
    annotated.make_annotated(UUID(run_id))
