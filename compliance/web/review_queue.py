"""The queue of an authority: what to look at first, who has what, taken, given, handed over; in Excel too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from io import BytesIO
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from marshmallow import EXCLUDE, Schema, ValidationError, fields

from compliance.clock import today
from compliance.jobs import referential
from compliance.reports import xlsx
from compliance.rules.procedure import ARS
from compliance.services import procedure, review_queue
from compliance.services.review_queue import Entry, Queue
from compliance.web import blueprint
from compliance.web.evidence import attachment
from compliance.web.filters import asked
from compliance.web.procedure_page import icon
from tenants.context import current
from tenants.errors import Invalid, Refused
from tenants.permissions import Permission, requires
from tenants.web.app import may

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {"ght": "GHT", "eg": "Candidat hors GHT"}
HEADERS = (
    "Rang", "Candidat", "Code", "État", "Effort", "Pièces", "À examiner", "Retournées", "Fin attendue", "Confiance",
    "Jours restants", "Transmis le", "Version", "Qui", "Note",
)  # fmt: skip


def _narrowed(queue: Queue) -> tuple[list[Entry], dict[str, str]]:
    """Return the dossiers that the address asks for, and its filters."""
    filters = asked(who=("mine", "none"), state={each.state.key for each in queue.entries})
    mine = current_user.id
    kept = [
        each
        for each in queue.entries
        if (not filters["state"] or each.state.key == filters["state"])
        and (filters["who"] != "mine" or each.reviewer_id == mine)
        and (filters["who"] != "none" or each.reviewer_id is None)
    ]
    return kept, filters


@blueprint.get("/<scope:scope>/file", endpoint="review_queue")
@requires(Permission.REVIEW)
def show() -> ResponseReturnValue:
    """Show the queue; `?who=` and `?state=` narrow it."""
    return _page()


def _page(error: str = "", typed: Mapping[str, str] | None = None) -> ResponseReturnValue:
    queue = review_queue.queue(referential(), today())
    level = procedure.level()
    lines, filters = _narrowed(queue)
    people = [(person.id, person.name) for person in review_queue.people()] if level == ARS else []
    leads = may(Permission.ASSIGN_REVIEWS)
    given = {"candidate": "", "reviewer": str(current_user.id), "giver": "", "taker": "", "note": ""}
    given |= {name: value for name, value in (typed or {}).items() if name in given}
    page = render_template(
        "compliance/review_queue.html",
        agency=current().scope.name,
        today=today(),
        level=level,
        definition=queue.definition,
        lines=[_line(each) for each in lines],
        total=len(queue.entries),
        mine=len(queue.of(current_user.id)),
        unassigned=len(queue.of(None)),
        filters=filters,
        states=list({each.state.key: each.state.label for each in queue.entries}.items()),
        load=[each for each in queue.loads if each.dossiers],
        people=people if leads else [each for each in people if each[0] == current_user.id],
        colleagues=people,
        candidates=[(each.candidate_id, each.name) for each in queue.entries],
        can_assign=leads,
        form={"error": error, **given},
    )
    return page, 422 if error else 200


def _line(entry: Entry) -> dict[str, Any]:
    return {
        "filing_id": entry.filing_id,
        "name": entry.name,
        "kind": KINDS[entry.kind],
        "state": icon(entry.state.key),
        "state_label": entry.state.label,
        "filed_on": entry.filed_on,
        "version": entry.version,
        "pieces": entry.pieces,
        "undecided": entry.undecided,
        "returned": entry.returned,
        "effort": entry.effort,
        "ends_on": entry.ends_on,
        "confidence": entry.ends_confidence,
        "days_left": entry.days_left,
        "with_candidate": entry.with_candidate,
        "reviewer": entry.reviewer,
        "note": entry.note,
    }


@blueprint.get("/<scope:scope>/file.xlsx")
@requires(Permission.REVIEW)
def review_queue_workbook() -> ResponseReturnValue:
    """Hand out the queue as a workbook, in its order and narrowed as the page is."""
    queue = review_queue.queue(referential(), today())
    lines, _ = _narrowed(queue)
    stream = BytesIO()
    with xlsx.open_workbook(stream, datetime.combine(today(), time(), UTC), "File d’instruction") as book:
        # Only an ARS gives its dossiers to somebody.
        told = len(HEADERS) if procedure.level() == ARS else HEADERS.index("Qui")
        xlsx.write_table(book.add_worksheet("File"), HEADERS[:told], [row[:told] for row in _rows(lines)])
    answer = Response(stream.getvalue(), mimetype=XLSX)
    answer.headers.set("Content-Disposition", "attachment", **attachment(f"file-instruction-{today()}.xlsx"))
    return answer


def _rows(lines: Sequence[Entry]) -> list[tuple[object, ...]]:
    return [
        (
            place,
            each.name,
            each.code,
            each.state.label,
            each.effort,
            each.pieces,
            each.undecided,
            each.returned,
            each.ends_on,
            each.ends_confidence,
            each.days_left,
            each.filed_on,
            each.version,
            each.reviewer,
            each.note,
        )
        for place, each in enumerate(lines, start=1)
    ]


class AssignSchema(Schema):
    """The form that gives a dossier to somebody, or all those of somebody to a colleague."""

    class Meta:
        """Form fields that are not ours (token) are left out."""

        unknown = EXCLUDE

    note = fields.String(load_default="")


class OneSchema(AssignSchema):
    """One dossier; without a reviewer, it goes back to the queue."""

    candidate = fields.UUID(required=True)
    reviewer = fields.UUID(load_default=None)


class AllSchema(AssignSchema):
    """All the dossiers of one person."""

    giver = fields.UUID(required=True)
    taker = fields.UUID(required=True)


ONE, ALL = OneSchema(), AllSchema()


def _filled() -> dict[str, str]:
    return {name: value for name, value in request.form.items() if value}


@blueprint.post("/<scope:scope>/file/confier")
@requires(Permission.GIVE_OPINION)
def assign_review() -> ResponseReturnValue:
    """Give a dossier to somebody, or back to the queue."""
    try:
        typed = ONE.load(_filled())
        review_queue.assign(typed["candidate"], typed["reviewer"], typed["note"])
    except ValidationError:
        return _page("Choisissez le dossier dans la liste.", request.form)
    except (Invalid, Refused) as error:
        return _page(str(error), request.form)
    flash("Enregistré : la file le montre.", "ok")
    return redirect(url_for("compliance.review_queue"))


@blueprint.post("/<scope:scope>/file/passer")
@requires(Permission.GIVE_OPINION)
def hand_over_reviews() -> ResponseReturnValue:
    """Give all the dossiers of somebody to a colleague."""
    try:
        typed = ALL.load(_filled())
        count = review_queue.hand_over(typed["giver"], typed["taker"], typed["note"])
    except ValidationError:
        return _page("Dites qui passe la main, et à qui.", request.form)
    except (Invalid, Refused) as error:
        return _page(str(error), request.form)
    flash(f"{count} {'dossiers changent' if count > 1 else 'dossier change'} de main.", "ok")
    return redirect(url_for("compliance.review_queue"))
