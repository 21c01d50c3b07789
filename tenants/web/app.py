"""The Flask application: one unit of work around each view, default deny, scope out of the address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, g, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_login import current_user
from werkzeug.routing import BaseConverter

from tenants.accounts import User
from tenants.context import MINE, Context, Scope, ScopeKind
from tenants.db import unit_of_work
from tenants.errors import NotFound
from tenants.permissions import Permission, Role, granted

PREFIXES = {
    "ght": ScopeKind.GHT,
    "etablissements": ScopeKind.ESTABLISHMENT,
    "ars": ScopeKind.REGION,
    "ans": ScopeKind.NATION,
}
_NAMES = {kind: prefix for prefix, kind in PREFIXES.items()}


class ScopeConverter(BaseConverter):
    """The scope in an address: `ght/<code>`, `etablissements/<finess>`, `ars/<region>` or `ans/france`."""

    regex = r"(?:ght|etablissements|ars|ans)/[A-Za-z0-9_-]{1,40}"
    part_isolating = False

    def to_url(self, value: str) -> str:
        """Return the path of a scope."""
        return value


def path_of(scope: Scope) -> str:
    """Return how a scope is written in an address."""
    return f"{_NAMES[scope.kind]}/{scope.code}"


def entrance(scope: Scope, role: Role) -> str:
    """Return the address at which one enters a scope: an agency on what was filed, an expert on what is asked, others on their state."""
    agency = "portefeuille" if scope.kind in {ScopeKind.REGION, ScopeKind.NATION} else ""
    return f"/{path_of(scope)}/" + ("expertises" if role is Role.EXPERT else agency)


def ask_to_sign_in() -> Response:
    """Send to the sign-in page, and back afterwards to the page that the person was reading."""
    polling = request.headers.get("HX-Request") == "true"
    seen = (
        request.headers.get("HX-Current-URL")
        if polling
        else request.referrer
        if request.method != "GET"
        else request.path
    )
    address = url_for(
        "tenants.sign_in",
        next=urlsplit(seen).path if seen else None,
        expired=1 if polling or request.method != "GET" else None,
    )
    if polling:
        # A fragment must not receive a page: the whole window goes.
        return Response(headers={"HX-Redirect": address})
    return Response(status=302, headers={"Location": address})


class VigieApp(Flask):
    """Flask with the guard in the only place that every view goes through."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Let the guard decide, then run the view in its unit of work: commit below status 400, else keep nothing."""
        if request.routing_exception is not None:
            self.raise_routing_exception(request)
        if request.method == "OPTIONS":
            # Never the view: this method passes the CSRF check, and the addresses of forms answer to it.
            return self.make_default_options_response()
        endpoint = request.endpoint or ""
        view = self.view_functions[endpoint]
        arguments = dict(request.view_args or {})
        if endpoint == "static" or getattr(view, "public", False):
            return self.make_response(self.ensure_sync(view)(**arguments))
        user = current_user
        if not user.is_authenticated:
            return ask_to_sign_in()
        context = self._context(user, view, arguments.pop("scope", None))
        g.context = context
        with unit_of_work(context) as work:
            response = self.make_response(self.ensure_sync(view)(**arguments))
            if response.status_code >= 400:
                work.roll_back()
            response.headers.setdefault("Cache-Control", "no-store")
            return response

    def _context(self, user: User, view: Any, path: str | None) -> Context:
        if path is None:
            if getattr(view, "signed_in", False):
                return Context(user.id, MINE)
            abort(404)
        prefix, _, code = path.partition("/")
        scope, roles = user.reach(PREFIXES[prefix], code)
        permission: Permission | None = getattr(view, "permission", None)
        permissions = granted(roles)
        if permission is None or permission not in permissions:
            raise NotFound("Cette page n’existe pas, ou elle ne vous est pas ouverte.")
        g.scope, g.roles, g.permissions = scope, roles, permissions
        return Context(user.id, scope)


def install(app: Flask) -> None:
    """Register the scope converter and inject the scope of the page in every address it builds."""
    app.url_map.converters["scope"] = ScopeConverter

    @app.url_defaults
    def _inject(endpoint: str, values: dict[str, Any]) -> None:
        scope = g.get("scope")
        if scope is not None and "scope" not in values and app.url_map.is_endpoint_expecting(endpoint, "scope"):
            values["scope"] = path_of(scope)


def may(permission: str) -> bool:
    """Tell a template whether the person may do this on this page's scope."""
    return Permission(permission) in g.get("permissions", frozenset())
