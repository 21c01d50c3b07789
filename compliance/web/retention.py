"""How long an establishment keeps the names of its attendance sheets: set on its page « Formations »."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from compliance.rules.words import grouped
from compliance.services import retention as services
from compliance.web import blueprint
from tenants.errors import Invalid
from tenants.permissions import Permission, requires


@blueprint.post("/<scope:scope>/formations/conservation")
@requires(Permission.MANAGE_CANDIDATE)
def set_retention() -> ResponseReturnValue:
    """Record the number of months; blank keeps the names. The administration of the establishment alone decides: names do not come back."""
    typed = request.form.get("months", "").strip()
    try:
        if typed and not (typed.isascii() and typed.isdigit()):
            raise Invalid("Écrivez un nombre de mois en chiffres, ou laissez vide pour garder les noms.")
        months = int(typed[:9]) if typed else None
        if not services.decide(months):
            flash("C’était déjà cette durée : rien n’a changé.", "ok")
        elif months is None:
            flash("Les noms sont gardés sans limite de durée.", "ok")
        else:
            flash(
                f"Les noms seront oubliés {grouped(months)} mois après la fin de leur session, au prochain passage de l’exploitant.",
                "ok",
            )
    except Invalid as error:
        flash(f"{error} Rien n’a été enregistré.", "error")
    return redirect(f"{url_for('compliance.training')}#conservation")
