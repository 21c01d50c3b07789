"""Applications to the domains to come, as the candidate and as the ARS see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from compliance.programme.procedure import load
from tests.pages import samples

Context = Callable[[], dict[str, Any]]
OURS, THEIRS = "compliance.file_application", "compliance.answer_application"
DRAFT = {"icon": "not_yet", "label": "Brouillon", "sentence": "Rien n’est encore transmis"}
ASKED = {
    "icon": "at_risk",
    "label": "Complément demandé",
    "sentence": "Le temps court du côté du candidat depuis le 12/11/2026",
}
FILED = {
    "icon": "in_progress",
    "label": "Déposée",
    "sentence": "Le temps court du côté de l’ARS depuis le 04/11/2026. Temps passé : ARS 18 jours",
}
HISTORY = [
    {"icon": "met", "label": "Candidature déposée", "detail": "le 02/11/2026, par Ariane Delmas", "reason": ""},
    {"icon": "at_risk", "label": "Complément demandé par l’ARS", "detail": "le 12/11/2026", "reason": "Il manque la délibération."},
]  # fmt: skip


def _applicant(state: str, level: str, here: dict[str, str], place: int = 1, *, told: bool = False) -> dict[str, Any]:
    steps = [each for each in load().processes["candidature"].steps if (each.source, each.level) == (state, level)]
    return {
        "id": UUID(int=place),
        "name": f"GHT n° {place}",
        "code": f"GHT-{place}",
        "here": here,
        "reason": "Il manque la délibération." if told else "",
        "steps": steps,
        "history": HISTORY if told and level == "candidate" else [],
    }


def _calls(level: str, *applicants: dict[str, Any], refusal: str = "", error: str = "", none: bool = False) -> Context:
    call = {
        "domain": "D3", "title": "CaRE domaine 3 : domaine d’essai", "source": "Texte d’essai", "refusal": refusal,
        "days": "ouverture 02/11/2026 (publiée), clôture 31/01/2027 (à confirmer)", "applicants": list(applicants),
    }  # fmt: skip
    return lambda: {
        "name": "GHT des Deux Caps" if level == "candidate" else "ARS Littoral-Nord",
        "today": samples.TODAY,
        "level": level,
        "calls": [] if none else [call],
        "step_to": OURS if level == "candidate" else THEIRS,
        "form": {"error": error, "reason": "Il manque", "at": UUID(int=1) if error else None},
        "can_open": True,
    }


PAGE = "compliance/calls.html"
CASES: dict[str, tuple[str, Context]] = {
    "calls": (PAGE, _calls("candidate", _applicant("more_information", "candidate", ASKED, told=True))),
    "calls_draft": (PAGE, _calls("candidate", _applicant("draft", "candidate", DRAFT), error="Ce mot de passe n’est pas le vôtre")),
    "calls_to_open": (PAGE, _calls("candidate", refusal="Les candidatures ouvrent le 02/12/2026.")),
    "calls_none": (PAGE, _calls("candidate", none=True)),
    "applications": (PAGE, _calls("ars", _applicant("filed", "ars", FILED), _applicant("ars_review", "ars", FILED, 2, told=True))),
    "applications_none": (PAGE, _calls("ars")),
}  # fmt: skip
ROUTES = {
    "compliance.calls": "/ght/GHT-DEUX-CAPS/candidatures",
    "compliance.open_application": "/ght/GHT-DEUX-CAPS/candidatures/oui",
    OURS: "/ght/GHT-DEUX-CAPS/candidatures/etape",
    "compliance.applications": "/ars/32/file/candidatures",
    THEIRS: "/ars/32/file/candidatures/oui",
}
