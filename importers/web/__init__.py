"""Pages of deposits and of what they fill; each view parses, calls one service, renders."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("importers", __name__, template_folder="../templates")

from importers.web import columns, deposit, registers, run  # noqa: E402, F401  # they register their views
