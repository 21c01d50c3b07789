"""A minimal application that renders every page with sample data: for the tests, and for the eye.

``python -m tests.pages.preview`` serves the pages on port 5055 with the strict policy of the product.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, flash, render_template
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from compliance.web import labels
from tenants.web import headers, typography
from tests.pages import call, evidence, review, samples
from tests.pages.cases import CASES

ROOT = Path(__file__).resolve().parents[2]
SCOPE = "/ght/GHT-DEUX-CAPS"
ROUTES = {
    "tenants.home": "/",
    "tenants.sign_in": "/connexion",
    "tenants.sign_out": "/deconnexion",
    "tenants.spaces": "/espaces",
    "compliance.overview": f"{SCOPE}/",
    "compliance.missing": f"{SCOPE}/manques",
    "compliance.obligations": f"{SCOPE}/obligations",
    "compliance.difference": f"{SCOPE}/evolution",
    "compliance.milestones": f"{SCOPE}/jalons",
    "compliance.row": f"{SCOPE}/lignes/<code>",
    "compliance.training": f"{SCOPE}/formations",
    "compliance.regional_sessions": "/ars/32/sessions",
    "compliance.open_session": "/ars/32/sessions/ouvrir",
    "compliance.withdraw_session": "/ars/32/sessions/retirer",
    "compliance.set_retention": f"{SCOPE}/formations/conservation",
    "compliance.moot": f"{SCOPE}/lignes/<code>/equivalence",
    "compliance.attach": f"{SCOPE}/lignes/<code>/pieces",
    "compliance.piece": f"{SCOPE}/pieces/<piece_id>",
    "compliance.coverage": f"{SCOPE}/couverture",
    "compliance.perimeters": f"{SCOPE}/perimetres",
    "compliance.perimeter": f"{SCOPE}/perimetres/<finess>/<code>",
    "compliance.plans": f"{SCOPE}/pcra",
    "compliance.backups": f"{SCOPE}/sauvegardes",
    "compliance.exercises": f"{SCOPE}/exercices",
    "compliance.actions": f"{SCOPE}/actions",
    "compliance.incidents": f"{SCOPE}/incidents",
    "compliance.incident": f"{SCOPE}/incidents/<finess>/<code>",
    "compliance.expenses": f"{SCOPE}/depenses",
    "compliance.export_expenses": f"{SCOPE}/depenses/export.xlsx",
    "compliance.candidature": f"{SCOPE}/candidature",
    "compliance.record_candidature": f"{SCOPE}/candidature/oui",
    "compliance.dossier": f"{SCOPE}/dossier",
    "compliance.build_dossier": f"{SCOPE}/dossier/generer",
    "compliance.dossier_state": f"{SCOPE}/dossier/<build_id>/etat",
    "compliance.dossier_file": f"{SCOPE}/dossier/<build_id>.<kind>",
    "compliance.transmit": f"{SCOPE}/dossier/transmettre",
    "compliance.say_part": f"{SCOPE}/dossier/partie",
    "compliance.readiness": f"{SCOPE}/dossier/verification",
    "compliance.record_declaration": f"{SCOPE}/dossier/ecare",
    "compliance.delegations": f"{SCOPE}/dossier/delegations",
    "compliance.delegate": f"{SCOPE}/dossier/delegations/oui",
    "compliance.withdraw_delegation": f"{SCOPE}/dossier/delegations/retirer",
    "compliance.publication": f"{SCOPE}/publication",
    "compliance.publish": f"{SCOPE}/publication/oui",
    "compliance.candidate_publications": "/ars/32/candidats/<candidate_id>/publications",
    "compliance.opinion": "/ars/32/dossiers/<filing_id>/avis/donner",
    "compliance.give_opinion": "/ars/32/dossiers/<filing_id>/avis",
    "compliance.referential": f"{SCOPE}/referentiel",
    "compliance.portfolio": "/ars/32/",
    "compliance.filing": "/ars/32/dossiers/<filing_id>",
    "compliance.filing_expenses": "/ars/32/dossiers/<filing_id>/depenses",
    "compliance.filed_piece": "/ars/32/dossiers/<filing_id>/pieces/<sha256>",
    **call.ROUTES,
    **review.ROUTES,
    "importers.latest": f"{SCOPE}/depots/derniers",
    "importers.deposit": f"{SCOPE}/depots",
    "importers.receive": f"{SCOPE}/depots/recevoir",
    "importers.template": f"{SCOPE}/modeles/KIT_BIA_PCRA.xlsx",
    "importers.run": f"{SCOPE}/depots/<run_id>",
    "importers.progress": f"{SCOPE}/depots/<run_id>/avancement",
    "importers.cancel": f"{SCOPE}/depots/<run_id>/abandonner",
    "importers.confirm": f"{SCOPE}/depots/<run_id>/appliquer",
    "importers.settle": f"{SCOPE}/depots/<run_id>/conflits",
    "importers.annotate": f"{SCOPE}/depots/<run_id>/annote",
    "importers.annotated": f"{SCOPE}/depots/<run_id>/annote/fichier",
    "importers.undo": f"{SCOPE}/depots/<run_id>/annuler",
    "importers.take_back": f"{SCOPE}/depots/<run_id>/annuler/oui",
    "importers.columns": f"{SCOPE}/depots/<run_id>/colonnes",
    "importers.decide": f"{SCOPE}/depots/<run_id>/colonnes/oui",
    "importers.registers": f"{SCOPE}/registres",
    "importers.register": f"{SCOPE}/registres/<name>",
    "importers.new": f"{SCOPE}/registres/<name>/nouveau",
    "importers.create": f"{SCOPE}/registres/<name>/nouveau/oui",
    "importers.entry": f"{SCOPE}/registres/<name>/<ref>",
    "importers.edit": f"{SCOPE}/registres/<name>/<ref>/modifier",
    "importers.save": f"{SCOPE}/registres/<name>/<ref>/modifier/oui",
    "importers.withdraw": f"{SCOPE}/registres/<name>/<ref>/retirer",
    "importers.restore": f"{SCOPE}/registres/<name>/<ref>/retablir",
    "importers.export_workbook": f"{SCOPE}/registres/<name>/export.xlsx",
    "importers.export_csv": f"{SCOPE}/registres/<name>/export.csv",
    **{endpoint: f"{SCOPE}{path}" for endpoint, path in evidence.ROUTES.items()},
}
NAV = ("Vue d’ensemble", "Périmètres", "Registres", "Déposer un fichier", "Dossier")


def create_app() -> Flask:
    """Build the application: dummy endpoints, the product's filters and headers, undefined variables refused."""
    app = Flask("preview", static_folder=str(ROOT / "tenants" / "static"), static_url_path="/static")
    app.secret_key = "preview"
    folders = [ROOT / package / "templates" for package in ("tenants", "compliance", "importers")]
    app.jinja_loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
    app.jinja_env.undefined = StrictUndefined
    typography.install(app)
    app.jinja_env.filters.update(labels.FILTERS)
    app.jinja_env.globals.update(csrf_token=lambda: "csrf")
    for endpoint, rule in ROUTES.items():
        app.add_url_rule(rule, endpoint, lambda **_: "", methods=["GET", "POST"])
    for name in CASES:
        app.add_url_rule(f"/essai/{name}", f"preview.{name}", _shower(name))
    app.add_url_rule("/essai/", "preview.index", lambda: "".join(f'<p><a href="{name}">{name}</a>' for name in CASES))
    headers.install(app, https=False)
    return app


def _shower(name: str) -> Callable[[], str]:
    def show() -> str:
        if name == "overview":
            flash("Fichier appliqué : 41 lignes enregistrées.", "success")
        return render(name)

    return show


def render(name: str) -> str:
    """Render one case, inside a request."""
    template, context = CASES[name]
    return render_template(template, **_frame(template), **context())


def _frame(template: str) -> dict[str, Any]:
    if "sign_in" in template or "error" in template:
        return {}
    frame: dict[str, Any] = {
        "viewer": {"name": "Claire Le Goff", "role": "DSI du GHT"},
        "footnote": "Référentiel CaRE D2, version 2025-06-26.",
    }
    if "spaces" not in template:
        frame["scope"] = samples.things({"name": "GHT des Deux Caps"})
        frame["nav"] = [{"label": label, "url": "#", "current": label == NAV[0]} for label in NAV]
    return frame


if __name__ == "__main__":
    create_app().run(port=5055)
