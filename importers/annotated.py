"""The user's own file back: a copy of a deposit with its remarks in its cells, made by a job and kept beside the file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import BinaryIO
from uuid import UUID

from importers import deposits
from importers.annotation import annotate
from importers.models import ORDERED, ImportRun
from importers.report import CHANGED, NEW, REJECTED, UNCHANGED
from importers.understanding import limits, understand
from tenants import jobs
from tenants.context import current
from tenants.db import writing_as
from tenants.errors import NotFound, Refused
from tenants.storage import storage

ANNOTATE = "import.annotate"
_WORDS = {NEW: "Nouvelle", CHANGED: "Modifiée", UNCHANGED: "Inchangée", REJECTED: "À corriger"}


def order_annotated(run_id: UUID) -> bool:
    """Order the annotated copy of a deposit, unless it is there or on its way; tell whether it is there. Raises Refused."""
    run = deposits.held(run_id)
    _refuse_names(run)
    if run.annotated_sha256:
        return run.annotated_sha256 != ORDERED
    with writing_as(run.establishment_id):
        run.annotated_sha256 = ORDERED
    jobs.enqueue(ANNOTATE, run_id=str(run_id))
    return False


def annotated(run_id: UUID) -> tuple[str, Iterator[bytes]]:
    """Return the name and the bytes of the annotated copy. Raises NotFound when it is not ready, Refused when it names people."""
    run = deposits.get(run_id)
    _refuse_names(run)
    if not run.annotated_sha256 or run.annotated_sha256 == ORDERED:
        raise NotFound("Le fichier annoté de ce dépôt n’est pas prêt.")
    return run.annotated_name, storage().chunks(run.establishment_id, run.annotated_sha256)


def _refuse_names(run: ImportRun) -> None:
    """Keep a file that may name people from who did not send it and does not read the people of its establishment."""
    if run.created_by != current().user_id and not deposits.reads_people(run):
        raise Refused("Ce fichier peut nommer des personnes : il n’est rendu qu’à la personne qui l’a déposé.")


def make_annotated(run_id: UUID) -> None:
    """Make the annotated copy and keep it beside the file (job)."""
    run = deposits.get(run_id, report=False)
    if run.annotated_sha256 != ORDERED:
        return
    with tempfile.TemporaryFile() as copy:
        name = annotate_to(run_id, copy)
        copy.seek(0)
        sha256, _ = storage().put(run.establishment_id, copy)
    with writing_as(run.establishment_id):
        run.annotated_sha256, run.annotated_name = sha256, name


def annotate_to(run_id: UUID, output: BinaryIO) -> str:
    """Write the deposited file with its remarks in its cells, as they stand today; return the name to give it.

    Raises Unreadable for a file that could not be read in the first place.
    """
    run = deposits.get(run_id, report=False)
    with deposits.file_of(run) as path:
        understood = understand(path, run.establishment_id, tuple(run.taken))
        checks = understood.checking(bounded=False).checks
        notes = annotate.Notes(
            header_rows={each.source.name: each.layout.header_row for each in checks},
            # Both are read as they come, in this order: remarks are there once the rows are.
            statuses=(
                annotate.Status(each.source.name, row.row_number, _WORDS[row.status])
                for each in checks
                for row in each.rows()
            ),
            faults=(remark.fault for each in checks for remark in each.tally.remarks),
        )
        kind = annotate.annotate(path, output, notes, filename=run.filename, made_on=run.created_at, limits=limits())
    stem = run.filename.rpartition(".")[0] or run.filename
    return f"{stem} (contrôlé).xlsx" if kind == annotate.SAME else f"{stem} (contrôlé, nouveau classeur).xlsx"
