"""The password asked again before a signature or a decision, and how many wrong ones are heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import g, request
from flask.wrappers import Response
from flask_login import current_user

from tenants import accounts
from tenants.errors import Refused
from tenants.web.limits import limiter

F = TypeVar("F", bound=Callable[..., Any])


def _who() -> str:
    """Count by account: whoever tries, from wherever, on whatever page."""
    return f"identity:{current_user.id if current_user.is_authenticated else ''}"


def _mistaken(_response: Response) -> bool:
    """Only wrong passwords count: somebody may sign as often as there is to sign."""
    return bool(g.get("identity_refused", False))


def asks_password(view: F) -> F:
    """Mark a view that calls `confirm`: failures are counted together, as those of sign-in are by account."""
    count = limiter.shared_limit("10 per 15 minutes", scope="identity", key_func=_who, deduct_when=_mistaken)
    return count(view)  # type: ignore[return-value]  # it wraps the view, which keeps its name and its marks


def confirm() -> None:
    """Check the password typed in this form. Raises Refused when it is not the password of who is signed in."""
    try:
        accounts.confirm_identity(current_user.email, request.form.get("password", ""))
    except Refused:
        g.identity_refused = True
        raise
