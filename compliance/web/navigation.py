"""What every page carries: the scope, the menu that the person's rights open, and the foot of the page."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for
from flask_login import current_user

from compliance.jobs import referential
from compliance.services import candidate as candidates
from compliance.web import blueprint, labels
from compliance.web.moment import DATED, Moment, moment
from tenants.context import ScopeKind
from tenants.errors import Invalid
from tenants.permissions import ROLE_LABELS, Permission, granted
from tenants.web.app import path_of

# Twelve words at most: they hold on one line of a laptop. The others are a click from the page they belong to (BELOW).
MENU = (
    ("Mes tâches", "compliance.tasks", Permission.IMPORT),
    ("Vue d’ensemble", "compliance.overview", Permission.READ),
    ("Ce qui manque", "compliance.missing", Permission.READ),
    ("Périmètres", "compliance.perimeters", Permission.READ),
    ("PCRA", "compliance.plans", Permission.READ),
    ("Exercices", "compliance.exercises", Permission.READ),
    ("Formations", "compliance.training", Permission.READ),
    ("Sauvegardes", "compliance.backups", Permission.READ),
    ("Jalons", "compliance.milestones", Permission.READ),
    ("Registres", "importers.registers", Permission.READ),
    ("Déposer", "importers.deposit", Permission.IMPORT),
    ("Dossier", "compliance.dossier", Permission.READ),
    ("File d’instruction", "compliance.review_queue", Permission.REVIEW),
    ("Portefeuille", "compliance.portfolio", Permission.READ_FILED),
    ("Expertises", "compliance.expertises", Permission.GIVE_EXPERTISE),
    ("Sessions", "compliance.regional_sessions", Permission.OPEN_SESSIONS),
)
# Pages told together under one entry of the menu.
BESIDE = {
    "compliance.missing": (
        ("Ce qui manque", "compliance.missing"),
        ("Pièces", "compliance.evidence_list"),
        ("Obligations", "compliance.obligations"),
    ),
    "compliance.exercises": (
        ("Exercices", "compliance.exercises"),
        ("Actions", "compliance.actions"),
        ("Incidents", "compliance.incidents"),
    ),
    "compliance.dossier": (
        ("Dossier", "compliance.dossier"),
        ("Candidature", "compliance.candidature"),
        ("Dépenses", "compliance.expenses"),
    ),
}
# Pages that have no entry of their own, and the one they are reached from.
BELOW = {
    "compliance.publication": "compliance.dossier",
    "compliance.publish": "compliance.dossier",
    "compliance.say_part": "compliance.dossier",
    "compliance.readiness": "compliance.dossier",
    "compliance.record_declaration": "compliance.dossier",
    "compliance.delegations": "compliance.dossier",
    "compliance.delegate": "compliance.dossier",
    "compliance.candidate_publications": "compliance.portfolio",
    "compliance.filing": "compliance.portfolio",
    "compliance.filing_expenses": "compliance.portfolio",
    "compliance.review": "compliance.review_queue",
    "compliance.assign_review": "compliance.review_queue",
    "compliance.hand_over_reviews": "compliance.review_queue",
    "compliance.decide_piece": "compliance.review_queue",
    "compliance.say_on_piece": "compliance.review_queue",
    "compliance.ask_expert": "compliance.review_queue",
    "compliance.preview_batch": "compliance.review_queue",
    "compliance.decide_batch": "compliance.review_queue",
    "compliance.decide_dossier": "compliance.review_queue",
    "compliance.expertise": "compliance.expertises",
    "compliance.answer_expertise": "compliance.expertises",
    "compliance.opinion": "compliance.portfolio",
    "compliance.give_opinion": "compliance.portfolio",
    "importers.receive": "importers.deposit",
    "importers.run": "importers.deposit",
    "importers.undo": "importers.deposit",
    "importers.columns": "importers.deposit",
    "importers.decide": "importers.deposit",
    "importers.register": "importers.registers",
    "importers.entry": "importers.registers",
    "importers.new": "importers.registers",
    "importers.create": "importers.registers",
    "importers.edit": "importers.registers",
    "importers.save": "importers.registers",
    "compliance.difference": "compliance.overview",
    "compliance.coverage": "compliance.overview",
    "compliance.row": "compliance.overview",
    "compliance.perimeter": "compliance.perimeters",
    "compliance.actions": "compliance.exercises",
    "compliance.incidents": "compliance.exercises",
    "compliance.incident": "compliance.exercises",
    "compliance.obligations": "compliance.missing",
    "compliance.evidence_list": "compliance.missing",
    **dict.fromkeys(
        (
            f"compliance.{name}"
            for name in (
                "evidence_piece",
                "replace_evidence",
                "use_evidence",
                "judge_evidence",
                "comment_evidence",
                "drop",
                "receive_drop",
                "drop_files",
                "settle_drop",
            )
        ),
        "compliance.missing",
    ),
    "compliance.candidature": "compliance.dossier",
    "compliance.record_candidature": "compliance.dossier",
    "compliance.expenses": "compliance.dossier",
    "compliance.calls": "compliance.dossier",
    "compliance.file_application": "compliance.dossier",
    "compliance.applications": "compliance.review_queue",
    "compliance.answer_application": "compliance.review_queue",
    "compliance.open_session": "compliance.regional_sessions",
}


@blueprint.record_once
def _filters(state: Any) -> None:
    state.app.jinja_env.filters.update(labels.FILTERS)
    state.app.extensions["vigie.home"] = _home


def _home() -> str:
    """Return where somebody who writes begins; "" for the others, who begin in their space."""
    writes = any(Permission.IMPORT in granted([membership.role]) for membership in current_user.memberships)
    return url_for("compliance.tasks") if writes else ""


def _version(name: str) -> str:
    """Say the version with its day as people write it: « du 26/06/2025 », « du 26/06/2025 (corrige1) »."""
    day, suffix = "/".join(reversed(name[:10].split("-"))), name[11:]
    return f"du {day} ({suffix})" if suffix else f"du {day}"


def _moment() -> Moment | None:
    """Return the day of a page that answers at any date; none on the page that says the address names no day."""
    try:
        return moment() if request.endpoint in DATED else None
    except Invalid:
        return None


def _only_space() -> dict[str, Any]:
    """Return the menu of the only space of a person, for the page that is of no space."""
    held = current_user.memberships
    spaces = {membership.scope for membership in held}
    if len(spaces) != 1:
        return {}
    scope = spaces.pop()
    permissions = granted(membership.role for membership in held)
    entries = [
        {
            "label": label,
            "url": url_for(endpoint) if endpoint == "compliance.tasks" else url_for(endpoint, scope=path_of(scope)),
            "current": endpoint == "compliance.tasks",
        }
        for label, endpoint, permission in MENU
        if permission in permissions
    ]
    return {"nav": entries, "scope": {"name": scope.name, "detail": scope.code}}


@blueprint.app_context_processor
def layout() -> dict[str, Any]:
    """Return what the layout shows; nothing for somebody who is not signed in or has no scope yet."""
    scope = g.get("scope")
    if scope is None or not current_user.is_authenticated:
        viewer = {"name": current_user.name, "role": ""} if current_user.is_authenticated else None
        return {"viewer": viewer, **(_only_space() if viewer and request.endpoint == "compliance.tasks" else {})}
    role = min(ROLE_LABELS[role] for role in g.roles)
    here = BELOW.get(request.endpoint or "", request.endpoint)
    day = _moment()
    applied = referential(day.on, known=day.known) if day else referential()
    applies = Permission.READ in g.permissions and candidates.applies_here()
    entries = [
        {"label": label, "url": url_for(endpoint), "current": here == endpoint}
        for label, endpoint, permission in MENU
        if permission in g.permissions
    ]
    return {
        "moment": day,
        "nav": entries,
        "siblings": [
            {"label": label, "url": url_for(endpoint), "current": request.endpoint == endpoint}
            for label, endpoint in BESIDE.get(here or "", ())
            if Permission.READ in g.permissions and (applies or endpoint != "compliance.candidature")
        ],
        "scope": {
            "name": scope.name,
            "detail": "" if scope.kind in {ScopeKind.REGION, ScopeKind.NATION} else scope.code,
        },
        "viewer": {"name": current_user.name, "role": role, "email": current_user.email},
        "footnote": f"Référentiel CaRE D2, version {_version(applied.version)}.",
        "footnote_url": url_for("compliance.referential") if Permission.READ in g.permissions else "",
        "can_import": Permission.IMPORT in g.permissions,
        "can_attach": Permission.ATTACH_EVIDENCE in g.permissions,
        "can_build": Permission.BUILD_DOSSIER in g.permissions,
        "can_manage": Permission.MANAGE_CANDIDATE in g.permissions,
        "can_publish": Permission.PUBLISH in g.permissions,
        "can_file": Permission.FILE_DOSSIER in g.permissions,
        "can_delegate": Permission.DELEGATE in g.permissions,
        "can_give_opinion": Permission.GIVE_OPINION in g.permissions,
    }
