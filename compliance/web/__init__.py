"""Pages of the domain; each view parses, calls one service, renders."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("compliance", __name__, template_folder="../templates")

from compliance.web import (  # noqa: E402, F401  # they register their views
    action,
    backup,
    call,
    candidature,
    delegation,
    difference,
    dossier,
    ecare,
    equivalence,
    evidence,
    evidence_drop,
    evidence_list,
    evidence_piece,
    exercise,
    expertise,
    funding,
    incident,
    milestone,
    missing,
    navigation,
    obligations,
    opinion,
    overview,
    part,
    perimeter,
    plan,
    portfolio,
    procedure,
    publication,
    readiness,
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
