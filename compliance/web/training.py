"""Training: who is trained here; for an ARS, the sessions it opens for the establishments of its region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields

from compliance.clock import today
from compliance.reports import training as reports
from compliance.rules.attendance import Profile
from compliance.rules.session import Kind
from compliance.services import retention
from compliance.services import training as services
from compliance.web import blueprint
from compliance.web.fields import OptionalDate
from compliance.web.moment import moment
from tenants.context import current
from tenants.errors import Conflict, Invalid
from tenants.permissions import Permission, requires

ALL = "tous"  # in the address: every kind of session
_LONGEST = 200  # characters of a function typed
KINDS = [(str(kind), kind.label) for kind in Kind]
PROFILES = [(str(profile), profile.label) for profile in Profile]


@blueprint.get("/<scope:scope>/formations")
@requires(Permission.READ)
def training() -> ResponseReturnValue:
    """Show who is trained: `?type=` (DMCC first), `?profil=`, `?fonction=`, `?session=` and `?gardes=oui` narrow.

    What is unknown narrows nothing.
    """
    given, asked = request.args, moment()
    kind, profile, session = (given.get(name, "") for name in ("type", "profil", "session"))
    words = "".join(each for each in given.get("fonction", "") if each.isprintable())
    wanted = reports.Asked(
        kind="" if kind == ALL else kind if kind in set(Kind) else Kind.DMCC,
        function=words.strip()[:_LONGEST],
        profile=profile if profile in set(Profile) else "",
        on_call=given.get("gardes") == "oui",
        session=session if services.is_code(session) else "",
    )
    kept = retention.setting(asked.known)
    return render_template(
        "compliance/training.html",
        training=reports.training(wanted, asked.on, asked.known),
        retention=kept,
        may_decide=kept is not None and kept.own and not asked.asked and Permission.MANAGE_CANDIDATE in g.permissions,
        kinds=[*KINDS, (ALL, "Tous les types")],
        profiles=PROFILES,
        everything=ALL,
        today=asked.on,
    )


# ------------------------------------------------------------------------------------------------------------ for an ARS


class SessionSchema(Schema):
    """The form of a session opened for a region."""

    class Meta:
        """Form fields that are not ours (token) are left out."""

        unknown = EXCLUDE

    code = fields.String(load_default="")
    title = fields.String(load_default="")
    kind = fields.String(load_default="")
    starts_on = OptionalDate(load_default=None)
    ends_on = OptionalDate(load_default=None)
    place = fields.String(load_default="")
    capacity = fields.Integer(load_default=None, allow_none=True)
    half_days = fields.Integer(load_default=None, allow_none=True)


FORM = SessionSchema()
_NUMBERS = {"capacity", "half_days"}


@blueprint.get("/<scope:scope>/sessions")
@requires(Permission.OPEN_SESSIONS)
def regional_sessions() -> ResponseReturnValue:
    """List the sessions opened for the region, and the form that opens one."""
    return _sessions({})


@blueprint.post("/<scope:scope>/sessions")
@requires(Permission.OPEN_SESSIONS)
def open_session() -> ResponseReturnValue:
    """Open a session; what was typed comes back with the reason when it is refused."""
    typed = {name: value for name, value in request.form.to_dict().items() if value.strip() or name not in _NUMBERS}
    try:
        opened = services.open_session(**FORM.load(typed))
    except ValidationError:
        return _sessions(request.form, "Réponse illisible : écrivez les dates jj/mm/aaaa et les nombres en chiffres.")
    except (Invalid, Conflict) as error:
        return _sessions(request.form, str(error))
    flash(f"Session {opened.code} ouverte : les établissements de la région la lisent.", "ok")
    return redirect(url_for("compliance.regional_sessions"))


@blueprint.post("/<scope:scope>/sessions/retirer")
@requires(Permission.OPEN_SESSIONS)
def withdraw_session() -> ResponseReturnValue:
    """Take a session back: the establishments no longer read it, what they noted stays theirs."""
    code = request.form.get("code", "")
    if services.withdraw_session(code):
        flash(f"Session {code} retirée : les établissements ne la lisent plus.", "ok")
    else:
        flash("Aucune session ouverte de la région ne porte ce code.", "warning")
    return redirect(url_for("compliance.regional_sessions"))


def _sessions(typed: Mapping[str, Any], error: str = "") -> ResponseReturnValue:
    day = today()
    opened = services.regional(day)
    page = render_template(
        "compliance/regional_sessions.html",
        region={"code": current().scope.code, "name": current().scope.name},
        sessions=[(each, Kind(each.kind).label) for each in opened],
        moves=services.regional_moves(),
        upcoming=sum(each.ends_on >= day for each in opened),
        kinds=KINDS,
        form={"error": error, **{name: typed.get(name, "") for name in SessionSchema().fields}},
        today=day,
    )
    return page, 422 if error else 200
