"""Pages of the domain; each view parses, calls one service, renders."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("compliance", __name__, template_folder="../templates")

from compliance.web import (  # noqa: E402, F401  # they register their views
    action,
    backup,
    difference,
    dossier,
    equivalence,
    evidence,
    exercise,
    expertise,
    incident,
    milestone,
    missing,
    navigation,
    obligations,
    opinion,
    overview,
    perimeter,
    plan,
    portfolio,
    procedure,
    publication,
    referential,
    retention,
    review,
    review_batch,
    review_decision,
    review_queue,
    row,
    task,
    training,
)
