"""What a person has to do over the establishments they write, read in a constant number of statements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from compliance.clock import PARIS
from compliance.models.crisis import CallBack, CrisisPartner, CrisisRole
from compliance.models.exercise import Exercise, ExerciseAction, ExerciseResult
from compliance.models.incident import Incident
from compliance.models.milestone import Milestone
from compliance.models.plan import LinkedPlan, PcraContent
from compliance.models.register import Register
from compliance.reports import actions
from compliance.rules import task
from compliance.rules.piece import PieceStatus
from compliance.rules.review import CAUSES
from compliance.rules.task import Task
from compliance.services import evidence, evidence_version, perimeter, register, replacement

# What actions are judged on, and more of the same registers.
_WANTED: dict[type[Register], tuple[str, ...]] = {
    **actions.WANTED,
    Exercise: ("code", "perimeters", "label", "planned_on", "postponed_to", "status"),
    ExerciseResult: ("exercise_code", "held_on", "retex_file"),
    PcraContent: ("perimeter_code", "next_review_on"),
    LinkedPlan: ("code", "title", "review_by"),
    Incident: ("code", "perimeters", "title", "started_on", "ended_on", "ended_at", "retex_file", "exercise_code"),
    Milestone: ("code", "title", "due_on", "status", "reached_on"),
}
# Numbers of people: read in their own establishment alone, counted here and never named.
_NUMBERS: dict[type[Register], str] = {
    CrisisRole: "Cellule_de_crise",
    CallBack: "Rappel",
    CrisisPartner: "Partenaires",
}


def tasks(establishments: Mapping[UUID, str], target: date | None, on: date) -> list[Task]:
    """Return what is to do in establishments (identifier to FINESS) on a day, in the order of their days.

    `target` is the day for which plans are awaited, None when nobody knows it. Five statements, whatever there is.
    """
    ids = list(establishments)
    rows = register.columns_of(_WANTED, ids, on)
    checked = register.columns_of(dict.fromkeys(_NUMBERS, ("checked_on",)), ids, on)
    perimeters = perimeter.current_perimeters(ids, on)
    files = evidence_version.versions(ids, on)
    received = evidence.counting(files)
    pieces = [
        (establishments[each.establishment_id], each.row_code, each.filename, each.expires_on) for each in received
    ]
    decided = rows[ExerciseAction]
    names = {evidence.same_name(name) for piece in received for name in piece.names}
    judged = actions.verdicts(rows, names, on)

    def here(file: str) -> bool:
        return evidence.same_name(file) in names

    found: list[Task] = [
        *task.of_exercises(rows[Exercise], rows[ExerciseResult], decided, here, on, rows[Incident]),
        *task.of_actions(((line, judged[line.id]) for line in decided), on),
        *task.of_perimeters(perimeters, target),
        *task.of_reviews(rows[PcraContent], rows[LinkedPlan], on),
        *task.of_incidents(rows[Incident], decided, here),
        *task.of_milestones(rows[Milestone], on),
        *task.of_evidence(pieces, on),
        *task.of_returned(
            (
                establishments[each.establishment_id],
                each.source_id,
                each.row_code,
                each.filename,
                each.level.upper(),
                CAUSES[each.cause],
                each.message,
                each.at.astimezone(PARIS).date(),
            )
            for each in replacement.unanswered(ids, files)
        ),
        *task.of_quarantine(
            (each.finess, each.own[0], each.filename)
            for each in files
            if each.status is PieceStatus.QUARANTINED and not each.replaced
        ),
        *task.of_directory(
            {
                name: [(row.finess, row.values["checked_on"]) for row in checked[model]]
                for model, name in _NUMBERS.items()
            },
            on,
        ),
    ]
    return task.in_order(found)
