"""Pages of deposits and of what they fill; each view parses, calls one service, renders."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("importers", __name__, template_folder="../templates")

import importers.web.columns  # noqa: E402  # they register their views
import importers.web.deposit  # noqa: E402
import importers.web.entry  # noqa: E402
import importers.web.registers  # noqa: E402
import importers.web.run  # noqa: E402, F401
