"""The password asked again before a signature or a decision, how long it holds, and how many wrong ones are heard."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g, request, session
from flask.wrappers import Response
from flask_limiter import RateLimitExceeded
from flask_login import current_user

from compliance.programme.procedure import load
from tenants import accounts
from tenants.errors import Refused
from tenants.web.limits import limiter, wait, wait_fr

F = TypeVar("F", bound=Callable[..., Any])
# In the signed cookie: the session that it was typed in, and when. Signing out ends that session, a sign-in opens another one.
_KEPT = "confirmed"


def _who() -> str:
    """Count by account: whoever tries, from wherever, on whatever page."""
    return f"identity:{current_user.id if current_user.is_authenticated else ''}"


def _mistaken(_response: Response) -> bool:
    """Only wrong passwords count: somebody may sign as often as there is to sign."""
    return bool(g.get("identity_refused", False))


def asks_password(view: F) -> F:
    """Mark a view that calls `confirm`: failures are counted together, as those of sign-in are by account.

    After too many the view still answers, and its `confirm` refuses whatever is typed: its form comes back as it was filled.
    """
    count = limiter.shared_limit("10 per 15 minutes", scope="identity", key_func=_who, deduct_when=_mistaken)
    counted: Callable[..., Any] = count(view)

    @wraps(view)
    def heard(*args: Any, **kwargs: Any) -> Any:
        try:
            return counted(*args, **kwargs)
        except RateLimitExceeded:
            g.identity_wait = wait()
            return view(*args, **kwargs)

    return cast("F", heard)


def confirm() -> None:
    """Check the password typed in this form. Raises Refused when it is not that of who is signed in, or after too many wrong ones."""
    if "identity_wait" in g:
        raise Refused(
            f"Dix mots de passe faux en quinze minutes : attendez {wait_fr(g.identity_wait)} avant de recommencer."
        )
    try:
        accounts.confirm_identity(current_user.email, request.form.get("password", ""))
    except Refused:
        g.identity_refused = True
        raise
    session[_KEPT] = [current_user.token, int(time.time())]


def confirm_sitting() -> None:
    """Check the password once for a sitting of decisions on pieces. Raises Refused when it is asked, or wrong."""
    if confirmed():
        return
    if not request.form.get("password"):
        raise Refused(
            "Confirmez que c’est vous : saisissez votre mot de passe."
            f" Il vaudra {load().confirmation_minutes} minutes pour les décisions sur les pièces."
        )
    confirm()


def confirmed() -> bool:
    """Say whether the password was typed in this session within the minutes that the procedure gives."""
    token, at = session.get(_KEPT, ("", 0))
    return bool(token == current_user.token and time.time() - at < load().confirmation_minutes * 60)
