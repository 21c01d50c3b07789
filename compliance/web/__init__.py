"""Pages of the domain; each view parses, calls one service, renders."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("compliance", __name__, template_folder="../templates")

from compliance.web import (  # noqa: E402  # they register their views
    difference,  # noqa: F401
    dossier,  # noqa: F401
    evidence,  # noqa: F401
    milestone,  # noqa: F401
    missing,  # noqa: F401
    navigation,  # noqa: F401
    opinion,  # noqa: F401
    overview,  # noqa: F401
    perimeter,  # noqa: F401
    portfolio,  # noqa: F401
    publication,  # noqa: F401
)
