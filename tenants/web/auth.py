"""Sign-in, sign-out, choice of a space."""

from __future__ import annotations

from urllib.parse import urlsplit

import structlog
from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_login import LoginManager, current_user, login_user, logout_user

from tenants import accounts
from tenants.permissions import ROLE_LABELS, public, signed_in
from tenants.web.app import entrance
from tenants.web.limits import limiter

blueprint = Blueprint("tenants", __name__, template_folder="../templates", static_folder=None)
log = structlog.get_logger()
login = LoginManager()
login.session_protection = None  # the session lives on the server: its token is what is checked


@login.user_loader  # type: ignore[untyped-decorator]  # Flask-Login ships no types
def _load(token: str) -> accounts.User | None:
    return accounts.by_session(token)


def _safe(target: str | None) -> str:
    """Return a path of this site, or the choice of a space."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return url_for("tenants.home")
    parts = urlsplit(target)
    return target if not parts.netloc and not parts.scheme else url_for("tenants.home")


def _refused(response: Response) -> bool:
    """Only failures count: a whole hospital signs in behind one public address."""
    return response.status_code == 422


def _typed_address() -> str:
    """Count failures by account too, whoever tries and wherever from."""
    return f"account:{request.form.get('email', '').strip().lower()[:254]}"


@blueprint.get("/connexion")
@public
def sign_in() -> ResponseReturnValue:
    """Show the sign-in form."""
    return render_template(
        "tenants/sign_in.html", next=request.args.get("next", ""), email="", error="", expired="expired" in request.args
    )


@blueprint.post("/connexion")
@public
@limiter.limit("20 per minute; 100 per hour", deduct_when=_refused)
@limiter.limit("10 per 15 minutes", key_func=_typed_address, deduct_when=_refused)
def open_session() -> ResponseReturnValue:
    """Open a session: a new token and a new cookie each time."""
    email = request.form.get("email", "")
    user = accounts.sign_in(email, request.form.get("password", ""))
    if user is None:
        error = "Adresse ou mot de passe incorrect. Vérifiez les deux ; après dix essais, Vigie fait attendre un quart d’heure."
        page = render_template("tenants/sign_in.html", next=request.form.get("next", ""), email=email, error=error)
        return page, 422
    if current_user.is_authenticated:
        accounts.sign_out(current_user.token)
    session.clear()
    login_user(user)
    log.info("signed_in", user=str(user.id))
    return redirect(_safe(request.form.get("next")))


@blueprint.post("/deconnexion")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End the session on the server and in the browser."""
    accounts.sign_out(current_user.token)
    logout_user()
    session.clear()
    return redirect(url_for("tenants.sign_in"))


@blueprint.get("/")
@signed_in
def home() -> ResponseReturnValue:
    """Go to what is the person's to do, to their only space, or let them choose."""
    begin = current_app.extensions.get("vigie.home")
    if begin is not None and (address := begin()):
        return redirect(address)
    held = current_user.spaces()
    if len(held) == 1:
        return redirect(entrance(*held[0]))
    return redirect(url_for("tenants.spaces"))


@blueprint.get("/espaces")
@signed_in
def spaces() -> ResponseReturnValue:
    """List what this person may open."""
    entries = [
        {
            "kind": str(scope.kind),
            "code": scope.code,
            "name": scope.name,
            "role": ROLE_LABELS[role],
            "path": entrance(scope, role),
        }
        for scope, role in current_user.spaces()
    ]
    return render_template("tenants/spaces.html", spaces=entries)
