"""Jobs of the domain: thin edges over services."""

from __future__ import annotations

from uuid import UUID

from flask import current_app

from compliance.programme.referential import Referential
from compliance.services import dossier
from tenants.jobs import tenant_job
from tenants.permissions import Permission


def referential() -> Referential:
    """Return the referential of D2 that this installation uses."""
    return current_app.extensions["vigie.referential"]  # type: ignore[no-any-return]  # Flask's untyped registry


def _failed(sentence: str, build_id: str) -> None:
    dossier.fail(sentence, UUID(build_id))


@tenant_job(dossier.BUILD, Permission.BUILD_DOSSIER, failed=_failed)
def build_dossier(build_id: str) -> None:
    """Build the PDF and the ZIP of an order."""
    dossier.build(UUID(build_id), referential())
