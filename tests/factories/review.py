"""Playing the review: who files, reviews and controls the GHT of three, and the steps that tests begin from."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from flask import Flask

from compliance.programme import referential
from compliance.services import dossier, evidence, filing, procedure, review
from tenants.db import new_id
from tests.factories import acting as at
from tests.factories.acting import acting, inspected, seen
from tests.factories.world import World

SIGNATORY = ("signataire@estuaire.example", at.ESTUARY_SCOPE)
DSI = (at.ESTUARY_DSI, at.ESTUARY_SCOPE)
ARS = ("ars@monts-du-sud.example", "region:F2")
OTHER_ARS = ("ars@littoral-nord.example", "region:F1")
ANS = ("ans@vigie.example", "nation:france")
FILE = "note.pdf"


def candidate_id(app: Flask, world: World) -> UUID:
    """Return the candidate of the GHT of three."""
    [found] = seen(app, "SELECT id FROM candidate WHERE ght_id = %s", world.ghts[at.ESTUARY_CODE])
    return found["id"]


def attach(app: Flask, world: World, row: str = "D2.P2", kind: str = "organisation_note", name: str = FILE) -> UUID:
    """Attach a piece of its own content in the GHT of three."""
    with acting(app, world, *DSI):
        piece = evidence.attach(
            world.establishments[at.ESTUARY_MEMBERS[0].finess], row, kind, name, BytesIO(new_id().bytes)
        )
    inspected(app)
    return piece


def file(app: Flask, world: World) -> None:
    """File the GHT of three again, with one more piece."""
    attach(app, world)
    with acting(app, world, *SIGNATORY):
        filing.file(referential.load("D2"))


def opened(app: Flask, world: World) -> UUID:
    """File, and open the review as the ARS of the region; return the candidate."""
    candidate = candidate_id(app, world)
    file(app, world)
    with acting(app, world, *ARS):
        procedure.move(candidate, "ars_review")
    return candidate


def decide(app: Flask, world: World, candidate: UUID, *returned: str, who: tuple[str, str] = ARS) -> None:
    """Return the pieces of these names, and accept the others."""
    with acting(app, world, *who):
        filed = dossier.latest(candidate)
        for each in review.pieces(filed):
            if each.state("ans" if who == ANS else "ars") == "undecided":
                name, back = each.piece.filename, each.piece.filename in returned
                review.decide(
                    filed, each.piece.id, not back, "incomplete" if back else "", f"Page 2 ({name})" if back else ""
                )


def favourable(app: Flask, world: World) -> UUID:
    """Bring the GHT of three to a favourable decision of its ARS; return the candidate."""
    candidate = opened(app, world)
    decide(app, world, candidate)
    with acting(app, world, *ARS):
        review.decide_dossier(dossier.latest(candidate), favourable=True)
    return candidate
