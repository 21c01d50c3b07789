"""The single table from an error's kind to an HTTP answer, and the French page that goes with it."""

from __future__ import annotations

import structlog
from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException, TooManyRequests

from tenants import errors
from tenants.web.app import ask_to_sign_in
from tenants.web.limits import wait, wait_fr

log = structlog.get_logger()

STATUS: dict[type[errors.DomainError], int] = {
    errors.NotFound: 404,
    errors.Refused: 409,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.Unavailable: 503,
}

SENTENCES: dict[int, tuple[str, str]] = {
    400: (
        "Demande incomplète",
        "Le formulaire a expiré ou il manque une réponse. Revenez en arrière, rechargez la page et recommencez.",
    ),
    404: ("Page introuvable", "Cette page n’existe pas, ou elle ne vous est pas ouverte."),
    405: ("Action impossible", "Cette adresse ne fait pas cela. Revenez à la page précédente."),
    409: ("Ce n’est pas possible en l’état", "Rechargez la page : quelque chose a changé."),
    413: (
        "Fichier trop volumineux",
        "Un classeur pèse 12 Mo au plus, une pièce 50 Mo. Retirez les images, ou déposez en plusieurs fois ; rien n’a été enregistré.",
    ),
    422: ("Réponse incomprise", "Une réponse n’a pas été comprise."),
    429: ("Trop d’essais", "Vigie fait attendre {wait} avant d’en écouter un autre. Rien n’a été enregistré."),
    500: ("Incident", "Vigie a rencontré un incident. Rien n’a été enregistré ; recommencez dans un instant."),
    503: (
        "Service momentanément indisponible",
        "Un serveur ne répond pas. Rien n’est perdu ; recommencez dans un instant.",
    ),
}


def _page(status: int, sentence: str = "", back: str = "") -> tuple[str, int]:
    # The unit of work is closed: a page of refusal asks the database nothing, so it has no menu.
    g.pop("scope", None)
    title, default = SENTENCES.get(status, SENTENCES[500])
    page = render_template("tenants/error.html", status=status, title=title, sentence=sentence or default, back=back)
    return page, status


def _too_many() -> ResponseReturnValue:
    """Say how long the wait really is, with the way back to the form where the address has one."""
    seconds = wait()
    sentence = SENTENCES[429][1].format(wait=wait_fr(seconds))
    addresses = current_app.create_url_adapter(request)
    shown = addresses is not None and "GET" in addresses.allowed_methods()
    page, status = _page(429, sentence, request.path if shown else "")
    return page, status, {"Retry-After": str(seconds)}


def install(app: Flask) -> None:
    """Answer every refusal with the same page; a missing thing and a foreign one are identical to the byte."""

    @app.errorhandler(errors.DomainError)
    def _domain(error: errors.DomainError) -> ResponseReturnValue:
        status = STATUS[type(error)]
        return _page(status, "" if status == 404 else str(error))

    @app.errorhandler(CSRFError)
    def _csrf(error: CSRFError) -> ResponseReturnValue:  # noqa: ARG001
        # The token dies with the session: who is no longer signed in is asked to sign in, not told about a form.
        return _page(400) if current_user.is_authenticated else ask_to_sign_in()

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < 400:
            return error.get_response()
        if isinstance(error, TooManyRequests):
            return _too_many()
        page, status = _page(error.code)
        return (
            page,
            status,
            [(key, value) for key, value in error.get_headers() if key.lower() in {"allow", "retry-after"}],
        )

    @app.errorhandler(OperationalError)
    def _database(error: OperationalError) -> ResponseReturnValue:
        g._login_user = AnonymousUserMixin()  # noqa: SLF001  # Flask-Login's own place; asking who it is would ask the database again
        log.error("database_unavailable", kind=type(error.orig).__name__)
        page, status = _page(503)
        return page, status, {"Retry-After": "5"}

    @app.errorhandler(DataError)
    def _unkept(error: DataError) -> ResponseReturnValue:
        # A NUL in a text, a number without end: no page types them, and no database keeps them.
        log.warning("value_refused", kind=type(error.orig).__name__)
        return _page(422)

    @app.errorhandler(Exception)
    def _incident(error: Exception) -> ResponseReturnValue:
        log.error("incident", exc_info=error)
        return _page(500)
