"""One row of a referential: its answer and why, party by party, what is expected, what is attached."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from compliance.jobs import referential
from compliance.reports.evidence import Line, choices, domain_of, lines
from compliance.reports.exercises import ExerciseLine, two_answers
from compliance.reports.facts import facts_of
from compliance.reports.situation import Situation
from compliance.services import equivalence, evidence, evidence_thread, evidence_version, scope_establishments
from compliance.web import blueprint
from compliance.web.moment import moment
from compliance.web.overview import situation
from tenants.errors import NotFound
from tenants.models import LegalEntity
from tenants.permissions import Permission, requires


def page(code: str, error: str = "", typed: Any = None, status: int = 200, moot_error: str = "") -> ResponseReturnValue:
    """Render the page of a row; a form that was refused comes back with what was typed, and why. Raises NotFound."""
    found = situation(domain_of(code))
    told = found.document
    row = next((each for each in told["rows"] if each["code"] == code), None)
    if row is None:
        raise NotFound("Cette ligne n’existe pas dans le référentiel.")
    names = ("piece", "approved_on", "effective_on", "expires_on", "establishment", "whole", "covers_reason")
    writable = scope_establishments.writable()
    received = _received(found, code)
    behind = []
    if row["share"] and not found.member:
        behind = [
            {
                "label": "Part de chaque partie",
                # The list of the coverage page is that of its own row.
                "url": url_for("compliance.coverage") if code == told["share"]["row"] else "#parties",
            },
            {"label": "Périmètres et plans", "url": url_for("compliance.perimeters")},
        ]
    shown = render_template(
        "compliance/row.html",
        row=row,
        candidate=told["candidate"],
        form={
            "error": error,
            **{name: (typed or {}).get(name, "") for name in names},
            **{name: typed.getlist(name) if typed else [] for name in ("also", "covers")},
        },
        received={str(line.version.id): line for line in received},
        put_away=[line for line in received if not line.version.counts and line.state != "replaced"],
        also=choices(referential(domain=domain_of(code))),
        fellows=_fellows(writable),
        exercises=_exercises(found, code),
        opinions=[given for given in found.gathered.opinions if given.row_code == code],
        lists_behind=behind,
        establishments=[(entity.finess, entity.name) for entity in writable],
        max_bytes=evidence.MAXIMUM,
        moot={
            "error": moot_error,
            "open": domain_of(code) == found.gathered.candidate.domain
            and not found.member
            and found.gathered.candidate.id != found.gathered.candidate.establishment_id,
            "recorded": equivalence.recorded(found.gathered.registers, code),
            **{name: (typed or {}).get(name, "") for name in ("party", "reason", "file", "starts_on")},
        },
        today=moment().on,
    )
    return shown, status


def _received(found: Situation, code: str) -> list[Line]:
    """Every file received for a row, those that count and those that somebody put away."""
    here = [
        each
        for each in evidence_version.versions(found.gathered.establishments, moment().known)
        if code in {row for row, _ in each.uses}
    ]
    keys = [each.id for each in here]
    return lines(here, {}, evidence_thread.examinations(keys), evidence_thread.reasons(keys))


def _fellows(writable: list[LegalEntity]) -> list[tuple[str, str]]:
    """The establishments that a piece may hold for beside its own: those of the GHT."""
    if not writable:
        return []
    own = [(entity.finess, entity.name) for entity in writable[:1]] if len(writable) > 1 else []
    return sorted(own + [(each.finess, each.name) for each in scope_establishments.fellows(writable[0].id)])


def _exercises(found: Situation, code: str) -> list[ExerciseLine] | None:
    """The exercises behind D2.O1.D, each with its two answers."""
    if code != "D2.O1.D":
        return None
    asked = moment()
    care = referential(asked.on, known=asked.known)
    return two_answers(facts_of(found.gathered, care), care.row(code), asked.on)


@blueprint.get("/<scope:scope>/lignes/<code>")
@requires(Permission.READ)
def row(code: str) -> ResponseReturnValue:
    """Show a row: its state and why, its rule, what is expected, what is attached; a code as people spell it leads to it."""
    try:
        canonical = referential().find(code).code
    except ValueError:  # of another domain, or of none: the page says so
        canonical = code
    return page(code) if canonical == code else redirect(url_for("compliance.row", code=canonical))
